/* Tables of cells from files as Swedish Excel writes them: CSV (semicolon, tab or comma; quotes;
 * UTF-8 with or without a byte order mark, else Windows-1252) and XLSX (the first visible sheet, or
 * a named one). A file comes from a stranger: it is read from memory in one pass, into an arena,
 * within the limits below, whatever it claims of itself. The room knows no units and no reports;
 * what columns mean is said by whoever reads them (form.h).
 *
 * A cell is text, a number as it was written, a day, or a truth value; a cell with nothing but
 * spaces is blank, and blank is *not given*, never 0. Rows without any content are passed over, but
 * rows keep the numbers that a spreadsheet shows. */
#ifndef NIVA_COMMON_SHEETS_SHEET_H
#define NIVA_COMMON_SHEETS_SHEET_H

#include "services/common/base/arena.h"
#include "services/common/base/day.h"

/* Limits of every file. */
enum {
    NIVA_SHEET_ROWS_MAX = 100000,        /* the greatest row number */
    NIVA_SHEET_COLUMNS_MAX = 256,        /* the greatest column number: IV */
    NIVA_SHEET_CELLS_MAX = 1000000,      /* with content */
    NIVA_SHEET_CELL_BYTES_MAX = 32767,   /* of one cell, UTF-8 */
    NIVA_SHEET_ENTRIES_MAX = 1000,       /* of the zip */
    NIVA_SHEET_XML_BYTES_MAX = 64 << 20, /* of all parts that are read, unpacked */
    NIVA_SHEET_RATIO_MAX = 250,          /* unpacked to packed, of a part beyond 1 MiB */
    NIVA_SHEET_XML_DEPTH_MAX = 32,       /* nested elements */
    NIVA_SHEET_STRINGS_MAX = 1000000,    /* shared strings */
    NIVA_SHEET_STYLES_MAX = 65536,       /* cell formats */
    NIVA_SHEET_ARENA_BYTES = 192 << 20,  /* an arena that any good file fits into */
};

enum niva_sheet_format { NIVA_SHEET_CSV = 1, NIVA_SHEET_XLSX };

enum niva_cell_kind {
    NIVA_CELL_BLANK,
    NIVA_CELL_TEXT,   /* `text`; every cell of a CSV that is not blank */
    NIVA_CELL_NUMBER, /* `text` as it is stored: "0.75000000000000011", "7.5E-1" */
    NIVA_CELL_DATE,   /* a number that is shown as a date; `text` as it is stored */
    NIVA_CELL_BOOL,   /* `text` is "TRUE" or "FALSE" */
    NIVA_CELL_BROKEN, /* "#N/A", or a formula without a value; `text` is what is shown */
};

struct niva_cell {
    enum niva_cell_kind kind;
    const char
        *text; /* UTF-8, without spaces at its ends; "" when blank; line feeds may be inside */
    /* Of numbers and dates: the day of the serial, in the date system of the file; NIVA_DAY_NONE
     * for what is no whole number or lies outside the calendar. */
    niva_day day;
};

struct niva_sheet_row {
    int32_t number;          /* from 1 */
    size_t count;            /* of cells, to the last one with content */
    struct niva_cell *cells; /* by column, the first one is A */
};

struct niva_sheet {
    enum niva_sheet_format format;
    const char *name; /* of the sheet; "" in a CSV */
    size_t row_count;
    struct niva_sheet_row *rows;
};

/* What a file is, by its first bytes alone. A zip is an XLSX; all else counts as CSV. */
enum niva_sheet_format niva_sheet_sniff(const uint8_t *bytes, size_t size);

/* Reads a file. `name` is the sheet that is meant, NULL for the first visible one (a CSV has none).
 * Cells live in the arena. What cannot be read is INVALID_ARGUMENT of the field "content"; its
 * reasons: EMPTY, NOT_A_SHEET, ENCRYPTED, BROKEN, TEXT_ENCODING, SEPARATOR_UNCLEAR, QUOTE_UNCLOSED,
 * QUOTE_MISPLACED, XML_DOCTYPE, XML_TOO_DEEP, TOO_LARGE (a limit above), SHEET_UNKNOWN.
 * RESOURCE_EXHAUSTED when the arena is full. */
bool niva_sheet_read(const uint8_t *bytes, size_t size, const char *name, struct niva_arena *arena,
                     struct niva_sheet *ret_sheet, struct niva_error *err) NIVA_MUST_CHECK;

/* The letters of a column: 0 is "A", 27 is "AB". */
void niva_sheet_column_name(size_t column, char ret_name[8]);

#endif
