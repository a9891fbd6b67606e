#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/model/ratio.h"
#include "tests/support/random_facts.h"

static struct niva_arena *arena;

static void printed(const struct ratio *ratio, const char *expected)
{
    const char *actual = ratio_print(ratio, arena);

    assert_non_null(actual);
    assert_string_equal(actual, expected);
}

static void ratios_are_kept_in_lowest_terms(void **state)
{
    (void)state;
    struct ratio a __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;

    printed(&a, "0");
    ratio_set(&a, 6, 4);
    printed(&a, "3/2");
    ratio_set(&a, -6, 3);
    printed(&a, "-2");
    ratio_set(&a, 0, 7);
    printed(&a, "0");
    ratio_set(&a, (int128)1 << 126, 1);
    printed(&a, "85070591730234615865843651857942052864");
}

static void sums_and_differences_are_exact(void **state)
{
    (void)state;
    struct ratio a __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    struct ratio b __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;

    ratio_set(&a, 1, 3);
    ratio_set(&b, 1, 6);
    ratio_add(&a, &b);
    printed(&a, "1/2");
    ratio_subtract(&a, &b);
    ratio_subtract(&a, &b);
    printed(&a, "1/6");
    assert_int_equal(ratio_compare(&a, &b), 0);
    ratio_subtract(&a, &a);
    printed(&a, "0");
    assert_int_equal(ratio_compare(&a, &b), -1);
    assert_int_equal(ratio_compare(&b, &a), 1);
    ratio_scale(&b, 250, 1000);
    printed(&b, "1/24");
}

static void rounding_is_half_away_from_zero(void **state)
{
    (void)state;
    static const struct {
        int64_t num, den, unit, expected;
    } cases[] = {
        {1, 2, 1, 1},    {-1, 2, 1, -1},    {3, 2, 1, 2},       {-3, 2, 1, -2},
        {49, 100, 1, 0}, {50, 1, 100, 100}, {49, 1, 100, 0},    {-50, 1, 100, -100},
        {0, 1, 7, 0},    {7, 2, 7, 7},      {150, 1, 100, 200}, {14999, 100, 100, 100},
    };
    struct ratio a __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t actual = 0;
        ratio_set(&a, cases[i].num, cases[i].den);
        assert_true(ratio_round(&a, cases[i].unit, &actual));
        if (actual != cases[i].expected)
            fail_msg("%lld/%lld to %lld: expected %lld, got %lld", (long long)cases[i].num,
                     (long long)cases[i].den, (long long)cases[i].unit,
                     (long long)cases[i].expected, (long long)actual);
    }
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    struct ratio a __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    int64_t value = 4711;

    ratio_set(&a, INT64_MAX, 1);
    assert_true(ratio_round(&a, 1, &value));
    assert_true(value == INT64_MAX);
    ratio_set(&a, (int128)INT64_MAX + 1, 1);
    assert_false(ratio_round(&a, 1, &value));
    assert_true(value == INT64_MAX);
}

/* The sum of 1/p for many primes needs hundreds of bits; taken away again nothing is left. */
static void beyond_128_bits_nothing_is_lost(void **state)
{
    (void)state;
    static const int32_t primes[] = {2147483647, 2147483629, 2147483587, 2147483579, 2147483563,
                                     2147483549, 2147483543, 2147483497, 2147483489, 2147483477};
    struct ratio sum __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    struct ratio term __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    struct ratio copy __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;

    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++) {
        ratio_set(&term, 10000000000000, primes[i]);
        ratio_add(&sum, &term);
    }
    assert_true(sum.big);
    ratio_copy(&copy, &sum);
    assert_int_equal(ratio_compare(&copy, &sum), 0);
    ratio_scale(&copy, 1, 1000);
    assert_int_equal(ratio_compare(&copy, &sum), -1);
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++) {
        ratio_set(&term, 10000000000000, primes[i]);
        ratio_subtract(&sum, &term);
    }
    assert_int_equal(ratio_sign(&sum), 0);
    printed(&sum, "0");
}

/* A random walk of operations beside GMP alone. */
static void both_ways_of_computing_agree(void **state)
{
    (void)state;
    struct random_source source = random_seed(7);
    size_t grown = 0;

    for (int walk = 0; walk < 2000; walk++) {
        struct ratio a __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
        struct ratio b __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
        mpq_t expected, term;
        char text[4096];
        mpq_inits(expected, term, NULL);
        for (int step = 0; step < 12; step++) {
            int64_t num = (int64_t)(random_next(&source) >> random_in(&source, 1, 60));
            int64_t den = random_in(&source, 1, INT32_MAX >> random_in(&source, 0, 30));
            mpq_set_si(term, num, (unsigned long)den);
            mpq_canonicalize(term);
            ratio_set(&b, num, den);
            switch (random_in(&source, 0, 2)) {
            case 0:
                ratio_add(&a, &b);
                mpq_add(expected, expected, term);
                break;
            case 1:
                ratio_subtract(&a, &b);
                mpq_sub(expected, expected, term);
                break;
            default:
                ratio_scale(&a, num, den);
                mpq_mul(expected, expected, term);
            }
            assert_int_equal(ratio_sign(&a), mpq_sgn(expected));
            assert_int_equal(ratio_compare(&a, &b),
                             (mpq_cmp(expected, term) > 0) - (mpq_cmp(expected, term) < 0));
        }
        gmp_snprintf(text, sizeof text, "%Qd", expected);
        printed(&a, text);
        grown += a.big;
        mpq_clears(expected, term, NULL);
    }
    assert_true(grown > 100 && grown < 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratios_are_kept_in_lowest_terms),
        cmocka_unit_test(sums_and_differences_are_exact),
        cmocka_unit_test(rounding_is_half_away_from_zero),
        cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test(beyond_128_bits_nothing_is_lost),
        cmocka_unit_test(both_ways_of_computing_agree),
    };
    arena = niva_arena_new(64 * 1024 * 1024);
    int failed = cmocka_run_group_tests_name("ratio", tests, NULL, NULL);

    niva_arena_free(arena);
    return failed ? 1 : 0;
}
