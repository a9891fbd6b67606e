/* DryRunRuleSet: what a rule set that nobody has put would lead to, unit by unit, beside what
 * holds. Nothing is kept. */
#include <stdlib.h>
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"
#include "services/compliance/checks.h"
#include "services/compliance/costs.h"
#include "services/compliance/decide.h"
#include "services/compliance/handlers.h"
#include "services/compliance/snapshot.h"

typedef Niva__Compliance__V1__DryRunRuleSetRequest DryRunRequest;
typedef Niva__Compliance__V1__DryRunRuleSetResponse DryRunResponse;
typedef Niva__Compliance__V1__DryRunRuleSetResponse__Unit DryRunUnit;
typedef Niva__Compliance__V1__DryRunRuleSetResponse__Month DryRunMonth;
typedef Niva__Compliance__V1__DryRunRuleSetResponse__Replaced DryRunReplaced;

enum {
    DAYS_MOST = 3660,
    UNITS_MOST = 5000, /* an answer that any client can read */
    UNITS_AT_ONCE = 256,
    ARENA_BYTES = 512 << 20, /* for the facts of so many units */
};

/* A dry run on its way. */
struct dry_run {
    struct niva_read *read;
    const pb_rule_set *rule_set;
    struct niva_span days; /* asked for */
    struct niva_rule_set tried;
    struct records regional;
    struct niva_arena *scratch; /* of the units that are looked at */
    size_t month_capacity;
    DryRunResponse *answer;
};

/* ---- what is asked ---- */

static bool request_check(const DryRunRequest *request, struct niva_span *ret_days,
                          struct niva_error *err)
{
    struct niva_check check;
    struct niva_span days = {0, 0};
    niva_check_begin(&check, err);
    if (niva_check_present(&check, "rule_set", request->rule_set)) {
        size_t mark = niva_check_enter(&check, "rule_set", -1);
        check_rule_set(&check, request->rule_set);
        niva_check_leave(&check, mark);
    }
    if (niva_check_day(&check, "first_day", request->first_day, true, &days.from) &&
        niva_check_day(&check, "last_day", request->last_day, true, &days.until) &&
        niva_check_last_day(&check, "last_day", request->last_day, days.from, &days.until) &&
        days.until - days.from > DAYS_MOST)
        niva_check_fail(&check, "last_day", "TOO_LONG", "Ett prov omfattar högst 10 år.",
                        "A dry run spans at most 10 years.");
    *ret_days = days;
    return niva_check_end(&check);
}

/* The rule set as the next version of its id, recorded after everything else, so that it holds
 * before any other on its days. */
static bool rule_set_try(struct dry_run *run, const pb_rule_set *given, struct niva_error *err)
{
    struct niva_read *read = run->read;
    const char *kind = record_kind_name(RECORD_RULE_SET);
    const char *id = given->rule_set_id;
    const struct record *present = NULL;
    struct records versions;
    if (!store_facts(read->pg, &kind, &id, 1, read->arena, &versions, err))
        return false;
    for (size_t i = 0; i < versions.count; i++) {
        if (present == NULL || versions.list[i].fact.version > present->fact.version)
            present = &versions.list[i];
    }
    pb_rule_set *rule_set = niva_wire_copy(&given->base, read->arena);
    if (rule_set == NULL)
        return niva_fail_memory(err);
    rule_set->version = version_of(present) + 1;
    if (!rule_set_scope_kept(rule_set, present, err) ||
        !niva_facts_rule_set(rule_set, read->arena, &run->tried, err))
        return false;
    run->tried.recorded_at = INT64_MAX;
    run->rule_set = rule_set;
    return true;
}

static bool day_to(const struct dry_run *run, char **text, niva_day day, struct niva_error *err)
{
    char buffer[16];
    niva_day_format(day, buffer);
    *text = niva_arena_strdup(run->read->arena, buffer);
    return *text != NULL || niva_fail_memory(err);
}

static bool replaces_fill(struct dry_run *run, struct niva_error *err)
{
    DryRunResponse *answer = run->answer;
    const pb_rule_set *other;
    struct niva_span days;
    size_t at = 0;
    answer->replaces =
        niva_arena_array(run->read->arena, run->regional.count, sizeof *answer->replaces);
    if (answer->replaces == NULL)
        return niva_fail_memory(err);
    while ((other = rule_set_overlapping(run->rule_set, &run->regional, &at, &days)) != NULL) {
        DryRunReplaced *replaced =
            niva_wire_new(&niva__compliance__v1__dry_run_rule_set_response__replaced__descriptor,
                          run->read->arena);
        if (replaced == NULL)
            return niva_fail_memory(err);
        replaced->rule_set_id = other->rule_set_id;
        if (!day_to(run, &replaced->first_day, days.from, err) ||
            !day_to(run, &replaced->last_day,
                    days.until == NIVA_DAY_END ? NIVA_DAY_END : days.until - 1, err))
            return false;
        answer->replaces[answer->n_replaces++] = replaced;
    }
    return true;
}

/* ---- what a unit costs ---- */

/* The row of a month and component, made when it is not there; NULL when the arena is out. */
static DryRunMonth *month_of(struct dry_run *run, niva_day month, const char *component)
{
    DryRunResponse *answer = run->answer;
    struct niva_arena *arena = run->read->arena;
    char text[16];
    niva_month_format(month, text);
    for (size_t i = 0; i < answer->n_months; i++) {
        if (strcmp(answer->months[i]->period, text) == 0 &&
            strcmp(answer->months[i]->component, component) == 0)
            return answer->months[i];
    }
    if (answer->n_months == run->month_capacity) {
        size_t capacity = run->month_capacity > 0 ? 2 * run->month_capacity : 32;
        DryRunMonth **grown = niva_arena_array(arena, capacity, sizeof(DryRunMonth *));
        if (grown == NULL)
            return NULL;
        if (answer->n_months > 0)
            memcpy(grown, answer->months, answer->n_months * sizeof *grown);
        answer->months = grown;
        run->month_capacity = capacity;
    }
    DryRunMonth *row =
        niva_wire_new(&niva__compliance__v1__dry_run_rule_set_response__month__descriptor, arena);
    if (row == NULL || (row->period = niva_arena_strdup(arena, text)) == NULL ||
        (row->component = niva_arena_strdup(arena, component)) == NULL)
        return NULL;
    answer->months[answer->n_months++] = row;
    return row;
}

/* Days below and amounts by these facts; amounts are added to the months of all units. */
static bool outcome_compute(struct dry_run *run, const struct dossier *dossier,
                            const struct amounts *amounts, bool new, int32_t *ret_days,
                            int64_t *ret_ore, struct niva_error *err)
{
    struct niva_arena *scratch = run->scratch;
    struct niva_timeline timeline;
    const struct costing costing = {.facts = &dossier->facts,
                                    .timeline = &timeline,
                                    .amounts = amounts,
                                    .days = run->days,
                                    .today = NIVA_DAY_MAX};
    niva_day from = dossier_span_until(dossier, run->days.from).from;
    if (!costs_timeline(&dossier->facts, from, run->days, scratch, &timeline, err))
        return false;
    *ret_days = below_days(&timeline, run->days);
    for (niva_day month = niva_month_begin(run->days.from);
         *ret_days > 0 && month < run->days.until; month = niva_month_next(month)) {
        const struct niva_deduction *deductions;
        size_t count;
        if (!costs_of_month(&costing, month, scratch, &count, &deductions, err))
            return false;
        for (size_t i = 0; i < count; i++) {
            if (deductions[i].ore == 0)
                continue;
            DryRunMonth *row = month_of(run, month, deductions[i].component);
            if (row == NULL)
                return niva_fail_memory(err);
            *(new ? &row->new_deduction_ore : &row->old_deduction_ore) += deductions[i].ore;
            *ret_ore += deductions[i].ore;
        }
    }
    return true;
}

/* The same facts with the rule set behind all others. */
static bool dossier_try(const struct dry_run *run, struct dossier *dossier, struct niva_error *err)
{
    struct niva_facts *facts = &dossier->facts;
    struct niva_rule_set *rule_sets =
        niva_arena_array(run->scratch, facts->rule_set_count + 1, sizeof *rule_sets);
    if (rule_sets == NULL)
        return niva_fail_memory(err);
    if (facts->rule_set_count > 0)
        memcpy(rule_sets, facts->rule_sets, facts->rule_set_count * sizeof *rule_sets);
    rule_sets[facts->rule_set_count++] = run->tried;
    facts->rule_sets = rule_sets;
    return true;
}

static bool unit_fill(struct dry_run *run, const char *unit, const struct records *own,
                      const struct stored_component *rows, size_t row_count, struct niva_error *err)
{
    DryRunResponse *answer = run->answer;
    DryRunUnit *row = niva_wire_new(
        &niva__compliance__v1__dry_run_rule_set_response__unit__descriptor, run->read->arena);
    const char *group = run->rule_set->profession_group;
    struct dossier dossier;
    struct amounts amounts;
    if (row == NULL)
        return niva_fail_memory(err);
    if (!dossier_make(unit, group, INT64_MAX, own, &run->regional, run->scratch, &dossier, err) ||
        !amounts_read(rows, row_count, group, INT64_MAX, run->scratch, &amounts, err) ||
        !outcome_compute(run, &dossier, &amounts, false, &row->old_breach_days,
                         &row->old_deduction_ore, err) ||
        !dossier_try(run, &dossier, err) ||
        !outcome_compute(run, &dossier, &amounts, true, &row->new_breach_days,
                         &row->new_deduction_ore, err))
        return false;
    row->unit = (char *)(uintptr_t)unit;
    row->unit_name = niva_arena_strdup(run->read->arena, dossier.registered->name);
    if (row->unit_name == NULL)
        return niva_fail_memory(err);
    answer->units[answer->n_units++] = row;
    answer->old_breach_days += row->old_breach_days;
    answer->new_breach_days += row->new_breach_days;
    answer->old_deduction_ore += row->old_deduction_ore;
    answer->new_deduction_ore += row->new_deduction_ore;
    answer->old_units_below += row->old_breach_days > 0;
    answer->new_units_below += row->new_breach_days > 0;
    return true;
}

/* ---- all units ---- */

static int compare_records(const void *left, const void *right)
{
    const struct niva_fact *a = &((const struct record *)left)->fact;
    const struct niva_fact *b = &((const struct record *)right)->fact;
    int order = strcmp(a->unit, b->unit);
    return order != 0 ? order : (a->fact_no < b->fact_no ? -1 : a->fact_no > b->fact_no);
}

static int compare_components(const void *left, const void *right)
{
    const struct stored_component *a = left;
    const struct stored_component *b = right;
    int order = strcmp(a->unit, b->unit);
    return order != 0 ? order : (a->position < b->position ? -1 : a->position > b->position);
}

static int compare_units(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Some units, in order: their facts are read at once. */
static bool units_fill(struct dry_run *run, const char *const *units, size_t count,
                       struct niva_error *err)
{
    struct records all;
    struct stored_component *rows;
    size_t row_count;
    size_t record = 0;
    size_t row = 0;
    if (!store_units(run->read->pg, units, count, run->scratch, &all, err) ||
        !store_components(run->read->pg, units, count, run->scratch, &row_count, &rows, err))
        return false;
    if (all.count > 1)
        qsort(all.list, all.count, sizeof *all.list, compare_records);
    if (row_count > 1)
        qsort(rows, row_count, sizeof *rows, compare_components);
    for (size_t i = 0; i < count; i++) {
        struct records own = {.list = all.list + record};
        const struct stored_component *paid = rows + row;
        while (record < all.count && strcmp(all.list[record].fact.unit, units[i]) == 0)
            record++;
        while (row < row_count && strcmp(rows[row].unit, units[i]) == 0)
            row++;
        own.count = own.capacity = (size_t)(all.list + record - own.list);
        if (!unit_fill(run, units[i], &own, paid, (size_t)(rows + row - paid), err))
            return false;
    }
    return true;
}

static bool region_fill(struct dry_run *run, const char **units, size_t count,
                        struct niva_error *err)
{
    bool good = true;
    run->answer->units = niva_arena_array(run->read->arena, count, sizeof *run->answer->units);
    run->scratch = niva_arena_new(ARENA_BYTES);
    if (run->answer->units == NULL || run->scratch == NULL)
        good = niva_fail_memory(err);
    if (count > 1)
        qsort(units, count, sizeof *units, compare_units);
    for (size_t done = 0; good && done < count; done += UNITS_AT_ONCE) {
        size_t set = count - done < UNITS_AT_ONCE ? count - done : UNITS_AT_ONCE;
        niva_arena_reset(run->scratch);
        good = units_fill(run, units + done, set, err);
    }
    run->scratch = niva_arena_free(run->scratch);
    return good;
}

static int compare_months(const void *left, const void *right)
{
    const DryRunMonth *a = *(DryRunMonth *const *)left;
    const DryRunMonth *b = *(DryRunMonth *const *)right;
    int order = strcmp(a->period, b->period);
    return order != 0 ? order : strcmp(a->component, b->component);
}

bool read_dry_run_rule_set(struct niva_read *read, const ProtobufCMessage *request,
                           ProtobufCMessage *reply, struct niva_error *err)
{
    const DryRunRequest *asked = (const void *)request;
    struct dry_run run = {.read = read, .answer = (void *)reply};
    const char **units;
    size_t count;
    niva_day today;
    if (!request_check(asked, &run.days, err) ||
        !snapshot_today(read, INT64_MAX, &today, NULL, err) ||
        !rule_set_try(&run, asked->rule_set, err))
        return false;
    const char *region = run.rule_set->region_code;
    if (!store_regions(read->pg, &region, 1, read->arena, &run.regional, err) ||
        !replaces_fill(&run, err) ||
        !store_registered(read->pg, region, INT64_MAX, "", UNITS_MOST + 1, read->arena, &count,
                          &units, err))
        return false;
    if (count > UNITS_MOST)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, "regionCode", "TOO_MANY_UNITS",
                           "Region %s har fler än %d vårdcentraler: fler ryms inte i ett svar.",
                           "Region %s has more than %d units: an answer holds no more.", region,
                           (int)UNITS_MOST);
    if (!region_fill(&run, units, count, err))
        return false;
    if (run.answer->n_months > 1)
        qsort(run.answer->months, run.answer->n_months, sizeof *run.answer->months, compare_months);
    return day_to(&run, &run.answer->today, today, err);
}
