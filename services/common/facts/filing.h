/* What can be filed: what is asked of a report or an absence notice before it is taken in. Intake
 * asks it of what it records, compliance of what is only supposed, so that both say the same. Pure.
 */
#ifndef NIVA_COMMON_FACTS_FILING_H
#define NIVA_COMMON_FACTS_FILING_H

#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"
#include "services/common/wire/check.h"

enum {
    NIVA_POSITIONS_MAX = 500, /* of a report */
    NIVA_COVER_MAX = 20,      /* of an absence */
    NIVA_NOTE_CHARACTERS_MAX = 2000,
    NIVA_FULL_TIME_MILLI = 1000,
};

/* The fields of a report, with or without its positions, of one position, or of a notice by
 * themselves; `check` stands in it. */
void niva_check_report(struct niva_check *check, const Niva__Intake__V1__StaffingReport *report,
                       bool positions);
void niva_check_position(struct niva_check *check, const Niva__Intake__V1__Position *position);
void niva_check_absence(struct niva_check *check, const Niva__Intake__V1__Absence *absence);

/* FAILED_PRECONDITION when none of the days (half-open) is an open day of the unit. */
bool niva_unit_open(const Niva__Intake__V1__Unit *unit, struct niva_span days,
                    struct niva_error *err) NIVA_MUST_CHECK;
/* The days of an absence, half-open. */
struct niva_span niva_absence_days(const Niva__Intake__V1__Absence *absence);

/* The report that another one corrects, as it is on record. */
struct niva_corrected {
    const char *report_id;
    const char *unit;
    const char *profession_group;
    bool withdrawn;
    const char *corrected_by; /* the last of its corrections; NULL: none */
};
/* Whether `report` may correct it; NULL: there is none with the id `report_id`. */
bool niva_correction_allowed(const Niva__Intake__V1__StaffingReport *report, const char *report_id,
                             const struct niva_corrected *corrected,
                             struct niva_error *err) NIVA_MUST_CHECK;

/* FAILED_PRECONDITION, with `field`, for a day that lies before those that an erasure left whole.
 * Always false. */
bool niva_refuse_erased(const char *field, const char *before, const char *decision_reference,
                        struct niva_error *err);

#endif
