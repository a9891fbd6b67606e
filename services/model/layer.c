#include "services/model/layer.h"

#include <stdlib.h>

struct niva_span span_common(struct niva_span a, struct niva_span b)
{
    return (struct niva_span){
        .from = a.from > b.from ? a.from : b.from,
        .until = a.until < b.until ? a.until : b.until,
    };
}

bool span_holds(struct niva_span span, niva_day day)
{
    return span.from <= day && day < span.until;
}

niva_day day_after(niva_day day, int64_t days)
{
    return day + days < NIVA_DAY_END ? (niva_day)(day + days) : NIVA_DAY_END;
}

static int day_compare(const void *left, const void *right)
{
    niva_day a = *(const niva_day *)left;
    niva_day b = *(const niva_day *)right;

    return a < b ? -1 : a > b;
}

size_t days_sort(niva_day *days, size_t count)
{
    size_t kept = 0;

    if (count > 1)
        qsort(days, count, sizeof *days, day_compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || days[kept - 1] != days[i])
            days[kept++] = days[i];
    return kept;
}

/* Strongest first. */
static int item_compare(const void *left, const void *right)
{
    const struct layer_item *a = left;
    const struct layer_item *b = right;

    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    return a->order > b->order ? -1 : a->order < b->order;
}

/* Leaves the items that have days in the window, cut to it, strongest first. */
static size_t items_cut(struct layer_item *items, size_t count, struct niva_span window)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct layer_item item = items[i];
        item.days = span_common(item.days, window);
        if (item.days.from < item.days.until)
            items[kept++] = item;
    }
    if (kept > 1)
        qsort(items, kept, sizeof *items, item_compare);
    return kept;
}

static size_t edge_find(const niva_day *edges, size_t count, niva_day day)
{
    size_t low = 0;
    size_t high = count;

    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (edges[middle] <= day)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The first slot from `slot` on that nobody has taken; paths are halved on the way. */
static size_t slot_free(size_t *next, size_t slot)
{
    while (next[slot] != slot) {
        next[slot] = next[next[slot]];
        slot = next[slot];
    }
    return slot;
}

/* Slots lie between neighbouring edges. The strongest item takes its slots first; a weaker one gets
 * what is left. */
static void slots_take(const struct layer_item *items, size_t count, const niva_day *edges,
                       size_t edge_count, size_t *next, const void **owners)
{
    for (size_t i = 0; i < edge_count; i++)
        next[i] = i;
    for (size_t i = 0; i < count; i++) {
        size_t slot = slot_free(next, edge_find(edges, edge_count, items[i].days.from));
        while (edges[slot] < items[i].days.until) {
            owners[slot] = items[i].fact;
            next[slot] = slot + 1;
            slot = slot_free(next, slot);
        }
    }
}

bool layer_build(struct layer_item *items, size_t count, struct niva_span window,
                 struct niva_arena *arena, struct layer *ret_layer)
{
    size_t kept = items_cut(items, count, window);
    niva_day *edges = niva_arena_array(arena, 2 * kept, sizeof *edges);
    size_t *next = niva_arena_array(arena, 2 * kept, sizeof *next);
    const void **owners = niva_arena_array(arena, 2 * kept, sizeof *owners);
    struct layer_piece *pieces = niva_arena_array(arena, 2 * kept, sizeof *pieces);
    size_t piece_count = 0;

    if (edges == NULL || next == NULL || owners == NULL || pieces == NULL)
        return false;
    for (size_t i = 0; i < kept; i++) {
        edges[2 * i] = items[i].days.from;
        edges[2 * i + 1] = items[i].days.until;
    }
    size_t edge_count = days_sort(edges, 2 * kept);
    slots_take(items, kept, edges, edge_count, next, owners);
    for (size_t i = 0; i + 1 < edge_count; i++) {
        if (owners[i] == NULL)
            continue;
        if (i > 0 && owners[i - 1] == owners[i])
            pieces[piece_count - 1].days.until = edges[i + 1];
        else
            pieces[piece_count++] = (struct layer_piece){{edges[i], edges[i + 1]}, owners[i]};
    }
    *ret_layer = (struct layer){piece_count, pieces};
    return true;
}

const void *layer_until(const struct layer *layer, niva_day day, niva_day *ret_until)
{
    size_t low = 0;
    size_t high = layer->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (layer->pieces[middle].days.until <= day)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == layer->count) {
        *ret_until = NIVA_DAY_END;
        return NULL;
    }
    const struct layer_piece *piece = &layer->pieces[low];
    bool holds = piece->days.from <= day;
    *ret_until = holds ? piece->days.until : piece->days.from;
    return holds ? piece->fact : NULL;
}

const void *layer_on(const struct layer *layer, niva_day day)
{
    niva_day until;

    return layer_until(layer, day, &until);
}
