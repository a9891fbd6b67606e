#include "services/letters/press.h"

#include <pango/pangofc-font.h>
#include <string.h>

enum { LINK_MAX = 400 };

struct look {
    double size;
    double leading;
    bool strong;
    double grey;
};

static const struct look looks[] = {
    [STYLE_TITLE] = {16, 20.5, true, 0},      [STYLE_HEADING] = {11.5, 15, true, 0},
    [STYLE_BODY] = {10.5, 15, false, 0},      [STYLE_CELL] = {9.5, 13, false, 0},
    [STYLE_CELL_STRONG] = {9.5, 13, true, 0}, [STYLE_LETTERHEAD] = {10, 13.5, false, 0},
    [STYLE_REFERENCE] = {9, 13, false, 0},    [STYLE_SMALL] = {8, 11, false, 0.3},
};

/* Of Liberation Sans, in ems. */
static const double ascent = 0.905;
static const double height = 1.117;

static const double link_red = 0.0;
static const double link_green = 0.25;
static const double link_blue = 0.55;

double style_leading(enum style style)
{
    return looks[style].leading;
}

/* ---- layouts ---- */

static void strong_mark(PangoAttrList *marks, size_t from, size_t until)
{
    PangoAttribute *mark = pango_attr_weight_new(PANGO_WEIGHT_BOLD);

    mark->start_index = (guint)from;
    mark->end_index = (guint)until;
    pango_attr_list_insert(marks, mark);
}

/* The colour of a link is drawn by hand; the mark makes a run of its own of it. */
static void link_mark(PangoAttrList *marks, size_t from, size_t until)
{
    PangoAttribute *mark = pango_attr_foreground_new(0, 0x4000, 0x8c00);

    mark->start_index = (guint)from;
    mark->end_index = (guint)until;
    pango_attr_list_insert(marks, mark);
}

static void spans_mark(const struct fonts *fonts, const struct span *spans, struct niva_text *text,
                       PangoAttrList *marks)
{
    for (; spans != NULL; spans = spans->next) {
        size_t from = text->length;

        fonts_clean(fonts, spans->text, text);
        if (spans->strong)
            strong_mark(marks, from, text->length);
        if (spans->link != NULL)
            link_mark(marks, from, text->length);
    }
}

static PangoLayout *layout_new(const struct press *press, enum style style, double width)
{
    PangoLayout *layout = pango_layout_new(press->fonts.context);
    PangoFontDescription *font = pango_font_description_new();

    pango_font_description_set_family_static(font, "Liberation Sans,DejaVu Sans");
    pango_font_description_set_absolute_size(font, looks[style].size * PANGO_SCALE);
    if (looks[style].strong)
        pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_auto_dir(layout, FALSE);
    return layout;
}

PangoLayout *layout_make(struct press *press, const struct span *spans, enum style style,
                         double width)
{
    struct niva_text text = {0};
    PangoAttrList *marks = pango_attr_list_new();
    PangoLayout *layout = layout_new(press, style, width);

    pango_attr_list_insert(marks, pango_attr_insert_hyphens_new(FALSE));
    spans_mark(&press->fonts, spans, &text, marks);
    if (text.failed)
        press->failed = true;
    else
        pango_layout_set_text(layout, text.length == 0 ? "" : text.data, (int)text.length);
    pango_layout_set_attributes(layout, marks);
    pango_attr_list_unref(marks);
    niva_text_free(&text);
    return layout;
}

PangoLayout *layout_plain(struct press *press, const char *text, enum style style, double width)
{
    struct span span = {.text = text};

    return layout_make(press, &span, style, width);
}

PangoLayout *layout_free(PangoLayout *layout)
{
    if (layout != NULL)
        g_object_unref(layout);
    return NULL;
}

size_t layout_lines(PangoLayout *layout)
{
    return (size_t)pango_layout_get_line_count(layout);
}

/* ---- drawing ---- */

static void grey_set(struct press *press, double grey)
{
    cairo_set_source_rgb(press->cairo, grey, grey, grey);
}

static double baseline(enum style style)
{
    const struct look *look = &looks[style];

    return (look->leading - height * look->size) / 2 + ascent * look->size;
}

/* pango takes the space away at which it broke a line; it is set again, without width, so that the
 * words stay apart for who reads the text without seeing the lines. */
static void space_restore(const PangoLayoutLine *line)
{
    const char *text = pango_layout_get_text(line->layout);

    for (GSList *runs = line->runs; runs != NULL; runs = runs->next) {
        const PangoLayoutRun *run = runs->data;
        PangoFcFont *font = PANGO_FC_FONT(run->item->analysis.font);

        for (int i = 0; i < run->glyphs->num_glyphs; i++)
            if (run->glyphs->glyphs[i].glyph == PANGO_GLYPH_EMPTY &&
                text[run->item->offset + run->glyphs->log_clusters[i]] == ' ')
                run->glyphs->glyphs[i].glyph = pango_fc_font_get_glyph(font, ' ');
    }
}

static double line_width(PangoLayoutLine *line)
{
    PangoRectangle logical;

    pango_layout_line_get_extents(line, NULL, &logical);
    return (double)logical.width / PANGO_SCALE;
}

void lines_draw(struct press *press, PangoLayout *layout, enum style style, size_t first,
                size_t count, struct lines_at at)
{
    for (size_t i = 0; i < count; i++) {
        PangoLayoutLine *line = pango_layout_get_line(layout, (int)(first + i));
        double y = at.y + (double)i * looks[style].leading + baseline(style);

        if (line == NULL)
            return;
        space_restore(line);
        grey_set(press, looks[style].grey);
        cairo_move_to(press->cairo, at.right ? at.x + at.width - line_width(line) : at.x, y);
        pango_cairo_show_layout_line(press->cairo, line);
    }
}

/* ---- links ---- */

bool link_valid(const char *target)
{
    static const char *const schemes[] = {"mailto:", "tel:", "https://"};
    static const char others[] = "-._~:/?#@!$&+,;=%";
    bool known = false;

    if (strlen(target) > LINK_MAX)
        return false;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        known = known || (strncmp(target, schemes[i], strlen(schemes[i])) == 0 &&
                          target[strlen(schemes[i])] != '\0');
    for (; known && *target != '\0'; target++)
        known = g_ascii_isalnum(*target) || strchr(others, *target) != NULL;
    return known;
}

/* The link of the byte at `index` of the text that was set; NULL: none. */
static const char *link_at(const struct press *press, const struct span *spans, size_t index)
{
    size_t end = 0;

    for (; spans != NULL; spans = spans->next) {
        struct niva_text text = {0};

        fonts_clean(&press->fonts, spans->text, &text);
        end += text.length;
        niva_text_free(&text);
        if (index < end)
            return spans->link != NULL && link_valid(spans->link) ? spans->link : NULL;
    }
    return NULL;
}

static void run_draw(struct press *press, PangoLayout *layout, PangoLayoutRun *run,
                     const char *link)
{
    char attributes[LINK_MAX + 16];
    double x;
    double y;
    double width = (double)pango_glyph_string_get_width(run->glyphs) / PANGO_SCALE;
    const char *tag = link == NULL ? "Span" : CAIRO_TAG_LINK;

    cairo_get_current_point(press->cairo, &x, &y);
    g_snprintf(attributes, sizeof attributes, "uri='%s'", link == NULL ? "" : link);
    cairo_tag_begin(press->cairo, tag, link == NULL ? NULL : attributes);
    if (link == NULL)
        grey_set(press, 0);
    else
        cairo_set_source_rgb(press->cairo, link_red, link_green, link_blue);
    cairo_move_to(press->cairo, x, y);
    pango_cairo_show_glyph_item(press->cairo, pango_layout_get_text(layout), run);
    if (link != NULL) {
        cairo_rectangle(press->cairo, x, y + 1.5, width, 0.5);
        cairo_fill(press->cairo);
    }
    cairo_tag_end(press->cairo, tag);
    cairo_move_to(press->cairo, x + width, y);
}

void lines_draw_linked(struct press *press, PangoLayout *layout, const struct span *spans,
                       enum style style, size_t first, size_t count, struct lines_at at)
{
    for (size_t i = 0; i < count; i++) {
        PangoLayoutLine *line = pango_layout_get_line(layout, (int)(first + i));

        if (line == NULL)
            return;
        space_restore(line);
        cairo_move_to(press->cairo, at.x,
                      at.y + (double)i * looks[style].leading + baseline(style));
        for (GSList *runs = line->runs; runs != NULL; runs = runs->next) {
            PangoLayoutRun *run = runs->data;

            run_draw(press, layout, run, link_at(press, spans, (size_t)run->item->offset));
        }
    }
}

/* ---- rules ---- */

void rule_draw(struct press *press, double x, double y, double width, double thickness, double grey)
{
    bar_draw(press, x, y - thickness / 2, width, thickness, grey);
}

void bar_draw(struct press *press, double x, double y, double width, double bar_height, double grey)
{
    grey_set(press, grey);
    cairo_rectangle(press->cairo, x, y, width, bar_height);
    cairo_fill(press->cairo);
}
