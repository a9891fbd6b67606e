/* What follow-up reads beside the records of units, and keeps of compensation's adjustments. Rows
 * are copied into the arena, those of a unit together, units in the order of their ids. */
#ifndef NIVA_COMPLIANCE_STORE_FOLLOW_UP_H
#define NIVA_COMPLIANCE_STORE_FOLLOW_UP_H

#include "services/compliance/store.h"

/* Of which units and group, as known when. */
struct followed_question {
    const char *const *units;
    size_t unit_count;
    const char *group;
    niva_instant known_at;
};

/* A message of a unit, packed. */
struct followed_row {
    const char *unit;
    int64_t position; /* its place in the record that it is from */
    ProtobufCBinaryData body;
};
struct followed_rows {
    size_t count;
    struct followed_row *list;
};

/* What was told last of every adjustment of these months: the data of its event. */
bool store_followed_adjustments(struct niva_pg *pg, const struct followed_question *question,
                                struct niva_span months, struct niva_arena *arena,
                                struct followed_rows *ret_rows,
                                struct niva_error *err) NIVA_MUST_CHECK;
/* The present version of every BELOW_MINIMUM breach, whatever its state. */
bool store_followed_breaches(struct niva_pg *pg, const struct followed_question *question,
                             struct niva_arena *arena, struct followed_rows *ret_rows,
                             struct niva_error *err) NIVA_MUST_CHECK;
/* The present version of every indicator of these months, by id. */
bool store_followed_figures(struct niva_pg *pg, const struct followed_question *question,
                            struct niva_span months, struct niva_arena *arena,
                            struct followed_rows *ret_rows, struct niva_error *err) NIVA_MUST_CHECK;
/* Their codes, in order, at most `limit`. */
bool store_followed_codes(struct niva_pg *pg, const struct followed_question *question,
                          struct niva_span months, int32_t limit, struct niva_arena *arena,
                          size_t *ret_count, const char ***ret_codes,
                          struct niva_error *err) NIVA_MUST_CHECK;
/* Everything that was told of the adjustments of a unit, in the order of compensation's record. */
bool store_told_adjustments(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                            struct followed_rows *ret_rows, struct niva_error *err) NIVA_MUST_CHECK;

#endif
