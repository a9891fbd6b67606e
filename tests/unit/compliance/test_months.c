/* What is said of a month: all its days, with the breach of each bad run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/casebook.h"

static void begin(struct casebook *book, const char *today)
{
    casebook_begin(book, today);
    casebook_rule_set(book, "fysio", 1, "2022-01-01", "")->regulation->grace_days = 5;
    casebook_unit(book, "2021-01-01", "");
    casebook_contract(book, "2022-01-01", 2000);
}

static const pb_timeline_changed *month_of(const struct recomputed *done, const char *month)
{
    for (size_t i = 0; i < done->month_count; i++) {
        if (strcmp(done->months[i].content->month, month) == 0)
            return done->months[i].content;
    }
    fail_msg("nothing was said of %s", month);
    return NULL;
}

static void assert_run(const pb_run *run, const char *first, const char *last, int status)
{
    assert_string_equal(run->segment->first_day, first);
    assert_string_equal(run->segment->last_day, last);
    assert_int_equal(run->segment->status, status);
}

static void a_month_has_every_day_once_with_the_breach_of_the_bad_ones(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book, "2022-03-15");
    casebook_report(&book, "r1", "", "2022-01-20", 2000);
    casebook_report(&book, "r2", "", "2022-02-10", 1500);
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(done.month_count, 3);

    const pb_timeline_changed *january = month_of(&done, "2022-01");
    assert_int_equal(january->n_runs, 2);
    assert_run(january->runs[0], "2022-01-01", "2022-01-19", NIVA_NO_REPORT);
    assert_run(january->runs[1], "2022-01-20", "2022-01-31", NIVA_MET);
    assert_string_equal(january->runs[1]->breach_first_day, "");
    assert_string_equal(january->registered_unit->name, "Fiktiva vårdcentralen");
    assert_int_equal(january->registered_unit->n_owners, 0);
    assert_string_equal(january->owner->org_number, "5560360793");
    assert_string_equal(january->rule_set->rule_set_id, "fysio");
    assert_int_equal(january->cause, PB_PROVIDER_FACT);

    const pb_timeline_changed *march = month_of(&done, "2022-03");
    assert_int_equal(march->n_runs, 1);
    assert_run(march->runs[0], "2022-03-01", "2022-03-31", NIVA_BELOW_MINIMUM);
    assert_string_equal(march->runs[0]->breach_id, casebook_breach(&book, 0)->breach_id);
    assert_string_equal(march->runs[0]->breach_first_day, "2022-02-10");
    assert_int_equal(march->runs[0]->breach_day, 20);
    assert_int_equal(march->runs[0]->grace_days, 5);
    casebook_end(&book);
}

static void a_run_to_come_has_no_breach_yet_but_its_first_day(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book, "2022-03-15");
    casebook_report(&book, "r1", "", "2022-01-01", 2000);
    casebook_report(&book, "r2", "", "2022-03-20", 1500);
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);
    const pb_timeline_changed *march = month_of(&done, "2022-03");
    assert_int_equal(march->n_runs, 2);
    assert_string_equal(march->runs[1]->breach_id, "");
    assert_string_equal(march->runs[1]->breach_first_day, "2022-03-20");
    assert_int_equal(march->runs[1]->breach_day, 1);

    casebook_today(&book, "2022-03-20");
    done = casebook_recompute(&book, PB_NEW_DAY);
    assert_int_equal(done.month_count, 1);
    march = month_of(&done, "2022-03");
    assert_string_equal(march->runs[1]->breach_id, casebook_breach(&book, 0)->breach_id);
    assert_int_equal(march->cause, PB_PROVIDER_FACT);
    casebook_end(&book);
}

static void a_later_segment_of_an_open_breach_belongs_to_it_before_its_day(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book, "2022-03-15");
    casebook_report(&book, "r1", "", "2022-03-01", 1500);
    casebook_report(&book, "r2", "", "2022-03-20", 1000);
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);
    const pb_timeline_changed *march = month_of(&done, "2022-03");
    assert_int_equal(march->n_runs, 2);
    assert_string_equal(march->runs[1]->breach_id, casebook_breach(&book, 0)->breach_id);
    assert_int_equal(march->runs[1]->breach_day, 20);
    assert_int_equal(casebook_breach(&book, 0)->n_segments, 1);

    casebook_today(&book, "2022-03-20");
    done = casebook_recompute(&book, PB_NEW_DAY);
    assert_int_equal(done.month_count, 0);
    assert_int_equal(casebook_breach(&book, 0)->n_segments, 2);
    casebook_end(&book);
}

static void a_new_month_is_the_purchasers_where_its_bad_days_rest_on_a_finding(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book, "2022-03-31");
    casebook_finding(&book, "f1", "2022-03-10", "", 1000);
    casebook_recompute(&book, PB_PURCHASER_FACT);
    casebook_today(&book, "2022-04-01");
    struct recomputed done = casebook_recompute(&book, PB_NEW_DAY);
    assert_int_equal(done.month_count, 1);
    assert_int_equal(done.breach_count, 0);
    assert_int_equal(month_of(&done, "2022-04")->cause, PB_PURCHASER_FACT);
    casebook_end(&book);
}

static void only_months_that_differ_are_said_again(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book, "2022-06-15");
    casebook_report(&book, "r1", "", "2022-01-01", 2000);
    assert_int_equal(casebook_recompute(&book, PB_PROVIDER_FACT).month_count, 6);
    casebook_finding(&book, "f1", "2022-03-10", "2022-04-02", 1000);
    struct recomputed done = casebook_recompute(&book, PB_PURCHASER_FACT);
    assert_int_equal(done.month_count, 2);
    month_of(&done, "2022-03");
    const pb_timeline_changed *april = month_of(&done, "2022-04");
    assert_int_equal(april->runs[0]->breach_day, 23);
    assert_string_equal(april->runs[0]->segment->finding_id, "f1");
    assert_int_equal(april->cause, PB_PURCHASER_FACT);
    casebook_end(&book);
}

static void a_new_version_of_the_rule_set_is_said_of_its_months(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book, "2022-03-15");
    casebook_recompute(&book, PB_RULE);
    casebook_rule_set(&book, "fysio", 2, "2022-01-01", "2022-02-28");
    struct recomputed done = casebook_recompute(&book, PB_RULE);
    assert_int_equal(done.month_count, 3);
    assert_int_equal(month_of(&done, "2022-02")->rule_set->version, 2);
    const pb_timeline_changed *march = month_of(&done, "2022-03");
    assert_null(march->rule_set);
    assert_int_equal(march->n_runs, 1);
    assert_run(march->runs[0], "2022-03-01", "2022-03-31", NIVA_NOT_REQUIRED);
    assert_int_equal(march->cause, PB_RULE);
    casebook_end(&book);
}

static void assert_behind(const pb_run *run, const char *expected)
{
    char actual[128] = "";
    for (size_t i = 0; i < run->n_registered_by; i++) {
        strcat(actual, i > 0 ? " " : "");
        strcat(actual, run->registered_by[i]);
    }
    assert_string_equal(actual, expected);
}

/* Everyone once, in order; who revoked a dispensation, replaced a contract or reported what a
 * finding outranks does not stand behind the days. */
static void a_run_names_who_stands_behind_it(void **state)
{
    (void)state;
    struct casebook book;
    casebook_begin(&book, "2022-03-31");
    casebook_rule_set(&book, "fysio", 1, "2022-01-01", "");
    casebook_unit(&book, "2021-01-01", "");
    book.by = "officer.1";
    casebook_contract(&book, "2022-01-01", 2000);
    book.by = "officer.2";
    casebook_contract(&book, "2022-02-10", 2000);
    book.by = "head.1";
    casebook_report(&book, "r1", "", "2022-01-10", 1500);
    book.by = "officer.1";
    casebook_finding(&book, "f1", "2022-01-20", "2022-01-24", 1000);
    book.by = "officer.3";
    casebook_dispensation(&book, "d1", "2022-03-01", "2022-03-20");
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);

    const pb_timeline_changed *january = month_of(&done, "2022-01");
    assert_int_equal(january->n_runs, 4);
    assert_behind(january->runs[0], "officer.1"); /* not reported yet: the contract alone */
    assert_behind(january->runs[1], "head.1 officer.1");
    assert_behind(january->runs[2], "officer.1");
    assert_behind(january->runs[3], "head.1 officer.1");
    const pb_timeline_changed *february = month_of(&done, "2022-02");
    assert_int_equal(february->n_runs, 1);
    assert_behind(february->runs[0], "head.1 officer.1 officer.2");
    const pb_timeline_changed *march = month_of(&done, "2022-03");
    assert_int_equal(march->n_runs, 2);
    assert_behind(march->runs[0], "head.1 officer.2 officer.3");
    assert_behind(march->runs[1], "head.1 officer.2");
    casebook_end(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_month_has_every_day_once_with_the_breach_of_the_bad_ones),
        cmocka_unit_test(a_run_to_come_has_no_breach_yet_but_its_first_day),
        cmocka_unit_test(a_later_segment_of_an_open_breach_belongs_to_it_before_its_day),
        cmocka_unit_test(a_new_month_is_the_purchasers_where_its_bad_days_rest_on_a_finding),
        cmocka_unit_test(only_months_that_differ_are_said_again),
        cmocka_unit_test(a_new_version_of_the_rule_set_is_said_of_its_months),
        cmocka_unit_test(a_run_names_who_stands_behind_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
