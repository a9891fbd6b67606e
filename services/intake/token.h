/* Page tokens: the key of the last row seen, opaque to clients. Garbage is refused. */
#ifndef NIVA_INTAKE_TOKEN_H
#define NIVA_INTAKE_TOKEN_H

#include "services/common/base/arena.h"

/* NULL when the arena is out. */
char *token_of_number(int64_t fact_no, struct niva_arena *arena);
char *token_of_unit(const char *hsa_id, int32_t version, struct niva_arena *arena);

/* False for anything that token_of_* did not write. "" is the beginning: 0, and "" with 0. */
bool token_read_number(const char *token, int64_t *ret_fact_no) NIVA_MUST_CHECK;
bool token_read_unit(const char *token, struct niva_arena *arena, const char **ret_hsa_id,
                     int32_t *ret_version) NIVA_MUST_CHECK;

#endif
