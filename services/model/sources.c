#include "services/model/sources.h"

#include <stdlib.h>
#include <string.h>

#include "services/model/record.h"
#include "services/model/report.h"
#include "services/model/requirement.h"

int32_t dispensation_minimum(const struct niva_dispensation *dispensation)
{
    return dispensation->reduced_minimum_milli < 0 ? 0 : dispensation->reduced_minimum_milli;
}

/* What it takes to turn a list of facts into a layer. */
struct stack {
    struct record_entry *entries;
    struct layer_item *items;
};

static bool stack_make(size_t count, struct niva_arena *arena, struct stack *ret_stack)
{
    ret_stack->entries = niva_arena_array(arena, count, sizeof *ret_stack->entries);
    ret_stack->items = niva_arena_array(arena, count, sizeof *ret_stack->items);
    return ret_stack->entries != NULL && ret_stack->items != NULL;
}

static bool rule_sets_layer(const struct niva_facts *facts, struct niva_span horizon,
                            struct niva_arena *arena, struct layer *ret_layer)
{
    struct stack stack;

    if (!stack_make(facts->rule_set_count, arena, &stack))
        return false;
    for (size_t i = 0; i < facts->rule_set_count; i++) {
        const struct niva_rule_set *rule_set = &facts->rule_sets[i];
        stack.entries[i] = (struct record_entry){rule_set->version == 0 ? NULL : rule_set->id,
                                                 rule_set->recorded_at, i};
    }
    size_t count = record_present(stack.entries, facts->rule_set_count, facts->known_at);
    for (size_t i = 0; i < count; i++) {
        const struct niva_rule_set *rule_set = &facts->rule_sets[stack.entries[i].index];
        stack.items[i] =
            (struct layer_item){.days = rule_set->days, .order = (int64_t)i, .fact = rule_set};
    }
    return layer_build(stack.items, count, horizon, arena, ret_layer);
}

/* A contract binds from the later of its first day and binding_from, but ranks by its first day. */
static bool contracts_layer(const struct niva_facts *facts, struct niva_span horizon,
                            struct niva_arena *arena, struct layer *ret_layer)
{
    struct stack stack;

    if (!stack_make(facts->contract_count, arena, &stack))
        return false;
    for (size_t i = 0; i < facts->contract_count; i++)
        stack.entries[i] =
            (struct record_entry){facts->contracts[i].id, facts->contracts[i].recorded_at, i};
    size_t count = record_present(stack.entries, facts->contract_count, facts->known_at);
    for (size_t i = 0; i < count; i++) {
        const struct niva_contract *contract = &facts->contracts[stack.entries[i].index];
        stack.items[i] = (struct layer_item){
            .days = span_common(contract->days,
                                (struct niva_span){contract->binding_from, NIVA_DAY_END}),
            .rank = contract->days.from,
            .order = (int64_t)i,
            .fact = contract,
        };
    }
    return layer_build(stack.items, count, horizon, arena, ret_layer);
}

static bool listings_layer(const struct niva_facts *facts, enum niva_snapshot snapshot,
                           struct niva_span horizon, struct niva_arena *arena,
                           struct layer *ret_layer)
{
    struct stack stack;

    if (!stack_make(facts->listing_count, arena, &stack))
        return false;
    for (size_t i = 0; i < facts->listing_count; i++)
        stack.entries[i] = (struct record_entry){NULL, facts->listings[i].recorded_at, i};
    size_t count = record_present(stack.entries, facts->listing_count, facts->known_at);
    for (size_t i = 0; i < count; i++) {
        const struct niva_listing *listing = &facts->listings[stack.entries[i].index];
        stack.items[i] = (struct layer_item){
            .days = {listing_first_day(listing->as_of, snapshot), NIVA_DAY_END},
            .rank = listing->as_of,
            .order = (int64_t)i,
            .fact = listing,
        };
    }
    return layer_build(stack.items, count, horizon, arena, ret_layer);
}

static bool findings_layer(const struct niva_facts *facts, struct niva_span horizon,
                           struct niva_arena *arena, struct layer *ret_layer)
{
    struct stack stack;

    if (!stack_make(facts->finding_count, arena, &stack))
        return false;
    for (size_t i = 0; i < facts->finding_count; i++)
        stack.entries[i] =
            (struct record_entry){facts->findings[i].id, facts->findings[i].recorded_at, i};
    size_t count = record_present(stack.entries, facts->finding_count, facts->known_at);
    for (size_t i = 0; i < count; i++) {
        const struct niva_finding *finding = &facts->findings[stack.entries[i].index];
        stack.items[i] =
            (struct layer_item){.days = finding->days, .order = (int64_t)i, .fact = finding};
    }
    return layer_build(stack.items, count, horizon, arena, ret_layer);
}

static bool frozen_layer(const struct niva_facts *facts, struct niva_span horizon,
                         struct niva_arena *arena, struct layer *ret_layer)
{
    struct layer_item *items = niva_arena_array(arena, facts->frozen_count, sizeof *items);
    size_t count = 0;

    if (items == NULL)
        return false;
    for (size_t i = 0; i < facts->frozen_count; i++)
        if (facts->frozen[i].recorded_at <= facts->known_at)
            items[count++] = (struct layer_item){
                .days = facts->frozen[i].days, .order = (int64_t)i, .fact = &facts->frozen[i]};
    return layer_build(items, count, horizon, arena, ret_layer);
}

/* The lowest minimum ranks highest; of equal ones the first in the record. */
static bool dispensations_layer(const struct niva_facts *facts, struct niva_span horizon,
                                struct niva_arena *arena, struct layer *ret_layer)
{
    struct stack stack;

    if (!stack_make(facts->dispensation_count, arena, &stack))
        return false;
    for (size_t i = 0; i < facts->dispensation_count; i++)
        stack.entries[i] = (struct record_entry){facts->dispensations[i].id,
                                                 facts->dispensations[i].recorded_at, i};
    size_t present = record_present(stack.entries, facts->dispensation_count, facts->known_at);
    size_t count = 0;
    for (size_t i = 0; i < present; i++) {
        const struct niva_dispensation *fact = &facts->dispensations[stack.entries[i].index];
        niva_day end = fact->revoked_from == NIVA_DAY_NONE ? NIVA_DAY_END : fact->revoked_from;
        if (!fact->voided)
            stack.items[count++] = (struct layer_item){
                .days = span_common(fact->days, (struct niva_span){NIVA_DAY_NONE, end}),
                .rank = -(int64_t)dispensation_minimum(fact),
                .order = -(int64_t)i,
                .fact = fact,
            };
    }
    return layer_build(stack.items, count, horizon, arena, ret_layer);
}

static int away_compare(const void *left, const void *right)
{
    const struct away *a = left;
    const struct away *b = right;

    if (a->days.from != b->days.from)
        return a->days.from < b->days.from ? -1 : 1;
    return a->series->order < b->series->order ? -1 : a->series->order > b->series->order;
}

/* The rule set in force on a day decides which absences count on it. */
static bool away_make(const struct niva_facts *facts, struct niva_arena *arena,
                      struct sources *sources)
{
    struct absence_book book;
    size_t most = 0;

    if (!absence_book_make(facts, arena, &book))
        return false;
    for (size_t i = 0; i < sources->rule_sets.count; i++)
        most += absence_book_overlaps(&book, sources->rule_sets.pieces[i].days);
    struct away *away = niva_arena_array(arena, most, sizeof *away);
    if (away == NULL)
        return false;
    for (size_t i = 0; i < sources->rule_sets.count; i++) {
        const struct layer_piece *piece = &sources->rule_sets.pieces[i];
        const struct niva_rule_set *rule_set = piece->fact;
        sources->away_count +=
            absence_book_count(&book, &rule_set->counting, piece->days, away + sources->away_count);
    }
    if (sources->away_count > 1)
        qsort(away, sources->away_count, sizeof *away, away_compare);
    sources->away = away;
    for (size_t i = 0; i < book.count; i++)
        sources->cover_most += book.series[i].present->cover_count;
    return true;
}

/* Days on which something changes, gathered within the horizon. */
struct edges {
    struct niva_arena *arena;
    niva_day *days;
    size_t count;
    size_t capacity;
};

static bool edges_reserve(struct edges *edges, size_t more)
{
    if (edges->capacity - edges->count >= more)
        return true;
    size_t capacity = 2 * edges->capacity + more;
    niva_day *days = niva_arena_array(edges->arena, capacity, sizeof *days);
    if (days == NULL)
        return false;
    if (edges->count > 0)
        memcpy(days, edges->days, edges->count * sizeof *days);
    edges->days = days;
    edges->capacity = capacity;
    return true;
}

/* A span that begins or ends strictly within `window` makes edges. */
static bool edges_add(struct edges *edges, struct niva_span span, struct niva_span window)
{
    if (!edges_reserve(edges, 2))
        return false;
    if (window.from < span.from && span.from < window.until)
        edges->days[edges->count++] = span.from;
    if (window.from < span.until && span.until < window.until)
        edges->days[edges->count++] = span.until;
    return true;
}

static bool edges_add_layer(struct edges *edges, const struct layer *layer,
                            struct niva_span horizon)
{
    for (size_t i = 0; i < layer->count; i++)
        if (!edges_add(edges, layer->pieces[i].days, horizon))
            return false;
    return true;
}

/* Positions begin and end inside the days of their report. */
static bool edges_add_positions(struct edges *edges, struct sources *sources)
{
    for (size_t i = 0; i < sources->reports.count; i++) {
        const struct layer_piece *piece = &sources->reports.pieces[i];
        const struct niva_report *report = piece->fact;
        if (report->position_count > sources->seat_most)
            sources->seat_most = report->position_count;
        for (size_t j = 0; j < report->position_count; j++)
            if (!edges_add(edges, report->positions[j].active, piece->days))
                return false;
    }
    return true;
}

static bool edges_add_away(struct edges *edges, const struct sources *sources,
                           struct niva_span horizon)
{
    for (size_t i = 0; i < sources->away_count; i++) {
        const struct away *away = &sources->away[i];
        const struct niva_absence *absence = away->series->present;
        if (!edges_add(edges, away->days, horizon))
            return false;
        for (size_t j = 0; j < absence->cover_count; j++)
            if (!edges_add(edges, absence->cover[j].active, away->days))
                return false;
    }
    return true;
}

static bool edges_make(const struct niva_facts *facts, struct niva_span horizon,
                       struct niva_arena *arena, struct sources *sources)
{
    struct edges edges = {.arena = arena};
    bool added = edges_add(&edges, facts->open, horizon) &&
                 edges_add(&edges, facts->erased, horizon) &&
                 edges_add_layer(&edges, &sources->rule_sets, horizon) &&
                 edges_add_layer(&edges, &sources->contracts, horizon) &&
                 edges_add_layer(&edges, &sources->reports, horizon) &&
                 edges_add_layer(&edges, &sources->findings, horizon) &&
                 edges_add_layer(&edges, &sources->frozen, horizon) &&
                 edges_add_layer(&edges, &sources->dispensations, horizon) &&
                 edges_add_positions(&edges, sources) && edges_add_away(&edges, sources, horizon);

    for (size_t i = 0; added && i <= NIVA_SAME_DAY; i++)
        added = edges_add_layer(&edges, &sources->listings[i], horizon);
    if (!added || !edges_reserve(&edges, 2))
        return false;
    edges.days[edges.count++] = horizon.from;
    edges.days[edges.count++] = horizon.until;
    sources->edge_count = days_sort(edges.days, edges.count);
    sources->edges = edges.days;
    return true;
}

/* Only the listings that a rule set of the horizon asks for. */
static bool listings_make(const struct niva_facts *facts, struct niva_span horizon,
                          struct niva_arena *arena, struct sources *sources)
{
    bool made[NIVA_SAME_DAY + 1] = {false};

    for (size_t i = 0; i < sources->rule_sets.count; i++) {
        const struct niva_rule_set *rule_set = sources->rule_sets.pieces[i].fact;
        enum niva_snapshot snapshot = rule_set->requirement.snapshot;
        if (!requirement_uses_listing(&rule_set->requirement) || made[snapshot])
            continue;
        made[snapshot] = true;
        if (!listings_layer(facts, snapshot, horizon, arena, &sources->listings[snapshot]))
            return false;
    }
    return true;
}

bool sources_make(const struct niva_facts *facts, struct niva_span horizon,
                  struct niva_arena *arena, struct sources *ret_sources)
{
    struct sources sources = {0};

    if (!rule_sets_layer(facts, horizon, arena, &sources.rule_sets) ||
        !contracts_layer(facts, horizon, arena, &sources.contracts) ||
        !listings_make(facts, horizon, arena, &sources) ||
        !reports_layer(facts, horizon, arena, &sources.reports) ||
        !findings_layer(facts, horizon, arena, &sources.findings) ||
        !frozen_layer(facts, horizon, arena, &sources.frozen) ||
        !dispensations_layer(facts, horizon, arena, &sources.dispensations) ||
        !away_make(facts, arena, &sources) || !edges_make(facts, horizon, arena, &sources))
        return false;
    *ret_sources = sources;
    return true;
}
