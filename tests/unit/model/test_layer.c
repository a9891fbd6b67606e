#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/model/layer.h"
#include "services/model/record.h"
#include "tests/support/random_facts.h"

enum { ITEMS_MAX = 24 };

static struct niva_arena *arena;
static const struct niva_span always = {NIVA_DAY_NONE, NIVA_DAY_END};

static int reset(void **state)
{
    (void)state;
    niva_arena_reset(arena);
    return 0;
}

static void an_empty_layer_holds_nothing(void **state)
{
    (void)state;
    struct layer layer;
    niva_day until;

    assert_true(layer_build(NULL, 0, always, arena, &layer));
    assert_int_equal(layer.count, 0);
    assert_null(layer_until(&layer, 5, &until));
    assert_int_equal(until, NIVA_DAY_END);
}

static void the_higher_rank_cuts_the_lower_in_two(void **state)
{
    (void)state;
    static const char a, b;
    struct layer_item items[] = {
        {{0, 100}, 1, 0, &a},
        {{40, 60}, 2, 0, &b},
    };
    struct layer layer;
    niva_day until;

    assert_true(layer_build(items, 2, always, arena, &layer));
    assert_int_equal(layer.count, 3);
    assert_ptr_equal(layer_until(&layer, 39, &until), &a);
    assert_int_equal(until, 40);
    assert_ptr_equal(layer_on(&layer, 40), &b);
    assert_ptr_equal(layer_on(&layer, 60), &a);
    assert_null(layer_on(&layer, 100));
    assert_null(layer_until(&layer, -1, &until));
    assert_int_equal(until, 0);
}

static void a_layer_is_cut_to_its_window(void **state)
{
    (void)state;
    static const char a;
    struct layer_item items[] = {{{0, NIVA_DAY_END}, 0, 0, &a}, {{5, 5}, 9, 0, &items}};
    struct layer layer;

    assert_true(layer_build(items, 2, (struct niva_span){10, 20}, arena, &layer));
    assert_int_equal(layer.count, 1);
    assert_int_equal(layer.pieces[0].days.from, 10);
    assert_int_equal(layer.pieces[0].days.until, 20);
}

static const struct layer_item *strongest(const struct layer_item *items, size_t count,
                                          niva_day day)
{
    const struct layer_item *best = NULL;

    for (size_t i = 0; i < count; i++)
        if (span_holds(items[i].days, day) &&
            (best == NULL || items[i].rank > best->rank ||
             (items[i].rank == best->rank && items[i].order > best->order)))
            best = &items[i];
    return best;
}

static void every_day_has_its_strongest(void **state)
{
    (void)state;
    struct random_source source = random_seed(3);

    for (int round = 0; round < 3000; round++) {
        struct layer_item given[ITEMS_MAX] = {0}, items[ITEMS_MAX];
        size_t count = (size_t)random_in(&source, 0, ITEMS_MAX);
        struct layer layer;
        for (size_t i = 0; i < count; i++) {
            niva_day from = random_in(&source, 0, 60);
            given[i] = (struct layer_item){{from, from + random_in(&source, 0, 25)},
                                           random_in(&source, 0, 3),
                                           (int64_t)i,
                                           &given[i]};
        }
        memcpy(items, given, sizeof items);
        assert_true(layer_build(items, count, (struct niva_span){5, 70}, arena, &layer));
        for (niva_day day = 5; day < 70; day++)
            assert_ptr_equal(layer_on(&layer, day), strongest(given, count, day));
        for (size_t i = 1; i < layer.count; i++)
            assert_true(layer.pieces[i - 1].days.until <= layer.pieces[i].days.from);
        niva_arena_reset(arena);
    }
}

static void days_are_sorted_and_kept_once(void **state)
{
    (void)state;
    niva_day days[] = {5, 1, 5, 3, 1};

    assert_int_equal(days_sort(days, 5), 3);
    assert_true(days[0] == 1 && days[1] == 3 && days[2] == 5);
    assert_int_equal(day_after(NIVA_DAY_END, 1), NIVA_DAY_END);
    assert_int_equal(day_after(0, INT32_MAX), NIVA_DAY_END);
    assert_int_equal(day_after(7, 30), 37);
}

static void the_last_known_version_holds(void **state)
{
    (void)state;
    struct record_entry entries[] = {
        {"a", 30, 0}, {NULL, 5, 1}, {"b", 10, 2}, {"a", 20, 3},
        {NULL, 5, 4}, {"b", 10, 5}, {"a", 99, 6}, {"", 7, 7},
    };
    static const size_t expected[] = {1, 4, 7, 5, 0};

    assert_int_equal(record_present(entries, 8, 50), 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(entries[i].index, expected[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_layer_holds_nothing, reset),
        cmocka_unit_test_setup(the_higher_rank_cuts_the_lower_in_two, reset),
        cmocka_unit_test_setup(a_layer_is_cut_to_its_window, reset),
        cmocka_unit_test_setup(every_day_has_its_strongest, reset),
        cmocka_unit_test_setup(days_are_sorted_and_kept_once, reset),
        cmocka_unit_test_setup(the_last_known_version_holds, reset),
    };
    arena = niva_arena_new(1024 * 1024);
    int failed = cmocka_run_group_tests_name("layer", tests, NULL, NULL);

    niva_arena_free(arena);
    return failed ? 1 : 0;
}
