#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "services/common/wire/json.h"

enum { FIELDS_MAX = 128 };

struct parser {
    struct niva_arena *arena;
    struct niva_error *err;
    struct wire_path path;
    unsigned messages; /* nested */
};

static bool message_parse(struct parser *parser, const ProtobufCMessageDescriptor *type,
                          const json_t *json, ProtobufCMessage **ret_message);

static bool refuse(struct parser *parser, enum wire_reason reason)
{
    return wire_refuse(parser->err, &parser->path, reason);
}

/* ---- scalars ---- */

static bool number_of(struct parser *parser, const json_t *json, struct wire_number *ret)
{
    int64_t value;

    if (json_is_string(json)) {
        switch (wire_number_read(json_string_value(json), json_string_length(json), ret)) {
        case WIRE_NUMBER_OK:
            return true;
        case WIRE_NUMBER_BROKEN:
            return refuse(parser, WIRE_NUMBER_FRACTION);
        case WIRE_NUMBER_WIDE:
            return refuse(parser, WIRE_NUMBER_OUT_OF_RANGE);
        case WIRE_NUMBER_NONE:
            return refuse(parser, WIRE_TYPE_WRONG);
        }
    }
    if (json_is_integer(json))
        value = json_integer_value(json);
    else if (json_is_real(json))
        value = (int64_t)json_real_value(json); /* exact: the scan lets no other through */
    else
        return refuse(parser, WIRE_TYPE_WRONG);
    *ret = (struct wire_number){value < 0, value < 0 ? -(uint64_t)value : (uint64_t)value};
    return true;
}

/* An integer whose magnitude is at most `below` under zero and at most `above` over it. */
static bool integer_parse(struct parser *parser, const json_t *json, uint64_t below, uint64_t above,
                          uint64_t *ret_value)
{
    struct wire_number number;

    if (!number_of(parser, json, &number))
        return false;
    if (number.magnitude > (number.negative ? below : above))
        return refuse(parser, WIRE_NUMBER_OUT_OF_RANGE);
    *ret_value = number.negative ? -number.magnitude : number.magnitude;
    return true;
}

static bool int32_parse(struct parser *parser, const json_t *json, void *place)
{
    uint64_t value;

    if (!integer_parse(parser, json, UINT64_C(1) << 31, INT32_MAX, &value))
        return false;
    *(int32_t *)place = (int32_t)(int64_t)value;
    return true;
}

static bool uint32_parse(struct parser *parser, const json_t *json, void *place)
{
    uint64_t value;

    if (!integer_parse(parser, json, 0, UINT32_MAX, &value))
        return false;
    *(uint32_t *)place = (uint32_t)value;
    return true;
}

static bool int64_parse(struct parser *parser, const json_t *json, void *place)
{
    uint64_t value;

    if (!integer_parse(parser, json, UINT64_C(1) << 63, INT64_MAX, &value))
        return false;
    *(int64_t *)place = (int64_t)value;
    return true;
}

static bool bool_parse(struct parser *parser, const json_t *json, void *place)
{
    if (!json_is_boolean(json))
        return refuse(parser, WIRE_TYPE_WRONG);
    *(protobuf_c_boolean *)place = json_is_true(json);
    return true;
}

static bool enum_parse(struct parser *parser, const ProtobufCEnumDescriptor *type,
                       const json_t *json, void *place)
{
    const ProtobufCEnumValue *value;
    int number;

    if (json_is_string(json)) {
        value = protobuf_c_enum_descriptor_get_value_by_name(type, json_string_value(json));
    } else {
        if (!int32_parse(parser, json, &number))
            return false;
        value = protobuf_c_enum_descriptor_get_value(type, number);
    }
    if (value == NULL)
        return refuse(parser, WIRE_ENUM_UNKNOWN);
    *(int *)place = value->value;
    return true;
}

static bool string_parse(struct parser *parser, const json_t *json, void *place)
{
    char *copy;

    if (!json_is_string(json))
        return refuse(parser, WIRE_TYPE_WRONG);
    copy = niva_arena_copy(parser->arena, json_string_value(json), json_string_length(json));
    if (copy == NULL)
        return wire_refuse_size(parser->err);
    *(char **)place = copy;
    return true;
}

static bool bytes_parse(struct parser *parser, const json_t *json, void *place)
{
    ProtobufCBinaryData bytes;
    size_t size;

    if (!json_is_string(json))
        return refuse(parser, WIRE_TYPE_WRONG);
    size = json_string_length(json);
    bytes.data = niva_arena_alloc(parser->arena, wire_base64_room(size));
    if (bytes.data == NULL)
        return wire_refuse_size(parser->err);
    if (!wire_base64_parse(json_string_value(json), size, bytes.data, &bytes.len))
        return refuse(parser, WIRE_BASE64_MALFORMED);
    *(ProtobufCBinaryData *)place = bytes;
    return true;
}

/* ---- fields ---- */

static bool value_parse(struct parser *parser, const ProtobufCFieldDescriptor *field,
                        const json_t *json, void *place)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return int32_parse(parser, json, place);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return uint32_parse(parser, json, place);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return int64_parse(parser, json, place);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return integer_parse(parser, json, 0, UINT64_MAX, place);
    case PROTOBUF_C_TYPE_BOOL:
        return bool_parse(parser, json, place);
    case PROTOBUF_C_TYPE_ENUM:
        return enum_parse(parser, field->descriptor, json, place);
    case PROTOBUF_C_TYPE_STRING:
        return string_parse(parser, json, place);
    case PROTOBUF_C_TYPE_BYTES:
        return bytes_parse(parser, json, place);
    case PROTOBUF_C_TYPE_MESSAGE:
        return message_parse(parser, field->descriptor, json, place);
    default:
        return niva_fail_internal(parser->err, "field %s is floating point", field->name);
    }
}

static bool list_parse(struct parser *parser, const ProtobufCFieldDescriptor *field,
                       const json_t *json, ProtobufCMessage *message)
{
    size_t count = json_array_size(json);
    size_t size = wire_element_size(field->type);
    char *elements;

    if (!json_is_array(json))
        return refuse(parser, WIRE_TYPE_WRONG);
    if (count == 0)
        return true;
    elements = niva_arena_array(parser->arena, count, size);
    if (elements == NULL)
        return wire_refuse_size(parser->err);
    for (size_t i = 0; i < count; i++) {
        size_t mark = wire_path_index(&parser->path, (long)i);

        if (!value_parse(parser, field, json_array_get(json, i), elements + i * size))
            return false;
        wire_path_cut(&parser->path, mark);
    }
    *(size_t *)(void *)((char *)message + field->quantifier_offset) = count;
    *(char **)(void *)((char *)message + field->offset) = elements;
    return true;
}

/* A message under way and which of its fields were given. */
struct target {
    ProtobufCMessage *message;
    uint64_t seen[FIELDS_MAX / 64];
};

static bool oneof_take(struct target *target, const ProtobufCFieldDescriptor *field)
{
    uint32_t *chosen = (void *)((char *)target->message + field->quantifier_offset);

    if (*chosen != 0)
        return false;
    *chosen = field->id;
    return true;
}

static bool field_parse(struct parser *parser, struct target *target,
                        const ProtobufCFieldDescriptor *field, const json_t *json)
{
    size_t index = (size_t)(field - target->message->descriptor->fields);
    uint64_t bit = UINT64_C(1) << (index % 64);

    if ((target->seen[index / 64] & bit) != 0)
        return refuse(parser, WIRE_FIELD_REPEATED);
    target->seen[index / 64] |= bit;
    if (json_is_null(json))
        return true;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return list_parse(parser, field, json, target->message);
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && !oneof_take(target, field))
        return refuse(parser, WIRE_FIELD_REPEATED);
    return value_parse(parser, field, json, (char *)target->message + field->offset);
}

/* Whether a key is the lowerCamelCase of a proto name. */
static bool is_camel_of(const char *key, const char *name)
{
    char camel[WIRE_PATH_MAX];

    wire_camel(name, camel, sizeof camel);
    return strcmp(key, camel) == 0;
}

static const ProtobufCFieldDescriptor *field_find(const ProtobufCMessageDescriptor *type,
                                                  const char *key)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(type, key);

    for (unsigned i = 0; field == NULL && i < type->n_fields; i++)
        if (is_camel_of(key, type->fields[i].name))
            field = &type->fields[i];
    return field;
}

/* `skipped` is a key that belongs to the form and is no field; NULL for none. */
static bool fields_parse(struct parser *parser, const json_t *json, const char *skipped,
                         ProtobufCMessage *message)
{
    struct target target = {.message = message};
    json_t *object = (json_t *)(uintptr_t)json; /* iterating changes nothing */
    const char *key;
    json_t *value;

    if (message->descriptor->n_fields > FIELDS_MAX)
        return niva_fail_internal(parser->err, "%s has more than %d fields",
                                  message->descriptor->name, FIELDS_MAX);
    json_object_foreach(object, key, value)
    {
        const ProtobufCFieldDescriptor *field = field_find(message->descriptor, key);
        size_t mark;

        if (skipped != NULL && strcmp(key, skipped) == 0)
            continue;
        if (field == NULL) {
            wire_path_name(&parser->path, key, strlen(key));
            return refuse(parser, WIRE_FIELD_UNKNOWN);
        }
        mark = wire_path_field(&parser->path, field->name, -1);
        if (!field_parse(parser, &target, field, value))
            return false;
        wire_path_cut(&parser->path, mark);
    }
    return true;
}

/* ---- messages with a form of their own ---- */

static bool timestamp_parse(struct parser *parser, const json_t *json,
                            ProtobufCMessage **ret_message)
{
    Google__Protobuf__Timestamp *timestamp;
    niva_instant instant;

    if (!json_is_string(json) || !niva_instant_parse(json_string_value(json), &instant))
        return refuse(parser, WIRE_TIMESTAMP_MALFORMED);
    timestamp = niva_wire_timestamp(instant, parser->arena);
    if (timestamp == NULL)
        return wire_refuse_size(parser->err);
    *ret_message = &timestamp->base;
    return true;
}

static bool any_parse(struct parser *parser, const json_t *json, ProtobufCMessage **ret_message)
{
    const json_t *url = json_object_get(json, "@type");
    const ProtobufCMessageDescriptor *type;
    ProtobufCMessage *message;

    if (url == NULL && json_object_size(json) == 0) {
        *ret_message = niva_wire_new(&google__protobuf__any__descriptor, parser->arena);
        return *ret_message != NULL || wire_refuse_size(parser->err);
    }
    type = json_is_string(url) ? niva_wire_type(json_string_value(url)) : NULL;
    if (type == NULL) {
        wire_path_name(&parser->path, "@type", 5);
        return refuse(parser, WIRE_ANY_UNKNOWN);
    }
    message = niva_wire_new(type, parser->arena);
    if (message == NULL)
        return wire_refuse_size(parser->err);
    if (!fields_parse(parser, json, "@type", message))
        return false;
    *ret_message = (ProtobufCMessage *)niva_wire_any(message, parser->arena);
    return *ret_message != NULL || wire_refuse_size(parser->err);
}

static bool message_dispatch(struct parser *parser, const ProtobufCMessageDescriptor *type,
                             const json_t *json, ProtobufCMessage **ret_message)
{
    ProtobufCMessage *message;

    if (type == &google__protobuf__timestamp__descriptor)
        return timestamp_parse(parser, json, ret_message);
    if (!json_is_object(json))
        return refuse(parser, WIRE_TYPE_WRONG);
    if (type == &google__protobuf__any__descriptor)
        return any_parse(parser, json, ret_message);
    if (type == &io__cloudevents__v1__cloud_event__descriptor)
        return refuse(parser, WIRE_ANY_UNKNOWN); /* events are written, never taken, as JSON */
    message = niva_wire_new(type, parser->arena);
    if (message == NULL)
        return wire_refuse_size(parser->err);
    if (!fields_parse(parser, json, NULL, message))
        return false;
    *ret_message = message;
    return true;
}

static bool message_parse(struct parser *parser, const ProtobufCMessageDescriptor *type,
                          const json_t *json, ProtobufCMessage **ret_message)
{
    bool done;

    if (parser->messages > NIVA_WIRE_DEPTH_MAX)
        return refuse(parser, WIRE_TOO_DEEP);
    parser->messages++;
    done = message_dispatch(parser, type, json, ret_message);
    parser->messages--;
    return done;
}

/* ---- the text ---- */

/* The position is behind the token that was not expected, which may have closed an object. */
static bool refuse_syntax(const char *json, size_t offset, const json_error_t *fault,
                          struct niva_error *err)
{
    struct wire_path path = {0};
    char text_sv[128];
    char text_en[128];

    wire_json_path(json, offset > 0 ? offset - 1 : 0, &path);
    snprintf(text_sv, sizeof text_sv, "Texten är inte giltig JSON (rad %d, kolumn %d).",
             fault->line, fault->column);
    snprintf(text_en, sizeof text_en, "The text is not valid JSON (line %d, column %d).",
             fault->line, fault->column);
    return wire_refuse_text(err, &path, WIRE_JSON_MALFORMED, text_sv, text_en);
}

static bool refuse_fault(const char *json, size_t size, const json_error_t *fault,
                         struct niva_error *err)
{
    struct wire_path path = {0};
    size_t offset = fault->position < 0 ? 0 : (size_t)fault->position;

    if (offset > size)
        offset = size;
    wire_json_path(json, offset, &path);
    switch (json_error_code(fault)) {
    case json_error_duplicate_key:
        return wire_refuse(err, &path, WIRE_FIELD_REPEATED);
    case json_error_invalid_utf8:
        return wire_refuse(err, &path, WIRE_TEXT_NOT_UTF8);
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return wire_refuse(err, &path, WIRE_TEXT_HAS_NUL);
    case json_error_numeric_overflow:
        return wire_refuse(err, &path, WIRE_NUMBER_OUT_OF_RANGE);
    case json_error_stack_overflow:
        return wire_refuse(err, &path, WIRE_TOO_DEEP);
    case json_error_out_of_memory:
        return wire_refuse_size(err);
    default:
        return refuse_syntax(json, offset, fault, err);
    }
}

bool niva_json_parse(const ProtobufCMessageDescriptor *type, const char *json, size_t size,
                     struct niva_arena *arena, ProtobufCMessage **ret_message,
                     struct niva_error *err)
{
    struct parser parser = {.arena = arena, .err = err};
    ProtobufCMessage *message = NULL;
    json_error_t fault;
    json_t *tree;
    bool done;

    if (!wire_json_scan(json, size, err))
        return false;
    tree = json_loadb(json, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);
    if (tree == NULL)
        return refuse_fault(json, size, &fault, err);
    done = message_parse(&parser, type, tree, &message);
    json_decref(tree);
    if (done)
        *ret_message = message;
    return done;
}
