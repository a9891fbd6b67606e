#include "services/model/breach.h"

#include "services/model/record.h"

bool niva_runs_find(const struct niva_timeline *timeline, niva_day today, struct niva_arena *arena,
                    size_t *ret_count, const struct niva_run **ret_runs, struct niva_error *err)
{
    niva_day end = today >= NIVA_DAY_END ? NIVA_DAY_END : today + 1;
    struct niva_run *runs = niva_arena_array(arena, timeline->segment_count, sizeof *runs);
    size_t count = 0;

    if (runs == NULL)
        return arena_out(err);
    for (size_t i = 0; i < timeline->segment_count; i++) {
        struct niva_span days = timeline->segments[i].days;
        if (timeline->segments[i].status != NIVA_BELOW_MINIMUM || days.from >= end)
            continue;
        days.until = days.until < end ? days.until : end;
        if (count > 0 && runs[count - 1].days.until == days.from) {
            runs[count - 1].days.until = days.until;
            runs[count - 1].segment_count++;
        } else {
            runs[count++] = (struct niva_run){days, i, 1};
        }
    }
    *ret_count = count;
    *ret_runs = runs;
    return true;
}

static bool spans_overlap(struct niva_span a, struct niva_span b)
{
    return a.from < b.until && b.from < a.until;
}

/* Whether `a` was opened before `b`. */
static bool opened_before(const struct niva_breach_record *a, const struct niva_breach_record *b)
{
    if (a->opened_at != b->opened_at)
        return a->opened_at < b->opened_at;
    return a->opened_order < b->opened_order;
}

/* Whether a run takes `a` rather than `b`. */
static bool taken_before(const struct niva_breach_record *a, const struct niva_breach_record *b)
{
    if (a->days.from != b->days.from)
        return a->days.from < b->days.from;
    return opened_before(a, b);
}

/* A record without a fate yet is a candidate that nobody has claimed. */
static size_t candidate_find(const struct niva_run *run, const struct niva_breach_record *records,
                             size_t count, const enum niva_breach_fate *fates)
{
    size_t best = NIVA_NO_INDEX;

    for (size_t i = 0; i < count; i++)
        if (fates[i] == 0 && spans_overlap(run->days, records[i].days) &&
            (best == NIVA_NO_INDEX || taken_before(&records[i], &records[best])))
            best = i;
    return best;
}

static size_t gone_find(const struct niva_run *run, const struct niva_breach_record *records,
                        size_t count)
{
    size_t best = NIVA_NO_INDEX;

    for (size_t i = 0; i < count; i++)
        if (records[i].gone && spans_overlap(run->days, records[i].days) &&
            (best == NIVA_NO_INDEX || opened_before(&records[best], &records[i])))
            best = i;
    return best;
}

static size_t overlap_find(const struct niva_breach_record *record, const struct niva_run *runs,
                           size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (spans_overlap(runs[i].days, record->days))
            return i;
    return NIVA_NO_INDEX;
}

void niva_breaches_match(const struct niva_run *runs, size_t run_count,
                         const struct niva_breach_record *records, size_t record_count,
                         size_t *ret_run_breach, size_t *ret_returns_from,
                         enum niva_breach_fate *ret_fate, size_t *ret_merged_run)
{
    for (size_t i = 0; i < record_count; i++) {
        ret_fate[i] = records[i].gone ? NIVA_BREACH_LEFT_GONE : 0;
        ret_merged_run[i] = NIVA_NO_INDEX;
    }
    for (size_t i = 0; i < run_count; i++) {
        size_t taken = candidate_find(&runs[i], records, record_count, ret_fate);
        ret_run_breach[i] = taken;
        ret_returns_from[i] =
            taken == NIVA_NO_INDEX ? gone_find(&runs[i], records, record_count) : NIVA_NO_INDEX;
        if (taken != NIVA_NO_INDEX)
            ret_fate[taken] = NIVA_BREACH_KEPT;
    }
    for (size_t i = 0; i < record_count; i++) {
        if (ret_fate[i] != 0)
            continue;
        ret_merged_run[i] = overlap_find(&records[i], runs, run_count);
        ret_fate[i] =
            ret_merged_run[i] == NIVA_NO_INDEX ? NIVA_BREACH_WITHDRAWN : NIVA_BREACH_MERGED;
    }
}
