/* A connection that dies in COMMIT: the writer finds out what became of it, and does neither lose
 * nor repeat. The proxy cuts before COMMIT was forwarded, just when it was, and after it was
 * carried out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "tests/support/proof.h"
#include "tests/support/proxy.h"
#include "tests/support/toy.h"

enum { ROUNDS = 5, CALLS = 6, EVENTS = 4 };

static struct {
    struct cluster *cluster;
    struct proxy *proxy;
    const char *database;
    struct niva_arena *arena;
    struct toy toy;
} fixture;

static int group_setup(void **state)
{
    (void)state;
    fixture.cluster = cluster_new();
    fixture.proxy = proxy_new(cluster_directory(fixture.cluster));
    fixture.arena = niva_arena_new(16 << 20);
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    proxy_free(fixture.proxy);
    cluster_free(fixture.cluster);
    niva_arena_free(fixture.arena);
    return 0;
}

static int test_setup(void **state)
{
    char conninfo[256];

    (void)state;
    niva_arena_reset(fixture.arena);
    fixture.database = cluster_database(fixture.cluster);
    toy_prepare(fixture.cluster, fixture.database, "intake");
    snprintf(conninfo, sizeof conninfo, "host=%s port=5432 dbname=%s user=niva_intake",
             proxy_directory(fixture.proxy), fixture.database);
    toy_init(&fixture.toy, conninfo, "intake", "upstream");
    fixture.toy.options.rules.work = NULL; /* every COMMIT is a batch's */
    toy_start(&fixture.toy);
    return 0;
}

static int test_teardown(void **state)
{
    (void)state;
    toy_stop(&fixture.toy);
    return 0;
}

static const char *sql(const char *text)
{
    return cluster_sql(fixture.cluster, fixture.database, text);
}

/* Everybody is in the record exactly once, and the chain holds. */
static void assert_exactly_once(int expected)
{
    struct niva_error err;
    struct niva_pg *pg = niva_pg_open(
        cluster_conninfo(fixture.cluster, fixture.database, "niva_intake"), "intake", "test", &err);
    int64_t events;
    int64_t facts;
    char text[32];

    snprintf(text, sizeof text, "%d", expected);
    assert_string_equal(sql("SELECT sum(n) FROM intake.toy"), text);
    assert_string_equal(sql("SELECT count(*) FROM intake.fact"), text);
    assert_string_equal(sql("SELECT position FROM intake.stream_head"), text);
    assert_string_equal(proof_chains(pg, 1000, &events, &facts), "");
    assert_int_equal(events, expected);
    assert_int_equal(facts, expected);
    niva_pg_close(pg);
}

/* A batch of several commands; each is answered once, by its first answer. */
static void commands_cut(enum proxy_cut cut)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct toy_call calls[CALLS];
        int cuts = proxy_cuts(fixture.proxy);

        toy_hold(&fixture.toy);
        for (int i = 0; i < CALLS; i++) {
            toy_call_init(&calls[i], "local:a", round * CALLS + i, "k", "");
            assert_true(toy_send(&fixture.toy, &calls[i]));
        }
        proxy_arm(fixture.proxy, cut);
        toy_release(&fixture.toy);
        for (int i = 0; i < CALLS; i++) {
            toy_await(&calls[i]);
            if (calls[i].code != NIVA_OK)
                fail_msg("%s: %s", calls[i].err.text_en, calls[i].err.cause);
            assert_int_equal(calls[i].counter, round * CALLS + i + 1);
            assert_false(calls[i].replayed);
            assert_int_equal(calls[i].times, 1);
            toy_call_free(&calls[i]);
        }
        assert_int_equal(proxy_cuts(fixture.proxy), cuts + 1);
    }
    assert_exactly_once(ROUNDS * CALLS);
}

/* Upstream events and their cursor. */
static void events_cut(enum proxy_cut cut)
{
    for (int round = 0; round < ROUNDS; round++) {
        const struct niva_event *events[EVENTS];
        struct niva_error err;

        for (int i = 0; i < EVENTS; i++)
            events[i] = toy_event(fixture.arena, "upstream", round * EVENTS + i + 1, "k", "");
        proxy_arm(fixture.proxy, cut);
        if (!niva_journal_apply(fixture.toy.journal, "upstream", events, EVENTS,
                                (round + 1) * EVENTS, &err))
            fail_msg("%s: %s", err.text_en, err.cause);
    }
    assert_exactly_once(ROUNDS * EVENTS);
    assert_string_equal(sql("SELECT position FROM intake.cursor"), "20");
}

static void test_commands_cut_before(void **state)
{
    (void)state;
    commands_cut(PROXY_CUT_BEFORE);
}

static void test_commands_cut_at(void **state)
{
    (void)state;
    commands_cut(PROXY_CUT_AT);
}

static void test_commands_cut_after(void **state)
{
    (void)state;
    commands_cut(PROXY_CUT_AFTER);
}

static void test_events_cut_before(void **state)
{
    (void)state;
    events_cut(PROXY_CUT_BEFORE);
}

static void test_events_cut_at(void **state)
{
    (void)state;
    events_cut(PROXY_CUT_AT);
}

static void test_events_cut_after(void **state)
{
    (void)state;
    events_cut(PROXY_CUT_AFTER);
}

/* The server itself ends the connection while it carries COMMIT out. */
static void test_terminated_in_commit(void **state)
{
    struct toy_call call;

    (void)state;
    sql("CREATE SEQUENCE public.shots;"
        "CREATE FUNCTION public.shoot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
        " BEGIN IF nextval('public.shots') <= 2 THEN"
        " PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER shoot AFTER INSERT ON intake.fact DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION public.shoot()");
    assert_int_equal(toy_call(&fixture.toy, "local:a", 1, "k", "", &call), NIVA_OK);
    assert_int_equal(call.counter, 1);
    assert_string_equal(sql("SELECT last_value FROM public.shots"), "3");
    assert_exactly_once(1);
}

/* Another holds the lock when the writer wants to know what became of its COMMIT: it does not
 * guess, and the caller may ask again. */
static void test_lock_is_held_by_another(void **state)
{
    struct niva_error err;
    struct niva_pg *other =
        niva_pg_open(cluster_conninfo(fixture.cluster, fixture.database, "niva_intake"), "intake",
                     "other", &err);
    static const struct niva_statement lock = {"t_lock",
                                               "SELECT position FROM stream_head FOR UPDATE"};
    struct niva_query queries[] = {{.statement = &niva_pg_begin}, {.statement = &lock}};
    struct toy_call call;

    (void)state;
    assert_true(niva_pg_run(other, queries, 2, &err));
    niva_queries_clear(queries, 2);
    assert_int_equal(toy_call(&fixture.toy, "local:a", 1, "k", "", &call), NIVA_UNAVAILABLE);
    niva_pg_close(other);
    assert_int_equal(toy_call(&fixture.toy, "local:a", 1, "k", "", &call), NIVA_OK);
    assert_exactly_once(1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_commands_cut_before),  TEST(test_commands_cut_at),
        TEST(test_commands_cut_after),   TEST(test_events_cut_before),
        TEST(test_events_cut_at),        TEST(test_events_cut_after),
        TEST(test_terminated_in_commit), TEST(test_lock_is_held_by_another),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
