/* Absences: which versions hold, and on which days each counts under a rule (model section 5).
 * Private to the model. */
#ifndef NIVA_MODEL_ABSENCE_H
#define NIVA_MODEL_ABSENCE_H

#include "services/common/base/arena.h"
#include "services/model/facts.h"

/* An absence that is known and not cancelled: its present version, with all that came before. */
struct absence_series {
    const struct niva_absence *present;
    const struct niva_absence *const *versions; /* in the order of the record, the present last */
    size_t version_count;
    size_t order; /* of the present version in the record */
};

/* The absences of all positions, by position key and first day. */
struct absence_book {
    size_t count;
    struct absence_series *series;
};

/* Days on which an absence counts. */
struct away {
    struct niva_span days;
    const struct absence_series *series;
};

/* Sorts out versions. False when the arena is out. */
bool absence_book_make(const struct niva_facts *facts, struct niva_arena *arena,
                       struct absence_book *ret_book) NIVA_MUST_CHECK;

/* How many absences have days in a window. */
size_t absence_book_overlaps(const struct absence_book *book, struct niva_span window);

/* The days within `window` on which each absence counts, into `ret_away` with room for all that
 * have days in it. Returns their number. */
size_t absence_book_count(const struct absence_book *book, const struct niva_counting_rule *rule,
                          struct niva_span window, struct away *ret_away);

#endif
