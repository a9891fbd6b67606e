/* Messages in which every field is set, always to the same: what stands in each follows from its
 * name and number alone. For golden bytes. */
#ifndef NIVA_TESTS_SUPPORT_FULL_H
#define NIVA_TESTS_SUPPORT_FULL_H

#include "services/common/wire/wire.h"

/* Every field is set, every list has two elements, of a oneof the first member. NULL when the arena
 * is out or a field has a type that has no value here. */
ProtobufCMessage *message_full(const ProtobufCMessageDescriptor *type, struct niva_arena *arena);

#endif
