/* Page tokens: a key comes back as it was written, anything else is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/common/wire/token.h"

enum { KEY_MAX = 16 };

static void a_key_comes_back(void **state)
{
    static const char *const keys[] = {"", "n:1", "å/ä/ö", "fifteen letters"};
    struct niva_arena *arena = niva_arena_new(4096);
    char key[KEY_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_true(niva_token_read(niva_token_write(keys[i], arena), key, sizeof key));
        assert_string_equal(key, keys[i]);
    }
    assert_null(niva_token_write(NULL, arena));
    niva_arena_free(arena);
}

static void what_was_never_written_is_refused(void **state)
{
    static const char *const tokens[] = {
        "6",                                /* half a byte */
        "6E",                               /* capitals */
        "zz",                               /* no digits */
        "6e 6e",                            /* a space */
        "00",                               /* NUL */
        "6e0031",                           /* NUL inside */
        "c3",                               /* half a character */
        "61616161616161616161616161616161", /* sixteen bytes and no room for the NUL */
    };
    char key[KEY_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        if (niva_token_read(tokens[i], key, sizeof key))
            fail_msg("\"%s\": expected to be refused", tokens[i]);
}

static bool number_is(const char *text, char end, int64_t most, int64_t expected,
                      const char *expected_rest)
{
    int64_t number = -1;

    if (!niva_token_number(&text, end, most, &number))
        return false;
    assert_true(number == expected);
    assert_string_equal(text, expected_rest);
    return true;
}

static void numbers_read_as_they_were_printed(void **state)
{
    static const char *const bad[] = {"",   "01", "-1", "+1",
                                      " 1", "1 ", "1:", "1000000000000000000"};

    (void)state;
    assert_true(number_is("0", '\0', 9, 0, ""));
    assert_true(number_is("4711", '\0', INT64_MAX, 4711, ""));
    assert_true(number_is("12:34", ':', INT64_MAX, 12, "34"));
    assert_true(number_is("999999999999999999", '\0', INT64_MAX, 999999999999999999, ""));
    assert_false(number_is("2147483648", '\0', INT32_MAX, 0, ""));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (number_is(bad[i], '\0', INT64_MAX, 0, ""))
            fail_msg("\"%s\": expected to be refused", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_comes_back),
        cmocka_unit_test(what_was_never_written_is_refused),
        cmocka_unit_test(numbers_read_as_they_were_printed),
    };
    int failed = cmocka_run_group_tests_name("token", tests, NULL, NULL);

    return failed ? 1 : 0;
}
