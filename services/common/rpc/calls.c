/* Calls: workers take them from the queue, handlers answer them. */
#include <stdio.h>
#include <stdlib.h>

#include "services/common/rpc/envelope.h"
#include "services/common/rpc/inside.h"

/* Counted as answered when nng has let go of this thread: nng_close must not come before. The slot
 * may have its next call by then. */
static void call_send(struct niva_rpc_call *call, nng_msg *message)
{
    struct slot *slot = call->slot;
    struct niva_rpc_server *server = slot->listener->server;
    size_t size = call->size;

    if (atomic_flag_test_and_set(&call->answered)) {
        fprintf(stderr, "niva_rpc: %s was answered twice\n", call->name);
        abort();
    }
    call->arena = niva_arena_free(call->arena);
    slot_send(slot, message);
    pthread_mutex_lock(&server->lock);
    server->unanswered--;
    server->unanswered_bytes -= size;
    pthread_cond_broadcast(&server->quiet);
    pthread_mutex_unlock(&server->lock);
}

void niva_rpc_fail(struct niva_rpc_call *call, const struct niva_error *err)
{
    const struct niva_rpc_server_options *options = call->options;

    if (options->answered != NULL)
        options->answered(call, err, options->user);
    call_send(call, rpc_error_message(err, options->rehearsal));
}

void niva_rpc_reply_packed(struct niva_rpc_call *call, ProtobufCBinaryData reply)
{
    const struct niva_rpc_server_options *options = call->options;
    struct niva_error err;

    if (reply.len > NIVA_RPC_REPLY_MAX) {
        niva_fail(&err, NIVA_RESOURCE_EXHAUSTED,
                  "Svaret är större än 16 MiB. Fråga efter mindre åt gången.",
                  "The answer is larger than 16 MiB. Ask for less at a time.");
        niva_rpc_fail(call, &err);
        return;
    }
    if (options->answered != NULL)
        options->answered(call, NULL, options->user);
    call_send(call, rpc_reply_message(reply, options->rehearsal));
}

void niva_rpc_reply(struct niva_rpc_call *call, const ProtobufCMessage *reply)
{
    ProtobufCBinaryData packed;
    struct niva_error err;

    if (niva_wire_pack(reply, call->arena, &packed, &err))
        niva_rpc_reply_packed(call, packed);
    else
        niva_rpc_fail(call, &err);
}

/* NULL when the caller is gone: then nobody reads the answer either. */
static const char *caller_of(const struct niva_rpc_server *server, nng_msg *message)
{
    uint64_t uid;

    if (nng_pipe_get_uint64(nng_msg_get_pipe(message), NNG_OPT_IPC_PEER_UID, &uid) != 0)
        return NULL;
    return uid == server->uid ? server->caller_own : uid == 0 ? server->caller_root : NULL;
}

void niva_rpc_call_again(struct niva_rpc_call *call)
{
    struct slot *slot = call->slot;
    struct niva_rpc_server *server = slot->listener->server;

    pthread_mutex_lock(&server->lock);
    queue_append(server, call);
    pthread_mutex_unlock(&server->lock);
}

static void call_open(struct niva_rpc_server *server, struct niva_rpc_call *call)
{
    struct slot *slot = call->slot;
    nng_msg *message = slot->message;
    struct niva_error err;
    bool good;

    slot->message = NULL;
    call->caller = caller_of(server, message);
    if (call->caller == NULL)
        good = niva_fail(&err, NIVA_UNAUTHENTICATED, "Den som anropar är inte längre ansluten.",
                         "The caller is no longer connected.");
    else
        good = rpc_call_open(call, nng_msg_body(message), nng_msg_len(message), &err);
    nng_msg_free(message);
    if (good)
        server->options.handler(call, server->options.user);
    else
        niva_rpc_fail(call, &err);
}

static void call_handle(struct niva_rpc_server *server, struct niva_rpc_call *call)
{
    const struct slot *slot = call->slot;

    if (slot->message != NULL)
        call_open(server, call);
    else
        server->options.handler(call, server->options.user);
}

static void call_refuse(struct niva_rpc_server *server, struct niva_rpc_call *call)
{
    struct slot *slot = call->slot;
    nng_msg *message = NULL;

    if (slot->message != NULL)
        nng_msg_free(slot->message);
    slot->message = NULL;
    if (nng_msg_dup(&message, server->refusals[REFUSE_CLOSING]) != 0)
        message = NULL;
    call_send(call, message);
}

void *worker_run(void *argument)
{
    struct niva_rpc_server *server = argument;

    pthread_mutex_lock(&server->lock);
    for (;;) {
        struct niva_rpc_call *call = server->first;
        bool ending = server->ending;

        if (call == NULL && ending)
            break;
        if (call == NULL) {
            pthread_cond_wait(&server->work, &server->lock);
            continue;
        }
        server->first = call->next;
        if (server->first == NULL)
            server->last = NULL;
        pthread_mutex_unlock(&server->lock);
        if (ending)
            call_refuse(server, call);
        else
            call_handle(server, call);
        pthread_mutex_lock(&server->lock);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}
