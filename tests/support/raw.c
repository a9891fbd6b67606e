#include "tests/support/raw.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdlib.h>

enum { RAW_TIMEOUT_MS = 5000 };

static nng_msg *raw_answer(nng_socket socket, const void *bytes, size_t size)
{
    nng_msg *message;

    nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    nng_socket_set_ms(socket, NNG_OPT_SENDTIMEO, RAW_TIMEOUT_MS);
    nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, RAW_TIMEOUT_MS);
    if (nng_msg_alloc(&message, 0) != 0)
        return NULL;
    if (nng_msg_append(message, bytes, size) != 0 || nng_sendmsg(socket, message, 0) != 0) {
        nng_msg_free(message);
        return NULL;
    }
    return nng_recvmsg(socket, &message, 0) == 0 ? message : NULL;
}

Niva__Rpc__V1__Reply *raw_exchange(const char *url, const void *bytes, size_t size,
                                   struct niva_arena *arena)
{
    ProtobufCMessage *reply = NULL;
    struct niva_error err;
    nng_msg *message = NULL;
    nng_socket socket;

    if (nng_req0_open(&socket) != 0)
        return NULL;
    if (nng_dial(socket, url, NULL, 0) == 0)
        message = raw_answer(socket, bytes, size);
    if (message != NULL &&
        !niva_wire_unpack(&niva__rpc__v1__reply__descriptor, nng_msg_body(message),
                          nng_msg_len(message), true, arena, &reply, &err))
        reply = NULL;
    if (message != NULL)
        nng_msg_free(message);
    nng_close(socket);
    return (Niva__Rpc__V1__Reply *)reply;
}

Niva__Rpc__V1__Reply *raw_call(const char *url, const Niva__Rpc__V1__Request *envelope,
                               struct niva_arena *arena)
{
    size_t size = niva__rpc__v1__request__get_packed_size(envelope);
    uint8_t *bytes = malloc(size + 1);
    Niva__Rpc__V1__Reply *reply;

    niva__rpc__v1__request__pack(envelope, bytes);
    reply = raw_exchange(url, bytes, size, arena);
    free(bytes);
    return reply;
}
