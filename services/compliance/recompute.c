#include "services/compliance/recompute.h"

/* The months of which something is said: those in which something may be required up to the month
 * of today, and those of which something was said before. */
static struct niva_span said_months(const struct recompute *input, struct niva_span required)
{
    struct niva_span said = required;
    niva_day end = niva_month_next(input->today);
    if (said.until > end)
        said.until = end;
    if (said.from >= said.until)
        said = (struct niva_span){NIVA_DAY_END, NIVA_DAY_NONE};
    if (input->month_count > 0) {
        niva_day first = input->months[0].month;
        niva_day last = niva_month_next(input->months[input->month_count - 1].month);
        said.from = first < said.from ? first : said.from;
        said.until = last > said.until ? last : said.until;
    }
    return said.from < said.until ? said : (struct niva_span){0, 0};
}

/* The first day after today on which the timeline says something new, or a new month is due. */
static niva_day next_change(const struct recompute *input, const struct niva_timeline *timeline,
                            struct niva_span required)
{
    niva_day month = niva_month_next(input->today);
    niva_day next = required.from > month ? required.from : month;
    if (next >= required.until)
        next = NIVA_DAY_NONE;
    for (size_t i = 0; i < timeline->segment_count; i++) {
        niva_day from = timeline->segments[i].days.from;
        if (from > input->today && (next == NIVA_DAY_NONE || from < next))
            return from;
    }
    return next;
}

static size_t below_count(const struct breach_runs *runs)
{
    size_t count = 0;
    while (count < runs->count && runs->list[count].kind == PB_BELOW_MINIMUM)
        count++;
    return count;
}

/* Makes `next` the earlier of itself and another day. */
static void next_take(niva_day *next, niva_day day)
{
    if (day != NIVA_DAY_NONE && (*next == NIVA_DAY_NONE || day < *next))
        *next = day;
}

bool recompute(const struct recompute *input, struct niva_arena *arena,
               struct recomputed *ret_recomputed, struct niva_error *err)
{
    struct niva_span required = dossier_span(input->dossier);
    struct niva_span said = said_months(input, required);
    struct niva_timeline timeline = {0};
    if (said.from < said.until &&
        !niva_timeline_compute(&input->dossier->facts, said, false, arena, &timeline, err))
        return false;
    struct recomputed result = {.next_change_day = next_change(input, &timeline, required)};
    struct breach_runs runs;
    niva_day next_run;
    niva_day next_forecast;
    char *const *ids = NULL;
    if (!breach_runs_find(input->dossier, &timeline, input->today, arena, &runs, &next_run, err) ||
        !breaches_update(input, &timeline, &runs, arena, &result.breach_count, &result.breaches,
                         &ids, err) ||
        !months_update(input, &timeline, said, ids, below_count(&runs), arena, &result.month_count,
                       &result.months, err) ||
        !forecast_update(input, arena, &result.forecast, &next_forecast, err))
        return false;
    next_take(&result.next_change_day, next_run);
    next_take(&result.next_change_day, next_forecast);
    *ret_recomputed = result;
    return true;
}
