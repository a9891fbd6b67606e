/* Decimal numbers as people and spreadsheets write them, read exactly: "0,75", "0.75", "75 %",
 * "1 234", "-3", "0.75000000000000011", "7.5E-1". No floating point anywhere. */
#ifndef NIVA_COMMON_SHEETS_NUMBER_H
#define NIVA_COMMON_SHEETS_NUMBER_H

#include <stdint.h>

enum niva_number {
    NIVA_NUMBER_GOOD,
    NIVA_NUMBER_MALFORMED,
    NIVA_NUMBER_INEXACT,   /* it has more decimals than are asked for */
    NIVA_NUMBER_TOO_LARGE, /* beyond ±10^17 */
};

/* Reads a number times 10^decimals (0 … 6): "0,75" with 3 is 750. A comma or a point before the
 * decimals, spaces (U+00A0, U+2009, U+202F too) between thousands, a minus sign (U+2212 too), an
 * exponent, a percent sign at the end, which divides by 100.
 *
 * A spreadsheet stores binary fractions: 0.75 may be written 0.75000000000000011. So the six digits
 * behind the last one asked for must all be 0, or all be 9 (then it is rounded up): whatever is
 * within a millionth of the last unit is that unit, and all else is INEXACT. */
enum niva_number niva_number_read(const char *text, int decimals, int64_t *ret_value);

#endif
