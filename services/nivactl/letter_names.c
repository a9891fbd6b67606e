#include "services/nivactl/letter_names.h"

#define TEXT(name_)                                                                                \
    {                                                                                              \
        .name = #name_                                                                             \
    }
#define WORD(name_, words_)                                                                        \
    {                                                                                              \
        .name = #name_, .words = (words_)                                                          \
    }
#define LIST(name_)                                                                                \
    {                                                                                              \
        .name = #name_, .fields = name_##_names                                                    \
    }
#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* Who writes, to whom, when: of every letter. */
#define NAMES_OF_ALL                                                                               \
    TEXT(region_name), TEXT(region_department), TEXT(region_section), TEXT(foot), TEXT(foot_more), \
        TEXT(contact_name), TEXT(contact_phone), TEXT(contact_email), TEXT(date),                  \
        TEXT(case_number), TEXT(unit_name), TEXT(unit_id), TEXT(owner_words), TEXT(owner_number),  \
        WORD(form, "REGION_RUN INTRAPRENAD PRIVATE"), TEXT(profession_group), TEXT(remark),        \
        WORD(rehearsal, "YES")

#define FORMULAS                                                                                   \
    "PRO_RATA ALL_OR_NOTHING PER_MISSING_FTE STEP_TABLE PER_STARTED_MONTH PER_STARTED_WEEK NONE"

/* An amount of a month and how it was computed. */
#define NAMES_OF_AMOUNT                                                                            \
    TEXT(period), TEXT(month), TEXT(component), TEXT(below_days), TEXT(breach_since),              \
        TEXT(amount), TEXT(total), TEXT(computed), WORD(difference, "YES"), LIST(runs),            \
        LIST(modifiers), LIST(steps), WORD(formula, FORMULAS), TEXT(rule_set_id),                  \
        TEXT(rule_version), TEXT(decision_reference), LIST(documents), TEXT(adjustment_id)

static const struct niva_letter_name runs_names[] = {
    TEXT(first_day), TEXT(last_day),  TEXT(days),   TEXT(status), TEXT(required),
    TEXT(counted),   TEXT(shortfall), TEXT(amount), END,
};
static const struct niva_letter_name modifiers_names[] = {TEXT(name), TEXT(amount), END};
static const struct niva_letter_name steps_names[] = {TEXT(text), END};
static const struct niva_letter_name documents_names[] = {TEXT(name), END};

const struct niva_letter_name communication_names[] = {
    NAMES_OF_ALL, NAMES_OF_AMOUNT, TEXT(answer_by), WORD(preliminary, "YES"), END,
};

const struct niva_letter_name decision_names[] = {
    NAMES_OF_ALL,
    NAMES_OF_AMOUNT,
    WORD(outcome, "APPROVED REVISED WAIVED MONEY_BACK"),
    TEXT(decided_by),
    TEXT(decided_on),
    TEXT(delegation),
    TEXT(amount_back),
    TEXT(reason_words),
    TEXT(reason),
    TEXT(prepared_by),
    TEXT(communicated_on),
    TEXT(answer_by),
    TEXT(answered_on),
    TEXT(statement),
    TEXT(statement_response),
    WORD(channel, "INTERNAL OFFSET CREDIT_REQUEST INVOICE"),
    TEXT(settlement_id),
    TEXT(voucher_number),
    TEXT(remedy),
    END,
};

const struct niva_letter_name call_names[] = {
    NAMES_OF_ALL,          TEXT(issued_on),
    TEXT(current_since),   TEXT(answer_by),
    TEXT(reference),       TEXT(last_received),
    TEXT(last_effective),  TEXT(missing_since),
    TEXT(unreported_days), END,
};

const struct niva_letter_name receipt_names[] = {
    NAMES_OF_ALL,
    TEXT(report_id),
    TEXT(received_on),
    TEXT(received_time),
    TEXT(effective_from),
    WORD(correction, "YES"),
    LIST(runs),
    WORD(verdict, "MET BELOW_MINIMUM DISPENSED NOT_REQUIRED NO_REQUIREMENT_BASIS NO_REPORT"),
    TEXT(required),
    TEXT(counted),
    TEXT(shortfall),
    TEXT(counted_on),
    TEXT(below_since),
    TEXT(per_day),
    TEXT(price_month),
    WORD(other_basis, "YES"),
    WORD(by_period, "YES"),
    WORD(unregulated, "YES"),
    TEXT(grace_days),
    END,
};
