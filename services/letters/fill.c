#include "services/letters/document.h"

#include <stdio.h>
#include <string.h>

struct filling {
    const struct niva_letter_template *letter;
    struct niva_arena *arena;
    struct niva_error *err;
    size_t scope_count;
    const struct niva_letter_values *scopes[TEMPLATE_NESTED_MAX + 1];
    struct block **block_tail;
    struct block *block;            /* takes more lines; NULL: the next line begins one */
    struct row **row_tail;          /* of the table or facts that are open; NULL: none */
    struct region_line **line_tail; /* of the region that is filled; NULL: the body */
    bool titled;
};

static const char *text_at(const struct filling *filling, struct name_place place)
{
    return filling->scopes[place.scope]->texts[place.index];
}

/* ---- pieces to spans ---- */

static bool name_missing(struct filling *filling, const char *name)
{
    char text_sv[160];
    char text_en[160];

    snprintf(text_sv, sizeof text_sv, "värdet för ”%.60s” saknas, och mallen kräver det.", name);
    snprintf(text_en, sizeof text_en, "there is no value for \"%.60s\", which the template wants.",
             name);
    return niva_fail(filling->err, NIVA_FAILED_PRECONDITION, text_sv, text_en);
}

static bool pieces_text(struct filling *filling, const struct piece *pieces, struct niva_text *text)
{
    for (; pieces != NULL; pieces = pieces->next) {
        const char *string = pieces->text;

        if (pieces->kind == PIECE_NAME) {
            string = text_at(filling, pieces->place);
            if (*string == '\0')
                return name_missing(filling, pieces->text);
        } else if (pieces->kind != PIECE_TEXT) {
            continue;
        }
        niva_text_puts(text, string);
    }
    return true;
}

/* The text of pieces without their looks. */
static bool plain_fill(struct filling *filling, const struct piece *pieces, const char **ret_text)
{
    struct niva_text text = {0};
    const char *copy = NULL;
    bool filled = pieces_text(filling, pieces, &text);

    if (filled && !text.failed)
        copy = niva_arena_copy(filling->arena, text.length == 0 ? "" : text.data, text.length);
    niva_text_free(&text);
    if (!filled)
        return false;
    if (copy == NULL)
        return niva_fail_memory(filling->err);
    *ret_text = copy;
    return true;
}

static bool spans_fill(struct filling *filling, const struct piece *pieces,
                       const struct span **ret_spans)
{
    struct span *first = NULL;
    struct span **tail = &first;
    struct span look = {0};

    for (; pieces != NULL; pieces = pieces->next) {
        if (pieces->kind == PIECE_STRONG) {
            look.strong = !look.strong;
        } else if (pieces->kind == PIECE_LINK_END) {
            look.link = NULL;
        } else if (pieces->kind == PIECE_LINK) {
            if (!plain_fill(filling, pieces->target, &look.link))
                return false;
        } else {
            look.text = pieces->kind == PIECE_TEXT ? pieces->text : text_at(filling, pieces->place);
            if (*look.text == '\0')
                return name_missing(filling, pieces->text);
            *tail = niva_arena_alloc(filling->arena, sizeof **tail);
            if (*tail == NULL)
                return niva_fail_memory(filling->err);
            **tail = look;
            tail = &(*tail)->next;
        }
    }
    *ret_spans = first;
    return true;
}

/* Puts spans behind those of a block that goes on, with a space between. */
static bool spans_join(struct filling *filling, const struct span **spans, const struct span *more)
{
    struct span *space = niva_arena_alloc(filling->arena, sizeof *space);
    struct span *last = (struct span *)(uintptr_t)*spans;

    if (space == NULL)
        return niva_fail_memory(filling->err);
    space->text = " ";
    space->next = (struct span *)(uintptr_t)more;
    if (last == NULL) {
        *spans = more;
        return true;
    }
    while (last->next != NULL)
        last = last->next;
    last->next = space;
    return true;
}

/* ---- blocks ---- */

static struct block *block_add(struct filling *filling, enum block_kind kind)
{
    struct block *block = niva_arena_alloc(filling->arena, sizeof *block);

    if (block == NULL) {
        niva_fail_memory(filling->err);
        return NULL;
    }
    block->kind = kind;
    *filling->block_tail = block;
    filling->block_tail = &block->next;
    return block;
}

static bool row_add(struct filling *filling, const struct node *node, enum row_kind kind)
{
    struct row *row = niva_arena_alloc(filling->arena, sizeof *row);

    if (row == NULL)
        return niva_fail_memory(filling->err);
    row->kind = kind;
    for (size_t i = 0; i < node->cell_count; i++)
        if (!spans_fill(filling, node->cells[i], &row->cells[i]))
            return false;
    *filling->row_tail = row;
    filling->row_tail = &row->next;
    return true;
}

/* The widths of terms and their texts. */
static const struct column fact_columns[2] = {{30, false}, {70, false}};

static bool fact_fill(struct filling *filling, const struct node *node)
{
    if (filling->block == NULL || filling->block->kind != BLOCK_FACTS) {
        filling->block = block_add(filling, BLOCK_FACTS);
        if (filling->block == NULL)
            return false;
        filling->block->column_count = 2;
        filling->block->columns = fact_columns;
        filling->row_tail = &filling->block->rows;
    }
    return row_add(filling, node, ROW_FACT);
}

static bool text_fill(struct filling *filling, const struct node *node)
{
    static const enum block_kind kinds[] = {
        [LINE_TEXT] = BLOCK_PARAGRAPH, [LINE_TITLE] = BLOCK_TITLE, [LINE_HEADING] = BLOCK_HEADING,
        [LINE_ITEM] = BLOCK_ITEM,      [LINE_QUOTE] = BLOCK_QUOTE, [LINE_NOTICE] = BLOCK_NOTICE,
    };
    enum block_kind kind = kinds[node->line_kind];
    const struct span *spans;

    if (!spans_fill(filling, node->cells[0], &spans))
        return false;
    if (kind == BLOCK_TITLE && filling->titled)
        return niva_fail(filling->err, NIVA_FAILED_PRECONDITION, "ett brev har en rubrik (#).",
                         "a letter has one title (#).");
    filling->titled = filling->titled || kind == BLOCK_TITLE;
    if (kind == BLOCK_PARAGRAPH && filling->block != NULL && filling->block->kind != BLOCK_FACTS)
        return spans_join(filling, &filling->block->text, spans);
    filling->block = block_add(filling, kind);
    if (filling->block == NULL)
        return false;
    filling->block->text = spans;
    if (kind == BLOCK_TITLE || kind == BLOCK_HEADING)
        filling->block = NULL;
    return true;
}

static bool region_line_add(struct filling *filling, const struct node *node)
{
    struct region_line *line = niva_arena_alloc(filling->arena, sizeof *line);

    if (line == NULL)
        return niva_fail_memory(filling->err);
    if (!spans_fill(filling, node->cells[0], &line->text))
        return false;
    if (node->line_kind == LINE_FACT) {
        line->term = line->text;
        if (!spans_fill(filling, node->cells[1], &line->text))
            return false;
    }
    *filling->line_tail = line;
    filling->line_tail = &line->next;
    return true;
}

static bool line_fill(struct filling *filling, const struct node *node)
{
    static const enum row_kind rows[] = {
        [LINE_HEAD] = ROW_HEAD, [LINE_ROW] = ROW_BODY, [LINE_SUM] = ROW_SUM};

    if (filling->line_tail != NULL)
        return region_line_add(filling, node);
    if (node->line_kind >= LINE_HEAD)
        return row_add(filling, node, rows[node->line_kind]);
    return node->line_kind == LINE_FACT ? fact_fill(filling, node) : text_fill(filling, node);
}

/* ---- nodes ---- */

static bool nodes_fill(struct filling *filling, const struct node *nodes);

static bool condition_holds(const struct filling *filling, const struct node *node)
{
    const struct niva_letter_values *values = filling->scopes[node->place.scope];
    const char *text = values->texts[node->place.index];
    bool holds = node->word != NULL ? strcmp(text, node->word) == 0
                                    : *text != '\0' || values->firsts[node->place.index] != NULL;

    return holds != node->negated;
}

static bool each_fill(struct filling *filling, const struct node *node)
{
    const struct niva_letter_values *item =
        filling->scopes[node->place.scope]->firsts[node->place.index];
    bool filled = true;

    for (; filled && item != NULL; item = item->next) {
        filling->scopes[filling->scope_count++] = item;
        filled = nodes_fill(filling, node->inner);
        filling->scope_count--;
    }
    return filled;
}

static bool table_fill(struct filling *filling, const struct node *node)
{
    struct block *table = block_add(filling, BLOCK_TABLE);

    if (table == NULL)
        return false;
    table->column_count = node->column_count;
    table->columns = node->columns;
    filling->row_tail = &table->rows;
    filling->block = NULL;
    return nodes_fill(filling, node->inner);
}

static bool node_fill(struct filling *filling, const struct node *node)
{
    switch (node->kind) {
    case NODE_LINE:
        return line_fill(filling, node);
    case NODE_EMPTY:
        filling->block = NULL;
        return true;
    case NODE_IF:
        return nodes_fill(filling, condition_holds(filling, node) ? node->inner : node->otherwise);
    case NODE_EACH:
        return each_fill(filling, node);
    case NODE_TABLE:
        return table_fill(filling, node);
    }
    return true;
}

/* An error that does not say where it is gets the line of the node that made it. */
static bool nodes_fill(struct filling *filling, const struct node *nodes)
{
    for (; nodes != NULL; nodes = nodes->next)
        if (!node_fill(filling, nodes))
            return nodes->kind == NODE_LINE && filling->err->code == NIVA_FAILED_PRECONDITION &&
                   template_blame(filling->letter->path, nodes->line, filling->err);
    return true;
}

static bool region_fill(struct filling *filling, enum region region, struct region_line **ret_lines)
{
    filling->line_tail = ret_lines;
    return nodes_fill(filling, filling->letter->regions[region]);
}

static bool body_fill(struct filling *filling, struct block **ret_blocks)
{
    filling->line_tail = NULL;
    filling->block_tail = ret_blocks;
    if (!nodes_fill(filling, filling->letter->regions[REGION_BODY]))
        return false;
    if (filling->titled)
        return true;
    niva_fail(filling->err, NIVA_FAILED_PRECONDITION, "brevet har ingen rubrik (#).",
              "the letter has no title (#).");
    return template_blame(filling->letter->path, 1, filling->err);
}

static bool single_fill(struct filling *filling, const struct piece *pieces, size_t line,
                        const char **ret_text)
{
    return plain_fill(filling, pieces, ret_text) ||
           (filling->err->code == NIVA_FAILED_PRECONDITION &&
            template_blame(filling->letter->path, line, filling->err));
}

bool document_fill(const struct niva_letter_template *letter,
                   const struct niva_letter_values *values, struct niva_arena *arena,
                   struct document *ret_document, struct niva_error *err)
{
    struct document document = {.language = letter->language, .page = letter->page};
    struct filling filling = {
        .letter = letter,
        .arena = arena,
        .err = err,
        .scope_count = 1,
        .scopes = {values},
    };

    if (values == NULL || values->failed)
        return niva_fail_memory(err);
    if (!single_fill(&filling, letter->title, letter->title_line, &document.title) ||
        !single_fill(&filling, letter->running, letter->running_line, &document.running) ||
        !region_fill(&filling, REGION_LETTERHEAD, &document.letterhead) ||
        !region_fill(&filling, REGION_REFERENCE, &document.reference) ||
        !region_fill(&filling, REGION_RECIPIENT, &document.recipient) ||
        !region_fill(&filling, REGION_FOOT, &document.foot) ||
        !body_fill(&filling, &document.blocks))
        return false;
    *ret_document = document;
    return true;
}

const char *document_page(const struct document *document, size_t page, size_t pages,
                          struct niva_arena *arena)
{
    struct niva_letter_values *values = niva_letter_values_new(arena, page_vocabulary);
    struct niva_error err;
    struct filling filling = {.arena = arena, .err = &err, .scope_count = 1, .scopes = {values}};
    const char *text;

    niva_letter_put(values, "page", niva_arena_printf(arena, "%zu", page));
    niva_letter_put(values, "pages", niva_arena_printf(arena, "%zu", pages));
    if (values == NULL || values->failed || !plain_fill(&filling, document->page, &text))
        return NULL;
    return text;
}
