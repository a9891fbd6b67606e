/* Rule sets, contracts, listings, dispensations, findings and calls, as they are on record. */
#include <string.h>

#include "services/common/run/page.h"
#include "services/compliance/checks.h"
#include "services/compliance/decide.h"
#include "services/compliance/handlers.h"
#include "services/compliance/store.h"

/* ---- rule sets ---- */

/* A known version of a rule set, 0 for the latest; NULL: there is none. */
static bool rule_set_version(struct niva_read *read, const char *id, int32_t version,
                             niva_instant known_at, const ProtobufCMessage **ret_message,
                             struct niva_error *err)
{
    const char *kind = record_kind_name(RECORD_RULE_SET);
    struct records versions;
    if (!store_facts(read->pg, &kind, &id, 1, read->arena, &versions, err))
        return false;
    *ret_message = NULL;
    for (size_t i = 0; i < versions.count; i++) {
        const struct niva_fact *fact = &versions.list[i].fact;
        if (fact->recorded_at <= known_at && (version == 0 || fact->version == version))
            *ret_message = versions.list[i].message;
    }
    return true;
}

bool read_get_rule_set(struct niva_read *read, const ProtobufCMessage *request,
                       ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__GetRuleSetRequest *get = (const void *)request;
    Niva__Compliance__V1__GetRuleSetResponse *answer = (void *)reply;
    const ProtobufCMessage *rule_set = NULL;
    niva_instant known_at;
    struct niva_check check;
    niva_check_begin(&check, err);
    check_rule_set_id(&check, "rule_set_id", get->rule_set_id);
    niva_check_range(&check, "version", get->version, 0, INT32_MAX);
    niva_check_known_at(&check, get->known_at, &known_at);
    if (!niva_check_end(&check) ||
        !rule_set_version(read, get->rule_set_id, get->version, known_at, &rule_set, err))
        return false;
    if (rule_set == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "ruleSetId", "RULE_SET_UNKNOWN",
                           "Regelverket %s, eller dess version, finns inte.",
                           "There is no rule set %s, or no such version.", get->rule_set_id);
    answer->rule_set = (void *)rule_set;
    return true;
}

bool read_list_rule_sets(struct niva_read *read, const ProtobufCMessage *request,
                         ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__ListRuleSetsRequest *list = (const void *)request;
    Niva__Compliance__V1__ListRuleSetsResponse *answer = (void *)reply;
    const struct niva_fact_list asked = {
        .filter = {.kind = record_kind_name(RECORD_RULE_SET),
                   .group = list->profession_group,
                   .region = list->region_code,
                   .include_history = list->include_history},
        .type = &niva__compliance__v1__rule_set__descriptor,
        .page_size = list->page_size,
        .page_token = list->page_token,
        .known_at = list->known_at,
    };
    return niva_fact_list_read(read, &asked,
                               &(struct niva_fact_page){&answer->rule_sets, &answer->n_rule_sets,
                                                        &answer->next_page_token},
                               err);
}

/* ---- contracts and listings ---- */

bool read_list_contracts(struct niva_read *read, const ProtobufCMessage *request,
                         ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__ListContractsRequest *list = (const void *)request;
    Niva__Compliance__V1__ListContractsResponse *answer = (void *)reply;
    const struct niva_fact_list asked = {
        .filter = {.kind = record_kind_name(RECORD_CONTRACT),
                   .unit = list->unit,
                   .group = list->profession_group,
                   .include_history = list->include_history},
        .type = &niva__compliance__v1__contract__descriptor,
        .page_size = list->page_size,
        .page_token = list->page_token,
        .known_at = list->known_at,
    };
    return niva_fact_list_read(read, &asked,
                               &(struct niva_fact_page){&answer->contracts, &answer->n_contracts,
                                                        &answer->next_page_token},
                               err);
}

bool read_list_listings(struct niva_read *read, const ProtobufCMessage *request,
                        ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__ListListingsRequest *list = (const void *)request;
    Niva__Compliance__V1__ListListingsResponse *answer = (void *)reply;
    const struct niva_fact_list asked = {
        .filter = {.kind = record_kind_name(RECORD_LISTING),
                   .unit = list->unit,
                   .include_history = list->include_history},
        .type = &niva__compliance__v1__listing__descriptor,
        .page_size = list->page_size,
        .page_token = list->page_token,
        .known_at = list->known_at,
    };
    return niva_fact_list_read(
        read, &asked,
        &(struct niva_fact_page){&answer->listings, &answer->n_listings, &answer->next_page_token},
        err);
}

/* ---- indicators ---- */

static bool indicator_wanted(const struct niva_fact *fact, const ProtobufCMessage *message,
                             const void *user)
{
    const Niva__Compliance__V1__ListIndicatorsRequest *list = user;
    const pb_indicator *indicator = (const pb_indicator *)message;
    (void)fact;
    return (list->include_history || !indicator->withdrawn) &&
           (list->code[0] == '\0' || strcmp(list->code, indicator->code) == 0) &&
           strcmp(indicator->period, list->since_period) >= 0;
}

bool read_list_indicators(struct niva_read *read, const ProtobufCMessage *request,
                          ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__ListIndicatorsRequest *list = (const void *)request;
    Niva__Compliance__V1__ListIndicatorsResponse *answer = (void *)reply;
    const struct niva_fact_list asked = {
        .filter = {.kind = record_kind_name(RECORD_INDICATOR),
                   .unit = list->unit,
                   .group = list->profession_group,
                   .include_history = list->include_history},
        .type = &niva__compliance__v1__indicator__descriptor,
        .page_size = list->page_size,
        .page_token = list->page_token,
        .known_at = list->known_at,
    };
    struct niva_span since;
    struct niva_check check;
    struct niva_page page;
    niva_check_begin(&check, err);
    niva_fact_list_check(&check, &asked, &page);
    if (list->code[0] != '\0')
        niva_check_name_key(&check, "code", list->code);
    check_month(&check, "since_period", list->since_period, false, &since);
    return niva_check_end(&check) &&
           niva_fact_list_page(read, &asked, &page, (struct niva_fact_keep){indicator_wanted, list},
                               &(struct niva_fact_page){&answer->indicators, &answer->n_indicators,
                                                        &answer->next_page_token},
                               err);
}

/* ---- what is about a unit or a whole region: dispensations and calls ---- */

/* The region in which a unit was registered; "" for none. */
static bool region_of(struct niva_read *read, const char *unit, niva_instant known_at,
                      const char **ret_region, struct niva_error *err)
{
    struct niva_fact *fact = NULL;
    if (!niva_fact_get(read->pg, record_kind_name(RECORD_UNIT), unit, known_at, read->arena, &fact,
                       err))
        return false;
    *ret_region = fact != NULL ? fact->region : "";
    return true;
}

/* With a unit those of its region too; voided ones only where the whole history is wanted. */
static bool regional_list(struct niva_read *read, struct niva_fact_list *asked,
                          bool (*not_voided)(const struct niva_fact *fact,
                                             const ProtobufCMessage *message, const void *user),
                          const struct niva_fact_page *answered, struct niva_error *err)
{
    struct niva_fact_filter *filter = &asked->filter;
    const struct niva_fact_keep keep = {.wanted = filter->include_history ? NULL : not_voided};
    struct niva_page page;
    struct niva_check check;
    niva_check_begin(&check, err);
    niva_fact_list_check(&check, asked, &page);
    if (!niva_check_end(&check))
        return false;
    if (filter->unit[0] != '\0' &&
        !region_of(read, filter->unit, page.known_at, &filter->region_of_unit, err))
        return false;
    return niva_fact_list_page(read, asked, &page, keep, answered, err);
}

static bool dispensation_not_voided(const struct niva_fact *fact, const ProtobufCMessage *message,
                                    const void *user)
{
    (void)fact;
    (void)user;
    return !((const pb_dispensation *)message)->voided;
}

bool read_list_dispensations(struct niva_read *read, const ProtobufCMessage *request,
                             ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__ListDispensationsRequest *list = (const void *)request;
    Niva__Compliance__V1__ListDispensationsResponse *answer = (void *)reply;
    struct niva_fact_list asked = {
        .filter = {.kind = record_kind_name(RECORD_DISPENSATION),
                   .unit = list->unit,
                   .group = list->profession_group,
                   .region = list->region_code,
                   .include_history = list->include_history},
        .type = &niva__compliance__v1__dispensation__descriptor,
        .page_size = list->page_size,
        .page_token = list->page_token,
        .known_at = list->known_at,
    };
    const struct niva_fact_page answered = {&answer->dispensations, &answer->n_dispensations,
                                            &answer->next_page_token};
    return regional_list(read, &asked, dispensation_not_voided, &answered, err);
}

static bool call_not_voided(const struct niva_fact *fact, const ProtobufCMessage *message,
                            const void *user)
{
    (void)fact;
    (void)user;
    return !((const pb_call *)message)->voided;
}

bool read_list_calls(struct niva_read *read, const ProtobufCMessage *request,
                     ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__ListCallsRequest *list = (const void *)request;
    Niva__Compliance__V1__ListCallsResponse *answer = (void *)reply;
    struct niva_fact_list asked = {
        .filter = {.kind = record_kind_name(RECORD_CALL),
                   .unit = list->unit,
                   .group = list->profession_group,
                   .region = list->region_code,
                   .include_history = list->include_history},
        .type = &niva__compliance__v1__call__descriptor,
        .page_size = list->page_size,
        .page_token = list->page_token,
        .known_at = list->known_at,
    };
    const struct niva_fact_page answered = {&answer->calls, &answer->n_calls,
                                            &answer->next_page_token};
    return regional_list(read, &asked, call_not_voided, &answered, err);
}

/* ---- findings ---- */

bool read_list_findings(struct niva_read *read, const ProtobufCMessage *request,
                        ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__ListFindingsRequest *list = (const void *)request;
    Niva__Compliance__V1__ListFindingsResponse *answer = (void *)reply;
    const struct niva_fact_list asked = {
        .filter = {.kind = record_kind_name(RECORD_FINDING),
                   .unit = list->unit,
                   .group = list->profession_group,
                   .include_history = list->include_history},
        .type = &niva__compliance__v1__finding__descriptor,
        .page_size = list->page_size,
        .page_token = list->page_token,
        .known_at = list->known_at,
    };
    return niva_fact_list_read(
        read, &asked,
        &(struct niva_fact_page){&answer->findings, &answer->n_findings, &answer->next_page_token},
        err);
}

/* ---- erasures ---- */

bool read_list_erasures(struct niva_read *read, const ProtobufCMessage *request,
                        ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__ListErasuresRequest *list = (const void *)request;
    Niva__Compliance__V1__ListErasuresResponse *answer = (void *)reply;
    const struct niva_fact_list asked = {
        .filter = {.kind = record_kind_name(RECORD_ERASURE), .unit = list->unit},
        .type = &niva__compliance__v1__erasure__descriptor,
        .page_size = list->page_size,
        .page_token = list->page_token,
        .known_at = list->known_at,
    };
    return niva_fact_list_read(
        read, &asked,
        &(struct niva_fact_page){&answer->erasures, &answer->n_erasures, &answer->next_page_token},
        err);
}
