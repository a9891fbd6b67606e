#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "services/common/wire/check.h"

static struct niva_error err;
static struct niva_check check;

/* The reason with which the last check failed; "" when it did not. */
static const char *reason_after(bool good)
{
    const char *reason = good ? "" : err.violations[0].reason;

    assert_int_equal(good, niva_check_end(&check));
    if (!good) {
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        assert_string_equal(err.violations[0].field, "someField");
        assert_true(err.violations[0].text_sv[0] != '\0');
        assert_true(err.violations[0].text_en[0] != '\0');
    }
    niva_check_begin(&check, &err);
    return reason;
}

static int begin(void **state)
{
    (void)state;
    niva_check_begin(&check, &err);
    return 0;
}

struct verdict {
    const char *value;
    const char *reason;
};

static void judge(bool (*good)(struct niva_check *, const char *, const char *),
                  const struct verdict *verdicts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *reason = reason_after(good(&check, "some_field", verdicts[i].value));

        if (strcmp(reason, verdicts[i].reason) != 0)
            fail_msg("\"%s\": expected \"%s\", got \"%s\"", verdicts[i].value, verdicts[i].reason,
                     reason);
    }
}

#define JUDGE(good, verdicts) judge(good, verdicts, sizeof(verdicts) / sizeof *(verdicts))

static void paths_lead_in_and_out(void **state)
{
    (void)state;
    size_t outer = niva_check_enter(&check, "report", -1);
    size_t inner = niva_check_enter(&check, "some_positions", 2);

    niva_check_fail(&check, "fte_milli", "A", "a", "a");
    niva_check_leave(&check, inner);
    niva_check_fail(&check, "title_codes[3]", "B", "b", "b");
    niva_check_leave(&check, outer);
    niva_check_fail(&check, "request_id", "C", "c", "c");
    assert_false(niva_check_end(&check));
    assert_string_equal(err.violations[0].field, "report.somePositions[2].fteMilli");
    assert_string_equal(err.violations[1].field, "report.titleCodes[3]");
    assert_string_equal(err.violations[2].field, "requestId");
    assert_string_equal(err.text_sv, "a");
}

static void a_path_that_is_too_long_is_cut(void **state)
{
    (void)state;
    size_t marks[40];

    for (int i = 0; i < 40; i++)
        marks[i] = niva_check_enter(&check, "some_long_name", i);
    niva_check_fail(&check, "field", "A", "a", "a");
    assert_int_equal(strncmp(err.violations[0].field, "someLongName[0].someLongName[1].", 32), 0);
    for (int i = 39; i >= 0; i--)
        niva_check_leave(&check, marks[i]);
    assert_string_equal(check.path, "");
}

static void identifiers_are_judged(void **state)
{
    (void)state;
    static const struct verdict uuids[] = {
        {"0190163d-8694-739b-aea5-966c26f8ad91", ""},
        {"", "REQUIRED"},
        {"0190163d", "UUID_MALFORMED"},
        {"00000000-0000-0000-0000-000000000000", "UUID_MALFORMED"},
    };
    static const struct verdict hsa_ids[] = {
        {"SE2321000016-A1", ""}, {"", "REQUIRED"}, {"SE2321000016", "HSA_ID_MALFORMED"}};
    static const struct verdict org_numbers[] = {
        {"2321000172", ""}, {"", "REQUIRED"}, {"2321000173", "ORG_NUMBER_INVALID"}};
    static const struct verdict name_keys[] = {
        {"fysioterapeut", ""}, {"", "REQUIRED"}, {"Fysio", "NAME_KEY_MALFORMED"}};
    static const struct verdict regions[] = {
        {"19", ""},
        {"", "REQUIRED"},
        {"1", "REGION_MALFORMED"},
        {"190", "REGION_MALFORMED"},
        {"U1", "REGION_MALFORMED"},
    };

    JUDGE(niva_check_uuid, uuids);
    JUDGE(niva_check_hsa_id, hsa_ids);
    JUDGE(niva_check_org_number, org_numbers);
    JUDGE(niva_check_name_key, name_keys);
    JUDGE(niva_check_region, regions);
}

static void position_keys_tell_nobodys_name(void **state)
{
    (void)state;
    static const struct verdict keys[] = {
        {"p1", ""},
        {"FT-01", ""},
        {"pos_a", ""},
        {"vik", ""},
        {"Vik", ""},
        {"Anna", ""},
        {"A", ""},
        {"ft.2", ""},
        {"FT-SG", ""},
        {"FT-vik", ""},
        {"Ft-vik", ""},
        {"ft-vik", ""},
        {"eva-li", ""},
        {"A.Andersson", ""},
        {"Pos_a", ""},
        {"FT-Anna1", ""},
        {"2022-06", ""},
        {"12345678901234", ""},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZ.0123456789_-x", ""},
        {"", "REQUIRED"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZ.0123456789_-xy", "POSITION_KEY_MALFORMED"},
        {"p 1", "POSITION_KEY_MALFORMED"},
        {"p/1", "POSITION_KEY_MALFORMED"},
        {"pö", "POSITION_KEY_MALFORMED"},
        {"p\n1", "POSITION_KEY_MALFORMED"},
        {"anna@example.org", "EMAIL"},
        {"Anna.Andersson@example.org", "EMAIL"},
        {"Anna.Andersson", "NAME"},
        {"Anna_Andersson", "NAME"},
        {"Anna-Karin.Andersson", "NAME"},
        {"Eva-Li", "NAME"},
        {"Anna.Mc-Ek", "NAME"},
        {"anna.andersson", "NAME"},
        {"AnnaAndersson", "NAME"},
        {"AnnaKarinEk", ""},
        {"AnnaKarinLind", "NAME"},
        {"FysioA", ""},
        {"AnnaAndersson2", ""},
        {"eva_lin-ek2", ""},
        {"eva-lin.ström", "NAME"},
        {"Anna Andersson", "NAME"},
        {"Åsa.Öberg", "NAME"},
        {"19800101-1234", "PERSONAL_NUMBER"},
        {"198001011234", "PERSONAL_NUMBER"},
        {"800101-1234", "PERSONAL_NUMBER"},
        {"800101+1234", "PERSONAL_NUMBER"},
        {"800101_1234", "PERSONAL_NUMBER"},
        {"8001011234", "PERSONAL_NUMBER"},
        {"1980-01-01-1234", "PERSONAL_NUMBER"},
        {"p8001011234", "PERSONAL_NUMBER"},
        {"ft-800101-1234-x", "PERSONAL_NUMBER"},
        {"ft.198001611234", "PERSONAL_NUMBER"},
    };

    JUDGE(niva_check_position_key, keys);
}

static void texts_have_a_length_in_characters(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        size_t least;
        size_t most;
        const char *reason;
    } cases[] = {
        {"", 0, 3, ""},
        {"", 1, 3, "REQUIRED"},
        {"åäö", 3, 3, ""},
        {"åäöå", 0, 3, "TEXT_TOO_LONG"},
        {"åä", 3, 4, "TEXT_TOO_SHORT"},
        {"a\nb\tc", 0, 9, ""},
        {"a\rb", 0, 9, "TEXT_CONTROL"},
        {"a\x1b[31m", 0, 9, "TEXT_CONTROL"},
        {"a\x7f", 0, 9, "TEXT_CONTROL"},
        {"a\xc2\x85", 0, 9, "TEXT_CONTROL"},
        {"a\u2028b", 0, 9, "TEXT_CONTROL"},
        {"a\u202eb", 0, 9, "TEXT_CONTROL"},
        {"a\u2067b", 0, 9, "TEXT_CONTROL"},
        {"a\u2013b\u202f\u206a\u200f", 0, 9, ""},
        {"a\u00a0b", 0, 9, ""},
        {" \t\n ", 0, 9, ""},
        {" \t\n ", 1, 9, "TEXT_BLANK"},
        {"\u00a0\u1680\u2007\u200b\u200f", 1, 9, "TEXT_BLANK"},
        {"\u202f\u205f\u2060\u3000\ufeff", 1, 9, "TEXT_BLANK"},
        {"\u2009\u2013", 1, 9, ""},
        {" a ", 1, 9, ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(reason_after(niva_check_text(&check, "some_field", cases[i].value,
                                                         cases[i].least, cases[i].most)),
                            cases[i].reason);
}

static void numbers_have_a_range(void **state)
{
    (void)state;
    int32_t size = 42;

    assert_string_equal(reason_after(niva_check_range(&check, "some_field", 1000, 0, 1000)), "");
    assert_string_equal(reason_after(niva_check_range(&check, "some_field", 1001, 0, 1000)),
                        "NUMBER_OUT_OF_RANGE");
    assert_non_null(strstr(err.violations[0].text_sv, "0–1000"));
    assert_string_equal(reason_after(niva_check_range(&check, "some_field", -1, 0, 1000)),
                        "NUMBER_OUT_OF_RANGE");
    assert_true(niva_check_page_size(&check, 0, &size));
    assert_int_equal(size, 100);
    assert_true(niva_check_page_size(&check, 1000, &size));
    assert_int_equal(size, 1000);
    size = 42;
    assert_true(niva_check_page_size(&check, INT32_MAX, &size));
    assert_int_equal(size, 1000);
    assert_false(niva_check_page_size(&check, -1, &size));
    assert_int_equal(size, 1000);
    assert_string_equal(err.violations[0].field, "pageSize");
}

static void days_are_of_the_calendar(void **state)
{
    (void)state;
    niva_day day = 42;

    assert_string_equal(
        reason_after(niva_check_day(&check, "some_field", "2022-02-30", true, &day)),
        "DAY_MALFORMED");
    assert_string_equal(reason_after(niva_check_day(&check, "some_field", "", true, &day)),
                        "REQUIRED");
    assert_int_equal(day, 42);
    assert_true(niva_check_day(&check, "some_field", "", false, &day));
    assert_int_equal(day, NIVA_DAY_NONE);
    assert_true(niva_check_day(&check, "some_field", "2022-06-23", true, &day));
    assert_int_equal(day, niva_day_from_civil(2022, 6, 23));
}

static void a_last_day_is_not_before_its_first(void **state)
{
    (void)state;
    niva_day first = niva_day_from_civil(2022, 6, 23);
    niva_day until = 42;

    assert_string_equal(
        reason_after(niva_check_last_day(&check, "some_field", "2022-06-22", first, &until)),
        "LAST_DAY_BEFORE_FIRST");
    assert_string_equal(
        reason_after(niva_check_last_day(&check, "some_field", "2022-6-23", first, &until)),
        "DAY_MALFORMED");
    assert_int_equal(until, 42);
    assert_true(niva_check_last_day(&check, "some_field", "2022-06-23", first, &until));
    assert_int_equal(until, first + 1);
    assert_true(niva_check_last_day(&check, "some_field", "2022-06-23", NIVA_DAY_NONE, &until));
    assert_true(niva_check_last_day(&check, "some_field", "", first, &until));
    assert_int_equal(until, NIVA_DAY_END);
}

static void instants_are_optional_but_in_range(void **state)
{
    (void)state;
    Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    niva_instant instant = 42;

    assert_true(niva_check_timestamp(&check, "some_field", NULL, &instant));
    assert_int_equal(instant, 42);
    timestamp.seconds = 1655978400;
    assert_true(niva_check_timestamp(&check, "some_field", &timestamp, &instant));
    assert_true(instant == 1655978400000000);
    timestamp.nanos = -1;
    assert_string_equal(
        reason_after(niva_check_timestamp(&check, "some_field", &timestamp, &instant)),
        "TIMESTAMP_OUT_OF_RANGE");
}

static void what_must_be_there_is_asked_for(void **state)
{
    (void)state;
    assert_string_equal(reason_after(niva_check_given(&check, "some_field", 0)), "REQUIRED");
    assert_string_equal(reason_after(niva_check_given(&check, "some_field", 2)), "");
    assert_string_equal(reason_after(niva_check_present(&check, "some_field", NULL)), "REQUIRED");
    assert_string_equal(reason_after(niva_check_present(&check, "some_field", &check)), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(paths_lead_in_and_out, begin),
        cmocka_unit_test_setup(a_path_that_is_too_long_is_cut, begin),
        cmocka_unit_test_setup(identifiers_are_judged, begin),
        cmocka_unit_test_setup(position_keys_tell_nobodys_name, begin),
        cmocka_unit_test_setup(texts_have_a_length_in_characters, begin),
        cmocka_unit_test_setup(numbers_have_a_range, begin),
        cmocka_unit_test_setup(days_are_of_the_calendar, begin),
        cmocka_unit_test_setup(a_last_day_is_not_before_its_first, begin),
        cmocka_unit_test_setup(instants_are_optional_but_in_range, begin),
        cmocka_unit_test_setup(what_must_be_there_is_asked_for, begin),
    };
    int failed = cmocka_run_group_tests_name("check", tests, NULL, NULL);

    return failed ? 1 : 0;
}
