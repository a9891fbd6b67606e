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
