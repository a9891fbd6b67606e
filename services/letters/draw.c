#include "services/letters/draw.h"

#include <cairo-pdf.h>

/* A4 and what stands where, in points. */
#define MM 2.8346456692913384

static const double page_width = 210 * MM;
static const double page_height = 297 * MM;
static const double left = 28 * MM;
static const double body_width = 158 * MM;
static const double head_top = 16 * MM;
static const double reference_x = 98 * MM; /* from the left edge of the body */
static const double reference_term = 23 * MM;
static const double recipient_top = 44 * MM;
static const double first_top_least = 78 * MM;
static const double head_gap = 12 * MM;
static const double running_top = 15 * MM;
static const double top = 27 * MM;
static const double bottom = 268 * MM;
static const double foot_top = 275 * MM;
static const double first_top_most = 200 * MM;

struct drawing {
    struct press *press;
    const struct document *document;
    const struct flow *flow;
    struct niva_arena *arena;
    struct niva_text *scopes;
    size_t page;
    bool listed; /* an L is open */
};

static void tag_begin(struct drawing *drawing, const char *tag)
{
    cairo_tag_begin(drawing->press->cairo, tag, NULL);
}

static void tag_end(struct drawing *drawing, const char *tag)
{
    cairo_tag_end(drawing->press->cairo, tag);
}

/* ---- the frame around the body ---- */

/* Lines one below the other, each a paragraph of its own where they are tagged; answers where they
 * end. */
static double lines_of_region(struct press *press, const struct region_line *lines,
                              enum style style, struct lines_at at, bool tagged)
{
    for (; lines != NULL; lines = lines->next) {
        PangoLayout *layout = layout_make(press, lines->text, style, at.width);
        size_t count = layout_lines(layout);

        if (tagged)
            cairo_tag_begin(press->cairo, "P", NULL);
        lines_draw(press, layout, style, 0, count, at);
        if (tagged)
            cairo_tag_end(press->cairo, "P");
        at.y += (double)count * style_leading(style);
        layout_free(layout);
    }
    return at.y;
}

/* One cell of the reference; answers its lines. */
static size_t reference_cell(struct drawing *drawing, const struct span *spans, const char *tag,
                             struct lines_at at)
{
    PangoLayout *layout = layout_make(drawing->press, spans, STYLE_REFERENCE, at.width);
    size_t lines = layout_lines(layout);

    tag_begin(drawing, tag);
    lines_draw(drawing->press, layout, STYLE_REFERENCE, 0, lines, at);
    tag_end(drawing, tag);
    layout_free(layout);
    return lines;
}

static double reference_draw(struct drawing *drawing, const struct region_line *lines)
{
    double x = left + reference_x;
    double width = body_width - reference_x - reference_term;
    double y = head_top;

    if (lines == NULL)
        return y;
    tag_begin(drawing, "Table");
    for (; lines != NULL; lines = lines->next) {
        size_t terms;
        size_t texts;

        tag_begin(drawing, "TR");
        niva_text_puts(drawing->scopes, "R");
        terms = reference_cell(drawing, lines->term, "TH",
                               (struct lines_at){x, y, reference_term - 4, false});
        texts = reference_cell(drawing, lines->text, "TD",
                               (struct lines_at){x + reference_term, y, width, false});
        tag_end(drawing, "TR");
        y += style_leading(STYLE_REFERENCE) * (double)(texts > terms ? texts : terms);
    }
    tag_end(drawing, "Table");
    return y;
}

/* The head of the first page; answers where it ends. */
static double head_draw(struct drawing *drawing)
{
    struct press *press = drawing->press;
    const struct document *document = drawing->document;
    double width = reference_x - 8 * MM;
    double y = lines_of_region(press, document->letterhead, STYLE_LETTERHEAD,
                               (struct lines_at){left, head_top, width, false}, true);
    double reference = reference_draw(drawing, document->reference);
    double recipient = y + 8 * MM > recipient_top ? y + 8 * MM : recipient_top;

    recipient = lines_of_region(press, document->recipient, STYLE_BODY,
                                (struct lines_at){left, recipient, width, false}, true);
    return recipient > reference ? recipient : reference;
}

/* What stands on every page and is no part of what the letter says. */
static void frame_draw(struct drawing *drawing)
{
    struct press *press = drawing->press;
    const char *number = document_page(drawing->document, drawing->page + 1,
                                       drawing->flow->page_count, drawing->arena);
    struct lines_at at = {left, foot_top + 5, 0.78 * body_width, false};
    PangoLayout *layout;

    press->failed = press->failed || number == NULL;
    rule_draw(press, left, foot_top, body_width, 0.5, 0.6);
    lines_of_region(press, drawing->document->foot, STYLE_SMALL, at, false);
    layout = layout_plain(press, number == NULL ? "" : number, STYLE_SMALL, body_width);
    lines_draw(press, layout, STYLE_SMALL, 0, 1,
               (struct lines_at){left, foot_top + 5, body_width, true});
    layout_free(layout);
    if (drawing->page == 0)
        return;
    layout = layout_plain(press, drawing->document->running, STYLE_SMALL, body_width);
    lines_draw(press, layout, STYLE_SMALL, 0, 1,
               (struct lines_at){left, running_top, body_width, false});
    layout_free(layout);
    rule_draw(press, left, running_top + style_leading(STYLE_SMALL) + 3, body_width, 0.5, 0.6);
}

/* Goes to the page of a strip. No leaf of the structure may be open. */
static void page_turn(struct drawing *drawing, const struct strip *strip)
{
    while (drawing->page < strip->page) {
        cairo_show_page(drawing->press->cairo);
        drawing->page++;
        frame_draw(drawing);
    }
}

/* ---- text ---- */

static bool spans_linked(const struct span *spans)
{
    for (; spans != NULL; spans = spans->next)
        if (spans->link != NULL)
            return true;
    return false;
}

static const char *text_tag(enum block_kind kind)
{
    if (kind == BLOCK_TITLE)
        return "H1";
    return kind == BLOCK_HEADING ? "H2" : "P";
}

static void mark_draw(struct drawing *drawing, const struct strip *strip)
{
    enum block_kind kind = strip->block->kind;

    if (kind == BLOCK_NOTICE)
        bar_draw(drawing->press, left, strip->y, 3, strip->height, 0);
    if (kind == BLOCK_QUOTE)
        bar_draw(drawing->press, left + 4, strip->y, 1, strip->height, 0.6);
}

/* The lines of one page. */
static void lines_of_page(struct drawing *drawing, PangoLayout *layout, const struct strip *strip,
                          size_t count, bool linked)
{
    enum block_kind kind = strip->block->kind;
    enum style style = block_style(kind);
    struct lines_at at = {left + block_indent(kind), strip->y, body_width - block_indent(kind),
                          false};

    if (linked)
        lines_draw_linked(drawing->press, layout, strip->block->text, style, strip->first_line,
                          count, at);
    else
        lines_draw(drawing->press, layout, style, strip->first_line, count, at);
}

/* How many of the strips are of one block and one page. */
static size_t strips_together(const struct strip *strips, size_t count)
{
    size_t together = 1;

    while (together < count && strips[together].page == strips[0].page &&
           strips[together].block == strips[0].block && strips[together].row == strips[0].row)
        together++;
    return together;
}

/* Text that goes on over pages, or has links, is one element with a child for each part. */
static void text_draw(struct drawing *drawing, const struct strip *strips, size_t count,
                      const char *tag)
{
    const struct block *block = strips->block;
    PangoLayout *layout = layout_make(drawing->press, block->text, block_style(block->kind),
                                      body_width - block_indent(block->kind));
    bool linked = spans_linked(block->text);
    bool parted = !linked && strips[0].page != strips[count - 1].page;

    for (size_t i = 0; i < count; i++)
        if (strips[i].page == drawing->page)
            mark_draw(drawing, &strips[i]);
    tag_begin(drawing, tag);
    for (size_t i = 0; i < count;) {
        size_t together = strips_together(&strips[i], count - i);

        if (strips[i].page != drawing->page) {
            page_turn(drawing, &strips[i]);
            for (size_t j = i; j < i + together; j++)
                mark_draw(drawing, &strips[j]);
        }
        if (parted)
            tag_begin(drawing, "Span");
        lines_of_page(drawing, layout, &strips[i], together, linked);
        if (parted)
            tag_end(drawing, "Span");
        i += together;
    }
    tag_end(drawing, tag);
    layout_free(layout);
}

static void item_draw(struct drawing *drawing, const struct strip *strips, size_t count)
{
    PangoLayout *mark = layout_plain(drawing->press, "\u2013", STYLE_BODY, 14);

    tag_begin(drawing, "LI");
    tag_begin(drawing, "Lbl");
    lines_draw(drawing->press, mark, STYLE_BODY, 0, 1,
               (struct lines_at){left + 2, strips->y, 14, false});
    tag_end(drawing, "Lbl");
    text_draw(drawing, strips, count, "LBody");
    tag_end(drawing, "LI");
    layout_free(mark);
}

static void block_draw(struct drawing *drawing, const struct strip *strips, size_t count)
{
    enum block_kind kind = strips->block->kind;

    page_turn(drawing, &strips[0]);
    if (kind == BLOCK_ITEM) {
        item_draw(drawing, strips, count);
        return;
    }
    if (kind == BLOCK_QUOTE)
        tag_begin(drawing, "BlockQuote");
    text_draw(drawing, strips, count, text_tag(kind));
    if (kind == BLOCK_QUOTE)
        tag_end(drawing, "BlockQuote");
}

/* ---- tables ---- */

static void cell_draw(struct drawing *drawing, const struct strip *strip, size_t i)
{
    enum style style = row_style(strip->row->kind);
    struct lines_at at = {.right = strip->block->columns[i].right, .y = strip->y};
    PangoLayout *layout;
    size_t lines;

    if (strip->first_line == 0)
        at.y += row_padding(strip->row->kind);
    cell_place(strip->block, i, body_width, &at.x, &at.width);
    at.x += left;
    layout = layout_make(drawing->press, strip->row->cells[i], style, at.width);
    lines = layout_lines(layout);
    if (lines > strip->first_line)
        lines_draw(drawing->press, layout, style, strip->first_line,
                   lines - strip->first_line < strip->line_count ? lines - strip->first_line
                                                                 : strip->line_count,
                   at);
    layout_free(layout);
}

static void row_rules(struct drawing *drawing, const struct strip *strip)
{
    double y = strip->y + strip->height;

    if (strip->row->kind == ROW_HEAD)
        rule_draw(drawing->press, left, y, body_width, 0.8, 0);
    else if (strip->row->kind == ROW_BODY)
        rule_draw(drawing->press, left, y, body_width, 0.35, 0.65);
    else if (strip->row->kind == ROW_SUM && strip->first_line == 0)
        rule_draw(drawing->press, left, strip->y, body_width, 0.8, 0);
}

/* 'C' and 'R' say in order which cells head a column and which a row; pdf_finish writes it. */
static const char *cell_tag(struct drawing *drawing, enum row_kind kind, size_t i)
{
    if (kind == ROW_HEAD)
        niva_text_puts(drawing->scopes, "C");
    else if (kind == ROW_FACT && i == 0)
        niva_text_puts(drawing->scopes, "R");
    return kind == ROW_HEAD || (kind == ROW_FACT && i == 0) ? "TH" : "TD";
}

static void row_draw(struct drawing *drawing, const struct strip *strip)
{
    row_rules(drawing, strip);
    tag_begin(drawing, "TR");
    for (size_t i = 0; i < strip->block->column_count; i++) {
        const char *tag = cell_tag(drawing, strip->row->kind, i);

        tag_begin(drawing, tag);
        cell_draw(drawing, strip, i);
        tag_end(drawing, tag);
    }
    tag_end(drawing, "TR");
}

/* On the next page the head of the table stands again, for the eye alone. */
static void head_repeat(struct drawing *drawing, const struct strip *strip)
{
    struct strip head = *strip;

    if (strip->row == strip->block->rows || strip->block->rows->kind != ROW_HEAD)
        return;
    head.row = strip->block->rows;
    head.height = head_height(drawing->press, strip->block, body_width);
    head.y = strip->y - head.height;
    head.first_line = 0;
    head.line_count = SIZE_MAX;
    row_rules(drawing, &head);
    for (size_t i = 0; i < head.block->column_count; i++)
        cell_draw(drawing, &head, i);
}

/* The strips of one row and page as one. */
static struct strip strips_join(const struct strip *strips, size_t count)
{
    struct strip joined = strips[0];

    for (size_t i = 1; i < count; i++) {
        joined.line_count += strips[i].line_count;
        joined.height += strips[i].height;
    }
    return joined;
}

static void table_draw(struct drawing *drawing, const struct strip *strips, size_t count)
{
    page_turn(drawing, &strips[0]);
    tag_begin(drawing, "Table");
    for (size_t i = 0; i < count;) {
        size_t together = strips_together(&strips[i], count - i);
        struct strip joined = strips_join(&strips[i], together);

        if (joined.page != drawing->page) {
            page_turn(drawing, &joined);
            head_repeat(drawing, &joined);
        }
        row_draw(drawing, &joined);
        i += together;
    }
    tag_end(drawing, "Table");
}

/* ---- the whole ---- */

static void list_turn(struct drawing *drawing, bool listed)
{
    if (listed && !drawing->listed)
        tag_begin(drawing, "L");
    if (!listed && drawing->listed)
        tag_end(drawing, "L");
    drawing->listed = listed;
}

static void body_draw(struct drawing *drawing)
{
    const struct flow *flow = drawing->flow;
    size_t begin = 0;

    for (size_t i = 0; i < flow->count; i++) {
        const struct strip *strips = &flow->strips[begin];

        if (!flow->strips[i].last)
            continue;
        list_turn(drawing, strips->block->kind == BLOCK_ITEM);
        if (strips->row != NULL)
            table_draw(drawing, strips, i + 1 - begin);
        else
            block_draw(drawing, strips, i + 1 - begin);
        begin = i + 1;
    }
    list_turn(drawing, false);
}

static bool head_too_high(struct niva_error *err)
{
    return niva_fail(err, NIVA_FAILED_PRECONDITION,
                     "Brevhuvudet får inte plats på en sida: förkorta det.",
                     "The head of the letter does not fit on a page: shorten it.");
}

bool letter_draw(struct press *press, const struct document *document, struct niva_arena *arena,
                 struct niva_text *scopes, struct niva_error *err)
{
    struct frame_of_pages frame = {.left = left, .width = body_width, .top = top, .bottom = bottom};
    struct flow flow = {0};
    struct drawing drawing = {
        .press = press,
        .document = document,
        .flow = &flow,
        .arena = arena,
        .scopes = scopes,
    };
    bool made;

    cairo_pdf_surface_set_size(press->surface, page_width, page_height);
    tag_begin(&drawing, "Document");
    frame.first_top = head_draw(&drawing) + head_gap;
    if (frame.first_top > first_top_most)
        return head_too_high(err);
    if (frame.first_top < first_top_least)
        frame.first_top = first_top_least;
    made = flow_make(press, document, &frame, &flow);
    if (made) {
        frame_draw(&drawing);
        body_draw(&drawing);
        tag_end(&drawing, "Document");
    }
    flow_free(&flow);
    return (made && !press->failed && !scopes->failed) || niva_fail_memory(err);
}
