/* Exact fractions as explanations carry them: "n" or "n/d", öre. */
#ifndef NIVA_NIVACTL_FRACTION_H
#define NIVA_NIVACTL_FRACTION_H

#include <gmp.h>

#include "services/common/base/error.h"

/* Reads "n" or "n/d" (d > 0, at most 4096 characters) into an initialised ratio; false for anything
 * else. */
bool fraction_read(const char *text, mpq_t ret_ratio) NIVA_MUST_CHECK;

/* The nearest whole number, halves away from zero; false when it leaves 64 bits. */
bool fraction_round(const mpq_t ratio, int64_t *ret_whole) NIVA_MUST_CHECK;

#endif
