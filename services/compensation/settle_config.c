/* How a region books: the registration of its accounts, and what a rehearsal does without. */
#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compensation/settle.h"

typedef Niva__Compensation__V1__PutSettlementConfigRequest PutSettlementConfigRequest;
typedef Niva__Compensation__V1__SettlementConfig SettlementConfig;
typedef Niva__Compensation__V1__SettlementConfig__Accounts Accounts;

/* Whether the version that the caller expects is the present one. */
static bool version_check(const PutSettlementConfigRequest *put, int32_t present,
                          struct niva_error *err)
{
    if (put->expected_case !=
            NIVA__COMPENSATION__V1__PUT_SETTLEMENT_CONFIG_REQUEST__EXPECTED_EXPECTED_VERSION ||
        put->expected_version == present)
        return true;
    return niva_refuse(err, NIVA_FAILED_PRECONDITION, put->config->region_code, "VERSION_MISMATCH",
                       "Konteringen har version %d, inte %d: någon annan har ändrat den. Läs den "
                       "på nytt och försök igen.",
                       "The configuration has version %d, not %d: somebody else changed it. Read "
                       "it again and retry.",
                       present, put->expected_version);
}

/* The configuration as it goes on record. NULL when the arena is out. */
static SettlementConfig *config_make(const SettlementConfig *given, const struct niva_item *item,
                                     int32_t version, struct niva_arena *arena)
{
    SettlementConfig *made = niva_wire_copy(&given->base, arena);

    if (made == NULL)
        return NULL;
    made->version = version;
    made->recorded_at = niva_wire_timestamp(item->recorded_at, arena);
    made->recorded_by = niva_arena_strdup(arena, item->principal);
    return made->recorded_at != NULL && made->recorded_by != NULL ? made : NULL;
}

static bool config_append(struct niva_batch *batch, const SettlementConfig *config,
                          const struct niva_item *item, struct niva_error *err)
{
    struct niva_fact *fact = niva_arena_alloc(niva_batch_arena(batch), sizeof *fact);

    if (fact == NULL)
        return niva_fail_memory(err);
    *fact = (struct niva_fact){.kind = FACT_SETTLEMENT_CONFIG,
                               .id = config->region_code,
                               .version = config->version,
                               .unit = "",
                               .group = "",
                               .region = config->region_code,
                               .refers_to = "",
                               .first_day = NIVA_DAY_NONE,
                               .recorded_at = item->recorded_at,
                               .recorded_by = config->recorded_by,
                               .received_at = item->recorded_at};
    return niva_wire_pack(&config->base, niva_batch_arena(batch), &fact->body, err) &&
           niva_batch_fact(batch, fact, err);
}

bool settlement_config_put(struct niva_batch *batch, struct niva_item *item, struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);
    const PutSettlementConfigRequest *put = (const PutSettlementConfigRequest *)item->request;
    const SettlementConfig *config = sheet->settling->config;
    int32_t present = config != NULL ? config->version : 0;
    Niva__Compensation__V1__PutSettlementConfigResponse *reply = niva_wire_new(
        &niva__compensation__v1__put_settlement_config_response__descriptor, sheet->arena);

    if (!version_check(put, present, err))
        return false;
    if (reply == NULL)
        return niva_fail_memory(err);
    reply->config = config_make(put->config, item, present + 1, sheet->arena);
    if (reply->config == NULL)
        return niva_fail_memory(err);
    item->reply = &reply->base;
    return config_append(batch, reply->config, item, err);
}

/* ---- the fictive one ---- */

static const struct {
    Niva__Compensation__V1__Adjustment__Channel channel;
    const char *account;
    const char *name;
} fictive[] = {
    {NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL, "1891",
     "Intern avräkning (fiktivt konto)"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET, "2511",
     "Leverantörsskulder (fiktivt konto)"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__CREDIT_REQUEST, "1791",
     "Begärda krediteringar (fiktivt konto)"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INVOICE, "1511",
     "Kundfordringar (fiktivt konto)"},
};

enum { FICTIVE = sizeof fictive / sizeof *fictive };

static bool accounts_fill(SettlementConfig *config, struct niva_arena *arena)
{
    config->accounts = niva_arena_array(arena, FICTIVE, sizeof *config->accounts);
    if (config->accounts == NULL)
        return false;
    for (size_t i = 0; i < FICTIVE; i++) {
        Accounts *accounts =
            niva_wire_new(&niva__compensation__v1__settlement_config__accounts__descriptor, arena);

        if (accounts == NULL)
            return false;
        accounts->channel = fictive[i].channel;
        accounts->cost_account = (char *)"5521";
        accounts->cost_account_name = (char *)"Fast ersättning vårdval (fiktivt konto)";
        accounts->settlement_account = (char *)(uintptr_t)fictive[i].account;
        accounts->settlement_account_name = (char *)(uintptr_t)fictive[i].name;
        config->accounts[config->n_accounts++] = accounts;
    }
    return true;
}

const SettlementConfig *settlement_config_fictive(const char *region, struct niva_arena *arena)
{
    SettlementConfig *config =
        niva_wire_new(&niva__compensation__v1__settlement_config__descriptor, arena);

    if (config == NULL || !accounts_fill(config, arena))
        return NULL;
    config->region_code = niva_arena_strdup(arena, region);
    config->region_name = niva_arena_printf(arena, "Region %s (fiktiv)", region);
    config->series = (char *)"R";
    config->dimension = 20;
    config->dimension_name = (char *)"Vårdcentral (fiktiv dimension)";
    return config->region_code != NULL && config->region_name != NULL ? config : NULL;
}
