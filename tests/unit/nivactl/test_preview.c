/* How a preview reads: what is only supposed is called so, what the days before bear on is said,
 * and amounts come with what the rule set has to say of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/nivactl/fake.h"

static struct fake fake;
static char path[] = "/tmp/niva-preview-XXXXXX";

static int begin(void **state)
{
    int file;

    (void)state;
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    file = mkstemp(path);
    return file >= 0 && close(file) == 0 ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    fake_stop(&fake);
    return unlink(path);
}

/* Previews a file with this content; returns the exit code. */
static int previewed(const char *content, const char *more)
{
    char line[256];
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    snprintf(line, sizeof line, "preview %s%s", path, more);
    return fake_run(&fake, line);
}

static void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("expected \"%s\" in:\n%s", part, text);
}

#define SEGMENT(days, more)                                                                        \
    "{" days ",\"status\":\"BELOW_MINIMUM\",\"required_milli\":2000,\"counted_milli\":1500,"       \
    "\"shortfall_milli\":500,\"rule_set_id\":\"r\"," more "}"
#define DEDUCTION(period, with, without, to_date)                                                  \
    "{\"period\":\"" period "\",\"component\":\"fysio\",\"deduction_ore\":\"" with                 \
    "\",\"without_ore\":\"" without "\",\"to_date_ore\":\"" to_date "\"}"

/* The number of the fake is 1 where the days asked for have begun. */
static void a_preview(struct fake *self, enum service service, struct niva_rpc_call *call,
                      size_t seen)
{
    (void)service;
    (void)seen;
    if (fake_is(call, "UnitService/ListUnits"))
        fake_reply(call, "{\"units\":[{\"hsa_id\":\"SE1\",\"name\":\"Ån (fiktiv)\"}]}");
    else if (fake_is(call, "RuleService/GetRuleSet"))
        fake_reply(call, "{\"rule_set\":{\"remark_sv\":\"Ett antagande.\",\"remark_en\":\"An "
                         "assumption.\"}}");
    else if (self->number == 1)
        fake_reply(
            call,
            "{\"first_day\":\"2022-09-10\",\"last_day\":\"2022-10-31\",\"today\":\"2022-09-30\","
            "\"segments\":[" SEGMENT("\"first_day\":\"2022-09-10\",\"last_day\":\"2022-09-30\"", "\"report_id\":\"r1\",\"absence_ids\":[\"a1\"]") "," SEGMENT(
                "\"first_day\":\"2022-10-01\",\"last_day\":\"2022-10-31\"",
                "\"report_id\":\"hypothetical\",\"absence_ids\":[\"a1\",\"a2\","
                "\"hypothetical\"]") "],\"uncounted\":[{\"position_key\":\"na-1\",\"reason\":"
                                     "\"TITLE\",\"first_day\":"
                                     "\"2022-09-10\",\"last_day\":\"2022-10-31\",\"fte_milli\":"
                                     "1000}],"
                                     "\"breaches\":[{\"first_day\":\"2022-09-05\",\"last_day\":"
                                     "\"2022-10-31\"}],"
                                     "\"below_days\":52,\"below_days_without\":21,\"deductions\":"
                                     "[" DEDUCTION(
                                         "2022-09", "300000", "250000",
                                         "300000") "," DEDUCTION("2022-10", "123450", "0",
                                                                 "0") "],\"deduction_ore\":"
                                                                      "\"423450\",\"without_ore\":"
                                                                      "\"250000\"}");
    else
        fake_reply(
            call,
            "{\"first_day\":\"2022-10-01\",\"last_day\":\"2022-10-31\",\"today\":\"2022-09-30\","
            "\"segments\":[" SEGMENT(
                "\"first_day\":\"2022-10-01\",\"last_day\":\"2022-10-31\",\"planned\":true",
                "\"absence_ids\":[\"hypothetical\"]") "],\"below_days\":31,\"deductions\":"
                                                      "[" DEDUCTION("2022-10", "123450", "0",
                                                                    "0") "],\"deduction_ore\":"
                                                                         "\"123450\"}");
}

static void what_is_supposed_is_called_so(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, a_preview));
    fake.number = 1;
    assert_int_equal(previewed("{\"report\":{\"unit\":\"SE1\",\"effective_from\":\"2022-10-01\"},"
                               "\"request_id\":\"x\"}",
                               " 2022-09-10 2022-10-31"),
                     EXIT_YES);
    assert_says(fake.calls[0], "\"unit\":\"SE1\",\"profession_group\":\"fysioterapeut\"");
    assert_says(fake.calls[0], "\"first_day\":\"2022-09-10\",\"last_day\":\"2022-10-31\"");
    assert_says(fake.out, "Ån (fiktiv), SE1, fysioterapeut\n");
    assert_says(fake.out, "2022-09-10–2022-10-31: inget är sparat. Dagar efter 2022-09-30");
    assert_says(fake.out, "redovisning r1, 1 frånvaroanmälan\n");
    assert_says(fake.out, "antagen redovisning, 2 frånvaroanmälningar, antagen frånvaro\n");
    assert_null(strstr(fake.out, "hypothetical"));
    assert_says(fake.out, "na-1           2022-09-10  2022-10-31    1,00  ");
    assert_says(fake.out, "Dagar under miniminivå: 52; utan det antagna 21.\n"
                          "Bristen började 2022-09-05, före dessa dagar.\n");
    assert_says(fake.out, "Med, till i dag\n");
    assert_says(fake.out, " 2\u00a0500,00\u00a0kr  4\u00a0234,50\u00a0kr  "
                          "1\u00a0734,50\u00a0kr      3\u00a0000,00\u00a0kr\n"
                          "Obs: Ett antagande.\n");
    assert_int_equal(fake.call_count, 3); /* the rule set of both segments is asked for once */
}

static void of_days_to_come_nothing_is_taken_yet(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, a_preview));
    assert_int_equal(
        previewed("{\"absence\":{\"unit\":\"SE1\",\"profession_group\":\"x\"}}", " --lang en"),
        EXIT_YES);
    assert_says(fake.calls[0], "\"unit\":\"SE1\",\"profession_group\":\"x\"");
    assert_says(fake.out, "below the minimum (forecast)");
    assert_says(fake.out, "0,50  supposed absence\n");
    assert_says(fake.out, "Days below the minimum: 31; without what is supposed 0.\n\n");
    assert_null(strstr(fake.out, "began"));
    assert_null(strstr(fake.out, "to date"));
    assert_says(fake.out, "Note: An assumption.\n");
}

static void a_program_gets_the_reply_itself(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, a_preview));
    assert_int_equal(previewed("{\"unit\":\"SE1\"}", " --group dietist --output json"), EXIT_YES);
    assert_says(fake.calls[0], "\"profession_group\":\"dietist\"");
    assert_says(fake.out, "\"hypothetical\"");
    assert_int_equal(fake.call_count, 1);
}

static void what_is_no_question_is_not_asked(void **state)
{
    static const struct {
        const char *content;
        const char *more;
        const char *said;
    } cases[] = {
        {"{\"report\":{\"positionz\":[]}}", "", "report.positionz"},
        {"{\"rule_set\":{}}", "", "rule_set"},
        {"", "", ""},
        {"{\"unit\":\"SE1\"}", " imorgon", "Dagen"},
        {"{\"unit\":\"SE1\"}", " 2022-09-01 2022-02-30", "Dagen"},
    };

    (void)state;
    assert_true(fake_start(&fake, false, a_preview));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(previewed(cases[i].content, cases[i].more), EXIT_USAGE);
        assert_says(fake.err, cases[i].said);
    }
    assert_int_equal(fake.call_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_supposed_is_called_so, begin, end),
        cmocka_unit_test_setup_teardown(of_days_to_come_nothing_is_taken_yet, begin, end),
        cmocka_unit_test_setup_teardown(a_program_gets_the_reply_itself, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_question_is_not_asked, begin, end),
    };
    int failed = cmocka_run_group_tests_name("preview", tests, NULL, NULL);

    return failed ? 1 : 0;
}
