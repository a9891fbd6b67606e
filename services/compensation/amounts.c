#include "services/compensation/amounts.h"

#include <string.h>

#include "services/common/facts/facts.h"

/* Inclusive days of a message as a half-open span. */
static bool span_read(const char *first_day, const char *last_day, struct niva_span *ret_span)
{
    struct niva_span span;

    if (!niva_day_parse(first_day, &span.from) || !niva_day_parse(last_day, &span.until) ||
        span.until < span.from)
        return false;
    span.until++;
    *ret_span = span;
    return true;
}

static bool run_read(const Niva__Compliance__V1__TimelineChanged__Run *message,
                     struct niva_span month, struct niva_month_run *ret_run)
{
    const Niva__Compliance__V1__Segment *segment = message->segment;
    struct niva_month_run run = {.breach_first_day = NIVA_DAY_NONE};

    if (segment == NULL || !span_read(segment->first_day, segment->last_day, &run.days) ||
        run.days.from < month.from || run.days.until > month.until)
        return false;
    if (segment->status == NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM &&
        !niva_day_parse(message->breach_first_day, &run.breach_first_day))
        return false;
    run.status = (enum niva_status)segment->status;
    run.required_milli = segment->required_milli;
    run.counted_milli = segment->counted_milli;
    run.shortfall_milli = segment->shortfall_milli;
    run.grace_days = message->grace_days;
    *ret_run = run;
    return true;
}

static bool timeline_refuse(const Niva__Compliance__V1__TimelineChanged *timeline,
                            struct niva_error *err)
{
    return niva_fail_internal(err, "timeline of %s %s %s can't be read", timeline->unit,
                              timeline->profession_group, timeline->month);
}

static bool runs_read(const Niva__Compliance__V1__TimelineChanged *timeline,
                      struct niva_arena *arena, struct niva_month *month, struct niva_error *err)
{
    struct niva_month_run *runs = niva_arena_array(arena, timeline->n_runs, sizeof *runs);
    niva_day next = month->days.from;

    if (runs == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < timeline->n_runs; i++) {
        if (!run_read(timeline->runs[i], month->days, &runs[i]) || runs[i].days.from != next)
            return timeline_refuse(timeline, err);
        next = runs[i].days.until;
    }
    if (next != month->days.until)
        return timeline_refuse(timeline, err);
    month->run_count = timeline->n_runs;
    month->runs = runs;
    return true;
}

bool amounts_compute(const Niva__Compliance__V1__TimelineChanged *timeline,
                     const struct niva_component *components, size_t component_count,
                     niva_day today, struct niva_arena *arena, struct amounts *ret_amounts,
                     struct niva_error *err)
{
    struct amounts amounts = {.month = {.today = today,
                                        .open = {0, 0},
                                        .component_count = component_count,
                                        .components = components}};
    struct niva_rule_set *rule_set = NULL;

    if (!niva_month_parse(timeline->month, &amounts.month.days))
        return timeline_refuse(timeline, err);
    if (!runs_read(timeline, arena, &amounts.month, err))
        return false;
    if (timeline->registered_unit != NULL &&
        !niva_facts_open(timeline->registered_unit, &amounts.month.open, err))
        return false;
    if (timeline->rule_set != NULL) {
        rule_set = niva_arena_alloc(arena, sizeof *rule_set);
        if (rule_set == NULL)
            return niva_fail_memory(err);
        if (!niva_facts_rule_set(timeline->rule_set, arena, rule_set, err))
            return false;
        if (rule_set->severity == NIVA_BINDING)
            amounts.month.rule = &rule_set->regulation;
    }
    amounts.rule_set = rule_set;
    if (!niva_deductions_compute(&amounts.month, arena, &amounts.count, &amounts.deductions, err))
        return false;
    *ret_amounts = amounts;
    return true;
}

const struct niva_deduction *amounts_find(const struct amounts *amounts, const char *component)
{
    for (size_t i = 0; i < amounts->count; i++)
        if (strcmp(amounts->deductions[i].component, component) == 0)
            return &amounts->deductions[i];
    return NULL;
}

niva_day amounts_below_from(const Niva__Compliance__V1__TimelineChanged *timeline)
{
    for (size_t i = 0; i < timeline->n_runs; i++) {
        const Niva__Compliance__V1__Segment *segment = timeline->runs[i]->segment;
        niva_day from;

        if (segment != NULL &&
            segment->status == NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM)
            return niva_day_parse(segment->first_day, &from) ? from : NIVA_DAY_NONE;
    }
    return NIVA_DAY_NONE;
}

/* The days of a run up to today. */
static struct niva_span run_past(const struct niva_month *month, const struct niva_month_run *run)
{
    struct niva_span days = run->days;

    if (days.until > month->today)
        days.until = month->today + 1;
    if (days.until < days.from)
        days.until = days.from;
    return days;
}

int32_t amounts_below_days(const struct amounts *amounts)
{
    int32_t days = 0;

    for (size_t i = 0; i < amounts->month.run_count; i++) {
        const struct niva_month_run *run = &amounts->month.runs[i];
        struct niva_span past = run_past(&amounts->month, run);

        if (run->status == NIVA_BELOW_MINIMUM)
            days += past.until - past.from;
    }
    return days;
}

struct niva_span amounts_bad_days(const struct niva_month *month, const struct niva_month_run *run)
{
    struct niva_span days = run_past(month, run);

    if (run->status != NIVA_BELOW_MINIMUM)
        days.until = days.from;
    else if (run->breach_first_day + run->grace_days > days.from)
        days.from = run->breach_first_day + run->grace_days;
    if (days.from > days.until)
        days.from = days.until;
    return days;
}
