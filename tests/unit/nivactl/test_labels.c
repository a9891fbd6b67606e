#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/nivactl/labels.h"

static json_t *json(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);

    assert_non_null(value);
    return value;
}

/* The request with its references replaced, as text; "" when it was refused. */
static void replaced(const char *request, const char *replies, char ret_text[512],
                     struct niva_error *err)
{
    json_t *in = json(request);
    json_t *known = json(replies);
    json_t *out = labels_replace(in, known, err);
    char *text = out == NULL ? NULL : json_dumps(out, JSON_COMPACT | JSON_SORT_KEYS);

    snprintf(ret_text, 512, "%s", text == NULL ? "" : text);
    free(text);
    json_decref(out);
    json_decref(known);
    json_decref(in);
}

static const char replies[] = "{\"r-1\":{\"report\":{\"report_id\":\"0198\",\"positions\":[{\"fte_"
                              "milli\":875},{\"fte_milli\":500}]},\"position\":7}}";

static void references_become_what_the_server_made(void **state)
{
    static const struct {
        const char *request;
        const char *expected;
    } cases[] = {
        {"{\"a\":\"$r-1.report.report_id\"}", "{\"a\":\"0198\"}"},
        {"{\"a\":[{\"b\":\"$r-1.position\"},1,null,true]}", "{\"a\":[{\"b\":7},1,null,true]}"},
        {"{\"a\":\"$r-1.report.positions.1.fte_milli\"}", "{\"a\":500}"},
        {"{\"a\":\"$$r-1.report.report_id\"}", "{\"a\":\"$r-1.report.report_id\"}"},
        {"{\"a\":\"costs 5 $r-1\",\"b\":\"\"}", "{\"a\":\"costs 5 $r-1\",\"b\":\"\"}"},
        {"{}", "{}"},
    };
    struct niva_error err;
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        replaced(cases[i].request, replies, text, &err);
        assert_string_equal(text, cases[i].expected);
    }
}

static void references_to_nothing_are_refused(void **state)
{
    static const char *const cases[] = {
        "{\"a\":\"$r-2.report.report_id\"}",
        "{\"a\":\"$r-1.report.nope\"}",
        "{\"a\":\"$r-1.report\"}",
        "{\"a\":\"$r-1\"}",
        "{\"a\":\"$\"}",
        "{\"a\":\"$r-1.report.positions.2.fte_milli\"}",
        "{\"a\":\"$r-1..report_id\"}",
        "{\"a\":\"$r-1.report.positions.x\"}",
        "{\"a\":\"$r-1.position.deeper\"}",
        "{\"a\":\"$r-1.report.positions.99999999999999999999\"}",
    };
    struct niva_error err;
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        replaced(cases[i], replies, text, &err);
        assert_string_equal(text, "");
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        assert_non_null(strstr(err.text_en, "$"));
    }
}

static void a_request_without_end_is_refused(void **state)
{
    char deep[512] = "";
    struct niva_error err;
    char text[512];

    (void)state;
    for (int i = 0; i < 100; i++)
        strcat(deep, "[");
    for (int i = 0; i < 100; i++)
        strcat(deep, "]");
    replaced(deep, "{}", text, &err);
    assert_string_equal(text, "");
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
}

static void the_label_of_a_string_is_what_stands_before_the_point(void **state)
{
    char label[16];

    (void)state;
    label_of("$r-1.report", label, sizeof label);
    assert_string_equal(label, "r-1");
    label_of("$$r-1.report", label, sizeof label);
    assert_string_equal(label, "");
    label_of("", label, sizeof label);
    assert_string_equal(label, "");
    assert_true(label_valid("redovisning-03_1"));
    assert_false(label_valid(""));
    assert_false(label_valid("a.b"));
    assert_false(label_valid("å"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_become_what_the_server_made),
        cmocka_unit_test(references_to_nothing_are_refused),
        cmocka_unit_test(a_request_without_end_is_refused),
        cmocka_unit_test(the_label_of_a_string_is_what_stands_before_the_point),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
