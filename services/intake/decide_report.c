#include <string.h>

#include "services/intake/retention.h"
#include "services/intake/store.h"

typedef Niva__Intake__V1__StaffingReport Report;

/* ---- submit ---- */

static bool correction_check(const struct state *state, const Report *given, const char *corrects,
                             struct niva_error *err)
{
    const struct report_record *target;
    struct niva_corrected corrected;

    if (corrects[0] == '\0')
        return true;
    target = state_report(state, corrects);
    if (target == NULL)
        return niva_correction_allowed(given, corrects, NULL, err);
    corrected = (struct niva_corrected){.report_id = target->report_id,
                                        .unit = target->unit,
                                        .profession_group = target->profession_group,
                                        .withdrawn = target->withdrawn};
    for (const struct report_record *next = state_correction(state, target->report_id);
         next != NULL; next = state_correction(state, next->report_id))
        corrected.corrected_by = next->report_id;
    return niva_correction_allowed(given, corrects, &corrected, err) &&
           day_whole(state, "report.correctsReportId", given->unit, given->profession_group,
                     target->effective_from, err);
}

static void defaults_fill(Report *report)
{
    bool correction = report->corrects_report_id[0] != '\0';

    if (report->reason == NIVA__INTAKE__V1__STAFFING_REPORT__REASON__REASON_UNSPECIFIED)
        report->reason = correction ? NIVA__INTAKE__V1__STAFFING_REPORT__REASON__CORRECTION
                                    : NIVA__INTAKE__V1__STAFFING_REPORT__REASON__OTHER;
    if (report->received_via == NIVA__INTAKE__V1__STAFFING_REPORT__CHANNEL__CHANNEL_UNSPECIFIED)
        report->received_via = NIVA__INTAKE__V1__STAFFING_REPORT__CHANNEL__API;
    if (report->certified_by != NULL && report->certified_by->hsa_id[0] == '\0')
        report->certified_by = NULL;
}

/* The report as it is recorded: what was given, defaults and output fields filled in. */
static Report *report_build(const Report *given, char *corrects, const char *report_id,
                            niva_instant received_at, const struct command *command)
{
    Report *report = niva_wire_new(given->base.descriptor, command->arena);

    if (report == NULL)
        return NULL;
    *report = *given;
    report->report_id = niva_arena_strdup(command->arena, report_id);
    report->corrects_report_id = corrects;
    report->withdrawn = false;
    report->corrected_by_report_id = (char *)protobuf_c_empty_string;
    report->withdrawal_reason = (char *)protobuf_c_empty_string;
    report->withdrawn_at = NULL;
    report->withdrawn_by = (char *)protobuf_c_empty_string;
    report->erased_by = (char *)protobuf_c_empty_string;
    report->received_at = niva_wire_timestamp(received_at, command->arena);
    report->recorded_at = niva_wire_timestamp(command->recorded_at, command->arena);
    report->recorded_by = niva_arena_strdup(command->arena, command->principal);
    defaults_fill(report);
    return report->report_id == NULL || report->received_at == NULL ||
                   report->recorded_at == NULL || report->recorded_by == NULL
               ? NULL
               : report;
}

static struct niva_fact report_fact(const Report *report, int32_t version, niva_instant received_at)
{
    return (struct niva_fact){
        .kind = kind_report,
        .id = report->report_id,
        .version = version,
        .unit = report->unit,
        .group = report->profession_group,
        .region = "",
        .refers_to = report->corrects_report_id,
        .first_day = niva_day_read(report->effective_from),
        .received_at = received_at,
    };
}

static void original_add(Niva__Intake__V1__Original *original, struct effect *effect)
{
    const struct niva_fact *report = &effect->facts[0].fact;
    struct niva_fact fact = {
        .kind = kind_original,
        .id = report->id,
        .version = 1,
        .unit = report->unit,
        .group = report->group,
        .region = "",
        .refers_to = "",
        .first_day = NIVA_DAY_NONE,
        .received_at = report->received_at,
    };

    effect->facts[effect->fact_count].fact = fact;
    original->erased_by = (char *)protobuf_c_empty_string;
    original->import_id = (char *)protobuf_c_empty_string;
    effect->facts[effect->fact_count].body = &original->base;
    effect->fact_count++;
}

static bool report_event(Report *report, struct niva_arena *arena, struct effect *effect)
{
    if (report->corrects_report_id[0] == '\0') {
        Niva__Intake__V1__ReportReceived *event =
            niva_wire_new(&niva__intake__v1__report_received__descriptor, arena);

        if (event == NULL)
            return false;
        event->report = report;
        effect->event_type = "se.niva.intake.report.received.v1";
        effect->event = &event->base;
    } else {
        Niva__Intake__V1__ReportCorrected *event =
            niva_wire_new(&niva__intake__v1__report_corrected__descriptor, arena);

        if (event == NULL)
            return false;
        event->report = report;
        effect->event_type = "se.niva.intake.report.corrected.v1";
        effect->event = &event->base;
    }
    return true;
}

static bool submit_reply(Report *report, struct niva_arena *arena, struct effect *effect)
{
    struct niva_warnings warnings = {.arena = arena};
    Niva__Intake__V1__SubmitReportResponse *reply =
        niva_wire_new(&niva__intake__v1__submit_report_response__descriptor, arena);

    warn_report(&warnings, report);
    if (reply == NULL || warnings.failed)
        return false;
    reply->report = report;
    reply->n_warnings = warnings.count;
    reply->warnings = warnings.items;
    effect->reply = &reply->base;
    return true;
}

bool report_decide(const struct state *state, const struct command *command, const Report *given,
                   const char *report_id, struct effect *ret_effect, Report **ret_report,
                   struct niva_error *err)
{
    niva_day effective_from = niva_day_read(given->effective_from);
    char *corrects = niva_wire_uuid(given->corrects_report_id, command->arena);
    const Niva__Intake__V1__Unit *unit;
    struct effect effect = {.fact_count = 1};
    niva_instant received_at;
    Report *report;

    if (corrects == NULL)
        return niva_fail_memory(err);
    unit = unit_registered(state, "report.unit", given->unit, err);
    if (unit == NULL ||
        !niva_unit_open(unit, (struct niva_span){effective_from, effective_from + 1}, err) ||
        !day_whole(state, "report.effectiveFrom", given->unit, given->profession_group,
                   effective_from, err) ||
        !correction_check(state, given, corrects, err) ||
        !niva_wire_received(given->received_at, "report.receivedAt", command->recorded_at,
                            &received_at, err))
        return false;
    report = report_build(given, corrects, report_id, received_at, command);
    if (report == NULL || !report_event(report, command->arena, &effect))
        return niva_fail_memory(err);
    effect.facts[0].fact = report_fact(report, 1, received_at);
    effect.facts[0].body = &report->base;
    *ret_effect = effect;
    *ret_report = report;
    return true;
}

bool decide_submit_report(const struct state *state, const struct command *command,
                          struct effect *ret_effect, struct niva_error *err)
{
    const Niva__Intake__V1__SubmitReportRequest *request = (const void *)command->request;
    struct effect effect;
    Report *report;

    if (!report_decide(state, command, request->report, command->new_id, &effect, &report, err))
        return false;
    if (!submit_reply(report, command->arena, &effect))
        return niva_fail_memory(err);
    if (request->original != NULL)
        original_add(request->original, &effect);
    *ret_effect = effect;
    return true;
}

/* ---- withdraw ---- */

/* Version 2 of a report: what was filed stays, beside when, by whom and why it was taken back. */
static Report *withdrawal_build(const Report *present, char *reason, const struct command *command)
{
    Report *report = niva_wire_copy(&present->base, command->arena);

    if (report == NULL)
        return NULL;
    report->withdrawn = true;
    report->withdrawal_reason = reason;
    report->withdrawn_at = niva_wire_timestamp(command->recorded_at, command->arena);
    report->withdrawn_by = niva_arena_strdup(command->arena, command->principal);
    return report->withdrawn_at == NULL || report->withdrawn_by == NULL ? NULL : report;
}

static bool withdrawal_event(const Report *report, struct niva_arena *arena, struct effect *effect)
{
    Niva__Intake__V1__ReportWithdrawn *event =
        niva_wire_new(&niva__intake__v1__report_withdrawn__descriptor, arena);

    if (event == NULL)
        return false;
    event->report_id = report->report_id;
    event->unit = report->unit;
    event->profession_group = report->profession_group;
    event->recorded_at = report->withdrawn_at;
    event->recorded_by = report->withdrawn_by;
    effect->event_type = "se.niva.intake.report.withdrawn.v1";
    effect->event = &event->base;
    return true;
}

/* The answer also says what replaced the report; that is never part of what is recorded. */
static bool withdraw_reply(const struct state *state, const Report *report,
                           struct niva_arena *arena, struct effect *effect)
{
    const struct report_record *correction = state_correction(state, report->report_id);
    Niva__Intake__V1__WithdrawReportResponse *reply =
        niva_wire_new(&niva__intake__v1__withdraw_report_response__descriptor, arena);

    if (reply == NULL)
        return false;
    reply->report = niva_wire_copy(&report->base, arena);
    if (reply->report == NULL)
        return false;
    if (correction != NULL)
        reply->report->corrected_by_report_id = niva_arena_strdup(arena, correction->report_id);
    effect->reply = &reply->base;
    return reply->report->corrected_by_report_id != NULL;
}

bool decide_withdraw_report(const struct state *state, const struct command *command,
                            struct effect *ret_effect, struct niva_error *err)
{
    const Niva__Intake__V1__WithdrawReportRequest *request = (const void *)command->request;
    const char *report_id = niva_wire_uuid(request->report_id, command->arena);
    const struct report_record *target;
    struct effect effect = {.fact_count = 1};
    Report *report;

    if (report_id == NULL)
        return niva_fail_memory(err);
    target = state_report(state, report_id);
    if (target == NULL || target->report == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "reportId", "REPORT_UNKNOWN",
                           "Det finns ingen rapport %s.", "There is no report %s.", report_id);
    if (target->withdrawn)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, report_id, "REPORT_WITHDRAWN",
                           "Rapport %s är redan återkallad; det kan inte göras om.",
                           "Report %s is already withdrawn; that is final.", report_id);
    if (!day_whole(state, "reportId", target->unit, target->profession_group,
                   target->effective_from, err))
        return false;
    report = withdrawal_build(target->report, request->reason, command);
    if (report == NULL || !withdrawal_event(report, command->arena, &effect) ||
        !withdraw_reply(state, report, command->arena, &effect))
        return niva_fail_memory(err);
    effect.facts[0].fact = report_fact(report, 2, command->recorded_at);
    effect.facts[0].body = &report->base;
    *ret_effect = effect;
    return true;
}
