#include "services/common/wire/scan.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "services/common/base/text.h"
#include "services/common/wire/path.h"
#include "services/common/wire/wire.h"

enum { FIELDS_MAX = 128, TAG_BYTES_MAX = 5, VARINT_BYTES_MAX = 10 };

struct scan {
    struct niva_error *err;
    size_t elements;
    size_t elements_max;
    bool strict;
    bool unknown;
};

/* One message that is being read. Frames are linked so that the path, which only an error needs,
 * costs nothing before there is one. */
struct frame {
    const struct frame *parent;
    const ProtobufCMessageDescriptor *type;
    const ProtobufCFieldDescriptor *field; /* being read; NULL when unknown */
    const uint8_t *begin;
    const uint8_t *end;
    const uint8_t *tag; /* where the field being read begins */
    uint32_t number;    /* of the field being read; 0 when not even that is known */
    unsigned depth;
    long packed; /* elements read of the packed run being read */
};

static inline bool varint_read(const uint8_t **at, const uint8_t *end, int most, uint64_t *ret)
{
    const uint8_t *from = *at;
    uint64_t value = 0;

    if (from < end && *from < 0x80) {
        *ret = *from;
        *at = from + 1;
        return true;
    }
    for (int i = 0; i < most && from < end; i++) {
        uint8_t byte = *from++;

        if (i == VARINT_BYTES_MAX - 1 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *ret = value;
            *at = from;
            return true;
        }
    }
    return false;
}

static bool tag_read(const uint8_t **at, const uint8_t *end, uint32_t *ret_number,
                     unsigned *ret_wire)
{
    uint64_t tag;

    if (!varint_read(at, end, TAG_BYTES_MAX, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
        return false;
    *ret_number = (uint32_t)(tag >> 3);
    *ret_wire = (unsigned)(tag & 7);
    return true;
}

static bool length_read(const uint8_t **at, const uint8_t *end, size_t *ret_length)
{
    uint64_t length;

    if (!varint_read(at, end, TAG_BYTES_MAX, &length) || length > INT_MAX ||
        length > (size_t)(end - *at))
        return false;
    *ret_length = (size_t)length;
    return true;
}

/* Steps over a value; groups are refused. */
static bool value_skip(const uint8_t **at, const uint8_t *end, unsigned wire)
{
    uint64_t ignored;
    size_t size = wire == PROTOBUF_C_WIRE_TYPE_32BIT ? 4 : 8;

    switch (wire) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return varint_read(at, end, VARINT_BYTES_MAX, &ignored);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        if (!length_read(at, end, &size))
            return false;
        break;
    case PROTOBUF_C_WIRE_TYPE_64BIT:
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        break;
    default:
        return false;
    }
    if (size > (size_t)(end - *at))
        return false;
    *at += size;
    return true;
}

static unsigned wire_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

/* ---- errors ---- */

/* Elements of a packed run of a repeated field. */
static long packed_count(const uint8_t *at, const uint8_t *end, unsigned wire)
{
    long count = 0;

    if (wire == PROTOBUF_C_WIRE_TYPE_32BIT)
        return (long)(end - at) / 4;
    if (wire == PROTOBUF_C_WIRE_TYPE_64BIT)
        return (long)(end - at) / 8;
    for (; at < end; at++)
        count += *at < 0x80;
    return count;
}

/* Index of the element being read among those of its field. What lies there was already found
 * to be good. */
static long index_of(const struct frame *frame)
{
    const uint8_t *at = frame->begin;
    unsigned natural = wire_of(frame->field->type);
    long index = frame->packed;

    while (at < frame->tag) {
        uint32_t number;
        unsigned wire;
        const uint8_t *value;
        size_t length;

        if (!tag_read(&at, frame->tag, &number, &wire))
            break;
        value = at;
        if (!value_skip(&at, frame->tag, wire))
            break;
        if (number != frame->number)
            continue;
        if (wire == natural)
            index++;
        else if (length_read(&value, frame->tag, &length))
            index += packed_count(value, value + length, natural);
    }
    return index;
}

static void path_write(const struct frame *frame, struct wire_path *path)
{
    char name[24];

    if (frame == NULL)
        return;
    path_write(frame->parent, path);
    if (frame->field != NULL)
        wire_path_field(path, frame->field->name,
                        frame->field->label == PROTOBUF_C_LABEL_REPEATED ? index_of(frame) : -1);
    else if (frame->number != 0)
        wire_path_name(path, name, (size_t)snprintf(name, sizeof name, "#%u", frame->number));
}

static bool refuse(const struct scan *scan, const struct frame *frame, enum wire_reason reason)
{
    struct wire_path path = {0};

    path_write(frame, &path);
    return wire_refuse(scan->err, &path, reason);
}

/* ---- values ---- */

static bool element_count(struct scan *scan, const struct frame *frame)
{
    if (++scan->elements > scan->elements_max)
        return refuse(scan, frame, WIRE_TOO_MANY_ELEMENTS);
    return true;
}

/* Negative int32 come sign-extended to 64 bits; a number that would be cut is refused, for nobody
 * meant what is left of it. */
static bool varint_check(const struct scan *scan, const struct frame *frame, uint64_t value)
{
    const ProtobufCFieldDescriptor *field = frame->field;
    int64_t number = (int64_t)value;
    bool fits_int32 = number >= INT32_MIN && number <= INT32_MAX;

    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
        return fits_int32 || refuse(scan, frame, WIRE_NUMBER_OUT_OF_RANGE);
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_UINT32:
        return value <= UINT32_MAX || refuse(scan, frame, WIRE_NUMBER_OUT_OF_RANGE);
    case PROTOBUF_C_TYPE_ENUM:
        return (fits_int32 &&
                protobuf_c_enum_descriptor_get_value(field->descriptor, (int)number) != NULL) ||
               refuse(scan, frame, WIRE_ENUM_UNKNOWN);
    default:
        return true;
    }
}

static bool scalar_scan(const struct scan *scan, const struct frame *frame, const uint8_t **at,
                        const uint8_t *end, unsigned wire)
{
    uint64_t value;

    if (wire != PROTOBUF_C_WIRE_TYPE_VARINT)
        return value_skip(at, end, wire) || refuse(scan, frame, WIRE_BYTES_MALFORMED);
    if (!varint_read(at, end, VARINT_BYTES_MAX, &value))
        return refuse(scan, frame, WIRE_BYTES_MALFORMED);
    return varint_check(scan, frame, value);
}

static bool packed_scan(struct scan *scan, struct frame *frame, const uint8_t *at,
                        const uint8_t *end, unsigned wire)
{
    for (frame->packed = 0; at < end; frame->packed++)
        if (!element_count(scan, frame) || !scalar_scan(scan, frame, &at, end, wire))
            return false;
    frame->packed = 0;
    return true;
}

static bool text_check(const struct scan *scan, const struct frame *frame, const uint8_t *bytes,
                       size_t length)
{
    if (niva_utf8_valid((const char *)bytes, length))
        return true;
    return refuse(scan, frame,
                  memchr(bytes, 0, length) != NULL ? WIRE_TEXT_HAS_NUL : WIRE_TEXT_NOT_UTF8);
}

static bool message_scan(struct scan *scan, const struct frame *parent,
                         const ProtobufCMessageDescriptor *type, const uint8_t *begin,
                         const uint8_t *end);

static bool prefixed_scan(struct scan *scan, struct frame *frame, const uint8_t **at,
                          unsigned natural)
{
    const uint8_t *begin;
    size_t length;

    if (!length_read(at, frame->end, &length))
        return refuse(scan, frame, WIRE_BYTES_MALFORMED);
    begin = *at;
    *at += length;
    if (natural != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return packed_scan(scan, frame, begin, *at, natural);
    if (frame->field->type == PROTOBUF_C_TYPE_STRING)
        return text_check(scan, frame, begin, length);
    if (frame->field->type == PROTOBUF_C_TYPE_MESSAGE)
        return message_scan(scan, frame, frame->field->descriptor, begin, *at);
    return true;
}

/* ---- fields ---- */

/* Fields mostly come in order of their numbers: the next one is tried first. */
static const ProtobufCFieldDescriptor *field_find(const ProtobufCMessageDescriptor *type,
                                                  unsigned expected, uint32_t number)
{
    if (expected < type->n_fields && type->fields[expected].id == number)
        return &type->fields[expected];
    return protobuf_c_message_descriptor_get_field(type, number);
}

static bool is_seen(const uint64_t *seen, size_t index)
{
    return (seen[index / 64] >> (index % 64) & 1) != 0;
}

/* Whether a singular field may still be given: not given before, nor another of its oneof. */
static bool singular_allowed(const struct frame *frame, uint64_t *seen)
{
    const ProtobufCMessageDescriptor *type = frame->type;
    const ProtobufCFieldDescriptor *field = frame->field;
    size_t index = (size_t)(field - type->fields);

    if (is_seen(seen, index))
        return false;
    seen[index / 64] |= UINT64_C(1) << (index % 64);
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
        return true;
    for (size_t i = 0; i < type->n_fields; i++)
        if (i != index && (type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
            type->fields[i].quantifier_offset == field->quantifier_offset && is_seen(seen, i))
            return false;
    return true;
}

static bool unknown_scan(struct scan *scan, const struct frame *frame, const uint8_t **at,
                         unsigned wire)
{
    if (scan->strict)
        return refuse(scan, frame, WIRE_FIELD_UNKNOWN);
    scan->unknown = true;
    return value_skip(at, frame->end, wire) || refuse(scan, frame, WIRE_BYTES_MALFORMED);
}

static bool known_scan(struct scan *scan, struct frame *frame, const uint8_t **at, unsigned wire,
                       uint64_t *seen)
{
    const ProtobufCFieldDescriptor *field = frame->field;
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    unsigned natural = wire_of(field->type);

    if (wire != natural && !(repeated && wire == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED))
        return refuse(scan, frame, WIRE_BYTES_MALFORMED);
    if (!repeated && !singular_allowed(frame, seen))
        return refuse(scan, frame, WIRE_FIELD_REPEATED);
    if (wire == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return prefixed_scan(scan, frame, at, natural);
    return scalar_scan(scan, frame, at, frame->end, wire);
}

static bool message_scan(struct scan *scan, const struct frame *parent,
                         const ProtobufCMessageDescriptor *type, const uint8_t *begin,
                         const uint8_t *end)
{
    struct frame frame = {.parent = parent, .type = type, .begin = begin, .end = end};
    uint64_t seen[FIELDS_MAX / 64] = {0};
    const uint8_t *at = begin;
    unsigned expected = 0;

    frame.depth = parent == NULL ? 0 : parent->depth + 1;
    if (frame.depth > NIVA_WIRE_DEPTH_MAX)
        return refuse(scan, parent, WIRE_TOO_DEEP);
    if (type->n_fields > FIELDS_MAX)
        return niva_fail_internal(scan->err, "%s has more than %d fields", type->name, FIELDS_MAX);
    while (at < end) {
        unsigned wire;
        bool good;

        frame.tag = at;
        frame.field = NULL;
        frame.number = 0;
        if (!tag_read(&at, end, &frame.number, &wire))
            return refuse(scan, &frame, WIRE_BYTES_MALFORMED);
        frame.field = field_find(type, expected, frame.number);
        if (!element_count(scan, &frame))
            return false;
        good = frame.field == NULL ? unknown_scan(scan, &frame, &at, wire)
                                   : known_scan(scan, &frame, &at, wire, seen);
        if (!good)
            return false;
        if (frame.field != NULL)
            expected = (unsigned)(frame.field - type->fields) +
                       (frame.field->label != PROTOBUF_C_LABEL_REPEATED);
    }
    return true;
}

bool wire_scan(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
               bool strict, size_t elements_max, bool *ret_unknown, struct niva_error *err)
{
    struct scan scan = {.err = err, .strict = strict, .elements_max = elements_max};

    if (size > INT_MAX)
        return wire_refuse_size(err);
    if (!message_scan(&scan, NULL, type, bytes, bytes + size))
        return false;
    *ret_unknown = scan.unknown;
    return true;
}
