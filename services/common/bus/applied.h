/* Which streams a service follows, and how far streams are applied: its own head, and a cursor for
 * each stream that it follows. */
#ifndef NIVA_COMMON_BUS_APPLIED_H
#define NIVA_COMMON_BUS_APPLIED_H

#include "services/common/pg/pg.h"

enum { NIVA_UPSTREAMS_MAX = 4 };

/* A stream that is followed. Static for ever. */
struct niva_upstream {
    const char *stream;
    /* Only these types: what lies between them is passed over. None: every event, without a gap. */
    size_t type_count;
    const char *const *types;
    /* What it tells is kept beside the record and bears on nothing in it: an event moves the time
     * of the record only by what is appended because of it. */
    bool aside;
};

struct niva_upstreams {
    size_t count; /* at most NIVA_UPSTREAMS_MAX */
    const struct niva_upstream *list;
};

/* The index of a stream; `count` when it is not followed. */
size_t niva_upstream_find(const struct niva_upstreams *upstreams, const char *stream);

struct niva_applied {
    int64_t head;
    int64_t cursors[NIVA_UPSTREAMS_MAX]; /* in the order of the streams that are followed; then 0 */
    niva_day day;                        /* of a rehearsal's clock; NIVA_DAY_NONE */
};

/* Makes the query for it, and reads its rows. */
void niva_applied_query(struct niva_query *query, const struct niva_upstreams *upstreams,
                        struct niva_arena *arena);
bool niva_applied_read(const struct niva_query *query, const struct niva_upstreams *upstreams,
                       struct niva_applied *ret_applied, struct niva_error *err) NIVA_MUST_CHECK;

/* Takes over what another one has further; positions only rise. Whether any did. */
bool niva_applied_raise(struct niva_applied *applied, const struct niva_applied *seen);

#endif
