#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "tests/unit/rpc/echo.h"

struct fixture {
    struct echo echo;
    struct niva_rpc_client *client;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct niva_error err;

    *state = fixture;
    if (!echo_start(&fixture->echo, 2, 8))
        return -1;
    fixture->client = niva_rpc_client_new(fixture->echo.url, &err);
    return fixture->client == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    niva_rpc_client_free(fixture->client);
    echo_stop(&fixture->echo);
    free(fixture);
    return 0;
}

static void test_nobody_listens(void **state)
{
    struct niva_rpc_options options = echo_plain;
    struct niva_rpc_client *client;
    struct niva_error err;

    (void)state;
    options.timeout_ms = 50;
    client = niva_rpc_client_new("ipc:///tmp/niva-rpc-nobody", &err);
    assert_non_null(client);
    assert_false(echo_call(client, "echo", "2022-06-23", &options, NULL, &err));
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
    assert_true(err.retry_after_ms > 0);
    niva_rpc_client_free(client);
}

static void test_a_bad_address_is_refused(void **state)
{
    struct niva_error err;

    (void)state;
    assert_null(niva_rpc_client_new("nowhere", &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
}

static void test_a_service_that_starts_again_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    struct caller caller;
    struct niva_error err;

    assert_true(echo_call(fixture->client, "echo", "2022-06-23", &echo_plain, NULL, &err));
    fixture->echo.server = niva_rpc_server_free(fixture->echo.server);
    caller_start(&caller, fixture->client, "echo");
    assert_true(echo_serve(&fixture->echo, 1, 1, &err));
    caller_join(&caller);
    /* the call may have met the end of the old server, but is never in doubt for long */
    assert_true(caller.good || caller.err.code == NIVA_UNAVAILABLE);
    assert_true(echo_call(fixture->client, "echo", "2022-06-23", &echo_plain, NULL, &err));
}

static void test_an_answer_that_does_not_come(void **state)
{
    struct fixture *fixture = *state;
    struct niva_rpc_options options = echo_plain;
    struct niva_error err;
    char day[64];

    options.timeout_ms = 30;
    assert_false(echo_call(fixture->client, "wait", "2022-06-23", &options, NULL, &err));
    assert_int_equal(err.code, NIVA_DEADLINE_EXCEEDED);
    echo_open_gate(&fixture->echo);
    /* the late answer must not be taken for that of the next call */
    assert_true(echo_call(fixture->client, "echo", "2022-07-01", &echo_plain, day, &err));
    assert_string_equal(day, "2022-07-01");
    options.timeout_ms = 0;
    assert_false(echo_call(fixture->client, "echo", "2022-06-23", &options, NULL, &err));
    assert_int_equal(err.code, NIVA_DEADLINE_EXCEEDED);
}

static void test_errors_come_whole(void **state)
{
    struct fixture *fixture = *state;
    struct niva_error err;

    assert_false(echo_call(fixture->client, "fail", "2022-06-23", &echo_plain, NULL, &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_int_equal(err.violation_count, 1);
    assert_string_equal(err.violations[0].field, "day");
    assert_string_equal(err.violations[0].reason, "MALFORMED");
    assert_string_equal(err.violations[0].text_sv, "Dagen är fel.");
    assert_string_equal(err.violations[0].text_en, "The day is wrong.");
}

static void test_options_travel(void **state)
{
    static const char trace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    struct fixture *fixture = *state;
    struct niva_rpc_options options = echo_plain;
    struct niva_error err;
    char day[64];

    options.principal = "local:asa";
    options.traceparent = trace;
    assert_true(echo_call(fixture->client, "who", "", &options, day, &err));
    assert_string_equal(day, "local:asa");
    assert_true(echo_call(fixture->client, "trace", "", &options, day, &err));
    assert_string_equal(day, trace);
    options.recorded_at = 0;
    assert_false(echo_call(fixture->client, "echo", "", &options, day, &err));
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    assert_string_equal(err.violations[0].reason, "NOT_A_REHEARSAL");
}

static void test_a_rehearsal_says_so(void **state)
{
    struct fixture *fixture = *state;
    Niva__Control__V1__GetStatusRequest request = NIVA__CONTROL__V1__GET_STATUS_REQUEST__INIT;
    struct niva_rpc_options options = echo_plain;
    struct niva_arena *arena = niva_arena_new(1 << 20);
    ProtobufCBinaryData packed;
    bool rehearsal = false;
    struct niva_error err;

    fixture->echo.server = niva_rpc_server_free(fixture->echo.server);
    fixture->echo.rehearsal = true;
    assert_true(echo_serve(&fixture->echo, 1, 1, &err));
    niva_rpc_client_free(fixture->client);
    fixture->client = niva_rpc_client_new(fixture->echo.url, &err);
    options.recorded_at = -1;
    assert_true(niva_wire_pack(&request.base, arena, &packed, &err));
    assert_true(niva_rpc_call_packed(fixture->client, ECHO_METHOD, packed, &options, arena, &packed,
                                     &rehearsal, &err));
    assert_true(rehearsal);
    niva_arena_free(arena);
}

static void test_the_sender_checks_the_size(void **state)
{
    struct fixture *fixture = *state;
    ProtobufCBinaryData request = {.len = NIVA_RPC_REQUEST_LARGE - 1};
    struct niva_arena *arena = niva_arena_new(1 << 20);
    ProtobufCBinaryData reply;
    struct niva_error err;

    request.data = calloc(1, request.len);
    assert_false(niva_rpc_call_packed(fixture->client, ECHO_METHOD, request, &echo_plain, arena,
                                      &reply, NULL, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(err.text_en, "17 MiB"));
    free(request.data);
    niva_arena_free(arena);
}

static void test_a_reply_that_is_too_large(void **state)
{
    struct fixture *fixture = *state;
    struct niva_error err;

    assert_false(echo_call(fixture->client, "large", "", &echo_plain, NULL, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(err.text_en, "16 MiB"));
    assert_echo(fixture->client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_a_bad_address_is_refused),
        cmocka_unit_test_setup_teardown(test_a_service_that_starts_again_is_waited_for, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_an_answer_that_does_not_come, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors_come_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(test_options_travel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_rehearsal_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_sender_checks_the_size, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_reply_that_is_too_large, setup, teardown),
    };
    int failed = cmocka_run_group_tests_name("rpc_client", tests, NULL, NULL);

    return failed ? 1 : 0;
}
