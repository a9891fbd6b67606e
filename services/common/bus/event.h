/* Events: what they are called, how they are stored, chained and read. An event is a
 * CloudEvents 1.0 record; its envelope is kept apart from its data, so that data can be erased and
 * the chain still proves the rest: digest = SHA-256(salt ‖ data), hash = SHA-256(previous hash ‖
 * envelope ‖ digest). (Architecture: "Events".) */
#ifndef NIVA_COMMON_BUS_EVENT_H
#define NIVA_COMMON_BUS_EVENT_H

#include <protobuf-c/protobuf-c.h>

#include "services/common/base/arena.h"
#include "services/common/base/day.h"
#include "services/common/pg/pg.h"
#include "services/common/wire/event_types.h"

/* An event as a consumer gets it. */
struct niva_event {
    const char *stream;
    int64_t position;
    const char *id;
    const char *type;
    const char *subject; /* "" for none */
    niva_instant time;
    const char *actor;
    const char *causation_id;     /* "" for none */
    const char *traceparent;      /* "" for none */
    const ProtobufCMessage *data; /* NULL once erased */
};

/* A CloudEvent as niva_event; INVALID_ARGUMENT when an attribute is missing or the data's type is
 * none of an event. */
struct Io__Cloudevents__V1__CloudEvent;
bool niva_event_read(const struct Io__Cloudevents__V1__CloudEvent *cloud_event,
                     struct niva_arena *arena, struct niva_event *ret_event,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* Reads events of the own stream as CloudEvents: after a position, of `types` (none: all of
 * `table`), internal ones only when `internal`, about `unit` (""/NULL: any), at most `limit` and 1
 * MiB. `ret_next` is where to continue. */
bool niva_events_select(struct niva_pg *pg, const struct niva_event_type *table, size_t table_count,
                        bool internal, int64_t after, int32_t limit, char *const *types,
                        size_t type_count, const char *unit, struct niva_arena *arena,
                        size_t *ret_count, struct Io__Cloudevents__V1__CloudEvent ***ret_events,
                        int64_t *ret_head, int64_t *ret_next,
                        struct niva_error *err) NIVA_MUST_CHECK;

#endif
