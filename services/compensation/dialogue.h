/* Dialogues, as far as they hold a decision back (model section 9.2): what compliance told of them,
 * folded to where each stands. One dialogue serves all months of its breach; when a breach goes up
 * in another its dialogue goes on there. Pure. */
#ifndef NIVA_COMPENSATION_DIALOGUE_H
#define NIVA_COMPENSATION_DIALOGUE_H

#include "niva/compliance/v1/events.pb-c.h"
#include "services/common/base/arena.h"
#include "services/common/base/day.h"

/* What was told; the numbers are those of the table. */
enum dialogue_kind { DIALOGUE_OPENED = 1, DIALOGUE_ANSWERED = 2, DIALOGUE_MERGED = 3 };

/* An event about a dialogue, as it came. */
struct dialogue_entry {
    int64_t position; /* in compliance's stream */
    enum dialogue_kind kind;
    const char *unit;
    const char *group;
    niva_instant recorded_at; /* here */
    ProtobufCBinaryData body; /* the event's data */
    const char *breach_id;
    const char *merged_into; /* of DIALOGUE_MERGED */
    niva_instant at;         /* when the unit was told, or the purchaser got the answer */
    niva_day answer_by;      /* of DIALOGUE_OPENED; NIVA_DAY_NONE: no day was said */
};

/* The kind of an event's type; false: it is about no dialogue. */
bool dialogue_kind_of(const char *type, enum dialogue_kind *ret_kind) NIVA_MUST_CHECK;
/* Reads an event's data; texts are borrowed from it. `ret_entry` has its kind, position,
 * recorded_at and body already. INTERNAL when it can't be read. */
bool dialogue_entry_read(const ProtobufCMessage *data, struct dialogue_entry *ret_entry,
                         struct niva_error *err) NIVA_MUST_CHECK;
/* Unpacks the body and reads it. */
bool dialogue_entry_unpack(struct dialogue_entry *entry, struct niva_arena *arena,
                           struct niva_error *err) NIVA_MUST_CHECK;

/* Where a dialogue stands. */
struct dialogue {
    niva_instant communicated_at; /* INT64_MIN: the unit was not told */
    niva_day answer_by;           /* NIVA_DAY_NONE: no day was said */
    niva_instant answered_at;     /* first, since it was told; INT64_MIN: not yet */
};

/* The dialogue about all of these breaches together, by the entries that were recorded up to
 * `known_at`, in their order: told when all were told, answered when all were answered, each at the
 * last of them. Nobody was told of no breach. False when the arena is out. */
bool dialogue_of(const struct dialogue_entry *const *entries, size_t entry_count,
                 niva_instant known_at, char *const *breach_ids, size_t breach_count,
                 struct niva_arena *arena, struct dialogue *ret_dialogue,
                 struct niva_error *err) NIVA_MUST_CHECK;

#endif
