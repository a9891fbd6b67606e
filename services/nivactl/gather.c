#include "services/nivactl/gather.h"

#include <string.h>

typedef Niva__Intake__V1__Unit Unit;
typedef Niva__Intake__V1__StaffingReport StaffingReport;
typedef Niva__Compliance__V1__RuleSet RuleSet;
typedef Niva__Model__V1__Scenario Scenario;
typedef Niva__Model__V1__Withdrawal Withdrawal;

enum { PAGE = 1000 };

/* A text of ours where a message wants one that it may change; it never does. */
static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

static bool rule_sets_gather(struct session *session, const Unit *unit, Scenario *scenario,
                             struct niva_error *err)
{
    Niva__Compliance__V1__ListRuleSetsRequest request =
        NIVA__COMPLIANCE__V1__LIST_RULE_SETS_REQUEST__INIT;
    Niva__Compliance__V1__ListRuleSetsResponse *rules;
    ProtobufCMessage *reply;

    request.region_code = unit->region_code;
    request.profession_group = borrowed(session->options.group);
    request.page_size = PAGE;
    if (!session_list(session, "niva.compliance.v1.RuleService/ListRuleSets", &request.base, &reply,
                      err))
        return false;
    rules = (Niva__Compliance__V1__ListRuleSetsResponse *)reply;
    scenario->n_rule_sets = rules->n_rule_sets;
    scenario->rule_sets = rules->rule_sets;
    return true;
}

static bool requirements_gather(struct session *session, const Unit *unit, Scenario *scenario,
                                struct niva_error *err)
{
    Niva__Compliance__V1__ListContractsRequest contracts =
        NIVA__COMPLIANCE__V1__LIST_CONTRACTS_REQUEST__INIT;
    Niva__Compliance__V1__ListListingsRequest listings =
        NIVA__COMPLIANCE__V1__LIST_LISTINGS_REQUEST__INIT;
    ProtobufCMessage *reply;

    contracts.unit = unit->hsa_id;
    contracts.profession_group = borrowed(session->options.group);
    contracts.page_size = PAGE;
    if (!session_list(session, "niva.compliance.v1.RequirementService/ListContracts",
                      &contracts.base, &reply, err))
        return false;
    scenario->n_contracts = ((Niva__Compliance__V1__ListContractsResponse *)reply)->n_contracts;
    scenario->contracts = ((Niva__Compliance__V1__ListContractsResponse *)reply)->contracts;
    listings.unit = unit->hsa_id;
    listings.page_size = PAGE;
    if (!session_list(session, "niva.compliance.v1.RequirementService/ListListings", &listings.base,
                      &reply, err))
        return false;
    scenario->n_listings = ((Niva__Compliance__V1__ListListingsResponse *)reply)->n_listings;
    scenario->listings = ((Niva__Compliance__V1__ListListingsResponse *)reply)->listings;
    return true;
}

/* Decisions of the purchaser about the days: dispensations and findings. */
static bool decisions_gather(struct session *session, const Unit *unit, Scenario *scenario,
                             struct niva_error *err)
{
    Niva__Compliance__V1__ListDispensationsRequest dispensations =
        NIVA__COMPLIANCE__V1__LIST_DISPENSATIONS_REQUEST__INIT;
    Niva__Compliance__V1__ListFindingsRequest findings =
        NIVA__COMPLIANCE__V1__LIST_FINDINGS_REQUEST__INIT;
    ProtobufCMessage *reply;

    dispensations.unit = unit->hsa_id;
    dispensations.profession_group = borrowed(session->options.group);
    dispensations.page_size = PAGE;
    if (!session_list(session, "niva.compliance.v1.DispensationService/ListDispensations",
                      &dispensations.base, &reply, err))
        return false;
    scenario->n_dispensations =
        ((Niva__Compliance__V1__ListDispensationsResponse *)reply)->n_dispensations;
    scenario->dispensations =
        ((Niva__Compliance__V1__ListDispensationsResponse *)reply)->dispensations;
    findings.unit = unit->hsa_id;
    findings.profession_group = borrowed(session->options.group);
    findings.page_size = PAGE;
    if (!session_list(session, "niva.compliance.v1.FindingService/ListFindings", &findings.base,
                      &reply, err))
        return false;
    scenario->n_findings = ((Niva__Compliance__V1__ListFindingsResponse *)reply)->n_findings;
    scenario->findings = ((Niva__Compliance__V1__ListFindingsResponse *)reply)->findings;
    return true;
}

/* What was frozen of the group when its reports and absences were erased. */
static bool frozen_gather(struct session *session, const Unit *unit, Scenario *scenario,
                          struct niva_error *err)
{
    Niva__Compliance__V1__ListErasuresRequest request =
        NIVA__COMPLIANCE__V1__LIST_ERASURES_REQUEST__INIT;
    const Niva__Compliance__V1__ListErasuresResponse *list;
    ProtobufCMessage *reply;

    request.unit = unit->hsa_id;
    request.page_size = PAGE;
    if (!session_list(session, "niva.compliance.v1.RetentionService/ListErasures", &request.base,
                      &reply, err))
        return false;
    list = (const Niva__Compliance__V1__ListErasuresResponse *)reply;
    scenario->frozen = niva_arena_array(session->arena, list->n_erasures, sizeof *scenario->frozen);
    if (scenario->frozen == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < list->n_erasures; i++)
        for (size_t k = 0; k < list->erasures[i]->n_groups; k++)
            if (strcmp(list->erasures[i]->groups[k]->profession_group, session->options.group) == 0)
                scenario->frozen[scenario->n_frozen++] = list->erasures[i]->groups[k];
    return true;
}

/* A withdrawn report is in the list like any other; its withdrawal is a fact of its own. */
static bool withdrawals_take(struct session *session, Scenario *scenario, struct niva_error *err)
{
    scenario->withdrawals =
        niva_arena_array(session->arena, scenario->n_reports + 1, sizeof *scenario->withdrawals);
    if (scenario->withdrawals == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < scenario->n_reports; i++) {
        const StaffingReport *report = scenario->reports[i];
        Withdrawal *withdrawal;

        if (!report->withdrawn)
            continue;
        withdrawal = niva_wire_new(&niva__model__v1__withdrawal__descriptor, session->arena);
        if (withdrawal == NULL)
            return niva_fail_memory(err);
        withdrawal->report_id = report->report_id;
        withdrawal->recorded_at = report->recorded_at;
        scenario->withdrawals[scenario->n_withdrawals++] = withdrawal;
    }
    return true;
}

static bool staffing_gather(struct session *session, const Unit *unit, Scenario *scenario,
                            struct niva_error *err)
{
    Niva__Intake__V1__ListReportsRequest reports = NIVA__INTAKE__V1__LIST_REPORTS_REQUEST__INIT;
    Niva__Intake__V1__ListAbsencesRequest absences = NIVA__INTAKE__V1__LIST_ABSENCES_REQUEST__INIT;
    ProtobufCMessage *reply;

    reports.unit = absences.unit = unit->hsa_id;
    reports.profession_group = absences.profession_group = borrowed(session->options.group);
    reports.page_size = absences.page_size = PAGE;
    reports.include_history = absences.include_history = true;
    if (!session_list(session, "niva.intake.v1.ReportService/ListReports", &reports.base, &reply,
                      err))
        return false;
    scenario->n_reports = ((Niva__Intake__V1__ListReportsResponse *)reply)->n_reports;
    scenario->reports = ((Niva__Intake__V1__ListReportsResponse *)reply)->reports;
    if (!withdrawals_take(session, scenario, err) ||
        !session_list(session, "niva.intake.v1.AbsenceService/ListAbsences", &absences.base, &reply,
                      err))
        return false;
    scenario->n_absences = ((Niva__Intake__V1__ListAbsencesResponse *)reply)->n_absences;
    scenario->absences = ((Niva__Intake__V1__ListAbsencesResponse *)reply)->absences;
    return true;
}

static bool components_gather(struct session *session, const Unit *unit, Scenario *scenario,
                              struct niva_error *err)
{
    Niva__Compensation__V1__ListComponentsRequest request =
        NIVA__COMPENSATION__V1__LIST_COMPONENTS_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.unit = unit->hsa_id;
    request.profession_group = borrowed(session->options.group);
    request.page_size = PAGE;
    if (!session_list(session, "niva.compensation.v1.ComponentService/ListComponents",
                      &request.base, &reply, err))
        return false;
    scenario->n_components =
        ((Niva__Compensation__V1__ListComponentsResponse *)reply)->n_components;
    scenario->components = ((Niva__Compensation__V1__ListComponentsResponse *)reply)->components;
    return true;
}

/* The first day of any rule set; NIVA_DAY_NONE without one. */
static niva_day first_day_of(const Scenario *scenario)
{
    niva_day first = NIVA_DAY_NONE;
    niva_day day;

    for (size_t i = 0; i < scenario->n_rule_sets; i++)
        if (niva_day_parse(scenario->rule_sets[i]->first_day, &day) &&
            (first == NIVA_DAY_NONE || day < first))
            first = day;
    return first;
}

static bool horizon_set(struct session *session, niva_day first, niva_day today, Scenario *scenario,
                        struct niva_error *err)
{
    size_t months = (size_t)(today - first) / 28 + 2;
    char text[16];

    scenario->horizon = niva_wire_new(&niva__model__v1__horizon__descriptor, session->arena);
    scenario->periods = niva_arena_array(session->arena, months, sizeof *scenario->periods);
    if (scenario->horizon == NULL || scenario->periods == NULL)
        return niva_fail_memory(err);
    niva_day_format(first, text);
    scenario->horizon->first_day = niva_arena_strdup(session->arena, text);
    niva_day_format(today, text);
    scenario->horizon->last_day = niva_arena_strdup(session->arena, text);
    for (niva_day day = niva_month_begin(first); day <= today; day = niva_month_next(day)) {
        niva_month_format(day, text);
        scenario->periods[scenario->n_periods] = niva_arena_strdup(session->arena, text);
        if (scenario->periods[scenario->n_periods++] == NULL)
            return niva_fail_memory(err);
    }
    return (scenario->horizon->first_day != NULL && scenario->horizon->last_day != NULL) ||
           niva_fail_memory(err);
}

bool scenario_gather(struct session *session, const Unit *unit, niva_day today,
                     Scenario **ret_scenario, struct niva_error *err)
{
    Scenario *scenario = niva_wire_new(&niva__model__v1__scenario__descriptor, session->arena);
    niva_day first;

    if (scenario == NULL)
        return niva_fail_memory(err);
    if (!rule_sets_gather(session, unit, scenario, err))
        return false;
    first = first_day_of(scenario);
    if (first == NIVA_DAY_NONE || first > today) {
        *ret_scenario = NULL;
        return true;
    }
    scenario->unit = (Unit *)(uintptr_t)unit;
    if (!horizon_set(session, first, today, scenario, err) ||
        !requirements_gather(session, unit, scenario, err) ||
        !decisions_gather(session, unit, scenario, err) ||
        !frozen_gather(session, unit, scenario, err) ||
        !staffing_gather(session, unit, scenario, err) ||
        !components_gather(session, unit, scenario, err))
        return false;
    *ret_scenario = scenario;
    return true;
}
