/* What is forecast, why, and when it is told: each cause with its fact, the days on which a
 * forecast comes near and ends, and all of it against a restatement day by day, on random facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "services/compliance/forecast_costs.h"
#include "tests/support/casebook.h"
#include "tests/support/naive_cause.h"
#include "tests/support/random_facts.h"

/* ---- by hand ---- */

/* A unit open since 2021, a minimum of 2000 since 2022 and as much reported, today 2022-03-15. */
static void begin(struct casebook *book)
{
    casebook_begin(book, "2022-03-15");
    casebook_rule_set(book, "fysio", 1, "2022-01-01", "");
    casebook_unit(book, "2021-01-01", "");
    casebook_contract(book, "2022-01-01", 2000);
    casebook_report(book, "r1", "", "2022-01-01", 2000);
}

static char *text(struct casebook *book, const char *value)
{
    char *copy = niva_arena_strdup(book->arena, value);
    assert_non_null(copy);
    return copy;
}

/* "2022-04-01–2022-04-10 2000 1500 500: REPORT r2, CONTRACT …" for each forecast, by lines. */
static const char *written(const pb_forecast_changed *content)
{
    static char line[1024];
    size_t length = 0;
    line[0] = '\0';
    for (size_t i = 0; i < content->n_forecasts; i++) {
        const pb_forecast *forecast = content->forecasts[i];
        length += (size_t)snprintf(line + length, sizeof line - length,
                                   "%s%s/%s %d %d %d:", i == 0 ? "" : "\n", forecast->first_day,
                                   forecast->last_day, (int)forecast->required_milli,
                                   (int)forecast->counted_milli, (int)forecast->shortfall_milli);
        for (size_t c = 0; c < forecast->n_causes; c++)
            length += (size_t)snprintf(line + length, sizeof line - length, " %s=%s",
                                       protobuf_c_enum_descriptor_get_value(
                                           &niva__compliance__v1__forecast__cause__kind__descriptor,
                                           (int)forecast->causes[c]->kind)
                                           ->name,
                                       forecast->causes[c]->fact_id);
    }
    return line;
}

/* What is told of the forecast now; "same" when nothing is. */
static const char *told(struct casebook *book, pb_cause cause)
{
    struct recomputed done = casebook_recompute(book, cause);
    assert_string_equal(done.forecast.content->unit, CASEBOOK_UNIT);
    assert_string_equal(done.forecast.content->profession_group, CASEBOOK_GROUP);
    assert_int_equal(done.forecast.content->within_days, FORECAST_DAYS);
    assert_int_equal(done.forecast.any, done.forecast.content->n_forecasts > 0);
    return done.forecast.said ? written(done.forecast.content) : "same";
}

static niva_day next_day(struct casebook *book)
{
    return casebook_recompute(book, PB_NEW_DAY).next_change_day;
}

static void nothing_to_come_is_not_told(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    assert_string_equal(told(&book, PB_PROVIDER_FACT), "same");
    assert_int_equal(next_day(&book), niva_day_read("2022-04-01")); /* the month that begins */
    casebook_end(&book);
}

static void who_is_below_already_does_not_fall(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r2", "", "2022-03-10", 1500);
    casebook_report(&book, "r3", "", "2022-04-10", 1000);
    assert_string_equal(told(&book, PB_PROVIDER_FACT), "same");
    /* but falls again, when there is a day between */
    casebook_report(&book, "r4", "", "2022-04-09", 2000);
    assert_string_equal(told(&book, PB_PROVIDER_FACT), "2022-04-10/ 2000 1000 1000: REPORT=r3");
    casebook_end(&book);
}

static void a_report_or_a_position_of_it(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r2", "", "2022-04-10", 1500);
    casebook_report(&book, "r3", "", "2022-05-01", 2000)->positions[1]->last_day =
        text(&book, "2022-05-20");
    assert_string_equal(told(&book, PB_PROVIDER_FACT),
                        "2022-04-10/2022-04-30 2000 1500 500: REPORT=r2\n"
                        "2022-05-21/ 2000 1000 1000: POSITION_ENDS=r3");
    casebook_end(&book);
}

static void an_absence_and_its_cover(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    pb_absence *absence = casebook_absence(&book, "a1", 1, "p0", "2022-04-10", "2022-06-30");
    assert_string_equal(told(&book, PB_PROVIDER_FACT),
                        "2022-04-10/2022-06-30 2000 1000 1000: ABSENCE=a1");
    absence->cover = niva_arena_array(book.arena, 1, sizeof *absence->cover);
    absence->cover[0] = niva_wire_copy(
        &casebook_report(&book, "x", "", "2021-01-01", 1000)->positions[0]->base, book.arena);
    absence->cover[0]->position_key = text(&book, "v1");
    absence->cover[0]->last_day = text(&book, "2022-05-31");
    absence->n_cover = 1;
    assert_string_equal(told(&book, PB_PROVIDER_FACT),
                        "2022-06-01/2022-06-30 2000 1000 1000: COVER_ENDS=a1");
    casebook_end(&book);
}

static void a_dispensation_that_ends(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_dispensation(&book, "d1", "2022-02-01", "2022-04-30");
    casebook_report(&book, "r2", "", "2022-02-10", 1500);
    assert_string_equal(told(&book, PB_PURCHASER_FACT),
                        "2022-05-01/ 2000 1500 500: DISPENSATION_ENDS=d1");
    casebook_end(&book);
}

static void a_contract_that_begins_or_ends(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_contract(&book, "2022-04-15", 2500);
    assert_string_equal(told(&book, PB_PURCHASER_FACT),
                        "2022-04-15/ 2500 2000 500: CONTRACT=" CASEBOOK_UNIT "/" CASEBOOK_GROUP
                        "/2022-04-15");
    casebook_end(&book);

    begin(&book);
    casebook_contract(&book, "2022-02-01", 2500);
    casebook_contract(&book, "2022-02-02", 1800);
    pb_contract *last = (pb_contract *)(uintptr_t)book.own.list[book.own.count - 1].message;
    last->last_day = text(&book, "2022-03-31");
    assert_string_equal(told(&book, PB_PURCHASER_FACT),
                        "2022-04-01/ 2500 2000 500: CONTRACT_ENDS=" CASEBOOK_UNIT "/" CASEBOOK_GROUP
                        "/2022-02-02");
    casebook_end(&book);
}

static void a_rule_set_that_begins_with_what_it_asks_of_a_listing(void **state)
{
    (void)state;
    struct casebook book;
    casebook_begin(&book, "2022-03-15");
    casebook_rule_set(&book, "old", 1, "2022-01-01", "2022-04-30");
    pb_rule_set *rules = casebook_rule_set(&book, "new", 1, "2022-05-01", "");
    rules->requirement->kind = NIVA__COMPLIANCE__V1__REQUIREMENT__KIND__PER_LISTED;
    rules->requirement->persons_per_fte = 1000;
    casebook_unit(&book, "2021-01-01", "");
    casebook_contract(&book, "2022-01-01", 2000);
    casebook_report(&book, "r1", "", "2022-01-01", 2000);
    casebook_listing(&book, "2022-02-28", 2100);
    assert_string_equal(told(&book, PB_RULE), "2022-05-01/ 2100 2000 100: RULE_SET=new");
    /* the listing of the last day of April would not have been asked for by the old one */
    casebook_listing(&book, "2022-02-28", 1900);
    casebook_listing(&book, "2022-05-31", 2200);
    assert_string_equal(told(&book, PB_PURCHASER_FACT),
                        "2022-06-01/ 2200 2000 200: LISTING=" CASEBOOK_UNIT "/2022-05-31");
    casebook_end(&book);
}

static void a_finding_that_begins_or_ends(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_finding(&book, "f1", "2022-04-01", "2022-04-30", 1500);
    casebook_report(&book, "r2", "", "2022-05-05", 1500);
    casebook_finding(&book, "f2", "2022-05-01", "2022-05-20", 2000);
    assert_string_equal(told(&book, PB_PURCHASER_FACT),
                        "2022-04-01/2022-04-30 2000 1500 500: FINDING=f1\n"
                        "2022-05-21/ 2000 1500 500: FINDING_ENDS=f2");
    casebook_end(&book);
}

static void a_unit_that_opens(void **state)
{
    (void)state;
    struct casebook book;
    casebook_begin(&book, "2022-03-15");
    casebook_rule_set(&book, "fysio", 1, "2022-01-01", "");
    casebook_unit(&book, "2022-05-02", "2022-05-31");
    casebook_contract(&book, "2022-01-01", 2000);
    casebook_report(&book, "r1", "", "2022-01-01", 1900);
    assert_string_equal(told(&book, PB_PURCHASER_FACT),
                        "2022-05-02/2022-05-31 2000 1900 100: UNIT_OPENS=" CASEBOOK_UNIT);
    casebook_end(&book);
}

static void what_changes_on_one_day_is_named_in_order(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_contract(&book, "2022-04-10", 2500);
    casebook_absence(&book, "a1", 1, "p0", "2022-04-10", "2022-06-30");
    casebook_absence(&book, "a2", 1, "p9", "2022-04-10", "2022-06-30"); /* nobody's */
    assert_string_equal(told(&book, PB_PROVIDER_FACT),
                        "2022-04-10/ 2500 1000 1500: ABSENCE=a1 CONTRACT=" CASEBOOK_UNIT
                        "/" CASEBOOK_GROUP "/2022-04-10");
    casebook_end(&book);
}

static void it_is_told_when_it_comes_near_and_when_it_has_come(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r2", "", "2022-09-01", 1500); /* 92 days after 2022-06-01 */
    assert_string_equal(told(&book, PB_PROVIDER_FACT), "same");
    casebook_today(&book, "2022-05-31");
    assert_string_equal(told(&book, PB_NEW_DAY), "same");
    assert_int_equal(next_day(&book), niva_day_read("2022-06-01"));
    casebook_today(&book, "2022-06-01");
    assert_string_equal(told(&book, PB_NEW_DAY), "2022-09-01/ 2000 1500 500: REPORT=r2");
    assert_string_equal(told(&book, PB_NEW_DAY), "same");
    casebook_today(&book, "2022-08-31");
    assert_string_equal(told(&book, PB_NEW_DAY), "same");
    assert_int_equal(next_day(&book), niva_day_read("2022-09-01"));
    assert_int_equal(book.breach_count, 0);
    casebook_today(&book, "2022-09-01");
    struct recomputed done = casebook_recompute(&book, PB_NEW_DAY);
    assert_true(done.forecast.said);
    assert_false(done.forecast.any);
    assert_int_equal(book.breach_count, 1);
    assert_string_equal(told(&book, PB_NEW_DAY), "same");
    casebook_end(&book);
}

static void a_day_that_nothing_else_brings_wakes_the_unit(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r2", "", "2022-06-20", 1500); /* 92 days after 2022-03-20 */
    casebook_recompute(&book, PB_PROVIDER_FACT);
    assert_int_equal(next_day(&book), niva_day_read("2022-03-20"));
    casebook_end(&book);
}

static void it_is_taken_back_when_facts_do(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r2", "", "2022-04-10", 1500);
    assert_string_equal(told(&book, PB_PROVIDER_FACT), "2022-04-10/ 2000 1500 500: REPORT=r2");
    casebook_report(&book, "r3", "r2", "2022-04-10", 1600);
    assert_string_equal(told(&book, PB_PROVIDER_FACT), "2022-04-10/ 2000 1600 400: REPORT=r3");
    casebook_withdrawal(&book, "r3");
    casebook_withdrawal(&book, "r2");
    assert_string_equal(told(&book, PB_PROVIDER_FACT), "");
    assert_string_equal(told(&book, PB_PROVIDER_FACT), "same");
    casebook_end(&book);
}

/* ---- what it costs ---- */

/* "2022-04 fysioterapi 5250000" for each cost of each forecast within so many days, by lines. */
static const char *costs(struct casebook *book, int32_t within)
{
    static const struct niva_component components[] = {
        {.name = "fysioterapi",
         .days = {NIVA_DAY_MIN, NIVA_DAY_END},
         .monthly_ore = 30000000,
         .regulated = true},
        {.name = "hyra", .days = {NIVA_DAY_MIN, NIVA_DAY_END}, .monthly_ore = 100},
    };
    const struct amounts amounts = {2, components};
    static char line[1024];
    size_t length = 0;
    struct dossier dossier = casebook_dossier(book, INT64_MAX);
    const struct forecast *forecasts;
    struct niva_timeline timeline;
    struct niva_error err;
    size_t count;
    line[0] = '\0';
    assert_true(
        forecasts_find(&dossier, book->today, within, book->arena, &count, &forecasts, NULL, &err));
    assert_true(niva_timeline_compute(&dossier.facts, dossier_span(&dossier), false, book->arena,
                                      &timeline, &err));
    for (size_t i = 0; i < count; i++) {
        pb_forecast *message = forecast_message(&dossier, &forecasts[i], book->arena);
        assert_true(forecast_costs(&dossier.facts, &timeline, &amounts, &forecasts[i],
                                   book->today + within, book->arena, message, &err));
        for (size_t c = 0; c < message->n_costs; c++)
            length += (size_t)snprintf(line + length, sizeof line - length, "%s %s %lld\n",
                                       message->costs[c]->month, message->costs[c]->component,
                                       (long long)message->costs[c]->ore);
    }
    return line;
}

static void it_costs_what_its_days_take_of_each_month(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r2", "", "2022-04-10", 1500);
    casebook_report(&book, "r3", "", "2022-06-16", 2000);
    /* a quarter is missing: of 21 of 30 days, of May, of 15 of 30 days */
    assert_string_equal(costs(&book, 92), "2022-04 fysioterapi 5250000\n"
                                          "2022-05 fysioterapi 7500000\n"
                                          "2022-06 fysioterapi 3750000\n");
    /* months that lie beyond are not reckoned with, but the last one is, whole */
    assert_string_equal(costs(&book, 50), "2022-04 fysioterapi 5250000\n"
                                          "2022-05 fysioterapi 7500000\n");
    casebook_end(&book);
}

/* What the days before it take already is not its cost. */
static void it_costs_nothing_that_would_be_taken_without_it(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_report(&book, "r2", "", "2022-03-11", 1000); /* 10 days at a half, a breach */
    casebook_report(&book, "r3", "", "2022-03-21", 2000);
    casebook_report(&book, "r4", "", "2022-03-30", 1000); /* 2 days at a half */
    casebook_report(&book, "r5", "", "2022-04-01", 2000);
    assert_string_equal(costs(&book, 92), "2022-03 fysioterapi 967742\n");
    casebook_end(&book);

    /* once a month, whichever run it is for */
    begin(&book);
    Niva__Compliance__V1__Regulation *regulation =
        ((pb_rule_set *)(uintptr_t)book.regional.list[0].message)->regulation;
    regulation->formula = NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PER_STARTED_MONTH;
    regulation->permille = 100;
    casebook_report(&book, "r2", "", "2022-03-11", 1000);
    casebook_report(&book, "r3", "", "2022-03-21", 2000);
    casebook_report(&book, "r4", "", "2022-03-30", 1000);
    casebook_report(&book, "r5", "", "2022-04-02", 2000);
    assert_string_equal(costs(&book, 92), "2022-04 fysioterapi 3000000\n");
    casebook_end(&book);
}

static void without_a_binding_rule_it_costs_nothing(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    ((pb_rule_set *)(uintptr_t)book.regional.list[0].message)->severity =
        NIVA__COMPLIANCE__V1__RULE_SET__SEVERITY__GUIDE;
    casebook_report(&book, "r2", "", "2022-04-10", 1500);
    assert_string_equal(costs(&book, 92), "");
    casebook_end(&book);
}

/* ---- random facts, day by day ---- */

enum { SCENARIOS = 600, ARENA_BYTES = 64 << 20, DAYS_AHEAD = 1600, DAYS_FOLLOWED = 120 };

static struct niva_arena *arena;

struct seen {
    size_t forecasts;
    size_t endless;
    size_t changes;
    size_t quiet;
};

static bool is_below(const struct niva_facts *facts, niva_day day)
{
    struct naive_day judged;
    naive_day_judge(facts, day, &judged);
    return judged.status == NIVA_BELOW_MINIMUM;
}

/* What is below, day by day, from today on. */
struct ahead {
    niva_day today;
    bool below[DAYS_AHEAD];
};

static bool begins(const struct ahead *ahead, int day)
{
    return day > 0 && day < DAYS_AHEAD && ahead->below[day] && !ahead->below[day - 1];
}

static niva_day until(const struct ahead *ahead, int day)
{
    while (day < DAYS_AHEAD && ahead->below[day])
        day++;
    return day == DAYS_AHEAD ? NIVA_DAY_END : ahead->today + day;
}

static void causes_check(const struct niva_facts *facts, const struct forecast *forecast,
                         uint64_t seed)
{
    static struct naive_causes naive;
    naive_causes_find(facts, forecast->days.from, &naive);
    if (naive.changes > NIVA_CHANGES_WEIGHED)
        return;
    if (!naive_causes_are(&naive, forecast->cause_count, forecast->causes))
        fail_msg("seed %llu: the causes of day %d are others", (unsigned long long)seed,
                 (int)forecast->days.from);
}

/* Compares the forecasts of a day, and the day on which they are others, with the days ahead. */
static void today_check(const struct dossier *dossier, const struct ahead *ahead, int today,
                        int within, uint64_t seed, struct seen *seen)
{
    const struct forecast *forecasts;
    struct niva_error err;
    niva_day next;
    niva_day expected_next = NIVA_DAY_NONE;
    size_t count;
    size_t expected = 0;
    assert_true(forecasts_find(dossier, ahead->today + today, within, arena, &count, &forecasts,
                               &next, &err));
    for (int day = today + 1; day < DAYS_AHEAD; day++) {
        if (!begins(ahead, day))
            continue;
        niva_day change = ahead->today + (day - within > today ? day - within : day);
        if (expected_next == NIVA_DAY_NONE || change < expected_next)
            expected_next = change;
        if (day - today > within)
            continue;
        if (expected == count || forecasts[expected].days.from != ahead->today + day)
            fail_msg("seed %llu: nothing is forecast of day %d", (unsigned long long)seed, day);
        const struct forecast *forecast = &forecasts[expected++];
        struct naive_day judged;
        naive_day_judge(&dossier->facts, forecast->days.from, &judged);
        assert_int_equal(forecast->days.until, until(ahead, day));
        assert_int_equal(forecast->required_milli, judged.required_milli);
        assert_int_equal(forecast->counted_milli, judged.counted_milli);
        assert_int_equal(forecast->shortfall_milli, judged.shortfall_milli);
        causes_check(&dossier->facts, forecast, seed);
        seen->endless += forecast->days.until == NIVA_DAY_END;
    }
    assert_int_equal(count, expected);
    if (next != expected_next)
        fail_msg("seed %llu: day %d changes the forecast of %d, expected %d",
                 (unsigned long long)seed, (int)next, ahead->today + today, (int)expected_next);
    seen->forecasts += count;
}

static void dossier_of(struct random_scenario *scenario, struct dossier *dossier)
{
    static const pb_unit registered = NIVA__INTAKE__V1__UNIT__INIT;
    *dossier = (struct dossier){.unit = CASEBOOK_UNIT,
                                .group = CASEBOOK_GROUP,
                                .registered = &registered,
                                .facts = scenario->facts};
}

static void forecasts_are_what_the_days_to_come_say(void **state)
{
    (void)state;
    static const int horizons[] = {1, 30, FORECAST_DAYS, 366};
    struct seen seen = {0};
    for (uint64_t seed = 1; seed <= SCENARIOS; seed++) {
        struct random_source source = random_seed(seed);
        struct random_scenario scenario;
        struct dossier dossier;
        struct ahead ahead;
        niva_arena_reset(arena);
        random_scenario_make(&source, arena, &scenario);
        dossier_of(&scenario, &dossier);
        ahead.today = scenario.horizon.from + random_in(&source, -20, 60);
        for (int day = 0; day < DAYS_AHEAD; day++)
            ahead.below[day] = is_below(&scenario.facts, ahead.today + day);
        for (size_t i = 0; i < sizeof horizons / sizeof *horizons; i++)
            today_check(&dossier, &ahead, random_in(&source, 0, 60), horizons[i], seed, &seen);
    }
    print_message("%zu forecasts, %zu until further notice\n", seen.forecasts, seen.endless);
    assert_true(seen.forecasts > 500 && seen.endless > 50);
}

/* ---- told once, and when it changes ---- */

/* The unit is looked at on the days on which it asks for it, and on each day: what was told last is
 * what would be told. */
static void days_follow(const struct dossier *dossier, niva_day from, uint64_t seed,
                        struct seen *seen)
{
    struct recompute input = {.dossier = dossier, .today = from};
    struct forecast_change change;
    uint8_t kept[DIGEST_SIZE];
    niva_day next;
    struct niva_error err;
    assert_true(forecast_update(&input, arena, &change, &next, &err));
    assert_int_equal(change.said, change.any);
    memcpy(kept, change.digest, sizeof kept);
    input.forecast = change.any ? kept : NULL;
    for (input.today = from + 1; input.today < from + DAYS_FOLLOWED; input.today++) {
        niva_day due = next;
        assert_true(forecast_update(&input, arena, &change, &next, &err));
        if (change.said != (due == input.today))
            fail_msg("seed %llu: on day %d of %d the forecast %s, expected on %d",
                     (unsigned long long)seed, (int)(input.today - from), DAYS_FOLLOWED,
                     change.said ? "changes" : "stays", (int)(due - from));
        seen->changes += change.said;
        seen->quiet += !change.said;
        memcpy(kept, change.digest, sizeof kept);
        input.forecast = change.any ? kept : NULL;
    }
}

static void it_changes_on_the_day_that_was_said_and_on_no_other(void **state)
{
    (void)state;
    struct seen seen = {0};
    for (uint64_t seed = 1; seed <= SCENARIOS / 4; seed++) {
        struct random_source source = random_seed(seed + SCENARIOS);
        struct random_scenario scenario;
        struct dossier dossier;
        niva_arena_reset(arena);
        random_scenario_make(&source, arena, &scenario);
        dossier_of(&scenario, &dossier);
        days_follow(&dossier, scenario.horizon.from - 60, seed, &seen);
    }
    print_message("%zu changes, %zu days without\n", seen.changes, seen.quiet);
    assert_true(seen.changes > 100 && seen.quiet > seen.changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_come_is_not_told),
        cmocka_unit_test(who_is_below_already_does_not_fall),
        cmocka_unit_test(a_report_or_a_position_of_it),
        cmocka_unit_test(an_absence_and_its_cover),
        cmocka_unit_test(a_dispensation_that_ends),
        cmocka_unit_test(a_contract_that_begins_or_ends),
        cmocka_unit_test(a_rule_set_that_begins_with_what_it_asks_of_a_listing),
        cmocka_unit_test(a_finding_that_begins_or_ends),
        cmocka_unit_test(a_unit_that_opens),
        cmocka_unit_test(what_changes_on_one_day_is_named_in_order),
        cmocka_unit_test(it_is_told_when_it_comes_near_and_when_it_has_come),
        cmocka_unit_test(a_day_that_nothing_else_brings_wakes_the_unit),
        cmocka_unit_test(it_is_taken_back_when_facts_do),
        cmocka_unit_test(it_costs_what_its_days_take_of_each_month),
        cmocka_unit_test(it_costs_nothing_that_would_be_taken_without_it),
        cmocka_unit_test(without_a_binding_rule_it_costs_nothing),
        cmocka_unit_test(forecasts_are_what_the_days_to_come_say),
        cmocka_unit_test(it_changes_on_the_day_that_was_said_and_on_no_other),
    };
    int failed;
    arena = niva_arena_new(ARENA_BYTES);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    niva_arena_free(arena);
    return failed ? 1 : 0;
}
