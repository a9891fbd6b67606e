/* Differences after decisions (model section 9.5): every example of the document, and random
 * stories against its sentences, restated. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/model/difference.h"
#include "services/model/timeline.h"

enum { LINES_MAX = 64, STORIES = 3000, STEPS = 40, SMALL = 6 };

/* A month as decisions and facts go on. */
struct story {
    int64_t new_ore;
    size_t count;
    struct niva_decided decided[LINES_MAX];
};

static int64_t proposed(const struct story *story)
{
    struct niva_due due = niva_due_compute(story->new_ore, story->decided, story->count);

    return due.due_ore - due.taken_ore;
}

/* Decides what is proposed, to take `deduction_ore`. */
static void decide(struct story *story, int64_t deduction_ore)
{
    story->decided[story->count] = (struct niva_decided){
        .total_ore = story->new_ore,
        .proposed_ore = proposed(story),
        .deduction_ore = deduction_ore,
    };
    story->count++;
}

/* Facts give the month another amount: what is proposed of it, and approved. */
static void expect_approved(struct story *story, int64_t new_ore, int64_t expected)
{
    story->new_ore = new_ore;
    assert_int_equal(proposed(story), expected);
    if (expected != 0)
        decide(story, expected);
    assert_int_equal(proposed(story), 0);
}

/* 240 approved; 120: −120; 240: +120. */
static void test_approved(void **state)
{
    struct story story = {0};

    (void)state;
    expect_approved(&story, 240, 240);
    expect_approved(&story, 120, -120);
    expect_approved(&story, 240, 120);
}

/* 240 waived; 120, 240: nothing; 300: +60. */
static void test_waived(void **state)
{
    struct story story = {.new_ore = 240};

    (void)state;
    assert_int_equal(proposed(&story), 240);
    decide(&story, 0);
    expect_approved(&story, 120, 0);
    expect_approved(&story, 240, 0);
    expect_approved(&story, 300, 60);
}

/* 240 revised to 100; 120: nothing; 80: −20; 240: +20; 60: −40. */
static void test_revised(void **state)
{
    struct story story = {.new_ore = 240};

    (void)state;
    decide(&story, 100);
    expect_approved(&story, 120, 0);
    expect_approved(&story, 80, -20);
    expect_approved(&story, 240, 20);
    expect_approved(&story, 60, -40);
}

static void test_says_who_holds(void **state)
{
    static const struct niva_decided decided[] = {
        {.total_ore = 240, .proposed_ore = 240, .deduction_ore = 100},
        {.total_ore = 80, .proposed_ore = -20, .deduction_ore = -20},
        {.total_ore = 300, .proposed_ore = 80, .deduction_ore = 0},
    };
    struct niva_due due = niva_due_compute(240, decided, 2);

    (void)state;
    assert_int_equal(due.due_ore, 100);
    assert_int_equal(due.taken_ore, 80);
    assert_int_equal(due.held_by, 0);
    due = niva_due_compute(70, decided, 2);
    assert_int_equal(due.due_ore, 70);
    assert_true(due.held_by == NIVA_NO_INDEX);
    due = niva_due_compute(310, decided, 3);
    assert_int_equal(due.due_ore, 90);
    assert_int_equal(due.held_by, 2);
    due = niva_due_compute(5, NULL, 0);
    assert_int_equal(due.due_ore, 5);
    assert_int_equal(due.taken_ore, 0);
}

/* ---- random stories ---- */

static uint64_t seed = 20220623;

static int64_t draw(int64_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)below);
}

/* The sentences of the document, word by word. */
static int64_t naive_due(const struct story *story)
{
    int64_t least = story->new_ore;

    for (size_t k = 0; k < story->count; k++) {
        int64_t taken = 0;
        int64_t more = story->new_ore - story->decided[k].total_ore;

        for (size_t i = 0; i <= k; i++)
            taken += story->decided[i].deduction_ore;
        if (more < 0)
            more = 0;
        if (story->decided[k].proposed_ore >= 0 && taken + more < least)
            least = taken + more;
    }
    return least;
}

static int64_t taken(const struct story *story)
{
    int64_t sum = 0;

    for (size_t i = 0; i < story->count; i++)
        sum += story->decided[i].deduction_ore;
    return sum;
}

/* Approves, revises or waives; money back is approved. */
static void decide_somehow(struct story *story)
{
    int64_t amount = proposed(story);
    int64_t how = amount < 0 ? 0 : draw(3);

    if (amount == 0 || story->count == LINES_MAX)
        return;
    decide(story, how == 0 ? amount : how == 1 ? draw(amount) : 0);
}

static void story_check(const struct story *story)
{
    struct niva_due due = niva_due_compute(story->new_ore, story->decided, story->count);
    int64_t sum = taken(story);

    assert_int_equal(due.due_ore, naive_due(story));
    assert_int_equal(due.taken_ore, sum);
    /* never more money back than was taken, never more than the month costs */
    assert_in_range(due.due_ore, 0, story->new_ore);
    assert_true(sum >= 0);
    assert_true((due.held_by == NIVA_NO_INDEX) == (due.due_ore == story->new_ore));
}

static void test_random_stories(void **state)
{
    (void)state;
    for (int i = 0; i < STORIES; i++) {
        struct story story = {0};
        int64_t most = i % 2 == 0 ? SMALL : INT64_C(10000000000000);

        for (int step = 0; step < STEPS; step++) {
            story.new_ore = draw(most);
            story_check(&story);
            if (draw(2) == 0)
                continue;
            decide_somehow(&story);
            story_check(&story);
            /* a decision leaves nothing open */
            if (story.count < LINES_MAX)
                assert_int_equal(proposed(&story), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_approved),       cmocka_unit_test(test_waived),
        cmocka_unit_test(test_revised),        cmocka_unit_test(test_says_who_holds),
        cmocka_unit_test(test_random_stories),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
