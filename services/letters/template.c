#include "services/letters/parser.h"

#include <stdio.h>
#include <string.h>

enum { TEMPLATE_BYTES_MAX = 256 << 10 };

const struct niva_letter_name page_vocabulary[] = {{.name = "page"}, {.name = "pages"}, {NULL}};

bool parser_refuse(struct parser *parser, const char *text_sv, const char *text_en)
{
    return niva_fail(parser->err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

bool template_blame(const char *path, size_t line, struct niva_error *err)
{
    struct niva_error inner = *err;
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv, "%.90s:%zu: %.120s", path, line, inner.text_sv);
    snprintf(text_en, sizeof text_en, "%.90s:%zu: %.120s", path, line, inner.text_en);
    return niva_fail(err, inner.code, text_sv, text_en);
}

struct part part_trim(struct part part)
{
    while (part.length > 0 && *part.at == ' ') {
        part.at++;
        part.length--;
    }
    while (part.length > 0 && part.at[part.length - 1] == ' ')
        part.length--;
    return part;
}

bool part_begins(struct part part, const char *prefix)
{
    return part.length >= strlen(prefix) && memcmp(part.at, prefix, strlen(prefix)) == 0;
}

bool part_is(struct part part, const char *text)
{
    return part.length == strlen(text) && part_begins(part, text);
}

struct part part_behind(struct part part, size_t length)
{
    return part_trim((struct part){part.at + length, part.length - length});
}

struct part word_take(struct part *rest)
{
    struct part word = {rest->at, 0};

    while (word.length < rest->length && rest->at[word.length] != ' ')
        word.length++;
    *rest = part_behind(*rest, word.length);
    return word;
}

/* ---- lines of text ---- */

static bool cell_read(struct parser *parser, struct node *node, struct part cell)
{
    if (node->cell_count == TEMPLATE_COLUMNS_MAX)
        return parser_refuse(parser, "för många celler.", "too many cells.");
    cell = part_trim(cell);
    return pieces_read(cell.at, cell.length, &parser->scopes, parser->arena,
                       &node->cells[node->cell_count++], parser->err);
}

/* Cells between bars; "\|" is no bar. */
static bool cells_read(struct parser *parser, struct node *node, struct part rest)
{
    size_t begin = 0;

    for (size_t i = 0; i < rest.length; i++) {
        if (rest.at[i] == '\\') {
            i++;
        } else if (rest.at[i] == '|') {
            if (!cell_read(parser, node, (struct part){rest.at + begin, i - begin}))
                return false;
            begin = i + 1;
        }
    }
    if (begin == rest.length && node->cell_count > 0)
        return true;
    return cell_read(parser, node, (struct part){rest.at + begin, rest.length - begin});
}

static bool row_read(struct parser *parser, struct part line)
{
    const struct node *table = table_around(parser);
    struct node *node = node_add(parser, NODE_LINE);

    if (node == NULL)
        return false;
    if (table == NULL || line.at[line.length - 1] != '|' || line.length < 2)
        return parser_refuse(parser, "en rad | … | står i en {table …} och slutar med |.",
                             "a row | … | stands in a {table …} and ends with |.");
    node->line_kind = line.at[1] == '!' ? LINE_HEAD : line.at[1] == '=' ? LINE_SUM : LINE_ROW;
    if (!cells_read(parser, node, part_behind(line, node->line_kind == LINE_ROW ? 1 : 2)))
        return false;
    if (node->cell_count != table->column_count)
        return parser_refuse(parser, "raden har inte lika många celler som tabellen kolumner.",
                             "the row has not as many cells as the table has columns.");
    if (node->line_kind == LINE_HEAD && table->inner != node)
        return parser_refuse(parser, "en tabells huvud är dess första rad.",
                             "the head of a table is its first row.");
    return true;
}

static bool fact_read(struct parser *parser, struct part line)
{
    struct node *node = node_add(parser, NODE_LINE);

    if (node == NULL)
        return false;
    node->line_kind = LINE_FACT;
    return cells_read(parser, node, line) &&
           (node->cell_count == 2 ||
            parser_refuse(parser, "raden skrivs ”ord | text”.", "the line is \"term | text\"."));
}

static bool text_read(struct parser *parser, struct part line)
{
    static const struct {
        const char *prefix;
        enum line_kind kind;
    } kinds[] = {
        {"# ", LINE_TITLE}, {"## ", LINE_HEADING}, {"- ", LINE_ITEM},
        {"> ", LINE_QUOTE}, {"! ", LINE_NOTICE},
    };
    struct node *node = node_add(parser, NODE_LINE);

    if (node == NULL)
        return false;
    node->line_kind = LINE_TEXT;
    for (size_t i = 0; parser->region == REGION_BODY && i < sizeof kinds / sizeof *kinds; i++)
        if (part_begins(line, kinds[i].prefix)) {
            node->line_kind = kinds[i].kind;
            line = part_behind(line, strlen(kinds[i].prefix));
            break;
        }
    return cell_read(parser, node, line);
}

static bool content_read(struct parser *parser, struct part line)
{
    if (line.length == 0)
        return parser->fresh || node_add(parser, NODE_EMPTY) != NULL;
    if (parser->fresh)
        return parser_refuse(parser, "text före den första regionen (@…).",
                             "text before the first region (@…).");
    if (control_is(line))
        return control_read(parser, line);
    if (*line.at == '|')
        return row_read(parser, line);
    if (table_around(parser) != NULL)
        return parser_refuse(parser, "i en tabell står bara rader.", "a table holds rows alone.");
    if (parser->region == REGION_REFERENCE)
        return fact_read(parser, line);
    if (parser->region == REGION_BODY && part_begins(line, ": "))
        return fact_read(parser, part_behind(line, 2));
    return text_read(parser, line);
}

/* ---- regions ---- */

static bool language_read(struct parser *parser, struct part rest)
{
    if (!part_is(rest, "sv") && !part_is(rest, "en"))
        return parser_refuse(parser, "@language är sv eller en.", "@language is sv or en.");
    parser->letter->language = part_is(rest, "sv") ? "sv" : "en";
    return true;
}

static bool line_of_region_read(struct parser *parser, struct part rest,
                                const struct scopes *scopes, const struct piece **ret_pieces)
{
    if (*ret_pieces != NULL)
        return parser_refuse(parser, "regionen finns redan.", "the region is there already.");
    if (rest.length == 0)
        return parser_refuse(parser, "regionen är tom.", "the region is empty.");
    return pieces_read(rest.at, rest.length, scopes, parser->arena, ret_pieces, parser->err);
}

static bool region_begin(struct parser *parser, enum region region, struct part rest)
{
    if (rest.length > 0)
        return parser_refuse(parser, "regionens text står på raderna under.",
                             "the text of the region stands on the lines below.");
    if (parser->begun[region])
        return parser_refuse(parser, "regionen finns redan.", "the region is there already.");
    parser->begun[region] = true;
    parser->region = region;
    parser->tail = &parser->letter->regions[region];
    parser->fresh = false;
    return true;
}

static bool region_read(struct parser *parser, struct part line)
{
    static const char *const names[REGION_COUNT] = {"@letterhead", "@reference", "@recipient",
                                                    "@body", "@foot"};
    static const struct scopes page = {1, {page_vocabulary}};
    struct part word = word_take(&line);

    if (parser->depth > 0)
        return parser_refuse(parser, "{end} saknas före regionen.",
                             "{end} is missing before the region.");
    if (part_is(word, "@language"))
        return language_read(parser, line);
    if (part_is(word, "@page"))
        return line_of_region_read(parser, line, &page, &parser->letter->page);
    if (part_is(word, "@title")) {
        parser->letter->title_line = parser->line;
        return line_of_region_read(parser, line, &parser->scopes, &parser->letter->title);
    }
    if (part_is(word, "@running")) {
        parser->letter->running_line = parser->line;
        return line_of_region_read(parser, line, &parser->scopes, &parser->letter->running);
    }
    for (int region = 0; region < REGION_COUNT; region++)
        if (part_is(word, names[region]))
            return region_begin(parser, (enum region)region, line);
    return name_refuse("okänd region", "unknown region", word.at, word.length, parser->err);
}

static bool line_read(struct parser *parser, struct part line)
{
    if (line.length > 0 && line.at[line.length - 1] == '\r')
        line.length--;
    line = part_trim(line);
    if (part_begins(line, "//"))
        return true;
    return part_begins(line, "@") ? region_read(parser, line) : content_read(parser, line);
}

static bool whole_check(struct parser *parser)
{
    const struct niva_letter_template *letter = parser->letter;

    if (parser->depth > 0)
        return parser_refuse(parser, "{end} saknas.", "{end} is missing.");
    if (letter->language == NULL || letter->title == NULL || letter->page == NULL ||
        letter->running == NULL || !parser->begun[REGION_BODY])
        return parser_refuse(parser,
                             "mallen saknar @language, @title, @running, @page eller @body.",
                             "the template lacks @language, @title, @running, @page or @body.");
    return true;
}

bool niva_letter_template_read(const char *path, const char *bytes, size_t size,
                               const struct niva_letter_name *vocabulary, struct niva_arena *arena,
                               const struct niva_letter_template **ret_template,
                               struct niva_error *err)
{
    struct niva_letter_template *letter = niva_arena_alloc(arena, sizeof *letter);
    struct parser parser = {
        .letter = letter,
        .arena = arena,
        .err = err,
        .fresh = true,
        .scopes = {1, {vocabulary}},
    };
    const char *end = bytes + size;

    if (letter == NULL)
        return niva_fail_memory(err);
    letter->path = path;
    letter->vocabulary = vocabulary;
    if (size > TEMPLATE_BYTES_MAX || !niva_utf8_valid(bytes, size)) {
        parser_refuse(&parser, "mallen är inte UTF-8 eller större än 256 KiB.",
                      "the template is not UTF-8 or larger than 256 KiB.");
        return template_blame(path, 1, err);
    }
    while (bytes < end) {
        const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t length = (size_t)((feed == NULL ? end : feed) - bytes);

        parser.line++;
        if (!line_read(&parser, (struct part){bytes, length}))
            return template_blame(path, parser.line, err);
        bytes += length + (feed != NULL);
    }
    if (!whole_check(&parser))
        return template_blame(path, parser.line, err);
    *ret_template = letter;
    return true;
}
