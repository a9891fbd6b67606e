/* The line of a month: what is due of a component when its month is computed again (model sections
 * 8 and 9.5), as an adjustment. Pure. */
#ifndef NIVA_COMPENSATION_DECIDE_LINE_H
#define NIVA_COMPENSATION_DECIDE_LINE_H

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "services/compensation/amounts.h"
#include "services/compensation/dialogue.h"
#include "services/compensation/line_states.h"
#include "services/model/difference.h"

/* What a line follows from. */
struct line_basis {
    const Niva__Compliance__V1__TimelineChanged *timeline;
    const struct amounts *amounts; /* of the timeline */
    size_t decided_count; /* lines of the component and month, in the order of their decisions */
    const Niva__Compensation__V1__Adjustment *const *decided;
    size_t entry_count; /* of dialogues of the unit and group, in their order */
    const struct dialogue_entry *const *entries;
    niva_instant known_at; /* entries that were recorded up to it count */
};

/* What the month costs by the basis, and what is due of it after what was decided. False when the
 * arena is out. */
bool line_due(const struct line_basis *basis, const char *component, struct niva_arena *arena,
              int64_t *ret_total_ore, struct niva_due *ret_due,
              struct niva_error *err) NIVA_MUST_CHECK;

/* What a computation says beside the open `line` (NULL: there is none): which event of the table it
 * is. `next` NULL: nothing is due. The same is: amounts, rule version, owner, form and channel. */
enum line_event line_compare(const Niva__Compensation__V1__Adjustment *line,
                             const Niva__Compensation__V1__Adjustment *next, bool ended);

/* The line of a component as computed: everything but id, state, version, recorded_at and what
 * people do to it. NULL when nothing is due. */
bool line_describe(const struct line_basis *basis, const char *component,
                   Niva__Compensation__V1__Adjustment__Cause cause, struct niva_arena *arena,
                   Niva__Compensation__V1__Adjustment **ret_line,
                   struct niva_error *err) NIVA_MUST_CHECK;

/* The breaches with days that bear on the amounts, each once, in order of days. False when the
 * arena is out. */
bool line_bearing(const struct line_basis *basis, struct niva_arena *arena, char ***ret_ids,
                  size_t *ret_count) NIVA_MUST_CHECK;

/* Where an open line is whose month has ended: with the unit told of all that it follows from, or
 * not yet. */
enum line_state line_told_state(enum line_state state,
                                const Niva__Compensation__V1__Adjustment *line);

/* A line as everybody may read it, in an event: without its free texts, which are borrowed by
 * nobody then. NULL when the arena is out. */
Niva__Compensation__V1__Adjustment *line_shown(const Niva__Compensation__V1__Adjustment *line,
                                               struct niva_arena *arena) NIVA_MUST_CHECK;

/* The settlement channel of an operating form: one legal person books internally, a private
 * provider's payment is adjusted (model section 3). */
Niva__Compensation__V1__Adjustment__Channel line_channel(Niva__Intake__V1__Owner__Form form);

/* Money back: it can only be approved and needs no dialogue. */
bool line_is_money_back(const Niva__Compensation__V1__Adjustment *line);

#endif
