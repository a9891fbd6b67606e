/* The proof of what intake keeps beside what all services prove: nothing but facts. It says what it
 * has of each unit, for whoever copied it. Reads only. */
#ifndef NIVA_INTAKE_VERIFY_H
#define NIVA_INTAKE_VERIFY_H

#include "services/common/run/service.h"

enum { INTAKE_VERIFY_PARTS = 1 };
extern const struct niva_verify_part intake_verify_parts[INTAKE_VERIFY_PARTS];

#endif
