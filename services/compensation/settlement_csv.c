#include <string.h>

#include "services/compensation/settlement_words.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;

static const char *const names[] = {
    "Bokföringsmånad",
    "Vårdcentral",
    "HSA-id",
    "Organisationsnummer",
    "Driftsform",
    "Ersättning",
    "Grupp",
    "Månad",
    "Slag",
    "Reglering, kr",
    "Sätt",
    "Kostnadskonto",
    "Avräkningskonto",
    "Diarienummer",
    "Beslut",
    "Reglerings-id",
};

/* Whether a spreadsheet could take a cell of this text for a formula, or whether it begins like one
 * that was kept from it. */
static bool guard_needed(const char *text)
{
    return text[0] != '\0' && strchr("=+-@'\t\r\n", text[0]) != NULL;
}

static void cell_put(struct niva_text *file, bool first, const char *text)
{
    bool guarded = guard_needed(text);
    bool quoted = strpbrk(text, ";\"\r\n") != NULL;

    if (!first)
        niva_text_puts(file, ";");
    if (quoted)
        niva_text_puts(file, "\"");
    if (guarded)
        niva_text_puts(file, "'");
    for (; *text != '\0'; text++) {
        if (*text == '"')
            niva_text_puts(file, "\"");
        niva_text_append(file, text, 1);
    }
    if (quoted)
        niva_text_puts(file, "\"");
}

static void line_put(const struct settlement *settlement, const struct settled_line *line,
                     struct niva_text *file)
{
    const Adjustment *adjustment = line->adjustment;
    char decided_on[16];
    char kronor[32];
    const char *const before[] = {
        settlement->period,
        adjustment->unit_name,
        adjustment->unit,
        adjustment->owner,
        word_of_form(adjustment->form),
        adjustment->component,
        adjustment->profession_group,
        adjustment->period,
        word_of_kind(adjustment->kind),
    };
    const char *const after[] = {
        word_of_channel(adjustment->channel),
        line->accounts->cost_account,
        line->accounts->settlement_account,
        adjustment->case_number,
        decided_on,
        adjustment->adjustment_id,
    };

    decided_day_write(adjustment, decided_on);
    kronor_write(adjustment->deduction_ore, ',', kronor);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        cell_put(file, i == 0, before[i]);
    niva_text_puts(file, ";");
    niva_text_puts(file, kronor); /* a number: its minus is no formula */
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        cell_put(file, false, after[i]);
    niva_text_puts(file, "\r\n");
}

bool settlement_write_csv(const struct settlement *settlement, struct niva_text *text,
                          struct niva_error *err)
{
    niva_text_puts(text, "\xEF\xBB\xBF");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cell_put(text, i == 0, names[i]);
    niva_text_puts(text, "\r\n");
    for (size_t i = 0; i < settlement->line_count; i++)
        line_put(settlement, &settlement->lines[i], text);
    return !text->failed || niva_fail_memory(err);
}
