#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "google/protobuf/any.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "messages.h"
#include "niva/intake/v1/events.pb-c.h"
#include "services/common/wire/wire.h"

enum { ARENA_BYTES = 1 << 20 };

static void travel(const struct niva_error *err, struct niva_error *ret_error)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    Google__Protobuf__Any **details;
    size_t count;

    assert_true(niva_wire_error_details(err, arena, &count, &details));
    niva_wire_error_read((int)err->code,
                         niva_arena_printf(arena, "%s / %s", err->text_sv, err->text_en), count,
                         details, arena, ret_error);
    niva_arena_free(arena);
}

static void assert_same(const struct niva_error *err, const struct niva_error *expected)
{
    assert_int_equal(err->code, expected->code);
    assert_string_equal(err->text_sv, expected->text_sv);
    assert_string_equal(err->text_en, expected->text_en);
    assert_string_equal(err->cause, "");
    assert_int_equal(err->retry_after_ms, expected->retry_after_ms);
    assert_int_equal(err->violation_count, expected->violation_count);
    for (size_t i = 0; i < expected->violation_count; i++) {
        assert_string_equal(err->violations[i].field, expected->violations[i].field);
        assert_string_equal(err->violations[i].reason, expected->violations[i].reason);
        assert_string_equal(err->violations[i].text_sv, expected->violations[i].text_sv);
        assert_string_equal(err->violations[i].text_en, expected->violations[i].text_en);
    }
}

static void errors_arrive_without_their_cause(void **state)
{
    (void)state;
    static const enum niva_code codes[] = {NIVA_INVALID_ARGUMENT, NIVA_FAILED_PRECONDITION};
    struct niva_error err;
    struct niva_error arrived;

    niva_fail_cause(&err, NIVA_UNAVAILABLE, "Databasen svarar inte.", "No database.", "secret");
    err.retry_after_ms = 1250;
    travel(&err, &arrived);
    assert_same(&arrived, &err);
    for (size_t k = 0; k < 2; k++) {
        niva_error_clear(&err);
        for (int i = 0; i < NIVA_VIOLATIONS_MAX; i++) {
            char text[32];

            snprintf(text, sizeof text, "field %d", i);
            niva_fail_violation(&err, codes[k], text, "REASON", text + 1, text + 2);
        }
        travel(&err, &arrived);
        assert_same(&arrived, &err);
    }
}

/* Clients that know google.rpc alone must find their way. */
static void details_are_those_of_google_rpc(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_error err;
    Google__Protobuf__Any **details;
    size_t count;
    Google__Rpc__BadRequest *request;
    Google__Rpc__BadRequest__FieldViolation *violation;

    niva_error_clear(&err);
    niva_fail_violation(&err, NIVA_INVALID_ARGUMENT, "report.unit", "REQUIRED", "Sv.", "En.");
    assert_true(niva_wire_error_details(&err, arena, &count, &details));
    assert_int_equal(count, 2);
    assert_string_equal(details[0]->type_url, "type.googleapis.com/google.rpc.LocalizedMessage");
    assert_string_equal(details[1]->type_url, "type.googleapis.com/google.rpc.BadRequest");
    request = google__rpc__bad_request__unpack(NULL, details[1]->value.len, details[1]->value.data);
    assert_int_equal(request->n_field_violations, 1);
    violation = request->field_violations[0];
    assert_string_equal(violation->field, "report.unit");
    assert_string_equal(violation->reason, "REQUIRED");
    assert_string_equal(violation->description, "En.");
    assert_string_equal(violation->localized_message->locale, "sv");
    assert_string_equal(violation->localized_message->message, "Sv.");
    google__rpc__bad_request__free_unpacked(request, NULL);
    niva_arena_free(arena);
}

static void what_cannot_be_read_is_passed_over(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    Google__Protobuf__Any broken = GOOGLE__PROTOBUF__ANY__INIT;
    Google__Protobuf__Any unknown = GOOGLE__PROTOBUF__ANY__INIT;
    Google__Protobuf__Any *details[] = {&broken, &unknown};
    struct niva_error err;

    broken.type_url = (char *)(uintptr_t) "type.googleapis.com/google.rpc.BadRequest";
    broken.value = (ProtobufCBinaryData){3, (uint8_t[]){0x0a, 0xff, 0xff}};
    unknown.type_url = (char *)(uintptr_t) "example.com/Other";
    niva_wire_error_read(NIVA_NOT_FOUND, "Not here.", 2, details, arena, &err);
    assert_int_equal(err.code, NIVA_NOT_FOUND);
    assert_string_equal(err.text_en, "Not here.");
    assert_string_equal(err.text_sv, "Not here.");
    assert_int_equal(err.violation_count, 0);
    niva_wire_error_read(2, "Who knows.", 0, NULL, arena, &err);
    assert_int_equal(err.code, NIVA_INTERNAL);
    niva_wire_error_read(0, "", 0, NULL, arena, &err);
    assert_int_equal(err.code, NIVA_OK);
    niva_arena_free(arena);
}

static void types_are_found_by_their_whole_name(void **state)
{
    (void)state;
    assert_ptr_equal(niva_wire_type("type.googleapis.com/niva.intake.v1.ReportReceived"),
                     &niva__intake__v1__report_received__descriptor);
    assert_ptr_equal(niva_wire_type("type.googleapis.com/google.rpc.BadRequest"),
                     &google__rpc__bad_request__descriptor);
    assert_null(niva_wire_type("niva.intake.v1.ReportReceived"));
    assert_null(niva_wire_type("type.googleapis.com/ReportReceived"));
    assert_null(niva_wire_type("type.googleapis.com/"));
    assert_null(niva_wire_type(""));
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct niva_error err;
    bool done = false;

    niva_error_clear(&err);
    for (int i = 0; i < NIVA_VIOLATIONS_MAX; i++)
        niva_fail_violation(&err, NIVA_FAILED_PRECONDITION, "a", "B", "c", "d");
    for (size_t n = 1; !done; n++) {
        struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
        Google__Protobuf__Any **details;
        size_t count;

        niva_arena_fail_after(n);
        done = niva_wire_error_details(&err, arena, &count, &details);
        niva_arena_fail_after(0);
        niva_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_arrive_without_their_cause),
        cmocka_unit_test(details_are_those_of_google_rpc),
        cmocka_unit_test(what_cannot_be_read_is_passed_over),
        cmocka_unit_test(types_are_found_by_their_whole_name),
        cmocka_unit_test(every_allocation_may_fail),
    };
    int failed = cmocka_run_group_tests_name("details", tests, NULL, NULL);

    return failed ? 1 : 0;
}
