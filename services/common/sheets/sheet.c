#include <stdio.h>
#include <string.h>

#include "services/common/sheets/inside.h"

enum { ROWS_FIRST = 64 };

bool sheet_refuse(struct niva_error *err, const char *reason, const char *sv, const char *en)
{
    niva_error_clear(err);
    return niva_fail_violation(err, NIVA_INVALID_ARGUMENT, "content", reason, sv, en);
}

bool sheet_refuse_large(struct niva_error *err, const char *what_sv, const char *what_en)
{
    char text_sv[160];
    char text_en[160];

    snprintf(text_sv, sizeof text_sv, "Filen är för stor: %s. Dela den.", what_sv);
    snprintf(text_en, sizeof text_en, "The file is too large: %s. Split it.", what_en);
    return sheet_refuse(err, "TOO_LARGE", text_sv, text_en);
}

bool sheet_refuse_broken(struct niva_error *err)
{
    return sheet_refuse(err, "BROKEN",
                        "Filen är skadad eller avbruten. Spara den på nytt som XLSX eller CSV.",
                        "The file is damaged or cut short. Save it again as XLSX or CSV.");
}

void niva_sheet_column_name(size_t column, char ret_name[8])
{
    char letters[8];
    size_t count = 0;

    for (column++; column > 0 && count < sizeof letters - 1; column = (column - 1) / 26)
        letters[count++] = (char)('A' + (column - 1) % 26);
    for (size_t i = 0; i < count; i++)
        ret_name[i] = letters[count - 1 - i];
    ret_name[count] = '\0';
}

/* ---- making a sheet ---- */

void sheet_maker_begin(struct sheet_maker *maker, struct niva_arena *arena, struct niva_error *err)
{
    maker->arena = arena;
    maker->err = err;
    maker->row_count = 0;
    maker->row_capacity = 0;
    maker->rows = NULL;
    maker->cell_total = 0;
    maker->number = 0;
    maker->cell_count = 0;
}

static bool rows_grow(struct sheet_maker *maker)
{
    size_t capacity = maker->row_capacity == 0 ? ROWS_FIRST : 2 * maker->row_capacity;
    struct niva_sheet_row *rows = niva_arena_array(maker->arena, capacity, sizeof *rows);

    if (rows == NULL)
        return niva_fail_memory(maker->err);
    if (maker->row_count > 0)
        memcpy(rows, maker->rows, maker->row_count * sizeof *rows);
    maker->rows = rows;
    maker->row_capacity = capacity;
    return true;
}

/* A row without content leaves no trace. */
static bool row_keep(struct sheet_maker *maker)
{
    struct niva_sheet_row row = {.number = maker->number, .count = maker->cell_count};

    if (row.count == 0)
        return true;
    if (maker->row_count == maker->row_capacity && !rows_grow(maker))
        return false;
    row.cells = niva_arena_array(maker->arena, row.count, sizeof *row.cells);
    if (row.cells == NULL)
        return niva_fail_memory(maker->err);
    memcpy(row.cells, maker->row, row.count * sizeof *row.cells);
    maker->rows[maker->row_count++] = row;
    return true;
}

bool sheet_row_begin(struct sheet_maker *maker, int64_t number)
{
    if (!row_keep(maker))
        return false;
    maker->cell_count = 0;
    if (number > NIVA_SHEET_ROWS_MAX)
        return sheet_refuse_large(maker->err, "högst 100 000 rader", "at most 100,000 rows");
    if (number <= maker->number)
        return sheet_refuse_broken(maker->err);
    maker->number = (int32_t)number;
    return true;
}

/* The length of a space at the beginning of a text: ASCII spaces and U+00A0, U+202F, U+FEFF. */
static size_t space_at(const char *text, size_t size)
{
    if (size > 0 && (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r'))
        return 1;
    if (size > 1 && memcmp(text, "\xc2\xa0", 2) == 0)
        return 2;
    if (size > 2 && (memcmp(text, "\xe2\x80\xaf", 3) == 0 || memcmp(text, "\xef\xbb\xbf", 3) == 0))
        return 3;
    return 0;
}

/* The same at the end. */
static size_t space_before(const char *text, size_t size)
{
    for (size_t length = 1; length <= 3 && length <= size; length++)
        if (space_at(text + size - length, length) == length)
            return length;
    return 0;
}

bool sheet_cell_put(struct sheet_maker *maker, size_t column, enum niva_cell_kind kind,
                    const char *text, size_t size, niva_day day)
{
    size_t space;

    while ((space = space_at(text, size)) > 0) {
        text += space;
        size -= space;
    }
    while ((space = space_before(text, size)) > 0)
        size -= space;
    if (size == 0)
        return true;
    if (size > NIVA_SHEET_CELL_BYTES_MAX)
        return sheet_refuse_large(maker->err, "högst 32 767 byte i en cell",
                                  "at most 32,767 bytes in a cell");
    if (column >= NIVA_SHEET_COLUMNS_MAX)
        return sheet_refuse_large(maker->err, "högst 256 kolumner", "at most 256 columns");
    if (++maker->cell_total > NIVA_SHEET_CELLS_MAX)
        return sheet_refuse_large(maker->err, "högst 1 000 000 celler", "at most 1,000,000 cells");
    for (; maker->cell_count <= column; maker->cell_count++)
        maker->row[maker->cell_count] =
            (struct niva_cell){.kind = NIVA_CELL_BLANK, .text = "", .day = NIVA_DAY_NONE};
    maker->row[column] = (struct niva_cell){
        .kind = kind, .text = niva_arena_copy(maker->arena, text, size), .day = day};
    return maker->row[column].text != NULL || niva_fail_memory(maker->err);
}

bool sheet_maker_end(struct sheet_maker *maker, struct niva_sheet *ret_sheet)
{
    if (!row_keep(maker))
        return false;
    if (maker->row_count == 0)
        return sheet_refuse(maker->err, "EMPTY", "Filen har inga rader.", "The file has no rows.");
    ret_sheet->row_count = maker->row_count;
    ret_sheet->rows = maker->rows;
    return true;
}

/* ---- telling the formats apart ---- */

static bool begins_with(const uint8_t *bytes, size_t size, const char *magic, size_t length)
{
    return size >= length && memcmp(bytes, magic, length) == 0;
}

enum niva_sheet_format niva_sheet_sniff(const uint8_t *bytes, size_t size)
{
    return begins_with(bytes, size, "PK", 2) ? NIVA_SHEET_XLSX : NIVA_SHEET_CSV;
}

bool niva_sheet_read(const uint8_t *bytes, size_t size, const char *name, struct niva_arena *arena,
                     struct niva_sheet *ret_sheet, struct niva_error *err)
{
    niva_error_clear(err);
    if (size == 0)
        return sheet_refuse(err, "EMPTY", "Filen är tom.", "The file is empty.");
    if (begins_with(bytes, size, "\xd0\xcf\x11\xe0", 4))
        return sheet_refuse(
            err, "ENCRYPTED",
            "Filen är skyddad med lösenord eller sparad i det gamla formatet XLS. Spara den som "
            "XLSX utan lösenord.",
            "The file has a password or is of the old format XLS. Save it as XLSX without one.");
    return niva_sheet_sniff(bytes, size) == NIVA_SHEET_XLSX
               ? xlsx_read(bytes, size, name, arena, ret_sheet, err)
               : csv_read(bytes, size, arena, ret_sheet, err);
}
