/* Exact ratios of any size: 128 bits as long as they suffice, GMP from then on. No rounding but
 * where it is asked for. Private to the model.
 *
 * A ratio of all zero bytes but `den` 1 is 0 (RATIO_ZERO). What GMP holds is not in an arena: each
 * ratio that was set is cleared by its owner, most simply as
 * `struct ratio x __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;`. */
#ifndef NIVA_MODEL_RATIO_H
#define NIVA_MODEL_RATIO_H

#include <gmp.h>

#include "services/common/base/arena.h"

typedef __int128 int128;

struct ratio {
    bool big;   /* `value` holds it; else num/den, in lowest terms, den > 0 */
    int128 num; /* never the least of its type */
    int128 den;
    mpq_t value;
};

#define RATIO_ZERO                                                                                 \
    {                                                                                              \
        .den = 1                                                                                   \
    }

/* Gives back what GMP holds; the ratio is 0 again. */
void ratio_clear(struct ratio *ratio);

/* num/den; den > 0, num not the least of its type. */
void ratio_set(struct ratio *ratio, int128 num, int128 den);
void ratio_copy(struct ratio *ratio, const struct ratio *from);

/* ratio += other, ratio -= other; ratio *= num/den (den > 0). */
void ratio_add(struct ratio *ratio, const struct ratio *other);
void ratio_subtract(struct ratio *ratio, const struct ratio *other);
void ratio_scale(struct ratio *ratio, int64_t num, int64_t den);

/* -1, 0, 1. */
int ratio_compare(const struct ratio *a, const struct ratio *b);
int ratio_sign(const struct ratio *ratio);

/* The nearest multiple of `unit` (> 0), halves away from zero. False when it does not fit. */
bool ratio_round(const struct ratio *ratio, int64_t unit, int64_t *ret_value) NIVA_MUST_CHECK;

/* "n/d" in lowest terms, or "n". NULL when the arena is out. */
const char *ratio_print(const struct ratio *ratio, struct niva_arena *arena) NIVA_MUST_CHECK;

#endif
