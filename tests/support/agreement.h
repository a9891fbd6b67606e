/* The model against its restatement (naive_model.h) over one scenario: every day of the horizon and
 * every amount of its months, with the facts behind the days and the lines behind the amounts. */
#ifndef NIVA_TESTS_SUPPORT_AGREEMENT_H
#define NIVA_TESTS_SUPPORT_AGREEMENT_H

#include "services/model/regulation.h"
#include "tests/support/naive_model.h"
#include "tests/support/random_facts.h"

/* What was compared. Plain numbers: it may be handed from process to process. */
struct agreement {
    size_t scenarios;
    size_t unit_days;
    size_t statuses[NIVA_BELOW_MINIMUM + 1];
    size_t kinds[NIVA_REQUIRE_NONE + 1];          /* days on which something is decided by it */
    size_t amounts[NIVA_NO_DEDUCTION + 1];        /* amounts computed by a formula … */
    size_t amounts_over_0[NIVA_NO_DEDUCTION + 1]; /* … and those over 0 */
    size_t lines[NIVA_LINE_ROUNDING + 1];
};

/* False when they differ; the difference is on the error stream, with the seed. */
bool agreement_check(const struct random_scenario *scenario, unsigned long long seed,
                     struct niva_arena *arena, struct agreement *agreement);

/* The month as the model takes it, without its runs. */
struct niva_month agreement_month(const struct random_scenario *scenario, struct niva_span days);

#endif
