/* What cairo leaves out of a tagged PDF: the language, the title shown as the window's, metadata as
 * XMP, which cells head a column or a row, what links say, and that the frame around the letter is
 * an artifact and no part of it. The file is taken apart into its objects and written anew. Private
 * to the room. */
#ifndef NIVA_LETTERS_PDF_H
#define NIVA_LETTERS_PDF_H

#include "services/common/base/text.h"

struct pdf_facts {
    const char *language; /* "sv" */
    const char *title;
    const char *made;   /* RFC 3339 */
    const char *scopes; /* of each TH in order: 'C' or 'R' */
};

/* Appends to `ret_pdf` the finished file. INTERNAL when `made_by_cairo` is not what cairo writes.
 */
bool pdf_finish(const struct niva_text *made_by_cairo, const struct pdf_facts *facts,
                struct niva_text *ret_pdf, struct niva_error *err) NIVA_MUST_CHECK;

/* Appends a page's content with what lies outside of all structure marked as an artifact. */
void content_mark(const char *content, size_t size, struct niva_text *ret_content);

#endif
