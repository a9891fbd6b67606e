#include "services/compensation/verify_dialogue.h"

#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compensation/dialogue.h"

static const struct niva_difference_kind told_unreadable = {
    "DIALOGUE_UNREADABLE", "Det som berättats om en dialog går inte att läsa.",
    "What was told of a dialogue cannot be read."};
static const struct niva_difference_kind told_column = {
    "DIALOGUE_COLUMN", "En kolumn säger något annat än det som berättats om dialogen.",
    "A column says something else than what was told of the dialogue."};

static void told_differs(const struct proof *proof, const struct niva_difference_kind *kind,
                         const struct stored_dialogue *told, const char *field,
                         const char *expected, const char *actual)
{
    niva_verify_differs(proof->verify, kind,
                        NIVA_DIFFERENCE(.position = told->position, .kind = (char *)"dialogue",
                                        .unit = (char *)(uintptr_t)proof->unit,
                                        .profession_group = (char *)(uintptr_t)told->group,
                                        .field = (char *)(uintptr_t)field,
                                        .expected = (char *)(uintptr_t)expected,
                                        .actual = (char *)(uintptr_t)actual));
}

/* What a row is by the message in it; 0: neither. */
static int32_t kind_said(const struct stored_dialogue *told, struct niva_arena *arena)
{
    ProtobufCMessage *message;
    struct niva_error ignored;
    const Niva__Compliance__V1__DialogueEntry *entry;

    if (told->kind == DIALOGUE_MERGED ||
        !niva_wire_unpack(&niva__compliance__v1__dialogue_opened__descriptor, told->body.data,
                          told->body.len, false, arena, &message, &ignored))
        return DIALOGUE_MERGED;
    entry = ((const Niva__Compliance__V1__DialogueOpened *)message)->entry;
    if (entry != NULL && entry->kind == NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__OPENED)
        return DIALOGUE_OPENED;
    return entry != NULL && entry->kind == NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__ANSWERED
               ? (int32_t)DIALOGUE_ANSWERED
               : 0;
}

static void number_check(const struct proof *proof, const struct stored_dialogue *told,
                         const char *field, int64_t expected, int64_t actual)
{
    if (expected != actual)
        told_differs(proof, &told_column, told, field, niva_verify_number(proof->verify, expected),
                     niva_verify_number(proof->verify, actual));
}

/* It was recorded here after it was said, and in the order of the stream. */
static void instant_check(const struct proof *proof, const struct stored_dialogue *told,
                          niva_instant least)
{
    if (told->recorded_at < least)
        told_differs(proof, &told_column, told, "recorded_at",
                     niva_verify_instant(proof->verify, least),
                     niva_verify_instant(proof->verify, told->recorded_at));
}

static void told_check(const struct proof *proof, const struct stored_dialogue *told,
                       niva_instant before)
{
    struct dialogue_entry entry = {
        .position = told->position, .kind = (enum dialogue_kind)told->kind, .body = told->body};
    struct niva_error ignored;

    proof->verify->checked++;
    number_check(proof, told, "kind", kind_said(told, proof->arena), told->kind);
    instant_check(proof, told, before);
    if (!dialogue_entry_unpack(&entry, proof->arena, &ignored)) {
        told_differs(proof, &told_unreadable, told, "body", "", "");
        return;
    }
    if (strcmp(entry.unit, proof->unit) != 0)
        told_differs(proof, &told_column, told, "unit", entry.unit, proof->unit);
    if (strcmp(entry.group, told->group) != 0)
        told_differs(proof, &told_column, told, "profession_group", entry.group, told->group);
}

bool proof_dialogue_check(const struct proof *proof, struct niva_items *items,
                          struct niva_error *err)
{
    struct stored_dialogue *told;
    niva_instant before = INT64_MIN;
    size_t count;

    if (!store_verify_dialogue(proof->read->pg, proof->unit, proof->arena, &count, &told, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        told_check(proof, &told[i], before);
        before = told[i].recorded_at;
        if (!niva_items_add_event(items, told[i].position, told[i].body, err))
            return false;
    }
    return true;
}
