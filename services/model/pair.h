/* A pair of neighbouring days: what holds on each of them, part by part, and the verdict of a day
 * that is mixed of the two. Private to the model. */
#ifndef NIVA_MODEL_PAIR_H
#define NIVA_MODEL_PAIR_H

#include "services/model/sources.h"

/* The day before, and the day itself: of which of them a part is taken. */
enum side { BEFORE, AFTER, SIDES };

/* What may differ between the two days; the absences come behind, one part each. */
enum part { OPENING, RULE_SET, CONTRACT, LISTING, STAFF, FINDING, DISPENSATION, PARTS };

/* What holds on a day. */
struct holding {
    niva_day day;
    bool open;
    const struct niva_rule_set *rule_set;
    const struct niva_contract *contract;
    const struct niva_listing *listings[NIVA_SAME_DAY + 1]; /* by snapshot; NULL: not asked for */
    const struct niva_report *report;
    const struct niva_frozen *frozen;
    bool erased;
    const struct niva_finding *finding;
    const struct niva_dispensation *dispensation;
    struct niva_report staff; /* the report with the positions that are active on the day */
};

/* An absence that counts on one of the days by one of the rule sets. */
struct leave {
    const struct absence_series *series;
    bool counts[SIDES][SIDES];        /* by the rule set of a side, on the day of a side */
    struct niva_absence taken[SIDES]; /* with the cover that is active on the day */
};

struct pair {
    struct niva_arena *arena;
    struct niva_span days; /* the day itself */
    struct holding holdings[SIDES];
    size_t leave_count; /* in the order of the record */
    struct leave *leaves;
    enum side *sides; /* from which day each part, then each absence, is taken: BEFORE at first */
    struct niva_absence *mixed_absences; /* scratch */
};

/* The pair of a day and the day before it. False when the arena is out. */
bool pair_make(const struct niva_facts *facts, niva_day day, struct niva_arena *arena,
               struct pair *ret_pair) NIVA_MUST_CHECK;

/* Whether a part, or an absence (PARTS + its index), differs between the days. */
bool pair_differs(const struct pair *pair, size_t part);

/* Whether the day is below the minimum with each part as its side says. Any mix can be asked for:
 * what a part is does not depend on the others, but for the rule set, by which absences count and
 * which chooses the listing. Whatever is in `scratch` is gone then. False when it is out. */
bool pair_judge(const struct pair *pair, struct niva_arena *scratch, bool *ret_below,
                struct niva_error *err) NIVA_MUST_CHECK;

#endif
