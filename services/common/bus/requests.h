/* The log of requests: what was asked before has the answer that it had, and what is asked twice in
 * a batch is decided once. Internal to the room. */
#ifndef NIVA_COMMON_BUS_REQUESTS_H
#define NIVA_COMMON_BUS_REQUESTS_H

#include "services/common/bus/attempt.h"

/* The id and the digest of a slot's command; it is rejected where it has no id. */
void request_identify(struct slot *slot, struct niva_arena *arena);

/* The query for what was answered before of the slots that are open. */
void requests_query_stored(struct niva_query *query, const struct slot *slots, size_t count,
                           struct niva_arena *arena);
/* Gives what that query found to its slots: the stored reply, or a rejection where the id was used
 * for something else or the answer is erased. */
void requests_answer_stored(const struct niva_query *found, struct slot *slots,
                            struct niva_arena *arena);

/* The same request earlier in the batch, or NULL. */
const struct slot *request_leader(const struct slot *slots, const struct slot *slot);
/* Whether its id was used earlier in the batch, by a request with other content that was accepted.
 */
bool request_key_used(const struct slot *slots, const struct slot *slot);
/* REQUEST_ID_REUSED; always false. */
bool request_fail_reused(struct niva_error *err);
/* A folded request has its leader's answer, as if it had come a moment later. */
void requests_answer_folded(struct slot *slots, size_t count, struct niva_arena *arena);

/* The insert of what was accepted, with its replies. False when there is nothing to insert. */
bool requests_query_insert(struct niva_query *query, const struct slot *slots, size_t count,
                           struct niva_arena *arena);

#endif
