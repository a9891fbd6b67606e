/* Templates: what they are filled in as can be read, and the same columns give the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/sheets/template.h"
#include "tests/unit/sheets/sheet_rig.h"

static const struct niva_form_column columns[] = {
    {"Enhet", "unit", true}, {"dold", "hidden", false}, {"Årsarbetskraft & <grad>", "fte", false}};
static const char *const notes[] = {"HSA-id.", NULL, "0,75 eller 75 %, aldrig \"<1>\" & så."};
static const struct niva_template template = {"Redovisning", "mall", columns, 3, notes};

static Niva__Common__V1__Template *make(enum niva_sheet_format format)
{
    Niva__Common__V1__Template *file;
    struct niva_error err;

    if (!niva_template_make(&template, format, arena, &file, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    return file;
}

static void a_csv_has_the_headings(void **state)
{
    (void)state;
    const Niva__Common__V1__Template *file = make(NIVA_SHEET_CSV);

    assert_string_equal(file->file_name, "mall.csv");
    assert_string_equal(file->media_type, "text/csv");
    assert_memory_equal(file->content.data,
                        "\xef\xbb\xbf"
                        "Enhet;Årsarbetskraft & <grad>\r\n",
                        file->content.len);
}

static void a_spreadsheet_explains_itself(void **state)
{
    (void)state;
    const Niva__Common__V1__Template *file = make(NIVA_SHEET_XLSX);
    struct niva_remarks remarks;
    struct niva_sheet sheet;
    struct niva_form form;
    struct niva_error err;

    assert_string_equal(file->file_name, "mall.xlsx");
    sheet_expect(file->content.data, file->content.len, "1: Enhet|Årsarbetskraft & <grad>\n");
    assert_true(
        niva_sheet_read(file->content.data, file->content.len, "Förklaring", arena, &sheet, &err));
    assert_int_equal(sheet.row_count, 3);
    assert_string_equal(sheet.rows[1].cells[1].text, "ja");
    assert_string_equal(sheet.rows[2].cells[0].text, "Årsarbetskraft & <grad>");
    assert_string_equal(sheet.rows[2].cells[2].text, "0,75 eller 75 %, aldrig \"<1>\" & så.");
    assert_true(niva_sheet_read(file->content.data, file->content.len, NULL, arena, &sheet, &err));
    niva_remarks_begin(&remarks, arena);
    assert_true(niva_form_open(&form, &sheet, columns, 3, &remarks));
}

static void the_same_columns_give_the_same_bytes(void **state)
{
    (void)state;
    const Niva__Common__V1__Template *first = make(NIVA_SHEET_XLSX);
    const Niva__Common__V1__Template *second = make(NIVA_SHEET_XLSX);

    assert_int_equal(first->content.len, second->content.len);
    assert_memory_equal(first->content.data, second->content.data, first->content.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_csv_has_the_headings),
        cmocka_unit_test(a_spreadsheet_explains_itself),
        cmocka_unit_test(the_same_columns_give_the_same_bytes),
    };
    int failed = cmocka_run_group_tests(tests, arena_open, arena_close);

    return failed ? 1 : 0;
}
