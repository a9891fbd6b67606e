/* Text as a terminal shows it. What comes from outside cannot act on the terminal: control and
 * direction characters, and bytes that are no characters, are shown as "?". */
#ifndef NIVA_NIVACTL_SHOW_H
#define NIVA_NIVACTL_SHOW_H

#include <stdio.h>

#include "services/common/base/text.h"

/* Columns that a text takes on a terminal: combining and zero-width characters take none, wide
 * (East Asian, emoji) ones two. */
size_t text_columns(const char *text);

/* Appends a string as it may be shown. */
void text_show(struct niva_text *text, const char *string);

/* Like fprintf, for sentences with words from outside; only the line feeds act. */
void show(FILE *stream, const char *format, ...) NIVA_PRINTF(2, 3);

#endif
