/* Events: their envelope, reading them by position, type and unit, the chain, and applying them
 * downstream. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "niva/intake/v1/events.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/bus/bus_sql.h"
#include "tests/support/proof.h"
#include "tests/support/toy.h"

static struct {
    struct cluster *cluster;
    const char *database;
    struct niva_arena *arena;
    struct niva_pg *pg;
    struct toy toy;
} fixture;

static int group_setup(void **state)
{
    (void)state;
    fixture.cluster = cluster_new();
    fixture.arena = niva_arena_new(64 << 20);
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    cluster_free(fixture.cluster);
    niva_arena_free(fixture.arena);
    return 0;
}

static int test_setup(void **state)
{
    struct niva_error err;

    (void)state;
    niva_arena_reset(fixture.arena);
    fixture.database = cluster_database(fixture.cluster);
    toy_prepare(fixture.cluster, fixture.database, "intake");
    toy_init(&fixture.toy, cluster_conninfo(fixture.cluster, fixture.database, "niva_intake"),
             "intake", "upstream");
    toy_start(&fixture.toy);
    fixture.pg = niva_pg_open(fixture.toy.conninfo, "intake", "test", &err);
    assert_non_null(fixture.pg);
    return 0;
}

static int test_teardown(void **state)
{
    (void)state;
    toy_stop(&fixture.toy);
    niva_pg_close(fixture.pg);
    return 0;
}

static const char *sql(const char *text)
{
    return cluster_sql(fixture.cluster, fixture.database, text);
}

static void commands_run(int count, const char *key)
{
    static int next_id = 1;

    for (int i = 0; i < count; i++)
        assert_int_equal(toy_call(&fixture.toy, "local:a", next_id++, key, "", NULL), NIVA_OK);
}

struct selection {
    bool user; /* the user listener: no internal events */
    int64_t after;
    int32_t limit;
    char *type;
    const char *unit;
    size_t count;
    Io__Cloudevents__V1__CloudEvent **events;
    int64_t head;
    int64_t next;
};

static void events_select(struct selection *selection)
{
    struct niva_error err;

    if (!niva_events_select(
            fixture.pg, fixture.toy.options.types, fixture.toy.options.type_count, !selection->user,
            selection->after, selection->limit == 0 ? 100 : selection->limit, &selection->type,
            selection->type != NULL, selection->unit, fixture.arena, &selection->count,
            &selection->events, &selection->head, &selection->next, &err))
        fail_msg("%s", err.cause);
}

static void event_read(const Io__Cloudevents__V1__CloudEvent *cloud_event, struct niva_event *event)
{
    struct niva_error err;

    if (!niva_event_read(cloud_event, fixture.arena, event, &err))
        fail_msg("%s %s", err.text_en, err.violations[0].field);
}

static void test_envelope(void **state)
{
    static const char traceparent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    struct selection selection = {0};
    const Niva__Intake__V1__ReportReceived *data;
    struct niva_event event;
    struct toy_call call;

    (void)state;
    toy_call_init(&call, "local:anna", 42, "SE2321000016-1001", "");
    call.command.traceparent = traceparent;
    assert_true(toy_send(&fixture.toy, &call));
    toy_await(&call);
    toy_call_free(&call);
    events_select(&selection);
    assert_int_equal(selection.count, 1);
    assert_string_equal(selection.events[0]->source, "/niva/test/toy");
    assert_string_equal(selection.events[0]->spec_version, "1.0");
    event_read(selection.events[0], &event);
    assert_string_equal(event.stream, "intake");
    assert_int_equal(event.position, 1);
    assert_string_equal(event.type, "se.niva.toy.counted.v1");
    assert_string_equal(event.subject, "SE2321000016-1001");
    assert_string_equal(event.actor, "local:anna");
    assert_string_equal(event.causation_id, "00000000-0000-7000-8000-00000000002a");
    assert_string_equal(event.traceparent, traceparent);
    assert_true(event.time > 1655978400000000 && event.time <= niva_clock_now());
    assert_int_equal(event.id[14], '7');
    data = (const Niva__Intake__V1__ReportReceived *)event.data;
    assert_string_equal(data->report->report_id, "1");
    assert_string_equal(sql("SELECT position('partitionkey'::bytea IN envelope) > 0"
                            " FROM intake.event"),
                        "t");
}

/* Attributes that a reader needs, each taken away in turn. */
static void test_incomplete_events_are_refused(void **state)
{
    static const char *const needed[] = {"stream", "position", "time", "actor"};
    struct selection selection = {0};
    struct niva_event event;
    struct niva_error err;

    (void)state;
    commands_run(1, "k");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        Io__Cloudevents__V1__CloudEvent *broken;
        size_t kept = 0;

        events_select(&selection);
        broken = selection.events[0];
        for (size_t a = 0; a < broken->n_attributes; a++)
            if (strcmp(broken->attributes[a]->key, needed[i]) != 0)
                broken->attributes[kept++] = broken->attributes[a];
        broken->n_attributes = kept;
        assert_false(niva_event_read(broken, fixture.arena, &event, &err));
        assert_string_equal(niva_code_name((int)err.code), "INVALID_ARGUMENT");
        assert_string_equal(err.violations[0].field, needed[i]);
    }
    events_select(&selection);
    selection.events[0]->proto_data->type_url = (char *)"type.googleapis.com/niva.Unknown";
    assert_false(niva_event_read(selection.events[0], fixture.arena, &event, &err));
    assert_string_equal(err.violations[0].field, "dataschema");
}

static void test_pages(void **state)
{
    struct selection selection = {.limit = 4};

    (void)state;
    commands_run(6, "k");
    commands_run(4, "l");
    events_select(&selection);
    assert_int_equal(selection.count, 4);
    assert_int_equal(selection.head, 10);
    assert_int_equal(selection.next, 4);
    selection.after = 8;
    events_select(&selection);
    assert_int_equal(selection.count, 2);
    assert_int_equal(selection.next, 10);
    selection.after = 10;
    events_select(&selection);
    assert_int_equal(selection.count, 0);
    assert_int_equal(selection.next, 10);
    selection = (struct selection){.unit = "l", .limit = 3};
    events_select(&selection);
    assert_int_equal(selection.count, 3);
    assert_int_equal(selection.next, 9);
    selection = (struct selection){.type = (char *)"se.niva.toy.worked.v1"};
    events_select(&selection);
    assert_int_equal(selection.count, 0);
    assert_int_equal(selection.next, 10);
}

/* Events that make up more than an answer may hold are cut by size, and none is lost. */
static void test_pages_are_cut_by_size(void **state)
{
    enum { SIZE = 300000, COUNT = 8 };
    struct selection selection = {0};
    char *key = calloc(1, SIZE + 1);
    int read = 0;

    (void)state;
    memset(key, 'x', SIZE);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(toy_call(&fixture.toy, "local:big", i, "k", key, NULL), NIVA_OK);
    do {
        selection.after = selection.next;
        events_select(&selection);
        assert_in_range(selection.count, 1, 3);
        read += (int)selection.count;
    } while (selection.next < selection.head);
    assert_int_equal(read, COUNT);
    free(key);
}

static void test_internal_events_stay_inside(void **state)
{
    struct selection selection = {.user = true};

    (void)state;
    pthread_mutex_lock(&fixture.toy.lock);
    fixture.toy.work_wanted = 2;
    while (fixture.toy.works < 2 || fixture.toy.told_head < 2)
        pthread_cond_wait(&fixture.toy.changed, &fixture.toy.lock);
    pthread_mutex_unlock(&fixture.toy.lock);
    commands_run(1, "k");
    events_select(&selection);
    assert_int_equal(selection.count, 1);
    assert_int_equal(selection.head, 3);
    assert_int_equal(selection.next, 3);
    selection = (struct selection){.user = true, .type = (char *)"se.niva.toy.worked.v1"};
    events_select(&selection);
    assert_int_equal(selection.count, 0);
    assert_int_equal(selection.next, 3);
    selection.user = false;
    events_select(&selection);
    assert_int_equal(selection.count, 2);
}

/* ---- the chain ---- */

/* Each alteration by hand, and what the proof says of it; in pages of two rows, so that a page also
 * begins and ends at what was altered. */
static void test_altered_rows_are_found(void **state)
{
    static const struct {
        const char *alter;
        const char *found;
    } cases[] = {
        {"SELECT 1", ""},
        {"UPDATE event SET data = data || '\\x00' WHERE position = 3", "EVENT_ALTERED 3 data, "},
        {"UPDATE event SET salt = decode(repeat('00', 16), 'hex') WHERE position = 1",
         "EVENT_ALTERED 1 data, "},
        {"UPDATE event SET salt = NULL WHERE position = 1", "EVENT_ALTERED 1 data, "},
        {"UPDATE event SET data = NULL WHERE position = 1", "EVENT_ALTERED 1 data, "},
        {"UPDATE event SET data = NULL, salt = NULL WHERE position = 2",
         "EVENT_ERASED_WITHOUT_DECISION 2 data, "},
        {"UPDATE event SET envelope = envelope || '\\x1800' WHERE position = 4",
         "EVENT_CHAIN_BROKEN 4 hash, EVENT_UNREADABLE 4 envelope, "},
        {"UPDATE event SET type = 'other' WHERE position = 2", "EVENT_COLUMN 2 type, "},
        {"UPDATE event SET subject = 'other' WHERE position = 5", "EVENT_COLUMN 5 subject, "},
        {"UPDATE event SET id = gen_random_uuid() WHERE position = 5", "EVENT_COLUMN 5 id, "},
        {"UPDATE event SET recorded_at = 'epoch' WHERE position = 5",
         "EVENT_COLUMN 5 recorded_at, EVENT_TIME 5 recorded_at, "},
        {"UPDATE event SET digest = hash WHERE position = 1",
         "EVENT_ALTERED 1 data, EVENT_CHAIN_BROKEN 1 hash, "},
        {"UPDATE event SET hash = digest WHERE position = 6",
         "EVENT_CHAIN_BROKEN 6 hash, STREAM_HEAD 6 hash, "},
        {"DELETE FROM event WHERE position = 1", "EVENT_MISSING 1 position, "},
        {"DELETE FROM event WHERE position = 4", "EVENT_MISSING 4 position, "},
        {"DELETE FROM event WHERE position = 6", "EVENT_MISSING 6 position, "},
        {"DELETE FROM event", "EVENT_MISSING 1 position, "},
        {"UPDATE event a SET envelope = b.envelope, data = b.data, salt = b.salt,"
         " digest = b.digest FROM event b WHERE (a.position, b.position) IN ((2, 3), (3, 2))",
         "EVENT_CHAIN_BROKEN 2 hash, EVENT_COLUMN 2 id, EVENT_COLUMN 2 recorded_at, "
         "EVENT_COLUMN 2 position, EVENT_CHAIN_BROKEN 3 hash, EVENT_COLUMN 3 id, "
         "EVENT_COLUMN 3 recorded_at, EVENT_COLUMN 3 position, "},
        {"UPDATE stream_head SET position = 5", "STREAM_HEAD 5 position, "},
        {"UPDATE stream_head SET position = 7", "EVENT_MISSING 7 position, "},
        {"UPDATE stream_head SET hash = decode(repeat('00', 32), 'hex')", "STREAM_HEAD 6 hash, "},
        {"UPDATE stream_head SET recorded_at = 'epoch'", "STREAM_HEAD 6 recorded_at, "},
        {"UPDATE fact SET body = body || '\\x1800' WHERE fact_no = 3", "FACT_ALTERED 3 , "},
        {"UPDATE fact SET first_day = '2022-01-01' WHERE fact_no = 3", "FACT_ALTERED 3 , "},
        {"UPDATE fact SET body = NULL, salt = NULL WHERE fact_no = 6",
         "FACT_ERASED_WITHOUT_DECISION 6 , "},
        {"UPDATE fact SET kind = 'other' WHERE fact_no = 6", "FACT_CHAIN_BROKEN 6 , "},
        {"UPDATE fact SET id = 'other' WHERE fact_no = 5", "FACT_CHAIN_BROKEN 5 , "},
        {"UPDATE fact SET version = 7 WHERE fact_no = 4",
         "FACT_VERSION_MISSING 4 , FACT_CHAIN_BROKEN 4 , "},
        {"UPDATE fact SET unit = 'other' WHERE fact_no = 1", "FACT_CHAIN_BROKEN 1 , "},
        {"UPDATE fact SET profession_group = 'other' WHERE fact_no = 1", "FACT_CHAIN_BROKEN 1 , "},
        {"UPDATE fact SET region = 'x' WHERE fact_no = 1", "FACT_CHAIN_BROKEN 1 , "},
        {"UPDATE fact SET refers_to = 'x' WHERE fact_no = 1", "FACT_CHAIN_BROKEN 1 , "},
        {"UPDATE fact SET recorded_by = 'x' WHERE fact_no = 2", "FACT_CHAIN_BROKEN 2 , "},
        {"UPDATE fact SET recorded_at = recorded_at + interval '1 microsecond' WHERE fact_no = 2",
         "FACT_CHAIN_BROKEN 2 , "},
        {"UPDATE fact SET received_at = NULL WHERE fact_no = 2", "FACT_CHAIN_BROKEN 2 , "},
        {"DELETE FROM fact WHERE fact_no = 1", "FACT_MISSING 1 fact_no, "},
        {"DELETE FROM fact WHERE fact_no = 3", "FACT_MISSING 3 fact_no, "},
        {"DELETE FROM fact WHERE fact_no = 6", "FACT_MISSING 6 fact_no, "},
        {"INSERT INTO fact SELECT 7, kind, 'new', 1, unit, profession_group, region, refers_to,"
         " first_day, recorded_at, recorded_by, received_at, body, salt, digest, hash FROM fact"
         " WHERE fact_no = 6",
         "FACT_CHAIN_BROKEN 7 , FACT_HEAD 6 fact_no, "},
        {"UPDATE stream_head SET fact_no = 5", "FACT_HEAD 5 fact_no, "},
        {"UPDATE stream_head SET fact_hash = hash", "FACT_HEAD 6 fact_hash, "},
    };

    (void)state;
    commands_run(6, "k");
    sql("CREATE TABLE kept_event AS SELECT * FROM intake.event;"
        "CREATE TABLE kept_fact AS SELECT * FROM intake.fact;"
        "CREATE TABLE kept_head AS SELECT * FROM intake.stream_head");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char alter[400];
        const char *found;
        int64_t events;
        int64_t facts;

        snprintf(alter, sizeof alter, "SET search_path TO intake; %s", cases[i].alter);
        sql(alter);
        found = proof_chains(fixture.pg, 2, &events, &facts);
        if (strcmp(found, cases[i].found) != 0)
            fail_msg("%s:\nexpected %s\nactual   %s", cases[i].alter, cases[i].found, found);
        sql("TRUNCATE intake.event, intake.fact, intake.stream_head;"
            "INSERT INTO intake.event SELECT * FROM kept_event;"
            "INSERT INTO intake.fact SELECT * FROM kept_fact;"
            "INSERT INTO intake.stream_head SELECT * FROM kept_head");
    }
}

/* The migration chains what was on record before it as the journal would have. */
static void test_earlier_facts_are_chained(void **state)
{
    char migration[8000];
    int64_t events;
    int64_t facts;

    (void)state;
    commands_run(6, "k");
    sql("UPDATE intake.fact SET first_day = '1969-12-31', refers_to = 'å' WHERE fact_no = 2;"
        "UPDATE intake.fact SET received_at = NULL WHERE fact_no = 3;"
        "ALTER TABLE intake.fact DROP salt, DROP digest, DROP hash;"
        "ALTER TABLE intake.stream_head DROP fact_hash");
    assert_string_equal(niva_bus_migrations[2].name, "bus/0003_fact_chain.sql");
    snprintf(migration, sizeof migration, "SET search_path TO intake; %s",
             niva_bus_migrations[2].sql);
    sql(migration);
    niva_pg_close(fixture.pg);
    fixture.pg = niva_pg_open(fixture.toy.conninfo, "intake", "test", &(struct niva_error){0});
    assert_string_equal(proof_chains(fixture.pg, 4, &events, &facts), "");
    assert_int_equal(facts, 6);
}

/* Erasing takes the data away and leaves the rest readable. */
static void test_erased_event(void **state)
{
    struct selection selection = {0};
    struct niva_event event;

    (void)state;
    commands_run(2, "k");
    sql("UPDATE intake.event SET data = NULL, salt = NULL WHERE position = 1");
    events_select(&selection);
    assert_int_equal(selection.count, 2);
    event_read(selection.events[0], &event);
    assert_null(event.data);
    assert_string_equal(event.subject, "k");
    event_read(selection.events[1], &event);
    assert_non_null(event.data);
}

/* ---- applying ---- */

static bool events_apply(int64_t first, size_t count, int64_t poison, struct niva_error *err)
{
    const struct niva_event *events[400];

    for (size_t i = 0; i < count; i++)
        events[i] = toy_event(fixture.arena, "upstream", first + (int64_t)i, "k",
                              first + (int64_t)i == poison ? "reject" : "");
    return niva_journal_apply(fixture.toy.journal, "upstream", events, count,
                              first + (int64_t)count - 1, err);
}

static void assert_applied(int64_t expected)
{
    char text[32];
    int64_t cursor;
    struct niva_error err;

    snprintf(text, sizeof text, "%" PRId64, expected);
    assert_string_equal(sql("SELECT position FROM intake.cursor WHERE stream = 'upstream'"), text);
    assert_string_equal(sql("SELECT n FROM intake.toy WHERE key = 'k'"), text);
    assert_true(niva_journal_cursor(fixture.toy.journal, "upstream", &cursor, &err));
    assert_int_equal(cursor, expected);
}

static void test_events_are_applied_once(void **state)
{
    struct selection selection = {0};
    struct niva_event event;
    struct niva_error err;

    (void)state;
    assert_true(events_apply(1, 300, 0, &err));
    assert_applied(300);
    assert_true(events_apply(250, 60, 0, &err));
    assert_applied(309);
    assert_true(events_apply(1, 3, 0, &err));
    assert_applied(309);
    /* what follows from an event names it */
    events_select(&selection);
    event_read(selection.events[0], &event);
    assert_string_equal(event.causation_id, "00000000-0000-7000-9000-000000000001");
    assert_string_equal(event.actor, "local:upstream");
}

static void test_gap_is_refused(void **state)
{
    struct niva_error err;

    (void)state;
    assert_true(events_apply(1, 2, 0, &err));
    assert_false(events_apply(4, 2, 0, &err));
    assert_string_equal(niva_code_name((int)err.code), "FAILED_PRECONDITION");
    assert_applied(2);
}

/* It stops there: what came before is applied, what comes behind is not. */
static void test_poison_stops_the_stream(void **state)
{
    struct niva_error err;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_false(events_apply(1, 10, 6, &err));
        assert_string_equal(err.text_en, "No.");
        assert_applied(5);
    }
    assert_true(events_apply(6, 5, 0, &err));
    assert_applied(10);
}

/* An event that breaks the transaction is found by applying one by one. */
static void test_breaking_event(void **state)
{
    const struct niva_event *events[3];
    struct niva_error err;

    (void)state;
    for (int i = 0; i < 3; i++)
        events[i] = toy_event(fixture.arena, "upstream", i + 1, "k", i == 1 ? "break" : "");
    assert_false(niva_journal_apply(fixture.toy.journal, "upstream", events, 3, 3, &err));
    assert_string_equal(niva_code_name((int)err.code), "INTERNAL");
    assert_applied(1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_envelope),
        TEST(test_incomplete_events_are_refused),
        TEST(test_pages),
        TEST(test_pages_are_cut_by_size),
        TEST(test_internal_events_stay_inside),
        TEST(test_altered_rows_are_found),
        TEST(test_earlier_facts_are_chained),
        TEST(test_erased_event),
        TEST(test_events_are_applied_once),
        TEST(test_gap_is_refused),
        TEST(test_poison_stops_the_stream),
        TEST(test_breaking_event),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
