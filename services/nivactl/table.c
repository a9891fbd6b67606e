#include "services/nivactl/table.h"

#include <string.h>

#include "services/nivactl/show.h"

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
            text_show(text, cells[i]);
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
