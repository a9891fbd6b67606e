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

bool dialogue_is_before(const struct breach_set *set, const pb_breach *survivor,
                        const struct records *own, niva_day day)
{
    for (size_t i = 0; i < set->count; i++) {
        const pb_breach *breach = set->list[i];
        if (breach_survivor(set, breach->breach_id) == survivor &&
            (breach->state == PB_OPEN || niva_day_read(breach->last_day) >= day))
            return false;
    }
    for (size_t i = 0; i < own->count; i++) {
        if (dialogue_entry(set, survivor, &own->list[i]) != NULL &&
            niva_local_day(own->list[i].fact.recorded_at) >= day)
            return false;
    }
    return true;
}

pb_entry *dialogue_redacted(const pb_entry *entry, const char *erased_by, struct niva_arena *arena)
{
    pb_entry *redacted = niva_wire_new(entry->base.descriptor, arena);
    if (redacted == NULL)
        return NULL;
    redacted->entry_id = entry->entry_id;
    redacted->breach_id = entry->breach_id;
    redacted->unit = entry->unit;
    redacted->profession_group = entry->profession_group;
    redacted->kind = entry->kind;
    redacted->answer_by = entry->answer_by;
    redacted->side = entry->side;
    redacted->breach_version = entry->breach_version;
    redacted->case_officer = entry->case_officer;
    redacted->due_on = entry->due_on;
    redacted->promised_milli = entry->promised_milli;
    redacted->measure_id = entry->measure_id;
    redacted->outcome = entry->outcome;
    redacted->ended_on = entry->ended_on;
    redacted->inability = entry->inability;
    redacted->received_at = entry->received_at;
    redacted->recorded_at = entry->recorded_at;
    redacted->recorded_by = entry->recorded_by;
    redacted->erased_by = (char *)(uintptr_t)erased_by;
    return redacted;
}

pb_entry *dialogue_shown(const pb_entry *entry, struct niva_arena *arena)
{
    pb_entry *shown = niva_wire_copy(&entry->base, arena);
    if (shown != NULL)
        shown->text = (char *)protobuf_c_empty_string;
    return shown;
}
