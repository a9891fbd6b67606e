/* The line of a month: what becomes of the amount of a unit, group, component and month when it is
 * computed again (model section 9). A table, so that code, tests and documentation say the same.
 * Pure. */
#ifndef NIVA_COMPENSATION_DECIDE_LINE_H
#define NIVA_COMPENSATION_DECIDE_LINE_H

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "services/compensation/amounts.h"

/* Where an undecided line is; the numbers are those of Adjustment.State, 0: there is none. */
enum line_state {
    LINE_NONE = 0,
    LINE_PRELIMINARY = 1,
    LINE_PROPOSED = 2,
    LINE_SUPERSEDED = 8,
};

/* What the new computation says, beside what the line says. */
enum line_finding {
    LINE_COSTS_NOTHING,
    LINE_COSTS_THE_SAME, /* same amount, rule version, owner, form and channel */
    LINE_COSTS_OTHER,
};

/* An edge of the table. */
struct line_edge {
    enum line_state from;
    bool ended; /* the month has ended */
    enum line_finding finding;
    enum line_state to;
    bool successor; /* a new line is PROPOSED in its place */
    const char *sentence;
};

/* The whole table. */
const struct line_edge *line_edges(size_t *ret_count);

/* The edge that is to be taken; never NULL for a line that is not superseded and, being proposed,
 * belongs to a month that has ended. */
const struct line_edge *line_edge_find(enum line_state from, bool ended, enum line_finding finding);

/* What a computation says beside `line` (NULL: there is none). `next` NULL: it costs nothing. */
enum line_finding line_compare(const Niva__Compensation__V1__Adjustment *line,
                               const Niva__Compensation__V1__Adjustment *next);

/* The line of a component as computed: everything but id, state, version, recorded_at and
 * superseded_by. NULL when the component costs nothing: then `err` is untouched; when the arena is
 * out `err` is filled. */
bool line_describe(const Niva__Compliance__V1__TimelineChanged *timeline,
                   const struct amounts *amounts, const char *component,
                   Niva__Compensation__V1__Adjustment__Cause cause, struct niva_arena *arena,
                   Niva__Compensation__V1__Adjustment **ret_line,
                   struct niva_error *err) NIVA_MUST_CHECK;

#endif
