/* The envelope of an event on its way into the stream. Internal to the room. */
#ifndef NIVA_COMMON_BUS_ENVELOPE_H
#define NIVA_COMMON_BUS_ENVELOPE_H

#include <protobuf-c/protobuf-c.h>

#include "services/common/base/ids.h"
#include "services/common/wire/wire.h"

/* What the envelope says. Texts are never NULL; "" leaves an attribute out. */
struct envelope {
    struct niva_uuid id;
    const char *source;
    const char *type;
    const char *data_type; /* full name of the data's message */
    const char *subject;
    niva_instant time;
    const char *stream;
    int64_t position;
    const char *actor;
    const char *causation_id;
    const char *traceparent;
};

/* Packs the CloudEvent without its data; attributes in order of name, so that the same envelope is
 * always the same bytes. */
bool envelope_pack(const struct envelope *envelope, struct niva_arena *arena,
                   ProtobufCBinaryData *ret_bytes, struct niva_error *err) NIVA_MUST_CHECK;

#endif
