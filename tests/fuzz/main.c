/* Runs a fuzz target over the files that are named, or over seeded mutations:
 *   fuzz_x FILE…            each file once
 *   fuzz_x --loop N [SEED]  N mutated inputs, the same for the same seed */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { FILE_MAX_BYTES = 16 << 20 };

/* The input is copied to its exact size, so that a byte read too much is seen. */
static bool input_run(const void *bytes, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);

    if (copy == NULL)
        return false;
    if (size > 0)
        memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return true;
}

static bool file_run(const char *path)
{
    FILE *file = fopen(path, "re");
    char *bytes = malloc(FILE_MAX_BYTES);
    bool done = false;

    if (file != NULL && bytes != NULL) {
        size_t size = fread(bytes, 1, FILE_MAX_BYTES, file);

        done = ferror(file) == 0 && input_run(bytes, size);
    }
    if (file != NULL)
        fclose(file);
    free(bytes);
    if (!done)
        fprintf(stderr, "%s cannot be read\n", path);
    return done;
}

static bool loop_run(unsigned long rounds, uint64_t seed)
{
    struct random random = {seed};

    for (unsigned long i = 0; i < rounds; i++) {
        struct niva_text input = {0};
        bool done;

        fuzz_seed(&random, &input);
        if (input.length > 0)
            input.length = bytes_mutate(&random, (uint8_t *)input.data, input.length);
        done = !input.failed && input_run(input.data, input.length);
        niva_text_free(&input);
        if (!done)
            return false;
    }
    printf("%lu inputs of seed %llu\n", rounds, (unsigned long long)seed);
    return true;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "--loop") == 0)
        return loop_run(strtoul(argv[2], NULL, 10), argc > 3 ? strtoull(argv[3], NULL, 10) : 1) ? 0
                                                                                                : 1;
    for (int i = 1; i < argc; i++)
        if (!file_run(argv[i]))
            return 1;
    return 0;
}
