/* PDFs as readers other than ours see them: poppler's programs, run on a file in a temporary
 * directory. What goes wrong on the way fails the test. */
#ifndef NIVA_TESTS_SUPPORT_PDF_READER_H
#define NIVA_TESTS_SUPPORT_PDF_READER_H

#include "services/common/base/text.h"

/* What a command line of the shell prints, in which $PDF is the file: "pdftotext $PDF -". To be
 * freed by the caller. */
char *pdf_ask(const struct niva_text *pdf, const char *command);

/* Fails with both texts unless `text` is that of the golden file; with NIVA_UPDATE_GOLDEN set the
 * file becomes what the text is. */
void golden_check(const char *path, const char *text);

#endif
