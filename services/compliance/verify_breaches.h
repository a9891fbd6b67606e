/* Versions of breaches against the events that told of them. Internal to the proof. */
#ifndef NIVA_COMPLIANCE_VERIFY_BREACHES_H
#define NIVA_COMPLIANCE_VERIFY_BREACHES_H

#include "services/common/run/service.h"

/* Compares all that is kept of a unit's breaches with all that was said of them. `ret_readable`
 * tells whether the versions can be worked with. */
bool verify_breaches(struct niva_read *read, const char *unit, struct niva_arena *arena,
                     struct niva_verify *verify, bool *ret_readable,
                     struct niva_error *err) NIVA_MUST_CHECK;

#endif
