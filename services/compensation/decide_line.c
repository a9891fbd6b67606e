#include "services/compensation/decide_line.h"

#include <string.h>

#include "services/common/wire/wire.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;

static const struct line_edge edges[] = {
    {LINE_NONE, false, LINE_COSTS_NOTHING, LINE_NONE, false,
     "A month that costs nothing has no line."},
    {LINE_NONE, false, LINE_COSTS_OTHER, LINE_PRELIMINARY, false,
     "A month under way that costs something has a preliminary line."},
    {LINE_PRELIMINARY, false, LINE_COSTS_NOTHING, LINE_NONE, false,
     "A preliminary line that costs nothing any more is taken away without a trace."},
    {LINE_PRELIMINARY, false, LINE_COSTS_THE_SAME, LINE_PRELIMINARY, false,
     "A preliminary line is computed again in place."},
    {LINE_PRELIMINARY, false, LINE_COSTS_OTHER, LINE_PRELIMINARY, false,
     "A preliminary line grows and shrinks in place."},
    {LINE_NONE, true, LINE_COSTS_NOTHING, LINE_NONE, false,
     "A month that ended and costs nothing has no line."},
    {LINE_NONE, true, LINE_COSTS_OTHER, LINE_PROPOSED, false,
     "What facts say too late of a month that has ended is proposed at once."},
    {LINE_PRELIMINARY, true, LINE_COSTS_NOTHING, LINE_NONE, false,
     "A preliminary line that the whole month takes away is not proposed."},
    {LINE_PRELIMINARY, true, LINE_COSTS_THE_SAME, LINE_PROPOSED, false,
     "When the month has ended its line is proposed under the same id."},
    {LINE_PRELIMINARY, true, LINE_COSTS_OTHER, LINE_PROPOSED, false,
     "When the month has ended its line, computed for the whole month, is proposed under the same "
     "id."},
    {LINE_PROPOSED, true, LINE_COSTS_THE_SAME, LINE_PROPOSED, false,
     "A proposal whose money stays the same keeps its id; what moved behind it is a new version."},
    {LINE_PROPOSED, true, LINE_COSTS_OTHER, LINE_SUPERSEDED, true,
     "A proposal is superseded by a new one, never edited."},
    {LINE_PROPOSED, true, LINE_COSTS_NOTHING, LINE_SUPERSEDED, false,
     "A proposal that costs nothing any more lapses: it is superseded by none."},
};

enum { EDGE_COUNT = sizeof edges / sizeof edges[0] };

const struct line_edge *line_edges(size_t *ret_count)
{
    *ret_count = EDGE_COUNT;
    return edges;
}

const struct line_edge *line_edge_find(enum line_state from, bool ended, enum line_finding finding)
{
    for (size_t i = 0; i < EDGE_COUNT; i++)
        if (edges[i].from == from && edges[i].ended == ended && edges[i].finding == finding)
            return &edges[i];
    return NULL;
}

enum line_finding line_compare(const Adjustment *line, const Adjustment *next)
{
    if (next == NULL)
        return LINE_COSTS_NOTHING;
    if (line == NULL || line->deduction_ore != next->deduction_ore ||
        strcmp(line->rule_set_id, next->rule_set_id) != 0 ||
        line->rule_set_version != next->rule_set_version || strcmp(line->owner, next->owner) != 0 ||
        line->form != next->form || line->channel != next->channel)
        return LINE_COSTS_OTHER;
    return LINE_COSTS_THE_SAME;
}

/* The settlement channel of an operating form: one legal person books internally, a private
 * provider's payment is adjusted (model section 3). */
static Niva__Compensation__V1__Adjustment__Channel channel_of(Niva__Intake__V1__Owner__Form form)
{
    switch (form) {
    case NIVA__INTAKE__V1__OWNER__FORM__REGION_RUN:
    case NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD:
        return NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL;
    case NIVA__INTAKE__V1__OWNER__FORM__PRIVATE:
        return NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET;
    default:
        return NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__CHANNEL_UNSPECIFIED;
    }
}

static bool listed(char *const *ids, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    return false;
}

/* The breaches behind the month up to today, each once, in order of days. */
static bool breaches_collect(const Niva__Compliance__V1__TimelineChanged *timeline,
                             const struct amounts *amounts, struct niva_arena *arena,
                             Adjustment *line)
{
    char **ids = niva_arena_array(arena, timeline->n_runs, sizeof *ids);
    size_t count = 0;

    if (ids == NULL)
        return false;
    for (size_t i = 0; i < timeline->n_runs; i++) {
        char *id = timeline->runs[i]->breach_id;

        if (amounts->month.runs[i].status != NIVA_BELOW_MINIMUM ||
            amounts->month.runs[i].days.from > amounts->month.today || id[0] == '\0' ||
            listed(ids, count, id))
            continue;
        ids[count] = niva_arena_strdup(arena, id);
        if (ids[count++] == NULL)
            return false;
    }
    line->n_breach_ids = count;
    line->breach_ids = ids;
    return true;
}

/* Who is paid, and how the unit is called. */
static bool owner_describe(const Niva__Compliance__V1__TimelineChanged *timeline,
                           struct niva_arena *arena, Adjustment *line)
{
    if (timeline->owner != NULL) {
        line->owner = niva_arena_strdup(arena, timeline->owner->org_number);
        line->form = timeline->owner->form;
        line->channel = channel_of(timeline->owner->form);
    }
    if (timeline->registered_unit != NULL)
        line->unit_name = niva_arena_strdup(arena, timeline->registered_unit->name);
    return line->owner != NULL && line->unit_name != NULL;
}

bool line_describe(const Niva__Compliance__V1__TimelineChanged *timeline,
                   const struct amounts *amounts, const char *component,
                   Niva__Compensation__V1__Adjustment__Cause cause, struct niva_arena *arena,
                   Adjustment **ret_line, struct niva_error *err)
{
    const struct niva_deduction *deduction = amounts_find(amounts, component);
    Adjustment *line;

    if (deduction == NULL || deduction->ore == 0) {
        *ret_line = NULL;
        return true;
    }
    line = niva_wire_new(&niva__compensation__v1__adjustment__descriptor, arena);
    if (line == NULL)
        goto out;
    line->unit = niva_arena_strdup(arena, timeline->unit);
    line->component = niva_arena_strdup(arena, component);
    line->profession_group = niva_arena_strdup(arena, timeline->profession_group);
    line->period = niva_arena_strdup(arena, timeline->month);
    line->kind = NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__ORIGINAL;
    line->computed_ore = deduction->ore;
    line->computed_total_ore = deduction->ore;
    line->deduction_ore = deduction->ore;
    line->cause = cause;
    line->rule_set_id = niva_arena_strdup(arena, timeline->rule_set->rule_set_id);
    line->rule_set_version = timeline->rule_set->version;
    line->below_days = amounts_below_days(amounts);
    if (line->unit == NULL || line->component == NULL || line->profession_group == NULL ||
        line->period == NULL || line->rule_set_id == NULL ||
        !owner_describe(timeline, arena, line) || !breaches_collect(timeline, amounts, arena, line))
        goto out;
    *ret_line = line;
    return true;
out:
    return niva_fail_memory(err);
}
