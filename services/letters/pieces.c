/* The inside of a line: words, names, bold text and links. */
#include <stdio.h>
#include <string.h>

#include "services/letters/template.h"

struct reading {
    const char *at;
    const char *end;
    const struct scopes *scopes;
    struct niva_arena *arena;
    struct niva_error *err;
    struct niva_text literal;
    struct piece **tail;
    bool strong;
    bool linked;
};

bool name_refuse(const char *what_sv, const char *what_en, const char *name, size_t length,
                 struct niva_error *err)
{
    int shown = length < 60 ? (int)length : 60;
    char text_sv[160];
    char text_en[160];

    snprintf(text_sv, sizeof text_sv, "%s ”%.*s”.", what_sv, shown, name);
    snprintf(text_en, sizeof text_en, "%s \"%.*s\".", what_en, shown, name);
    return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

bool name_place_find(const char *name, size_t length, const struct scopes *scopes,
                     struct name_place *ret_place, struct niva_error *err)
{
    for (size_t scope = scopes->count; scope-- > 0;) {
        size_t index = name_find(scopes->names[scope], name, length);

        if (index == NIVA_LETTER_NOWHERE)
            continue;
        *ret_place = (struct name_place){scope, index};
        return true;
    }
    return name_refuse("okänt namn", "unknown name", name, length, err);
}

const struct niva_letter_name *name_at(const struct scopes *scopes, struct name_place place)
{
    return &scopes->names[place.scope][place.index];
}

static bool refuse(struct reading *reading, const char *text_sv, const char *text_en)
{
    return niva_fail(reading->err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

static bool piece_add(struct reading *reading, struct piece piece)
{
    struct piece *copy = niva_arena_alloc(reading->arena, sizeof *copy);

    if (copy == NULL)
        return niva_fail_memory(reading->err);
    *copy = piece;
    *reading->tail = copy;
    reading->tail = &copy->next;
    return true;
}

static bool literal_end(struct reading *reading)
{
    const char *copy;

    if (reading->literal.failed)
        return niva_fail_memory(reading->err);
    if (reading->literal.length == 0)
        return true;
    copy = niva_arena_copy(reading->arena, reading->literal.data, reading->literal.length);
    reading->literal.length = 0;
    if (copy == NULL)
        return niva_fail_memory(reading->err);
    return piece_add(reading, (struct piece){.kind = PIECE_TEXT, .text = copy});
}

/* Finds `close` in what is left; NULL when it is not there. */
static const char *closing(const struct reading *reading, char close)
{
    return memchr(reading->at, close, (size_t)(reading->end - reading->at));
}

static bool name_read(struct reading *reading)
{
    const char *close = closing(reading, '}');
    struct piece piece = {.kind = PIECE_NAME};

    if (close == NULL)
        return refuse(reading, "”{” utan ”}”.", "\"{\" without \"}\".");
    reading->at++;
    if (!name_place_find(reading->at, (size_t)(close - reading->at), reading->scopes, &piece.place,
                         reading->err))
        return false;
    if (name_at(reading->scopes, piece.place)->fields != NULL)
        return refuse(reading, "en lista har ingen text; använd {each …}.",
                      "a list has no text; use {each …}.");
    piece.text = name_at(reading->scopes, piece.place)->name;
    reading->at = close + 1;
    return literal_end(reading) && piece_add(reading, piece);
}

static bool strong_read(struct reading *reading)
{
    reading->at += 2;
    reading->strong = !reading->strong;
    return literal_end(reading) && piece_add(reading, (struct piece){.kind = PIECE_STRONG});
}

/* "](target)": what is linked ends here; the target is known by where the link began. */
static bool link_end(struct reading *reading)
{
    reading->at = closing(reading, ')') + 1;
    reading->linked = false;
    return literal_end(reading) && piece_add(reading, (struct piece){.kind = PIECE_LINK_END});
}

static bool link_begin(struct reading *reading)
{
    struct piece piece = {.kind = PIECE_LINK};
    const char *middle = NULL;
    const char *close;

    for (const char *at = reading->at; at + 1 < reading->end && middle == NULL; at++)
        if (at[0] == ']' && at[1] == '(')
            middle = at;
    close = middle == NULL ? NULL : memchr(middle, ')', (size_t)(reading->end - middle));
    if (close == NULL || reading->linked)
        return refuse(reading, "en länk skrivs [text](mål).", "a link is written [text](target).");
    if (!pieces_read(middle + 2, (size_t)(close - middle - 2), reading->scopes, reading->arena,
                     &piece.target, reading->err))
        return false;
    reading->at++;
    reading->linked = true;
    return literal_end(reading) && piece_add(reading, piece);
}

static bool character_read(struct reading *reading)
{
    bool more = reading->at + 1 < reading->end;

    switch (*reading->at) {
    case '{':
        return name_read(reading);
    case '[':
        return link_begin(reading);
    case ']':
        if (reading->linked && more && reading->at[1] == '(')
            return link_end(reading);
        return refuse(reading, "”]” ensamt; skriv \\].", "a lone \"]\"; write \\].");
    case '}':
        return refuse(reading, "”}” ensamt; skriv \\}.", "a lone \"}\"; write \\}.");
    case '*':
        if (more && reading->at[1] == '*')
            return strong_read(reading);
        break;
    case '\\':
        if (!more)
            return refuse(reading, "”\\” sist på raden.", "\"\\\" at the end of the line.");
        reading->at++;
        break;
    default:
        break;
    }
    niva_text_append(&reading->literal, reading->at, 1);
    reading->at++;
    return true;
}

bool pieces_read(const char *text, size_t length, const struct scopes *scopes,
                 struct niva_arena *arena, const struct piece **ret_pieces, struct niva_error *err)
{
    struct piece *first = NULL;
    struct reading reading = {
        .at = text,
        .end = text + length,
        .scopes = scopes,
        .arena = arena,
        .err = err,
        .tail = &first,
    };
    bool read = true;

    while (read && reading.at < reading.end)
        read = character_read(&reading);
    read = read && literal_end(&reading);
    niva_text_free(&reading.literal);
    if (!read)
        return false;
    if (reading.strong)
        return refuse(&reading, "”**” utan slut på samma rad.",
                      "\"**\" without its end on the same line.");
    *ret_pieces = first;
    return true;
}
