#include "niva/compensation/v1/retention.pb-c.h"
#include "services/common/run/page.h"
#include "services/compensation/decide.h"
#include "services/compensation/handlers.h"

typedef Niva__Compensation__V1__ListErasuresRequest ListErasuresRequest;
typedef Niva__Compensation__V1__ListErasuresResponse ListErasuresResponse;

bool handle_list_erasures(struct niva_read *read, const ProtobufCMessage *request,
                          ProtobufCMessage *reply, struct niva_error *err)
{
    const ListErasuresRequest *asked = (const ListErasuresRequest *)request;
    ListErasuresResponse *response = (ListErasuresResponse *)reply;
    const struct niva_fact_list list = {
        .filter = {.kind = FACT_ERASURE, .unit = asked->unit},
        .type = &niva__compensation__v1__erasure__descriptor,
        .page_size = asked->page_size,
        .page_token = asked->page_token,
        .known_at = asked->known_at,
    };

    return niva_fact_list_read(read, &list,
                               &(struct niva_fact_page){&response->erasures, &response->n_erasures,
                                                        &response->next_page_token},
                               err);
}
