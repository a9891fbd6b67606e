/* The forecast of a unit and group: the runs of days below the minimum that begin after today, by
 * what is known, and which changes make them begin. A forecast is never a breach (model section 7);
 * a run that has begun is no forecast any more. Pure. */
#ifndef NIVA_COMPLIANCE_FORECAST_H
#define NIVA_COMPLIANCE_FORECAST_H

#include "services/compliance/dossier.h"
#include "services/model/cause.h"

/* How far ahead is told in forecast.changed: runs that begin within so many days after today. */
enum { FORECAST_DAYS = 92 };

struct forecast {
    struct niva_span days;  /* of the whole run; until NIVA_DAY_END: until further notice */
    int32_t required_milli; /* these are of its first day */
    int32_t counted_milli;
    int32_t shortfall_milli;
    const struct niva_rule_set *rule_set;
    size_t cause_count; /* one at least */
    const struct niva_cause *causes;
};

/* The runs that begin within `within` days after today, in order. `ret_next` (may be NULL) is the
 * first day after today on which this answer is another although no fact has changed: a run begins,
 * or comes so near; NIVA_DAY_NONE: none. False when the arena is out. */
bool forecasts_find(const struct dossier *dossier, niva_day today, int32_t within,
                    struct niva_arena *arena, size_t *ret_count,
                    const struct forecast **ret_forecasts, niva_day *ret_next,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* A forecast as a message, without the unit's name and costs. NULL when the arena is out. */
pb_forecast *forecast_message(const struct dossier *dossier, const struct forecast *forecast,
                              struct niva_arena *arena) NIVA_MUST_CHECK;

#endif
