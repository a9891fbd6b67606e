/* The definition of a cause restated: every way to take the parts of a day from it or from the day
 * before is judged by the naive model, and what some of them hang on is a cause. */
#ifndef NIVA_TESTS_SUPPORT_NAIVE_CAUSE_H
#define NIVA_TESTS_SUPPORT_NAIVE_CAUSE_H

#include "services/model/cause.h"
#include "tests/support/naive_model.h"

enum { NAIVE_PARTS = 7, NAIVE_CAUSES_MAX = NAIVE_PARTS + NAIVE_ABSENCES_MAX };

struct naive_causes {
    size_t changes; /* parts that differ between the days, of more than those that are told apart */
    size_t count;
    struct niva_cause list[NAIVE_CAUSES_MAX]; /* in order of kind */
};

/* The causes of a day. Where more than NIVA_CHANGES_WEIGHED parts differ, `count` is 0. */
void naive_causes_find(const struct niva_facts *facts, niva_day day,
                       struct naive_causes *ret_causes);
/* Whether these are those causes, in that order. */
bool naive_causes_are(const struct naive_causes *naive, size_t count,
                      const struct niva_cause *causes);

#endif
