/* Seals page tokens: a token is good for the list that gave it, asked for the same again. What a
 * page may be asked for in another way is its size, and what to wait for. A token of another list,
 * unit or instant would skip rows and say nothing of it. The seal keeps from mistakes, not from
 * malice: whoever makes one up sees nothing that the list would not show anyway. */
#ifndef NIVA_COMMON_WIRE_SEAL_H
#define NIVA_COMMON_WIRE_SEAL_H

#include "services/common/wire/wire.h"

/* The request as the list is to see it: `page_token` without its seal. The request itself where it
 * has no such field, or nothing in it. INVALID_ARGUMENT with PAGE_TOKEN_INVALID for a token that
 * was not sealed for it. */
bool niva_seal_open(const ProtobufCMessage *request, struct niva_arena *arena,
                    const ProtobufCMessage **ret_request, struct niva_error *err) NIVA_MUST_CHECK;

/* Seals `next_page_token` of the reply, if there is any, for `request` (as it came or as opened).
 * False when the arena is out. */
bool niva_seal_close(const ProtobufCMessage *request, ProtobufCMessage *reply,
                     struct niva_arena *arena, struct niva_error *err) NIVA_MUST_CHECK;

#endif
