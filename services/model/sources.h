/* Sources: what holds on each day of a horizon, and the days on which any of it changes. Private to
 * the model. */
#ifndef NIVA_MODEL_SOURCES_H
#define NIVA_MODEL_SOURCES_H

#include "services/model/absence.h"
#include "services/model/layer.h"

struct sources {
    struct layer rule_sets;
    struct layer contracts;
    struct layer listings[NIVA_SAME_DAY + 1]; /* by snapshot; empty where no rule asks for it */
    struct layer reports;
    struct layer findings;
    struct layer frozen;
    struct layer dispensations; /* the one with the lowest reduced minimum */
    size_t away_count;
    const struct away *away; /* by first day, each within the days of one rule set */
    /* Between two neighbouring edges nothing changes. The first is the horizon's first day, the
     * last the day after its last. */
    size_t edge_count;
    const niva_day *edges;
    size_t seat_most;  /* most positions in one report */
    size_t cover_most; /* covers of all absences */
};

/* False when the arena is out. */
bool sources_make(const struct niva_facts *facts, struct niva_span horizon,
                  struct niva_arena *arena, struct sources *ret_sources) NIVA_MUST_CHECK;

/* What a dispensation leaves required, milli-FTE. */
int32_t dispensation_minimum(const struct niva_dispensation *dispensation);

#endif
