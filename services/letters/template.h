/* A template as it was read: lines of pieces under conditions and loops, region by region. Private
 * to the room; README.md has the grammar. */
#ifndef NIVA_LETTERS_TEMPLATE_H
#define NIVA_LETTERS_TEMPLATE_H

#include "services/letters/values.h"

enum { TEMPLATE_NESTED_MAX = 12, TEMPLATE_COLUMNS_MAX = 12 };

/* Where the text of a name is: in the values of a loop, 0 the outermost ones, and there by index.
 */
struct name_place {
    size_t scope;
    size_t index;
};

enum piece_kind { PIECE_TEXT, PIECE_NAME, PIECE_STRONG, PIECE_LINK, PIECE_LINK_END };

/* A part of a line. STRONG begins or ends bold text; LINK begins a link to what `target` makes. */
struct piece {
    enum piece_kind kind;
    const char *text;        /* of TEXT; of NAME its name */
    struct name_place place; /* of NAME */
    const struct piece *target;
    struct piece *next;
};

enum node_kind { NODE_LINE, NODE_EMPTY, NODE_IF, NODE_EACH, NODE_TABLE };

enum line_kind {
    LINE_TEXT,
    LINE_TITLE,   /* # */
    LINE_HEADING, /* ## */
    LINE_ITEM,    /* - */
    LINE_QUOTE,   /* > */
    LINE_NOTICE,  /* ! */
    LINE_FACT,    /* : term | text */
    LINE_HEAD,    /* |! a | b | */
    LINE_ROW,     /* | a | b | */
    LINE_SUM,     /* |= a | b | */
};

/* Widths are shares of the text's width. */
struct column {
    int share;
    bool right;
};

struct node {
    enum node_kind kind;
    size_t line; /* of the file, from 1 */
    /* of LINE: one cell, two of a FACT, as many as the table has columns of a row */
    enum line_kind line_kind;
    size_t cell_count;
    const struct piece *cells[TEMPLATE_COLUMNS_MAX];
    /* of IF and EACH */
    struct name_place place;
    bool negated;
    const char *word; /* of IF: the text must be this; NULL: there must be one */
    struct node *inner;
    struct node *otherwise;
    /* of TABLE, its rows are `inner` */
    size_t column_count;
    struct column columns[TEMPLATE_COLUMNS_MAX];
    struct node *next;
};

enum region {
    REGION_LETTERHEAD,
    REGION_REFERENCE,
    REGION_RECIPIENT,
    REGION_BODY,
    REGION_FOOT,
    REGION_COUNT
};

struct niva_letter_template {
    const char *path;
    const struct niva_letter_name *vocabulary;
    const char *language; /* "sv" or "en" */
    const struct piece *title;
    const struct piece *running; /* above the second page and those after it */
    const struct piece *page;    /* of page_vocabulary */
    size_t title_line;
    size_t running_line;
    struct node *regions[REGION_COUNT];
};

/* {page} and {pages}, which the line @page has instead of the letter's own names. */
extern const struct niva_letter_name page_vocabulary[];

/* Reads `length` bytes of a line as pieces. The scopes are the vocabularies of the loops around it.
 * INVALID_ARGUMENT says what is wrong, but not where. */
struct scopes {
    size_t count;
    const struct niva_letter_name *names[TEMPLATE_NESTED_MAX + 1];
};
bool pieces_read(const char *text, size_t length, const struct scopes *scopes,
                 struct niva_arena *arena, const struct piece **ret_pieces,
                 struct niva_error *err) NIVA_MUST_CHECK;

/* Finds a name in the innermost scope that has it; false, with an error, when none has. */
bool name_place_find(const char *name, size_t length, const struct scopes *scopes,
                     struct name_place *ret_place, struct niva_error *err) NIVA_MUST_CHECK;
/* INVALID_ARGUMENT: what is wrong with a name, which is shown. Always returns false. */
bool name_refuse(const char *what_sv, const char *what_en, const char *name, size_t length,
                 struct niva_error *err);
/* Puts "path:line: " before the sentences of an error. Always returns false. */
bool template_blame(const char *path, size_t line, struct niva_error *err);
/* The name itself. */
const struct niva_letter_name *name_at(const struct scopes *scopes, struct name_place place);

#endif
