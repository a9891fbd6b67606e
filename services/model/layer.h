/* Layers: of dated facts that overlap, the one that holds on each day. All of the model's "the
 * latest of those in force" are this one question. Private to the model. */
#ifndef NIVA_MODEL_LAYER_H
#define NIVA_MODEL_LAYER_H

#include "services/common/base/arena.h"
#include "services/common/base/day.h"

/* A fact with the days on which it is in force. Of those in force the one with the highest rank
 * holds, of equal ranks the one with the highest order. */
struct layer_item {
    struct niva_span days;
    int64_t rank;
    int64_t order;
    const void *fact;
};

struct layer_piece {
    struct niva_span days;
    const void *fact;
};

/* Spans in order, none overlapping another; on days between them no fact is in force. */
struct layer {
    size_t count;
    const struct layer_piece *pieces;
};

/* The layer of `items` (which are sorted on the way) within `window`. O(n log n). False when the
 * arena is out. */
bool layer_build(struct layer_item *items, size_t count, struct niva_span window,
                 struct niva_arena *arena, struct layer *ret_layer) NIVA_MUST_CHECK;

/* The fact that holds on a day; NULL: none. */
const void *layer_on(const struct layer *layer, niva_day day);

/* The same, and the first later day on which another piece begins or this one ends (NIVA_DAY_END:
 * none). */
const void *layer_until(const struct layer *layer, niva_day day, niva_day *ret_until);

/* What two spans have in common; may be empty. */
struct niva_span span_common(struct niva_span a, struct niva_span b);

/* Whether a day lies in a span. */
bool span_holds(struct niva_span span, niva_day day);

/* A day so many days later, at most NIVA_DAY_END. */
niva_day day_after(niva_day day, int64_t days);

/* Sorts days and leaves each once. Returns how many are left. */
size_t days_sort(niva_day *days, size_t count);

#endif
