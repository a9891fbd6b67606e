#include "services/letters/values.h"

#include <assert.h>
#include <string.h>

size_t name_find(const struct niva_letter_name *vocabulary, const char *name, size_t length)
{
    for (size_t i = 0; vocabulary[i].name != NULL; i++)
        if (strlen(vocabulary[i].name) == length && memcmp(vocabulary[i].name, name, length) == 0)
            return i;
    return NIVA_LETTER_NOWHERE;
}

static size_t names_count(const struct niva_letter_name *vocabulary)
{
    size_t count = 0;

    while (vocabulary[count].name != NULL)
        count++;
    return count;
}

struct niva_letter_values *niva_letter_values_new(struct niva_arena *arena,
                                                  const struct niva_letter_name *vocabulary)
{
    struct niva_letter_values *values = niva_arena_alloc(arena, sizeof *values);
    size_t count = names_count(vocabulary);

    if (values == NULL)
        return NULL;
    values->arena = arena;
    values->vocabulary = vocabulary;
    values->root = values;
    values->texts = niva_arena_array(arena, count, sizeof *values->texts);
    values->firsts = niva_arena_array(arena, count, sizeof(struct niva_letter_values *));
    values->lasts = niva_arena_array(arena, count, sizeof(struct niva_letter_values *));
    if (values->texts == NULL || values->firsts == NULL || values->lasts == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        values->texts[i] = "";
    return values;
}

void niva_letter_put(struct niva_letter_values *values, const char *name, const char *text)
{
    size_t at;

    if (values == NULL)
        return;
    at = name_find(values->vocabulary, name, strlen(name));
    assert(at != NIVA_LETTER_NOWHERE && values->vocabulary[at].fields == NULL);
    if (text == NULL)
        values->root->failed = true;
    else
        values->texts[at] = text;
}

struct niva_letter_values *niva_letter_add(struct niva_letter_values *values, const char *list)
{
    struct niva_letter_values *item;
    size_t at;

    if (values == NULL)
        return NULL;
    at = name_find(values->vocabulary, list, strlen(list));
    assert(at != NIVA_LETTER_NOWHERE && values->vocabulary[at].fields != NULL);
    item = niva_letter_values_new(values->arena, values->vocabulary[at].fields);
    if (item == NULL) {
        values->root->failed = true;
        return NULL;
    }
    item->root = values->root;
    if (values->lasts[at] == NULL)
        values->firsts[at] = item;
    else
        values->lasts[at]->next = item;
    values->lasts[at] = item;
    return item;
}
