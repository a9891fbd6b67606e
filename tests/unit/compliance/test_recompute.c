/* Breaches: a record that keeps its identity while facts are corrected (model section 7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/casebook.h"

/* A unit open since 2021, a minimum of 2000 since 2022, today 2022-03-15. */
static void begin(struct casebook *book)
{
    casebook_begin(book, "2022-03-15");
    casebook_rule_set(book, "fysio", 1, "2022-01-01", "");
    casebook_unit(book, "2021-01-01", "");
    casebook_contract(book, "2022-01-01", 2000);
}

static char day_buffer[16];

static const char *day_of(niva_day day)
{
    niva_day_format(day, day_buffer);
    return day_buffer;
}

static void a_run_that_reaches_today_is_an_open_breach(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r1", "", "2022-02-10", 1500);
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(done.breach_count, 1);
    assert_true(done.breaches[0].opened);
    assert_false(done.breaches[0].closed);
    const pb_breach *breach = casebook_breach(&book, 0);
    assert_string_equal(breach->first_day, "2022-02-10");
    assert_string_equal(breach->last_day, "");
    assert_int_equal(breach->state, PB_OPEN);
    assert_int_equal(breach->version, 1);
    assert_int_equal(breach->kind, PB_BELOW_MINIMUM);
    assert_null(breach->closed_at);
    assert_int_equal(breach->n_segments, 1);
    assert_string_equal(breach->segments[0]->last_day, "");
    assert_int_equal(breach->segments[0]->shortfall_milli, 500);
    assert_string_equal(breach->segments[0]->report_id, "r1");
    assert_string_equal(breach->segments[0]->rule_set_id, "fysio");
    casebook_end(&book);
}

static void nothing_new_is_said_twice(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r1", "", "2022-02-10", 1500);
    casebook_recompute(&book, PB_PROVIDER_FACT);
    struct recomputed again = casebook_recompute(&book, PB_PURCHASER_FACT);
    assert_int_equal(again.breach_count, 0);
    assert_int_equal(again.month_count, 0);
    casebook_today(&book, "2022-03-16");
    again = casebook_recompute(&book, PB_NEW_DAY);
    assert_int_equal(again.breach_count, 0);
    assert_int_equal(again.month_count, 0);
    casebook_end(&book);
}

static void a_breach_that_is_over_when_it_is_found_is_opened_and_closed_at_once(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r1", "", "2022-02-10", 1500);
    casebook_report(&book, "r2", "", "2022-02-20", 2000);
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(done.breach_count, 1);
    assert_true(done.breaches[0].opened);
    assert_true(done.breaches[0].closed);
    const pb_breach *breach = casebook_breach(&book, 0);
    assert_string_equal(breach->last_day, "2022-02-19");
    assert_int_equal(breach->state, PB_CLOSED);
    assert_int_equal(breach->version, 1);
    assert_non_null(breach->closed_at);
    casebook_end(&book);
}

static void a_breach_changes_and_closes_and_opens_again_under_one_identity(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r1", "", "2022-02-10", 1500);
    casebook_recompute(&book, PB_PROVIDER_FACT);
    const char *id = casebook_breach(&book, 0)->breach_id;

    casebook_report(&book, "r2", "", "2022-03-01", 1200);
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(done.breach_count, 1);
    assert_true(done.breaches[0].changed);
    assert_int_equal(casebook_breach(&book, 0)->n_segments, 2);
    assert_string_equal(casebook_breach(&book, 0)->segments[0]->last_day, "2022-02-28");

    casebook_report(&book, "r3", "", "2022-03-10", 2000);
    done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(done.breach_count, 1);
    assert_true(done.breaches[0].closed);
    assert_false(done.breaches[0].changed);
    assert_string_equal(casebook_breach(&book, 0)->last_day, "2022-03-09");
    assert_non_null(casebook_breach(&book, 0)->closed_at);

    casebook_withdrawal(&book, "r3");
    done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(done.breach_count, 1);
    assert_true(done.breaches[0].changed);
    assert_int_equal(casebook_breach(&book, 0)->state, PB_OPEN);
    assert_null(casebook_breach(&book, 0)->closed_at);
    assert_int_equal(casebook_breach(&book, 0)->version, 4);
    assert_string_equal(casebook_breach(&book, 0)->breach_id, id);
    casebook_end(&book);
}

static void days_that_vanish_withdraw_and_a_return_is_a_new_breach_that_names_the_old(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r1", "", "2022-02-10", 1500);
    casebook_recompute(&book, PB_PROVIDER_FACT);
    casebook_report(&book, "r2", "r1", "2022-02-10", 2000);
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(done.breach_count, 1);
    assert_true(done.breaches[0].withdrawn);
    const pb_breach *gone = casebook_breach(&book, 0);
    assert_int_equal(gone->state, PB_WITHDRAWN);
    assert_string_equal(gone->last_day, "2022-03-15");
    assert_string_equal(gone->segments[0]->last_day, "2022-03-15");
    assert_non_null(gone->closed_at);

    casebook_withdrawal(&book, "r2");
    done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(done.breach_count, 1);
    assert_true(done.breaches[0].opened);
    assert_string_equal(casebook_breach(&book, 1)->returns_from, gone->breach_id);
    assert_string_not_equal(casebook_breach(&book, 1)->breach_id, gone->breach_id);
    assert_int_equal(casebook_breach(&book, 0)->version, 2);
    casebook_end(&book);
}

static void two_breaches_merge_into_the_earlier(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r1", "", "2022-02-01", 1500);
    casebook_report(&book, "r2", "", "2022-02-10", 2000);
    casebook_report(&book, "r3", "", "2022-02-20", 1500);
    casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(book.breach_count, 2);
    casebook_finding(&book, "f1", "2022-02-05", "2022-02-25", 1000);
    struct recomputed done = casebook_recompute(&book, PB_PURCHASER_FACT);
    assert_int_equal(done.breach_count, 2);
    assert_true(done.breaches[0].changed);
    assert_true(done.breaches[1].merged);
    assert_string_equal(casebook_breach(&book, 1)->merged_into,
                        casebook_breach(&book, 0)->breach_id);
    assert_int_equal(casebook_breach(&book, 1)->state, PB_MERGED);
    assert_int_equal(casebook_breach(&book, 0)->state, PB_OPEN);
    assert_string_equal(casebook_breach(&book, 0)->first_day, "2022-02-01");
    casebook_end(&book);
}

static void days_to_come_are_no_breach_until_they_come(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r1", "", "2022-01-01", 2000);
    casebook_report(&book, "r2", "", "2022-03-20", 1500);
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(done.breach_count, 0);
    assert_string_equal(day_of(done.next_change_day), "2022-03-20");
    casebook_today(&book, "2022-03-20");
    done = casebook_recompute(&book, PB_NEW_DAY);
    assert_int_equal(done.breach_count, 1);
    assert_true(done.breaches[0].opened);
    assert_string_equal(casebook_breach(&book, 0)->first_day, "2022-03-20");
    assert_string_equal(day_of(done.next_change_day), "2022-04-01");
    casebook_end(&book);
}

static void a_change_of_rule_set_does_not_split_a_breach(void **state)
{
    (void)state;
    struct casebook book;
    casebook_begin(&book, "2022-03-15");
    casebook_rule_set(&book, "a", 1, "2022-01-01", "2022-02-28");
    casebook_rule_set(&book, "b", 1, "2022-03-01", "");
    casebook_unit(&book, "2021-01-01", "");
    casebook_contract(&book, "2022-01-01", 2000);
    casebook_report(&book, "r1", "", "2022-02-10", 1500);
    casebook_recompute(&book, PB_RULE);
    assert_int_equal(book.breach_count, 1);
    assert_int_equal(casebook_breach(&book, 0)->n_segments, 2);
    assert_string_equal(casebook_breach(&book, 0)->segments[1]->rule_set_id, "b");
    casebook_end(&book);
}

static void a_closed_unit_is_looked_at_no_more(void **state)
{
    (void)state;
    struct casebook book;
    casebook_begin(&book, "2022-03-15");
    casebook_rule_set(&book, "a", 1, "2022-01-01", "");
    casebook_unit(&book, "2021-01-01", "2022-02-15");
    casebook_contract(&book, "2022-01-01", 2000);
    casebook_report(&book, "r1", "", "2022-02-10", 1500);
    struct recomputed done = casebook_recompute(&book, PB_PURCHASER_FACT);
    assert_int_equal(done.next_change_day, NIVA_DAY_NONE);
    assert_int_equal(done.month_count, 2);
    assert_string_equal(casebook_breach(&book, 0)->last_day, "2022-02-15");
    casebook_end(&book);
}

static void an_unregistered_unit_is_not_judged(void **state)
{
    (void)state;
    struct casebook book;
    casebook_begin(&book, "2022-03-15");
    casebook_rule_set(&book, "a", 1, "2022-01-01", "");
    casebook_contract(&book, "2022-01-01", 2000);
    casebook_report(&book, "r1", "", "2022-02-10", 1500);
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(done.breach_count, 0);
    assert_int_equal(done.month_count, 0);
    assert_int_equal(done.next_change_day, NIVA_DAY_NONE);
    casebook_unit(&book, "2022-01-01", "");
    done = casebook_recompute(&book, PB_PURCHASER_FACT);
    assert_int_equal(done.breach_count, 1);
    assert_int_equal(done.month_count, 3);
    casebook_end(&book);
}

static void a_unit_that_opens_later_is_looked_at_when_it_opens(void **state)
{
    (void)state;
    struct casebook book;
    casebook_begin(&book, "2022-03-15");
    casebook_rule_set(&book, "a", 1, "2022-01-01", "");
    casebook_unit(&book, "2022-06-20", "");
    struct recomputed done = casebook_recompute(&book, PB_PURCHASER_FACT);
    assert_int_equal(done.month_count, 0);
    assert_string_equal(day_of(done.next_change_day), "2022-06-01");
    casebook_end(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_reaches_today_is_an_open_breach),
        cmocka_unit_test(nothing_new_is_said_twice),
        cmocka_unit_test(a_breach_that_is_over_when_it_is_found_is_opened_and_closed_at_once),
        cmocka_unit_test(a_breach_changes_and_closes_and_opens_again_under_one_identity),
        cmocka_unit_test(days_that_vanish_withdraw_and_a_return_is_a_new_breach_that_names_the_old),
        cmocka_unit_test(two_breaches_merge_into_the_earlier),
        cmocka_unit_test(days_to_come_are_no_breach_until_they_come),
        cmocka_unit_test(a_change_of_rule_set_does_not_split_a_breach),
        cmocka_unit_test(a_closed_unit_is_looked_at_no_more),
        cmocka_unit_test(an_unregistered_unit_is_not_judged),
        cmocka_unit_test(a_unit_that_opens_later_is_looked_at_when_it_opens),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
