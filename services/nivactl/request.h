/* Requests on their way out, alike for all methods. */
#ifndef NIVA_NIVACTL_REQUEST_H
#define NIVA_NIVACTL_REQUEST_H

#include "services/common/wire/wire.h"

/* Fills in an empty request_id; a message without that field is left alone. */
bool request_give_id(ProtobufCMessage *request, struct niva_uuid id, struct niva_arena *arena,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* Reads a request of `type` from the file of another one that has the same fields, and those named
 * in `besides` (ended by NULL), which are passed over. INVALID_ARGUMENT as for any request. */
bool request_borrow(const ProtobufCMessageDescriptor *type, const char *json, size_t size,
                    const char *const *besides, struct niva_arena *arena,
                    ProtobufCMessage **ret_request, struct niva_error *err) NIVA_MUST_CHECK;

/* What makes the request ids of a file: its SHA-256, cut to a namespace. The id of a line is the
 * UUIDv5 of its number in that namespace, so that the same file asks for the same once. */
struct niva_uuid request_namespace(const char *bytes, size_t size);
struct niva_uuid request_id_of_line(struct niva_uuid name_space, size_t line);

#endif
