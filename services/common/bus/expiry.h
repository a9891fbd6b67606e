/* The end of the request log: an answer is kept for 400 days, so that a caller may ask again with
 * its request_id; what is older is deleted, a set at a time. Internal to the room. */
#ifndef NIVA_COMMON_BUS_EXPIRY_H
#define NIVA_COMMON_BUS_EXPIRY_H

#include "services/common/base/day.h"
#include "services/common/pg/pg.h"

enum { EXPIRY_DAYS = 400, EXPIRY_SET = 1000 };

/* Deletes up to EXPIRY_SET of the oldest answers that are older than 400 days at `now`, in a
 * transaction of its own; `ret_more` tells whether there may be more. */
bool requests_expire(struct niva_pg *pg, niva_instant now, bool *ret_more,
                     struct niva_error *err) NIVA_MUST_CHECK;

#endif
