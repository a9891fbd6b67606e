#include "tests/support/random_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A month's amount that is whole öre a day, whatever the month's length. */
enum { A_DAY_IN_WHOLE_ORE = 28 * 29 * 15 * 31 };

#define DAY_US ((niva_instant)86400 * 1000000)

static const char *const position_keys[] = {"p1", "p2", "p3", "v1", "v2"};
static const char *const titles[] = {"FT", "SG", "NA"};
static const char *const counting_titles[] = {"FT", "SG"};
enum { ABSENT_KEYS = 4 };                           /* the first of position_keys */
static const int32_t thresholds[] = {0, 5, 14, 30}; /* days of absence that do not count */

struct random_source random_seed(uint64_t seed)
{
    return (struct random_source){seed * 0x9e3779b97f4a7c15U + 0x2545f4914f6cdd1dU};
}

uint64_t random_next(struct random_source *source)
{
    uint64_t x = source->state += 0x9e3779b97f4a7c15U;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

int32_t random_in(struct random_source *source, int32_t least, int32_t most)
{
    return least + (int32_t)(random_next(source) % (uint64_t)((int64_t)most - least + 1));
}

bool random_once_in(struct random_source *source, int32_t times)
{
    return random_in(source, 1, times) == 1;
}

/* What is being made. Every other scenario is plain: somebody always reports, all of it is known,
 * and figures are round. There the finer rules decide, which in the others are mostly hidden behind
 * a finding, a missing basis or a withdrawn report. */
struct making {
    struct random_source *source;
    struct niva_arena *arena;
    struct random_scenario *scenario;
    bool plain;
};

static void *list_make(const struct making *making, size_t count, size_t size)
{
    void *list = niva_arena_array(making->arena, count, size);

    if (list == NULL) {
        fprintf(stderr, "random facts: the arena is out\n");
        abort();
    }
    return list;
}

static size_t count_in(const struct making *making, int32_t most)
{
    return (size_t)random_in(making->source, 0, most);
}

static const char *id_make(const struct making *making, char kind, size_t number)
{
    const char *id = niva_arena_printf(making->arena, "%c%zu", kind, number);

    return id == NULL ? "" : id;
}

/* Some days before the horizon, or in it, or somewhat after. */
static niva_day day_make(const struct making *making)
{
    struct niva_span horizon = making->scenario->horizon;

    return random_in(making->source, horizon.from - 40, horizon.until + 5);
}

static struct niva_span span_make(const struct making *making, int32_t most)
{
    niva_day from = day_make(making);

    return (struct niva_span){from, random_once_in(making->source, 4)
                                        ? NIVA_DAY_END
                                        : from + random_in(making->source, 1, most)};
}

/* Hours of few days, so that records share instants and local days differ from UTC's. */
static niva_instant instant_make(const struct making *making)
{
    if (random_once_in(making->source, 12))
        return INT64_MIN;
    return (niva_instant)day_make(making) * DAY_US +
           random_in(making->source, 0, 7) * (DAY_US / 8) +
           (random_once_in(making->source, 3) ? 1 : 0);
}

static void position_make(const struct making *making, struct niva_position *position)
{
    static const int32_t degrees[] = {0, 100, 333, 500, 750, 1000, 1000, 1000};
    struct random_source *source = making->source;

    *position = (struct niva_position){
        .key = position_keys[random_in(source, 0, 4)],
        .title_code = titles[random_once_in(source, 6) ? 2 : random_in(source, 0, 1)],
        .employment = (enum niva_employment)random_in(source, 1, 4),
        .fte_milli = degrees[random_in(source, 0, 7)],
        .licensed = !random_once_in(source, 8),
        .active = {NIVA_DAY_NONE, NIVA_DAY_END},
    };
    if (random_once_in(source, 8))
        position->active.from = day_make(making);
    if (random_once_in(source, 8))
        position->active.until =
            (position->active.from == NIVA_DAY_NONE ? day_make(making) : position->active.from) +
            random_in(source, 1, 60);
}

static const struct niva_position *positions_make(const struct making *making, size_t count)
{
    struct niva_position *positions = list_make(making, count, sizeof *positions);

    for (size_t i = 0; i < count; i++)
        position_make(making, &positions[i]);
    return positions;
}

/* One position of each key that is absent in absences, all of them counted. */
static void staff_make(const struct making *making, struct niva_report *report)
{
    struct niva_position *positions = list_make(making, ABSENT_KEYS, sizeof *positions);

    for (size_t i = 0; i < ABSENT_KEYS; i++)
        positions[i] = (struct niva_position){
            .key = position_keys[i],
            .title_code = counting_titles[i % 2],
            .employment = random_once_in(making->source, 4) ? NIVA_HIRED : NIVA_EMPLOYED,
            .fte_milli = random_once_in(making->source, 2) ? 1000 : 500,
            .licensed = true,
            .active = {NIVA_DAY_NONE, NIVA_DAY_END},
        };
    report->recorded_at = INT64_MIN;
    report->position_count = ABSENT_KEYS;
    report->positions = positions;
}

static void requirement_make(const struct making *making, struct niva_requirement_rule *rule)
{
    static const struct niva_requirement_step steps[] = {{3000, 1000}, {5000, 2000}, {7000, 3250}};
    static const int32_t rounding[] = {1, 1, 10, 50, 250};
    struct random_source *source = making->source;

    *rule = (struct niva_requirement_rule){
        .kind = random_once_in(source, 25) ? NIVA_REQUIRE_NONE
                                           : (enum niva_requirement_kind)random_in(source, 1, 5),
        .persons_per_fte = random_in(source, 1500, 3500),
        .rounding_step_milli = rounding[random_in(source, 0, 4)],
        .rounding_mode = (enum niva_rounding_mode)random_in(source, 1, 3),
        .floor_milli = random_once_in(source, 3) ? random_in(source, 1, 2500) : 0,
        .snapshot = (enum niva_snapshot)random_in(source, 1, 4),
        .step_count = 3,
        .steps = steps,
    };
    if (making->plain && random_once_in(source, 2))
        rule->kind = NIVA_REQUIRE_CONTRACTED;
}

static void counting_make(const struct making *making, struct niva_counting_rule *rule)
{
    struct random_source *source = making->source;

    *rule = (struct niva_counting_rule){
        .title_count = 2,
        .titles = counting_titles,
        .employments = random_once_in(source, 2) ? 0x1eU : (unsigned)random_in(source, 1, 15) << 1,
        .count_unlicensed = random_once_in(source, 3),
        .absence_threshold_days = thresholds[random_in(source, 0, 3)],
        .counts_from = (enum niva_counts_from)random_in(source, 1, 3),
        .join_gap_days = random_once_in(source, 2) ? -1 : random_in(source, 0, 6),
        .exempt = random_once_in(source, 3) ? (unsigned)random_in(source, 0, 7) << 1 : 0,
        .tolerance_milli = random_once_in(source, 3) ? random_in(source, 0, 300) : 0,
        .hired_cap_permille = random_once_in(source, 2) ? -1 : random_in(source, 0, 1000),
    };
    if (making->plain) {
        rule->employments = 0x1eU;
        rule->join_gap_days = random_in(source, -1, 6);
    }
}

static void regulation_make(const struct making *making, struct niva_regulation_rule *rule)
{
    static const struct niva_regulation_step steps[] = {{500, 400}, {750, 150}, {875, 50}};
    static const int32_t units[] = {1, 1, 10, 100};
    struct random_source *source = making->source;

    *rule = (struct niva_regulation_rule){
        .formula = (enum niva_formula)random_in(source, 1, 7),
        .ore_per_fte_month = random_in(source, 0, 9000000),
        .step_count = 3,
        .steps = steps,
        .permille = random_in(source, 0, 300),
        .max_periods = random_once_in(source, 2) ? -1 : random_in(source, 0, 4),
        .grace_days = random_once_in(source, 2) ? 0 : random_in(source, 1, 20),
        .cap_permille = random_once_in(source, 2) ? -1 : random_in(source, 0, 500),
        .minimum_ore = random_once_in(source, 2) ? -1 : random_in(source, 0, 500000),
        .rounding_unit_ore = units[random_in(source, 0, 3)],
    };
    if (making->plain) {
        rule->permille = 125 << random_in(source, 0, 3);
        if (random_once_in(source, 2))
            rule->minimum_ore = (int64_t)A_DAY_IN_WHOLE_ORE * random_in(source, 1, 4);
    }
}

/* Whole months, one after another, with a gap now and then; some are versions of one. */
static void rule_sets_make(const struct making *making)
{
    struct niva_facts *facts = &making->scenario->facts;
    size_t count = (size_t)random_in(making->source, 1, 4);
    struct niva_rule_set *rule_sets = list_make(making, 2 * count, sizeof *rule_sets);
    niva_day from = niva_month_begin(making->scenario->horizon.from - 60);

    for (size_t i = 0; i < count; i++) {
        struct niva_rule_set *rule_set = &rule_sets[facts->rule_set_count++];
        niva_day until = from;
        for (int32_t months = random_in(making->source, 1, 5); months > 0; months--)
            until = niva_month_next(until);
        *rule_set = (struct niva_rule_set){
            .id = id_make(making, 'x', i),
            .version = random_once_in(making->source, 2) ? 1 : 0,
            .days = {from, i + 1 == count ? NIVA_DAY_END : until},
            .severity = random_once_in(making->source, 5) ? NIVA_GUIDE : NIVA_BINDING,
            .recorded_at = INT64_MIN,
        };
        requirement_make(making, &rule_set->requirement);
        counting_make(making, &rule_set->counting);
        regulation_make(making, &rule_set->regulation);
        if (rule_set->version == 1 && random_once_in(making->source, 3)) {
            struct niva_rule_set *version = &rule_sets[facts->rule_set_count++];
            *version = *rule_set;
            version->version = 2;
            version->recorded_at = instant_make(making);
            counting_make(making, &version->counting);
        }
        from = random_once_in(making->source, 5) ? niva_month_next(until) : until;
    }
    facts->rule_sets = rule_sets;
}

static void basis_make(const struct making *making)
{
    struct niva_facts *facts = &making->scenario->facts;
    size_t contract_count = 1 + count_in(making, 4);
    size_t listing_count = 2 + count_in(making, 8);
    struct niva_contract *contracts = list_make(making, contract_count, sizeof *contracts);
    struct niva_listing *listings = list_make(making, listing_count, sizeof *listings);

    for (size_t i = 0; i < contract_count; i++) {
        contracts[i] = (struct niva_contract){
            .id = random_once_in(making->source, 2) ? id_make(making, 'c', count_in(making, 2))
                                                    : NULL,
            .days =
                i == 0 ? (struct niva_span){NIVA_DAY_MIN, NIVA_DAY_END} : span_make(making, 120),
            .binding_from = NIVA_DAY_NONE,
            .minimum_milli = making->plain ? random_in(making->source, 1, 4) * 1000
                                           : random_in(making->source, 0, 30) * 100,
            .recorded_at = i == 0 ? INT64_MIN : instant_make(making),
        };
        if (i > 0 && random_once_in(making->source, 3))
            contracts[i].binding_from = contracts[i].days.from + random_in(making->source, 0, 30);
    }
    for (size_t i = 0; i < listing_count; i++)
        listings[i] = (struct niva_listing){
            .as_of = random_once_in(making->source, 3) ? day_make(making)
                                                       : niva_month_begin(day_make(making)) - 1,
            .listed = random_in(making->source, 1000, 9000),
            .weighted_milli = random_once_in(making->source, 6)
                                  ? -1
                                  : random_in(making->source, 1000000, 9000000),
            .recorded_at = random_once_in(making->source, 2) ? INT64_MIN : instant_make(making),
        };
    facts->contract_count = contract_count;
    facts->contracts = contracts;
    facts->listing_count = listing_count;
    facts->listings = listings;
}

/* Corrections name a report before them in the list, so that there is no circle. */
static void reports_make(const struct making *making)
{
    struct niva_facts *facts = &making->scenario->facts;
    size_t count = 1 + count_in(making, making->plain ? 4 : 9);
    struct niva_report *reports = list_make(making, count, sizeof *reports);
    struct niva_withdrawal *withdrawals = list_make(making, count, sizeof *withdrawals);

    for (size_t i = 0; i < count; i++) {
        size_t positions = count_in(making, 6);
        reports[i] = (struct niva_report){
            .id = id_make(making, 'r', i),
            .effective_from = day_make(making),
            .recorded_at = instant_make(making),
            .position_count = positions,
            .positions = positions_make(making, positions),
        };
        if (making->plain && random_once_in(making->source, 2))
            staff_make(making, &reports[i]);
        if (i > 0 && random_once_in(making->source, 3)) {
            size_t other = count_in(making, (int32_t)i - 1);
            reports[i].corrects = reports[other].id;
            if (random_once_in(making->source, 2))
                reports[i].effective_from = reports[other].effective_from;
        }
        if (random_once_in(making->source, making->plain ? 20 : 5))
            withdrawals[facts->withdrawal_count++] =
                (struct niva_withdrawal){reports[i].id, instant_make(making)};
    }
    facts->report_count = count;
    facts->reports = reports;
    facts->withdrawals = withdrawals;
}

/* Often as long as a threshold, or a day more or less. */
static struct niva_span absence_days(const struct making *making)
{
    struct random_source *source = making->source;
    struct niva_span days = span_make(making, 80);

    if (!random_once_in(source, 3))
        days.until = days.from + thresholds[random_in(source, 0, 3)] + random_in(source, -1, 1);
    if (days.until <= days.from)
        days.until = days.from + random_in(source, 1, 25);
    return days;
}

static void absence_make(const struct making *making, struct niva_absence *absence)
{
    struct random_source *source = making->source;
    size_t covers = random_once_in(source, 2) ? 0 : (size_t)random_in(source, 1, 2);

    *absence = (struct niva_absence){
        .id = random_once_in(source, 6) ? NULL : id_make(making, 'f', count_in(making, 15)),
        .position_key = position_keys[random_in(source, 0, ABSENT_KEYS - 1)],
        .days = absence_days(making),
        .absent_milli = random_once_in(source, 2) ? -1 : random_in(source, 0, 4) * 250,
        .category =
            (enum niva_absence_category)(random_once_in(source, 4) ? random_in(source, 1, 2) : 3),
        .expected_since = random_once_in(source, 4) ? day_make(making) : NIVA_DAY_NONE,
        .cancelled = random_once_in(source, 12),
        .recorded_at = instant_make(making),
        .cover_count = covers,
        .cover = positions_make(making, covers),
    };
}

/* Versions keep their position and mostly their first day; they come while the absence lasts. */
static void version_make(const struct making *making, const struct niva_absence *earlier,
                         struct niva_absence *absence)
{
    absence->position_key = earlier->position_key;
    if (random_once_in(making->source, 4))
        return;
    absence->days.from = earlier->days.from;
    absence->days.until = earlier->days.from + random_in(making->source, 1, 45);
    absence->recorded_at =
        (niva_instant)(earlier->days.from + random_in(making->source, -2, 20)) * DAY_US;
}

/* An absence that a gap may join to an earlier one. */
static void absence_follow(const struct making *making, const struct niva_absence *earlier,
                           struct niva_absence *absence)
{
    niva_day length = absence->days.until - absence->days.from;

    if (earlier->days.until == NIVA_DAY_END || absence->days.until == NIVA_DAY_END)
        return;
    absence->position_key = earlier->position_key;
    absence->days.from = earlier->days.until + random_in(making->source, 0, 7);
    absence->days.until = absence->days.from + (length < 16 ? length : 16);
}

static void absences_make(const struct making *making)
{
    struct niva_facts *facts = &making->scenario->facts;
    size_t count = count_in(making, making->plain ? 14 : 8);
    struct niva_absence *absences = list_make(making, count, sizeof *absences);

    for (size_t i = 0; i < count; i++) {
        absence_make(making, &absences[i]);
        if (i > 0 && random_once_in(making->source, 2))
            absence_follow(making, &absences[i - 1], &absences[i]);
        for (size_t j = i; j-- > 0;)
            if (absences[i].id != NULL && absences[j].id != NULL &&
                strcmp(absences[i].id, absences[j].id) == 0) {
                version_make(making, &absences[j], &absences[i]);
                break;
            }
    }
    facts->absence_count = count;
    facts->absences = absences;
}

static void decisions_make(const struct making *making)
{
    struct niva_facts *facts = &making->scenario->facts;
    size_t dispensation_count = count_in(making, 3);
    size_t finding_count =
        making->plain || random_once_in(making->source, 2) ? 0 : count_in(making, 3);
    struct niva_dispensation *dispensations =
        list_make(making, dispensation_count, sizeof *dispensations);
    struct niva_finding *findings = list_make(making, finding_count, sizeof *findings);

    for (size_t i = 0; i < dispensation_count; i++) {
        dispensations[i] = (struct niva_dispensation){
            .id = id_make(making, 'd', count_in(making, 2)),
            .days = span_make(making, 60),
            .reduced_minimum_milli =
                random_once_in(making->source, 2) ? -1 : random_in(making->source, 0, 25) * 100,
            .revoked_from = NIVA_DAY_NONE,
            .voided = random_once_in(making->source, 8),
            .recorded_at = instant_make(making),
        };
        if (random_once_in(making->source, 3))
            dispensations[i].revoked_from =
                dispensations[i].days.from + random_in(making->source, 0, 40);
    }
    for (size_t i = 0; i < finding_count; i++)
        findings[i] = (struct niva_finding){
            .id = id_make(making, 'k', count_in(making, 2)),
            .days = span_make(making, 40),
            .counted_milli = random_in(making->source, 0, 30) * 100,
            .recorded_at = instant_make(making),
        };
    facts->dispensation_count = dispensation_count;
    facts->dispensations = dispensations;
    facts->finding_count = finding_count;
    facts->findings = findings;
}

static void components_make(const struct making *making)
{
    static const char *const names[] = {"a-tillagg", "fysioterapi", "hyra"};
    size_t count = 1 + count_in(making, 4);
    struct niva_component *components = list_make(making, count, sizeof *components);

    for (size_t i = 0; i < count; i++)
        components[i] = (struct niva_component){
            .id = random_once_in(making->source, 4) ? id_make(making, 'a', count_in(making, 1))
                                                    : NULL,
            .name = names[random_in(making->source, 0, 2)],
            .days = random_once_in(making->source, 2)
                        ? (struct niva_span){NIVA_DAY_MIN + random_in(making->source, 0, 3),
                                             NIVA_DAY_END}
                        : span_make(making, 90),
            .monthly_ore = making->plain
                               ? (int64_t)A_DAY_IN_WHOLE_ORE * random_in(making->source, 1, 8)
                               : random_in(making->source, 0, 9000000),
            .regulated = !random_once_in(making->source, 5),
            .recorded_at = instant_make(making),
        };
    making->scenario->component_count = count;
    making->scenario->components = components;
}

void random_scenario_make(struct random_source *source, struct niva_arena *arena,
                          struct random_scenario *ret_scenario)
{
    struct making making = {source, arena, ret_scenario, random_once_in(source, 2)};
    niva_day from = niva_day_from_civil(2022, 1, 1) + random_in(source, 0, 1000);

    memset(ret_scenario, 0, sizeof *ret_scenario);
    ret_scenario->horizon = (struct niva_span){from, from + random_in(source, 1, 160)};
    ret_scenario->facts.open = (struct niva_span){NIVA_DAY_NONE, NIVA_DAY_END};
    ret_scenario->facts.known_at =
        !making.plain && random_once_in(source, 2) ? instant_make(&making) : INT64_MAX;
    if (random_once_in(source, 8))
        ret_scenario->facts.open.from = day_make(&making);
    if (random_once_in(source, 8))
        ret_scenario->facts.open.until = day_make(&making);
    rule_sets_make(&making);
    basis_make(&making);
    reports_make(&making);
    absences_make(&making);
    decisions_make(&making);
    components_make(&making);
}
