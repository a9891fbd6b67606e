/* Proves the amounts that compensation told: what is kept of a unit is held as compensation's, and
 * no version is missing. */
#ifndef NIVA_COMPLIANCE_VERIFY_COMPONENTS_H
#define NIVA_COMPLIANCE_VERIFY_COMPONENTS_H

#include "services/common/run/service.h"

bool verify_components(struct niva_read *read, const char *unit, struct niva_arena *arena,
                       struct niva_verify *verify, struct niva_error *err) NIVA_MUST_CHECK;

#endif
