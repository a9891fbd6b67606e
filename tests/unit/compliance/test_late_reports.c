/* Changes that were told too late (model section 7, REPORT_LATE), through the whole of the pure
 * core: 14 days are allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "tests/support/casebook.h"

/* A unit that reported 2000 in time; today is 2022-12-31. */
static void begin(struct casebook *book)
{
    casebook_begin(book, "2022-12-31");
    book->all_kinds = true;
    pb_rule_set *rule_set = casebook_rule_set(book, "fysio", 1, "2022-01-01", "");
    rule_set->reporting = niva_wire_new(&niva__compliance__v1__reporting__descriptor, book->arena);
    assert_non_null(rule_set->reporting);
    rule_set->reporting->change_within_days = 14;
    casebook_unit(book, "2021-01-01", "");
    casebook_received(book, "2021-12-20");
    casebook_report(book, "first", "", "2022-01-01", 2000);
}

static size_t late_count(const struct casebook *book)
{
    size_t count = 0;
    for (size_t i = 0; i < book->breach_count; i++)
        count += book->breaches[i].message->kind == PB_REPORT_LATE;
    return count;
}

static const pb_breach *late_of(const struct casebook *book, const char *report_id)
{
    const pb_breach *found = NULL;
    for (size_t i = 0; i < book->breach_count; i++) {
        const pb_breach *breach = book->breaches[i].message;
        if (breach->kind == PB_REPORT_LATE && strcmp(breach->report_id, report_id) == 0)
            found = breach;
    }
    return found;
}

static void assert_late(struct casebook *book, const char *report_id, const char *first_day,
                        const char *last_day)
{
    casebook_recompute(book, PB_PROVIDER_FACT);
    const pb_breach *breach = late_of(book, report_id);
    assert_non_null(breach);
    assert_int_equal(breach->state, PB_CLOSED);
    assert_string_equal(breach->first_day, first_day);
    assert_string_equal(breach->last_day, last_day);
    assert_int_equal(breach->n_segments, 0);
    assert_string_equal(breach->absence_id, "");
}

static void assert_none_late(struct casebook *book)
{
    casebook_recompute(book, PB_PROVIDER_FACT);
    for (size_t i = 0; i < book->breach_count; i++) {
        const pb_breach *breach = book->breaches[i].message;
        if (breach->kind == PB_REPORT_LATE && breach->state != PB_WITHDRAWN)
            fail_msg("%s is late from %s to %s; expected it not to be", breach->report_id,
                     breach->first_day, breach->last_day);
    }
}

static void a_change_on_the_last_day_is_in_time_and_a_day_after_it_is_not(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-03-15");
    casebook_report(&book, "r1", "", "2022-03-01", 1500);
    assert_none_late(&book);
    casebook_received(&book, "2022-05-16");
    casebook_report(&book, "r2", "", "2022-05-01", 1200);
    assert_late(&book, "r2", "2022-05-16", "2022-05-16");
    assert_int_equal(late_count(&book), 1);
    struct recomputed again = casebook_recompute(&book, PB_NEW_DAY);
    assert_int_equal(again.breach_count, 0);
    casebook_end(&book);
}

static void a_mail_of_the_23rd_registered_on_the_4th_is_not_late(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_today(&book, "2023-01-04"); /* when it is registered */
    casebook_received(&book, "2022-12-23");
    casebook_report(&book, "mail", "", "2022-12-09", 1500);
    assert_none_late(&book);
    casebook_received(&book, "");
    casebook_report(&book, "by-hand", "", "2022-12-20", 1200);
    assert_late(&book, "by-hand", "2023-01-04", "2023-01-04");
    casebook_end(&book);
}

static void what_says_nothing_new_is_never_late(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-08-01");
    pb_report *same = casebook_report(&book, "same", "", "2022-03-01", 2000);
    struct Niva__Intake__V1__Position *swapped = same->positions[0];
    same->positions[0] = same->positions[1];
    same->positions[1] = swapped;
    assert_none_late(&book);
    same->positions[0]->title_code = (char *)"SG";
    assert_late(&book, "same", "2022-03-16", "2022-08-01");
    casebook_end(&book);
}

/* That a position would end had been said. */
static void a_position_whose_last_day_was_known_is_no_change(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-02-01");
    casebook_report(&book, "ends", "", "2022-02-01", 1500)->positions[1]->last_day =
        (char *)"2022-02-28";
    casebook_received(&book, "2022-08-01");
    casebook_report(&book, "without", "", "2022-03-01", 1000);
    assert_none_late(&book);
    casebook_report(&book, "before", "", "2022-02-28", 1000);
    assert_late(&book, "before", "2022-03-15", "2022-08-01");
    casebook_end(&book);
}

static void a_first_report_differs_from_nothing(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_withdrawal(&book, "first");
    casebook_received(&book, "2022-02-01");
    casebook_report(&book, "r1", "", "2022-01-10", 0);
    assert_late(&book, "r1", "2022-01-25", "2022-02-01");
    casebook_end(&book);
}

static void no_duty_no_breach(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-08-01");
    casebook_report(&book, "old", "", "2021-06-01", 1000);
    assert_none_late(&book);
    casebook_end(&book);
}

static void a_correction_of_what_came_in_time_is_not_late(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-03-10");
    casebook_report(&book, "r1", "", "2022-03-01", 1500);
    casebook_received(&book, "2022-08-01");
    casebook_report(&book, "other-positions", "r1", "2022-03-01", 1600);
    assert_none_late(&book);
    casebook_received(&book, "2022-09-01");
    casebook_report(&book, "other-day", "other-positions", "2022-02-27", 1500);
    assert_none_late(&book);
    casebook_received(&book, "2022-10-01");
    casebook_report(&book, "something-else", "other-day", "2022-04-01", 1100);
    assert_late(&book, "r1", "2022-04-16", "2022-10-01");
    casebook_withdrawal(&book, "something-else");
    assert_none_late(&book);
    casebook_end(&book);
}

/* One report that was corrected is one breach, whatever the correction says. */
static void a_correction_of_what_came_late_stays_the_same_breach(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-03-25");
    casebook_report(&book, "r1", "", "2022-03-01", 1500);
    assert_late(&book, "r1", "2022-03-16", "2022-03-25");
    const char *id = late_of(&book, "r1")->breach_id;
    casebook_received(&book, "2022-04-20");
    casebook_report(&book, "r2", "r1", "2022-03-05", 1500);
    assert_late(&book, "r1", "2022-03-20", "2022-03-25");
    assert_string_equal(late_of(&book, "r1")->breach_id, id);
    casebook_report(&book, "r3", "r2", "2022-03-05", 2000);
    casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(late_count(&book), 1);
    assert_int_equal(late_of(&book, "r1")->state, PB_WITHDRAWN);
    casebook_withdrawal(&book, "r3");
    casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(late_count(&book), 2);
    assert_int_equal(late_of(&book, "r1")->state, PB_CLOSED);
    assert_string_equal(late_of(&book, "r1")->returns_from, id);
    casebook_end(&book);
}

static void a_withdrawn_report_returns_with_what_it_was_late_by(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-03-25");
    casebook_report(&book, "r1", "", "2022-03-01", 1500);
    casebook_recompute(&book, PB_PROVIDER_FACT);
    casebook_withdrawal(&book, "r1");
    assert_none_late(&book);
    assert_int_equal(late_of(&book, "r1")->state, PB_WITHDRAWN);
    assert_string_equal(late_of(&book, "r1")->last_day, "2022-03-25");
    casebook_end(&book);
}

/* What corrected a withdrawn correction stands in the place of both. */
static void a_correction_takes_the_place_of_a_withdrawn_one(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-03-25");
    casebook_report(&book, "r1", "", "2022-03-01", 1500);
    assert_late(&book, "r1", "2022-03-16", "2022-03-25");
    casebook_report(&book, "r2", "r1", "2022-03-01", 1600);
    casebook_report(&book, "r3", "r2", "2022-03-01", 2000);
    casebook_withdrawal(&book, "r2");
    assert_none_late(&book);
    casebook_end(&book);
}

/* Saying it once more makes nothing better, nor worse. */
static void what_was_told_late_stays_late_when_it_is_told_again(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-03-25");
    casebook_report(&book, "r1", "", "2022-03-01", 1500);
    casebook_received(&book, "2022-08-01");
    casebook_report(&book, "again", "", "2022-03-01", 1500);
    assert_late(&book, "r1", "2022-03-16", "2022-03-25");
    assert_int_equal(late_count(&book), 1);
    casebook_end(&book);
}

/* Their days meet, yet two late reports are two breaches. */
static void late_reports_are_never_merged(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-05-01");
    casebook_report(&book, "r1", "", "2022-03-01", 1500);
    casebook_report(&book, "r2", "", "2022-03-10", 1000);
    casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(late_count(&book), 2);
    assert_late(&book, "r1", "2022-03-16", "2022-05-01");
    assert_late(&book, "r2", "2022-03-25", "2022-05-01");
    assert_int_equal(late_count(&book), 2);
    assert_int_equal(casebook_recompute(&book, PB_NEW_DAY).breach_count, 0);
    casebook_end(&book);
}

/* It came today: nothing can make it later. */
static void who_was_late_today_was_late(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "");
    casebook_report(&book, "r1", "", "2022-12-01", 1500);
    struct recomputed done = casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_late(&book, "r1", "2022-12-16", "2022-12-31");
    assert_int_equal(done.next_change_day, niva_day_read("2023-01-01"));
    casebook_end(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_on_the_last_day_is_in_time_and_a_day_after_it_is_not),
        cmocka_unit_test(a_mail_of_the_23rd_registered_on_the_4th_is_not_late),
        cmocka_unit_test(what_says_nothing_new_is_never_late),
        cmocka_unit_test(a_position_whose_last_day_was_known_is_no_change),
        cmocka_unit_test(a_first_report_differs_from_nothing),
        cmocka_unit_test(no_duty_no_breach),
        cmocka_unit_test(a_correction_of_what_came_in_time_is_not_late),
        cmocka_unit_test(a_correction_of_what_came_late_stays_the_same_breach),
        cmocka_unit_test(a_withdrawn_report_returns_with_what_it_was_late_by),
        cmocka_unit_test(a_correction_takes_the_place_of_a_withdrawn_one),
        cmocka_unit_test(what_was_told_late_stays_late_when_it_is_told_again),
        cmocka_unit_test(late_reports_are_never_merged),
        cmocka_unit_test(who_was_late_today_was_late),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
