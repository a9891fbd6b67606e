/* From a call to what answers it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "niva/events/v1/events.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/base/log.h"
#include "services/common/run/frame.h"
#include "services/common/wire/seal.h"

static bool read_own(struct frame *frame, struct niva_rpc_call *call, const struct route *route,
                     struct niva_read *read, const struct niva_applied *applied,
                     ProtobufCMessage *reply, struct niva_error *err)
{
    const ProtobufCMessage *request;

    (void)frame;
    (void)applied;
    return niva_seal_open(niva_rpc_call_request(call), read->arena, &request, err) &&
           route->own(read, request, reply, err) &&
           niva_seal_close(request, reply, read->arena, err);
}

static const struct route common[] = {
    {.name = "/niva.events.v1.EventService/ReadEvents", .read = events_read},
    {.name = "/niva.events.v1.EventService/ListStreams", .read = events_list_streams},
    {.name = METHOD_GET_STATUS,
     .read = control_status,
     .without_database = control_status_without_database},
    {.name = METHOD_MOVE_TODAY, .check = control_check_move},
    {.name = "/niva.control.v1.ControlService/Verify", .read = verify_read},
};

static bool route_find(const struct frame *frame, const char *name, struct route *ret_route)
{
    const struct niva_service *service = frame->service;

    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        if (strcmp(common[i].name, name) == 0) {
            *ret_route = common[i];
            return true;
        }
    }
    for (size_t i = 0; i < service->method_count; i++) {
        const struct niva_method *method = &service->methods[i];

        if (strcmp(method->name, name) != 0)
            continue;
        *ret_route = (struct route){.name = method->name,
                                    .check = method->check,
                                    .read = method->read == NULL ? NULL : read_own,
                                    .own = method->read};
        return true;
    }
    return false;
}

/* Downstream services read events and ask for the state; everything else is for people. */
static bool peer_may(const struct niva_rpc_call *call)
{
    return niva_rpc_call_service(call) == &niva__events__v1__event_service__descriptor ||
           strcmp(niva_rpc_call_name(call), METHOD_GET_STATUS) == 0;
}

void dispatch_call(struct niva_rpc_call *call, void *user)
{
    struct frame *frame = user;
    struct niva_error err;
    struct route route;

    if (niva_rpc_call_peer(call) && !peer_may(call)) {
        niva_fail(&err, NIVA_PERMISSION_DENIED, "Ingången för tjänster har inte den metoden.",
                  "The listener for services does not offer this method.");
        niva_rpc_fail(call, &err);
    } else if (!route_find(frame, niva_rpc_call_name(call), &route)) {
        niva_fail(&err, NIVA_UNIMPLEMENTED, "Tjänsten har inte den metoden.",
                  "The service does not have this method.");
        niva_rpc_fail(call, &err);
    } else if (route.read != NULL) {
        read_run(frame, call, &route);
    } else {
        command_run(frame, call, &route);
    }
}

/* What the service is to blame for is told to whoever operates it; the rest is for the curious. */
static enum niva_log_level level_of(const struct niva_error *err)
{
    if (err == NULL)
        return NIVA_LOG_DEBUG;
    switch (err->code) {
    case NIVA_INTERNAL:
        return NIVA_LOG_ERROR;
    case NIVA_UNAVAILABLE:
    case NIVA_ABORTED:
        return NIVA_LOG_WARNING;
    default:
        return NIVA_LOG_DEBUG;
    }
}

static const char *given(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

void dispatch_log(const struct niva_rpc_call *call, const struct niva_error *err, void *user)
{
    char took_ms[24];

    (void)user;
    snprintf(took_ms, sizeof took_ms, "%" PRId64,
             niva_clock_monotonic_ms() - niva_rpc_call_received_ms(call));
    niva_log(level_of(err), "call.answered", "method", given(niva_rpc_call_name(call)), "code",
             niva_code_name(err == NULL ? NIVA_OK : (int)err->code), "field",
             err == NULL || err->violation_count == 0 ? NULL : given(err->violations[0].field),
             "cause", err == NULL ? NULL : given(err->cause), "took_ms", took_ms, "traceparent",
             given(niva_rpc_call_traceparent(call)), NULL);
}
