#include "services/common/rpc/server.h"

#include <assert.h>
#include <errno.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/common/base/clock.h"
#include "services/common/rpc/connections.h"
#include "services/common/rpc/envelope.h"
#include "services/common/rpc/listen.h"
#include "services/common/rpc/nng_guard.h"
#include "services/common/rpc/refusal.h"

enum {
    LISTENERS_MAX = 4,
    WORKERS_MAX = 64,
    QUEUE_MAX = 65536,
    /* contexts that only say no: an overloaded server must still be able to receive */
    SPARE_CONTEXTS = 64,
    RECEIVE_MAX = NIVA_RPC_REQUEST_LARGE + 64 * 1024,
    UNANSWERED_BYTES_MAX = 256 << 20,
    /* beside the warden of the connections, who is quicker */
    REPLY_TIMEOUT_MS = 10000,
    FLUSH_MS = 1000, /* for the last answers, when no drain went before */
};

struct listener {
    struct niva_rpc_server *server;
    nng_socket socket;
    bool open;
    bool peer;
    size_t busy; /* slots that do not receive; under the lock */
};

enum slot_state { SLOT_RECEIVING, SLOT_HELD, SLOT_SENDING };

/* A context and what it is busy with. RECEIVING and SENDING belong to nng, HELD to the call. */
struct slot {
    struct listener *listener;
    struct connection *connection; /* of the call; NULL when it is gone */
    nng_ctx ctx;
    nng_aio *aio;
    enum slot_state state;
    nng_msg *message; /* the request, until a worker has read it */
    bool accepted;    /* counted in unanswered */
    struct niva_rpc_call call;
};

struct niva_rpc_server {
    struct niva_rpc_server_options options;
    struct listener listeners[LISTENERS_MAX];
    struct connections *connections;
    struct slot *slots;
    size_t slot_count;
    size_t slots_each; /* of a listener */
    nng_msg *refusals[REFUSALS];
    uid_t uid;
    char caller_own[64];
    char caller_root[64];

    pthread_mutex_t lock;
    pthread_cond_t work;  /* the queue has a call, or the end has come */
    pthread_cond_t quiet; /* a call was answered or its answer is away */
    bool locked;          /* lock and conditions exist */
    struct niva_rpc_call *first;
    struct niva_rpc_call *last;
    size_t unanswered; /* accepted: in the queue or in the hands of a handler */
    size_t unsent;     /* accepted and their answer not yet away */
    size_t unanswered_bytes;
    bool pressed; /* places are scarce */
    bool draining;
    bool ending;
    pthread_t workers[WORKERS_MAX];
    int worker_count;
};

/* ---- slots ---- */

static void slot_receive(struct slot *slot)
{
    slot->state = SLOT_RECEIVING;
    nng_aio_set_timeout(slot->aio, NNG_DURATION_INFINITE);
    nng_ctx_recv(slot->ctx, slot->aio);
}

/* Without memory even for an answer the caller's deadline must do. */
static void slot_send(struct slot *slot, nng_msg *message)
{
    slot->state = SLOT_SENDING;
    connection_sending(slot->listener->server->connections, slot->connection);
    nng_aio_set_msg(slot->aio, message);
    nng_aio_set_timeout(slot->aio, REPLY_TIMEOUT_MS);
    nng_ctx_send(slot->ctx, slot->aio);
}

static void slot_refuse(struct slot *slot, enum refusal refusal)
{
    nng_msg *message = NULL;

    if (nng_msg_dup(&message, slot->listener->server->refusals[refusal]) != 0)
        message = NULL;
    slot_send(slot, message);
}

/* Under the lock. */
static size_t calls_most(const struct niva_rpc_server *server)
{
    return (size_t)server->options.workers + (size_t)server->options.queue;
}

/* Under the lock: whether others wait for the places of those who do not read their answers. */
static void pressure_judge(struct niva_rpc_server *server, const struct listener *listener)
{
    bool pressed = server->draining || 2 * listener->busy > server->slots_each ||
                   2 * server->unsent > calls_most(server);

    if (pressed != server->pressed)
        connections_press(server->connections, pressed);
    server->pressed = pressed;
}

/* The answer is away, or nobody is there to take it. */
static void slot_sent(struct slot *slot)
{
    struct niva_rpc_server *server = slot->listener->server;

    connection_sent(server->connections, slot->connection);
    slot->connection = NULL;
    pthread_mutex_lock(&server->lock);
    slot->listener->busy--;
    server->unsent -= slot->accepted;
    pressure_judge(server, slot->listener);
    pthread_cond_broadcast(&server->quiet);
    pthread_mutex_unlock(&server->lock);
    slot->accepted = false;
}

/* Under the lock. */
static void queue_append(struct niva_rpc_server *server, struct niva_rpc_call *call)
{
    call->next = NULL;
    if (server->last == NULL)
        server->first = call;
    else
        server->last->next = call;
    server->last = call;
    pthread_cond_signal(&server->work);
}

static enum refusal server_accept(struct niva_rpc_server *server, struct slot *slot)
{
    size_t size = slot->call.size;
    enum refusal refusal = REFUSALS;

    pthread_mutex_lock(&server->lock);
    slot->listener->busy++;
    if (size > server->options.request_max)
        refusal = REFUSE_LARGE;
    else if (server->draining)
        refusal = REFUSE_CLOSING;
    else if (server->unsent >= calls_most(server) ||
             (server->unanswered > 0 && server->unanswered_bytes + size > UNANSWERED_BYTES_MAX))
        refusal = REFUSE_BUSY;
    if (refusal == REFUSALS) {
        slot->accepted = true;
        server->unanswered++;
        server->unsent++;
        server->unanswered_bytes += size;
        queue_append(server, &slot->call);
    }
    pressure_judge(server, slot->listener);
    pthread_mutex_unlock(&server->lock);
    return refusal;
}

static void slot_take(struct slot *slot, nng_msg *message)
{
    struct niva_rpc_server *server = slot->listener->server;
    struct niva_rpc_call *call = &slot->call;
    enum refusal refusal;

    slot->state = SLOT_HELD;
    slot->message = message;
    slot->connection = connection_take(server->connections, nng_msg_get_pipe(message));
    *call = (struct niva_rpc_call){
        .slot = slot,
        .options = &server->options,
        .peer = slot->listener->peer,
        .received_ms = niva_clock_monotonic_ms(),
        .size = nng_msg_len(message),
        .answered = ATOMIC_FLAG_INIT,
    };
    refusal = server_accept(server, slot);
    if (refusal == REFUSALS)
        return;
    slot->message = NULL;
    nng_msg_free(message);
    slot_refuse(slot, refusal);
}

/* nng's callback; never blocks. */
static void slot_done(void *argument)
{
    struct slot *slot = argument;
    int result = nng_aio_result(slot->aio);
    nng_msg *message = nng_aio_get_msg(slot->aio);

    if (slot->state == SLOT_SENDING) {
        if (result != 0 && message != NULL)
            nng_msg_free(message);
        nng_aio_set_msg(slot->aio, NULL);
        slot_sent(slot);
        if (result != NNG_ECLOSED)
            slot_receive(slot);
    } else if (result == 0) {
        nng_aio_set_msg(slot->aio, NULL);
        slot_take(slot, message);
    } else if (result != NNG_ECLOSED && result != NNG_ECANCELED) {
        slot_receive(slot);
    }
}

/* ---- workers and answers ---- */

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

static void *worker_run(void *argument)
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

/* ---- making ---- */

static void caller_name(uid_t uid, char *ret_name, size_t capacity)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char bytes[4096];

    if (getpwuid_r(uid, &entry, bytes, sizeof bytes, &found) == 0 && found != NULL)
        snprintf(ret_name, capacity, "local:%s", found->pw_name);
    else
        snprintf(ret_name, capacity, "local:uid-%ju", (uintmax_t)uid);
}

static bool nng_good(int result, const char *what, struct niva_error *err)
{
    return result == 0 || niva_fail_internal(err, "%s: %s", what, nng_strerror(result));
}

/* The directory keeps strangers out and the mode of the socket too; who comes in nevertheless is
 * shown the door before the first byte. */
static void pipe_changed(nng_pipe pipe, nng_pipe_ev event, void *argument)
{
    struct listener *listener = argument;
    uint64_t uid;

    if (event != NNG_PIPE_EV_ADD_PRE) {
        connections_remove(listener->server->connections, pipe);
        return;
    }
    connections_add(listener->server->connections, pipe);
    if (nng_pipe_get_uint64(pipe, NNG_OPT_IPC_PEER_UID, &uid) != 0 ||
        (uid != 0 && uid != listener->server->uid))
        nng_pipe_close(pipe);
}

static bool listener_open(struct niva_rpc_server *server, size_t at, struct niva_error *err)
{
    struct listener *listener = &server->listeners[at];

    listener->server = server;
    listener->peer = server->options.listeners[at].peer;
    if (!nng_good(nng_rep0_open(&listener->socket), "nng_rep0_open", err))
        return false;
    listener->open = true;
    return nng_good(nng_socket_set_size(listener->socket, NNG_OPT_RECVMAXSZ, RECEIVE_MAX),
                    "receive limit", err) &&
           nng_good(nng_pipe_notify(listener->socket, NNG_PIPE_EV_ADD_PRE, pipe_changed, listener),
                    "nng_pipe_notify", err) &&
           nng_good(nng_pipe_notify(listener->socket, NNG_PIPE_EV_REM_POST, pipe_changed, listener),
                    "nng_pipe_notify", err);
}

static bool slots_open(struct niva_rpc_server *server, struct niva_error *err)
{
    size_t each = calls_most(server) + SPARE_CONTEXTS;

    assert(server->options.listener_count > 0);
    server->slots_each = each;
    server->slots = calloc(each * server->options.listener_count, sizeof *server->slots);
    if (server->slots == NULL)
        return niva_fail_internal(err, "out of memory");
    server->slot_count = each * server->options.listener_count;
    for (size_t i = 0; i < server->slot_count; i++) {
        struct slot *slot = &server->slots[i];

        slot->listener = &server->listeners[i / each];
        if (!nng_good(nng_ctx_open(&slot->ctx, slot->listener->socket), "nng_ctx_open", err) ||
            !nng_good(nng_aio_alloc(&slot->aio, slot_done, slot), "nng_aio_alloc", err))
            return false;
    }
    return true;
}

static bool workers_start(struct niva_rpc_server *server, struct niva_error *err)
{
    while (server->worker_count < server->options.workers) {
        int result =
            pthread_create(&server->workers[server->worker_count], NULL, worker_run, server);

        if (result != 0)
            return niva_fail_internal(err, "pthread_create: %d", result);
        server->worker_count++;
    }
    return true;
}

static bool lock_make(struct niva_rpc_server *server)
{
    pthread_condattr_t attributes;

    if (pthread_condattr_init(&attributes) != 0)
        return false;
    server->locked = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                     pthread_mutex_init(&server->lock, NULL) == 0 &&
                     pthread_cond_init(&server->work, &attributes) == 0 &&
                     pthread_cond_init(&server->quiet, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return server->locked;
}

static bool options_valid(const struct niva_rpc_server_options *options)
{
    return options->listener_count >= 1 && options->listener_count <= LISTENERS_MAX &&
           options->workers >= 1 && options->workers <= WORKERS_MAX && options->queue >= 1 &&
           options->queue <= QUEUE_MAX && options->request_max >= 1 &&
           options->request_max <= NIVA_RPC_REQUEST_LARGE && options->handler != NULL;
}

/* Everything that can fail comes before the first listener, and contexts wait before anyone can
 * call. */
static bool server_start(struct niva_rpc_server *server, struct niva_error *err)
{
    server->connections = connections_new();
    if (server->connections == NULL)
        return niva_fail_internal(err, "no memory or thread for connections");
    for (int i = 0; i < REFUSALS; i++) {
        server->refusals[i] = rpc_refusal_message((enum refusal)i, &server->options);
        if (server->refusals[i] == NULL)
            return niva_fail_internal(err, "out of memory");
    }
    for (size_t i = 0; i < server->options.listener_count; i++)
        if (!listener_open(server, i, err))
            return false;
    if (!slots_open(server, err) || !workers_start(server, err))
        return false;
    for (size_t i = 0; i < server->slot_count; i++)
        slot_receive(&server->slots[i]);
    for (size_t i = 0; i < server->options.listener_count; i++)
        if (!rpc_listen(server->listeners[i].socket, server->options.listeners[i].url, err))
            return false;
    return true;
}

struct niva_rpc_server *niva_rpc_server_new(const struct niva_rpc_server_options *options,
                                            struct niva_error *err)
{
    struct niva_rpc_server *server;

    rpc_nng_guard_linked();
    if (!options_valid(options)) {
        niva_fail_internal(err, "options of the server are out of range");
        return NULL;
    }
    server = calloc(1, sizeof *server);
    if (server == NULL || !lock_make(server)) {
        niva_fail_internal(err, "out of memory");
        free(server);
        return NULL;
    }
    server->options = *options;
    server->uid = geteuid();
    caller_name(server->uid, server->caller_own, sizeof server->caller_own);
    caller_name(0, server->caller_root, sizeof server->caller_root);
    return server_start(server, err) ? server : niva_rpc_server_free(server);
}

/* ---- ending ---- */

/* Under the lock: until nothing is unsent or `until_ms` has come. */
static void unsent_await(struct niva_rpc_server *server, int64_t until_ms)
{
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000};

    while (server->unsent > 0 &&
           pthread_cond_timedwait(&server->quiet, &server->lock, &until) != ETIMEDOUT)
        ;
}

void niva_rpc_server_drain(struct niva_rpc_server *server, int64_t deadline_ms)
{
    pthread_mutex_lock(&server->lock);
    server->draining = true;
    pressure_judge(server, &server->listeners[0]);
    unsent_await(server, deadline_ms);
    pthread_mutex_unlock(&server->lock);
}

static void workers_end(struct niva_rpc_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->draining = true;
    server->ending = true;
    pthread_cond_broadcast(&server->work);
    pthread_mutex_unlock(&server->lock);
    for (int i = 0; i < server->worker_count; i++)
        pthread_join(server->workers[i], NULL);
}

static void calls_end(struct niva_rpc_server *server)
{
    pthread_mutex_lock(&server->lock);
    while (server->unanswered > 0)
        pthread_cond_wait(&server->quiet, &server->lock);
    unsent_await(server, niva_clock_monotonic_ms() + FLUSH_MS);
    pthread_mutex_unlock(&server->lock);
}

/* In nng 1.5.2 a socket may be gone before a thread has come out of an operation on its contexts:
 * first every operation is stopped, its callback included, then the sockets are closed. */
static void slots_end(struct niva_rpc_server *server)
{
    for (size_t i = 0; i < server->slot_count; i++)
        if (server->slots[i].aio != NULL)
            nng_aio_stop(server->slots[i].aio);
    for (size_t i = 0; i < LISTENERS_MAX; i++)
        if (server->listeners[i].open)
            nng_close(server->listeners[i].socket);
    for (size_t i = 0; i < server->slot_count; i++)
        if (server->slots[i].aio != NULL)
            nng_aio_free(server->slots[i].aio);
    free(server->slots);
}

struct niva_rpc_server *niva_rpc_server_free(struct niva_rpc_server *server)
{
    if (server == NULL)
        return NULL;
    workers_end(server);
    calls_end(server);
    slots_end(server);
    connections_free(server->connections);
    for (int i = 0; i < REFUSALS; i++)
        if (server->refusals[i] != NULL)
            nng_msg_free(server->refusals[i]);
    pthread_cond_destroy(&server->quiet);
    pthread_cond_destroy(&server->work);
    pthread_mutex_destroy(&server->lock);
    free(server);
    return NULL;
}
