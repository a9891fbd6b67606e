/* The consumer: follows an upstream stream and applies it through the journal. The doorbell (nng
 * SUB) only wakes it; a timer of 100 ms does too. It reads after the cursor in its own database, so
 * it may be killed anywhere. An event that can't be applied stops it and is logged; it is tried
 * again, never skipped. */
#ifndef NIVA_COMMON_BUS_CONSUMER_H
#define NIVA_COMMON_BUS_CONSUMER_H

#include "services/common/bus/journal.h"
#include "services/common/rpc/client.h"

struct niva_consumer;

/* Starts the thread. `url` is the peer listener of the upstream, `bell` its doorbell. */
struct niva_consumer *niva_consumer_new(struct niva_journal *journal, const char *stream,
                                        const char *url, const char *bell, struct niva_error *err);
/* Ends the thread and frees. Accepts NULL and returns NULL. */
struct niva_consumer *niva_consumer_free(struct niva_consumer *consumer);

/* The doorbell of a stream: an nng PUB socket that says the new head. */
struct niva_doorbell;
struct niva_doorbell *niva_doorbell_new(const char *url, struct niva_error *err);
struct niva_doorbell *niva_doorbell_free(struct niva_doorbell *bell);
void niva_doorbell_ring(struct niva_doorbell *bell, int64_t head);

#endif
