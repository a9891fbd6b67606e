#include "services/model/frozen.h"

#include "services/model/record.h"
#include "services/model/timeline.h"

/* The days that may have to be frozen: from the first report on. */
static struct niva_span days_to_freeze(const struct niva_facts *facts, niva_day until)
{
    struct niva_span days = {until, until};

    for (size_t i = 0; i < facts->report_count; i++)
        if (facts->reports[i].effective_from < days.from)
            days.from = facts->reports[i].effective_from;
    if (facts->erased.from < facts->erased.until && days.from < facts->erased.until)
        days.from = facts->erased.until;
    return days;
}

bool niva_freeze(const struct niva_facts *facts, niva_day until, struct niva_arena *arena,
                 size_t *ret_count, struct niva_frozen **ret_frozen, struct niva_error *err)
{
    struct niva_span days = days_to_freeze(facts, until);
    struct niva_facts reported = *facts;
    struct niva_timeline timeline = {0};

    reported.finding_count = 0;
    if (days.from < days.until &&
        !niva_timeline_compute(&reported, days, false, arena, &timeline, err))
        return false;
    struct niva_frozen *frozen = niva_arena_array(arena, timeline.segment_count, sizeof *frozen);
    size_t count = 0;
    if (frozen == NULL)
        return arena_out(err);
    for (size_t i = 0; i < timeline.segment_count; i++) {
        const struct niva_segment *segment = &timeline.segments[i];
        if (segment->report != NULL && segment->status != NIVA_NO_REPORT)
            frozen[count++] = (struct niva_frozen){.days = segment->days,
                                                   .counted_milli = segment->counted_milli,
                                                   .report = segment->report,
                                                   .absence_count = segment->absence_count,
                                                   .absences = segment->absences};
    }
    *ret_count = count;
    *ret_frozen = frozen;
    return true;
}
