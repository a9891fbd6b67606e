/* What is asked in advance is what comes about: a preview against the timeline, the breaches and
 * the adjustments once the same report or absence is filed, a dry run against them once the same
 * rule set is put. Asking leaves no trace. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "tests/support/process.h"
#include "tests/support/system.h"

#define GROUP "fysioterapeut"
#define TODAY "2022-06-15"

typedef Niva__Compliance__V1__PreviewResponse Preview;
typedef Niva__Compliance__V1__DryRunRuleSetResponse DryRun;
typedef Niva__Compliance__V1__GetTimelineResponse Timeline;
typedef Niva__Compliance__V1__Segment Segment;
typedef Niva__Compensation__V1__ListAdjustmentsResponse Adjustments;

enum { UNITS = 3, CASES = 24, HEADS = 256, JSON_BYTES = 4000 };

static struct {
    struct system *system;
    struct niva_arena *arena;
    uint64_t random;
    int reports; /* filed by the cases */
} site;

static int chance(int below)
{
    site.random ^= site.random << 13;
    site.random ^= site.random >> 7;
    site.random ^= site.random << 17;
    return (int)(site.random % (uint64_t)below);
}

static const char *unit_name_of(int unit)
{
    static char names[UNITS][32];

    snprintf(names[unit], sizeof names[unit], "SE2321000016-P%03d", unit);
    return names[unit];
}

/* ---- a small region ---- */

#define RULE_SET(id, version_of, formula, threshold, floor)                                        \
    "'ruleSet': {'ruleSetId': '" id "', 'regionCode': '19', 'professionGroup': '" GROUP            \
    "', 'firstDay': '" version_of "', 'severity': 'BINDING', 'requirement':"                       \
    " {'kind': 'CONTRACTED', 'floorMilli': " floor "}, 'counting': {'titleCodes': ['FT', 'SG'],"   \
    " 'employments': ['EMPLOYED', 'SUBSTITUTE', 'HIRED'], 'absenceThresholdDays': " threshold      \
    ", 'hiredCapPermille': 400}, 'regulation': {" formula "}}"

static void unit_tell(int unit)
{
    const char *name = unit_name_of(unit);

    system_tell(site.system, site.arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '%s', 'name': 'Vårdcentralen %d (fiktiv)', 'regionCode': '19',"
                " 'owners': [{'orgNumber': '2321000016', 'form': 'REGION_RUN',"
                " 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01'}}",
                name, unit);
    system_tell(site.system, site.arena, "niva.compliance.v1.RequirementService/PutContract",
                "{'contract': {'unit': '%s', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'minimumMilli': %d}}",
                name, 1500 + 250 * unit);
    system_tell(site.system, site.arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{'component': {'component': 'fysioterapi', 'unit': '%s', 'professionGroup':"
                " '" GROUP "', 'firstDay': '2022-01-01', 'monthlyOre': '%d', 'regulated': true}}",
                name, 10000000 + 333333 * unit);
    system_tell(site.system, site.arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{'component': {'component': 'fysioterapi', 'unit': '%s', 'professionGroup':"
                " '" GROUP "', 'firstDay': '2022-04-01', 'monthlyOre': '%d', 'regulated': true}}",
                name, 12000000 + 77777 * unit);
    system_tell(site.system, site.arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{'component': {'component': 'rehab', 'unit': '%s', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-02-01', 'monthlyOre': '1000001', 'regulated': true}}",
                name);
    system_tell(site.system, site.arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{'component': {'component': 'grund', 'unit': '%s', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'monthlyOre': '90000000', 'regulated': false}}",
                name);
}

static int region_tell(void **state)
{
    (void)state;
    site.system = system_new(true);
    site.arena = niva_arena_new(256 << 20);
    site.random = UINT64_C(20220623);
    system_today(site.system, "2022-01-03");
    system_tell(site.system, site.arena, "niva.compliance.v1.RuleService/PutRuleSet",
                "{" RULE_SET("fysio", "2022-01-01", "'formula': 'PRO_RATA', 'graceDays': 3", "30",
                             "0") "}");
    for (int unit = 0; unit < UNITS; unit++)
        unit_tell(unit);
    system_tell(site.system, site.arena, "niva.compliance.v1.DispensationService/GrantDispensation",
                "{'dispensation': {'unit': '%s', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-03-10', 'lastDay': '2022-03-25', 'reducedMinimumMilli': 900,"
                " 'decisionReference': 'FIKTIV-1'}}",
                unit_name_of(1));
    system_today(site.system, TODAY);
    return 0;
}

static int region_end(void **state)
{
    (void)state;
    system_free(site.system);
    niva_arena_free(site.arena);
    return 0;
}

/* ---- asking ---- */

static void heads_take(char ret_heads[HEADS])
{
    system_wait(site.system);
    snprintf(ret_heads, HEADS, "%s %s", system_heads(site.system),
             system_sql(site.system, "SELECT count(*) FROM compliance.component_amount"));
}

static const Preview *preview_ask(const char *unit, const char *what, const char *days)
{
    char before[HEADS];
    char after[HEADS];
    const void *reply;

    heads_take(before);
    reply = system_tell(site.system, site.arena, "niva.compliance.v1.ComplianceService/Preview",
                        "{'unit': '%s', 'professionGroup': '" GROUP "'%s%s%s}", unit,
                        *what != '\0' ? ", " : "", what, days);
    heads_take(after);
    assert_string_equal(after, before);
    return reply;
}

static const Timeline *timeline_ask(const char *unit, const char *first, const char *last)
{
    return (const void *)system_tell(
        site.system, site.arena, "niva.compliance.v1.ComplianceService/GetTimeline",
        "{'unit': '%s', 'professionGroup': '" GROUP "', 'firstDay': '%s', 'lastDay': '%s'}", unit,
        first, last);
}

static const Adjustments *adjustments_ask(const char *unit)
{
    return (const void *)system_tell(
        site.system, site.arena, "niva.compensation.v1.AdjustmentService/ListAdjustments",
        "{'unit': '%s', 'professionGroup': '" GROUP "', 'pageSize': 1000}", unit);
}

/* What the open lines of a month and component take; "" stands for any. */
static int64_t taken(const Adjustments *adjustments, const char *period, const char *component)
{
    int64_t sum = 0;

    assert_string_equal(adjustments->next_page_token, "");
    for (size_t i = 0; i < adjustments->n_adjustments; i++) {
        const Niva__Compensation__V1__Adjustment *line = adjustments->adjustments[i];

        if ((line->state == NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY ||
             line->state == NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PROPOSED) &&
            (*period == '\0' || strcmp(line->period, period) == 0) &&
            (*component == '\0' || strcmp(line->component, component) == 0))
            sum += line->deduction_ore;
    }
    return sum;
}

/* ---- what came about ---- */

static const char *named(const char *id, const char *filed)
{
    return strcmp(id, "hypothetical") == 0 ? filed : id;
}

static void segment_same(const Segment *asked, const Segment *told, const char *filed,
                         const char *what)
{
    bool same = strcmp(asked->first_day, told->first_day) == 0 &&
                strcmp(asked->last_day, told->last_day) == 0 && asked->status == told->status &&
                asked->required_milli == told->required_milli &&
                asked->counted_milli == told->counted_milli &&
                asked->shortfall_milli == told->shortfall_milli &&
                asked->planned == told->planned &&
                asked->rule_set_version == told->rule_set_version &&
                strcmp(asked->dispensation_id, told->dispensation_id) == 0 &&
                strcmp(named(asked->report_id, filed), told->report_id) == 0 &&
                asked->n_absence_ids == told->n_absence_ids;

    for (size_t i = 0; same && i < told->n_absence_ids; i++)
        same = strcmp(named(asked->absence_ids[i], filed), told->absence_ids[i]) == 0;
    if (!same)
        fail_msg("%s: expected %s–%s status %d %d/%d report %s, previewed %s–%s status %d %d/%d"
                 " report %s",
                 what, told->first_day, told->last_day, (int)told->status, told->counted_milli,
                 told->required_milli, told->report_id, asked->first_day, asked->last_day,
                 (int)asked->status, asked->counted_milli, asked->required_milli, asked->report_id);
}

static void timeline_same(const Preview *preview, const char *unit, const char *filed,
                          const char *what)
{
    const Timeline *timeline = timeline_ask(unit, preview->first_day, preview->last_day);
    int32_t below = 0;

    if (timeline->n_segments != preview->n_segments)
        fail_msg("%s: expected %zu segments, previewed %zu", what, timeline->n_segments,
                 preview->n_segments);
    for (size_t i = 0; i < timeline->n_segments; i++) {
        const Segment *segment = timeline->segments[i];
        niva_day first;
        niva_day last;

        segment_same(preview->segments[i], segment, filed, what);
        assert_true(niva_day_parse(segment->first_day, &first));
        assert_true(niva_day_parse(segment->last_day, &last));
        if (segment->status == NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM)
            below += last - first + 1;
    }
    assert_int_equal(preview->below_days, below);
    assert_int_equal(preview->n_uncounted, timeline->n_uncounted);
    for (size_t i = 0; i < timeline->n_uncounted; i++) {
        assert_string_equal(preview->uncounted[i]->position_key,
                            timeline->uncounted[i]->position_key);
        assert_int_equal(preview->uncounted[i]->reason, timeline->uncounted[i]->reason);
        assert_string_equal(preview->uncounted[i]->last_day, timeline->uncounted[i]->last_day);
        assert_int_equal(preview->uncounted[i]->fte_milli, timeline->uncounted[i]->fte_milli);
    }
}

/* Those that have begun are on record, from the same day; one that goes on today has no end. */
static void breaches_same(const Preview *preview, const char *unit, const char *what)
{
    const Niva__Compliance__V1__ListBreachesResponse *list = (const void *)system_tell(
        site.system, site.arena, "niva.compliance.v1.ComplianceService/ListBreaches",
        "{'unit': '%s', 'kind': 'BELOW_MINIMUM', 'pageSize': 1000}", unit);

    for (size_t i = 0; i < preview->n_breaches; i++) {
        bool found = preview->breaches[i]->planned;

        for (size_t k = 0; k < list->n_breaches; k++) {
            const Niva__Compliance__V1__Breach *breach = list->breaches[k];
            const char *last = breach->last_day;

            if (breach->state == NIVA__COMPLIANCE__V1__BREACH__STATE__OPEN)
                last = preview->breaches[i]->last_day;
            found = found || ((breach->state == NIVA__COMPLIANCE__V1__BREACH__STATE__OPEN ||
                               breach->state == NIVA__COMPLIANCE__V1__BREACH__STATE__CLOSED) &&
                              strcmp(breach->first_day, preview->breaches[i]->first_day) == 0 &&
                              (strcmp(last, preview->breaches[i]->last_day) == 0 ||
                               strcmp(last, preview->last_day) > 0));
        }
        if (!found)
            fail_msg("%s: previewed a breach %s–%s that did not come about", what,
                     preview->breaches[i]->first_day, preview->breaches[i]->last_day);
    }
}

/* `before` are the lines before it was filed. */
static void amounts_same(const Preview *preview, const char *unit, const Adjustments *before,
                         const char *what)
{
    const Adjustments *after = adjustments_ask(unit);
    int64_t sum = 0;
    int64_t without = 0;

    for (size_t i = 0; i < preview->n_deductions; i++) {
        const Niva__Compliance__V1__PreviewResponse__Deduction *deduction = preview->deductions[i];
        int64_t told = taken(after, deduction->period, deduction->component);
        int64_t told_before = taken(before, deduction->period, deduction->component);

        if (deduction->to_date_ore != told || deduction->to_date_without_ore != told_before)
            fail_msg("%s, %s %s: expected %" PRId64 " without and %" PRId64
                     " with, previewed %" PRId64 " and %" PRId64,
                     what, deduction->period, deduction->component, told_before, told,
                     deduction->to_date_without_ore, deduction->to_date_ore);
        if (strcmp(deduction->period, "2022-06") < 0)
            assert_int_equal(deduction->deduction_ore, deduction->to_date_ore);
        sum += deduction->deduction_ore;
        without += deduction->without_ore;
    }
    assert_int_equal(preview->deduction_ore, sum);
    assert_int_equal(preview->without_ore, without);
}

/* ---- random cases ---- */

static void positions_write(char *text, size_t size)
{
    static const char *const titles[] = {"FT", "FT", "SG", "NA"};
    static const char *const employments[] = {"EMPLOYED", "EMPLOYED", "HIRED", "SUBCONTRACTED"};
    size_t at = 0;

    text[0] = '\0';
    for (int i = 0; i < 1 + chance(4); i++)
        at += (size_t)snprintf(text + at, size - at,
                               "%s{'positionKey': 'p-%d', 'titleCode': '%s', 'employment': '%s',"
                               " 'fteMilli': %d, 'licensed': %s%s}",
                               i > 0 ? ", " : "", i, titles[chance(4)], employments[chance(4)],
                               125 * (1 + chance(8)), chance(6) > 0 ? "true" : "false",
                               chance(4) == 0 ? ", 'lastDay': '2022-07-20'" : "");
}

static void report_write(char *text, const char *unit, const char *corrects)
{
    char positions[2000];

    positions_write(positions, sizeof positions);
    snprintf(text, JSON_BYTES,
             "'report': {'unit': '%s', 'professionGroup': '" GROUP
             "', 'effectiveFrom': '2022-%02d-%02d', 'positions': [%s], 'correctsReportId': '%s'}",
             unit, 1 + chance(8), 1 + chance(28), positions, corrects);
}

static void absence_write(char *text, const char *unit)
{
    int month = 1 + chance(8);
    int day = 1 + chance(28);
    char last[40] = "";

    if (chance(4) > 0)
        snprintf(last, sizeof last, "2022-%02d-%02d", month + 1 + chance(3), day);
    snprintf(text, JSON_BYTES,
             "'absence': {'unit': '%s', 'professionGroup': '" GROUP
             "', 'positionKey': 'p-%d', 'firstDay': '2022-%02d-%02d', 'expectedLastDay': '%s',"
             " 'absentMilli': %d, 'cover': [{'positionKey': 'vik-%d', 'titleCode': 'FT',"
             " 'employment': 'SUBSTITUTE', 'fteMilli': %d, 'licensed': true}]}",
             unit, chance(3), month, day, last, 125 * (1 + chance(8)), chance(100),
             125 * chance(6));
}

/* Files what was previewed; answers its id. */
static const char *file(bool absence, const char *what)
{
    if (absence)
        return ((const Niva__Intake__V1__NotifyAbsenceResponse *)system_tell(
                    site.system, site.arena, "niva.intake.v1.AbsenceService/NotifyAbsence", "{%s}",
                    what))
            ->absence->absence_id;
    return ((const Niva__Intake__V1__SubmitReportResponse *)system_tell(
                site.system, site.arena, "niva.intake.v1.ReportService/SubmitReport", "{%s}", what))
        ->report->report_id;
}

static void previews_are_what_comes_about(void **state)
{
    static char last_report[UNITS][40];

    (void)state;
    for (int i = 0; i < CASES; i++) {
        int index = chance(UNITS);
        const char *unit = unit_name_of(index);
        bool absence = i > 3 && chance(2) == 0;
        char what[JSON_BYTES];
        const Preview *preview;
        const Adjustments *before;
        const char *filed;

        if (absence)
            absence_write(what, unit);
        else
            report_write(what, unit, chance(3) == 0 ? last_report[index] : "");
        before = adjustments_ask(unit);
        preview = preview_ask(unit, what,
                              chance(2) == 0 ? ""
                                             : ", 'firstDay': '2022-01-01', 'lastDay':"
                                               " '2022-08-31'");
        filed = file(absence, what);
        if (!absence)
            snprintf(last_report[index], sizeof last_report[index], "%s", filed);
        system_wait(site.system);
        timeline_same(preview, unit, filed, what);
        breaches_same(preview, unit, what);
        amounts_same(preview, unit, before, what);
        niva_arena_reset(site.arena);
    }
}

/* ---- rule sets ---- */

#define TRIED                                                                                      \
    RULE_SET("fysio", "2022-01-01",                                                                \
             "'formula': 'PER_STARTED_MONTH', 'permille': 70, 'roundingUnitOre': 100", "14",       \
             "2250")

static const DryRun *dry_run_ask(const char *rule_set)
{
    char before[HEADS];
    char after[HEADS];
    const void *reply;

    heads_take(before);
    reply =
        system_tell(site.system, site.arena, "niva.compliance.v1.ComplianceService/DryRunRuleSet",
                    "{%s, 'firstDay': '2022-01-01', 'lastDay': '2022-05-31'}", rule_set);
    heads_take(after);
    assert_string_equal(after, before);
    return reply;
}

static int32_t days_below(const char *unit)
{
    const Timeline *timeline = timeline_ask(unit, "2022-01-01", "2022-05-31");
    int32_t below = 0;

    for (size_t i = 0; i < timeline->n_segments; i++) {
        niva_day first;
        niva_day last;

        assert_true(niva_day_parse(timeline->segments[i]->first_day, &first));
        assert_true(niva_day_parse(timeline->segments[i]->last_day, &last));
        if (timeline->segments[i]->status == NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM)
            below += last - first + 1;
    }
    return below;
}

/* What the system says of the months that have ended. */
static void outcome_same(const DryRun *run, bool new)
{
    int64_t sum = 0;
    int32_t below = 0;
    int64_t months = 0;

    assert_int_equal(run->n_units, UNITS);
    for (int unit = 0; unit < UNITS; unit++) {
        const Niva__Compliance__V1__DryRunRuleSetResponse__Unit *row = run->units[unit];
        const Adjustments *adjustments = adjustments_ask(unit_name_of(unit));
        int64_t told = taken(adjustments, "", "") - taken(adjustments, "2022-06", "");

        assert_string_equal(row->unit, unit_name_of(unit));
        assert_int_equal(new ? row->new_breach_days : row->old_breach_days,
                         days_below(unit_name_of(unit)));
        assert_int_equal(new ? row->new_deduction_ore : row->old_deduction_ore, told);
        below += new ? row->new_breach_days : row->old_breach_days;
        sum += told;
    }
    for (size_t i = 0; i < run->n_months; i++)
        months += new ? run->months[i]->new_deduction_ore : run->months[i]->old_deduction_ore;
    assert_int_equal(new ? run->new_deduction_ore : run->old_deduction_ore, sum);
    assert_int_equal(new ? run->new_breach_days : run->old_breach_days, below);
    assert_int_equal(months, sum);
}

static void a_dry_run_is_what_comes_about(void **state)
{
    const DryRun *run = dry_run_ask(TRIED);
    const DryRun *other;

    (void)state;
    assert_int_equal(run->n_replaces, 0);
    outcome_same(run, false);
    if (run->old_deduction_ore == run->new_deduction_ore)
        fail_msg("the rule set changes nothing: %" PRId64, run->new_deduction_ore);
    /* a new one that begins later holds from then on, and says in whose place */
    other = dry_run_ask(RULE_SET("annat", "2022-03-01", "'formula': 'ALL_OR_NOTHING'", "30", "0"));
    assert_int_equal(other->n_replaces, 1);
    assert_string_equal(other->replaces[0]->rule_set_id, "fysio");
    assert_string_equal(other->replaces[0]->first_day, "2022-03-01");
    assert_string_equal(other->replaces[0]->last_day, "");
    for (size_t i = 0; i < other->n_months; i++)
        if (strcmp(other->months[i]->period, "2022-03") < 0)
            assert_int_equal(other->months[i]->new_deduction_ore,
                             other->months[i]->old_deduction_ore);
    system_tell(site.system, site.arena, "niva.compliance.v1.RuleService/PutRuleSet",
                "{" TRIED "}");
    system_wait(site.system);
    outcome_same(run, true);
    run = dry_run_ask(TRIED);
    outcome_same(run, false);
    outcome_same(run, true);
}

/* ---- refusals ---- */

static void refused(const char *method, const char *json, enum niva_code code, const char *field,
                    const char *reason)
{
    char before[HEADS];
    char after[HEADS];
    char name[128];
    ProtobufCMessage *reply;
    struct niva_error err;

    snprintf(name, sizeof name, "niva.compliance.v1.ComplianceService/%s", method);
    heads_take(before);
    if (system_call(site.system, name, json, NULL, site.arena, &reply, &err))
        fail_msg("%s %s: expected %s, actual OK", method, json, reason);
    if (err.code != code || err.violation_count == 0 ||
        strcmp(err.violations[0].field, field) != 0 ||
        strcmp(err.violations[0].reason, reason) != 0)
        fail_msg("%s %s: expected %s %s %s, actual %s %s %s", method, json,
                 niva_code_name((int)code), field, reason, niva_code_name((int)err.code),
                 err.violation_count > 0 ? err.violations[0].field : "",
                 err.violation_count > 0 ? err.violations[0].reason : "");
    heads_take(after);
    assert_string_equal(after, before);
}

#define OF "'unit': 'SE2321000016-P000', 'professionGroup': '" GROUP "'"

static void bad_questions_are_refused(void **state)
{
    static const struct {
        const char *json;
        enum niva_code code;
        const char *field;
        const char *reason;
    } cases[] = {
        {"{'unit': 'SE2321000016-NONE', 'professionGroup': '" GROUP "'}", NIVA_NOT_FOUND, "unit",
         "UNIT_UNKNOWN"},
        {"{" OF ", 'report': {'effectiveFrom': '2022-06-31'}}", NIVA_INVALID_ARGUMENT,
         "report.effectiveFrom", "DAY_MALFORMED"},
        {"{" OF ", 'report': {'effectiveFrom': '2022-06-30', 'positions': [{'positionKey': 'p',"
         " 'titleCode': 'ft', 'employment': 'EMPLOYED'}]}}",
         NIVA_INVALID_ARGUMENT, "report.positions[0].titleCode", "TITLE_MALFORMED"},
        {"{" OF ", 'report': {'unit': 'SE2321000016-P001', 'effectiveFrom': '2022-06-30'}}",
         NIVA_INVALID_ARGUMENT, "report.unit", "ANOTHER_SUBJECT"},
        {"{" OF ", 'report': {'effectiveFrom': '2019-12-31'}}", NIVA_FAILED_PRECONDITION,
         "SE2321000016-P000", "UNIT_NOT_OPEN_YET"},
        {"{" OF ", 'report': {'effectiveFrom': '2022-06-01', 'correctsReportId':"
         " '0190163d-8694-739b-aea5-966c26f8ad91'}}",
         NIVA_NOT_FOUND, "report.correctsReportId", "REPORT_UNKNOWN"},
        {"{" OF ", 'report': {'effectiveFrom': '2022-06-01', 'receivedAt':"
         " '2022-06-17T00:00:00Z'}}",
         NIVA_INVALID_ARGUMENT, "report.receivedAt", "RECEIVED_AFTER_RECORDED"},
        {"{" OF ", 'absence': {'positionKey': 'p', 'firstDay': '2022-06-10',"
         " 'expectedLastDay': '2022-06-01'}}",
         NIVA_INVALID_ARGUMENT, "absence.expectedLastDay", "LAST_DAY_BEFORE_FIRST"},
        {"{" OF ", 'absence': {'positionKey': 'p', 'firstDay': '2019-06-10',"
         " 'expectedLastDay': '2019-06-20'}}",
         NIVA_FAILED_PRECONDITION, "SE2321000016-P000", "UNIT_NOT_OPEN_YET"},
        {"{" OF ", 'firstDay': '2022-06-10', 'lastDay': '2022-06-09'}", NIVA_INVALID_ARGUMENT,
         "lastDay", "LAST_DAY_BEFORE_FIRST"},
        {"{" OF ", 'firstDay': '2002-06-10', 'lastDay': '2022-06-09'}", NIVA_INVALID_ARGUMENT,
         "lastDay", "TOO_LONG"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused("Preview", cases[i].json, cases[i].code, cases[i].field, cases[i].reason);
    refused("DryRunRuleSet", "{'firstDay': '2022-01-01', 'lastDay': '2022-05-31'}",
            NIVA_INVALID_ARGUMENT, "ruleSet", "REQUIRED");
    refused("DryRunRuleSet",
            "{" RULE_SET("fysio", "2022-01-02", "'formula': 'NONE'", "30",
                         "0") ", 'firstDay':"
                              " '2022-01-01', 'lastDay': '2022-05-31'}",
            NIVA_INVALID_ARGUMENT, "ruleSet.firstDay", "NOT_WHOLE_MONTHS");
    refused("DryRunRuleSet",
            "{" RULE_SET("fysio", "2022-01-01", "'formula': 'NONE'", "30",
                         "0") ", 'firstDay':"
                              " '2022-06-01', 'lastDay': '2022-05-31'}",
            NIVA_INVALID_ARGUMENT, "lastDay", "LAST_DAY_BEFORE_FIRST");
}

/* ---- without compensation ---- */

static void compliance_needs_no_compensation(void **state)
{
    const Preview *preview;

    (void)state;
    system_stop(site.system, PART_COMPENSATION);
    system_stop(site.system, PART_COMPLIANCE);
    system_start(site.system, PART_COMPLIANCE, NULL);
    preview = (const void *)system_tell(site.system, site.arena,
                                        "niva.compliance.v1.ComplianceService/Preview",
                                        "{" OF ", 'report': {'effectiveFrom': '2022-06-01'}}");
    assert_true(preview->n_deductions > 0);
    assert_true(preview->deduction_ore > 0);
    assert_string_equal(preview->last_day, "2022-09-30");
    system_start(site.system, PART_COMPENSATION, NULL);
    /* what was told meanwhile comes */
    system_tell(site.system, site.arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{'component': {'component': 'nytt', " OF
                ", 'firstDay': '2022-01-01', 'monthlyOre': '100', 'regulated': true}}");
    system_wait(site.system);
    assert_string_equal(system_sql(site.system, "SELECT count(*) FROM compliance.component_amount"),
                        "13");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(previews_are_what_comes_about),
        cmocka_unit_test(bad_questions_are_refused),
        cmocka_unit_test(a_dry_run_is_what_comes_about),
        cmocka_unit_test(compliance_needs_no_compensation),
    };
    int failed = cmocka_run_group_tests(tests, region_tell, region_end);

    return failed ? 1 : 0;
}
