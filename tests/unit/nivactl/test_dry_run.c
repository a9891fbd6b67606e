/* How a dry run of a rule set reads: the units that have anything to show, the months, and in whose
 * place it would stand. */
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
static char path[] = "/tmp/niva-dry-run-XXXXXX";

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

/* Tries a file with this content; returns the exit code. */
static int tried(const char *content, const char *more)
{
    char line[256];
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    snprintf(line, sizeof line, "dry-run %s %s", path, more);
    return fake_run(&fake, line);
}

static void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("expected \"%s\" in:\n%s", part, text);
}

#define RULE_SET                                                                                   \
    "\"rule_set\":{\"rule_set_id\":\"nytt\",\"remark_sv\":\"Ett antagande.\",\"remark_en\":"       \
    "\"An assumption.\"}"
#define UNIT(name, days, new_days, ore, new_ore)                                                   \
    "{\"unit_name\":\"" name "\",\"old_breach_days\":" days ",\"new_breach_days\":" new_days       \
    ",\"old_deduction_ore\":\"" ore "\",\"new_deduction_ore\":\"" new_ore "\"}"

static void three_units(struct fake *self, enum service service, struct niva_rpc_call *call,
                        size_t seen)
{
    (void)self;
    (void)service;
    (void)seen;
    fake_reply(
        call,
        "{\"today\":\"2022-09-30\",\"units\":[" UNIT("Ån", "10", "10", "200000", "200000") "," UNIT(
            "Bäcken", "0", "31", "0",
            "123450") "," UNIT("Cedern", "0", "0", "0",
                               "0") "],\"months\":[{\"period\":\"2022-09\",\"component\":\"fysio\","
                                    "\"old_deduction_ore\":\"200000\",\"new_deduction_ore\":"
                                    "\"323450\"}],"
                                    "\"old_breach_days\":10,\"new_breach_days\":41,\"old_deduction_"
                                    "ore\":"
                                    "\"200000\",\"new_deduction_ore\":\"323450\",\"old_units_"
                                    "below\":1,"
                                    "\"new_units_below\":2,\"replaces\":[{\"rule_set_id\":"
                                    "\"gammalt\","
                                    "\"first_day\":\"2022-07-01\"}]}");
}

static void units_and_months_stand_beside_what_holds(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, three_units));
    assert_int_equal(tried("{" RULE_SET "}", "2022-09-01 2022-09-30"), EXIT_YES);
    assert_says(fake.calls[0], "\"rule_set_id\":\"nytt\"");
    assert_says(fake.calls[0], "\"first_day\":\"2022-09-01\",\"last_day\":\"2022-09-30\"");
    assert_says(fake.out, "Prov av regelverket nytt, 2022-09-01–2022-09-30: inget är sparat.");
    assert_says(fake.out, "Det träder i stället för gammalt, 2022-07-01 – tills vidare; ");
    assert_says(fake.out, "3 enheter, varav 1 får ett annat utfall. Under miniminivå någon dag: "
                          "1 nu, 2 prövat.\n");
    assert_says(fake.out, "Bäcken                    0      31       0,00\u00a0kr  "
                          "1\u00a0234,50\u00a0kr  1\u00a0234,50\u00a0kr\n");
    assert_says(fake.out, "\nÅn ");
    assert_null(strstr(fake.out, "Cedern"));
    assert_says(fake.out, " 10      41   2\u00a0000,00\u00a0kr  "
                          "3\u00a0234,50\u00a0kr  1\u00a0234,50\u00a0kr\n");
    assert_says(fake.out, "2022-09  fysio        2\u00a0000,00\u00a0kr  3\u00a0234,50\u00a0kr  "
                          "1\u00a0234,50\u00a0kr\nObs: Ett antagande.\n");
}

/* The way a rule set comes out of the system is the way it goes in again. */
static void what_get_rule_set_answered_can_be_tried(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, three_units));
    assert_int_equal(tried("{" RULE_SET
                           ",\"applied\":[{\"stream\":\"intake\",\"position\":\"7\"}]}",
                           "2022-09-01 2022-09-30 --lang en"),
                     EXIT_YES);
    assert_says(fake.out, "It takes the place of gammalt, 2022-07-01 – until further notice; ");
    assert_says(fake.out, "Note: An assumption.\n");
    assert_int_equal(tried("{\"request_id\":\"x\",\"expectedVersion\":3," RULE_SET "}",
                           "2022-09-01 2022-09-30 --output json"),
                     EXIT_YES);
    assert_says(fake.out, "\"new_units_below\": 2");
}

static void what_is_no_rule_set_is_not_asked(void **state)
{
    static const struct {
        const char *content;
        const char *days;
        const char *said;
    } cases[] = {
        {"{\"report\":{}}", "2022-09-01 2022-09-30", "report"},
        {"{" RULE_SET "}", "2022-09-01 imorgon", "Dagen"},
        {"{\"rule_set\":{\"formula\":1}}", "2022-09-01 2022-09-30", "ruleSet.formula"},
    };

    (void)state;
    assert_true(fake_start(&fake, false, three_units));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(tried(cases[i].content, cases[i].days), EXIT_USAGE);
        assert_says(fake.err, cases[i].said);
    }
    assert_int_equal(fake.call_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(units_and_months_stand_beside_what_holds, begin, end),
        cmocka_unit_test_setup_teardown(what_get_rule_set_answered_can_be_tried, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_rule_set_is_not_asked, begin, end),
    };
    int failed = cmocka_run_group_tests_name("dry-run", tests, NULL, NULL);

    return failed ? 1 : 0;
}
