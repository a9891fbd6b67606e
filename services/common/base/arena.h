/* Arenas: memory that is given back all at once. One arena serves one call, one batch or one file;
 * it is never shared between threads. An arena has a cap, so that no stranger's input can take more
 * than was planned for it. Built with AddressSanitizer every object is a malloc of its own, so that
 * overruns are seen. */
#ifndef NIVA_COMMON_BASE_ARENA_H
#define NIVA_COMMON_BASE_ARENA_H

#include <stddef.h>

#include "services/common/base/error.h"

struct niva_arena;

/* A new arena that gives out at most `cap` bytes in all. NULL when memory is out. Owned by the
 * caller. */
struct niva_arena *niva_arena_new(size_t cap);

/* Gives everything back. Accepts NULL and returns NULL. */
struct niva_arena *niva_arena_free(struct niva_arena *arena);

/* Gives every object back and keeps the arena for use again. */
void niva_arena_reset(struct niva_arena *arena);

/* `size` bytes, aligned for any type, set to zero; never NULL for size 0. NULL over the cap or when
 * memory is out. The memory lives until reset or free. */
void *niva_arena_alloc(struct niva_arena *arena, size_t size) NIVA_MUST_CHECK;

/* The same for `count` objects of `size` bytes; NULL too when the product overflows. */
void *niva_arena_array(struct niva_arena *arena, size_t count, size_t size) NIVA_MUST_CHECK;

/* A copy of `size` bytes with a NUL behind it; NULL as above. */
char *niva_arena_copy(struct niva_arena *arena, const void *bytes, size_t size) NIVA_MUST_CHECK;

/* A copy of a string; NULL as above. */
char *niva_arena_strdup(struct niva_arena *arena, const char *text) NIVA_MUST_CHECK;

/* A formatted string; NULL as above. */
char *niva_arena_printf(struct niva_arena *arena, const char *format, ...)
    NIVA_PRINTF(2, 3) NIVA_MUST_CHECK;

/* Bytes given out since the arena was made or reset. */
size_t niva_arena_used(const struct niva_arena *arena);

/* For tests: the n-th next allocation of this thread, in an arena or a text, fails once, 1 the very
 * next; 0 switches it off. */
void niva_arena_fail_after(size_t n);
/* Whether the allocation that is about to be made is that one. Asked once by each allocation of
 * this room. */
bool niva_arena_fails(void);

#endif
