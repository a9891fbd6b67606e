/* Decimal numbers, exactly. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "services/common/sheets/number.h"

static void expect(const char *text, int decimals, enum niva_number number, int64_t value)
{
    int64_t actual = 0;
    enum niva_number found = niva_number_read(text, decimals, &actual);

    if (found != number || (number == NIVA_NUMBER_GOOD && actual != value))
        fail_msg("\"%s\" with %d decimals: expected %d, %" PRId64 "; actual %d, %" PRId64, text,
                 decimals, number, value, found, actual);
}

static void what_people_write(void **state)
{
    (void)state;
    expect("0,75", 3, NIVA_NUMBER_GOOD, 750);
    expect("0.75", 3, NIVA_NUMBER_GOOD, 750);
    expect("75 %", 3, NIVA_NUMBER_GOOD, 750);
    expect("75%", 3, NIVA_NUMBER_GOOD, 750);
    expect("87,5\u00a0%", 3, NIVA_NUMBER_GOOD, 875);
    expect("100 %", 3, NIVA_NUMBER_GOOD, 1000);
    expect("1", 3, NIVA_NUMBER_GOOD, 1000);
    expect("0", 3, NIVA_NUMBER_GOOD, 0);
    expect("0,000", 3, NIVA_NUMBER_GOOD, 0);
    expect("2,80", 3, NIVA_NUMBER_GOOD, 2800);
    expect("1 234", 0, NIVA_NUMBER_GOOD, 1234);
    expect("12\u00a0345\u202f678", 0, NIVA_NUMBER_GOOD, 12345678);
    expect("-0,5", 3, NIVA_NUMBER_GOOD, -500);
    expect("\u22120,5", 3, NIVA_NUMBER_GOOD, -500);
    expect(" 8 123,456 ", 3, NIVA_NUMBER_GOOD, 8123456);
    expect("007", 0, NIVA_NUMBER_GOOD, 7);
    expect(",5", 3, NIVA_NUMBER_GOOD, 500);
}

static void what_spreadsheets_store(void **state)
{
    (void)state;
    expect("0.75000000000000011", 3, NIVA_NUMBER_GOOD, 750);
    expect("0.74999999999999989", 3, NIVA_NUMBER_GOOD, 750);
    expect("0.99999999999999989", 3, NIVA_NUMBER_GOOD, 1000);
    expect("7.5E-1", 3, NIVA_NUMBER_GOOD, 750);
    expect("1E-3", 3, NIVA_NUMBER_GOOD, 1);
    expect("1.2345E+3", 1, NIVA_NUMBER_GOOD, 12345);
    expect("2.7755575615628914E-17", 3, NIVA_NUMBER_GOOD, 0);
    expect("44735", 0, NIVA_NUMBER_GOOD, 44735);
    expect("44735.000000000007", 0, NIVA_NUMBER_GOOD, 44735);
}

/* What is not within a millionth of a unit is no rounding error of a spreadsheet. */
static void what_is_not_near_is_refused(void **state)
{
    (void)state;
    expect("0,3333", 3, NIVA_NUMBER_INEXACT, 0);
    expect("0.33333333333333331", 3, NIVA_NUMBER_INEXACT, 0);
    expect("0.7500001", 3, NIVA_NUMBER_INEXACT, 0);
    expect("0.750000001", 3, NIVA_NUMBER_INEXACT, 0);
    expect("0.7500000001", 3, NIVA_NUMBER_GOOD, 750);
    expect("0.749999998", 3, NIVA_NUMBER_INEXACT, 0);
    expect("0.7499999990", 3, NIVA_NUMBER_GOOD, 750);
    expect("1,5", 0, NIVA_NUMBER_INEXACT, 0);
    expect("0,0005", 3, NIVA_NUMBER_INEXACT, 0);
    expect("44735.5", 0, NIVA_NUMBER_INEXACT, 0);
}

static void what_is_no_number(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",       " ",        "x",       "0,",    ".",   "1,2,3", "1.234,5", "12 34", "1 23",
        "1  234", "1234 567", "1 234 5", "5 % %", "%",   "--1",   "+1",      "1e",    "1e+",
        "0x10",   "1_000",    "NaN",     "inf",   "1/2", "¾",     "1E99999", "0,7 5",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect(texts[i], 3, NIVA_NUMBER_MALFORMED, 0);
}

static void what_is_beyond_bounds(void **state)
{
    (void)state;
    expect("99999999999999999", 0, NIVA_NUMBER_GOOD, INT64_C(99999999999999999));
    expect("100000000000000000", 0, NIVA_NUMBER_TOO_LARGE, 0);
    expect("99999999999999999", 3, NIVA_NUMBER_TOO_LARGE, 0);
    expect("1E300", 0, NIVA_NUMBER_TOO_LARGE, 0);
    expect("0E300", 0, NIVA_NUMBER_GOOD, 0);
    expect("11111111111111111111111111111111111111111111111111111111111111111", 0,
           NIVA_NUMBER_MALFORMED, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_write),           cmocka_unit_test(what_spreadsheets_store),
        cmocka_unit_test(what_is_not_near_is_refused), cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(what_is_beyond_bounds),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
