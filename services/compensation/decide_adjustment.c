#include "services/common/wire/warn.h"
#include "services/compensation/blocks.h"
#include "services/compensation/decide.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__DecideAdjustmentRequest DecideAdjustmentRequest;
typedef Niva__Compensation__V1__DecideAdjustmentResponse DecideAdjustmentResponse;
typedef Niva__Compensation__V1__PrepareAdjustmentRequest PrepareAdjustmentRequest;
typedef Niva__Compensation__V1__PrepareAdjustmentResponse PrepareAdjustmentResponse;
typedef Niva__Compensation__V1__ReviseAdjustmentRequest ReviseAdjustmentRequest;
typedef Niva__Compensation__V1__ReviseAdjustmentResponse ReviseAdjustmentResponse;

/* A line that a command names, and a copy of it to be changed. */
struct target {
    struct sheet *sheet;
    struct sheet_month *month; /* NULL: it was superseded */
    struct sheet_line *line;
    const struct sheet_row *row;
    Adjustment *body;
};

static bool target_find(struct niva_batch *batch, const char *text, struct target *ret_target,
                        struct niva_error *err)
{
    struct target target = {.sheet = niva_batch_state(batch)};
    struct niva_uuid id;

    if (niva_uuid_parse(text, &id))
        target.row = sheet_row_find(target.sheet, id, &target.month, &target.line);
    if (target.row == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "adjustmentId", "ADJUSTMENT_UNKNOWN",
                           "Det finns ingen reglering %s.", "There is no adjustment %s.", text);
    target.body = niva_arena_alloc(target.sheet->arena, sizeof *target.body);
    if (target.body == NULL)
        return niva_fail_memory(err);
    *target.body = *target.row->body;
    *ret_target = target;
    return true;
}

/* A decision keeps what the unit answered, in the words of who prepared the line. */
static void answer_warn(const Adjustment *line, struct niva_warnings *warnings)
{
    niva_instant answered_at;
    niva_instant prepared_at;

    if (line->answered_at == NULL || line->prepared_at == NULL ||
        !niva_wire_instant(line->answered_at, &answered_at) ||
        !niva_wire_instant(line->prepared_at, &prepared_at))
        return;
    if (line->statement[0] == '\0' || prepared_at < answered_at)
        niva_warn(warnings, "adjustment.statement", "ANSWER_LEFT_OUT",
                  "Enheten har svarat, men regleringen återger inte svaret: det står i dialogen.",
                  "The unit has answered, but the adjustment does not render its answer: it is in "
                  "the dialogue.");
}

/* What was warned of goes into the reply; by now the line has taken its step. */
static bool warnings_take(struct sheet *sheet, const struct niva_warnings *warnings,
                          struct niva_error *err)
{
    if (!warnings->failed)
        return true;
    sheet->broken = true;
    return niva_fail_memory(err);
}

bool adjustment_prepare(struct niva_batch *batch, struct niva_item *item, struct niva_error *err)
{
    const PrepareAdjustmentRequest *prepare = (const PrepareAdjustmentRequest *)item->request;
    struct niva_arena *arena = niva_batch_arena(batch);
    PrepareAdjustmentResponse *reply =
        niva_wire_new(&niva__compensation__v1__prepare_adjustment_response__descriptor, arena);
    struct niva_warnings warnings = {.arena = arena};
    struct target target;
    Adjustment *body;

    if (!target_find(batch, prepare->adjustment_id, &target, err))
        return false;
    const struct blocks blocks = {target.row->body, prepare->computed_ore};
    if (!blocks_no_preparing(&blocks, err))
        return false;
    body = target.body;
    body->prepared_by = niva_arena_strdup(arena, item->principal);
    body->prepared_at = niva_wire_timestamp(item->recorded_at, arena);
    body->statement = niva_arena_strdup(arena, prepare->statement);
    body->statement_response = niva_arena_strdup(arena, prepare->statement_response);
    if (reply == NULL || body->prepared_by == NULL || body->prepared_at == NULL ||
        body->statement == NULL || body->statement_response == NULL)
        return niva_fail_memory(err);
    if (!line_step(batch, item, target.line, target.row, LINE_PREPARE, body, err))
        return false;
    answer_warn(body, &warnings);
    niva_warn_free_text(&warnings, "statement", prepare->statement);
    niva_warn_free_text(&warnings, "statementResponse", prepare->statement_response);
    if (!warnings_take(target.sheet, &warnings, err))
        return false;
    reply->adjustment = body;
    reply->n_warnings = warnings.count;
    reply->warnings = warnings.items;
    item->reply = &reply->base;
    return true;
}

/* What is decided, whichever method asked for it. */
struct decision {
    enum line_event event;
    const char *adjustment_id;
    int64_t computed_ore;
    int64_t deduction_ore;
    Niva__Compensation__V1__Adjustment__ReasonCode reason_code;
    const char *reason;
    const char *case_number;
    const char *delegation;
    const struct Google__Protobuf__Timestamp *decided_at_given;
    niva_instant decided_at;
};

/* When it was decided: as was said, else when it is recorded. */
static bool decided_at_read(struct decision *decision, const struct niva_item *item,
                            struct niva_error *err)
{
    decision->decided_at = item->recorded_at;
    if (decision->decided_at_given == NULL)
        return true;
    if (!niva_wire_instant(decision->decided_at_given, &decision->decided_at) ||
        decision->decided_at > item->recorded_at)
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, "decidedAt", "DECIDED_AFTER_RECORDED",
                           "Ett beslut kan inte vara fattat senare än när det registreras.",
                           "It cannot have been decided later than it is recorded.");
    return true;
}

/* Whether anything holds the decision back. */
static bool decision_allowed(const struct target *target, const struct decision *decision,
                             const struct niva_item *item, struct niva_error *err)
{
    struct blocks_decision asked = {
        .of = {target->row->body, decision->computed_ore},
        .event = decision->event,
        .decider = item->principal,
        .decided_at = decision->decided_at,
        .decided_on = target->sheet->today,
    };
    struct line_basis basis;
    struct amounts amounts;

    /* What is superseded or preliminary has no basis to be judged by. */
    if (!blocks_no_preparing(&asked.of, err))
        return false;
    if (decision->decided_at_given != NULL)
        asked.decided_on = niva_local_day(decision->decided_at);
    if (!month_read(target->sheet, target->month, err) ||
        !amounts_compute(target->month->timeline, NULL, 0, target->sheet->today,
                         target->sheet->arena, &amounts, err) ||
        !line_basis_make(target->sheet, target->month, target->line, &amounts, item->recorded_at,
                         &basis, err))
        return false;
    asked.basis = &basis;
    return blocks_no_decision(&asked, target->sheet->arena, err);
}

static bool body_decide(Adjustment *body, const struct decision *decision,
                        const struct niva_item *item, struct niva_arena *arena)
{
    body->deduction_ore = decision->deduction_ore;
    body->decided_by = niva_arena_strdup(arena, item->principal);
    body->delegation = niva_arena_strdup(arena, decision->delegation);
    body->case_number = niva_arena_strdup(arena, decision->case_number);
    body->reason = niva_arena_strdup(arena, decision->reason);
    body->reason_code = decision->reason_code;
    body->decided_at = niva_wire_timestamp(decision->decided_at, arena);
    body->decision_recorded_at = niva_wire_timestamp(item->recorded_at, arena);
    return body->decided_by != NULL && body->delegation != NULL && body->case_number != NULL &&
           body->reason != NULL && body->decided_at != NULL && body->decision_recorded_at != NULL;
}

/* Takes the decision and tells of it; `ret_line` is the line as decided. */
static bool decision_take(struct niva_batch *batch, struct niva_item *item,
                          struct decision *decision, Adjustment **ret_line,
                          struct niva_warnings *warnings, struct niva_error *err)
{
    bool waived = decision->event == LINE_WAIVE;
    struct target target;

    if (!target_find(batch, decision->adjustment_id, &target, err) ||
        !decided_at_read(decision, item, err) || !decision_allowed(&target, decision, item, err))
        return false;
    if (!body_decide(target.body, decision, item, niva_batch_arena(batch)))
        return niva_fail_memory(err);
    if (!line_step(batch, item, target.line, target.row, decision->event, target.body, err))
        return false;
    if (!line_tell(batch, waived ? EVENT_ADJUSTMENT_WAIVED : EVENT_ADJUSTMENT_DECIDED,
                   waived ? &niva__compensation__v1__adjustment_waived__descriptor
                          : &niva__compensation__v1__adjustment_decided__descriptor,
                   target.body, err)) {
        target.sheet->broken = true;
        return false;
    }
    answer_warn(target.body, warnings);
    niva_warn_free_text(warnings, "caseNumber", decision->case_number);
    niva_warn_free_text(warnings, "delegation", decision->delegation);
    niva_warn_free_text(warnings, "reason", decision->reason);
    if (!warnings_take(target.sheet, warnings, err))
        return false;
    *ret_line = target.body;
    return true;
}

bool adjustment_revise(struct niva_batch *batch, struct niva_item *item, struct niva_error *err)
{
    const ReviseAdjustmentRequest *revise = (const ReviseAdjustmentRequest *)item->request;
    struct niva_warnings warnings = {.arena = niva_batch_arena(batch)};
    ReviseAdjustmentResponse *reply = niva_wire_new(
        &niva__compensation__v1__revise_adjustment_response__descriptor, niva_batch_arena(batch));
    struct decision decision = {
        .event = LINE_REVISE,
        .adjustment_id = revise->adjustment_id,
        .computed_ore = revise->computed_ore,
        .deduction_ore = revise->revised_ore,
        .reason_code = revise->reason_code,
        .reason = revise->reason,
        .case_number = revise->case_number,
        .delegation = revise->delegation,
        .decided_at_given = revise->decided_at,
    };

    if (reply == NULL)
        return niva_fail_memory(err);
    if (!decision_take(batch, item, &decision, &reply->adjustment, &warnings, err))
        return false;
    reply->n_warnings = warnings.count;
    reply->warnings = warnings.items;
    item->reply = &reply->base;
    return true;
}

bool adjustment_decide(struct niva_batch *batch, struct niva_item *item, struct niva_error *err)
{
    const DecideAdjustmentRequest *decide = (const DecideAdjustmentRequest *)item->request;
    struct niva_warnings warnings = {.arena = niva_batch_arena(batch)};
    DecideAdjustmentResponse *reply = niva_wire_new(
        &niva__compensation__v1__decide_adjustment_response__descriptor, niva_batch_arena(batch));
    bool waived =
        decide->decision == NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__DECISION__WAIVE;
    struct decision decision = {
        .event = waived ? LINE_WAIVE : LINE_APPROVE,
        .adjustment_id = decide->adjustment_id,
        .computed_ore = decide->computed_ore,
        .deduction_ore = waived ? 0 : decide->computed_ore,
        .reason_code = decide->reason_code,
        .reason = decide->reason,
        .case_number = decide->case_number,
        .delegation = decide->delegation,
        .decided_at_given = decide->decided_at,
    };

    if (reply == NULL)
        return niva_fail_memory(err);
    if (!decision_take(batch, item, &decision, &reply->adjustment, &warnings, err))
        return false;
    reply->n_warnings = warnings.count;
    reply->warnings = warnings.items;
    item->reply = &reply->base;
    return true;
}
