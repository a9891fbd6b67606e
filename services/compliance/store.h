/* All SQL of compliance beside the common tables. Facts lie in the common table `fact`; what
 * compliance puts into its columns:
 *   unit          id = HSA-id, region, first_day = opened_on
 *   report        id = report_id; version 1 as it came, version 2 its withdrawal
 *   confirmation  id; refers_to = the report that stood, first_day = as_of
 *   absence       id, every version
 *   rule_set      id = rule_set_id, every version; region, no unit
 *   contract      id = "<unit>/<group>/<first_day>"
 *   listing       id = "<unit>/<as_of>"; no group
 *   dispensation  id; unit, or region and no unit
 *   finding       id
 *   call          id, every version; unit, or region and no unit; first_day = issued_on
 *   dialogue      entry_id; refers_to = the breach
 *   indicator     id = "<unit>/<group>/<code>/<period>"; first_day = the month's
 *   erasure       id of intake's; unit, no group; first_day = the day before which it erased
 * Rows are copied into the arena. */
#ifndef NIVA_COMPLIANCE_STORE_H
#define NIVA_COMPLIANCE_STORE_H

#include "services/common/bus/journal.h"
#include "services/compliance/recompute.h"

/* Today, as stored. */
struct store_day {
    bool begun;               /* false: no day has ever begun */
    niva_day day;             /* the business day; the calendar's while none has begun */
    niva_day target;          /* of a rehearsal */
    niva_day calendar;        /* PostgreSQL's date in Europe/Stockholm */
    int64_t dirty;            /* rows to recompute */
    niva_day next_change_day; /* the earliest of all units; NIVA_DAY_NONE: none */
};

bool store_day(struct niva_pg *pg, struct niva_arena *arena, struct store_day *ret_day,
               struct niva_error *err) NIVA_MUST_CHECK;
/* Work that is known but not done: rows to recompute, days to begin. */
int64_t store_pending(const struct store_day *day, bool rehearsal);
/* How often units and groups have been recomputed, all together. */
bool store_recomputed(struct niva_pg *pg, int64_t *ret_recomputed,
                      struct niva_error *err) NIVA_MUST_CHECK;

/* All versions of these facts (kinds[i], ids[i]). */
bool store_facts(struct niva_pg *pg, const char *const *kinds, const char *const *ids, size_t count,
                 struct niva_arena *arena, struct records *ret_records,
                 struct niva_error *err) NIVA_MUST_CHECK;
/* The whole record of units, in one list. */
bool store_units(struct niva_pg *pg, const char *const *units, size_t count,
                 struct niva_arena *arena, struct records *ret_records,
                 struct niva_error *err) NIVA_MUST_CHECK;
/* The whole record of regions, in one list. */
bool store_regions(struct niva_pg *pg, const char *const *regions, size_t count,
                   struct niva_arena *arena, struct records *ret_records,
                   struct niva_error *err) NIVA_MUST_CHECK;

/* What was said of a unit and group: present versions of its breaches in the order of opening, its
 * months in order, the digest of its forecast (NULL: there is none). */
struct said {
    const char *unit;
    const char *group;
    size_t breach_count;
    size_t breach_capacity;
    struct known_breach *breaches;
    size_t month_count;
    size_t month_capacity;
    struct known_month *months;
    const uint8_t *forecast;
};

/* What was said of these units: every group that was ever looked at. */
bool store_said(struct niva_pg *pg, const char *const *units, size_t count,
                struct niva_arena *arena, size_t *ret_count, struct said **ret_said,
                struct niva_error *err) NIVA_MUST_CHECK;

/* A unit and group to recompute, and why; group "": all groups of the unit. */
struct dirty {
    const char *unit;
    const char *group;
    pb_cause cause;
    const char *caused_by;
    const struct niva_item *item; /* of this batch, that touched it; NULL: marked before */
};

/* The first ones in order of unit and group. */
bool store_dirty(struct niva_pg *pg, size_t limit, struct niva_arena *arena, size_t *ret_count,
                 struct dirty **ret_dirty, struct niva_error *err) NIVA_MUST_CHECK;

/* A version of a breach with its place in the order of opening. */
struct breach_row {
    int64_t opened_order;
    int32_t version;
    pb_breach *breach;
};

struct breach_filter {
    int kind;  /* 0: all */
    int state; /* 0: all; with open_on: OPEN and CLOSED */
    const char *unit;
    const char *group;
    niva_day open_on; /* NIVA_DAY_NONE: all */
    niva_day today;   /* until which an open breach covers days */
    bool include_history;
    niva_instant known_at;
    int64_t after_order;
    int32_t after_version;
    int32_t limit;
};

bool store_breaches(struct niva_pg *pg, const struct breach_filter *filter,
                    struct niva_arena *arena, size_t *ret_count, struct breach_row **ret_rows,
                    struct niva_error *err) NIVA_MUST_CHECK;
/* One breach as known at an instant; NULL when there is none. */
bool store_breach(struct niva_pg *pg, const struct niva_uuid *breach_id, niva_instant known_at,
                  struct niva_arena *arena, pb_breach **ret_breach,
                  struct niva_error *err) NIVA_MUST_CHECK;

/* HSA-ids of the units that these breaches are about, each once. */
bool store_breach_units(struct niva_pg *pg, const struct niva_uuid *breach_ids, size_t count,
                        struct niva_arena *arena, size_t *ret_count, const char ***ret_units,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* A version of a component as it is stored; `body` is its message, packed. */
struct stored_component {
    const char *unit;
    int64_t position; /* of compensation's event */
    ProtobufCBinaryData body;
};
/* Every version of the components of these units, in the order of compensation's record. */
bool store_components(struct niva_pg *pg, const char *const *units, size_t count,
                      struct niva_arena *arena, size_t *ret_count,
                      struct stored_component **ret_rows, struct niva_error *err) NIVA_MUST_CHECK;

/* HSA-ids of units that were registered (in `region`, "" for all) at an instant, in order, after
 * one. */
bool store_registered(struct niva_pg *pg, const char *region, niva_instant known_at,
                      const char *after, int32_t limit, struct niva_arena *arena, size_t *ret_count,
                      const char ***ret_units, struct niva_error *err) NIVA_MUST_CHECK;

/* Writes, in a batch. False when the arena is out. */
bool store_write_day(struct niva_batch *batch, niva_day day, niva_day target) NIVA_MUST_CHECK;
bool store_write_breaches(struct niva_batch *batch, const struct breach_row *rows,
                          size_t count) NIVA_MUST_CHECK;

struct month_row {
    const char *unit;
    const char *group;
    struct known_month said;
};
bool store_write_months(struct niva_batch *batch, const struct month_row *rows,
                        size_t count) NIVA_MUST_CHECK;

struct state_row {
    const char *unit;
    const char *group;
    niva_day next_change_day;
    bool forecast; /* something is forecast, with the digest */
    uint8_t digest[DIGEST_SIZE];
};
bool store_write_states(struct niva_batch *batch, const struct state_row *rows,
                        size_t count) NIVA_MUST_CHECK;

bool store_write_dirty(struct niva_batch *batch, const struct dirty *rows,
                       size_t count) NIVA_MUST_CHECK;
/* What is left of a fact that is erased. */
struct erased_row {
    int64_t fact_no;
    const ProtobufCMessage *message;
};
/* Erases copies of intake's facts, or entries of dialogues, under the fact `decision` of the same
 * batch. */
bool store_write_erased(struct niva_batch *batch, int64_t decision, const struct erased_row *rows,
                        size_t count, struct niva_error *err) NIVA_MUST_CHECK;
bool store_write_erased_dialogue(struct niva_batch *batch, int64_t decision,
                                 const struct erased_row *rows, size_t count,
                                 struct niva_error *err) NIVA_MUST_CHECK;
/* A version of a component that compensation has told. */
struct component_row {
    int64_t position; /* of its event */
    const pb_component *message;
};
bool store_write_components(struct niva_batch *batch, const struct component_row *rows,
                            size_t count, struct niva_error *err) NIVA_MUST_CHECK;
/* What compensation has told of an adjustment (store_follow_up.c). */
struct adjustment_row {
    int64_t position; /* of its event */
    niva_instant recorded_at;
    struct niva_uuid adjustment_id;
    const char *unit;
    const char *group;
    niva_day period; /* the month's first day */
    const ProtobufCMessage *told;
};
bool store_write_adjustments(struct niva_batch *batch, const struct adjustment_row *rows,
                             size_t count, struct niva_error *err) NIVA_MUST_CHECK;
/* All units registered in a region. */
bool store_write_dirty_region(struct niva_batch *batch, const char *region, const char *group,
                              pb_cause cause, const char *caused_by) NIVA_MUST_CHECK;
/* All units and groups that a new day changes. */
bool store_write_dirty_day(struct niva_batch *batch, niva_day day,
                           const char *caused_by) NIVA_MUST_CHECK;
/* These have been recomputed. */
bool store_write_clean(struct niva_batch *batch, const struct dirty *rows,
                       size_t count) NIVA_MUST_CHECK;

#endif
