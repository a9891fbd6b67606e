/* Differences: what is due of a month when facts move after a decision (model section 9.5). What
 * was decided stands; what was waived or revised away stays away, whatever detour the facts take;
 * never more is given back than was taken. Pure. */
#ifndef NIVA_MODEL_DIFFERENCE_H
#define NIVA_MODEL_DIFFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* A decided line of a unit, component and month, waived ones included. Öre. */
struct niva_decided {
    int64_t total_ore;     /* J: the month's computed amount from which it was proposed, ≥ 0 */
    int64_t proposed_ore;  /* the line's own; < 0: money back, which was approved */
    int64_t deduction_ore; /* what it takes */
};

struct niva_due {
    int64_t due_ore;   /* what all lines of the month may take together, 0 … the month's amount */
    int64_t taken_ore; /* T: what the decided ones take */
    size_t held_by;    /* the decided line that keeps `due_ore` below the month's amount, the first
                          of them; NIVA_NO_INDEX: none does */
};

/* What is due of a month that is computed to cost `new_ore` ≥ 0, after `count` decided lines in the
 * order in which they were decided. A line of due_ore − taken_ore is to be proposed, none where
 * that is 0; below 0 it is money back. */
struct niva_due niva_due_compute(int64_t new_ore, const struct niva_decided *decided, size_t count);

#endif
