/* What months would cost, asked in advance: which amounts are known, which days are reckoned with,
 * and how far back a timeline goes so that a breach has its true first day. Section 8 itself is
 * compensation's, and proved there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "services/compliance/costs.h"
#include "tests/support/casebook.h"

#define FROM "2022-01-01" /* the contract's, the rule set's and the report's first day */

/* A minimum of 2000 since FROM, and 2000 reported; grace in days. */
static pb_rule_set *begin(struct casebook *book, int grace)
{
    casebook_begin(book, "2022-03-15");
    pb_rule_set *rule_set = casebook_rule_set(book, "fysio", 1, FROM, "");
    rule_set->regulation->grace_days = grace;
    casebook_unit(book, "2021-01-01", "");
    casebook_contract(book, FROM, 2000);
    casebook_report(book, "r1", "", FROM, 2000);
    return rule_set;
}

static niva_day day(const char *text)
{
    niva_day value = niva_day_read(text);
    assert_int_not_equal(value, NIVA_DAY_NONE);
    return value;
}

/* The days from a first to a last one. */
static struct niva_span days(const char *first, const char *last)
{
    return (struct niva_span){day(first), day(last) + 1};
}

/* ---- amounts ---- */

/* A stored version of a component, as compensation's event told it. */
static struct stored_component stored(struct casebook *book, const char *name, const char *group,
                                      int64_t monthly_ore, niva_instant recorded_at)
{
    pb_component *component =
        niva_wire_new(&niva__compensation__v1__component__descriptor, book->arena);
    struct stored_component row = {.unit = CASEBOOK_UNIT};
    struct niva_error err;
    assert_non_null(component);
    component->component = niva_arena_strdup(book->arena, name);
    component->unit = niva_arena_strdup(book->arena, CASEBOOK_UNIT);
    component->profession_group = niva_arena_strdup(book->arena, group);
    component->first_day = niva_arena_strdup(book->arena, FROM);
    component->monthly_ore = monthly_ore;
    component->regulated = true;
    component->recorded_at = niva_wire_timestamp(recorded_at, book->arena);
    assert_true(niva_wire_pack(&component->base, book->arena, &row.body, &err));
    return row;
}

/* "a 100, b 200" */
static const char *listed(const struct amounts *amounts)
{
    static char line[256];
    size_t length = 0;
    line[0] = '\0';
    for (size_t i = 0; i < amounts->count; i++)
        length +=
            (size_t)snprintf(line + length, sizeof line - length, "%s%s %lld", i == 0 ? "" : ", ",
                             amounts->list[i].name, (long long)amounts->list[i].monthly_ore);
    return line;
}

static void amounts_are_of_the_group_and_known_by_then(void **state)
{
    (void)state;
    struct casebook book;
    struct amounts amounts;
    struct niva_error err;
    casebook_begin(&book, "2022-03-15");
    const struct stored_component rows[] = {
        stored(&book, "fysioterapi", CASEBOOK_GROUP, 100, 1000),
        stored(&book, "fysioterapi", "dietist", 999, 1000),
        stored(&book, "rehab", CASEBOOK_GROUP, 200, 2000),
        stored(&book, "fysioterapi", CASEBOOK_GROUP, 150, 3000),
    };
    static const struct {
        niva_instant known_at;
        const char *listed;
    } cases[] = {
        {999, ""},
        {1000, "fysioterapi 100"},
        {2999, "fysioterapi 100, rehab 200"},
        {INT64_MAX, "fysioterapi 100, rehab 200, fysioterapi 150"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(amounts_read(rows, sizeof rows / sizeof *rows, CASEBOOK_GROUP,
                                 cases[i].known_at, book.arena, &amounts, &err));
        assert_string_equal(listed(&amounts), cases[i].listed);
    }
    assert_true(amounts_read(rows, 0, CASEBOOK_GROUP, INT64_MAX, book.arena, &amounts, &err));
    assert_int_equal(amounts.count, 0);
    casebook_end(&book);
}

static void an_amount_that_cannot_be_read_is_no_amount(void **state)
{
    (void)state;
    struct casebook book;
    struct amounts amounts = {.count = 77};
    struct niva_error err;
    uint8_t broken[] = {0xff};
    const struct stored_component row = {.unit = CASEBOOK_UNIT, .body = {sizeof broken, broken}};
    casebook_begin(&book, "2022-03-15");
    assert_false(amounts_read(&row, 1, CASEBOOK_GROUP, INT64_MAX, book.arena, &amounts, &err));
    assert_int_equal(amounts.count, 77);
    casebook_end(&book);
}

/* ---- a month ---- */

static const struct niva_component components[] = {
    {.name = "rehab",
     .days = {NIVA_DAY_MIN, NIVA_DAY_END},
     .monthly_ore = 31000,
     .regulated = true},
    {.name = "grund", .days = {NIVA_DAY_MIN, NIVA_DAY_END}, .monthly_ore = 900000},
    {.name = "fysio",
     .days = {NIVA_DAY_MIN, NIVA_DAY_END},
     .monthly_ore = 3100000,
     .regulated = true},
};
static const struct amounts amounts = {sizeof components / sizeof *components, components};

/* "fysio 775000, rehab 7750": what a month costs by the facts of a book, of some days up to and
 * with `today`. */
static const char *month_costs(struct casebook *book, const char *month, struct niva_span among,
                               const char *today)
{
    static char line[256];
    struct dossier dossier = casebook_dossier(book, INT64_MAX);
    struct niva_timeline timeline;
    const struct niva_deduction *deductions;
    struct niva_error err;
    size_t count;
    size_t length = 0;
    assert_true(niva_timeline_compute(&dossier.facts, days(FROM, "2022-12-31"), false, book->arena,
                                      &timeline, &err));
    const struct costing costing = {.facts = &dossier.facts,
                                    .timeline = &timeline,
                                    .amounts = &amounts,
                                    .days = among,
                                    .today = day(today)};
    assert_true(costs_of_month(&costing, day(month), book->arena, &count, &deductions, &err));
    line[0] = '\0';
    for (size_t i = 0; i < count; i++)
        length +=
            (size_t)snprintf(line + length, sizeof line - length, "%s%s %lld", i == 0 ? "" : ", ",
                             deductions[i].component, (long long)deductions[i].ore);
    return line;
}

static void a_month_costs_by_component(void **state)
{
    (void)state;
    const struct niva_span always = {NIVA_DAY_MIN, NIVA_DAY_END};
    struct casebook book;
    begin(&book, 0);
    casebook_report(&book, "r2", "", "2022-05-01", 1500);
    /* any day of the month stands for it; a component that is not regulated is not there */
    assert_string_equal(month_costs(&book, "2022-05-17", always, "2022-05-31"),
                        "fysio 775000, rehab 7750");
    assert_string_equal(month_costs(&book, "2022-04-30", always, "2022-05-31"), "fysio 0, rehab 0");
    casebook_end(&book);
}

static void other_days_cost_nothing(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book, 0);
    casebook_report(&book, "r2", "", "2022-05-01", 1500);
    const struct niva_span may = days("2022-05-01", "2022-05-31");
    assert_string_equal(month_costs(&book, "2022-05-01", may, "2022-05-04"),
                        "fysio 100000, rehab 1000");
    assert_string_equal(month_costs(&book, "2022-05-01", may, "2022-04-30"), "fysio 0, rehab 0");
    assert_string_equal(
        month_costs(&book, "2022-05-01", days("2022-05-30", "2022-06-30"), "2022-12-31"),
        "fysio 50000, rehab 500");
    assert_string_equal(
        month_costs(&book, "2022-05-01", days("2022-06-01", "2022-06-30"), "2022-12-31"),
        "fysio 0, rehab 0");
    casebook_end(&book);
}

/* By the rule set of the month's last day; a guide, or none, takes nothing. */
static void only_a_binding_rule_set_takes(void **state)
{
    (void)state;
    const struct niva_span always = {NIVA_DAY_MIN, NIVA_DAY_END};
    struct casebook book;
    casebook_begin(&book, "2022-03-15");
    casebook_rule_set(&book, "guide", 1, FROM, "2022-04-30")->severity =
        NIVA__COMPLIANCE__V1__RULE_SET__SEVERITY__GUIDE;
    casebook_rule_set(&book, "binding", 1, "2022-05-01", "2022-05-31");
    casebook_unit(&book, "2021-01-01", "");
    casebook_contract(&book, FROM, 2000);
    casebook_report(&book, "r1", "", FROM, 1500);
    assert_string_equal(month_costs(&book, "2022-04-01", always, "2022-12-31"), "fysio 0, rehab 0");
    assert_string_equal(month_costs(&book, "2022-05-01", always, "2022-12-31"),
                        "fysio 775000, rehab 7750");
    assert_string_equal(month_costs(&book, "2022-06-01", always, "2022-12-31"), "fysio 0, rehab 0");
    casebook_end(&book);
}

/* ---- the timeline that it is reckoned from ---- */

/* The first day of the timeline of some days, which may go back to FROM. */
static niva_day reaches(struct casebook *book, struct niva_span asked, niva_day from)
{
    struct dossier dossier = casebook_dossier(book, INT64_MAX);
    struct niva_timeline timeline;
    struct niva_error err;
    assert_true(costs_timeline(&dossier.facts, from, asked, book->arena, &timeline, &err));
    assert_int_equal(timeline.segments[timeline.segment_count - 1].days.until, asked.until);
    return timeline.segments[0].days.from;
}

static void a_timeline_goes_back_where_a_breach_reaches_in(void **state)
{
    (void)state;
    struct casebook book;
    const struct niva_span may = days("2022-05-01", "2022-05-31");
    begin(&book, 0);
    assert_int_equal(reaches(&book, may, day(FROM)), may.from);
    casebook_report(&book, "r2", "", "2022-05-02", 1500); /* begins inside */
    assert_int_equal(reaches(&book, may, day(FROM)), may.from);
    casebook_report(&book, "r3", "", "2022-04-20", 1500); /* reaches in */
    assert_int_equal(reaches(&book, may, day(FROM)), day(FROM));
    assert_int_equal(reaches(&book, may, may.from), may.from);
    assert_int_equal(reaches(&book, may, may.from + 3), may.from);
    casebook_end(&book);
}

/* The grace of a breach that began ten days before the month is over on the fifth of it. */
static void grace_is_counted_from_the_true_first_day(void **state)
{
    (void)state;
    struct casebook book;
    struct niva_timeline timeline;
    const struct niva_deduction *deductions;
    struct niva_error err;
    size_t count;
    const struct niva_span may = days("2022-05-01", "2022-05-31");
    begin(&book, 14);
    casebook_report(&book, "r2", "", "2022-04-21", 1000);
    struct dossier dossier = casebook_dossier(&book, INT64_MAX);
    assert_true(costs_timeline(&dossier.facts, day(FROM), may, book.arena, &timeline, &err));
    const struct costing costing = {.facts = &dossier.facts,
                                    .timeline = &timeline,
                                    .amounts = &amounts,
                                    .days = may,
                                    .today = NIVA_DAY_MAX};
    assert_true(costs_of_month(&costing, may.from, book.arena, &count, &deductions, &err));
    assert_int_equal(count, 2);
    assert_string_equal(deductions[0].component, "fysio");
    assert_int_equal(deductions[0].ore, (31 - 4) * 50000);
    casebook_end(&book);
}

static void days_below_are_those_among_the_days_asked_for(void **state)
{
    (void)state;
    struct casebook book;
    struct niva_timeline timeline;
    struct niva_error err;
    begin(&book, 0);
    casebook_report(&book, "r2", "", "2022-04-21", 1000);
    casebook_report(&book, "r3", "", "2022-05-11", 2000);
    casebook_report(&book, "r4", "", "2022-05-21", 1900);
    struct dossier dossier = casebook_dossier(&book, INT64_MAX);
    assert_true(niva_timeline_compute(&dossier.facts, days(FROM, "2022-06-30"), false, book.arena,
                                      &timeline, &err));
    assert_int_equal(below_days(&timeline, days(FROM, "2022-06-30")), 20 + 11 + 30);
    assert_int_equal(below_days(&timeline, days("2022-05-01", "2022-05-31")), 10 + 11);
    assert_int_equal(below_days(&timeline, days("2022-05-12", "2022-05-20")), 0);
    assert_int_equal(below_days(&timeline, days("2022-05-21", "2022-05-21")), 1);
    casebook_end(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_of_the_group_and_known_by_then),
        cmocka_unit_test(an_amount_that_cannot_be_read_is_no_amount),
        cmocka_unit_test(a_month_costs_by_component),
        cmocka_unit_test(other_days_cost_nothing),
        cmocka_unit_test(only_a_binding_rule_set_takes),
        cmocka_unit_test(a_timeline_goes_back_where_a_breach_reaches_in),
        cmocka_unit_test(grace_is_counted_from_the_true_first_day),
        cmocka_unit_test(days_below_are_those_among_the_days_asked_for),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
