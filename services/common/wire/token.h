/* Page tokens: the key of the last row that was seen, in hexadecimal, so that nobody takes it for
 * something to count with. What a key is made of is each list's own affair; garbage is refused. */
#ifndef NIVA_COMMON_WIRE_TOKEN_H
#define NIVA_COMMON_WIRE_TOKEN_H

#include "services/common/base/arena.h"
#include "services/common/wire/check.h"

/* The token of a key; NULL when the arena is out, and for NULL. */
char *niva_token_write(const char *key, struct niva_arena *arena) NIVA_MUST_CHECK;

/* The key of a token into `capacity` bytes, "" for "". False for what niva_token_write never wrote:
 * other digits, a NUL, bytes that are not UTF-8, a key that does not fit. */
bool niva_token_read(const char *token, char *ret_key, size_t capacity) NIVA_MUST_CHECK;

/* A number 0 … `most` at `*text`, as it was printed (no sign, space or leading zero), up to `end`,
 * which is stepped over; the NUL is not. */
bool niva_token_number(const char **text, char end, int64_t most,
                       int64_t *ret_number) NIVA_MUST_CHECK;

/* The violation of a list whose page_token is none of its own. */
void niva_token_refuse(struct niva_check *check);

#endif
