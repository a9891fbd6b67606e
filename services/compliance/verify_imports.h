/* The proof of imports: each file has the bytes of its digest, and each listing or contract that
 * names an import was recorded with it. That neither was altered is the proof of the chain. */
#ifndef NIVA_COMPLIANCE_VERIFY_IMPORTS_H
#define NIVA_COMPLIANCE_VERIFY_IMPORTS_H

#include "services/common/run/service.h"

/* The files, one after the other; of a single unit there are none. */
bool verify_imports(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                    struct niva_verify *verify, const char **ret_next,
                    struct niva_error *err) NIVA_MUST_CHECK;
/* The facts of a unit that name an import. */
bool verify_imported(struct niva_read *read, const char *unit, struct niva_arena *arena,
                     struct niva_verify *verify, struct niva_error *err) NIVA_MUST_CHECK;

#endif
