/* CSV (RFC 4180, as Swedish Excel writes and reads it). A quote opens only at the beginning of a
 * field; inside another text it is a character. A record is a row, whatever line feeds its quotes
 * hold. */
#include <stdlib.h>
#include <string.h>

#include "services/common/base/text.h"
#include "services/common/sheets/inside.h"

static const char separators[] = {';', '\t', ','};
enum { SEPARATORS = sizeof separators };

struct csv {
    const char *at;
    const char *end;
    char separator;
    struct sheet_maker *maker;
    struct niva_text field; /* of a quoted field, without its doubled quotes */
    struct niva_error *err;
};

/* ---- bytes to UTF-8 ---- */

/* 0x80 … 0x9f of Windows-1252; 0 has no character. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static bool refuse_encoding(struct niva_error *err)
{
    return sheet_refuse(
        err, "TEXT_ENCODING",
        "Filen är ingen text i UTF-8 eller Windows-1252. Spara den som ”CSV UTF-8”.",
        "The file is no text in UTF-8 or Windows-1252. Save it as \"CSV UTF-8\".");
}

static size_t utf8_put(uint32_t character, char *to)
{
    if (character < 0x80) {
        to[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        to[0] = (char)(0xc0 | character >> 6);
        to[1] = (char)(0x80 | (character & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | character >> 12);
    to[1] = (char)(0x80 | (character >> 6 & 0x3f));
    to[2] = (char)(0x80 | (character & 0x3f));
    return 3;
}

static bool windows_decode(const uint8_t *bytes, size_t size, struct niva_arena *arena,
                           const char **ret_text, size_t *ret_size, struct niva_error *err)
{
    char *text = niva_arena_alloc(arena, 3 * size);
    size_t length = 0;

    if (text == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < size; i++) {
        uint32_t character = bytes[i];

        if (character >= 0x80 && character < 0xa0)
            character = windows_1252[character - 0x80];
        if (character == 0)
            return refuse_encoding(err);
        length += utf8_put(character, text + length);
    }
    *ret_text = text;
    *ret_size = length;
    return true;
}

/* Control characters are in no text that a spreadsheet saves. */
static bool looks_like_text(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] < 0x20 && bytes[i] != '\t' && bytes[i] != '\n' && bytes[i] != '\r')
            return false;
    return true;
}

/* A byte order mark promises UTF-8: then nothing else will do. */
static bool bytes_decode(const uint8_t *bytes, size_t size, struct niva_arena *arena,
                         const char **ret_text, size_t *ret_size, struct niva_error *err)
{
    bool marked = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;

    if (!looks_like_text(bytes, size))
        return refuse_encoding(err);
    *ret_text = (const char *)bytes + (marked ? 3 : 0);
    *ret_size = size - (marked ? 3 : 0);
    if (niva_utf8_valid(*ret_text, *ret_size))
        return true;
    return marked ? refuse_encoding(err)
                  : windows_decode(bytes, size, arena, ret_text, ret_size, err);
}

/* ---- which separator ---- */

static bool line_ends(const char *at, const char *end)
{
    return at == end || *at == '\n' || *at == '\r';
}

/* Behind the end of a line that begins or ends here. */
static const char *line_step(const char *at, const char *end)
{
    if (at < end && *at == '\r')
        return at + 1 < end && at[1] == '\n' ? at + 2 : at + 1;
    return at < end ? at + 1 : at;
}

/* "sep=;" in the first line names it, and is no row of its own in Excel; it keeps its number here.
 */
static bool separator_named(struct csv *csv)
{
    if (csv->end - csv->at < 5 || memcmp(csv->at, "sep=", 4) != 0 ||
        memchr(separators, csv->at[4], SEPARATORS) == NULL || !line_ends(csv->at + 5, csv->end))
        return false;
    csv->separator = csv->at[4];
    return true;
}

/* Of the first line with content, outside quotes, exactly one of the separators must occur. One
 * that has none has one column. */
static bool separator_find(struct csv *csv)
{
    bool seen[SEPARATORS] = {false};
    const char *at = csv->at;
    bool quoted = false;
    size_t count = 0;

    while (at < csv->end && strchr(" \r\n", *at) != NULL)
        at++;
    for (; at < csv->end && (quoted || !line_ends(at, csv->end)); at++) {
        quoted ^= *at == '"';
        for (size_t i = 0; i < SEPARATORS && !quoted; i++)
            seen[i] |= *at == separators[i];
    }
    csv->separator = ';';
    for (size_t i = 0; i < SEPARATORS; i++) {
        if (!seen[i])
            continue;
        csv->separator = separators[i];
        count++;
    }
    return count <= 1 ||
           sheet_refuse(
               csv->err, "SEPARATOR_UNCLEAR",
               "Rubrikraden har flera sorters skiljetecken. Använd ett enda: semikolon, tabb "
               "eller komma.",
               "The heading has several kinds of separators. Use one alone: semicolon, tab "
               "or comma.");
}

/* ---- records ---- */

/* From behind the opening quote to behind the closing one. */
static bool quoted_read(struct csv *csv)
{
    csv->field.length = 0;
    for (;;) {
        const char *quote = memchr(csv->at, '"', (size_t)(csv->end - csv->at));

        if (quote == NULL)
            return niva_refuse(csv->err, NIVA_INVALID_ARGUMENT, "content", "QUOTE_UNCLOSED",
                               "Rad %d: citattecknet avslutas aldrig.",
                               "Row %d: the quote never ends.", (int)csv->maker->number);
        niva_text_append(&csv->field, csv->at, (size_t)(quote - csv->at));
        csv->at = quote + 1;
        if (csv->at == csv->end || *csv->at != '"')
            break;
        niva_text_append(&csv->field, "\"", 1);
        csv->at++;
    }
    if (csv->field.failed)
        return niva_fail_memory(csv->err);
    if (!line_ends(csv->at, csv->end) && *csv->at != csv->separator)
        return niva_refuse(csv->err, NIVA_INVALID_ARGUMENT, "content", "QUOTE_MISPLACED",
                           "Rad %d: det står något efter ett citattecken.",
                           "Row %d: something stands behind a quote.", (int)csv->maker->number);
    return true;
}

static bool field_read(struct csv *csv, size_t column)
{
    const char *begin = csv->at;

    if (csv->at < csv->end && *csv->at == '"') {
        csv->at++;
        return quoted_read(csv) && sheet_cell_put(csv->maker, column, NIVA_CELL_TEXT,
                                                  csv->field.length > 0 ? csv->field.data : "",
                                                  csv->field.length, NIVA_DAY_NONE);
    }
    while (!line_ends(csv->at, csv->end) && *csv->at != csv->separator)
        csv->at++;
    return sheet_cell_put(csv->maker, column, NIVA_CELL_TEXT, begin, (size_t)(csv->at - begin),
                          NIVA_DAY_NONE);
}

static bool record_read(struct csv *csv)
{
    for (size_t column = 0;; column++) {
        if (!field_read(csv, column))
            return false;
        if (csv->at == csv->end || *csv->at != csv->separator)
            break;
        csv->at++;
    }
    csv->at = line_step(csv->at, csv->end);
    return true;
}

static bool records_read(struct csv *csv)
{
    for (int64_t number = 1; csv->at < csv->end; number++) {
        if (!sheet_row_begin(csv->maker, number))
            return false;
        if (number == 1 && separator_named(csv))
            csv->at = line_step(csv->at + 5, csv->end);
        else if (!record_read(csv))
            return false;
    }
    return true;
}

bool csv_read(const uint8_t *bytes, size_t size, struct niva_arena *arena,
              struct niva_sheet *ret_sheet, struct niva_error *err)
{
    struct sheet_maker *maker = niva_arena_alloc(arena, sizeof *maker);
    struct csv csv = {.maker = maker, .err = err};
    const char *text = NULL;
    size_t length = 0;
    bool good;

    if (maker == NULL)
        return niva_fail_memory(err);
    if (!bytes_decode(bytes, size, arena, &text, &length, err))
        return false;
    sheet_maker_begin(maker, arena, err);
    csv.at = text;
    csv.end = text + length;
    good = (separator_named(&csv) || separator_find(&csv)) && records_read(&csv) &&
           sheet_maker_end(maker, ret_sheet);
    niva_text_free(&csv.field);
    if (good) {
        ret_sheet->format = NIVA_SHEET_CSV;
        ret_sheet->name = "";
    }
    return good;
}
