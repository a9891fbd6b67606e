#include "services/compensation/sheet.h"

#include <string.h>

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
