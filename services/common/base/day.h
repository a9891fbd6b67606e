/* Calendar days and instants. A day is a number of days since 1970-01-01 of the local calendar; an
 * instant is microseconds since 1970-01-01T00:00:00Z. Pure arithmetic: no clock, no time zone
 * database. (Model section 1.) */
#ifndef NIVA_COMMON_BASE_DAY_H
#define NIVA_COMMON_BASE_DAY_H

#include <stdint.h>

#include "services/common/base/error.h"

typedef int32_t niva_day;
typedef int64_t niva_instant;

/* Days from outside lie in 1900-01-01 … 2999-12-31. NIVA_DAY_END stands for "until further notice"
 * as the (excluded) end of a span, NIVA_DAY_NONE for a day that was not given. */
#define NIVA_DAY_MIN  ((niva_day)-25567)
#define NIVA_DAY_MAX  ((niva_day)376199)
#define NIVA_DAY_END  ((niva_day)0x3fffffff)
#define NIVA_DAY_NONE ((niva_day)-0x3fffffff)

/* A span of days, half-open: from ≤ day < until. Empty when until ≤ from. */
struct niva_span {
    niva_day from;
    niva_day until;
};

/* Day of a civil date of the Gregorian calendar; month 1..12 and day 1..31 must be valid. */
niva_day niva_day_from_civil(int year, int month, int day);
/* Civil date of a day. */
void niva_day_to_civil(niva_day day, int *ret_year, int *ret_month, int *ret_day);

/* Reads exactly "YYYY-MM-DD" within NIVA_DAY_MIN … NIVA_DAY_MAX; false for anything else,
 * 2022-02-30 too. */
bool niva_day_parse(const char *text, niva_day *ret_day) NIVA_MUST_CHECK;
/* The same of a text that was checked; NIVA_DAY_NONE for "". */
niva_day niva_day_read(const char *text);
/* Writes "YYYY-MM-DD" and a NUL (16 bytes leave room); "" for NIVA_DAY_NONE and NIVA_DAY_END. */
void niva_day_format(niva_day day, char ret_text[16]);

/* First day of the month, quarter or year in which a day lies, and of the next month. */
niva_day niva_month_begin(niva_day day);
niva_day niva_month_next(niva_day day);
niva_day niva_quarter_begin(niva_day day);
niva_day niva_year_begin(niva_day day);

/* Reads exactly "YYYY-MM"; the month as the span of its days. */
bool niva_month_parse(const char *text, struct niva_span *ret_month) NIVA_MUST_CHECK;
/* Writes "YYYY-MM" of the month in which a day lies. */
void niva_month_format(niva_day day, char ret_text[16]);

/* The local day in Europe/Stockholm of an instant: UTC+1, UTC+2 in summer time (since 1980 from the
 * last Sunday of March 01:00 UTC, until the last Sunday of September, since 1996 of October, 01:00
 * UTC). */
niva_day niva_local_day(niva_instant instant);
/* The instant at which a local day begins in Europe/Stockholm; INT64_MIN or INT64_MAX for a day
 * beyond all instants, such as NIVA_DAY_NONE and NIVA_DAY_END. */
niva_instant niva_local_midnight(niva_day day);

/* Reads RFC 3339 with "Z" or an offset, at most 9 decimals (cut to microseconds), years 1900 …
 * 2999. */
bool niva_instant_parse(const char *text, niva_instant *ret_instant) NIVA_MUST_CHECK;
/* Writes RFC 3339 in UTC with 0, 3 or 6 decimals as needed; "" outside the years 0 … 9999. */
void niva_instant_format(niva_instant instant, char ret_text[32]);

#endif
