#include "services/compensation/sheet.h"

#include <string.h>

#include "services/common/wire/wire.h"

bool sheet_list_add(struct sheet_list *list, void *item, struct niva_arena *arena)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        void **items = niva_arena_array(arena, capacity, sizeof *items);

        if (items == NULL)
            return false;
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return true;
}

/* Adds an item at a place of its own. */
static bool list_insert(struct sheet_list *list, size_t at, void *item, struct niva_arena *arena)
{
    if (!sheet_list_add(list, item, arena))
        return false;
    memmove(&list->items[at + 1], &list->items[at], (list->count - 1 - at) * sizeof *list->items);
    list->items[at] = item;
    return true;
}

static int name_compare(const char *unit, const char *group, const struct sheet_account *account)
{
    int order = strcmp(unit, account->unit);

    return order != 0 ? order : strcmp(group, account->group);
}

/* Place of an account in the list, or where it belongs. */
static bool account_seek(const struct sheet_list *accounts, const char *unit, const char *group,
                         size_t *ret_at)
{
    size_t low = 0;
    size_t high = accounts->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = name_compare(unit, group, accounts->items[middle]);

        if (order == 0) {
            *ret_at = middle;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    *ret_at = low;
    return false;
}

struct sheet_account *sheet_account(struct sheet *sheet, const char *unit, const char *group)
{
    struct sheet_account *account;
    size_t at;

    if (account_seek(&sheet->accounts, unit, group, &at))
        return sheet->accounts.items[at];
    account = niva_arena_alloc(sheet->arena, sizeof *account);
    if (account == NULL)
        return NULL;
    account->unit = unit;
    account->group = group;
    return list_insert(&sheet->accounts, at, account, sheet->arena) ? account : NULL;
}

struct sheet_account *sheet_account_find(const struct sheet *sheet, const char *unit,
                                         const char *group)
{
    size_t at;

    return account_seek(&sheet->accounts, unit, group, &at) ? sheet->accounts.items[at] : NULL;
}

/* Place of a month in the list, or where it belongs. */
static bool month_seek(const struct sheet_list *months, const char *unit, const char *group,
                       niva_day from, size_t *ret_at)
{
    size_t low = 0;
    size_t high = months->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct sheet_month *month = months->items[middle];
        int order = from != month->days.from ? (from < month->days.from ? -1 : 1)
                                             : name_compare(unit, group, month->account);

        if (order == 0) {
            *ret_at = middle;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    *ret_at = low;
    return false;
}

struct sheet_month *sheet_month(struct sheet *sheet, struct sheet_account *account,
                                struct niva_span days)
{
    struct sheet_month *month;
    size_t at;

    if (month_seek(&sheet->months, account->unit, account->group, days.from, &at))
        return sheet->months.items[at];
    month = niva_arena_alloc(sheet->arena, sizeof *month);
    if (month == NULL)
        return NULL;
    month->account = account;
    month->days = days;
    month->recorded_at = INT64_MIN;
    month->below_from = NIVA_DAY_NONE;
    return list_insert(&sheet->months, at, month, sheet->arena) ? month : NULL;
}

struct sheet_month *sheet_month_find(const struct sheet *sheet, const char *unit, const char *group,
                                     niva_day from)
{
    size_t at;

    return month_seek(&sheet->months, unit, group, from, &at) ? sheet->months.items[at] : NULL;
}

struct sheet_line *sheet_line(struct sheet *sheet, struct sheet_month *month, const char *component)
{
    struct sheet_line *line;

    for (size_t i = 0; i < month->lines.count; i++) {
        line = month->lines.items[i];
        if (strcmp(line->component, component) == 0)
            return line;
    }
    line = niva_arena_alloc(sheet->arena, sizeof *line);
    if (line == NULL)
        return NULL;
    line->component = component;
    return sheet_list_add(&month->lines, line, sheet->arena) ? line : NULL;
}

static bool id_equal(struct niva_uuid a, struct niva_uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

/* The place of a line in a list of rows; its count when it is not there. */
static size_t row_seek(const struct sheet_list *rows, struct niva_uuid id)
{
    size_t at = 0;

    while (at < rows->count && !id_equal(((const struct sheet_row *)rows->items[at])->id, id))
        at++;
    return at;
}

/* Puts a row in the place of the one of its id; false when there is none. */
static bool row_replace(struct sheet_list *rows, const struct sheet_row *row)
{
    size_t at = row_seek(rows, row->id);

    if (at == rows->count)
        return false;
    rows->items[at] = (void *)row;
    return true;
}

/* When a decision was recorded. */
static niva_instant row_decided(const struct sheet_row *row)
{
    niva_instant recorded_at = INT64_MIN;

    if (row->body->decision_recorded_at != NULL &&
        !niva_wire_instant(row->body->decision_recorded_at, &recorded_at))
        return INT64_MIN;
    return recorded_at;
}

bool sheet_decided_put(struct sheet *sheet, struct sheet_line *line, const struct sheet_row *row)
{
    size_t at = line->decided.count;

    if (row_replace(&line->decided, row))
        return true;
    while (at > 0 && row_decided(line->decided.items[at - 1]) > row_decided(row))
        at--;
    return list_insert(&line->decided, at, (void *)row, sheet->arena);
}

bool sheet_close(struct sheet *sheet, const struct sheet_row *row)
{
    return row_replace(&sheet->closed, row) ||
           sheet_list_add(&sheet->closed, (void *)row, sheet->arena);
}

/* The line of an id among those of a component. */
static const struct sheet_row *line_row(const struct sheet_line *line, struct niva_uuid id)
{
    size_t at = row_seek(&line->decided, id);

    if (line->row != NULL && id_equal(line->row->id, id))
        return line->row;
    return at < line->decided.count ? line->decided.items[at] : NULL;
}

const struct sheet_row *sheet_row_find(const struct sheet *sheet, struct niva_uuid id,
                                       struct sheet_month **ret_month, struct sheet_line **ret_line)
{
    const struct sheet_list *const others[] = {&sheet->closed, &sheet->gone};

    for (size_t i = 0; i < sheet->months.count; i++) {
        struct sheet_month *month = sheet->months.items[i];

        for (size_t j = 0; j < month->lines.count; j++) {
            const struct sheet_row *row = line_row(month->lines.items[j], id);

            if (row == NULL)
                continue;
            *ret_month = month;
            *ret_line = month->lines.items[j];
            return row;
        }
    }
    *ret_month = NULL;
    *ret_line = NULL;
    for (size_t i = 0; i < 2; i++) {
        size_t at = row_seek(others[i], id);

        if (at < others[i]->count)
            return others[i]->items[at];
    }
    return NULL;
}

struct sheet_component *sheet_component_add(struct sheet *sheet, struct sheet_account *account,
                                            const struct sheet_component *component)
{
    struct sheet_component *added = niva_arena_alloc(sheet->arena, sizeof *added);

    if (added == NULL)
        return NULL;
    *added = *component;
    return sheet_list_add(&account->components, added, sheet->arena) ? added : NULL;
}

const struct sheet_component *sheet_component_find(const struct sheet_account *account,
                                                   const char *id)
{
    for (size_t i = account->components.count; i > 0; i--) {
        const struct sheet_component *component = account->components.items[i - 1];

        if (strcmp(component->id, id) == 0)
            return component;
    }
    return NULL;
}

const struct niva_component *sheet_components(const struct sheet *sheet,
                                              const struct sheet_account *account)
{
    struct niva_component *components =
        niva_arena_array(sheet->arena, account->components.count, sizeof *components);

    if (components == NULL)
        return NULL;
    for (size_t i = 0; i < account->components.count; i++) {
        const struct sheet_component *component = account->components.items[i];

        components[i] = component->dated;
    }
    return components;
}
