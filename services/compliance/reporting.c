#include "services/compliance/reporting.h"

#include <stdlib.h>
#include <string.h>

/* ---- what came in ---- */

static size_t filing_of(const struct reporting *reporting, const char *id)
{
    for (size_t i = 0; id[0] != '\0' && i < reporting->filing_count; i++) {
        if (strcmp(reporting->filings[i].filed->message->report_id, id) == 0)
            return i;
    }
    return NIVA_NO_INDEX;
}

static bool is_withdrawn(const struct reporting *reporting, size_t index)
{
    return reporting->filings[index].filed->withdrawn;
}

bool filing_stands(const struct filing *filing)
{
    return !filing->filed->withdrawn && filing->replaced_on == NIVA_DAY_END;
}

/* Walks from every report to what it corrects. One that was not withdrawn replaces the first that
 * was not either, and all withdrawn ones before it (model section 3). Steps are counted, so that
 * not even a circle holds the walk. */
static void chains_follow(struct reporting *reporting)
{
    for (size_t i = 0; i < reporting->filing_count; i++) {
        struct filing *filing = &reporting->filings[i];
        bool replaces = !filing->filed->withdrawn;
        size_t at = filing->corrects;
        for (size_t steps = reporting->filing_count; at != NIVA_NO_INDEX && steps > 0; steps--) {
            struct filing *earlier = &reporting->filings[at];
            if (replaces && filing->received < earlier->replaced_on)
                earlier->replaced_on = filing->received;
            replaces = replaces && earlier->filed->withdrawn;
            filing->root = at;
            at = earlier->corrects;
        }
    }
}

static void filings_make(struct reporting *reporting)
{
    const struct dossier *dossier = reporting->dossier;
    reporting->filing_count = dossier->report_count;
    for (size_t i = 0; i < dossier->report_count; i++) {
        const struct filed_report *filed = &dossier->reports[i];
        reporting->filings[i] = (struct filing){
            .filed = filed,
            .effective = filed->fact->effective_from,
            .received = received_on(filed->message->received_at, filed->message->recorded_at),
            .replaced_on = NIVA_DAY_END,
            .root = i,
        };
        if (!filed->withdrawn)
            reporting->receipts[reporting->receipt_count++] = reporting->filings[i].received;
    }
    for (size_t i = 0; i < dossier->report_count; i++)
        reporting->filings[i].corrects =
            filing_of(reporting, reporting->filings[i].filed->message->corrects_report_id);
    chains_follow(reporting);
}

static void confirmations_make(struct reporting *reporting)
{
    const struct dossier *dossier = reporting->dossier;
    for (size_t i = 0; i < dossier->confirmation_count; i++) {
        const pb_confirmation *message = dossier->confirmations[i];
        size_t of = filing_of(reporting, message->report_id);
        struct confirmed confirmed = {.received =
                                          received_on(message->received_at, message->recorded_at)};
        if (of == NIVA_NO_INDEX || is_withdrawn(reporting, of) ||
            !niva_day_parse(message->as_of, &confirmed.as_of))
            continue;
        reporting->confirmations[reporting->confirmation_count++] = confirmed;
        reporting->receipts[reporting->receipt_count++] = confirmed.received;
    }
}

static int compare_days(const void *left, const void *right)
{
    niva_day a = *(const niva_day *)left;
    niva_day b = *(const niva_day *)right;
    return a < b ? -1 : a > b;
}

bool reporting_make(const struct dossier *dossier, struct niva_arena *arena,
                    struct reporting *ret_reporting, struct niva_error *err)
{
    size_t reports = dossier->report_count;
    size_t confirmations = dossier->confirmation_count;
    struct reporting reporting = {
        .dossier = dossier,
        .filings = niva_arena_array(arena, reports, sizeof *reporting.filings),
        .receipts = niva_arena_array(arena, reports + confirmations, sizeof *reporting.receipts),
        .confirmations = niva_arena_array(arena, confirmations, sizeof *reporting.confirmations),
    };
    if (reporting.filings == NULL || reporting.receipts == NULL || reporting.confirmations == NULL)
        return niva_fail_memory(err);
    filings_make(&reporting);
    confirmations_make(&reporting);
    if (reporting.receipt_count > 1)
        qsort(reporting.receipts, reporting.receipt_count, sizeof *reporting.receipts,
              compare_days);
    *ret_reporting = reporting;
    return true;
}

/* ---- one day ---- */

static niva_day latest_received(const struct reporting *reporting, niva_day day)
{
    size_t low = 0;
    size_t high = reporting->receipt_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (reporting->receipts[middle] <= day)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? reporting->receipts[low - 1] : NIVA_DAY_NONE;
}

static const struct filing *last_received(const struct reporting *reporting, niva_day day)
{
    const struct filing *last = NULL;
    for (size_t i = 0; i < reporting->filing_count; i++) {
        const struct filing *filing = &reporting->filings[i];
        if (!filing->filed->withdrawn && filing->received <= day &&
            (last == NULL || filing->received >= last->received))
            last = filing;
    }
    return last;
}

/* The report that stood on a day by what had been received up to it. */
static const struct filing *standing_on(const struct reporting *reporting, niva_day day)
{
    const struct filing *best = NULL;
    for (size_t i = 0; i < reporting->filing_count; i++) {
        const struct filing *filing = &reporting->filings[i];
        if (!filing->filed->withdrawn && filing->received <= day && filing->effective <= day &&
            filing->replaced_on > day && (best == NULL || filing->effective >= best->effective))
            best = filing;
    }
    return best;
}

/* Whether somebody had said that the plan became true, of a day on or after its own. */
static bool plan_confirmed(const struct reporting *reporting, const struct filing *plan,
                           niva_day day)
{
    for (size_t i = 0; i < reporting->confirmation_count; i++) {
        const struct confirmed *confirmed = &reporting->confirmations[i];
        if (confirmed->as_of >= plan->effective && confirmed->received <= day)
            return true;
    }
    return false;
}

static bool plans_are_confirmed_within(const pb_reporting *duties, niva_day *ret_days)
{
    *ret_days = duties->confirm_planned_within_days;
    return duties->confirm_case ==
           NIVA__COMPLIANCE__V1__REPORTING__CONFIRM_CONFIRM_PLANNED_WITHIN_DAYS;
}

/* Whether the report that stood was a plan that was to be confirmed by then and was not. */
static bool plan_overdue(const struct reporting *reporting, const pb_reporting *duties,
                         niva_day day)
{
    niva_day within;
    if (!plans_are_confirmed_within(duties, &within))
        return false;
    const struct filing *standing = standing_on(reporting, day);
    return standing != NULL && standing->received < standing->effective &&
           day > standing->effective + within && !plan_confirmed(reporting, standing, day);
}

static bool too_old(const pb_reporting *duties, niva_day received, niva_day day)
{
    niva_day since;
    if (duties->report_max_age_days > 0 && day - received > duties->report_max_age_days)
        return true;
    return niva_day_parse(duties->current_since, &since) && received < since && day >= since;
}

/* The day from which a call bears: what it asks for can't be owed before it was issued. */
static niva_day call_from(const pb_call *call)
{
    niva_day issued = niva_day_read(call->issued_on);
    niva_day since = niva_day_read(call->current_since);
    return issued > since ? issued : since;
}

/* The unanswered call that was issued last; of equal days the one recorded later. */
static const pb_call *call_on(const struct dossier *dossier, niva_day received, niva_day day)
{
    const pb_call *last = NULL;
    for (size_t i = 0; i < dossier->call_count; i++) {
        const pb_call *call = dossier->calls[i];
        if (day >= call_from(call) && received < niva_day_read(call->current_since) &&
            (last == NULL || niva_day_read(call->issued_on) >= niva_day_read(last->issued_on)))
            last = call;
    }
    return last;
}

static bool is_overdue(const struct reporting *reporting, niva_day day, bool required,
                       const struct currency *currency)
{
    const struct niva_span *open = &reporting->dossier->facts.open;
    const pb_rule_set *rule_set = dossier_rule_set_on(reporting->dossier, day);
    if (rule_set == NULL || day < open->from || day >= open->until)
        return false;
    if (currency->call != NULL)
        return true;
    if (currency->received == NIVA_DAY_NONE)
        return required || rule_set->reporting != NULL;
    return rule_set->reporting != NULL && (too_old(rule_set->reporting, currency->received, day) ||
                                           plan_overdue(reporting, rule_set->reporting, day));
}

struct currency reporting_on(const struct reporting *reporting, niva_day day, bool required)
{
    struct currency currency = {
        .last = last_received(reporting, day),
        .received = latest_received(reporting, day),
    };
    currency.call = call_on(reporting->dossier, currency.received, day);
    currency.overdue = is_overdue(reporting, day, required, &currency);
    return currency;
}

/* ---- runs of days ---- */

/* Days on which the judgement may change, within a horizon. */
struct edges {
    struct niva_span horizon;
    size_t count;
    niva_day *days;
};

static void edge_add(struct edges *edges, niva_day day)
{
    if (day > edges->horizon.from && day < edges->horizon.until)
        edges->days[edges->count++] = day;
}

static bool nothing_required(const struct niva_segment *segment)
{
    return segment->status == NIVA_NOT_REQUIRED;
}

static void edges_of_filings(struct edges *edges, const struct reporting *reporting,
                             const pb_reporting *duties)
{
    niva_day within;
    if (!plans_are_confirmed_within(duties, &within))
        return;
    for (size_t i = 0; i < reporting->filing_count; i++) {
        const struct filing *filing = &reporting->filings[i];
        edge_add(edges, filing->effective);
        edge_add(edges, filing->effective + within + 1);
    }
}

static void edges_of_rule_set(struct edges *edges, const struct reporting *reporting, size_t index)
{
    const pb_reporting *duties = reporting->dossier->rule_sets[index]->reporting;
    const struct niva_span *days = &reporting->dossier->facts.rule_sets[index].days;
    edge_add(edges, days->from);
    edge_add(edges, days->until);
    if (duties == NULL)
        return;
    edge_add(edges, niva_day_read(duties->current_since));
    for (size_t i = 0; i < reporting->receipt_count; i++)
        edge_add(edges, reporting->receipts[i] + duties->report_max_age_days + 1);
    edges_of_filings(edges, reporting, duties);
}

static size_t edges_most(const struct reporting *reporting, const struct niva_timeline *timeline)
{
    size_t a_rule_set = 3 + reporting->receipt_count + 2 * reporting->filing_count;
    return 4 + reporting->receipt_count + reporting->dossier->call_count + timeline->segment_count +
           reporting->dossier->rule_set_count * a_rule_set;
}

/* The first of them is the horizon's first day, the last the day after its last; each once. */
static bool edges_make(const struct reporting *reporting, const struct niva_timeline *timeline,
                       struct niva_arena *arena, struct edges *ret_edges)
{
    const struct dossier *dossier = reporting->dossier;
    const struct niva_segment *segments = timeline->segments;
    size_t most = edges_most(reporting, timeline);
    struct edges edges = {
        .horizon = {segments[0].days.from, segments[timeline->segment_count - 1].days.until},
        .days = niva_arena_array(arena, most, sizeof *edges.days)};
    if (edges.days == NULL)
        return false;
    edge_add(&edges, dossier->facts.open.from);
    edge_add(&edges, dossier->facts.open.until);
    for (size_t i = 0; i < reporting->receipt_count; i++)
        edge_add(&edges, reporting->receipts[i]);
    for (size_t i = 0; i < dossier->call_count; i++)
        edge_add(&edges, call_from(dossier->calls[i]));
    for (size_t i = 1; i < timeline->segment_count; i++) {
        if (nothing_required(&segments[i - 1]) != nothing_required(&segments[i]))
            edge_add(&edges, segments[i].days.from);
    }
    for (size_t i = 0; i < dossier->rule_set_count; i++)
        edges_of_rule_set(&edges, reporting, i);
    edges.days[edges.count++] = edges.horizon.from;
    edges.days[edges.count++] = edges.horizon.until;
    qsort(edges.days, edges.count, sizeof *edges.days, compare_days);
    size_t kept = 0;
    for (size_t i = 0; i < edges.count; i++) {
        if (kept == 0 || edges.days[kept - 1] != edges.days[i])
            edges.days[kept++] = edges.days[i];
    }
    edges.count = kept;
    *ret_edges = edges;
    return true;
}

bool reporting_runs(const struct reporting *reporting, const struct niva_timeline *timeline,
                    struct niva_arena *arena, size_t *ret_count, const struct niva_span **ret_runs,
                    struct niva_error *err)
{
    struct edges edges = {0};
    size_t count = 0;
    size_t segment = 0;
    if (timeline->segment_count > 0 && !edges_make(reporting, timeline, arena, &edges))
        return niva_fail_memory(err);
    struct niva_span *runs = niva_arena_array(arena, edges.count, sizeof *runs);
    if (runs == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i + 1 < edges.count; i++) {
        struct niva_span days = {edges.days[i], edges.days[i + 1]};
        while (timeline->segments[segment].days.until <= days.from)
            segment++;
        bool required = !nothing_required(&timeline->segments[segment]);
        if (!reporting_on(reporting, days.from, required).overdue)
            continue;
        if (count > 0 && runs[count - 1].until == days.from)
            runs[count - 1].until = days.until;
        else
            runs[count++] = days;
    }
    *ret_count = count;
    *ret_runs = runs;
    return true;
}
