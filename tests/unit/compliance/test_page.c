/* Page tokens: garbage is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/token.h"
#include "services/compliance/page.h"

static bool read_token(const char *token, struct page *ret_page, struct niva_error *err)
{
    struct niva_check check;
    niva_check_begin(&check, err);
    page_check(&check, 0, token, NULL, PAGE_FACTS, ret_page);
    return niva_check_end(&check);
}

static void a_token_names_the_last_row_again(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(4096);
    struct niva_error err;
    struct page page;
    char *token = niva_token_write("n:4711", arena);
    assert_non_null(token);
    assert_true(read_token(token, &page, &err));
    assert_string_equal(page.key, "n:4711");
    assert_int_equal(page.size, 100);
    assert_int_equal(page.known_at, INT64_MAX);
    assert_true(read_token("", &page, &err));
    assert_string_equal(page.key, "");
    niva_arena_free(arena);
}

static void what_was_not_written_here_is_refused(void **state)
{
    (void)state;
    static const char *const tokens[] = {
        "1",
        "zz",
        "6e",
        "N:1",
        "6e3A31",
        "633a31",
        "00",
        "6e3a3100",
        "6e3a"
        "31313131313131313131313131313131313131313131313131313131313131313131313131313131313131"
        "31313131313131313131313131313131313131313131313131313131313131313131313131313131313131"};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        struct niva_error err;
        struct page page;
        if (read_token(tokens[i], &page, &err))
            fail_msg("\"%s\": expected to be refused", tokens[i]);
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        assert_string_equal(err.violations[0].field, "pageToken");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_names_the_last_row_again),
        cmocka_unit_test(what_was_not_written_here_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
