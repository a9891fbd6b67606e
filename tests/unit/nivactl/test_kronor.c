/* Amounts as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/nivactl/kronor.h"

static void amounts_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t ore;
    } cases[] = {
        {"0", 0},
        {"0,00", 0},
        {"0,5", 50},
        {"1234", 123400},
        {"1234,50", 123450},
        {"1234.5", 123450},
        {"1 234,5", 123450},
        {"1\u00a0234\u00a0567,89", 123456789},
        {"100000000000", INT64_C(10000000000000)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ore = -1;

        assert_true(kronor_read(cases[i].text, &ore));
        assert_int_equal(ore, cases[i].ore);
    }
}

static void what_is_no_amount_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "-1",
                                        "+1",
                                        "1,",
                                        ",5",
                                        "1,234",
                                        "1,2,3",
                                        "1 23",
                                        "1 2345",
                                        "1 ",
                                        " 1",
                                        "1e3",
                                        "1 234 kr",
                                        "kr",
                                        "100000000000,01",
                                        "99999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t ore = 7;

        if (kronor_read(texts[i], &ore))
            fail_msg("\"%s\" was read as %lld öre", texts[i], (long long)ore);
        assert_int_equal(ore, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read),
        cmocka_unit_test(what_is_no_amount_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
