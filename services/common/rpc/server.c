#include "services/common/rpc/server.h"

#include <assert.h>
#include <errno.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/common/base/clock.h"
#include "services/common/rpc/inside.h"
#include "services/common/rpc/listen.h"
#include "services/common/rpc/nng_guard.h"

enum {
    QUEUE_MAX = 65536,
    /* contexts that only say no: an overloaded server must still be able to receive */
    SPARE_CONTEXTS = 64,
    RECEIVE_MAX = NIVA_RPC_REQUEST_LARGE + 64 * 1024,
    FLUSH_MS = 1000, /* for the last answers, when no drain went before */
};

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
