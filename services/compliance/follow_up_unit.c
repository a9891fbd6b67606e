#include "services/compliance/follow_up_unit.h"

#include <stdlib.h>
#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/dialogue.h"
#include "services/compliance/frozen.h"
#include "services/compliance/runs.h"

/* A unit while it is made. */
struct making {
    const struct following *following;
    const struct followed_sources *sources;
    struct niva_arena *arena;
    struct niva_span months; /* that are followed */
    struct followed_unit unit;
};

static bool message_read(const struct making *making, const struct followed_row *row,
                         const ProtobufCMessageDescriptor *type, const void **ret_message,
                         struct niva_error *err)
{
    ProtobufCMessage *message = NULL;
    if (!niva_wire_unpack(type, row->body.data, row->body.len, false, making->arena, &message, err))
        return niva_fail_internal(err, "what is kept of %s at %lld can't be read", row->unit,
                                  (long long)row->position);
    *ret_message = message;
    return true;
}

static bool tenures_make(struct making *making, struct niva_error *err)
{
    const pb_unit *registered = making->sources->dossier->registered;
    struct followed_tenure *tenures =
        niva_arena_array(making->arena, registered->n_owners, sizeof *tenures);
    if (tenures == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < registered->n_owners; i++) {
        const int form = (int)registered->owners[i]->form;
        tenures[i] = (struct followed_tenure){niva_day_read(registered->owners[i]->first_day),
                                              form > 0 && form < FOLLOW_FORMS ? form : 0};
    }
    making->unit.tenures = tenures;
    making->unit.tenure_count = registered->n_owners;
    return true;
}

/* ---- days ---- */

static bool timeline_make(struct making *making, struct niva_error *err)
{
    const struct dossier *dossier = making->sources->dossier;
    struct niva_timeline *timeline = niva_arena_alloc(making->arena, sizeof *timeline);
    struct niva_span days = making->months;
    if (timeline == NULL)
        return niva_fail_memory(err);
    *timeline = (struct niva_timeline){0};
    making->unit.timeline = timeline;
    if (days.until > making->following->follow->today + 1)
        days.until = making->following->follow->today + 1;
    return days.from >= days.until ||
           (niva_timeline_compute(&dossier->facts, days, false, making->arena, timeline, err) &&
            frozen_check(dossier, days, timeline, err));
}

static bool reports_make(struct making *making, struct niva_error *err)
{
    struct reporting reporting;
    struct followed_change *changes;
    size_t count;
    const struct reported_change *reported;
    if (making->unit.timeline->segment_count == 0)
        return true;
    if (!reporting_make(making->sources->dossier, making->arena, &reporting, err) ||
        !reporting_runs(&reporting, making->unit.timeline, making->arena,
                        &making->unit.overdue_count, &making->unit.overdue, err))
        return false;
    if (!reported_changes_find(&reporting, making->arena, &count, &reported, err))
        return false;
    changes = niva_arena_array(making->arena, count, sizeof *changes);
    if (changes == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        changes[i] = (struct followed_change){reported[i].effective, reported[i].told};
    making->unit.changes = changes;
    making->unit.change_count = count;
    return true;
}

/* ---- breaches ---- */

static bool breach_set_make(const struct making *making, struct breach_set *ret_set,
                            struct niva_error *err)
{
    const struct followed_rows *rows = &making->sources->breaches;
    struct breach_set set = {
        .list = niva_arena_array(making->arena, rows->count, sizeof(const pb_breach *))};
    if (set.list == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < rows->count; i++) {
        const void *message;
        if (!message_read(making, &rows->list[i], &niva__compliance__v1__breach__descriptor,
                          &message, err))
            return false;
        set.list[set.count++] = message;
    }
    *ret_set = set;
    return true;
}

static bool cannot_recruit(const struct making *making, const struct breach_set *set,
                           const pb_breach *breach)
{
    const struct records *own = making->sources->own;
    const niva_instant known_at = making->sources->dossier->facts.known_at;
    for (size_t i = 0; i < own->count; i++) {
        const pb_entry *entry = dialogue_entry(set, breach, &own->list[i]);
        if (entry != NULL && entry->inability != NULL && own->list[i].fact.recorded_at <= known_at)
            return true;
    }
    return false;
}

static bool breaches_make(struct making *making, struct niva_error *err)
{
    struct breach_set set;
    if (!breach_set_make(making, &set, err))
        return false;
    struct followed_breach *breaches = niva_arena_array(making->arena, set.count, sizeof *breaches);
    if (breaches == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < set.count; i++) {
        const pb_breach *breach = set.list[i];
        niva_day last = niva_day_read(breach->last_day);
        if (breach->state != PB_OPEN && breach->state != PB_CLOSED)
            continue;
        breaches[making->unit.breach_count++] = (struct followed_breach){
            .days = {niva_day_read(breach->first_day),
                     last == NIVA_DAY_NONE ? NIVA_DAY_END : last + 1},
            .inability = cannot_recruit(making, &set, breach),
        };
    }
    making->unit.breaches = breaches;
    return true;
}

/* ---- money ---- */

static niva_day local_day(const struct Google__Protobuf__Timestamp *timestamp)
{
    niva_instant instant;
    return timestamp != NULL && niva_wire_instant(timestamp, &instant) ? niva_local_day(instant)
                                                                       : NIVA_DAY_NONE;
}

/* False: it takes nothing and was never decided. */
static bool line_make(const pb_adjustment *adjustment, struct followed_line *ret_line)
{
    struct niva_span month = {NIVA_DAY_NONE, NIVA_DAY_NONE};
    const int reason = (int)adjustment->reason_code;
    const bool parsed = niva_month_parse(adjustment->period, &month);
    *ret_line = (struct followed_line){
        .month = month.from,
        .computed_ore = adjustment->computed_ore,
        .deduction_ore = adjustment->deduction_ore,
        .reason = reason > 0 && reason < FOLLOW_REASONS ? reason : 0,
        .told = local_day(adjustment->communicated_at),
        .decided = local_day(adjustment->decided_at),
    };
    switch (adjustment->state) {
    case NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PROPOSED:
    case NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__IN_DIALOGUE:
        ret_line->state = FOLLOW_PROPOSED;
        return parsed;
    case NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__DECIDED:
        ret_line->state = FOLLOW_DECIDED;
        return parsed && ret_line->decided != NIVA_DAY_NONE;
    case NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__WAIVED:
        ret_line->state = FOLLOW_WAIVED;
        return parsed && ret_line->decided != NIVA_DAY_NONE;
    default:
        return false;
    }
}

static bool lines_make(struct making *making, struct niva_error *err)
{
    const struct followed_rows *rows = &making->sources->adjustments;
    struct followed_line *lines = niva_arena_array(making->arena, rows->count, sizeof *lines);
    if (lines == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < rows->count; i++) {
        const void *message;
        if (!message_read(making, &rows->list[i],
                          &niva__compensation__v1__adjustment_proposed__descriptor, &message, err))
            return false;
        const Niva__Compensation__V1__AdjustmentProposed *told = message;
        making->unit.line_count += told->adjustment != NULL &&
                                   line_make(told->adjustment, &lines[making->unit.line_count]);
    }
    making->unit.lines = lines;
    return true;
}

/* What the month under way would take up to today. */
static bool preliminary_compute(const struct making *making, niva_day month, int64_t *ret_ore,
                                struct niva_error *err)
{
    const struct dossier *dossier = making->sources->dossier;
    const niva_day today = making->following->follow->today;
    const struct niva_span days = {month, niva_month_next(month)};
    struct niva_timeline timeline;
    const struct costing costing = {.facts = &dossier->facts,
                                    .timeline = &timeline,
                                    .amounts = making->sources->amounts,
                                    .days = days,
                                    .today = today};
    const struct niva_deduction *deductions;
    size_t count;
    if (!costs_timeline(&dossier->facts, dossier_span_until(dossier, month).from, days,
                        making->arena, &timeline, err) ||
        !costs_of_month(&costing, month, making->arena, &count, &deductions, err))
        return false;
    for (size_t i = 0; i < count; i++)
        *ret_ore += deductions[i].ore;
    return true;
}

static bool payments_make(struct making *making, struct niva_error *err)
{
    const struct amounts *amounts = making->sources->amounts;
    const niva_day today = making->following->follow->today;
    struct followed_payment *payments = NULL;
    size_t months = 0;
    for (niva_day month = making->months.from; month < making->months.until;
         month = niva_month_next(month))
        months++;
    payments = niva_arena_array(making->arena, months, sizeof *payments);
    if (payments == NULL)
        return niva_fail_memory(err);
    making->unit.payments = payments;
    for (niva_day month = making->months.from; month < making->months.until && month <= today;
         month = niva_month_next(month)) {
        const struct niva_month asked = {.days = {month, niva_month_next(month)},
                                         .today = today,
                                         .open = making->unit.open,
                                         .component_count = amounts->count,
                                         .components = amounts->list};
        struct followed_payment payment = {.month = month};
        if (!niva_fixed_compute(&asked, making->arena, &payment.ore_days, err) ||
            (asked.days.until > today && payment.ore_days > 0 &&
             !preliminary_compute(making, month, &payment.preliminary_ore, err)))
            return false;
        payments[making->unit.payment_count++] = payment;
    }
    return true;
}

/* ---- listings and indicators ---- */

struct dated {
    struct followed_listing listing;
    size_t order;
};

static int compare_dated(const void *left, const void *right)
{
    const struct dated *a = left;
    const struct dated *b = right;
    if (a->listing.as_of != b->listing.as_of)
        return a->listing.as_of < b->listing.as_of ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Of a day the listing that was recorded last. */
static bool listings_make(struct making *making, struct niva_error *err)
{
    const struct niva_facts *facts = &making->sources->dossier->facts;
    struct dated *dated = niva_arena_array(making->arena, facts->listing_count, sizeof *dated);
    struct followed_listing *listings =
        niva_arena_array(making->arena, facts->listing_count, sizeof *listings);
    size_t count = 0;
    if (dated == NULL || listings == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < facts->listing_count; i++)
        dated[i] = (struct dated){{facts->listings[i].as_of, facts->listings[i].listed}, i};
    if (facts->listing_count > 1)
        qsort(dated, facts->listing_count, sizeof *dated, compare_dated);
    for (size_t i = 0; i < facts->listing_count; i++) {
        count -= count > 0 && listings[count - 1].as_of == dated[i].listing.as_of;
        listings[count++] = dated[i].listing;
    }
    making->unit.listings = listings;
    making->unit.listing_count = count;
    return true;
}

static int compare_codes(const void *left, const void *right)
{
    return strcmp(left, *(const char *const *)right);
}

static int compare_figures(const void *left, const void *right)
{
    const struct followed_figure *a = left;
    const struct followed_figure *b = right;
    if (a->code != b->code)
        return a->code < b->code ? -1 : 1;
    return a->month < b->month ? -1 : a->month > b->month;
}

static bool figures_make(struct making *making, struct niva_error *err)
{
    const struct following *following = making->following;
    const struct followed_rows *rows = &making->sources->figures;
    struct followed_figure *figures = niva_arena_array(making->arena, rows->count, sizeof *figures);
    if (figures == NULL)
        return niva_fail_memory(err);
    making->unit.figures = figures;
    for (size_t i = 0; i < rows->count; i++) {
        struct niva_span month;
        const void *message;
        if (!message_read(making, &rows->list[i], &niva__compliance__v1__indicator__descriptor,
                          &message, err))
            return false;
        const pb_indicator *indicator = message;
        const char *const *code =
            following->code_count == 0
                ? NULL
                : bsearch(indicator->code, following->codes, following->code_count,
                          sizeof *following->codes, compare_codes);
        if (indicator->withdrawn || code == NULL || !niva_month_parse(indicator->period, &month))
            continue;
        figures[making->unit.figure_count++] = (struct followed_figure){
            (size_t)(code - following->codes), month.from, indicator->value_milli};
    }
    if (making->unit.figure_count > 1)
        qsort(figures, making->unit.figure_count, sizeof *figures, compare_figures);
    return true;
}

bool followed_unit_make(const struct following *following, const struct followed_sources *sources,
                        struct niva_arena *arena, struct followed_unit *ret_unit,
                        struct niva_error *err)
{
    const struct follow_up *follow = following->follow;
    struct making making = {
        .following = following,
        .sources = sources,
        .arena = arena,
        .months = {follow->periods[0].days.from,
                   follow->periods[follow->period_count - 1].days.until},
        .unit = {.open = sources->dossier->facts.open},
    };
    if (!tenures_make(&making, err) || !timeline_make(&making, err) ||
        !reports_make(&making, err) || !breaches_make(&making, err) || !lines_make(&making, err) ||
        !payments_make(&making, err) || !listings_make(&making, err) || !figures_make(&making, err))
        return false;
    *ret_unit = making.unit;
    return true;
}
