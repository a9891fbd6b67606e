/* XLSX as Excel, LibreOffice and libxlsxwriter write it, and as a stranger might. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <xlsxwriter.h>

#include "services/common/base/clock.h"
#include "tests/support/xlsx_maker.h"
#include "tests/unit/sheets/sheet_rig.h"

static void made_expect(const char *rows, const char *strings, const char *workbook,
                        const char *expected)
{
    struct niva_text made = xlsx_make(rows, strings, workbook);

    sheet_expect(made.data, made.length, expected);
    niva_text_free(&made);
}

static void made_refused(const char *rows, const char *strings, const char *reason)
{
    struct niva_text made = xlsx_make(rows, strings, NULL);

    sheet_refused(made.data, made.length, reason);
    niva_text_free(&made);
}

/* ---- as they come ---- */

/* Shared texts, rich and phonetic ones too, numbers, truths, errors, formulas. */
static void cells_are_read_by_their_type(void **state)
{
    (void)state;
    made_expect(
        "<row r=\"1\" spans=\"1:3\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\">"
        "<v>1</v></c><c r=\"C1\" t=\"s\"><v>2</v></c></row>"
        "<row r=\"3\"><c r=\"A3\" s=\"4\"><v>0.75000000000000011</v></c><c r=\"B3\" t=\"b\">"
        "<v>1</v></c><c r=\"C3\" t=\"e\"><v>#N/A</v></c></row>"
        "<row r=\"4\"><c r=\"A4\" t=\"str\"><f>\"x\"&amp;1</f><v>x1</v></c><c r=\"B4\">"
        "<f>1+1</f><v>2</v></c><c r=\"C4\"><f>A1</f></c></row>"
        "<row r=\"5\"><c r=\"B5\" t=\"inlineStr\"><is><t>inne</t></is></c><c r=\"C5\" s=\"1\"/>"
        "</row>",
        "<si><t>V\u00e5rd &amp; omsorg</t></si><si><r><t>Fet</t></r><r><t xml:space="
        "\"preserve\"> text</t></r><rPh sb=\"0\" eb=\"1\"><t>FURIGANA</t></rPh></si>"
        "<si><t>rad_x000D_\nny_x005F_x000D_</t></si>",
        NULL,
        "1: V\u00e5rd & omsorg|Fet text|rad\nny_x000D_\n3: n0.75000000000000011|bTRUE|!#N/A\n"
        "4: x1|n2|!=\n5: |inne\n");
}

static void dates_are_told_by_their_format(void **state)
{
    (void)state;
    made_expect(
        "<row r=\"1\"><c r=\"A1\" s=\"1\"><v>44735</v></c><c r=\"B1\" s=\"3\"><v>44735</v></c>"
        "<c r=\"C1\" s=\"2\"><v>0.75</v></c><c r=\"D1\"><v>44735</v></c>"
        "<c r=\"E1\" s=\"5\"><v>0.5</v></c><c r=\"F1\" s=\"1\"><v>44735.5</v></c>"
        "<c r=\"G1\" t=\"d\"><v>2022-06-23T00:00:00</v></c></row>",
        NULL, NULL, "1: d2022-06-23|d2022-06-23|n0.75|n44735|n0.5|d44735.5|d2022-06-23\n");
}

/* Serial 60 is 1900-02-29, which never was; what comes before it is counted from a day later. */
static void both_date_systems_hold(void **state)
{
    (void)state;
    static const char rows[] =
        "<row><c s=\"1\"><v>1</v></c><c s=\"1\"><v>59</v></c><c s=\"1\"><v>60</v></c>"
        "<c s=\"1\"><v>61</v></c><c s=\"1\"><v>0</v></c><c s=\"1\"><v>-1</v></c>"
        "<c s=\"1\"><v>43273</v></c></row>";

    made_expect(rows, NULL, NULL,
                "1: d1900-01-01|d1900-02-28|d60|d1900-03-01|d0|d-1|d2018-06-22\n");
    made_expect(rows, NULL, "<workbookPr date1904=\"1\"/>",
                "1: d1904-01-02|d1904-02-29|d1904-03-01|d1904-03-02|d1904-01-01|d-1|d2022-06-23\n");
}

static void cells_without_places_follow_each_other(void **state)
{
    (void)state;
    made_expect("<row><c><v>1</v></c><c/><c><v>3</v></c></row><row/><row><c r=\"C3\"><v>4</v></c>"
                "<c><v>5</v></c></row>",
                NULL, NULL, "1: n1||n3\n3: ||n4|n5\n");
}

static void the_sheet_is_chosen(void **state)
{
    (void)state;
    static const char book[] =
        "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
        "<sheets><sheet name=\"Dolt\" sheetId=\"1\" state=\"hidden\" r:id=\"a\"/>"
        "<sheet name=\"Först\" sheetId=\"2\" r:id=\"b\"/><sheet name=\"Sen\" sheetId=\"3\""
        " r:id=\"c\"/></sheets></workbook>";
    static const char relations[] =
        "<Relationships><Relationship Id=\"c\" Type=\"x/worksheet\" Target=\"3.xml\"/>"
        "<Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"1.xml\"/>"
        "<Relationship Id=\"b\" Type=\"x/worksheet\" Target=\"/xl/2.xml\"/></Relationships>";
    const struct xlsx_part parts[] = {
        {.name = "_rels/.rels", .bytes = xlsx_root_relations},
        {.name = "xl/workbook.xml", .bytes = book},
        {.name = "xl/_rels/workbook.xml.rels", .bytes = relations},
        {.name = "xl/1.xml", .bytes = "<a><sheetData><row><c><v>1</v></c></row></sheetData></a>"},
        {.name = "xl/2.xml", .bytes = "<a><sheetData><row><c><v>2</v></c></row></sheetData></a>"},
        {.name = "xl/3.xml", .bytes = "<a><sheetData><row><c><v>3</v></c></row></sheetData></a>"},
    };
    struct niva_text made = zip_make(parts, 6, false, NULL);
    struct niva_sheet sheet;
    struct niva_error err;

    sheet_expect(made.data, made.length, "1: n2\n");
    assert_true(niva_sheet_read((uint8_t *)made.data, made.length, "Sen", arena, &sheet, &err));
    assert_string_equal(sheet.name, "Sen");
    assert_string_equal(sheet.rows[0].cells[0].text, "3");
    assert_false(niva_sheet_read((uint8_t *)made.data, made.length, "Saknas", arena, &sheet, &err));
    assert_string_equal(err.violations[0].reason, "SHEET_UNKNOWN");
    niva_text_free(&made);
}

static void what_libxlsxwriter_writes_is_read(void **state)
{
    (void)state;
    char path[] = "/tmp/niva-xlsx-XXXXXX";
    int file = mkstemp(path);
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *day;
    lxw_format *percent;
    lxw_datetime date = {.year = 2022, .month = 6, .day = 23};
    static char bytes[64 << 10];
    FILE *stream;
    size_t size;

    assert_true(file >= 0);
    close(file);
    book = workbook_new(path);
    sheet = workbook_add_worksheet(book, NULL);
    day = workbook_add_format(book);
    format_set_num_format(day, "yyyy-mm-dd");
    percent = workbook_add_format(book);
    format_set_num_format(percent, "0 %");
    worksheet_write_string(sheet, 0, 0, "Vårdcentral", NULL);
    worksheet_write_datetime(sheet, 1, 0, &date, day);
    worksheet_write_number(sheet, 1, 1, 0.75, percent);
    worksheet_write_boolean(sheet, 1, 2, 1, NULL);
    worksheet_write_blank(sheet, 1, 3, day);
    worksheet_write_number(sheet, 2, 0, 0.1 + 0.2, NULL);
    assert_int_equal(workbook_close(book), LXW_NO_ERROR);
    stream = fopen(path, "rb");
    assert_non_null(stream);
    size = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    unlink(path);
    sheet_expect(bytes, size, "1: Vårdcentral\n2: d2022-06-23|n0.75|bTRUE\n3: n0.3\n");
}

/* ---- as a stranger might ---- */

static void what_is_no_xlsx_is_refused(void **state)
{
    (void)state;
    const struct xlsx_part part = {.name = "readme.txt", .bytes = "hej"};
    struct niva_text made = zip_make(&part, 1, true, NULL);

    sheet_refused(made.data, made.length, "NOT_A_SHEET");
    niva_text_free(&made);
    sheet_refused("PK\3\4 nonsense", 13, "BROKEN");
    sheet_refused("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "ENCRYPTED");
}

static void an_encrypted_zip_is_refused(void **state)
{
    (void)state;
    const struct xlsx_part part = {.name = "_rels/.rels", .bytes = xlsx_root_relations};
    struct niva_text made = zip_make(&part, 1, true, "hemligt");

    sheet_refused(made.data, made.length, "ENCRYPTED");
    niva_text_free(&made);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct niva_text made = xlsx_make("<row><c><v>1</v></c></row>", "<si><t>x</t></si>", NULL);

    for (size_t size = 2; size < made.length; size++) {
        sheet_refused(made.data, size, "BROKEN");
        niva_arena_reset(arena);
    }
    niva_text_free(&made);
}

/* Every byte of the local headers and the directory in turn is made a lie. It is refused or read to
 * the end; nothing else. */
static void altered_bytes_do_no_harm(void **state)
{
    (void)state;
    struct niva_text made = xlsx_make("<row><c><v>1</v></c></row>", NULL, NULL);

    for (size_t i = 0; i < made.length; i++) {
        char kept = made.data[i];
        struct niva_sheet sheet;
        struct niva_error err;

        made.data[i] = (char)~kept;
        if (!niva_sheet_read((uint8_t *)made.data, made.length, NULL, arena, &sheet, &err))
            assert_true(err.code == NIVA_INVALID_ARGUMENT);
        made.data[i] = kept;
        niva_arena_reset(arena);
    }
    niva_text_free(&made);
}

static struct niva_text spaces_made(size_t size)
{
    char *spaces = malloc(size);
    struct niva_text rows = {0};
    struct niva_text made;

    assert_non_null(spaces);
    memset(spaces, ' ', size);
    niva_text_puts(&rows, "<row><c><v>1</v></c></row>");
    niva_text_append(&rows, spaces, size);
    assert_false(rows.failed);
    made = xlsx_make(rows.data, NULL, NULL);
    niva_text_free(&rows);
    free(spaces);
    return made;
}

/* 200 MiB of spaces in 200 kB: stopped long before the end. */
static void a_zip_bomb_is_refused_at_once(void **state)
{
    (void)state;
    struct niva_text made = spaces_made((size_t)200 << 20);
    int64_t begun = niva_clock_monotonic_ms();

    assert_true(made.length < 1 << 20);
    sheet_refused(made.data, made.length, "TOO_LARGE");
    assert_true(niva_clock_monotonic_ms() - begun < 1000);
    assert_true(niva_arena_used(arena) < 1 << 20);
    niva_text_free(&made);
}

/* What the zip says of sizes is not believed: the same bomb that claims to be small. */
static void a_lying_zip_is_refused(void **state)
{
    (void)state;
    struct niva_text made = spaces_made((size_t)40 << 20);
    size_t lies = 0;

    for (size_t i = 0; i + 46 < made.length; i++) {
        if (memcmp(made.data + i, "PK\1\2", 4) == 0 && (uint8_t)made.data[i + 27] > 0) {
            memcpy(made.data + i + 24, "\0\1\0\0", 4); /* unpacked size in the directory */
            lies++;
        }
        if (memcmp(made.data + i, "PK\3\4", 4) == 0 && (uint8_t)made.data[i + 25] > 0)
            memcpy(made.data + i + 22, "\0\1\0\0", 4);
    }
    assert_true(lies > 0);
    {
        struct niva_sheet sheet;
        struct niva_error err;

        assert_false(niva_sheet_read((uint8_t *)made.data, made.length, NULL, arena, &sheet, &err));
        if (strcmp(err.violations[0].reason, "BROKEN") != 0)
            assert_string_equal(err.violations[0].reason, "TOO_LARGE");
    }
    niva_text_free(&made);
}

static void a_zip_of_too_many_parts_is_refused(void **state)
{
    (void)state;
    static struct xlsx_part parts[NIVA_SHEET_ENTRIES_MAX + 1];
    static char names[NIVA_SHEET_ENTRIES_MAX + 1][16];
    struct niva_text made;

    for (size_t i = 0; i <= NIVA_SHEET_ENTRIES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        parts[i] = (struct xlsx_part){.name = names[i], .bytes = "x"};
    }
    made = zip_make(parts, NIVA_SHEET_ENTRIES_MAX + 1, false, NULL);
    sheet_refused(made.data, made.length, "TOO_LARGE");
    niva_text_free(&made);
}

/* A sheet that is a whole document of its own. */
/* Two parts of one name: one is read here, another one elsewhere. */
static void a_name_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    static const struct xlsx_part parts[] = {
        {.name = "_rels/.rels", .bytes = "<a/>"},
        {.name = "xl/a.xml", .bytes = "<a/>"},
        {.name = "xl/b.xml", .bytes = "<b/>"},
    };
    struct niva_text made = zip_make(parts, 3, false, NULL);

    for (size_t i = 0; i + 8 <= made.length; i++)
        if (memcmp(made.data + i, "xl/b.xml", 8) == 0)
            made.data[i + 3] = 'A';
    sheet_refused(made.data, made.length, "BROKEN");
    niva_text_free(&made);
}

/* As many formats and styles as a file may have are looked up at once, not each among all. */
static void many_formats_are_read_at_once(void **state)
{
    (void)state;
    struct niva_text styles = {0};
    struct timespec begun;
    struct timespec ended;
    struct niva_text made;

    niva_text_puts(&styles, "<styleSheet><numFmts>");
    for (int i = 0; i < 65000; i++)
        niva_text_printf(&styles, "<numFmt numFmtId=\"%d\" formatCode=\"0.0\"/>", i % 2 + 400);
    niva_text_puts(&styles, "<numFmt numFmtId=\"700\" formatCode=\"yyyy\"/></numFmts><cellXfs>");
    for (int i = 0; i < 65000; i++)
        niva_text_puts(&styles, "<xf numFmtId=\"700\"/>");
    niva_text_puts(&styles, "</cellXfs></styleSheet>");
    assert_false(styles.failed);
    const struct xlsx_part parts[] = {
        {.name = "_rels/.rels", .bytes = xlsx_root_relations},
        {.name = "xl/workbook.xml",
         .bytes = "<workbook xmlns:r=\"r\"><sheets><sheet name=\"Blad1\" r:id=\"rId1\"/></sheets>"
                  "</workbook>"},
        {.name = "xl/_rels/workbook.xml.rels", .bytes = xlsx_relations},
        {.name = "xl/styles.xml", .bytes = styles.data},
        {.name = "xl/sharedStrings.xml", .bytes = "<sst/>"},
        {.name = "xl/worksheets/sheet1.xml",
         .bytes = "<worksheet><sheetData><row><c s=\"64999\"><v>44735</v></c></row></sheetData>"
                  "</worksheet>"},
    };
    made = zip_make(parts, sizeof parts / sizeof *parts, false, NULL);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    sheet_expect(made.data, made.length, "1: d2022-06-23\n");
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
    if (ended.tv_sec - begun.tv_sec > 1)
        fail_msg("expected less than 2 s of work, actual %ld s",
                 (long)(ended.tv_sec - begun.tv_sec));
    niva_text_free(&styles);
    niva_text_free(&made);
}

static void document_refused(const char *document, size_t size, const char *reason)
{
    struct xlsx_part parts[] = {
        {.name = "_rels/.rels", .bytes = xlsx_root_relations},
        {.name = "xl/workbook.xml", .bytes = document, .size = size},
    };
    struct niva_text made = zip_make(parts, 2, false, NULL);

    sheet_refused(made.data, made.length, reason);
    niva_text_free(&made);
}

static void entities_and_document_types_are_refused(void **state)
{
    (void)state;
    document_refused("<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]>"
                     "<a>&c;&c;&c;&c;</a>",
                     0, "XML_DOCTYPE");
    document_refused("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", 0, "XML_DOCTYPE");
    document_refused("<a>&unknown;</a>", 0, "BROKEN");
}

static void deep_and_broken_xml_is_refused(void **state)
{
    (void)state;
    struct niva_text deep = {0};

    for (int i = 0; i < 100000; i++)
        niva_text_puts(&deep, "<a>");
    document_refused(deep.data, deep.length, "XML_TOO_DEEP");
    niva_text_free(&deep);
    document_refused("<a><b></a>", 0, "BROKEN");
    document_refused("<a", 0, "BROKEN");
    document_refused("<workbook/>", 0, "BROKEN");
}

/* One attribute of 8 MiB would be read anew with each piece of it. */
static void a_token_without_end_is_refused(void **state)
{
    (void)state;
    size_t size = (size_t)8 << 20;
    char *endless = malloc(size);
    int64_t begun = niva_clock_monotonic_ms();

    assert_non_null(endless);
    for (size_t i = 0; i < size; i++)
        endless[i] = (char)('a' + i % 23);
    memcpy(endless, "<a b=\"", 6);
    document_refused(endless, size, "TOO_LARGE");
    assert_true(niva_clock_monotonic_ms() - begun < 2000);
    free(endless);
}

static void places_that_cannot_be_are_refused(void **state)
{
    (void)state;
    made_refused("<row r=\"2\"><c><v>1</v></c></row><row r=\"1\"><c><v>1</v></c></row>", NULL,
                 "BROKEN");
    made_refused("<row r=\"2\"/><row r=\"2\"/>", NULL, "BROKEN");
    made_refused("<row r=\"1\"><c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>1</v></c></row>", NULL,
                 "BROKEN");
    made_refused("<row r=\"1\"><c r=\"A2\"><v>1</v></c></row>", NULL, "BROKEN");
    made_refused("<row r=\"0\"><c><v>1</v></c></row>", NULL, "BROKEN");
    made_refused("<row r=\"-1\"/>", NULL, "BROKEN");
    made_refused("<row r=\"1\"><c r=\"1A\"><v>1</v></c></row>", NULL, "BROKEN");
    made_refused("<row r=\"1\"><c t=\"s\"><v>7</v></c></row>", "<si><t>x</t></si>", "BROKEN");
    made_refused("<row r=\"1\"><c t=\"s\"><v>-1</v></c></row>", "<si><t>x</t></si>", "BROKEN");
    made_refused("<row r=\"100001\"><c><v>1</v></c></row>", NULL, "TOO_LARGE");
    made_refused("<row r=\"1\"><c r=\"IW1\"><v>1</v></c></row>", NULL, "TOO_LARGE");
    made_refused("<row r=\"1\"><c r=\"ZZZZZZZZZZ1\"><v>1</v></c></row>", NULL, "BROKEN");
    made_refused("", NULL, "EMPTY");
    made_expect("<row r=\"1\"><c r=\"A1\"><v>1,5</v></c></row>", NULL, NULL, "1: n1,5\n");
    made_expect("<row r=\"1\"><c r=\"A1\"><v>abc</v></c></row>", NULL, NULL, "1: !abc\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_read_by_their_type),
        cmocka_unit_test(dates_are_told_by_their_format),
        cmocka_unit_test(both_date_systems_hold),
        cmocka_unit_test(cells_without_places_follow_each_other),
        cmocka_unit_test(the_sheet_is_chosen),
        cmocka_unit_test(what_libxlsxwriter_writes_is_read),
        cmocka_unit_test(what_is_no_xlsx_is_refused),
        cmocka_unit_test(an_encrypted_zip_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(altered_bytes_do_no_harm),
        cmocka_unit_test(a_zip_bomb_is_refused_at_once),
        cmocka_unit_test(a_lying_zip_is_refused),
        cmocka_unit_test(a_zip_of_too_many_parts_is_refused),
        cmocka_unit_test(a_name_that_is_there_twice_is_refused),
        cmocka_unit_test(many_formats_are_read_at_once),
        cmocka_unit_test(entities_and_document_types_are_refused),
        cmocka_unit_test(deep_and_broken_xml_is_refused),
        cmocka_unit_test(a_token_without_end_is_refused),
        cmocka_unit_test(places_that_cannot_be_are_refused),
    };
    int failed = cmocka_run_group_tests(tests, arena_open, arena_close);

    return failed ? 1 : 0;
}
