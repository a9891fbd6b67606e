/* After any edits, and once nothing is pending, what is on record equals the model run from scratch
 * over all facts: the days of the breaches of every kind, and every month as it was last said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/compliance/store.h"
#include "tests/support/office.h"

enum { UNITS = 4, STEPS = 280, STEPS_A_CHECK = 20, REPORTS_MAX = STEPS };

static struct cluster *cluster;

/* A run of edits; the seed is fixed, so that a failure comes again. */
struct edits {
    struct office office;
    unsigned seed;
    int reports;
    char report_unit[REPORTS_MAX];
    bool replaced[REPORTS_MAX];
    int absences;
    int confirmations;
    int rule_set_versions;
    niva_day today;
};

static int roll(struct edits *edits, int sides)
{
    edits->seed = edits->seed * 1103515245U + 12345U;
    return (int)(edits->seed >> 16) % sides;
}

static const char *unit_name(int index)
{
    static const char *const names[UNITS] = {"SE2321000016-A", "SE2321000016-B", "SE2321000016-C",
                                             "SE2321000016-D"};
    return names[index];
}

static const char *some_day(struct edits *edits, int slot)
{
    static char days[4][16];
    niva_day first;
    assert_true(niva_day_parse("2021-12-15", &first));
    niva_day_format(first + roll(edits, 200), days[slot]);
    return days[slot];
}

static const char *later_day(struct edits *edits, const char *from, int slot)
{
    static char days[4][16];
    niva_day first;
    assert_true(niva_day_parse(from, &first));
    niva_day_format(first + roll(edits, 60), days[slot]);
    return days[slot];
}

static void edit_report(struct edits *edits)
{
    char id[16];
    char corrected[16] = "";
    int unit = roll(edits, UNITS);
    int earlier = edits->reports > 0 ? roll(edits, edits->reports) : -1;
    if (earlier >= 0 && !edits->replaced[earlier] && roll(edits, 3) == 0) {
        snprintf(corrected, sizeof corrected, "r%d", earlier);
        unit = edits->report_unit[earlier];
        edits->replaced[earlier] = true;
    }
    snprintf(id, sizeof id, "r%d", edits->reports);
    edits->report_unit[edits->reports++] = (char)unit;
    office_report(&edits->office, id, corrected, unit_name(unit), some_day(edits, 0),
                  roll(edits, 9) * 500);
}

static void edit_withdrawal(struct edits *edits)
{
    char id[16];
    int index = edits->reports > 0 ? roll(edits, edits->reports) : 0;
    if (edits->reports == 0 || edits->replaced[index])
        return;
    edits->replaced[index] = true;
    snprintf(id, sizeof id, "r%d", index);
    office_withdrawal(&edits->office, id, unit_name(edits->report_unit[index]));
}

static void edit_finding(struct edits *edits)
{
    const char *first = some_day(edits, 0);
    office_do(&edits->office, "PutFinding",
              "{\"finding\":{\"unit\":\"%s\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":"
              "\"%s\",\"lastDay\":\"%s\",\"countedMilli\":%d,\"evidence\":\"x\",\"caseNumber\":"
              "\"x\"}}",
              unit_name(roll(edits, UNITS)), first, later_day(edits, first, 0),
              roll(edits, 6) * 500);
}

static void edit_dispensation(struct edits *edits)
{
    const char *first = some_day(edits, 0);
    bool region = roll(edits, 3) == 0;
    office_do(&edits->office, "GrantDispensation",
              "{\"dispensation\":{\"unit\":\"%s\",\"regionCode\":\"%s\",\"professionGroup\":"
              "\"fysioterapeut\",\"firstDay\":\"%s\",\"lastDay\":\"%s\",\"reducedMinimumMilli\":%d,"
              "\"decisionReference\":\"x\"}}",
              region ? "" : unit_name(roll(edits, UNITS)), region ? "99" : "", first,
              later_day(edits, first, 0), roll(edits, 4) * 500);
}

static void edit_absence(struct edits *edits)
{
    char now[32];
    const char *first = some_day(edits, 0);
    niva_instant_format(edits->office.now, now);
    office_event(&edits->office, "absence.notified",
                 "{\"absence\":{\"absenceId\":\"a%d\",\"unit\":\"%s\",\"professionGroup\":"
                 "\"fysioterapeut\",\"positionKey\":\"p%d\",\"firstDay\":\"%s\","
                 "\"expectedLastDay\":\"%s\",\"category\":\"OTHER\",\"version\":1,\"recordedAt\":"
                 "\"%s\",\"recordedBy\":\"local:head\"}}",
                 edits->absences++, unit_name(roll(edits, UNITS)), roll(edits, 3), first,
                 later_day(edits, first, 0), now);
}

static void edit_confirmation(struct edits *edits)
{
    char now[32];
    int report = edits->reports > 0 ? roll(edits, edits->reports) : 0;
    if (edits->reports == 0)
        return;
    niva_instant_format(edits->office.now, now);
    office_event(&edits->office, "report.confirmed",
                 "{\"confirmation\":{\"confirmationId\":\"k%d\",\"unit\":\"%s\","
                 "\"professionGroup\":\"fysioterapeut\",\"asOf\":\"%s\",\"reportId\":\"r%d\","
                 "\"recordedAt\":\"%s\",\"recordedBy\":\"local:head\"}}",
                 edits->confirmations++, unit_name(edits->report_unit[report]), some_day(edits, 0),
                 report, now);
}

static void edit_call(struct edits *edits)
{
    bool region = roll(edits, 3) == 0;
    const char *issued = some_day(edits, 0);
    office_do(&edits->office, "IssueCall",
              "{\"call\":{\"unit\":\"%s\",\"regionCode\":\"%s\",\"professionGroup\":"
              "\"fysioterapeut\",\"issuedOn\":\"%s\",\"currentSince\":\"%s\"}}",
              region ? "" : unit_name(roll(edits, UNITS)), region ? "99" : "", issued,
              some_day(edits, 1));
}

/* The rule set "fysio", most often with short terms for reporting. */
static void put_rule_set(struct edits *edits, const char *first_day, const char *last_day)
{
    const char *reporting = roll(edits, 4) == 0
                                ? ""
                                : "\"reporting\":{\"reportMaxAgeDays\":20,\"changeWithinDays\":10,"
                                  "\"confirmPlannedWithinDays\":5,\"absenceNoticeOverDays\":20,"
                                  "\"absenceWithinDays\":3,\"planWithinDays\":7},";
    office_do(&edits->office, "PutRuleSet",
              "{\"ruleSet\":{\"ruleSetId\":\"fysio\",\"regionCode\":\"99\",\"professionGroup\":"
              "\"fysioterapeut\",\"firstDay\":\"%s\",\"lastDay\":\"%s\",\"severity\":\"BINDING\","
              "\"requirement\":{\"kind\":\"CONTRACTED\"},\"counting\":{\"titleCodes\":[\"FT\"],"
              "\"employments\":[\"EMPLOYED\"],\"absenceThresholdDays\":20},%s"
              "\"regulation\":{\"formula\":\"PRO_RATA\"}}}",
              first_day, last_day, reporting);
}

static void edit_rule_set(struct edits *edits)
{
    static const char *const last_days[] = {"", "2022-03-31", "2022-06-30", "2022-05-31"};
    put_rule_set(edits, roll(edits, 2) == 0 ? "2022-01-01" : "2022-02-01",
                 last_days[roll(edits, 4)]);
}

static void edit_today(struct edits *edits)
{
    char day[16];
    edits->today += roll(edits, 12);
    niva_day_format(edits->today, day);
    office_today(&edits->office, day);
}

static void edit(struct edits *edits)
{
    switch (roll(edits, 12)) {
    case 0:
        edit_withdrawal(edits);
        return;
    case 1:
        edit_finding(edits);
        return;
    case 2:
        edit_dispensation(edits);
        return;
    case 3:
    case 4:
        edit_absence(edits);
        return;
    case 5:
        edit_rule_set(edits);
        return;
    case 6:
        edit_today(edits);
        return;
    case 7:
        office_contract(&edits->office, unit_name(roll(edits, UNITS)), some_day(edits, 0),
                        roll(edits, 6) * 500);
        return;
    case 8:
        edit_confirmation(edits);
        return;
    case 9:
        edit_call(edits);
        return;
    default:
        edit_report(edits);
    }
}

/* The runs of all kinds up to today, from scratch, are the breaches that stand. */
static void check_runs(const struct edits *edits, const struct dossier *dossier,
                       const struct said *said)
{
    struct niva_error err;
    struct niva_timeline timeline;
    struct breach_runs runs;
    niva_day next;
    size_t standing = 0;
    struct niva_arena *arena = edits->office.arena;
    struct niva_span days = {niva_day_read("2019-01-01"), edits->today + 1};
    assert_true(niva_timeline_compute(&dossier->facts, days, false, arena, &timeline, &err));
    assert_true(breach_runs_find(dossier, &timeline, edits->today, arena, &runs, &next, &err));
    for (size_t i = 0; i < said->breach_count; i++) {
        const pb_breach *breach = said->breaches[i].message;
        const char *subject = breach->report_id[0] != '\0' ? breach->report_id : breach->absence_id;
        niva_day last =
            breach->last_day[0] == '\0' ? edits->today : niva_day_read(breach->last_day);
        size_t run = 0;
        if (breach->state != PB_OPEN && breach->state != PB_CLOSED)
            continue;
        standing++;
        while (run < runs.count && (runs.list[run].kind != breach->kind ||
                                    strcmp(runs.list[run].subject, subject) != 0 ||
                                    runs.list[run].days.from != niva_day_read(breach->first_day) ||
                                    runs.list[run].days.until != last + 1))
            run++;
        if (run == runs.count)
            fail_msg("%s: the breach %d %s %s – %s is no run", dossier->unit, (int)breach->kind,
                     subject, breach->first_day, breach->last_day);
        assert_int_equal(breach->state,
                         last == edits->today && !runs.list[run].settled ? PB_OPEN : PB_CLOSED);
    }
    assert_int_equal(standing, runs.count);
}

/* Recomputed from all facts, with nothing of what was said of months forgotten, nothing is new. */
static void check_unit(struct edits *edits, const char *unit)
{
    struct niva_error err;
    struct office *office = &edits->office;
    struct records own;
    struct records regional;
    struct dossier dossier;
    struct said *said = NULL;
    size_t count = 0;
    struct recomputed done;
    const char *region = "99";
    assert_true(store_units(office->pg, &unit, 1, office->arena, &own, &err));
    assert_true(store_regions(office->pg, &region, 1, office->arena, &regional, &err));
    assert_true(store_said(office->pg, &unit, 1, office->arena, &count, &said, &err));
    assert_int_equal(count, 1);
    assert_true(dossier_make(unit, "fysioterapeut", INT64_MAX, &own, &regional, office->arena,
                             &dossier, &err));
    const struct recompute input = {.dossier = &dossier,
                                    .today = edits->today,
                                    .recorded_at = office->now,
                                    .cause = PB_NEW_DAY,
                                    .caused_by = "check",
                                    .breach_count = said->breach_count,
                                    .breaches = said->breaches,
                                    .month_count = said->month_count,
                                    .months = said->months,
                                    .forecast = said->forecast};
    assert_true(recompute(&input, office->arena, &done, &err));
    assert_int_equal(done.breach_count, 0);
    if (done.month_count > 0)
        fail_msg("%s %s: what was said is stale", unit, done.months[0].content->month);
    if (done.forecast.said)
        fail_msg("%s: what was forecast is stale", unit);
    check_runs(edits, &dossier, said);
}

static void what_stands_equals_the_model_from_scratch(void **state)
{
    (void)state;
    static struct edits edits;
    const char *database = office_database(cluster);
    edits.seed = 20220623;
    assert_true(niva_day_parse("2022-01-03", &edits.today));
    office_open(&edits.office, cluster, database, "2022-01-03T08:00:00Z");
    put_rule_set(&edits, "2022-01-01", "");
    for (int i = 0; i < UNITS; i++) {
        office_unit(&edits.office, unit_name(i), "2020-01-01");
        office_contract(&edits.office, unit_name(i), "2022-01-01", 2000);
    }
    for (int step = 1; step <= STEPS; step++) {
        edit(&edits);
        if (step % STEPS_A_CHECK != 0)
            continue;
        office_settle(&edits.office);
        for (int i = 0; i < UNITS; i++)
            check_unit(&edits, unit_name(i));
    }
    /* the seed led through every kind and every fate of a breach */
    static const struct {
        const char *column;
        int last;
    } columns[] = {{"state", PB_MERGED}, {"kind", PB_ABSENCE_PLAN_MISSING}};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        for (int value = 1; value <= columns[i].last; value++) {
            char sql[100];
            snprintf(sql, sizeof sql,
                     "SELECT count(*) FROM compliance.breach_version WHERE %s = %d",
                     columns[i].column, value);
            if (office_count(cluster, database, sql) == 0)
                fail_msg("no breach ever was of %s %d", columns[i].column, value);
        }
    }
    assert_true(office_count(cluster, database,
                             "SELECT count(*) FROM compliance.event WHERE type ="
                             " 'se.niva.compliance.forecast.changed.v1'") > STEPS / 10);
    office_close(&edits.office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_equals_the_model_from_scratch),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
