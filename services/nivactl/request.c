#include "services/nivactl/request.h"

#include <jansson.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
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

/* The text without these members; what is no object stays as it is, to be refused. The caller frees
 * it. */
static char *members_drop(const char *json, size_t size, const char *const *besides)
{
    json_t *root = json_loadb(json, size, JSON_REJECT_DUPLICATES, NULL);
    char *text = NULL;

    for (size_t i = 0; root != NULL && besides[i] != NULL; i++)
        json_object_del(root, besides[i]);
    if (root != NULL)
        text = json_dumps(root, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(root);
    return text;
}

bool request_borrow(const ProtobufCMessageDescriptor *type, const char *json, size_t size,
                    const char *const *besides, struct niva_arena *arena,
                    ProtobufCMessage **ret_request, struct niva_error *err)
{
    char *text = members_drop(json, size, besides);
    bool good = text != NULL ? niva_json_parse(type, text, strlen(text), arena, ret_request, err)
                             : niva_json_parse(type, json, size, arena, ret_request, err);

    free(text);
    return good;
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
