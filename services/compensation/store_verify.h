/* What the proof of compensation's records reads (verify.c). Rows are copied into the arena, as
 * they stand: what was altered by hand is to be looked at, not refused. */
#ifndef NIVA_COMPENSATION_STORE_VERIFY_H
#define NIVA_COMPENSATION_STORE_VERIFY_H

#include "services/common/bus/verify.h"
#include "services/compensation/store.h"

/* Units of which anything is kept, in their order, after one; or `unit` alone unless it is "". */
bool store_verify_units(struct niva_pg *pg, const char *unit, const char *after, int32_t limit,
                        struct niva_arena *arena, size_t *ret_count, const char ***ret_units,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* A version of a month as compliance told it. */
struct stored_month {
    const char *unit;
    const char *group;
    niva_day month;
    int32_t version;
    niva_instant recorded_at;
    niva_day below_from;
    ProtobufCBinaryData body;
};
/* Every version of every month of a unit, by group, month and version. */
bool store_verify_months(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                         size_t *ret_count, struct stored_month **ret_months,
                         struct niva_error *err) NIVA_MUST_CHECK;

/* A line, or a version of one. */
struct stored_line {
    struct niva_uuid id;
    const char *unit;
    const char *component;
    const char *group;
    niva_day period;
    int32_t state;
    int32_t version;
    niva_instant recorded_at;
    niva_instant computed_at;
    niva_day computed_for;
    ProtobufCBinaryData body;
};
/* The lines of a unit as they are (`versions` false), or every version of them; by id and version.
 */
bool store_verify_lines(struct niva_pg *pg, bool versions, const char *unit,
                        struct niva_arena *arena, size_t *ret_count, struct stored_line **ret_lines,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* What was told of a dialogue, as it is kept. */
struct stored_dialogue {
    int64_t position; /* in compliance's stream */
    int32_t kind;
    const char *group;
    niva_instant recorded_at;
    ProtobufCBinaryData body;
};
/* What was told about a unit, in order. */
bool store_verify_dialogue(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                           size_t *ret_count, struct stored_dialogue **ret_rows,
                           struct niva_error *err) NIVA_MUST_CHECK;

/* The business day that was begun last; NIVA_DAY_NONE: none has been. */
bool store_today(struct niva_pg *pg, niva_day *ret_today, struct niva_error *err) NIVA_MUST_CHECK;

#endif
