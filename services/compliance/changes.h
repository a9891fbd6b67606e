/* What changed between two instants. The record is walked in the order in which it was written: at
 * each of its places the days asked for are judged, and their months costed, by what was known
 * there, so that what a fact changed is the difference between its place and the one before. Pure:
 * no I/O, no clock. */
#ifndef NIVA_COMPLIANCE_CHANGES_H
#define NIVA_COMPLIANCE_CHANGES_H

#include "services/compliance/costs.h"
#include "services/compliance/dossier.h"

/* A place in the order of the record. At one instant days begin first, then come the facts of the
 * record, then the amounts as compensation recorded them. */
enum rank { RANK_DAY, RANK_FACT, RANK_AMOUNT, RANK_LAST };
struct place {
    niva_instant instant; /* INT64_MAX: now */
    enum rank rank;
    int64_t no; /* fact_no, or the position of compensation's event */
};

/* Something that may have changed something: a fact, an amount, or neither: days that begin. */
struct change {
    struct place place;
    const struct record *fact;
    const struct stored_component *amount;
    const pb_component *component; /* the amount's message */
    struct niva_span days;         /* that it is about; of RANK_DAY those that have begun */
};

/* The record of a unit and group, and the days that are asked for. */
struct history {
    const char *unit;
    const char *group;
    struct niva_span days;
    niva_day business_day;
    const struct records *own;
    const struct records *regional;
    size_t component_count; /* in the order of compensation's record */
    const struct stored_component *components;
    size_t change_count; /* all that may have changed something, in order; no days */
    const struct change *changes;
};

/* Lays out the changes of a history whose other members are set. */
bool history_lay(struct history *history, struct niva_arena *arena,
                 struct niva_error *err) NIVA_MUST_CHECK;

/* Today at a place: its local day, never after the business day. */
niva_day history_today(const struct history *history, struct place place);

/* Before 0, at the same place 0, else after. */
int place_compare(struct place one, struct place other);

/* The next change after `at` and up to and with `until`; days that have begun in between and lie in
 * the days asked for come first. False: there is none. */
bool change_next(const struct history *history, struct place at, struct place until,
                 struct change *ret_change);

/* How the days stand, and what their months cost up to today, by what is known at a place. */
struct standing {
    niva_day today;
    struct dossier dossier;
    struct niva_timeline timeline;
    size_t month_count;
    const struct month_cost {
        niva_day month;
        size_t count;
        const struct niva_deduction *deductions; /* in name order */
    } * months;
    int64_t ore; /* of all months and components */
};

/* FAILED_PRECONDITION where what was known there has been erased since. Borrows from the history
 * and the arena. */
bool standing_compute(const struct history *history, struct place place, struct niva_arena *arena,
                      struct standing *ret_standing, struct niva_error *err) NIVA_MUST_CHECK;

/* A run of the days asked for that two standings judge differently: status or figures. */
struct verdict_change {
    struct niva_span days;
    const struct niva_segment *before;
    const struct niva_segment *after;
};
bool verdicts_compare(const struct history *history, const struct standing *before,
                      const struct standing *after, struct niva_arena *arena, size_t *ret_count,
                      const struct verdict_change **ret_changes,
                      struct niva_error *err) NIVA_MUST_CHECK;

/* A month and component of two standings; a component that is in one of them alone is 0 in the
 * other. In order of month and name; `all`: those that are the same too. */
struct amount_change {
    niva_day month;
    const char *component;
    int64_t before;
    int64_t after;
};
bool amounts_compare(const struct standing *before, const struct standing *after, bool all,
                     struct niva_arena *arena, size_t *ret_count,
                     const struct amount_change **ret_changes,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* Whether a change is about the unit at all where `after` holds: what is for a whole region is not,
 * when the unit is in another. */
bool change_concerns(const struct change *change, const struct standing *after);

#endif
