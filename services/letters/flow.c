#include "services/letters/flow.h"

#include <assert.h>
#include <stdlib.h>

/* Rows of more lines than this may be cut. */
enum { ROW_LINES_WHOLE = 15, NOTICE_LINES_WHOLE = 12 };

static const double column_gap = 10;

enum style block_style(enum block_kind kind)
{
    if (kind == BLOCK_TITLE)
        return STYLE_TITLE;
    return kind == BLOCK_HEADING ? STYLE_HEADING : STYLE_BODY;
}

double block_indent(enum block_kind kind)
{
    return kind == BLOCK_ITEM || kind == BLOCK_QUOTE || kind == BLOCK_NOTICE ? 14 : 0;
}

enum style row_style(enum row_kind kind)
{
    if (kind == ROW_FACT)
        return STYLE_BODY;
    return kind == ROW_BODY ? STYLE_CELL : STYLE_CELL_STRONG;
}

double row_padding(enum row_kind kind)
{
    return kind == ROW_FACT ? 0.5 : 3;
}

void cell_place(const struct block *block, size_t i, double body_width, double *ret_x,
                double *ret_width)
{
    double shares = 0;
    double before = 0;
    double whole = body_width - column_gap * (double)(block->column_count - 1);

    for (size_t j = 0; j < block->column_count; j++) {
        shares += block->columns[j].share;
        before += j < i ? block->columns[j].share : 0;
    }
    *ret_x = whole * before / shares + column_gap * (double)i;
    *ret_width = whole * block->columns[i].share / shares;
}

static double gap_above(enum block_kind kind)
{
    switch (kind) {
    case BLOCK_TITLE:
        return 0;
    case BLOCK_HEADING:
        return 16;
    case BLOCK_ITEM:
        return 3;
    case BLOCK_NOTICE:
    case BLOCK_FACTS:
    case BLOCK_TABLE:
    case BLOCK_PARAGRAPH:
    case BLOCK_QUOTE:
        break;
    }
    return 8;
}

/* After a heading its text stands closer than after a paragraph; what follows a list or a table
 * stands off as from a paragraph. */
static double gap_between(const struct block *above, const struct block *block)
{
    if (above == NULL)
        return 0;
    if (above->kind == BLOCK_HEADING)
        return 4;
    if (above->kind == BLOCK_TITLE)
        return 10;
    if (block->kind == BLOCK_ITEM && above->kind != BLOCK_ITEM)
        return 5;
    if (above->kind == BLOCK_TABLE)
        return block->kind == BLOCK_HEADING ? 18 : 12;
    return gap_above(block->kind);
}

/* ---- strips ---- */

static bool strip_add(struct flow *flow, struct strip strip)
{
    if (flow->count == flow->capacity) {
        size_t capacity = flow->capacity == 0 ? 64 : flow->capacity * 2;
        struct strip *strips = realloc(flow->strips, capacity * sizeof *strips);

        if (strips == NULL)
            return false;
        flow->strips = strips;
        flow->capacity = capacity;
    }
    flow->strips[flow->count++] = strip;
    return true;
}

/* Two lines at least stay together at the head and at the foot of a page. */
static bool text_add(struct press *press, const struct block *block, double width, double gap,
                     bool glued, struct flow *flow)
{
    enum style style = block_style(block->kind);
    PangoLayout *layout = layout_make(press, block->text, style, width - block_indent(block->kind));
    size_t lines = layout_lines(layout);
    bool whole = block->kind == BLOCK_TITLE || block->kind == BLOCK_HEADING ||
                 (block->kind == BLOCK_NOTICE && lines <= NOTICE_LINES_WHOLE);
    bool added = true;

    layout_free(layout);
    for (size_t i = 0; added && i < lines; i++)
        added = strip_add(flow, (struct strip){
                                    .block = block,
                                    .first_line = i,
                                    .line_count = 1,
                                    .last = i + 1 == lines,
                                    .glued = i == 0 ? glued : whole || i == 1 || i + 1 == lines,
                                    .gap = i == 0 ? gap : 0,
                                    .height = style_leading(style),
                                });
    return added;
}

static size_t row_lines(struct press *press, const struct block *block, const struct row *row,
                        double body_width)
{
    size_t most = 1;
    double x;
    double width;

    for (size_t i = 0; i < block->column_count; i++) {
        PangoLayout *layout;

        cell_place(block, i, body_width, &x, &width);
        layout = layout_make(press, row->cells[i], row_style(row->kind), width);
        if (layout_lines(layout) > most)
            most = layout_lines(layout);
        layout_free(layout);
    }
    return most;
}

double head_height(struct press *press, const struct block *block, double body_width)
{
    const struct row *head = block->rows;

    if (head == NULL || head->kind != ROW_HEAD)
        return 0;
    return (double)row_lines(press, block, head, body_width) * style_leading(row_style(ROW_HEAD)) +
           2 * row_padding(ROW_HEAD);
}

/* A row that is far too high is cut between its lines; the head of a table and a sum stand with a
 * row. */
static bool row_add(struct press *press, const struct block *block, const struct row *row,
                    double width, struct strip strip, struct flow *flow)
{
    size_t lines = row_lines(press, block, row, width);
    size_t step = lines <= ROW_LINES_WHOLE || row->kind == ROW_HEAD ? lines : 1;

    strip.block = block;
    strip.row = row;
    for (size_t i = 0; i < lines; i += step) {
        strip.first_line = i;
        strip.line_count = step;
        strip.last = row->next == NULL && i + step == lines;
        strip.height = (double)step * style_leading(row_style(row->kind));
        if (i == 0)
            strip.height += row_padding(row->kind);
        if (i + step == lines)
            strip.height += row_padding(row->kind);
        if (!strip_add(flow, strip))
            return false;
        strip.gap = 0;
        strip.glued = i == 0;
    }
    return true;
}

static bool rows_add(struct press *press, const struct block *block, double width, double gap,
                     bool glued, struct flow *flow)
{
    const struct row *above = NULL;

    for (const struct row *row = block->rows; row != NULL; row = row->next) {
        struct strip strip = {
            .gap = above == NULL ? gap : 0,
            .glued = above == NULL ? glued : above->kind == ROW_HEAD || row->kind == ROW_SUM,
        };

        if (!row_add(press, block, row, width, strip, flow))
            return false;
        above = row;
    }
    return true;
}

static bool strips_make(struct press *press, const struct document *document, double width,
                        struct flow *flow)
{
    const struct block *above = NULL;

    for (const struct block *block = document->blocks; block != NULL; block = block->next) {
        double gap = gap_between(above, block);
        bool glued = above != NULL && (above->kind == BLOCK_TITLE || above->kind == BLOCK_HEADING);
        bool added = block->rows != NULL   ? rows_add(press, block, width, gap, glued, flow)
                     : block->text != NULL ? text_add(press, block, width, gap, glued, flow)
                                           : true;

        if (!added)
            return false;
        if (block->rows != NULL || block->text != NULL)
            above = block;
    }
    return true;
}

/* ---- pages ---- */

struct placing {
    const struct frame_of_pages *frame;
    struct flow *flow;
    double y;
    double repeated; /* height of the head of the table that goes on */
    bool begun;      /* something stands on the page */
};

static void page_begin(struct placing *placing, const struct strip *strip)
{
    placing->flow->page_count++;
    placing->y = placing->frame->top;
    placing->begun = false;
    assert(strip->block != NULL);
    if (strip->row != NULL && strip->row != strip->block->rows)
        placing->y += placing->repeated;
}

static void strip_place(struct placing *placing, struct strip *strip)
{
    placing->y += placing->begun ? strip->gap : 0;
    strip->page = placing->flow->page_count - 1;
    strip->y = placing->y;
    placing->y += strip->height;
    placing->begun = true;
}

/* The height of strips that stay together, without the gap above the first. */
static double group_height(const struct strip *strips, size_t count)
{
    double height = 0;

    for (size_t i = 0; i < count; i++)
        height += strips[i].height + (i > 0 ? strips[i].gap : 0);
    return height;
}

static void group_place(struct placing *placing, struct strip *strips, size_t count)
{
    double height = group_height(strips, count);
    double gap = placing->begun ? strips[0].gap : 0;

    if (placing->begun && placing->y + gap + height > placing->frame->bottom)
        page_begin(placing, &strips[0]);
    for (size_t i = 0; i < count; i++) {
        if (placing->begun &&
            placing->y + strips[i].gap + strips[i].height > placing->frame->bottom)
            page_begin(placing, &strips[i]);
        strip_place(placing, &strips[i]);
    }
}

bool flow_make(struct press *press, const struct document *document,
               const struct frame_of_pages *frame, struct flow *flow)
{
    struct placing placing = {.frame = frame, .flow = flow, .y = frame->first_top};
    const struct block *table = NULL;

    *flow = (struct flow){.page_count = 1};
    if (!strips_make(press, document, frame->width, flow) || press->failed)
        return false;
    for (size_t i = 0; i < flow->count;) {
        size_t count = 1;

        while (i + count < flow->count && flow->strips[i + count].glued)
            count++;
        if (flow->strips[i + count - 1].block != table) {
            table = flow->strips[i + count - 1].block;
            placing.repeated = head_height(press, table, frame->width);
        }
        group_place(&placing, &flow->strips[i], count);
        i += count;
    }
    return true;
}

void flow_free(struct flow *flow)
{
    free(flow->strips);
    *flow = (struct flow){0};
}
