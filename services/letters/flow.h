/* How the blocks of a letter lie on its pages: strips of lines that are never cut, each with its
 * page and place. No line stands alone at the foot or the head of a page, a heading stands with
 * what it heads, and a table that goes on has its head again. Private to the room. */
#ifndef NIVA_LETTERS_FLOW_H
#define NIVA_LETTERS_FLOW_H

#include "services/letters/press.h"

/* The body of a letter, in points. */
struct frame_of_pages {
    double left;
    double width;
    double first_top; /* of the first page, below its head */
    double top;       /* of the others */
    double bottom;
};

/* Lines of a paragraph, or a row of a table (or, of a row too high for a page, some lines of it).
 */
struct strip {
    const struct block *block;
    const struct row *row; /* NULL: of text */
    size_t first_line;
    size_t line_count;
    bool last;  /* of its block */
    bool glued; /* to the strip above: never the first of a page */
    double gap; /* above it, unless it is the first of its page */
    double height;
    size_t page; /* from 0 */
    double y;
};

struct flow {
    size_t count;
    size_t capacity;
    struct strip *strips;
    size_t page_count;
};

/* Sets all blocks and gives each strip its place. `strips` is freed by flow_free in any case. False
 * when memory is out. */
bool flow_make(struct press *press, const struct document *document,
               const struct frame_of_pages *frame, struct flow *flow) NIVA_MUST_CHECK;
void flow_free(struct flow *flow);

/* How a block is set: its style, and how far from the left its text stands. */
enum style block_style(enum block_kind kind);
double block_indent(enum block_kind kind);

/* The cells of a row: the i-th one's left edge and width within the body's width. */
enum style row_style(enum row_kind kind);
void cell_place(const struct block *block, size_t i, double body_width, double *ret_x,
                double *ret_width);
/* The space above and below the lines of a row. */
double row_padding(enum row_kind kind);
/* The height of the row at the head of a table that is drawn again on each page; 0: none. */
double head_height(struct press *press, const struct block *block, double body_width);

#endif
