/* Invariant 2 of the architecture, seen from the consumers: two systems are told the same, one
 * command after the other; in one of them compliance and compensation are killed (SIGKILL) again
 * and again in the middle of their streams. Both end in the same state. `test_replica [SEED]`. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/compare.h"
#include "tests/support/load.h"
#include "tests/support/process.h"

enum {
    SEED = 35918,
    COMMANDS = 240,
    A_DAY = 20,       /* commands between two days on which something is said */
    KILL_PERCENT = 6, /* of the commands, for each consumer; its start takes several of them */
    MINUTE_US = 60000000,
};

struct twins {
    struct system *whole;
    struct system *killed;
    unsigned kills;
};

/* Kills a consumer right after a command was acknowledged, with its event on the way, and goes on
 * without waiting. */
static void consumer_kill(struct system *system, uint64_t *state, unsigned *kills)
{
    unsigned drawn;

    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    drawn = (unsigned)(*state >> 33) % 100;
    for (int part = PART_COMPLIANCE; part <= PART_COMPENSATION; part++, drawn += 50) {
        if (drawn % 100 >= KILL_PERCENT)
            continue;
        system_kill(system, (enum part)part);
        system_launch(system, (enum part)part, NULL);
        ++*kills;
    }
}

static void day_begin(struct system *system, niva_day day)
{
    for (int part = PART_COMPLIANCE; part <= PART_COMPENSATION; part++)
        system_wait_ready(system, (enum part)part);
    system_wait(system);
    system_begin_day(system, day, niva_local_midnight(day));
    system_wait(system);
}

/* `kills` NULL: an unbroken run. */
static struct system *system_tell_all(uint64_t seed, unsigned *kills)
{
    struct system *system = system_new(true);
    struct load_client *client = load_client_new(system, 1, seed);
    niva_day day = niva_day_from_civil(2022, 6, 1);
    uint64_t state = seed;

    day_begin(system, day);
    load_prepare(system);
    for (unsigned i = 0; i < COMMANDS; i++) {
        if (i % A_DAY == 0)
            day_begin(system, day += 7);
        if (!load_client_next(client, niva_local_midnight(day) +
                                          (12 * 60 + i % A_DAY) * (int64_t)MINUTE_US)) {
            system_show_logs(system);
            give_up("command %u was not acknowledged", i);
        }
        if (kills != NULL)
            consumer_kill(system, &state, kills);
    }
    day_begin(system, niva_day_from_civil(2022, 9, 30));
    load_client_free(client);
    return system;
}

/* The facts that came from intake in the order in which a service has them, without ids: those are
 * drawn anew in each system. */
static const char *facts_digest(struct system *system, const char *schema)
{
    char sql[512];

    snprintf(sql, sizeof sql,
             "SELECT count(*) || ' facts, ' || md5(string_agg(concat_ws(' ', kind, version, unit,"
             " profession_group, first_day, recorded_at), E'\\n' ORDER BY fact_no))"
             " FROM %s.fact WHERE kind IN ('report', 'confirmation', 'absence')",
             schema);
    return system_sql(system, sql);
}

static void consumers_were_killed(void **state)
{
    struct twins *twins = *state;

    assert_true(twins->kills > 5);
}

static void the_same_was_told(void **state)
{
    struct twins *twins = *state;
    char expected[128];

    snprintf(expected, sizeof expected, "%s", facts_digest(twins->whole, "intake"));
    assert_string_equal(facts_digest(twins->killed, "intake"), expected);
}

static void the_consumer_has_the_same_facts_in_the_same_order(void **state)
{
    struct twins *twins = *state;
    char expected[128];

    snprintf(expected, sizeof expected, "%s", facts_digest(twins->whole, "intake"));
    assert_string_equal(facts_digest(twins->whole, "compliance"), expected);
    assert_string_equal(facts_digest(twins->killed, "compliance"), expected);
}

static void cursors_stand_at_the_heads(void **state)
{
    static const char *const lag =
        "SELECT (SELECT position FROM intake.stream_head) - (SELECT position FROM"
        " compliance.cursor WHERE stream = 'intake') || ' ' ||"
        " (SELECT position FROM compliance.stream_head) -"
        " (SELECT position FROM compensation.cursor) || ' ' ||"
        " (SELECT position FROM compensation.stream_head) -"
        " (SELECT position FROM compliance.cursor WHERE stream = 'compensation')";
    struct twins *twins = *state;

    assert_string_equal(system_sql(twins->killed, lag), "0 0 0");
    assert_string_equal(system_sql(twins->whole, lag), "0 0 0");
}

static void verdicts_and_amounts_are_the_same(void **state)
{
    struct twins *twins = *state;
    struct compared compared = compare_systems(twins->whole, twins->killed);

    assert_int_equal(compared.units, load_unit_count);
    assert_true(compared.breaches > 0);
    assert_true(compared.deductions > 0);
    assert_int_equal(compared.differing, 0);
    assert_int_equal(compare_with_model(twins->killed).differing, 0);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : SEED;
    struct twins twins = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(consumers_were_killed, &twins),
        cmocka_unit_test_prestate(the_same_was_told, &twins),
        cmocka_unit_test_prestate(the_consumer_has_the_same_facts_in_the_same_order, &twins),
        cmocka_unit_test_prestate(cursors_stand_at_the_heads, &twins),
        cmocka_unit_test_prestate(verdicts_and_amounts_are_the_same, &twins),
    };
    int failed;

    printf("seed %" PRIu64 "\n", seed);
    twins.whole = system_tell_all(seed, NULL);
    twins.killed = system_tell_all(seed, &twins.kills);
    printf("%u kills; heads: %s\n", twins.kills, system_heads(twins.killed));
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(twins.killed);
    system_free(twins.whole);
    system_free(twins.killed);
    return failed ? 1 : 0;
}
