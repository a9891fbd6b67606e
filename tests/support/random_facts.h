/* Random facts for property tests: seeded, small in numbers and dense in days, so that everything
 * meets everything. */
#ifndef NIVA_TESTS_SUPPORT_RANDOM_FACTS_H
#define NIVA_TESTS_SUPPORT_RANDOM_FACTS_H

#include "services/common/base/arena.h"
#include "services/model/facts.h"

struct random_source {
    uint64_t state;
};

struct random_scenario {
    struct niva_facts facts;
    struct niva_span horizon;
    size_t component_count;
    struct niva_component *components;
};

/* A source for a seed; equal seeds give equal numbers. */
struct random_source random_seed(uint64_t seed);
uint64_t random_next(struct random_source *source);
/* Evenly in least … most. */
int32_t random_in(struct random_source *source, int32_t least, int32_t most);
/* True once in `times`. */
bool random_once_in(struct random_source *source, int32_t times);

/* A scenario; its lists may be written to. Memory is never out: the arena is large enough. */
void random_scenario_make(struct random_source *source, struct niva_arena *arena,
                          struct random_scenario *ret_scenario);

#endif
