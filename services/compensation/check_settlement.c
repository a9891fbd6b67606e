/* What requests about settlements must hold. */
#include <ctype.h>
#include <string.h>

#include "services/common/wire/check.h"
#include "services/compensation/settle.h"

typedef Niva__Compensation__V1__Adjustment__Channel Channel;
typedef Niva__Compensation__V1__SettlementConfig SettlementConfig;
typedef Niva__Compensation__V1__SettlementConfig__Accounts Accounts;

enum {
    NAME_MOST = 80,
    REASON_MOST = 500,
    VOUCHER_MOST = 40,
    SERIES_MOST = 10,
    DIMENSION_MOST = 999
};

static void account_check(struct niva_check *check, const char *field, const char *number)
{
    size_t length = strlen(number);

    if (length < 3 || length > 10 || strspn(number, "0123456789") != length)
        niva_check_fail(check, field, "ACCOUNT", "Kontot ska ha 3 till 10 siffror.",
                        "The account must have 3 to 10 digits.");
}

/* One line: names go into files of lines. */
static void name_check(struct niva_check *check, const char *field, const char *name)
{
    niva_check_line(check, field, name, 1, NAME_MOST);
}

static void accounts_check(struct niva_check *check, const SettlementConfig *config, size_t index)
{
    const Accounts *accounts = config->accounts[index];
    size_t mark = niva_check_enter(check, "accounts", (long)index);

    if (niva_check_given(check, "channel", (int)accounts->channel))
        for (size_t i = 0; i < index; i++)
            if (config->accounts[i]->channel == accounts->channel)
                niva_check_fail(check, "channel", "DUPLICATE", "Sättet har redan konton.",
                                "The channel has accounts already.");
    account_check(check, "cost_account", accounts->cost_account);
    name_check(check, "cost_account_name", accounts->cost_account_name);
    account_check(check, "settlement_account", accounts->settlement_account);
    name_check(check, "settlement_account_name", accounts->settlement_account_name);
    if (strcmp(accounts->cost_account, accounts->settlement_account) == 0)
        niva_check_fail(check, "settlement_account", "SAME_ACCOUNT",
                        "Avräkningskontot ska vara ett annat än kostnadskontot.",
                        "The settlement account must be another than the cost account.");
    niva_check_leave(check, mark);
}

static void series_check(struct niva_check *check, const char *series)
{
    size_t length = strlen(series);
    bool good = length <= SERIES_MOST;

    for (size_t i = 0; good && i < length; i++)
        good = isascii(series[i]) && isalnum(series[i]);
    if (!good)
        niva_check_fail(check, "series", "SERIES",
                        "Serien ska ha högst 10 bokstäver A–Z och siffror.",
                        "The series must have at most 10 letters A–Z and digits.");
}

static void channels_check(struct niva_check *check, const SettlementConfig *config)
{
    if (config->private_channel == NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL)
        niva_check_fail(check, "private_channel", "CHANNEL",
                        "En privat vårdcentral regleras inte internt.",
                        "A private unit is not settled internally.");
    if (config->closed_channel == NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL ||
        config->closed_channel == NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET)
        niva_check_fail(check, "closed_channel", "CHANNEL",
                        "En stängd vårdcentral har ingen betalning att justera.",
                        "A closed unit has no payment to set off against.");
}

bool settlement_config_check(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compensation__V1__PutSettlementConfigRequest *put =
        (const Niva__Compensation__V1__PutSettlementConfigRequest *)request;
    const SettlementConfig *config = put->config;
    struct niva_check check;
    size_t mark;

    niva_check_begin(&check, err);
    if (put->expected_case ==
        NIVA__COMPENSATION__V1__PUT_SETTLEMENT_CONFIG_REQUEST__EXPECTED_EXPECTED_VERSION)
        niva_check_range(&check, "expected_version", put->expected_version, 0, INT32_MAX);
    if (!niva_check_present(&check, "config", config))
        return niva_check_end(&check);
    mark = niva_check_enter(&check, "config", -1);
    niva_check_region(&check, "region_code", config->region_code);
    name_check(&check, "region_name", config->region_name);
    if (config->org_number[0] != '\0')
        niva_check_org_number(&check, "org_number", config->org_number);
    series_check(&check, config->series);
    niva_check_range(&check, "dimension", config->dimension, 1, DIMENSION_MOST);
    name_check(&check, "dimension_name", config->dimension_name);
    if (config->n_accounts == 0)
        niva_check_fail(&check, "accounts", "REQUIRED", "Minst ett sätt ska ha konton.",
                        "At least one channel must have accounts.");
    for (size_t i = 0; i < config->n_accounts; i++)
        accounts_check(&check, config, i);
    channels_check(&check, config);
    niva_check_leave(&check, mark);
    return niva_check_end(&check);
}

bool settlement_export_check(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compensation__V1__ExportSettlementRequest *export =
        (const Niva__Compensation__V1__ExportSettlementRequest *)request;
    struct niva_check check;
    struct niva_span month;

    niva_check_begin(&check, err);
    niva_check_region(&check, "region_code", export->region_code);
    if (!niva_month_parse(export->period, &month))
        niva_check_fail(&check, "period", "MONTH_MALFORMED",
                        "Bokföringsmånaden ska vara en månad, ÅÅÅÅ-MM.",
                        "The booking month must be a month, YYYY-MM.");
    niva_check_given(&check, "format", (int)export->format);
    return niva_check_end(&check);
}

bool settlement_void_check(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compensation__V1__VoidSettlementRequest *voiding =
        (const Niva__Compensation__V1__VoidSettlementRequest *)request;
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_uuid(&check, "settlement_id", voiding->settlement_id);
    niva_check_text(&check, "reason", voiding->reason, 1, REASON_MOST);
    return niva_check_end(&check);
}

/* Letters of any language, digits, spaces and . / _ - */
static bool voucher_sign(unsigned char byte)
{
    return byte >= 0x80 || isalnum(byte) || strchr(" ./_-", byte) != NULL;
}

bool settlement_booking_check(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compensation__V1__ConfirmBookingRequest *booking =
        (const Niva__Compensation__V1__ConfirmBookingRequest *)request;
    const char *number = booking->voucher_number;
    struct niva_check check;
    bool good = number[strspn(number, " ")] != '\0';

    niva_check_begin(&check, err);
    niva_check_uuid(&check, "settlement_id", booking->settlement_id);
    for (size_t i = 0; good && number[i] != '\0'; i++)
        good = voucher_sign((unsigned char)number[i]);
    if (niva_check_text(&check, "voucher_number", number, 1, VOUCHER_MOST) && !good)
        niva_check_fail(&check, "voucher_number", "VOUCHER_NUMBER",
                        "Verifikationsnumret ska ha bokstäver, siffror, mellanslag och . / _ -",
                        "The voucher number must have letters, digits, spaces and . / _ -");
    return niva_check_end(&check);
}
