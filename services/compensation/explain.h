/* Explanations: why a component's month costs what it costs, line by line (model section 8). The
 * lines are the model's; here they get the facts behind them and words in Swedish and English.
 * Figures in the words are rounded to öre for reading; the exact share is the line's `ore`. Pure.
 */
#ifndef NIVA_COMPENSATION_EXPLAIN_H
#define NIVA_COMPENSATION_EXPLAIN_H

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "services/compensation/decide_line.h"

/* Explains a line of a component: first the month's own lines, then what was decided of the month
 * before and what stays away (model section 9.5), then what `line`'s own decision made of it. The
 * lines' `ore` add up to the line's deduction_ore exactly, where the line follows from the basis;
 * `line` NULL: nothing is due, they add up to 0. RESOURCE_EXHAUSTED when the arena is out. */
bool explain_line(const struct line_basis *basis, const char *component,
                  const Niva__Compensation__V1__Adjustment *line, struct niva_arena *arena,
                  size_t *ret_count, Niva__Compensation__V1__ExplanationLine ***ret_lines,
                  struct niva_error *err) NIVA_MUST_CHECK;

#endif
