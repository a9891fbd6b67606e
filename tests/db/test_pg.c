/* Connections, parameters, rows, errors, the pool: against a real server. */
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "services/common/pg/pg.h"
#include "tests/support/cluster.h"

struct fixture {
    struct cluster *cluster;
    const char *database;
    struct niva_pg *pg;
    struct niva_arena *arena;
};

static int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    assert_non_null(fixture);
    fixture->cluster = cluster_new();
    fixture->arena = niva_arena_new(64 << 20);
    *state = fixture;
    return 0;
}

static int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;

    cluster_free(fixture->cluster);
    niva_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static struct niva_pg *connection(const struct fixture *fixture)
{
    struct niva_error err;
    struct niva_pg *pg =
        niva_pg_open(cluster_conninfo(fixture->cluster, fixture->database, "niva_intake_owner"),
                     "intake", "test-pg", &err);

    if (pg == NULL)
        fail_msg("open: %s", err.cause);
    return pg;
}

static int test_setup(void **state)
{
    struct fixture *fixture = *state;

    niva_arena_reset(fixture->arena);
    fixture->database = cluster_database(fixture->cluster);
    fixture->pg = connection(fixture);
    return 0;
}

static int test_teardown(void **state)
{
    struct fixture *fixture = *state;

    fixture->pg = niva_pg_close(fixture->pg);
    return 0;
}

static void run_good(struct niva_pg *pg, struct niva_query *queries, size_t count)
{
    struct niva_error err;

    if (!niva_pg_run(pg, queries, count, &err))
        fail_msg("%s: %s", niva_code_name((int)err.code), err.cause);
}

static void test_settings(void **state)
{
    static const struct niva_statement statement = {
        "settings", "SELECT current_setting('search_path'), current_setting('statement_timeout'),"
                    " current_setting('lock_timeout'),"
                    " current_setting('idle_in_transaction_session_timeout'),"
                    " current_setting('application_name'), current_setting('TimeZone')"};
    static const char *const expected[] = {"intake", "30s", "5s", "1min", "test-pg", "UTC"};
    struct fixture *fixture = *state;
    struct niva_query query = {.statement = &statement};

    run_good(fixture->pg, &query, 1);
    for (int column = 0; column < 6; column++)
        assert_string_equal(niva_row_text(&query, 0, column), expected[column]);
    niva_queries_clear(&query, 1);
}

static void test_values_come_back(void **state)
{
    static const struct niva_statement statement = {
        "values", "SELECT $1::int4, $2::int8, $3::bool, $4::text, $5::bytea, $6::uuid, $7::date,"
                  " $8::timestamptz, $7::date::text, $8::timestamptz::text"};
    struct fixture *fixture = *state;
    struct niva_query query = {.statement = &statement, .params.arena = fixture->arena};
    struct niva_uuid uuid = niva_uuid_v7(1);
    struct niva_uuid read;
    size_t size;

    niva_param_int32(&query.params, INT32_MIN);
    niva_param_int64(&query.params, INT64_MAX);
    niva_param_bool(&query.params, true);
    niva_param_text(&query.params, "Västerås");
    niva_param_bytes(&query.params, "\0\1", 2);
    niva_param_uuid(&query.params, &uuid);
    niva_param_day(&query.params, niva_day_from_civil(1999, 12, 31));
    niva_param_instant(&query.params, 1655978400123456);
    run_good(fixture->pg, &query, 1);
    assert_int_equal(niva_row_int32(&query, 0, 0), INT32_MIN);
    assert_true(niva_row_int64(&query, 0, 1) == INT64_MAX);
    assert_true(niva_row_bool(&query, 0, 2));
    assert_string_equal(niva_row_text(&query, 0, 3), "Västerås");
    assert_memory_equal(niva_row_bytes(&query, 0, 4, &size), "\0\1", 2);
    assert_int_equal(size, 2);
    read = niva_row_uuid(&query, 0, 5);
    assert_memory_equal(read.bytes, uuid.bytes, sizeof uuid.bytes);
    assert_int_equal(niva_row_day(&query, 0, 6), niva_day_from_civil(1999, 12, 31));
    assert_true(niva_row_instant(&query, 0, 7) == 1655978400123456);
    assert_string_equal(niva_row_text(&query, 0, 8), "1999-12-31");
    assert_string_equal(niva_row_text(&query, 0, 9), "2022-06-23 10:00:00.123456+00");
    niva_queries_clear(&query, 1);
}

static void test_absent_values(void **state)
{
    static const struct niva_statement statement = {
        "absent", "SELECT $1::text, $2::bytea, $3::uuid, $4::date, $5::date, $6::timestamptz,"
                  " $7::timestamptz, NULL::int4, NULL::int8, NULL::bool, $7::timestamptz::text"};
    struct fixture *fixture = *state;
    struct niva_query query = {.statement = &statement, .params.arena = fixture->arena};
    size_t size = 1;

    niva_param_text(&query.params, NULL);
    niva_param_bytes(&query.params, NULL, 0);
    niva_param_uuid(&query.params, NULL);
    niva_param_day(&query.params, NIVA_DAY_NONE);
    niva_param_day(&query.params, NIVA_DAY_END);
    niva_param_instant(&query.params, INT64_MIN);
    niva_param_instant(&query.params, INT64_MAX);
    run_good(fixture->pg, &query, 1);
    for (int column = 0; column < 10; column++)
        assert_int_equal(niva_row_null(&query, 0, column), column != 6);
    assert_string_equal(niva_row_text(&query, 0, 0), "");
    assert_null(niva_row_bytes(&query, 0, 1, &size));
    assert_int_equal(size, 0);
    assert_int_equal(niva_row_day(&query, 0, 3), NIVA_DAY_NONE);
    assert_true(niva_row_instant(&query, 0, 5) == INT64_MIN);
    assert_true(niva_row_instant(&query, 0, 6) == INT64_MAX);
    assert_string_equal(niva_row_text(&query, 0, 10), "infinity");
    assert_true(niva_row_int64(&query, 0, 8) == 0);
    niva_queries_clear(&query, 1);
}

enum { MANY = 20000 };

static void columns_fill(struct niva_query *query, struct niva_arena *arena, int count)
{
    struct niva_column *numbers = niva_column_new(NIVA_COLUMN_INT64, arena);
    struct niva_column *texts = niva_column_new(NIVA_COLUMN_TEXT, arena);
    struct niva_column *days = niva_column_new(NIVA_COLUMN_DAY, arena);

    for (int i = 0; i < count; i++) {
        char text[32];

        snprintf(text, sizeof text, "rad %d", i);
        niva_column_int64(numbers, i);
        niva_column_text(texts, i % 2 == 0 ? text : NULL);
        niva_column_day(days, i % 3 == 0 ? NIVA_DAY_END : i);
    }
    niva_param_column(&query->params, numbers);
    niva_param_column(&query->params, texts);
    niva_param_column(&query->params, days);
}

static void test_columns(void **state)
{
    static const struct niva_statement statement = {
        "columns", "SELECT * FROM unnest($1, $2, $3) AS c (n, t, d) ORDER BY n"};
    struct fixture *fixture = *state;
    const int counts[] = {0, 1, MANY};

    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        struct niva_query query = {.statement = &statement, .params.arena = fixture->arena};

        columns_fill(&query, fixture->arena, counts[c]);
        run_good(fixture->pg, &query, 1);
        assert_int_equal(niva_rows(&query), counts[c]);
        for (int i = 0; i < counts[c]; i++) {
            assert_int_equal(niva_row_int64(&query, i, 0), i);
            assert_int_equal(niva_row_null(&query, i, 1), i % 2);
            assert_int_equal(niva_row_day(&query, i, 2), i % 3 == 0 ? NIVA_DAY_NONE : i);
        }
        niva_queries_clear(&query, 1);
    }
}

/* Both directions of the socket are full at once: with a blocking client each side would wait for
 * the other for ever. */
static void test_large_pipeline(void **state)
{
    static const struct niva_statement statement = {"echo", "SELECT $1::bytea"};
    enum { QUERIES = 40, SIZE = 1 << 20 };
    struct fixture *fixture = *state;
    struct niva_query queries[QUERIES] = {0};
    char *bytes = calloc(1, SIZE);
    size_t size;

    assert_non_null(bytes);
    for (int i = 0; i < QUERIES; i++) {
        queries[i] = (struct niva_query){.statement = &statement, .params.arena = fixture->arena};
        bytes[0] = (char)i;
        niva_param_bytes(&queries[i].params, bytes, SIZE);
    }
    run_good(fixture->pg, queries, QUERIES);
    for (int i = 0; i < QUERIES; i++) {
        assert_int_equal(niva_row_bytes(&queries[i], 0, 0, &size)[0], i);
        assert_int_equal(size, SIZE);
    }
    niva_queries_clear(queries, QUERIES);
    free(bytes);
}

static const struct niva_statement table_make = {"t_make", "CREATE TABLE t (n int8 PRIMARY KEY)"};
static const struct niva_statement row_insert = {"t_insert", "INSERT INTO t VALUES ($1)"};
static const struct niva_statement rows_count = {"t_count", "SELECT count(*) FROM t"};

static void insert_fill(struct niva_query *query, struct niva_arena *arena, int64_t number)
{
    *query = (struct niva_query){.statement = &row_insert, .params.arena = arena};
    niva_param_int64(&query->params, number);
}

static int64_t rows_stored(struct niva_pg *pg)
{
    struct niva_query query = {.statement = &rows_count};
    int64_t count;

    run_good(pg, &query, 1);
    count = niva_row_int64(&query, 0, 0);
    niva_queries_clear(&query, 1);
    return count;
}

static void table_begin(struct fixture *fixture)
{
    struct niva_query query = {.statement = &table_make};

    run_good(fixture->pg, &query, 1);
    niva_queries_clear(&query, 1);
}

/* Statements that were to be prepared behind the failed one are prepared next time. */
static void test_failure_stops_the_rest(void **state)
{
    static const struct niva_statement wrong = {"t_wrong", "SELECT 1 / 0"};
    struct fixture *fixture = *state;
    struct niva_query queries[4] = {{.statement = &niva_pg_begin}, {.statement = &wrong}};
    struct niva_error err;

    table_begin(fixture);
    insert_fill(&queries[2], fixture->arena, 1);
    queries[3] = (struct niva_query){.statement = &rows_count};
    assert_false(niva_pg_run(fixture->pg, queries, 4, &err));
    assert_int_equal(err.code, NIVA_INTERNAL);
    assert_string_equal(niva_pg_sqlstate(fixture->pg), "22012");
    assert_non_null(strstr(err.cause, "22012"));
    assert_non_null(strstr(err.cause, "t_wrong"));
    assert_false(niva_pg_transient(fixture->pg));
    assert_true(niva_pg_alive(fixture->pg));
    for (int i = 0; i < 4; i++) /* a caller that only goes home leaks nothing */
        assert_null(queries[i].result);

    /* COMMIT of what failed must not look like success */
    queries[0] = (struct niva_query){.statement = &niva_pg_commit};
    assert_false(niva_pg_run(fixture->pg, queries, 1, &err));
    assert_int_equal(err.code, NIVA_INTERNAL);
    niva_queries_clear(queries, 1);

    insert_fill(&queries[0], fixture->arena, 1);
    insert_fill(&queries[1], fixture->arena, 2);
    run_good(fixture->pg, queries, 2);
    assert_string_equal(niva_pg_sqlstate(fixture->pg), "");
    niva_queries_clear(queries, 2);
    assert_int_equal(rows_stored(fixture->pg), 2);
}

static void test_codes(void **state)
{
    static const struct {
        struct niva_statement statement;
        const char *sqlstate;
        enum niva_code code;
        bool transient;
        bool alive;
    } cases[] = {
        {{"c1", "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"}, "40001", NIVA_ABORTED, true, true},
        {{"c2", "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"}, "40P01", NIVA_ABORTED, true, true},
        {{"c3", "DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$"},
         "55P03",
         NIVA_UNAVAILABLE,
         false,
         true},
        {{"c4", "DO $$ BEGIN RAISE SQLSTATE '53100'; END $$"},
         "53100",
         NIVA_UNAVAILABLE,
         false,
         true},
        {{"c5", "DO $$ BEGIN SET LOCAL statement_timeout = 1; PERFORM pg_sleep(10); END $$"},
         "57014",
         NIVA_DEADLINE_EXCEEDED,
         false,
         true},
        {{"c6", "DO $$ BEGIN RAISE unique_violation; END $$"}, "23505", NIVA_INTERNAL, false, true},
        {{"c7", "SELECT pg_terminate_backend(pg_backend_pid())"},
         "57P01",
         NIVA_UNAVAILABLE,
         true,
         false},
    };
    struct fixture *fixture = *state;
    static const struct niva_statement hasten = {"hasten", "SET statement_timeout = '20ms'"};
    static const struct niva_statement calm = {"calm", "SET statement_timeout = '60s'"};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct niva_query query = {.statement = &cases[i].statement};
        bool slow = strcmp(cases[i].sqlstate, "57014") == 0;
        struct niva_query before = {.statement = slow ? &hasten : &calm};
        struct niva_error err;

        run_good(fixture->pg, &before, 1);
        niva_queries_clear(&before, 1);
        assert_false(niva_pg_run(fixture->pg, &query, 1, &err));
        if (cases[i].alive)
            assert_string_equal(niva_pg_sqlstate(fixture->pg), cases[i].sqlstate);
        assert_string_equal(niva_code_name((int)err.code), niva_code_name((int)cases[i].code));
        assert_int_equal(niva_pg_transient(fixture->pg), cases[i].transient);
        assert_int_equal(niva_pg_alive(fixture->pg), cases[i].alive);
        assert_true(err.text_sv[0] != '\0' && err.text_en[0] != '\0');
        if (err.code == NIVA_UNAVAILABLE)
            assert_true(err.retry_after_ms > 0);
        niva_queries_clear(&query, 1);
    }
}

static void test_connects_again(void **state)
{
    struct fixture *fixture = *state;
    int64_t deadline = niva_clock_monotonic_ms() + 20000;
    struct niva_query idle = {.statement = &niva_pg_rollback};
    struct niva_query query = {0};
    struct niva_error err;

    table_begin(fixture);
    insert_fill(&query, fixture->arena, 1);
    run_good(fixture->pg, &query, 1);
    cluster_kill(fixture->cluster);
    /* a backend outlives its killed postmaster by a moment */
    while (niva_pg_run(fixture->pg, &idle, 1, &err))
        assert_true(niva_clock_monotonic_ms() < deadline);
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
    assert_false(niva_pg_alive(fixture->pg));
    assert_false(niva_pg_run(fixture->pg, &query, 1, &err));
    assert_false(niva_pg_reopen(fixture->pg, niva_clock_monotonic_ms() + 50, &err));
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
    cluster_start(fixture->cluster);
    assert_true(niva_pg_reopen(fixture->pg, deadline, &err));
    niva_queries_clear(&query, 1);
    insert_fill(&query, fixture->arena, 2);
    run_good(fixture->pg, &query, 1);
    niva_queries_clear(&query, 1);
    assert_int_equal(rows_stored(fixture->pg), 2);
}

static void test_nobody_listens(void **state)
{
    struct niva_error err;

    (void)state;
    assert_null(niva_pg_open("host=/nonexistent port=5432 dbname=niva", "intake", "test", &err));
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
}

static void test_out_of_memory(void **state)
{
    static const struct niva_statement statement = {"echo_text", "SELECT $1::text"};
    struct fixture *fixture = *state;
    struct niva_query query = {.statement = &statement, .params.arena = fixture->arena};
    struct niva_error err;

    niva_arena_fail_after(1);
    niva_param_text(&query.params, "x");
    assert_false(niva_pg_run(fixture->pg, &query, 1, &err));
    assert_int_equal(err.code, NIVA_INTERNAL);
    assert_true(niva_pg_alive(fixture->pg));
    for (int i = 0; i < NIVA_PARAMS_MAX + 1; i++)
        niva_param_bool(&query.params, true);
    assert_true(query.params.failed);
}

struct taker {
    struct niva_pg_pool *pool;
    struct niva_pg *pg;
    struct niva_error err;
};

static void *taker_run(void *user)
{
    struct taker *taker = user;

    taker->pg = niva_pg_pool_take(taker->pool, niva_clock_monotonic_ms() + 20000, &taker->err);
    return NULL;
}

static void test_pool(void **state)
{
    struct fixture *fixture = *state;
    const char *conninfo =
        cluster_conninfo(fixture->cluster, fixture->database, "niva_intake_owner");
    struct taker taker = {.pool = niva_pg_pool_new(conninfo, "intake", "test-pool", 2)};
    int64_t deadline = niva_clock_monotonic_ms() + 20000;
    struct niva_query query = {.statement = &niva_pg_begin};
    struct niva_error err;
    struct niva_pg *first = niva_pg_pool_take(taker.pool, deadline, &err);
    struct niva_pg *second = niva_pg_pool_take(taker.pool, deadline, &err);
    pthread_t thread;

    assert_non_null(first);
    assert_non_null(second);
    assert_null(niva_pg_pool_take(taker.pool, niva_clock_monotonic_ms() + 20, &err));
    assert_int_equal(err.code, NIVA_DEADLINE_EXCEEDED);

    /* one inside a transaction does not come back */
    run_good(first, &query, 1);
    niva_queries_clear(&query, 1);
    assert_int_equal(pthread_create(&thread, NULL, taker_run, &taker), 0);
    niva_pg_pool_give(taker.pool, first);
    pthread_join(thread, NULL);
    assert_non_null(taker.pg);
    run_good(taker.pg, &query, 1);
    query = (struct niva_query){.statement = &niva_pg_rollback, .result = query.result};
    run_good(taker.pg, &query, 1);
    niva_queries_clear(&query, 1);

    /* resting ones that the server has cut are opened again */
    niva_pg_pool_give(taker.pool, taker.pg);
    niva_pg_pool_give(taker.pool, second);
    cluster_stop(fixture->cluster);
    assert_null(niva_pg_pool_take(taker.pool, niva_clock_monotonic_ms() + 100, &err));
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
    cluster_start(fixture->cluster);
    for (int i = 0; i < 4; i++) {
        first = niva_pg_pool_take(taker.pool, deadline, &err);
        assert_non_null(first);
        run_good(first, &query, 1);
        query = (struct niva_query){.statement = &niva_pg_commit, .result = query.result};
        run_good(first, &query, 1);
        niva_queries_clear(&query, 1);
        niva_pg_pool_give(taker.pool, first);
    }
    niva_pg_pool_free(taker.pool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_settings),       TEST(test_values_come_back),
        TEST(test_absent_values),  TEST(test_columns),
        TEST(test_large_pipeline), TEST(test_failure_stops_the_rest),
        TEST(test_codes),          TEST(test_connects_again),
        TEST(test_nobody_listens), TEST(test_out_of_memory),
        TEST(test_pool),
    };
    int failed = cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);

    return failed ? 1 : 0;
}
