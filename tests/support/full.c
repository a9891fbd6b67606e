#include "tests/support/full.h"

#include "google/protobuf/timestamp.pb-c.h"

enum { LIST = 2 };

/* 2022-06-23 12:34:56.789012 UTC. */
static const int64_t INSTANT = 1655987696789012;

/* Sets the value of a field, or an element of it, where it stands. */
static bool value_set(const ProtobufCFieldDescriptor *field, int element, void *place,
                      struct niva_arena *arena)
{
    const ProtobufCEnumDescriptor *values = field->descriptor;
    const ProtobufCMessageDescriptor *type = field->descriptor;
    int64_t number = (int64_t)field->id * 10 + element;

    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(char **)place = niva_arena_printf(arena, "%s å %d", field->name, element);
        return *(char **)place != NULL;
    case PROTOBUF_C_TYPE_BYTES:
        *(ProtobufCBinaryData *)place =
            (ProtobufCBinaryData){2, (uint8_t *)niva_arena_copy(arena, "\0\xff", 2)};
        return ((ProtobufCBinaryData *)place)->data != NULL;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)place = 1;
        return true;
    case PROTOBUF_C_TYPE_ENUM:
        *(int *)place = values->values[values->n_values - 1].value;
        return true;
    case PROTOBUF_C_TYPE_INT32:
        *(int32_t *)place = (int32_t)(INT32_MAX - number);
        return true;
    case PROTOBUF_C_TYPE_INT64:
        *(int64_t *)place = INT64_MAX - number;
        return true;
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)place =
            type == &google__protobuf__timestamp__descriptor
                ? (ProtobufCMessage *)niva_wire_timestamp(INSTANT + number, arena)
                : message_full(type, arena);
        return *(ProtobufCMessage **)place != NULL;
    default:
        return false;
    }
}

static size_t value_size(ProtobufCType type)
{
    if (type == PROTOBUF_C_TYPE_STRING || type == PROTOBUF_C_TYPE_MESSAGE)
        return sizeof(void *);
    return type == PROTOBUF_C_TYPE_INT64 ? sizeof(int64_t) : sizeof(int32_t);
}

static bool list_set(const ProtobufCFieldDescriptor *field, size_t *ret_count, char **ret_elements,
                     struct niva_arena *arena)
{
    size_t size = value_size(field->type);
    char *elements = niva_arena_array(arena, LIST, size);
    bool set = elements != NULL;

    for (int i = 0; set && i < LIST; i++)
        set = value_set(field, i, elements + (size_t)i * size, arena);
    *ret_count = LIST;
    *ret_elements = elements;
    return set;
}

static bool field_set(const ProtobufCFieldDescriptor *field, ProtobufCMessage *message,
                      struct niva_arena *arena)
{
    void *quantifier = (char *)message + field->quantifier_offset;
    void *place = (char *)message + field->offset;

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return list_set(field, quantifier, place, arena);
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        if (*(uint32_t *)quantifier != 0)
            return true;
        *(uint32_t *)quantifier = field->id;
    }
    return value_set(field, 0, place, arena);
}

ProtobufCMessage *message_full(const ProtobufCMessageDescriptor *type, struct niva_arena *arena)
{
    ProtobufCMessage *message = niva_wire_new(type, arena);

    for (unsigned i = 0; message != NULL && i < type->n_fields; i++)
        if (!field_set(&type->fields[i], message, arena))
            return NULL;
    return message;
}
