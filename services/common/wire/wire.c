#include "services/common/wire/wire.h"

#include <string.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "services/common/wire/json.h"
#include "services/common/wire/scan.h"

/* ---- unpack and pack ---- */

struct lender {
    struct niva_arena *arena;
    bool out;
};

static void *lend(void *data, size_t size)
{
    struct lender *lender = data;
    void *object = niva_arena_alloc(lender->arena, size);

    if (object == NULL)
        lender->out = true;
    return object;
}

/* What is in an arena goes with the arena. */
static void leave(void *data, void *object)
{
    (void)data;
    (void)object;
}

static void *member_of(ProtobufCMessage *message, size_t offset)
{
    return (char *)message + offset;
}

static bool oneof_is_unset(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const uint32_t *chosen = (const void *)((const char *)message + field->quantifier_offset);

    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && *chosen != field->id;
}

/* protobuf-c keeps unknown fields and packs them again, which would carry a stranger's bytes past
 * every check. */
static void unknown_forget(ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;

    message->n_unknown_fields = 0;
    message->unknown_fields = NULL;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
        ProtobufCMessage **messages = member_of(message, field->offset);
        size_t count = 1;

        if (field->type != PROTOBUF_C_TYPE_MESSAGE || oneof_is_unset(message, field))
            continue;
        if (repeated) {
            count = *(size_t *)member_of(message, field->quantifier_offset);
            messages = *(ProtobufCMessage ***)messages;
        }
        for (size_t k = 0; k < count; k++)
            if (messages[k] != NULL)
                unknown_forget(messages[k]);
    }
}

static bool unpack(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                   bool strict, size_t elements_max, struct niva_arena *arena,
                   ProtobufCMessage **ret_message, struct niva_error *err)
{
    struct lender lender = {.arena = arena};
    ProtobufCAllocator allocator = {lend, leave, &lender};
    ProtobufCMessage *message;
    bool unknown = false;

    if (!wire_scan(type, bytes, size, strict, elements_max, &unknown, err))
        return false;
    message = protobuf_c_message_unpack(type, &allocator, size, bytes);
    if (message == NULL && lender.out)
        return wire_refuse_size(err);
    if (message == NULL)
        return wire_refuse(err, &(struct wire_path){0}, WIRE_BYTES_MALFORMED);
    if (unknown)
        unknown_forget(message);
    *ret_message = message;
    return true;
}

bool niva_wire_unpack(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                      bool strict, struct niva_arena *arena, ProtobufCMessage **ret_message,
                      struct niva_error *err)
{
    return unpack(type, bytes, size, strict, NIVA_WIRE_ELEMENTS_MAX, arena, ret_message, err);
}

bool niva_wire_unpack_reply(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                            size_t size, struct niva_arena *arena, ProtobufCMessage **ret_message,
                            struct niva_error *err)
{
    return unpack(type, bytes, size, false, SIZE_MAX, arena, ret_message, err);
}

bool niva_wire_pack(const ProtobufCMessage *message, struct niva_arena *arena,
                    ProtobufCBinaryData *ret_bytes, struct niva_error *err)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = niva_arena_alloc(arena, size);

    if (bytes == NULL)
        return wire_refuse_size(err);
    *ret_bytes = (ProtobufCBinaryData){.len = protobuf_c_message_pack(message, bytes), bytes};
    return true;
}

void *niva_wire_new(const ProtobufCMessageDescriptor *type, struct niva_arena *arena)
{
    ProtobufCMessage *message = niva_arena_alloc(arena, type->sizeof_message);

    if (message != NULL)
        protobuf_c_message_init(type, message);
    return message;
}

void *niva_wire_copy(const ProtobufCMessage *message, struct niva_arena *arena)
{
    struct lender lender = {.arena = arena};
    ProtobufCAllocator allocator = {lend, leave, &lender};
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = niva_arena_alloc(arena, size);

    if (bytes == NULL)
        return NULL;
    protobuf_c_message_pack(message, bytes);
    return protobuf_c_message_unpack(message->descriptor, &allocator, size, bytes);
}

/* ---- fields ---- */

size_t wire_element_size(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(int64_t);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
        return sizeof(char *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(ProtobufCMessage *);
    default:
        return sizeof(int32_t);
    }
}

const ProtobufCFieldDescriptor *niva_wire_field(const ProtobufCMessageDescriptor *type,
                                                const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(type, name);
}

const char *niva_wire_get_text(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(message->descriptor, name);
    const char *text;

    if (field == NULL || field->type != PROTOBUF_C_TYPE_STRING ||
        field->label == PROTOBUF_C_LABEL_REPEATED || oneof_is_unset(message, field))
        return "";
    text = *(const char *const *)(const void *)((const char *)message + field->offset);
    return text == NULL ? "" : text;
}

/* The place of a singular field for a new value; of a oneof the field becomes the chosen one. */
static void *place_take(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
        *(uint32_t *)member_of(message, field->quantifier_offset) = field->id;
    return member_of(message, field->offset);
}

static const ProtobufCFieldDescriptor *singular_find(const ProtobufCMessage *message,
                                                     const char *name)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(message->descriptor, name);

    return field == NULL || field->label == PROTOBUF_C_LABEL_REPEATED ? NULL : field;
}

bool niva_wire_set_text(ProtobufCMessage *message, const char *name, const char *text)
{
    const ProtobufCFieldDescriptor *field = singular_find(message, name);

    if (field == NULL || field->type != PROTOBUF_C_TYPE_STRING)
        return false;
    *(const char **)place_take(message, field) = text;
    return true;
}

bool niva_wire_set_int64(ProtobufCMessage *message, const char *name, int64_t value)
{
    const ProtobufCFieldDescriptor *field = singular_find(message, name);

    if (field == NULL)
        return false;
    if (field->type == PROTOBUF_C_TYPE_INT64) {
        *(int64_t *)place_take(message, field) = value;
        return true;
    }
    if (field->type != PROTOBUF_C_TYPE_INT32 || value < INT32_MIN || value > INT32_MAX)
        return false;
    *(int32_t *)place_take(message, field) = (int32_t)value;
    return true;
}

bool niva_wire_set_bool(ProtobufCMessage *message, const char *name, bool value)
{
    const ProtobufCFieldDescriptor *field = singular_find(message, name);

    if (field == NULL || field->type != PROTOBUF_C_TYPE_BOOL)
        return false;
    *(protobuf_c_boolean *)place_take(message, field) = value;
    return true;
}

/* ---- timestamps ---- */

#define SECONDS_MIN ((int64_t)NIVA_DAY_MIN * 86400)
#define SECONDS_MAX (((int64_t)NIVA_DAY_MAX + 1) * 86400 - 1)

struct Google__Protobuf__Timestamp *niva_wire_timestamp(niva_instant instant,
                                                        struct niva_arena *arena)
{
    Google__Protobuf__Timestamp *timestamp =
        niva_wire_new(&google__protobuf__timestamp__descriptor, arena);
    int64_t micros = instant % 1000000;

    if (timestamp == NULL)
        return NULL;
    if (micros < 0)
        micros += 1000000;
    timestamp->seconds = (instant - micros) / 1000000;
    timestamp->nanos = (int32_t)micros * 1000;
    return timestamp;
}

bool niva_wire_instant(const struct Google__Protobuf__Timestamp *timestamp,
                       niva_instant *ret_instant)
{
    if (timestamp->seconds < SECONDS_MIN || timestamp->seconds > SECONDS_MAX ||
        timestamp->nanos < 0 || timestamp->nanos > 999999999)
        return false;
    *ret_instant = timestamp->seconds * 1000000 + timestamp->nanos / 1000;
    return true;
}

bool niva_wire_received(const struct Google__Protobuf__Timestamp *given, const char *field,
                        niva_instant recorded_at, niva_instant *ret_received,
                        struct niva_error *err)
{
    niva_instant received = recorded_at;

    if (given != NULL && !niva_wire_instant(given, &received))
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, field, "TIMESTAMP_MALFORMED",
                           "Tidpunkten ligger utanför år 1900–2999.",
                           "The time lies outside the years 1900 to 2999.");
    if (received > recorded_at)
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, field, "RECEIVED_AFTER_RECORDED",
                           "Mottaget kan inte vara senare än när det registreras.",
                           "It cannot have been received later than it is recorded.");
    *ret_received = received;
    return true;
}

char *niva_wire_uuid(const char *text, struct niva_arena *arena)
{
    struct niva_uuid uuid;
    char canonical[37] = "";

    if (niva_uuid_parse(text, &uuid))
        niva_uuid_format(uuid, canonical);
    return niva_arena_strdup(arena, canonical);
}
