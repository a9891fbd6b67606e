/* Text set in lines and drawn on a page. Private to the room. Lengths are points (1/72 inch), y
 * grows downwards. A line is as high as its style says whatever characters stand on it, so that
 * lines of neighbouring cells are level. */
#ifndef NIVA_LETTERS_PRESS_H
#define NIVA_LETTERS_PRESS_H

#include <pango/pangocairo.h>

#include "services/letters/document.h"
#include "services/letters/fonts.h"

enum style {
    STYLE_TITLE,
    STYLE_HEADING,
    STYLE_BODY,
    STYLE_CELL,
    STYLE_CELL_STRONG,
    STYLE_LETTERHEAD,
    STYLE_REFERENCE,
    STYLE_SMALL,
};

struct press {
    struct fonts fonts;
    cairo_surface_t *surface;
    cairo_t *cairo;
    bool failed; /* memory was out while a text was set */
};

/* The height of a line. */
double style_leading(enum style style);

/* Spans set in lines of a width; to be freed with layout_free. Words too long for a line are broken
 * anywhere. NULL when memory is out. */
PangoLayout *layout_make(struct press *press, const struct span *spans, enum style style,
                         double width);
/* The same of one plain text. */
PangoLayout *layout_plain(struct press *press, const char *text, enum style style, double width);
/* Accepts NULL and returns NULL. */
PangoLayout *layout_free(PangoLayout *layout);
size_t layout_lines(PangoLayout *layout);

/* Draws lines from `first`, `count` of them, the first one's top at y; to the right edge of `width`
 * or to the left. */
struct lines_at {
    double x;
    double y;
    double width;
    bool right;
};
void lines_draw(struct press *press, PangoLayout *layout, enum style style, size_t first,
                size_t count, struct lines_at at);

/* The same to the left edge with each link tagged as one, and the words between as spans. */
void lines_draw_linked(struct press *press, PangoLayout *layout, const struct span *spans,
                       enum style style, size_t first, size_t count, struct lines_at at);

/* A target that may be linked to: mailto:, tel: or https: and nothing that could end it. */
bool link_valid(const char *target);

/* A horizontal line; `grey` 0 is black. */
void rule_draw(struct press *press, double x, double y, double width, double thickness,
               double grey);
/* A bar to the left of lines. */
void bar_draw(struct press *press, double x, double y, double width, double height, double grey);

#endif
