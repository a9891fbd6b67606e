/* The fact table: append-only records of what was reported or decided, one shape for every service.
 * A fact has a kind, an identity and a version; its content is a packed message. The service's role
 * may insert and select, nothing else. A later version of the same kind and identity supersedes the
 * earlier ones; nothing is overwritten. */
#ifndef NIVA_COMMON_PG_FACTS_H
#define NIVA_COMMON_PG_FACTS_H

#include <protobuf-c/protobuf-c.h>

#include "services/common/pg/pg.h"

struct niva_fact {
    int64_t fact_no;       /* order of the record in this service, from 1; set when it is written */
    const char *kind;      /* "unit", "report", "contract", … */
    const char *id;        /* identity within the kind */
    int32_t version;       /* from 1 */
    const char *unit;      /* HSA-id; "" for none */
    const char *group;     /* profession group; "" for none or all */
    const char *region;    /* "" for none */
    const char *refers_to; /* id of another fact, e.g. of the corrected report; "" for none */
    niva_day first_day;    /* valid from; NIVA_DAY_NONE for none */
    niva_instant recorded_at;
    const char *recorded_by;
    niva_instant received_at;
    ProtobufCBinaryData body; /* packed message; data NULL once erased */
};

enum { NIVA_FACT_SALT_SIZE = 16, NIVA_FACT_HASH_SIZE = 32 };

/* What proves a fact afterwards: its salted digest and its link in the chain of facts. The journal
 * makes it when the fact is written. Erasing takes salt, first day and body; the rest stays. */
struct niva_fact_seal {
    uint8_t salt[NIVA_FACT_SALT_SIZE];
    uint8_t digest[NIVA_FACT_HASH_SIZE];
    uint8_t hash[NIVA_FACT_HASH_SIZE];
};

/* Filters of a list; zero values mean "all". */
struct niva_fact_filter {
    const char *kind;
    const char *unit;
    const char *group;
    const char *region;
    const char *region_of_unit; /* with `unit`: also facts of this region that have no unit */
    niva_day since;             /* first_day on or after; NIVA_DAY_NONE: all */
    niva_instant known_at;      /* recorded_at ≤; INT64_MAX: all */
    bool include_history;       /* all versions; else the last known version of each identity */
    int64_t after_no;           /* page token: fact_no of the last one seen */
    int32_t limit;
};

/* Reads facts in order of fact_no into `arena`. */
bool niva_facts_list(struct niva_pg *pg, const struct niva_fact_filter *filter,
                     struct niva_arena *arena, size_t *ret_count, struct niva_fact **ret_facts,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* The last version of one identity, known at an instant (INT64_MAX: now); `ret_fact` NULL when
 * there is none. */
bool niva_fact_get(struct niva_pg *pg, const char *kind, const char *id, niva_instant known_at,
                   struct niva_arena *arena, struct niva_fact **ret_fact,
                   struct niva_error *err) NIVA_MUST_CHECK;

/* Queries for the writer's batch: all versions of all facts of these units (any group, any kind but
 * `except`, "" for none), or of one kind, and of these (kind, id) pairs, in order of fact_no. Rows
 * are read by niva_fact_row. */
void niva_facts_query_units(struct niva_query *query, const char *except, const char *const *units,
                            size_t count, struct niva_arena *arena);
void niva_facts_query_kind(struct niva_query *query, const char *kind, const char *const *units,
                           size_t count, struct niva_arena *arena);
void niva_facts_query_ids(struct niva_query *query, const char *const *kinds,
                          const char *const *ids, size_t count, struct niva_arena *arena);
/* All versions of facts without unit of these regions and kinds' facts (rule sets, region-wide
 * dispensations). */
void niva_facts_query_regions(struct niva_query *query, const char *const *regions, size_t count,
                              struct niva_arena *arena);
/* A row of such a query; text and body are copied into the arena. */
bool niva_fact_row(const struct niva_query *query, int row, struct niva_arena *arena,
                   struct niva_fact *ret_fact);

/* The set-wise insert of facts (fact_no set) with their seals. */
void niva_facts_query_insert(struct niva_query *query, const struct niva_fact *const *facts,
                             const struct niva_fact_seal *seals, size_t count,
                             struct niva_arena *arena);

#endif
