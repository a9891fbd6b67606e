#include "services/nivactl/words.h"

#include <stddef.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/settlement.pb-c.h"
#include "niva/compliance/v1/change.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/dialogue.pb-c.h"
#include "niva/compliance/v1/forecast.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"

struct word {
    int value;
    const char *sv;
    const char *en;
};

static const struct word status_words[] = {
    {NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NOT_REQUIRED, "inget krav", "not required"},
    {NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NO_REQUIREMENT_BASIS, "underlag för kravet saknas",
     "no basis for the requirement"},
    {NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NO_REPORT, "ej redovisat", "not reported"},
    {NIVA__COMPLIANCE__V1__SEGMENT__STATUS__MET, "uppfyllt", "met"},
    {NIVA__COMPLIANCE__V1__SEGMENT__STATUS__DISPENSED, "dispens", "dispensation"},
    {NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM, "under miniminivå", "below the minimum"},
    {0, NULL, NULL},
};

static const struct word uncounted_words[] = {
    {NIVA__COMPLIANCE__V1__UNCOUNTED__REASON__TITLE, "yrket räknas inte i gruppen",
     "title does not count in the group"},
    {NIVA__COMPLIANCE__V1__UNCOUNTED__REASON__EMPLOYMENT, "anställningsformen räknas inte",
     "employment does not count"},
    {NIVA__COMPLIANCE__V1__UNCOUNTED__REASON__UNLICENSED, "legitimation saknas", "no licence"},
    {NIVA__COMPLIANCE__V1__UNCOUNTED__REASON__ABSENT, "frånvarande", "away"},
    {NIVA__COMPLIANCE__V1__UNCOUNTED__REASON__HIRED_CAP, "över taket för inhyrda",
     "over the cap for hired staff"},
    {NIVA__COMPLIANCE__V1__UNCOUNTED__REASON__DUPLICATE, "räknas redan en gång",
     "counted once already"},
    {0, NULL, NULL},
};

static const struct word breach_kind_words[] = {
    {NIVA__COMPLIANCE__V1__BREACH__KIND__BELOW_MINIMUM, "under miniminivå", "below the minimum"},
    {NIVA__COMPLIANCE__V1__BREACH__KIND__REPORT_OVERDUE, "aktuell redovisning saknas",
     "no current report"},
    {NIVA__COMPLIANCE__V1__BREACH__KIND__REPORT_LATE, "redovisat för sent", "reported late"},
    {NIVA__COMPLIANCE__V1__BREACH__KIND__ABSENCE_LATE, "frånvaro anmäld för sent",
     "absence notified late"},
    {NIVA__COMPLIANCE__V1__BREACH__KIND__ABSENCE_PLAN_MISSING, "plan för frånvaro saknas",
     "no plan for an absence"},
    {0, NULL, NULL},
};

static const struct word breach_state_words[] = {
    {NIVA__COMPLIANCE__V1__BREACH__STATE__OPEN, "pågår", "open"},
    {NIVA__COMPLIANCE__V1__BREACH__STATE__CLOSED, "avslutad", "closed"},
    {NIVA__COMPLIANCE__V1__BREACH__STATE__WITHDRAWN, "bortfallen", "withdrawn"},
    {NIVA__COMPLIANCE__V1__BREACH__STATE__MERGED, "sammanslagen", "merged"},
    {0, NULL, NULL},
};

#define CAUSE(name) NIVA__COMPLIANCE__V1__FORECAST__CAUSE__KIND__##name
static const struct word forecast_cause_words[] = {
    {CAUSE(REPORT), "redovisning börjar gälla", "a report takes effect"},
    {CAUSE(POSITION_ENDS), "tjänst upphör", "a position ends"},
    {CAUSE(ABSENCE), "anmäld frånvaro", "an absence that was notified"},
    {CAUSE(COVER_ENDS), "vikariat upphör", "cover ends"},
    {CAUSE(DISPENSATION_ENDS), "dispens upphör", "a dispensation ends"},
    {CAUSE(CONTRACT), "ny kontrakterad miniminivå", "a new contracted minimum"},
    {CAUSE(CONTRACT_ENDS), "kontrakt upphör och ett äldre gäller åter",
     "a contract ends, an earlier one holds again"},
    {CAUSE(LISTING), "listningen ändras", "the listing changes"},
    {CAUSE(RULE_SET), "regelverk börjar gälla", "a rule set begins"},
    {CAUSE(FINDING), "konstaterande börjar gälla", "a finding begins"},
    {CAUSE(FINDING_ENDS), "konstaterande upphör", "a finding ends"},
    {CAUSE(UNIT_OPENS), "vårdcentralen öppnar", "the unit opens"},
    {0, NULL, NULL},
};

static const struct word adjustment_state_words[] = {
    {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY, "preliminär", "preliminary"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PROPOSED, "föreslagen", "proposed"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__IN_DIALOGUE, "i dialog", "in dialogue"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__DECIDED, "beslutad", "decided"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__WAIVED, "avstådd", "waived"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__EXPORTED, "överförd till ekonomi", "exported"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__BOOKED, "bokförd", "booked"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__SUPERSEDED, "ersatt", "superseded"},
    {0, NULL, NULL},
};

static const struct word form_words[] = {
    {NIVA__INTAKE__V1__OWNER__FORM__REGION_RUN, "egen regi", "region-run"},
    {NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD, "intraprenad", "intraprenad"},
    {NIVA__INTAKE__V1__OWNER__FORM__PRIVATE, "privat", "private"},
    {0, NULL, NULL},
};

static const struct word channel_words[] = {
    {NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL, "intern verifikation",
     "internal voucher"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET, "justering av månadens betalning",
     "line of the monthly payment"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__CREDIT_REQUEST, "begäran om kreditering",
     "credit request"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INVOICE, "faktura", "invoice"},
    {0, NULL, NULL},
};

static const struct word line_kind_words[] = {
    {NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__RUN, "dagar", "days"},
    {NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__PERIOD, "period", "period"},
    {NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__LIMIT, "högst hela ersättningen",
     "never more than the component"},
    {NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__CAP, "tak", "cap"},
    {NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__MINIMUM, "minsta belopp", "least amount"},
    {NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__ROUNDING, "avrundning", "rounding"},
    {NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__DECIDED_BEFORE, "beslutat förut",
     "decided before"},
    {NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__WAIVED_BEFORE, "avstått eller jämkat förut",
     "waived or revised before"},
    {NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__REVISED, "jämkat", "revised"},
    {NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__WAIVED, "avstått", "waived"},
    {0, NULL, NULL},
};

static const struct word reason_words[] = {
    {NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__UNABLE_TO_RECRUIT,
     "rekrytering har inte lyckats", "unable to recruit"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__UNFORESEEABLE, "oförutsedd händelse",
     "unforeseeable"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__MEASURES_TAKEN,
     "överenskomna åtgärder är genomförda", "agreed measures were taken"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__NEED_MET_OTHERWISE,
     "behovet är tillgodosett på annat sätt", "the need was met otherwise"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__STAFFING_SHOWN,
     "bemanningen var bättre än redovisat", "staffing was better than reported"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__PURCHASER_ERROR,
     "fel eller sent besked från beställaren", "the purchaser's error"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__DISPROPORTIONATE,
     "beloppet står inte i proportion", "disproportionate"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__EQUAL_TREATMENT, "lika behandling",
     "equal treatment"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__MINOR_AMOUNT, "ringa belopp", "minor amount"},
    {NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__OTHER, "annat skäl", "another reason"},
    {0, NULL, NULL},
};

static const struct word entry_words[] = {
    {NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__OPENED, "underrättelse", "communication"},
    {NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__NOTE, "anteckning", "note"},
    {NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__ANSWERED, "yttrande", "statement"},
    {NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__MEASURE_AGREED, "åtgärd", "measure"},
    {NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__MEASURE_COMPLETED, "avslutad åtgärd",
     "end of a measure"},
    {0, NULL, NULL},
};

static const struct word side_words[] = {
    {NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__SIDE__PURCHASER, "beställaren", "purchaser"},
    {NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__SIDE__PROVIDER, "utföraren", "provider"},
    {0, NULL, NULL},
};

static const struct word outcome_words[] = {
    {NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__OUTCOME__COMPLETED, "genomförd", "completed"},
    {NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__OUTCOME__MISSED, "utebliven", "missed"},
    {0, NULL, NULL},
};

static const struct word inability_words[] = {
    {NIVA__COMPLIANCE__V1__INABILITY__KIND__ADVERTISED, "annonserat", "advertised"},
    {NIVA__COMPLIANCE__V1__INABILITY__KIND__AGENCY_ASKED, "rekryteringsföretag tillfrågat",
     "agency asked"},
    {NIVA__COMPLIANCE__V1__INABILITY__KIND__HIRED_STAFF_SOUGHT, "inhyrd personal sökt",
     "hired staff sought"},
    {NIVA__COMPLIANCE__V1__INABILITY__KIND__OTHER_UNITS_ASKED, "andra vårdcentraler tillfrågade",
     "other units asked"},
    {NIVA__COMPLIANCE__V1__INABILITY__KIND__HOURS_OFFERED, "högre sysselsättningsgrad erbjuden",
     "more hours offered"},
    {NIVA__COMPLIANCE__V1__INABILITY__KIND__TERMS_IMPROVED, "bättre villkor erbjudna",
     "better terms offered"},
    {NIVA__COMPLIANCE__V1__INABILITY__KIND__OTHER, "annat", "other"},
    {0, NULL, NULL},
};

static const struct word settlement_state_words[] = {
    {NIVA__COMPENSATION__V1__SETTLEMENT__STATE__EXPORTED, "överförd till ekonomi", "exported"},
    {NIVA__COMPENSATION__V1__SETTLEMENT__STATE__VOIDED, "återtagen", "voided"},
    {NIVA__COMPENSATION__V1__SETTLEMENT__STATE__BOOKED, "bokförd", "booked"},
    {0, NULL, NULL},
};

static const struct word change_kind_words[] = {
    {NIVA__COMPLIANCE__V1__CHANGE__KIND__REPORT, "redovisning", "report"},
    {NIVA__COMPLIANCE__V1__CHANGE__KIND__ABSENCE, "frånvaro", "absence"},
    {NIVA__COMPLIANCE__V1__CHANGE__KIND__FINDING, "konstaterande", "finding"},
    {NIVA__COMPLIANCE__V1__CHANGE__KIND__CONTRACT, "avtal", "contract"},
    {NIVA__COMPLIANCE__V1__CHANGE__KIND__LISTING, "listning", "listing"},
    {NIVA__COMPLIANCE__V1__CHANGE__KIND__DISPENSATION, "dispens", "dispensation"},
    {NIVA__COMPLIANCE__V1__CHANGE__KIND__RULE_SET, "regelverk", "rule set"},
    {NIVA__COMPLIANCE__V1__CHANGE__KIND__COMPONENT, "fast ersättning", "component"},
    {NIVA__COMPLIANCE__V1__CHANGE__KIND__UNIT, "vårdcentral", "unit"},
    {NIVA__COMPLIANCE__V1__CHANGE__KIND__DAY, "dagar", "days"},
    {0, NULL, NULL},
};

static const struct word change_action_words[] = {
    {NIVA__COMPLIANCE__V1__CHANGE__ACTION__ADDED, "ny", "new"},
    {NIVA__COMPLIANCE__V1__CHANGE__ACTION__CORRECTED, "rättad", "corrected"},
    {NIVA__COMPLIANCE__V1__CHANGE__ACTION__WITHDRAWN, "återtagen", "withdrawn"},
    {NIVA__COMPLIANCE__V1__CHANGE__ACTION__UPDATED, "ändrad", "changed"},
    {NIVA__COMPLIANCE__V1__CHANGE__ACTION__CANCELLED, "tillbakatagen", "cancelled"},
    {NIVA__COMPLIANCE__V1__CHANGE__ACTION__REVOKED, "återkallad", "revoked"},
    {NIVA__COMPLIANCE__V1__CHANGE__ACTION__VOIDED, "makulerad", "voided"},
    {NIVA__COMPLIANCE__V1__CHANGE__ACTION__BEGUN, "kom", "came"},
    {0, NULL, NULL},
};

static const struct word cause_words[] = {
    {NIVA__COMPLIANCE__V1__CHANGE__CAUSE__CAUSE_UNSPECIFIED, "ingens", "nobody's"},
    {NIVA__COMPLIANCE__V1__CHANGE__CAUSE__PROVIDER_FACT, "utförarens", "the provider's"},
    {NIVA__COMPLIANCE__V1__CHANGE__CAUSE__PURCHASER_FACT, "beställarens", "the purchaser's"},
    {NIVA__COMPLIANCE__V1__CHANGE__CAUSE__RULE, "regelns", "the rule's"},
    {0, NULL, NULL},
};

static const struct word *const vocabularies[] = {
    [WORDS_STATUS] = status_words,
    [WORDS_UNCOUNTED] = uncounted_words,
    [WORDS_BREACH_KIND] = breach_kind_words,
    [WORDS_BREACH_STATE] = breach_state_words,
    [WORDS_FORECAST_CAUSE] = forecast_cause_words,
    [WORDS_ADJUSTMENT_STATE] = adjustment_state_words,
    [WORDS_FORM] = form_words,
    [WORDS_CHANNEL] = channel_words,
    [WORDS_LINE_KIND] = line_kind_words,
    [WORDS_ENTRY] = entry_words,
    [WORDS_SIDE] = side_words,
    [WORDS_OUTCOME] = outcome_words,
    [WORDS_INABILITY] = inability_words,
    [WORDS_REASON] = reason_words,
    [WORDS_SETTLEMENT_STATE] = settlement_state_words,
    [WORDS_CHANGE_KIND] = change_kind_words,
    [WORDS_CHANGE_ACTION] = change_action_words,
    [WORDS_CAUSE] = cause_words,
};

const char *words_pick(enum language language, const char *sv, const char *en)
{
    return language == ENGLISH ? en : sv;
}

const char *words_value(enum language language, enum vocabulary vocabulary, int value)
{
    for (const struct word *word = vocabularies[vocabulary]; word->sv != NULL; word++)
        if (word->value == value)
            return words_pick(language, word->sv, word->en);
    return words_pick(language, "okänt", "unknown");
}
