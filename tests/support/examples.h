/* The examples of the page of events, proto/examples/<type>.json: each was told by the sample
 * region. Ids, instants and positions differ from run to run and are not compared. */
#ifndef NIVA_TESTS_SUPPORT_EXAMPLES_H
#define NIVA_TESTS_SUPPORT_EXAMPLES_H

#include "tests/support/system.h"

/* Looks whether what the system has told holds every example, and whether every type that it has
 * told has one. Returns what is wrong; "" when nothing is. */
const char *examples_check(struct system *system);
/* Writes the last event of each type that the system has told as its example. */
void examples_write(struct system *system);

#endif
