/* The store of settlements: what a command about them reads into the sheet and writes from it. */
#ifndef NIVA_COMPENSATION_STORE_SETTLE_H
#define NIVA_COMPENSATION_STORE_SETTLE_H

#include "services/compensation/settling.h"
#include "services/compensation/store.h"

/* For the only item of a batch, if it is about settlements: reads what it needs, as
 * `sheet->settling`. Others leave it NULL. */
bool store_settling_read(struct sheet *sheet, struct niva_batch *batch,
                         struct niva_error *err) NIVA_MUST_CHECK;
/* Writes what it made, behind the lines. */
bool store_settling_write(struct sheet *sheet, struct niva_batch *batch,
                          struct niva_error *err) NIVA_MUST_CHECK;

#endif
