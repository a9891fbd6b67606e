#include "services/common/bus/consumer.h"

#include <nng/nng.h>
#include <nng/protocol/pubsub0/sub.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "niva/events/v1/events.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/base/log.h"
#include "services/common/rpc/replica.h"

enum {
    TIMER_MS = 100,       /* the doorbell may be missed */
    PAUSE_MOST_MS = 1000, /* between tries while something is wrong */
    DIAL_EVERY_MS = 1000, /* looks for the doorbells of replicas that have come */
    CALL_MS = 5000,
    LIMIT = 1000,
    ARENA_CAP = 128 << 20,
    BELL_MAX = 64 * 1024,
};

/* How it goes; a change is logged once. */
enum condition {
    FOLLOWING,
    UPSTREAM_AWAY, /* or the own database: it passes */
    EVENT_REFUSED, /* an event cannot be applied: someone must look */
};

struct niva_consumer {
    const char *stream;
    const char *const *types;
    size_t type_count;
    struct niva_sink sink;
    struct niva_rpc_client *client;
    nng_socket bell;
    int bell_fd; /* readable when it has rung; nng's */
    char bell_url[NIVA_URL_SIZE];
    bool heard[NIVA_REPLICAS_MAX]; /* whose doorbell is dialled, by number */
    struct niva_arena *arena;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool stopping;
    bool running;
    enum condition condition;
};

/* ---- one round ---- */

static bool events_fetch(struct niva_consumer *consumer, int64_t after,
                         Niva__Events__V1__ReadEventsResponse **ret_reply, struct niva_error *err)
{
    Niva__Events__V1__ReadEventsRequest request = NIVA__EVENTS__V1__READ_EVENTS_REQUEST__INIT;
    const struct niva_rpc_options options = {.timeout_ms = CALL_MS, .recorded_at = INT64_MIN};
    ProtobufCMessage *reply;

    request.stream = (char *)(uintptr_t)consumer->stream;
    request.types = (char **)(uintptr_t)consumer->types;
    request.n_types = consumer->type_count;
    request.after_position = after;
    request.limit = LIMIT;
    if (!niva_rpc_call(consumer->client, "/niva.events.v1.EventService/ReadEvents", &request.base,
                       &niva__events__v1__read_events_response__descriptor, &options,
                       consumer->arena, &reply, NULL, err))
        return false;
    *ret_reply = (Niva__Events__V1__ReadEventsResponse *)reply;
    return true;
}

/* Applies what can be read, in order; an event that cannot be read stops the others behind it. */
static bool events_apply(struct niva_consumer *consumer, int64_t cursor,
                         const Niva__Events__V1__ReadEventsResponse *reply, struct niva_error *err)
{
    const struct niva_sink *sink = &consumer->sink;
    struct niva_arena *arena = consumer->arena;
    struct niva_event *events = niva_arena_array(arena, reply->n_events, sizeof *events);
    const struct niva_event **list = niva_arena_array(arena, reply->n_events, sizeof *list);
    int64_t next = reply->next_position;
    struct niva_error broken;
    bool good = true;
    size_t count = 0;

    if (events == NULL || list == NULL)
        return niva_fail_internal(err, "no memory for %zu events", reply->n_events);
    while (good && count < reply->n_events) {
        good = niva_event_read(reply->events[count], arena, &events[count], &broken);
        if (good)
            list[count] = &events[count];
        count += good;
    }
    if (!good)
        next = count > 0 ? events[count - 1].position : cursor;
    if (next > cursor && !sink->apply(sink->self, list, count, next, err))
        return false;
    if (!good)
        *err = broken;
    return good;
}

/* An upstream that was put back to an older state would give other events under numbers that were
 * applied already. */
static bool head_check(const struct niva_consumer *consumer, int64_t head, int64_t cursor,
                       struct niva_error *err)
{
    if (head >= cursor)
        return true;
    return niva_fail_cause(err, NIVA_FAILED_PRECONDITION,
                           "Strömmen är kortare än det som redan har tillämpats.",
                           "The stream is shorter than what has been applied already.",
                           "%s ends at %lld, applied up to %lld", consumer->stream, (long long)head,
                           (long long)cursor);
}

/* `ret_more` tells whether there was anything, and so may be more. */
static bool round_run(struct niva_consumer *consumer, bool *ret_more, struct niva_error *err)
{
    const struct niva_sink *sink = &consumer->sink;
    Niva__Events__V1__ReadEventsResponse *reply;
    int64_t cursor;

    niva_arena_reset(consumer->arena);
    if (!sink->cursor(sink->self, &cursor, err) || !events_fetch(consumer, cursor, &reply, err) ||
        !head_check(consumer, reply->head_position, cursor, err) ||
        !events_apply(consumer, cursor, reply, err))
        return false;
    *ret_more = reply->n_events > 0;
    return true;
}

/* ---- the doorbells ---- */

static int bells_dial(struct niva_consumer *consumer)
{
    char url[NIVA_URL_SIZE];
    int result = 0;

    for (int i = 0; i < NIVA_REPLICAS_MAX && result == 0; i++) {
        if (consumer->heard[i] || !niva_replica_url(consumer->bell_url, i + 1, url) ||
            (i > 0 && !niva_replica_known(url)))
            continue;
        result = nng_dial(consumer->bell, url, NULL, NNG_FLAG_NONBLOCK);
        consumer->heard[i] = result == 0;
    }
    return result;
}

/* ---- the thread ---- */

static bool passes(enum niva_code code)
{
    return code == NIVA_UNAVAILABLE || code == NIVA_DEADLINE_EXCEEDED ||
           code == NIVA_RESOURCE_EXHAUSTED || code == NIVA_ABORTED || code == NIVA_CANCELLED;
}

static void condition_log(struct niva_consumer *consumer, enum condition condition,
                          const struct niva_error *err)
{
    if (condition == consumer->condition)
        return;
    consumer->condition = condition;
    if (condition == EVENT_REFUSED)
        niva_log_error("consumer.event_refused", err);
    else if (condition == UPSTREAM_AWAY)
        niva_log(NIVA_LOG_WARNING, "consumer.upstream_away", "stream", consumer->stream, "code",
                 niva_code_name((int)err->code), "cause", err->cause, NULL);
    else
        niva_log(NIVA_LOG_INFO, "consumer.following", "stream", consumer->stream, NULL);
}

static bool stop_wanted(struct niva_consumer *consumer)
{
    bool stopping;

    pthread_mutex_lock(&consumer->lock);
    stopping = consumer->stopping;
    pthread_mutex_unlock(&consumer->lock);
    return stopping;
}

static void pause_or_stop(struct niva_consumer *consumer, int pause_ms)
{
    int64_t until_ms = niva_clock_monotonic_ms() + pause_ms;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    pthread_mutex_lock(&consumer->lock);
    while (!consumer->stopping)
        if (pthread_cond_timedwait(&consumer->stopped, &consumer->lock, &until) != 0)
            break;
    pthread_mutex_unlock(&consumer->lock);
}

/* Until the doorbell rings or the timer has run out. nng never keeps the time: where a ring meets
 * the end of a timed receive, SUB of 1.5.2 ends it twice (mended in 1.7), and its caller may wait
 * for ever. */
static void bell_await(struct niva_consumer *consumer)
{
    struct pollfd rung = {.fd = consumer->bell_fd, .events = POLLIN};
    nng_msg *message;

    poll(&rung, 1, TIMER_MS);
    while (nng_recvmsg(consumer->bell, &message, NNG_FLAG_NONBLOCK) == 0)
        nng_msg_free(message);
}

static void *consumer_run(void *user)
{
    struct niva_consumer *consumer = user;
    int64_t dial_ms = niva_clock_monotonic_ms() + DIAL_EVERY_MS;
    int pause_ms = TIMER_MS;

    while (!stop_wanted(consumer)) {
        struct niva_error err;
        bool more = false;

        if (niva_clock_monotonic_ms() >= dial_ms) {
            bells_dial(consumer); /* what cannot be heard now can be seen by the timer */
            dial_ms = niva_clock_monotonic_ms() + DIAL_EVERY_MS;
        }
        if (round_run(consumer, &more, &err)) {
            condition_log(consumer, FOLLOWING, NULL);
            pause_ms = TIMER_MS;
            if (!more)
                bell_await(consumer);
            continue;
        }
        if (stop_wanted(consumer))
            break;
        condition_log(consumer, passes(err.code) ? UPSTREAM_AWAY : EVENT_REFUSED, &err);
        pause_or_stop(consumer, pause_ms);
        pause_ms = pause_ms * 2 < PAUSE_MOST_MS ? pause_ms * 2 : PAUSE_MOST_MS;
    }
    return NULL;
}

/* ---- the public page ---- */

static bool bell_open(struct niva_consumer *consumer, const char *url, struct niva_error *err)
{
    nng_socket *bell = &consumer->bell;
    int result = nng_sub0_open(bell);

    if (result != 0) {
        *bell = (nng_socket)NNG_SOCKET_INITIALIZER;
        return niva_fail_internal(err, "doorbell %s: %s", url, nng_strerror(result));
    }
    if (!niva_replica_url(url, 1, consumer->bell_url))
        result = NNG_EADDRINVAL;
    if (result != 0 || (result = nng_socket_set(*bell, NNG_OPT_SUB_SUBSCRIBE, "", 0)) != 0 ||
        (result = nng_socket_set_size(*bell, NNG_OPT_RECVMAXSZ, BELL_MAX)) != 0 ||
        (result = nng_socket_set_int(*bell, NNG_OPT_RECVBUF, 1)) != 0 ||
        (result = nng_socket_get_int(*bell, NNG_OPT_RECVFD, &consumer->bell_fd)) != 0 ||
        (result = nng_socket_set_ms(*bell, NNG_OPT_RECONNMINT, TIMER_MS)) != 0 ||
        (result = nng_socket_set_ms(*bell, NNG_OPT_RECONNMAXT, PAUSE_MOST_MS)) != 0 ||
        (result = bells_dial(consumer)) != 0)
        return niva_fail_internal(err, "doorbell %s: %s", url, nng_strerror(result));
    return true;
}

static void conditions_init(struct niva_consumer *consumer)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&consumer->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&consumer->stopped, &attributes);
    pthread_condattr_destroy(&attributes);
}

static bool follower_cursor(void *self, int64_t *ret_position, struct niva_error *err)
{
    const struct niva_follower *follower = self;

    return niva_journal_cursor(follower->journal, follower->stream, ret_position, err);
}

static bool follower_apply(void *self, const struct niva_event *const *events, size_t count,
                           int64_t next, struct niva_error *err)
{
    const struct niva_follower *follower = self;

    return niva_journal_apply(follower->journal, follower->stream, events, count, next, err);
}

struct niva_sink niva_journal_sink(struct niva_follower *follower)
{
    return (struct niva_sink){follower, follower_cursor, follower_apply};
}

struct niva_consumer *niva_consumer_new(const struct niva_consumer_options *options,
                                        struct niva_error *err)
{
    struct niva_consumer *consumer = calloc(1, sizeof *consumer);

    if (consumer == NULL) {
        niva_fail_internal(err, "no memory for a consumer");
        return NULL;
    }
    conditions_init(consumer);
    consumer->bell = (nng_socket)NNG_SOCKET_INITIALIZER;
    consumer->stream = options->stream;
    consumer->types = options->types;
    consumer->type_count = options->type_count;
    consumer->sink = options->sink;
    consumer->arena = niva_arena_new(ARENA_CAP);
    if (consumer->arena == NULL) {
        niva_fail_internal(err, "no memory for a consumer");
        return niva_consumer_free(consumer);
    }
    consumer->client = niva_rpc_client_new(options->url, err);
    if (consumer->client == NULL || !bell_open(consumer, options->bell, err))
        return niva_consumer_free(consumer);
    consumer->running = pthread_create(&consumer->thread, NULL, consumer_run, consumer) == 0;
    if (consumer->running)
        return consumer;
    niva_fail_internal(err, "no thread for a consumer");
    return niva_consumer_free(consumer);
}

void niva_consumer_stop(struct niva_consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    consumer->stopping = true;
    pthread_cond_broadcast(&consumer->stopped);
    pthread_mutex_unlock(&consumer->lock);
    if (consumer->client != NULL)
        niva_rpc_client_halt(consumer->client);
}

struct niva_consumer *niva_consumer_free(struct niva_consumer *consumer)
{
    if (consumer == NULL)
        return NULL;
    niva_consumer_stop(consumer);
    if (consumer->running)
        pthread_join(consumer->thread, NULL);
    niva_rpc_client_free(consumer->client);
    nng_close(consumer->bell);
    niva_arena_free(consumer->arena);
    pthread_cond_destroy(&consumer->stopped);
    pthread_mutex_destroy(&consumer->lock);
    free(consumer);
    return NULL;
}
