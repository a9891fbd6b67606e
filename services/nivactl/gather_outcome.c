#include <stdlib.h>
#include <string.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "services/nivactl/gather.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ListAdjustmentsResponse ListAdjustmentsResponse;
typedef Niva__Compliance__V1__Breach Breach;
typedef Niva__Compliance__V1__ListBreachesResponse ListBreachesResponse;
typedef Niva__Compliance__V1__Segment Segment;
typedef Niva__Model__V1__BreachRun BreachRun;
typedef Niva__Model__V1__Deduction Deduction;
typedef Niva__Model__V1__Outcome Outcome;
typedef Niva__Model__V1__Scenario Scenario;

enum { PAGE = 1000 };

static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

static bool verdict_equal(const Segment *a, const Segment *b)
{
    return a->status == b->status && a->required_milli == b->required_milli &&
           a->counted_milli == b->counted_milli && a->shortfall_milli == b->shortfall_milli;
}

/* Segments that differ only in the facts behind them are one run. */
static size_t segments_join(Segment **segments, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && verdict_equal(segments[kept - 1], segments[i]))
            segments[kept - 1]->last_day = segments[i]->last_day;
        else
            segments[kept++] = segments[i];
    }
    return kept;
}

static bool timeline_gather(struct session *session, const char *unit, const Scenario *scenario,
                            Outcome *outcome, struct niva_error *err)
{
    Niva__Compliance__V1__GetTimelineRequest request =
        NIVA__COMPLIANCE__V1__GET_TIMELINE_REQUEST__INIT;
    Niva__Compliance__V1__GetTimelineResponse *timeline;
    ProtobufCMessage *reply;

    request.unit = borrowed(unit);
    request.profession_group = borrowed(session->options.group);
    request.first_day = scenario->horizon->first_day;
    request.last_day = scenario->horizon->last_day;
    if (!session_ask(session, "niva.compliance.v1.ComplianceService/GetTimeline", &request.base,
                     &reply, err))
        return false;
    timeline = (Niva__Compliance__V1__GetTimelineResponse *)reply;
    outcome->timeline = timeline->segments;
    outcome->n_timeline = segments_join(timeline->segments, timeline->n_segments);
    return true;
}

static int breach_order(const void *a, const void *b)
{
    const BreachRun *const *one = a;
    const BreachRun *const *other = b;

    return strcmp((*one)->first_day, (*other)->first_day);
}

static bool breach_stands(const Breach *breach)
{
    return breach->state == NIVA__COMPLIANCE__V1__BREACH__STATE__OPEN ||
           breach->state == NIVA__COMPLIANCE__V1__BREACH__STATE__CLOSED;
}

static bool breaches_gather(struct session *session, const char *unit, const Scenario *scenario,
                            Outcome *outcome, struct niva_error *err)
{
    Niva__Compliance__V1__ListBreachesRequest request =
        NIVA__COMPLIANCE__V1__LIST_BREACHES_REQUEST__INIT;
    ListBreachesResponse *breaches;
    ProtobufCMessage *reply;

    request.kind = NIVA__COMPLIANCE__V1__BREACH__KIND__BELOW_MINIMUM;
    request.unit = borrowed(unit);
    request.profession_group = borrowed(session->options.group);
    request.page_size = PAGE;
    if (!session_list(session, "niva.compliance.v1.ComplianceService/ListBreaches", &request.base,
                      &reply, err))
        return false;
    breaches = (ListBreachesResponse *)reply;
    outcome->breaches =
        niva_arena_array(session->arena, breaches->n_breaches + 1, sizeof *outcome->breaches);
    for (size_t i = 0; outcome->breaches != NULL && i < breaches->n_breaches; i++) {
        const Breach *breach = breaches->breaches[i];
        BreachRun *run;

        if (!breach_stands(breach))
            continue;
        run = niva_wire_new(&niva__model__v1__breach_run__descriptor, session->arena);
        if (run == NULL)
            return niva_fail_memory(err);
        run->first_day = breach->first_day;
        run->last_day = *breach->last_day != '\0' ? breach->last_day : scenario->horizon->last_day;
        outcome->breaches[outcome->n_breaches++] = run;
    }
    if (outcome->breaches == NULL)
        return niva_fail_memory(err);
    qsort(outcome->breaches, outcome->n_breaches, sizeof *outcome->breaches, breach_order);
    return true;
}

/* The line that says the month's amount: the last one that was not replaced. */
static bool month_said(const Outcome *outcome, const Adjustment *adjustment)
{
    const Deduction *last =
        outcome->n_deductions == 0 ? NULL : outcome->deductions[outcome->n_deductions - 1];

    return last != NULL && strcmp(last->component, adjustment->component) == 0 &&
           strcmp(last->period, adjustment->period) == 0;
}

static bool deductions_gather(struct session *session, const char *unit, Outcome *outcome,
                              struct niva_error *err)
{
    Niva__Compensation__V1__ListAdjustmentsRequest request =
        NIVA__COMPENSATION__V1__LIST_ADJUSTMENTS_REQUEST__INIT;
    ListAdjustmentsResponse *adjustments;
    ProtobufCMessage *reply;

    request.unit = borrowed(unit);
    request.profession_group = borrowed(session->options.group);
    request.page_size = PAGE;
    if (!session_list(session, "niva.compensation.v1.AdjustmentService/ListAdjustments",
                      &request.base, &reply, err))
        return false;
    adjustments = (ListAdjustmentsResponse *)reply;
    outcome->deductions = niva_arena_array(session->arena, adjustments->n_adjustments + 1,
                                           sizeof *outcome->deductions);
    for (size_t i = 0; outcome->deductions != NULL && i < adjustments->n_adjustments; i++) {
        const Adjustment *adjustment = adjustments->adjustments[i];
        Deduction *deduction;

        if (month_said(outcome, adjustment))
            outcome->n_deductions--;
        if (adjustment->computed_total_ore == 0)
            continue;
        deduction = niva_wire_new(&niva__model__v1__deduction__descriptor, session->arena);
        if (deduction == NULL)
            return niva_fail_memory(err);
        deduction->component = adjustment->component;
        deduction->period = adjustment->period;
        deduction->deduction_ore = adjustment->computed_total_ore;
        outcome->deductions[outcome->n_deductions++] = deduction;
    }
    return outcome->deductions != NULL || niva_fail_memory(err);
}

bool outcome_gather(struct session *session, const char *unit, const Scenario *scenario,
                    Outcome **ret_outcome, struct niva_error *err)
{
    Outcome *outcome = niva_wire_new(&niva__model__v1__outcome__descriptor, session->arena);

    if (outcome == NULL)
        return niva_fail_memory(err);
    if (!timeline_gather(session, unit, scenario, outcome, err) ||
        !breaches_gather(session, unit, scenario, outcome, err) ||
        !deductions_gather(session, unit, outcome, err))
        return false;
    *ret_outcome = outcome;
    return true;
}
