/* Fuzz targets: each is a program of its own with the entry point of libFuzzer, and a seed for the
 * mutations of the loop in main.c, which a build with -fsanitize=fuzzer leaves out. */
#ifndef NIVA_TESTS_FUZZ_FUZZ_H
#define NIVA_TESTS_FUZZ_FUZZ_H

#include "messages.h"

/* Takes any bytes; aborts when what must hold does not. The first byte chooses the type. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Appends a good input to mutate. */
void fuzz_seed(struct random *random, struct niva_text *input);

/* The type that a first byte stands for; what an Any may hold is registered. */
const ProtobufCMessageDescriptor *fuzz_type(uint8_t choice);

#endif
