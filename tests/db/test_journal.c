/* The one writer, command by command: batches, idempotency, rejection, time, what follows. */
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

static void test_one_command(void **state)
{
    struct toy_call call;

    (void)state;
    assert_code(toy_call(&rig.toy, "local:a", 1, "k", "", &call), NIVA_OK);
    assert_int_equal(call.counter, 1);
    assert_int_equal(call.position, 1);
    assert_false(call.replayed);
    assert_code(toy_call(&rig.toy, "local:a", 2, "k", "", &call), NIVA_OK);
    assert_int_equal(call.counter, 2);
    assert_int_equal(call.position, 2);
    assert_record(2);
    assert_string_equal(rig_sql("SELECT recorded_by FROM intake.fact WHERE fact_no = 1"),
                        "local:a");
    assert_string_equal(rig_sql("SELECT subject FROM intake.event WHERE position = 1"), "k");
}

static void test_same_request_again(void **state)
{
    struct toy_call call;

    (void)state;
    assert_code(toy_call(&rig.toy, "local:a", 1, "k", "", NULL), NIVA_OK);
    assert_code(toy_call(&rig.toy, "local:a", 2, "k", "", NULL), NIVA_OK);
    assert_code(toy_call(&rig.toy, "local:a", 1, "k", "", &call), NIVA_OK);
    assert_int_equal(call.counter, 1);
    assert_int_equal(call.position, 1);
    assert_true(call.replayed);
    assert_record(2);
}

static void test_same_id_other_content(void **state)
{
    struct toy_call call;

    (void)state;
    assert_code(toy_call(&rig.toy, "local:a", 1, "k", "", NULL), NIVA_OK);
    assert_code(toy_call(&rig.toy, "local:a", 1, "other", "", &call), NIVA_ALREADY_EXISTS);
    assert_int_equal(call.err.violation_count, 1);
    assert_string_equal(call.err.violations[0].field, "requestId");
    assert_record(1);
}

static void test_another_principals_id(void **state)
{
    struct toy_call call;

    (void)state;
    assert_code(toy_call(&rig.toy, "local:a", 1, "k", "", NULL), NIVA_OK);
    assert_code(toy_call(&rig.toy, "local:b", 1, "k", "", &call), NIVA_OK);
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
    assert_true(toy_send(&rig.toy, &call));
    toy_await(&call);
    assert_code(call.code, NIVA_INVALID_ARGUMENT);
    assert_string_equal(call.err.violations[0].field, "requestId");
    toy_call_free(&call);
    assert_record(0);
}

enum { CALLS_MAX = 300 };

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
    assert_string_equal(rig_sql("SELECT count(*) FROM intake.request"), "1");
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
    assert_string_equal(rig_sql("SELECT count(DISTINCT xmin::text) <= 4 FROM intake.event"), "t");
}

/* ---- time ---- */

static enum niva_code call_recorded(niva_instant recorded_at, int id, struct toy_call *call)
{
    toy_call_init(call, "local:a", id, "k", "");
    call->command.recorded_at = recorded_at;
    if (toy_send(&rig.toy, call))
        toy_await(call);
    toy_call_free(call);
    return call->code;
}

static void assert_last_recorded(const char *expected)
{
    assert_string_equal(rig_sql("SELECT to_char(recorded_at AT TIME ZONE 'UTC',"
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
    toy_stop(&rig.toy);
    rig.toy.options.rehearsal = true;
    toy_start(&rig.toy);
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
    assert_string_equal(rig_sql("SELECT clock_day IS NULL FROM intake.stream_head"), "t");
    assert_record(4);
}

/* A rehearsal that has not begun a day yet: the command that sets it is recorded on that day, and
 * what comes then too; nothing lands years ahead, where the machine's clock is. */
static void test_day_of_rehearsal(void **state)
{
    static const char day[] =
        "SELECT (recorded_at AT TIME ZONE 'Europe/Stockholm')::date FROM intake.stream_head";

    (void)state;
    toy_stop(&rig.toy);
    rig.toy.options.rehearsal = true;
    toy_start(&rig.toy);
    assert_code(toy_call(&rig.toy, "local:a", 1, "k", "day", NULL), NIVA_OK);
    assert_string_equal(rig_sql("SELECT clock_day FROM intake.stream_head"), "2022-06-23");
    assert_string_equal(rig_sql(day), "2022-06-23");
    assert_code(toy_call(&rig.toy, "local:a", 2, "k", "", NULL), NIVA_OK);
    assert_string_equal(rig_sql(day), "2022-06-23");
    toy_stop(&rig.toy);
    toy_start(&rig.toy);
    assert_code(toy_call(&rig.toy, "local:a", 3, "k", "", NULL), NIVA_OK);
    assert_string_equal(rig_sql(day), "2022-06-23");
    assert_record(3);
}

/* The day is the rehearsal's alone. */
static void test_no_day_without_rehearsal(void **state)
{
    (void)state;
    assert_code(toy_call(&rig.toy, "local:a", 1, "k", "day", NULL), NIVA_OK);
    assert_string_equal(rig_sql("SELECT clock_day IS NULL AND now() - recorded_at < '1 minute'"
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
    assert_string_equal(rig_sql("SELECT string_agg(type, ' ' ORDER BY position) FROM intake.event"
                                " WHERE position > 3"),
                        "se.niva.toy.worked.v1 se.niva.toy.worked.v1");
    assert_string_equal(rig_sql("SELECT position('-00000000001a'::bytea IN envelope) > 0"
                                " FROM intake.event WHERE position = 4"),
                        "t");
    assert_string_equal(rig_sql("SELECT position('-00000000001d'::bytea IN envelope) > 0"
                                " FROM intake.event WHERE position = 5"),
                        "t");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_one_command),
        RIG_TEST(test_same_request_again),
        RIG_TEST(test_same_id_other_content),
        RIG_TEST(test_another_principals_id),
        RIG_TEST(test_id_must_be_a_uuid),
        RIG_TEST(test_duplicates_fold),
        RIG_TEST(test_rejected_duplicates),
        RIG_TEST(test_rejected_among_good),
        RIG_TEST(test_culprit_among_good),
        RIG_TEST(test_large_batches),
        RIG_TEST(test_recorded_at_in_rehearsal),
        RIG_TEST(test_day_of_rehearsal),
        RIG_TEST(test_no_day_without_rehearsal),
        RIG_TEST(test_derived_events),
    };
    int failed = cmocka_run_group_tests(tests, rig_group_setup, rig_group_teardown);

    return failed ? 1 : 0;
}
