/* Whether a unit has a current report on a day (model section 7, REPORT_OVERDUE). Pure. */
#ifndef NIVA_COMPLIANCE_REPORTING_H
#define NIVA_COMPLIANCE_REPORTING_H

#include "services/compliance/dossier.h"

struct currency {
    const struct niva_report *standing; /* the report that stands on the day; NULL: none */
    niva_day received;                  /* local day on which the latest report or confirmation came
                                           in, up to the day; NIVA_DAY_NONE: none ever */
    bool overdue;
};

/* Judges a day. `required`: something is required on it. A rule set without reporting duties asks
 * for one report at least, where something is required. Nothing is overdue while the unit is not
 * open or no rule set is in force. What was withdrawn was not received. False when the arena is
 * out. */
bool reporting_judge(const struct dossier *dossier, niva_day day, bool required,
                     struct niva_arena *arena, struct currency *ret_currency,
                     struct niva_error *err) NIVA_MUST_CHECK;

#endif
