/* Breaches: maximal runs of BELOW_MINIMUM days, and which record of a breach a run is (model
 * section 7). Pure. */
#ifndef NIVA_MODEL_BREACH_H
#define NIVA_MODEL_BREACH_H

#include "services/model/timeline.h"

/* A maximal run of BELOW_MINIMUM days of a timeline; `first_segment` … are its segments. */
struct niva_run {
    struct niva_span days;
    size_t first_segment;
    size_t segment_count;
};

/* The runs of a timeline, those up to and with `today` (cut after it; NIVA_DAY_END for no cut). A
 * change of rule set does not split a run. False when the arena is out. */
bool niva_runs_find(const struct niva_timeline *timeline, niva_day today, struct niva_arena *arena,
                    size_t *ret_count, const struct niva_run **ret_runs,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* A breach as it is on record. `days.until` of an open one is the day after today. Candidates are
 * OPEN or CLOSED breaches; withdrawn and merged ones are given as `gone` and never come back, but
 * are named by what returns. */
struct niva_breach_record {
    struct niva_span days;
    niva_instant opened_at;
    size_t opened_order; /* rises with the order of opening */
    bool gone;
};

enum niva_breach_fate {
    NIVA_BREACH_KEPT = 1,
    NIVA_BREACH_MERGED,
    NIVA_BREACH_WITHDRAWN,
    NIVA_BREACH_LEFT_GONE
};

/* What becomes of the records: runs, in day order, each take the unclaimed overlapping candidate
 * with the lowest first day (then opened first); a run that finds none is new (run_breach
 * NIVA_NO_INDEX) and names the overlapping gone record that was opened last (returns_from, or
 * NIVA_NO_INDEX); candidates left over that overlap a run are MERGED into that of the first such
 * run; the others are WITHDRAWN. Arrays are the caller's. */
void niva_breaches_match(const struct niva_run *runs, size_t run_count,
                         const struct niva_breach_record *records, size_t record_count,
                         size_t *ret_run_breach, size_t *ret_returns_from,
                         enum niva_breach_fate *ret_fate, size_t *ret_merged_run);

#endif
