/* The SQL of erasures: what is old enough of a unit and region is read into the sheet, and what is
 * left of it written. */
#ifndef NIVA_COMPENSATION_STORE_ERASURE_H
#define NIVA_COMPENSATION_STORE_ERASURE_H

#include "services/common/bus/journal.h"
#include "services/compensation/erasing.h"

/* What compliance tells when it has carried out an erasure. */
#define EVENT_ERASURE_RECORDED "se.niva.compliance.erasure.recorded.v1"

/* The part of the store's read: what the erasures among the items may take. */
bool store_erasing_read(struct sheet *sheet, struct niva_batch *batch,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* A version without its words. */
struct worded {
    struct niva_uuid id;
    int32_t version;
    const ProtobufCMessage *left;
};

/* Puts what is left in the place of the versions, under the fact `decision` of the same batch. */
bool store_erasing_write(struct niva_batch *batch, int64_t decision, const struct worded *lines,
                         size_t line_count, const struct worded *settlements,
                         size_t settlement_count, struct niva_error *err) NIVA_MUST_CHECK;

#endif
