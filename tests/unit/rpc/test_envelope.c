#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "tests/support/raw.h"
#include "tests/unit/rpc/echo.h"

struct fixture {
    struct echo echo;
    struct niva_arena *arena;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    *state = fixture;
    fixture->arena = niva_arena_new(64 << 20);
    return echo_start(&fixture->echo, 2, 8) ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    echo_stop(&fixture->echo);
    niva_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static Niva__Rpc__V1__Request good_envelope(struct fixture *fixture, const char *word)
{
    Niva__Rpc__V1__Request envelope = NIVA__RPC__V1__REQUEST__INIT;
    Niva__Control__V1__MoveTodayRequest request = NIVA__CONTROL__V1__MOVE_TODAY_REQUEST__INIT;
    struct niva_error err;

    request.request_id = (char *)word;
    request.day = (char *)"2022-06-23";
    assert_true(niva_wire_pack(&request.base, fixture->arena, &envelope.payload, &err));
    envelope.method = (char *)ECHO_METHOD;
    envelope.timeout_ms = 5000;
    return envelope;
}

static const Niva__Rpc__V1__Reply *call(struct fixture *fixture,
                                        const Niva__Rpc__V1__Request *envelope)
{
    const Niva__Rpc__V1__Reply *reply = raw_call(fixture->echo.url, envelope, fixture->arena);

    assert_non_null(reply);
    return reply;
}

static const char *day_of(struct fixture *fixture, const Niva__Rpc__V1__Reply *reply)
{
    ProtobufCMessage *message;
    struct niva_error err;

    assert_int_equal(reply->code, NIVA_OK);
    assert_true(niva_wire_unpack(&niva__control__v1__move_today_response__descriptor,
                                 reply->payload.data, reply->payload.len, true, fixture->arena,
                                 &message, &err));
    return ((Niva__Control__V1__MoveTodayResponse *)message)->day;
}

static void test_good_call_is_answered(void **state)
{
    Niva__Rpc__V1__Request envelope = good_envelope(*state, "echo");
    const Niva__Rpc__V1__Reply *reply = call(*state, &envelope);

    assert_string_equal(day_of(*state, reply), "2022-06-23");
    assert_string_equal(reply->message, "");
    assert_int_equal(reply->rehearsal, 0);
}

static void test_unknown_methods_are_named(void **state)
{
    static const char *const names[] = {
        "/niva.control.v1.ControlService/Nothing",
        "/niva.control.v1.ControlServic/GetStatus",
        "niva.control.v1.ControlService/GetStatus",
        "/niva.control.v1.ControlService/",
        "//",
        "/",
        "",
        "GetStatus",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Niva__Rpc__V1__Request envelope = good_envelope(*state, "echo");
        const Niva__Rpc__V1__Reply *reply;

        envelope.method = (char *)names[i];
        reply = call(*state, &envelope);
        assert_int_equal(reply->code, NIVA_UNIMPLEMENTED);
        assert_non_null(strstr(reply->message, names[i]));
        assert_non_null(strstr(reply->message, " / There is no method "));
    }
    assert_int_equal(echo_handled(&((struct fixture *)*state)->echo), 0);
}

static void test_unknown_method_of_a_stranger_is_cut(void **state)
{
    Niva__Rpc__V1__Request envelope = good_envelope(*state, "echo");
    char *name = malloc(100001);

    memset(name, 'x', 100000);
    name[100000] = '\0';
    envelope.method = name;
    assert_true(strlen(call(*state, &envelope)->message) < 500);
    envelope.method = (char *)"/bad\nline\x1b[31m";
    assert_null(strchr(call(*state, &envelope)->message, '\n'));
    free(name);
}

static void test_no_time_left_is_deadline_exceeded(void **state)
{
    static const int32_t timeouts[] = {0, -1, INT32_MIN};

    for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
        Niva__Rpc__V1__Request envelope = good_envelope(*state, "echo");

        envelope.timeout_ms = timeouts[i];
        assert_int_equal(call(*state, &envelope)->code, NIVA_DEADLINE_EXCEEDED);
    }
    assert_int_equal(echo_handled(&((struct fixture *)*state)->echo), 0);
}

static void test_a_timeout_without_end_is_cut(void **state)
{
    Niva__Rpc__V1__Request envelope = good_envelope(*state, "echo");

    envelope.timeout_ms = INT32_MAX;
    assert_int_equal(call(*state, &envelope)->code, NIVA_OK);
}

static void test_metadata(void **state)
{
    static const char trace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    static const char *const bad[] = {
        "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "trace=1 level=error",
        "",
    };
    Niva__Rpc__V1__Metadata entry = NIVA__RPC__V1__METADATA__INIT;
    Niva__Rpc__V1__Metadata *entries[17];
    Niva__Rpc__V1__Request envelope = good_envelope(*state, "trace");

    for (size_t i = 0; i < 17; i++)
        entries[i] = &entry;
    entry.key = (char *)"traceparent";
    entry.value = (char *)trace;
    envelope.metadata = entries;
    envelope.n_metadata = 16;
    assert_string_equal(day_of(*state, call(*state, &envelope)), trace);
    envelope.n_metadata = 17;
    assert_int_equal(call(*state, &envelope)->code, NIVA_INVALID_ARGUMENT);
    envelope.n_metadata = 1;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        entry.value = (char *)bad[i];
        assert_string_equal(day_of(*state, call(*state, &envelope)), "");
    }
}

static void test_principal_is_the_peer_process_or_as_given(void **state)
{
    Niva__Rpc__V1__Request envelope = good_envelope(*state, "who");
    Niva__Rpc__V1__Principal principal = NIVA__RPC__V1__PRINCIPAL__INIT;

    assert_memory_equal(day_of(*state, call(*state, &envelope)), "local:", 6);
    envelope.principal = &principal;
    principal.subject = (char *)"Åsa@region.example";
    assert_string_equal(day_of(*state, call(*state, &envelope)), "Åsa@region.example");
}

static void test_bad_principals_are_refused(void **state)
{
    struct fixture *fixture = *state;
    char longest[128];
    char too_long[129];
    const char *const bad[] = {"", too_long, "a\nb", "a\x7f", "a\xc2\x85z", "\x1b[2J"};
    Niva__Rpc__V1__Request envelope = good_envelope(fixture, "who");
    Niva__Rpc__V1__Principal principal = NIVA__RPC__V1__PRINCIPAL__INIT;

    memset(longest, 'p', sizeof longest);
    longest[127] = '\0';
    memset(too_long, 'p', sizeof too_long);
    too_long[128] = '\0';
    envelope.principal = &principal;
    principal.subject = longest;
    assert_string_equal(day_of(fixture, call(fixture, &envelope)), longest);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        principal.subject = (char *)bad[i];
        assert_int_equal(call(fixture, &envelope)->code, NIVA_INVALID_ARGUMENT);
    }
}

static void test_peer_listener_takes_no_principal(void **state)
{
    struct fixture *fixture = *state;
    Niva__Rpc__V1__Request envelope = good_envelope(fixture, "who");
    Niva__Rpc__V1__Principal principal = NIVA__RPC__V1__PRINCIPAL__INIT;
    const Niva__Rpc__V1__Reply *reply;

    reply = raw_call(fixture->echo.peer_url, &envelope, fixture->arena);
    assert_non_null(reply);
    assert_memory_equal(day_of(fixture, reply), "local:", 6);
    envelope.principal = &principal;
    principal.subject = (char *)"somebody";
    reply = raw_call(fixture->echo.peer_url, &envelope, fixture->arena);
    assert_non_null(reply);
    assert_int_equal(reply->code, NIVA_PERMISSION_DENIED);
}

static void test_recorded_at_is_for_rehearsals(void **state)
{
    Niva__Rpc__V1__Request envelope = good_envelope(*state, "echo");
    Google__Protobuf__Timestamp instant = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    const Niva__Rpc__V1__Reply *reply;

    envelope.recorded_at = &instant;
    reply = call(*state, &envelope);
    assert_int_equal(reply->code, NIVA_FAILED_PRECONDITION);
    assert_non_null(strstr(reply->message, " / When something was recorded"));
}

static void test_broken_envelopes_hurt_nobody(void **state)
{
    struct fixture *fixture = *state;
    Niva__Rpc__V1__Request good = good_envelope(fixture, "echo");
    uint8_t bytes[512];
    size_t size = niva__rpc__v1__request__pack(&good, bytes);
    static const uint8_t noise[64] = {0xff, 0x00, 0x80, 0x0a};

    assert_int_equal(raw_exchange(fixture->echo.url, noise, sizeof noise, fixture->arena)->code,
                     NIVA_INVALID_ARGUMENT);
    assert_int_equal(raw_exchange(fixture->echo.url, "", 0, fixture->arena)->code,
                     NIVA_DEADLINE_EXCEEDED);
    for (size_t cut = 1; cut < size; cut += 7) {
        const Niva__Rpc__V1__Reply *reply =
            raw_exchange(fixture->echo.url, bytes, cut, fixture->arena);

        assert_non_null(reply);
        assert_int_not_equal(reply->code, NIVA_OK);
    }
    assert_int_equal(call(fixture, &good)->code, NIVA_OK);
}

/* 1 MB of length-delimited fields, each inside the one before. */
static size_t nest(uint8_t *bytes, size_t size, uint32_t tag)
{
    size_t at = size;

    while (at > 16) {
        size_t inner = size - at;
        uint8_t head[8];
        size_t length = 0;

        head[length++] = (uint8_t)(tag << 3 | 2);
        do {
            head[length] = (uint8_t)(inner & 0x7f);
            inner >>= 7;
            head[length++] |= inner > 0 ? 0x80 : 0;
        } while (inner > 0);
        at -= length;
        memcpy(bytes + at, head, length);
    }
    memmove(bytes, bytes + at, size - at);
    return size - at;
}

static void test_a_megabyte_of_nested_messages(void **state)
{
    struct fixture *fixture = *state;
    enum { SIZE = 1000000 };
    static const uint32_t tags[] = {1, 3, 14, 15};
    Niva__Rpc__V1__Request envelope = good_envelope(fixture, "echo");
    uint8_t *bytes = malloc(SIZE);

    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        const Niva__Rpc__V1__Reply *reply;
        size_t size = nest(bytes, SIZE, tags[i]);

        envelope.method = (char *)"/niva.control.v1.ControlService/GetStatus";
        envelope.payload = (ProtobufCBinaryData){.len = size, .data = bytes};
        assert_int_equal(call(fixture, &envelope)->code, NIVA_INVALID_ARGUMENT);
        reply = raw_exchange(fixture->echo.url, bytes, size, fixture->arena);
        assert_non_null(reply);
        assert_int_not_equal(reply->code, NIVA_OK);
    }
    free(bytes);
    assert_int_equal(echo_handled(&fixture->echo), 0);
}

static void test_unknown_fields_of_the_payload_are_refused(void **state)
{
    static uint8_t unknown[] = {0xf8, 0x06, 0x01}; /* field 111 */
    Niva__Rpc__V1__Request envelope = good_envelope(*state, "echo");

    envelope.payload = (ProtobufCBinaryData){.len = sizeof unknown, .data = unknown};
    assert_int_equal(call(*state, &envelope)->code, NIVA_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good_call_is_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_methods_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_method_of_a_stranger_is_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_time_left_is_deadline_exceeded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_timeout_without_end_is_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_metadata, setup, teardown),
        cmocka_unit_test_setup_teardown(test_principal_is_the_peer_process_or_as_given, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_bad_principals_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_peer_listener_takes_no_principal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recorded_at_is_for_rehearsals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_broken_envelopes_hurt_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_megabyte_of_nested_messages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_fields_of_the_payload_are_refused, setup,
                                        teardown),
    };
    int failed = cmocka_run_group_tests_name("rpc_envelope", tests, NULL, NULL);

    return failed ? 1 : 0;
}
