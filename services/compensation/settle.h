/* The rules of settlements (model section 9.4): which decided lines go to the ledger, in which
 * booking month, by which channel; taking a settlement back, and its being booked. Each is the only
 * item of its batch (settling.h). No SQL. */
#ifndef NIVA_COMPENSATION_SETTLE_H
#define NIVA_COMPENSATION_SETTLE_H

#include "services/common/bus/journal.h"
#include "services/compensation/settling.h"

#define METHOD_PUT_SETTLEMENT_CONFIG "/niva.compensation.v1.SettlementService/PutSettlementConfig"
#define METHOD_EXPORT_SETTLEMENT     "/niva.compensation.v1.SettlementService/ExportSettlement"
#define METHOD_VOID_SETTLEMENT       "/niva.compensation.v1.SettlementService/VoidSettlement"
#define METHOD_CONFIRM_BOOKING       "/niva.compensation.v1.SettlementService/ConfirmBooking"

#define EVENT_SETTLEMENT_EXPORTED "se.niva.compensation.settlement.exported.v1"
#define EVENT_SETTLEMENT_VOIDED   "se.niva.compensation.settlement.voided.v1"
#define EVENT_SETTLEMENT_BOOKED   "se.niva.compensation.settlement.booked.v1"

/* Kinds of facts: a configuration, whose identity is the region, and a version of a settlement. */
#define FACT_SETTLEMENT_CONFIG "settlement-config"
#define FACT_SETTLEMENT        "settlement"

/* Whether a method is about settlements. */
bool settlement_method(const char *method);

/* Each decides one item; the batch's state is the sheet, with its `settling`. */
bool settlement_config_put(struct niva_batch *batch, struct niva_item *item,
                           struct niva_error *err);
bool settlement_export(struct niva_batch *batch, struct niva_item *item, struct niva_error *err);
bool settlement_void(struct niva_batch *batch, struct niva_item *item, struct niva_error *err);
bool settlement_book(struct niva_batch *batch, struct niva_item *item, struct niva_error *err);

/* A copy of a line, to become its next version; NULL when the arena is out. */
Niva__Compensation__V1__Adjustment *settlement_line(const struct sheet_row *row,
                                                    struct niva_arena *arena) NIVA_MUST_CHECK;
/* Takes a line along the edge of an event of its settlement (line_step). No other line of its month
 * is in the batch. */
bool settlement_step(struct niva_batch *batch, const struct niva_item *item,
                     const struct sheet_row *row, enum line_event event,
                     Niva__Compensation__V1__Adjustment *next,
                     struct niva_error *err) NIVA_MUST_CHECK;
/* Keeps a settlement's next version to be written, and appends it as a fact. */
bool settlement_keep(struct niva_batch *batch, const struct niva_item *item, struct niva_uuid id,
                     const Niva__Compensation__V1__Settlement *body,
                     struct niva_error *err) NIVA_MUST_CHECK;
/* Tells of it; all events about settlements have the shape of SettlementExported. */
bool settlement_tell(struct niva_batch *batch, const char *type,
                     const ProtobufCMessageDescriptor *shape,
                     const Niva__Compensation__V1__Settlement *settlement,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* What a rehearsal books by in a region that has registered nothing: every name in it says that it
 * is fictive. NULL when the arena is out. */
const Niva__Compensation__V1__SettlementConfig *settlement_config_fictive(const char *region,
                                                                          struct niva_arena *arena);

/* The channel by which a line is settled: that of its month; a private unit's as the region has it,
 * and otherwise where the unit was closed before the booking month. */
Niva__Compensation__V1__Adjustment__Channel
settlement_channel(const Niva__Compensation__V1__Adjustment *line, niva_day closed_on,
                   niva_day booking_month, const Niva__Compensation__V1__SettlementConfig *config);

/* A settlement as everybody may read it, in an event: without the reason. NULL when the arena is
 * out. */
Niva__Compensation__V1__Settlement *
settlement_shown(const Niva__Compensation__V1__Settlement *settlement, struct niva_arena *arena);

/* A settlement with one of its files, as it is answered. `content` of the format. NULL when the
 * arena is out. */
Niva__Compensation__V1__Settlement *
settlement_with_file(const Niva__Compensation__V1__Settlement *settlement,
                     Niva__Compensation__V1__Settlement__Format format, ProtobufCBinaryData content,
                     struct niva_arena *arena);

/* The checks of the requests, pure. */
bool settlement_config_check(const ProtobufCMessage *request, struct niva_error *err);
bool settlement_export_check(const ProtobufCMessage *request, struct niva_error *err);
bool settlement_void_check(const ProtobufCMessage *request, struct niva_error *err);
bool settlement_booking_check(const ProtobufCMessage *request, struct niva_error *err);

#endif
