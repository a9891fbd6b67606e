/* The receipt of a report: what it counts as, from when the unit is below the minimum, and what a
 * day of that costs. */
#include <string.h>

#include "niva/compensation/v1/component.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "services/common/facts/facts.h"
#include "services/model/regulation.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/fraction.h"
#include "services/nivactl/letter.h"

typedef Niva__Compensation__V1__ListComponentsRequest ListComponentsRequest;
typedef Niva__Compensation__V1__ListComponentsResponse ListComponentsResponse;
typedef Niva__Compliance__V1__GetTimelineRequest GetTimelineRequest;
typedef Niva__Compliance__V1__GetTimelineResponse GetTimelineResponse;
typedef Niva__Compliance__V1__Segment Segment;
typedef Niva__Intake__V1__GetReportResponse GetReportResponse;
typedef Niva__Intake__V1__StaffingReport StaffingReport;

/* How far the receipt looks: back for the day since which the unit is below, and ahead. */
enum { PAGE = 1000, DAYS_BACK = 730, DAYS_AHEAD = 365 };

#define STATUS(name) NIVA__COMPLIANCE__V1__SEGMENT__STATUS__##name

struct receipt {
    struct letter *letter;
    const StaffingReport *report;
    const GetReportResponse *answer; /* says how far intake had come */
    niva_day effective;
    niva_day day; /* of the verdict: today, or the report's first day if that comes */
    char last_day[16];
    const GetTimelineResponse *timeline;
};

static bool report_load(struct receipt *receipt, const char *report_id, struct niva_error *err)
{
    Niva__Intake__V1__GetReportRequest request = NIVA__INTAKE__V1__GET_REPORT_REQUEST__INIT;
    const StaffingReport *report;
    ProtobufCMessage *reply;
    niva_day today;

    request.report_id = (char *)(uintptr_t)report_id;
    if (!session_ask(receipt->letter->session, "niva.intake.v1.ReportService/GetReport",
                     &request.base, &reply, err))
        return false;
    receipt->answer = (const GetReportResponse *)reply;
    report = receipt->answer->report;
    if (report == NULL || !niva_day_parse(report->effective_from, &receipt->effective) ||
        !niva_day_parse(receipt->letter->today, &today))
        return niva_fail_internal(err, "a report without its day");
    if (report->withdrawn || *report->corrected_by_report_id != '\0')
        return letter_refuse(err,
                             "Redovisningen är återtagen eller rättad: den räknas inte längre.",
                             "The report is withdrawn or corrected: it does not count any more.");
    receipt->report = report;
    receipt->day = receipt->effective > today ? receipt->effective : today;
    return true;
}

/* A receipt is made at once: compliance is asked to take in what intake has first. */
static bool timeline_load(struct receipt *receipt, struct niva_error *err)
{
    GetTimelineRequest request = NIVA__COMPLIANCE__V1__GET_TIMELINE_REQUEST__INIT;
    ProtobufCMessage *reply;
    char first_day[16];
    niva_day last = receipt->day + DAYS_AHEAD;

    niva_day_format(receipt->effective - DAYS_BACK, first_day);
    niva_day_format(last < NIVA_DAY_MAX ? last : NIVA_DAY_MAX, receipt->last_day);
    request.unit = receipt->report->unit;
    request.profession_group = receipt->report->profession_group;
    request.first_day = first_day;
    request.last_day = receipt->last_day;
    request.n_after = receipt->answer->n_applied;
    request.after = receipt->answer->applied;
    if (!session_ask(receipt->letter->session, "niva.compliance.v1.ComplianceService/GetTimeline",
                     &request.base, &reply, err))
        return false;
    receipt->timeline = (const GetTimelineResponse *)reply;
    return true;
}

/* ---- the runs of the report ---- */

static bool of_report(const struct receipt *receipt, const Segment *segment)
{
    return strcmp(segment->report_id, receipt->report->report_id) == 0 &&
           *segment->finding_id == '\0';
}

static bool verdict_same(const Segment *one, const Segment *other)
{
    return one->status == other->status && one->required_milli == other->required_milli &&
           one->counted_milli == other->counted_milli &&
           one->shortfall_milli == other->shortfall_milli && one->planned == other->planned;
}

static void run_put(const struct receipt *receipt, const Segment *first, const Segment *last)
{
    const struct session *session = receipt->letter->session;
    struct niva_letter_values *run = niva_letter_add(receipt->letter->values, "runs");
    bool open = *last->last_day == '\0' || strcmp(last->last_day, receipt->last_day) == 0;

    niva_letter_put(run, "first_day", first->first_day);
    niva_letter_put(run, "last_day", cell_last_day(session, open ? "" : last->last_day));
    niva_letter_put(run, "status", cell_status(session, first));
    niva_letter_put(run, "required", cell_required(session, first));
    niva_letter_put(run, "counted", cell_counted(session, first));
    niva_letter_put(run, "shortfall", cell_shortfall(session, first));
}

/* Days with one verdict are one run, whatever facts changed behind it. */
static void runs_put(const struct receipt *receipt)
{
    const GetTimelineResponse *timeline = receipt->timeline;
    size_t end;

    for (size_t i = 0; i < timeline->n_segments; i = end) {
        end = i + 1;
        if (!of_report(receipt, timeline->segments[i]))
            continue;
        while (end < timeline->n_segments && of_report(receipt, timeline->segments[end]) &&
               verdict_same(timeline->segments[i], timeline->segments[end]))
            end++;
        run_put(receipt, timeline->segments[i], timeline->segments[end - 1]);
    }
}

/* ---- the verdict ---- */

/* The index of the segment of a day; n_segments when there is none. */
static size_t segment_on(const GetTimelineResponse *timeline, niva_day day)
{
    char text[16];
    size_t i = 0;

    niva_day_format(day, text);
    while (i < timeline->n_segments && *timeline->segments[i]->last_day != '\0' &&
           strcmp(timeline->segments[i]->last_day, text) < 0)
        i++;
    return i;
}

static void verdict_put(const struct receipt *receipt, const Segment *segment)
{
    const struct session *session = receipt->letter->session;
    struct niva_letter_values *values = receipt->letter->values;
    char text[16];

    niva_day_format(receipt->day, text);
    niva_letter_put(values, "counted_on", niva_arena_strdup(session->arena, text));
    if (!of_report(receipt, segment)) {
        niva_letter_put(values, "other_basis", "YES");
        return;
    }
    niva_letter_put(
        values, "verdict",
        letter_word(&niva__compliance__v1__segment__status__descriptor, (int)segment->status));
    if (segment->status == STATUS(MET) || segment->status == STATUS(DISPENSED) ||
        segment->status == STATUS(BELOW_MINIMUM)) {
        niva_letter_put(values, "required", cell_required(session, segment));
        niva_letter_put(values, "counted", cell_counted(session, segment));
        niva_letter_put(values, "shortfall", cell_shortfall(session, segment));
    }
}

/* ---- what a day costs ---- */

static bool components_read(const struct receipt *receipt, struct niva_month *month,
                            struct niva_error *err)
{
    ListComponentsRequest request = NIVA__COMPENSATION__V1__LIST_COMPONENTS_REQUEST__INIT;
    struct niva_arena *arena = receipt->letter->session->arena;
    const ListComponentsResponse *list;
    struct niva_component *components;
    ProtobufCMessage *reply;

    request.unit = receipt->report->unit;
    request.profession_group = receipt->report->profession_group;
    request.page_size = PAGE;
    if (!session_list(receipt->letter->session,
                      "niva.compensation.v1.ComponentService/ListComponents", &request.base, &reply,
                      err))
        return false;
    list = (const ListComponentsResponse *)reply;
    components = niva_arena_array(arena, list->n_components, sizeof *components);
    if (components == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < list->n_components; i++)
        if (!niva_facts_component(list->components[i], &components[i], err))
            return false;
    month->component_count = list->n_components;
    month->components = components;
    return true;
}

/* The exact price of the runs' lines of all components, and whether the formula has others. */
static bool price_sum(const struct niva_month *month, struct niva_arena *arena, mpq_t ret_ore,
                      bool *ret_by_period, struct niva_error *err)
{
    const struct niva_deduction *deductions;
    size_t count;
    mpq_t ore;
    bool summed = niva_deductions_compute(month, arena, &count, &deductions, err);

    mpq_init(ore);
    for (size_t i = 0; summed && i < count; i++)
        for (size_t j = 0; summed && j < deductions[i].line_count; j++) {
            const struct niva_line *line = &deductions[i].lines[j];

            *ret_by_period = *ret_by_period || line->kind == NIVA_LINE_PERIOD;
            if (line->kind != NIVA_LINE_RUN)
                continue;
            summed = fraction_read(line->ore, ore) ||
                     niva_fail_internal(err, "an amount of the model is no fraction");
            mpq_add(ret_ore, ret_ore, ore);
        }
    mpq_clear(ore);
    return summed;
}

static bool price_put(const struct receipt *receipt, const struct niva_month *month,
                      struct niva_error *err)
{
    const struct session *session = receipt->letter->session;
    struct niva_letter_values *values = receipt->letter->values;
    bool by_period = false;
    int64_t ore = 0;
    mpq_t exact;
    bool summed;

    mpq_init(exact);
    summed = price_sum(month, session->arena, exact, &by_period, err) &&
             (fraction_round(exact, &ore) || niva_fail_internal(err, "a price leaves 64 bits"));
    mpq_clear(exact);
    if (!summed)
        return false;
    if (ore > 0) {
        niva_letter_put(values, "per_day", cell_kronor(session, ore));
        niva_letter_put(values, "price_month", letter_month(receipt->letter, month->days.from));
    } else {
        niva_letter_put(values, by_period ? "by_period" : "unregulated", "YES");
    }
    return true;
}

/* The month of the first such day, with that day alone below the minimum: the model says what it
 * takes. The grace of a breach is told beside it. */
static bool price_gather(const struct receipt *receipt, const Segment *below, niva_day day,
                         const Niva__Compliance__V1__RuleSet *rule_set, struct niva_error *err)
{
    struct niva_rule_set rules;
    struct niva_month_run run = {
        .days = {day, day + 1},
        .status = NIVA_BELOW_MINIMUM,
        .required_milli = below->required_milli,
        .counted_milli = below->counted_milli,
        .shortfall_milli = below->shortfall_milli,
        .breach_first_day = day,
    };
    struct niva_month month = {
        .days = {niva_month_begin(day), niva_month_next(day)},
        .today = niva_month_next(day) - 1,
        .open = {NIVA_DAY_MIN, NIVA_DAY_END},
        .run_count = 1,
        .runs = &run,
    };

    if (!niva_facts_rule_set(rule_set, receipt->letter->session->arena, &rules, err) ||
        !components_read(receipt, &month, err))
        return false;
    month.rule = rules.severity == NIVA_BINDING ? &rules.regulation : NULL;
    if (rules.regulation.grace_days > 0)
        niva_letter_put(receipt->letter->values, "grace_days",
                        cell_integer(receipt->letter->session, rules.regulation.grace_days));
    return price_put(receipt, &month, err);
}

/* Since when, or from when, the unit is below the minimum by this report, and what a day costs. */
static bool below_gather(const struct receipt *receipt, size_t at, struct niva_error *err)
{
    const GetTimelineResponse *timeline = receipt->timeline;
    const Niva__Compliance__V1__RuleSet *rule_set;
    const Segment *below;
    niva_day day;
    size_t since;

    while (at < timeline->n_segments && (timeline->segments[at]->status != STATUS(BELOW_MINIMUM) ||
                                         !of_report(receipt, timeline->segments[at])))
        at++;
    if (at == timeline->n_segments)
        return true;
    below = timeline->segments[at];
    for (since = at; since > 0 && timeline->segments[since - 1]->status == STATUS(BELOW_MINIMUM);)
        since--;
    niva_letter_put(receipt->letter->values, "below_since", timeline->segments[since]->first_day);
    day = niva_day_read(below->first_day);
    return rule_set_get(receipt->letter->session, below->rule_set_id, below->rule_set_version,
                        &rule_set, err) &&
           price_gather(receipt, below, day > receipt->day ? day : receipt->day, rule_set, err);
}

/* ---- the whole ---- */

static void remark_put(const struct receipt *receipt, const Niva__Compliance__V1__RuleSet *rule_set)
{
    niva_letter_put(
        receipt->letter->values, "remark",
        session_pick(receipt->letter->session, rule_set->remark_sv, rule_set->remark_en));
}

static void report_put(const struct receipt *receipt)
{
    const StaffingReport *report = receipt->report;
    struct niva_letter_values *values = receipt->letter->values;
    const struct Google__Protobuf__Timestamp *received =
        report->received_at != NULL ? report->received_at : report->recorded_at;
    niva_instant instant;

    niva_letter_put(values, "report_id", report->report_id);
    niva_letter_put(values, "profession_group", report->profession_group);
    niva_letter_put(values, "effective_from", report->effective_from);
    niva_letter_put(values, "received_on", letter_day(receipt->letter, received));
    if (received != NULL && niva_wire_instant(received, &instant)) {
        int64_t minutes = (instant - niva_local_midnight(niva_local_day(instant))) / 60000000;

        niva_letter_put(values, "received_time",
                        niva_arena_printf(receipt->letter->session->arena, "%02d.%02d",
                                          (int)(minutes / 60), (int)(minutes % 60)));
    }
    if (*report->corrects_report_id != '\0')
        niva_letter_put(values, "correction", "YES");
}

bool receipt_gather(struct letter *letter, const char *report_id, struct niva_error *err)
{
    struct receipt receipt = {.letter = letter};
    const Niva__Compliance__V1__RuleSet *rule_set;
    const Segment *segment;
    size_t at;

    if (!report_load(&receipt, report_id, err) || !timeline_load(&receipt, err) ||
        !letter_address(letter, receipt.report->unit, letter->today, err))
        return false;
    at = segment_on(receipt.timeline, receipt.day);
    if (at == receipt.timeline->n_segments)
        return niva_fail_internal(err, "a timeline without the day that was asked for");
    segment = receipt.timeline->segments[at];
    report_put(&receipt);
    verdict_put(&receipt, segment);
    runs_put(&receipt);
    if (*segment->rule_set_id != '\0') {
        if (!rule_set_get(letter->session, segment->rule_set_id, segment->rule_set_version,
                          &rule_set, err))
            return false;
        remark_put(&receipt, rule_set);
    }
    return below_gather(&receipt, at, err);
}
