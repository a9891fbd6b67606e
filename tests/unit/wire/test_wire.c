#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "messages.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"

enum { ARENA_BYTES = 1 << 20 };

static void a_new_message_is_empty(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    Niva__Intake__V1__StaffingReport *report =
        niva_wire_new(&niva__intake__v1__staffing_report__descriptor, arena);
    ProtobufCBinaryData bytes;
    struct niva_error err;

    assert_string_equal(report->unit, "");
    assert_int_equal(report->n_positions, 0);
    assert_true(niva_wire_pack(&report->base, arena, &bytes, &err));
    assert_int_equal(bytes.len, 0);
    assert_non_null(bytes.data);
    niva_arena_free(arena);
}

static void a_copy_is_deep(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    Niva__Intake__V1__Position position = NIVA__INTAKE__V1__POSITION__INIT;
    Niva__Intake__V1__Position *positions[] = {&position};
    Niva__Intake__V1__StaffingReport report = NIVA__INTAKE__V1__STAFFING_REPORT__INIT;
    Niva__Intake__V1__StaffingReport *copy;
    char unit[] = "SE2321000016-A1";

    position.fte_milli = 1000;
    report.unit = unit;
    report.positions = positions;
    report.n_positions = 1;
    copy = niva_wire_copy(&report.base, arena);
    unit[0] = 'X';
    position.fte_milli = 1;
    assert_string_equal(copy->unit, "SE2321000016-A1");
    assert_int_equal(copy->positions[0]->fte_milli, 1000);
    niva_arena_free(arena);
}

static void fields_are_read_and_set_by_name(void **state)
{
    (void)state;
    Niva__Sample__Sample sample = NIVA__SAMPLE__SAMPLE__INIT;
    ProtobufCMessage *message = &sample.base;

    assert_int_equal(niva_wire_field(message->descriptor, "a_string")->id, 13);
    assert_null(niva_wire_field(message->descriptor, "aString"));
    assert_true(niva_wire_set_text(message, "a_string", "text"));
    assert_string_equal(niva_wire_get_text(message, "a_string"), "text");
    assert_true(niva_wire_set_int64(message, "an_int64", INT64_MIN));
    assert_true(sample.an_int64 == INT64_MIN);
    assert_true(niva_wire_set_int64(message, "an_int32", INT32_MAX));
    assert_int_equal(sample.an_int32, INT32_MAX);
    assert_false(niva_wire_set_int64(message, "an_int32", INT64_C(1) << 31));
    assert_int_equal(sample.an_int32, INT32_MAX);
    assert_true(niva_wire_set_bool(message, "a_bool", true));
    assert_true(sample.a_bool);
}

static void a_member_of_a_oneof_is_chosen_by_setting_it(void **state)
{
    (void)state;
    Niva__Sample__Sample sample = NIVA__SAMPLE__SAMPLE__INIT;
    ProtobufCMessage *message = &sample.base;

    assert_string_equal(niva_wire_get_text(message, "word"), "");
    assert_true(niva_wire_set_int64(message, "number", 7));
    assert_int_equal(sample.choice_case, NIVA__SAMPLE__SAMPLE__CHOICE_NUMBER);
    assert_string_equal(niva_wire_get_text(message, "word"), "");
    assert_true(niva_wire_set_text(message, "word", "seven"));
    assert_int_equal(sample.choice_case, NIVA__SAMPLE__SAMPLE__CHOICE_WORD);
    assert_string_equal(niva_wire_get_text(message, "word"), "seven");
}

static void what_is_not_such_a_field_is_left_alone(void **state)
{
    (void)state;
    Niva__Sample__Sample sample = NIVA__SAMPLE__SAMPLE__INIT;
    ProtobufCMessage *message = &sample.base;

    assert_string_equal(niva_wire_get_text(message, "nothing"), "");
    assert_string_equal(niva_wire_get_text(message, "an_int32"), "");
    assert_string_equal(niva_wire_get_text(message, "strings"), "");
    assert_false(niva_wire_set_text(message, "nothing", "x"));
    assert_false(niva_wire_set_text(message, "strings", "x"));
    assert_false(niva_wire_set_text(message, "some_bytes", "x"));
    assert_false(niva_wire_set_int64(message, "int32s", 1));
    assert_false(niva_wire_set_int64(message, "a_string", 1));
    assert_false(niva_wire_set_bool(message, "an_int32", true));
}

static void instants_and_timestamps_are_the_same(void **state)
{
    (void)state;
    static const niva_instant instants[] = {
        0,
        1,
        -1,
        999999,
        -999999,
        1000000,
        -1000000,
        1655978400123456,
        (niva_instant)NIVA_DAY_MIN * 86400000000,
        ((niva_instant)NIVA_DAY_MAX + 1) * 86400000000 - 1,
    };
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);

    for (size_t i = 0; i < sizeof instants / sizeof *instants; i++) {
        Google__Protobuf__Timestamp *timestamp = niva_wire_timestamp(instants[i], arena);
        niva_instant back = 42;

        assert_in_range(timestamp->nanos, 0, 999999000);
        assert_true(niva_wire_instant(timestamp, &back));
        assert_true(back == instants[i]);
    }
    niva_arena_free(arena);
}

static void timestamps_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        int32_t nanos;
    } cases[] = {
        {INT64_MIN, 0},
        {INT64_MAX, 999999999},
        {(int64_t)NIVA_DAY_MIN * 86400 - 1, 0},
        {((int64_t)NIVA_DAY_MAX + 1) * 86400, 0},
        {0, -1},
        {0, 1000000000},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
        niva_instant instant = 42;

        timestamp.seconds = cases[i].seconds;
        timestamp.nanos = cases[i].nanos;
        assert_false(niva_wire_instant(&timestamp, &instant));
        assert_int_equal(instant, 42);
    }
}

static void nanoseconds_are_cut(void **state)
{
    (void)state;
    Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    niva_instant instant = 0;

    timestamp.seconds = -1;
    timestamp.nanos = 999999999;
    assert_true(niva_wire_instant(&timestamp, &instant));
    assert_int_equal(instant, -1);
}

static void a_full_arena_is_told(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(16);
    Niva__Sample__Sample sample = NIVA__SAMPLE__SAMPLE__INIT;
    ProtobufCBinaryData bytes = {0};
    struct niva_error err;

    sample.a_string = (char *)(uintptr_t) "longer than sixteen bytes";
    assert_false(niva_wire_pack(&sample.base, arena, &bytes, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    assert_null(niva_wire_copy(&sample.base, arena));
    assert_null(niva_wire_new(sample.base.descriptor, arena));
    assert_null(niva_wire_timestamp(0, arena));
    assert_null(niva_wire_any(&sample.base, arena));
    niva_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_message_is_empty),
        cmocka_unit_test(a_copy_is_deep),
        cmocka_unit_test(fields_are_read_and_set_by_name),
        cmocka_unit_test(a_member_of_a_oneof_is_chosen_by_setting_it),
        cmocka_unit_test(what_is_not_such_a_field_is_left_alone),
        cmocka_unit_test(instants_and_timestamps_are_the_same),
        cmocka_unit_test(timestamps_out_of_range_are_refused),
        cmocka_unit_test(nanoseconds_are_cut),
        cmocka_unit_test(a_full_arena_is_told),
    };
    int failed = cmocka_run_group_tests_name("wire", tests, NULL, NULL);

    return failed ? 1 : 0;
}
