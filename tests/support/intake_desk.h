/* A desk: the rules of intake alone, over a state in memory. No database. */
#ifndef NIVA_TESTS_SUPPORT_INTAKE_DESK_H
#define NIVA_TESTS_SUPPORT_INTAKE_DESK_H

#include "tests/support/intake_caller.h"

struct desk {
    struct caller caller;
    struct state *state;
    struct effect effect; /* of the last call that was accepted */
    int64_t fact_no;
    int64_t effects; /* that recorded something */
};

/* Clears the desk; now is noon on 2022-06-23. */
void desk_open(struct desk *desk);
/* Frees its memory. */
void desk_close(struct desk *desk);

#endif
