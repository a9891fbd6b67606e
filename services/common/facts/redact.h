/* What is left of a report or an absence when its person-related part is erased: ids, unit and
 * group, a report's day and channel, versions, instants and principals, and the erasure. Fields are
 * named that stay, so that a new one goes. */
#ifndef NIVA_COMMON_FACTS_REDACT_H
#define NIVA_COMMON_FACTS_REDACT_H

#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "services/common/base/arena.h"

/* Texts and submessages are borrowed from the original. NULL when the arena is out. */
Niva__Intake__V1__StaffingReport *
niva_report_redacted(const Niva__Intake__V1__StaffingReport *report, const char *erased_by,
                     struct niva_arena *arena) NIVA_MUST_CHECK;
Niva__Intake__V1__Absence *niva_absence_redacted(const Niva__Intake__V1__Absence *absence,
                                                 const char *erased_by,
                                                 struct niva_arena *arena) NIVA_MUST_CHECK;

#endif
