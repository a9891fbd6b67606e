/* A template while it is read: its lines, what is open, and where the next node goes. Private to
 * template.c and control.c. */
#ifndef NIVA_LETTERS_PARSER_H
#define NIVA_LETTERS_PARSER_H

#include "services/letters/template.h"

/* What a control line has opened and not closed. */
struct frame {
    struct node *node;
    struct node **tail; /* of the list around it */
    size_t scope_count; /* around it */
    bool otherwise;
};

struct parser {
    struct niva_letter_template *letter;
    struct niva_arena *arena;
    struct niva_error *err;
    size_t line;
    bool fresh; /* no region has begun */
    bool begun[REGION_COUNT];
    enum region region;
    struct node **tail; /* where the next node goes */
    struct scopes scopes;
    size_t depth;
    struct frame frames[TEMPLATE_NESTED_MAX];
};

/* A part of a line. */
struct part {
    const char *at;
    size_t length;
};

/* INVALID_ARGUMENT: what is wrong with the line. Always returns false. */
bool parser_refuse(struct parser *parser, const char *text_sv, const char *text_en);

struct part part_trim(struct part part);
bool part_begins(struct part part, const char *prefix);
bool part_is(struct part part, const char *text);
/* What stands behind `length` bytes. */
struct part part_behind(struct part part, size_t length);
/* Takes the first word off. */
struct part word_take(struct part *rest);

/* Adds a node of the line; NULL when the arena is out. */
struct node *node_add(struct parser *parser, enum node_kind kind);
/* The table in which the line is; NULL: none. */
const struct node *table_around(const struct parser *parser);

/* Whether a line is a control line: a line of text may begin with a name. */
bool control_is(struct part line);
bool control_read(struct parser *parser, struct part line) NIVA_MUST_CHECK;

#endif
