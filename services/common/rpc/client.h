/* The client side: one socket to one service, a context for every call. A call blocks its thread
 * until the answer or the deadline; many threads may call at once. nng resends nothing: whoever
 * retries does so with the same request_id. */
#ifndef NIVA_COMMON_RPC_CLIENT_H
#define NIVA_COMMON_RPC_CLIENT_H

#include "services/common/rpc/rpc.h"

struct niva_rpc_client;

/* A client of a listener; connects in the background and again after a loss. Never NULL but with
 * err. */
struct niva_rpc_client *niva_rpc_client_new(const char *url, struct niva_error *err);
/* Calls in flight must have ended. Accepts NULL and returns NULL. */
struct niva_rpc_client *niva_rpc_client_free(struct niva_rpc_client *client);

struct niva_rpc_options {
    int timeout_ms;           /* 1 … NIVA_RPC_TIMEOUT_MAX_MS */
    const char *principal;    /* NULL: the server says who we are */
    const char *traceparent;  /* NULL: none */
    niva_instant recorded_at; /* INT64_MIN: not given; rehearsal only */
};

/* Calls "/package.Service/Method". When nobody listens it waits for somebody (a service may be
 * starting again), at most 2 s and timeout_ms: UNAVAILABLE then, and when the connection is lost
 * before the answer came; the call may have been carried out. DEADLINE_EXCEEDED after timeout_ms.
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
