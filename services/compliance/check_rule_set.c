#include <stdio.h>
#include <string.h>

#include "services/compliance/checks.h"

bool check_rule_set_id(struct niva_check *check, const char *field, const char *value)
{
    size_t length = strlen(value);
    bool good = length >= 1 && length <= 64 && value[0] != '.' && value[0] != '_' &&
                value[0] != '-' &&
                strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789._-") == length;
    if (!good)
        niva_check_fail(check, field, "RULE_SET_ID_MALFORMED",
                        "Regelverkets id ska vara 1–64 tecken a–z, 0–9, punkt, _ eller -, med "
                        "en bokstav eller siffra först.",
                        "A rule set id is 1 to 64 of a–z, 0–9, dot, _ or -, with a letter or a "
                        "digit first.");
    return good;
}

static void check_count(struct niva_check *check, const char *field, size_t count, size_t least,
                        size_t most)
{
    char text_sv[120];
    char text_en[120];
    if (count >= least && count <= most)
        return;
    snprintf(text_sv, sizeof text_sv, "Det ska vara %zu till %zu, inte %zu.", least, most, count);
    snprintf(text_en, sizeof text_en, "There must be %zu to %zu, not %zu.", least, most, count);
    niva_check_fail(check, field, count < least ? "TOO_FEW" : "TOO_MANY", text_sv, text_en);
}

/* Steps must rise strictly: `previous` is the figure of the step before, or one below the least. */
static void check_rising(struct niva_check *check, const char *field, int32_t value,
                         int32_t previous)
{
    if (value <= previous)
        niva_check_fail(check, field, "STEPS_NOT_RISING",
                        "Trappstegen ska stå i ordning, vart och ett en gång.",
                        "Steps must be in order, each once.");
}

static void check_requirement_steps(struct niva_check *check, const pb_requirement *requirement)
{
    bool table = requirement->kind == NIVA__COMPLIANCE__V1__REQUIREMENT__KIND__STEP_TABLE;
    check_count(check, "steps", requirement->n_steps, table ? 1 : 0, STEPS_MAX);
    for (size_t i = 0; i < requirement->n_steps && i < STEPS_MAX; i++) {
        const Niva__Compliance__V1__Requirement__Step *step = requirement->steps[i];
        size_t mark = niva_check_enter(check, "steps", (long)i);
        if (niva_check_range(check, "listed_from", step->listed_from, 0, LISTED_MAX) && i > 0)
            check_rising(check, "listed_from", step->listed_from,
                         requirement->steps[i - 1]->listed_from);
        niva_check_range(check, "minimum_milli", step->minimum_milli, 0, FTE_MILLI_MAX);
        niva_check_leave(check, mark);
    }
}

static void check_requirement(struct niva_check *check, const pb_requirement *requirement)
{
    bool ratio = requirement->kind == NIVA__COMPLIANCE__V1__REQUIREMENT__KIND__PER_LISTED ||
                 requirement->kind == NIVA__COMPLIANCE__V1__REQUIREMENT__KIND__PER_WEIGHTED ||
                 requirement->kind == NIVA__COMPLIANCE__V1__REQUIREMENT__KIND__GREATER_OF;
    niva_check_given(check, "kind", (int)requirement->kind);
    niva_check_range(check, "persons_per_fte", requirement->persons_per_fte, ratio ? 1 : 0,
                     LISTED_MAX);
    niva_check_range(check, "rounding_step_milli", requirement->rounding_step_milli, 0, 1000);
    niva_check_range(check, "floor_milli", requirement->floor_milli, 0, FTE_MILLI_MAX);
    check_requirement_steps(check, requirement);
}

static void check_titles(struct niva_check *check, const pb_counting *counting)
{
    check_count(check, "title_codes", counting->n_title_codes, 1, TITLES_MAX);
    for (size_t i = 0; i < counting->n_title_codes && i < TITLES_MAX; i++) {
        const char *title = counting->title_codes[i];
        char field[40];
        snprintf(field, sizeof field, "title_codes[%zu]", i);
        size_t length = strspn(title, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        if (length == 0 || length > TITLE_CHARACTERS_MAX || title[length] != '\0')
            niva_check_fail(check, field, "TITLE_MALFORMED",
                            "En titelkod är 1–8 versaler eller siffror, t.ex. FT.",
                            "A title code is 1 to 8 capitals or digits, e.g. FT.");
    }
}

static void check_counting(struct niva_check *check, const pb_counting *counting)
{
    char field[40];
    check_titles(check, counting);
    check_count(check, "employments", counting->n_employments, 1, 4);
    for (size_t i = 0; i < counting->n_employments && i < 4; i++) {
        snprintf(field, sizeof field, "employments[%zu]", i);
        niva_check_given(check, field, (int)counting->employments[i]);
    }
    niva_check_range(check, "absence_threshold_days", counting->absence_threshold_days, 0,
                     DAYS_MAX);
    if (counting->join_case == NIVA__COMPLIANCE__V1__COUNTING__JOIN_ABSENCE_JOIN_GAP_DAYS)
        niva_check_range(check, "absence_join_gap_days", counting->absence_join_gap_days, 0,
                         DAYS_MAX);
    check_count(check, "exempt_categories", counting->n_exempt_categories, 0, 3);
    for (size_t i = 0; i < counting->n_exempt_categories && i < 3; i++) {
        snprintf(field, sizeof field, "exempt_categories[%zu]", i);
        niva_check_given(check, field, (int)counting->exempt_categories[i]);
    }
    niva_check_range(check, "tolerance_milli", counting->tolerance_milli, 0, FTE_MILLI_MAX);
    if (counting->hired_case == NIVA__COMPLIANCE__V1__COUNTING__HIRED_HIRED_CAP_PERMILLE)
        niva_check_range(check, "hired_cap_permille", counting->hired_cap_permille, 0, 1000);
}

static void check_reporting(struct niva_check *check, const pb_reporting *reporting)
{
    niva_day day;
    niva_check_range(check, "report_max_age_days", reporting->report_max_age_days, 0, DAYS_MAX);
    niva_check_day(check, "current_since", reporting->current_since, false, &day);
    niva_check_range(check, "change_within_days", reporting->change_within_days, 0, DAYS_MAX);
    if (reporting->confirm_case ==
        NIVA__COMPLIANCE__V1__REPORTING__CONFIRM_CONFIRM_PLANNED_WITHIN_DAYS)
        niva_check_range(check, "confirm_planned_within_days",
                         reporting->confirm_planned_within_days, 0, DAYS_MAX);
    niva_check_range(check, "absence_notice_over_days", reporting->absence_notice_over_days, 0,
                     DAYS_MAX);
    niva_check_range(check, "absence_within_days", reporting->absence_within_days, 0, DAYS_MAX);
    niva_check_range(check, "plan_within_days", reporting->plan_within_days, 0, DAYS_MAX);
}

/* Rule books list these from the mildest down as well as from the lowest up: the first two say
 * which. */
static bool regulation_steps_fall(const pb_regulation *regulation)
{
    return regulation->n_steps > 1 &&
           regulation->steps[0]->below_permille > regulation->steps[1]->below_permille;
}

static void check_regulation_steps(struct niva_check *check, const pb_regulation *regulation)
{
    bool table = regulation->formula == NIVA__COMPLIANCE__V1__REGULATION__FORMULA__STEP_TABLE;
    bool fall = regulation_steps_fall(regulation);
    check_count(check, "steps", regulation->n_steps, table ? 1 : 0, STEPS_MAX);
    for (size_t i = 0; i < regulation->n_steps && i < STEPS_MAX; i++) {
        const Niva__Compliance__V1__Regulation__Step *step = regulation->steps[i];
        size_t mark = niva_check_enter(check, "steps", (long)i);
        int32_t before = i > 0 ? regulation->steps[i - 1]->below_permille : 0;
        if (niva_check_range(check, "below_permille", step->below_permille, 1, 1000) && i > 0)
            check_rising(check, "below_permille", fall ? before : step->below_permille,
                         fall ? step->below_permille : before);
        niva_check_range(check, "deduct_permille", step->deduct_permille, 0, 1000);
        niva_check_leave(check, mark);
    }
}

static void check_regulation(struct niva_check *check, const pb_regulation *regulation)
{
    niva_check_given(check, "formula", (int)regulation->formula);
    niva_check_range(check, "ore_per_fte_month", regulation->ore_per_fte_month, 0, ORE_MAX);
    check_regulation_steps(check, regulation);
    niva_check_range(check, "permille", regulation->permille, 0, 1000);
    if (regulation->periods_case == NIVA__COMPLIANCE__V1__REGULATION__PERIODS_MAX_PERIODS)
        niva_check_range(check, "max_periods", regulation->max_periods, 0, DAYS_MAX);
    niva_check_range(check, "grace_days", regulation->grace_days, 0, DAYS_MAX);
    if (regulation->cap_case == NIVA__COMPLIANCE__V1__REGULATION__CAP_CAP_PERMILLE)
        niva_check_range(check, "cap_permille", regulation->cap_permille, 0, 1000);
    if (regulation->least_case == NIVA__COMPLIANCE__V1__REGULATION__LEAST_MINIMUM_ORE)
        niva_check_range(check, "minimum_ore", regulation->minimum_ore, 0, ORE_MAX);
    niva_check_range(check, "rounding_unit_ore", regulation->rounding_unit_ore, 0, 100000);
    niva_check_range(check, "statement_days", regulation->statement_days, 0, 365);
}

/* Whole calendar months. */
static void check_months(struct niva_check *check, const pb_rule_set *rule_set)
{
    niva_day first;
    niva_day until;
    if (!niva_check_day(check, "first_day", rule_set->first_day, true, &first))
        return;
    if (first != niva_month_begin(first))
        niva_check_fail(check, "first_day", "NOT_WHOLE_MONTHS",
                        "Ett regelverk börjar den första dagen i en månad.",
                        "A rule set begins on the first day of a month.");
    if (niva_check_last_day(check, "last_day", rule_set->last_day, first, &until) &&
        until != NIVA_DAY_END && until != niva_month_begin(until))
        niva_check_fail(check, "last_day", "NOT_WHOLE_MONTHS",
                        "Ett regelverk slutar den sista dagen i en månad.",
                        "A rule set ends on the last day of a month.");
}

static void check_texts(struct niva_check *check, const pb_rule_set *rule_set)
{
    check_count(check, "source_documents", rule_set->n_source_documents, 0, SOURCES_MAX);
    for (size_t i = 0; i < rule_set->n_source_documents && i < SOURCES_MAX; i++) {
        char field[40];
        snprintf(field, sizeof field, "source_documents[%zu]", i);
        niva_check_text(check, field, rule_set->source_documents[i], 1, 200);
    }
    niva_check_text(check, "decision_reference", rule_set->decision_reference, 0, 200);
    niva_check_text(check, "remark_sv", rule_set->remark_sv, 0, 500);
    niva_check_text(check, "remark_en", rule_set->remark_en, 0, 500);
}

static void check_parts(struct niva_check *check, const pb_rule_set *rule_set)
{
    if (niva_check_present(check, "requirement", rule_set->requirement)) {
        size_t mark = niva_check_enter(check, "requirement", -1);
        check_requirement(check, rule_set->requirement);
        niva_check_leave(check, mark);
    }
    if (niva_check_present(check, "counting", rule_set->counting)) {
        size_t mark = niva_check_enter(check, "counting", -1);
        check_counting(check, rule_set->counting);
        niva_check_leave(check, mark);
    }
    if (rule_set->reporting != NULL) {
        size_t mark = niva_check_enter(check, "reporting", -1);
        check_reporting(check, rule_set->reporting);
        niva_check_leave(check, mark);
    }
    if (niva_check_present(check, "regulation", rule_set->regulation)) {
        size_t mark = niva_check_enter(check, "regulation", -1);
        check_regulation(check, rule_set->regulation);
        niva_check_leave(check, mark);
    }
}

void check_rule_set(struct niva_check *check, const pb_rule_set *rule_set)
{
    check_rule_set_id(check, "rule_set_id", rule_set->rule_set_id);
    niva_check_region(check, "region_code", rule_set->region_code);
    niva_check_name_key(check, "profession_group", rule_set->profession_group);
    check_months(check, rule_set);
    niva_check_given(check, "severity", (int)rule_set->severity);
    check_texts(check, rule_set);
    check_parts(check, rule_set);
}

bool check_put_rule_set(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__PutRuleSetRequest *put = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    if (niva_check_present(&check, "rule_set", put->rule_set)) {
        size_t mark = niva_check_enter(&check, "rule_set", -1);
        check_rule_set(&check, put->rule_set);
        niva_check_leave(&check, mark);
    }
    return niva_check_end(&check);
}
