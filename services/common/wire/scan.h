/* The guard of the unpack, inside this room: reads bytes against a descriptor without making
 * anything, and says whether protobuf-c may be let near them. */
#ifndef NIVA_COMMON_WIRE_SCAN_H
#define NIVA_COMMON_WIRE_SCAN_H

#include <protobuf-c/protobuf-c.h>

#include "services/common/base/error.h"

/* Whether `bytes` are a message of `type` that can be unpacked within the bounds of wire.h, with at
 * most `elements_max` fields.
 * `ret_unknown` says whether there were fields that the type does not know (never when `strict`).
 * Else err is INVALID_ARGUMENT with the path and a reason of path.h. */
bool wire_scan(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
               bool strict, size_t elements_max, bool *ret_unknown,
               struct niva_error *err) NIVA_MUST_CHECK;

#endif
