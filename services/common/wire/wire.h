/* The border between bytes and messages. Whatever comes from outside is unpacked here and nowhere
 * else: it is scanned first (depth, number of elements, singular fields once, UTF-8, NUL, tag 0,
 * wire types that fit), then unpacked into a capped arena. Messages from here live in their arena
 * and are never freed one by one. */
#ifndef NIVA_COMMON_WIRE_WIRE_H
#define NIVA_COMMON_WIRE_WIRE_H

#include <protobuf-c/protobuf-c.h>

#include "services/common/base/arena.h"
#include "services/common/base/day.h"
#include "services/common/base/ids.h"
#include "services/common/base/text.h"

enum {
    NIVA_WIRE_DEPTH_MAX = 16,       /* nested messages */
    NIVA_WIRE_ELEMENTS_MAX = 65536, /* fields in all */
};

/* Unpacks one message. Unknown fields are refused with their number as path when `strict`, else
 * dropped (a newer sender); unknown enum values are refused. INVALID_ARGUMENT names the field. */
bool niva_wire_unpack(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                      bool strict, struct niva_arena *arena, ProtobufCMessage **ret_message,
                      struct niva_error *err) NIVA_MUST_CHECK;

/* The same for what one of Nivå's own has packed, a reply: however many fields it has; the arena is
 * the bound. Unknown fields are dropped. */
bool niva_wire_unpack_reply(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                            size_t size, struct niva_arena *arena, ProtobufCMessage **ret_message,
                            struct niva_error *err) NIVA_MUST_CHECK;

/* Packs a message into the arena. Fields in order of number: the same message gives the same bytes.
 */
bool niva_wire_pack(const ProtobufCMessage *message, struct niva_arena *arena,
                    ProtobufCBinaryData *ret_bytes, struct niva_error *err) NIVA_MUST_CHECK;

/* A new, empty message of a type, with its defaults. NULL when the arena is out. */
void *niva_wire_new(const ProtobufCMessageDescriptor *type,
                    struct niva_arena *arena) NIVA_MUST_CHECK;

/* A deep copy (by pack and unpack). NULL when the arena is out. */
void *niva_wire_copy(const ProtobufCMessage *message, struct niva_arena *arena) NIVA_MUST_CHECK;

/* A field by its proto name (snake_case), or NULL; and its value of a singular scalar, string or
 * message field. A setter returns false when the type has no such field of that kind (int64: int32
 * too, when the value fits); a text is borrowed and must live as long as the message. For what is
 * done alike to all methods: request_id, after, applied, position. */
const ProtobufCFieldDescriptor *niva_wire_field(const ProtobufCMessageDescriptor *type,
                                                const char *name);
const char *niva_wire_get_text(const ProtobufCMessage *message,
                               const char *name); /* "" when there is no such field */
bool niva_wire_set_text(ProtobufCMessage *message, const char *name, const char *text);
bool niva_wire_set_int64(ProtobufCMessage *message, const char *name, int64_t value);
bool niva_wire_set_bool(ProtobufCMessage *message, const char *name, bool value);

/* google.protobuf.Timestamp and instants. */
struct Google__Protobuf__Timestamp;
struct Google__Protobuf__Timestamp *niva_wire_timestamp(niva_instant instant,
                                                        struct niva_arena *arena);
/* False when out of 1900 … 2999 or nanos out of range; cut to microseconds. */
bool niva_wire_instant(const struct Google__Protobuf__Timestamp *timestamp,
                       niva_instant *ret_instant);
/* When something was received: as `given`, else when it is recorded. INVALID_ARGUMENT with `field`
 * when that would be after it was recorded. */
bool niva_wire_received(const struct Google__Protobuf__Timestamp *given, const char *field,
                        niva_instant recorded_at, niva_instant *ret_received,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* A UUID in lower case, "" for ""; the text was checked. NULL when the arena is out. */
char *niva_wire_uuid(const char *text, struct niva_arena *arena) NIVA_MUST_CHECK;

/* JSON. Canonical proto3 JSON by descriptor: lowerCamelCase out (snake_case with
 * NIVA_JSON_PROTO_NAMES), both in; int64 as strings (plain numbers within ±2^53 with
 * NIVA_JSON_PROTO_NAMES), enums by name, bytes as base64, Timestamp as RFC 3339, CloudEvent as
 * CloudEvents JSON with its data unpacked; fields without presence are always printed, unset oneof
 * members and messages never. */
enum niva_json_flags { NIVA_JSON_PROTO_NAMES = 1, NIVA_JSON_INDENT = 2 };

/* Appends; on failure nothing was. INTERNAL when the message holds what JSON cannot: bytes that are
 * no UTF-8 in a string, a time out of range, an Any of an unknown type (as the data of an event it
 * is kept as "data_base64"). */
bool niva_json_print(const ProtobufCMessage *message, unsigned flags, struct niva_text *text,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* Unknown fields, wrong types, numbers out of range or with a fraction, duplicate keys, bad UTF-8,
 * too deep: each is INVALID_ARGUMENT with the path as in JSON. null means "not given". Integers may
 * be numbers (1.0 and 1e2 too, up to 2^53 in those forms) or strings. An Any is read with its
 * "@type"; CloudEvents are written as JSON, never read. */
bool niva_json_parse(const ProtobufCMessageDescriptor *type, const char *json, size_t size,
                     struct niva_arena *arena, ProtobufCMessage **ret_message,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* A type that may stand in an Any: the data of events (event_types.h) and the error details of
 * google.rpc. NULL for any other. `type_url` is "type.googleapis.com/<full name>". */
const ProtobufCMessageDescriptor *niva_wire_type(const char *type_url);

/* A message packed into an Any. NULL when the arena is out. */
struct Google__Protobuf__Any;
struct Google__Protobuf__Any *niva_wire_any(const ProtobufCMessage *message,
                                            struct niva_arena *arena) NIVA_MUST_CHECK;

/* The details of an error as google.rpc messages and back, for the envelope: LocalizedMessage (the
 * Swedish sentence), BadRequest or PreconditionFailure (followed by a LocalizedMessage for each of
 * its violations), RetryInfo. False when the arena is out. Details that cannot be read are passed
 * over; a code that is none of enum niva_code is read as INTERNAL. `message` is that of the
 * envelope: the Swedish sentence, " / ", the English one. */
bool niva_wire_error_details(const struct niva_error *err, struct niva_arena *arena,
                             size_t *ret_count, struct Google__Protobuf__Any ***ret_details);
void niva_wire_error_read(int code, const char *message, size_t count,
                          struct Google__Protobuf__Any *const *details, struct niva_arena *arena,
                          struct niva_error *ret_error);

#endif
