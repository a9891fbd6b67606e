/* What is regulated: adjustments, their sums, and how an amount was computed. */
#ifndef NIVA_NIVACTL_ADJUSTMENTS_H
#define NIVA_NIVACTL_ADJUSTMENTS_H

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "services/nivactl/session.h"

/* All adjustments of a period ("": all) by the session's unit, state, group and known-at. */
bool adjustments_load(struct session *session, const char *period,
                      Niva__Compensation__V1__ListAdjustmentsResponse **ret_adjustments,
                      struct niva_error *err) NIVA_MUST_CHECK;

/* Prints the adjustments, then the sums per unit and in all. */
bool adjustments_print(struct session *session,
                       const Niva__Compensation__V1__ListAdjustmentsResponse *adjustments,
                       struct niva_error *err) NIVA_MUST_CHECK;

/* Explains one, by a known instant where the session has one; `joined`: as everybody may see it. */
bool explanation_load(struct session *session, const char *adjustment_id, bool joined,
                      Niva__Compensation__V1__ExplainAdjustmentResponse **ret_explanation,
                      struct niva_error *err) NIVA_MUST_CHECK;

/* Prints an explanation; INTERNAL when its lines do not add up to the amount. */
bool explanation_print(struct session *session,
                       const Niva__Compensation__V1__ExplainAdjustmentResponse *explanation,
                       struct niva_error *err) NIVA_MUST_CHECK;

#endif
