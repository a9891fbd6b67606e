/* The formulas of a regulation (model section 8): which lines a month has before the modifiers.
 * Private to the model. */
#ifndef NIVA_MODEL_FORMULA_H
#define NIVA_MODEL_FORMULA_H

#include "services/model/ledger.h"
#include "services/model/payment.h"

/* Days of one run, up to today, that are alike: bad, or not. */
struct stretch {
    struct niva_span days;
    size_t run; /* index into the month's runs */
    bool bad;
    niva_day first_bad; /* first day of the breach without its grace; NIVA_DAY_NONE: no breach */
};

/* Days of a stretch on which no amount changes. */
struct cut {
    struct niva_span days;
    const struct stretch *stretch;
};

/* One month on its way to its deductions. */
struct regulating {
    const struct niva_month *month;
    const struct niva_regulation_rule *rule;
    struct niva_arena *arena;
    size_t payment_count;
    struct payment *payments;
    size_t stretch_count;
    struct stretch *stretches;
    /* Of PER_MISSING_FTE: the days as all components cut them, and what of the price of each is not
     * yet laid on a component. */
    size_t cut_count;
    struct cut *cuts;
    struct ratio *unlaid;
};

/* Prepares a month whose `month`, `rule` and `arena` are set; the caller clears it in any case.
 * False when the arena is out. */
bool regulating_make(struct regulating *regulating) NIVA_MUST_CHECK;

void regulating_clear(struct regulating *regulating);

/* Adds the lines of one component; components come in name order. False when the arena is out. */
bool formula_apply(struct regulating *regulating, const struct payment *payment,
                   struct ledger *ledger) NIVA_MUST_CHECK;

#endif
