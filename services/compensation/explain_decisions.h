/* The lines of an explanation that decisions make: what was decided of the month before, what stays
 * away by it, and what the line's own decision made of it (model section 9.5). Private to
 * explain.c. */
#ifndef NIVA_COMPENSATION_EXPLAIN_DECISIONS_H
#define NIVA_COMPENSATION_EXPLAIN_DECISIONS_H

#include "services/compensation/decide_line.h"

/* How many lines there are at most after so many decisions. */
size_t explain_decisions_most(size_t decided_count);

/* Adds them behind the `*count` lines of the month; `line` as in explain_line. */
bool explain_decisions(const struct line_basis *basis, const char *component,
                       const Niva__Compensation__V1__Adjustment *line, struct niva_arena *arena,
                       Niva__Compensation__V1__ExplanationLine **lines, size_t *count,
                       struct niva_error *err) NIVA_MUST_CHECK;

#endif
