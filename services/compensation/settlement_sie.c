/* SIE 4I. Fields are quoted; in a text a quotation mark has a backslash before it, and a backslash,
 * for which the format has no sign, is a slash. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/compensation/cp437.h"
#include "services/compensation/settlement_words.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__SettlementConfig SettlementConfig;
typedef Niva__Compensation__V1__SettlementConfig__Accounts Accounts;

enum { TEXT_MOST = 50, NAME_MOST = 80 };

/* A space and a text as a field, of at most so many characters as it stands in the file: a reader
 * that counts the backslashes too finds it no longer. */
static void field_put(struct niva_text *file, const char *utf8, size_t most)
{
    struct niva_text field = {0};

    cp437_append(&field, utf8, most);
    file->failed = file->failed || field.failed;
    niva_text_puts(file, " \"");
    for (size_t i = 0, used = 0; i < field.length; i++) {
        const char *sign = &field.data[i];
        const char *written = *sign == '"' ? "\\\"" : *sign == '\\' ? "/" : sign;
        size_t length = *sign == '"' ? 2 : 1;

        used += length;
        if (used > most)
            break;
        niva_text_append(file, written, length);
    }
    niva_text_puts(file, "\"");
    niva_text_free(&field);
}

static void end_put(struct niva_text *file)
{
    niva_text_puts(file, "\r\n");
}

/* A space and a day as YYYYMMDD. */
static void day_put(struct niva_text *file, niva_day day)
{
    int year;
    int month;
    int number;

    niva_day_to_civil(day, &year, &month, &number);
    niva_text_printf(file, " %04d%02d%02d", year, month, number);
}

static void head_put(const struct settlement *settlement, struct niva_text *file)
{
    const SettlementConfig *config = settlement->config;

    niva_text_puts(file, "#FLAGGA 0\r\n#PROGRAM");
    field_put(file, "Nivå", NAME_MOST);
    field_put(file, NIVA_VERSION, NAME_MOST);
    niva_text_puts(file, "\r\n#FORMAT PC8\r\n#GEN");
    day_put(file, settlement->today);
    niva_text_puts(file, "\r\n#SIETYP 4\r\n");
    if (config->org_number[0] != '\0')
        niva_text_printf(file, "#ORGNR %.6s-%s\r\n", config->org_number, config->org_number + 6);
    niva_text_puts(file, "#FNAMN");
    field_put(file, config->region_name, NAME_MOST);
    end_put(file);
}

static bool account_used(const struct settlement *settlement, const Accounts *accounts)
{
    for (size_t i = 0; i < settlement->line_count; i++)
        if (settlement->lines[i].accounts == accounts)
            return true;
    return false;
}

static void account_put(struct niva_text *file, const char *number, const char *name)
{
    niva_text_printf(file, "#KONTO %s", number);
    field_put(file, name, NAME_MOST);
    end_put(file);
}

/* Whether a channel before the index-th, which is used, names the account. */
static bool account_named(const struct settlement *settlement, size_t index, const char *number)
{
    for (size_t i = 0; i < index; i++) {
        const Accounts *accounts = settlement->config->accounts[i];

        if (account_used(settlement, accounts) &&
            (strcmp(accounts->cost_account, number) == 0 ||
             strcmp(accounts->settlement_account, number) == 0))
            return true;
    }
    return false;
}

/* Each account that is booked on, once. */
static void accounts_put(const struct settlement *settlement, struct niva_text *file)
{
    for (size_t i = 0; i < settlement->config->n_accounts; i++) {
        const Accounts *accounts = settlement->config->accounts[i];

        if (!account_used(settlement, accounts))
            continue;
        if (!account_named(settlement, i, accounts->cost_account))
            account_put(file, accounts->cost_account, accounts->cost_account_name);
        if (!account_named(settlement, i, accounts->settlement_account) &&
            strcmp(accounts->settlement_account, accounts->cost_account) != 0)
            account_put(file, accounts->settlement_account, accounts->settlement_account_name);
    }
}

/* The dimension and each unit, once: lines come unit by unit. */
static void objects_put(const struct settlement *settlement, struct niva_text *file)
{
    niva_text_printf(file, "#DIM %" PRId32, settlement->config->dimension);
    field_put(file, settlement->config->dimension_name, NAME_MOST);
    end_put(file);
    for (size_t i = 0; i < settlement->line_count; i++) {
        const Adjustment *adjustment = settlement->lines[i].adjustment;

        if (i > 0 && strcmp(settlement->lines[i - 1].adjustment->unit, adjustment->unit) == 0)
            continue;
        niva_text_printf(file, "#OBJEKT %" PRId32, settlement->config->dimension);
        field_put(file, adjustment->unit, NAME_MOST);
        field_put(file, adjustment->unit_name, NAME_MOST);
        end_put(file);
    }
}

static void transaction_put(const struct settlement *settlement, const struct settled_line *line,
                            const char *account, int64_t ore, struct niva_text *file)
{
    const Adjustment *adjustment = line->adjustment;
    struct niva_text text = {0};
    char amount[32];

    niva_text_printf(&text, "%s %s %s", adjustment->period, adjustment->component,
                     adjustment->unit_name);
    file->failed = file->failed || text.failed;
    kronor_write(ore, '.', amount);
    niva_text_printf(file, "#TRANS %s {%" PRId32, account, settlement->config->dimension);
    field_put(file, adjustment->unit, NAME_MOST);
    niva_text_printf(file, "} %s", amount);
    day_put(file, settlement->booking_day);
    field_put(file, text.failed ? "" : text.data, TEXT_MOST);
    end_put(file);
    niva_text_free(&text);
}

/* A positive deduction lowers the cost: credit, which is negative; money back is its mirror. */
static void voucher_put(const struct settlement *settlement, struct niva_text *file)
{
    char text[64];

    snprintf(text, sizeof text, "Reglering av fast ersättning %s", settlement->period);
    niva_text_puts(file, "#VER");
    field_put(file, settlement->config->series, NAME_MOST);
    niva_text_puts(file, " \"\"");
    day_put(file, settlement->booking_day);
    field_put(file, text, TEXT_MOST);
    niva_text_puts(file, "\r\n{\r\n");
    for (size_t i = 0; i < settlement->line_count; i++) {
        const struct settled_line *line = &settlement->lines[i];
        int64_t ore = line->adjustment->deduction_ore;

        transaction_put(settlement, line, line->accounts->cost_account, -ore, file);
        transaction_put(settlement, line, line->accounts->settlement_account, ore, file);
    }
    niva_text_puts(file, "}\r\n");
}

bool settlement_write_sie(const struct settlement *settlement, struct niva_text *text,
                          struct niva_error *err)
{
    head_put(settlement, text);
    accounts_put(settlement, text);
    objects_put(settlement, text);
    voucher_put(settlement, text);
    return !text->failed || niva_fail_memory(err);
}
