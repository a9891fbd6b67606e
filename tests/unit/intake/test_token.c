#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/intake/token.h"

static struct niva_arena *arena;

static void a_token_reads_as_it_was_written(void **state)
{
    (void)state;
    static const int64_t numbers[] = {1, 10, 999999999999999999};
    const char *hsa_id;
    int32_t version;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int64_t number = 0;

        assert_true(token_read_number(token_of_number(numbers[i], arena), &number));
        assert_true(number == numbers[i]);
    }
    assert_true(token_read_unit(token_of_unit("SE2321000016-a123456789012345B8", INT32_MAX, arena),
                                arena, &hsa_id, &version));
    assert_string_equal(hsa_id, "SE2321000016-a123456789012345B8");
    assert_int_equal(version, INT32_MAX);
}

static void no_token_is_the_beginning(void **state)
{
    (void)state;
    int64_t number = 9;
    const char *hsa_id = NULL;
    int32_t version = 9;

    assert_true(token_read_number("", &number));
    assert_true(number == 0);
    assert_true(token_read_unit("", arena, &hsa_id, &version));
    assert_string_equal(hsa_id, "");
    assert_int_equal(version, 0);
}

static void garbage_is_refused(void **state)
{
    (void)state;
    static const char *const tokens[] = {"1",
                                         "n:1",
                                         "zz",
                                         "6e3a",
                                         "6e3a30",
                                         "6e3a3031",
                                         "6e3a2d31",
                                         "6e3a31 ",
                                         "6E3A31",
                                         "6e3a3100",
                                         "753a31",
                                         "753a5345313a31",
                                         "00",
                                         "6e3a39393939393939393939393939393939393939",
                                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    int64_t number;
    const char *hsa_id;
    int32_t version;

    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        if (token_read_number(tokens[i], &number))
            fail_msg("%s was taken for a number", tokens[i]);
        if (token_read_unit(tokens[i], arena, &hsa_id, &version))
            fail_msg("%s was taken for a unit", tokens[i]);
    }
    assert_false(token_read_number(token_of_unit("SE2321000016-A1", 1, arena), &number));
    assert_false(token_read_unit(token_of_number(1, arena), arena, &hsa_id, &version));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_reads_as_it_was_written),
        cmocka_unit_test(no_token_is_the_beginning),
        cmocka_unit_test(garbage_is_refused),
    };
    int failed;

    arena = niva_arena_new(1 << 20);
    failed = cmocka_run_group_tests_name("intake token", tests, NULL, NULL);
    arena = niva_arena_free(arena);
    return failed ? 1 : 0;
}
