#include "services/model/record.h"

#include <stdlib.h>
#include <string.h>

static bool entry_named(const struct record_entry *entry)
{
    return entry->id != NULL && entry->id[0] != '\0';
}

static int entry_compare(const void *left, const void *right)
{
    const struct record_entry *a = left;
    const struct record_entry *b = right;

    if (a->recorded_at != b->recorded_at)
        return a->recorded_at < b->recorded_at ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static int version_compare(const void *left, const void *right)
{
    const struct record_entry *a = left;
    const struct record_entry *b = right;

    if (entry_named(a) != entry_named(b))
        return entry_named(a) ? 1 : -1;
    int order = entry_named(a) ? strcmp(a->id, b->id) : 0;
    return order != 0 ? order : entry_compare(a, b);
}

size_t record_versions(struct record_entry *entries, size_t count, niva_instant known_at)
{
    size_t known = 0;

    for (size_t i = 0; i < count; i++)
        if (entries[i].recorded_at <= known_at)
            entries[known++] = entries[i];
    if (known > 1)
        qsort(entries, known, sizeof *entries, version_compare);
    return known;
}

bool record_same(const struct record_entry *a, const struct record_entry *b)
{
    return entry_named(a) && entry_named(b) && strcmp(a->id, b->id) == 0;
}

size_t record_present(struct record_entry *entries, size_t count, niva_instant known_at)
{
    size_t known = record_versions(entries, count, known_at);
    size_t present = 0;

    for (size_t i = 0; i < known; i++)
        if (i + 1 == known || !record_same(&entries[i], &entries[i + 1]))
            entries[present++] = entries[i];
    if (present > 1)
        qsort(entries, present, sizeof *entries, entry_compare);
    return present;
}

bool arena_out(struct niva_error *err)
{
    return niva_fail(err, NIVA_RESOURCE_EXHAUSTED,
                     "Underlaget är större än vad en beräkning får ta i anspråk.",
                     "The facts take more memory than one computation may have.");
}
