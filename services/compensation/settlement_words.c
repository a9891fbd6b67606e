#include "services/compensation/settlement_words.h"

#include <inttypes.h>
#include <stdio.h>

#include "services/common/wire/wire.h"

static const char *pick(const char *const *words, size_t count, int value)
{
    return value > 0 && (size_t)value < count && words[value] != NULL ? words[value] : "";
}

const char *word_of_form(Niva__Intake__V1__Owner__Form form)
{
    static const char *const words[] = {
        [NIVA__INTAKE__V1__OWNER__FORM__REGION_RUN] = "egen regi",
        [NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD] = "intraprenad",
        [NIVA__INTAKE__V1__OWNER__FORM__PRIVATE] = "privat",
    };

    return pick(words, sizeof words / sizeof *words, (int)form);
}

const char *word_of_channel(Niva__Compensation__V1__Adjustment__Channel channel)
{
    static const char *const words[] = {
        [NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL] = "intern verifikation",
        [NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET] = "justering av månadens betalning",
        [NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__CREDIT_REQUEST] = "begäran om kreditering",
        [NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INVOICE] = "faktura",
    };

    return pick(words, sizeof words / sizeof *words, (int)channel);
}

const char *word_of_kind(Niva__Compensation__V1__Adjustment__Kind kind)
{
    static const char *const words[] = {
        [NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__ORIGINAL] = "första",
        [NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__DIFFERENCE] = "skillnad",
    };

    return pick(words, sizeof words / sizeof *words, (int)kind);
}

const char *word_of_explanation(Niva__Compensation__V1__ExplanationLine__Kind kind)
{
    static const char *const words[] = {
        [NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__RUN] = "dagar",
        [NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__PERIOD] = "period",
        [NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__LIMIT] = "högst hela ersättningen",
        [NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__CAP] = "tak",
        [NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__MINIMUM] = "minsta belopp",
        [NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__ROUNDING] = "avrundning",
        [NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__DECIDED_BEFORE] = "beslutat förut",
        [NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__WAIVED_BEFORE] = "avstått förut",
        [NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__REVISED] = "jämkat",
        [NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__WAIVED] = "avstått",
    };

    return pick(words, sizeof words / sizeof *words, (int)kind);
}

const char *word_of_status(Niva__Compliance__V1__Segment__Status status)
{
    static const char *const words[] = {
        [NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NOT_REQUIRED] = "inget krav",
        [NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NO_REQUIREMENT_BASIS] =
            "underlag för kravet saknas",
        [NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NO_REPORT] = "ej redovisat",
        [NIVA__COMPLIANCE__V1__SEGMENT__STATUS__MET] = "uppfyllt",
        [NIVA__COMPLIANCE__V1__SEGMENT__STATUS__DISPENSED] = "dispens",
        [NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM] = "under miniminivå",
    };

    return pick(words, sizeof words / sizeof *words, (int)status);
}

void kronor_write(int64_t ore, char point, char ret_text[32])
{
    uint64_t size = ore < 0 ? 0 - (uint64_t)ore : (uint64_t)ore;

    snprintf(ret_text, 32, "%s%" PRIu64 "%c%02" PRIu64, ore < 0 ? "-" : "", size / 100, point,
             size % 100);
}

void decided_day_write(const Niva__Compensation__V1__Adjustment *adjustment, char ret_text[16])
{
    niva_instant decided_at;

    ret_text[0] = '\0';
    if (adjustment->decided_at != NULL && niva_wire_instant(adjustment->decided_at, &decided_at))
        niva_day_format(niva_local_day(decided_at), ret_text);
}
