#include "services/nivactl/table.h"

#include <string.h>

enum { GAP = 2, ROWS_FIRST = 32 };

struct row {
    const char *const *cells; /* NULL: a line */
};

struct table {
    struct niva_arena *arena;
    size_t column_count;
    const struct column *columns;
    struct row *rows;
    size_t count;
    size_t capacity;
    size_t lines;
    bool failed;
};

struct range {
    uint32_t first;
    uint32_t last;
};

/* General categories Mn, Me and Cf as far as they are met in names; Unicode 15. */
static const struct range zero_width[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f}, {0x200b, 0x200d},
    {0x2060, 0x2060}, {0x20d0, 0x20f0}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
};

/* East Asian Width W and F; Unicode 15. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
    {0x20000, 0x3fffd},
};

/* Characters that would act on the terminal instead of being shown: C0, DEL, C1, line and paragraph
 * separators, direction marks. */
static const struct range acting[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x061c, 0x061c},
    {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069},
};

static bool within(uint32_t character, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

/* The character at `*at`, which moves behind it. A byte that begins no character stands for
 * itself as an acting one. */
static uint32_t character_next(const char **at)
{
    const unsigned char *bytes = (const unsigned char *)*at;
    size_t more = bytes[0] < 0x80 ? 0 : bytes[0] < 0xe0 ? 1 : bytes[0] < 0xf0 ? 2 : 3;
    uint32_t character = more == 0 ? bytes[0] : bytes[0] & (0x3fu >> more);

    if ((bytes[0] >= 0x80 && bytes[0] < 0xc2) || bytes[0] > 0xf4) {
        *at += 1;
        return 0;
    }
    for (size_t i = 1; i <= more; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            *at += i;
            return 0;
        }
        character = character << 6 | (bytes[i] & 0x3f);
    }
    *at += more + 1;
    return character;
}

static size_t character_columns(uint32_t character)
{
    if (within(character, zero_width, sizeof zero_width / sizeof *zero_width))
        return 0;
    return within(character, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

size_t text_columns(const char *text)
{
    size_t columns = 0;

    while (*text != '\0')
        columns += character_columns(character_next(&text));
    return columns;
}

static void cell_append(struct niva_text *text, const char *cell)
{
    while (*cell != '\0') {
        const char *begin = cell;
        uint32_t character = character_next(&cell);

        if (within(character, acting, sizeof acting / sizeof *acting))
            niva_text_puts(text, "?");
        else
            niva_text_append(text, begin, (size_t)(cell - begin));
    }
}

struct table *table_new(struct niva_arena *arena, size_t column_count, const struct column *columns)
{
    struct table *table = niva_arena_alloc(arena, sizeof *table);

    if (table == NULL)
        return NULL;
    table->arena = arena;
    table->column_count = column_count;
    table->columns = columns;
    return table;
}

static void row_add(struct table *table, const char *const *cells)
{
    if (table == NULL || table->failed)
        return;
    if (table->count == table->capacity) {
        size_t capacity = table->capacity == 0 ? ROWS_FIRST : 2 * table->capacity;
        struct row *rows = niva_arena_array(table->arena, capacity, sizeof *rows);

        if (rows == NULL) {
            table->failed = true;
            return;
        }
        if (table->count > 0)
            memcpy(rows, table->rows, table->count * sizeof *rows);
        table->rows = rows;
        table->capacity = capacity;
    }
    table->rows[table->count++].cells = cells;
}

void table_row(struct table *table, const char *const *cells)
{
    const char **copy;

    if (table == NULL || table->failed)
        return;
    copy = niva_arena_array(table->arena, table->column_count, sizeof *copy);
    if (copy == NULL) {
        table->failed = true;
        return;
    }
    for (size_t i = 0; i < table->column_count; i++)
        copy[i] = cells[i] == NULL ? "" : cells[i];
    row_add(table, copy);
}

void table_rule(struct table *table)
{
    row_add(table, NULL);
    if (table != NULL && !table->failed)
        table->lines++;
}

size_t table_rows(const struct table *table)
{
    return table == NULL ? 0 : table->count - table->lines;
}

static void repeat(struct niva_text *text, const char *what, size_t times)
{
    for (size_t i = 0; i < times; i++)
        niva_text_puts(text, what);
}

static void line_append(const struct table *table, const size_t *widths, struct niva_text *text)
{
    for (size_t i = 0; i < table->column_count; i++) {
        repeat(text, "─", widths[i]);
        repeat(text, " ", i + 1 < table->column_count ? GAP : 0);
    }
    niva_text_puts(text, "\n");
}

static void row_append(const struct table *table, const size_t *widths, const char *const *cells,
                       struct niva_text *text)
{
    size_t owed = 0; /* spaces that are written only when something follows */

    for (size_t i = 0; i < table->column_count; i++) {
        size_t columns = text_columns(cells[i]);
        size_t pad = widths[i] - columns;

        if (columns > 0) {
            repeat(text, " ", owed + (table->columns[i].right ? pad : 0));
            cell_append(text, cells[i]);
            owed = table->columns[i].right ? 0 : pad;
        } else {
            owed += pad;
        }
        owed += GAP;
    }
    niva_text_puts(text, "\n");
}

bool table_print(const struct table *table, struct niva_text *text, struct niva_error *err)
{
    size_t *widths;
    const char **titles;

    if (table == NULL || table->failed)
        return niva_fail(err, NIVA_RESOURCE_EXHAUSTED, "Minnet tog slut.", "Memory ran out.");
    widths = niva_arena_array(table->arena, table->column_count, sizeof *widths);
    titles = niva_arena_array(table->arena, table->column_count, sizeof *titles);
    if (widths == NULL || titles == NULL)
        return niva_fail(err, NIVA_RESOURCE_EXHAUSTED, "Minnet tog slut.", "Memory ran out.");
    for (size_t i = 0; i < table->column_count; i++) {
        titles[i] = table->columns[i].title;
        widths[i] = text_columns(titles[i]);
        for (size_t row = 0; row < table->count; row++) {
            const char *const *cells = table->rows[row].cells;
            size_t columns = cells == NULL ? 0 : text_columns(cells[i]);

            widths[i] = columns > widths[i] ? columns : widths[i];
        }
    }
    row_append(table, widths, titles, text);
    line_append(table, widths, text);
    for (size_t row = 0; row < table->count; row++) {
        if (table->rows[row].cells == NULL)
            line_append(table, widths, text);
        else
            row_append(table, widths, table->rows[row].cells, text);
    }
    return true;
}
