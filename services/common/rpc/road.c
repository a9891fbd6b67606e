#include "services/common/rpc/road.h"

#include <nng/protocol/reqrep0/req.h>
#include <stdlib.h>

#include "services/common/base/clock.h"
#include "services/common/rpc/rpc.h"

enum {
    RECEIVE_MAX = NIVA_RPC_REPLY_MAX + 64 * 1024,
    SEND_STEP_MS = 100, /* between looks whether the connection is still there */
    RECONNECT_LEAST_MS = 10,
    RECONNECT_MOST_MS = 200,
};

/* A context and its operation, for one call at a time: a second send on a context would cancel the
 * first. */
struct lane {
    nng_ctx ctx;
    nng_aio *aio;
    struct lane *next;
};

struct road {
    struct road_shared *shared;
    nng_socket socket;
    /* under the lock */
    int pipes;
    struct lane *idle;
    struct lane *busy;
};

/* ---- what is shared ---- */

bool road_shared_init(struct road_shared *shared)
{
    pthread_condattr_t attributes;
    bool made;

    shared->halted = false;
    if (pthread_condattr_init(&attributes) != 0)
        return false;
    made = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
           pthread_mutex_init(&shared->lock, NULL) == 0 &&
           pthread_cond_init(&shared->changed, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return made;
}

void road_shared_fini(struct road_shared *shared)
{
    pthread_cond_destroy(&shared->changed);
    pthread_mutex_destroy(&shared->lock);
}

/* ---- lanes ---- */

static void lane_close(struct lane *lane)
{
    nng_ctx_close(lane->ctx);
    nng_aio_free(lane->aio);
    free(lane);
}

static struct lane *lane_open(struct road *road)
{
    struct lane *lane = calloc(1, sizeof *lane);

    if (lane == NULL)
        return NULL;
    if (nng_ctx_open(&lane->ctx, road->socket) != 0) {
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

static struct lane *lane_idle(struct road *road)
{
    struct lane *lane;

    pthread_mutex_lock(&road->shared->lock);
    lane = road->idle;
    if (lane != NULL)
        road->idle = lane->next;
    pthread_mutex_unlock(&road->shared->lock);
    return lane;
}

/* NULL when memory is out, and when the client was halted. */
static struct lane *lane_take(struct road *road)
{
    struct lane *lane = lane_idle(road);
    bool halted;

    if (lane == NULL)
        lane = lane_open(road);
    if (lane == NULL)
        return NULL;
    pthread_mutex_lock(&road->shared->lock);
    halted = road->shared->halted;
    if (!halted) {
        lane->next = road->busy;
        road->busy = lane;
    }
    pthread_mutex_unlock(&road->shared->lock);
    if (!halted)
        return lane;
    lane_close(lane);
    return NULL;
}

/* One whose exchange did not come to its end may still get the answer: it is not used again. */
static void lane_give(struct road *road, struct lane *lane, bool again)
{
    struct lane **at = &road->busy;

    pthread_mutex_lock(&road->shared->lock);
    while (*at != lane)
        at = &(*at)->next;
    *at = lane->next;
    if (again) {
        lane->next = road->idle;
        road->idle = lane;
    }
    pthread_mutex_unlock(&road->shared->lock);
    if (!again)
        lane_close(lane);
}

/* ---- the road ---- */

/* ADD_PRE and REM_POST come in pairs for every pipe; ADD_POST does not come for all. */
static void pipe_changed(nng_pipe pipe, nng_pipe_ev event, void *argument)
{
    struct road *road = argument;

    (void)pipe;
    pthread_mutex_lock(&road->shared->lock);
    road->pipes += event == NNG_PIPE_EV_ADD_PRE ? 1 : -1;
    pthread_cond_broadcast(&road->shared->changed);
    pthread_mutex_unlock(&road->shared->lock);
}

static int road_start(struct road *road, const char *url)
{
    nng_socket socket = road->socket;
    int result;

    if ((result = nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE)) != 0 ||
        (result = nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, RECEIVE_MAX)) != 0 ||
        (result = nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, RECONNECT_LEAST_MS)) != 0 ||
        (result = nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, RECONNECT_MOST_MS)) != 0 ||
        (result = nng_pipe_notify(socket, NNG_PIPE_EV_ADD_PRE, pipe_changed, road)) != 0 ||
        (result = nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, pipe_changed, road)) != 0)
        return result;
    return nng_dial(socket, url, NULL, NNG_FLAG_NONBLOCK);
}

struct road *road_open(const char *url, struct road_shared *shared, int *ret_result)
{
    struct road *road = calloc(1, sizeof *road);

    *ret_result = NNG_ENOMEM;
    if (road == NULL)
        return NULL;
    road->shared = shared;
    *ret_result = nng_req0_open(&road->socket);
    if (*ret_result != 0) {
        free(road);
        return NULL;
    }
    *ret_result = road_start(road, url);
    return *ret_result == 0 ? road : road_close(road);
}

struct road *road_close(struct road *road)
{
    if (road == NULL)
        return NULL;
    while (road->idle != NULL) {
        struct lane *lane = road->idle;

        road->idle = lane->next;
        lane_close(lane);
    }
    nng_close(road->socket);
    free(road);
    return NULL;
}

bool road_connected(const struct road *road)
{
    return road->pipes > 0;
}

/* A lane leaves the busy ones under the lock before it is closed. */
void road_halt(struct road *road)
{
    for (struct lane *lane = road->busy; lane != NULL; lane = lane->next)
        nng_aio_stop(lane->aio);
}

/* ---- an exchange ---- */

static bool connected(struct road *road)
{
    bool any;

    pthread_mutex_lock(&road->shared->lock);
    any = road->pipes > 0;
    pthread_mutex_unlock(&road->shared->lock);
    return any;
}

/* A send that timed out gave its message back: it was never sent. It waits in short steps, since
 * the only connection may go away meanwhile. */
static enum road_end lane_send(struct road *road, struct lane *lane, nng_msg *request,
                               int64_t until_ms, int *ret_result)
{
    int64_t left_ms = until_ms - niva_clock_monotonic_ms();
    int result = NNG_ETIMEDOUT;

    while (result == NNG_ETIMEDOUT && left_ms > 0 && connected(road)) {
        nng_aio_set_msg(lane->aio, request);
        nng_aio_set_timeout(lane->aio,
                            (nng_duration)(left_ms < SEND_STEP_MS ? left_ms : SEND_STEP_MS));
        nng_ctx_send(lane->ctx, lane->aio);
        nng_aio_wait(lane->aio);
        result = nng_aio_result(lane->aio);
        left_ms = until_ms - niva_clock_monotonic_ms();
    }
    if (result == 0)
        return ROAD_ANSWERED;
    nng_msg_free(request);
    *ret_result = result;
    if (result != NNG_ETIMEDOUT)
        return ROAD_LOST;
    return left_ms <= 0 ? ROAD_LATE : ROAD_ABSENT;
}

static enum road_end lane_receive(struct lane *lane, int64_t until_ms, nng_msg **ret_reply,
                                  int *ret_result)
{
    int64_t left_ms = until_ms - niva_clock_monotonic_ms();
    int result;

    /* 0 would mean not to wait even for what is there */
    nng_aio_set_timeout(lane->aio, (nng_duration)(left_ms < 1 ? 1 : left_ms));
    nng_ctx_recv(lane->ctx, lane->aio);
    nng_aio_wait(lane->aio);
    result = nng_aio_result(lane->aio);
    *ret_result = result;
    if (result != 0)
        return result == NNG_ETIMEDOUT ? ROAD_LATE : ROAD_LOST;
    *ret_reply = nng_aio_get_msg(lane->aio);
    nng_aio_set_msg(lane->aio, NULL);
    return ROAD_ANSWERED;
}

enum road_end road_exchange(struct road *road, nng_msg *request, int64_t until_ms,
                            nng_msg **ret_reply, int *ret_result)
{
    struct lane *lane = lane_take(road);
    enum road_end end;

    *ret_result = NNG_ENOMEM;
    if (lane == NULL) {
        nng_msg_free(request);
        return ROAD_LOST;
    }
    end = lane_send(road, lane, request, until_ms, ret_result);
    if (end == ROAD_ANSWERED)
        end = lane_receive(lane, until_ms, ret_reply, ret_result);
    lane_give(road, lane, end == ROAD_ANSWERED);
    return end;
}
