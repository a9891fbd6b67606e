#include "services/common/wire/seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/common/wire/token.h"

enum { SEAL_SIZE = 16 };

/* FNV-1a, 64 bits. */
static uint64_t hash_add(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void list_empty(ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(message->descriptor, name);

    if (field != NULL && field->label == PROTOBUF_C_LABEL_REPEATED)
        memset((char *)message + field->quantifier_offset, 0, sizeof(size_t));
}

/* The seal of what is asked for, whichever page of it. */
static bool seal_make(const ProtobufCMessage *request, struct niva_arena *arena,
                      char ret_seal[SEAL_SIZE + 1], struct niva_error *err)
{
    ProtobufCMessage *asked = niva_wire_copy(request, arena);
    const char *type = request->descriptor->name;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    ProtobufCBinaryData bytes;

    if (asked == NULL)
        return niva_fail_memory(err);
    niva_wire_set_text(asked, "page_token", "");
    niva_wire_set_int64(asked, "page_size", 0);
    list_empty(asked, "after");
    if (!niva_wire_pack(asked, arena, &bytes, err))
        return false;
    hash = hash_add(hash, type, strlen(type) + 1);
    hash = hash_add(hash, bytes.data, bytes.len);
    snprintf(ret_seal, SEAL_SIZE + 1, "%016" PRIx64, hash);
    return true;
}

static bool token_refuse(struct niva_error *err)
{
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_token_refuse(&check);
    return niva_check_end(&check);
}

bool niva_seal_open(const ProtobufCMessage *request, struct niva_arena *arena,
                    const ProtobufCMessage **ret_request, struct niva_error *err)
{
    const char *token = niva_wire_get_text(request, "page_token");
    size_t size = strlen(token);
    char seal[SEAL_SIZE + 1];
    ProtobufCMessage *opened;
    char *key;

    if (size == 0) {
        *ret_request = request;
        return true;
    }
    if (size <= SEAL_SIZE)
        return token_refuse(err);
    if (!seal_make(request, arena, seal, err))
        return false;
    size -= SEAL_SIZE;
    if (strcmp(token + size, seal) != 0)
        return token_refuse(err);
    opened = niva_wire_copy(request, arena);
    key = niva_arena_printf(arena, "%.*s", (int)size, token);
    if (opened == NULL || key == NULL)
        return niva_fail_memory(err);
    niva_wire_set_text(opened, "page_token", key);
    *ret_request = opened;
    return true;
}

bool niva_seal_close(const ProtobufCMessage *request, ProtobufCMessage *reply,
                     struct niva_arena *arena, struct niva_error *err)
{
    const char *key = niva_wire_get_text(reply, "next_page_token");
    char seal[SEAL_SIZE + 1];
    char *token;

    if (key[0] == '\0')
        return true;
    if (!seal_make(request, arena, seal, err))
        return false;
    token = niva_arena_printf(arena, "%s%s", key, seal);
    if (token == NULL)
        return niva_fail_memory(err);
    niva_wire_set_text(reply, "next_page_token", token);
    return true;
}
