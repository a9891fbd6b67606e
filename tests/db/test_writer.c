/* The one writer under pressure: full queues, deadlines, draining, replicas, a database that goes
 * away, work between batches. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "tests/db/journal_rig.h"
#include "tests/support/proof.h"

static void test_queue_full(void **state)
{
    struct toy_call calls[6];
    int taken = 0;

    (void)state;
    toy_stop(&rig.toy);
    rig.toy.options.queue = 3;
    toy_start(&rig.toy);
    toy_hold(&rig.toy);
    for (int i = 0; i < 6; i++)
        toy_call_init(&calls[i], "local:a", i, "k", "");
    assert_true(toy_send(&rig.toy, &calls[0]));
    toy_await_reading(&rig.toy);
    for (int i = 1; i < 6; i++)
        taken += toy_send(&rig.toy, &calls[i]);
    toy_release(&rig.toy);
    assert_int_equal(taken, 3);
    for (int i = 0; i < 6; i++) {
        toy_await(&calls[i]);
        assert_code(calls[i].code, i < 4 ? NIVA_OK : NIVA_RESOURCE_EXHAUSTED);
        if (i >= 4)
            assert_true(calls[i].err.retry_after_ms > 0);
        toy_call_free(&calls[i]);
    }
    assert_record(4);
}

static void test_expired_deadline(void **state)
{
    struct toy_call calls[2];

    (void)state;
    toy_call_init(&calls[0], "local:a", 1, "k", "");
    toy_call_init(&calls[1], "local:a", 2, "k", "");
    calls[0].command.deadline_ms = niva_clock_monotonic_ms() - 1;
    batch_send(calls, 2);
    assert_code(calls[0].code, NIVA_DEADLINE_EXCEEDED);
    assert_code(calls[1].code, NIVA_OK);
    assert_int_equal(calls[1].counter, 1);
    calls_free(calls, 2);
    assert_record(1);
}

static void test_drain(void **state)
{
    struct toy_call calls[3];
    struct niva_error err;

    (void)state;
    toy_hold(&rig.toy);
    for (int i = 0; i < 3; i++)
        toy_call_init(&calls[i], "local:a", i, "k", "");
    assert_true(toy_send(&rig.toy, &calls[0]));
    toy_await_reading(&rig.toy);
    assert_true(toy_send(&rig.toy, &calls[1]));
    /* the deadline has come while a batch is under way: it is finished, the rest fails */
    niva_journal_drain(rig.toy.journal, niva_clock_monotonic_ms());
    assert_false(toy_send(&rig.toy, &calls[2]));
    assert_code(calls[2].code, NIVA_UNAVAILABLE);
    assert_false(niva_journal_apply(rig.toy.journal, "upstream", NULL, 0, 1, &err));
    assert_code(err.code, NIVA_UNAVAILABLE);
    toy_release(&rig.toy);
    rig.toy.journal = niva_journal_free(rig.toy.journal);
    assert_code(calls[0].code, NIVA_OK);
    assert_code(calls[1].code, NIVA_UNAVAILABLE);
    calls[2].times = 1;
    calls_free(calls, 3);
    assert_record(1);
    toy_start(&rig.toy);
}

/* ---- replicas ---- */

struct caller {
    struct toy *toy;
    int first_id;
    int count;
    int step;
    const char *principal;
    int good;
    int replayed;
};

static void *caller_run(void *user)
{
    struct caller *caller = user;

    for (int i = 0; i < caller->count; i++) {
        struct toy_call call;
        int id = caller->first_id + caller->step * i;
        char key[16];

        snprintf(key, sizeof key, "k%d", id % 7);
        caller->good += toy_call(caller->toy, caller->principal, id, key, "", &call) == NIVA_OK;
        caller->replayed += call.code == NIVA_OK && call.replayed;
    }
    return NULL;
}

static void callers_run(struct caller *callers, size_t count)
{
    pthread_t threads[16];

    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, caller_run, &callers[i]), 0);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static void replica_start(struct toy *replica)
{
    toy_init(replica, rig_conninfo(), "intake", "upstream");
    toy_start(replica);
}

static void test_two_replicas(void **state)
{
    enum { COUNT = 60 };
    struct toy replica;
    struct caller callers[8];
    struct niva_pg *pg;
    struct niva_error err;
    int64_t events;
    int64_t facts;

    (void)state;
    replica_start(&replica);
    for (int i = 0; i < 8; i++)
        callers[i] = (struct caller){.toy = i % 2 == 0 ? &rig.toy : &replica,
                                     .first_id = 1000 * i,
                                     .count = COUNT,
                                     .step = 1,
                                     .principal = "local:a"};
    callers_run(callers, 8);
    for (int i = 0; i < 8; i++)
        assert_int_equal(callers[i].good, COUNT);
    toy_stop(&replica);
    assert_record(8 * COUNT);
    pg = niva_pg_open(rig_conninfo(), "intake", "test", &err);
    assert_string_equal(proof_chains(pg, 100, &events, &facts), "");
    assert_int_equal(events, 8 * COUNT);
    assert_int_equal(facts, 8 * COUNT);
    niva_pg_close(pg);
}

/* Each id from two threads, over one replica and over two: once, whoever comes first. Batches that
 * hold the same ids in opposite order do not deadlock, because both lock the head first. */
static void test_same_ids_in_opposite_order(void **state)
{
    enum { COUNT = 80 };
    struct toy replica;
    struct caller callers[4];
    int replayed = 0;

    (void)state;
    replica_start(&replica);
    for (int i = 0; i < 4; i++)
        callers[i] = (struct caller){.toy = i < 2 ? &rig.toy : &replica,
                                     .first_id = i % 2 == 0 ? 0 : COUNT - 1,
                                     .count = COUNT,
                                     .step = i % 2 == 0 ? 1 : -1,
                                     .principal = "local:a"};
    callers_run(callers, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(callers[i].good, COUNT);
        replayed += callers[i].replayed;
    }
    assert_int_equal(replayed, 3 * COUNT);
    toy_stop(&replica);
    assert_record(COUNT);
    assert_string_equal(
        rig_sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
}

static void test_wait(void **state)
{
    int64_t later = niva_clock_monotonic_ms() + 20000;
    struct toy replica;
    struct toy_call call;
    struct niva_error err;
    struct niva_applied applied;
    int64_t cursor;

    (void)state;
    replica_start(&replica);
    assert_code(toy_call(&rig.toy, "local:a", 1, "k", "", &call), NIVA_OK);
    niva_journal_applied(rig.toy.journal, &applied);
    assert_int_equal(applied.head, 1);
    assert_true(niva_journal_cursor(rig.toy.journal, "upstream", &cursor, &err));
    assert_int_equal(cursor, 0);
    assert_true(niva_journal_wait(rig.toy.journal, "intake", 1, later, &err));
    assert_true(niva_journal_wait(replica.journal, "intake", call.position, later, &err));
    assert_false(
        niva_journal_wait(replica.journal, "intake", 2, niva_clock_monotonic_ms() + 120, &err));
    assert_code(err.code, NIVA_DEADLINE_EXCEEDED);
    assert_false(niva_journal_wait(replica.journal, "compliance", 0, later, &err));
    assert_code(err.code, NIVA_INVALID_ARGUMENT);
    toy_stop(&replica);
}

/* ---- the database is away ---- */

static void test_database_away(void **state)
{
    struct toy_call call;
    int64_t begun;
    enum niva_code code = NIVA_UNAVAILABLE;

    (void)state;
    assert_code(toy_call(&rig.toy, "local:a", 1, "k", "", NULL), NIVA_OK);
    cluster_stop(rig.cluster);
    assert_code(toy_call(&rig.toy, "local:a", 2, "k", "", &call), NIVA_UNAVAILABLE);
    assert_true(call.err.retry_after_ms > 0);
    begun = niva_clock_monotonic_ms();
    for (int i = 0; i < 5; i++)
        assert_code(toy_call(&rig.toy, "local:a", 3 + i, "k", "", NULL), NIVA_UNAVAILABLE);
    assert_true(niva_clock_monotonic_ms() - begun < 2000);
    cluster_start(rig.cluster);
    for (int i = 0; i < 100 && code == NIVA_UNAVAILABLE; i++)
        code = toy_call(&rig.toy, "local:a", 2, "k", "", &call);
    assert_code(code, NIVA_OK);
    assert_int_equal(call.counter, 2);
    assert_record(2);
}

/* Whatever was acknowledged is there, whatever was not may be asked again with the same id. */
static void test_database_killed_under_load(void **state)
{
    enum { COUNT = 400, KILLS = 2 };
    struct caller caller = {.toy = &rig.toy, .count = COUNT, .step = 1, .principal = "local:a"};
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, caller_run, &caller), 0);
    for (int i = 0; i < KILLS; i++) {
        cluster_kill(rig.cluster);
        cluster_start(rig.cluster);
    }
    pthread_join(thread, NULL);
    assert_true(atol(rig_sql("SELECT count(*) FROM intake.request")) >= caller.good);
    for (int i = 0; i < COUNT; i++) {
        enum niva_code code = NIVA_UNAVAILABLE;
        char key[16];

        snprintf(key, sizeof key, "k%d", i % 7);
        for (int tries = 0; tries < 100 && code == NIVA_UNAVAILABLE; tries++)
            code = toy_call(&rig.toy, "local:a", i, key, "", NULL);
        assert_code(code, NIVA_OK);
    }
    assert_record(COUNT);
}

/* ---- work ---- */

static void work_await(struct toy *toy, int works)
{
    pthread_mutex_lock(&toy->lock);
    while (toy->works < works)
        pthread_cond_wait(&toy->changed, &toy->lock);
    pthread_mutex_unlock(&toy->lock);
}

static void test_work(void **state)
{
    struct niva_error err;

    (void)state;
    pthread_mutex_lock(&rig.toy.lock);
    rig.toy.work_wanted = 5;
    pthread_mutex_unlock(&rig.toy.lock);
    work_await(&rig.toy, 5);
    assert_true(
        niva_journal_wait(rig.toy.journal, "intake", 5, niva_clock_monotonic_ms() + 20000, &err));
    assert_string_equal(rig_sql("SELECT count(*) FROM intake.event WHERE position <= 5"
                                " AND type = 'se.niva.toy.worked.v1'"),
                        "5");
    assert_string_equal(rig_sql("SELECT position('system:intake'::bytea IN envelope) > 0"
                                " FROM intake.event WHERE position = 1"),
                        "t");
}

/* Work goes on between the batches of a busy writer. */
static void test_work_under_load(void **state)
{
    struct caller caller = {.toy = &rig.toy, .count = 100, .step = 1, .principal = "local:a"};

    (void)state;
    pthread_mutex_lock(&rig.toy.lock);
    rig.toy.work_wanted = 20;
    pthread_mutex_unlock(&rig.toy.lock);
    caller_run(&caller);
    assert_int_equal(caller.good, 100);
    work_await(&rig.toy, 20);
    toy_stop(&rig.toy);
    assert_string_equal(rig_sql("SELECT position FROM intake.stream_head"), "120");
    toy_start(&rig.toy);
}

/* Asks for one step of work after the other until one has so many pieces. */
static bool pieces_become(struct toy *toy, size_t pieces)
{
    enum { STEPS_MOST = 1000 };
    bool reached = false;

    pthread_mutex_lock(&toy->lock);
    for (int step = 0; step < STEPS_MOST && !reached; step++) {
        toy->work_wanted = 1;
        while (toy->work_wanted > 0)
            pthread_cond_wait(&toy->changed, &toy->lock);
        reached = toy->pieces == pieces;
    }
    pthread_mutex_unlock(&toy->lock);
    return reached;
}

/* Callers wait for the end of a step: cheap pieces are many, dear ones few. */
static void test_work_is_cut_by_time(void **state)
{
    (void)state;
    assert_true(pieces_become(&rig.toy, NIVA_WORK_MOST));
    pthread_mutex_lock(&rig.toy.lock);
    rig.toy.piece_ms = 5;
    pthread_mutex_unlock(&rig.toy.lock);
    assert_true(pieces_become(&rig.toy, NIVA_WORK_LEAST));
    pthread_mutex_lock(&rig.toy.lock);
    rig.toy.piece_ms = 0;
    pthread_mutex_unlock(&rig.toy.lock);
    assert_true(pieces_become(&rig.toy, NIVA_WORK_MOST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_queue_full),
        RIG_TEST(test_expired_deadline),
        RIG_TEST(test_drain),
        RIG_TEST(test_two_replicas),
        RIG_TEST(test_same_ids_in_opposite_order),
        RIG_TEST(test_wait),
        RIG_TEST(test_database_away),
        RIG_TEST(test_database_killed_under_load),
        RIG_TEST(test_work),
        RIG_TEST(test_work_under_load),
        RIG_TEST(test_work_is_cut_by_time),
    };
    int failed = cmocka_run_group_tests(tests, rig_group_setup, rig_group_teardown);

    return failed ? 1 : 0;
}
