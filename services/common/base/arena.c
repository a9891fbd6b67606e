#include "services/common/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_TWIN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_TWIN 1
#endif

enum { ALIGNMENT = _Alignof(max_align_t), BLOCK_LEAST = 4096, BLOCK_MOST = 256 * 1024 };

static _Thread_local size_t fail_countdown;

void niva_arena_fail_after(size_t n)
{
    fail_countdown = n;
}

bool niva_arena_fails(void)
{
    return fail_countdown > 0 && --fail_countdown == 0;
}

/* What `size` bytes take of the cap. Nothing costs nothing: an empty object must not be free, or a
 * stranger could ask for endlessly many. 0 when the size cannot be. */
static size_t size_charged(size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT)
        return 0;
    return size == 0 ? ALIGNMENT : (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

#ifdef ARENA_TWIN

struct niva_arena {
    size_t cap;
    size_t used;
    void **objects;
    size_t count;
    size_t capacity;
};

struct niva_arena *niva_arena_new(size_t cap)
{
    struct niva_arena *arena = niva_arena_fails() ? NULL : calloc(1, sizeof *arena);

    if (arena != NULL)
        arena->cap = cap;
    return arena;
}

void niva_arena_reset(struct niva_arena *arena)
{
    for (size_t i = 0; i < arena->count; i++)
        free(arena->objects[i]);
    arena->count = 0;
    arena->used = 0;
}

struct niva_arena *niva_arena_free(struct niva_arena *arena)
{
    if (arena == NULL)
        return NULL;
    niva_arena_reset(arena);
    free(arena->objects);
    free(arena);
    return NULL;
}

static void *object_take(struct niva_arena *arena, size_t size, size_t charged)
{
    void *object;

    (void)charged;
    if (arena->count == arena->capacity) {
        size_t capacity = arena->capacity == 0 ? 64 : 2 * arena->capacity;
        void **objects = reallocarray(arena->objects, capacity, sizeof *objects);

        if (objects == NULL)
            return NULL;
        arena->objects = objects;
        arena->capacity = capacity;
    }
    object = malloc(size == 0 ? 1 : size);
    if (object != NULL)
        arena->objects[arena->count++] = object;
    return object;
}

#else

struct block {
    struct block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct niva_arena {
    size_t cap;
    size_t used;
    struct block *blocks; /* the newest first; objects are cut from it alone */
};

struct niva_arena *niva_arena_new(size_t cap)
{
    struct niva_arena *arena = niva_arena_fails() ? NULL : calloc(1, sizeof *arena);

    if (arena != NULL)
        arena->cap = cap;
    return arena;
}

/* An arena in steady use keeps its newest ordinary block, so that a call costs no malloc. */
void niva_arena_reset(struct niva_arena *arena)
{
    struct block *kept = NULL;
    struct block *block = arena->blocks;

    while (block != NULL) {
        struct block *next = block->next;

        if (kept == NULL && block->size <= BLOCK_MOST)
            kept = block;
        else
            free(block);
        block = next;
    }
    if (kept != NULL) {
        kept->next = NULL;
        kept->used = 0;
    }
    arena->blocks = kept;
    arena->used = 0;
}

struct niva_arena *niva_arena_free(struct niva_arena *arena)
{
    if (arena == NULL)
        return NULL;
    niva_arena_reset(arena);
    free(arena->blocks);
    free(arena);
    return NULL;
}

static bool block_add(struct niva_arena *arena, size_t charged)
{
    size_t size = arena->blocks == NULL ? BLOCK_LEAST : 2 * arena->blocks->size;
    struct block *block;

    if (size > BLOCK_MOST)
        size = BLOCK_MOST;
    if (size < charged)
        size = charged;
    block = malloc(sizeof *block + size);
    if (block == NULL)
        return false;
    block->next = arena->blocks;
    block->size = size;
    block->used = 0;
    arena->blocks = block;
    return true;
}

static void *object_take(struct niva_arena *arena, size_t size, size_t charged)
{
    struct block *block = arena->blocks;

    (void)size;
    if (block == NULL || block->size - block->used < charged) {
        if (!block_add(arena, charged))
            return NULL;
        block = arena->blocks;
    }
    block->used += charged;
    return block->bytes + block->used - charged;
}

#endif

void *niva_arena_alloc(struct niva_arena *arena, size_t size)
{
    size_t charged = size_charged(size);
    void *object;

    if (niva_arena_fails() || charged == 0 || charged > arena->cap - arena->used)
        return NULL;
    object = object_take(arena, size, charged);
    if (object == NULL)
        return NULL;
    arena->used += charged;
    memset(object, 0, size);
    return object;
}

void *niva_arena_array(struct niva_arena *arena, size_t count, size_t size)
{
    size_t product;

    if (__builtin_mul_overflow(count, size, &product))
        return NULL;
    return niva_arena_alloc(arena, product);
}

char *niva_arena_copy(struct niva_arena *arena, const void *bytes, size_t size)
{
    char *copy = size == SIZE_MAX ? NULL : niva_arena_alloc(arena, size + 1);

    if (copy != NULL && size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

char *niva_arena_strdup(struct niva_arena *arena, const char *text)
{
    return niva_arena_copy(arena, text, strlen(text));
}

char *niva_arena_printf(struct niva_arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    text = length < 0 ? NULL : niva_arena_alloc(arena, (size_t)length + 1);
    if (text == NULL)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

size_t niva_arena_used(const struct niva_arena *arena)
{
    return arena->used;
}
