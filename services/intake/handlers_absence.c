#include "services/intake/handlers.h"

typedef Niva__Intake__V1__Absence Absence;

/* ---- checks ---- */

bool check_notify_absence(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Intake__V1__NotifyAbsenceRequest *request = (const void *)message;
    struct niva_check check;

    niva_check_begin(&check, err);
    if (niva_check_present(&check, "absence", request->absence)) {
        niva_check_enter(&check, "absence", -1);
        niva_check_absence(&check, request->absence);
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
        niva_check_absence(&check, request->absence);
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
    niva_check_known_at(&check, request->known_at, &filter.known_at);
    page_read(&check, request->page_size, request->page_token, &filter);
    return niva_check_end(&check) &&
           store_list_absences(read->pg, &filter, read->arena, &page, err) &&
           page_messages(&niva__intake__v1__absence__descriptor, &page, read->arena,
                         &response->n_absences, (void ***)&response->absences, err) &&
           page_token(&page, read->arena, &response->next_page_token, err);
}
