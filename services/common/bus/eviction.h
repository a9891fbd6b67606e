/* Internal to the room: ends the transaction of a replica that holds the head of the stream and has
 * fallen silent. */
#ifndef NIVA_COMMON_BUS_EVICTION_H
#define NIVA_COMMON_BUS_EVICTION_H

#include "services/common/pg/pg.h"

/* Cuts the connections of other writers of this service that have an open transaction and have said
 * nothing in it for more than a second: their processes are stopped, or their machines gone. One
 * that is at work is left alone. Outside of a transaction. `ret_count` is how many were cut. */
bool writers_evict(struct niva_pg *pg, int64_t *ret_count, struct niva_error *err) NIVA_MUST_CHECK;

#endif
