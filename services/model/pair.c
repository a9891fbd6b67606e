#include "services/model/pair.h"

#include <stdlib.h>

#include "services/model/timeline.h"

/* ---- what holds on the two days ---- */

/* The positions that are active on a day, as positions without days. */
static bool active_make(const struct niva_position *positions, size_t count, niva_day day,
                        struct niva_arena *arena, size_t *ret_count,
                        const struct niva_position **ret_positions)
{
    struct niva_position *active = niva_arena_array(arena, count, sizeof *active);
    size_t kept = 0;

    if (active == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!span_holds(positions[i].active, day))
            continue;
        active[kept] = positions[i];
        active[kept++].active = (struct niva_span){NIVA_DAY_NONE, NIVA_DAY_END};
    }
    *ret_count = kept;
    *ret_positions = active;
    return true;
}

static bool holding_make(const struct niva_facts *facts, const struct sources *sources,
                         niva_day day, struct niva_arena *arena, struct holding *holding)
{
    *holding = (struct holding){
        .day = day,
        .open = span_holds(facts->open, day),
        .rule_set = layer_on(&sources->rule_sets, day),
        .contract = layer_on(&sources->contracts, day),
        .report = layer_on(&sources->reports, day),
        .frozen = layer_on(&sources->frozen, day),
        .erased = span_holds(facts->erased, day),
        .finding = layer_on(&sources->findings, day),
        .dispensation = layer_on(&sources->dispensations, day),
    };
    for (size_t i = 0; i <= NIVA_SAME_DAY; i++)
        holding->listings[i] = layer_on(&sources->listings[i], day);
    if (holding->report == NULL)
        return true;
    holding->staff = *holding->report;
    holding->staff.corrects = NULL;
    holding->staff.recorded_at = INT64_MIN;
    return active_make(holding->report->positions, holding->report->position_count, day, arena,
                       &holding->staff.position_count, &holding->staff.positions);
}

/* Notes on which of the days the absences count by the rule set of a side. */
static bool leaves_count(struct pair *pair, const struct absence_book *book, enum side rule)
{
    const struct niva_rule_set *rule_set = pair->holdings[rule].rule_set;
    struct away *away = niva_arena_array(pair->arena, book->count, sizeof *away);

    if (away == NULL)
        return false;
    for (int side = BEFORE; rule_set != NULL && side < SIDES; side++) {
        niva_day day = pair->holdings[side].day;
        size_t count =
            absence_book_count(book, &rule_set->counting, (struct niva_span){day, day + 1}, away);
        for (size_t i = 0; i < count; i++)
            pair->leaves[away[i].series - book->series].counts[rule][side] = true;
    }
    return true;
}

/* An absence as it is on a day, whatever the rules say of its length and category: of those that
 * count it is one. */
static bool leave_take(const struct pair *pair, struct leave *leave, enum side side)
{
    const struct niva_absence *present = leave->series->present;
    struct niva_absence *taken = &leave->taken[side];

    *taken = *present;
    taken->id = NULL;
    taken->days = pair->days;
    taken->category = NIVA_LOANED_OUT;
    return active_make(present->cover, present->cover_count, pair->holdings[side].day, pair->arena,
                       &taken->cover_count, &taken->cover);
}

static int leave_compare(const void *left, const void *right)
{
    const struct leave *a = left;
    const struct leave *b = right;

    return a->series->order < b->series->order ? -1 : a->series->order > b->series->order;
}

/* The absences that count on either day by either rule set, in the order of the record. */
static bool leaves_make(struct pair *pair, const struct niva_facts *facts)
{
    struct absence_book book;

    if (!absence_book_make(facts, pair->arena, &book))
        return false;
    pair->leaves = niva_arena_array(pair->arena, book.count, sizeof *pair->leaves);
    if (pair->leaves == NULL || !leaves_count(pair, &book, BEFORE) ||
        !leaves_count(pair, &book, AFTER))
        return false;
    for (size_t i = 0; i < book.count; i++) {
        struct leave *leave = &pair->leaves[i];
        if (!leave->counts[BEFORE][BEFORE] && !leave->counts[BEFORE][AFTER] &&
            !leave->counts[AFTER][BEFORE] && !leave->counts[AFTER][AFTER])
            continue;
        leave->series = &book.series[i];
        pair->leaves[pair->leave_count] = *leave;
        leave = &pair->leaves[pair->leave_count++];
        if (!leave_take(pair, leave, BEFORE) || !leave_take(pair, leave, AFTER))
            return false;
    }
    if (pair->leave_count > 1)
        qsort(pair->leaves, pair->leave_count, sizeof *pair->leaves, leave_compare);
    return true;
}

bool pair_make(const struct niva_facts *facts, niva_day day, struct niva_arena *arena,
               struct pair *ret_pair)
{
    struct pair pair = {.arena = arena, .days = {day, day + 1}};
    struct sources sources;

    if (!sources_make(facts, (struct niva_span){day - 1, day + 1}, arena, &sources) ||
        !holding_make(facts, &sources, day - 1, arena, &pair.holdings[BEFORE]) ||
        !holding_make(facts, &sources, day, arena, &pair.holdings[AFTER]) ||
        !leaves_make(&pair, facts))
        return false;
    pair.sides = niva_arena_array(arena, PARTS + pair.leave_count, sizeof *pair.sides);
    pair.mixed_absences = niva_arena_array(arena, pair.leave_count, sizeof *pair.mixed_absences);
    if (pair.sides == NULL || pair.mixed_absences == NULL)
        return false;
    *ret_pair = pair;
    return true;
}

/* ---- what differs ---- */

static bool positions_differ(const struct niva_position *list, size_t count, niva_day a, niva_day b)
{
    for (size_t i = 0; i < count; i++)
        if (span_holds(list[i].active, a) != span_holds(list[i].active, b))
            return true;
    return false;
}

static bool staff_differs(const struct holding *before, const struct holding *after)
{
    if (before->report != after->report || before->frozen != after->frozen ||
        before->erased != after->erased)
        return true;
    return after->report != NULL &&
           positions_differ(after->report->positions, after->report->position_count, before->day,
                            after->day);
}

static bool listings_differ(const struct holding *before, const struct holding *after)
{
    for (size_t i = 0; i <= NIVA_SAME_DAY; i++)
        if (before->listings[i] != after->listings[i])
            return true;
    return false;
}

static bool part_differs(const struct pair *pair, enum part part)
{
    const struct holding *before = &pair->holdings[BEFORE];
    const struct holding *after = &pair->holdings[AFTER];

    switch (part) {
    case OPENING:
        return before->open != after->open;
    case RULE_SET:
        return before->rule_set != after->rule_set;
    case CONTRACT:
        return before->contract != after->contract;
    case LISTING:
        return listings_differ(before, after);
    case STAFF:
        return staff_differs(before, after);
    case FINDING:
        return before->finding != after->finding;
    case DISPENSATION:
        return before->dispensation != after->dispensation;
    case PARTS:
        break;
    }
    return false;
}

static bool leave_differs(const struct pair *pair, const struct leave *leave)
{
    const struct niva_absence *present = leave->series->present;
    niva_day before = pair->holdings[BEFORE].day;
    niva_day after = pair->holdings[AFTER].day;

    for (int rule = BEFORE; rule < SIDES; rule++)
        if (leave->counts[rule][BEFORE] != leave->counts[rule][AFTER])
            return true;
    return positions_differ(present->cover, present->cover_count, before, after);
}

bool pair_differs(const struct pair *pair, size_t part)
{
    return part < PARTS ? part_differs(pair, (enum part)part)
                        : leave_differs(pair, &pair->leaves[part - PARTS]);
}

/* ---- a day mixed of the two ---- */

/* Facts of the one day, each made to hold on it and taken from the side that it has. */
struct mix {
    struct niva_rule_set rule_set;
    struct niva_contract contract;
    struct niva_listing listing;
    struct niva_finding finding;
    struct niva_frozen frozen;
    struct niva_dispensation dispensation;
    struct niva_report report;
    struct niva_facts facts;
};

static const struct holding *side_of(const struct pair *pair, enum part part)
{
    return &pair->holdings[pair->sides[part]];
}

static void mix_required(const struct pair *pair, struct mix *mix)
{
    const struct niva_rule_set *rule_set = side_of(pair, RULE_SET)->rule_set;
    const struct niva_contract *contract = side_of(pair, CONTRACT)->contract;
    const struct niva_listing *listing =
        rule_set == NULL ? NULL : side_of(pair, LISTING)->listings[rule_set->requirement.snapshot];

    if (rule_set != NULL) {
        mix->rule_set = *rule_set;
        mix->rule_set.version = 0;
        mix->rule_set.days = pair->days;
        mix->rule_set.counting.exempt = 0;
        mix->facts.rule_set_count = 1;
    }
    if (contract != NULL) {
        mix->contract = (struct niva_contract){.days = pair->days,
                                               .binding_from = NIVA_DAY_NONE,
                                               .minimum_milli = contract->minimum_milli};
        mix->facts.contract_count = 1;
    }
    if (listing != NULL) {
        mix->listing = *listing;
        mix->facts.listing_count = 1;
    }
}

static void mix_counted(const struct pair *pair, struct mix *mix)
{
    const struct holding *staff = side_of(pair, STAFF);
    const struct niva_finding *finding = side_of(pair, FINDING)->finding;
    enum side rule = pair->sides[RULE_SET];

    if (staff->report != NULL) {
        mix->report = staff->staff;
        mix->facts.report_count = 1;
    }
    if (staff->frozen != NULL) {
        mix->frozen = *staff->frozen;
        mix->frozen.days = pair->days;
        mix->facts.frozen_count = 1;
    }
    if (staff->erased)
        mix->facts.erased = pair->days;
    if (finding != NULL) {
        mix->finding = *finding;
        mix->finding.days = pair->days;
        mix->facts.finding_count = 1;
    }
    for (size_t i = 0; i < pair->leave_count; i++) {
        enum side side = pair->sides[PARTS + i];
        if (pair->leaves[i].counts[rule][side])
            pair->mixed_absences[mix->facts.absence_count++] = pair->leaves[i].taken[side];
    }
}

static void mix_make(const struct pair *pair, struct mix *mix)
{
    const struct niva_dispensation *dispensation = side_of(pair, DISPENSATION)->dispensation;

    mix->facts = (struct niva_facts){
        .known_at = INT64_MAX,
        .rule_sets = &mix->rule_set,
        .contracts = &mix->contract,
        .listings = &mix->listing,
        .reports = &mix->report,
        .absences = pair->mixed_absences,
        .dispensations = &mix->dispensation,
        .findings = &mix->finding,
        .frozen = &mix->frozen,
    };
    if (side_of(pair, OPENING)->open)
        mix->facts.open = pair->days;
    mix_required(pair, mix);
    mix_counted(pair, mix);
    if (dispensation != NULL) {
        mix->dispensation = *dispensation;
        mix->dispensation.days = pair->days;
        mix->dispensation.revoked_from = NIVA_DAY_NONE;
        mix->facts.dispensation_count = 1;
    }
}

bool pair_judge(const struct pair *pair, struct niva_arena *scratch, bool *ret_below,
                struct niva_error *err)
{
    struct niva_timeline timeline;
    struct mix mix;

    niva_arena_reset(scratch);
    mix_make(pair, &mix);
    if (!niva_timeline_compute(&mix.facts, pair->days, false, scratch, &timeline, err))
        return false;
    *ret_below = timeline.segments[0].status == NIVA_BELOW_MINIMUM;
    return true;
}
