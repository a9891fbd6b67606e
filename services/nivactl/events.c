#include <string.h>

#include "niva/events/v1/events.pb-c.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/units.h"
#include "services/nivactl/wait.h"

typedef Niva__Events__V1__ReadEventsRequest ReadEventsRequest;
typedef Niva__Events__V1__ReadEventsResponse ReadEventsResponse;

enum { LIMIT = 1000, FOLLOW_MS = 200, ARENA_BYTES = 64 << 20 };

static bool events_print(const struct session *session, const ReadEventsResponse *reply,
                         struct niva_error *err)
{
    struct niva_text text = {0};
    bool printed = true;

    for (size_t i = 0; printed && i < reply->n_events; i++) {
        printed = niva_json_print(&reply->events[i]->base, 0, &text, err);
        niva_text_puts(&text, "\n");
    }
    if (printed && (text.failed || (text.length > 0 &&
                                    fwrite(text.data, 1, text.length, session->out) < text.length)))
        printed = niva_fail(err, NIVA_INTERNAL, "Händelserna kunde inte skrivas ut.",
                            "The events could not be written.");
    niva_text_free(&text);
    fflush(session->out);
    return printed;
}

/* Prints what there is, until --limit; at the head it ends, or looks again after a while. */
static bool events_tail(struct session *session, enum service service, ReadEventsRequest *request,
                        struct niva_arena *arena, struct niva_error *err)
{
    static const struct call plain = {.recorded_at = INT64_MIN};
    int64_t limit = session->options.limit;
    int64_t left = limit;
    struct method method;
    ProtobufCMessage *message;
    ReadEventsResponse *reply;

    if (!method_find("niva.events.v1.EventService/ReadEvents", &method))
        return niva_fail_internal(err, "no ReadEvents");
    for (;;) {
        niva_arena_reset(arena);
        request->limit = limit > 0 && left < LIMIT ? (int32_t)left : LIMIT;
        if (!session_call(session, service, &method, &request->base, &plain, arena, &message, err))
            return false;
        reply = (ReadEventsResponse *)message;
        if (!events_print(session, reply, err))
            return false;
        left -= (int64_t)reply->n_events;
        if (limit > 0 && left <= 0)
            return true;
        if (reply->next_position > request->after_position)
            request->after_position = reply->next_position;
        else if (!session->options.follow)
            return true;
        else
            rest_ms(FOLLOW_MS);
    }
}

int command_events(struct session *session, size_t count, const char *const *arguments)
{
    ReadEventsRequest request = NIVA__EVENTS__V1__READ_EVENTS_REQUEST__INIT;
    struct niva_arena *arena;
    struct niva_error err;
    enum service service;
    const char *unit;
    bool done;

    (void)count;
    niva_error_clear(&err);
    if (strcmp(arguments[0], "tail") != 0 || !service_find(arguments[1], &service))
        return session_refuse(session,
                              "Användning: nivactl events tail intake, compliance eller "
                              "compensation",
                              "Usage: nivactl events tail intake, compliance or compensation");
    if (!unit_find(session, session->options.unit, &unit, &err))
        return session_fail(session, &err);
    request.stream = (char *)(uintptr_t)arguments[1];
    request.after_position = session->options.after;
    request.unit = (char *)(uintptr_t)unit;
    arena = niva_arena_new(ARENA_BYTES);
    done = arena != NULL ? events_tail(session, service, &request, arena, &err)
                         : niva_fail_internal(&err, "out of memory");
    niva_arena_free(arena);
    return done ? EXIT_YES : session_fail(session, &err);
}
