/* JSON from a stranger: whatever is parsed can be packed, unpacked and printed, and what is printed
 * is parsed to the same. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { ARENA_BYTES = 16 << 20 };

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void round_trip(const ProtobufCMessage *message, unsigned flags, struct niva_arena *arena)
{
    struct niva_text json = {0};
    ProtobufCBinaryData packed;
    ProtobufCBinaryData again;
    ProtobufCMessage *back;
    struct niva_error err;

    expect(niva_json_print(message, flags, &json, &err));
    expect(niva_json_parse(message->descriptor, json.data, json.length, arena, &back, &err));
    expect(niva_wire_pack(message, arena, &packed, &err));
    expect(niva_wire_pack(back, arena, &again, &err));
    expect(again.len == packed.len && memcmp(again.data, packed.data, packed.len) == 0);
    expect(
        niva_wire_unpack(message->descriptor, packed.data, packed.len, true, arena, &back, &err));
    niva_text_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    const ProtobufCMessageDescriptor *type = fuzz_type(size == 0 ? 0 : data[0]);
    ProtobufCMessage *message;
    struct niva_error err;

    expect(arena != NULL);
    /* Within 64 KiB no arena gets full, so that nothing below may fail. */
    if (size > 0 && size < 65536 &&
        niva_json_parse(type, (const char *)data + 1, size - 1, arena, &message, &err))
        round_trip(message, data[0] % 4, arena);
    niva_arena_free(arena);
    return 0;
}

void fuzz_seed(struct random *random, struct niva_text *input)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    uint8_t choice = (uint8_t)random_next(random);
    ProtobufCMessage *message = message_random(random, fuzz_type(choice), false, arena);
    struct niva_error err;

    niva_text_append(input, &choice, 1);
    if (message == NULL ||
        !niva_json_print(message, (unsigned)random_below(random, 4), input, &err))
        abort();
    niva_arena_free(arena);
}
