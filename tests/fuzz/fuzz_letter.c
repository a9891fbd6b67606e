/* A template from a stranger: it is refused with its line, or filled; nothing is read beyond it and
 * no memory is left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "services/letters/document.h"
#include "services/nivactl/letter_names.h"

enum { ARENA_BYTES = 16 << 20, TEMPLATE_MAX = 16 << 10, ITEMS = 3 };

static void expect(bool holds)
{
    if (!holds)
        abort();
}

/* A word for every name of the receipt, and items in its list. */
static struct niva_letter_values *values_make(struct niva_arena *arena,
                                              const struct niva_letter_name *names)
{
    struct niva_letter_values *values = niva_letter_values_new(arena, names);

    for (; names->name != NULL; names++) {
        if (names->fields == NULL)
            niva_letter_put(values, names->name, "YES");
        for (int i = 0; names->fields != NULL && i < ITEMS; i++)
            for (const struct niva_letter_name *field = names->fields; field->name != NULL; field++)
                niva_letter_put(niva_letter_add(values, names->name), field->name, "YES");
    }
    return values;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    const struct niva_letter_template *letter;
    struct document document;
    struct niva_error err;

    expect(arena != NULL);
    niva_error_clear(&err);
    if (size < TEMPLATE_MAX &&
        niva_letter_template_read("t", (const char *)data, size, receipt_names, arena, &letter,
                                  &err) &&
        document_fill(letter, values_make(arena, receipt_names), arena, &document, &err))
        expect(document.title != NULL && document.blocks != NULL);
    else if (size < TEMPLATE_MAX)
        expect(err.code != NIVA_OK && strncmp(err.text_sv, "t:", 2) == 0);
    niva_arena_free(arena);
    return 0;
}

void fuzz_seed(struct random *random, struct niva_text *input)
{
    char bytes[TEMPLATE_MAX];
    FILE *file = fopen(TEMPLATE, "re");
    size_t size;

    (void)random;
    expect(file != NULL);
    size = fread(bytes, 1, sizeof bytes, file);
    expect(size > 0 && size < sizeof bytes && fclose(file) == 0);
    niva_text_append(input, bytes, size);
}
