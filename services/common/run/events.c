/* EventService: the own stream, as it may be seen by who asks. */
#include <string.h>

#include "niva/events/v1/events.pb-c.h"
#include "services/common/run/frame.h"
#include "services/common/wire/check.h"

enum { LIMIT_PRESET = 100, LIMIT_MAX = 1000 };

static const struct niva_event_type *type_find(const struct niva_service *service, const char *name)
{
    for (size_t i = 0; i < service->type_count; i++)
        if (strcmp(service->types[i].name, name) == 0)
            return &service->types[i];
    return NULL;
}

/* Asking for what is never given would be answered by silence for ever. */
static void types_check(struct niva_check *check, const struct niva_service *service, bool internal,
                        const Niva__Events__V1__ReadEventsRequest *request)
{
    for (size_t i = 0; i < request->n_types; i++) {
        const struct niva_event_type *type = type_find(service, request->types[i]);
        size_t mark;

        if (type != NULL && (internal || !type->internal))
            continue;
        mark = niva_check_enter(check, "types", (long)i);
        check->path[strlen(check->path) - 1] = '\0'; /* the element itself */
        niva_check_fail(check, "", "TYPE_UNKNOWN",
                        "Strömmen har ingen sådan händelsetyp för den som frågar.",
                        "The stream has no such type of event for who asks.");
        niva_check_leave(check, mark);
    }
}

static bool request_check(const struct niva_service *service, bool internal,
                          const Niva__Events__V1__ReadEventsRequest *request,
                          struct niva_error *err)
{
    struct niva_check check;

    if (strcmp(request->stream, service->name) != 0)
        return niva_fail(err, NIVA_NOT_FOUND, "Tjänsten har ingen ström med det namnet.",
                         "The service has no stream of that name.");
    niva_check_begin(&check, err);
    niva_check_range(&check, "after_position", request->after_position, 0, INT64_MAX);
    niva_check_range(&check, "limit", request->limit, 0, LIMIT_MAX);
    if (request->unit[0] != '\0')
        niva_check_hsa_id(&check, "unit", request->unit);
    types_check(&check, service, internal, request);
    return niva_check_end(&check);
}

bool events_read(struct frame *frame, struct niva_rpc_call *call, const struct route *route,
                 struct niva_read *read, const struct niva_applied *applied,
                 ProtobufCMessage *reply, struct niva_error *err)
{
    const struct niva_service *service = frame->service;
    const Niva__Events__V1__ReadEventsRequest *request = (const void *)niva_rpc_call_request(call);
    Niva__Events__V1__ReadEventsResponse *response = (void *)reply;
    bool internal = niva_rpc_call_peer(call);
    int32_t limit = request->limit == 0 ? LIMIT_PRESET : request->limit;

    (void)route;
    (void)applied;
    return request_check(service, internal, request, err) &&
           niva_events_select(read->pg, service->types, service->type_count, internal,
                              request->after_position, limit, request->types, request->n_types,
                              request->unit, read->arena, &response->n_events, &response->events,
                              &response->head_position, &response->next_position, err);
}

bool events_list_streams(struct frame *frame, struct niva_rpc_call *call, const struct route *route,
                         struct niva_read *read, const struct niva_applied *applied,
                         ProtobufCMessage *reply, struct niva_error *err)
{
    Niva__Events__V1__ListStreamsResponse *response = (void *)reply;
    Niva__Events__V1__ListStreamsResponse__Stream *stream =
        niva_wire_new(&niva__events__v1__list_streams_response__stream__descriptor, read->arena);
    Niva__Events__V1__ListStreamsResponse__Stream **streams =
        niva_arena_array(read->arena, 1, sizeof(stream));

    (void)call;
    (void)route;
    if (stream == NULL || streams == NULL)
        return niva_fail_internal(err, "out of memory for a reply");
    stream->stream = (char *)frame->service->name;
    stream->head_position = applied->head;
    streams[0] = stream;
    response->n_streams = 1;
    response->streams = streams;
    return true;
}
