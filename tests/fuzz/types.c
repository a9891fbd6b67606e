#include "fuzz.h"

const ProtobufCMessageDescriptor *fuzz_type(uint8_t choice)
{
    const ProtobufCMessageDescriptor *types[MESSAGE_TYPES_MAX];
    size_t count = message_types(types);

    return types[choice % count];
}
