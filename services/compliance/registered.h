/* Who stands behind a verdict: the principals who registered the report, finding or contract that
 * it rests on, or granted its dispensation. None of them may decide what follows (model
 * section 9.3). Pure. */
#ifndef NIVA_COMPLIANCE_REGISTERED_H
#define NIVA_COMPLIANCE_REGISTERED_H

#include "services/compliance/dossier.h"

/* Those behind a segment of the dossier's timeline, each once, in code point order; borrowed from
 * the dossier. False when the arena is out. */
bool registered_by(const struct dossier *dossier, const struct niva_segment *segment,
                   struct niva_arena *arena, size_t *ret_count, char ***ret_principals,
                   struct niva_error *err) NIVA_MUST_CHECK;

#endif
