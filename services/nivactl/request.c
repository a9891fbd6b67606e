#include "services/nivactl/request.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

bool request_give_id(ProtobufCMessage *request, struct niva_uuid id, struct niva_arena *arena,
                     struct niva_error *err)
{
    char text[37];
    char *copy;

    if (niva_wire_field(request->descriptor, "request_id") == NULL ||
        *niva_wire_get_text(request, "request_id") != '\0')
        return true;
    niva_uuid_format(id, text);
    copy = niva_arena_strdup(arena, text);
    return (copy != NULL && niva_wire_set_text(request, "request_id", copy)) ||
           niva_fail_internal(err, "request_id cannot be set");
}

struct niva_uuid request_namespace(const char *bytes, size_t size)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    struct niva_uuid name_space;

    SHA256((const unsigned char *)bytes, size, digest);
    memcpy(name_space.bytes, digest, sizeof name_space.bytes);
    return name_space;
}

struct niva_uuid request_id_of_line(struct niva_uuid name_space, size_t line)
{
    char name[24];
    int length = snprintf(name, sizeof name, "%zu", line);

    return niva_uuid_v5(name_space, name, (size_t)length);
}
