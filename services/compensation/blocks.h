/* What holds back the signature or the decision of a line (model sections 9.1 to 9.3 and 9.5): each
 * thing that does, in words, with who can lift it. Pure. */
#ifndef NIVA_COMPENSATION_BLOCKS_H
#define NIVA_COMPENSATION_BLOCKS_H

#include "services/compensation/decide_line.h"

/* A line that somebody wants to sign for or to decide. */
struct blocks {
    const Niva__Compensation__V1__Adjustment *line;
    int64_t seen_ore; /* its computed_ore, as who asks has seen it */
};

/* Whether an officer may sign for it: it is proposed, not decided, and costs what was seen. Else
 * FAILED_PRECONDITION. */
bool blocks_no_preparing(const struct blocks *blocks, struct niva_error *err) NIVA_MUST_CHECK;

/* A decision. */
struct blocks_decision {
    struct blocks of;
    const struct line_basis *basis; /* of the line, as of now */
    enum line_event event;          /* LINE_APPROVE, LINE_REVISE or LINE_WAIVE */
    const char *decider;
    niva_instant decided_at;
    niva_day decided_on; /* the business day of it */
};

/* Whether it may be decided; else FAILED_PRECONDITION with everything that holds it back. False too
 * when the arena is out. */
bool blocks_no_decision(const struct blocks_decision *decision, struct niva_arena *arena,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* Whether two principals are one person: the letters of an HSA-id have no fixed case. */
bool blocks_same_person(const char *principal, const char *other);

/* Whether a principal registered a report, finding or contract, or granted a dispensation, behind a
 * month. */
bool blocks_stands_behind(const Niva__Compliance__V1__TimelineChanged *timeline,
                          const char *principal);

/* The first day on which a line may be decided of which the unit was told on `communicated_at` and
 * has not answered: when the days that it has to answer, and the day until which it was promised to
 * be heard, have passed. */
niva_day blocks_heard_from(const Niva__Compliance__V1__TimelineChanged *timeline,
                           niva_instant communicated_at, niva_day answer_by);

#endif
