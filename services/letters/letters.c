#include "services/letters/letters.h"

#include <cairo-pdf.h>
#include <stdio.h>

#include "services/letters/draw.h"
#include "services/letters/pdf.h"

static cairo_status_t bytes_take(void *closure, const unsigned char *bytes, unsigned size)
{
    struct niva_text *text = closure;

    niva_text_append(text, bytes, size);
    return text->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

static bool press_open(struct press *press, const struct document *document, const char *title,
                       const char *made, struct niva_text *bytes)
{
    press->surface = cairo_pdf_surface_create_for_stream(bytes_take, bytes, 1, 1);
    press->cairo = cairo_create(press->surface);
    cairo_pdf_surface_restrict_to_version(press->surface, CAIRO_PDF_VERSION_1_5);
    cairo_pdf_surface_set_metadata(press->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(press->surface, CAIRO_PDF_METADATA_CREATOR, "Nivå");
    cairo_pdf_surface_set_metadata(press->surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
    (void)document;
    return cairo_status(press->cairo) == CAIRO_STATUS_SUCCESS;
}

static void press_close(struct press *press)
{
    cairo_destroy(press->cairo);
    cairo_surface_destroy(press->surface);
    fonts_close(&press->fonts);
}

/* The title as a reader's window shows it: one line. */
static const char *title_clean(const struct fonts *fonts, const char *title,
                               struct niva_arena *arena)
{
    struct niva_text text = {0};
    struct niva_text line = {0};
    const char *copy = NULL;

    fonts_clean(fonts, title, &text);
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] != '\n')
            niva_text_append(&line, &text.data[i], 1);
    if (!text.failed && !line.failed)
        copy = niva_arena_copy(arena, line.length == 0 ? "" : line.data, line.length);
    niva_text_free(&text);
    niva_text_free(&line);
    return copy;
}

static bool document_press(struct press *press, const struct document *document, const char *title,
                           const char *made, struct niva_arena *arena, struct niva_text *pdf,
                           struct niva_error *err)
{
    struct pdf_facts facts = {document->language, title, made, ""};
    struct niva_text bytes = {0};
    struct niva_text scopes = {0};
    bool pressed = false;

    if (!press_open(press, document, title, made, &bytes))
        niva_fail_memory(err);
    else
        pressed = letter_draw(press, document, arena, &scopes, err);
    cairo_surface_finish(press->surface);
    if (pressed && cairo_surface_status(press->surface) != CAIRO_STATUS_SUCCESS)
        pressed = niva_fail_internal(err, "cairo: %s",
                                     cairo_status_to_string(cairo_surface_status(press->surface)));
    if (scopes.length > 0)
        facts.scopes = scopes.data;
    pressed = pressed && pdf_finish(&bytes, &facts, pdf, err);
    niva_text_free(&bytes);
    niva_text_free(&scopes);
    return pressed && (!pdf->failed || niva_fail_memory(err));
}

bool niva_letter_write(const struct niva_letter_template *letter,
                       const struct niva_letter_values *values, niva_day day,
                       struct niva_arena *arena, struct niva_text *pdf, struct niva_error *err)
{
    struct document document;
    struct press press = {0};
    char made[32];
    const char *title;
    bool written = false;

    if (!document_fill(letter, values, arena, &document, err))
        return false;
    niva_instant_format(niva_local_midnight(day), made);
    if (fonts_open(&press.fonts, document.language, err)) {
        title = title_clean(&press.fonts, document.title, arena);
        written = title == NULL ? niva_fail_memory(err)
                                : document_press(&press, &document, title, made, arena, pdf, err);
    }
    press_close(&press);
    return written;
}
