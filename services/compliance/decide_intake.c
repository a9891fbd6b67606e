/* Intake's events become facts here, with intake's own times and principals, so that "known at"
 * means the same everywhere. What can't be read is refused, which stops the consumer: it was
 * checked by intake, so that something is broken. */
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

/* Times and principal of a copy. */
static bool copy_fact(struct niva_fact *fact, const struct Google__Protobuf__Timestamp *recorded_at,
                      const struct Google__Protobuf__Timestamp *received_at,
                      const char *recorded_by, struct niva_error *err)
{
    if (recorded_at == NULL || !niva_wire_instant(recorded_at, &fact->recorded_at))
        return niva_fail_internal(err, "%s came without a time of record", fact->id);
    fact->received_at = fact->recorded_at;
    if (received_at != NULL && !niva_wire_instant(received_at, &fact->received_at))
        return niva_fail_internal(err, "%s came with a bad time of receipt", fact->id);
    fact->recorded_by = recorded_by[0] != '\0' ? recorded_by : "unknown";
    return true;
}

/* ---- units ---- */

static const pb_unit *unit_of(const struct niva_item *item)
{
    const Niva__Intake__V1__UnitRegistered *event = (const void *)item->event->data;
    return event->unit;
}

bool want_unit_event(struct desk *desk, const struct niva_item *item)
{
    const pb_unit *unit = unit_of(item);
    return unit == NULL ||
           (desk_want_unit(desk, unit->hsa_id) && desk_want_region(desk, unit->region_code));
}

bool decide_unit_event(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const pb_unit *unit = unit_of(item);
    struct niva_span open;
    const char *by = NULL;
    if (unit == NULL)
        return niva_fail_internal(err, "event %s has no unit", item->event->id);
    if (!niva_facts_open(unit, &open, err))
        return false;
    struct niva_fact fact = {.id = unit->hsa_id,
                             .version = unit->version,
                             .unit = unit->hsa_id,
                             .region = unit->region_code,
                             .first_day = open.from};
    return copy_fact(&fact, unit->recorded_at, NULL, unit->recorded_by, err) &&
           desk_append(desk, item, RECORD_UNIT, &fact, &unit->base, &by, err) &&
           desk_touch(desk, item, unit->hsa_id, "", PB_PURCHASER_FACT, by, err);
}

/* ---- reports ---- */

/* The two events have one shape. */
static const pb_report *report_of(const struct niva_item *item)
{
    const Niva__Intake__V1__ReportReceived *event = (const void *)item->event->data;
    return event->report;
}

bool want_report_event(struct desk *desk, const struct niva_item *item)
{
    const pb_report *report = report_of(item);
    return report == NULL || (desk_want_fact(desk, RECORD_REPORT, report->report_id) &&
                              desk_want_unit(desk, report->unit));
}

bool decide_report_event(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const pb_report *report = report_of(item);
    struct niva_report model;
    const char *by = NULL;
    if (report == NULL)
        return niva_fail_internal(err, "event %s has no report", item->event->id);
    if (!niva_facts_report(report, desk_arena(desk), &model, err))
        return false;
    struct niva_fact fact = {.id = report->report_id,
                             .version = 1,
                             .unit = report->unit,
                             .group = report->profession_group,
                             .refers_to = report->corrects_report_id,
                             .first_day = model.effective_from};
    return copy_fact(&fact, report->recorded_at, report->received_at, report->recorded_by, err) &&
           desk_append(desk, item, RECORD_REPORT, &fact, &report->base, &by, err) &&
           desk_touch(desk, item, report->unit, report->profession_group, PB_PROVIDER_FACT, by,
                      err);
}

static const Niva__Intake__V1__ReportWithdrawn *withdrawal_of(const struct niva_item *item)
{
    return (const void *)item->event->data;
}

bool want_withdrawal_event(struct desk *desk, const struct niva_item *item)
{
    const Niva__Intake__V1__ReportWithdrawn *withdrawal = withdrawal_of(item);
    return desk_want_fact(desk, RECORD_REPORT, withdrawal->report_id) &&
           desk_want_unit(desk, withdrawal->unit);
}

bool decide_withdrawal_event(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Intake__V1__ReportWithdrawn *withdrawal = withdrawal_of(item);
    const struct record *present = desk_last(desk, RECORD_REPORT, withdrawal->report_id);
    const char *by = NULL;
    if (present == NULL)
        return niva_fail_internal(err, "the withdrawn report %s never came", withdrawal->report_id);
    pb_report *report =
        present->message != NULL
            ? niva_wire_copy(present->message, desk_arena(desk))
            : niva_wire_new(&niva__intake__v1__staffing_report__descriptor, desk_arena(desk));
    if (report == NULL)
        return niva_fail_memory(err);
    report->report_id = withdrawal->report_id;
    report->withdrawn = true;
    struct niva_fact fact = {.id = withdrawal->report_id,
                             .version = present->fact.version + 1,
                             .unit = withdrawal->unit,
                             .group = withdrawal->profession_group,
                             .refers_to = present->fact.refers_to,
                             .first_day = present->fact.first_day};
    return copy_fact(&fact, withdrawal->recorded_at, NULL, withdrawal->recorded_by, err) &&
           desk_append(desk, item, RECORD_REPORT, &fact, &report->base, &by, err) &&
           desk_touch(desk, item, withdrawal->unit, withdrawal->profession_group, PB_PROVIDER_FACT,
                      by, err);
}

static const pb_confirmation *confirmation_of(const struct niva_item *item)
{
    const Niva__Intake__V1__ReportConfirmed *event = (const void *)item->event->data;
    return event->confirmation;
}

bool want_confirmation_event(struct desk *desk, const struct niva_item *item)
{
    const pb_confirmation *confirmation = confirmation_of(item);
    return confirmation == NULL || desk_want_unit(desk, confirmation->unit);
}

/* A confirmation bears on no verdict, only on whether the report is current. */
bool decide_confirmation_event(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const pb_confirmation *confirmation = confirmation_of(item);
    const char *by = NULL;
    if (confirmation == NULL || niva_day_read(confirmation->as_of) == NIVA_DAY_NONE)
        return niva_fail_internal(err, "event %s has no confirmation", item->event->id);
    struct niva_fact fact = {.id = confirmation->confirmation_id,
                             .version = 1,
                             .unit = confirmation->unit,
                             .group = confirmation->profession_group,
                             .refers_to = confirmation->report_id,
                             .first_day = niva_day_read(confirmation->as_of)};
    return copy_fact(&fact, confirmation->recorded_at, confirmation->received_at,
                     confirmation->recorded_by, err) &&
           desk_append(desk, item, RECORD_CONFIRMATION, &fact, &confirmation->base, &by, err) &&
           desk_touch(desk, item, confirmation->unit, confirmation->profession_group,
                      PB_PROVIDER_FACT, by, err);
}

/* ---- absences ---- */

/* The three events have one shape. */
static const pb_absence *absence_of(const struct niva_item *item)
{
    const Niva__Intake__V1__AbsenceNotified *event = (const void *)item->event->data;
    return event->absence;
}

bool want_absence_event(struct desk *desk, const struct niva_item *item)
{
    const pb_absence *absence = absence_of(item);
    return absence == NULL || desk_want_unit(desk, absence->unit);
}

bool decide_absence_event(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const pb_absence *absence = absence_of(item);
    struct niva_absence model;
    const char *by = NULL;
    if (absence == NULL)
        return niva_fail_internal(err, "event %s has no absence", item->event->id);
    if (!niva_facts_absence(absence, desk_arena(desk), &model, err))
        return false;
    struct niva_fact fact = {.id = absence->absence_id,
                             .version = absence->version,
                             .unit = absence->unit,
                             .group = absence->profession_group,
                             .first_day = model.days.from};
    return copy_fact(&fact, absence->recorded_at, absence->received_at, absence->recorded_by,
                     err) &&
           desk_append(desk, item, RECORD_ABSENCE, &fact, &absence->base, &by, err) &&
           desk_touch(desk, item, absence->unit, absence->profession_group, PB_PROVIDER_FACT, by,
                      err);
}
