/* What follow-up knows of one unit: from its dossier and from what is kept beside it, made into
 * runs of days and into what belongs to months. Pure. */
#ifndef NIVA_COMPLIANCE_FOLLOW_UP_UNIT_H
#define NIVA_COMPLIANCE_FOLLOW_UP_UNIT_H

#include "services/compliance/costs.h"
#include "services/compliance/follow_up.h"
#include "services/compliance/reporting.h"
#include "services/compliance/store_follow_up.h"

/* What is asked of every unit. */
struct following {
    const struct follow_up *follow;
    const char *const *codes; /* of the indicators, in order */
    size_t code_count;
};

/* Everything of one unit; rows are those of the unit alone. */
struct followed_sources {
    const struct dossier *dossier;
    const struct records *own;
    const struct amounts *amounts;
    struct followed_rows adjustments;
    struct followed_rows breaches;
    struct followed_rows figures;
};

/* Makes it; what it points to is in the arena, or in the dossier. FAILED_PRECONDITION where what
 * was known then has been erased. */
bool followed_unit_make(const struct following *following, const struct followed_sources *sources,
                        struct niva_arena *arena, struct followed_unit *ret_unit,
                        struct niva_error *err) NIVA_MUST_CHECK;

#endif
