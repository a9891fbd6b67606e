/* Absences that were told of too late, or for which nothing is planned (model section 7,
 * ABSENCE_LATE and ABSENCE_PLAN_MISSING), through the whole of the pure core: an absence over 30
 * days is to be notified within 3 days and planned for within 14. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "tests/support/casebook.h"

/* A unit with a minimum of 2000 and just as many, in two positions; today is 2022-12-31. */
static pb_rule_set *begin(struct casebook *book)
{
    casebook_begin(book, "2022-12-31");
    book->all_kinds = true;
    pb_rule_set *rule_set = casebook_rule_set(book, "fysio", 1, "2022-01-01", "");
    rule_set->reporting = niva_wire_new(&niva__compliance__v1__reporting__descriptor, book->arena);
    assert_non_null(rule_set->reporting);
    rule_set->reporting->absence_within_days = 3;
    rule_set->reporting->plan_within_days = 14;
    casebook_unit(book, "2021-01-01", "");
    casebook_contract(book, "2022-01-01", 2000);
    casebook_received(book, "2021-12-20");
    casebook_report(book, "first", "", "2022-01-01", 2000);
    return rule_set;
}

/* The last breach of a kind and absence that still stands; NULL: none. */
static const pb_breach *standing(const struct casebook *book, pb_breach_kind kind,
                                 const char *absence_id)
{
    const pb_breach *found = NULL;
    for (size_t i = 0; i < book->breach_count; i++) {
        const pb_breach *breach = book->breaches[i].message;
        if (breach->kind == kind && strcmp(breach->absence_id, absence_id) == 0 &&
            (breach->state == PB_OPEN || breach->state == PB_CLOSED))
            found = breach;
    }
    return found;
}

static struct recomputed assert_days(struct casebook *book, pb_breach_kind kind,
                                     const char *absence_id, const char *first_day,
                                     const char *last_day)
{
    struct recomputed done = casebook_recompute(book, PB_PROVIDER_FACT);
    const pb_breach *breach = standing(book, kind, absence_id);
    assert_non_null(breach);
    assert_string_equal(breach->first_day, first_day);
    assert_string_equal(breach->last_day, last_day);
    assert_int_equal(breach->state, last_day[0] == '\0' ? PB_OPEN : PB_CLOSED);
    assert_int_equal(breach->n_segments, 0);
    assert_string_equal(breach->report_id, "");
    return done;
}

static struct recomputed assert_none(struct casebook *book, pb_breach_kind kind,
                                     const char *absence_id)
{
    struct recomputed done = casebook_recompute(book, PB_PROVIDER_FACT);
    const pb_breach *breach = standing(book, kind, absence_id);
    if (breach != NULL)
        fail_msg("%s has a breach from %s to %s; expected none", absence_id, breach->first_day,
                 breach->last_day);
    return done;
}

static pb_absence *notify(struct casebook *book, const char *id, const char *received,
                          const char *first_day, const char *last_day)
{
    casebook_received(book, received);
    return casebook_absence(book, id, 1, "p0", first_day, last_day);
}

/* ---- ABSENCE_LATE ---- */

static void a_notice_on_the_last_day_is_in_time_and_a_day_after_it_is_not(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    notify(&book, "a1", "2022-03-04", "2022-03-01", "2022-04-10");
    assert_none(&book, PB_ABSENCE_LATE, "a1");
    notify(&book, "a2", "2022-06-08", "2022-06-01", "2022-07-31");
    assert_days(&book, PB_ABSENCE_LATE, "a2", "2022-06-05", "2022-06-08");
    casebook_end(&book);
}

static void thirty_days_need_no_notice(void **state)
{
    (void)state;
    struct casebook book;
    pb_rule_set *rule_set = begin(&book);
    notify(&book, "a1", "2022-05-01", "2022-03-01", "2022-03-30");
    assert_none(&book, PB_ABSENCE_LATE, "a1");
    assert_none(&book, PB_ABSENCE_PLAN_MISSING, "a1");
    notify(&book, "a2", "2022-08-01", "2022-06-01", "2022-07-01");
    assert_days(&book, PB_ABSENCE_LATE, "a2", "2022-06-05", "2022-08-01");
    rule_set->reporting->absence_notice_over_days = 31;
    assert_none(&book, PB_ABSENCE_LATE, "a2");
    casebook_end(&book);
}

static void an_absence_that_leaves_enough_needs_no_notice(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-01-05");
    casebook_report(&book, "more", "", "2022-01-05", 3000);
    notify(&book, "a1", "2022-04-01", "2022-03-01", "2022-05-10");
    assert_none(&book, PB_ABSENCE_LATE, "a1");
    /* a second one at once takes the unit below, and so does the first with it */
    casebook_absence(&book, "a2", 1, "p1", "2022-05-01", "2022-06-30");
    assert_none(&book, PB_ABSENCE_LATE, "a2");
    assert_days(&book, PB_ABSENCE_LATE, "a1", "2022-03-05", "2022-04-01");
    casebook_end(&book);
}

static void two_absences_that_each_suffice_do_not_excuse_each_other(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    notify(&book, "a1", "2022-04-01", "2022-03-01", "2022-05-10");
    casebook_absence(&book, "a2", 1, "p1", "2022-03-01", "2022-05-10");
    casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_days(&book, PB_ABSENCE_LATE, "a1", "2022-03-05", "2022-04-01");
    assert_days(&book, PB_ABSENCE_LATE, "a2", "2022-03-05", "2022-04-01");
    casebook_end(&book);
}

/* It was below before: not by this absence. */
static void who_is_below_anyway_is_not_taken_below(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_received(&book, "2022-01-05");
    casebook_report(&book, "less", "", "2022-01-05", 1500);
    notify(&book, "a1", "2022-04-01", "2022-03-01", "2022-05-10");
    assert_none(&book, PB_ABSENCE_LATE, "a1");
    casebook_end(&book);
}

/* Whatever else is required, and whatever is dispensed: the contracted minimum counts. */
static void the_contracted_minimum_decides(void **state)
{
    (void)state;
    struct casebook book;
    pb_rule_set *rule_set = begin(&book);
    rule_set->requirement->kind = NIVA__COMPLIANCE__V1__REQUIREMENT__KIND__NONE;
    casebook_dispensation(&book, "d1", "2022-01-01", "");
    notify(&book, "a1", "2022-04-01", "2022-03-01", "2022-05-10");
    assert_days(&book, PB_ABSENCE_LATE, "a1", "2022-03-05", "2022-04-01");
    casebook_contract(&book, "2022-02-01", 1000);
    assert_none(&book, PB_ABSENCE_LATE, "a1");
    casebook_end(&book);
}

static void an_absence_that_grew_long_is_late_by_the_day_that_was_known(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    notify(&book, "a1", "2022-03-01", "2022-03-01", "2022-03-20");
    assert_none(&book, PB_ABSENCE_LATE, "a1");
    casebook_received(&book, "2022-03-18");
    pb_absence *longer = casebook_absence(&book, "a1", 2, "p0", "2022-03-01", "2022-04-30");
    longer->expected_since = (char *)"2022-03-15";
    assert_none(&book, PB_ABSENCE_LATE, "a1");
    longer->expected_since = (char *)"2022-03-11";
    assert_days(&book, PB_ABSENCE_LATE, "a1", "2022-03-15", "2022-03-18");
    /* a third version changes neither when it was expected nor when it was told */
    casebook_received(&book, "2022-04-20");
    casebook_absence(&book, "a1", 3, "p0", "2022-03-01", "2022-05-10");
    assert_days(&book, PB_ABSENCE_LATE, "a1", "2022-03-15", "2022-03-18");
    casebook_received(&book, "2022-05-02");
    casebook_absence(&book, "a1", 4, "p0", "2022-03-01", "2022-03-20");
    assert_none(&book, PB_ABSENCE_LATE, "a1");
    casebook_end(&book);
}

static void a_cancelled_absence_was_not_late(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    notify(&book, "a1", "2022-03-08", "2022-03-01", "2022-05-10")->plan_note = (char *)"Vikarie";
    assert_days(&book, PB_ABSENCE_LATE, "a1", "2022-03-05", "2022-03-08");
    casebook_received(&book, "2022-03-09");
    casebook_absence(&book, "a1", 2, "p0", "2022-03-01", "2022-05-10")->cancelled = true;
    assert_none(&book, PB_ABSENCE_LATE, "a1");
    casebook_end(&book);
}

/* ---- ABSENCE_PLAN_MISSING ---- */

static void a_plan_on_the_last_day_is_in_time_and_a_day_after_it_is_not(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    notify(&book, "a1", "2022-03-01", "2022-03-01", "2022-04-30");
    casebook_received(&book, "2022-03-15");
    pb_absence *planned = casebook_absence(&book, "a1", 2, "p0", "2022-03-01", "2022-04-30");
    planned->plan_note = (char *)"Vikarie söks";
    assert_none(&book, PB_ABSENCE_PLAN_MISSING, "a1");
    planned->plan_note = (char *)"";
    assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a1", "2022-03-16", "2022-04-30");
    casebook_received(&book, "2022-03-17");
    casebook_absence(&book, "a1", 3, "p0", "2022-03-01", "2022-04-30")->plan_note =
        (char *)"Vikarie söks";
    assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a1", "2022-03-16", "2022-03-16");
    casebook_end(&book);
}

static void a_plan_of_an_absence_to_come_is_missed_on_its_day(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    struct recomputed done;
    notify(&book, "a1", "2022-12-28", "2023-03-01", "");
    done = assert_none(&book, PB_ABSENCE_PLAN_MISSING, "a1");
    assert_int_equal(done.next_change_day, niva_day_read("2023-01-01"));
    casebook_today(&book, "2023-01-01");
    done = assert_none(&book, PB_ABSENCE_PLAN_MISSING, "a1");
    assert_int_equal(done.next_change_day, niva_day_read("2023-01-12"));
    casebook_today(&book, "2023-01-11");
    assert_none(&book, PB_ABSENCE_PLAN_MISSING, "a1");
    casebook_today(&book, "2023-01-12");
    assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a1", "2023-01-12", "");
    casebook_today(&book, "2023-01-20");
    casebook_received(&book, "2023-01-20");
    casebook_absence(&book, "a1", 2, "p0", "2023-03-01", "")->cancelled = true;
    assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a1", "2023-01-12", "2023-01-19");
    casebook_end(&book);
}

/* The last day of an absence is the last on which its plan is missing, and then it is over. */
static void it_ends_with_the_absence(void **state)
{
    (void)state;
    struct casebook book;
    /* nothing else changes on that day where nothing is required */
    begin(&book)->requirement->kind = NIVA__COMPLIANCE__V1__REQUIREMENT__KIND__NONE;
    notify(&book, "a1", "2022-12-01", "2022-12-01", "2023-01-05");
    assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a1", "2022-12-16", "");
    casebook_today(&book, "2023-01-05");
    struct recomputed done = assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a1", "2022-12-16", "");
    assert_int_equal(done.next_change_day, niva_day_read("2023-01-06"));
    casebook_today(&book, "2023-01-06");
    assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a1", "2022-12-16", "2023-01-05");
    casebook_end(&book);
}

static void cover_is_a_plan_even_where_it_does_not_suffice(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    pb_absence *absence = notify(&book, "a1", "2022-03-01", "2022-03-01", "2022-04-30");
    Niva__Intake__V1__Position *cover =
        niva_wire_new(&niva__intake__v1__position__descriptor, book.arena);
    absence->cover = niva_arena_array(book.arena, 1, sizeof *absence->cover);
    assert_true(cover != NULL && absence->cover != NULL);
    cover->position_key = (char *)"vik";
    cover->title_code = (char *)"FT";
    cover->employment = NIVA__INTAKE__V1__POSITION__EMPLOYMENT__SUBSTITUTE;
    cover->fte_milli = 200;
    absence->cover[0] = cover;
    absence->n_cover = 1;
    assert_none(&book, PB_ABSENCE_PLAN_MISSING, "a1");
    absence->n_cover = 0;
    assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a1", "2022-03-16", "2022-04-30");
    casebook_end(&book);
}

/* What came by mail before counts from then, whenever it was registered. */
static void a_plan_that_was_received_in_time_is_not_missing(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    notify(&book, "a1", "2022-03-01", "2022-03-01", "2022-04-30");
    assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a1", "2022-03-16", "2022-04-30");
    casebook_received(&book, "2022-03-10");
    casebook_absence(&book, "a1", 2, "p0", "2022-03-01", "2022-04-30")->plan_note =
        (char *)"Vikarie söks";
    assert_none(&book, PB_ABSENCE_PLAN_MISSING, "a1");
    casebook_end(&book);
}

static void plans_of_two_absences_are_never_merged(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    notify(&book, "a1", "2022-03-01", "2022-03-01", "2022-04-30");
    casebook_absence(&book, "a2", 1, "p1", "2022-03-10", "2022-05-31");
    casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a1", "2022-03-16", "2022-04-30");
    assert_days(&book, PB_ABSENCE_PLAN_MISSING, "a2", "2022-03-16", "2022-05-31");
    casebook_end(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_on_the_last_day_is_in_time_and_a_day_after_it_is_not),
        cmocka_unit_test(thirty_days_need_no_notice),
        cmocka_unit_test(an_absence_that_leaves_enough_needs_no_notice),
        cmocka_unit_test(two_absences_that_each_suffice_do_not_excuse_each_other),
        cmocka_unit_test(who_is_below_anyway_is_not_taken_below),
        cmocka_unit_test(the_contracted_minimum_decides),
        cmocka_unit_test(an_absence_that_grew_long_is_late_by_the_day_that_was_known),
        cmocka_unit_test(a_cancelled_absence_was_not_late),
        cmocka_unit_test(a_plan_on_the_last_day_is_in_time_and_a_day_after_it_is_not),
        cmocka_unit_test(a_plan_of_an_absence_to_come_is_missed_on_its_day),
        cmocka_unit_test(it_ends_with_the_absence),
        cmocka_unit_test(cover_is_a_plan_even_where_it_does_not_suffice),
        cmocka_unit_test(a_plan_that_was_received_in_time_is_not_missing),
        cmocka_unit_test(plans_of_two_absences_are_never_merged),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
