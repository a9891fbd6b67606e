/* Months as compliance tells them, for tests: a month of runs, a rule set, a unit, in an arena.
 * Everything here ends the test program when memory is out. */
#ifndef TESTS_SUPPORT_TIMELINES_H
#define TESTS_SUPPORT_TIMELINES_H

#include "niva/compliance/v1/events.pb-c.h"
#include "services/common/base/arena.h"

/* A run of days of the month. */
struct run_spec {
    int first; /* day of the month, 1 … */
    int last;
    int status; /* Segment.Status */
    int required_milli;
    int counted_milli;
    int shortfall_milli;
    const char *breach_first_day; /* NULL: none */
    int grace_days;
};

/* A run that is met, and one below the minimum in a breach since `since`. */
#define RUN_MET(first, last, milli)                                                                \
    {                                                                                              \
        first, last, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__MET, milli, milli, 0, NULL, 0          \
    }
#define RUN_BELOW(first, last, required, counted, since)                                           \
    {                                                                                              \
        first, last, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM, required, counted,      \
            (required) - (counted), since, 0                                                       \
    }

/* A month of a private unit that is open since 2020-01-01, of the group "fysioterapeut"; runs have
 * the report "r", bad ones the breach "b-<since>". No rule set. */
Niva__Compliance__V1__TimelineChanged *timeline_make(struct niva_arena *arena, const char *unit,
                                                     const char *month, const struct run_spec *runs,
                                                     size_t count);

/* A binding rule set "fysioterapi-2022", version 1, of a formula; the rest is by default. */
Niva__Compliance__V1__RuleSet *rule_set_make(struct niva_arena *arena,
                                             Niva__Compliance__V1__Regulation__Formula formula);

/* A copy of a text in the arena. */
char *text_make(struct niva_arena *arena, const char *text);

#endif
