/* What a random test has really seen: a rule of the model is perturbed (taken away, or moved by
 * one), and the days and amounts that the restatement then judges otherwise are those that hung on
 * it. A rule on which nothing ever hangs is not tested. */
#ifndef NIVA_TESTS_SUPPORT_PERTURBATION_H
#define NIVA_TESTS_SUPPORT_PERTURBATION_H

#include "tests/support/naive_model.h"
#include "tests/support/random_facts.h"

enum { PERTURBATIONS = 52 };

/* Days and amounts that hung on a rule. */
struct perturbed {
    size_t days;
    size_t amounts;
};

/* "without the cap", "a threshold of one day more", …; whether it is a rule of money alone. */
const char *perturbation_name(size_t index);
bool perturbation_of_money(size_t index);

/* Adds what hangs on each rule in a scenario. Memory is never out: the arena is large enough. */
void perturbations_count(const struct random_scenario *scenario, struct niva_arena *arena,
                         struct perturbed counts[PERTURBATIONS]);

#endif
