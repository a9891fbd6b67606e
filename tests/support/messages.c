#include "messages.h"

#include <string.h>

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/component.pb-c.h"
#include "niva/compliance/v1/call.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/dispensation.pb-c.h"
#include "niva/compliance/v1/requirement.pb-c.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "niva/events/v1/events.pb-c.h"
#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "niva/intake/v1/retention.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"
#include "niva/model/v1/vector.pb-c.h"
#include "niva/rpc/v1/envelope.pb-c.h"
#include "services/common/wire/event_types.h"

static const ProtobufCServiceDescriptor *const services[] = {
    &niva__intake__v1__unit_service__descriptor,
    &niva__intake__v1__report_service__descriptor,
    &niva__intake__v1__absence_service__descriptor,
    &niva__intake__v1__retention_service__descriptor,
    &niva__compliance__v1__rule_service__descriptor,
    &niva__compliance__v1__requirement_service__descriptor,
    &niva__compliance__v1__dispensation_service__descriptor,
    &niva__compliance__v1__finding_service__descriptor,
    &niva__compliance__v1__compliance_service__descriptor,
    &niva__compensation__v1__component_service__descriptor,
    &niva__compensation__v1__adjustment_service__descriptor,
    &niva__events__v1__event_service__descriptor,
    &niva__control__v1__control_service__descriptor,
};

static const ProtobufCMessageDescriptor *const others[] = {
    &niva__model__v1__vector__descriptor,
    &niva__rpc__v1__request__descriptor,
    &niva__rpc__v1__reply__descriptor,
    &google__rpc__bad_request__descriptor,
    &google__rpc__precondition_failure__descriptor,
    &google__rpc__retry_info__descriptor,
    &io__cloudevents__v1__cloud_event__descriptor,
    &niva__sample__sample__descriptor,
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

size_t message_types(const ProtobufCMessageDescriptor *ret_types[MESSAGE_TYPES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < COUNT(services); i++) {
        for (unsigned k = 0; k < services[i]->n_methods; k++) {
            ret_types[count++] = services[i]->methods[k].input;
            ret_types[count++] = services[i]->methods[k].output;
        }
    }
    for (size_t i = 0; niva_event_type_at(i, NULL) != NULL; i++)
        ret_types[count++] = niva_event_type_at(i, NULL)->data;
    for (size_t i = 0; i < COUNT(others); i++)
        ret_types[count++] = others[i];
    return count;
}

/* splitmix64 */
uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

size_t random_below(struct random *random, size_t below)
{
    return (size_t)(random_next(random) % below);
}

/* ---- values ---- */

struct maker {
    struct random *random;
    struct niva_arena *arena;
    bool events;
    int depth;
};

static ProtobufCMessage *message_make(struct maker *maker, const ProtobufCMessageDescriptor *type);

static char *text_make(struct maker *maker)
{
    static const char *const pieces[] = {
        "a",  "Z",  "0", " ",  "å",  "Ö",    "−",    "🏥",
        "\"", "\\", "/", "\n", "\t", "\x01", "\x7f", "\u2028",
    };
    char text[64] = "";

    for (size_t i = random_below(maker->random, 8); i > 0; i--)
        strcat(text, pieces[random_below(maker->random, COUNT(pieces))]);
    return niva_arena_strdup(maker->arena, text);
}

static bool bytes_make(struct maker *maker, ProtobufCBinaryData *place)
{
    place->len = random_below(maker->random, 9);
    place->data = niva_arena_alloc(maker->arena, place->len);
    for (size_t i = 0; place->data != NULL && i < place->len; i++)
        place->data[i] = (uint8_t)random_next(maker->random);
    return place->data != NULL;
}

/* Small, at an end, or of any length. */
static uint64_t bits_make(struct maker *maker)
{
    static const uint64_t ends[] = {
        0,
        1,
        UINT64_MAX,
        INT64_MAX,
        (uint64_t)INT64_MIN,
        UINT64_C(1) << 53,
        (UINT64_C(1) << 53) + 1,
        INT32_MAX,
        (uint64_t)INT32_MIN,
        UINT32_MAX,
        127,
        128,
    };

    if (random_below(maker->random, 2) == 0)
        return ends[random_below(maker->random, COUNT(ends))];
    return random_next(maker->random) >> random_below(maker->random, 64);
}

static bool value_make(struct maker *maker, const ProtobufCFieldDescriptor *field, void *place)
{
    const ProtobufCEnumDescriptor *values = field->descriptor;

    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return (*(char **)place = text_make(maker)) != NULL;
    case PROTOBUF_C_TYPE_BYTES:
        return bytes_make(maker, place);
    case PROTOBUF_C_TYPE_MESSAGE:
        return (*(ProtobufCMessage **)place = message_make(maker, field->descriptor)) != NULL;
    case PROTOBUF_C_TYPE_ENUM:
        *(int *)place = values->values[random_below(maker->random, values->n_values)].value;
        return true;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)place = (int)random_below(maker->random, 2);
        return true;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
        *(uint64_t *)place = bits_make(maker);
        return true;
    default:
        *(uint32_t *)place = (uint32_t)bits_make(maker);
        return true;
    }
}

static size_t size_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return sizeof(int64_t);
    default:
        return sizeof(int32_t);
    }
}

static bool list_make(struct maker *maker, const ProtobufCFieldDescriptor *field, size_t *ret_count,
                      char **ret_elements)
{
    size_t count = 1 + random_below(maker->random, 3);
    char *elements = niva_arena_array(maker->arena, count, size_of(field->type));

    if (elements == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!value_make(maker, field, elements + i * size_of(field->type)))
            return false;
    *ret_count = count;
    *ret_elements = elements;
    return true;
}

/* ---- messages ---- */

static ProtobufCMessage *any_make(struct maker *maker)
{
    size_t count = NIVA_INTAKE_EVENTS + NIVA_COMPLIANCE_EVENTS + NIVA_COMPENSATION_EVENTS;
    const struct niva_event_type *type =
        niva_event_type_at(random_below(maker->random, count), NULL);
    ProtobufCMessage *message = message_make(maker, type->data);

    return message == NULL ? NULL : (ProtobufCMessage *)niva_wire_any(message, maker->arena);
}

static ProtobufCMessage *timestamp_make(struct maker *maker)
{
    int64_t days =
        (int64_t)random_below(maker->random, (size_t)(NIVA_DAY_MAX - NIVA_DAY_MIN)) + NIVA_DAY_MIN;
    int64_t micros = (int64_t)random_below(maker->random, 86400) * 1000000;

    if (random_below(maker->random, 2) == 0)
        micros += (int64_t)random_below(maker->random, 1000000);
    return (ProtobufCMessage *)niva_wire_timestamp(days * 86400000000 + micros, maker->arena);
}

/* Names of attributes have a grammar that the rest of a map entry's key does not know. */
static bool attribute_names_set(struct maker *maker, Io__Cloudevents__V1__CloudEvent *event)
{
    for (size_t i = 0; i < event->n_attributes; i++) {
        event->attributes[i]->key = niva_arena_printf(maker->arena, "extension%zu", i);
        if (event->attributes[i]->key == NULL)
            return false;
    }
    return true;
}

static bool field_make(struct maker *maker, const ProtobufCFieldDescriptor *field,
                       ProtobufCMessage *message)
{
    void *quantifier = (char *)message + field->quantifier_offset;
    void *place = (char *)message + field->offset;

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return list_make(maker, field, quantifier, place);
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        if (*(uint32_t *)quantifier != 0)
            return true;
        *(uint32_t *)quantifier = field->id;
    }
    return value_make(maker, field, place);
}

static bool is_left_out(const struct maker *maker, const ProtobufCFieldDescriptor *field)
{
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return false;
    return maker->depth > 4 ||
           (!maker->events && field->descriptor == &io__cloudevents__v1__cloud_event__descriptor);
}

static ProtobufCMessage *message_make(struct maker *maker, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message;
    bool done = true;

    if (type == &google__protobuf__any__descriptor)
        return any_make(maker);
    if (type == &google__protobuf__timestamp__descriptor)
        return timestamp_make(maker);
    message = niva_wire_new(type, maker->arena);
    maker->depth++;
    for (unsigned i = 0; message != NULL && done && i < type->n_fields; i++)
        if (!is_left_out(maker, &type->fields[i]) && random_below(maker->random, 3) == 0)
            done = field_make(maker, &type->fields[i], message);
    maker->depth--;
    if (message != NULL && type == &io__cloudevents__v1__cloud_event__descriptor)
        done = done && attribute_names_set(maker, (void *)message);
    return done ? message : NULL;
}

ProtobufCMessage *message_random(struct random *random, const ProtobufCMessageDescriptor *type,
                                 bool with_events, struct niva_arena *arena)
{
    struct maker maker = {.random = random, .arena = arena, .events = with_events};

    return message_make(&maker, type);
}

size_t bytes_mutate(struct random *random, uint8_t *bytes, size_t size)
{
    for (size_t i = 1 + random_below(random, 4); i > 0; i--) {
        size_t at = random_below(random, size);
        size_t other = random_below(random, size);
        size_t from = at < other ? other : at;

        switch (random_below(random, 5)) {
        case 0:
            bytes[at] ^= (uint8_t)(1 << random_below(random, 8));
            break;
        case 1:
            bytes[at] = (uint8_t)random_next(random);
            break;
        case 2:
            memmove(bytes + at, bytes + other, size - from);
            break;
        case 3:
            bytes[at] = bytes[other];
            break;
        default:
            size -= random_below(random, 4) == 0 ? random_below(random, size) : 0;
            break;
        }
    }
    return size;
}
