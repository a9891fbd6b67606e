/* How a forecast is read: the nearest first, its causes and months beneath each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/nivactl/fake.h"

static struct fake fake;

static int stop(void **state)
{
    (void)state;
    fake_stop(&fake);
    return 0;
}

static void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("expected \"%s\" in:\n%s", part, text);
}

static void two_forecasts(struct fake *self, enum service service, struct niva_rpc_call *call,
                          size_t seen)
{
    (void)self;
    (void)service;
    (void)seen;
    if (fake_is(call, "RuleService/GetRuleSet"))
        fake_reply(call, "{\"rule_set\":{\"remark_sv\":\"Formeln är ett antagande.\"}}");
    else
        fake_reply(
            call,
            "{\"today\":\"2022-09-30\",\"last_day\":\"2022-12-29\",\"pending\":\"1\",\"forecasts\":"
            "[{\"unit\":\"SE1\",\"unit_name\":\"Ån\",\"first_day\":\"2022-11-01\","
            "\"required_milli\":2000,\"counted_milli\":1600,\"shortfall_milli\":400,"
            "\"rule_set_id\":\"r\",\"causes\":[{\"kind\":\"DISPENSATION_ENDS\",\"fact_id\":\"d\"}]}"
            ","
            "{\"unit\":\"SE2\",\"unit_name\":\"Bäcken\",\"first_day\":\"2022-10-10\",\"last_day\":"
            "\"2022-12-16\",\"required_milli\":2600,\"counted_milli\":1600,\"shortfall_milli\":"
            "1000,"
            "\"rule_set_id\":\"r\",\"causes\":[{\"kind\":\"ABSENCE\",\"fact_id\":\"a\"},"
            "{\"kind\":\"CONTRACT\",\"fact_id\":\"c\"}],\"costs\":["
            "{\"month\":\"2022-10\",\"component\":\"a\",\"ore\":\"100000\"},"
            "{\"month\":\"2022-10\",\"component\":\"b\",\"ore\":\"23450\"},"
            "{\"month\":\"2022-11\",\"component\":\"a\",\"ore\":\"300000\"},"
            "{\"month\":\"2022-12\",\"component\":\"a\",\"ore\":\"50000\"}]}]}");
}

/* Where a line begins that holds a text. */
static const char *line_of(const char *text, const char *part)
{
    const char *found = strstr(text, part);

    if (found == NULL)
        fail_msg("expected \"%s\" in:\n%s", part, text);
    while (found > text && found[-1] != '\n')
        found--;
    return found;
}

static void the_nearest_comes_first_with_its_causes_and_months(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, two_forecasts));
    assert_int_equal(fake_run(&fake, "forecast --within 90 --region 99"), EXIT_YES);
    assert_says(fake.calls[0], "\"region_code\":\"99\"");
    assert_says(fake.calls[0], "\"within_days\":90");
    assert_says(fake.out, "senast 2022-12-29, yrkesgrupp fysioterapeut: 2\n");
    assert_true(line_of(fake.out, "Bäcken") < line_of(fake.out, "Ån "));
    assert_says(fake.out, "2022-10-10    2022-12-16    2,60    1,60   1,00  anmäld frånvaro ");
    assert_says(fake.out, "2022-10  1\u00a0234,50\u00a0kr\n"); /* both components */
    /* the second cause stands beside the second month, the third month alone */
    assert_ptr_equal(line_of(fake.out, "ny kontrakterad miniminivå"),
                     line_of(fake.out, "2022-11 "));
    assert_int_equal(line_of(fake.out, "2022-12 ")[0], ' ');
    assert_says(fake.out, "2022-11-01    tills vidare  2,00    1,60   0,40  dispens upphör");
    assert_says(fake.out, "Obs: Formeln är ett antagande.\n");
    assert_says(fake.out, "Obs: 1 ");
    assert_int_equal(fake.call_count, 2); /* the rule set is asked for once */
}

static void programs_get_the_reply_itself(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, two_forecasts));
    assert_int_equal(fake_run(&fake, "forecast --unit SE2321000016-A --output json"), EXIT_YES);
    assert_says(fake.calls[0], "\"unit\":\"SE2321000016-A\"");
    assert_says(fake.calls[0], "\"within_days\":90");
    assert_says(fake.out, "\"kind\": \"DISPENSATION_ENDS\"");
    assert_says(fake.out, "\"ore\": 23450");
    assert_int_not_equal(fake_run(&fake, "forecast --within 367"), EXIT_YES);
    assert_int_not_equal(fake_run(&fake, "forecast --within 0"), EXIT_YES);
    assert_int_equal(fake.call_count, 1);
}

static void none(struct fake *self, enum service service, struct niva_rpc_call *call, size_t seen)
{
    (void)self;
    (void)service;
    (void)seen;
    fake_reply(call, "{\"today\":\"2022-09-30\",\"last_day\":\"2022-10-07\"}");
}

static void nobody_is_an_answer(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, none));
    assert_int_equal(fake_run(&fake, "forecast --within 7 --lang en"), EXIT_YES);
    assert_string_equal(fake.out, "Fall below the minimum after 2022-09-30, by 2022-10-07,"
                                  " profession group fysioterapeut: 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_nearest_comes_first_with_its_causes_and_months, stop),
        cmocka_unit_test_teardown(programs_get_the_reply_itself, stop),
        cmocka_unit_test_teardown(nobody_is_an_answer, stop),
    };
    int failed = cmocka_run_group_tests_name("forecast", tests, NULL, NULL);

    return failed ? 1 : 0;
}
