#include "services/common/bus/event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/any.pb-c.h"
#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "services/common/wire/wire.h"

typedef Io__Cloudevents__V1__CloudEvent cloud_event;
typedef Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue value_message;

enum {
    ANSWER_BYTES = 1000000, /* with what packing adds, an answer stays below 1 MiB */
};

/* The first event is given whatever its size, or a reader would stand still before a large one.
 * `total` tells whether the page was cut by size. */
static const struct niva_statement events_page = {
    "events_page",
    "SELECT position, envelope, data, total FROM ("
    " SELECT *, sum(octet_length(envelope) + coalesce(octet_length(data), 0) + 48)"
    "  OVER (ORDER BY position)::bigint AS size,"
    "  row_number() OVER (ORDER BY position) AS number, count(*) OVER () AS total"
    " FROM (SELECT * FROM event WHERE position > $1"
    "  AND (cardinality($2::text[]) = 0 OR type = ANY ($2)) AND ($3 = '' OR subject = $3)"
    "  ORDER BY position LIMIT $4) wanted) sized"
    " WHERE size <= $5 OR number = 1 ORDER BY position"};
static const struct niva_statement events_head = {"events_head",
                                                  "SELECT position FROM stream_head"};

/* ---- reading a CloudEvent ---- */

static const value_message *attribute(const cloud_event *event, const char *key)
{
    for (size_t i = 0; i < event->n_attributes; i++)
        if (strcmp(event->attributes[i]->key, key) == 0)
            return event->attributes[i]->value;
    return NULL;
}

/* A string or URI attribute; "" when it is missing. */
static const char *attribute_text(const cloud_event *event, const char *key)
{
    const value_message *value = attribute(event, key);

    if (value == NULL)
        return "";
    switch (value->attr_case) {
    case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING:
        return value->ce_string;
    case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_URI:
        return value->ce_uri;
    default:
        return "";
    }
}

static bool attribute_time(const cloud_event *event, niva_instant *ret_time)
{
    const value_message *value = attribute(event, "time");

    return value != NULL &&
           value->attr_case ==
               IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP &&
           niva_wire_instant(value->ce_timestamp, ret_time);
}

/* Exactly what "%d" would write of a positive number. */
static bool position_parse(const char *text, int64_t *ret_position)
{
    char *end;
    int64_t position;

    if (*text < '1' || *text > '9')
        return false;
    errno = 0;
    position = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *ret_position = position;
    return true;
}

static bool fail_attribute(struct niva_error *err, const char *name)
{
    niva_error_clear(err);
    return niva_fail_violation(err, NIVA_INVALID_ARGUMENT, name, "EVENT_ATTRIBUTE",
                               "Händelsen saknar ett giltigt värde för attributet.",
                               "The event has no valid value for the attribute.");
}

static bool data_read(const cloud_event *event, struct niva_arena *arena,
                      const ProtobufCMessage **ret_data, struct niva_error *err)
{
    const ProtobufCMessageDescriptor *type;
    const Google__Protobuf__Any *any = event->proto_data;
    ProtobufCMessage *data;

    if (event->data_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA__NOT_SET) {
        *ret_data = NULL;
        return true;
    }
    if (event->data_case != IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA || any == NULL)
        return fail_attribute(err, "data");
    type = niva_wire_type(any->type_url);
    if (type == NULL)
        return fail_attribute(err, "dataschema");
    if (!niva_wire_unpack(type, any->value.data, any->value.len, false, arena, &data, err))
        return false;
    *ret_data = data;
    return true;
}

bool niva_event_read(const cloud_event *event, struct niva_arena *arena,
                     struct niva_event *ret_event, struct niva_error *err)
{
    struct niva_event read = {
        .stream = attribute_text(event, "stream"),
        .id = event->id,
        .type = event->type,
        .subject = attribute_text(event, "subject"),
        .actor = attribute_text(event, "actor"),
        .causation_id = attribute_text(event, "causationid"),
        .traceparent = attribute_text(event, "traceparent"),
    };
    struct niva_uuid id;

    if (!niva_uuid_parse(read.id, &id))
        return fail_attribute(err, "id");
    if (strcmp(event->spec_version, "1.0") != 0)
        return fail_attribute(err, "specversion");
    if (*read.type == '\0')
        return fail_attribute(err, "type");
    if (*read.stream == '\0')
        return fail_attribute(err, "stream");
    if (*read.actor == '\0')
        return fail_attribute(err, "actor");
    if (!position_parse(attribute_text(event, "position"), &read.position))
        return fail_attribute(err, "position");
    if (!attribute_time(event, &read.time))
        return fail_attribute(err, "time");
    if (!data_read(event, arena, &read.data, err))
        return false;
    *ret_event = read;
    return true;
}

/* ---- reading the stream ---- */

static bool named(char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The types that may be given; the column stays empty when that is all there are, also those of an
 * older program. False when none may. */
static bool types_fill(struct niva_column *column, const struct niva_event_type *table,
                       size_t table_count, bool internal, char *const *types, size_t type_count)
{
    bool any = false;

    if (internal && type_count == 0)
        return true;
    for (size_t i = 0; i < table_count; i++) {
        if ((table[i].internal && !internal) ||
            (type_count > 0 && !named(types, type_count, table[i].name)))
            continue;
        niva_column_text(column, table[i].name);
        any = true;
    }
    return any;
}

static void page_fill(struct niva_query *query, struct niva_column *types, int64_t after,
                      const char *unit, int64_t limit)
{
    niva_param_int64(&query->params, after);
    niva_param_column(&query->params, types);
    niva_param_text(&query->params, unit == NULL ? "" : unit);
    niva_param_int64(&query->params, limit);
    niva_param_int64(&query->params, ANSWER_BYTES);
}

/* The CloudEvent of a row of events_page: the envelope as it was hashed, and the data beside it. */
static bool row_unpack(const struct niva_query *page, int row, struct niva_arena *arena,
                       cloud_event **ret_event, struct niva_error *err)
{
    Google__Protobuf__Any *any;
    ProtobufCMessage *message;
    cloud_event *event;
    size_t size;
    const uint8_t *bytes = niva_row_bytes(page, row, 1, &size);

    if (!niva_wire_unpack(&io__cloudevents__v1__cloud_event__descriptor, bytes, size, false, arena,
                          &message, err))
        return niva_fail_internal(err, "event %" PRId64 " has a broken envelope",
                                  niva_row_int64(page, row, 0));
    event = (cloud_event *)message;
    bytes = niva_row_bytes(page, row, 2, &size);
    if (bytes != NULL) {
        any = niva_wire_new(&google__protobuf__any__descriptor, arena);
        if (any == NULL)
            return niva_fail_internal(err, "no memory for events");
        any->type_url = (char *)attribute_text(event, "dataschema");
        any->value.data = (uint8_t *)niva_arena_copy(arena, bytes, size);
        any->value.len = size;
        if (any->value.data == NULL)
            return niva_fail_internal(err, "no memory for events");
        event->data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA;
        event->proto_data = any;
    }
    *ret_event = event;
    return true;
}

static bool rows_unpack(const struct niva_query *page, struct niva_arena *arena,
                        cloud_event ***ret_events, struct niva_error *err)
{
    int rows = niva_rows(page);
    cloud_event **events = niva_arena_array(arena, (size_t)rows, sizeof *events);

    if (events == NULL)
        return niva_fail_internal(err, "no memory for events");
    for (int row = 0; row < rows; row++)
        if (!row_unpack(page, row, arena, &events[row], err))
            return false;
    *ret_events = events;
    return true;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

bool niva_events_select(struct niva_pg *pg, const struct niva_event_type *table, size_t table_count,
                        bool internal, int64_t after, int32_t limit, char *const *types,
                        size_t type_count, const char *unit, struct niva_arena *arena,
                        size_t *ret_count, cloud_event ***ret_events, int64_t *ret_head,
                        int64_t *ret_next, struct niva_error *err)
{
    struct niva_query queries[] = {{.statement = &events_head},
                                   {.statement = &events_page, .params.arena = arena}};
    struct niva_column *column = niva_column_new(NIVA_COLUMN_TEXT, arena);
    bool any = types_fill(column, table, table_count, internal, types, type_count);
    int64_t last = 0;
    int rows = 0;
    bool cut = false;
    bool good;

    page_fill(&queries[1], column, after, unit, limit);
    good = niva_pg_run(pg, queries, any ? 2 : 1, err);
    if (good && any) {
        rows = niva_rows(&queries[1]);
        good = rows_unpack(&queries[1], arena, ret_events, err);
    }
    if (good && rows > 0) {
        int64_t total = niva_row_int64(&queries[1], 0, 3);

        last = niva_row_int64(&queries[1], rows - 1, 0);
        cut = rows < total || total == limit;
    }
    if (good) {
        int64_t head = greater(niva_row_int64(&queries[0], 0, 0), last);

        *ret_count = (size_t)rows;
        *ret_head = head;
        *ret_next = cut ? last : greater(head, after);
    }
    niva_queries_clear(queries, 2);
    return good;
}
