#include "services/compensation/settle.h"

#include <string.h>

#include "niva/compensation/v1/events.pb-c.h"
#include "services/common/wire/wire.h"
#include "services/compensation/decide.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__Adjustment__Channel Channel;
typedef Niva__Compensation__V1__Settlement Settlement;
typedef Niva__Compensation__V1__Settlement__File File;
typedef Niva__Compensation__V1__SettlementConfig SettlementConfig;

bool settlement_method(const char *method)
{
    return strncmp(method, METHOD_EXPORT_SETTLEMENT,
                   strlen("/niva.compensation.v1.SettlementService/")) == 0;
}

Channel settlement_channel(const Adjustment *line, niva_day closed_on, niva_day booking_month,
                           const SettlementConfig *config)
{
    if (line->form != NIVA__INTAKE__V1__OWNER__FORM__PRIVATE)
        return line->channel;
    if (closed_on < booking_month)
        return config->closed_channel != 0 ? config->closed_channel
                                           : NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INVOICE;
    return config->private_channel != 0 ? config->private_channel : line->channel;
}

/* ---- what is kept and told ---- */

/* The version as a fact, which the chain of facts proves. */
static bool fact_append(struct niva_batch *batch, const struct niva_item *item,
                        const struct settlement_row *row, struct niva_error *err)
{
    struct niva_fact *fact = niva_arena_alloc(niva_batch_arena(batch), sizeof *fact);

    if (fact == NULL)
        return niva_fail_memory(err);
    *fact = (struct niva_fact){.kind = FACT_SETTLEMENT,
                               .id = row->body->settlement_id,
                               .version = row->body->version,
                               .unit = "",
                               .group = "",
                               .region = row->body->region_code,
                               .refers_to = "",
                               .first_day = row->period,
                               .recorded_at = item->recorded_at,
                               .recorded_by = row->body->recorded_by,
                               .received_at = item->recorded_at};
    return niva_wire_pack(&row->body->base, niva_batch_arena(batch), &fact->body, err) &&
           niva_batch_fact(batch, fact, err);
}

bool settlement_keep(struct niva_batch *batch, const struct niva_item *item, struct niva_uuid id,
                     const Settlement *body, struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);
    struct settlement_row *row = niva_arena_alloc(sheet->arena, sizeof *row);
    struct niva_span month;

    if (row == NULL)
        return niva_fail_memory(err);
    if (!niva_month_parse(body->period, &month))
        return niva_fail_internal(err, "settlement %s of no month", body->settlement_id);
    *row = (struct settlement_row){
        .id = id, .period = month.from, .recorded_at = item->recorded_at, .body = body};
    sheet->settling->row = row;
    return fact_append(batch, item, row, err);
}

Settlement *settlement_shown(const Settlement *settlement, struct niva_arena *arena)
{
    Settlement *shown = niva_arena_alloc(arena, sizeof *shown);

    if (shown == NULL)
        return NULL;
    *shown = *settlement;
    shown->void_reason = shown->erased_by = (char *)protobuf_c_empty_string;
    return shown;
}

Settlement *settlement_with_file(const Settlement *settlement,
                                 Niva__Compensation__V1__Settlement__Format format,
                                 ProtobufCBinaryData content, struct niva_arena *arena)
{
    Settlement *answered = niva_arena_alloc(arena, sizeof *answered);

    if (answered == NULL)
        return NULL;
    *answered = *settlement;
    for (size_t i = 0; i < settlement->n_files; i++) {
        const File *file = settlement->files[i];

        if (file->format != format)
            continue;
        answered->format = format;
        answered->file_name = file->file_name;
        answered->media_type = file->media_type;
        answered->sha256 = file->sha256;
        answered->content = content;
    }
    return answered;
}

bool settlement_tell(struct niva_batch *batch, const char *type,
                     const ProtobufCMessageDescriptor *shape, const Settlement *settlement,
                     struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    Niva__Compensation__V1__SettlementExported *data = niva_wire_new(shape, arena);

    if (data == NULL)
        return niva_fail_memory(err);
    data->settlement = settlement_shown(settlement, arena);
    return (data->settlement != NULL || niva_fail_memory(err)) &&
           niva_batch_event(batch, type, "", &data->base, NULL, err);
}

/* ---- lines ---- */

Adjustment *settlement_line(const struct sheet_row *row, struct niva_arena *arena)
{
    Adjustment *line = niva_arena_alloc(arena, sizeof *line);

    if (line != NULL)
        *line = *row->body;
    return line;
}

bool settlement_step(struct niva_batch *batch, const struct niva_item *item,
                     const struct sheet_row *row, enum line_event event, Adjustment *next,
                     struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);
    struct sheet_line *line = niva_arena_alloc(sheet->arena, sizeof *line);

    if (line == NULL)
        return niva_fail_memory(err);
    line->component = next->component;
    return line_step(batch, item, line, row, event, next, err);
}

/* ---- the end of a settlement ---- */

static bool present_check(const struct settling *settling, const char *id, struct niva_error *err)
{
    const Settlement *present = settling->present != NULL ? settling->present->body : NULL;

    if (present == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "settlementId", "SETTLEMENT_UNKNOWN",
                           "Det finns ingen avräkning %s.", "There is no settlement %s.", id);
    if (present->state == NIVA__COMPENSATION__V1__SETTLEMENT__STATE__VOIDED)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, id, "SETTLEMENT_VOIDED",
                           "Avräkningen %s är återtagen. Dess regleringar kommer med i en ny.",
                           "Settlement %s was voided. Its adjustments go into a new one.", id);
    if (present->state == NIVA__COMPENSATION__V1__SETTLEMENT__STATE__BOOKED)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, id, "SETTLEMENT_BOOKED",
                           "Avräkningen %s är bokförd som %s. En rättelse görs i redovisningen, "
                           "eller som skillnad i en senare månad.",
                           "Settlement %s is booked as %s. A correction is made in the ledger, or "
                           "as a difference of a later month.",
                           id, present->voucher_number);
    return true;
}

/* The next version of the settlement that is ended. NULL when the arena is out. */
static Settlement *body_next(const struct sheet *sheet, const struct niva_item *item,
                             Niva__Compensation__V1__Settlement__State state)
{
    const Settlement *present = sheet->settling->present->body;
    Settlement *next = niva_arena_alloc(sheet->arena, sizeof *next);

    if (next == NULL)
        return NULL;
    *next = *present;
    next->state = state;
    next->version = present->version + 1;
    next->recorded_at = niva_wire_timestamp(item->recorded_at, sheet->arena);
    next->recorded_by = (char *)(uintptr_t)item->principal;
    return next->recorded_at != NULL ? next : NULL;
}

bool settlement_void(struct niva_batch *batch, struct niva_item *item, struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);
    const Niva__Compensation__V1__VoidSettlementRequest *request =
        (const Niva__Compensation__V1__VoidSettlementRequest *)item->request;
    struct settling *settling = sheet->settling;
    Niva__Compensation__V1__VoidSettlementResponse *reply =
        niva_wire_new(&niva__compensation__v1__void_settlement_response__descriptor, sheet->arena);
    Settlement *body;

    if (!present_check(settling, request->settlement_id, err))
        return false;
    body = body_next(sheet, item, NIVA__COMPENSATION__V1__SETTLEMENT__STATE__VOIDED);
    if (reply == NULL || body == NULL)
        return niva_fail_memory(err);
    body->void_reason = request->reason;
    for (size_t i = 0; i < settling->line_count; i++) {
        const struct sheet_row *row = settling->lines[i];
        Adjustment *line = settlement_line(row, sheet->arena);

        if (line == NULL)
            return niva_fail_memory(err);
        line->settlement_id = (char *)protobuf_c_empty_string;
        line->channel = line_channel(line->form);
        if (!settlement_step(batch, item, row, LINE_VOID, line, err))
            return false;
    }
    settling->voided = true;
    reply->settlement = body;
    item->reply = &reply->base;
    return settlement_keep(batch, item, settling->present->id, body, err) &&
           settlement_tell(batch, EVENT_SETTLEMENT_VOIDED,
                           &niva__compensation__v1__settlement_voided__descriptor, body, err);
}

bool settlement_book(struct niva_batch *batch, struct niva_item *item, struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);
    const Niva__Compensation__V1__ConfirmBookingRequest *request =
        (const Niva__Compensation__V1__ConfirmBookingRequest *)item->request;
    struct settling *settling = sheet->settling;
    Niva__Compensation__V1__ConfirmBookingResponse *reply =
        niva_wire_new(&niva__compensation__v1__confirm_booking_response__descriptor, sheet->arena);
    Settlement *body;

    if (!present_check(settling, request->settlement_id, err))
        return false;
    body = body_next(sheet, item, NIVA__COMPENSATION__V1__SETTLEMENT__STATE__BOOKED);
    if (reply == NULL || body == NULL)
        return niva_fail_memory(err);
    body->voucher_number = request->voucher_number;
    for (size_t i = 0; i < settling->line_count; i++) {
        const struct sheet_row *row = settling->lines[i];
        Adjustment *line = settlement_line(row, sheet->arena);

        if (line == NULL)
            return niva_fail_memory(err);
        line->voucher_number = request->voucher_number;
        if (!settlement_step(batch, item, row, LINE_BOOK, line, err))
            return false;
    }
    reply->settlement = body;
    item->reply = &reply->base;
    return settlement_keep(batch, item, settling->present->id, body, err) &&
           settlement_tell(batch, EVENT_SETTLEMENT_BOOKED,
                           &niva__compensation__v1__settlement_booked__descriptor, body, err);
}
