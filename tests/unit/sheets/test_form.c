/* Headings, cells and what is said of them. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/sheets/form.h"
#include "tests/support/xlsx_maker.h"
#include "tests/unit/sheets/sheet_rig.h"

enum { UNIT, SHARE, DAY, LICENSED, KIND, COUNT, COLUMNS };

static const struct niva_form_column columns[COLUMNS] = {
    [UNIT] = {"Enhet", "unit|hsa id", true},
    [SHARE] = {"Sysselsättningsgrad", "fte", true},
    [DAY] = {"Gäller från", "effective from", false},
    [LICENSED] = {"Legitimation", "licensed", false},
    [KIND] = {"Anställning", "employment", false},
    [COUNT] = {"Listade", "listed", false},
};
static const struct niva_form_word kinds[] = {{"anställd|employed", 1}, {"inhyrd|hired", 3}, {0}};

static struct niva_remarks remarks;
static struct niva_form form;
static struct niva_sheet sheet;

static bool open_form(const void *bytes, size_t size)
{
    struct niva_error err;

    if (!niva_sheet_read(bytes, size, NULL, arena, &sheet, &err))
        fail_msg("%s: %s", err.violations[0].reason, err.text_en);
    niva_remarks_begin(&remarks, arena);
    return niva_form_open(&form, &sheet, columns, COLUMNS, &remarks);
}

static bool open_text(const char *text)
{
    return open_form(text, strlen(text));
}

/* The remarks as "row column CODE;…". */
static void remarks_expect(const char *expected)
{
    struct niva_text text = {0};

    assert_false(remarks.failed);
    for (size_t i = 0; i < remarks.count; i++) {
        const Niva__Common__V1__RowMessage *message = remarks.items[i];

        niva_text_printf(&text, "%d %s %s;", (int)message->row, message->column, message->code);
        assert_true(*message->message_sv != '\0' && *message->message_en != '\0');
    }
    assert_string_equal(text.length == 0 ? "" : text.data, expected);
    niva_text_free(&text);
}

static void a_heading_is_found_by_every_spelling(void **state)
{
    (void)state;
    assert_true(open_text("SYSSELSÄTTNINGSGRAD;hsa-id;Gäller  från\n1;A;\n"));
    assert_int_equal(form.at[UNIT], 1);
    assert_int_equal(form.at[SHARE], 0);
    assert_int_equal(form.at[DAY], 2);
    assert_string_equal(niva_form_name(&form, UNIT), "hsa-id");
    assert_string_equal(niva_form_name(&form, KIND), "Anställning");
    assert_true(open_text("effective_from;FTE;unit\n;;\n"));
    remarks_expect("");
}

static void a_wrong_heading_is_told_by_name(void **state)
{
    (void)state;
    assert_false(open_text("Enhet;Färg;enhet\nA;1;2\n"));
    remarks_expect(
        "1 Färg COLUMN_UNKNOWN;1 enhet COLUMN_TWICE;1 Sysselsättningsgrad COLUMN_MISSING;");
    assert_string_equal(remarks.items[0]->message_sv,
                        "Kolumnen ”Färg” (B) är okänd. Ta bort den eller rätta namnet.");
}

static void share_expect(const char *cell, enum niva_given given, int64_t value)
{
    char text[200];
    int64_t actual = 0;

    snprintf(text, sizeof text, "Enhet;Sysselsättningsgrad\nA;%s\n", cell);
    assert_true(open_text(text));
    assert_true(niva_form_next(&form));
    if (niva_form_number(&form, SHARE, 3, true, &actual) != given || actual != value)
        fail_msg("%s: expected %d, %" PRId64 ", actual %" PRId64, cell, given, value, actual);
    assert_false(niva_form_next(&form));
}

static void numbers_are_read_exactly_or_refused(void **state)
{
    (void)state;
    share_expect("0,75", NIVA_GIVEN, 750);
    share_expect("75 %", NIVA_GIVEN, 750);
    share_expect("", NIVA_BAD, 0);
    remarks_expect("2 Sysselsättningsgrad CELL_BLANK;");
    share_expect("0,3333", NIVA_BAD, 0);
    remarks_expect("2 Sysselsättningsgrad NUMBER_INEXACT;");
    share_expect("heltid", NIVA_BAD, 0);
    remarks_expect("2 Sysselsättningsgrad NUMBER_MALFORMED;");
}

static void a_percent_sign_is_taken_where_it_means_something(void **state)
{
    (void)state;
    int64_t value = 7;

    assert_true(open_text("Enhet;FTE;Listade\nA;1;75 %\nA;1;\nA;1;8 123\n"));
    assert_true(niva_form_next(&form));
    assert_int_equal(niva_form_number(&form, COUNT, 0, false, &value), NIVA_BAD);
    remarks_expect("2 Listade NUMBER_MALFORMED;");
    assert_true(niva_form_next(&form));
    assert_int_equal(niva_form_number(&form, COUNT, 0, false, &value), NIVA_ABSENT);
    assert_int_equal(value, 7);
    assert_true(niva_form_next(&form));
    assert_int_equal(niva_form_number(&form, COUNT, 0, false, &value), NIVA_GIVEN);
    assert_int_equal(value, 8123);
}

static void day_expect(const char *cell, const char *expected)
{
    char text[200];
    char actual[16] = "";
    niva_day day = NIVA_DAY_NONE;

    snprintf(text, sizeof text, "Enhet;FTE;Gäller från\nA;1;%s\n", cell);
    assert_true(open_text(text));
    assert_true(niva_form_next(&form));
    if (niva_form_day(&form, DAY, &day) == NIVA_GIVEN)
        niva_day_format(day, actual);
    if (strcmp(actual, expected) != 0)
        fail_msg("%s: expected \"%s\", actual \"%s\"", cell, expected, actual);
}

static void days_are_read_where_they_are_clear(void **state)
{
    (void)state;
    day_expect("2022-06-23", "2022-06-23");
    day_expect("20220623", "2022-06-23");
    day_expect("2022/06/23", "2022-06-23");
    day_expect("2022-02-30", "");
    day_expect("23/06/2022", "");
    day_expect("06/23/2022", "");
    day_expect("2022-06/23", "");
    day_expect("2022-6-23", "");
    day_expect("220623", "");
    day_expect("44735", "2022-06-23"); /* a serial, from a cell that was not shown as a date */
    day_expect("44 735", "");
    day_expect("44735,0", "");
    day_expect("32873", "");
    day_expect("73051", "");
    day_expect("1899-12-31", "");
    remarks_expect("2 Gäller från DAY_MALFORMED;");
}

static void serials_are_days_in_a_spreadsheet(void **state)
{
    (void)state;
    struct niva_text made =
        xlsx_make("<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c><c t=\"s\"><v>2</v></c></row>"
                  "<row><c><v>1</v></c><c s=\"2\"><v>0.75</v></c><c s=\"1\"><v>44735</v></c></row>"
                  "<row><c><v>1</v></c><c><v>0.87500000000000011</v></c><c><v>44735</v></c></row>"
                  "<row><c><v>1</v></c><c><v>1</v></c><c><v>20220623</v></c></row>"
                  "<row><c><v>1</v></c><c s=\"1\"><v>44735</v></c><c s=\"1\"><v>44735.25</v></c>"
                  "</row>",
                  "<si><t>Enhet</t></si><si><t>FTE</t></si><si><t>Gäller från</t></si>", NULL);
    static const int64_t shares[] = {750, 875, 1000};
    const char *text;
    int64_t share;
    niva_day day;

    assert_true(open_form(made.data, made.length));
    for (int i = 0; i < 3; i++) {
        assert_true(niva_form_next(&form));
        assert_int_equal(niva_form_day(&form, DAY, &day), NIVA_GIVEN);
        assert_int_equal(day, niva_day_from_civil(2022, 6, 23));
        assert_int_equal(niva_form_number(&form, SHARE, 3, true, &share), NIVA_GIVEN);
        assert_int_equal(share, shares[i]);
    }
    assert_true(niva_form_next(&form));
    assert_int_equal(niva_form_day(&form, DAY, &day), NIVA_BAD);
    assert_int_equal(niva_form_number(&form, SHARE, 3, true, &share), NIVA_BAD);
    remarks_expect("5 Gäller från DAY_MALFORMED;5 FTE NUMBER_MALFORMED;");
    assert_int_equal(niva_form_text(&form, SHARE, &text), NIVA_GIVEN);
    assert_string_equal(text, "2022-06-23");
    niva_text_free(&made);
}

static void words_and_truths_are_swedish_or_english(void **state)
{
    (void)state;
    bool truth;
    int kind;

    assert_true(open_text("Enhet;FTE;Legitimation;Anställning\nA;1;Ja;Anställd\nA;1;no;HIRED\n"
                          "A;1;1;fast\nA;1;;\n"));
    assert_true(niva_form_next(&form));
    assert_int_equal(niva_form_truth(&form, LICENSED, &truth), NIVA_GIVEN);
    assert_true(truth);
    assert_int_equal(niva_form_word(&form, KIND, kinds, &kind), NIVA_GIVEN);
    assert_int_equal(kind, 1);
    assert_true(niva_form_next(&form));
    assert_int_equal(niva_form_truth(&form, LICENSED, &truth), NIVA_GIVEN);
    assert_false(truth);
    assert_int_equal(niva_form_word(&form, KIND, kinds, &kind), NIVA_GIVEN);
    assert_int_equal(kind, 3);
    assert_true(niva_form_next(&form));
    assert_int_equal(niva_form_truth(&form, LICENSED, &truth), NIVA_BAD);
    assert_int_equal(niva_form_word(&form, KIND, kinds, &kind), NIVA_BAD);
    remarks_expect("4 Legitimation TRUTH_MALFORMED;4 Anställning WORD_UNKNOWN;");
    assert_string_equal(remarks.items[1]->message_sv,
                        "”fast” är okänt. Skriv något av: anställd, inhyrd.");
    assert_true(niva_form_next(&form));
    assert_int_equal(niva_form_truth(&form, LICENSED, &truth), NIVA_ABSENT);
    assert_int_equal(niva_form_word(&form, KIND, kinds, &kind), NIVA_ABSENT);
}

/* A decimal comma that nobody quoted makes a cell too many: it is never passed over. */
static void what_stands_under_no_heading_is_told(void **state)
{
    (void)state;
    assert_true(open_text("Enhet,FTE\nA,0,75\nB,1\n"));
    assert_true(niva_form_next(&form));
    remarks_expect("2 C CELL_STRAY;");
    assert_true(niva_form_next(&form));
    remarks_expect("2 C CELL_STRAY;");
}

static void remarks_end_somewhere(void **state)
{
    (void)state;
    niva_remarks_begin(&remarks, arena);
    for (int i = 0; i < 2 * NIVA_REMARKS_MAX; i++)
        niva_remark(&remarks, i, "Enhet", "X", "%d", "%d", i);
    assert_int_equal(remarks.count, NIVA_REMARKS_MAX + 1);
    assert_string_equal(remarks.items[NIVA_REMARKS_MAX]->code, "MORE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_heading_is_found_by_every_spelling),
        cmocka_unit_test(a_wrong_heading_is_told_by_name),
        cmocka_unit_test(numbers_are_read_exactly_or_refused),
        cmocka_unit_test(a_percent_sign_is_taken_where_it_means_something),
        cmocka_unit_test(days_are_read_where_they_are_clear),
        cmocka_unit_test(serials_are_days_in_a_spreadsheet),
        cmocka_unit_test(words_and_truths_are_swedish_or_english),
        cmocka_unit_test(what_stands_under_no_heading_is_told),
        cmocka_unit_test(remarks_end_somewhere),
    };
    int failed = cmocka_run_group_tests(tests, arena_open, arena_close);

    return failed ? 1 : 0;
}
