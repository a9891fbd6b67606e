/* A stream that is followed in part: only what is asked for comes, and the cursor moves over the
 * rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/toy.h"

static struct {
    struct cluster *cluster;
    struct niva_arena *arena;
    const char *database;
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
    (void)state;
    niva_arena_reset(fixture.arena);
    fixture.database = cluster_database(fixture.cluster);
    toy_prepare(fixture.cluster, fixture.database, "intake");
    toy_init(&fixture.toy, cluster_conninfo(fixture.cluster, fixture.database, "niva_intake"),
             "intake", "upstream");
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

/* Starts the toy again as one that follows the counted events of its upstream alone. */
static void follow_in_part(bool aside)
{
    static const char *const types[] = {"se.niva.toy.counted.v1"};

    toy_stop(&fixture.toy);
    fixture.toy.upstream.types = types;
    fixture.toy.upstream.type_count = 1;
    fixture.toy.upstream.aside = aside;
    fixture.toy.options.rehearsal = true;
    toy_start(&fixture.toy);
}

/* Events at these positions, and nothing of ours behind them up to `next`. */
static bool part_apply(const int64_t *positions, size_t count, int64_t next, const char *note,
                       struct niva_error *err)
{
    const struct niva_event *events[200];

    for (size_t i = 0; i < count; i++)
        events[i] = toy_event(fixture.arena, "upstream", positions[i], "k", note);
    return niva_journal_apply(fixture.toy.journal, "upstream", events, count, next, err);
}

static void assert_part(int64_t cursor, int64_t counted)
{
    struct niva_error err;
    int64_t seen;

    assert_int_equal(
        strtoll(sql("SELECT position FROM intake.cursor WHERE stream = 'upstream'"), NULL, 10),
        cursor);
    assert_int_equal(strtoll(sql("SELECT coalesce(max(n), 0) FROM intake.toy"), NULL, 10), counted);
    assert_true(niva_journal_cursor(fixture.toy.journal, "upstream", &seen, &err));
    assert_int_equal(seen, cursor);
    assert_true(niva_journal_wait(fixture.toy.journal, "upstream", cursor, 0, &err));
    assert_false(niva_journal_wait(fixture.toy.journal, "upstream", cursor + 1, 0, &err));
}

/* What lies between is passed over, also where there is nothing else; nothing is applied twice. */
static void test_part_of_a_stream(void **state)
{
    static const int64_t first[] = {3, 7};
    static const int64_t second[] = {7, 20, 21};
    int64_t many[200];
    struct niva_error err;

    (void)state;
    follow_in_part(false);
    assert_true(part_apply(first, 2, 12, "", &err));
    assert_part(12, 2);
    assert_true(part_apply(NULL, 0, 18, "", &err));
    assert_part(18, 2);
    assert_true(part_apply(NULL, 0, 4, "", &err));
    assert_part(18, 2);
    assert_true(part_apply(second, 3, 21, "", &err));
    assert_part(21, 4);
    for (int i = 0; i < 200; i++)
        many[i] = 30 + 2 * i;
    assert_true(part_apply(many, 200, 1000, "", &err));
    assert_part(1000, 204);
    assert_string_equal(sql("SELECT position FROM intake.stream_head"), "204");
    assert_false(niva_journal_apply(fixture.toy.journal, "another", NULL, 0, 1, &err));
    assert_string_equal(niva_code_name((int)err.code), "INTERNAL");
}

/* A poison event stops it before what comes behind, and before what is passed. */
static void test_part_stops(void **state)
{
    static const int64_t positions[] = {2, 4};
    struct niva_error err;

    (void)state;
    follow_in_part(false);
    assert_true(part_apply(NULL, 0, 1, "", &err));
    assert_false(part_apply(positions, 2, 9, "reject", &err));
    assert_part(1, 0);
}

/* Of a stream that is followed whole nothing can be passed. */
static void test_nothing_is_passed(void **state)
{
    static const int64_t positions[] = {1, 2};
    struct niva_error err;

    (void)state;
    assert_true(part_apply(positions, 2, 2, "", &err));
    assert_false(part_apply(NULL, 0, 3, "", &err));
    assert_string_equal(niva_code_name((int)err.code), "FAILED_PRECONDITION");
    assert_part(2, 2);
}

/* What is kept beside the record leaves its time alone, unless something is appended. */
static void test_aside(void **state)
{
    static const int64_t positions[] = {1, 2, 3};
    const char *recorded = "SELECT recorded_at > '2022-01-01' FROM intake.stream_head";
    struct niva_error err;

    (void)state;
    follow_in_part(true);
    assert_true(part_apply(positions, 1, 1, "quiet", &err));
    assert_part(1, 1);
    assert_string_equal(sql(recorded), "f");
    assert_true(part_apply(&positions[1], 1, 2, "", &err));
    assert_string_equal(sql(recorded), "t");
    follow_in_part(false);
    sql("UPDATE intake.stream_head SET recorded_at = 'epoch'");
    assert_true(part_apply(&positions[2], 1, 3, "quiet", &err));
    assert_string_equal(sql(recorded), "t");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_part_of_a_stream),
        TEST(test_part_stops),
        TEST(test_nothing_is_passed),
        TEST(test_aside),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
