/* What intake does with a batch of the journal: it reads what all items need, then decides each. */
#include <string.h>

#include "services/intake/import.h"
#include "services/intake/store.h"

/* Says what a command needs; false when the arena is out. */
typedef bool want_function(struct wants *wants, const ProtobufCMessage *request,
                           struct niva_arena *arena);
/* The same of what was prepared. */
typedef bool want_prepared(struct wants *wants, const void *prepared, struct niva_arena *arena);

static bool want_put_unit(struct wants *wants, const ProtobufCMessage *message,
                          struct niva_arena *arena)
{
    const Niva__Intake__V1__PutUnitRequest *request = (const void *)message;

    (void)arena;
    wants_fact(wants, kind_unit, request->unit->hsa_id);
    return true;
}

static bool want_submit_report(struct wants *wants, const ProtobufCMessage *message,
                               struct niva_arena *arena)
{
    const Niva__Intake__V1__SubmitReportRequest *request = (const void *)message;
    const char *corrects = niva_wire_uuid(request->report->corrects_report_id, arena);

    if (corrects == NULL)
        return false;
    wants_fact(wants, kind_unit, request->report->unit);
    wants_erasures(wants, request->report->unit);
    if (corrects[0] != '\0')
        wants_chain(wants, corrects);
    return true;
}

static bool want_import_reports(struct wants *wants, const void *prepared, struct niva_arena *arena)
{
    const struct import *import = prepared;

    for (size_t i = 0; i < import->count; i++) {
        const Niva__Intake__V1__StaffingReport *report = import->reports[i].report;
        const char *corrects = niva_wire_uuid(report->corrects_report_id, arena);

        if (corrects == NULL)
            return false;
        wants_fact(wants, kind_unit, report->unit);
        wants_erasures(wants, report->unit);
        wants_twins(wants, report->unit, report->effective_from);
        if (corrects[0] != '\0')
            wants_chain(wants, corrects);
    }
    return true;
}

static bool want_withdraw_report(struct wants *wants, const ProtobufCMessage *message,
                                 struct niva_arena *arena)
{
    const Niva__Intake__V1__WithdrawReportRequest *request = (const void *)message;
    const char *report_id = niva_wire_uuid(request->report_id, arena);

    if (report_id == NULL)
        return false;
    wants_fact(wants, kind_report, report_id);
    wants_chain(wants, report_id);
    return true;
}

static bool want_confirm_staffing(struct wants *wants, const ProtobufCMessage *message,
                                  struct niva_arena *arena)
{
    const Niva__Intake__V1__ConfirmStaffingRequest *request = (const void *)message;

    (void)arena;
    wants_fact(wants, kind_unit, request->unit);
    wants_group(wants, request->unit, request->profession_group);
    return true;
}

static bool want_notify_absence(struct wants *wants, const ProtobufCMessage *message,
                                struct niva_arena *arena)
{
    const Niva__Intake__V1__NotifyAbsenceRequest *request = (const void *)message;

    (void)arena;
    wants_fact(wants, kind_unit, request->absence->unit);
    wants_erasures(wants, request->absence->unit);
    return true;
}

static bool want_update_absence(struct wants *wants, const ProtobufCMessage *message,
                                struct niva_arena *arena)
{
    const Niva__Intake__V1__UpdateAbsenceRequest *request = (const void *)message;
    const char *absence_id = niva_wire_uuid(request->absence->absence_id, arena);

    if (absence_id == NULL)
        return false;
    wants_fact(wants, kind_unit, request->absence->unit);
    wants_erasures(wants, request->absence->unit);
    wants_fact(wants, kind_absence, absence_id);
    return true;
}

static bool want_cancel_absence(struct wants *wants, const ProtobufCMessage *message,
                                struct niva_arena *arena)
{
    const Niva__Intake__V1__CancelAbsenceRequest *request = (const void *)message;
    const char *absence_id = niva_wire_uuid(request->absence_id, arena);

    if (absence_id == NULL)
        return false;
    wants_fact(wants, kind_absence, absence_id);
    return true;
}

static bool want_erase(struct wants *wants, const ProtobufCMessage *message,
                       struct niva_arena *arena)
{
    const Niva__Intake__V1__EraseRequest *request = (const void *)message;

    (void)arena;
    wants_fact(wants, kind_unit, request->unit);
    wants_retained(wants, request->unit);
    return true;
}

static const struct rule {
    const char *method;
    want_function *want;
    decide_function *decide;
    want_prepared *want_prepared; /* in place of `want` */
} rules[] = {
    {"/niva.intake.v1.ReportService/SubmitReport", want_submit_report, decide_submit_report, NULL},
    {"/niva.intake.v1.ReportService/ImportReports", NULL, decide_import_reports,
     want_import_reports},
    {"/niva.intake.v1.ReportService/WithdrawReport", want_withdraw_report, decide_withdraw_report,
     NULL},
    {"/niva.intake.v1.ReportService/ConfirmStaffing", want_confirm_staffing,
     decide_confirm_staffing, NULL},
    {"/niva.intake.v1.AbsenceService/NotifyAbsence", want_notify_absence, decide_notify_absence,
     NULL},
    {"/niva.intake.v1.AbsenceService/UpdateAbsence", want_update_absence, decide_update_absence,
     NULL},
    {"/niva.intake.v1.AbsenceService/CancelAbsence", want_cancel_absence, decide_cancel_absence,
     NULL},
    {"/niva.intake.v1.RetentionService/Erase", want_erase, decide_erase, NULL},
    {"/niva.intake.v1.UnitService/PutUnit", want_put_unit, decide_put_unit, NULL},
};

static const struct rule *rule_find(const struct niva_item *item)
{
    for (size_t i = 0; item->kind == NIVA_ITEM_COMMAND && i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].method, item->method) == 0)
            return &rules[i];
    return NULL;
}

bool rules_read(void *self, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    struct state *state = state_new(arena);
    struct wants wants = {.arena = arena};
    struct niva_item *items;
    size_t count = niva_batch_items(batch, &items);

    (void)self;
    if (state == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = rule_find(&items[i]);

        if (rule != NULL &&
            !(rule->want_prepared != NULL ? rule->want_prepared(&wants, items[i].prepared, arena)
                                          : rule->want(&wants, items[i].request, arena)))
            return niva_fail_memory(err);
    }
    niva_batch_set_state(batch, state);
    return store_read(niva_batch_pg(batch), &wants, arena, state, err);
}

/* Hands facts and event over to the journal. */
static bool effect_record(struct niva_batch *batch, struct effect *effect, struct niva_error *err)
{
    const char *subject = effect->facts[0].fact.unit;

    for (size_t i = 0; i < effect->fact_count; i++)
        if (!niva_wire_pack(effect->facts[i].body, niva_batch_arena(batch),
                            &effect->facts[i].fact.body, err) ||
            !niva_batch_fact(batch, &effect->facts[i].fact, err))
            return false;
    if (effect->erased_count > 0 && !store_erase(batch, effect->facts[0].fact.fact_no, effect, err))
        return false;
    return effect->event == NULL ||
           niva_batch_event(batch, effect->event_type, subject, effect->event, NULL, err);
}

bool rules_decide(void *self, struct niva_batch *batch, struct niva_item *item,
                  struct niva_error *err)
{
    const struct rule *rule = rule_find(item);
    struct state *state = niva_batch_state(batch);
    struct effect effect = {0};
    char new_id[37];
    struct command command = {
        .request = item->request,
        .prepared = item->prepared,
        .principal = item->principal,
        .recorded_at = item->recorded_at,
        .new_id = new_id,
        .arena = niva_batch_arena(batch),
    };

    (void)self;
    if (rule == NULL)
        return niva_fail_internal(err, "intake has no rule for this item");
    niva_uuid_format(niva_uuid_v7(item->recorded_at), new_id);
    if (!rule->decide(state, &command, &effect, err))
        return false;
    item->reply = effect.reply;
    item->unrecorded = effect.unrecorded;
    if (effect.unrecorded)
        return true;
    for (struct effect *each = &effect; each != NULL; each = each->next)
        if (!effect_record(batch, each, err))
            return false;
    for (const struct effect *each = &effect; each != NULL; each = each->next)
        if (!state_apply(state, each))
            return niva_fail_memory(err);
    return true;
}
