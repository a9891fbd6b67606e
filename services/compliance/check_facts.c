#include <stdlib.h>
#include <string.h>

#include "services/compliance/checks.h"

static void check_days(struct niva_check *check, const char *first_day, const char *last_day)
{
    niva_day first;
    niva_day until;
    if (niva_check_day(check, "first_day", first_day, true, &first))
        niva_check_last_day(check, "last_day", last_day, first, &until);
}

void check_contract(struct niva_check *check, const pb_contract *contract)
{
    niva_day day;
    niva_instant instant;
    niva_check_hsa_id(check, "unit", contract->unit);
    niva_check_name_key(check, "profession_group", contract->profession_group);
    check_days(check, contract->first_day, contract->last_day);
    niva_check_range(check, "minimum_milli", contract->minimum_milli, 0, FTE_MILLI_MAX);
    niva_check_day(check, "binding_from", contract->binding_from, false, &day);
    niva_check_text(check, "reference", contract->reference, 0, 200);
    niva_check_timestamp(check, "received_at", contract->received_at, &instant);
}

bool check_put_contract(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__PutContractRequest *put = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    if (niva_check_present(&check, "contract", put->contract)) {
        size_t mark = niva_check_enter(&check, "contract", -1);
        check_contract(&check, put->contract);
        niva_check_leave(&check, mark);
    }
    return niva_check_end(&check);
}

void check_listing(struct niva_check *check, const pb_listing *listing)
{
    niva_day day;
    niva_instant instant;
    niva_check_hsa_id(check, "unit", listing->unit);
    niva_check_day(check, "as_of", listing->as_of, true, &day);
    niva_check_range(check, "listed", listing->listed, 0, LISTED_MAX);
    if (listing->weighted_case == NIVA__COMPLIANCE__V1__LISTING__WEIGHTED_WEIGHTED_MILLI)
        niva_check_range(check, "weighted_milli", listing->weighted_milli, 0, WEIGHTED_MILLI_MAX);
    niva_check_timestamp(check, "received_at", listing->received_at, &instant);
}

/* By unit and day, of equal ones in the order of the request. */
static int compare_listings(const void *left, const void *right)
{
    pb_listing *const *a = *(pb_listing *const *const *)left;
    pb_listing *const *b = *(pb_listing *const *const *)right;
    int order = strcmp((*a)->unit, (*b)->unit);
    if (order == 0)
        order = strcmp((*a)->as_of, (*b)->as_of);
    return order != 0 ? order : (a < b ? -1 : a > b);
}

static void check_unique(struct niva_check *check,
                         const Niva__Compliance__V1__PutListingsRequest *put)
{
    pb_listing *const *sorted[LISTINGS_MAX];
    for (size_t i = 0; i < put->n_listings; i++)
        sorted[i] = &put->listings[i];
    qsort(sorted, put->n_listings, sizeof sorted[0], compare_listings);
    for (size_t i = 1; i < put->n_listings; i++) {
        if (strcmp((*sorted[i])->unit, (*sorted[i - 1])->unit) != 0 ||
            strcmp((*sorted[i])->as_of, (*sorted[i - 1])->as_of) != 0)
            continue;
        size_t mark = niva_check_enter(check, "listings", sorted[i] - put->listings);
        niva_check_fail(check, "as_of", "LISTING_TWICE",
                        "Enheten har redan en listning för den dagen i samma begäran.",
                        "The unit has a listing of that day already in this request.");
        niva_check_leave(check, mark);
    }
}

bool check_put_listings(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__PutListingsRequest *put = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    if (put->n_listings < 1 || put->n_listings > LISTINGS_MAX) {
        niva_check_fail(&check, "listings", put->n_listings < 1 ? "TOO_FEW" : "TOO_MANY",
                        "Det ska vara 1 till 2000 listningar.",
                        "There must be 1 to 2000 listings.");
        return niva_check_end(&check);
    }
    for (size_t i = 0; i < put->n_listings; i++) {
        size_t mark = niva_check_enter(&check, "listings", (long)i);
        check_listing(&check, put->listings[i]);
        niva_check_leave(&check, mark);
    }
    check_unique(&check, put);
    return niva_check_end(&check);
}

void check_scope(struct niva_check *check, const char *unit, const char *region_code)
{
    if ((unit[0] != '\0') == (region_code[0] != '\0'))
        niva_check_fail(check, "unit", "UNIT_OR_REGION",
                        "Ange antingen en enhet eller en region, inte båda.",
                        "Give either a unit or a region, not both.");
    if (unit[0] != '\0')
        niva_check_hsa_id(check, "unit", unit);
    if (region_code[0] != '\0')
        niva_check_region(check, "region_code", region_code);
}

static void check_dispensation(struct niva_check *check, const pb_dispensation *dispensation)
{
    niva_day day;
    niva_instant instant;
    check_scope(check, dispensation->unit, dispensation->region_code);
    niva_check_name_key(check, "profession_group", dispensation->profession_group);
    check_days(check, dispensation->first_day, dispensation->last_day);
    if (dispensation->reduced_case ==
        NIVA__COMPLIANCE__V1__DISPENSATION__REDUCED_REDUCED_MINIMUM_MILLI)
        niva_check_range(check, "reduced_minimum_milli", dispensation->reduced_minimum_milli, 0,
                         FTE_MILLI_MAX);
    niva_check_text(check, "decision_reference", dispensation->decision_reference, 1, 200);
    niva_check_day(check, "review_on", dispensation->review_on, false, &day);
    niva_check_timestamp(check, "received_at", dispensation->received_at, &instant);
}

bool check_grant_dispensation(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__GrantDispensationRequest *grant = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    if (niva_check_present(&check, "dispensation", grant->dispensation)) {
        size_t mark = niva_check_enter(&check, "dispensation", -1);
        check_dispensation(&check, grant->dispensation);
        niva_check_leave(&check, mark);
    }
    return niva_check_end(&check);
}

bool check_revoke_dispensation(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__RevokeDispensationRequest *revoke = (const void *)request;
    struct niva_check check;
    niva_day day;
    niva_check_begin(&check, err);
    niva_check_uuid(&check, "dispensation_id", revoke->dispensation_id);
    niva_check_day(&check, "from_day", revoke->from_day, true, &day);
    return niva_check_end(&check);
}

bool check_void_dispensation(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__VoidDispensationRequest *annul = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    niva_check_uuid(&check, "dispensation_id", annul->dispensation_id);
    niva_check_text(&check, "reason", annul->reason, 1, 500);
    return niva_check_end(&check);
}

static void check_finding(struct niva_check *check, const pb_finding *finding)
{
    niva_instant instant;
    if (finding->finding_id[0] != '\0')
        niva_check_uuid(check, "finding_id", finding->finding_id);
    niva_check_hsa_id(check, "unit", finding->unit);
    niva_check_name_key(check, "profession_group", finding->profession_group);
    check_days(check, finding->first_day, finding->last_day);
    niva_check_range(check, "counted_milli", finding->counted_milli, 0, FTE_MILLI_MAX);
    niva_check_text(check, "evidence", finding->evidence, 1, 2000);
    niva_check_text(check, "case_number", finding->case_number, 1, 100);
    niva_check_timestamp(check, "received_at", finding->received_at, &instant);
}

bool check_put_finding(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__PutFindingRequest *put = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    if (niva_check_present(&check, "finding", put->finding)) {
        size_t mark = niva_check_enter(&check, "finding", -1);
        check_finding(&check, put->finding);
        niva_check_leave(&check, mark);
    }
    return niva_check_end(&check);
}
