#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

/* ---- contracts ---- */

static const Niva__Compliance__V1__PutContractRequest *contract_of(const struct niva_item *item)
{
    return (const void *)item->request;
}

/* Of one unit, group and first day there is one contract. */
static char *contract_id(const pb_contract *contract, struct niva_arena *arena)
{
    return niva_arena_printf(arena, "%s/%s/%s", contract->unit, contract->profession_group,
                             contract->first_day);
}

bool want_put_contract(struct desk *desk, const struct niva_item *item)
{
    const pb_contract *contract = contract_of(item)->contract;
    const char *id = contract_id(contract, desk_arena(desk));
    return id != NULL && desk_want_fact(desk, RECORD_CONTRACT, id) &&
           desk_want_unit(desk, contract->unit);
}

bool append_contract(struct desk *desk, const struct niva_item *item, pb_contract *contract,
                     const char *id, niva_instant received, struct niva_error *err)
{
    Niva__Compliance__V1__ContractChanged *event =
        niva_wire_new(&niva__compliance__v1__contract_changed__descriptor, desk_arena(desk));
    if (event == NULL)
        return niva_fail_memory(err);
    event->contract = contract;
    struct niva_fact fact = {.id = id,
                             .version = contract->version,
                             .unit = contract->unit,
                             .group = contract->profession_group,
                             .refers_to = contract->import_id,
                             .first_day = niva_day_read(contract->first_day),
                             .received_at = received};
    const char *by = NULL;
    return desk_append(desk, item, RECORD_CONTRACT, &fact, &contract->base, &by, err) &&
           niva_batch_event(desk_batch(desk), "se.niva.compliance.contract.changed.v1",
                            contract->unit, &event->base, NULL, err) &&
           desk_touch(desk, item, contract->unit, contract->profession_group, PB_PURCHASER_FACT, by,
                      err);
}

bool complete_contract(struct desk *desk, const struct niva_item *item, const pb_contract *given,
                       const char *field, pb_contract **ret_contract, niva_instant *ret_received,
                       struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    pb_contract *contract = niva_wire_copy(&given->base, arena);
    const char *id = contract_id(given, arena);
    if (contract == NULL || id == NULL)
        return niva_fail_memory(err);
    if (!received_complete(desk, item, field, &contract->received_at, ret_received, err))
        return false;
    contract->version = version_of(desk_last(desk, RECORD_CONTRACT, id)) + 1;
    contract->recorded_at = niva_wire_timestamp(item->recorded_at, arena);
    contract->recorded_by = (char *)item->principal;
    contract->import_id = (char *)protobuf_c_empty_string;
    if (contract->recorded_at == NULL)
        return niva_fail_memory(err);
    *ret_contract = contract;
    return true;
}

bool decide_put_contract(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Compliance__V1__PutContractRequest *put = contract_of(item);
    struct niva_arena *arena = desk_arena(desk);
    char *id = contract_id(put->contract, arena);
    Niva__Compliance__V1__PutContractResponse *reply =
        niva_wire_new(&niva__compliance__v1__put_contract_response__descriptor, arena);
    if (id == NULL || reply == NULL)
        return niva_fail_memory(err);
    int32_t present = version_of(desk_last(desk, RECORD_CONTRACT, id));
    niva_instant received;
    if (!version_expect(put->expected_case ==
                            NIVA__COMPLIANCE__V1__PUT_CONTRACT_REQUEST__EXPECTED_EXPECTED_VERSION,
                        put->expected_version, present, id, err) ||
        !complete_contract(desk, item, put->contract, "contract.receivedAt", &reply->contract,
                           &received, err) ||
        !append_contract(desk, item, reply->contract, id, received, err))
        return false;
    item->reply = &reply->base;
    return true;
}

/* ---- listings ---- */

static const Niva__Compliance__V1__PutListingsRequest *listings_of(const struct niva_item *item)
{
    return (const void *)item->request;
}

static char *listing_id(const pb_listing *listing, struct niva_arena *arena)
{
    return niva_arena_printf(arena, "%s/%s", listing->unit, listing->as_of);
}

/* How many units a list is about, counted up to one more than a batch settles for one change. */
static size_t units_in(const Niva__Compliance__V1__PutListingsRequest *put)
{
    const char *units[DESK_ITEM_UNITS_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i < put->n_listings && count <= DESK_ITEM_UNITS_MAX; i++) {
        size_t known = 0;
        while (known < count && strcmp(units[known], put->listings[i]->unit) != 0)
            known++;
        if (known == count)
            units[count++] = put->listings[i]->unit;
    }
    return count;
}

bool want_put_listings(struct desk *desk, const struct niva_item *item)
{
    const Niva__Compliance__V1__PutListingsRequest *put = listings_of(item);
    size_t units = units_in(put);
    bool here =
        units <= DESK_ITEM_UNITS_MAX && desk_units_wanted(desk) + units <= DESK_BATCH_UNITS_MAX;
    for (size_t i = 0; i < put->n_listings; i++) {
        const char *id = listing_id(put->listings[i], desk_arena(desk));
        if (id == NULL || !desk_want_fact(desk, RECORD_LISTING, id))
            return false;
        if (here && !desk_want_unit(desk, put->listings[i]->unit))
            return false;
    }
    return true;
}

bool complete_listing(struct desk *desk, const struct niva_item *item, const pb_listing *given,
                      const char *field, pb_listing **ret_listing, niva_instant *ret_received,
                      struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    pb_listing *listing = niva_wire_copy(&given->base, arena);
    if (listing == NULL)
        return niva_fail_memory(err);
    if (!received_complete(desk, item, field, &listing->received_at, ret_received, err))
        return false;
    listing->recorded_at = niva_wire_timestamp(item->recorded_at, arena);
    listing->recorded_by = (char *)item->principal;
    listing->import_id = (char *)protobuf_c_empty_string;
    if (listing->recorded_at == NULL)
        return niva_fail_memory(err);
    *ret_listing = listing;
    return true;
}

bool append_listing(struct desk *desk, const struct niva_item *item, pb_listing *listing,
                    niva_instant received, struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    const char *id = listing_id(listing, arena);
    Niva__Compliance__V1__ListingChanged *event =
        niva_wire_new(&niva__compliance__v1__listing_changed__descriptor, arena);
    if (id == NULL || event == NULL)
        return niva_fail_memory(err);
    event->listing = listing;
    struct niva_fact fact = {.id = id,
                             .version = version_of(desk_last(desk, RECORD_LISTING, id)) + 1,
                             .unit = listing->unit,
                             .refers_to = listing->import_id,
                             .first_day = niva_day_read(listing->as_of),
                             .received_at = received};
    const char *by = NULL;
    return desk_append(desk, item, RECORD_LISTING, &fact, &listing->base, &by, err) &&
           niva_batch_event(desk_batch(desk), "se.niva.compliance.listing.changed.v1",
                            listing->unit, &event->base, NULL, err) &&
           desk_touch(desk, item, listing->unit, "", PB_PURCHASER_FACT, by, err);
}

/* All or none: all are completed before the first is appended. */
bool decide_put_listings(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Compliance__V1__PutListingsRequest *put = listings_of(item);
    struct niva_arena *arena = desk_arena(desk);
    pb_listing **listings = niva_arena_array(arena, put->n_listings, sizeof *listings);
    niva_instant *received = niva_arena_array(arena, put->n_listings, sizeof *received);
    Niva__Compliance__V1__PutListingsResponse *reply =
        niva_wire_new(&niva__compliance__v1__put_listings_response__descriptor, arena);
    if (listings == NULL || received == NULL || reply == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < put->n_listings; i++) {
        const char *field = niva_arena_printf(arena, "listings[%zu].receivedAt", i);
        if (field == NULL)
            return niva_fail_memory(err);
        if (!complete_listing(desk, item, put->listings[i], field, &listings[i], &received[i], err))
            return false;
    }
    for (size_t i = 0; i < put->n_listings; i++) {
        if (!append_listing(desk, item, listings[i], received[i], err))
            return false;
    }
    reply->count = (int32_t)put->n_listings;
    item->reply = &reply->base;
    return true;
}
