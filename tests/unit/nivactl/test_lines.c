#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/intake/v1/report.pb-c.h"
#include "services/common/wire/wire.h"
#include "services/nivactl/lines.h"

static int arena_make(void **state)
{
    *state = niva_arena_new(1 << 20);
    return *state == NULL;
}

static int arena_drop(void **state)
{
    niva_arena_free(*state);
    return 0;
}

static void a_file_is_read_line_by_line(void **state)
{
    static const char file[] =
        "{\"method\":\"niva.intake.v1.ReportService/SubmitReport\",\"as\":\"r\",\"recorded_at\":"
        "\"2022-06-23T08:00:00Z\",\"request\":{\"report\":{\"unit\":\"x\"}}}\n"
        "\n"
        "  \t\r\n"
        "{\"method\":\"/niva.intake.v1.ReportService/WithdrawReport\",\"principal\":\"p\","
        "\"request\":{\"report_id\":\"$r.report.report_id\",\"reason\":\"$$5\"}}";
    struct niva_arena *arena = *state;
    struct lines lines;
    struct niva_error err;
    ProtobufCMessage *request;
    json_t *replies = json_loads("{\"r\":{\"report\":{\"report_id\":\"id-1\"}}}", 0, NULL);

    niva_error_clear(&err);
    assert_true(lines_read("f", file, sizeof file - 1, arena, &lines, &err));
    assert_int_equal(lines.count, 2);
    assert_int_equal(lines.lines[0].number, 1);
    assert_int_equal(lines.lines[0].recorded_at, INT64_C(1655971200000000));
    assert_string_equal(lines.lines[0].label, "r");
    assert_null(lines.lines[0].principal);
    assert_int_equal(lines.lines[1].number, 4);
    assert_int_equal(lines.lines[1].recorded_at, INT64_MIN);
    assert_string_equal(lines.lines[1].principal, "p");
    assert_string_equal(lines.lines[1].method.name, "/niva.intake.v1.ReportService/WithdrawReport");
    assert_true(line_request(&lines.lines[1], replies, arena, &request, &err));
    assert_string_equal(niva_wire_get_text(request, "report_id"), "id-1");
    assert_string_equal(niva_wire_get_text(request, "reason"), "$5");
    json_decref(replies);
    lines_free(&lines);
}

#define METHOD "\"method\":\"niva.intake.v1.ReportService/WithdrawReport\""

static void a_bad_line_is_named_and_nothing_is_read(void **state)
{
    static const struct {
        const char *line;
        const char *says;
    } cases[] = {
        {"not json", "not an object"},
        {"[1]", "not an object"},
        {"{" METHOD ",\"request\":{},\"request\":{}}", "not an object"},
        {"{\"request\":{}}", "\"method\""},
        {"{\"method\":\"niva.intake.v1.ReportService/Nope\",\"request\":{}}", "Nope"},
        {"{\"method\":\"niva.control.v1.ControlService/MoveToday\",\"request\":{}}", "MoveToday"},
        {"{" METHOD "}", "\"request\""},
        {"{" METHOD ",\"request\":[]}", "\"request\""},
        {"{" METHOD ",\"request\":{},\"extra\":1}", "\"extra\""},
        {"{" METHOD ",\"request\":{},\"recorded_at\":\"2022-06-23\"}", "no instant"},
        {"{" METHOD ",\"request\":{},\"recorded_at\":5}", "\"recorded_at\""},
        {"{" METHOD ",\"request\":{},\"as\":\"a b\"}", "cannot be a label"},
        {"{" METHOD ",\"request\":{\"nope\":1}}", "no such field"},
        {"{" METHOD ",\"request\":{\"report_id\":\"$later.report.report_id\"}}", "$later"},
        {"{" METHOD ",\"request\":{\"reason\":1}}", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char file[512];
        struct lines lines;
        struct niva_error err;
        int size = snprintf(file, sizeof file, "\n%s\n", cases[i].line);

        niva_error_clear(&err);
        assert_false(lines_read("region", file, (size_t)size, *state, &lines, &err));
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        if (strstr(err.text_en, "region:2: ") != err.text_en ||
            strstr(err.text_en, cases[i].says) == NULL)
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].line, err.text_en, cases[i].says);
    }
}

static void a_label_is_given_once(void **state)
{
    static const char file[] = "{" METHOD ",\"request\":{},\"as\":\"a\"}\n"
                               "{" METHOD ",\"request\":{},\"as\":\"a\"}\n";
    struct lines lines;
    struct niva_error err;

    niva_error_clear(&err);
    assert_false(lines_read("f", file, sizeof file - 1, *state, &lines, &err));
    assert_non_null(strstr(err.text_en, "f:2: \"a\" is a label of an earlier line already."));
}

static void an_empty_file_has_no_lines(void **state)
{
    struct lines lines;
    struct niva_error err;

    niva_error_clear(&err);
    assert_true(lines_read("f", "", 0, *state, &lines, &err));
    assert_int_equal(lines.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_read_line_by_line, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(a_bad_line_is_named_and_nothing_is_read, arena_make,
                                        arena_drop),
        cmocka_unit_test_setup_teardown(a_label_is_given_once, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(an_empty_file_has_no_lines, arena_make, arena_drop),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
