#define _GNU_SOURCE /* sem_clockwait */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

#include "services/common/base/clock.h"
#include "services/common/run/frame.h"

enum {
    LOOK_EVERY_MS = 50, /* for deadlines, and for what other replicas have committed */
    RETRY_MS = 500,
};

struct waiting {
    struct frame *frame;
    pthread_mutex_t lock;
    sem_t moved;
    pthread_t usher;
    struct niva_rpc_call **calls;
    size_t most;
    size_t count;
    atomic_size_t seen; /* count, for who must not lock */
    bool closed;
    bool ended;
};

static void sleep_until_moved(struct waiting *waiting)
{
    int64_t until_ms = niva_clock_monotonic_ms() + LOOK_EVERY_MS;
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000};

    if (atomic_load(&waiting->seen) == 0)
        sem_wait(&waiting->moved);
    else
        sem_clockwait(&waiting->moved, CLOCK_MONOTONIC, &until);
}

/* Whether the call is done with waiting. Under the lock. */
static bool call_release(struct waiting *waiting, struct niva_rpc_call *call)
{
    struct niva_error err;

    if (waiting->closed) {
        niva_fail(&err, NIVA_UNAVAILABLE, "Tjänsten håller på att stänga. Försök igen om en stund.",
                  "The service is shutting down. Try again in a while.");
        err.retry_after_ms = RETRY_MS;
        niva_rpc_fail(call, &err);
        return true;
    }
    if (read_after(waiting->frame, niva_rpc_call_request(call), &err)) {
        niva_rpc_call_again(call);
        return true;
    }
    if (niva_clock_monotonic_ms() < niva_rpc_call_deadline_ms(call))
        return false;
    niva_rpc_fail(call, &err);
    return true;
}

static bool waiting_sweep(struct waiting *waiting)
{
    size_t kept = 0;
    bool ended;

    pthread_mutex_lock(&waiting->lock);
    for (size_t i = 0; i < waiting->count; i++)
        if (!call_release(waiting, waiting->calls[i]))
            waiting->calls[kept++] = waiting->calls[i];
    waiting->count = kept;
    atomic_store(&waiting->seen, kept);
    ended = waiting->ended;
    pthread_mutex_unlock(&waiting->lock);
    return !ended;
}

static void *usher_run(void *argument)
{
    struct waiting *waiting = argument;

    do
        sleep_until_moved(waiting);
    while (waiting_sweep(waiting));
    return NULL;
}

struct waiting *waiting_new(struct frame *frame, size_t most, struct niva_error *err)
{
    struct waiting *waiting = calloc(1, sizeof *waiting);

    if (waiting != NULL)
        waiting->calls = calloc(most, sizeof(struct niva_rpc_call *));
    if (waiting == NULL || waiting->calls == NULL) {
        niva_fail_internal(err, "out of memory");
        free(waiting);
        return NULL;
    }
    waiting->frame = frame;
    waiting->most = most;
    pthread_mutex_init(&waiting->lock, NULL);
    sem_init(&waiting->moved, 0, 0);
    if (pthread_create(&waiting->usher, NULL, usher_run, waiting) == 0)
        return waiting;
    niva_fail_internal(err, "no thread for reads that wait");
    sem_destroy(&waiting->moved);
    pthread_mutex_destroy(&waiting->lock);
    free(waiting->calls);
    free(waiting);
    return NULL;
}

bool waiting_add(struct waiting *waiting, struct niva_rpc_call *call, struct niva_error *err)
{
    bool added = false;

    pthread_mutex_lock(&waiting->lock);
    if (waiting->closed) {
        niva_fail(err, NIVA_UNAVAILABLE, "Tjänsten håller på att stänga. Försök igen om en stund.",
                  "The service is shutting down. Try again in a while.");
    } else if (waiting->count == waiting->most) {
        niva_fail(err, NIVA_RESOURCE_EXHAUSTED, "För många läsningar väntar redan.",
                  "Too many reads are waiting already.");
    } else {
        waiting->calls[waiting->count++] = call;
        atomic_store(&waiting->seen, waiting->count);
        added = true;
    }
    pthread_mutex_unlock(&waiting->lock);
    if (added)
        sem_post(&waiting->moved);
    else
        err->retry_after_ms = RETRY_MS;
    return added;
}

void waiting_wake(struct waiting *waiting)
{
    if (atomic_load(&waiting->seen) > 0)
        sem_post(&waiting->moved);
}

static void waiting_tell(struct waiting *waiting, bool *flag)
{
    pthread_mutex_lock(&waiting->lock);
    *flag = true;
    pthread_mutex_unlock(&waiting->lock);
    sem_post(&waiting->moved);
}

void waiting_close(struct waiting *waiting)
{
    waiting_tell(waiting, &waiting->closed);
}

struct waiting *waiting_free(struct waiting *waiting)
{
    if (waiting == NULL)
        return NULL;
    waiting_tell(waiting, &waiting->closed);
    waiting_tell(waiting, &waiting->ended);
    pthread_join(waiting->usher, NULL);
    sem_destroy(&waiting->moved);
    pthread_mutex_destroy(&waiting->lock);
    free(waiting->calls);
    free(waiting);
    return NULL;
}
