/* The record: in which order facts came, and which of them hold. Private to the model. */
#ifndef NIVA_MODEL_RECORD_H
#define NIVA_MODEL_RECORD_H

#include <stddef.h>

#include "services/common/base/day.h"
#include "services/common/base/error.h"

/* One fact of a list. `id` NULL or "" stands alone. */
struct record_entry {
    const char *id;
    niva_instant recorded_at;
    size_t index; /* in its list */
};

/* Leaves the entries that were recorded up to `known_at`, versions of one id beside each other,
 * otherwise in the order of the record. Returns how many are left. */
size_t record_versions(struct record_entry *entries, size_t count, niva_instant known_at);

/* Whether two entries are versions of the same fact. */
bool record_same(const struct record_entry *a, const struct record_entry *b);

/* Leaves the last version of each fact that was known, in the order of the record. Returns how many
 * are left. */
size_t record_present(struct record_entry *entries, size_t count, niva_instant known_at);

/* The error of an arena that is out: RESOURCE_EXHAUSTED. Always false. */
bool arena_out(struct niva_error *err);

#endif
