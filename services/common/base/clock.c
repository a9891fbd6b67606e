#include "services/common/base/clock.h"

#include <time.h>

niva_instant niva_clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (niva_instant)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t niva_clock_monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t niva_clock_monotonic_ms(void)
{
    return niva_clock_monotonic_us() / 1000;
}

/* The last hour of a day of 25 hours has no place in a shorter one: it is cut to its end. */
niva_instant niva_clock_rehearsed(niva_day day, niva_instant now)
{
    niva_instant rehearsed =
        niva_local_midnight(day) + (now - niva_local_midnight(niva_local_day(now)));
    niva_instant last = niva_local_midnight(day + 1) - 1;

    return rehearsed < last ? rehearsed : last;
}
