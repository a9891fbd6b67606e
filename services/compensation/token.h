/* Page tokens: the place of the last row seen, opaque to clients. Garbage is refused. */
#ifndef NIVA_COMPENSATION_TOKEN_H
#define NIVA_COMPENSATION_TOKEN_H

#include "services/compensation/store_settlements.h"

/* NULL when the arena is out. */
char *token_of_adjustment(const struct store_key *key, struct niva_arena *arena);
char *token_of_settlement(const struct settlement_key *key, struct niva_arena *arena);

/* False for anything that token_of_… did not write. "" is the beginning: a NULL key. What is
 * read lives in the arena. */
bool token_read_adjustment(const char *token, struct niva_arena *arena,
                           const struct store_key **ret_key) NIVA_MUST_CHECK;
bool token_read_settlement(const char *token, struct niva_arena *arena,
                           const struct settlement_key **ret_key) NIVA_MUST_CHECK;

#endif
