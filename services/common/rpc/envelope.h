/* Inside the room: a call between its envelope and its handler. Reads a Request into a call and
 * writes a Reply; knows nothing of sockets, queues or threads. */
#ifndef NIVA_COMMON_RPC_ENVELOPE_H
#define NIVA_COMMON_RPC_ENVELOPE_H

#include <nng/nng.h>
#include <stdatomic.h>

#include "services/common/rpc/server.h"

enum { RPC_TRACEPARENT_SIZE = 56 };

struct niva_rpc_call {
    void *slot; /* the server's */
    struct niva_rpc_call *next;
    const struct niva_rpc_server_options *options;
    bool peer;
    const char *caller; /* "local:<user>" of the process at the other end */
    int64_t received_ms;
    size_t size; /* bytes of the envelope */
    atomic_flag answered;

    struct niva_arena *arena;
    const ProtobufCServiceDescriptor *service;
    const ProtobufCMethodDescriptor *method;
    char name[128];
    ProtobufCMessage *request;
    struct niva_principal principal;
    char traceparent[RPC_TRACEPARENT_SIZE];
    int64_t deadline_ms;
    niva_instant recorded_at;
};

/* Makes a call of the bytes of an envelope; slot, options, peer, caller and received_ms are set,
 * the arena is made here and is the caller's to free, also after a failure. */
bool rpc_call_open(struct niva_rpc_call *call, const uint8_t *bytes, size_t size,
                   struct niva_error *err) NIVA_MUST_CHECK;

/* A message with the envelope of an answer or of an error; NULL when memory is out. */
nng_msg *rpc_reply_message(ProtobufCBinaryData payload, bool rehearsal);
nng_msg *rpc_error_message(const struct niva_error *err, bool rehearsal);

#endif
