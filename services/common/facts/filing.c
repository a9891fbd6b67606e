#include "services/common/facts/filing.h"

#include <stdio.h>
#include <string.h>

typedef Niva__Intake__V1__StaffingReport Report;
typedef Niva__Intake__V1__Absence Absence;

enum { TITLE_CHARACTERS_MAX = 8 };

/* ---- fields ---- */

static void day_check(struct niva_check *check, const char *field, const char *value, bool required)
{
    niva_day day;

    niva_check_day(check, field, value, required, &day);
}

static void received_check(struct niva_check *check,
                           const struct Google__Protobuf__Timestamp *value)
{
    niva_instant received_at;

    niva_check_timestamp(check, "received_at", value, &received_at);
}

static void title_check(struct niva_check *check, const char *title)
{
    size_t length = strspn(title, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    if (length == 0 || length > TITLE_CHARACTERS_MAX || title[length] != '\0')
        niva_check_fail(check, "title_code", "TITLE_MALFORMED",
                        "Titeln ska vara en HSA-kod, 1–8 versaler eller siffror, t.ex. FT.",
                        "The title must be an HSA code, 1–8 capitals or digits, e.g. FT.");
}

/* Whether a key was used before in the list, or is `taken`. An empty one is refused elsewhere. */
static bool key_used(Niva__Intake__V1__Position *const *positions, size_t index, const char *taken)
{
    const char *key = positions[index]->position_key;

    if (key[0] == '\0')
        return false;
    for (size_t i = 0; i < index; i++)
        if (strcmp(positions[i]->position_key, key) == 0)
            return true;
    return strcmp(key, taken) == 0;
}

void niva_check_position(struct niva_check *check, const Niva__Intake__V1__Position *position)
{
    niva_day first = NIVA_DAY_NONE;
    niva_day until;

    niva_check_position_key(check, "position_key", position->position_key);
    title_check(check, position->title_code);
    niva_check_given(check, "employment", (int)position->employment);
    niva_check_range(check, "fte_milli", position->fte_milli, 0, NIVA_FULL_TIME_MILLI);
    niva_check_day(check, "first_day", position->first_day, false, &first);
    niva_check_last_day(check, "last_day", position->last_day, first, &until);
}

/* At most `most`, each good, keys unique and other than `taken` ("": none). */
static void positions_check(struct niva_check *check, const char *field, size_t count,
                            Niva__Intake__V1__Position *const *positions, size_t most,
                            const char *taken)
{
    if (count > most) {
        char text_sv[96];
        char text_en[96];

        snprintf(text_sv, sizeof text_sv, "Listan får ha högst %zu positioner.", most);
        snprintf(text_en, sizeof text_en, "The list may have at most %zu positions.", most);
        niva_check_fail(check, field, "TOO_MANY", text_sv, text_en);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t mark = niva_check_enter(check, field, (long)i);

        niva_check_position(check, positions[i]);
        if (key_used(positions, i, taken))
            niva_check_fail(check, "position_key", "POSITION_KEY_DUPLICATE",
                            "Befattningsnyckeln används redan av en annan position.",
                            "The position key is already used by another position.");
        niva_check_leave(check, mark);
    }
}

static void certifier_check(struct niva_check *check, const Niva__Intake__V1__Certifier *certifier)
{
    size_t mark = niva_check_enter(check, "certified_by", -1);

    if (certifier->hsa_id[0] != '\0' || certifier->role != 0) {
        niva_check_hsa_id(check, "hsa_id", certifier->hsa_id);
        niva_check_given(check, "role", (int)certifier->role);
    }
    niva_check_leave(check, mark);
}

void niva_check_report(struct niva_check *check, const Report *report, bool positions)
{
    niva_check_hsa_id(check, "unit", report->unit);
    niva_check_name_key(check, "profession_group", report->profession_group);
    day_check(check, "effective_from", report->effective_from, true);
    if (positions)
        positions_check(check, "positions", report->n_positions, report->positions,
                        NIVA_POSITIONS_MAX, "");
    niva_check_text(check, "resolution_note", report->resolution_note, 0, NIVA_NOTE_CHARACTERS_MAX);
    if (report->certified_by != NULL)
        certifier_check(check, report->certified_by);
    if (report->corrects_report_id[0] != '\0')
        niva_check_uuid(check, "corrects_report_id", report->corrects_report_id);
    received_check(check, report->received_at);
}

void niva_check_absence(struct niva_check *check, const Absence *absence)
{
    niva_day first = NIVA_DAY_NONE;
    niva_day until;

    niva_check_hsa_id(check, "unit", absence->unit);
    niva_check_name_key(check, "profession_group", absence->profession_group);
    niva_check_position_key(check, "position_key", absence->position_key);
    niva_check_day(check, "first_day", absence->first_day, true, &first);
    niva_check_last_day(check, "expected_last_day", absence->expected_last_day, first, &until);
    if (absence->part_case == NIVA__INTAKE__V1__ABSENCE__PART_ABSENT_MILLI)
        niva_check_range(check, "absent_milli", absence->absent_milli, 1, NIVA_FULL_TIME_MILLI);
    day_check(check, "expected_since", absence->expected_since, false);
    positions_check(check, "cover", absence->n_cover, absence->cover, NIVA_COVER_MAX,
                    absence->position_key);
    niva_check_text(check, "plan_note", absence->plan_note, 0, NIVA_NOTE_CHARACTERS_MAX);
    received_check(check, absence->received_at);
}

/* ---- what is on record ---- */

bool niva_unit_open(const Niva__Intake__V1__Unit *unit, struct niva_span days,
                    struct niva_error *err)
{
    niva_day closed_on = niva_day_read(unit->closed_on);

    if (closed_on != NIVA_DAY_NONE && days.from > closed_on)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, unit->hsa_id, "UNIT_CLOSED",
                           "Vårdcentralen %s är stängd efter %s. Beställaren kan ändra dagen med "
                           "PutUnit.",
                           "The unit %s is closed after %s. The purchaser can change the day by "
                           "PutUnit.",
                           unit->hsa_id, unit->closed_on);
    if (days.until <= niva_day_read(unit->opened_on))
        return niva_refuse(
            err, NIVA_FAILED_PRECONDITION, unit->hsa_id, "UNIT_NOT_OPEN_YET",
            "Vårdcentralen %s öppnar först %s. Beställaren kan ändra dagen med PutUnit.",
            "The unit %s does not open until %s. The purchaser can change the day by "
            "PutUnit.",
            unit->hsa_id, unit->opened_on);
    return true;
}

struct niva_span niva_absence_days(const Absence *absence)
{
    niva_day last = niva_day_read(absence->expected_last_day);
    struct niva_span days = {niva_day_read(absence->first_day), NIVA_DAY_END};

    if (last != NIVA_DAY_NONE)
        days.until = last + 1;
    return days;
}

bool niva_correction_allowed(const Report *report, const char *report_id,
                             const struct niva_corrected *corrected, struct niva_error *err)
{
    if (corrected == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "report.correctsReportId", "REPORT_UNKNOWN",
                           "Det finns ingen rapport %s.", "There is no report %s.", report_id);
    if (strcmp(corrected->unit, report->unit) != 0 ||
        strcmp(corrected->profession_group, report->profession_group) != 0)
        return niva_refuse(
            err, NIVA_FAILED_PRECONDITION, corrected->report_id, "REPORT_OF_OTHER_UNIT",
            "Rapport %s gäller en annan enhet eller yrkesgrupp. En rättelse lämnas av "
            "den som lämnade rapporten.",
            "Report %s is of another unit or profession group. A correction is filed by "
            "whoever filed the report.",
            corrected->report_id);
    if (corrected->withdrawn)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, corrected->report_id, "REPORT_WITHDRAWN",
                           "Rapport %s är återkallad. Enheten lämnar i stället en ny rapport.",
                           "Report %s is withdrawn. The unit files a new report instead.",
                           corrected->report_id);
    if (corrected->corrected_by == NULL)
        return true;
    return niva_refuse(
        err, NIVA_FAILED_PRECONDITION, corrected->corrected_by, "REPORT_ALREADY_CORRECTED",
        "Rapporten är redan rättad; %s gäller nu. Enheten rättar eller återkallar den.",
        "The report is already corrected; %s stands now. The unit corrects or withdraws "
        "that one.",
        corrected->corrected_by);
}

bool niva_refuse_erased(const char *field, const char *before, const char *decision_reference,
                        struct niva_error *err)
{
    return niva_refuse(err, NIVA_FAILED_PRECONDITION, field, "ERASED",
                       "Dagarna före %s är gallrade (beslut %s) och står som de senast "
                       "räknades. Beställaren kan fastställa dem genom ett konstaterande.",
                       "The days before %s are erased (decision %s) and stand as they were "
                       "last counted. The purchaser can establish them by a finding.",
                       before, decision_reference);
}
