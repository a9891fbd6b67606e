/* An event on its way into the stream: its envelope, its digest, its link in the chain. Internal to
 * the room. */
#ifndef NIVA_COMMON_BUS_ENVELOPE_H
#define NIVA_COMMON_BUS_ENVELOPE_H

#include <protobuf-c/protobuf-c.h>

#include "services/common/base/ids.h"
#include "services/common/wire/wire.h"

enum { HASH_SIZE = 32, SALT_SIZE = 16 };

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

/* SHA-256(salt ‖ data). */
bool data_digest(const uint8_t salt[SALT_SIZE], const void *data, size_t size,
                 uint8_t ret_digest[HASH_SIZE], struct niva_error *err) NIVA_MUST_CHECK;
/* SHA-256(previous ‖ envelope ‖ digest). `previous` may be `ret_hash`. */
bool chain_hash(const uint8_t previous[HASH_SIZE], const void *envelope, size_t size,
                const uint8_t digest[HASH_SIZE], uint8_t ret_hash[HASH_SIZE],
                struct niva_error *err) NIVA_MUST_CHECK;

#endif
