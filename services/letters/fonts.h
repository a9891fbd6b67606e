/* The fonts of letters: Liberation Sans, and DejaVu Sans for characters that it does not have. They
 * are read from their files alone, so that no other font of the machine and none of its settings
 * changes a letter. Private to the room. */
#ifndef NIVA_LETTERS_FONTS_H
#define NIVA_LETTERS_FONTS_H

#include <fontconfig/fontconfig.h>
#include <pango/pango.h>

#include "services/common/base/text.h"

struct fonts {
    FcConfig *config;
    FcCharSet *characters; /* that some font has */
    PangoFontMap *map;
    PangoContext *context;
};

/* Reads the fonts. UNAVAILABLE names the package that is missing. */
bool fonts_open(struct fonts *fonts, const char *language, struct niva_error *err) NIVA_MUST_CHECK;
/* Accepts a zeroed one. */
void fonts_close(struct fonts *fonts);

/* Appends a text as it can be set: line ends are a space and a line feed, other control characters,
 * direction marks and what is no UTF-8 or in no font become U+FFFD, invisible characters go. */
void fonts_clean(const struct fonts *fonts, const char *string, struct niva_text *text);

#endif
