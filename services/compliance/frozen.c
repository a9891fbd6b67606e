#include "services/compliance/frozen.h"

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"
#include "services/model/frozen.h"

pb_frozen_group *frozen_make(const struct dossier *dossier, niva_day until,
                             struct niva_arena *arena, struct niva_error *err)
{
    pb_frozen_group *group = niva_wire_new(&niva__compliance__v1__frozen_group__descriptor, arena);
    struct niva_frozen *frozen = NULL;
    size_t count = 0;
    char text[16];
    if (!niva_freeze(&dossier->facts, until, arena, &count, &frozen, err))
        return NULL;
    niva_day_format(until, text);
    if (group == NULL || (group->erased_until = niva_arena_strdup(arena, text)) == NULL ||
        (group->profession_group = niva_arena_strdup(arena, dossier->group)) == NULL ||
        (group->runs = niva_arena_array(arena, count, sizeof *group->runs)) == NULL)
        return niva_fail_memory(err) ? group : NULL;
    for (size_t i = 0; i < count; i++) {
        group->runs[i] = niva_frozen_message(&frozen[i], arena);
        if (group->runs[i] == NULL)
            return niva_fail_memory(err) ? group : NULL;
        group->n_runs++;
    }
    return group;
}

/* Whether a day was judged by a report of which nothing is left. */
static bool rests_on_erased(const struct niva_timeline *timeline, struct niva_span days)
{
    for (size_t i = 0; i < timeline->segment_count; i++) {
        const struct niva_segment *segment = &timeline->segments[i];
        if (segment->days.from < days.until && segment->days.until > days.from &&
            segment->status == NIVA_NO_REPORT && segment->report != NULL)
            return true;
    }
    return false;
}

bool frozen_check(const struct dossier *dossier, struct niva_span days,
                  const struct niva_timeline *timeline, struct niva_error *err)
{
    const pb_erasure *hidden = dossier->hidden;
    if (hidden == NULL || (days.from >= niva_day_read(hidden->before) && !dossier->hidden_absence &&
                           !rests_on_erased(timeline, days)))
        return true;
    return niva_refuse(err, NIVA_FAILED_PRECONDITION, "knownAt", "ERASED",
                       "Vad som var känt då kan inte visas för %s: det som gäller dagar före %s "
                       "har gallrats sedan dess (beslut %s).",
                       "What was known then can't be shown of %s: what bears on days before %s has "
                       "been erased since (decision %s).",
                       hidden->unit, hidden->before, hidden->decision_reference);
}

niva_day frozen_until(const struct dossier *dossier)
{
    return dossier->erasure != NULL ? dossier->facts.erased.until : NIVA_DAY_NONE;
}
