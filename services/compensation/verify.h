/* The proof of what compensation keeps beside its facts: every month as it came; every line, and
 * every version of one, follows from the facts that it was computed from; the open lines are what
 * the months cost today; what was told of lines is what is kept; settlements are what was handed
 * over, with their lines and files. Reads only. */
#ifndef NIVA_COMPENSATION_VERIFY_H
#define NIVA_COMPENSATION_VERIFY_H

#include "services/common/run/service.h"

/* Its part about settlements (verify_settlements.c). */
bool settlements_check(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                       struct niva_verify *verify, const char **ret_next,
                       struct niva_error *err) NIVA_MUST_CHECK;

enum { COMPENSATION_VERIFY_PARTS = 3 };
extern const struct niva_verify_part compensation_verify_parts[COMPENSATION_VERIFY_PARTS];

#endif
