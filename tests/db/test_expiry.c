/* The end of the request log: answers older than 400 days are deleted, younger ones are given
 * again; in a rehearsal, whose days are moved by hand, all are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/toy.h"

static struct {
    struct cluster *cluster;
    const char *database;
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

static const char *sql(const char *text)
{
    return cluster_sql(fixture.cluster, fixture.database, text);
}

/* More than one set of answers that are 401 days old, and one of 399 days. */
static void toy_prepare_old(struct toy *toy, bool rehearsal)
{
    fixture.database = cluster_database(fixture.cluster);
    toy_prepare(fixture.cluster, fixture.database, "intake");
    sql("INSERT INTO intake.request SELECT 'local:old', gen_random_uuid(),"
        " decode(repeat('00', 32), 'hex'), 'm', '', now() - interval '401 days'"
        " FROM generate_series(1, 1001)");
    sql("INSERT INTO intake.request VALUES ('local:young', gen_random_uuid(),"
        " decode(repeat('00', 32), 'hex'), 'm', '', now() - interval '399 days')");
    toy_init(toy, cluster_conninfo(fixture.cluster, fixture.database, "niva_intake"), "intake",
             NULL);
    toy->options.rehearsal = rehearsal;
    toy_start(toy);
}

/* Between two answers the writer has looked once; it takes one set at a time. */
static void calls_make(struct toy *toy, int count)
{
    for (int id = 1; id <= count; id++)
        assert_int_equal(toy_call(toy, "local:a", id, "k", "", NULL), NIVA_OK);
}

static void test_old_answers_go(void **state)
{
    struct toy_call again;
    struct toy toy;

    (void)state;
    toy_prepare_old(&toy, false);
    calls_make(&toy, 3);
    assert_string_equal(sql("SELECT count(*) FROM intake.request WHERE principal = 'local:old'"),
                        "0");
    assert_string_equal(sql("SELECT count(*) FROM intake.request WHERE principal = 'local:young'"),
                        "1");
    assert_int_equal(toy_call(&toy, "local:a", 1, "k", "", &again), NIVA_OK);
    assert_true(again.replayed);
    toy_stop(&toy);
}

static void test_a_rehearsal_keeps_all(void **state)
{
    struct toy toy;

    (void)state;
    toy_prepare_old(&toy, true);
    calls_make(&toy, 3);
    assert_string_equal(sql("SELECT count(*) FROM intake.request"), "1005");
    toy_stop(&toy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_answers_go),
        cmocka_unit_test(test_a_rehearsal_keeps_all),
    };
    int failed = cmocka_run_group_tests_name("expiry", tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
