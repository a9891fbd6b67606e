/* What can be altered by hand in the rows of a system, as the superuser can, and what the proof
 * must say of each: the table behind test_tamper.c. */
#ifndef NIVA_TESTS_SYSTEM_ALTERATIONS_H
#define NIVA_TESTS_SYSTEM_ALTERATIONS_H

#include "tests/support/system.h"

/* The units of the region that is altered: two that are registered, one that is not. */
#define A    "SE2321000016-A001"
#define B    "SE2321000016-A002"
#define LOST "SE2321000016-A009"

struct site {
    struct system *system;
    struct niva_arena *arena;
};

struct alteration {
    const char *sql;                        /* by hand, or */
    void (*alter)(const struct site *site); /* where the bytes must stay readable */
    const char *codes[3];                   /* all of them stand in the output of the proof */
};

extern const struct alteration alterations[];
extern const size_t alteration_count;

#endif
