/* The one writer: batches, idempotency, rejection, deadlines, replicas, rehearsal, work. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "tests/support/toy.h"

static struct {
    struct cluster *cluster;
    const char *database;
    struct toy toy;
} fixture;

static int group_setup(void **state)
{
    (void)state;
    fixture.cluster = cluster_new();
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    cluster_free(fixture.cluster);
    return 0;
}

static const char *service_conninfo(void)
{
    return cluster_conninfo(fixture.cluster, fixture.database, "niva_intake");
}

static int test_setup(void **state)
{
    (void)state;
    fixture.database = cluster_database(fixture.cluster);
    toy_prepare(fixture.cluster, fixture.database, "intake");
    toy_init(&fixture.toy, service_conninfo(), "intake", NULL);
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

/* The head, the rows and the counters say the same, and positions, fact numbers and instants rise
 * without gap. `expected` is the number of accepted items. */
static void assert_record(long expected)
{
    char text[32];

    snprintf(text, sizeof text, "%ld", expected);
    assert_string_equal(sql("SELECT coalesce(sum(n), 0) FROM intake.toy"), text);
    assert_string_equal(sql("SELECT position FROM intake.stream_head"), text);
    assert_string_equal(sql("SELECT fact_no FROM intake.stream_head"), text);
    assert_string_equal(sql("SELECT count(*) FROM intake.event"), text);
    assert_string_equal(sql("SELECT coalesce(max(position), 0) FROM intake.event"), text);
    assert_string_equal(sql("SELECT count(*) FROM intake.fact"), text);
    assert_string_equal(sql("SELECT coalesce(max(fact_no), 0) FROM intake.fact"), text);
    assert_string_equal(
        sql("SELECT count(*) FROM (SELECT recorded_at <= lag(recorded_at) OVER (ORDER BY position)"
            " AS falls FROM intake.event) e WHERE falls"),
        "0");
}

static void assert_code(enum niva_code code, enum niva_code expected)
{
    assert_string_equal(niva_code_name((int)code), niva_code_name((int)expected));
}

static void test_one_command(void **state)
{
    struct toy_call call;

    (void)state;
    assert_code(toy_call(&fixture.toy, "local:a", 1, "k", "", &call), NIVA_OK);
    assert_int_equal(call.counter, 1);
    assert_int_equal(call.position, 1);
    assert_false(call.replayed);
    assert_code(toy_call(&fixture.toy, "local:a", 2, "k", "", &call), NIVA_OK);
    assert_int_equal(call.counter, 2);
    assert_int_equal(call.position, 2);
    assert_record(2);
    assert_string_equal(sql("SELECT recorded_by FROM intake.fact WHERE fact_no = 1"), "local:a");
    assert_string_equal(sql("SELECT subject FROM intake.event WHERE position = 1"), "k");
}

static void test_same_request_again(void **state)
{
    struct toy_call call;

    (void)state;
    assert_code(toy_call(&fixture.toy, "local:a", 1, "k", "", NULL), NIVA_OK);
    assert_code(toy_call(&fixture.toy, "local:a", 2, "k", "", NULL), NIVA_OK);
    assert_code(toy_call(&fixture.toy, "local:a", 1, "k", "", &call), NIVA_OK);
    assert_int_equal(call.counter, 1);
    assert_int_equal(call.position, 1);
    assert_true(call.replayed);
    assert_record(2);
}

static void test_same_id_other_content(void **state)
{
    struct toy_call call;

    (void)state;
    assert_code(toy_call(&fixture.toy, "local:a", 1, "k", "", NULL), NIVA_OK);
    assert_code(toy_call(&fixture.toy, "local:a", 1, "other", "", &call), NIVA_ALREADY_EXISTS);
    assert_int_equal(call.err.violation_count, 1);
    assert_string_equal(call.err.violations[0].field, "requestId");
    assert_record(1);
}

static void test_another_principals_id(void **state)
{
    struct toy_call call;

    (void)state;
    assert_code(toy_call(&fixture.toy, "local:a", 1, "k", "", NULL), NIVA_OK);
    assert_code(toy_call(&fixture.toy, "local:b", 1, "k", "", &call), NIVA_OK);
    assert_int_equal(call.counter, 2);
    assert_false(call.replayed);
    assert_record(2);
}

static void test_id_must_be_a_uuid(void **state)
{
    struct toy_call call;

    (void)state;
    toy_call_init(&call, "local:a", 1, "k", "");
    niva_wire_set_text((ProtobufCMessage *)call.command.request, "request_id", "1");
    assert_true(toy_send(&fixture.toy, &call));
    toy_await(&call);
    assert_code(call.code, NIVA_INVALID_ARGUMENT);
    assert_string_equal(call.err.violations[0].field, "requestId");
    toy_call_free(&call);
    assert_record(0);
}

enum { CALLS_MAX = 300 };

/* Sends calls so that they come into one batch (the first is held until all are queued). */
static void batch_send(struct toy_call *calls, size_t count)
{
    struct toy_call opener;

    toy_hold(&fixture.toy);
    toy_call_init(&opener, "local:opener", 999, "opener", "reject");
    assert_true(toy_send(&fixture.toy, &opener));
    toy_await_reading(&fixture.toy);
    for (size_t i = 0; i < count; i++)
        assert_true(toy_send(&fixture.toy, &calls[i]));
    toy_release(&fixture.toy);
    for (size_t i = 0; i < count; i++)
        toy_await(&calls[i]);
    toy_await(&opener);
    toy_call_free(&opener);
}

static void calls_free(struct toy_call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(calls[i].times, 1);
        toy_call_free(&calls[i]);
    }
}

static void test_duplicates_fold(void **state)
{
    struct toy_call calls[4];

    (void)state;
    toy_call_init(&calls[0], "local:a", 1, "k", "");
    toy_call_init(&calls[1], "local:a", 1, "k", "");
    toy_call_init(&calls[2], "local:a", 1, "other", "");
    toy_call_init(&calls[3], "local:b", 1, "k", "");
    batch_send(calls, 4);
    assert_code(calls[0].code, NIVA_OK);
    assert_int_equal(calls[0].counter, 1);
    assert_false(calls[0].replayed);
    assert_code(calls[1].code, NIVA_OK);
    assert_int_equal(calls[1].counter, 1);
    assert_int_equal(calls[1].position, calls[0].position);
    assert_true(calls[1].replayed);
    assert_code(calls[2].code, NIVA_ALREADY_EXISTS);
    assert_code(calls[3].code, NIVA_OK);
    assert_int_equal(calls[3].counter, 2);
    calls_free(calls, 4);
    assert_record(2);
}

/* The first one's rejection is everybody's; it is not stored, and other content is judged anew. */
static void test_rejected_duplicates(void **state)
{
    struct toy_call calls[4];

    (void)state;
    toy_call_init(&calls[0], "local:a", 1, "k", "reject");
    toy_call_init(&calls[1], "local:a", 1, "k", "reject");
    toy_call_init(&calls[2], "local:a", 1, "k", "");
    toy_call_init(&calls[3], "local:a", 1, "k", "");
    batch_send(calls, 4);
    assert_code(calls[0].code, NIVA_FAILED_PRECONDITION);
    assert_code(calls[1].code, NIVA_FAILED_PRECONDITION);
    assert_code(calls[2].code, NIVA_OK);
    assert_code(calls[3].code, NIVA_OK);
    assert_int_equal(calls[3].counter, 1);
    calls_free(calls, 4);
    assert_record(1);
    assert_string_equal(sql("SELECT count(*) FROM intake.request"), "1");
}

/* What it had appended before it was rejected is gone, and leaves no gap. */
static void test_rejected_among_good(void **state)
{
    struct toy_call calls[5];

    (void)state;
    for (int i = 0; i < 5; i++)
        toy_call_init(&calls[i], "local:a", i, "k", i % 2 == 1 ? "reject" : "");
    batch_send(calls, 5);
    for (int i = 0; i < 5; i++)
        assert_code(calls[i].code, i % 2 == 1 ? NIVA_FAILED_PRECONDITION : NIVA_OK);
    assert_int_equal(calls[4].counter, 3);
    assert_int_equal(calls[0].position, 3);
    assert_int_equal(calls[4].position, 3);
    assert_string_equal(calls[1].err.text_sv, "Nej.");
    calls_free(calls, 5);
    assert_record(3);
}

/* Only the culprit fails, whatever the others wanted. */
static void test_culprit_among_good(void **state)
{
    static const char *const notes[] = {"break", "silent", "stranger"};

    (void)state;
    for (int n = 0; n < 3; n++) {
        struct toy_call calls[5];

        for (int i = 0; i < 5; i++)
            toy_call_init(&calls[i], "local:a", 10 * n + i, "k", i == 2 ? notes[n] : "");
        batch_send(calls, 5);
        for (int i = 0; i < 5; i++)
            assert_code(calls[i].code, i == 2 ? NIVA_INTERNAL : NIVA_OK);
        assert_int_equal(calls[4].counter, 4 * (n + 1));
        calls_free(calls, 5);
    }
    assert_record(12);
}

static void test_large_batches(void **state)
{
    static struct toy_call calls[CALLS_MAX];

    (void)state;
    for (int i = 0; i < CALLS_MAX; i++)
        toy_call_init(&calls[i], "local:a", i, i % 3 == 0 ? "k" : "l", "");
    batch_send(calls, CALLS_MAX);
    for (int i = 0; i < CALLS_MAX; i++)
        assert_code(calls[i].code, NIVA_OK);
    calls_free(calls, CALLS_MAX);
    assert_record(CALLS_MAX);
    /* three batches, not three hundred transactions */
    assert_string_equal(sql("SELECT count(DISTINCT xmin::text) <= 4 FROM intake.event"), "t");
}

static void test_queue_full(void **state)
{
    struct toy_call calls[6];
    int taken = 0;

    (void)state;
    toy_stop(&fixture.toy);
    fixture.toy.options.queue = 3;
    toy_start(&fixture.toy);
    toy_hold(&fixture.toy);
    for (int i = 0; i < 6; i++)
        toy_call_init(&calls[i], "local:a", i, "k", "");
    assert_true(toy_send(&fixture.toy, &calls[0]));
    toy_await_reading(&fixture.toy);
    for (int i = 1; i < 6; i++)
        taken += toy_send(&fixture.toy, &calls[i]);
    toy_release(&fixture.toy);
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
    toy_hold(&fixture.toy);
    for (int i = 0; i < 3; i++)
        toy_call_init(&calls[i], "local:a", i, "k", "");
    assert_true(toy_send(&fixture.toy, &calls[0]));
    toy_await_reading(&fixture.toy);
    assert_true(toy_send(&fixture.toy, &calls[1]));
    /* the deadline has come while a batch is under way: it is finished, the rest fails */
    niva_journal_drain(fixture.toy.journal, niva_clock_monotonic_ms());
    assert_false(toy_send(&fixture.toy, &calls[2]));
    assert_code(calls[2].code, NIVA_UNAVAILABLE);
    assert_false(
        niva_journal_apply(fixture.toy.journal, (const struct niva_event *const[]){NULL}, 1, &err));
    toy_release(&fixture.toy);
    fixture.toy.journal = niva_journal_free(fixture.toy.journal);
    assert_code(calls[0].code, NIVA_OK);
    assert_code(calls[1].code, NIVA_UNAVAILABLE);
    calls[2].times = 1;
    calls_free(calls, 3);
    assert_record(1);
    toy_start(&fixture.toy);
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
    toy_init(replica, service_conninfo(), "intake", NULL);
    toy_start(replica);
}

static void test_two_replicas(void **state)
{
    enum { COUNT = 60 };
    struct toy replica;
    struct caller callers[8];
    struct niva_pg *pg;
    struct niva_error err;
    int64_t checked;

    (void)state;
    replica_start(&replica);
    for (int i = 0; i < 8; i++)
        callers[i] = (struct caller){.toy = i % 2 == 0 ? &fixture.toy : &replica,
                                     .first_id = 1000 * i,
                                     .count = COUNT,
                                     .step = 1,
                                     .principal = "local:a"};
    callers_run(callers, 8);
    for (int i = 0; i < 8; i++)
        assert_int_equal(callers[i].good, COUNT);
    toy_stop(&replica);
    assert_record(8 * COUNT);
    pg = niva_pg_open(service_conninfo(), "intake", "test", &err);
    assert_true(niva_events_verify(pg, &checked, &err));
    assert_int_equal(checked, 8 * COUNT);
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
        callers[i] = (struct caller){.toy = i < 2 ? &fixture.toy : &replica,
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
        sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
}

static void test_wait(void **state)
{
    int64_t later = niva_clock_monotonic_ms() + 20000;
    struct toy replica;
    struct toy_call call;
    struct niva_error err;
    int64_t head, cursor;

    (void)state;
    replica_start(&replica);
    assert_code(toy_call(&fixture.toy, "local:a", 1, "k", "", &call), NIVA_OK);
    niva_journal_applied(fixture.toy.journal, &head, &cursor);
    assert_int_equal(head, 1);
    assert_int_equal(cursor, 0);
    assert_true(niva_journal_wait(fixture.toy.journal, "intake", 1, later, &err));
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
    assert_code(toy_call(&fixture.toy, "local:a", 1, "k", "", NULL), NIVA_OK);
    cluster_stop(fixture.cluster);
    assert_code(toy_call(&fixture.toy, "local:a", 2, "k", "", &call), NIVA_UNAVAILABLE);
    assert_true(call.err.retry_after_ms > 0);
    begun = niva_clock_monotonic_ms();
    for (int i = 0; i < 5; i++)
        assert_code(toy_call(&fixture.toy, "local:a", 3 + i, "k", "", NULL), NIVA_UNAVAILABLE);
    assert_true(niva_clock_monotonic_ms() - begun < 2000);
    cluster_start(fixture.cluster);
    for (int i = 0; i < 100 && code == NIVA_UNAVAILABLE; i++)
        code = toy_call(&fixture.toy, "local:a", 2, "k", "", &call);
    assert_code(code, NIVA_OK);
    assert_int_equal(call.counter, 2);
    assert_record(2);
}

/* Whatever was acknowledged is there, whatever was not may be asked again with the same id. */
static void test_database_killed_under_load(void **state)
{
    enum { COUNT = 400, KILLS = 2 };
    struct caller caller = {.toy = &fixture.toy, .count = COUNT, .step = 1, .principal = "local:a"};
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, caller_run, &caller), 0);
    for (int i = 0; i < KILLS; i++) {
        cluster_kill(fixture.cluster);
        cluster_start(fixture.cluster);
    }
    pthread_join(thread, NULL);
    assert_true(atol(sql("SELECT count(*) FROM intake.request")) >= caller.good);
    for (int i = 0; i < COUNT; i++) {
        enum niva_code code = NIVA_UNAVAILABLE;
        char key[16];

        snprintf(key, sizeof key, "k%d", i % 7);
        for (int tries = 0; tries < 100 && code == NIVA_UNAVAILABLE; tries++)
            code = toy_call(&fixture.toy, "local:a", i, key, "", NULL);
        assert_code(code, NIVA_OK);
    }
    assert_record(COUNT);
}

/* ---- time ---- */

static enum niva_code call_recorded(niva_instant recorded_at, int id, struct toy_call *call)
{
    toy_call_init(call, "local:a", id, "k", "");
    call->command.recorded_at = recorded_at;
    if (toy_send(&fixture.toy, call))
        toy_await(call);
    toy_call_free(call);
    return call->code;
}

static void assert_last_recorded(const char *expected)
{
    assert_string_equal(sql("SELECT to_char(recorded_at AT TIME ZONE 'UTC',"
                            " 'YYYY-MM-DD HH24:MI:SS.US') FROM intake.stream_head"),
                        expected);
}

static void test_recorded_at_in_rehearsal(void **state)
{
    const niva_instant instant = 1655978400123456; /* 2022-06-23 10:00:00.123456 */
    struct toy_call call;

    (void)state;
    assert_code(call_recorded(instant, 1, &call), NIVA_FAILED_PRECONDITION);
    assert_string_equal(call.err.violations[0].reason, "NOT_A_REHEARSAL");
    toy_stop(&fixture.toy);
    fixture.toy.options.rehearsal = true;
    toy_start(&fixture.toy);
    assert_code(call_recorded(instant, 2, &call), NIVA_OK);
    assert_last_recorded("2022-06-23 10:00:00.123456");
    assert_code(call_recorded(instant, 3, &call), NIVA_OK);
    assert_last_recorded("2022-06-23 10:00:00.123457");
    assert_code(call_recorded(instant - 456, 4, &call), NIVA_OK);
    assert_last_recorded("2022-06-23 10:00:00.123458");
    assert_code(call_recorded(instant - 457, 5, &call), NIVA_FAILED_PRECONDITION);
    assert_string_equal(call.err.violations[0].field, "recordedAt");
    assert_last_recorded("2022-06-23 10:00:00.123458");
    assert_code(call_recorded(instant + 1000, 6, &call), NIVA_OK);
    assert_last_recorded("2022-06-23 10:00:00.124456");
    assert_string_equal(sql("SELECT clock_day IS NULL FROM intake.stream_head"), "t");
    assert_record(4);
}

/* A rehearsal that has not begun a day yet: the command that sets it is recorded on that day, and
 * what comes then too; nothing lands years ahead, where the machine's clock is. */
static void test_day_of_rehearsal(void **state)
{
    static const char day[] =
        "SELECT (recorded_at AT TIME ZONE 'Europe/Stockholm')::date FROM intake.stream_head";

    (void)state;
    toy_stop(&fixture.toy);
    fixture.toy.options.rehearsal = true;
    toy_start(&fixture.toy);
    assert_code(toy_call(&fixture.toy, "local:a", 1, "k", "day", NULL), NIVA_OK);
    assert_string_equal(sql("SELECT clock_day FROM intake.stream_head"), "2022-06-23");
    assert_string_equal(sql(day), "2022-06-23");
    assert_code(toy_call(&fixture.toy, "local:a", 2, "k", "", NULL), NIVA_OK);
    assert_string_equal(sql(day), "2022-06-23");
    toy_stop(&fixture.toy);
    toy_start(&fixture.toy);
    assert_code(toy_call(&fixture.toy, "local:a", 3, "k", "", NULL), NIVA_OK);
    assert_string_equal(sql(day), "2022-06-23");
    assert_record(3);
}

/* The day is the rehearsal's alone. */
static void test_no_day_without_rehearsal(void **state)
{
    (void)state;
    assert_code(toy_call(&fixture.toy, "local:a", 1, "k", "day", NULL), NIVA_OK);
    assert_string_equal(sql("SELECT clock_day IS NULL AND now() - recorded_at < '1 minute'"
                            " FROM intake.stream_head"),
                        "t");
}

/* ---- settle ---- */

/* A reply's position covers what was derived, and what was derived names what it follows from. */
static void test_derived_events(void **state)
{
    struct toy_call calls[4];

    (void)state;
    toy_call_init(&calls[0], "local:a", 0x1a, "k", "derive");
    toy_call_init(&calls[1], "local:a", 0x1b, "k", "");
    toy_call_init(&calls[2], "local:a", 0x1c, "k", "reject");
    toy_call_init(&calls[3], "local:a", 0x1d, "k", "derive");
    batch_send(calls, 4);
    assert_int_equal(calls[0].position, 5);
    assert_int_equal(calls[1].position, 5);
    assert_code(calls[2].code, NIVA_FAILED_PRECONDITION);
    calls_free(calls, 4);
    assert_string_equal(sql("SELECT string_agg(type, ' ' ORDER BY position) FROM intake.event"
                            " WHERE position > 3"),
                        "se.niva.toy.worked.v1 se.niva.toy.worked.v1");
    assert_string_equal(sql("SELECT position('-00000000001a'::bytea IN envelope) > 0"
                            " FROM intake.event WHERE position = 4"),
                        "t");
    assert_string_equal(sql("SELECT position('-00000000001d'::bytea IN envelope) > 0"
                            " FROM intake.event WHERE position = 5"),
                        "t");
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
    pthread_mutex_lock(&fixture.toy.lock);
    fixture.toy.work_wanted = 5;
    pthread_mutex_unlock(&fixture.toy.lock);
    work_await(&fixture.toy, 5);
    assert_true(niva_journal_wait(fixture.toy.journal, "intake", 5,
                                  niva_clock_monotonic_ms() + 20000, &err));
    assert_string_equal(sql("SELECT count(*) FROM intake.event WHERE position <= 5"
                            " AND type = 'se.niva.toy.worked.v1'"),
                        "5");
    assert_string_equal(sql("SELECT position('system:intake'::bytea IN envelope) > 0"
                            " FROM intake.event WHERE position = 1"),
                        "t");
}

/* Work goes on between the batches of a busy writer. */
static void test_work_under_load(void **state)
{
    struct caller caller = {.toy = &fixture.toy, .count = 100, .step = 1, .principal = "local:a"};

    (void)state;
    pthread_mutex_lock(&fixture.toy.lock);
    fixture.toy.work_wanted = 20;
    pthread_mutex_unlock(&fixture.toy.lock);
    caller_run(&caller);
    assert_int_equal(caller.good, 100);
    work_await(&fixture.toy, 20);
    toy_stop(&fixture.toy);
    assert_string_equal(sql("SELECT position FROM intake.stream_head"), "120");
    toy_start(&fixture.toy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_command),
        TEST(test_same_request_again),
        TEST(test_same_id_other_content),
        TEST(test_another_principals_id),
        TEST(test_id_must_be_a_uuid),
        TEST(test_duplicates_fold),
        TEST(test_rejected_duplicates),
        TEST(test_rejected_among_good),
        TEST(test_culprit_among_good),
        TEST(test_large_batches),
        TEST(test_queue_full),
        TEST(test_expired_deadline),
        TEST(test_drain),
        TEST(test_two_replicas),
        TEST(test_same_ids_in_opposite_order),
        TEST(test_wait),
        TEST(test_database_away),
        TEST(test_database_killed_under_load),
        TEST(test_recorded_at_in_rehearsal),
        TEST(test_day_of_rehearsal),
        TEST(test_no_day_without_rehearsal),
        TEST(test_derived_events),
        TEST(test_work),
        TEST(test_work_under_load),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
