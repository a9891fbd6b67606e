#include "services/compliance/runs.h"

#include <stdlib.h>
#include <string.h>

#include "services/model/breach.h"

const pb_reporting *duties_on(const struct dossier *dossier, niva_day day)
{
    const pb_rule_set *rule_set = dossier_rule_set_on(dossier, day);
    return rule_set != NULL ? rule_set->reporting : NULL;
}

static bool runs_reserve(struct breach_runs *runs)
{
    if (runs->count < runs->capacity)
        return true;
    size_t capacity = runs->capacity > 0 ? 2 * runs->capacity : 16;
    struct breach_run *list = niva_arena_array(runs->arena, capacity, sizeof *list);
    if (list == NULL)
        return false;
    if (runs->count > 0)
        memcpy(list, runs->list, runs->count * sizeof *list);
    runs->list = list;
    runs->capacity = capacity;
    return true;
}

bool breach_runs_add(struct breach_runs *runs, const struct dossier *dossier,
                     const struct breach_run *run, struct niva_error *err)
{
    struct breach_run kept = *run;
    if (kept.days.from < dossier->facts.open.from)
        kept.days.from = dossier->facts.open.from;
    if (kept.days.until > dossier->facts.open.until)
        kept.days.until = dossier->facts.open.until;
    if (kept.days.from >= kept.days.until)
        return true;
    if (!runs_reserve(runs))
        return niva_fail_memory(err);
    runs->list[runs->count++] = kept;
    return true;
}

bool breach_runs_close(struct breach_runs *runs, pb_breach_kind kind, const char *subject,
                       struct niva_error *err)
{
    if (runs->closed_count == runs->closed_capacity) {
        size_t capacity = runs->closed_capacity > 0 ? 2 * runs->closed_capacity : 16;
        struct closed_subject *closed = niva_arena_array(runs->arena, capacity, sizeof *closed);
        if (closed == NULL)
            return niva_fail_memory(err);
        if (runs->closed_count > 0)
            memcpy(closed, runs->closed, runs->closed_count * sizeof *closed);
        runs->closed = closed;
        runs->closed_capacity = capacity;
    }
    runs->closed[runs->closed_count++] = (struct closed_subject){kind, subject};
    return true;
}

static bool below_find(const struct niva_timeline *timeline, niva_day today,
                       struct breach_runs *runs, struct niva_error *err)
{
    size_t count = 0;
    const struct niva_run *found = NULL;
    if (!niva_runs_find(timeline, today, runs->arena, &count, &found, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!runs_reserve(runs))
            return niva_fail_memory(err);
        runs->list[runs->count++] = (struct breach_run){
            .kind = PB_BELOW_MINIMUM,
            .subject = "",
            .days = found[i].days,
            .first_segment = found[i].first_segment,
            .segment_count = found[i].segment_count,
        };
    }
    return true;
}

static bool overdue_find(const struct reporting *reporting, const struct niva_timeline *timeline,
                         struct breach_runs *runs, struct niva_error *err)
{
    size_t count = 0;
    const struct niva_span *found = NULL;
    if (!reporting_runs(reporting, timeline, runs->arena, &count, &found, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct breach_run run = {.kind = PB_REPORT_OVERDUE, .subject = "", .days = found[i]};
        if (!breach_runs_add(runs, reporting->dossier, &run, err))
            return false;
    }
    return true;
}

static void next_take(niva_day *next, niva_day day, niva_day today)
{
    if (day > today && day < NIVA_DAY_END && (*next == NIVA_DAY_NONE || day < *next))
        *next = day;
}

/* Cuts the runs after today; those that begin after it go. */
static niva_day runs_cut(struct breach_runs *runs, niva_day today)
{
    niva_day next = NIVA_DAY_NONE;
    size_t kept = 0;
    for (size_t i = 0; i < runs->count; i++) {
        struct breach_run run = runs->list[i];
        next_take(&next, run.days.from, today);
        if (run.kind != PB_BELOW_MINIMUM && !(run.settled && run.days.until == today + 1))
            next_take(&next, run.days.until, today);
        if (run.days.from > today)
            continue;
        run.settled = run.settled && run.days.until <= today + 1;
        run.days.until = run.days.until <= today ? run.days.until : today + 1;
        runs->list[kept++] = run;
    }
    runs->count = kept;
    return next;
}

static int compare_runs(const void *left, const void *right)
{
    const struct breach_run *a = left;
    const struct breach_run *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int order = strcmp(a->subject, b->subject);
    if (order != 0)
        return order;
    return a->days.from < b->days.from ? -1 : a->days.from > b->days.from;
}

bool breach_runs_find(const struct dossier *dossier, const struct niva_timeline *timeline,
                      niva_day today, struct niva_arena *arena, struct breach_runs *ret_runs,
                      niva_day *ret_next, struct niva_error *err)
{
    struct breach_runs runs = {.arena = arena};
    struct reporting reporting;
    if (!reporting_make(dossier, arena, &reporting, err) ||
        !below_find(timeline, today, &runs, err) ||
        !overdue_find(&reporting, timeline, &runs, err) ||
        !late_reports_find(&reporting, &runs, err) || !late_absences_find(dossier, &runs, err))
        return false;
    *ret_next = runs_cut(&runs, today);
    if (runs.count > 1)
        qsort(runs.list, runs.count, sizeof *runs.list, compare_runs);
    *ret_runs = runs;
    return true;
}
