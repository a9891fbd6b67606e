#include "tests/support/follower.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "niva/events/v1/events.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/bus/event.h"
#include "tests/support/process.h"

enum { PAUSE_MS = 10, CALL_MS = 5000, LIMIT = 200, FINISH_MS = 60000, ARENA_BYTES = 64 << 20 };

struct follower {
    struct niva_rpc_client *client;
    struct niva_arena *arena;
    const char *stream;
    pthread_t thread;
    _Atomic int64_t until; /* INT64_MAX: no end yet */
    int64_t position;
    EVP_MD_CTX *digest;
    char failure[256];
};

static bool event_take(struct follower *follower, const Io__Cloudevents__V1__CloudEvent *message)
{
    struct niva_error err;
    struct niva_event event;

    if (!niva_event_read(message, follower->arena, &event, &err)) {
        snprintf(follower->failure, sizeof follower->failure, "%s after %" PRId64 ": %.150s",
                 follower->stream, follower->position, err.text_en);
        return false;
    }
    if (event.position != follower->position + 1 || strcmp(event.stream, follower->stream) != 0) {
        snprintf(follower->failure, sizeof follower->failure,
                 "expected position %" PRId64 " of %s, actual %" PRId64 " of %s",
                 follower->position + 1, follower->stream, event.position, event.stream);
        return false;
    }
    if (follower->position > 0)
        EVP_DigestUpdate(follower->digest, ",", 1);
    EVP_DigestUpdate(follower->digest, event.id, strlen(event.id));
    follower->position = event.position;
    return true;
}

/* One look at the stream; an answer that does not come is no failure here. */
static bool stream_read(struct follower *follower, size_t *ret_count)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    Niva__Events__V1__ReadEventsRequest request = NIVA__EVENTS__V1__READ_EVENTS_REQUEST__INIT;
    Niva__Events__V1__ReadEventsResponse *events;
    ProtobufCMessage *reply;
    struct niva_error err;

    *ret_count = 0;
    niva_arena_reset(follower->arena);
    request.stream = (char *)(uintptr_t)follower->stream;
    request.after_position = follower->position;
    request.limit = LIMIT;
    if (!niva_rpc_call(follower->client, "/niva.events.v1.EventService/ReadEvents", &request.base,
                       &niva__events__v1__read_events_response__descriptor, &options,
                       follower->arena, &reply, NULL, &err))
        return true;
    events = (Niva__Events__V1__ReadEventsResponse *)reply;
    for (size_t i = 0; i < events->n_events; i++)
        if (!event_take(follower, events->events[i]))
            return false;
    *ret_count = events->n_events;
    return true;
}

static void *follower_run(void *argument)
{
    struct follower *follower = argument;
    int64_t deadline_ms = INT64_MAX;
    size_t count;

    while (stream_read(follower, &count)) {
        int64_t until = atomic_load(&follower->until);

        if (follower->position >= until)
            return NULL;
        if (until != INT64_MAX && deadline_ms == INT64_MAX)
            deadline_ms = niva_clock_monotonic_ms() + FINISH_MS;
        if (niva_clock_monotonic_ms() > deadline_ms) {
            snprintf(follower->failure, sizeof follower->failure,
                     "expected %s up to %" PRId64 ", actual up to %" PRId64, follower->stream,
                     until, follower->position);
            return NULL;
        }
        if (count == 0)
            poll(NULL, 0, PAUSE_MS);
    }
    return NULL;
}

struct follower *follower_start(struct system *system, enum part part)
{
    struct follower *follower = calloc(1, sizeof *follower);
    struct niva_error err;

    if (follower == NULL)
        give_up("no memory");
    follower->stream = service_name((enum service)part);
    follower->arena = niva_arena_new(ARENA_BYTES);
    follower->digest = EVP_MD_CTX_new();
    follower->client = niva_rpc_client_new(system_url(system, part, "peer"), &err);
    atomic_init(&follower->until, INT64_MAX);
    if (follower->arena == NULL || follower->client == NULL || follower->digest == NULL ||
        EVP_DigestInit_ex(follower->digest, EVP_md5(), NULL) != 1 ||
        pthread_create(&follower->thread, NULL, follower_run, follower) != 0)
        give_up("a follower cannot be started");
    return follower;
}

const char *follower_finish(struct follower *follower, int64_t head, char ret_digest[33])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    atomic_store(&follower->until, head);
    pthread_join(follower->thread, NULL);
    EVP_DigestFinal_ex(follower->digest, digest, &size);
    niva_hex(digest, size, ret_digest);
    if (follower->failure[0] == '\0' && follower->position != head)
        snprintf(follower->failure, sizeof follower->failure,
                 "expected %s to end at %" PRId64 ", actual %" PRId64, follower->stream, head,
                 follower->position);
    return follower->failure;
}

struct follower *follower_free(struct follower *follower)
{
    if (follower == NULL)
        return NULL;
    niva_rpc_client_free(follower->client);
    niva_arena_free(follower->arena);
    EVP_MD_CTX_free(follower->digest);
    free(follower);
    return NULL;
}
