#include "tests/support/settlement_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PRINCIPAL "economist"

static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

ExportRequest rig_export_of(const char *region, const char *period, Format format)
{
    ExportRequest request = NIVA__COMPENSATION__V1__EXPORT_SETTLEMENT_REQUEST__INIT;

    request.region_code = borrowed(region);
    request.period = borrowed(period);
    request.format = format;
    return request;
}

bool rig_export(struct rig *rig, const char *region, const char *period, Format format,
                ExportResponse **ret_response, struct niva_error *err)
{
    ExportRequest request = rig_export_of(region, period, format);
    ProtobufCMessage *reply;

    if (!rig_call(rig, "SettlementService/ExportSettlement", PRINCIPAL, &request.base, &reply, err))
        return false;
    *ret_response = (ExportResponse *)reply;
    return true;
}

bool rig_void(struct rig *rig, const char *settlement_id, const char *reason,
              struct niva_error *err)
{
    Niva__Compensation__V1__VoidSettlementRequest request =
        NIVA__COMPENSATION__V1__VOID_SETTLEMENT_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.settlement_id = borrowed(settlement_id);
    request.reason = borrowed(reason);
    return rig_call(rig, "SettlementService/VoidSettlement", PRINCIPAL, &request.base, &reply, err);
}

bool rig_book(struct rig *rig, const char *settlement_id, const char *voucher,
              struct niva_error *err)
{
    Niva__Compensation__V1__ConfirmBookingRequest request =
        NIVA__COMPENSATION__V1__CONFIRM_BOOKING_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.settlement_id = borrowed(settlement_id);
    request.voucher_number = borrowed(voucher);
    return rig_call(rig, "SettlementService/ConfirmBooking", PRINCIPAL, &request.base, &reply, err);
}

size_t rig_settlements(struct rig *rig, bool history, Settlement ***ret_settlements)
{
    Niva__Compensation__V1__ListSettlementsRequest request =
        NIVA__COMPENSATION__V1__LIST_SETTLEMENTS_REQUEST__INIT;
    Niva__Compensation__V1__ListSettlementsResponse *response;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.region_code = borrowed("19");
    request.include_history = history;
    request.page_size = 1000;
    if (!rig_read(rig, "SettlementService/ListSettlements", &request.base, &reply, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    response = (Niva__Compensation__V1__ListSettlementsResponse *)reply;
    *ret_settlements = response->settlements;
    return response->n_settlements;
}

/* The version of a line by which it was decided. */
static const Adjustment *decision_of(Adjustment *const *versions, size_t count, const char *id)
{
    const Adjustment *found = NULL;

    for (size_t i = 0; i < count; i++)
        if (strcmp(versions[i]->adjustment_id, id) == 0 && versions[i]->decided_by[0] != '\0' &&
            (found == NULL || versions[i]->version < found->version))
            found = versions[i];
    return found;
}

void rig_decided_lines_stand(struct rig *rig)
{
    Adjustment **lines;
    Adjustment **versions;
    size_t count = rig_list(rig, false, &lines);
    size_t version_count = rig_list(rig, true, &versions);

    for (size_t i = 0; i < count; i++) {
        const Adjustment *line = lines[i];
        const Adjustment *first = decision_of(versions, version_count, line->adjustment_id);

        if (line->decided_by[0] == '\0')
            continue;
        assert_non_null(first);
        assert_int_equal(line->deduction_ore, first->deduction_ore);
        assert_int_equal(line->computed_total_ore, first->computed_total_ore);
        assert_string_equal(line->owner, first->owner);
        assert_int_equal(line->form, first->form);
    }
}

static bool settlement_lives(const Settlement *settlement)
{
    return settlement->state != NIVA__COMPENSATION__V1__SETTLEMENT__STATE__VOIDED;
}

/* How many living settlements have a line. */
static size_t settlements_with(Settlement *const *settlements, size_t count, const char *id)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < settlements[i]->n_adjustment_ids; k++)
            found += settlement_lives(settlements[i]) &&
                     strcmp(settlements[i]->adjustment_ids[k], id) == 0;
    return found;
}

void rig_lines_are_settled_once(struct rig *rig)
{
    Settlement **settlements;
    Adjustment **lines;
    size_t count = rig_settlements(rig, false, &settlements);
    size_t line_count = rig_list(rig, false, &lines);
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += settlement_lives(settlements[i]) ? settlements[i]->sum_ore : 0;
    for (size_t i = 0; i < line_count; i++) {
        bool left = lines[i]->state == NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__EXPORTED ||
                    lines[i]->state == NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__BOOKED;

        assert_int_equal(settlements_with(settlements, count, lines[i]->adjustment_id), left);
        sum -= left ? lines[i]->deduction_ore : 0;
    }
    assert_int_equal(sum, 0);
}
