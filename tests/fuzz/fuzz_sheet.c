/* Files from a stranger: whatever is read keeps its bounds. Of an even first byte the rest is the
 * file itself; of an odd one it is the XML of a worksheet in a good package. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "services/common/sheets/sheet.h"
#include "tests/support/xlsx_maker.h"

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void sheet_check(const struct niva_sheet *sheet)
{
    int32_t number = 0;

    expect(sheet->row_count > 0 && sheet->row_count <= NIVA_SHEET_ROWS_MAX);
    for (size_t i = 0; i < sheet->row_count; i++) {
        const struct niva_sheet_row *row = &sheet->rows[i];

        expect(row->number > number && row->number <= NIVA_SHEET_ROWS_MAX);
        expect(row->count > 0 && row->count <= NIVA_SHEET_COLUMNS_MAX);
        expect(row->cells[row->count - 1].kind != NIVA_CELL_BLANK);
        for (size_t k = 0; k < row->count; k++) {
            size_t size = strlen(row->cells[k].text);

            expect((size == 0) == (row->cells[k].kind == NIVA_CELL_BLANK));
            expect(size <= NIVA_SHEET_CELL_BYTES_MAX && niva_utf8_valid(row->cells[k].text, size));
        }
        number = row->number;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct niva_arena *arena = niva_arena_new(NIVA_SHEET_ARENA_BYTES);
    struct niva_text made = {0};
    struct niva_sheet sheet;
    struct niva_error err;

    expect(arena != NULL);
    if (size > 1 && data[0] % 2 == 1) {
        const struct xlsx_part parts[] = {
            {.name = "_rels/.rels", .bytes = xlsx_root_relations},
            {.name = "xl/workbook.xml",
             .bytes = "<w xmlns:r=\"r\"><sheet name=\"x\" r:id=\"rId1\"/></w>"},
            {.name = "xl/_rels/workbook.xml.rels",
             .bytes = "<R><Relationship Id=\"rId1\" Type=\"/worksheet\" Target=\"1\"/></R>"},
            {.name = "xl/1", .bytes = (const char *)data + 1, .size = size - 1},
        };

        made = zip_make(parts, sizeof parts / sizeof *parts, false, NULL);
        if (niva_sheet_read((const uint8_t *)made.data, made.length, NULL, arena, &sheet, &err))
            sheet_check(&sheet);
    } else if (size > 0 && niva_sheet_read(data + 1, size - 1, NULL, arena, &sheet, &err)) {
        sheet_check(&sheet);
    }
    niva_text_free(&made);
    niva_arena_free(arena);
    return 0;
}

static void csv_seed(struct random *random, struct niva_text *input)
{
    static const char *const pieces[] = {"Enhet", ";",   "\"",   "\r\n",       "0,75", "75 %",
                                         "\t",    "åäö", "\xe5", "2022-06-23", ",",    "\n"};

    niva_text_append(input, "", 1);
    for (uint64_t i = 0; i < 4 + random_below(random, 40); i++)
        niva_text_puts(input, pieces[random_below(random, sizeof pieces / sizeof *pieces)]);
}

static void sheet_seed(struct random *random, struct niva_text *input)
{
    static const char *const cells[] = {"<c><v>0.75</v></c>",
                                        "<c t=\"s\"><v>0</v></c>",
                                        "<c t=\"inlineStr\"><is><t>x</t></is></c>",
                                        "<c t=\"b\"><v>1</v></c>",
                                        "<c r=\"C1\"/>",
                                        "<c><f>A1</f></c>",
                                        "</row><row>",
                                        "</row><row r=\"9\">",
                                        "<c t=\"d\"><v>2022-06-23</v></c>",
                                        "<c s=\"1\"><v>44735</v></c>"};

    niva_text_puts(input, "\1<w><sheetData><row>");
    for (uint64_t i = 0; i < 1 + random_below(random, 20); i++)
        niva_text_puts(input, cells[random_below(random, sizeof cells / sizeof *cells)]);
    niva_text_puts(input, "</row></sheetData></w>");
}

static void package_seed(struct niva_text *input)
{
    struct niva_text made =
        xlsx_make("<row><c t=\"s\"><v>0</v></c><c s=\"1\"><v>44735</v></c></row>",
                  "<si><t>Enhet</t></si>", NULL);

    niva_text_append(input, "", 1);
    niva_text_append(input, made.data, made.length);
    niva_text_free(&made);
}

void fuzz_seed(struct random *random, struct niva_text *input)
{
    switch (random_below(random, 3)) {
    case 0:
        csv_seed(random, input);
        break;
    case 1:
        sheet_seed(random, input);
        break;
    default:
        package_seed(input);
    }
}
