/* Dialogues: which entries belong to which breach. An entry is recorded of the breach that lived
 * then; when that one is merged, its dialogue goes on in the one that it was merged into (model
 * section 9.2). Pure. */
#ifndef NIVA_COMPLIANCE_DIALOGUE_H
#define NIVA_COMPLIANCE_DIALOGUE_H

#include "services/compliance/record.h"

/* The breaches of a unit and group, in the versions that are asked of. */
struct breach_set {
    size_t count;
    const pb_breach **list;
};

/* A breach of the set; NULL: it is not in it. */
const pb_breach *breach_find(const struct breach_set *set, const char *breach_id);
/* The breach in which a breach lives on: itself, or the one that it was merged into in the end.
 * NULL: it is not in the set. */
const pb_breach *breach_survivor(const struct breach_set *set, const char *breach_id);
/* The living breach that returned when this one was withdrawn; NULL: none. */
const pb_breach *breach_successor(const struct breach_set *set, const char *breach_id);

/* The entry of a record when it is in the dialogue that a breach lives on in; NULL: it is none, or
 * of another. */
const pb_entry *dialogue_entry(const struct breach_set *set, const pb_breach *survivor,
                               const struct record *record);

/* Whether the dialogue that lives on in a breach is wholly of days before this one: its breaches
 * ended, and its entries (of `own`) were recorded, before it. */
bool dialogue_is_before(const struct breach_set *set, const pb_breach *survivor,
                        const struct records *own, niva_day day);
/* What is left of an entry when it is erased: all but its text. Fields are named that stay, so that
 * a new one goes. Borrows from the original; NULL when the arena is out. */
pb_entry *dialogue_redacted(const pb_entry *entry, const char *erased_by,
                            struct niva_arena *arena) NIVA_MUST_CHECK;

/* What everybody may read of an entry, in an event: all but its text. NULL when the arena is out.
 */
pb_entry *dialogue_shown(const pb_entry *entry, struct niva_arena *arena) NIVA_MUST_CHECK;

#endif
