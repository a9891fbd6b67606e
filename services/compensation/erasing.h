/* What an erasure takes of this service: the words of closed lines, and of settlements that were
 * voided, as the store found them. It lives in the batch's arena. */
#ifndef NIVA_COMPENSATION_ERASING_H
#define NIVA_COMPENSATION_ERASING_H

#include "services/compensation/settling.h"

/* One erasure of the batch. */
struct erasing {
    const struct niva_item *item;
    size_t line_count;
    struct sheet_row **lines; /* every version of the unit's old lines, by id and version */
    size_t settlement_count;
    struct settlement_row *settlements; /* voided, of the region of these lines */
};

/* What is left of a version; NULL when the arena is out. */
Niva__Compensation__V1__Adjustment *line_redacted(const Niva__Compensation__V1__Adjustment *line,
                                                  const char *erased_by, struct niva_arena *arena);
Niva__Compensation__V1__Settlement *
settlement_redacted(const Niva__Compensation__V1__Settlement *settlement, const char *erased_by,
                    struct niva_arena *arena);

/* Whether anybody said anything in it. */
bool line_has_words(const Niva__Compensation__V1__Adjustment *line);

#endif
