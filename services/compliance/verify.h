/* The proof of what compliance keeps beside its facts: today is the day that was begun last; every
 * version of a breach is what its event said; imports have their files; and recomputing any unit
 * and group from all of its facts has nothing new to say. Reads only. */
#ifndef NIVA_COMPLIANCE_VERIFY_H
#define NIVA_COMPLIANCE_VERIFY_H

#include "services/common/run/service.h"

enum { COMPLIANCE_VERIFY_PARTS = 3 };
extern const struct niva_verify_part compliance_verify_parts[COMPLIANCE_VERIFY_PARTS];

#endif
