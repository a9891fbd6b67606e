#include <string.h>

#include "niva/compensation/v1/component.pb-c.h"
#include "services/common/pg/facts.h"
#include "services/common/wire/token.h"
#include "services/compensation/handlers.h"
#include "services/compensation/token.h"

typedef Niva__Compensation__V1__ListComponentsRequest ListComponentsRequest;
typedef Niva__Compensation__V1__ListComponentsResponse ListComponentsResponse;

static bool filter_read(const ListComponentsRequest *request, struct niva_fact_filter *ret_filter,
                        struct niva_error *err)
{
    struct niva_fact_filter filter = {.kind = "component",
                                      .unit = request->unit,
                                      .group = request->profession_group,
                                      .since = NIVA_DAY_NONE,
                                      .known_at = INT64_MAX,
                                      .include_history = request->include_history};
    struct niva_check check;

    niva_check_begin(&check, err);
    if (request->unit[0] != '\0')
        niva_check_hsa_id(&check, "unit", request->unit);
    if (request->profession_group[0] != '\0')
        niva_check_name_key(&check, "profession_group", request->profession_group);
    if (request->known_at != NULL)
        niva_check_timestamp(&check, "known_at", request->known_at, &filter.known_at);
    niva_check_page_size(&check, request->page_size, &filter.limit);
    if (!token_read_fact(request->page_token, &filter.after_no))
        niva_token_refuse(&check);
    if (!niva_check_end(&check))
        return false;
    *ret_filter = filter;
    return true;
}

bool handle_list_components(struct niva_read *read, const ProtobufCMessage *request,
                            ProtobufCMessage *reply, struct niva_error *err)
{
    ListComponentsResponse *response = (ListComponentsResponse *)reply;
    struct niva_fact_filter filter;
    struct niva_fact *facts;
    ProtobufCMessage **components;
    size_t shown;
    size_t count;

    if (!filter_read((const ListComponentsRequest *)request, &filter, err))
        return false;
    shown = (size_t)filter.limit++; /* one more tells whether there is another page */
    if (!niva_facts_list(read->pg, &filter, read->arena, &count, &facts, err))
        return false;
    if (count > shown) {
        count = shown;
        response->next_page_token = token_of_fact(facts[count - 1].fact_no, read->arena);
    }
    components = niva_arena_array(read->arena, count, sizeof(*components));
    if (components == NULL || response->next_page_token == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        if (!niva_wire_unpack(&niva__compensation__v1__component__descriptor, facts[i].body.data,
                              facts[i].body.len, false, read->arena, &components[i], err))
            return false;
    response->n_components = count;
    response->components = (Niva__Compensation__V1__Component **)components;
    return true;
}
