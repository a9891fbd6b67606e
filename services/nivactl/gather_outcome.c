#include <stdlib.h>
#include <string.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "services/model/difference.h"
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

/* The lines of one component and month among those of a unit: `count` from `first` on, open one
 * and decided ones, in any order. */
struct month_lines {
    Adjustment *const *first;
    size_t count;
};

static bool same_month(const Adjustment *a, const Adjustment *b)
{
    return strcmp(a->period, b->period) == 0 && strcmp(a->component, b->component) == 0;
}

/* When a line was decided. */
static niva_instant decided_at(const Adjustment *line)
{
    niva_instant at = INT64_MIN;

    if (line->decision_recorded_at != NULL && !niva_wire_instant(line->decision_recorded_at, &at))
        return INT64_MIN;
    return at;
}

static const Adjustment *open_line(const struct month_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        if (lines->first[i]->decision_recorded_at == NULL)
            return lines->first[i];
    return NULL;
}

/* What the model makes of the month; 0 where it says nothing. */
static int64_t expected_ore(const Outcome *expected, const Adjustment *line)
{
    for (size_t i = 0; i < expected->n_deductions; i++)
        if (strcmp(expected->deductions[i]->component, line->component) == 0 &&
            strcmp(expected->deductions[i]->period, line->period) == 0)
            return expected->deductions[i]->deduction_ore;
    return 0;
}

static int decided_order(const void *a, const void *b)
{
    niva_instant one = decided_at(*(Adjustment *const *)a);
    niva_instant other = decided_at(*(Adjustment *const *)b);

    return one < other ? -1 : one > other;
}

/* What the month costs by its lines. An open line says it. Where everything is decided, it is what
 * the model makes of it, if nothing more is due of that (model section 9.5); else what the last
 * decision was about. */
static bool month_ore(struct session *session, const struct month_lines *lines,
                      const Outcome *expected, int64_t *ret_ore, struct niva_error *err)
{
    const Adjustment *open = open_line(lines);
    Adjustment **sorted = niva_arena_array(session->arena, lines->count, sizeof(Adjustment *));
    struct niva_decided *decided = niva_arena_array(session->arena, lines->count, sizeof *decided);
    int64_t model_ore = expected_ore(expected, lines->first[0]);
    struct niva_due due;

    if (sorted == NULL || decided == NULL)
        return niva_fail_memory(err);
    if (open != NULL) {
        *ret_ore = open->computed_total_ore;
        return true;
    }
    memcpy(sorted, lines->first, lines->count * sizeof(Adjustment *));
    qsort(sorted, lines->count, sizeof(Adjustment *), decided_order);
    for (size_t i = 0; i < lines->count; i++)
        decided[i] = (struct niva_decided){sorted[i]->computed_total_ore, sorted[i]->computed_ore,
                                           sorted[i]->deduction_ore};
    due = niva_due_compute(model_ore, decided, lines->count);
    *ret_ore =
        due.due_ore == due.taken_ore ? model_ore : sorted[lines->count - 1]->computed_total_ore;
    return true;
}

/* The lines come in order of period and component: those of a month stand beside each other. */
static bool month_gather(struct session *session, const struct month_lines *lines,
                         const Outcome *expected, Outcome *outcome, struct niva_error *err)
{
    Deduction *deduction;
    int64_t ore = 0;

    if (!month_ore(session, lines, expected, &ore, err))
        return false;
    if (ore == 0)
        return true;
    deduction = niva_wire_new(&niva__model__v1__deduction__descriptor, session->arena);
    if (deduction == NULL)
        return niva_fail_memory(err);
    deduction->component = lines->first[0]->component;
    deduction->period = lines->first[0]->period;
    deduction->deduction_ore = ore;
    outcome->deductions[outcome->n_deductions++] = deduction;
    return true;
}

static bool deductions_gather(struct session *session, const char *unit, const Outcome *expected,
                              Outcome *outcome, struct niva_error *err)
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
    if (outcome->deductions == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < adjustments->n_adjustments;) {
        struct month_lines lines = {&adjustments->adjustments[i], 1};

        while (i + lines.count < adjustments->n_adjustments &&
               same_month(lines.first[0], lines.first[lines.count]))
            lines.count++;
        if (!month_gather(session, &lines, expected, outcome, err))
            return false;
        i += lines.count;
    }
    return true;
}

bool outcome_gather(struct session *session, const char *unit, const Scenario *scenario,
                    const Outcome *expected, Outcome **ret_outcome, struct niva_error *err)
{
    Outcome *outcome = niva_wire_new(&niva__model__v1__outcome__descriptor, session->arena);

    if (outcome == NULL)
        return niva_fail_memory(err);
    if (!timeline_gather(session, unit, scenario, outcome, err) ||
        !breaches_gather(session, unit, scenario, outcome, err) ||
        !deductions_gather(session, unit, expected, outcome, err))
        return false;
    *ret_outcome = outcome;
    return true;
}
