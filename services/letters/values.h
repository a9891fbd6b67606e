/* What a letter says: texts and lists by name. Private to the room. */
#ifndef NIVA_LETTERS_VALUES_H
#define NIVA_LETTERS_VALUES_H

#include "services/letters/letters.h"

struct niva_letter_values {
    struct niva_arena *arena;
    const struct niva_letter_name *vocabulary;
    const char **texts;                 /* by index; "" until put */
    struct niva_letter_values **firsts; /* items of a list, by index; NULL: none */
    struct niva_letter_values **lasts;
    struct niva_letter_values *next; /* the item behind this one */
    struct niva_letter_values *root; /* whose `failed` counts */
    bool failed;
};

/* The index of a name; NIVA_LETTER_NOWHERE when the vocabulary does not have it. `length` bytes. */
#define NIVA_LETTER_NOWHERE ((size_t)-1)
size_t name_find(const struct niva_letter_name *vocabulary, const char *name, size_t length);

#endif
