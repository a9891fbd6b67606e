/* Settlements over the rig of compensation (compensation_rig.h), as "economist". */
#ifndef TESTS_SUPPORT_SETTLEMENT_RIG_H
#define TESTS_SUPPORT_SETTLEMENT_RIG_H

#include "niva/compensation/v1/settlement.pb-c.h"
#include "tests/support/compensation_rig.h"

typedef Niva__Compensation__V1__ExportSettlementRequest ExportRequest;
typedef Niva__Compensation__V1__ExportSettlementResponse ExportResponse;
typedef Niva__Compensation__V1__Settlement Settlement;
typedef Niva__Compensation__V1__Settlement__Format Format;

/* The request; the texts must live as long as it. */
ExportRequest rig_export_of(const char *region, const char *period, Format format);
/* Hands over what is decided of a region in a booking month. */
bool rig_export(struct rig *rig, const char *region, const char *period, Format format,
                ExportResponse **ret_response, struct niva_error *err);
/* Takes a settlement back. */
bool rig_void(struct rig *rig, const char *settlement_id, const char *reason,
              struct niva_error *err);
/* Says that a settlement is booked. */
bool rig_book(struct rig *rig, const char *settlement_id, const char *voucher,
              struct niva_error *err);
/* The settlements of region "19"; with history all versions of all. */
size_t rig_settlements(struct rig *rig, bool history, Settlement ***ret_settlements);

/* Fails unless what was decided is what it was, also where it was handed over, taken back and
 * handed over again: the money, and whose month it is. */
void rig_decided_lines_stand(struct rig *rig);
/* Fails unless lines that were handed over are in one living settlement, all others in none, and
 * living settlements take what their lines take. */
void rig_lines_are_settled_once(struct rig *rig);

#endif
