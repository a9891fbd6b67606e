#include "services/letters/fonts.h"

#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT "\uFFFD"

struct font_file {
    const char *path;
    const char *package;
};

static const struct font_file files[] = {
    {"/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf", "fonts-liberation2"},
    {"/usr/share/fonts/truetype/liberation2/LiberationSans-Bold.ttf", "fonts-liberation2"},
    {"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "fonts-dejavu-core"},
    {"/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", "fonts-dejavu-core"},
};

static bool font_missing(const struct font_file *file, struct niva_error *err)
{
    char text_sv[160];
    char text_en[160];

    snprintf(text_sv, sizeof text_sv, "Typsnittet %s saknas: installera paketet %s.",
             strrchr(file->path, '/') + 1, file->package);
    snprintf(text_en, sizeof text_en, "The font %s is missing: install the package %s.",
             strrchr(file->path, '/') + 1, file->package);
    return niva_fail(err, NIVA_UNAVAILABLE, text_sv, text_en);
}

static bool files_add(struct fonts *fonts, struct niva_error *err)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!FcConfigAppFontAddFile(fonts->config, (const FcChar8 *)files[i].path))
            return font_missing(&files[i], err);
    return true;
}

static bool characters_join(struct fonts *fonts)
{
    const FcFontSet *set = FcConfigGetFonts(fonts->config, FcSetApplication);
    FcCharSet *characters;

    fonts->characters = FcCharSetCreate();
    for (int i = 0; fonts->characters != NULL && set != NULL && i < set->nfont; i++)
        if (FcPatternGetCharSet(set->fonts[i], FC_CHARSET, 0, &characters) != FcResultMatch ||
            !FcCharSetMerge(fonts->characters, characters, NULL))
            return false;
    return fonts->characters != NULL;
}

/* Glyphs lie where the font's own measures put them: there is no screen whose pixels they fit. */
static void context_make(struct fonts *fonts, const char *language)
{
    cairo_font_options_t *options = cairo_font_options_create();

    fonts->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts->map), fonts->config);
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(fonts->map), 72);
    fonts->context = pango_font_map_create_context(fonts->map);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(fonts->context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(fonts->context, FALSE);
    pango_context_set_base_dir(fonts->context, PANGO_DIRECTION_LTR);
    pango_context_set_language(fonts->context, pango_language_from_string(language));
}

bool fonts_open(struct fonts *fonts, const char *language, struct niva_error *err)
{
    *fonts = (struct fonts){.config = FcConfigCreate()};
    if (fonts->config == NULL)
        return niva_fail_memory(err);
    if (!files_add(fonts, err))
        return false;
    if (!characters_join(fonts))
        return niva_fail_memory(err);
    context_make(fonts, language);
    return true;
}

void fonts_close(struct fonts *fonts)
{
    if (fonts->context != NULL)
        g_object_unref(fonts->context);
    if (fonts->map != NULL) {
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts->map), NULL); /* it would keep it */
        g_object_unref(fonts->map);
    }
    if (fonts->characters != NULL)
        FcCharSetDestroy(fonts->characters);
    if (fonts->config != NULL)
        FcConfigDestroy(fonts->config);
    *fonts = (struct fonts){0};
}

static bool invisible(gunichar character)
{
    return character == 0xad || (character >= 0x200b && character <= 0x200d) ||
           character == 0x2060 || character == 0xfeff;
}

static void character_clean(const struct fonts *fonts, const char *bytes, size_t size,
                            gunichar character, struct niva_text *text)
{
    if (character == '\n' || character == 0x2028 || character == 0x2029)
        niva_text_puts(text, " \n"); /* the words stay apart where lines are not seen */
    else if (character == '\t')
        niva_text_puts(text, " ");
    else if (character == '\r' || invisible(character))
        return;
    else if (g_unichar_iscntrl(character) || g_unichar_type(character) == G_UNICODE_FORMAT ||
             !FcCharSetHasChar(fonts->characters, character))
        niva_text_puts(text, REPLACEMENT);
    else
        niva_text_append(text, bytes, size);
}

void fonts_clean(const struct fonts *fonts, const char *string, struct niva_text *text)
{
    while (*string != '\0') {
        gunichar character = g_utf8_get_char_validated(string, -1);
        size_t size = (size_t)(g_utf8_next_char(string) - string);

        if (character == (gunichar)-1 || character == (gunichar)-2) {
            niva_text_puts(text, REPLACEMENT);
            string++;
            continue;
        }
        character_clean(fonts, string, size, character, text);
        string += size;
    }
}
