/* Amounts as people write them. */
#ifndef NIVA_NIVACTL_KRONOR_H
#define NIVA_NIVACTL_KRONOR_H

#include "services/common/base/error.h"

/* Reads kronor, "1234", "1234,50", "1 234,5" or "1234.50", as öre, 0 … 10^13; false for anything
 * else. Spaces (U+0020 and U+00A0) may part thousands. */
bool kronor_read(const char *text, int64_t *ret_ore) NIVA_MUST_CHECK;

#endif
