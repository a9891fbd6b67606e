/* The sheet: accounts and months are found again, in order, whatever the order they came in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/compensation/sheet.h"

static struct sheet sheet;

static struct niva_span month_of(int number)
{
    return (struct niva_span){number * 31, number * 31 + 31};
}

static void test_months_in_order(void **state)
{
    static char names[50][8];

    (void)state;
    for (int i = 0; i < 50; i++) {
        int unit = i * 37 % 50;

        snprintf(names[unit], sizeof names[unit], "u%02d", unit);
        for (int group = 0; group < 2; group++) {
            struct sheet_account *account =
                sheet_account(&sheet, names[unit], group == 0 ? "b" : "a");

            assert_ptr_equal(sheet_account(&sheet, names[unit], account->group), account);
            for (int month = 3; month > 0; month--) {
                struct sheet_month *made = sheet_month(&sheet, account, month_of(month));

                assert_ptr_equal(sheet_month(&sheet, account, month_of(month)), made);
            }
        }
    }
    assert_int_equal(sheet.accounts.count, 100);
    assert_int_equal(sheet.months.count, 300);
    for (size_t i = 1; i < sheet.months.count; i++) {
        const struct sheet_month *before = sheet.months.items[i - 1];
        const struct sheet_month *after = sheet.months.items[i];
        int order = before->days.from - after->days.from;

        if (order == 0)
            order = strcmp(before->account->unit, after->account->unit);
        if (order == 0)
            order = strcmp(before->account->group, after->account->group);
        assert_true(order < 0);
    }
    assert_non_null(sheet_month_find(&sheet, "u07", "a", 31));
    assert_null(sheet_month_find(&sheet, "u07", "a", 32));
    assert_null(sheet_account_find(&sheet, "u07", "c"));
}

static void test_components_keep_the_record(void **state)
{
    struct sheet_account *account = sheet_account(&sheet, "u", "g");
    const struct niva_component *components;

    (void)state;
    for (int version = 1; version <= 20; version++) {
        struct sheet_component component = {
            .id = version % 2 == 0 ? "even" : "odd", .version = version, .recorded_at = version};

        component.dated.monthly_ore = version;
        assert_non_null(sheet_component_add(&sheet, account, &component));
    }
    assert_int_equal(sheet_component_find(account, "even")->version, 20);
    assert_int_equal(sheet_component_find(account, "odd")->version, 19);
    assert_null(sheet_component_find(account, "none"));
    components = sheet_components(&sheet, account);
    for (int i = 0; i < 20; i++)
        assert_int_equal(components[i].monthly_ore, i + 1);
}

static void test_line_is_made_once(void **state)
{
    struct sheet_month *month = sheet_month(&sheet, sheet_account(&sheet, "u", "g"), month_of(1));
    struct sheet_line *line = sheet_line(&sheet, month, "fysioterapi");

    (void)state;
    assert_null(line->row);
    assert_ptr_equal(sheet_line(&sheet, month, "fysioterapi"), line);
    assert_ptr_not_equal(sheet_line(&sheet, month, "arbetsterapi"), line);
    assert_int_equal(month->lines.count, 2);
}

static int setup(void **state)
{
    (void)state;
    sheet = (struct sheet){.arena = niva_arena_new(1 << 20), .today = NIVA_DAY_NONE};
    return sheet.arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    sheet.arena = niva_arena_free(sheet.arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_months_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_components_keep_the_record, setup, teardown),
        cmocka_unit_test_setup_teardown(test_line_is_made_once, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
