#include "services/compliance/decide.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "services/common/wire/wire.h"

static const struct rule commands[] = {
    {"/niva.compliance.v1.RuleService/PutRuleSet", want_put_rule_set, decide_put_rule_set},
    {"/niva.compliance.v1.RequirementService/PutContract", want_put_contract, decide_put_contract},
    {"/niva.compliance.v1.RequirementService/PutListings", want_put_listings, decide_put_listings},
    {"/niva.compliance.v1.RequirementService/ImportListings", want_import, decide_import_listings},
    {"/niva.compliance.v1.RequirementService/ImportContracts", want_import,
     decide_import_contracts},
    {"/niva.compliance.v1.DispensationService/GrantDispensation", want_grant_dispensation,
     decide_grant_dispensation},
    {"/niva.compliance.v1.DispensationService/RevokeDispensation", want_revoke_dispensation,
     decide_revoke_dispensation},
    {"/niva.compliance.v1.DispensationService/VoidDispensation", want_void_dispensation,
     decide_void_dispensation},
    {"/niva.compliance.v1.FindingService/PutFinding", want_put_finding, decide_put_finding},
    {"/niva.compliance.v1.ComplianceService/IssueCall", want_issue_call, decide_issue_call},
    {"/niva.compliance.v1.ComplianceService/VoidCall", want_void_call, decide_void_call},
    {"/niva.compliance.v1.DialogueService/OpenDialogue", want_dialogue, decide_open_dialogue},
    {"/niva.compliance.v1.DialogueService/AddNote", want_dialogue, decide_add_note},
    {"/niva.compliance.v1.DialogueService/Answer", want_dialogue, decide_answer},
    {"/niva.compliance.v1.DialogueService/AgreeMeasure", want_dialogue, decide_agree_measure},
    {"/niva.compliance.v1.DialogueService/CompleteMeasure", want_dialogue, decide_complete_measure},
    {"/niva.compliance.v1.FollowUpService/ImportIndicators", want_import_indicators,
     decide_import_indicators},
    {"/niva.compliance.v1.FollowUpService/PutIndicators", want_put_indicators,
     decide_put_indicators},
    {"/niva.control.v1.ControlService/MoveToday", NULL, decide_move_today},
};

static const struct rule events[] = {
    {"se.niva.intake.unit.registered.v1", want_unit_event, decide_unit_event},
    {"se.niva.intake.unit.changed.v1", want_unit_event, decide_unit_event},
    {"se.niva.intake.report.received.v1", want_report_event, decide_report_event},
    {"se.niva.intake.report.corrected.v1", want_report_event, decide_report_event},
    {"se.niva.intake.report.withdrawn.v1", want_withdrawal_event, decide_withdrawal_event},
    {"se.niva.intake.report.confirmed.v1", want_confirmation_event, decide_confirmation_event},
    {"se.niva.intake.absence.notified.v1", want_absence_event, decide_absence_event},
    {"se.niva.intake.absence.changed.v1", want_absence_event, decide_absence_event},
    {"se.niva.intake.absence.cancelled.v1", want_absence_event, decide_absence_event},
    {"se.niva.intake.erasure.recorded.v1", want_erasure_event, decide_erasure_event},
    {"se.niva.compensation.component.changed.v1", NULL, decide_component_event},
    {"se.niva.compensation.adjustment.proposed.v1", NULL, decide_adjustment_event},
    {"se.niva.compensation.adjustment.superseded.v1", NULL, decide_adjustment_event},
    {"se.niva.compensation.adjustment.decided.v1", NULL, decide_adjustment_event},
    {"se.niva.compensation.adjustment.waived.v1", NULL, decide_adjustment_event},
};

static const struct rule erased = {"", NULL, decide_erased_event};

/* NULL for an event that means nothing here. */
static const struct rule *rule_of(const struct niva_item *item)
{
    bool command = item->kind == NIVA_ITEM_COMMAND;
    const struct rule *rules = command ? commands : events;
    size_t count = command ? sizeof commands / sizeof *commands : sizeof events / sizeof *events;
    const char *name = command ? item->method : item->event->type;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rules[i].name, name) == 0)
            return !command && item->event->data == NULL ? &erased : &rules[i];
    }
    return NULL;
}

bool rules_read(void *self, struct niva_batch *batch, struct niva_error *err)
{
    (void)self;
    struct niva_item *items = NULL;
    size_t count = niva_batch_items(batch, &items);
    struct desk *desk = desk_new(batch);
    if (desk == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = rule_of(&items[i]);
        if (rule != NULL && rule->want != NULL && !rule->want(desk, &items[i]))
            return niva_fail_memory(err);
    }
    return desk_read(desk, err);
}

bool rules_decide(void *self, struct niva_batch *batch, struct niva_item *item,
                  struct niva_error *err)
{
    (void)self;
    const struct rule *rule = rule_of(item);
    if (rule == NULL && item->kind == NIVA_ITEM_COMMAND)
        return niva_fail_internal(err, "no rule for %s", item->method);
    return rule == NULL || rule->decide(desk_of(batch), item, err);
}

bool rules_settle(void *self, struct niva_batch *batch, struct niva_error *err)
{
    (void)self;
    return desk_settle(desk_of(batch), err);
}

bool rules_write(void *self, struct niva_batch *batch, struct niva_error *err)
{
    (void)self;
    return desk_write(desk_of(batch), err);
}

/* ---- what the decisions share ---- */

bool received_complete(struct desk *desk, const struct niva_item *item, const char *field,
                       struct Google__Protobuf__Timestamp **received_at, niva_instant *ret_received,
                       struct niva_error *err)
{
    if (!niva_wire_received(*received_at, field, item->recorded_at, ret_received, err))
        return false;
    *received_at = niva_wire_timestamp(*ret_received, desk_arena(desk));
    return *received_at != NULL || niva_fail_memory(err);
}

bool version_expect(bool given, int32_t expected, int32_t present, const char *what,
                    struct niva_error *err)
{
    if (!given || expected == present)
        return true;
    return niva_refuse(
        err, NIVA_FAILED_PRECONDITION, what, "VERSION_MISMATCH",
        "Den gällande versionen är %d, inte %d: läs den och begär ändringen på nytt.",
        "The present version is %d, not %d: read it and ask for the change again.", (int)present,
        (int)expected);
}

int32_t version_of(const struct record *record)
{
    return record != NULL ? record->fact.version : 0;
}

struct niva_span days_read(const char *first_day, const char *last_day)
{
    niva_day last = niva_day_read(last_day);
    return (struct niva_span){niva_day_read(first_day),
                              last == NIVA_DAY_NONE ? NIVA_DAY_END : last + 1};
}

char *id_new(niva_instant instant, struct niva_arena *arena)
{
    char text[37];
    niva_uuid_format(niva_uuid_v7(instant), text);
    return niva_arena_strdup(arena, text);
}
