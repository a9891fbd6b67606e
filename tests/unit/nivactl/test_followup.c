/* How a follow-up is read: a table a matter, rows by period and form, what is hidden as a word. */
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

#define ROW                                                                                         \
    "\"units\":15,\"days\":{\"unit_days\":\"450\",\"met\":\"300\",\"dispensed\":\"3\","             \
    "\"below_minimum\":\"100\",\"no_report\":\"47\",\"below_permille\":250},\"reporting\":{"        \
    "\"changes\":4,\"receipt_median_milli\":\"3500\",\"overdue_days\":\"9\","                       \
    "\"overdue_permille\":20},\"breaches\":{\"breaches\":6,\"unable_to_recruit\":2},"               \
    "\"regulation\":{\"decided_lines\":2,\"decided_ore\":\"12345678\",\"decided_ppm\":\"1250\","    \
    "\"decided_ore_per_1000_listed\":\"10050\",\"since_month_median_milli\":\"12000\",\"waived\":"  \
    "[{\"reason_code\":\"UNABLE_TO_RECRUIT\",\"lines\":1,\"ore\":\"50000\"}]},\"figures\":[{"       \
    "\"code\":\"besök\",\"units\":15,\"unit_months\":\"15\",\"mean_milli\":\"412500\",\"before\":" \
    "{\"units\":15,\"mean_change_milli\":\"-2000\"},\"year_before\":{\"hidden\":\"FEW_LEFT_OUT\"}"  \
    "},{\"code\":\"patienter\",\"hidden\":\"FEW_UNITS\"}]"

static void two_rows(struct fake *self, enum service service, struct niva_rpc_call *call,
                     size_t seen)
{
    (void)self;
    (void)service;
    (void)seen;
    if (fake_is(call, "UnitService/ListUnits"))
        fake_reply(call, "{\"units\":[{\"hsa_id\":\"SE1\",\"region_code\":\"98\"}]}");
    else if (fake_is(call, "ComplianceService/GetBusinessDay"))
        fake_reply(call, "{\"day\":\"2022-09-22\"}");
    else
        fake_reply(
            call, "{\"today\":\"2022-09-22\",\"least_units\":5,\"notes_sv\":[\"Inte orsaker.\"],"
                  "\"notes_en\":[\"Not causes.\"],\"dispensations\":[{\"text_sv\":\"Dispens.\"}],"
                  "\"periods\":[{\"first_period\":\"2022-01\",\"last_period\":\"2022-09\",\"rows\""
                  ":[{\"form\":\"INTRAPRENAD\",\"hidden\":\"FEW_UNITS\"},{\"form\":\"PRIVATE\"," ROW
                  "}]}]}");
}

static void what_is_shown_and_what_is_hidden(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, two_rows));
    assert_int_equal(
        fake_run(&fake, "followup --region 99 --from 2022-01 --to 2022-09 --least 7 --monthly"),
        EXIT_YES);
    assert_says(fake.calls[0], "\"first_period\":\"2022-01\"");
    assert_says(fake.calls[0], "\"division\":\"MONTH\"");
    assert_says(fake.calls[0], "\"least_units\":7");
    assert_says(fake.out, "region 99, yrkesgrupp fysioterapeut, till och med 2022-09-22");
    assert_says(fake.out, "intraprenad");
    assert_says(fake.out, "dolt");
    assert_says(fake.out, "2022-01–2022-09");
    assert_says(fake.out, "250 ‰");
    assert_says(fake.out, "3,5");
    assert_says(fake.out, "123\u00a0456,78\u00a0kr");
    assert_says(fake.out, "1,25 ‰");
    assert_says(fake.out, "100,50\u00a0kr");
    assert_says(fake.out, "avstått");
    assert_says(fake.out, "412,5");
    assert_says(fake.out, "-2");
    assert_says(fake.out, "Obs: Dispens.");
    assert_says(fake.out, "Inte orsaker.");
}

static void region_and_months_are_found(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, two_rows));
    assert_int_equal(fake_run(&fake, "followup --lang en"), EXIT_YES);
    assert_says(fake.calls[fake.call_count - 1], "\"region_code\":\"98\"");
    assert_says(fake.calls[fake.call_count - 1], "\"first_period\":\"2022-01\"");
    assert_says(fake.calls[fake.call_count - 1], "\"last_period\":\"2022-09\"");
    assert_says(fake.out, "Not causes.");
    assert_int_equal(fake_run(&fake, "followup --region 99 --output json"), EXIT_YES);
    assert_says(fake.out, "\"decided_ore\": 12345678");
}

static void what_is_no_month_is_a_usage_error(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, two_rows));
    assert_int_equal(fake_run(&fake, "followup --region 99 --from 2022-13"), EXIT_USAGE);
    assert_int_equal(fake_run(&fake, "followup --region 99 --to juni"), EXIT_USAGE);
    assert_int_not_equal(fake_run(&fake, "followup --region 99 --least 2"), EXIT_YES);
    assert_int_equal(fake.call_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_shown_and_what_is_hidden, stop),
        cmocka_unit_test_teardown(region_and_months_are_found, stop),
        cmocka_unit_test_teardown(what_is_no_month_is_a_usage_error, stop),
    };
    int failed = cmocka_run_group_tests_name("followup", tests, NULL, NULL);
    return failed ? 1 : 0;
}
