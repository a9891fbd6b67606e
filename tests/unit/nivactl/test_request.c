#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/intake/v1/report.pb-c.h"
#include "services/nivactl/request.h"

static void the_same_file_asks_for_the_same_once(void **state)
{
    struct niva_uuid one = request_namespace("abc", 3);
    struct niva_uuid other = request_namespace("abd", 3);
    struct niva_uuid first = request_id_of_line(one, 1);
    struct niva_uuid again = request_id_of_line(request_namespace("abc", 3), 1);
    struct niva_uuid second = request_id_of_line(one, 2);
    struct niva_uuid elsewhere = request_id_of_line(other, 1);
    char text[37];

    (void)state;
    /* SHA-256 of "abc" begins ba7816bf 8f01cfea 414140de 5dae2223 */
    niva_uuid_format(one, text);
    assert_string_equal(text, "ba7816bf-8f01-cfea-4141-40de5dae2223");
    assert_memory_equal(first.bytes, again.bytes, 16);
    assert_memory_not_equal(first.bytes, second.bytes, 16);
    assert_memory_not_equal(first.bytes, elsewhere.bytes, 16);
    assert_int_equal(first.bytes[6] >> 4, 5);
}

static void an_empty_request_id_is_filled_in(void **state)
{
    Niva__Intake__V1__WithdrawReportRequest request =
        NIVA__INTAKE__V1__WITHDRAW_REPORT_REQUEST__INIT;
    struct niva_arena *arena = niva_arena_new(4096);
    struct niva_uuid id = {.bytes = {1}};
    struct niva_error err;

    (void)state;
    niva_error_clear(&err);
    assert_true(request_give_id(&request.base, id, arena, &err));
    assert_string_equal(request.request_id, "01000000-0000-0000-0000-000000000000");
    request.request_id = "mine";
    assert_true(request_give_id(&request.base, id, arena, &err));
    assert_string_equal(request.request_id, "mine");
    niva_arena_free(arena);
}

static void a_read_has_no_request_id(void **state)
{
    Niva__Intake__V1__GetReportRequest request = NIVA__INTAKE__V1__GET_REPORT_REQUEST__INIT;
    struct niva_error err;

    (void)state;
    niva_error_clear(&err);
    assert_true(request_give_id(&request.base, (struct niva_uuid){{1}}, NULL, &err));
    assert_string_equal(request.report_id, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_file_asks_for_the_same_once),
        cmocka_unit_test(an_empty_request_id_is_filled_in),
        cmocka_unit_test(a_read_has_no_request_id),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
