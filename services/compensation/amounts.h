/* What a month costs: from the timeline that compliance last told, the components and today to the
 * amounts of the model (model section 8). Pure: no I/O, no clock; the arithmetic is the model's. */
#ifndef NIVA_COMPENSATION_AMOUNTS_H
#define NIVA_COMPENSATION_AMOUNTS_H

#include "niva/compliance/v1/events.pb-c.h"
#include "services/model/regulation.h"

/* The month as it was given to the model, and the model's answer. All of it lives in the arena and
 * borrows from the timeline and the components, which must outlive it. */
struct amounts {
    struct niva_month month;                 /* run i is that of timeline->runs[i] */
    const struct niva_rule_set *rule_set;    /* in force on the month's last day; NULL: none */
    size_t count;                            /* regulated components, zeros included */
    const struct niva_deduction *deductions; /* in name order */
};

/* Computes the amounts of the timeline's month. `components` are the dated amounts of the unit and
 * group in the order of the record. A unit that is not registered is never open and costs nothing.
 * INTERNAL when the timeline can't be read; RESOURCE_EXHAUSTED when the arena is out. */
bool amounts_compute(const Niva__Compliance__V1__TimelineChanged *timeline,
                     const struct niva_component *components, size_t component_count,
                     niva_day today, struct niva_arena *arena, struct amounts *ret_amounts,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* The deduction of a component; NULL: it is not regulated in the month. */
const struct niva_deduction *amounts_find(const struct amounts *amounts, const char *component);

/* First BELOW_MINIMUM day of a timeline, forecast or not; NIVA_DAY_NONE when there is none, or when
 * its days can't be read. Before that day the month costs nothing. */
niva_day amounts_below_from(const Niva__Compliance__V1__TimelineChanged *timeline);

/* Days below the minimum up to today, those of grace included. */
int32_t amounts_below_days(const struct amounts *amounts);

/* The days of a run that bear on the amount: below the minimum, up to today, without the grace of
 * the breach. Empty when there are none. */
struct niva_span amounts_bad_days(const struct niva_month *month, const struct niva_month_run *run);

#endif
