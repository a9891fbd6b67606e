/* Control lines: {if …}, {else}, {each …}, {table …}, {end}. */
#include <string.h>

#include "services/letters/parser.h"

enum { SHARE_MAX = 1000 };

struct node *node_add(struct parser *parser, enum node_kind kind)
{
    struct node *node = niva_arena_alloc(parser->arena, sizeof *node);

    if (node == NULL) {
        niva_fail_memory(parser->err);
        return NULL;
    }
    node->kind = kind;
    node->line = parser->line;
    *parser->tail = node;
    parser->tail = &node->next;
    return node;
}

const struct node *table_around(const struct parser *parser)
{
    for (size_t i = parser->depth; i-- > 0;)
        if (parser->frames[i].node->kind == NODE_TABLE)
            return parser->frames[i].node;
    return NULL;
}

static bool frame_open(struct parser *parser, struct node *node)
{
    if (parser->depth == TEMPLATE_NESTED_MAX)
        return parser_refuse(parser, "för många nivåer.", "too many levels.");
    parser->frames[parser->depth++] =
        (struct frame){node, parser->tail, parser->scopes.count, false};
    parser->tail = &node->inner;
    return true;
}

static bool frame_close(struct parser *parser)
{
    const struct frame *frame;

    if (parser->depth == 0)
        return parser_refuse(parser, "{end} utan början.", "{end} without a beginning.");
    frame = &parser->frames[--parser->depth];
    if (frame->node->kind == NODE_TABLE && frame->node->inner == NULL)
        return parser_refuse(parser, "en tabell utan rader.", "a table without rows.");
    parser->tail = frame->tail;
    parser->scopes.count = frame->scope_count;
    return true;
}

static bool frame_turn(struct parser *parser)
{
    struct frame *frame = parser->depth == 0 ? NULL : &parser->frames[parser->depth - 1];

    if (frame == NULL || frame->node->kind != NODE_IF || frame->otherwise)
        return parser_refuse(parser, "{else} utan {if}.", "{else} without {if}.");
    frame->otherwise = true;
    parser->tail = &frame->node->otherwise;
    return true;
}

static bool word_check(struct parser *parser, const struct niva_letter_name *name, struct part word)
{
    struct part rest = {name->words == NULL ? "" : name->words,
                        name->words == NULL ? 0 : strlen(name->words)};

    while (rest.length > 0) {
        struct part known = word_take(&rest);

        if (known.length == word.length && memcmp(known.at, word.at, word.length) == 0)
            return true;
    }
    return name_refuse("namnet är aldrig ordet", "the name is never the word", word.at, word.length,
                       parser->err);
}

/* {if NAME}, {if not NAME}, {if NAME is WORD}, {if NAME is not WORD} */
static bool if_read(struct parser *parser, struct part rest)
{
    struct node *node = node_add(parser, NODE_IF);
    struct part word;

    if (node == NULL)
        return false;
    word = word_take(&rest);
    if (part_is(word, "not")) {
        node->negated = true;
        word = word_take(&rest);
    }
    if (!name_place_find(word.at, word.length, &parser->scopes, &node->place, parser->err))
        return false;
    if (rest.length > 0 && !node->negated && part_is(word_take(&rest), "is")) {
        word = word_take(&rest);
        if (part_is(word, "not")) {
            node->negated = true;
            word = word_take(&rest);
        }
        if (!word_check(parser, name_at(&parser->scopes, node->place), word))
            return false;
        node->word = niva_arena_copy(parser->arena, word.at, word.length);
        if (node->word == NULL)
            return niva_fail_memory(parser->err);
    }
    if (rest.length > 0)
        return parser_refuse(parser,
                             "villkoret skrivs {if NAMN}, {if not NAMN} eller {if NAMN is ORD}.",
                             "a condition is {if NAME}, {if not NAME} or {if NAME is WORD}.");
    return frame_open(parser, node);
}

static bool each_read(struct parser *parser, struct part rest)
{
    struct node *node = node_add(parser, NODE_EACH);
    const struct niva_letter_name *name;

    if (node == NULL ||
        !name_place_find(rest.at, rest.length, &parser->scopes, &node->place, parser->err))
        return false;
    name = name_at(&parser->scopes, node->place);
    if (name->fields == NULL)
        return parser_refuse(parser, "{each …} tar en lista.", "{each …} takes a list.");
    if (!frame_open(parser, node))
        return false;
    parser->scopes.names[parser->scopes.count++] = name->fields;
    return true;
}

static bool column_read(struct parser *parser, struct part word, struct column *ret_column)
{
    struct column column = {0};

    if (word.length > 1 && word.at[word.length - 1] == '>') {
        column.right = true;
        word.length--;
    }
    for (size_t i = 0; i < word.length && column.share <= SHARE_MAX; i++) {
        if (word.at[i] < '0' || word.at[i] > '9')
            return parser_refuse(parser, "en kolumn är ett tal, med ”>” bakom för höger.",
                                 "a column is a number, with \">\" behind it for right.");
        column.share = column.share * 10 + (word.at[i] - '0');
    }
    if (column.share < 1 || column.share > SHARE_MAX)
        return parser_refuse(parser, "en kolumns andel är 1 till 1000.",
                             "a column's share is 1 to 1000.");
    *ret_column = column;
    return true;
}

static bool table_read(struct parser *parser, struct part rest)
{
    struct node *node;

    if (parser->region != REGION_BODY || table_around(parser) != NULL)
        return parser_refuse(parser, "en tabell kan inte stå här.", "a table cannot stand here.");
    node = node_add(parser, NODE_TABLE);
    if (node == NULL)
        return false;
    while (rest.length > 0) {
        if (node->column_count == TEMPLATE_COLUMNS_MAX)
            return parser_refuse(parser, "för många kolumner.", "too many columns.");
        if (!column_read(parser, word_take(&rest), &node->columns[node->column_count++]))
            return false;
    }
    if (node->column_count == 0)
        return parser_refuse(parser, "{table …} utan kolumner.", "{table …} without columns.");
    return frame_open(parser, node);
}

bool control_is(struct part line)
{
    static const char *const words[] = {"{if ", "{each ", "{table ", "{else}", "{end}"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (part_begins(line, words[i]))
            return true;
    return false;
}

bool control_read(struct parser *parser, struct part line)
{
    struct part word;

    if (line.at[line.length - 1] != '}' ||
        memchr(line.at, '}', line.length) != line.at + line.length - 1)
        return parser_refuse(parser, "en styrrad står ensam på sin rad.",
                             "a control line stands alone on its line.");
    line = part_trim((struct part){line.at + 1, line.length - 2});
    word = word_take(&line);
    if (part_is(word, "if"))
        return if_read(parser, line);
    if (part_is(word, "each"))
        return each_read(parser, line);
    if (part_is(word, "table"))
        return table_read(parser, line);
    return part_is(word, "else") ? frame_turn(parser) : frame_close(parser);
}
