#include "services/compliance/changes.h"

#include <stdlib.h>
#include <string.h>

#include "services/common/facts/filing.h"
#include "services/common/wire/wire.h"
#include "services/compliance/frozen.h"

/* ---- the order of the record ---- */

int place_compare(struct place one, struct place other)
{
    if (one.instant != other.instant)
        return one.instant < other.instant ? -1 : 1;
    if (one.rank != other.rank)
        return one.rank < other.rank ? -1 : 1;
    return (one.no > other.no) - (one.no < other.no);
}

static struct place place_of(const struct niva_fact *fact)
{
    return (struct place){fact->recorded_at, RANK_FACT, fact->fact_no};
}

static int compare_changes(const void *left, const void *right)
{
    return place_compare(((const struct change *)left)->place,
                         ((const struct change *)right)->place);
}

/* First and last day of a message, whatever it is. */
static struct niva_span span_of(const char *first_day, const char *last_day)
{
    niva_day last = niva_day_read(last_day);
    return (struct niva_span){niva_day_read(first_day),
                              last == NIVA_DAY_NONE ? NIVA_DAY_END : last + 1};
}

/* The days that a fact is about; a report is about all from its day on. */
static struct niva_span days_of(const struct record *record)
{
    const void *message = record->message;
    switch (record->kind) {
    case RECORD_REPORT:
        return span_of(((const pb_report *)message)->effective_from, "");
    case RECORD_ABSENCE:
        return niva_absence_days(message);
    case RECORD_RULE_SET:
        return span_of(((const pb_rule_set *)message)->first_day,
                       ((const pb_rule_set *)message)->last_day);
    case RECORD_CONTRACT:
        return span_of(((const pb_contract *)message)->first_day,
                       ((const pb_contract *)message)->last_day);
    case RECORD_LISTING:
        return span_of(((const pb_listing *)message)->as_of, "");
    case RECORD_DISPENSATION:
        return span_of(((const pb_dispensation *)message)->first_day,
                       ((const pb_dispensation *)message)->last_day);
    case RECORD_FINDING:
        return span_of(((const pb_finding *)message)->first_day,
                       ((const pb_finding *)message)->last_day);
    case RECORD_UNIT:
    case RECORD_CONFIRMATION:
    case RECORD_CALL:
    case RECORD_DIALOGUE:
    case RECORD_ERASURE:
    case RECORD_INDICATOR:
    case RECORD_IMPORT:
    case RECORD_KINDS:
        break;
    }
    return (struct niva_span){NIVA_DAY_NONE, NIVA_DAY_END};
}

/* Verdicts and amounts follow from these alone; whether a report is overdue is not asked. */
static bool may_change(const struct history *history, const struct record *record)
{
    const char *group = record->fact.group;
    switch (record->kind) {
    case RECORD_UNIT:
    case RECORD_REPORT:
    case RECORD_ABSENCE:
    case RECORD_RULE_SET:
    case RECORD_CONTRACT:
    case RECORD_LISTING:
    case RECORD_DISPENSATION:
    case RECORD_FINDING:
        return record->message != NULL && (*group == '\0' || strcmp(group, history->group) == 0);
    case RECORD_CONFIRMATION:
    case RECORD_CALL:
    case RECORD_DIALOGUE:
    case RECORD_ERASURE:
    case RECORD_INDICATOR:
    case RECORD_IMPORT:
    case RECORD_KINDS:
        break;
    }
    return false;
}

static void records_lay(const struct history *history, const struct records *records,
                        struct change *changes, size_t *count)
{
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->list[i];
        if (may_change(history, record))
            changes[(*count)++] = (struct change){
                .place = place_of(&record->fact), .fact = record, .days = days_of(record)};
    }
}

static bool component_lay(const struct history *history, const struct stored_component *row,
                          struct niva_arena *arena, struct change *ret_change, bool *ret_kept,
                          struct niva_error *err)
{
    ProtobufCMessage *message;
    niva_instant recorded_at = INT64_MIN;
    if (!niva_wire_unpack(&niva__compensation__v1__component__descriptor, row->body.data,
                          row->body.len, false, arena, &message, err))
        return false;
    const pb_component *component = (const pb_component *)message;
    if (component->recorded_at != NULL && !niva_wire_instant(component->recorded_at, &recorded_at))
        return niva_fail_internal(err, "an amount of %s was recorded at no instant", row->unit);
    *ret_kept = strcmp(component->profession_group, history->group) == 0;
    *ret_change = (struct change){.place = {recorded_at, RANK_AMOUNT, row->position},
                                  .amount = row,
                                  .component = component,
                                  .days = span_of(component->first_day, component->last_day)};
    return true;
}

bool history_lay(struct history *history, struct niva_arena *arena, struct niva_error *err)
{
    size_t most = history->own->count + history->regional->count + history->component_count;
    struct change *changes = niva_arena_array(arena, most, sizeof *changes);
    size_t count = 0;
    if (changes == NULL)
        return niva_fail_memory(err);
    records_lay(history, history->own, changes, &count);
    records_lay(history, history->regional, changes, &count);
    for (size_t i = 0; i < history->component_count; i++) {
        bool kept = false;
        if (!component_lay(history, &history->components[i], arena, &changes[count], &kept, err))
            return false;
        count += kept;
    }
    if (count > 1)
        qsort(changes, count, sizeof *changes, compare_changes);
    history->change_count = count;
    history->changes = changes;
    return true;
}

/* ---- one place after the other ---- */

niva_day history_today(const struct history *history, struct place place)
{
    if (place.instant == INT64_MAX || niva_local_day(place.instant) > history->business_day)
        return history->business_day;
    return niva_local_day(place.instant);
}

/* The days asked for that have begun at a place and had not at the one before. */
static struct niva_span days_begun(const struct history *history, struct place before,
                                   struct place place)
{
    struct niva_span begun = {history_today(history, before) + 1,
                              history_today(history, place) + 1};
    if (begun.from < history->days.from)
        begun.from = history->days.from;
    if (begun.until > history->days.until)
        begun.until = history->days.until;
    return begun;
}

bool change_next(const struct history *history, struct place at, struct place until,
                 struct change *ret_change)
{
    const struct change *next = NULL;
    for (size_t i = 0; next == NULL && i < history->change_count; i++) {
        if (place_compare(history->changes[i].place, at) > 0)
            next = &history->changes[i];
    }
    if (next != NULL && place_compare(next->place, until) > 0)
        next = NULL;
    struct niva_span begun = days_begun(history, at, next != NULL ? next->place : until);
    if (begun.from < begun.until) {
        *ret_change = (struct change){.place = {niva_local_midnight(begun.until - 1), RANK_DAY, 0},
                                      .days = begun};
        return true;
    }
    if (next != NULL)
        *ret_change = *next;
    return next != NULL;
}

/* ---- what is known at a place ---- */

/* A copy in which what has the place's instant and comes after it is recorded later. */
static bool records_until(const struct records *records, struct place place,
                          struct niva_arena *arena, struct records *ret_records,
                          struct niva_error *err)
{
    struct record *list = niva_arena_array(arena, records->count, sizeof *list);
    if (list == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < records->count; i++) {
        list[i] = records->list[i];
        if (place_compare(place_of(&list[i].fact), place) > 0)
            list[i].fact.recorded_at = INT64_MAX;
    }
    *ret_records = (struct records){records->count, records->count, list};
    return true;
}

static bool dossier_at(const struct history *history, struct place place, struct niva_arena *arena,
                       struct dossier *ret_dossier, struct niva_error *err)
{
    struct records own;
    struct records regional;
    return records_until(history->own, place, arena, &own, err) &&
           records_until(history->regional, place, arena, &regional, err) &&
           dossier_make(history->unit, history->group, place.instant, &own, &regional, arena,
                        ret_dossier, err);
}

static bool amounts_at(const struct history *history, struct place place, struct niva_arena *arena,
                       struct amounts *ret_amounts, struct niva_error *err)
{
    struct stored_component *rows = niva_arena_array(arena, history->change_count, sizeof *rows);
    size_t count = 0;
    if (rows == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < history->change_count; i++) {
        const struct change *change = &history->changes[i];
        if (change->amount != NULL && place_compare(change->place, place) <= 0)
            rows[count++] = *change->amount;
    }
    return amounts_read(rows, count, history->group, INT64_MAX, arena, ret_amounts, err);
}

static bool months_cost(const struct history *history, const struct amounts *amounts,
                        struct niva_arena *arena, struct standing *standing, struct niva_error *err)
{
    const struct costing costing = {.facts = &standing->dossier.facts,
                                    .timeline = &standing->timeline,
                                    .amounts = amounts,
                                    .days = history->days,
                                    .today = standing->today};
    size_t most = (size_t)(history->days.until - history->days.from) / 28 + 2;
    struct month_cost *months = niva_arena_array(arena, most, sizeof *months);
    if (months == NULL)
        return niva_fail_memory(err);
    standing->months = months;
    for (niva_day month = niva_month_begin(history->days.from); month < history->days.until;
         month = niva_month_next(month)) {
        struct month_cost *cost = &months[standing->month_count++];
        cost->month = month;
        if (!costs_of_month(&costing, month, arena, &cost->count, &cost->deductions, err))
            return false;
        for (size_t i = 0; i < cost->count; i++)
            standing->ore += cost->deductions[i].ore;
    }
    return true;
}

bool standing_compute(const struct history *history, struct place place, struct niva_arena *arena,
                      struct standing *ret_standing, struct niva_error *err)
{
    struct standing standing = {.today = history_today(history, place)};
    struct amounts amounts;
    if (!dossier_at(history, place, arena, &standing.dossier, err) ||
        !amounts_at(history, place, arena, &amounts, err))
        return false;
    niva_day from = dossier_span_until(&standing.dossier, history->days.from).from;
    if (!costs_timeline(&standing.dossier.facts, from, history->days, arena, &standing.timeline,
                        err) ||
        !frozen_check(&standing.dossier, history->days, &standing.timeline, err) ||
        !months_cost(history, &amounts, arena, &standing, err))
        return false;
    *ret_standing = standing;
    return true;
}

/* ---- one against another ---- */

static bool same_verdict(const struct niva_segment *one, const struct niva_segment *other)
{
    return one->status == other->status && one->required_milli == other->required_milli &&
           one->counted_milli == other->counted_milli &&
           one->shortfall_milli == other->shortfall_milli;
}

bool verdicts_compare(const struct history *history, const struct standing *before,
                      const struct standing *after, struct niva_arena *arena, size_t *ret_count,
                      const struct verdict_change **ret_changes, struct niva_error *err)
{
    const struct niva_timeline *old = &before->timeline;
    const struct niva_timeline *new = &after->timeline;
    struct verdict_change *changes =
        niva_arena_array(arena, old->segment_count + new->segment_count, sizeof *changes);
    size_t count = 0;
    size_t i = 0;
    size_t j = 0;
    if (changes == NULL)
        return niva_fail_memory(err);
    for (niva_day day = history->days.from; day < history->days.until;) {
        while (old->segments[i].days.until <= day)
            i++;
        while (new->segments[j].days.until <= day)
            j++;
        struct niva_span days = {day, old->segments[i].days.until};
        if (new->segments[j].days.until < days.until)
            days.until = new->segments[j].days.until;
        if (days.until > history->days.until)
            days.until = history->days.until;
        if (!same_verdict(&old->segments[i], &new->segments[j]))
            changes[count++] = (struct verdict_change){days, &old->segments[i], &new->segments[j]};
        day = days.until;
    }
    *ret_count = count;
    *ret_changes = changes;
    return true;
}

/* Both lists are in order of name; what is in one alone is 0 in the other. */
static void month_compare(const struct month_cost *before, const struct month_cost *after, bool all,
                          struct amount_change *changes, size_t *count)
{
    size_t i = 0;
    size_t j = 0;
    while (i < before->count || j < after->count) {
        int order;
        if (i == before->count)
            order = 1;
        else if (j == after->count)
            order = -1;
        else
            order = strcmp(before->deductions[i].component, after->deductions[j].component);
        const char *name =
            order <= 0 ? before->deductions[i].component : after->deductions[j].component;
        int64_t old = order <= 0 ? before->deductions[i++].ore : 0;
        int64_t new = order >= 0 ? after->deductions[j++].ore : 0;
        if (all || old != new)
            changes[(*count)++] = (struct amount_change){after->month, name, old, new};
    }
}

bool amounts_compare(const struct standing *before, const struct standing *after, bool all,
                     struct niva_arena *arena, size_t *ret_count,
                     const struct amount_change **ret_changes, struct niva_error *err)
{
    size_t most = 0;
    size_t count = 0;
    for (size_t m = 0; m < after->month_count; m++)
        most += before->months[m].count + after->months[m].count;
    struct amount_change *changes = niva_arena_array(arena, most, sizeof *changes);
    if (changes == NULL)
        return niva_fail_memory(err);
    for (size_t m = 0; m < after->month_count; m++)
        month_compare(&before->months[m], &after->months[m], all, changes, &count);
    *ret_count = count;
    *ret_changes = changes;
    return true;
}

bool change_concerns(const struct change *change, const struct standing *after)
{
    if (change->fact == NULL || change->fact->fact.unit[0] != '\0')
        return true;
    return after->dossier.registered != NULL &&
           strcmp(change->fact->fact.region, after->dossier.registered->region_code) == 0;
}
