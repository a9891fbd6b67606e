/* Slots: contexts of nng that receive requests and send answers, and whether a request is accepted.
 */
#include "services/common/base/clock.h"
#include "services/common/rpc/inside.h"

enum {
    UNANSWERED_BYTES_MAX = 256 << 20,
    /* beside the warden of the connections, who is quicker */
    REPLY_TIMEOUT_MS = 10000,
};

void slot_receive(struct slot *slot)
{
    slot->state = SLOT_RECEIVING;
    nng_aio_set_timeout(slot->aio, NNG_DURATION_INFINITE);
    nng_ctx_recv(slot->ctx, slot->aio);
}

void slot_send(struct slot *slot, nng_msg *message)
{
    slot->state = SLOT_SENDING;
    connection_sending(slot->listener->server->connections, slot->connection);
    nng_aio_set_msg(slot->aio, message);
    nng_aio_set_timeout(slot->aio, REPLY_TIMEOUT_MS);
    nng_ctx_send(slot->ctx, slot->aio);
}

void slot_refuse(struct slot *slot, enum refusal refusal)
{
    nng_msg *message = NULL;

    if (nng_msg_dup(&message, slot->listener->server->refusals[refusal]) != 0)
        message = NULL;
    slot_send(slot, message);
}

size_t calls_most(const struct niva_rpc_server *server)
{
    return (size_t)server->options.workers + (size_t)server->options.queue;
}

void pressure_judge(struct niva_rpc_server *server, const struct listener *listener)
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

void queue_append(struct niva_rpc_server *server, struct niva_rpc_call *call)
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

void slot_done(void *argument)
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
