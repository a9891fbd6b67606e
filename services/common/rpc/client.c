#include "services/common/rpc/client.h"

#include <errno.h>
#include <nng/nng.h>
#include <stdlib.h>
#include <string.h>

#include "niva/rpc/v1/envelope.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/rpc/nng_guard.h"
#include "services/common/rpc/replica.h"
#include "services/common/rpc/road.h"

enum {
    ENVELOPE_ARENA_MAX = NIVA_RPC_REPLY_MAX + 2 * 64 * 1024 + 1024 * 1024,
    CONNECT_WAIT_MS = 2000,
    LOOK_EVERY_MS = 500, /* for replicas that have come */
    PATIENCE_MS = 2000,  /* with the first replica asked, when there are others; then doubled */
    LOST_MOST = 2,       /* connections lost under a call before it is given up */
    RETRY_MS = 500,
};

struct niva_rpc_client {
    char url[NIVA_URL_SIZE];
    struct road_shared shared;
    /* under the lock */
    struct road *roads[NIVA_REPLICAS_MAX]; /* by number; NULL: not known yet */
    int current;                           /* the road that answered last */
    int64_t look_ms;                       /* when to look for replicas again; INT64_MAX: never */
};

/* ---- the client ---- */

/* Under the lock: roads to replicas that have come. One that has gone keeps its road, since it may
 * come again. */
static void replicas_look(struct niva_rpc_client *client)
{
    int64_t now_ms = niva_clock_monotonic_ms();
    char url[NIVA_URL_SIZE];
    int ignored;

    if (now_ms < client->look_ms || client->shared.halted)
        return;
    client->look_ms = now_ms + LOOK_EVERY_MS;
    for (int i = 1; i < NIVA_REPLICAS_MAX; i++)
        if (client->roads[i] == NULL && niva_replica_url(client->url, i + 1, url) &&
            niva_replica_known(url))
            client->roads[i] = road_open(url, &client->shared, &ignored);
}

struct niva_rpc_client *niva_rpc_client_new_alone(const char *url, struct niva_error *err)
{
    struct niva_rpc_client *client = calloc(1, sizeof *client);
    int result = NNG_EADDRINVAL;

    rpc_nng_guard_linked();
    if (client == NULL || !road_shared_init(&client->shared)) {
        niva_fail_internal(err, "out of memory");
        free(client);
        return NULL;
    }
    if (niva_replica_url(url, 1, client->url))
        client->roads[0] = road_open(url, &client->shared, &result);
    if (client->roads[0] == NULL) {
        niva_fail_cause(err, NIVA_INVALID_ARGUMENT, "Tjänstens adress går inte att använda.",
                        "The address of the service cannot be used.", "%s: %s", url,
                        nng_strerror(result));
        return niva_rpc_client_free(client);
    }
    client->look_ms = INT64_MAX;
    return client;
}

struct niva_rpc_client *niva_rpc_client_new(const char *url, struct niva_error *err)
{
    struct niva_rpc_client *client = niva_rpc_client_new_alone(url, err);

    if (client == NULL)
        return NULL;
    pthread_mutex_lock(&client->shared.lock);
    client->look_ms = 0;
    replicas_look(client);
    pthread_mutex_unlock(&client->shared.lock);
    return client;
}

struct niva_rpc_client *niva_rpc_client_free(struct niva_rpc_client *client)
{
    if (client == NULL)
        return NULL;
    for (int i = 0; i < NIVA_REPLICAS_MAX; i++)
        road_close(client->roads[i]);
    road_shared_fini(&client->shared);
    free(client);
    return NULL;
}

void niva_rpc_client_halt(struct niva_rpc_client *client)
{
    pthread_mutex_lock(&client->shared.lock);
    client->shared.halted = true;
    for (int i = 0; i < NIVA_REPLICAS_MAX; i++)
        if (client->roads[i] != NULL)
            road_halt(client->roads[i]);
    pthread_cond_broadcast(&client->shared.changed);
    pthread_mutex_unlock(&client->shared.lock);
}

/* ---- a call ---- */

struct call {
    struct niva_rpc_client *client;
    const char *method;
    ProtobufCBinaryData request;
    const struct niva_rpc_options *options;
    int64_t deadline_ms;
    struct niva_arena *arena;
    ProtobufCBinaryData *ret_reply;
    bool *ret_rehearsal;
    struct niva_error *err;
};

static bool fail_late(struct niva_error *err)
{
    return niva_fail(err, NIVA_DEADLINE_EXCEEDED,
                     "Svaret kom inte i tid. Anropet kan ändå ha utförts.",
                     "The answer did not come in time. The call may have been carried out.");
}

static bool fail_absent(struct niva_error *err)
{
    niva_fail(err, NIVA_UNAVAILABLE, "Tjänsten är inte igång eller går inte att nå.",
              "The service is not running or cannot be reached.");
    err->retry_after_ms = RETRY_MS;
    return false;
}

static bool fail_lost(struct niva_error *err, int result)
{
    niva_fail_cause(err, NIVA_UNAVAILABLE,
                    "Förbindelsen bröts innan svaret kom. Anropet kan ändå ha utförts.",
                    "The connection was lost before the answer came. The call may have been "
                    "carried out.",
                    "nng: %s", nng_strerror(result));
    err->retry_after_ms = RETRY_MS;
    return false;
}

static bool fail_large(struct niva_error *err)
{
    return niva_fail(err, NIVA_RESOURCE_EXHAUSTED,
                     "Anropet är större än 17 MiB, som är det mesta som kan skickas.",
                     "The request is larger than 17 MiB, the most that can be sent.");
}

/* ---- which replica ---- */

/* Under the lock: the connected road that answered last, or the next one behind `tried` (-1: none);
 * -1 when nobody is connected. */
static int road_pick(const struct niva_rpc_client *client, int tried)
{
    int first = tried < 0 ? client->current : tried + 1;

    for (int i = 0; i < NIVA_REPLICAS_MAX; i++) {
        int at = (first + i) % NIVA_REPLICAS_MAX;

        if (client->roads[at] != NULL && road_connected(client->roads[at]))
            return at;
    }
    return -1;
}

/* Other replicas that are known, or that are connected. */
static int roads_other(struct niva_rpc_client *client, bool only_connected)
{
    int count = 0;

    pthread_mutex_lock(&client->shared.lock);
    for (int i = 0; i < NIVA_REPLICAS_MAX; i++)
        count += client->roads[i] != NULL && (!only_connected || road_connected(client->roads[i]));
    pthread_mutex_unlock(&client->shared.lock);
    return count - 1;
}

/* A service that starts again is worth a short wait; one that isn't there is not worth the whole
 * deadline. -1 when nobody came. */
static int road_await(const struct call *call, int tried)
{
    struct niva_rpc_client *client = call->client;
    int64_t until_ms = niva_clock_monotonic_ms() + CONNECT_WAIT_MS;
    int picked;

    if (until_ms > call->deadline_ms)
        until_ms = call->deadline_ms;
    pthread_mutex_lock(&client->shared.lock);
    replicas_look(client);
    while ((picked = road_pick(client, tried)) < 0 && !client->shared.halted) {
        int64_t step_ms = client->look_ms < until_ms ? client->look_ms : until_ms;
        struct timespec step = {.tv_sec = (time_t)(step_ms / 1000),
                                .tv_nsec = (long)(step_ms % 1000) * 1000000};

        if (niva_clock_monotonic_ms() >= until_ms)
            break;
        pthread_cond_timedwait(&client->shared.changed, &client->shared.lock, &step);
        replicas_look(client);
    }
    if (client->shared.halted)
        picked = -1;
    pthread_mutex_unlock(&client->shared.lock);
    return picked;
}

static void road_keep(struct niva_rpc_client *client, int answered)
{
    pthread_mutex_lock(&client->shared.lock);
    client->current = answered;
    pthread_mutex_unlock(&client->shared.lock);
}

/* ---- the envelopes ---- */

static nng_msg *request_message(const struct call *call, int64_t left_ms)
{
    Niva__Rpc__V1__Request envelope = NIVA__RPC__V1__REQUEST__INIT;
    Niva__Rpc__V1__Metadata trace = NIVA__RPC__V1__METADATA__INIT;
    Niva__Rpc__V1__Metadata *metadata[] = {&trace};
    Niva__Rpc__V1__Principal principal = NIVA__RPC__V1__PRINCIPAL__INIT;
    Google__Protobuf__Timestamp recorded_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    const struct niva_rpc_options *options = call->options;
    nng_msg *message;
    size_t size;

    envelope.method = (char *)call->method;
    envelope.timeout_ms = (int32_t)left_ms;
    envelope.payload = call->request;
    if (options->traceparent != NULL) {
        trace.key = (char *)"traceparent";
        trace.value = (char *)options->traceparent;
        envelope.n_metadata = 1;
        envelope.metadata = metadata;
    }
    if (options->principal != NULL) {
        principal.subject = (char *)options->principal;
        envelope.principal = &principal;
    }
    if (options->recorded_at != INT64_MIN) {
        int64_t micros = options->recorded_at % 1000000;

        micros += micros < 0 ? 1000000 : 0;
        recorded_at.seconds = (options->recorded_at - micros) / 1000000;
        recorded_at.nanos = (int32_t)micros * 1000;
        envelope.recorded_at = &recorded_at;
    }
    size = niva__rpc__v1__request__get_packed_size(&envelope);
    if (size > NIVA_RPC_REQUEST_LARGE) {
        fail_large(call->err);
        return NULL;
    }
    if (nng_msg_alloc(&message, size) != 0) {
        niva_fail_internal(call->err, "out of memory for a request");
        return NULL;
    }
    niva__rpc__v1__request__pack(&envelope, nng_msg_body(message));
    return message;
}

/* The envelope has an arena of its own, so that only the payload costs the caller's. */
static bool reply_read(nng_msg *message, struct niva_arena *arena, ProtobufCBinaryData *ret_reply,
                       bool *ret_rehearsal, struct niva_error *err)
{
    struct niva_arena *own = niva_arena_new(ENVELOPE_ARENA_MAX);
    ProtobufCMessage *unpacked;
    const Niva__Rpc__V1__Reply *reply;
    char *copy;
    bool good = false;

    if (own == NULL)
        return niva_fail_internal(err, "out of memory for a reply");
    if (!niva_wire_unpack(&niva__rpc__v1__reply__descriptor, nng_msg_body(message),
                          nng_msg_len(message), false, own, &unpacked, err)) {
        niva_fail_internal(err, "the envelope of a reply is broken");
        goto end;
    }
    reply = (const Niva__Rpc__V1__Reply *)unpacked;
    if (reply->code != NIVA_OK) {
        niva_wire_error_read(reply->code, reply->message, reply->n_details, reply->details, own,
                             err);
        goto end;
    }
    copy = niva_arena_copy(arena, reply->payload.data, reply->payload.len);
    if (copy == NULL) {
        niva_fail_internal(err, "no room in the arena for a reply");
        goto end;
    }
    *ret_reply = (ProtobufCBinaryData){.len = reply->payload.len, .data = (uint8_t *)copy};
    *ret_rehearsal = reply->rehearsal;
    good = true;
end:
    niva_arena_free(own);
    return good;
}

/* ---- tries ---- */

/* How one try ended, for what comes next. */
enum verdict {
    VERDICT_FINAL,   /* an answer, or an error that another try would not change */
    VERDICT_ABSENT,  /* nobody was there */
    VERDICT_LOST,    /* the connection went away under the call */
    VERDICT_LATE,    /* no answer in the time that this replica was given */
    VERDICT_REFUSED, /* the replica said that it cannot do it now */
};

static enum verdict verdict_of(const struct call *call, enum road_end end, int result)
{
    switch (end) {
    case ROAD_ABSENT:
        fail_absent(call->err);
        return VERDICT_ABSENT;
    case ROAD_LATE:
        fail_late(call->err);
        return VERDICT_LATE;
    default:
        fail_lost(call->err, result);
        return VERDICT_LOST;
    }
}

/* A replica that was given a part of the time and used it up says so itself, too. */
static enum verdict verdict_of_error(const struct call *call, int64_t until_ms)
{
    if (call->err->code == NIVA_UNAVAILABLE)
        return VERDICT_REFUSED;
    return call->err->code == NIVA_DEADLINE_EXCEEDED && until_ms < call->deadline_ms
               ? VERDICT_LATE
               : VERDICT_FINAL;
}

static enum verdict try_road(const struct call *call, int at, int64_t until_ms, bool *ret_good)
{
    struct niva_rpc_client *client = call->client;
    int64_t left_ms = until_ms - niva_clock_monotonic_ms();
    nng_msg *reply = NULL;
    nng_msg *request;
    enum road_end end;
    int result = 0;

    *ret_good = false;
    if (left_ms <= 0)
        return verdict_of(call, ROAD_LATE, 0);
    request = request_message(call, left_ms);
    if (request == NULL)
        return VERDICT_FINAL;
    end = road_exchange(client->roads[at], request, until_ms, &reply, &result);
    if (end != ROAD_ANSWERED)
        return verdict_of(call, end, result);
    *ret_good = reply_read(reply, call->arena, call->ret_reply, call->ret_rehearsal, call->err);
    nng_msg_free(reply);
    if (!*ret_good)
        return verdict_of_error(call, until_ms);
    road_keep(client, at);
    return VERDICT_FINAL;
}

/* What a call has been through. */
struct tries {
    int64_t patience_ms;
    int64_t absent_ms; /* until when somebody to send to is looked for */
    int lost;
    int refused;
};

static bool worth_another(const struct call *call, struct tries *tries, enum verdict verdict)
{
    if (niva_clock_monotonic_ms() >= call->deadline_ms)
        return false;
    switch (verdict) {
    case VERDICT_FINAL:
        return false;
    case VERDICT_LATE:
        tries->patience_ms *= 2;
        return true;
    case VERDICT_REFUSED:
        return tries->refused++ < roads_other(call->client, true);
    case VERDICT_ABSENT:
        return niva_clock_monotonic_ms() < tries->absent_ms;
    default:
        return ++tries->lost < LOST_MOST;
    }
}

/* Until when a replica is waited for: to the end when no other is known. One that is known but away
 * may come meanwhile. */
static int64_t try_until(const struct call *call, const struct tries *tries)
{
    int64_t until_ms = niva_clock_monotonic_ms() + tries->patience_ms;

    return roads_other(call->client, false) > 0 && until_ms < call->deadline_ms ? until_ms
                                                                                : call->deadline_ms;
}

static bool call_run(const struct call *call)
{
    struct tries tries = {.patience_ms = PATIENCE_MS,
                          .absent_ms = niva_clock_monotonic_ms() + CONNECT_WAIT_MS};
    enum verdict verdict = VERDICT_ABSENT;
    int at = -1;
    bool good;

    do {
        int next = road_await(call, at);

        /* with nobody to ask again, what was said first is true */
        if (next < 0)
            return at >= 0 ? false : fail_absent(call->err);
        at = next;
        verdict = try_road(call, at, try_until(call, &tries), &good);
    } while (!good && worth_another(call, &tries, verdict));
    return good;
}

bool niva_rpc_call_packed(struct niva_rpc_client *client, const char *method,
                          ProtobufCBinaryData request, const struct niva_rpc_options *options,
                          struct niva_arena *arena, ProtobufCBinaryData *ret_reply,
                          bool *ret_rehearsal, struct niva_error *err)
{
    int timeout_ms = options->timeout_ms < NIVA_RPC_TIMEOUT_MAX_MS ? options->timeout_ms
                                                                   : NIVA_RPC_TIMEOUT_MAX_MS;
    bool rehearsal = false;
    const struct call call = {
        .client = client,
        .method = method,
        .request = request,
        .options = options,
        .deadline_ms = niva_clock_monotonic_ms() + timeout_ms,
        .arena = arena,
        .ret_reply = ret_reply,
        .ret_rehearsal = &rehearsal,
        .err = err,
    };

    if (timeout_ms <= 0)
        return fail_late(err);
    if (request.len > NIVA_RPC_REQUEST_LARGE)
        return fail_large(err);
    if (!call_run(&call))
        return false;
    if (ret_rehearsal != NULL)
        *ret_rehearsal = rehearsal;
    return true;
}

bool niva_rpc_call(struct niva_rpc_client *client, const char *method,
                   const ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply_type,
                   const struct niva_rpc_options *options, struct niva_arena *arena,
                   ProtobufCMessage **ret_reply, bool *ret_rehearsal, struct niva_error *err)
{
    ProtobufCBinaryData packed;
    ProtobufCBinaryData reply = {0};

    if (!niva_wire_pack(request, arena, &packed, err) ||
        !niva_rpc_call_packed(client, method, packed, options, arena, &reply, ret_rehearsal, err))
        return false;
    if (niva_wire_unpack_reply(reply_type, reply.data, reply.len, arena, ret_reply, err))
        return true;
    return niva_fail_internal(err, "the reply of %s is broken", method);
}
