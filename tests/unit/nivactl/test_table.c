#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/nivactl/show.h"
#include "services/nivactl/table.h"

struct fixture {
    struct niva_arena *arena;
    struct niva_text text;
};

static int fixture_make(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    fixture->arena = niva_arena_new(1 << 20);
    *state = fixture;
    return fixture->arena == NULL;
}

static int fixture_drop(void **state)
{
    struct fixture *fixture = *state;

    niva_text_free(&fixture->text);
    niva_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static void print(struct fixture *fixture, const struct table *table)
{
    struct niva_error err;

    niva_error_clear(&err);
    assert_true(table_print(table, &fixture->text, &err));
}

static void a_text_is_as_wide_as_a_terminal_shows_it(void **state)
{
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"åäö", 3},
        {"1\u00a0234,50\u00a0kr", 11},
        {"a\u030a", 1},      /* a with a combining ring */
        {"\u200b\ufeff", 0}, /* zero-width space, byte order mark */
        {"漢字", 4},
        {"\U0001f600", 2},
        {"−5", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(text_columns(cases[i].text), cases[i].columns);
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
    static const struct column columns[] = {
        {"Vårdcentral", false}, {"Brist", true}, {"Till", false}};
    struct fixture *fixture = *state;
    struct table *table = table_new(fixture->arena, 3, columns);

    table_row(table, (const char *const[]){"Ån", "1,00", "2022-06-23"});
    table_row(table, (const char *const[]){"Vårdcentralen Ängen", "12,875", ""});
    table_rule(table);
    table_row(table, (const char *const[]){"Summa", NULL, "x"});
    print(fixture, table);
    assert_string_equal(fixture->text.data, "Vårdcentral           Brist  Till\n"
                                            "───────────────────  ──────  ──────────\n"
                                            "Ån                     1,00  2022-06-23\n"
                                            "Vårdcentralen Ängen  12,875\n"
                                            "───────────────────  ──────  ──────────\n"
                                            "Summa                        x\n");
    assert_int_equal(table_rows(table), 3);
}

static void a_table_without_rows_has_its_titles(void **state)
{
    static const struct column columns[] = {{"Från", false}, {"Kr", true}};
    struct fixture *fixture = *state;

    print(fixture, table_new(fixture->arena, 2, columns));
    assert_string_equal(fixture->text.data, "Från  Kr\n────  ──\n");
}

static void many_rows_stay_in_order(void **state)
{
    static const struct column columns[] = {{"n", true}};
    struct fixture *fixture = *state;
    struct table *table = table_new(fixture->arena, 1, columns);

    for (int i = 0; i < 500; i++)
        table_row(table, (const char *const[]){niva_arena_printf(fixture->arena, "%03d", i)});
    print(fixture, table);
    assert_int_equal(table_rows(table), 500);
    assert_non_null(strstr(fixture->text.data, "031\n032\n033\n"));
    assert_non_null(strstr(fixture->text.data, "498\n499\n"));
}

/* A unit's name from outside may not move the cursor, colour the screen or turn the text around. */
static void what_comes_from_outside_cannot_act_on_the_terminal(void **state)
{
    static const struct column columns[] = {{"Namn", false}};
    struct fixture *fixture = *state;
    struct table *table = table_new(fixture->arena, 1, columns);

    table_row(table, (const char *const[]){"a\033[2Jb\r\n\u202ec\xc2\x9b"
                                           "d"});
    print(fixture, table);
    assert_non_null(strstr(fixture->text.data, "a?[2Jb???c?d\n"));
}

static void bytes_that_are_no_characters_are_shown_as_such(void **state)
{
    static const struct column columns[] = {{"x", false}};
    struct fixture *fixture = *state;
    struct table *table = table_new(fixture->arena, 1, columns);

    table_row(table, (const char *const[]){"a\xc3"});
    table_row(table, (const char *const[]){"\xff\x80z"});
    print(fixture, table);
    assert_non_null(strstr(fixture->text.data, "a?\n??z\n"));
}

static void memory_that_runs_out_is_said(void **state)
{
    static const struct column columns[] = {{"x", false}};
    struct niva_arena *small = niva_arena_new(400);
    struct table *table = table_new(small, 1, columns);
    struct niva_text text = {0};
    struct niva_error err;

    (void)state;
    for (int i = 0; i < 100; i++)
        table_row(table, (const char *const[]){"cell"});
    niva_error_clear(&err);
    assert_false(table_print(table, &text, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    niva_error_clear(&err);
    assert_false(table_print(NULL, &text, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    niva_text_free(&text);
    niva_arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_as_wide_as_a_terminal_shows_it),
        cmocka_unit_test_setup_teardown(columns_are_as_wide_as_their_widest_cell, fixture_make,
                                        fixture_drop),
        cmocka_unit_test_setup_teardown(a_table_without_rows_has_its_titles, fixture_make,
                                        fixture_drop),
        cmocka_unit_test_setup_teardown(many_rows_stay_in_order, fixture_make, fixture_drop),
        cmocka_unit_test_setup_teardown(what_comes_from_outside_cannot_act_on_the_terminal,
                                        fixture_make, fixture_drop),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_characters_are_shown_as_such,
                                        fixture_make, fixture_drop),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
