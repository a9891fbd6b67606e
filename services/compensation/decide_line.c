#include "services/compensation/decide_line.h"

#include <string.h>

#include "services/common/wire/wire.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;

bool line_is_money_back(const Adjustment *line)
{
    return line->computed_ore < 0;
}

static bool costs_the_same(const Adjustment *line, const Adjustment *next)
{
    return line->computed_ore == next->computed_ore && line->deduction_ore == next->deduction_ore &&
           line->computed_total_ore == next->computed_total_ore &&
           strcmp(line->rule_set_id, next->rule_set_id) == 0 &&
           line->rule_set_version == next->rule_set_version &&
           strcmp(line->owner, next->owner) == 0 && line->form == next->form &&
           line->channel == next->channel;
}

enum line_event line_compare(const Adjustment *line, const Adjustment *next, bool ended)
{
    if (next == NULL)
        return ended ? LINE_ENDED_FREE : LINE_RUNS_FREE;
    if (line == NULL || !costs_the_same(line, next))
        return ended ? LINE_ENDED_OTHER : LINE_RUNS_OTHER;
    return ended ? LINE_ENDED_SAME : LINE_RUNS_SAME;
}

enum line_state line_told_state(enum line_state state, const Adjustment *line)
{
    const struct line_edge *edge =
        line_edge_find(state, line->communicated_at != NULL ? LINE_TOLD : LINE_UNTOLD);

    return edge != NULL ? edge->to : state;
}

Adjustment *line_shown(const Adjustment *line, struct niva_arena *arena)
{
    Adjustment *shown = niva_arena_alloc(arena, sizeof *shown);

    if (shown == NULL)
        return NULL;
    *shown = *line;
    shown->statement = shown->statement_response = shown->reason = (char *)protobuf_c_empty_string;
    shown->erased_by = (char *)protobuf_c_empty_string;
    return shown;
}

bool line_due(const struct line_basis *basis, const char *component, struct niva_arena *arena,
              int64_t *ret_total_ore, struct niva_due *ret_due, struct niva_error *err)
{
    const struct niva_deduction *deduction = amounts_find(basis->amounts, component);
    struct niva_decided *decided = niva_arena_array(arena, basis->decided_count, sizeof *decided);

    if (decided == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < basis->decided_count; i++) {
        const Adjustment *line = basis->decided[i];

        decided[i] = (struct niva_decided){line->computed_total_ore, line->computed_ore,
                                           line->deduction_ore};
    }
    *ret_total_ore = deduction != NULL ? deduction->ore : 0;
    *ret_due = niva_due_compute(*ret_total_ore, decided, basis->decided_count);
    return true;
}

Niva__Compensation__V1__Adjustment__Channel line_channel(Niva__Intake__V1__Owner__Form form)
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

/* Who is paid, how the unit is called and where it is. */
static bool owner_describe(const Niva__Compliance__V1__TimelineChanged *timeline,
                           struct niva_arena *arena, Adjustment *line)
{
    if (timeline->owner != NULL) {
        line->owner = niva_arena_strdup(arena, timeline->owner->org_number);
        line->form = timeline->owner->form;
        line->channel = line_channel(timeline->owner->form);
    }
    if (timeline->registered_unit != NULL) {
        line->unit_name = niva_arena_strdup(arena, timeline->registered_unit->name);
        line->region_code = niva_arena_strdup(arena, timeline->registered_unit->region_code);
    }
    return line->owner != NULL && line->unit_name != NULL && line->region_code != NULL;
}

bool line_bearing(const struct line_basis *basis, struct niva_arena *arena, char ***ret_ids,
                  size_t *ret_count)
{
    const Niva__Compliance__V1__TimelineChanged *timeline = basis->timeline;
    char **ids = niva_arena_array(arena, timeline->n_runs, sizeof *ids);
    size_t count = 0;

    if (ids == NULL)
        return false;
    for (size_t i = 0; i < timeline->n_runs; i++) {
        const struct niva_month *month = &basis->amounts->month;
        struct niva_span bad = amounts_bad_days(month, &month->runs[i]);

        if (bad.from < bad.until && !listed(ids, count, timeline->runs[i]->breach_id))
            ids[count++] = timeline->runs[i]->breach_id;
    }
    *ret_ids = ids;
    *ret_count = count;
    return true;
}

/* What the unit was told of it, and has answered. Nothing is asked about money back. */
static bool dialogue_describe(const struct line_basis *basis, struct niva_arena *arena,
                              Adjustment *line, struct niva_error *err)
{
    struct dialogue dialogue;
    char day[16];
    char **ids;
    size_t count;

    if (line_is_money_back(line))
        return true;
    if (!line_bearing(basis, arena, &ids, &count))
        return niva_fail_memory(err);
    if (!dialogue_of(basis->entries, basis->entry_count, basis->known_at, ids, count, arena,
                     &dialogue, err))
        return false;
    if (dialogue.communicated_at == INT64_MIN)
        return true;
    niva_day_format(dialogue.answer_by, day);
    line->communicated_at = niva_wire_timestamp(dialogue.communicated_at, arena);
    line->answer_by = niva_arena_strdup(arena, day);
    if (dialogue.answered_at != INT64_MIN)
        line->answered_at = niva_wire_timestamp(dialogue.answered_at, arena);
    return (line->communicated_at != NULL && line->answer_by != NULL &&
            (dialogue.answered_at == INT64_MIN || line->answered_at != NULL)) ||
           niva_fail_memory(err);
}

/* The rule set that decided; none may be in force any more where money goes back. */
static bool rule_describe(const Niva__Compliance__V1__TimelineChanged *timeline,
                          struct niva_arena *arena, Adjustment *line)
{
    if (timeline->rule_set == NULL)
        return true;
    line->rule_set_id = niva_arena_strdup(arena, timeline->rule_set->rule_set_id);
    line->rule_set_version = timeline->rule_set->version;
    return line->rule_set_id != NULL;
}

bool line_describe(const struct line_basis *basis, const char *component,
                   Niva__Compensation__V1__Adjustment__Cause cause, struct niva_arena *arena,
                   Adjustment **ret_line, struct niva_error *err)
{
    const Niva__Compliance__V1__TimelineChanged *timeline = basis->timeline;
    struct niva_due due;
    int64_t total_ore;
    Adjustment *line;

    if (!line_due(basis, component, arena, &total_ore, &due, err))
        return false;
    if (due.due_ore == due.taken_ore) {
        *ret_line = NULL;
        return true;
    }
    line = niva_wire_new(&niva__compensation__v1__adjustment__descriptor, arena);
    if (line == NULL)
        return niva_fail_memory(err);
    line->unit = niva_arena_strdup(arena, timeline->unit);
    line->component = niva_arena_strdup(arena, component);
    line->profession_group = niva_arena_strdup(arena, timeline->profession_group);
    line->period = niva_arena_strdup(arena, timeline->month);
    line->kind = basis->decided_count == 0 ? NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__ORIGINAL
                                           : NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__DIFFERENCE;
    line->computed_ore = line->deduction_ore = due.due_ore - due.taken_ore;
    line->computed_total_ore = total_ore;
    line->cause = cause;
    line->below_days = amounts_below_days(basis->amounts);
    if (line->unit == NULL || line->component == NULL || line->profession_group == NULL ||
        line->period == NULL || !rule_describe(timeline, arena, line) ||
        !owner_describe(timeline, arena, line) ||
        !breaches_collect(timeline, basis->amounts, arena, line))
        return niva_fail_memory(err);
    *ret_line = line;
    return dialogue_describe(basis, arena, line, err);
}
