/* What is counted on a day (model section 5). Private to the model.
 *
 * A bench holds one report under one counting rule, its positions as seats. The sweep of a timeline
 * sets the bench when report or rule changes and asks it on each day that it judges. */
#ifndef NIVA_MODEL_COUNTING_H
#define NIVA_MODEL_COUNTING_H

#include "services/model/absence.h"
#include "services/model/timeline.h"

/* A position of the report. */
struct seat {
    const struct niva_position *position;
    bool qualifies; /* title, employment and licence count */
    bool repeats;   /* the seat before it has the same key */
    int64_t absent_milli;
};

/* A cover whose absence counts on the day. */
struct stand_in {
    const struct niva_position *position;
    size_t rank; /* of covers with one key the lowest counts */
    size_t away; /* index into the day's absences */
};

/* Where to note what was not counted. */
struct uncounted_list {
    struct niva_arena *arena;
    size_t count;
    size_t capacity;
    struct niva_uncounted *entries;
    bool failed; /* the arena is out */
};

struct bench {
    const struct niva_report *report; /* NULL: not set */
    const struct niva_counting_rule *rule;
    size_t seat_count;
    struct seat *seats;         /* by key, then in the order of the report */
    struct stand_in *stand_ins; /* scratch */
};

/* The absences that count on a day, in the order in which they were recorded. */
struct day_absences {
    size_t count;
    const struct away *const *away;
    bool *used; /* set where one took from a seat, or its cover was counted */
};

/* A bench for reports of at most `seats` positions and days of at most `covers` covers. False when
 * the arena is out. */
bool bench_make(size_t seats, size_t covers, struct niva_arena *arena,
                struct bench *ret_bench) NIVA_MUST_CHECK;

/* Seats the positions of a report. */
void bench_set(struct bench *bench, const struct niva_report *report,
               const struct niva_counting_rule *rule);

/* Counted milli-FTE on a day whose full requirement is `required_milli`. `uncounted` (may be NULL)
 * gets what is not counted, with `days` as its days. */
int32_t bench_count(struct bench *bench, niva_day day, int32_t required_milli,
                    const struct day_absences *absences, struct niva_span days,
                    struct uncounted_list *uncounted);

/* Joins what stands in the list for neighbouring days, in order of day, key and reason. */
void uncounted_join(struct uncounted_list *list);

#endif
