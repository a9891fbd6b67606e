#include <string.h>

#include "services/compensation/decide.h"

/* Whether a line is behind which one of the entry's breaches is. */
static bool line_concerned(const struct sheet_line *line, const struct dialogue_entry *entry)
{
    if (line->row == NULL)
        return false;
    for (size_t i = 0; i < line->row->body->n_breach_ids; i++) {
        const char *id = line->row->body->breach_ids[i];

        if (strcmp(id, entry->breach_id) == 0 ||
            (entry->merged_into != NULL && strcmp(id, entry->merged_into) == 0))
            return true;
    }
    return false;
}

/* A month that is to be computed anyway may have lines that are not known yet. */
static bool month_concerned(const struct sheet_month *month, const struct dialogue_entry *entry)
{
    for (size_t i = 0; i < month->lines.count; i++)
        if (line_concerned(month->lines.items[i], entry))
            return true;
    return month->stale;
}

bool dialogue_decide(struct sheet *sheet, struct niva_batch *batch, struct niva_item *item,
                     enum dialogue_kind kind, struct niva_error *err)
{
    struct dialogue_entry *entry = niva_arena_alloc(sheet->arena, sizeof *entry);
    struct sheet_account *account;

    if (entry == NULL)
        return niva_fail_memory(err);
    entry->kind = kind;
    entry->position = item->event->position;
    entry->recorded_at = item->recorded_at;
    if (!dialogue_entry_read(item->event->data, entry, err) ||
        !niva_wire_pack(item->event->data, sheet->arena, &entry->body, err))
        return false;
    account = sheet_account(sheet, entry->unit, entry->group);
    if (account == NULL || !sheet_list_add(&account->dialogue, entry, sheet->arena) ||
        !sheet_list_add(&sheet->told, entry, sheet->arena))
        return niva_fail_memory(err);
    for (size_t i = 0; i < sheet->months.count; i++) {
        struct sheet_month *month = sheet->months.items[i];

        if (month->account == account && month_concerned(month, entry) &&
            !month_move(sheet, month, "", batch, err))
            return false;
    }
    return true;
}
