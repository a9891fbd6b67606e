/* Files of reports: what is read, what is refused, by row and column, told to the rules alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/import.h"
#include "tests/support/intake_desk.h"
#include "tests/support/xlsx_maker.h"

typedef Niva__Intake__V1__ImportReportsResponse Response;
typedef Niva__Intake__V1__StaffingReport Report;

static struct desk desk;

static int open_desk(void **state)
{
    (void)state;
    desk_open(&desk);
    units_put(&desk.caller);
    return 0;
}

static int close_desk(void **state)
{
    (void)state;
    desk_close(&desk);
    return 0;
}

#define HEAD                                                                                       \
    "Enhet;Yrkesgrupp;Gäller från;Befattning;Titel;Anställning;Sysselsättningsgrad;Legitimation"
#define ROW(unit, day, key, fte) unit ";" GROUP ";" day ";" key ";FT;anställd;" fte ";ja"

/* ---- what is read ---- */

static void rows_become_reports(void **state)
{
    (void)state;
    const Response *reply =
        import_ok(&desk.caller,
                  HEAD ";Första dag;Sista dag;Orsak;Anteckning;Intygad av;Roll;Mottagen\r\n" ROW(
                      UNIT_A, "2022-07-01", "ft-1",
                      "75 %") ";;;Slutat;\"Rekrytering pågår; annons ute\";"
                              "SE2321000016-CHEF;verksamhetschef;2022-06-20\r\n" ROW(
                                  UNIT_B, "20220801", "ft-1",
                                  "1") ";2022-08-01;2022/12/31;;;;;\r\n" UNIT_A ";" GROUP
                                       ";2022-07-01;hyr-1;SG;Inhyrd;0,5;NEJ;;;slutat;;;;\r\n");
    const Report *report = reply->reports[0];

    assert_int_equal(reply->rows_read, 3);
    assert_int_equal(reply->n_reports, 2);
    assert_string_equal(report->unit, UNIT_A);
    assert_string_equal(report->effective_from, "2022-07-01");
    assert_int_equal(report->reason, NIVA__INTAKE__V1__STAFFING_REPORT__REASON__LEFT);
    assert_int_equal(report->received_via, NIVA__INTAKE__V1__STAFFING_REPORT__CHANNEL__FILE);
    assert_string_equal(report->resolution_note, "Rekrytering pågår; annons ute");
    assert_string_equal(report->certified_by->hsa_id, "SE2321000016-CHEF");
    assert_int_equal(report->certified_by->role, NIVA__INTAKE__V1__CERTIFIER__ROLE__HEAD);
    assert_int_equal(report->received_at->seconds, 1655676000); /* 2022-06-20 00:00 in Stockholm */
    assert_int_equal(report->n_positions, 2);
    assert_int_equal(report->positions[0]->fte_milli, 750);
    assert_true(report->positions[0]->licensed);
    assert_string_equal(report->positions[1]->position_key, "hyr-1");
    assert_string_equal(report->positions[1]->title_code, "SG");
    assert_int_equal(report->positions[1]->employment,
                     NIVA__INTAKE__V1__POSITION__EMPLOYMENT__HIRED);
    assert_int_equal(report->positions[1]->fte_milli, 500);
    assert_false(report->positions[1]->licensed);
    assert_string_equal(reply->reports[1]->effective_from, "2022-08-01");
    assert_string_equal(reply->reports[1]->positions[0]->first_day, "2022-08-01");
    assert_string_equal(reply->reports[1]->positions[0]->last_day, "2022-12-31");
    assert_int_equal(reply->reports[1]->reason, NIVA__INTAKE__V1__STAFFING_REPORT__REASON__OTHER);
    assert_true(strlen(report->report_id) == 36 && strlen(reply->import_id) == 36);
    assert_string_not_equal(report->report_id, reply->reports[1]->report_id);
    assert_int_equal(desk.effects, 3 + 1 + 2); /* units, the file, its reports */
}

static void english_names_and_milli_will_do(void **state)
{
    (void)state;
    const Response *reply =
        import_ok(&desk.caller, "unit,profession_group,effective_from,position_key,title_code,"
                                "employment,fte_milli,licensed\n" UNIT_A "," GROUP
                                ",2022-07-01,ft-1,FT,EMPLOYED,875,true\n");

    assert_int_equal(reply->reports[0]->positions[0]->fte_milli, 875);
}

static void a_report_of_nobody_has_a_row_of_its_own(void **state)
{
    (void)state;
    const Response *reply =
        import_ok(&desk.caller, HEAD "\n" UNIT_A ";" GROUP ";2022-07-01;ingen;;;;\n");

    assert_int_equal(reply->n_reports, 1);
    assert_int_equal(reply->reports[0]->n_positions, 0);
    assert_int_equal(reply->n_warnings, 1);
    assert_string_equal(reply->warnings[0]->code, "STAFFING_ZERO");
    assert_int_equal(reply->warnings[0]->row, 2);
    import_wrong(&desk.caller, HEAD "\n" UNIT_A ";" GROUP ";2022-07-01;ingen;FT;;0;\n",
                 "2 Titel NOBODY_HAS_POSITION;2 Sysselsättningsgrad NOBODY_HAS_POSITION;");
    import_wrong(&desk.caller,
                 HEAD "\n" UNIT_A ";" GROUP
                      ";2022-07-01;ingen;;;;\n" ROW(UNIT_A, "2022-07-01", "a", "1") "\n",
                 "3 Befattning NOBODY_AND_POSITIONS;");
    import_wrong(&desk.caller,
                 HEAD "\n" ROW(UNIT_A, "2022-07-01", "a", "1") "\n" UNIT_A ";" GROUP
                                                               ";2022-07-01;Ingen;;;;\n",
                 "3 Befattning NOBODY_AND_POSITIONS;");
}

/* As Excel stores it: dates as serials, shares as binary fractions shown as percentages. */
static void a_spreadsheet_is_read(void **state)
{
    (void)state;
    static const char *const head[] = {
        "Enhet", "Yrkesgrupp",  "Gäller från",         "Befattning",
        "Titel", "Anställning", "Sysselsättningsgrad", "Legitimation"};
    struct niva_text rows = {0};
    struct niva_text made;
    const Response *reply;
    struct niva_error err;

    niva_text_puts(&rows, "<row r=\"1\">");
    for (size_t i = 0; i < 8; i++)
        niva_text_printf(&rows, "<c t=\"inlineStr\"><is><t>%s</t></is></c>", head[i]);
    niva_text_puts(&rows, "</row><row r=\"2\"><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c>"
                          "<c s=\"1\"><v>44743</v></c><c><v>17</v></c><c t=\"s\"><v>2</v></c>"
                          "<c t=\"s\"><v>3</v></c><c s=\"2\"><v>0.75000000000000011</v></c>"
                          "<c t=\"b\"><v>1</v></c></row>");
    made = xlsx_make(rows.data,
                     "<si><t>" UNIT_A "</t></si><si><t>" GROUP "</t></si><si><t>FT</t></si>"
                     "<si><t>anställd</t></si>",
                     NULL);
    reply = import_try(&desk.caller, made.data, made.length, false, &err);
    assert_non_null(reply);
    assert_int_equal(reply->n_row_errors, 0);
    assert_string_equal(reply->reports[0]->effective_from, "2022-07-01");
    assert_string_equal(reply->reports[0]->positions[0]->position_key, "17");
    assert_int_equal(reply->reports[0]->positions[0]->fte_milli, 750);
    niva_text_free(&rows);
    niva_text_free(&made);
}

/* ---- what is refused ---- */

#define GOOD ROW(UNIT_A, "2022-07-01", "ft-1", "1")

static void wrong_columns_are_named(void **state)
{
    (void)state;
    import_wrong(&desk.caller, "Enhet;Yrkesgrupp;Gäller från;Befattning;Titel;Anställning;Färg\n",
                 "1 Färg COLUMN_UNKNOWN;1 Legitimation COLUMN_MISSING;1 Sysselsättningsgrad "
                 "COLUMN_MISSING;");
    import_wrong(&desk.caller, HEAD ";fte_milli\n" GOOD ";1000\n", "1 fte_milli COLUMN_TWICE;");
    import_wrong(&desk.caller, HEAD "\n", "0  NO_ROWS;");
}

static void a_blank_cell_is_never_zero(void **state)
{
    (void)state;
    import_wrong(&desk.caller, HEAD "\n" UNIT_A ";" GROUP ";2022-07-01;ft-1;FT;anställd;;ja\n",
                 "2 Sysselsättningsgrad CELL_BLANK;");
    import_wrong(&desk.caller, HEAD "\n" UNIT_A ";" GROUP ";2022-07-01;ft-1;FT;anställd;1;\n",
                 "2 Legitimation CELL_BLANK;");
    import_wrong(
        &desk.caller, HEAD "\n;;;;;;1;\n",
        "2 Enhet CELL_BLANK;2 Yrkesgrupp CELL_BLANK;2 Gäller från CELL_BLANK;2 Befattning "
        "CELL_BLANK;2 Titel CELL_BLANK;2 Anställning CELL_BLANK;2 Legitimation CELL_BLANK;");
}

static void every_bad_cell_is_told_by_row_and_column(void **state)
{
    (void)state;
    import_wrong(&desk.caller,
                 HEAD "\n" ROW(UNIT_A, "2022-13-01", "ft-1", "75") "\n" ROW(
                     UNIT_A, "2022-07-01", "19121212-1212",
                     "0,3333") "\n" UNIT_A ";Sjuk Gymnast;"
                               "2022-07-01;ft-1;F-T;fast;1;"
                               "kanske\n" ROW("Vårdcentralen", "2022-07-01", "b", "0"),
                 "2 Gäller från DAY_MALFORMED;2 Sysselsättningsgrad NUMBER_OUT_OF_RANGE;"
                 "3 Sysselsättningsgrad NUMBER_INEXACT;4 Anställning WORD_UNKNOWN;4 Legitimation "
                 "TRUTH_MALFORMED;4 Yrkesgrupp NAME_KEY_MALFORMED;5 Enhet HSA_ID_MALFORMED;");
    import_wrong(&desk.caller,
                 HEAD "\n" ROW(UNIT_A, "2022-07-01", "19121212-1212",
                               "1") "\n" UNIT_A ";" GROUP ";2022-07-01;x;F-T;anställd;1;ja\n",
                 "2 Befattning PERSONAL_NUMBER;3 Titel TITLE_MALFORMED;");
    import_wrong(&desk.caller, HEAD ";Första dag;Sista dag\n" GOOD ";2022-07-02;2022-07-01\n",
                 "2 Sista dag LAST_DAY_BEFORE_FIRST;");
}

/* A degree that cannot be is not taken for 0: nothing is odd about the report but the error. */
static void a_degree_that_cannot_be_is_not_zero(void **state)
{
    (void)state;
    static const char csv[] = HEAD "\n" ROW(UNIT_A, "2022-07-01", "ft-1", "75");
    struct niva_error err;
    const Response *reply = import_try(&desk.caller, csv, strlen(csv), false, &err);

    assert_non_null(reply);
    assert_int_equal(reply->n_row_errors, 1);
    assert_string_equal(reply->row_errors[0]->code, "NUMBER_OUT_OF_RANGE");
    assert_int_equal(reply->n_warnings, 0);
}

static void the_same_position_twice_is_told(void **state)
{
    (void)state;
    import_wrong(
        &desk.caller,
        HEAD "\n" GOOD "\n" ROW(UNIT_B, "2022-07-01", "ft-1", "1") "\n" ROW(
            UNIT_A, "2022-07-02", "ft-1", "1") "\n" ROW(UNIT_A, "2022-07-01", "ft-1", "0,5") "\n",
        "5 Befattning POSITION_KEY_DUPLICATE;");
}

static void rows_of_a_report_may_not_contradict_each_other(void **state)
{
    (void)state;
    import_wrong(&desk.caller,
                 HEAD ";Orsak;Anteckning;Mottagen\n" GOOD ";slutat;a;2022-06-01\n" ROW(
                     UNIT_A, "2022-07-01", "ft-2",
                     "1") ";annat;b;2022-06-02\n" ROW(UNIT_B, "2022-07-01", "ft-2",
                                                      "1") ";annat;b;2022-06-02\n",
                 "3 Orsak CONTRADICTION;3 Anteckning CONTRADICTION;3 Mottagen CONTRADICTION;");
    import_wrong(&desk.caller, HEAD ";Roll\n" GOOD ";chef\n", "2 Roll WORD_UNKNOWN;");
    import_wrong(&desk.caller, HEAD ";Roll;Intygad av\n" GOOD ";verksamhetschef;\n",
                 "2 Intygad av REQUIRED;");
}

static void what_the_record_says_is_told_by_row(void **state)
{
    (void)state;
    const char *id = report_submit(&desk.caller, "2022-01-01", "");
    char csv[2048];

    import_wrong(&desk.caller, HEAD "\n" ROW("SE2321000016-Z999", "2022-07-01", "a", "1") "\n",
                 "2 Enhet UNIT_UNKNOWN;");
    import_wrong(&desk.caller,
                 HEAD "\n" GOOD "\n" ROW(UNIT_CLOSED, "2021-01-01", "a",
                                         "1") "\n" ROW(UNIT_B, "2019-12-31", "a", "1") "\n",
                 "3 Gäller från UNIT_CLOSED;4 Gäller från UNIT_NOT_OPEN_YET;");
    import_wrong(&desk.caller, HEAD ";Mottagen\n" GOOD ";2022-06-25\n",
                 "2 Mottagen RECEIVED_AFTER_RECORDED;");
    snprintf(csv, sizeof csv,
             HEAD ";Rättar\n" ROW(UNIT_B, "2022-01-01", "a", "1") ";%s\n" ROW(
                 UNIT_A, "2022-01-01", "a", "1") ";%s\n" ROW(UNIT_A, "2022-01-02", "a", "1") ";x\n",
             id, id);
    import_wrong(&desk.caller, csv,
                 "2 Rättar REPORT_OF_OTHER_UNIT;3 Rättar CORRECTED_TWICE;4 Rättar UUID_MALFORMED;");
}

static void a_correction_is_imported(void **state)
{
    (void)state;
    const char *id = report_submit(&desk.caller, "2022-01-01", "");
    char csv[1024];
    const Response *reply;

    snprintf(csv, sizeof csv, HEAD ";Rättar\n" ROW(UNIT_A, "2022-01-01", "p1", "0,8") ";%s\n", id);
    reply = import_ok(&desk.caller, csv);
    assert_string_equal(reply->reports[0]->corrects_report_id, id);
    assert_int_equal(reply->reports[0]->reason,
                     NIVA__INTAKE__V1__STAFFING_REPORT__REASON__CORRECTION);
    import_wrong(&desk.caller, csv, "2 Rättar REPORT_ALREADY_CORRECTED;");
}

/* Whoever files the same file twice meant it once. */
static void the_same_report_again_is_told(void **state)
{
    (void)state;
    static const char csv[] = HEAD "\n" GOOD "\n" ROW(UNIT_A, "2022-07-01", "ft-2", "0,5") "\n" ROW(
        UNIT_B, "2022-07-01", "ft-1", "1") "\n";

    import_ok(&desk.caller, csv);
    import_wrong(&desk.caller, csv, "2  REPORT_ALREADY_HERE;4  REPORT_ALREADY_HERE;");
    /* the same positions in another order */
    import_wrong(&desk.caller, HEAD "\n" ROW(UNIT_A, "2022-07-01", "ft-2", "50 %") "\n" GOOD "\n",
                 "2  REPORT_ALREADY_HERE;");
    /* other positions, another day */
    import_ok(&desk.caller, HEAD "\n" GOOD "\n" ROW(UNIT_B, "2022-07-02", "ft-1", "1") "\n");
}

static void a_dry_run_leaves_nothing_behind(void **state)
{
    (void)state;
    static const char csv[] = HEAD "\n" GOOD "\n";
    struct niva_error err;
    int64_t before = desk.effects;
    const Response *reply = import_try(&desk.caller, csv, strlen(csv), true, &err);

    assert_non_null(reply);
    assert_int_equal(reply->n_row_errors, 0);
    assert_int_equal(reply->n_reports, 1);
    assert_string_equal(reply->reports[0]->report_id, "");
    assert_null(reply->reports[0]->recorded_at);
    assert_string_equal(reply->import_id, "");
    assert_true(desk.effect.unrecorded);
    assert_int_equal(desk.effects, before);
    import_ok(&desk.caller, csv);
}

static void what_looks_odd_is_told_by_row(void **state)
{
    (void)state;
    const Response *reply = import_ok(
        &desk.caller, HEAD ";Sista dag;Anteckning\n" GOOD ";2022-06-30;\n" UNIT_A ";" GROUP
                           ";2022-07-01;x;XX;anställd;1;ja;;\"ring 19121212-1212\"\n");

    assert_int_equal(reply->n_warnings, 3);
    assert_string_equal(reply->warnings[0]->code, "POSITION_NEVER_ACTIVE");
    assert_string_equal(reply->warnings[0]->column, "Sista dag");
    assert_int_equal(reply->warnings[0]->row, 2);
    assert_string_equal(reply->warnings[1]->code, "FREE_TEXT_PERSONAL");
    assert_string_equal(reply->warnings[1]->column, "Anteckning");
    assert_string_equal(reply->warnings[2]->code, "TITLE_UNKNOWN");
    assert_int_equal(reply->warnings[2]->row, 3);
}

/* ---- what is no table ---- */

static void request_refused(const char *media_type, const void *bytes, size_t size,
                            const char *field, const char *reason)
{
    Niva__Intake__V1__ImportReportsRequest request = NIVA__INTAKE__V1__IMPORT_REPORTS_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.media_type = (char *)(uintptr_t)media_type;
    request.content.len = size;
    request.content.data = (uint8_t *)(uintptr_t)bytes;
    if (desk.caller.call(&desk.caller, "ReportService/ImportReports", &request.base, &reply, &err))
        fail_msg("expected %s, actual OK", reason);
    error_expect(&err, NIVA_INVALID_ARGUMENT, field, reason, media_type);
}

static void files_that_are_no_tables_are_refused(void **state)
{
    (void)state;
    size_t large = (size_t)50 << 20;
    char *bytes = niva_arena_alloc(desk.caller.arena, large);
    struct niva_text many = {0};

    assert_non_null(bytes);
    request_refused("text/csv", "", 0, "content", "REQUIRED");
    request_refused("application/pdf", "%PDF", 4, "mediaType", "MEDIA_TYPE_UNKNOWN");
    request_refused("text/csv", "PK\3\4", 4, "mediaType", "MEDIA_TYPE_DIFFERS");
    request_refused("XLSX", "a;b\n", 4, "mediaType", "MEDIA_TYPE_DIFFERS");
    request_refused("application/vnd.ms-excel", "PK\3\4", 4, "content", "BROKEN");
    request_refused("", bytes, large, "content", "TOO_LARGE");
    niva_text_puts(&many, HEAD "\n");
    for (int i = 0; i <= IMPORT_ROWS_MAX; i++)
        niva_text_puts(&many, "x\n");
    request_refused("csv", many.data, many.length, "content", "TOO_LARGE");
    niva_text_free(&many);
}

/* ---- large files ---- */

/* 10,000 rows: of few reports, of as many as there are rows, and where the reply is densest. The
 * reply must be readable to whoever calls. */
static void large_files_are_answered(void **state)
{
    (void)state;
    static const int sizes[] = {500, 26, 22, 10, 1};
    struct niva_text csv = {0};
    ProtobufCMessage *back;
    ProtobufCBinaryData packed;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct niva_error err;
        const Response *reply;

        csv.length = 0;
        niva_text_puts(&csv, HEAD "\n");
        for (int row = 0; row < IMPORT_ROWS_MAX; row++) {
            char day[16];

            niva_day_format(niva_day_from_civil(2021, 1, 1) + row / sizes[i], day);
            niva_text_printf(&csv, ROW(UNIT_A, "%s", "%x", "1") "\n", day, row % sizes[i]);
        }
        assert_false(csv.failed);
        reply = import_try(&desk.caller, csv.data, csv.length, true, &err);
        if (reply == NULL)
            fail_msg("%d positions each: %s", sizes[i], err.text_en);
        assert_int_equal(reply->n_row_errors, 0);
        assert_int_equal(reply->rows_read, IMPORT_ROWS_MAX);
        assert_int_equal(reply->n_reports, (IMPORT_ROWS_MAX + sizes[i] - 1) / sizes[i]);
        assert_true(niva_wire_pack(&reply->base, desk.caller.arena, &packed, &err));
        if (!niva_wire_unpack_reply(reply->base.descriptor, packed.data, packed.len,
                                    desk.caller.arena, &back, &err))
            fail_msg("%d positions each: %s", sizes[i], err.text_en);
    }
    niva_text_free(&csv);
}

static void errors_of_a_large_file_end_somewhere(void **state)
{
    (void)state;
    struct niva_text csv = {0};
    struct niva_error err;
    const Response *reply;

    niva_text_puts(&csv, HEAD "\n");
    for (int row = 0; row < IMPORT_ROWS_MAX; row++)
        niva_text_puts(&csv, "x;y;z;;;;;\n");
    reply = import_try(&desk.caller, csv.data, csv.length, false, &err);
    assert_non_null(reply);
    assert_int_equal(reply->n_row_errors, NIVA_REMARKS_MAX + 1);
    assert_string_equal(reply->row_errors[0]->code, "MORE");
    niva_text_free(&csv);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_become_reports),
        TEST(english_names_and_milli_will_do),
        TEST(a_report_of_nobody_has_a_row_of_its_own),
        TEST(a_spreadsheet_is_read),
        TEST(wrong_columns_are_named),
        TEST(a_blank_cell_is_never_zero),
        TEST(every_bad_cell_is_told_by_row_and_column),
        TEST(a_degree_that_cannot_be_is_not_zero),
        TEST(the_same_position_twice_is_told),
        TEST(rows_of_a_report_may_not_contradict_each_other),
        TEST(what_the_record_says_is_told_by_row),
        TEST(a_correction_is_imported),
        TEST(the_same_report_again_is_told),
        TEST(a_dry_run_leaves_nothing_behind),
        TEST(what_looks_odd_is_told_by_row),
        TEST(files_that_are_no_tables_are_refused),
        TEST(large_files_are_answered),
        TEST(errors_of_a_large_file_end_somewhere),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
