/* The parts of an XLSX around its worksheets: which sheets there are, shared texts, formats. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/sheets/inside.h"
#include "services/common/sheets/number.h"

/* ---- texts ---- */

bool cell_text_append(struct cell_text *text, const char *characters, size_t size,
                      struct niva_error *err)
{
    if (size > NIVA_SHEET_CELL_BYTES_MAX - text->size)
        return sheet_refuse_large(err, "högst 32 767 byte i en cell",
                                  "at most 32,767 bytes in a cell");
    memcpy(text->bytes + text->size, characters, size);
    text->size += size;
    text->bytes[text->size] = '\0';
    return true;
}

/* The code of "_x000D_"; -1 when it is none. */
static int escaped_code(const char *at)
{
    char digits[5] = "";

    if (strncmp(at, "_x", 2) != 0 || strspn(at + 2, "0123456789abcdefABCDEF") < 4 || at[6] != '_')
        return -1;
    memcpy(digits, at + 2, 4);
    return (int)strtol(digits, NULL, 16);
}

void cell_text_unescape(struct cell_text *text)
{
    const char *at = text->bytes;
    size_t size = 0;

    text->bytes[text->size] = '\0';
    while (*at != '\0') {
        int code = escaped_code(at);

        if (code < 0 || (code >= 0x20 && code != '_')) {
            text->bytes[size++] = *at++;
            continue;
        }
        if (code == '_' || code == '\n' || code == '\t')
            text->bytes[size++] = (char)code;
        at += strlen("_x000D_");
    }
    text->size = size;
    text->bytes[size] = '\0';
}

/* ---- shared strings ---- */

struct stringing {
    struct package *package;
    struct strings strings;
    size_t capacity;
    bool in_item;
    bool in_text;
    int in_reading; /* phonetic readings are no part of the text */
    struct cell_text *text;
};

static bool string_keep(struct stringing *stringing)
{
    struct strings *strings = &stringing->strings;
    struct niva_arena *arena = stringing->package->arena;

    if (strings->count == stringing->capacity) {
        size_t capacity = stringing->capacity == 0 ? 256 : 2 * stringing->capacity;
        const char **texts = niva_arena_array(arena, capacity, sizeof *texts);

        if (strings->count == NIVA_SHEET_STRINGS_MAX)
            return sheet_refuse_large(stringing->package->err, "högst 1 000 000 olika texter",
                                      "at most 1,000,000 texts");
        if (texts == NULL)
            return niva_fail_memory(stringing->package->err);
        if (strings->count > 0)
            memcpy(texts, strings->texts, strings->count * sizeof *texts);
        strings->texts = texts;
        stringing->capacity = capacity;
    }
    cell_text_unescape(stringing->text);
    strings->texts[strings->count] =
        niva_arena_copy(arena, stringing->text->bytes, stringing->text->size);
    return strings->texts[strings->count++] != NULL || niva_fail_memory(stringing->package->err);
}

static bool string_begin(void *self, const char *name, const char *const *attributes)
{
    struct stringing *stringing = self;

    (void)attributes;
    if (strcmp(name, "si") == 0) {
        stringing->in_item = true;
        stringing->text->size = 0;
    }
    stringing->in_reading += strcmp(name, "rPh") == 0;
    stringing->in_text = stringing->in_item && stringing->in_reading == 0 && strcmp(name, "t") == 0;
    return true;
}

static bool string_end(void *self, const char *name)
{
    struct stringing *stringing = self;

    stringing->in_text = false;
    stringing->in_reading -= strcmp(name, "rPh") == 0;
    if (strcmp(name, "si") != 0)
        return true;
    stringing->in_item = false;
    return string_keep(stringing);
}

static bool string_text(void *self, const char *characters, size_t size)
{
    struct stringing *stringing = self;

    return !stringing->in_text ||
           cell_text_append(stringing->text, characters, size, stringing->package->err);
}

bool strings_read(struct package *package, const char *part, struct strings *ret_strings)
{
    struct stringing stringing = {.package = package,
                                  .text = niva_arena_alloc(package->arena, sizeof *stringing.text)};
    struct xml_reader reader = {&stringing, string_begin, string_end, string_text};

    if (stringing.text == NULL)
        return niva_fail_memory(package->err);
    if (!package_read(package, part, &reader))
        return false;
    *ret_strings = stringing.strings;
    return true;
}

/* ---- formats ---- */

/* What a file says of a number format of its own; ids have 16 bits. */
enum format { FORMAT_UNSAID, FORMAT_DATE, FORMAT_OTHER };
enum { FORMAT_IDS = 65536 };

struct styling {
    struct package *package;
    uint8_t *formats; /* enum format, by id; NULL: the file has none of its own */
    struct styles styles;
    size_t capacity;
    bool in_cells; /* cellXfs */
};

/* Formats that need no code in the file (ECMA-376, 18.8.30), those of the far east too. */
static bool format_is_builtin_date(int id)
{
    return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
           (id >= 50 && id <= 54) || id == 57 || id == 58;
}

/* What of a code is no letter of it: quoted, escaped, in brackets, a space as wide as a letter. */
static const char *format_step(const char *at)
{
    const char *end = NULL;

    if (*at == '"')
        end = strchr(at + 1, '"');
    if (*at == '[')
        end = strchr(at, ']');
    if (*at == '"' || *at == '[')
        return end == NULL ? at + strlen(at) : end + 1;
    if ((*at == '\\' || *at == '_' || *at == '*') && at[1] != '\0')
        return at + 2;
    return at + 1;
}

/* A year or a day makes a date; so does a month, which is a minute beside hours or seconds. */
static bool format_code_is_date(const char *code)
{
    bool month = false;
    bool clock = false;

    while (*code != '\0' && *code != ';') {
        if (strncmp(code, "General", 7) == 0)
            code += 6;
        else if (strchr("yYdD", *code) != NULL)
            return true;
        else if (strncmp(code, "AM/PM", 5) == 0)
            code += 4;
        month |= *code == 'm' || *code == 'M';
        clock |= strchr("hHsS", *code) != NULL;
        code = format_step(code);
    }
    return month && !clock;
}

/* The number of a format; -1 for what is none. */
static int format_id(const char *text)
{
    int64_t id;

    return niva_number_read(text, 0, &id) == NIVA_NUMBER_GOOD && id >= 0 && id <= INT_MAX ? (int)id
                                                                                          : -1;
}

static bool format_take(struct styling *styling, const char *id, const char *code)
{
    int number = id == NULL ? -1 : format_id(id);

    if (number < 0 || number >= FORMAT_IDS || code == NULL)
        return true;
    if (styling->formats == NULL)
        styling->formats = niva_arena_alloc(styling->package->arena, FORMAT_IDS);
    if (styling->formats == NULL)
        return niva_fail_memory(styling->package->err);
    if (styling->formats[number] == FORMAT_UNSAID)
        styling->formats[number] = format_code_is_date(code) ? FORMAT_DATE : FORMAT_OTHER;
    return true;
}

static bool format_is_date(const struct styling *styling, int id)
{
    if (styling->formats != NULL && id >= 0 && id < FORMAT_IDS &&
        styling->formats[id] != FORMAT_UNSAID)
        return styling->formats[id] == FORMAT_DATE;
    return format_is_builtin_date(id);
}

static bool style_take(struct styling *styling, const char *id)
{
    struct styles *styles = &styling->styles;

    if (styles->dates == NULL)
        styles->dates =
            niva_arena_array(styling->package->arena, NIVA_SHEET_STYLES_MAX, sizeof *styles->dates);
    if (styles->dates == NULL)
        return niva_fail_memory(styling->package->err);
    if (styles->count == NIVA_SHEET_STYLES_MAX)
        return sheet_refuse_large(styling->package->err, "högst 65 536 format",
                                  "at most 65,536 formats");
    styles->dates[styles->count++] = id != NULL && format_is_date(styling, format_id(id));
    return true;
}

static bool style_begin(void *self, const char *name, const char *const *attributes)
{
    struct styling *styling = self;

    if (strcmp(name, "cellXfs") == 0)
        styling->in_cells = true;
    if (strcmp(name, "numFmt") == 0 && !styling->in_cells && styling->styles.count == 0)
        return format_take(styling, xml_attribute(attributes, "numFmtId"),
                           xml_attribute(attributes, "formatCode"));
    if (strcmp(name, "xf") == 0 && styling->in_cells)
        return style_take(styling, xml_attribute(attributes, "numFmtId"));
    return true;
}

static bool style_end(void *self, const char *name)
{
    struct styling *styling = self;

    if (strcmp(name, "cellXfs") == 0)
        styling->in_cells = false;
    return true;
}

bool styles_read(struct package *package, const char *part, struct styles *ret_styles)
{
    struct styling styling = {.package = package};
    struct xml_reader reader = {.self = &styling, .begin = style_begin, .end = style_end};

    if (!package_read(package, part, &reader))
        return false;
    *ret_styles = styling.styles;
    return true;
}

/* ---- which sheet ---- */

struct choosing {
    struct package *package;
    const char *wanted; /* NULL: the first visible one */
    const char *name;   /* of the one that was found */
    const char *id;     /* of its relationship */
    bool date1904;
};

static bool is_true(const char *value)
{
    return value != NULL && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

static bool sheet_begin(void *self, const char *name, const char *const *attributes)
{
    struct choosing *choosing = self;
    const char *sheet = xml_attribute(attributes, "name");
    const char *state = xml_attribute(attributes, "state");
    const char *id = xml_attribute(attributes, "id");

    if (strcmp(name, "workbookPr") == 0)
        choosing->date1904 = is_true(xml_attribute(attributes, "date1904"));
    if (strcmp(name, "sheet") != 0 || choosing->id != NULL || sheet == NULL || id == NULL)
        return true;
    if (choosing->wanted != NULL ? strcmp(sheet, choosing->wanted) != 0
                                 : state != NULL && strcmp(state, "visible") != 0)
        return true;
    choosing->name = niva_arena_strdup(choosing->package->arena, sheet);
    choosing->id = niva_arena_strdup(choosing->package->arena, id);
    return (choosing->name != NULL && choosing->id != NULL) ||
           niva_fail_memory(choosing->package->err);
}

static bool refuse_no_sheet(const struct choosing *choosing)
{
    if (choosing->wanted == NULL)
        return sheet_refuse_broken(choosing->package->err);
    return niva_refuse(choosing->package->err, NIVA_INVALID_ARGUMENT, "content", "SHEET_UNKNOWN",
                       "Filen har inget blad ”%.80s”.", "The file has no sheet \"%.80s\".",
                       choosing->wanted);
}

static bool parts_read(struct package *package, const char *name, struct niva_sheet *ret_sheet)
{
    struct choosing choosing = {.package = package, .wanted = name};
    struct xml_reader reader = {.self = &choosing, .begin = sheet_begin};
    struct relation root[] = {{.type = "/officeDocument"}};
    struct strings strings = {0};
    struct styles styles = {0};
    struct worksheet worksheet = {.strings = &strings, .styles = &styles};

    if (!relations_find(package, "", root, 1))
        return false;
    if (root[0].target == NULL)
        return sheet_refuse(package->err, "NOT_A_SHEET",
                            "Filen är ett arkiv men ingen XLSX. Spara den som XLSX eller CSV.",
                            "The file is an archive but no XLSX. Save it as XLSX or CSV.");
    if (!package_read(package, root[0].target, &reader))
        return false;
    if (choosing.id == NULL)
        return refuse_no_sheet(&choosing);
    struct relation relations[] = {
        {.id = choosing.id}, {.type = "/sharedStrings"}, {.type = "/styles"}};
    if (!relations_find(package, root[0].target, relations, 3))
        return false;
    if (relations[0].target == NULL)
        return sheet_refuse_broken(package->err);
    if ((relations[1].target != NULL && !strings_read(package, relations[1].target, &strings)) ||
        (relations[2].target != NULL && !styles_read(package, relations[2].target, &styles)))
        return false;
    worksheet.date1904 = choosing.date1904;
    ret_sheet->format = NIVA_SHEET_XLSX;
    ret_sheet->name = choosing.name;
    return worksheet_read(package, relations[0].target, &worksheet, ret_sheet);
}

bool xlsx_read(const uint8_t *bytes, size_t size, const char *name, struct niva_arena *arena,
               struct niva_sheet *ret_sheet, struct niva_error *err)
{
    struct package package;
    bool good;

    if (!package_open(&package, bytes, size, arena, err))
        return false;
    good = parts_read(&package, name, ret_sheet);
    package_close(&package);
    return good;
}
