/* The proof of a service's events and facts, for tests that have its database and no service. */
#ifndef NIVA_TESTS_SUPPORT_PROOF_H
#define NIVA_TESTS_SUPPORT_PROOF_H

#include "services/common/bus/verify.h"

/* Walks both chains of the connection's schema, in pages of `limit`. Says what is found, "CODE
 * position field, " for each difference; "" for nothing. Valid until the next call. */
const char *proof_chains(struct niva_pg *pg, int32_t limit, int64_t *ret_events,
                         int64_t *ret_facts);

#endif
