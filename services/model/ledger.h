/* Ledgers: the lines of an explanation and their exact sum. Private to the model. */
#ifndef NIVA_MODEL_LEDGER_H
#define NIVA_MODEL_LEDGER_H

#include "services/model/ratio.h"
#include "services/model/regulation.h"

/* All zero but `arena` and `sum` (RATIO_ZERO) is an empty one. */
struct ledger {
    struct niva_arena *arena;
    struct ratio sum; /* of all lines */
    size_t count;
    size_t capacity;
    struct niva_line *lines;
};

/* Gives back what GMP holds; the lines are the arena's. */
void ledger_clear(struct ledger *ledger);

/* Adds a line of `ore`; the text of `line->ore` is written here. False when the arena is out. */
bool ledger_add(struct ledger *ledger, const struct niva_line *line,
                const struct ratio *ore) NIVA_MUST_CHECK;

/* Adds a line that brings the sum to `target`; none where it is there already. */
bool ledger_settle(struct ledger *ledger, const struct niva_line *line,
                   const struct ratio *target) NIVA_MUST_CHECK;

#endif
