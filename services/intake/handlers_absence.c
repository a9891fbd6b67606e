#include "services/intake/handlers.h"

typedef Niva__Intake__V1__Absence Absence;

/* ---- checks ---- */

static void absence_check(struct niva_check *check, const Absence *absence)
{
    niva_day first = NIVA_DAY_NONE;
    niva_day until;

    niva_check_hsa_id(check, "unit", absence->unit);
    niva_check_name_key(check, "profession_group", absence->profession_group);
    niva_check_position_key(check, "position_key", absence->position_key);
    niva_check_day(check, "first_day", absence->first_day, true, &first);
    niva_check_last_day(check, "expected_last_day", absence->expected_last_day, first, &until);
    if (absence->part_case == NIVA__INTAKE__V1__ABSENCE__PART_ABSENT_MILLI)
        niva_check_range(check, "absent_milli", absence->absent_milli, 1, FULL_TIME_MILLI);
    day_check(check, "expected_since", absence->expected_since, false);
    positions_check(check, "cover", absence->n_cover, absence->cover, COVER_MAX,
                    absence->position_key);
    niva_check_text(check, "plan_note", absence->plan_note, 0, NOTE_CHARACTERS_MAX);
    received_check(check, absence->received_at);
}

bool check_notify_absence(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Intake__V1__NotifyAbsenceRequest *request = (const void *)message;
    struct niva_check check;

    niva_check_begin(&check, err);
    if (niva_check_present(&check, "absence", request->absence)) {
        niva_check_enter(&check, "absence", -1);
        absence_check(&check, request->absence);
    }
    return niva_check_end(&check);
}

bool check_update_absence(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Intake__V1__UpdateAbsenceRequest *request = (const void *)message;
    struct niva_check check;

    niva_check_begin(&check, err);
    if (request->expected_case ==
        NIVA__INTAKE__V1__UPDATE_ABSENCE_REQUEST__EXPECTED_EXPECTED_VERSION)
        niva_check_range(&check, "expected_version", request->expected_version, 1, INT32_MAX);
    if (niva_check_present(&check, "absence", request->absence)) {
        niva_check_enter(&check, "absence", -1);
        niva_check_uuid(&check, "absence_id", request->absence->absence_id);
        absence_check(&check, request->absence);
    }
    return niva_check_end(&check);
}

bool check_cancel_absence(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Intake__V1__CancelAbsenceRequest *request = (const void *)message;
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_uuid(&check, "absence_id", request->absence_id);
    return niva_check_end(&check);
}

/* ---- reads ---- */

bool read_list_absences(struct niva_read *read, const ProtobufCMessage *message,
                        ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Intake__V1__ListAbsencesRequest *request = (const void *)message;
    Niva__Intake__V1__ListAbsencesResponse *response = (void *)reply;
    struct store_filter filter = {.include_history = request->include_history};
    struct niva_check check;
    struct store_page page;

    niva_check_begin(&check, err);
    subject_read(&check, request->unit, request->profession_group, &filter);
    known_at_read(&check, request->known_at, &filter.known_at);
    page_read(&check, request->page_size, request->page_token, &filter);
    return niva_check_end(&check) &&
           store_list_absences(read->pg, &filter, read->arena, &page, err) &&
           page_messages(&niva__intake__v1__absence__descriptor, &page, read->arena,
                         &response->n_absences, (void ***)&response->absences, err) &&
           page_token(&page, read->arena, &response->next_page_token, err);
}
