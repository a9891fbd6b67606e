#include <stdio.h>
#include <string.h>

#include "services/intake/intake.h"

/* HSA hsaTitle (OID 1.2.752.29.23.1.6), the ones that primary care reports. Nothing depends on the
 * list but a warning: which titles count is said by the rule set. */
static const char *const hsa_titles[] = {
    "FT", /* fysioterapeut */
    "SG", /* sjukgymnast */
    "AT", /* arbetsterapeut */
    "DT", /* dietist */
    "LG", /* logoped */
    "PS", /* psykolog */
    "PT", /* psykoterapeut */
    "SJ", /* sjuksköterska */
    "BM", /* barnmorska */
    "LK", /* läkare */
    "HK", /* kurator */
    "NA", /* naprapat */
    "KP", /* kiropraktor */
};

static bool title_known(const char *title)
{
    for (size_t i = 0; i < sizeof hsa_titles / sizeof *hsa_titles; i++)
        if (strcmp(hsa_titles[i], title) == 0)
            return true;
    return false;
}

void warn_titles(struct niva_warnings *warnings, const char *path, size_t count,
                 Niva__Intake__V1__Position *const *positions)
{
    for (size_t i = 0; i < count; i++) {
        char field[96];

        if (title_known(positions[i]->title_code))
            continue;
        snprintf(field, sizeof field, "%s[%zu].titleCode", path, i);
        niva_warn(warnings, field, "TITLE_UNKNOWN",
                  "Yrkestiteln finns inte i HSA:s kodlista; positionen är mottagen som den är.",
                  "The title is not in the HSA list; the position was accepted as it is.");
    }
}

/* ---- a report ---- */

/* A position that ends before the snapshot begins is never active in it. */
static void warn_never_active(struct niva_warnings *warnings,
                              const Niva__Intake__V1__StaffingReport *report)
{
    niva_day effective_from = niva_day_read(report->effective_from);

    for (size_t i = 0; i < report->n_positions; i++) {
        niva_day last = niva_day_read(report->positions[i]->last_day);
        char *path;

        if (last == NIVA_DAY_NONE || last >= effective_from)
            continue;
        path = niva_arena_printf(warnings->arena, "report.positions[%zu].lastDay", i);
        if (path == NULL) {
            warnings->failed = true;
            return;
        }
        niva_warn(warnings, path, "POSITION_NEVER_ACTIVE",
                  "Positionen slutar innan rapporten börjar gälla och räknas aldrig.",
                  "The position ends before the report takes effect and never counts.");
    }
}

void warn_report(struct niva_warnings *warnings, const Niva__Intake__V1__StaffingReport *report)
{
    int64_t total = 0;

    for (size_t i = 0; i < report->n_positions; i++)
        total += report->positions[i]->fte_milli;
    if (total == 0)
        niva_warn(warnings, "report.positions", "STAFFING_ZERO",
                  "Rapporten säger att ingen arbetar på enheten.",
                  "The report says that nobody works at the unit.");
    warn_titles(warnings, "report.positions", report->n_positions, report->positions);
    warn_never_active(warnings, report);
    niva_warn_free_text(warnings, "report.resolutionNote", report->resolution_note);
}
