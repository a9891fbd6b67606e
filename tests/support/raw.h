/* Bytes and envelopes as they are, beside the client: what no client of ours would send. */
#ifndef NIVA_TESTS_SUPPORT_RAW_H
#define NIVA_TESTS_SUPPORT_RAW_H

#include "niva/rpc/v1/envelope.pb-c.h"
#include "services/common/wire/wire.h"

/* Sends bytes as they are on a socket of its own and unpacks the answer into the arena; NULL when
 * none came within 5 s. */
Niva__Rpc__V1__Reply *raw_exchange(const char *url, const void *bytes, size_t size,
                                   struct niva_arena *arena);
/* The same with an envelope. */
Niva__Rpc__V1__Reply *raw_call(const char *url, const Niva__Rpc__V1__Request *envelope,
                               struct niva_arena *arena);

#endif
