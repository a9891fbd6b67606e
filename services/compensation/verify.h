/* The proof of what compensation keeps beside its facts: every month as it came; every line, and
 * every version of one, follows from the facts that it was computed from; the open lines are what
 * the months cost today; what was told of lines is what is kept. Reads only. */
#ifndef NIVA_COMPENSATION_VERIFY_H
#define NIVA_COMPENSATION_VERIFY_H

#include "services/common/run/service.h"

enum { COMPENSATION_VERIFY_PARTS = 2 };
extern const struct niva_verify_part compensation_verify_parts[COMPENSATION_VERIFY_PARTS];

#endif
