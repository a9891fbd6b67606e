/* Pages: what is asked of them, and tokens; garbage is refused before anything is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compliance/v1/rule.pb-c.h"
#include "services/common/run/page.h"
#include "services/common/wire/token.h"

static bool list_read(const char *token, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(1 << 16);
    struct niva_read read = {.arena = arena};
    const struct niva_fact_list list = {.type = &niva__compliance__v1__rule_set__descriptor,
                                        .page_token = token};
    void *messages = NULL;
    size_t count = 0;
    char *next = NULL;
    bool good;

    assert_non_null(arena);
    good =
        niva_fact_list_read(&read, &list, &(struct niva_fact_page){&messages, &count, &next}, err);
    assert_null(messages);
    niva_arena_free(arena);
    return good;
}

static bool list_check(const struct niva_fact_list *list, struct niva_page *ret_page,
                       struct niva_error *err)
{
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_fact_list_check(&check, list, ret_page);
    return niva_check_end(&check);
}

static void a_token_names_the_last_row_again(void **state)
{
    struct niva_arena *arena = niva_arena_new(4096);
    struct niva_error err;
    struct niva_page page;
    struct niva_fact_list list = {.page_token = niva_token_write("n:4711", arena)};

    (void)state;
    assert_non_null(list.page_token);
    assert_true(list_check(&list, &page, &err));
    assert_string_equal(page.key, "n:4711");
    assert_int_equal(page.size, 100);
    assert_int_equal(page.known_at, INT64_MAX);
    list.page_token = "";
    assert_true(list_check(&list, &page, &err));
    assert_string_equal(page.key, "");
    niva_arena_free(arena);
}

static void what_was_not_written_here_is_refused(void **state)
{
    static const char *const tokens[] = {
        "1",
        "zz",
        "6e",
        "N:1",
        "6e3A31",
        "633a31",
        "00",
        "6e3a",
        "6e3a2d31", /* n:-1 */
        "6e3a3031", /* n:01 */
        "6e3a78",   /* n:x */
        "6e3a3100",
        "6e3a"
        "31313131313131313131313131313131313131313131313131313131313131313131313131313131313131"
        "31313131313131313131313131313131313131313131313131313131313131313131313131313131313131"};

    (void)state;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        struct niva_error err;

        if (list_read(tokens[i], &err))
            fail_msg("\"%s\": expected to be refused", tokens[i]);
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        assert_string_equal(err.violations[0].field, "pageToken");
    }
}

static void a_filter_is_checked_where_it_is_given(void **state)
{
    static const struct {
        struct niva_fact_filter filter;
        const char *field; /* NULL: good */
    } cases[] = {
        {{.unit = "", .group = "", .region = ""}, NULL},
        {{.unit = "SE2321000016-A001", .group = "fysioterapeut", .region = "19"}, NULL},
        {{.unit = "Vårdcentralen"}, "unit"},
        {{.group = "Fysio terapeut"}, "professionGroup"},
        {{.region = "190"}, "regionCode"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct niva_fact_list list = {.filter = cases[i].filter, .page_token = ""};
        struct niva_page page;
        struct niva_error err;

        if (list_check(&list, &page, &err) != (cases[i].field == NULL))
            fail_msg("case %zu: expected %s, actual %s", i,
                     cases[i].field == NULL ? "good" : "refused", err.text_en);
        if (cases[i].field != NULL)
            assert_string_equal(err.violations[0].field, cases[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_names_the_last_row_again),
        cmocka_unit_test(what_was_not_written_here_is_refused),
        cmocka_unit_test(a_filter_is_checked_where_it_is_given),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
