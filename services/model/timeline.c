#include "services/model/timeline.h"

#include <string.h>

#include "services/model/counting.h"
#include "services/model/layer.h"
#include "services/model/record.h"
#include "services/model/requirement.h"
#include "services/model/sources.h"

/* The sweep over the horizon, from edge to edge. */
struct sweep {
    const struct niva_facts *facts;
    struct niva_arena *arena;
    struct sources sources;
    struct bench bench;
    size_t away_next;                   /* of sources.away */
    size_t away_count;                  /* that count on the day of the sweep … */
    const struct away **away;           /* … in the order in which they were recorded */
    bool *away_used;                    /* parallel */
    const struct niva_absence **behind; /* scratch: the absences behind a verdict */
    struct uncounted_list *uncounted;   /* NULL: not asked for */
    size_t segment_count;
    struct niva_segment *segments;
};

static bool sweep_make(const struct niva_facts *facts, struct niva_span horizon,
                       struct niva_arena *arena, struct sweep *ret_sweep)
{
    struct sweep sweep = {.facts = facts, .arena = arena};

    if (!sources_make(facts, horizon, arena, &sweep.sources) ||
        !bench_make(sweep.sources.seat_most, sweep.sources.cover_most, arena, &sweep.bench))
        return false;
    size_t away_most = sweep.sources.away_count;
    sweep.away = niva_arena_array(arena, away_most, sizeof(const struct away *));
    sweep.away_used = niva_arena_array(arena, away_most, sizeof *sweep.away_used);
    sweep.behind = niva_arena_array(arena, away_most, sizeof(const struct niva_absence *));
    sweep.segments = niva_arena_array(arena, sweep.sources.edge_count, sizeof *sweep.segments);
    if (sweep.away == NULL || sweep.away_used == NULL || sweep.behind == NULL ||
        sweep.segments == NULL)
        return false;
    *ret_sweep = sweep;
    return true;
}

/* Lets absences go that no longer count on `day` and takes in those that do. */
static void away_move(struct sweep *sweep, niva_day day)
{
    const struct sources *sources = &sweep->sources;
    size_t kept = 0;

    for (size_t i = 0; i < sweep->away_count; i++)
        if (day < sweep->away[i]->days.until)
            sweep->away[kept++] = sweep->away[i];
    while (sweep->away_next < sources->away_count &&
           sources->away[sweep->away_next].days.from <= day) {
        const struct away *away = &sources->away[sweep->away_next++];
        size_t place = kept++;
        for (; place > 0 && sweep->away[place - 1]->series->order > away->series->order; place--)
            sweep->away[place] = sweep->away[place - 1];
        sweep->away[place] = away;
    }
    sweep->away_count = kept;
}

/* Counts by the report that stands; the absences that bore on it are left in `behind`. */
static int32_t report_count(struct sweep *sweep, struct niva_span days, int32_t required_milli,
                            struct niva_segment *segment)
{
    struct day_absences absences = {sweep->away_count, sweep->away, sweep->away_used};
    const struct niva_counting_rule *rule = &segment->rule_set->counting;

    if (sweep->bench.report != segment->report || sweep->bench.rule != rule)
        bench_set(&sweep->bench, segment->report, rule);
    int32_t counted =
        bench_count(&sweep->bench, days.from, required_milli, &absences, days, sweep->uncounted);
    for (size_t i = 0; i < absences.count; i++)
        if (absences.used[i])
            sweep->behind[segment->absence_count++] = absences.away[i]->series->present;
    segment->absences = sweep->behind;
    return counted;
}

static bool required_find(const struct sweep *sweep, const struct niva_rule_set *rule_set,
                          niva_day day, int32_t *ret_required_milli)
{
    const struct sources *sources = &sweep->sources;

    return requirement_compute(&rule_set->requirement, layer_on(&sources->contracts, day),
                               layer_on(&sources->listings[rule_set->requirement.snapshot], day),
                               ret_required_milli);
}

/* Sets the verdict where required, counted and the facts behind them are known. The order is that
 * of model section 6. */
static void segment_decide(struct niva_segment *segment,
                           const struct niva_dispensation *dispensation)
{
    int64_t reached = (int64_t)segment->counted_milli + segment->rule_set->counting.tolerance_milli;
    int32_t limit = segment->required_milli;

    if (reached >= segment->required_milli) {
        segment->status = NIVA_MET;
        return;
    }
    if (dispensation != NULL && dispensation_minimum(dispensation) < limit) {
        limit = dispensation_minimum(dispensation);
        segment->dispensation = dispensation;
    }
    segment->status = reached >= limit ? NIVA_DISPENSED : NIVA_BELOW_MINIMUM;
    if (segment->status == NIVA_BELOW_MINIMUM)
        segment->shortfall_milli = limit - segment->counted_milli;
}

/* Counts: by a finding, else as it was counted before it was erased, else by the report that
 * stands. False: nobody knows. */
static bool days_count(struct sweep *sweep, struct niva_span days, struct niva_segment *segment)
{
    const struct sources *sources = &sweep->sources;
    const struct niva_frozen *frozen = layer_on(&sources->frozen, days.from);

    segment->finding = layer_on(&sources->findings, days.from);
    if (segment->finding != NULL) {
        segment->counted_milli = segment->finding->counted_milli;
        return true;
    }
    if (frozen != NULL) {
        segment->report = frozen->report;
        segment->counted_milli = frozen->counted_milli;
        segment->absence_count = frozen->absence_count;
        segment->absences = frozen->absences;
        return true;
    }
    segment->report = layer_on(&sources->reports, days.from);
    if (segment->report == NULL || segment->report->erased ||
        span_holds(sweep->facts->erased, days.from))
        return false;
    segment->counted_milli = report_count(sweep, days, segment->required_milli, segment);
    return true;
}

/* The verdict of days between two edges, which is that of their first day. */
static struct niva_segment days_judge(struct sweep *sweep, struct niva_span days)
{
    const struct sources *sources = &sweep->sources;
    struct niva_segment segment = {.days = days, .status = NIVA_NOT_REQUIRED};
    int32_t required_milli = 0;

    if (!span_holds(sweep->facts->open, days.from))
        return segment;
    segment.rule_set = layer_on(&sources->rule_sets, days.from);
    if (segment.rule_set == NULL)
        return segment;
    if (!required_find(sweep, segment.rule_set, days.from, &required_milli)) {
        segment.status = NIVA_NO_REQUIREMENT_BASIS;
        return segment;
    }
    if (required_milli == 0)
        return segment;
    segment.required_milli = required_milli;
    if (!days_count(sweep, days, &segment)) {
        segment.status = NIVA_NO_REPORT;
        return segment;
    }
    segment_decide(&segment, layer_on(&sources->dispensations, days.from));
    return segment;
}

static bool segments_alike(const struct niva_segment *a, const struct niva_segment *b)
{
    if (a->status != b->status || a->required_milli != b->required_milli ||
        a->counted_milli != b->counted_milli || a->shortfall_milli != b->shortfall_milli ||
        a->report != b->report || a->finding != b->finding || a->rule_set != b->rule_set ||
        a->dispensation != b->dispensation || a->absence_count != b->absence_count)
        return false;
    for (size_t i = 0; i < a->absence_count; i++)
        if (a->absences[i] != b->absences[i])
            return false;
    return true;
}

/* Appends a segment, or lengthens the last by one that is like it. */
static bool segment_append(struct sweep *sweep, const struct niva_segment *segment)
{
    struct niva_segment *end = sweep->segments + sweep->segment_count;
    const struct niva_absence **absences = NULL;

    if (sweep->segment_count > 0 && segments_alike(end - 1, segment)) {
        end[-1].days.until = segment->days.until;
        return true;
    }
    if (segment->absence_count > 0) {
        size_t size = segment->absence_count * sizeof(*absences);
        absences = niva_arena_alloc(sweep->arena, size);
        if (absences == NULL)
            return false;
        memcpy(absences, segment->absences, size);
    }
    *end = *segment;
    end->absences = absences;
    sweep->segment_count++;
    return true;
}

bool niva_timeline_compute(const struct niva_facts *facts, struct niva_span horizon,
                           bool with_uncounted, struct niva_arena *arena,
                           struct niva_timeline *ret_timeline, struct niva_error *err)
{
    struct uncounted_list uncounted = {.arena = arena};
    struct sweep sweep;

    if (!sweep_make(facts, horizon, arena, &sweep))
        return arena_out(err);
    sweep.uncounted = with_uncounted ? &uncounted : NULL;
    for (size_t i = 0; i + 1 < sweep.sources.edge_count; i++) {
        struct niva_span days = {sweep.sources.edges[i], sweep.sources.edges[i + 1]};
        away_move(&sweep, days.from);
        struct niva_segment segment = days_judge(&sweep, days);
        if (uncounted.failed || !segment_append(&sweep, &segment))
            return arena_out(err);
    }
    uncounted_join(&uncounted);
    *ret_timeline = (struct niva_timeline){
        .segment_count = sweep.segment_count,
        .segments = sweep.segments,
        .judged_count = sweep.sources.edge_count - 1,
        .uncounted_count = uncounted.count,
        .uncounted = uncounted.entries,
    };
    return true;
}

/* Whether a later version of a rule set is known. */
static bool rule_set_replaced(const struct niva_facts *facts, const struct niva_rule_set *rule_set)
{
    for (size_t i = 0; rule_set->version != 0 && i < facts->rule_set_count; i++) {
        const struct niva_rule_set *other = &facts->rule_sets[i];
        bool later = other->recorded_at > rule_set->recorded_at ||
                     (other->recorded_at == rule_set->recorded_at && other > rule_set);
        if (later && other->version != 0 && other->recorded_at <= facts->known_at &&
            strcmp(other->id, rule_set->id) == 0)
            return true;
    }
    return false;
}

const struct niva_rule_set *niva_rule_set_on(const struct niva_facts *facts, niva_day day)
{
    const struct niva_rule_set *best = NULL;

    for (size_t i = 0; i < facts->rule_set_count; i++) {
        const struct niva_rule_set *rule_set = &facts->rule_sets[i];
        if (span_holds(rule_set->days, day) && rule_set->recorded_at <= facts->known_at &&
            (best == NULL || rule_set->recorded_at >= best->recorded_at) &&
            !rule_set_replaced(facts, rule_set))
            best = rule_set;
    }
    return best;
}

/* Whether a later version of a contract is known. */
static bool contract_replaced(const struct niva_facts *facts, const struct niva_contract *contract)
{
    for (size_t i = 0; contract->id != NULL && i < facts->contract_count; i++) {
        const struct niva_contract *other = &facts->contracts[i];
        bool later = other->recorded_at > contract->recorded_at ||
                     (other->recorded_at == contract->recorded_at && other > contract);
        if (later && other->id != NULL && other->recorded_at <= facts->known_at &&
            strcmp(other->id, contract->id) == 0)
            return true;
    }
    return false;
}

const struct niva_contract *niva_contract_on(const struct niva_facts *facts, niva_day day,
                                             niva_day *ret_until)
{
    const struct niva_contract *best = NULL;
    niva_day until = NIVA_DAY_END;

    for (size_t i = 0; i < facts->contract_count; i++) {
        const struct niva_contract *one = &facts->contracts[i];
        struct niva_span binding =
            span_common(one->days, (struct niva_span){one->binding_from, NIVA_DAY_END});
        if (one->recorded_at > facts->known_at || contract_replaced(facts, one))
            continue;
        if (binding.from > day && binding.from < until)
            until = binding.from;
        if (binding.until > day && binding.until < until)
            until = binding.until;
        if (span_holds(binding, day) &&
            (best == NULL || one->days.from > best->days.from ||
             (one->days.from == best->days.from && one->recorded_at >= best->recorded_at)))
            best = one;
    }
    *ret_until = until;
    return best;
}
