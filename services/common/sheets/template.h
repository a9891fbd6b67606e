/* Files to fill in: the columns of a form, as CSV (semicolon, UTF-8 with a byte order mark) or as
 * XLSX with a second sheet that explains them. They hold no rows: what is imported is what somebody
 * wrote. */
#ifndef NIVA_COMMON_SHEETS_TEMPLATE_H
#define NIVA_COMMON_SHEETS_TEMPLATE_H

#include "services/common/sheets/form.h"

struct niva_template {
    const char *sheet; /* its name */
    const char *file;  /* the file's name without its suffix */
    const struct niva_form_column *columns;
    size_t column_count;
    const char *const *notes; /* a sentence in Swedish for each column; NULL: it is left out */
};

/* Makes the file, in the arena; its name ends with ".csv" or ".xlsx". */
bool niva_template_make(const struct niva_template *template, enum niva_sheet_format format,
                        struct niva_arena *arena, Niva__Common__V1__Template **ret_file,
                        struct niva_error *err) NIVA_MUST_CHECK;

#endif
