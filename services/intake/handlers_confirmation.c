#include "services/intake/handlers.h"

bool check_confirm_staffing(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Intake__V1__ConfirmStaffingRequest *request = (const void *)message;
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_hsa_id(&check, "unit", request->unit);
    niva_check_name_key(&check, "profession_group", request->profession_group);
    day_check(&check, "as_of", request->as_of, true);
    received_check(&check, request->received_at);
    return niva_check_end(&check);
}

bool read_list_confirmations(struct niva_read *read, const ProtobufCMessage *message,
                             ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Intake__V1__ListConfirmationsRequest *request = (const void *)message;
    Niva__Intake__V1__ListConfirmationsResponse *response = (void *)reply;
    struct store_filter filter = {0};
    struct niva_check check;
    struct store_page page;

    niva_check_begin(&check, err);
    subject_read(&check, request->unit, request->profession_group, &filter);
    niva_check_known_at(&check, request->known_at, &filter.known_at);
    page_read(&check, request->page_size, request->page_token, &filter);
    return niva_check_end(&check) &&
           store_list_confirmations(read->pg, &filter, read->arena, &page, err) &&
           page_messages(&niva__intake__v1__confirmation__descriptor, &page, read->arena,
                         &response->n_confirmations, (void ***)&response->confirmations, err) &&
           page_token(&page, read->arena, &response->next_page_token, err);
}
