#include <stdio.h>

#include "services/common/facts/read.h"
#include "services/common/wire/wire.h"
#include "services/model/breach.h"
#include "services/model/regulation.h"

/* A scenario on its way to facts. */
struct reading {
    struct niva_check check;
    const Niva__Model__V1__Scenario *scenario;
    struct niva_arena *arena;
    struct niva_facts facts;
    size_t component_count;
    const struct niva_component *components;
};

/* Rule sets and components of a scenario are not bitemporal: the order in the list orders them. */
static bool read_rules(struct reading *reading)
{
    const Niva__Model__V1__Scenario *scenario = reading->scenario;
    struct niva_rule_set *rule_sets =
        niva_arena_array(reading->arena, scenario->n_rule_sets, sizeof *rule_sets);
    struct niva_component *components =
        niva_arena_array(reading->arena, scenario->n_components, sizeof *components);

    if (rule_sets == NULL || components == NULL)
        return false;
    for (size_t i = 0; i < scenario->n_rule_sets; i++) {
        size_t mark = niva_check_enter(&reading->check, "rule_sets", (long)i);
        if (!read_rule_set(&reading->check, scenario->rule_sets[i], reading->arena, &rule_sets[i]))
            return false;
        niva_check_leave(&reading->check, mark);
        rule_sets[i].recorded_at = INT64_MIN;
    }
    for (size_t i = 0; i < scenario->n_components; i++) {
        size_t mark = niva_check_enter(&reading->check, "components", (long)i);
        read_component(&reading->check, scenario->components[i], &components[i]);
        niva_check_leave(&reading->check, mark);
        components[i].recorded_at = INT64_MIN;
    }
    reading->facts.rule_set_count = scenario->n_rule_sets;
    reading->facts.rule_sets = rule_sets;
    reading->component_count = scenario->n_components;
    reading->components = components;
    return true;
}

static bool read_basis(struct reading *reading)
{
    const Niva__Model__V1__Scenario *scenario = reading->scenario;
    struct niva_contract *contracts =
        niva_arena_array(reading->arena, scenario->n_contracts, sizeof *contracts);
    struct niva_listing *listings =
        niva_arena_array(reading->arena, scenario->n_listings, sizeof *listings);

    if (contracts == NULL || listings == NULL)
        return false;
    for (size_t i = 0; i < scenario->n_contracts; i++) {
        size_t mark = niva_check_enter(&reading->check, "contracts", (long)i);
        read_contract(&reading->check, scenario->contracts[i], &contracts[i]);
        niva_check_leave(&reading->check, mark);
    }
    for (size_t i = 0; i < scenario->n_listings; i++) {
        size_t mark = niva_check_enter(&reading->check, "listings", (long)i);
        read_listing(&reading->check, scenario->listings[i], &listings[i]);
        niva_check_leave(&reading->check, mark);
    }
    reading->facts.contract_count = scenario->n_contracts;
    reading->facts.contracts = contracts;
    reading->facts.listing_count = scenario->n_listings;
    reading->facts.listings = listings;
    return true;
}

static bool read_filings(struct reading *reading)
{
    const Niva__Model__V1__Scenario *scenario = reading->scenario;
    struct niva_report *reports =
        niva_arena_array(reading->arena, scenario->n_reports, sizeof *reports);
    struct niva_withdrawal *withdrawals =
        niva_arena_array(reading->arena, scenario->n_withdrawals, sizeof *withdrawals);
    struct niva_absence *absences =
        niva_arena_array(reading->arena, scenario->n_absences, sizeof *absences);
    size_t absence_count = 0; /* what is erased says nothing any more */

    if (reports == NULL || withdrawals == NULL || absences == NULL)
        return false;
    for (size_t i = 0; i < scenario->n_reports; i++) {
        size_t mark = niva_check_enter(&reading->check, "reports", (long)i);
        if (!read_report(&reading->check, scenario->reports[i], reading->arena, &reports[i]))
            return false;
        niva_check_leave(&reading->check, mark);
    }
    for (size_t i = 0; i < scenario->n_withdrawals; i++) {
        size_t mark = niva_check_enter(&reading->check, "withdrawals", (long)i);
        withdrawals[i] = (struct niva_withdrawal){
            .report_id = scenario->withdrawals[i]->report_id,
            .recorded_at = read_recorded(&reading->check, scenario->withdrawals[i]->recorded_at),
        };
        niva_check_leave(&reading->check, mark);
    }
    for (size_t i = 0; i < scenario->n_absences; i++) {
        size_t mark = niva_check_enter(&reading->check, "absences", (long)i);
        if (scenario->absences[i]->erased_by[0] == '\0' &&
            !read_absence(&reading->check, scenario->absences[i], reading->arena,
                          &absences[absence_count++]))
            return false;
        niva_check_leave(&reading->check, mark);
    }
    reading->facts.report_count = scenario->n_reports;
    reading->facts.reports = reports;
    reading->facts.withdrawal_count = scenario->n_withdrawals;
    reading->facts.withdrawals = withdrawals;
    reading->facts.absence_count = absence_count;
    reading->facts.absences = absences;
    return true;
}

static bool read_decisions(struct reading *reading)
{
    const Niva__Model__V1__Scenario *scenario = reading->scenario;
    struct niva_dispensation *dispensations =
        niva_arena_array(reading->arena, scenario->n_dispensations, sizeof *dispensations);
    struct niva_finding *findings =
        niva_arena_array(reading->arena, scenario->n_findings, sizeof *findings);

    if (dispensations == NULL || findings == NULL)
        return false;
    for (size_t i = 0; i < scenario->n_dispensations; i++) {
        size_t mark = niva_check_enter(&reading->check, "dispensations", (long)i);
        read_dispensation(&reading->check, scenario->dispensations[i], &dispensations[i]);
        niva_check_leave(&reading->check, mark);
    }
    for (size_t i = 0; i < scenario->n_findings; i++) {
        size_t mark = niva_check_enter(&reading->check, "findings", (long)i);
        read_finding(&reading->check, scenario->findings[i], &findings[i]);
        niva_check_leave(&reading->check, mark);
    }
    reading->facts.dispensation_count = scenario->n_dispensations;
    reading->facts.dispensations = dispensations;
    reading->facts.finding_count = scenario->n_findings;
    reading->facts.findings = findings;
    return true;
}

bool niva_facts_scenario(const Niva__Model__V1__Scenario *scenario, struct niva_arena *arena,
                         struct niva_facts *ret_facts, size_t *ret_component_count,
                         const struct niva_component **ret_components, struct niva_error *err)
{
    struct reading reading = {
        .scenario = scenario, .arena = arena, .facts = {.known_at = INT64_MAX}};

    niva_check_begin(&reading.check, err);
    (void)niva_check_timestamp(&reading.check, "known_at", scenario->known_at,
                               &reading.facts.known_at);
    size_t mark = niva_check_enter(&reading.check, "unit", -1);
    reading.facts.open = read_open(&reading.check, scenario->unit);
    niva_check_leave(&reading.check, mark);
    if (!read_rules(&reading) || !read_basis(&reading) || !read_filings(&reading) ||
        !read_decisions(&reading))
        return facts_out(err);
    if (!niva_check_end(&reading.check) ||
        !niva_facts_frozen(scenario->frozen, scenario->n_frozen, arena, &reading.facts, err))
        return false;
    *ret_facts = reading.facts;
    *ret_component_count = reading.component_count;
    *ret_components = reading.components;
    return true;
}

static bool read_horizon(const Niva__Model__V1__Scenario *scenario, struct niva_span *ret_horizon,
                         struct niva_error *err)
{
    struct niva_check check;
    struct niva_span horizon = {NIVA_DAY_NONE, NIVA_DAY_END};

    niva_check_begin(&check, err);
    if (niva_check_present(&check, "horizon", scenario->horizon)) {
        size_t mark = niva_check_enter(&check, "horizon", -1);
        horizon = read_span(&check, scenario->horizon->first_day, scenario->horizon->last_day);
        if (niva_check_end(&check) && horizon.until == NIVA_DAY_END)
            niva_check_fail(&check, "last_day", "REQUIRED", "Fältet måste anges.",
                            "The field must be given.");
        niva_check_leave(&check, mark);
    }
    if (!niva_check_end(&check))
        return false;
    *ret_horizon = horizon;
    return true;
}

/* A scenario with what was computed of it. */
struct evaluation {
    const Niva__Model__V1__Scenario *scenario;
    struct niva_arena *arena;
    struct niva_facts facts;
    size_t component_count;
    const struct niva_component *components;
    struct niva_span horizon;
    struct niva_timeline timeline;
    Niva__Model__V1__Outcome *outcome;
};

static bool verdict_same(const struct niva_segment *a, const struct niva_segment *b)
{
    return a->status == b->status && a->required_milli == b->required_milli &&
           a->counted_milli == b->counted_milli && a->shortfall_milli == b->shortfall_milli;
}

/* Runs that differ only in the facts behind them are one. */
static bool write_timeline(struct evaluation *evaluation)
{
    const struct niva_timeline *timeline = &evaluation->timeline;
    Niva__Model__V1__Outcome *outcome = evaluation->outcome;

    outcome->timeline =
        niva_arena_array(evaluation->arena, timeline->segment_count, sizeof *outcome->timeline);
    if (outcome->timeline == NULL)
        return false;
    for (size_t i = 0, end; i < timeline->segment_count; i = end) {
        const struct niva_segment *first = &timeline->segments[i];
        for (end = i + 1; end < timeline->segment_count; end++)
            if (!verdict_same(first, &timeline->segments[end]))
                break;
        struct niva_segment run = {
            .days = {first->days.from, timeline->segments[end - 1].days.until},
            .status = first->status,
            .required_milli = first->required_milli,
            .counted_milli = first->counted_milli,
            .shortfall_milli = first->shortfall_milli,
        };
        Niva__Compliance__V1__Segment *message =
            niva_segment_message(&run, false, evaluation->arena);
        if (message == NULL)
            return false;
        outcome->timeline[outcome->n_timeline++] = message;
    }
    return true;
}

static bool write_breaches(struct evaluation *evaluation, struct niva_error *err)
{
    Niva__Model__V1__Outcome *outcome = evaluation->outcome;
    const struct niva_run *runs;
    size_t count;

    if (!niva_runs_find(&evaluation->timeline, NIVA_DAY_END, evaluation->arena, &count, &runs, err))
        return false;
    outcome->breaches = niva_arena_array(evaluation->arena, count, sizeof *outcome->breaches);
    if (outcome->breaches == NULL)
        return facts_out(err);
    for (size_t i = 0; i < count; i++) {
        Niva__Model__V1__BreachRun *breach =
            niva_wire_new(&niva__model__v1__breach_run__descriptor, evaluation->arena);
        char first[16];
        char last[16];
        if (breach == NULL)
            return facts_out(err);
        niva_day_format(runs[i].days.from, first);
        niva_day_format(runs[i].days.until - 1, last);
        breach->first_day = niva_arena_strdup(evaluation->arena, first);
        breach->last_day = niva_arena_strdup(evaluation->arena, last);
        if (breach->first_day == NULL || breach->last_day == NULL)
            return facts_out(err);
        outcome->breaches[outcome->n_breaches++] = breach;
    }
    return true;
}

static bool write_deduction(struct evaluation *evaluation, const char *period,
                            const struct niva_deduction *deduction)
{
    Niva__Model__V1__Outcome *outcome = evaluation->outcome;
    Niva__Model__V1__Deduction *message =
        niva_wire_new(&niva__model__v1__deduction__descriptor, evaluation->arena);

    if (message == NULL)
        return false;
    message->component = niva_arena_strdup(evaluation->arena, deduction->component);
    message->period = niva_arena_strdup(evaluation->arena, period);
    message->deduction_ore = deduction->ore;
    outcome->deductions[outcome->n_deductions++] = message;
    return message->component != NULL && message->period != NULL;
}

/* The rule set in force on the last day of the month decides alone; a GUIDE never costs. */
static const struct niva_regulation_rule *month_rule(const struct niva_facts *facts,
                                                     struct niva_span month)
{
    const struct niva_rule_set *rule_set = niva_rule_set_on(facts, month.until - 1);

    return rule_set != NULL && rule_set->severity == NIVA_BINDING ? &rule_set->regulation : NULL;
}

static bool write_month(struct evaluation *evaluation, const char *period, struct niva_span days,
                        struct niva_error *err)
{
    struct niva_month month = {
        .days = days,
        .today = evaluation->horizon.until - 1,
        .open = evaluation->facts.open,
        .rule = month_rule(&evaluation->facts, days),
        .component_count = evaluation->component_count,
        .components = evaluation->components,
    };
    const struct niva_deduction *deductions;
    size_t count;

    if (!niva_month_runs(&evaluation->timeline, days, evaluation->arena, &month.run_count,
                         &month.runs, err) ||
        !niva_deductions_compute(&month, evaluation->arena, &count, &deductions, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!write_deduction(evaluation, period, &deductions[i]))
            return facts_out(err);
    return true;
}

static bool write_deductions(struct evaluation *evaluation, struct niva_error *err)
{
    const Niva__Model__V1__Scenario *scenario = evaluation->scenario;
    Niva__Model__V1__Outcome *outcome = evaluation->outcome;
    struct niva_check check;

    outcome->deductions =
        niva_arena_array(evaluation->arena, scenario->n_periods * evaluation->component_count,
                         sizeof *outcome->deductions);
    if (outcome->deductions == NULL)
        return facts_out(err);
    niva_check_begin(&check, err);
    for (size_t i = 0; i < scenario->n_periods; i++) {
        struct niva_span days;
        if (!niva_month_parse(scenario->periods[i], &days)) {
            char field[40];
            snprintf(field, sizeof field, "periods[%zu]", i);
            niva_check_fail(&check, field, "MONTH_MALFORMED",
                            "Perioden ska vara en kalendermånad, ÅÅÅÅ-MM.",
                            "A period must be a calendar month, YYYY-MM.");
            return false;
        }
        if (!write_month(evaluation, scenario->periods[i], days, err))
            return false;
    }
    return true;
}

bool niva_evaluate(const Niva__Model__V1__Scenario *scenario, struct niva_arena *arena,
                   Niva__Model__V1__Outcome **ret_outcome, struct niva_error *err)
{
    struct evaluation evaluation = {.scenario = scenario, .arena = arena};

    if (!read_horizon(scenario, &evaluation.horizon, err) ||
        !niva_facts_scenario(scenario, arena, &evaluation.facts, &evaluation.component_count,
                             &evaluation.components, err) ||
        !niva_timeline_compute(&evaluation.facts, evaluation.horizon, false, arena,
                               &evaluation.timeline, err))
        return false;
    evaluation.outcome = niva_wire_new(&niva__model__v1__outcome__descriptor, arena);
    if (evaluation.outcome == NULL || !write_timeline(&evaluation))
        return facts_out(err);
    if (!write_breaches(&evaluation, err) || !write_deductions(&evaluation, err))
        return false;
    *ret_outcome = evaluation.outcome;
    return true;
}
