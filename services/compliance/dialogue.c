#include "services/compliance/dialogue.h"

#include <string.h>

#include "services/common/wire/wire.h"

const pb_breach *breach_find(const struct breach_set *set, const char *breach_id)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->list[i]->breach_id, breach_id) == 0)
            return set->list[i];
    }
    return NULL;
}

const pb_breach *breach_survivor(const struct breach_set *set, const char *breach_id)
{
    const pb_breach *breach = breach_find(set, breach_id);
    for (size_t i = 0; i < set->count && breach != NULL && breach->merged_into[0] != '\0'; i++)
        breach = breach_find(set, breach->merged_into);
    return breach;
}

const pb_breach *breach_successor(const struct breach_set *set, const char *breach_id)
{
    for (size_t i = 0; i < set->count; i++) {
        const pb_breach *survivor = breach_survivor(set, set->list[i]->breach_id);
        if (strcmp(set->list[i]->returns_from, breach_id) == 0 && survivor != NULL &&
            survivor->state != PB_WITHDRAWN)
            return survivor;
    }
    return NULL;
}

const pb_entry *dialogue_entry(const struct breach_set *set, const pb_breach *survivor,
                               const struct record *record)
{
    if (record->kind != RECORD_DIALOGUE || record->message == NULL)
        return NULL;
    const pb_entry *entry = (const pb_entry *)record->message;
    return breach_survivor(set, entry->breach_id) == survivor ? entry : NULL;
}

pb_entry *dialogue_shown(const pb_entry *entry, struct niva_arena *arena)
{
    pb_entry *shown = niva_wire_copy(&entry->base, arena);
    if (shown != NULL)
        shown->text = (char *)protobuf_c_empty_string;
    return shown;
}
