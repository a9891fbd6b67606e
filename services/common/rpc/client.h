/* The client side: a road to each replica of one service (replica.h), a context for every call. A
 * call blocks its thread until the answer or the deadline; many threads may call at once.
 *
 * A call goes to the replica that answered last. It is sent again, the same with the same
 * request_id, when its connection is lost (once), when the replica says UNAVAILABLE and there is
 * another one, and when the replica is silent for 2 s (then 4, 8 …) and there is another one: so a
 * replica may be killed, stopped or drained without its callers noticing more than a pause. nng
 * itself resends nothing. */
#ifndef NIVA_COMMON_RPC_CLIENT_H
#define NIVA_COMMON_RPC_CLIENT_H

#include "services/common/rpc/rpc.h"

struct niva_rpc_client;

/* A client of a listener, given by the address of replica 1, and of its replicas, also of those
 * that come later; connects in the background and again after a loss. Never NULL but with err. */
struct niva_rpc_client *niva_rpc_client_new(const char *url, struct niva_error *err);
/* A client of that one listener, whoever else there is. */
struct niva_rpc_client *niva_rpc_client_new_alone(const char *url, struct niva_error *err);
/* Calls in flight must have ended. Accepts NULL and returns NULL. */
struct niva_rpc_client *niva_rpc_client_free(struct niva_rpc_client *client);

/* From any thread while the client lives: calls in flight, and all later ones, end at once with
 * UNAVAILABLE. For the end of a process. */
void niva_rpc_client_halt(struct niva_rpc_client *client);

struct niva_rpc_options {
    int timeout_ms;           /* 1 … NIVA_RPC_TIMEOUT_MAX_MS */
    const char *principal;    /* NULL: the server says who we are */
    const char *traceparent;  /* NULL: none */
    niva_instant recorded_at; /* INT64_MIN: not given; rehearsal only */
};

/* Calls "/package.Service/Method". When nobody listens it waits for somebody (a service may be
 * starting again), at most 2 s and timeout_ms: UNAVAILABLE then, and when the connection was lost
 * again; the call may have been carried out. DEADLINE_EXCEEDED after timeout_ms.
 * RESOURCE_EXHAUSTED, unsent, for a request over NIVA_RPC_REQUEST_LARGE; the server has its own
 * limit. `ret_rehearsal` may be NULL. The reply lives in the arena. */
bool niva_rpc_call(struct niva_rpc_client *client, const char *method,
                   const ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply_type,
                   const struct niva_rpc_options *options, struct niva_arena *arena,
                   ProtobufCMessage **ret_reply, bool *ret_rehearsal,
                   struct niva_error *err) NIVA_MUST_CHECK;

/* The same with a packed request and reply: for what must send bytes as they are. */
bool niva_rpc_call_packed(struct niva_rpc_client *client, const char *method,
                          ProtobufCBinaryData request, const struct niva_rpc_options *options,
                          struct niva_arena *arena, ProtobufCBinaryData *ret_reply,
                          bool *ret_rehearsal, struct niva_error *err) NIVA_MUST_CHECK;

#endif
