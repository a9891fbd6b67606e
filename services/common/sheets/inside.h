/* Inside the room: what the readers of the formats share. */
#ifndef NIVA_COMMON_SHEETS_INSIDE_H
#define NIVA_COMMON_SHEETS_INSIDE_H

#include <zip.h>

#include "services/common/sheets/sheet.h"

/* A sheet that is being filled, row after row, cell after cell. */
struct sheet_maker {
    struct niva_arena *arena;
    struct niva_error *err;
    size_t row_count;
    size_t row_capacity;
    struct niva_sheet_row *rows;
    size_t cell_total;
    int32_t number;    /* of the row under way; 0: none yet */
    size_t cell_count; /* of the row under way, to its last cell with content */
    struct niva_cell row[NIVA_SHEET_COLUMNS_MAX];
};

void sheet_maker_begin(struct sheet_maker *maker, struct niva_arena *arena, struct niva_error *err);
/* Begins row `number`, which must be greater than the one before; that one is kept. */
bool sheet_row_begin(struct sheet_maker *maker, int64_t number) NIVA_MUST_CHECK;
/* Puts a cell; its text is cut of spaces at its ends and copied. A blank one leaves no trace. */
bool sheet_cell_put(struct sheet_maker *maker, size_t column, enum niva_cell_kind kind,
                    const char *text, size_t size, niva_day day) NIVA_MUST_CHECK;
/* Keeps the last row and hands over all. */
bool sheet_maker_end(struct sheet_maker *maker, struct niva_sheet *ret_sheet) NIVA_MUST_CHECK;

/* INVALID_ARGUMENT of "content". Return false. */
bool sheet_refuse(struct niva_error *err, const char *reason, const char *sv, const char *en);
bool sheet_refuse_large(struct niva_error *err, const char *what_sv, const char *what_en);
bool sheet_refuse_broken(struct niva_error *err);

bool csv_read(const uint8_t *bytes, size_t size, struct niva_arena *arena,
              struct niva_sheet *ret_sheet, struct niva_error *err) NIVA_MUST_CHECK;
bool xlsx_read(const uint8_t *bytes, size_t size, const char *name, struct niva_arena *arena,
               struct niva_sheet *ret_sheet, struct niva_error *err) NIVA_MUST_CHECK;

/* ---- XLSX ---- */

/* An open package: the zip and what may still be unpacked of it. */
struct package {
    zip_t *zip;
    int64_t unpacked; /* bytes, of all parts so far */
    struct niva_arena *arena;
    struct niva_error *err;
};

/* What a part of the package says, element by element. Names are without their namespaces, so are
 * those of attributes; `attributes` is a list of names and values, closed by NULL. The functions
 * return false, with the package's err set, to stop. */
struct xml_reader {
    void *self;
    bool (*begin)(void *self, const char *name, const char *const *attributes);
    bool (*end)(void *self, const char *name);                     /* may be NULL */
    bool (*text)(void *self, const char *characters, size_t size); /* may be NULL */
};

/* Opens a zip in memory. The bytes must outlive it. */
bool package_open(struct package *package, const uint8_t *bytes, size_t size,
                  struct niva_arena *arena, struct niva_error *err) NIVA_MUST_CHECK;
void package_close(struct package *package);
/* Whether there is a part of that name. */
bool package_has(const struct package *package, const char *part);
/* Reads one part through the reader, unpacking it bit by bit. */
bool package_read(struct package *package, const char *part,
                  const struct xml_reader *reader) NIVA_MUST_CHECK;

/* The value of an attribute; NULL when it is not given. */
const char *xml_attribute(const char *const *attributes, const char *name);

/* A relationship that is looked for: by its id, or (id NULL) by the end of its type. */
struct relation {
    const char *id;
    const char *type;
    const char *target; /* the part that was found; NULL: none */
};
/* Looks relationships of a part up ("" for those of the package). */
bool relations_find(struct package *package, const char *part, struct relation *relations,
                    size_t count) NIVA_MUST_CHECK;

/* Texts that are shared by all sheets, and which cell formats show a number as a date. */
struct strings {
    size_t count;
    const char **texts;
};
bool strings_read(struct package *package, const char *part,
                  struct strings *ret_strings) NIVA_MUST_CHECK;
struct styles {
    size_t count;
    bool *dates;
};
bool styles_read(struct package *package, const char *part,
                 struct styles *ret_styles) NIVA_MUST_CHECK;

/* Text that grows within the limit of a cell; what Excel escapes as _x000D_ is undone at its end.
 */
struct cell_text {
    char bytes[NIVA_SHEET_CELL_BYTES_MAX + 1];
    size_t size;
};
bool cell_text_append(struct cell_text *text, const char *characters, size_t size,
                      struct niva_error *err) NIVA_MUST_CHECK;
void cell_text_unescape(struct cell_text *text);

/* A worksheet. */
struct worksheet {
    const struct strings *strings;
    const struct styles *styles;
    bool date1904;
};
bool worksheet_read(struct package *package, const char *part, const struct worksheet *worksheet,
                    struct niva_sheet *ret_sheet) NIVA_MUST_CHECK;

#endif
