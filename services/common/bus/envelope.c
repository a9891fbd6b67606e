#include "services/common/bus/envelope.h"

#include <inttypes.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "io/cloudevents/v1/cloudevents.pb-c.h"

typedef Io__Cloudevents__V1__CloudEvent__AttributesEntry entry_message;
typedef Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue value_message;

enum { ATTRIBUTES_MAX = 9 };

/* The attributes of one envelope under construction. */
struct attributes {
    struct niva_arena *arena;
    entry_message *entries[ATTRIBUTES_MAX];
    size_t count;
    bool failed;
};

/* Adds an attribute; the caller sets its value. NULL when memory is out. */
static value_message *attribute_add(struct attributes *attributes, const char *key)
{
    entry_message *entry = niva_wire_new(
        &io__cloudevents__v1__cloud_event__attributes_entry__descriptor, attributes->arena);
    value_message *value =
        niva_wire_new(&io__cloudevents__v1__cloud_event__cloud_event_attribute_value__descriptor,
                      attributes->arena);

    if (entry == NULL || value == NULL) {
        attributes->failed = true;
        return NULL;
    }
    entry->key = (char *)key;
    entry->value = value;
    attributes->entries[attributes->count++] = entry;
    return value;
}

static void text_add(struct attributes *attributes, const char *key, const char *text)
{
    value_message *value = *text == '\0' ? NULL : attribute_add(attributes, key);

    if (value == NULL)
        return;
    value->attr_case =
        IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING;
    value->ce_string = (char *)text;
}

static void schema_add(struct attributes *attributes, const char *data_type)
{
    value_message *value = attribute_add(attributes, "dataschema");

    if (value == NULL)
        return;
    value->attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_URI;
    value->ce_uri = niva_arena_printf(attributes->arena, "type.googleapis.com/%s", data_type);
    attributes->failed |= value->ce_uri == NULL;
}

/* A CloudEvents integer has 32 bits; a position is a decimal string. */
static void position_add(struct attributes *attributes, int64_t position)
{
    char *text = niva_arena_printf(attributes->arena, "%" PRId64, position);

    if (text == NULL)
        attributes->failed = true;
    else
        text_add(attributes, "position", text);
}

static void time_add(struct attributes *attributes, niva_instant time)
{
    value_message *value = attribute_add(attributes, "time");

    if (value == NULL)
        return;
    value->attr_case =
        IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP;
    value->ce_timestamp = niva_wire_timestamp(time, attributes->arena);
    attributes->failed |= value->ce_timestamp == NULL;
}

bool envelope_pack(const struct envelope *envelope, struct niva_arena *arena,
                   ProtobufCBinaryData *ret_bytes, struct niva_error *err)
{
    Io__Cloudevents__V1__CloudEvent event = IO__CLOUDEVENTS__V1__CLOUD_EVENT__INIT;
    struct attributes attributes = {.arena = arena};
    char id[37];

    niva_uuid_format(envelope->id, id);
    text_add(&attributes, "actor", envelope->actor);
    text_add(&attributes, "causationid", envelope->causation_id);
    schema_add(&attributes, envelope->data_type);
    text_add(&attributes, "partitionkey",
             *envelope->subject == '\0' ? envelope->stream : envelope->subject);
    position_add(&attributes, envelope->position);
    text_add(&attributes, "stream", envelope->stream);
    text_add(&attributes, "subject", envelope->subject);
    time_add(&attributes, envelope->time);
    text_add(&attributes, "traceparent", envelope->traceparent);
    if (attributes.failed)
        return niva_fail_internal(err, "no memory for an event");
    event.id = id;
    event.source = (char *)envelope->source;
    event.spec_version = (char *)"1.0";
    event.type = (char *)envelope->type;
    event.n_attributes = attributes.count;
    event.attributes = attributes.entries;
    return niva_wire_pack(&event.base, arena, ret_bytes, err);
}
