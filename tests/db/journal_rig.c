#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/db/journal_rig.h"

struct journal_rig rig;

int rig_group_setup(void **state)
{
    (void)state;
    rig.cluster = cluster_new();
    return 0;
}

int rig_group_teardown(void **state)
{
    (void)state;
    cluster_free(rig.cluster);
    return 0;
}

const char *rig_conninfo(void)
{
    return cluster_conninfo(rig.cluster, rig.database, "niva_intake");
}

int rig_setup(void **state)
{
    (void)state;
    rig.database = cluster_database(rig.cluster);
    toy_prepare(rig.cluster, rig.database, "intake");
    toy_init(&rig.toy, rig_conninfo(), "intake", "upstream");
    toy_start(&rig.toy);
    return 0;
}

int rig_teardown(void **state)
{
    (void)state;
    toy_stop(&rig.toy);
    return 0;
}

const char *rig_sql(const char *text)
{
    return cluster_sql(rig.cluster, rig.database, text);
}

void assert_record(long expected)
{
    char text[32];

    snprintf(text, sizeof text, "%ld", expected);
    assert_string_equal(rig_sql("SELECT coalesce(sum(n), 0) FROM intake.toy"), text);
    assert_string_equal(rig_sql("SELECT position FROM intake.stream_head"), text);
    assert_string_equal(rig_sql("SELECT fact_no FROM intake.stream_head"), text);
    assert_string_equal(rig_sql("SELECT count(*) FROM intake.event"), text);
    assert_string_equal(rig_sql("SELECT coalesce(max(position), 0) FROM intake.event"), text);
    assert_string_equal(rig_sql("SELECT count(*) FROM intake.fact"), text);
    assert_string_equal(rig_sql("SELECT coalesce(max(fact_no), 0) FROM intake.fact"), text);
    assert_string_equal(
        rig_sql(
            "SELECT count(*) FROM (SELECT recorded_at <= lag(recorded_at) OVER (ORDER BY position)"
            " AS falls FROM intake.event) e WHERE falls"),
        "0");
}

void assert_code(enum niva_code code, enum niva_code expected)
{
    assert_string_equal(niva_code_name((int)code), niva_code_name((int)expected));
}

void batch_send(struct toy_call *calls, size_t count)
{
    struct toy_call opener;

    toy_hold(&rig.toy);
    toy_call_init(&opener, "local:opener", 999, "opener", "reject");
    assert_true(toy_send(&rig.toy, &opener));
    toy_await_reading(&rig.toy);
    for (size_t i = 0; i < count; i++)
        assert_true(toy_send(&rig.toy, &calls[i]));
    toy_release(&rig.toy);
    for (size_t i = 0; i < count; i++)
        toy_await(&calls[i]);
    toy_await(&opener);
    toy_call_free(&opener);
}

void calls_free(struct toy_call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(calls[i].times, 1);
        toy_call_free(&calls[i]);
    }
}
