#include "services/nivactl/wait.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "niva/control/v1/control.pb-c.h"
#include "services/common/base/clock.h"
#include "services/nivactl/commands.h"

typedef Niva__Control__V1__GetStatusRequest GetStatusRequest;
typedef Niva__Control__V1__GetStatusResponse GetStatusResponse;
typedef Niva__Common__V1__StreamPosition StreamPosition;

enum { REST_LEAST_MS = 2, REST_MOST_MS = 100, CALL_MS = 5000, ARENA_BYTES = 1 << 20 };

void rest_ms(int milliseconds)
{
    struct timespec rest = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000L};

    while (nanosleep(&rest, &rest) != 0 && errno == EINTR)
        continue;
}

int64_t wait_deadline(const struct session *session)
{
    return niva_clock_monotonic_ms() + session->options.timeout * 1000;
}

/* One look at a service; it answers when it has applied `after` (NULL: at once). */
static bool status_get(struct session *session, enum service service, StreamPosition *after,
                       int64_t deadline_ms, struct niva_arena *arena,
                       GetStatusResponse **ret_status, struct niva_error *err)
{
    GetStatusRequest request = NIVA__CONTROL__V1__GET_STATUS_REQUEST__INIT;
    struct call call = {.recorded_at = INT64_MIN, .timeout_ms = CALL_MS};
    int64_t left = deadline_ms - niva_clock_monotonic_ms();
    struct method method;
    ProtobufCMessage *reply;

    if (left < CALL_MS)
        call.timeout_ms = left > 1 ? (int)left : 1;
    if (after != NULL) {
        request.n_after = 1;
        request.after = &after;
    }
    if (!method_find("niva.control.v1.ControlService/GetStatus", &method))
        return niva_fail_internal(err, "no GetStatus");
    if (!session_call(session, service, &method, &request.base, &call, arena, &reply, err))
        return false;
    *ret_status = (GetStatusResponse *)reply;
    return true;
}

static int64_t applied_of(const GetStatusResponse *status, const char *stream)
{
    for (size_t i = 0; i < status->n_applied; i++)
        if (strcmp(status->applied[i]->stream, stream) == 0)
            return status->applied[i]->position;
    return 0;
}

/* Whether an error may pass by itself while one waits. Services that start have made their
 * directory: without one nothing is on its way. */
static bool passing(const struct session *session, const struct wait *wait,
                    const struct niva_error *err)
{
    if (err->code == NIVA_UNAVAILABLE)
        return wait->patient && session->placed && access(session->place.run_dir, F_OK) == 0;
    return err->code == NIVA_DEADLINE_EXCEEDED || err->code == NIVA_RESOURCE_EXHAUSTED;
}

static bool wait_over(enum service service, int64_t pending, struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv, "Tiden gick ut: %s är inte klar (%" PRId64 " kvar att göra).",
             service_name(service), pending);
    snprintf(text_en, sizeof text_en, "Time ran out: %s is not done (%" PRId64 " pending).",
             service_name(service), pending);
    return niva_fail(err, NIVA_DEADLINE_EXCEEDED, text_sv, text_en);
}

/* Waits for one service, until it has applied `after` (NULL: whatever it has); `ret_head` is how
 * far it has written then. */
static bool service_wait(struct session *session, const struct wait *wait, enum service service,
                         StreamPosition *after, int64_t *ret_head, struct niva_arena *arena,
                         struct niva_error *err)
{
    int rest = REST_LEAST_MS;
    int64_t pending = 0;

    for (;;) {
        GetStatusResponse *status = NULL;

        niva_arena_reset(arena);
        niva_error_clear(err);
        if (status_get(session, service, after, wait->deadline_ms, arena, &status, err)) {
            *ret_head = applied_of(status, service_name(service));
            pending = status->pending;
            if (status->ready && pending == 0)
                return true;
        } else if (!passing(session, wait, err)) {
            return false;
        }
        if (niva_clock_monotonic_ms() >= wait->deadline_ms)
            return err->code == NIVA_UNAVAILABLE ? false : wait_over(service, pending, err);
        rest_ms(rest);
        rest = 2 * rest < REST_MOST_MS ? 2 * rest : REST_MOST_MS;
    }
}

bool wait_applied(struct session *session, const struct wait *wait, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    int64_t heads[SERVICE_COUNT] = {0};
    struct follow follow;
    bool applied;

    if (arena == NULL)
        return niva_fail_internal(err, "out of memory");
    applied = service_wait(session, wait, INTAKE, NULL, &heads[INTAKE], arena, err);
    for (size_t i = 0; applied && follow_at(i, &follow); i++) {
        StreamPosition after = NIVA__COMMON__V1__STREAM_POSITION__INIT;

        after.stream = (char *)(uintptr_t)service_name(follow.followed);
        after.position = heads[follow.followed];
        if (follow.follower <= wait->last && follow.followed <= wait->last)
            applied = service_wait(session, wait, follow.follower, &after, &heads[follow.follower],
                                   arena, err);
    }
    niva_arena_free(arena);
    return applied;
}

int command_wait(struct session *session, size_t count, const char *const *arguments)
{
    struct wait wait = {
        .last = COMPENSATION,
        .deadline_ms = wait_deadline(session),
        .patient = true,
    };
    struct niva_error err;

    (void)count;
    (void)arguments;
    niva_error_clear(&err);
    if (!wait_applied(session, &wait, &err))
        return session_fail(session, &err);
    if (session->json)
        fputs("{\"applied\": true}\n", session->out);
    else
        fprintf(session->out, "%s\n",
                session_pick(session, "Allt som var sparat är intaget i alla tjänster.",
                             "All that was committed is applied in every service."));
    return EXIT_YES;
}
