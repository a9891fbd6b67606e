#include <stdio.h>

#include "services/common/run/page.h"
#include "services/common/wire/token.h"
#include "services/compensation/handlers.h"
#include "services/compensation/settle.h"
#include "services/compensation/store_settlements.h"
#include "services/compensation/token.h"

typedef Niva__Compensation__V1__GetSettlementRequest GetSettlementRequest;
typedef Niva__Compensation__V1__ListSettlementsRequest ListSettlementsRequest;
typedef Niva__Compensation__V1__ListSettlementsResponse ListSettlementsResponse;
typedef Niva__Compensation__V1__ListSettlementConfigsRequest ListSettlementConfigsRequest;
typedef Niva__Compensation__V1__ListSettlementConfigsResponse ListSettlementConfigsResponse;
typedef Niva__Compensation__V1__Settlement Settlement;

/* A page stays within what a reader of messages takes in elements, too (wire.h). */
enum { PAGE_LINES_MAX = 40000, CHUNK = 20 };

bool handle_get_settlement(struct niva_read *read, const ProtobufCMessage *request,
                           ProtobufCMessage *reply, struct niva_error *err)
{
    const GetSettlementRequest *get = (const GetSettlementRequest *)request;
    Niva__Compensation__V1__GetSettlementResponse *response =
        (Niva__Compensation__V1__GetSettlementResponse *)reply;
    ProtobufCBinaryData content = {0};
    niva_instant known_at;
    struct settlement_row *row;
    struct niva_check check;
    struct niva_uuid id = {0};

    niva_check_begin(&check, err);
    if (niva_check_uuid(&check, "settlement_id", get->settlement_id) &&
        !niva_uuid_parse(get->settlement_id, &id))
        return niva_fail_internal(err, "a UUID that was checked");
    niva_check_known_at(&check, get->known_at, &known_at);
    if (!niva_check_end(&check) ||
        !store_settlement_get(read->pg, id, known_at, read->arena, &row, err))
        return false;
    if (row == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "settlementId", "SETTLEMENT_UNKNOWN",
                           "Det finns ingen avräkning %s.", "There is no settlement %s.",
                           get->settlement_id);
    if (get->format != NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__FORMAT_UNSPECIFIED &&
        !store_settlement_file(read->pg, id, (int)get->format, read->arena, &content, err))
        return false;
    response->settlement = settlement_with_file(row->body, get->format, content, read->arena);
    return response->settlement != NULL || niva_fail_memory(err);
}

/* ---- lists ---- */

static bool filter_read(const ListSettlementsRequest *request, struct niva_arena *arena,
                        struct settlement_filter *ret_filter, struct niva_error *err)
{
    struct settlement_filter filter = {.region = request->region_code,
                                       .period = NIVA_DAY_NONE,
                                       .state = (int32_t)request->state,
                                       .history = request->include_history};
    struct niva_span month;
    struct niva_check check;

    niva_check_begin(&check, err);
    if (request->region_code[0] != '\0')
        niva_check_region(&check, "region_code", request->region_code);
    if (request->period[0] != '\0') {
        if (niva_month_parse(request->period, &month))
            filter.period = month.from;
        else
            niva_check_fail(&check, "period", "MONTH_MALFORMED",
                            "Bokföringsmånaden ska vara en månad, ÅÅÅÅ-MM.",
                            "The booking month must be a month, YYYY-MM.");
    }
    niva_check_known_at(&check, request->known_at, &filter.known_at);
    niva_check_page_size(&check, request->page_size, &filter.limit);
    if (!token_read_settlement(request->page_token, arena, &filter.after))
        niva_token_refuse(&check);
    if (!niva_check_end(&check))
        return false;
    *ret_filter = filter;
    return true;
}

/* A page under way. */
struct page {
    size_t wanted;
    size_t count;
    size_t bytes;
    size_t lines;
    Settlement **settlements;
    struct settlement_key last;
    bool more;
};

/* Whether another one fits, at least the first. */
static bool page_fits(struct page *page, const Settlement *settlement)
{
    page->bytes += protobuf_c_message_get_packed_size(&settlement->base) + 8;
    page->lines += settlement->n_adjustment_ids;
    return page->count == 0 || (page->count < page->wanted && page->bytes <= NIVA_PAGE_BYTES_MAX &&
                                page->lines <= PAGE_LINES_MAX);
}

/* Settlements can be large: they are read a few at a time until the page is full. */
static bool page_read(struct niva_read *read, struct settlement_filter *filter, struct page *page,
                      struct niva_error *err)
{
    struct settlement_row *rows;
    size_t count;

    filter->limit = CHUNK;
    do {
        if (!store_settlements_list(read->pg, filter, read->arena, &count, &rows, err))
            return false;
        for (size_t i = 0; i < count; i++) {
            if (!page_fits(page, rows[i].body)) {
                page->more = true;
                return true;
            }
            page->settlements[page->count++] = (Settlement *)rows[i].body;
            page->last = (struct settlement_key){rows[i].period, rows[i].id, rows[i].body->version};
        }
        filter->after = &page->last;
    } while (count == CHUNK);
    return true;
}

bool handle_list_settlements(struct niva_read *read, const ProtobufCMessage *request,
                             ProtobufCMessage *reply, struct niva_error *err)
{
    ListSettlementsResponse *response = (ListSettlementsResponse *)reply;
    struct settlement_filter filter;
    struct page page = {0};

    if (!filter_read((const ListSettlementsRequest *)request, read->arena, &filter, err))
        return false;
    page.wanted = (size_t)filter.limit;
    page.settlements = niva_arena_array(read->arena, page.wanted, sizeof *page.settlements);
    if (page.settlements == NULL)
        return niva_fail_memory(err);
    if (!page_read(read, &filter, &page, err))
        return false;
    response->n_settlements = page.count;
    response->settlements = page.settlements;
    if (page.more)
        response->next_page_token = token_of_settlement(&page.last, read->arena);
    return response->next_page_token != NULL || niva_fail_memory(err);
}

bool handle_list_settlement_configs(struct niva_read *read, const ProtobufCMessage *request,
                                    ProtobufCMessage *reply, struct niva_error *err)
{
    const ListSettlementConfigsRequest *asked = (const ListSettlementConfigsRequest *)request;
    ListSettlementConfigsResponse *response = (ListSettlementConfigsResponse *)reply;
    const struct niva_fact_list list = {
        .filter = {.kind = FACT_SETTLEMENT_CONFIG,
                   .region = asked->region_code,
                   .include_history = asked->include_history},
        .type = &niva__compensation__v1__settlement_config__descriptor,
        .page_size = asked->page_size,
        .page_token = asked->page_token,
        .known_at = asked->known_at,
    };

    return niva_fact_list_read(read, &list,
                               &(struct niva_fact_page){&response->configs, &response->n_configs,
                                                        &response->next_page_token},
                               err);
}
