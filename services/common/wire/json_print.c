#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "services/common/wire/json.h"

typedef Io__Cloudevents__V1__CloudEvent CloudEvent;
typedef Io__Cloudevents__V1__CloudEvent__AttributesEntry AttributesEntry;
typedef Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue AttributeValue;

enum { ATTRIBUTES_MAX = 64 };

#define PLAIN_MAX (INT64_C(1) << 53)

struct printer {
    struct niva_text *text;
    struct niva_error *err;
    unsigned flags;
    unsigned level;    /* of containers, for the indent */
    unsigned messages; /* nested, those inside an Any included */
    bool first;        /* nothing was written yet in the innermost container */
};

static bool message_print(struct printer *printer, const ProtobufCMessage *message);

/* ---- tokens ---- */

static void line_break(struct printer *printer)
{
    if ((printer->flags & NIVA_JSON_INDENT) == 0)
        return;
    niva_text_append(printer->text, "\n", 1);
    for (unsigned i = 0; i < printer->level; i++)
        niva_text_append(printer->text, "  ", 2);
}

static void container_begin(struct printer *printer, const char *bracket)
{
    niva_text_append(printer->text, bracket, 1);
    printer->level++;
    printer->first = true;
}

static void container_end(struct printer *printer, const char *bracket)
{
    printer->level--;
    if (!printer->first)
        line_break(printer);
    niva_text_append(printer->text, bracket, 1);
    printer->first = false;
}

/* What stands before each member of a list or an object. */
static void member_begin(struct printer *printer)
{
    if (!printer->first)
        niva_text_append(printer->text, ",", 1);
    printer->first = false;
    line_break(printer);
}

static void key_print(struct printer *printer, const char *key)
{
    member_begin(printer);
    niva_text_append(printer->text, "\"", 1);
    niva_text_puts(printer->text, key);
    niva_text_puts(printer->text, (printer->flags & NIVA_JSON_INDENT) != 0 ? "\": " : "\":");
}

/* Bytes from `at` that need no escape. */
static size_t plain_span(const char *at)
{
    size_t length = 0;

    while ((unsigned char)at[length] >= ' ' && at[length] != '"' && at[length] != '\\')
        length++;
    return length;
}

static bool string_print(struct printer *printer, const char *string)
{
    static const char letters[] = "btnufr"; /* of \b … \r; \v has none */

    if (string == NULL)
        string = "";
    if (!niva_utf8_valid(string, strlen(string)))
        return niva_fail_internal(printer->err, "a string to print is not UTF-8");
    niva_text_append(printer->text, "\"", 1);
    for (;;) {
        size_t plain = plain_span(string);

        niva_text_append(printer->text, string, plain);
        string += plain;
        if (*string == '\0')
            break;
        if (*string == '"' || *string == '\\')
            niva_text_printf(printer->text, "\\%c", *string);
        else if (*string >= '\b' && *string <= '\r' && *string != '\v')
            niva_text_printf(printer->text, "\\%c", letters[*string - '\b']);
        else
            niva_text_printf(printer->text, "\\u%04x", *string);
        string++;
    }
    niva_text_append(printer->text, "\"", 1);
    return true;
}

static void bytes_print(struct printer *printer, const ProtobufCBinaryData *bytes)
{
    niva_text_append(printer->text, "\"", 1);
    wire_base64_print(bytes->data, bytes->len, printer->text);
    niva_text_append(printer->text, "\"", 1);
}

/* 64-bit numbers are strings, for readers that know doubles alone; people get plain ones. */
static void wide_print(struct printer *printer, bool plain, const char *digits)
{
    const char *quote = plain && (printer->flags & NIVA_JSON_PROTO_NAMES) != 0 ? "" : "\"";

    niva_text_printf(printer->text, "%s%s%s", quote, digits, quote);
}

static void int64_print(struct printer *printer, int64_t value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRId64, value);
    wide_print(printer, value >= -PLAIN_MAX && value <= PLAIN_MAX, digits);
}

static void uint64_print(struct printer *printer, uint64_t value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, value);
    wide_print(printer, value <= (uint64_t)PLAIN_MAX, digits);
}

static bool enum_print(struct printer *printer, const ProtobufCEnumDescriptor *type, int number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, number);

    if (value != NULL)
        return string_print(printer, value->name);
    niva_text_printf(printer->text, "%d", number);
    return true;
}

/* ---- fields ---- */

static bool submessage_print(struct printer *printer, const ProtobufCMessage *message)
{
    if (message == NULL) {
        niva_text_puts(printer->text, "{}");
        return true;
    }
    return message_print(printer, message);
}

static bool value_print(struct printer *printer, const ProtobufCFieldDescriptor *field,
                        const void *value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        niva_text_printf(printer->text, "%" PRId32, *(const int32_t *)value);
        return true;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        niva_text_printf(printer->text, "%" PRIu32, *(const uint32_t *)value);
        return true;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        int64_print(printer, *(const int64_t *)value);
        return true;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        uint64_print(printer, *(const uint64_t *)value);
        return true;
    case PROTOBUF_C_TYPE_BOOL:
        niva_text_puts(printer->text, *(const protobuf_c_boolean *)value != 0 ? "true" : "false");
        return true;
    case PROTOBUF_C_TYPE_ENUM:
        return enum_print(printer, field->descriptor, *(const int *)value);
    case PROTOBUF_C_TYPE_STRING:
        return string_print(printer, *(const char *const *)value);
    case PROTOBUF_C_TYPE_BYTES:
        bytes_print(printer, value);
        return true;
    case PROTOBUF_C_TYPE_MESSAGE:
        return submessage_print(printer, *(const ProtobufCMessage *const *)value);
    default:
        return niva_fail_internal(printer->err, "field %s is floating point", field->name);
    }
}

static bool list_print(struct printer *printer, const ProtobufCFieldDescriptor *field, size_t count,
                       const char *elements)
{
    size_t size = wire_element_size(field->type);

    container_begin(printer, "[");
    for (size_t i = 0; i < count; i++) {
        member_begin(printer);
        if (!value_print(printer, field, elements + i * size))
            return false;
    }
    container_end(printer, "]");
    return true;
}

/* Whether a field stands in the text: always, but for what has presence and is not set. */
static bool field_is_there(const ProtobufCFieldDescriptor *field, const void *quantifier,
                           const void *value)
{
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
        *(const uint32_t *)quantifier != field->id)
        return false;
    return field->type != PROTOBUF_C_TYPE_MESSAGE || field->label == PROTOBUF_C_LABEL_REPEATED ||
           *(const ProtobufCMessage *const *)value != NULL;
}

static bool field_print(struct printer *printer, const ProtobufCMessage *message,
                        const ProtobufCFieldDescriptor *field)
{
    const void *quantifier = (const char *)message + field->quantifier_offset;
    const void *value = (const char *)message + field->offset;
    char camel[WIRE_PATH_MAX];

    if (!field_is_there(field, quantifier, value))
        return true;
    if ((printer->flags & NIVA_JSON_PROTO_NAMES) != 0) {
        key_print(printer, field->name);
    } else {
        wire_camel(field->name, camel, sizeof camel);
        key_print(printer, camel);
    }
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return value_print(printer, field, value);
    return list_print(printer, field, *(const size_t *)quantifier, *(const char *const *)value);
}

static bool fields_print(struct printer *printer, const ProtobufCMessage *message)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        if (!field_print(printer, message, &message->descriptor->fields[i]))
            return false;
    return true;
}

/* ---- messages with a form of their own ---- */

static bool timestamp_print(struct printer *printer, const Google__Protobuf__Timestamp *timestamp)
{
    niva_instant instant;
    char text[32];

    if (!niva_wire_instant(timestamp, &instant))
        return niva_fail_internal(printer->err, "a timestamp to print is out of range");
    niva_instant_format(instant, text);
    return string_print(printer, text);
}

/* Prints what is packed in an Any: with its fields beside "@type", or as an object alone. */
static bool packed_print(struct printer *printer, const ProtobufCMessageDescriptor *type,
                         const Google__Protobuf__Any *any, bool beside)
{
    /* The objects of a message take more than its bytes, empty submessages the most. */
    struct niva_arena *arena = niva_arena_new(any->value.len * 256 + 65536);
    ProtobufCMessage *message = NULL;
    bool done = false;

    if (arena == NULL)
        return wire_refuse_size(printer->err);
    if (niva_wire_unpack(type, any->value.data, any->value.len, false, arena, &message,
                         printer->err))
        done = beside ? fields_print(printer, message) : message_print(printer, message);
    niva_arena_free(arena);
    return done;
}

static bool any_print(struct printer *printer, const Google__Protobuf__Any *any)
{
    const ProtobufCMessageDescriptor *type = niva_wire_type(any->type_url);

    if (type == NULL && (any->type_url[0] != '\0' || any->value.len > 0))
        return niva_fail_internal(printer->err, "an Any to print is of no known type");
    container_begin(printer, "{");
    if (type != NULL) {
        key_print(printer, "@type");
        if (!string_print(printer, any->type_url) || !packed_print(printer, type, any, true))
            return false;
    }
    container_end(printer, "}");
    return true;
}

/* Attribute names of CloudEvents are lower-case letters and digits; those of the event's own fields
 * may not come again. */
static bool attribute_name_valid(const CloudEvent *event, size_t at)
{
    static const char *const taken[] = {"specversion", "id",   "source",
                                        "type",        "data", "data_base64"};
    const char *name = event->attributes[at]->key;
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");

    if (length == 0 || name[length] != '\0')
        return false;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return false;
    for (size_t i = 0; i < at; i++)
        if (strcmp(name, event->attributes[i]->key) == 0)
            return false;
    return true;
}

static bool attribute_print(struct printer *printer, const AttributesEntry *attribute)
{
    const AttributeValue *value = attribute->value;
    const ProtobufCFieldDescriptor *field =
        value == NULL ? NULL
                      : protobuf_c_message_descriptor_get_field(value->base.descriptor,
                                                                (unsigned)value->attr_case);

    if (field == NULL)
        return true;
    key_print(printer, attribute->key);
    return value_print(printer, field, (const char *)value + field->offset);
}

static bool attributes_print(struct printer *printer, const CloudEvent *event)
{
    bool replaced = event->data_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA;

    if (event->n_attributes > ATTRIBUTES_MAX)
        return niva_fail_internal(printer->err, "an event has over %d attributes", ATTRIBUTES_MAX);
    for (size_t i = 0; i < event->n_attributes; i++) {
        if (!attribute_name_valid(event, i))
            return niva_fail_internal(printer->err, "an event has an invalid attribute name");
        if (replaced && strcmp(event->attributes[i]->key, "datacontenttype") == 0)
            continue;
        if (!attribute_print(printer, event->attributes[i]))
            return false;
    }
    return true;
}

/* Data of a type that this program does not know, a newer sender's, stay as they are. */
static bool proto_data_print(struct printer *printer, const Google__Protobuf__Any *any)
{
    const ProtobufCMessageDescriptor *type = any == NULL ? NULL : niva_wire_type(any->type_url);

    if (any == NULL)
        return true;
    key_print(printer, "datacontenttype");
    niva_text_puts(printer->text,
                   type == NULL ? "\"application/protobuf\"" : "\"application/json\"");
    key_print(printer, type == NULL ? "data_base64" : "data");
    if (type != NULL)
        return packed_print(printer, type, any, false);
    bytes_print(printer, &any->value);
    return true;
}

static bool data_print(struct printer *printer, const CloudEvent *event)
{
    switch (event->data_case) {
    case IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA:
        key_print(printer, "data_base64");
        bytes_print(printer, &event->binary_data);
        return true;
    case IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA:
        key_print(printer, "data");
        return string_print(printer, event->text_data);
    case IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA:
        return proto_data_print(printer, event->proto_data);
    default:
        return true;
    }
}

static bool event_print(struct printer *printer, const CloudEvent *event)
{
    const char *const fields[][2] = {{"specversion", event->spec_version},
                                     {"id", event->id},
                                     {"source", event->source},
                                     {"type", event->type}};

    container_begin(printer, "{");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        key_print(printer, fields[i][0]);
        if (!string_print(printer, fields[i][1]))
            return false;
    }
    if (!attributes_print(printer, event) || !data_print(printer, event))
        return false;
    container_end(printer, "}");
    return true;
}

static bool message_dispatch(struct printer *printer, const ProtobufCMessage *message)
{
    const void *special = message;

    if (message->descriptor == &google__protobuf__timestamp__descriptor)
        return timestamp_print(printer, special);
    if (message->descriptor == &google__protobuf__any__descriptor)
        return any_print(printer, special);
    if (message->descriptor == &io__cloudevents__v1__cloud_event__descriptor)
        return event_print(printer, special);
    container_begin(printer, "{");
    if (!fields_print(printer, message))
        return false;
    container_end(printer, "}");
    return true;
}

static bool message_print(struct printer *printer, const ProtobufCMessage *message)
{
    bool done;

    if (printer->messages > NIVA_WIRE_DEPTH_MAX)
        return niva_fail_internal(printer->err, "a message to print is nested too deep");
    printer->messages++;
    done = message_dispatch(printer, message);
    printer->messages--;
    return done;
}

bool niva_json_print(const ProtobufCMessage *message, unsigned flags, struct niva_text *text,
                     struct niva_error *err)
{
    struct printer printer = {.text = text, .err = err, .flags = flags, .first = true};
    size_t before = text->length;

    if (message_print(&printer, message) && !text->failed)
        return true;
    if (text->failed)
        wire_refuse_size(err);
    text->length = before;
    if (text->data != NULL)
        text->data[before] = '\0';
    return false;
}
