/* Tables for people: columns as wide as their widest cell, as a terminal shows it (show.h). */
#ifndef NIVA_NIVACTL_TABLE_H
#define NIVA_NIVACTL_TABLE_H

#include "services/common/base/arena.h"
#include "services/common/base/text.h"

struct column {
    const char *title;
    bool right; /* figures stand at the right edge */
};

struct table;

/* An empty table; `columns` is borrowed. NULL when the arena is out, and then so is everything
 * below: a table that could not be made or filled says so in table_print. */
struct table *table_new(struct niva_arena *arena, size_t column_count,
                        const struct column *columns);
/* Adds a row; the cells, one for each column, are borrowed. NULL is an empty cell. */
void table_row(struct table *table, const char *const *cells);
/* Draws a line before the next row: what follows is a sum. */
void table_rule(struct table *table);
/* Number of rows so far. */
size_t table_rows(const struct table *table);
/* Appends the table. False (RESOURCE_EXHAUSTED) when memory was out. */
bool table_print(const struct table *table, struct niva_text *text,
                 struct niva_error *err) NIVA_MUST_CHECK;

#endif
