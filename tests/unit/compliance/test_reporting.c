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
    struct dossier *dossier = niva_arena_alloc(book->arena, sizeof *dossier);
    struct reporting reporting;
    struct niva_error err;
    assert_non_null(dossier);
    *dossier = casebook_dossier(book, INT64_MAX);
    assert_true(reporting_make(dossier, book->arena, &reporting, &err));
    return reporting_on(&reporting, niva_day_read(on), true);
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
    assert_string_equal(currency.last->filed->message->report_id, "r1");
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

static void what_counts_is_the_day_of_receipt_not_of_record(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book)->reporting->report_max_age_days = 90;
    casebook_today(&book, "2022-07-04");
    casebook_received(&book, "2022-06-23");
    casebook_report(&book, "mail", "", "2022-06-01", 2000);
    assert_overdue(&book, "2022-06-22", true);
    assert_overdue(&book, "2022-06-23", false);
    assert_overdue(&book, "2022-09-21", false);
    assert_overdue(&book, "2022-09-22", true);
    casebook_end(&book);
}

static void a_call_bears_from_its_day_until_something_comes(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r1", "", "2022-01-01", 2000);
    casebook_call(&book, "c1", 1, "2022-06-23", "2022-06-01");
    assert_overdue(&book, "2022-06-22", false);
    assert_overdue(&book, "2022-06-23", true);
    assert_string_equal(judge(&book, "2022-06-23").call->call_id, "c1");
    casebook_call(&book, "c2", 1, "2022-08-01", "2022-09-01");
    assert_string_equal(judge(&book, "2022-08-31").call->call_id, "c1");
    assert_string_equal(judge(&book, "2022-09-01").call->call_id, "c2");
    casebook_received(&book, "2022-07-01");
    casebook_confirmation(&book, "r1", "2022-07-01");
    assert_overdue(&book, "2022-06-30", true);
    assert_overdue(&book, "2022-07-01", false);
    assert_overdue(&book, "2022-08-31", false);
    assert_overdue(&book, "2022-09-01", true);
    casebook_call(&book, "c2", 2, "2022-08-01", "2022-09-01")->voided = true;
    assert_overdue(&book, "2022-09-01", false);
    casebook_end(&book);
}

/* Who called wants to hear from those too of whom nothing is required. */
static void a_call_needs_no_duties_in_the_rule_set(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book)->reporting = NULL;
    casebook_report(&book, "r1", "", "2022-01-01", 2000);
    assert_overdue(&book, "2022-06-23", false);
    casebook_call(&book, "c1", 1, "2022-06-23", "2022-06-23");
    assert_overdue(&book, "2022-06-23", true);
    casebook_end(&book);
}

/* What came later does not undo that nobody had confirmed the plan before. */
static void a_plan_stays_unconfirmed_until_something_else_comes(void **state)
{
    (void)state;
    struct casebook book;
    pb_rule_set *rule_set = begin(&book);
    rule_set->reporting->confirm_case =
        NIVA__COMPLIANCE__V1__REPORTING__CONFIRM_CONFIRM_PLANNED_WITHIN_DAYS;
    rule_set->reporting->confirm_planned_within_days = 14;
    casebook_report(&book, "now", "", "2022-01-01", 2000);
    casebook_report(&book, "plan", "", "2022-03-01", 1500);
    casebook_received(&book, "2022-04-10");
    casebook_report(&book, "real", "", "2022-03-10", 1000);
    assert_overdue(&book, "2022-03-15", false);
    assert_overdue(&book, "2022-03-16", true);
    assert_overdue(&book, "2022-04-09", true);
    assert_overdue(&book, "2022-04-10", false);
    casebook_withdrawal(&book, "real");
    assert_overdue(&book, "2022-04-10", true);
    casebook_received(&book, "2022-04-20");
    casebook_report(&book, "mended", "plan", "2022-03-01", 1600);
    assert_overdue(&book, "2022-04-19", true);
    assert_overdue(&book, "2022-04-20", false);
    casebook_end(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_never_reported_is_overdue_while_the_unit_is_open_and_a_rule_holds),
        cmocka_unit_test(a_report_grows_old_and_a_confirmation_renews_it),
        cmocka_unit_test(what_came_before_the_call_is_not_current),
        cmocka_unit_test(a_plan_is_to_be_confirmed),
        cmocka_unit_test(what_counts_is_the_day_of_receipt_not_of_record),
        cmocka_unit_test(a_call_bears_from_its_day_until_something_comes),
        cmocka_unit_test(a_call_needs_no_duties_in_the_rule_set),
        cmocka_unit_test(a_plan_stays_unconfirmed_until_something_else_comes),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
