/* Imports: every row of a file is registered as if it were put alone; all are, or none. */
#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"
#include "services/compliance/import.h"

bool want_import_indicators(struct desk *desk, const struct niva_item *item)
{
    const struct import *import = item->prepared;
    for (size_t i = 0; i < import->count; i++) {
        if (!desk_want_fact(desk, RECORD_INDICATOR, import->rows[i].id))
            return false;
    }
    return true;
}

bool want_import(struct desk *desk, const struct niva_item *item)
{
    const struct import *import = item->prepared;
    const char *units[DESK_ITEM_UNITS_MAX];
    size_t count = 0;
    bool here = true;
    for (size_t i = 0; i < import->count; i++) {
        const struct import_row *row = &import->rows[i];
        size_t known = 0;
        if (!desk_want_fact(desk, row->listing != NULL ? RECORD_LISTING : RECORD_CONTRACT, row->id))
            return false;
        while (here && known < count && strcmp(units[known], row->unit) != 0)
            known++;
        if (known == count && count < DESK_ITEM_UNITS_MAX)
            units[count++] = row->unit;
        else if (known == count)
            here = false;
    }
    here = here && desk_units_wanted(desk) + count <= DESK_BATCH_UNITS_MAX;
    for (size_t i = 0; here && i < count; i++) {
        if (!desk_want_unit(desk, units[i]))
            return false;
    }
    return true;
}

/* An import under decision: the rows as they are recorded, and what is wrong. */
struct importing {
    struct desk *desk;
    struct niva_item *item;
    const struct import *import;
    struct import_row *rows;
    niva_instant *received;
    struct niva_remarks errors;
    char *import_id; /* once it is recorded; before that "" */
};

static bool complete_message(struct importing *importing, const struct import_row *given,
                             struct import_row *row, niva_instant *ret_received,
                             struct niva_error *err)
{
    static const struct indicator_fields fields = {"period", "receivedAt"};
    struct desk *desk = importing->desk;
    const struct niva_item *item = importing->item;
    if (given->indicator != NULL)
        return complete_indicator(desk, item, given->indicator, &fields, &row->indicator,
                                  ret_received, err);
    if (given->listing != NULL)
        return complete_listing(desk, item, given->listing, "receivedAt", &row->listing,
                                ret_received, err);
    return complete_contract(desk, item, given->contract, "receivedAt", &row->contract,
                             ret_received, err);
}

/* Completes a row; what the record says against it is told with its row. */
static bool complete_row(struct importing *importing, size_t index, struct niva_error *err)
{
    const struct import *import = importing->import;
    const struct import_row *given = &import->rows[index];
    struct import_row *row = &importing->rows[index];
    *row = *given;
    if (complete_message(importing, given, row, &importing->received[index], err))
        return true;
    for (size_t i = 0; i < err->violation_count; i++)
        niva_remark_text(
            &importing->errors, given->row,
            strcmp(err->violations[i].field, "period") == 0 ? import->period : import->received,
            err->violations[i].reason, err->violations[i].text_sv, err->violations[i].text_en);
    return err->violation_count > 0;
}

static bool complete_rows(struct importing *importing, struct niva_error *err)
{
    const struct import *import = importing->import;
    struct niva_arena *arena = desk_arena(importing->desk);
    importing->rows = niva_arena_array(arena, import->count, sizeof *importing->rows);
    importing->received = niva_arena_array(arena, import->count, sizeof *importing->received);
    niva_remarks_begin(&importing->errors, arena);
    if (importing->rows == NULL || importing->received == NULL || importing->errors.failed)
        return niva_fail_memory(err);
    memcpy(importing->errors.items, import->errors.items,
           import->errors.count * sizeof(Niva__Common__V1__RowMessage *));
    importing->errors.count = import->errors.count;
    for (size_t i = 0; i < import->count; i++) {
        if (!complete_row(importing, i, err))
            return false;
    }
    niva_remarks_sort(&importing->errors);
    return !importing->errors.failed || niva_fail_memory(err);
}

/* Appends the file, byte for byte as it came. */
static bool record_file(struct importing *importing, struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(importing->desk);
    const struct import *import = importing->import;
    Niva__Compliance__V1__Original *original =
        niva_wire_new(&niva__compliance__v1__original__descriptor, arena);
    char *id = niva_arena_alloc(arena, 37);
    niva_instant received = importing->item->recorded_at;
    const char *by = NULL;
    if (original == NULL || id == NULL)
        return niva_fail_memory(err);
    niva_uuid_format(niva_uuid_v7(importing->item->recorded_at), id);
    if (import->received_at != NULL && !niva_wire_instant(import->received_at, &received))
        return niva_fail_internal(err, "an instant that was not checked");
    original->import_id = id;
    original->media_type = (char *)(uintptr_t)import->media_type;
    original->file_name = (char *)(uintptr_t)import->file_name;
    original->content = import->content;
    original->sha256 = (char *)(uintptr_t)import->sha256;
    original->received_at = niva_wire_timestamp(received, arena);
    original->recorded_at = niva_wire_timestamp(importing->item->recorded_at, arena);
    original->recorded_by = (char *)(uintptr_t)importing->item->principal;
    if (original->received_at == NULL || original->recorded_at == NULL)
        return niva_fail_memory(err);
    struct niva_fact fact = {.id = id,
                             .version = 1,
                             .unit = "",
                             .region = "",
                             .first_day = NIVA_DAY_NONE,
                             .received_at = received};
    importing->import_id = id;
    return desk_append(importing->desk, importing->item, RECORD_IMPORT, &fact, &original->base, &by,
                       err);
}

static bool record_row(struct importing *importing, size_t index, struct niva_error *err)
{
    struct import_row *row = &importing->rows[index];
    struct desk *desk = importing->desk;
    const struct niva_item *item = importing->item;
    niva_instant received = importing->received[index];
    if (row->indicator != NULL) {
        row->indicator->import_id = importing->import_id;
        return append_indicator(desk, item, row->indicator, received, err);
    }
    if (row->listing != NULL) {
        row->listing->import_id = importing->import_id;
        return append_listing(desk, item, row->listing, received, err);
    }
    row->contract->import_id = importing->import_id;
    return append_contract(desk, item, row->contract, row->id, received, err);
}

/* Appends the file and all rows, unless there is something wrong or nothing is to be recorded. */
static bool record_rows(struct importing *importing, bool dry_run, struct niva_error *err)
{
    importing->item->unrecorded = dry_run || importing->errors.count > 0;
    if (importing->item->unrecorded)
        return true;
    if (!record_file(importing, err))
        return false;
    for (size_t i = 0; i < importing->import->count; i++) {
        if (!record_row(importing, i, err))
            return false;
    }
    return true;
}

/* The message of a row. What would be has no instants and no version of its own. */
static void *row_shown(const struct import_row *row, const struct import_row *given,
                       bool unrecorded)
{
    if (unrecorded && row->indicator != NULL) {
        row->indicator->received_at = given->indicator->received_at;
        row->indicator->recorded_at = NULL;
        row->indicator->recorded_by = (char *)protobuf_c_empty_string;
        row->indicator->version = 0;
    } else if (unrecorded && row->listing != NULL) {
        row->listing->received_at = given->listing->received_at;
        row->listing->recorded_at = NULL;
        row->listing->recorded_by = (char *)protobuf_c_empty_string;
    } else if (unrecorded) {
        row->contract->received_at = given->contract->received_at;
        row->contract->recorded_at = NULL;
        row->contract->recorded_by = (char *)protobuf_c_empty_string;
        row->contract->version = 0;
    }
    if (row->indicator != NULL)
        return row->indicator;
    return row->listing != NULL ? (void *)row->listing : row->contract;
}

/* Decides all rows; `ret_messages` are those that are, or would be, recorded: none where something
 * is wrong. */
static bool decide_rows(struct importing *importing, bool dry_run, size_t *ret_count,
                        void ***ret_messages, struct niva_error *err)
{
    const struct import *import = importing->import;
    if (!complete_rows(importing, err) || !record_rows(importing, dry_run, err))
        return false;
    size_t count = importing->errors.count > 0 ? 0 : import->count;
    void **messages = niva_arena_array(desk_arena(importing->desk), count, sizeof *messages);
    if (messages == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        messages[i] = row_shown(&importing->rows[i], &import->rows[i], importing->item->unrecorded);
    *ret_count = count;
    *ret_messages = messages;
    return true;
}

bool decide_import_listings(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Compliance__V1__ImportListingsRequest *request = (const void *)item->request;
    struct importing importing = {.desk = desk,
                                  .item = item,
                                  .import = item->prepared,
                                  .import_id = (char *)protobuf_c_empty_string};
    Niva__Compliance__V1__ImportListingsResponse *reply = niva_wire_new(
        &niva__compliance__v1__import_listings_response__descriptor, desk_arena(desk));
    if (reply == NULL)
        return niva_fail_memory(err);
    if (!decide_rows(&importing, request->dry_run, &reply->n_listings, (void ***)&reply->listings,
                     err))
        return false;
    reply->rows_read = importing.import->rows_read;
    reply->n_row_errors = importing.errors.count;
    reply->row_errors = importing.errors.items;
    reply->import_id = importing.import_id;
    item->reply = &reply->base;
    return true;
}

bool decide_import_contracts(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Compliance__V1__ImportContractsRequest *request = (const void *)item->request;
    struct importing importing = {.desk = desk,
                                  .item = item,
                                  .import = item->prepared,
                                  .import_id = (char *)protobuf_c_empty_string};
    Niva__Compliance__V1__ImportContractsResponse *reply = niva_wire_new(
        &niva__compliance__v1__import_contracts_response__descriptor, desk_arena(desk));
    if (reply == NULL)
        return niva_fail_memory(err);
    if (!decide_rows(&importing, request->dry_run, &reply->n_contracts, (void ***)&reply->contracts,
                     err))
        return false;
    reply->rows_read = importing.import->rows_read;
    reply->n_row_errors = importing.errors.count;
    reply->row_errors = importing.errors.items;
    reply->import_id = importing.import_id;
    item->reply = &reply->base;
    return true;
}

bool decide_import_indicators(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Compliance__V1__ImportIndicatorsRequest *request = (const void *)item->request;
    struct importing importing = {.desk = desk,
                                  .item = item,
                                  .import = item->prepared,
                                  .import_id = (char *)protobuf_c_empty_string};
    Niva__Compliance__V1__ImportIndicatorsResponse *reply = niva_wire_new(
        &niva__compliance__v1__import_indicators_response__descriptor, desk_arena(desk));
    if (reply == NULL)
        return niva_fail_memory(err);
    if (!decide_rows(&importing, request->dry_run, &reply->n_indicators,
                     (void ***)&reply->indicators, err))
        return false;
    reply->rows_read = importing.import->rows_read;
    reply->n_row_errors = importing.errors.count;
    reply->row_errors = importing.errors.items;
    reply->import_id = importing.import_id;
    item->reply = &reply->base;
    return true;
}
