#include "services/compensation/joined.h"

#include <string.h>

typedef Niva__Compliance__V1__Segment Segment;
typedef Niva__Compliance__V1__TimelineChanged TimelineChanged;
typedef Niva__Compliance__V1__TimelineChanged__Run Run;

static bool verdict_same(const Segment *one, const Segment *other)
{
    return one->status == other->status && one->required_milli == other->required_milli &&
           one->counted_milli == other->counted_milli &&
           one->shortfall_milli == other->shortfall_milli &&
           one->rule_set_version == other->rule_set_version &&
           strcmp(one->rule_set_id, other->rule_set_id) == 0 &&
           strcmp(one->finding_id, other->finding_id) == 0 &&
           strcmp(one->dispensation_id, other->dispensation_id) == 0;
}

static bool run_same(const Run *one, const Run *other)
{
    return one->segment != NULL && other->segment != NULL &&
           verdict_same(one->segment, other->segment) && one->grace_days == other->grace_days &&
           strcmp(one->breach_id, other->breach_id) == 0 &&
           strcmp(one->breach_first_day, other->breach_first_day) == 0;
}

/* A copy that names neither report nor absences; NULL when the arena is out. */
static Run *run_bare(const Run *run, struct niva_arena *arena)
{
    Run *bare = niva_arena_alloc(arena, sizeof *bare);
    Segment *segment = niva_arena_alloc(arena, sizeof *segment);

    if (bare == NULL || segment == NULL)
        return NULL;
    *bare = *run;
    if (run->segment == NULL)
        return bare;
    *segment = *run->segment;
    segment->report_id = (char *)protobuf_c_empty_string;
    segment->n_absence_ids = 0;
    segment->absence_ids = NULL;
    bare->segment = segment;
    return bare;
}

const TimelineChanged *timeline_joined(const TimelineChanged *timeline, struct niva_arena *arena)
{
    TimelineChanged *joined = niva_arena_alloc(arena, sizeof *joined);
    Run **runs = niva_arena_array(arena, timeline->n_runs, sizeof *runs);
    size_t count = 0;

    if (joined == NULL || runs == NULL)
        return NULL;
    for (size_t i = 0; i < timeline->n_runs; i++) {
        const Run *run = timeline->runs[i];

        if (count > 0 && run_same(runs[count - 1], run)) {
            runs[count - 1]->segment->last_day = run->segment->last_day;
            continue;
        }
        runs[count] = run_bare(run, arena);
        if (runs[count++] == NULL)
            return NULL;
    }
    *joined = *timeline;
    joined->runs = runs;
    joined->n_runs = count;
    return joined;
}
