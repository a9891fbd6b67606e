/* The proof of a unit's dialogues: every entry is what its event told, stands in a dialogue that
 * was opened, and a measure ends once. */
#ifndef NIVA_COMPLIANCE_VERIFY_DIALOGUE_H
#define NIVA_COMPLIANCE_VERIFY_DIALOGUE_H

#include "services/common/run/service.h"
#include "services/compliance/store.h"

/* `own` is the record of the unit, `said` what was said of its groups. */
bool verify_dialogue(struct niva_read *read, const char *unit, const struct records *own,
                     const struct said *said, size_t said_count, struct niva_arena *arena,
                     struct niva_verify *verify, struct niva_error *err) NIVA_MUST_CHECK;

#endif
