#include "services/compliance/snapshot.h"

#include <string.h>

bool snapshot_today(struct niva_read *read, niva_instant known_at, niva_day *ret_today,
                    int64_t *ret_pending, struct niva_error *err)
{
    struct store_day day;
    if (!store_day(read->pg, read->arena, &day, err))
        return false;
    niva_day today = day.day;
    if (known_at != INT64_MAX && niva_local_day(known_at) < today)
        today = niva_local_day(known_at);
    *ret_today = today;
    if (ret_pending != NULL)
        *ret_pending = store_pending(&day, read->rehearsal);
    return true;
}

/* The regions of registrations, each once. */
static const char **regions_of(const struct records *own, struct niva_arena *arena,
                               size_t *ret_count)
{
    const char **regions = niva_arena_array(arena, own->count, sizeof *regions);
    size_t count = 0;
    for (size_t i = 0; regions != NULL && i < own->count; i++) {
        if (own->list[i].kind != RECORD_UNIT)
            continue;
        size_t known = 0;
        while (known < count && strcmp(regions[known], own->list[i].fact.region) != 0)
            known++;
        if (known == count)
            regions[count++] = own->list[i].fact.region;
    }
    *ret_count = count;
    return regions;
}

bool snapshot_records(struct niva_read *read, const char *const *units, size_t count,
                      struct niva_arena *arena, struct records *ret_own,
                      struct records *ret_regional, struct niva_error *err)
{
    size_t region_count = 0;
    if (!store_units(read->pg, units, count, arena, ret_own, err))
        return false;
    const char **regions = regions_of(ret_own, arena, &region_count);
    if (regions == NULL)
        return niva_fail_memory(err);
    return store_regions(read->pg, regions, region_count, arena, ret_regional, err);
}

bool snapshot_dossier(struct niva_read *read, const char *unit, const char *group,
                      niva_instant known_at, struct dossier *ret_dossier, struct niva_error *err)
{
    struct records own;
    struct records regional;
    return snapshot_records(read, &unit, 1, read->arena, &own, &regional, err) &&
           dossier_make(unit, group, known_at, &own, &regional, read->arena, ret_dossier, err);
}
