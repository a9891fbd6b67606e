#include "services/compliance/verify_dialogue.h"

#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/dialogue.h"
#include "services/compliance/store_verify.h"

#define DIALOGUE_EVENTS "se.niva.compliance.dialogue."

static const struct niva_difference_kind entry_missing = {
    "DIALOGUE_MISSING", "En post i dialogen saknas, fast en händelse berättar om den.",
    "An entry of the dialogue is missing, although an event tells of it."};
static const struct niva_difference_kind entry_altered = {
    "DIALOGUE_ALTERED", "Posten i dialogen är inte den som händelsen berättar om.",
    "The entry of the dialogue is not what its event tells."};
static const struct niva_difference_kind entry_untold = {
    "DIALOGUE_UNTOLD", "Ingen händelse berättar om den här posten i dialogen.",
    "No event tells of this entry of the dialogue."};
static const struct niva_difference_kind entry_misplaced = {
    "DIALOGUE_MISPLACED",
    "Posten passar inte i dialogen: den är inte öppnad, öppnas två gånger, eller åtgärden finns "
    "inte eller är redan avslutad.",
    "The entry does not fit its dialogue: it is not open, opened twice, or the measure is not "
    "there or has ended already."};

/* The dialogues of a unit on their way. */
struct proof {
    struct niva_verify *verify;
    struct niva_arena *arena;
    const struct records *own;
    struct breach_set breaches;
    bool *told; /* of a record */
};

static void entry_differs(const struct proof *proof, const struct niva_difference_kind *kind,
                          int64_t position, const pb_entry *entry, const char *field)
{
    niva_verify_differs(proof->verify, kind,
                        NIVA_DIFFERENCE(.position = position, .kind = (char *)"dialogue",
                                        .id = entry->entry_id, .version = 1, .unit = entry->unit,
                                        .profession_group = entry->profession_group,
                                        .field = (char *)(uintptr_t)field));
}

/* ---- what was told ---- */

/* The events all have one shape. NULL: it can't be read, which the chain tells. */
static const pb_entry *event_entry(const struct niva_told *event, struct niva_arena *arena)
{
    ProtobufCMessage *message;
    struct niva_error ignored;

    if (event->data.data == NULL ||
        !niva_wire_unpack(&niva__compliance__v1__dialogue_opened__descriptor, event->data.data,
                          event->data.len, false, arena, &message, &ignored))
        return NULL;
    return ((const Niva__Compliance__V1__DialogueOpened *)message)->entry;
}

/* Whether an event tells what the entry is, as far as it may be told and is not erased since. */
static bool told_alike(const pb_entry *told, const pb_entry *entry, struct niva_arena *arena,
                       bool *ret_alike, struct niva_error *err)
{
    pb_entry *shown = dialogue_shown(entry, arena);
    ProtobufCBinaryData expected;
    ProtobufCBinaryData actual;

    if (shown == NULL)
        return niva_fail_memory(err);
    shown->erased_by = (char *)protobuf_c_empty_string;
    if (!niva_wire_pack(&told->base, arena, &expected, err) ||
        !niva_wire_pack(&shown->base, arena, &actual, err))
        return false;
    *ret_alike = expected.len == actual.len && memcmp(expected.data, actual.data, actual.len) == 0;
    return true;
}

static bool is_entry(const struct record *record)
{
    return record->kind == RECORD_DIALOGUE && record->message != NULL;
}

static bool event_check(const struct proof *proof, const struct niva_told *event,
                        struct niva_error *err)
{
    const pb_entry *told = event_entry(event, proof->arena);
    bool alike = false;

    if (told == NULL)
        return true;
    for (size_t i = 0; i < proof->own->count; i++) {
        const struct record *record = &proof->own->list[i];

        if (!is_entry(record) || strcmp(record->fact.id, told->entry_id) != 0)
            continue;
        proof->told[i] = true;
        if (!told_alike(told, (const pb_entry *)record->message, proof->arena, &alike, err))
            return false;
        if (!alike)
            entry_differs(proof, &entry_altered, event->position, told, "body");
        return true;
    }
    entry_differs(proof, &entry_missing, event->position, told, "");
    return true;
}

/* ---- what may follow on what ---- */

/* Whether an entry of a kind stands before the index-th record, in the same dialogue, and of the
 * same measure where it has one. */
static bool stands_before(const struct proof *proof, size_t index, int kind)
{
    const pb_entry *entry = (const pb_entry *)proof->own->list[index].message;
    const pb_breach *survivor = breach_survivor(&proof->breaches, entry->breach_id);

    for (size_t i = 0; i < index && survivor != NULL; i++) {
        const pb_entry *other = dialogue_entry(&proof->breaches, survivor, &proof->own->list[i]);

        if (other == NULL || (int)other->kind != kind)
            continue;
        if (kind == PB_OPENED || strcmp(other->measure_id, entry->measure_id) == 0)
            return true;
    }
    return false;
}

/* Two dialogues that were opened before their breaches were merged are one, opened twice. */
static bool opened_before(const struct proof *proof, size_t index)
{
    const pb_entry *entry = (const pb_entry *)proof->own->list[index].message;

    for (size_t i = 0; i < index; i++) {
        const struct record *record = &proof->own->list[i];
        const pb_entry *other = (const pb_entry *)record->message;

        if (is_entry(record) && other->kind == PB_OPENED &&
            strcmp(other->breach_id, entry->breach_id) == 0)
            return true;
    }
    return false;
}

static void place_check(const struct proof *proof, size_t index)
{
    const struct niva_fact *fact = &proof->own->list[index].fact;
    const pb_entry *entry = (const pb_entry *)proof->own->list[index].message;

    if (breach_find(&proof->breaches, entry->breach_id) == NULL)
        entry_differs(proof, &entry_misplaced, fact->fact_no, entry, "breach_id");
    else if (entry->kind == PB_OPENED ? opened_before(proof, index)
                                      : !stands_before(proof, index, PB_OPENED))
        entry_differs(proof, &entry_misplaced, fact->fact_no, entry, "kind");
    else if (entry->kind == PB_MEASURE_COMPLETED &&
             (!stands_before(proof, index, PB_MEASURE_AGREED) ||
              stands_before(proof, index, PB_MEASURE_COMPLETED)))
        entry_differs(proof, &entry_misplaced, fact->fact_no, entry, "measure_id");
}

static bool breaches_collect(struct proof *proof, const struct said *said, size_t said_count,
                             struct niva_error *err)
{
    struct breach_set *set = &proof->breaches;
    size_t most = 0;

    for (size_t i = 0; i < said_count; i++)
        most += said[i].breach_count;
    set->list = niva_arena_array(proof->arena, most, sizeof *set->list);
    if (set->list == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < said_count; i++)
        for (size_t k = 0; k < said[i].breach_count; k++)
            set->list[set->count++] = said[i].breaches[k].message;
    return true;
}

bool verify_dialogue(struct niva_read *read, const char *unit, const struct records *own,
                     const struct said *said, size_t said_count, struct niva_arena *arena,
                     struct niva_verify *verify, struct niva_error *err)
{
    struct proof proof = {.verify = verify, .arena = arena, .own = own};
    struct niva_told *events;
    size_t count;

    proof.told = niva_arena_array(arena, own->count, sizeof *proof.told);
    if (proof.told == NULL)
        return niva_fail_memory(err);
    if (!breaches_collect(&proof, said, said_count, err) ||
        !niva_verify_told_of(read->pg, unit, DIALOGUE_EVENTS, arena, &count, &events, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!event_check(&proof, &events[i], err))
            return false;
    for (size_t i = 0; i < own->count; i++) {
        if (!is_entry(&own->list[i]))
            continue;
        verify->checked++;
        if (!proof.told[i])
            entry_differs(&proof, &entry_untold, own->list[i].fact.fact_no,
                          (const pb_entry *)own->list[i].message, "");
        place_check(&proof, i);
    }
    return true;
}
