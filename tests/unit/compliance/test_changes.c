/* What changed between two instants, against a naive restatement: random facts, several of them at
 * one instant; every day of every standing is judged as the facts known there are, every change is
 * told once and in order, and what changes is what a comparison day by day finds. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compliance/v1/change.pb-c.h"
#include "services/common/wire/wire.h"
#include "services/compliance/change_words.h"
#include "services/compliance/changes.h"
#include "tests/support/casebook.h"

enum { STORIES = 1000, FACTS = 14, AMOUNTS = 3, ARENA_BYTES = 512 << 20 };

#define MINUTE INT64_C(60000000)

static uint64_t seed;

static int chance(int below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int)(seed % (uint64_t)below);
}

static char *some_day(struct casebook *book, int month)
{
    return niva_arena_printf(book->arena, "2022-%02d-%02d", month, 1 + chance(28));
}

static char *some_id(struct casebook *book, const char *kind, int number)
{
    return niva_arena_printf(book->arena, "%s-%d", kind, number);
}

/* One more fact; now and then at the instant of the one before. */
static void fact_add(struct casebook *book, int number)
{
    const char *day = some_day(book, 3 + chance(3));

    if (chance(3) == 0)
        book->now -= MINUTE;
    switch (chance(6)) {
    case 0:
        casebook_report(book, some_id(book, "report", number), "", day, 500 * chance(6));
        return;
    case 1:
        casebook_contract(book, day, 500 * (1 + chance(5)));
        return;
    case 2:
        casebook_finding(book, some_id(book, "finding", number), day, some_day(book, 6),
                         500 * chance(6));
        return;
    case 3:
        casebook_dispensation(book, some_id(book, "dispensation", number), day, some_day(book, 6));
        return;
    case 4:
        casebook_absence(book, some_id(book, "absence", number), 1, "p0", day, some_day(book, 6));
        return;
    default:
        casebook_rule_set(book, "rules", number + 2, "2022-01-01", "2022-12-31")
            ->counting->absence_threshold_days = chance(60);
        return;
    }
}

static struct stored_component amount_make(struct casebook *book, int number)
{
    struct stored_component row = {.unit = CASEBOOK_UNIT, .position = number + 1};
    pb_component component = NIVA__COMPENSATION__V1__COMPONENT__INIT;
    struct niva_error err;

    component.component = (char *)(uintptr_t)(chance(2) == 0 ? "fysioterapi" : "rehab");
    component.unit = (char *)(uintptr_t)CASEBOOK_UNIT;
    component.profession_group = (char *)(uintptr_t)CASEBOOK_GROUP;
    component.first_day = some_day(book, 1 + chance(4));
    component.monthly_ore = 1000000 * (1 + chance(9));
    component.regulated = true;
    component.version = 1;
    component.recorded_at = niva_wire_timestamp(book->now - MINUTE * chance(3), book->arena);
    assert_true(niva_wire_pack(&component.base, book->arena, &row.body, &err));
    return row;
}

/* A story, and the days of April and May. */
static void story_make(struct casebook *book, struct stored_component *rows,
                       struct history *ret_history)
{
    struct niva_error err;

    casebook_begin(book, "2022-04-05");
    book->arena = niva_arena_free(book->arena);
    book->arena = niva_arena_new(ARENA_BYTES);
    assert_non_null(book->arena);
    casebook_unit(book, "2020-01-01", "");
    casebook_rule_set(book, "rules", 1, "2022-01-01", "2022-12-31");
    casebook_contract(book, "2022-01-01", 2000);
    for (int i = 0; i < FACTS; i++) {
        fact_add(book, i);
        if (chance(4) == 0)
            book->now += 24 * 60 * MINUTE * chance(9);
        if (i % (FACTS / AMOUNTS) == 0 && i / (FACTS / AMOUNTS) < AMOUNTS)
            rows[i / (FACTS / AMOUNTS)] = amount_make(book, i / (FACTS / AMOUNTS));
    }
    book->today = niva_local_day(book->now) + 1;
    *ret_history =
        (struct history){.unit = CASEBOOK_UNIT,
                         .group = CASEBOOK_GROUP,
                         .days = {niva_day_read("2022-04-01"), niva_day_read("2022-06-01")},
                         .business_day = book->today,
                         .own = &book->own,
                         .regional = &book->regional,
                         .component_count = AMOUNTS,
                         .components = rows};
    assert_true(history_lay(ret_history, book->arena, &err));
}

static const struct niva_segment *segment_on(const struct niva_timeline *timeline, niva_day day)
{
    size_t i = 0;

    while (timeline->segments[i].days.until <= day)
        i++;
    return &timeline->segments[i];
}

static bool judged_alike(const struct niva_segment *one, const struct niva_segment *other)
{
    return one->status == other->status && one->required_milli == other->required_milli &&
           one->counted_milli == other->counted_milli &&
           one->shortfall_milli == other->shortfall_milli;
}

/* What was recorded up to a place, and nothing else. */
static struct records recorded_until(struct casebook *book, const struct records *all,
                                     struct place place)
{
    struct records kept = {.list = niva_arena_array(book->arena, all->count, sizeof *kept.list)};

    for (size_t i = 0; i < all->count; i++) {
        const struct niva_fact *fact = &all->list[i].fact;

        if (fact->recorded_at < place.instant ||
            (fact->recorded_at == place.instant &&
             (place.rank == RANK_AMOUNT || (place.rank == RANK_FACT && fact->fact_no <= place.no))))
            kept.list[kept.count++] = all->list[i];
    }
    kept.capacity = kept.count;
    return kept;
}

/* Every day as it is judged by what was recorded up to the place, and nothing else. */
static void standing_check(struct casebook *book, const struct history *history, struct place place,
                           const struct standing *standing)
{
    struct records own = recorded_until(book, &book->own, place);
    struct records regional = recorded_until(book, &book->regional, place);
    struct dossier dossier;
    struct niva_timeline timeline;
    struct niva_error err;

    assert_true(dossier_make(CASEBOOK_UNIT, CASEBOOK_GROUP, INT64_MAX, &own, &regional, book->arena,
                             &dossier, &err));
    assert_true(
        niva_timeline_compute(&dossier.facts, history->days, false, book->arena, &timeline, &err));
    for (niva_day day = history->days.from; day < history->days.until; day++)
        assert_true(judged_alike(segment_on(&timeline, day), segment_on(&standing->timeline, day)));
}

/* Returns how many runs of days changed. */
static size_t verdicts_check(struct casebook *book, const struct history *history,
                             const struct standing *before, const struct standing *after)
{
    const struct verdict_change *changes;
    struct niva_error err;
    size_t count;
    size_t at = 0;

    assert_true(verdicts_compare(history, before, after, book->arena, &count, &changes, &err));
    for (niva_day day = history->days.from; day < history->days.until; day++) {
        bool alike =
            judged_alike(segment_on(&before->timeline, day), segment_on(&after->timeline, day));

        while (at < count && changes[at].days.until <= day)
            at++;
        assert_int_equal(at < count && changes[at].days.from <= day, !alike);
    }
    return count;
}

/* Sums of the changes of each component are what the totals differ by. */
static void amounts_check(struct casebook *book, const struct standing *before,
                          const struct standing *after)
{
    const struct amount_change *changes;
    struct niva_error err;
    size_t count;
    int64_t moved = 0;

    assert_true(amounts_compare(before, after, false, book->arena, &count, &changes, &err));
    for (size_t i = 0; i < count; i++) {
        assert_int_not_equal(changes[i].before, changes[i].after);
        moved += changes[i].after - changes[i].before;
    }
    assert_int_equal(moved, after->ore - before->ore);
}

static void change_check(struct casebook *book, const struct change *change)
{
    pb_change message = NIVA__COMPLIANCE__V1__CHANGE__INIT;
    struct niva_error err;

    assert_true(change_say(change, book->arena, &message, &err));
    assert_int_not_equal(message.kind, 0);
    assert_int_not_equal(message.action, 0);
    assert_int_equal(message.cause == 0, change->place.rank == RANK_DAY);
    assert_string_not_equal(message.text_sv, "");
    assert_null(strstr(message.text_sv, "p0"));
}

static void every_change_is_told_once_and_in_order(void **state)
{
    size_t moved = 0;

    (void)state;
    for (int i = 0; i < STORIES; i++) {
        struct stored_component rows[AMOUNTS];
        struct casebook book;
        struct history history;
        struct standing standing;
        struct niva_error err;
        struct place at = {INT64_C(1609459200000000), RANK_LAST, 0}; /* 2021 */
        const struct place now = {INT64_MAX, RANK_LAST, 0};
        struct change change;
        size_t facts = 0;

        seed = (uint64_t)i + 20220623;
        story_make(&book, rows, &history);
        assert_true(standing_compute(&history, at, book.arena, &standing, &err));
        while (change_next(&history, at, now, &change)) {
            struct standing before = standing;

            assert_true(place_compare(change.place, at) > 0);
            at = change.place;
            facts += at.rank != RANK_DAY;
            assert_true(standing_compute(&history, at, book.arena, &standing, &err));
            standing_check(&book, &history, at, &standing);
            moved += verdicts_check(&book, &history, &before, &standing);
            amounts_check(&book, &before, &standing);
            change_check(&book, &change);
        }
        assert_int_equal(facts, history.change_count);
        assert_int_equal(facts, book.own.count + book.regional.count + AMOUNTS);
        assert_int_equal(standing.today, book.today);
        casebook_end(&book);
    }
    assert_true(moved > 2 * STORIES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_is_told_once_and_in_order),
    };
    int failed = cmocka_run_group_tests_name("changes", tests, NULL, NULL);

    return failed ? 1 : 0;
}
