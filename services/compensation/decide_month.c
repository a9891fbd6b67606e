#include <assert.h>
#include <string.h>

#include "services/compensation/decide.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;

/* One computation of a month. */
struct computing {
    struct sheet *sheet;
    struct sheet_month *month;
    struct niva_batch *batch;
    niva_instant at;
    const char *moved;
    bool ended;
    struct amounts amounts;
};

/* Whether a version of a component, or the version that it replaced, has days in the month. */
static bool component_touches(const struct sheet_list *components, size_t at,
                              struct niva_span month)
{
    const struct sheet_component *component = components->items[at];

    for (size_t i = at + 1; i > 0; i--) {
        const struct sheet_component *version = components->items[i - 1];

        if (strcmp(version->id, component->id) != 0 || version->version + 1 < component->version)
            continue;
        if (version->dated.days.from < month.until && version->dated.days.until > month.from)
            return true;
    }
    return false;
}

/* Whose fact moved the month last: the timeline says its own; a component is the purchaser's. */
static Niva__Compensation__V1__Adjustment__Cause cause_find(const struct sheet_month *month)
{
    const struct sheet_list *components = &month->account->components;

    for (size_t i = components->count; i > 0; i--) {
        const struct sheet_component *component = components->items[i - 1];

        if (component->recorded_at <= month->recorded_at)
            break;
        if (component_touches(components, i - 1, month->days))
            return NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__PURCHASER_FACT;
    }
    return (Niva__Compensation__V1__Adjustment__Cause)month->timeline->cause;
}

/* A row of the month's line. `body` is given its id, state and version here. */
static struct sheet_row *row_make(const struct computing *computing, Adjustment *body,
                                  struct niva_uuid id, enum line_state state, int32_t version)
{
    struct niva_arena *arena = computing->sheet->arena;
    struct sheet_row *row = niva_arena_alloc(arena, sizeof *row);
    char *text = niva_arena_alloc(arena, 37);

    body->recorded_at = niva_wire_timestamp(computing->at, arena);
    if (row == NULL || text == NULL || body->recorded_at == NULL)
        return NULL;
    niva_uuid_format(id, text);
    body->adjustment_id = text;
    body->state = (Niva__Compensation__V1__Adjustment__State)state;
    body->version = version;
    *row = (struct sheet_row){.id = id,
                              .state = state,
                              .body = body,
                              .period = computing->month->days.from,
                              .recorded_at = computing->at,
                              .computed_at = computing->at,
                              .computed_for = computing->sheet->today};
    return row;
}

/* Keeps a row as a version that will not change any more. */
static bool version_keep(const struct computing *computing, const struct sheet_row *row)
{
    return sheet_list_add(&computing->sheet->versions, (void *)row, computing->sheet->arena);
}

static bool proposed_tell(const struct computing *computing, const struct sheet_row *row,
                          struct niva_error *err)
{
    return line_tell(computing->batch, EVENT_ADJUSTMENT_PROPOSED,
                     &niva__compensation__v1__adjustment_proposed__descriptor, row->body, err);
}

static bool superseded_tell(const struct computing *computing, const struct sheet_row *row,
                            struct niva_error *err)
{
    return line_tell(computing->batch, EVENT_ADJUSTMENT_SUPERSEDED,
                     &niva__compensation__v1__adjustment_superseded__descriptor, row->body, err);
}

/* A month under way: the line is as computed, and has no history. */
static bool line_preliminary(const struct computing *computing, struct sheet_line *line,
                             Adjustment *next, struct niva_error *err)
{
    struct niva_uuid id = line->row != NULL ? line->row->id : niva_uuid_v7(computing->at);
    const struct sheet_row *row = row_make(computing, next, id, LINE_PRELIMINARY, 0);

    if (row == NULL)
        return niva_fail_memory(err);
    line->row = row;
    line->touched = true;
    return true;
}

/* What stays with a proposal whose money stays the same: whose fact moved that money, for the last
 * one did not, and who signed for it. */
static void line_carry(const Adjustment *before, Adjustment *next)
{
    next->cause = before->cause;
    next->prepared_by = before->prepared_by;
    next->prepared_at = before->prepared_at;
    next->statement = before->statement;
    next->statement_response = before->statement_response;
}

/* The month has ended: a preliminary line is proposed under its id, a proposal of the same money
 * gets a version, and what was not there is new. */
static bool line_proposed(const struct computing *computing, struct sheet_line *line,
                          enum line_state to, Adjustment *next, struct niva_error *err)
{
    bool again = line->row != NULL && line->row->state != LINE_PRELIMINARY;
    const struct sheet_row *row;
    struct niva_uuid id = line->row != NULL ? line->row->id : niva_uuid_v7(computing->at);
    int32_t version = again ? line->row->body->version + 1 : 1;

    if (again)
        line_carry(line->row->body, next);
    row = row_make(computing, next, id, line_told_state(to, next), version);
    if (row == NULL || !version_keep(computing, row))
        return niva_fail_memory(err);
    line->row = row;
    line->touched = true;
    return again || proposed_tell(computing, row, err);
}

/* A preliminary line that costs nothing any more. */
static bool line_vanish(const struct computing *computing, struct sheet_line *line,
                        struct niva_error *err)
{
    if (line->stored &&
        !sheet_list_add(&computing->sheet->vanished, (void *)line->row, computing->sheet->arena))
        return niva_fail_memory(err);
    line->row = NULL;
    line->stored = false;
    line->touched = false;
    return true;
}

/* The last version of a proposal says what replaced it, and is explained as it was computed. */
static bool line_supersede(const struct computing *computing, struct sheet_line *line,
                           Adjustment *next, struct niva_error *err)
{
    const struct sheet_row *old = line->row;
    Adjustment *body = niva_arena_alloc(computing->sheet->arena, sizeof *body);
    struct niva_uuid successor = niva_uuid_v7(computing->at);
    char *name = niva_arena_alloc(computing->sheet->arena, 37);
    struct sheet_row *row;

    assert(old != NULL); /* the table of states supersedes nothing but proposals */
    if (body == NULL || name == NULL)
        return niva_fail_memory(err);
    *body = *old->body;
    if (next != NULL) {
        niva_uuid_format(successor, name);
        body->superseded_by = name;
    }
    row = row_make(computing, body, old->id, LINE_SUPERSEDED, old->body->version + 1);
    if (row == NULL)
        return niva_fail_memory(err);
    row->computed_at = old->computed_at;
    row->computed_for = old->computed_for;
    if (!version_keep(computing, row) || !sheet_close(computing->sheet, row))
        return niva_fail_memory(err);
    line->row = NULL;
    line->stored = false;
    line->touched = false;
    if (!superseded_tell(computing, row, err))
        return false;
    if (next == NULL)
        return true;
    row = row_make(computing, next, successor, line_told_state(LINE_PROPOSED, next), 1);
    if (row == NULL || !version_keep(computing, row))
        return niva_fail_memory(err);
    line->row = row;
    line->touched = true;
    return proposed_tell(computing, row, err);
}

static bool instants_equal(const struct Google__Protobuf__Timestamp *a,
                           const struct Google__Protobuf__Timestamp *b)
{
    niva_instant one = INT64_MIN;
    niva_instant other = INT64_MIN;

    return (a == NULL || niva_wire_instant(a, &one)) &&
           (b == NULL || niva_wire_instant(b, &other)) && one == other;
}

/* Whether neither this component nor what the unit was told moved: then the line, whose money
 * stayed the same, and its explanation still hold. */
static bool line_untouched(const struct computing *computing, const struct sheet_line *line,
                           const Adjustment *next)
{
    const Adjustment *before = line->row->body;

    return computing->moved != NULL && strcmp(computing->moved, line->component) != 0 &&
           instants_equal(before->communicated_at, next->communicated_at) &&
           instants_equal(before->answered_at, next->answered_at) &&
           strcmp(before->answer_by, next->answer_by) == 0;
}

/* Takes a line along its edge. `next` NULL: nothing is due of the component. */
static bool line_take(const struct computing *computing, struct sheet_line *line, Adjustment *next,
                      struct niva_error *err)
{
    enum line_state from = line->row != NULL ? line->row->state : LINE_NONE;
    enum line_event event =
        line_compare(line->row != NULL ? line->row->body : NULL, next, computing->ended);
    const struct line_edge *edge = line_edge_find(from, event);

    if (edge == NULL)
        return niva_fail_internal(err, "line of %s %s: %s cannot happen to one that is %s",
                                  computing->month->account->unit, line->component,
                                  line_event_words(event), line_state_name(from));
    if (edge->to == LINE_PRELIMINARY)
        return line_preliminary(computing, line, next, err);
    if (edge->to == LINE_SUPERSEDED)
        return line_supersede(computing, line, next, err);
    if (edge->to == LINE_NONE)
        return from == LINE_NONE || line_vanish(computing, line, err);
    return (from == edge->to && line_untouched(computing, line, next)) ||
           line_proposed(computing, line, edge->to, next, err);
}

bool month_read(const struct sheet *sheet, struct sheet_month *month, struct niva_error *err)
{
    ProtobufCMessage *message;

    if (month->timeline != NULL)
        return true;
    if (!niva_wire_unpack(&niva__compliance__v1__timeline_changed__descriptor, month->body.data,
                          month->body.len, false, sheet->arena, &message, err))
        return false;
    month->timeline = (const Niva__Compliance__V1__TimelineChanged *)message;
    return true;
}

bool line_basis_make(const struct sheet *sheet, const struct sheet_month *month,
                     const struct sheet_line *line, const struct amounts *amounts, niva_instant at,
                     struct line_basis *ret_basis, struct niva_error *err)
{
    const Adjustment **decided =
        niva_arena_array(sheet->arena, line->decided.count, sizeof *decided);

    if (decided == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < line->decided.count; i++)
        decided[i] = ((const struct sheet_row *)line->decided.items[i])->body;
    *ret_basis = (struct line_basis){
        .timeline = month->timeline,
        .amounts = amounts,
        .decided_count = line->decided.count,
        .decided = decided,
        .entry_count = month->account->dialogue.count,
        .entries = (const struct dialogue_entry *const *)month->account->dialogue.items,
        .known_at = at,
    };
    return true;
}

static bool lines_take(struct computing *computing, struct niva_error *err)
{
    struct sheet *sheet = computing->sheet;
    struct sheet_month *month = computing->month;
    Niva__Compensation__V1__Adjustment__Cause cause = cause_find(month);

    /* Regulated components first bring their lines, then every line is taken along, also those of
     * components that are not regulated any more. */
    for (size_t i = 0; i < computing->amounts.count; i++)
        if (computing->amounts.deductions[i].ore > 0 &&
            sheet_line(sheet, month, computing->amounts.deductions[i].component) == NULL)
            return niva_fail_memory(err);
    for (size_t i = 0; i < month->lines.count; i++) {
        struct sheet_line *line = month->lines.items[i];
        struct line_basis basis;
        Adjustment *next;

        if (!line_basis_make(sheet, month, line, &computing->amounts, computing->at, &basis, err) ||
            !line_describe(&basis, line->component, cause, sheet->arena, &next, err) ||
            !line_take(computing, line, next, err))
            return false;
    }
    return true;
}

bool month_compute(struct sheet *sheet, struct sheet_month *month, const char *moved,
                   niva_instant at, struct niva_batch *batch, struct niva_error *err)
{
    struct computing computing = {.sheet = sheet,
                                  .month = month,
                                  .batch = batch,
                                  .at = at,
                                  .moved = moved,
                                  .ended = sheet->today >= month->days.until};
    const struct niva_component *components = sheet_components(sheet, month->account);

    month->stale = false;
    if (components == NULL)
        return niva_fail_memory(err);
    if (month_read(sheet, month, err) &&
        amounts_compute(month->timeline, components, month->account->components.count, sheet->today,
                        sheet->arena, &computing.amounts, err) &&
        lines_take(&computing, err))
        return true;
    sheet->broken = true;
    return false;
}

bool month_move(struct sheet *sheet, struct sheet_month *month, const char *moved,
                struct niva_batch *batch, struct niva_error *err)
{
    /* NIVA_DAY_NONE is before every day: nothing is computed until the first day has begun. */
    if (month->version == 0 || sheet->today < month->days.from)
        return true;
    if (sheet->today >= month->days.until)
        return month_compute(sheet, month, moved, niva_batch_recorded_at(batch), batch, err);
    month->stale = true;
    month->stale_at = niva_batch_recorded_at(batch);
    return true;
}
