/* Payments: what a regulated component pays on each day of a month. Private to the model. */
#ifndef NIVA_MODEL_PAYMENT_H
#define NIVA_MODEL_PAYMENT_H

#include "services/model/layer.h"
#include "services/model/ratio.h"
#include "services/model/regulation.h"

struct payment {
    const char *name;
    struct layer amounts; /* of struct niva_component, within the month and the unit's open days */
    struct ratio full;    /* F: the sum of F(t)/D over the whole month */
};

/* The payments of all regulated components of the month, in name order (code points); the
 * caller clears them. False when the arena is out: nothing is to be cleared then. */
bool payments_make(const struct niva_month *month, struct niva_arena *arena, size_t *ret_count,
                   struct payment **ret_payments) NIVA_MUST_CHECK;

/* Gives back what GMP holds. Accepts NULL. */
void payments_clear(struct payment *payments, size_t count);

/* F(t) of a day, öre a month, and the next day on which it may change. */
int64_t payment_on(const struct payment *payment, niva_day day, niva_day *ret_until);

#endif
