/* The insides of a server: listeners, slots, calls. Internal to the room. */
#ifndef NIVA_COMMON_RPC_INSIDE_H
#define NIVA_COMMON_RPC_INSIDE_H

#include <nng/nng.h>
#include <pthread.h>
#include <sys/types.h>

#include "services/common/rpc/connections.h"
#include "services/common/rpc/refusal.h"
#include "services/common/rpc/server.h"

enum { LISTENERS_MAX = 4, WORKERS_MAX = 64 };

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

/* ---- slots (slots.c): what nng and a server have to say to each other ---- */

/* nng's callback; its argument is a slot. Never blocks. */
void slot_done(void *argument);
/* Waits for a request. */
void slot_receive(struct slot *slot);
/* Sends an answer; without memory even for one (NULL) the caller's deadline must do. */
void slot_send(struct slot *slot, nng_msg *message);
/* The same with an answer that was made before. */
void slot_refuse(struct slot *slot, enum refusal refusal);

/* Calls that may be accepted at a time. */
size_t calls_most(const struct niva_rpc_server *server);
/* Under the lock: whether others wait for the places of those who do not read their answers. */
void pressure_judge(struct niva_rpc_server *server, const struct listener *listener);
/* Under the lock: adds a call at the end of the queue. */
void queue_append(struct niva_rpc_server *server, struct niva_rpc_call *call);

/* ---- calls (calls.c): from the queue to their answers ---- */

/* A worker's thread, whose argument is the server: handles calls until it is ending, then refuses
 * what is left. */
void *worker_run(void *argument);

#endif
