#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/nivactl/fraction.h"

static void fractions_are_read_exactly(void **state)
{
    static const struct {
        const char *text;
        const char *expected; /* in lowest terms */
    } cases[] = {
        {"0", "0"},
        {"-7", "-7"},
        {"6/4", "3/2"},
        {"-1/3", "-1/3"},
        {"100000000000000000000000000001/100000000000000000000000000000",
         "100000000000000000000000000001/100000000000000000000000000000"},
    };
    mpq_t ratio;

    (void)state;
    mpq_init(ratio);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text;

        assert_true(fraction_read(cases[i].text, ratio));
        text = mpq_get_str(NULL, 10, ratio);
        assert_string_equal(text, cases[i].expected);
        free(text);
    }
    mpq_clear(ratio);
}

static void what_is_no_fraction_is_refused(void **state)
{
    static const char *const cases[] = {"",     "-",  "1/",  "/2",    "1/0", "1.5",
                                        "1/-2", " 1", "0x1", "1/2/3", "+1"};
    mpq_t ratio;

    (void)state;
    mpq_init(ratio);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (fraction_read(cases[i], ratio))
            fail_msg("\"%s\" was read", cases[i]);
    mpq_clear(ratio);
}

static void halves_are_rounded_away_from_zero(void **state)
{
    static const struct {
        const char *text;
        int64_t whole;
    } cases[] = {
        {"1/2", 1},   {"-1/2", -1}, {"3/2", 2},
        {"-3/2", -2}, {"1/3", 0},   {"-2/3", -1},
        {"5", 5},     {"0", 0},     {"9223372036854775807", INT64_MAX},
    };
    mpq_t ratio;
    int64_t whole;

    (void)state;
    mpq_init(ratio);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(fraction_read(cases[i].text, ratio));
        assert_true(fraction_round(ratio, &whole));
        assert_int_equal(whole, cases[i].whole);
    }
    assert_true(fraction_read("9223372036854775808", ratio));
    assert_false(fraction_round(ratio, &whole));
    mpq_clear(ratio);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fractions_are_read_exactly),
        cmocka_unit_test(what_is_no_fraction_is_refused),
        cmocka_unit_test(halves_are_rounded_away_from_zero),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
