#include "services/compliance/forecast.h"

#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/recompute.h"
#include "services/model/breach.h"

_Static_assert((int)NIVA_CAUSE_OPENING == NIVA__COMPLIANCE__V1__FORECAST__CAUSE__KIND__UNIT_OPENS,
               "causes have the numbers of the proto");

/* Finds the days to come and all runs in them, the one over today too. */
static bool runs_to_come(const struct dossier *dossier, niva_day today, struct niva_arena *arena,
                         struct niva_timeline *ret_timeline, size_t *ret_count,
                         const struct niva_run **ret_runs, struct niva_error *err)
{
    struct niva_span days = {today, dossier_span(dossier).until};
    *ret_count = 0;
    if (days.until <= days.from + 1)
        return true;
    return niva_timeline_compute(&dossier->facts, days, false, arena, ret_timeline, err) &&
           niva_runs_find(ret_timeline, NIVA_DAY_END, arena, ret_count, ret_runs, err);
}

/* The day on which a run to come changes the answer: it begins, or before that it comes near. */
static niva_day change_of(const struct niva_run *run, niva_day today, int32_t within)
{
    niva_day near = run->days.from - within;
    return near > today ? near : run->days.from;
}

static bool forecast_make(const struct dossier *dossier, const struct niva_timeline *timeline,
                          const struct niva_run *run, struct niva_arena *arena,
                          struct forecast *ret_forecast, struct niva_error *err)
{
    const struct niva_segment *first = &timeline->segments[run->first_segment];
    *ret_forecast = (struct forecast){.days = run->days,
                                      .required_milli = first->required_milli,
                                      .counted_milli = first->counted_milli,
                                      .shortfall_milli = first->shortfall_milli,
                                      .rule_set = first->rule_set};
    return niva_causes_find(&dossier->facts, run->days.from, arena, &ret_forecast->cause_count,
                            &ret_forecast->causes, err);
}

bool forecasts_find(const struct dossier *dossier, niva_day today, int32_t within,
                    struct niva_arena *arena, size_t *ret_count,
                    const struct forecast **ret_forecasts, niva_day *ret_next,
                    struct niva_error *err)
{
    struct niva_timeline timeline;
    const struct niva_run *runs = NULL;
    size_t run_count;
    size_t count = 0;
    niva_day next = NIVA_DAY_NONE;
    if (!runs_to_come(dossier, today, arena, &timeline, &run_count, &runs, err))
        return false;
    struct forecast *forecasts = niva_arena_array(arena, run_count, sizeof *forecasts);
    if (forecasts == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < run_count; i++) {
        niva_day change = change_of(&runs[i], today, within);
        if (runs[i].days.from <= today)
            continue;
        if (next == NIVA_DAY_NONE || change < next)
            next = change;
        if (runs[i].days.from - today > within)
            continue;
        if (!forecast_make(dossier, &timeline, &runs[i], arena, &forecasts[count++], err))
            return false;
    }
    *ret_count = count;
    *ret_forecasts = forecasts;
    if (ret_next != NULL)
        *ret_next = next;
    return true;
}

/* ---- as a message ---- */

/* Messages own nothing here: a borrowed id is never written to. */
static char *borrowed(const char *id)
{
    return (char *)(uintptr_t)(id != NULL ? id : "");
}

/* The id of a contract or listing, as in the table of facts. */
static char *dated_id(const char *of, niva_day day, struct niva_arena *arena)
{
    char text[16];
    niva_day_format(day, text);
    return niva_arena_printf(arena, "%s/%s", of, text);
}

static char *contract_id(const struct dossier *dossier, const struct niva_contract *contract,
                         struct niva_arena *arena)
{
    char *of = niva_arena_printf(arena, "%s/%s", dossier->unit, dossier->group);
    return of != NULL ? dated_id(of, contract->days.from, arena) : NULL;
}

static char *fact_id(const struct dossier *dossier, const struct niva_cause *cause,
                     struct niva_arena *arena)
{
    switch (cause->kind) {
    case NIVA_CAUSE_REPORT:
    case NIVA_CAUSE_POSITION:
        return borrowed(cause->report->id);
    case NIVA_CAUSE_ABSENCE:
    case NIVA_CAUSE_COVER:
        return borrowed(cause->absence->id);
    case NIVA_CAUSE_DISPENSATION:
        return borrowed(cause->dispensation->id);
    case NIVA_CAUSE_CONTRACT:
    case NIVA_CAUSE_CONTRACT_END:
        return contract_id(dossier, cause->contract, arena);
    case NIVA_CAUSE_LISTING:
        return dated_id(dossier->unit, cause->listing->as_of, arena);
    case NIVA_CAUSE_RULE_SET:
        return borrowed(cause->rule_set->id);
    case NIVA_CAUSE_FINDING:
    case NIVA_CAUSE_FINDING_END:
        return borrowed(cause->finding->id);
    case NIVA_CAUSE_OPENING:
        break;
    }
    return borrowed(dossier->unit);
}

static bool causes_write(const struct dossier *dossier, const struct forecast *forecast,
                         pb_forecast *message, struct niva_arena *arena)
{
    message->causes = niva_arena_array(arena, forecast->cause_count, sizeof *message->causes);
    if (message->causes == NULL)
        return false;
    for (size_t i = 0; i < forecast->cause_count; i++) {
        Niva__Compliance__V1__Forecast__Cause *cause =
            niva_wire_new(&niva__compliance__v1__forecast__cause__descriptor, arena);
        if (cause == NULL)
            return false;
        cause->kind = (Niva__Compliance__V1__Forecast__Cause__Kind)forecast->causes[i].kind;
        cause->fact_id = fact_id(dossier, &forecast->causes[i], arena);
        if (cause->fact_id == NULL)
            return false;
        message->causes[message->n_causes++] = cause;
    }
    return true;
}

pb_forecast *forecast_message(const struct dossier *dossier, const struct forecast *forecast,
                              struct niva_arena *arena)
{
    pb_forecast *message = niva_wire_new(&niva__compliance__v1__forecast__descriptor, arena);
    char first[16];
    char last[16];
    niva_day_format(forecast->days.from, first);
    niva_day_format(forecast->days.until == NIVA_DAY_END ? NIVA_DAY_END : forecast->days.until - 1,
                    last);
    if (message == NULL || !causes_write(dossier, forecast, message, arena))
        return NULL;
    message->unit = borrowed(dossier->unit);
    message->profession_group = borrowed(dossier->group);
    message->rule_set_id = borrowed(forecast->rule_set->id);
    message->first_day = niva_arena_strdup(arena, first);
    message->last_day = niva_arena_strdup(arena, last);
    message->required_milli = forecast->required_milli;
    message->counted_milli = forecast->counted_milli;
    message->shortfall_milli = forecast->shortfall_milli;
    return message->first_day != NULL && message->last_day != NULL ? message : NULL;
}

/* ---- what is told of it ---- */

static pb_forecast_changed *content_make(const struct recompute *input, size_t count,
                                         const struct forecast *forecasts, struct niva_arena *arena)
{
    pb_forecast_changed *content =
        niva_wire_new(&niva__compliance__v1__forecast_changed__descriptor, arena);
    if (content == NULL)
        return NULL;
    content->unit = borrowed(input->dossier->unit);
    content->profession_group = borrowed(input->dossier->group);
    content->within_days = FORECAST_DAYS;
    content->forecasts = niva_arena_array(arena, count, sizeof *content->forecasts);
    for (size_t i = 0; content->forecasts != NULL && i < count; i++) {
        pb_forecast *forecast = forecast_message(input->dossier, &forecasts[i], arena);
        if (forecast == NULL)
            return NULL;
        content->forecasts[content->n_forecasts++] = forecast;
    }
    return content->forecasts != NULL ? content : NULL;
}

bool forecast_update(const struct recompute *input, struct niva_arena *arena,
                     struct forecast_change *ret_change, niva_day *ret_next, struct niva_error *err)
{
    struct forecast_change change = {0};
    const struct forecast *forecasts = NULL;
    size_t count = 0;
    if (!forecasts_find(input->dossier, input->today, FORECAST_DAYS, arena, &count, &forecasts,
                        ret_next, err))
        return false;
    change.any = count > 0;
    change.content = content_make(input, count, forecasts, arena);
    if (change.content == NULL)
        return niva_fail_memory(err);
    if (change.any && !content_digest(&change.content->base, arena, change.digest, err))
        return false;
    change.said = change.any != (input->forecast != NULL) ||
                  (change.any && memcmp(input->forecast, change.digest, DIGEST_SIZE) != 0);
    *ret_change = change;
    return true;
}
