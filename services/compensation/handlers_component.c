#include "niva/compensation/v1/component.pb-c.h"
#include "services/common/run/page.h"
#include "services/compensation/handlers.h"

typedef Niva__Compensation__V1__ListComponentsRequest ListComponentsRequest;
typedef Niva__Compensation__V1__ListComponentsResponse ListComponentsResponse;

bool handle_list_components(struct niva_read *read, const ProtobufCMessage *request,
                            ProtobufCMessage *reply, struct niva_error *err)
{
    const ListComponentsRequest *asked = (const ListComponentsRequest *)request;
    ListComponentsResponse *response = (ListComponentsResponse *)reply;
    const struct niva_fact_list list = {
        .filter = {.kind = "component",
                   .unit = asked->unit,
                   .group = asked->profession_group,
                   .include_history = asked->include_history},
        .type = &niva__compensation__v1__component__descriptor,
        .page_size = asked->page_size,
        .page_token = asked->page_token,
        .known_at = asked->known_at,
    };

    return niva_fact_list_read(read, &list,
                               &(struct niva_fact_page){&response->components,
                                                        &response->n_components,
                                                        &response->next_page_token},
                               err);
}
