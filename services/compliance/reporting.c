#include "services/compliance/reporting.h"

#include <string.h>

#include "services/common/wire/wire.h"

/* The local day on which something came in. */
static niva_day received_on(const struct Google__Protobuf__Timestamp *received_at,
                            const struct Google__Protobuf__Timestamp *recorded_at)
{
    niva_instant instant;
    if (received_at != NULL && niva_wire_instant(received_at, &instant))
        return niva_local_day(instant);
    if (recorded_at != NULL && niva_wire_instant(recorded_at, &instant))
        return niva_local_day(instant);
    return NIVA_DAY_NONE;
}

static const pb_report *report_of(const struct dossier *dossier, const char *id)
{
    for (size_t i = 0; i < dossier->report_count; i++) {
        if (strcmp(dossier->reports[i]->report_id, id) == 0)
            return dossier->reports[i];
    }
    return NULL;
}

static niva_day latest_received(const struct dossier *dossier, niva_day day)
{
    niva_day latest = NIVA_DAY_NONE;
    for (size_t i = 0; i < dossier->report_count; i++) {
        const pb_report *report = dossier->reports[i];
        niva_day received = received_on(report->received_at, report->recorded_at);
        if (received <= day && received > latest)
            latest = received;
    }
    for (size_t i = 0; i < dossier->confirmation_count; i++) {
        const pb_confirmation *confirmation = dossier->confirmations[i];
        niva_day received = received_on(confirmation->received_at, confirmation->recorded_at);
        if (received <= day && received > latest &&
            report_of(dossier, confirmation->report_id) != NULL)
            latest = received;
    }
    return latest;
}

/* Whether somebody said on or after its day that the plan became true. */
static bool plan_confirmed(const struct dossier *dossier, const struct niva_report *plan,
                           niva_day day)
{
    for (size_t i = 0; i < dossier->confirmation_count; i++) {
        const pb_confirmation *confirmation = dossier->confirmations[i];
        niva_day as_of;
        if (niva_day_parse(confirmation->as_of, &as_of) && as_of >= plan->effective_from &&
            received_on(confirmation->received_at, confirmation->recorded_at) <= day)
            return true;
    }
    return false;
}

/* Whether the report that stands is a plan that was to be confirmed by now and was not. */
static bool plan_overdue(const struct dossier *dossier, const pb_reporting *reporting,
                         const struct niva_report *standing, niva_day day)
{
    if (standing == NULL ||
        reporting->confirm_case !=
            NIVA__COMPLIANCE__V1__REPORTING__CONFIRM_CONFIRM_PLANNED_WITHIN_DAYS)
        return false;
    const pb_report *report = report_of(dossier, standing->id);
    if (report == NULL ||
        received_on(report->received_at, report->recorded_at) >= standing->effective_from)
        return false;
    return day > standing->effective_from + reporting->confirm_planned_within_days &&
           !plan_confirmed(dossier, standing, day);
}

static bool too_old(const pb_reporting *reporting, niva_day received, niva_day day)
{
    niva_day since;
    if (reporting->report_max_age_days > 0 && day - received > reporting->report_max_age_days)
        return true;
    return niva_day_parse(reporting->current_since, &since) && received < since && day >= since;
}

static bool is_overdue(const struct dossier *dossier, niva_day day, bool required,
                       const struct currency *currency)
{
    const struct niva_span *open = &dossier->facts.open;
    const pb_rule_set *rule_set = dossier_rule_set_on(dossier, day);
    if (rule_set == NULL || day < open->from || day >= open->until)
        return false;
    if (currency->received == NIVA_DAY_NONE)
        return required || rule_set->reporting != NULL;
    if (rule_set->reporting == NULL)
        return false;
    return too_old(rule_set->reporting, currency->received, day) ||
           plan_overdue(dossier, rule_set->reporting, currency->standing, day);
}

bool reporting_judge(const struct dossier *dossier, niva_day day, bool required,
                     struct niva_arena *arena, struct currency *ret_currency,
                     struct niva_error *err)
{
    struct currency currency = {.received = latest_received(dossier, day)};
    if (!niva_report_on(&dossier->facts, day, arena, &currency.standing, err))
        return false;
    currency.overdue = is_overdue(dossier, day, required, &currency);
    *ret_currency = currency;
    return true;
}
