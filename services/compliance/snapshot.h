/* What a read sees of units: today and dossiers, as known at an instant. */
#ifndef NIVA_COMPLIANCE_SNAPSHOT_H
#define NIVA_COMPLIANCE_SNAPSHOT_H

#include "services/common/run/service.h"
#include "services/compliance/store.h"

/* Today of what was known at an instant (model section 2): its local day, but never after the
 * business day; INT64_MAX: the business day. `ret_pending` (may be NULL): work that is known but
 * not done. */
bool snapshot_today(struct niva_read *read, niva_instant known_at, niva_day *ret_today,
                    int64_t *ret_pending, struct niva_error *err) NIVA_MUST_CHECK;

/* The records of units and of every region that one of them was ever registered in, in two round
 * trips. */
bool snapshot_records(struct niva_read *read, const char *const *units, size_t count,
                      struct niva_arena *arena, struct records *ret_own,
                      struct records *ret_regional, struct niva_error *err) NIVA_MUST_CHECK;

/* The dossier of one unit and group; `registered` is NULL in it where the unit was not. */
bool snapshot_dossier(struct niva_read *read, const char *unit, const char *group,
                      niva_instant known_at, struct dossier *ret_dossier,
                      struct niva_error *err) NIVA_MUST_CHECK;

#endif
