/* Bytes from a stranger: whatever the unpack lets through is packed, and that is let through too
 * and is a fixed point. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { ARENA_BYTES = 16 << 20 };

static void expect(bool holds)
{
    if (!holds)
        abort();
}

/* A second unpack needs no more room than the first, so that it may not fail. */
static void round_trip(const ProtobufCMessage *message, struct niva_arena *spare)
{
    ProtobufCMessage *back;
    ProtobufCBinaryData packed;
    ProtobufCBinaryData again;
    struct niva_error err;

    expect(niva_wire_pack(message, spare, &packed, &err));
    expect(
        niva_wire_unpack(message->descriptor, packed.data, packed.len, true, spare, &back, &err));
    expect(niva_wire_pack(back, spare, &again, &err));
    expect(again.len == packed.len && memcmp(again.data, packed.data, packed.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_arena *spare = niva_arena_new(4 * (size_t)ARENA_BYTES);
    const ProtobufCMessageDescriptor *type = fuzz_type(size == 0 ? 0 : data[0]);
    bool strict = size > 0 && data[0] % 2 == 0;
    ProtobufCMessage *message;
    struct niva_error err;

    expect(arena != NULL && spare != NULL);
    if (size > 0 && niva_wire_unpack(type, data + 1, size - 1, strict, arena, &message, &err))
        round_trip(message, spare);
    niva_arena_free(arena);
    niva_arena_free(spare);
    return 0;
}

void fuzz_seed(struct random *random, struct niva_text *input)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    uint8_t choice = (uint8_t)random_next(random);
    ProtobufCMessage *message = message_random(random, fuzz_type(choice), true, arena);
    ProtobufCBinaryData packed;
    struct niva_error err;

    niva_text_append(input, &choice, 1);
    if (message != NULL && niva_wire_pack(message, arena, &packed, &err))
        niva_text_append(input, packed.data, packed.len);
    niva_arena_free(arena);
}
