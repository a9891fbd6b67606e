/* What a forecast costs: what its days take from each component, month by month, when they have
 * come as forecast. Computed when someone asks, and never kept. Pure. */
#ifndef NIVA_COMPLIANCE_FORECAST_COSTS_H
#define NIVA_COMPLIANCE_FORECAST_COSTS_H

#include "services/compliance/costs.h"
#include "services/compliance/forecast.h"

/* Adds the costs of a forecast to its message: of each month that has days of the run up to and
 * with `last`, what the whole month will take less what it would take were the days of this run
 * met. `timeline` is that of the facts, from before the breaches that reach into those months on.
 * Everything is in the arena. */
bool forecast_costs(const struct niva_facts *facts, const struct niva_timeline *timeline,
                    const struct amounts *amounts, const struct forecast *forecast, niva_day last,
                    struct niva_arena *arena, pb_forecast *message,
                    struct niva_error *err) NIVA_MUST_CHECK;

#endif
