/* What an erasure leaves of the days that it touches: made when it comes, and asked of when someone
 * asks as of an instant before it. Pure. */
#ifndef NIVA_COMPLIANCE_FROZEN_H
#define NIVA_COMPLIANCE_FROZEN_H

#include "services/compliance/dossier.h"

/* Freezes the days before `until` of a dossier that is still whole; NULL with err. */
pb_frozen_group *frozen_make(const struct dossier *dossier, niva_day until,
                             struct niva_arena *arena, struct niva_error *err) NIVA_MUST_CHECK;

/* Whether the timeline of these days can be told as it was known then: FAILED_PRECONDITION where
 * what it rested on has been erased since. */
bool frozen_check(const struct dossier *dossier, struct niva_span days,
                  const struct niva_timeline *timeline, struct niva_error *err) NIVA_MUST_CHECK;

/* The first whole day of the group; NIVA_DAY_NONE: nothing of it is erased. */
niva_day frozen_until(const struct dossier *dossier);

#endif
