/* XLSX files made by hand, part by part, as Excel and others write them, and as a stranger might.
 */
#ifndef NIVA_TESTS_SUPPORT_XLSX_MAKER_H
#define NIVA_TESTS_SUPPORT_XLSX_MAKER_H

#include "services/common/base/text.h"

struct xlsx_part {
    const char *name;
    const char *bytes;
    size_t size; /* 0: the bytes are a string */
};

/* A zip of these parts, deflated, or stored as they are. With a password its parts are encrypted.
 * The caller frees the text. */
struct niva_text zip_make(const struct xlsx_part *parts, size_t count, bool deflated,
                          const char *password);

/* An XLSX with one worksheet "Blad1" and its content between <sheetData> and </sheetData>.
 * `strings` are those that are shared, as <si>…</si> (NULL: none); formats: 0 is General, 1 a date
 * (built in), 2 a percentage, 3 a date of the file's own ("yyyy\-mm\-dd"), 4 "0.00", 5 a time.
 * `workbook` stands in front of its <sheets> (NULL: nothing). */
struct niva_text xlsx_make(const char *rows, const char *strings, const char *workbook);

extern const char *const xlsx_root_relations;
extern const char *const xlsx_relations;
extern const char *const xlsx_styles;

#endif
