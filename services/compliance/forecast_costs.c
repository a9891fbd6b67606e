#include "services/compliance/forecast_costs.h"

#include <string.h>

#include "services/common/wire/wire.h"

typedef Niva__Compliance__V1__Forecast__Cost pb_cost;

/* A forecast whose costs are added up. */
struct adding {
    struct costing as_forecast;
    struct costing were_it_met;
    struct niva_arena *arena;
    pb_forecast *message;
};

/* The timeline as it would be were the days of a run met. */
static bool met_make(const struct niva_timeline *timeline, struct niva_span days,
                     struct niva_arena *arena, struct niva_timeline *ret_met,
                     struct niva_error *err)
{
    struct niva_segment *segments =
        niva_arena_array(arena, timeline->segment_count, sizeof *segments);
    if (segments == NULL)
        return niva_fail_memory(err);
    memcpy(segments, timeline->segments, timeline->segment_count * sizeof *segments);
    for (size_t i = 0; i < timeline->segment_count; i++) {
        if (segments[i].days.from < days.from || segments[i].days.until > days.until)
            continue;
        segments[i].status = NIVA_MET;
        segments[i].counted_milli = segments[i].required_milli;
        segments[i].shortfall_milli = 0;
    }
    *ret_met =
        (struct niva_timeline){.segment_count = timeline->segment_count, .segments = segments};
    return true;
}

static bool cost_add(const struct adding *adding, niva_day month, const char *component,
                     int64_t ore, struct niva_error *err)
{
    pb_cost *cost = niva_wire_new(&niva__compliance__v1__forecast__cost__descriptor, adding->arena);
    char text[16];
    niva_month_format(month, text);
    if (cost == NULL || (cost->month = niva_arena_strdup(adding->arena, text)) == NULL)
        return niva_fail_memory(err);
    cost->component = (char *)(uintptr_t)component;
    cost->ore = ore;
    adding->message->costs[adding->message->n_costs++] = cost;
    return true;
}

/* The components are the same, in the same order, whether the days are met or not. */
static bool month_add(struct adding *adding, niva_day month, struct niva_error *err)
{
    const struct niva_deduction *with;
    const struct niva_deduction *without;
    size_t count;
    adding->as_forecast.today = niva_month_next(month) - 1;
    adding->were_it_met.today = adding->as_forecast.today;
    if (!costs_of_month(&adding->as_forecast, month, adding->arena, &count, &with, err) ||
        !costs_of_month(&adding->were_it_met, month, adding->arena, &count, &without, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t ore = with[i].ore - without[i].ore;
        if (ore != 0 && !cost_add(adding, month, with[i].component, ore, err))
            return false;
    }
    return true;
}

bool forecast_costs(const struct niva_facts *facts, const struct niva_timeline *timeline,
                    const struct amounts *amounts, const struct forecast *forecast, niva_day last,
                    struct niva_arena *arena, pb_forecast *message, struct niva_error *err)
{
    niva_day first = niva_month_begin(forecast->days.from);
    niva_day until = forecast->days.until <= last ? forecast->days.until : last + 1;
    struct niva_timeline met;
    struct adding adding = {.arena = arena, .message = message};
    size_t months = 0;
    if (!met_make(timeline, forecast->days, arena, &met, err))
        return false;
    adding.as_forecast = (struct costing){
        .facts = facts,
        .timeline = timeline,
        .amounts = amounts,
        .days = {NIVA_DAY_NONE, NIVA_DAY_END},
    };
    adding.were_it_met = adding.as_forecast;
    adding.were_it_met.timeline = &met;
    for (niva_day month = first; month < until; month = niva_month_next(month))
        months++;
    message->costs = niva_arena_array(arena, months * amounts->count, sizeof *message->costs);
    if (message->costs == NULL)
        return niva_fail_memory(err);
    for (niva_day month = first; month < until; month = niva_month_next(month)) {
        if (!month_add(&adding, month, err))
            return false;
    }
    return true;
}
