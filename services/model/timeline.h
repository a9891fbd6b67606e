/* Timelines: the verdict of every day of a span (model sections 4, 5 and 6). Cost follows the
 * number of changes in the facts, not the number of days. Pure: no I/O, no clock. */
#ifndef NIVA_MODEL_TIMELINE_H
#define NIVA_MODEL_TIMELINE_H

#include "services/common/base/arena.h"
#include "services/model/facts.h"

/* An index that points at nothing. */
#define NIVA_NO_INDEX ((size_t)-1)

enum niva_status {
    NIVA_NOT_REQUIRED = 1,
    NIVA_NO_REQUIREMENT_BASIS,
    NIVA_NO_REPORT,
    NIVA_MET,
    NIVA_DISPENSED,
    NIVA_BELOW_MINIMUM,
};

/* A run of days with the same verdict and the same facts behind it. Facts are borrowed from the
 * input; NULL: none. A NO_REPORT day with a report is one that had not been counted when
 * the report was erased. `dispensation` is the one that set the limit: the lowest reduced minimum,
 * of equal ones the first in the record. It is set on days that are DISPENSED, or BELOW_MINIMUM
 * under a dispensation's reduced minimum. */
struct niva_segment {
    struct niva_span days;
    enum niva_status status;
    int32_t required_milli;
    int32_t counted_milli;
    int32_t shortfall_milli;
    const struct niva_report *report;
    const struct niva_finding *finding;
    const struct niva_rule_set *rule_set;
    const struct niva_dispensation *dispensation;
    size_t absence_count; /* present versions that were counted, or whose cover was; in the order of
                             the record */
    const struct niva_absence *const *absences;
};

enum niva_uncounted_reason {
    NIVA_UNCOUNTED_TITLE = 1,
    NIVA_UNCOUNTED_EMPLOYMENT,
    NIVA_UNCOUNTED_UNLICENSED,
    NIVA_UNCOUNTED_ABSENT,
    NIVA_UNCOUNTED_HIRED_CAP,
    NIVA_UNCOUNTED_DUPLICATE,
};

/* A position or cover that was not counted on a run of days, and how much of it. HIRED_CAP has the
 * key "". */
struct niva_uncounted {
    const char *position_key;
    enum niva_uncounted_reason reason;
    struct niva_span days;
    int32_t fte_milli;
};

struct niva_timeline {
    size_t segment_count;
    const struct niva_segment *segments; /* in order, without gap, over the horizon */
    size_t judged_count; /* days that were judged, one for each span without a change */
    size_t uncounted_count;
    const struct niva_uncounted *uncounted;
};

/* Computes the timeline of `horizon` (not empty) into `arena`. Neighbouring days with the same
 * verdict and the same facts are one segment. `with_uncounted` false leaves `uncounted` empty.
 * False when the arena is out (RESOURCE_EXHAUSTED). Pointers in the answer go to `facts` and
 * `arena`. */
bool niva_timeline_compute(const struct niva_facts *facts, struct niva_span horizon,
                           bool with_uncounted, struct niva_arena *arena,
                           struct niva_timeline *ret_timeline,
                           struct niva_error *err) NIVA_MUST_CHECK;

/* The rule set in force on a day, of those known; NULL: none. */
const struct niva_rule_set *niva_rule_set_on(const struct niva_facts *facts, niva_day day);

/* The contract in force on a day, of those known (model section 4); NULL: none. `ret_until` gets
 * the first later day on which that may be another. */
const struct niva_contract *niva_contract_on(const struct niva_facts *facts, niva_day day,
                                             niva_day *ret_until);

/* The report that stands on a day (model section 5), of those known; NULL: none. False when the
 * arena is out. */
bool niva_report_on(const struct niva_facts *facts, niva_day day, struct niva_arena *arena,
                    const struct niva_report **ret_report, struct niva_error *err) NIVA_MUST_CHECK;

/* Whether an absence is expected to be longer than so many days. */
bool niva_absence_exceeds(const struct niva_absence *absence, int32_t threshold);

/* The unbroken series of versions of one absence that ends with the last of `versions` (at least
 * one, in the order of the record): none before it cancelled, each by itself longer than the
 * threshold (model section 5, EXPECTED_DAY); the last one belongs to it in any case. Returns the
 * index of its first version; `ret_since` gets the earliest day since when it was expected. */
size_t niva_absence_series(const struct niva_absence *const *versions, size_t count,
                           int32_t threshold, niva_day *ret_since);

#endif
