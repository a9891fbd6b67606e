#include "services/common/rpc/connections.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "services/common/base/clock.h"

enum {
    BUCKETS = 4096, /* a power of two */
    LOOK_EVERY_MS = 250,
    UNREAD_MS = 2000,
    UNREAD_PRESSED_MS = 500,
    SILENT_MS = 60000,
    CLOSED_AT_ONCE = 64,
};

struct connection {
    uint32_t pipe; /* its id */
    bool gone;     /* removed, but a call still points here */
    int calls;     /* taken and their answer not yet away */
    int sending;   /* of these, with nng */
    int64_t heard_ms;
    int64_t read_ms; /* when it last read an answer, or had none to read */
    struct connection *next;
};

struct connections {
    pthread_mutex_t lock;
    pthread_cond_t end;
    pthread_t warden;
    bool ending;
    bool pressed;
    struct connection *buckets[BUCKETS];
};

static struct connection **place_of(struct connections *connections, nng_pipe pipe)
{
    uint32_t id = (uint32_t)nng_pipe_id(pipe);
    struct connection **at = &connections->buckets[id & (BUCKETS - 1)];

    while (*at != NULL && (*at)->pipe != id)
        at = &(*at)->next;
    return at;
}

/* ---- the warden ---- */

static bool misused(const struct connections *connections, const struct connection *connection,
                    int64_t now_ms)
{
    int unread_ms = connections->pressed ? UNREAD_PRESSED_MS : UNREAD_MS;

    if (connection->sending > 0)
        return now_ms - connection->read_ms > unread_ms;
    return connection->calls == 0 && now_ms - connection->heard_ms > SILENT_MS;
}

/* Under the lock. One that was named is given time to close before it is named again. */
static int misused_find(struct connections *connections, nng_pipe ret_pipes[CLOSED_AT_ONCE])
{
    int64_t now_ms = niva_clock_monotonic_ms();
    int count = 0;

    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct connection *at = connections->buckets[i]; at != NULL; at = at->next) {
            if (count == CLOSED_AT_ONCE)
                return count;
            if (!misused(connections, at, now_ms))
                continue;
            at->heard_ms = now_ms;
            at->read_ms = now_ms;
            ret_pipes[count++].id = at->pipe;
        }
    }
    return count;
}

static void *warden_run(void *user)
{
    struct connections *connections = user;
    nng_pipe pipes[CLOSED_AT_ONCE];
    int count = 0;

    pthread_mutex_lock(&connections->lock);
    while (!connections->ending) {
        int64_t until_ms = niva_clock_monotonic_ms() + LOOK_EVERY_MS;
        struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                                 .tv_nsec = (long)(until_ms % 1000) * 1000000};

        if (count < CLOSED_AT_ONCE)
            pthread_cond_timedwait(&connections->end, &connections->lock, &until);
        count = misused_find(connections, pipes);
        pthread_mutex_unlock(&connections->lock);
        for (int i = 0; i < count; i++)
            nng_pipe_close(pipes[i]);
        pthread_mutex_lock(&connections->lock);
    }
    pthread_mutex_unlock(&connections->lock);
    return NULL;
}

/* ---- from beginning to end ---- */

static bool conditions_init(struct connections *connections)
{
    pthread_condattr_t attributes;
    bool made;

    if (pthread_condattr_init(&attributes) != 0)
        return false;
    made = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
           pthread_mutex_init(&connections->lock, NULL) == 0 &&
           pthread_cond_init(&connections->end, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return made;
}

struct connections *connections_new(void)
{
    struct connections *connections = calloc(1, sizeof *connections);

    if (connections == NULL || !conditions_init(connections)) {
        free(connections);
        return NULL;
    }
    if (pthread_create(&connections->warden, NULL, warden_run, connections) == 0)
        return connections;
    pthread_cond_destroy(&connections->end);
    pthread_mutex_destroy(&connections->lock);
    free(connections);
    return NULL;
}

struct connections *connections_free(struct connections *connections)
{
    if (connections == NULL)
        return NULL;
    pthread_mutex_lock(&connections->lock);
    connections->ending = true;
    pthread_cond_signal(&connections->end);
    pthread_mutex_unlock(&connections->lock);
    pthread_join(connections->warden, NULL);
    for (size_t i = 0; i < BUCKETS; i++) {
        while (connections->buckets[i] != NULL) {
            struct connection *first = connections->buckets[i];

            connections->buckets[i] = first->next;
            free(first);
        }
    }
    pthread_cond_destroy(&connections->end);
    pthread_mutex_destroy(&connections->lock);
    free(connections);
    return NULL;
}

/* Without memory it is not watched over. */
void connections_add(struct connections *connections, nng_pipe pipe)
{
    struct connection *added = calloc(1, sizeof *added);
    struct connection **bucket;

    if (added == NULL)
        return;
    added->pipe = (uint32_t)nng_pipe_id(pipe);
    added->heard_ms = niva_clock_monotonic_ms();
    bucket = &connections->buckets[added->pipe & (BUCKETS - 1)];
    pthread_mutex_lock(&connections->lock);
    added->next = *bucket;
    *bucket = added;
    pthread_mutex_unlock(&connections->lock);
}

void connections_remove(struct connections *connections, nng_pipe pipe)
{
    struct connection **at;
    struct connection *removed;

    pthread_mutex_lock(&connections->lock);
    at = place_of(connections, pipe);
    removed = *at;
    if (removed != NULL) {
        *at = removed->next;
        removed->gone = true;
        if (removed->calls == 0)
            free(removed);
    }
    pthread_mutex_unlock(&connections->lock);
}

/* ---- calls ---- */

struct connection *connection_take(struct connections *connections, nng_pipe pipe)
{
    struct connection *connection;

    pthread_mutex_lock(&connections->lock);
    connection = *place_of(connections, pipe);
    if (connection != NULL) {
        connection->calls++;
        connection->heard_ms = niva_clock_monotonic_ms();
    }
    pthread_mutex_unlock(&connections->lock);
    return connection;
}

void connection_sending(struct connections *connections, struct connection *connection)
{
    if (connection == NULL)
        return;
    pthread_mutex_lock(&connections->lock);
    if (connection->sending++ == 0)
        connection->read_ms = niva_clock_monotonic_ms();
    pthread_mutex_unlock(&connections->lock);
}

void connection_sent(struct connections *connections, struct connection *connection)
{
    if (connection == NULL)
        return;
    pthread_mutex_lock(&connections->lock);
    connection->calls--;
    connection->sending--;
    connection->heard_ms = niva_clock_monotonic_ms();
    connection->read_ms = connection->heard_ms;
    if (connection->gone && connection->calls == 0)
        free(connection);
    pthread_mutex_unlock(&connections->lock);
}

void connections_press(struct connections *connections, bool pressed)
{
    pthread_mutex_lock(&connections->lock);
    connections->pressed = pressed;
    pthread_mutex_unlock(&connections->lock);
}
