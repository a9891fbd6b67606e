/* Clocks of the machine. Only compliance reads a date, and that one from PostgreSQL; everything
 * else asks here. */
#ifndef NIVA_COMMON_BASE_CLOCK_H
#define NIVA_COMMON_BASE_CLOCK_H

#include "services/common/base/day.h"

/* The wall clock, microseconds since 1970, UTC. */
niva_instant niva_clock_now(void);
/* A clock that never goes back, milliseconds from an arbitrary start: for deadlines. */
int64_t niva_clock_monotonic_ms(void);
/* The same in microseconds: for spans. */
int64_t niva_clock_monotonic_us(void);
/* In a rehearsal the clock is `day` at the local time of day of `now` (model of a day on which
 * nothing moves but the hands of the clock). */
niva_instant niva_clock_rehearsed(niva_day day, niva_instant now);

#endif
