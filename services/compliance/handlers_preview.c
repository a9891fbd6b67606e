/* Preview: what a report or an absence that nobody has filed would lead to. Nothing is kept. */
#include <string.h>

#include "services/common/base/clock.h"
#include "services/common/facts/facts.h"
#include "services/common/facts/filing.h"
#include "services/common/wire/wire.h"
#include "services/compliance/costs.h"
#include "services/compliance/handlers.h"
#include "services/compliance/snapshot.h"
#include "services/compliance/suppose.h"
#include "services/model/breach.h"

typedef Niva__Compliance__V1__PreviewRequest PreviewRequest;
typedef Niva__Compliance__V1__PreviewResponse PreviewResponse;
typedef Niva__Compliance__V1__PreviewResponse__Breach PreviewBreach;
typedef Niva__Compliance__V1__PreviewResponse__Deduction PreviewDeduction;

enum { DAYS_MOST = 3660, MONTHS_AHEAD = 3 };

/* A preview on its way. */
struct preview {
    struct niva_read *read;
    const PreviewRequest *request;
    struct supposition supposition;
    struct niva_span days; /* asked for */
    niva_day today;
    struct dossier dossier;
    struct amounts amounts;
    struct niva_facts facts; /* with what is supposed */
    struct niva_timeline with;
    struct niva_timeline without;
    PreviewResponse *answer;
};

/* ---- what is asked ---- */

static bool request_check(struct preview *preview, struct niva_error *err)
{
    const PreviewRequest *request = preview->request;
    struct niva_check check;
    niva_day day;
    niva_check_begin(&check, err);
    niva_check_hsa_id(&check, "unit", request->unit);
    niva_check_name_key(&check, "profession_group", request->profession_group);
    if (!supposition_check(request, &check, preview->read->arena, &preview->supposition))
        return niva_fail_memory(err);
    niva_check_day(&check, "first_day", request->first_day, false, &day);
    niva_check_day(&check, "last_day", request->last_day, false, &day);
    return niva_check_end(&check);
}

static void days_widen(struct niva_span *days, niva_day from, niva_day until)
{
    days->from = from < days->from ? from : days->from;
    days->until = until > days->until ? until : days->until;
}

/* The end of the month so many months after that of a day. */
static niva_day months_end(niva_day day, int months)
{
    day = niva_month_next(day);
    for (int i = 0; i < months; i++)
        day = niva_month_next(day);
    return day;
}

/* The days on which what is supposed shows: of the absence those up to its end, where it has one.
 */
static struct niva_span days_preset(const struct preview *preview)
{
    const struct supposition *supposed = &preview->supposition;
    struct niva_span days = {NIVA_DAY_END, NIVA_DAY_NONE};
    if (supposed->report != NULL) {
        niva_day from = niva_day_read(supposed->report->effective_from);
        days_widen(&days, from, months_end(from, MONTHS_AHEAD));
    }
    if (supposed->absence != NULL) {
        struct niva_span away = niva_absence_days(supposed->absence);
        bool ends = away.until != NIVA_DAY_END && away.until - away.from <= DAYS_MOST;
        days_widen(&days, away.from,
                   ends ? months_end(away.until - 1, 0) : months_end(away.from, MONTHS_AHEAD));
    }
    if (days.from == NIVA_DAY_END)
        days_widen(&days, preview->today, months_end(preview->today, MONTHS_AHEAD));
    days.from = niva_month_begin(days.from);
    return days;
}

static bool days_choose(struct preview *preview, struct niva_error *err)
{
    const PreviewRequest *request = preview->request;
    struct niva_span days = days_preset(preview);
    struct niva_check check;
    niva_check_begin(&check, err);
    if (request->first_day[0] != '\0')
        days.from = niva_day_read(request->first_day);
    if (request->last_day[0] != '\0')
        days.until = niva_day_read(request->last_day) + 1;
    else if (days.until <= days.from)
        days.until = months_end(days.from, MONTHS_AHEAD);
    if (days.until > NIVA_DAY_MAX)
        days.until = NIVA_DAY_MAX + 1;
    if (days.until <= days.from)
        niva_check_fail(&check, "last_day", "LAST_DAY_BEFORE_FIRST",
                        "Den sista dagen ligger före den första.",
                        "The last day lies before the first.");
    if (days.until - days.from > DAYS_MOST)
        niva_check_fail(&check, "last_day", "TOO_LONG", "En förhandsvisning omfattar högst 10 år.",
                        "A preview spans at most 10 years.");
    preview->days = days;
    return niva_check_end(&check);
}

/* ---- what is known ---- */

static niva_instant now_of(const struct preview *preview)
{
    niva_instant now = niva_clock_now();
    return preview->read->rehearsal ? niva_clock_rehearsed(preview->today, now) : now;
}

static bool facts_read(struct preview *preview, struct niva_error *err)
{
    const PreviewRequest *request = preview->request;
    struct niva_read *read = preview->read;
    const char *unit = request->unit;
    struct stored_component *rows;
    size_t count;
    if (!snapshot_dossier(read, unit, request->profession_group, INT64_MAX, &preview->dossier, err))
        return false;
    if (preview->dossier.registered == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "unit", "UNIT_UNKNOWN",
                           "Vårdcentralen %s är inte registrerad.",
                           "The unit %s is not registered.", unit);
    return supposition_allowed(read, &preview->dossier, &preview->supposition, now_of(preview),
                               err) &&
           supposition_facts(&preview->dossier, &preview->supposition, read->arena, &preview->facts,
                             err) &&
           store_components(read->pg, &unit, 1, read->arena, &count, &rows, err) &&
           amounts_read(rows, count, request->profession_group, INT64_MAX, read->arena,
                        &preview->amounts, err);
}

static bool timelines_compute(struct preview *preview, struct niva_error *err)
{
    niva_day from = dossier_span_until(&preview->dossier, preview->days.from).from;
    struct niva_arena *arena = preview->read->arena;
    return costs_timeline(&preview->facts, from, preview->days, arena, &preview->with, err) &&
           costs_timeline(&preview->dossier.facts, from, preview->days, arena, &preview->without,
                          err);
}

/* ---- the answer ---- */

static bool day_to(struct preview *preview, char **text, niva_day day, struct niva_error *err)
{
    char buffer[16];
    niva_day_format(day, buffer);
    *text = niva_arena_strdup(preview->read->arena, buffer);
    return *text != NULL || niva_fail_memory(err);
}

static bool segments_fill(struct preview *preview, struct niva_error *err)
{
    struct niva_arena *arena = preview->read->arena;
    PreviewResponse *answer = preview->answer;
    struct niva_timeline timeline;
    if (!niva_timeline_compute(&preview->facts, preview->days, true, arena, &timeline, err) ||
        !niva_timeline_messages(&timeline, preview->today, arena, &answer->n_segments,
                                &answer->segments, err))
        return false;
    answer->uncounted =
        niva_arena_array(arena, timeline.uncounted_count, sizeof *answer->uncounted);
    if (answer->uncounted == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < timeline.uncounted_count; i++) {
        answer->uncounted[i] = niva_uncounted_message(&timeline.uncounted[i], arena);
        if (answer->uncounted[i] == NULL)
            return niva_fail_memory(err);
        answer->n_uncounted++;
    }
    return true;
}

static bool breach_add(struct preview *preview, const struct niva_run *run, struct niva_error *err)
{
    PreviewResponse *answer = preview->answer;
    niva_day until = run->days.until < preview->days.until ? run->days.until : preview->days.until;
    PreviewBreach *breach = niva_wire_new(
        &niva__compliance__v1__preview_response__breach__descriptor, preview->read->arena);
    if (breach == NULL)
        return niva_fail_memory(err);
    answer->breaches[answer->n_breaches++] = breach;
    breach->planned = run->days.from > preview->today;
    return day_to(preview, &breach->first_day, run->days.from, err) &&
           day_to(preview, &breach->last_day, until - 1, err);
}

static bool breaches_fill(struct preview *preview, struct niva_error *err)
{
    const struct niva_run *runs = NULL;
    size_t count = 0;
    if (!niva_runs_find(&preview->with, NIVA_DAY_END, preview->read->arena, &count, &runs, err))
        return false;
    preview->answer->breaches =
        niva_arena_array(preview->read->arena, count, sizeof *preview->answer->breaches);
    if (preview->answer->breaches == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        if (runs[i].days.from < preview->days.until && runs[i].days.until > preview->days.from &&
            !breach_add(preview, &runs[i], err))
            return false;
    }
    return true;
}

/* The deductions of a month four times: with what is supposed and without, of all days and of those
 * up to today. The components are the same every time. */
struct month_costs {
    size_t count;
    const struct niva_deduction *with;
    const struct niva_deduction *without;
    const struct niva_deduction *with_to_date;
    const struct niva_deduction *without_to_date;
};

static bool month_compute(const struct preview *preview, niva_day month,
                          struct month_costs *ret_costs, struct niva_error *err)
{
    struct niva_arena *arena = preview->read->arena;
    struct costing costing = {.facts = &preview->facts,
                              .timeline = &preview->with,
                              .amounts = &preview->amounts,
                              .days = preview->days,
                              .today = NIVA_DAY_MAX};
    struct costing before = costing;
    before.facts = &preview->dossier.facts;
    before.timeline = &preview->without;
    if (!costs_of_month(&costing, month, arena, &ret_costs->count, &ret_costs->with, err) ||
        !costs_of_month(&before, month, arena, &ret_costs->count, &ret_costs->without, err))
        return false;
    costing.today = before.today = preview->today;
    return costs_of_month(&costing, month, arena, &ret_costs->count, &ret_costs->with_to_date,
                          err) &&
           costs_of_month(&before, month, arena, &ret_costs->count, &ret_costs->without_to_date,
                          err);
}

static bool deduction_add(struct preview *preview, niva_day month, const struct month_costs *costs,
                          size_t index, struct niva_error *err)
{
    struct niva_arena *arena = preview->read->arena;
    PreviewResponse *answer = preview->answer;
    PreviewDeduction *deduction =
        niva_wire_new(&niva__compliance__v1__preview_response__deduction__descriptor, arena);
    char text[16];
    if (deduction == NULL)
        return niva_fail_memory(err);
    niva_month_format(month, text);
    deduction->component = niva_arena_strdup(arena, costs->with[index].component);
    deduction->period = niva_arena_strdup(arena, text);
    if (deduction->component == NULL || deduction->period == NULL)
        return niva_fail_memory(err);
    deduction->deduction_ore = costs->with[index].ore;
    deduction->without_ore = costs->without[index].ore;
    deduction->to_date_ore = costs->with_to_date[index].ore;
    deduction->to_date_without_ore = costs->without_to_date[index].ore;
    answer->deduction_ore += deduction->deduction_ore;
    answer->without_ore += deduction->without_ore;
    answer->deductions[answer->n_deductions++] = deduction;
    return true;
}

static bool deductions_fill(struct preview *preview, struct niva_error *err)
{
    PreviewResponse *answer = preview->answer;
    size_t months = (size_t)(preview->days.until - preview->days.from) / 28 + 2;
    answer->deductions = niva_arena_array(preview->read->arena, months * preview->amounts.count,
                                          sizeof *answer->deductions);
    if (answer->deductions == NULL)
        return niva_fail_memory(err);
    for (niva_day month = niva_month_begin(preview->days.from); month < preview->days.until;
         month = niva_month_next(month)) {
        struct month_costs costs;
        if (!month_compute(preview, month, &costs, err))
            return false;
        for (size_t i = 0; i < costs.count; i++) {
            if (!deduction_add(preview, month, &costs, i, err))
                return false;
        }
    }
    return true;
}

bool read_preview(struct niva_read *read, const ProtobufCMessage *request, ProtobufCMessage *reply,
                  struct niva_error *err)
{
    struct preview preview = {
        .read = read, .request = (const void *)request, .answer = (void *)reply};
    PreviewResponse *answer = preview.answer;
    if (!request_check(&preview, err) ||
        !snapshot_today(read, INT64_MAX, &preview.today, NULL, err) ||
        !days_choose(&preview, err) || !facts_read(&preview, err) ||
        !timelines_compute(&preview, err) || !segments_fill(&preview, err) ||
        !breaches_fill(&preview, err) || !deductions_fill(&preview, err))
        return false;
    answer->below_days = below_days(&preview.with, preview.days);
    answer->below_days_without = below_days(&preview.without, preview.days);
    return day_to(&preview, &answer->first_day, preview.days.from, err) &&
           day_to(&preview, &answer->last_day, preview.days.until - 1, err) &&
           day_to(&preview, &answer->today, preview.today, err);
}
