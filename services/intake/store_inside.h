/* What the parts of the store share: store.c, what the writer reads and writes, and store_lists.c,
 * what queries read. */
#ifndef NIVA_INTAKE_STORE_INSIDE_H
#define NIVA_INTAKE_STORE_INSIDE_H

#include "services/intake/store.h"

/* The reports that stand of units ($2) on days ($3), as rows of a list; $1 is the end of time. */
extern const struct niva_statement report_twins;

#endif
