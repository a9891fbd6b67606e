/* A new rule set and days over all units, worked off between batches, with compliance killed
 * (SIGKILL) in the middle: what was left is done, what was done is not done or said again, and the
 * end is that of an unbroken run. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "tests/support/compare.h"
#include "tests/support/follower.h"
#include "tests/support/process.h"

enum {
    UNITS = 120,
    SHORT_EVERY = 3, /* every third unit is below its minimum */
    MONTHS = 6,      /* January to June 2022 */
    TRIES = 20,      /* to kill in the middle */
    LOOKED_MS = 10000,
};

struct story {
    struct system *system;
    struct niva_arena *arena;
    struct follower *follower;
    int64_t position; /* of compliance, when the present change was begun */
    int64_t recomputed;
};

/* ---- looking ---- */

static int64_t figure(const struct story *story, const char *sql)
{
    return strtoll(system_sql(story->system, sql), NULL, 10);
}

static int64_t dirty(const struct story *story)
{
    return figure(story, "SELECT count(*) FROM compliance.dirty");
}

static int64_t recomputed(const struct story *story)
{
    return figure(story, "SELECT sum(recomputed) FROM compliance.unit_group_state");
}

/* Events of a type since the change was begun. */
static int64_t said(const struct story *story, const char *type)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM compliance.event WHERE type = 'se.niva.compliance.%s.v1'"
             " AND position > %" PRId64,
             type, story->position);
    return figure(story, sql);
}

/* Units of which something else than `times` events of a type was said. */
static int64_t said_otherwise(const struct story *story, const char *type, int times)
{
    char sql[384];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM (SELECT FROM compliance.event WHERE type ="
             " 'se.niva.compliance.%s.v1' AND position > %" PRId64
             " GROUP BY subject HAVING count(*) <> %d) AS otherwise",
             type, story->position, times);
    return figure(story, sql);
}

static void change_begin(struct story *story)
{
    story->position = figure(story, "SELECT position FROM compliance.stream_head");
    story->recomputed = recomputed(story);
}

/* ---- what happens ---- */

static void rule_set_publish(struct story *story, int tolerance_milli)
{
    system_tell(story->system, story->arena, "niva.compliance.v1.RuleService/PutRuleSet",
                "{'ruleSet': {'ruleSetId': 'fysio', 'regionCode': '99', 'professionGroup':"
                " 'fysioterapeut', 'firstDay': '2022-01-01', 'severity': 'BINDING', 'requirement':"
                " {'kind': 'CONTRACTED'}, 'counting': {'titleCodes': ['FT'], 'employments':"
                " ['EMPLOYED'], 'toleranceMilli': %d}, 'regulation': {'formula': 'PRO_RATA'}}}",
                tolerance_milli);
}

static void unit_file(struct story *story, int number)
{
    char unit[32];
    snprintf(unit, sizeof unit, "SE2321000016-REGEL%03d", number);
    system_tell(story->system, story->arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '%s', 'name': 'Enhet %d (fiktiv)', 'regionCode': '99',"
                " 'openedOn': '2021-01-01', 'owners': [{'orgNumber': '2321000016', 'form':"
                " 'REGION_RUN', 'firstDay': '2021-01-01'}]}}",
                unit, number);
    system_tell(story->system, story->arena, "niva.compliance.v1.RequirementService/PutContract",
                "{'contract': {'unit': '%s', 'professionGroup': 'fysioterapeut', 'firstDay':"
                " '2022-01-01', 'minimumMilli': 1000}}",
                unit);
    system_tell(story->system, story->arena, "niva.intake.v1.ReportService/SubmitReport",
                "{'report': {'unit': '%s', 'professionGroup': 'fysioterapeut', 'effectiveFrom':"
                " '2022-01-01', 'reason': 'PERIODIC', 'positions': [{'positionKey': 'p1',"
                " 'titleCode': 'FT', 'employment': 'EMPLOYED', 'fteMilli': %d, 'licensed':"
                " true}]}}",
                unit, number % SHORT_EVERY == 0 ? 750 : 1000);
    niva_arena_reset(story->arena);
}

static void begin(struct story *story)
{
    *story = (struct story){.system = system_new(true), .arena = niva_arena_new(16 << 20)};
    assert_non_null(story->arena);
    system_begin_day(story->system, niva_day_from_civil(2022, 6, 1), INT64_MIN);
    rule_set_publish(story, 0);
    for (int number = 0; number < UNITS; number++)
        unit_file(story, number);
    system_wait(story->system);
    story->follower = follower_start(story->system, PART_COMPLIANCE);
}

/* Kills compliance when some of what the change made dirty is done and some is not; false when it
 * was all done before one looked. */
static bool kill_in_the_middle(struct story *story)
{
    int64_t until = niva_clock_monotonic_ms() + LOOKED_MS;
    int64_t left;
    do {
        if (niva_clock_monotonic_ms() > until)
            fail_msg("nothing was worked off");
        left = dirty(story);
    } while (left == UNITS || recomputed(story) == story->recomputed);
    system_kill(story->system, PART_COMPLIANCE);
    left = dirty(story);
    print_message("killed with %" PRId64 " of %d left\n", left, UNITS);
    /* in one snapshot: the database may still commit what it was sent last */
    assert_int_equal(figure(story, "SELECT sum(recomputed) + (SELECT count(*) FROM"
                                   " compliance.dirty) FROM compliance.unit_group_state") -
                         story->recomputed,
                     UNITS);
    system_start(story->system, PART_COMPLIANCE, NULL);
    system_wait(story->system);
    return left > 0;
}

/* Every unit was recomputed once, and every month said once. */
static void change_judge(const struct story *story, int months)
{
    assert_int_equal(dirty(story), 0);
    assert_int_equal(recomputed(story) - story->recomputed, UNITS);
    assert_int_equal(said(story, "timeline.changed"), UNITS * months);
    assert_int_equal(said_otherwise(story, "timeline.changed", months), 0);
}

static void rule_sets_are_worked_off(struct story *story)
{
    bool killed = false;
    bool tolerant = false;
    for (int try = 0; try < TRIES && !(killed && !tolerant); try++) {
        tolerant = !tolerant;
        change_begin(story);
        rule_set_publish(story, tolerant ? 250 : 0);
        killed |= kill_in_the_middle(story);
        change_judge(story, MONTHS);
        assert_int_equal(said(story, tolerant ? "breach.withdrawn" : "breach.opened"),
                         UNITS / SHORT_EVERY);
        assert_int_equal(said_otherwise(story, tolerant ? "breach.withdrawn" : "breach.opened", 1),
                         0);
    }
    assert_true(killed && !tolerant);
}

/* Forty days at a time; the first of July gives every unit a new month to speak of. */
static void days_are_worked_off(struct story *story)
{
    change_begin(story);
    system_begin_day(story->system, niva_day_from_civil(2022, 7, 11), INT64_MIN);
    kill_in_the_middle(story);
    change_judge(story, 1);
    assert_int_equal(said(story, "day.begun"), 40);
    assert_int_equal(
        figure(story, "SELECT count(*) FROM (SELECT convert_from(substring(data FROM 3), 'UTF8')"
                      "::date - lag(convert_from(substring(data FROM 3), 'UTF8')::date) OVER"
                      " (ORDER BY position) AS step FROM compliance.event WHERE type ="
                      " 'se.niva.compliance.day.begun.v1') AS days WHERE step <> 1"),
        0);
    assert_string_equal(system_sql(story->system, "SELECT day FROM compliance.business_day"),
                        "2022-07-11");
}

static void end(struct story *story)
{
    char digest[33];
    struct compared compared = compare_with_model(story->system);
    assert_int_equal(compared.units, UNITS);
    assert_int_equal(compared.differing, 0);
    assert_int_equal(compared.breaches, UNITS / SHORT_EVERY);
    assert_string_equal(
        follower_finish(story->follower,
                        figure(story, "SELECT position FROM compliance.stream_head"), digest),
        "");
    follower_free(story->follower);
    niva_arena_free(story->arena);
    system_free(story->system);
}

static void changes_of_everything_survive_a_kill(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    rule_sets_are_worked_off(&story);
    days_are_worked_off(&story);
    end(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_of_everything_survive_a_kill),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
