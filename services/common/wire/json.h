/* What reading and writing JSON share, inside this room. */
#ifndef NIVA_COMMON_WIRE_JSON_H
#define NIVA_COMMON_WIRE_JSON_H

#include "services/common/wire/path.h"
#include "services/common/wire/wire.h"

/* An integer as sign and magnitude, wide enough for int64 and uint64. */
struct wire_number {
    bool negative;
    uint64_t magnitude;
};

enum wire_number_fault { WIRE_NUMBER_OK, WIRE_NUMBER_NONE, WIRE_NUMBER_BROKEN, WIRE_NUMBER_WIDE };

/* Reads a number by the grammar of JSON, exactly: 1.0 and 1e2 are integers. NONE when it is not a
 * number, BROKEN when it has a fraction, WIDE when its magnitude is over 64 bits. */
enum wire_number_fault wire_number_read(const char *text, size_t size,
                                        struct wire_number *ret_number);

/* Bytes of one value of a type in a message or a list. */
size_t wire_element_size(ProtobufCType type);

/* Appends base64 with padding. */
void wire_base64_print(const uint8_t *bytes, size_t size, struct niva_text *text);
/* Room that wire_base64_parse needs for a text. */
size_t wire_base64_room(size_t size);
/* Reads base64 in the standard or the URL-safe alphabet, with or without padding. */
bool wire_base64_parse(const char *text, size_t size, uint8_t *ret_bytes,
                       size_t *ret_size) NIVA_MUST_CHECK;

/* The guard of the JSON parser: bounds the nesting and the number of values, and lets only integral
 * numbers through that a double holds exactly. */
bool wire_json_scan(const char *json, size_t size, struct niva_error *err) NIVA_MUST_CHECK;

/* The path of the value or key at an offset, up to which the text is well-formed. */
void wire_json_path(const char *json, size_t offset, struct wire_path *path);

#endif
