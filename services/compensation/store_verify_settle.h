/* What the proof of settlements reads (verify_settlements.c): rows as they stand. */
#ifndef NIVA_COMPENSATION_STORE_VERIFY_SETTLE_H
#define NIVA_COMPENSATION_STORE_VERIFY_SETTLE_H

#include "services/compensation/store_verify.h"

/* A settlement as it is, or a version of one. */
struct stored_settlement {
    struct niva_uuid id;
    const char *region;
    niva_day period;
    int32_t state;
    int32_t version;
    niva_instant recorded_at;
    ProtobufCBinaryData body;
};
/* Those with ids after one (NULL: from the beginning), in their order. */
bool store_verify_settlements(struct niva_pg *pg, const struct niva_uuid *after, int32_t limit,
                              struct niva_arena *arena, size_t *ret_count,
                              struct stored_settlement **ret_rows,
                              struct niva_error *err) NIVA_MUST_CHECK;
/* The versions of one. */
bool store_verify_settlement_versions(struct niva_pg *pg, struct niva_uuid id,
                                      struct niva_arena *arena, size_t *ret_count,
                                      struct stored_settlement **ret_rows,
                                      struct niva_error *err) NIVA_MUST_CHECK;

/* A file of a settlement. */
struct stored_file {
    int32_t format;
    ProtobufCBinaryData sha256;
    ProtobufCBinaryData content;
};
bool store_verify_files(struct niva_pg *pg, struct niva_uuid id, struct niva_arena *arena,
                        size_t *ret_count, struct stored_file **ret_files,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* The ids of a settlement's lines as settled_line has them, in their order, with the line itself;
 * body data NULL: there is no such line. */
struct settled_row {
    struct niva_uuid id;
    int32_t state;
    ProtobufCBinaryData body;
};
bool store_verify_settled(struct niva_pg *pg, struct niva_uuid id, struct niva_arena *arena,
                          size_t *ret_count, struct settled_row **ret_rows,
                          struct niva_error *err) NIVA_MUST_CHECK;

/* Ids of lines that are EXPORTED or BOOKED and in no settlement. */
bool store_verify_unsettled(struct niva_pg *pg, struct niva_arena *arena, size_t *ret_count,
                            struct niva_uuid **ret_ids, struct niva_error *err) NIVA_MUST_CHECK;

#endif
