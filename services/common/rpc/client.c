#include "services/common/rpc/client.h"

#include <errno.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "niva/rpc/v1/envelope.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/rpc/pipe_error.h"

enum {
    RECEIVE_MAX = NIVA_RPC_REPLY_MAX + 64 * 1024,
    ENVELOPE_ARENA_MAX = RECEIVE_MAX + 1024 * 1024,
    CONNECT_WAIT_MS = 2000,
    RECONNECT_LEAST_MS = 10,
    RECONNECT_MOST_MS = 200,
    RETRY_MS = 500,
};

/* A context and its operation, for one call at a time: a second send on a context would cancel the
 * first. */
struct lane {
    nng_ctx ctx;
    nng_aio *aio;
    struct lane *next;
};

struct niva_rpc_client {
    nng_socket socket;
    pthread_mutex_t lock;
    pthread_cond_t connected;
    int pipes;
    struct lane *idle;
};

/* ---- lanes ---- */

static struct lane *lane_close(struct lane *lane)
{
    nng_ctx_close(lane->ctx);
    nng_aio_free(lane->aio);
    free(lane);
    return NULL;
}

static struct lane *lane_open(struct niva_rpc_client *client)
{
    struct lane *lane = calloc(1, sizeof *lane);

    if (lane == NULL)
        return NULL;
    if (nng_ctx_open(&lane->ctx, client->socket) != 0) {
        free(lane);
        return NULL;
    }
    if (nng_ctx_set_ms(lane->ctx, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE) != 0 ||
        nng_aio_alloc(&lane->aio, NULL, NULL) != 0) {
        nng_ctx_close(lane->ctx);
        free(lane);
        return NULL;
    }
    return lane;
}

static struct lane *lane_take(struct niva_rpc_client *client)
{
    struct lane *lane;

    pthread_mutex_lock(&client->lock);
    lane = client->idle;
    if (lane != NULL)
        client->idle = lane->next;
    pthread_mutex_unlock(&client->lock);
    return lane != NULL ? lane : lane_open(client);
}

static void lane_give(struct niva_rpc_client *client, struct lane *lane)
{
    pthread_mutex_lock(&client->lock);
    lane->next = client->idle;
    client->idle = lane;
    pthread_mutex_unlock(&client->lock);
}

/* ---- the client ---- */

/* ADD_PRE and REM_POST come in pairs for every pipe; ADD_POST does not come for all. */
static void pipe_changed(nng_pipe pipe, nng_pipe_ev event, void *argument)
{
    struct niva_rpc_client *client = argument;

    (void)pipe;
    pthread_mutex_lock(&client->lock);
    client->pipes += event == NNG_PIPE_EV_ADD_PRE ? 1 : -1;
    pthread_cond_broadcast(&client->connected);
    pthread_mutex_unlock(&client->lock);
}

static bool lock_make(struct niva_rpc_client *client)
{
    pthread_condattr_t attributes;
    bool made;

    if (pthread_condattr_init(&attributes) != 0)
        return false;
    made = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
           pthread_mutex_init(&client->lock, NULL) == 0 &&
           pthread_cond_init(&client->connected, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return made;
}

static int client_start(struct niva_rpc_client *client, const char *url)
{
    nng_socket socket = client->socket;
    int result;

    if ((result = nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE)) != 0 ||
        (result = nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, RECEIVE_MAX)) != 0 ||
        (result = nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, RECONNECT_LEAST_MS)) != 0 ||
        (result = nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, RECONNECT_MOST_MS)) != 0 ||
        (result = nng_pipe_notify(socket, NNG_PIPE_EV_ADD_PRE, pipe_changed, client)) != 0 ||
        (result = nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, pipe_changed, client)) != 0)
        return result;
    return nng_dial(socket, url, NULL, NNG_FLAG_NONBLOCK);
}

struct niva_rpc_client *niva_rpc_client_new(const char *url, struct niva_error *err)
{
    struct niva_rpc_client *client = calloc(1, sizeof *client);
    int result;

    rpc_pipe_error_linked();
    if (client == NULL || !lock_make(client)) {
        niva_fail_internal(err, "out of memory");
        free(client);
        return NULL;
    }
    result = nng_req0_open(&client->socket);
    if (result != 0) {
        niva_fail_internal(err, "nng_req0_open: %s", nng_strerror(result));
        free(client);
        return NULL;
    }
    result = client_start(client, url);
    if (result == 0)
        return client;
    niva_fail_cause(err, NIVA_INVALID_ARGUMENT, "Tjänstens adress går inte att använda.",
                    "The address of the service cannot be used.", "%s: %s", url,
                    nng_strerror(result));
    return niva_rpc_client_free(client);
}

struct niva_rpc_client *niva_rpc_client_free(struct niva_rpc_client *client)
{
    if (client == NULL)
        return NULL;
    while (client->idle != NULL) {
        struct lane *lane = client->idle;

        client->idle = lane->next;
        lane_close(lane);
    }
    nng_close(client->socket);
    pthread_cond_destroy(&client->connected);
    pthread_mutex_destroy(&client->lock);
    free(client);
    return NULL;
}

/* ---- a call ---- */

struct call {
    struct niva_rpc_client *client;
    const char *method;
    ProtobufCBinaryData request;
    const struct niva_rpc_options *options;
    int64_t deadline_ms;
    struct niva_error *err;
};

static bool fail_late(struct niva_error *err)
{
    return niva_fail(err, NIVA_DEADLINE_EXCEEDED,
                     "Svaret kom inte i tid. Anropet kan ändå ha utförts.",
                     "The answer did not come in time. The call may have been carried out.");
}

static bool fail_absent(struct niva_error *err)
{
    niva_fail(err, NIVA_UNAVAILABLE, "Tjänsten är inte igång eller går inte att nå.",
              "The service is not running or cannot be reached.");
    err->retry_after_ms = RETRY_MS;
    return false;
}

static bool fail_lost(struct niva_error *err, int result)
{
    niva_fail_cause(err, NIVA_UNAVAILABLE,
                    "Förbindelsen bröts innan svaret kom. Anropet kan ändå ha utförts.",
                    "The connection was lost before the answer came. The call may have been "
                    "carried out.",
                    "nng: %s", nng_strerror(result));
    err->retry_after_ms = RETRY_MS;
    return false;
}

static bool fail_large(struct niva_error *err)
{
    return niva_fail(err, NIVA_RESOURCE_EXHAUSTED,
                     "Anropet är större än 17 MiB, som är det mesta som kan skickas.",
                     "The request is larger than 17 MiB, the most that can be sent.");
}

/* A service that starts again is worth a short wait; one that isn't there is not worth the whole
 * deadline. */
static bool call_connect(const struct call *call)
{
    struct niva_rpc_client *client = call->client;
    int64_t until_ms = niva_clock_monotonic_ms() + CONNECT_WAIT_MS;
    struct timespec until;
    bool connected;

    if (until_ms > call->deadline_ms)
        until_ms = call->deadline_ms;
    until = (struct timespec){.tv_sec = (time_t)(until_ms / 1000),
                              .tv_nsec = (long)(until_ms % 1000) * 1000000};
    pthread_mutex_lock(&client->lock);
    while (client->pipes <= 0 &&
           pthread_cond_timedwait(&client->connected, &client->lock, &until) != ETIMEDOUT)
        ;
    connected = client->pipes > 0;
    pthread_mutex_unlock(&client->lock);
    return connected || fail_absent(call->err);
}

static nng_msg *request_message(const struct call *call, int64_t left_ms)
{
    Niva__Rpc__V1__Request envelope = NIVA__RPC__V1__REQUEST__INIT;
    Niva__Rpc__V1__Metadata trace = NIVA__RPC__V1__METADATA__INIT;
    Niva__Rpc__V1__Metadata *metadata[] = {&trace};
    Niva__Rpc__V1__Principal principal = NIVA__RPC__V1__PRINCIPAL__INIT;
    Google__Protobuf__Timestamp recorded_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    const struct niva_rpc_options *options = call->options;
    nng_msg *message;
    size_t size;

    envelope.method = (char *)call->method;
    envelope.timeout_ms = (int32_t)left_ms;
    envelope.payload = call->request;
    if (options->traceparent != NULL) {
        trace.key = (char *)"traceparent";
        trace.value = (char *)options->traceparent;
        envelope.n_metadata = 1;
        envelope.metadata = metadata;
    }
    if (options->principal != NULL) {
        principal.subject = (char *)options->principal;
        envelope.principal = &principal;
    }
    if (options->recorded_at != INT64_MIN) {
        int64_t micros = options->recorded_at % 1000000;

        micros += micros < 0 ? 1000000 : 0;
        recorded_at.seconds = (options->recorded_at - micros) / 1000000;
        recorded_at.nanos = (int32_t)micros * 1000;
        envelope.recorded_at = &recorded_at;
    }
    size = niva__rpc__v1__request__get_packed_size(&envelope);
    if (size > NIVA_RPC_REQUEST_LARGE) {
        fail_large(call->err);
        return NULL;
    }
    if (nng_msg_alloc(&message, size) != 0) {
        niva_fail_internal(call->err, "out of memory for a request");
        return NULL;
    }
    niva__rpc__v1__request__pack(&envelope, nng_msg_body(message));
    return message;
}

static bool connected(struct niva_rpc_client *client)
{
    bool any;

    pthread_mutex_lock(&client->lock);
    any = client->pipes > 0;
    pthread_mutex_unlock(&client->lock);
    return any;
}

/* A send that timed out gave its message back: it was never sent. It waits in short steps, since
 * the only connection may go away meanwhile. */
static bool call_send(const struct call *call, struct lane *lane)
{
    int64_t left_ms = call->deadline_ms - niva_clock_monotonic_ms();
    nng_msg *message;
    int result = NNG_ETIMEDOUT;

    if (left_ms <= 0)
        return fail_late(call->err);
    message = request_message(call, left_ms);
    if (message == NULL)
        return false;
    while (result == NNG_ETIMEDOUT && left_ms > 0 && connected(call->client)) {
        nng_aio_set_msg(lane->aio, message);
        nng_aio_set_timeout(lane->aio,
                            (nng_duration)(left_ms < CONNECT_WAIT_MS ? left_ms : CONNECT_WAIT_MS));
        nng_ctx_send(lane->ctx, lane->aio);
        nng_aio_wait(lane->aio);
        result = nng_aio_result(lane->aio);
        left_ms = call->deadline_ms - niva_clock_monotonic_ms();
    }
    if (result == 0)
        return true;
    nng_msg_free(message);
    if (result != NNG_ETIMEDOUT)
        return fail_lost(call->err, result);
    return left_ms <= 0 ? fail_late(call->err) : fail_absent(call->err);
}

static bool call_receive(const struct call *call, struct lane *lane, nng_msg **ret_message)
{
    int64_t left_ms = call->deadline_ms - niva_clock_monotonic_ms();
    int result;

    /* 0 would mean not to wait even for what is there */
    nng_aio_set_timeout(lane->aio, (nng_duration)(left_ms < 1 ? 1 : left_ms));
    nng_ctx_recv(lane->ctx, lane->aio);
    nng_aio_wait(lane->aio);
    result = nng_aio_result(lane->aio);
    if (result == NNG_ETIMEDOUT)
        return fail_late(call->err);
    if (result != 0)
        return fail_lost(call->err, result);
    *ret_message = nng_aio_get_msg(lane->aio);
    nng_aio_set_msg(lane->aio, NULL);
    return true;
}

static bool call_exchange(const struct call *call, nng_msg **ret_message)
{
    struct lane *lane;

    if (!call_connect(call))
        return false;
    lane = lane_take(call->client);
    if (lane == NULL)
        return niva_fail_internal(call->err, "out of memory for a context");
    if (!call_send(call, lane) || !call_receive(call, lane, ret_message)) {
        lane_close(lane);
        return false;
    }
    lane_give(call->client, lane);
    return true;
}

/* The envelope has an arena of its own, so that only the payload costs the caller's. */
static bool reply_read(nng_msg *message, struct niva_arena *arena, ProtobufCBinaryData *ret_reply,
                       bool *ret_rehearsal, struct niva_error *err)
{
    struct niva_arena *own = niva_arena_new(ENVELOPE_ARENA_MAX);
    ProtobufCMessage *unpacked;
    const Niva__Rpc__V1__Reply *reply;
    char *copy;
    bool good = false;

    if (own == NULL)
        return niva_fail_internal(err, "out of memory for a reply");
    if (!niva_wire_unpack(&niva__rpc__v1__reply__descriptor, nng_msg_body(message),
                          nng_msg_len(message), false, own, &unpacked, err)) {
        niva_fail_internal(err, "the envelope of a reply is broken");
        goto end;
    }
    reply = (const Niva__Rpc__V1__Reply *)unpacked;
    if (reply->code != NIVA_OK) {
        niva_wire_error_read(reply->code, reply->message, reply->n_details, reply->details, own,
                             err);
        goto end;
    }
    copy = niva_arena_copy(arena, reply->payload.data, reply->payload.len);
    if (copy == NULL) {
        niva_fail_internal(err, "no room in the arena for a reply");
        goto end;
    }
    *ret_reply = (ProtobufCBinaryData){.len = reply->payload.len, .data = (uint8_t *)copy};
    if (ret_rehearsal != NULL)
        *ret_rehearsal = reply->rehearsal;
    good = true;
end:
    niva_arena_free(own);
    return good;
}

bool niva_rpc_call_packed(struct niva_rpc_client *client, const char *method,
                          ProtobufCBinaryData request, const struct niva_rpc_options *options,
                          struct niva_arena *arena, ProtobufCBinaryData *ret_reply,
                          bool *ret_rehearsal, struct niva_error *err)
{
    int timeout_ms = options->timeout_ms < NIVA_RPC_TIMEOUT_MAX_MS ? options->timeout_ms
                                                                   : NIVA_RPC_TIMEOUT_MAX_MS;
    struct call call = {client, method, request, options, niva_clock_monotonic_ms() + timeout_ms,
                        err};
    nng_msg *message = NULL;
    bool good;

    if (timeout_ms <= 0)
        return fail_late(err);
    if (request.len > NIVA_RPC_REQUEST_LARGE)
        return fail_large(err);
    if (!call_exchange(&call, &message))
        return false;
    good = reply_read(message, arena, ret_reply, ret_rehearsal, err);
    nng_msg_free(message);
    return good;
}

bool niva_rpc_call(struct niva_rpc_client *client, const char *method,
                   const ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply_type,
                   const struct niva_rpc_options *options, struct niva_arena *arena,
                   ProtobufCMessage **ret_reply, bool *ret_rehearsal, struct niva_error *err)
{
    ProtobufCBinaryData packed;
    ProtobufCBinaryData reply;

    if (!niva_wire_pack(request, arena, &packed, err) ||
        !niva_rpc_call_packed(client, method, packed, options, arena, &reply, ret_rehearsal, err))
        return false;
    if (niva_wire_unpack(reply_type, reply.data, reply.len, false, arena, ret_reply, err))
        return true;
    return niva_fail_internal(err, "the reply of %s is broken", method);
}
