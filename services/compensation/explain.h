/* Explanations: why a component's month costs what it costs, line by line (model section 8). The
 * lines are the model's; here they get the facts behind them and words in Swedish and English.
 * Figures in the words are rounded to öre for reading; the exact share is the line's `ore`. Pure.
 */
#ifndef NIVA_COMPENSATION_EXPLAIN_H
#define NIVA_COMPENSATION_EXPLAIN_H

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "services/compensation/amounts.h"

/* Explains the amount of a component; the lines' `ore` add up to it exactly. `amounts` was computed
 * from `timeline`. A component that is not regulated has no lines. RESOURCE_EXHAUSTED when the
 * arena is out. */
bool explain_component(const Niva__Compliance__V1__TimelineChanged *timeline,
                       const struct amounts *amounts, const char *component,
                       struct niva_arena *arena, size_t *ret_count,
                       Niva__Compensation__V1__ExplanationLine ***ret_lines,
                       struct niva_error *err) NIVA_MUST_CHECK;

#endif
