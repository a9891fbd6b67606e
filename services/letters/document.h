/* A letter with its words filled in, before it is set on pages. Private to the room. Everything
 * lives in one arena; lists are linked in reading order. */
#ifndef NIVA_LETTERS_DOCUMENT_H
#define NIVA_LETTERS_DOCUMENT_H

#include "services/letters/template.h"

/* A stretch of text of one look. */
struct span {
    const char *text;
    bool strong;
    const char *link; /* NULL: none */
    struct span *next;
};

enum block_kind {
    BLOCK_TITLE,
    BLOCK_HEADING,
    BLOCK_PARAGRAPH,
    BLOCK_ITEM,
    BLOCK_QUOTE,
    BLOCK_NOTICE,
    BLOCK_FACTS,
    BLOCK_TABLE
};

enum row_kind { ROW_HEAD, ROW_BODY, ROW_SUM, ROW_FACT };

struct row {
    enum row_kind kind;
    const struct span *cells[TEMPLATE_COLUMNS_MAX];
    struct row *next;
};

struct block {
    enum block_kind kind;
    const struct span *text; /* of all but FACTS and TABLE */
    size_t column_count;
    const struct column *columns;
    struct row *rows;
    struct block *next;
};

/* A line of a region that keeps its lines; of the reference the term and the text. */
struct region_line {
    const struct span *term;
    const struct span *text;
    struct region_line *next;
};

struct document {
    const char *language;
    const char *title;   /* plain text */
    const char *running; /* plain text */
    const struct piece *page;
    struct region_line *letterhead;
    struct region_line *reference;
    struct region_line *recipient;
    struct region_line *foot;
    struct block *blocks;
};

/* Fills a template. FAILED_PRECONDITION names the line of a name that has no text, and a body that
 * has no title or more than one. */
bool document_fill(const struct niva_letter_template *letter,
                   const struct niva_letter_values *values, struct niva_arena *arena,
                   struct document *ret_document, struct niva_error *err) NIVA_MUST_CHECK;

/* The text of @page for a page. NULL when the arena is out. */
const char *document_page(const struct document *document, size_t page, size_t pages,
                          struct niva_arena *arena) NIVA_MUST_CHECK;

#endif
