/* A sheet read as a form: a heading that names its columns, in any order, in Swedish or by an
 * English alias, then rows. What is wrong is not an error of the call but a remark with its row and
 * the name of its column, in Swedish and English; all of them are found, not only the first.
 *
 * A form is read once, from its first row to its last:
 *
 *     niva_remarks_begin(&remarks, arena);
 *     if (niva_form_open(&form, &sheet, columns, COLUMNS, &remarks))
 *         while (niva_form_next(&form))
 *             if (niva_form_number(&form, COLUMN_FTE, 3, true, &milli) == NIVA_GIVEN)
 *                 …
 *     if (remarks.failed) … memory was out
 *     if (remarks.count > 0) … the file is to be refused */
#ifndef NIVA_COMMON_SHEETS_FORM_H
#define NIVA_COMMON_SHEETS_FORM_H

#include "niva/common/v1/common.pb-c.h"
#include "services/common/sheets/sheet.h"

enum {
    NIVA_FORM_COLUMNS_MAX = 24,
    NIVA_REMARKS_MAX = 500, /* then one more that says so */
};

/* ---- remarks ---- */

struct niva_remarks {
    struct niva_arena *arena;
    size_t count;
    Niva__Common__V1__RowMessage **items;
    bool failed; /* the arena is out */
};

void niva_remarks_begin(struct niva_remarks *remarks, struct niva_arena *arena);
/* Adds one. `column` "" is the row as a whole, row 0 the file. Both sentences, printf-like, take
 * the same arguments in the same order. */
void niva_remark(struct niva_remarks *remarks, int32_t row, const char *column, const char *code,
                 const char *format_sv, const char *format_en, ...)
    __attribute__((format(printf, 5, 7), format(printf, 6, 7)));
/* The same with sentences that are made already. */
void niva_remark_text(struct niva_remarks *remarks, int32_t row, const char *column,
                      const char *code, const char *text_sv, const char *text_en);
/* Puts them in the order of their rows; of a row they stay in the order in which they were found.
 */
void niva_remarks_sort(struct niva_remarks *remarks);

/* ---- forms ---- */

struct niva_form_column {
    const char *name;    /* Swedish, as a template spells it */
    const char *aliases; /* in lower case, words apart by spaces, "|" between them */
    bool required;       /* in the heading, and in every row that is asked for it */
};

struct niva_form {
    const struct niva_sheet *sheet;
    const struct niva_form_column *columns;
    size_t column_count;
    size_t at[NIVA_FORM_COLUMNS_MAX]; /* where each column stands; SIZE_MAX: nowhere */
    size_t width;                     /* of the heading */
    size_t next;
    const struct niva_sheet_row *row; /* the present one */
    struct niva_remarks *remarks;
};

/* Reads the heading, the first row with content. False, with remarks, when a column is unknown,
 * there twice or missing. Case, spaces, hyphens and underscores make no difference in names. */
bool niva_form_open(struct niva_form *form, const struct niva_sheet *sheet,
                    const struct niva_form_column *columns, size_t column_count,
                    struct niva_remarks *remarks);
/* Goes to the next row with content; false behind the last one. */
bool niva_form_next(struct niva_form *form);

/* The name of a column as the file spells it. */
const char *niva_form_name(const struct niva_form *form, size_t column);
/* Adds a remark on a cell of the present row. */
#define niva_form_remark(form, column, code, ...)                                                  \
    niva_remark((form)->remarks, (form)->row->number, niva_form_name(form, column), code,          \
                __VA_ARGS__)

/* Cells of the present row. Blank is ABSENT, but a blank one of a required column BAD, with a
 * remark, and so is what cannot be read as what is asked for; `ret_` is untouched then. */
enum niva_given { NIVA_ABSENT, NIVA_GIVEN, NIVA_BAD };

/* Says that a cell is blank that must not be. */
void niva_form_remark_blank(struct niva_form *form, size_t column);
/* Whether a cell is not blank, and whether it is one of some words, "|" between them. */
bool niva_form_has(const struct niva_form *form, size_t column);
bool niva_form_says(const struct niva_form *form, size_t column, const char *words);
/* Any text; numbers as they are stored, days as 2022-06-23. */
enum niva_given niva_form_text(struct niva_form *form, size_t column, const char **ret_text);
/* A day: a date of a spreadsheet, 2022-06-23, 20220623, 2022/06/23, or the serial number of a day
 * of the years 1990 to 2099 (of a CSV counted from 1900); never one whose order could be another.
 */
enum niva_given niva_form_day(struct niva_form *form, size_t column, niva_day *ret_day);
/* A number times 10^decimals, as niva_number_read reads it; a percent sign only where `percent`. */
enum niva_given niva_form_number(struct niva_form *form, size_t column, int decimals, bool percent,
                                 int64_t *ret_value);
/* ja or nej (yes, no; sant, falskt; true, false). */
enum niva_given niva_form_truth(struct niva_form *form, size_t column, bool *ret_value);

/* One of several words, as in names of columns; the list ends with NULL. */
struct niva_form_word {
    const char *words; /* the Swedish one first, "|" between them, as in aliases */
    int value;
};
enum niva_given niva_form_word(struct niva_form *form, size_t column,
                               const struct niva_form_word *words, int *ret_value);

#endif
