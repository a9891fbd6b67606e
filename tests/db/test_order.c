/* Why positions are not a sequence. Three readers follow concurrent writers: one by the id of a
 * sequence, which must lose rows, because ids are taken before commit; one by our positions while
 * they are written; one by our positions afterwards. Ours must have everything, in commit order. */
#include <inttypes.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "niva/intake/v1/events.pb-c.h"
#include "tests/support/toy.h"

enum { ROUNDS = 40, WRITERS = 4 };

static struct {
    struct cluster *cluster;
    const char *database;
    struct toy replicas[2];
} fixture;

static int group_setup(void **state)
{
    (void)state;
    fixture.cluster = cluster_new();
    fixture.database = cluster_database(fixture.cluster);
    toy_prepare(fixture.cluster, fixture.database, "intake");
    for (int i = 0; i < 2; i++) {
        toy_init(&fixture.replicas[i],
                 cluster_conninfo(fixture.cluster, fixture.database, "niva_intake"), "intake",
                 NULL);
        toy_start(&fixture.replicas[i]);
    }
    cluster_sql(fixture.cluster, fixture.database,
                "CREATE TABLE naive (id bigserial PRIMARY KEY, round int NOT NULL)");
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        toy_stop(&fixture.replicas[i]);
    cluster_free(fixture.cluster);
    return 0;
}

/* ---- the naive way ---- */

static PGconn *connect_plain(void)
{
    PGconn *conn = PQconnectdb(cluster_conninfo(fixture.cluster, fixture.database, "postgres"));

    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    return conn;
}

static void execute(PGconn *conn, const char *text)
{
    PGresult *result = PQexec(conn, text);

    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", text, PQerrorMessage(conn));
    PQclear(result);
}

/* Reads what lies behind the cursor; returns how many rows. */
static int naive_read(PGconn *conn, int64_t *cursor)
{
    char text[96];
    PGresult *result;
    int rows;

    snprintf(text, sizeof text, "SELECT id FROM naive WHERE id > %" PRId64 " ORDER BY id", *cursor);
    result = PQexec(conn, text);
    rows = PQntuples(result);
    if (rows > 0)
        *cursor = strtoll(PQgetvalue(result, rows - 1, 0), NULL, 10);
    PQclear(result);
    return rows;
}

/* Two writers at once, of which the first to take its id is the last to commit. */
static int naive_round(PGconn *slow, PGconn *quick, PGconn *reader, int64_t *cursor)
{
    int rows;

    execute(slow, "BEGIN");
    execute(slow, "INSERT INTO naive (round) VALUES (1)");
    execute(quick, "INSERT INTO naive (round) VALUES (2)");
    rows = naive_read(reader, cursor);
    execute(slow, "COMMIT");
    return rows + naive_read(reader, cursor);
}

static void test_naive_reader_loses(void **state)
{
    PGconn *slow = connect_plain();
    PGconn *quick = connect_plain();
    PGconn *reader = connect_plain();
    int64_t cursor = 0;
    int read = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++)
        read += naive_round(slow, quick, reader, &cursor);
    if (read >= 2 * ROUNDS)
        fail_msg("the naive reader lost nothing: the test proves nothing");
    PQfinish(slow);
    PQfinish(quick);
    PQfinish(reader);
}

/* ---- ours ---- */

struct writer {
    int number;
    int good;
};

static void *writer_run(void *user)
{
    struct writer *writer = user;

    for (int i = 0; i < ROUNDS; i++) {
        char key[16];

        snprintf(key, sizeof key, "w%d", writer->number);
        writer->good += toy_call(&fixture.replicas[writer->number % 2], "local:a",
                                 writer->number * ROUNDS + i, key, "", NULL) == NIVA_OK;
    }
    return NULL;
}

/* What a reader has seen: each writer's counters must come in order, one by one. */
struct reader {
    struct niva_pg *pg;
    int64_t position;
    int64_t counters[WRITERS];
};

static void event_take(struct reader *reader, const Io__Cloudevents__V1__CloudEvent *cloud_event,
                       struct niva_arena *arena)
{
    const Niva__Intake__V1__ReportReceived *data;
    struct niva_event event;
    struct niva_error err;
    int writer;

    assert_true(niva_event_read(cloud_event, arena, &event, &err));
    assert_int_equal(event.position, reader->position + 1);
    reader->position = event.position;
    data = (const Niva__Intake__V1__ReportReceived *)event.data;
    writer = atoi(event.subject + 1);
    assert_int_equal(strtoll(data->report->report_id, NULL, 10), reader->counters[writer] + 1);
    reader->counters[writer]++;
}

static void reader_read(struct reader *reader)
{
    struct niva_arena *arena = niva_arena_new(64 << 20);
    Io__Cloudevents__V1__CloudEvent **events;
    int64_t head, next;
    struct niva_error err;
    size_t count;

    if (!niva_events_select(reader->pg, NULL, 0, true, reader->position, 1000, NULL, 0, NULL, arena,
                            &count, &events, &head, &next, &err))
        fail_msg("%s", err.cause);
    for (size_t i = 0; i < count; i++)
        event_take(reader, events[i], arena);
    assert_int_equal(next, reader->position);
    niva_arena_free(arena);
}

static struct niva_pg *connect_reader(void)
{
    struct niva_error err;
    struct niva_pg *pg =
        niva_pg_open(cluster_conninfo(fixture.cluster, fixture.database, "niva_intake"), "intake",
                     "reader", &err);

    assert_non_null(pg);
    return pg;
}

static void assert_complete(struct reader *reader)
{
    assert_int_equal(reader->position, WRITERS * ROUNDS);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(reader->counters[i], ROUNDS);
    niva_pg_close(reader->pg);
}

static void test_our_readers_lose_nothing(void **state)
{
    struct reader live = {.pg = connect_reader()};
    struct reader late = {.pg = connect_reader()};
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];

    (void)state;
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, writer_run, &writers[i]), 0);
    }
    while (live.position < WRITERS * ROUNDS)
        reader_read(&live);
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].good, ROUNDS);
    }
    reader_read(&late);
    assert_complete(&live);
    assert_complete(&late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_naive_reader_loses),
        cmocka_unit_test(test_our_readers_lose_nothing),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
