/* The server side: listeners, a fixed number of receiving contexts, a bounded queue, worker
 * threads. nng's callbacks only hand over; they never block. Beyond the queue the callback itself
 * answers RESOURCE_EXHAUSTED, so that an overloaded service answers within milliseconds. Every call
 * is answered exactly once, also on error and on drain. */
#ifndef NIVA_COMMON_RPC_SERVER_H
#define NIVA_COMMON_RPC_SERVER_H

#include "services/common/rpc/rpc.h"

struct niva_rpc_server;
struct niva_rpc_call;

/* Handles a call on a worker thread. Must lead to exactly one niva_rpc_reply or niva_rpc_fail, on
 * any thread, at once or later; the call and its arena live until then. The request was unpacked
 * strictly. */
typedef void niva_rpc_handler(struct niva_rpc_call *call, void *user);

struct niva_rpc_listener {
    const char *url; /* ipc:///path; socket mode 0600, peer uid must be ours or 0 */
    bool peer;       /* downstream services: no principal accepted */
};

struct niva_rpc_server_options {
    const ProtobufCServiceDescriptor *const
        *services; /* every method of these is handed to `handler` */
    size_t service_count;
    const struct niva_rpc_listener *listeners;
    size_t listener_count;
    int workers;        /* 1 … 64 */
    int queue;          /* calls that may wait, 1 … 65536; workers + queue may be unanswered */
    size_t request_max; /* bytes of an envelope, at most NIVA_RPC_REQUEST_LARGE */
    bool rehearsal;     /* said in every reply; recorded_at accepted */
    niva_rpc_handler *handler;
    /* Told of each answer to a call before it is sent, on the answering thread; `err` NULL for
     * success; the name is "" when the envelope was broken. For the log; may be NULL. Calls beyond
     * the queue are not told. */
    void (*answered)(const struct niva_rpc_call *call, const struct niva_error *err, void *user);
    void *user;
};

/* Opens and listens. A stale socket of a dead process is replaced; a living one, or anything else
 * at that path, is FAILED_PRECONDITION. The tables in `options` are the caller's and must live as
 * long as the server. */
struct niva_rpc_server *niva_rpc_server_new(const struct niva_rpc_server_options *options,
                                            struct niva_error *err);
/* Takes no more calls (new ones get UNAVAILABLE), waits until those in flight are answered or
 * `deadline_ms` (monotonic) has come. */
void niva_rpc_server_drain(struct niva_rpc_server *server, int64_t deadline_ms);
/* Closes. Calls that wait in the queue get UNAVAILABLE; calls in the hands of a handler must be
 * answered, this waits for them: end first what answers them. Accepts NULL and returns NULL. */
struct niva_rpc_server *niva_rpc_server_free(struct niva_rpc_server *server);

/* Hands a call that was not answered to the handler once more, on a worker, behind those that wait:
 * for a handler that has to wait for something and must not hold a worker meanwhile. */
void niva_rpc_call_again(struct niva_rpc_call *call);

/* What a call is. */
const ProtobufCServiceDescriptor *niva_rpc_call_service(const struct niva_rpc_call *call);
const ProtobufCMethodDescriptor *niva_rpc_call_method(const struct niva_rpc_call *call);
const char *
niva_rpc_call_name(const struct niva_rpc_call *call); /* "/niva.intake.v1.UnitService/PutUnit" */
const ProtobufCMessage *niva_rpc_call_request(const struct niva_rpc_call *call);
const struct niva_principal *niva_rpc_call_principal(const struct niva_rpc_call *call);
const char *niva_rpc_call_traceparent(const struct niva_rpc_call *call); /* "" when there is none */
bool niva_rpc_call_peer(const struct niva_rpc_call *call);
int64_t niva_rpc_call_received_ms(const struct niva_rpc_call *call);      /* monotonic */
int64_t niva_rpc_call_deadline_ms(const struct niva_rpc_call *call);      /* monotonic */
niva_instant niva_rpc_call_recorded_at(const struct niva_rpc_call *call); /* INT64_MIN: not given */
struct niva_arena *niva_rpc_call_arena(struct niva_rpc_call *call);

/* Answers. A reply over NIVA_RPC_REPLY_MAX becomes RESOURCE_EXHAUSTED. */
void niva_rpc_reply(struct niva_rpc_call *call, const ProtobufCMessage *reply);
void niva_rpc_reply_packed(struct niva_rpc_call *call, ProtobufCBinaryData reply);
void niva_rpc_fail(struct niva_rpc_call *call, const struct niva_error *err);

#endif
