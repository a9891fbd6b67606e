/* Random messages of any type, the same for the same seed, and the types of the whole contract. For
 * tests. */
#ifndef NIVA_TESTS_SUPPORT_MESSAGES_H
#define NIVA_TESTS_SUPPORT_MESSAGES_H

#include "sample.pb-c.h"
#include "services/common/wire/wire.h"

struct random {
    uint64_t state;
};

uint64_t random_next(struct random *random);
/* 0 … below - 1. */
size_t random_below(struct random *random, size_t below);

enum { MESSAGE_TYPES_MAX = 256 };

/* Requests and replies of every method, every event, the vector, the envelope and the sample;
 * returns their number. */
size_t message_types(const ProtobufCMessageDescriptor *ret_types[MESSAGE_TYPES_MAX]);

/* A message with a random part of its fields set, lists of up to three, and nothing that canonical
 * JSON does not carry: instants are of microseconds, an Any is of a known type. With `events`
 * CloudEvents are filled too, which are written as JSON but not read. NULL when the arena is out.
 */
ProtobufCMessage *message_random(struct random *random, const ProtobufCMessageDescriptor *type,
                                 bool events, struct niva_arena *arena);

/* Changes a few of `size` ≥ 1 bytes: flips, moves, cuts. Returns the new size, never a greater one.
 */
size_t bytes_mutate(struct random *random, uint8_t *bytes, size_t size);

#endif
