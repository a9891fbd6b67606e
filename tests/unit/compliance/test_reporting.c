/* Who has no current report (model section 7, REPORT_OVERDUE). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "services/compliance/reporting.h"
#include "tests/support/casebook.h"

static struct currency judge(struct casebook *book, const char *on)
{
    struct dossier dossier = casebook_dossier(book, INT64_MAX);
    struct currency currency;
    struct niva_error err;
    niva_day day;
    assert_true(niva_day_parse(on, &day));
    assert_true(reporting_judge(&dossier, day, true, book->arena, &currency, &err));
    return currency;
}

static void assert_overdue(struct casebook *book, const char *on, bool expected)
{
    if (judge(book, on).overdue != expected)
        fail_msg("%s: expected overdue = %d", on, (int)expected);
}

static pb_rule_set *begin(struct casebook *book)
{
    casebook_begin(book, "2022-01-01");
    pb_rule_set *rule_set = casebook_rule_set(book, "fysio", 1, "2022-01-01", "");
    rule_set->reporting = niva_wire_new(&niva__compliance__v1__reporting__descriptor, book->arena);
    assert_non_null(rule_set->reporting);
    casebook_unit(book, "2021-01-01", "2023-12-31");
    casebook_contract(book, "2022-01-01", 2000);
    return rule_set;
}

static void who_never_reported_is_overdue_while_the_unit_is_open_and_a_rule_holds(void **state)
{
    (void)state;
    struct casebook book;
    pb_rule_set *rule_set = begin(&book);
    assert_overdue(&book, "2021-12-31", false);
    assert_overdue(&book, "2022-01-01", true);
    assert_overdue(&book, "2023-12-31", true);
    assert_overdue(&book, "2024-01-01", false);
    assert_int_equal(judge(&book, "2022-05-01").received, NIVA_DAY_NONE);
    rule_set->reporting = NULL;
    assert_overdue(&book, "2022-01-01", true);
    casebook_end(&book);
}

static void a_report_grows_old_and_a_confirmation_renews_it(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book)->reporting->report_max_age_days = 90;
    casebook_report(&book, "r1", "", "2021-12-01", 2000);
    assert_overdue(&book, "2022-04-01", false);
    assert_overdue(&book, "2022-04-02", true);
    casebook_today(&book, "2022-04-10");
    casebook_confirmation(&book, "r1", "2022-04-09");
    assert_overdue(&book, "2022-04-09", true);
    assert_overdue(&book, "2022-04-10", false);
    assert_overdue(&book, "2022-07-09", false);
    assert_overdue(&book, "2022-07-10", true);
    struct currency currency = judge(&book, "2022-07-09");
    assert_string_equal(currency.standing->id, "r1");
    assert_int_equal(currency.received, book.today);
    casebook_withdrawal(&book, "r1");
    assert_int_equal(judge(&book, "2022-04-10").received, NIVA_DAY_NONE);
    casebook_end(&book);
}

static void what_came_before_the_call_is_not_current(void **state)
{
    (void)state;
    struct casebook book;
    pb_rule_set *rule_set = begin(&book);
    casebook_report(&book, "r1", "", "2022-01-01", 2000);
    assert_overdue(&book, "2022-12-31", false);
    rule_set->reporting->current_since = (char *)"2022-06-23";
    assert_overdue(&book, "2022-06-22", false);
    assert_overdue(&book, "2022-06-23", true);
    casebook_today(&book, "2022-07-04");
    casebook_report(&book, "r2", "", "2022-06-01", 2000);
    assert_overdue(&book, "2022-07-03", true);
    assert_overdue(&book, "2022-07-04", false);
    casebook_end(&book);
}

static void a_plan_is_to_be_confirmed(void **state)
{
    (void)state;
    struct casebook book;
    pb_rule_set *rule_set = begin(&book);
    rule_set->reporting->confirm_case =
        NIVA__COMPLIANCE__V1__REPORTING__CONFIRM_CONFIRM_PLANNED_WITHIN_DAYS;
    rule_set->reporting->confirm_planned_within_days = 14;
    casebook_report(&book, "now", "", "2022-01-01", 2000);
    casebook_report(&book, "plan", "", "2022-03-01", 1500);
    assert_overdue(&book, "2022-02-28", false);
    assert_overdue(&book, "2022-03-15", false);
    assert_overdue(&book, "2022-03-16", true);
    casebook_today(&book, "2022-03-18");
    casebook_confirmation(&book, "plan", "2022-03-02");
    assert_overdue(&book, "2022-03-17", true);
    assert_overdue(&book, "2022-03-18", false);
    casebook_end(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_never_reported_is_overdue_while_the_unit_is_open_and_a_rule_holds),
        cmocka_unit_test(a_report_grows_old_and_a_confirmation_renews_it),
        cmocka_unit_test(what_came_before_the_call_is_not_current),
        cmocka_unit_test(a_plan_is_to_be_confirmed),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
