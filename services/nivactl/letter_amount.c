/* The letters about an amount: the communication before a decision, and the decision. */
#include <inttypes.h>
#include <string.h>

#include "services/nivactl/adjustments.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/fraction.h"
#include "services/nivactl/letter.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ExplainAdjustmentResponse ExplainAdjustmentResponse;
typedef Niva__Compensation__V1__ExplanationLine ExplanationLine;
typedef Niva__Compliance__V1__Segment Segment;
typedef Niva__Compliance__V1__RuleSet RuleSet;

#define STATE(name) NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__##name
#define KIND(name)  NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__##name

/* ---- the computation ---- */

/* An exact amount to the nearest öre; false where it cannot be read. */
static bool ore_round(const char *ore, int64_t *ret_ore)
{
    mpq_t ratio;
    bool read;

    mpq_init(ratio);
    read = fraction_read(ore, ratio) && fraction_round(ratio, ret_ore);
    mpq_clear(ratio);
    return read;
}

/* NULL where it cannot be read: the letter is not written then. */
static const char *ore_text(const struct session *session, const char *ore)
{
    int64_t whole;

    return ore_round(ore, &whole) ? cell_kronor(session, whole) : NULL;
}

static void run_put(const struct letter *letter, const ExplanationLine *line)
{
    const struct session *session = letter->session;
    struct niva_letter_values *run = niva_letter_add(letter->values, "runs");
    Segment segment = NIVA__COMPLIANCE__V1__SEGMENT__INIT;

    segment.status = line->status;
    segment.required_milli = line->required_milli;
    segment.counted_milli = line->counted_milli;
    segment.shortfall_milli = line->shortfall_milli;
    niva_letter_put(run, "first_day", line->first_day);
    niva_letter_put(run, "last_day", line->last_day);
    niva_letter_put(run, "days", cell_integer(session, line->days));
    niva_letter_put(run, "status", cell_status(session, &segment));
    niva_letter_put(run, "required", cell_required(session, &segment));
    niva_letter_put(run, "counted", cell_counted(session, &segment));
    niva_letter_put(run, "shortfall", cell_shortfall(session, &segment));
    niva_letter_put(run, "amount", ore_text(session, line->ore));
}

static void modifier_put(const struct letter *letter,
                         Niva__Compensation__V1__ExplanationLine__Kind kind, const char *amount)
{
    struct niva_letter_values *modifier = niva_letter_add(letter->values, "modifiers");

    niva_letter_put(modifier, "name",
                    words_value(letter->session->language, WORDS_LINE_KIND, (int)kind));
    niva_letter_put(modifier, "amount", amount);
}

/* What the letter is to give as rounding: the rest that makes the amounts, each in whole öre, add
 * up to what the line takes. */
static int64_t rounding_of(const ExplainAdjustmentResponse *explanation)
{
    int64_t rest = explanation->adjustment->deduction_ore;

    for (size_t i = 0; i < explanation->n_lines; i++) {
        int64_t ore;

        if (explanation->lines[i]->kind != KIND(ROUNDING) &&
            ore_round(explanation->lines[i]->ore, &ore))
            rest -= ore;
    }
    return rest;
}

static void lines_put(const struct letter *letter, const ExplainAdjustmentResponse *explanation)
{
    const struct session *session = letter->session;
    const char *rounding = cell_kronor(session, rounding_of(explanation));
    bool rounded = rounding_of(explanation) == 0;

    for (size_t i = 0; i < explanation->n_lines; i++) {
        const ExplanationLine *line = explanation->lines[i];
        const char *words = session_pick(session, line->text_sv, line->text_en);

        if (line->kind == KIND(RUN))
            run_put(letter, line);
        else if (line->kind != KIND(ROUNDING))
            modifier_put(letter, line->kind, ore_text(session, line->ore));
        else
            modifier_put(letter, line->kind, rounding);
        rounded |= line->kind == KIND(ROUNDING);
        if (*words != '\0')
            niva_letter_put(niva_letter_add(letter->values, "steps"), "text", words);
    }
    if (!rounded)
        modifier_put(letter, KIND(ROUNDING), rounding);
    niva_letter_put(letter->values, "remark",
                    session_pick(session, explanation->remark_sv, explanation->remark_en));
}

/* ---- what it stands on ---- */

/* A month without a rule set costs nothing: a line of it is money back. */
static bool rules_put(const struct letter *letter, const Adjustment *adjustment,
                      const RuleSet **ret_rule_set, struct niva_error *err)
{
    const RuleSet *rule_set;

    *ret_rule_set = NULL;
    if (*adjustment->rule_set_id == '\0')
        return true;
    if (!rule_set_get(letter->session, adjustment->rule_set_id, adjustment->rule_set_version,
                      &rule_set, err))
        return false;
    niva_letter_put(letter->values, "rule_set_id", rule_set->rule_set_id);
    niva_letter_put(letter->values, "rule_version",
                    cell_integer(letter->session, rule_set->version));
    niva_letter_put(letter->values, "decision_reference", rule_set->decision_reference);
    for (size_t i = 0; i < rule_set->n_source_documents; i++)
        niva_letter_put(niva_letter_add(letter->values, "documents"), "name",
                        rule_set->source_documents[i]);
    if (rule_set->regulation != NULL)
        niva_letter_put(letter->values, "formula",
                        letter_word(&niva__compliance__v1__regulation__formula__descriptor,
                                    (int)rule_set->regulation->formula));
    *ret_rule_set = rule_set;
    return true;
}

/* Since when the unit is below the minimum: the first day of the breach that began first. */
static bool breach_put(const struct letter *letter, const Adjustment *adjustment,
                       struct niva_error *err)
{
    const char *since = "";

    for (size_t i = 0; i < adjustment->n_breach_ids; i++) {
        Niva__Compliance__V1__GetBreachRequest request =
            NIVA__COMPLIANCE__V1__GET_BREACH_REQUEST__INIT;
        const Niva__Compliance__V1__Breach *breach;
        ProtobufCMessage *reply;

        request.breach_id = adjustment->breach_ids[i];
        if (!session_ask(letter->session, "niva.compliance.v1.ComplianceService/GetBreach",
                         &request.base, &reply, err))
            return false;
        breach = ((Niva__Compliance__V1__GetBreachResponse *)reply)->breach;
        if (breach != NULL && (*since == '\0' || strcmp(breach->first_day, since) < 0))
            since = breach->first_day;
    }
    niva_letter_put(letter->values, "breach_since", since);
    return true;
}

static bool amount_put(struct letter *letter, const Adjustment *adjustment, struct niva_error *err)
{
    const struct session *session = letter->session;
    struct niva_letter_values *values = letter->values;
    struct niva_span month;

    if (!niva_month_parse(adjustment->period, &month))
        return niva_fail_internal(err, "a period is no month");
    niva_letter_put(values, "adjustment_id", adjustment->adjustment_id);
    niva_letter_put(values, "profession_group", adjustment->profession_group);
    niva_letter_put(values, "period", adjustment->period);
    niva_letter_put(values, "month", letter_month(letter, month.from));
    niva_letter_put(values, "component", adjustment->component);
    niva_letter_put(values, "below_days", cell_integer(session, adjustment->below_days));
    niva_letter_put(values, "amount", cell_kronor(session, adjustment->deduction_ore));
    niva_letter_put(values, "computed", cell_kronor(session, adjustment->computed_ore));
    niva_letter_put(values, "total", cell_kronor(session, adjustment->computed_total_ore));
    if (adjustment->kind == NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__DIFFERENCE)
        niva_letter_put(values, "difference", "YES");
    letter_owner(letter, adjustment->owner, adjustment->form);
    return true;
}

/* Everything about the amount; a letter's own words come behind it. */
static bool computation_gather(struct letter *letter, const char *adjustment_id,
                               const Adjustment **ret_adjustment, const RuleSet **ret_rule_set,
                               struct niva_error *err)
{
    ExplainAdjustmentResponse *explanation;
    const char *first_day;

    if (!explanation_load(letter->session, adjustment_id, true, &explanation, err))
        return false;
    if (explanation->adjustment == NULL)
        return niva_fail_internal(err, "an explanation without its adjustment");
    *ret_adjustment = explanation->adjustment;
    first_day = niva_arena_printf(letter->session->arena, "%s-01", (*ret_adjustment)->period);
    if (first_day == NULL)
        return niva_fail_memory(err);
    if (!letter_address(letter, (*ret_adjustment)->unit, first_day, err) ||
        !amount_put(letter, *ret_adjustment, err) ||
        !rules_put(letter, *ret_adjustment, ret_rule_set, err) ||
        !breach_put(letter, *ret_adjustment, err))
        return false;
    lines_put(letter, explanation);
    return true;
}

/* ---- the communication ---- */

/* The day that was given, or that the unit was told; otherwise the rule set counts from today. */
static bool answer_by_put(const struct letter *letter, const Adjustment *adjustment,
                          const RuleSet *rule_set, struct niva_error *err)
{
    const char *given =
        *letter->session->options.by != '\0' ? letter->session->options.by : adjustment->answer_by;
    char text[16];
    niva_day today;

    if (*given != '\0') {
        niva_letter_put(letter->values, "answer_by", given);
        return true;
    }
    if (rule_set == NULL || rule_set->regulation == NULL ||
        rule_set->regulation->statement_days <= 0 || !niva_day_parse(letter->today, &today))
        return letter_refuse(err, "Regelverket säger inte hur länge svaret får ta: ange --by.",
                             "The rule set does not say how long the answer may take: give "
                             "--by.");
    niva_day_format(today + rule_set->regulation->statement_days, text);
    niva_letter_put(letter->values, "answer_by", niva_arena_strdup(letter->session->arena, text));
    return true;
}

bool communication_gather(struct letter *letter, const char *adjustment_id, struct niva_error *err)
{
    const Adjustment *adjustment = NULL;
    const RuleSet *rule_set = NULL;

    if (!computation_gather(letter, adjustment_id, &adjustment, &rule_set, err))
        return false;
    if (adjustment->state != STATE(PRELIMINARY) && adjustment->state != STATE(PROPOSED) &&
        adjustment->state != STATE(IN_DIALOGUE))
        return letter_refuse(err,
                             "Beloppet är beslutat eller ersatt: det finns inget att svara på.",
                             "The amount is decided or superseded: there is nothing to answer.");
    if (adjustment->deduction_ore <= 0)
        return letter_refuse(err, "Pengar tillbaka beslutas utan att kommuniceras.",
                             "Money back is decided without a communication.");
    if (adjustment->state == STATE(PRELIMINARY))
        niva_letter_put(letter->values, "preliminary", "YES");
    return answer_by_put(letter, adjustment, rule_set, err);
}

/* ---- the decision ---- */

static const char *outcome(const Adjustment *adjustment)
{
    if (adjustment->computed_ore < 0)
        return "MONEY_BACK";
    if (adjustment->state == STATE(WAIVED))
        return "WAIVED";
    return adjustment->deduction_ore == adjustment->computed_ore ? "APPROVED" : "REVISED";
}

/* What can be done against it, by the form of the month that is regulated. */
static const char *remedy(const struct letter *letter, const Adjustment *adjustment)
{
    enum language language = letter->session->language;

    switch (adjustment->form) {
    case NIVA__INTAKE__V1__OWNER__FORM__REGION_RUN:
        return letter->config.remedy_region_run[language];
    case NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD:
        return letter->config.remedy_intraprenad[language];
    case NIVA__INTAKE__V1__OWNER__FORM__PRIVATE:
        return letter->config.remedy_private[language];
    default:
        return "";
    }
}

/* What somebody said, or that it has been erased. */
static const char *words_left(const struct letter *letter, const Adjustment *adjustment,
                              const char *words)
{
    if (*adjustment->erased_by == '\0')
        return words;
    return session_pick(letter->session, "Texten har gallrats.", "The text has been erased.");
}

static void dialogue_put(const struct letter *letter, const Adjustment *adjustment)
{
    struct niva_letter_values *values = letter->values;

    niva_letter_put(values, "prepared_by", adjustment->prepared_by);
    niva_letter_put(values, "communicated_on", letter_day(letter, adjustment->communicated_at));
    niva_letter_put(values, "answer_by", adjustment->answer_by);
    niva_letter_put(values, "answered_on", letter_day(letter, adjustment->answered_at));
    niva_letter_put(values, "statement", words_left(letter, adjustment, adjustment->statement));
    niva_letter_put(values, "statement_response",
                    words_left(letter, adjustment, adjustment->statement_response));
}

static void decision_put(const struct letter *letter, const Adjustment *adjustment)
{
    struct niva_letter_values *values = letter->values;

    niva_letter_put(values, "outcome", outcome(adjustment));
    niva_letter_put(values, "amount_back",
                    cell_kronor(letter->session, -adjustment->deduction_ore));
    niva_letter_put(values, "case_number", adjustment->case_number);
    niva_letter_put(values, "decided_by", adjustment->decided_by);
    niva_letter_put(values, "decided_on", letter_day(letter, adjustment->decided_at));
    niva_letter_put(values, "delegation", adjustment->delegation);
    if (adjustment->reason_code != 0)
        niva_letter_put(
            values, "reason_words",
            words_value(letter->session->language, WORDS_REASON, (int)adjustment->reason_code));
    if (adjustment->reason_code != 0 || *adjustment->reason != '\0')
        niva_letter_put(values, "reason", words_left(letter, adjustment, adjustment->reason));
    niva_letter_put(values, "channel",
                    letter_word(&niva__compensation__v1__adjustment__channel__descriptor,
                                (int)adjustment->channel));
    niva_letter_put(values, "settlement_id", adjustment->settlement_id);
    niva_letter_put(values, "voucher_number", adjustment->voucher_number);
    niva_letter_put(values, "remedy", remedy(letter, adjustment));
}

bool decision_gather(struct letter *letter, const char *adjustment_id, struct niva_error *err)
{
    const Adjustment *adjustment = NULL;
    const RuleSet *rule_set = NULL;

    if (!computation_gather(letter, adjustment_id, &adjustment, &rule_set, err))
        return false;
    if (adjustment->state != STATE(DECIDED) && adjustment->state != STATE(WAIVED) &&
        adjustment->state != STATE(EXPORTED) && adjustment->state != STATE(BOOKED))
        return letter_refuse(err, "Beloppet är inte beslutat.", "The amount is not decided.");
    dialogue_put(letter, adjustment);
    decision_put(letter, adjustment);
    return true;
}
