/* Invariant 3 of the architecture, judged from outside: with nothing pending, the timelines,
 * breaches and amounts of a running system are what the model makes of the facts that its lists
 * show. Differences are printed, expected and actual, on the error stream. */
#ifndef NIVA_TESTS_SUPPORT_COMPARE_H
#define NIVA_TESTS_SUPPORT_COMPARE_H

#include "tests/support/system.h"

/* What a comparison saw: a test that compared nothing proves nothing. */
struct compared {
    size_t units;
    size_t differing;
    size_t breaches;   /* expected, in all */
    size_t deductions; /* expected, other than 0 */
};

/* Every unit against the model. */
struct compared compare_with_model(struct system *system);
/* Every unit of a system against the same unit of another. */
struct compared compare_systems(struct system *expected, struct system *actual);

#endif
