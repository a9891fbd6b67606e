/* Causes: which changes bring a unit below its minimum on the first day of a run of such days. What
 * holds on that day is compared with what held on the day before, part by part: the rule set, the
 * contract, the listing, the report with its positions, each absence with its cover, the finding,
 * the dispensation, and whether the unit is open. A part that differs is a change. A change is a
 * cause when it makes a difference: with some of the other changes done (or none, or all) the day
 * is below with it and not below without it. So two changes that each suffice are both named, as
 * are two that only suffice together, and one that bears on nothing is not. Pure. */
#ifndef NIVA_MODEL_CAUSE_H
#define NIVA_MODEL_CAUSE_H

#include "services/model/timeline.h"

/* Of more changes on one day the absences are weighed together as one change; where that is a
 * cause, each absence that begins to count or loses cover is named. */
enum { NIVA_CHANGES_WEIGHED = 8 };

enum niva_cause_kind {
    NIVA_CAUSE_REPORT = 1,   /* a report takes effect */
    NIVA_CAUSE_POSITION,     /* positions of the report end, or one begins in the place of cover */
    NIVA_CAUSE_ABSENCE,      /* an absence begins to count */
    NIVA_CAUSE_COVER,        /* cover ends, by itself or with its absence, or gives way to other */
    NIVA_CAUSE_DISPENSATION, /* a dispensation ends */
    NIVA_CAUSE_CONTRACT,     /* a contract begins to bind */
    NIVA_CAUSE_CONTRACT_END, /* a contract ends, and an earlier one holds again */
    NIVA_CAUSE_LISTING,      /* another listing holds */
    NIVA_CAUSE_RULE_SET,     /* a rule set begins */
    NIVA_CAUSE_FINDING,      /* a finding begins */
    NIVA_CAUSE_FINDING_END,  /* a finding ends */
    NIVA_CAUSE_OPENING,      /* the unit opens */
};

/* A change with the fact that makes it; the others are NULL. The fact of an opening is the unit. */
struct niva_cause {
    enum niva_cause_kind kind;
    const struct niva_report *report;   /* of REPORT and POSITION */
    const struct niva_absence *absence; /* of ABSENCE and COVER: its present version */
    const struct niva_dispensation *dispensation;
    const struct niva_contract *contract; /* of CONTRACT and CONTRACT_END */
    const struct niva_listing *listing;
    const struct niva_rule_set *rule_set;
    const struct niva_finding *finding; /* of FINDING and FINDING_END */
};

/* The causes of `day`, in order of kind, absences in the order of the record. There is one at least
 * when the day is BELOW_MINIMUM and the day before it is not; otherwise there are none. False when
 * the arena is out. */
bool niva_causes_find(const struct niva_facts *facts, niva_day day, struct niva_arena *arena,
                      size_t *ret_count, const struct niva_cause **ret_causes,
                      struct niva_error *err) NIVA_MUST_CHECK;

#endif
