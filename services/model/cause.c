#include "services/model/cause.h"

#include "services/model/pair.h"
#include "services/model/record.h"

enum { SCRATCH_BYTES = 64 << 20 };

/* The parts of a pair of days that differ, as changes to weigh. */
struct weighing {
    struct pair pair;
    size_t change_count;
    size_t changes[NIVA_CHANGES_WEIGHED]; /* parts; an absence is PARTS + its index */
    bool together; /* the one absence among the changes stands for all that differ */
};

/* ---- which changes make a difference ---- */

static void changes_find(struct weighing *weighing)
{
    size_t all = PARTS + weighing->pair.leave_count;
    size_t differing = 0;

    for (size_t part = 0; part < all; part++)
        differing += pair_differs(&weighing->pair, part);
    weighing->together = differing > NIVA_CHANGES_WEIGHED;
    for (size_t part = 0; part < all; part++) {
        if (!pair_differs(&weighing->pair, part))
            continue;
        weighing->changes[weighing->change_count++] = part;
        if (part >= PARTS && weighing->together)
            break;
    }
}

static void change_set(struct weighing *weighing, size_t change, enum side side)
{
    enum side *sides = weighing->pair.sides;

    sides[change] = side;
    for (size_t i = 0; i < weighing->pair.leave_count; i++)
        if (weighing->together && change >= PARTS)
            sides[PARTS + i] = side;
}

/* Judges every combination of changes. `ret_matters`: those that make a difference, as a mask. */
static bool changes_weigh(struct weighing *weighing, struct niva_arena *scratch,
                          unsigned *ret_matters, struct niva_error *err)
{
    bool below[1 << NIVA_CHANGES_WEIGHED] = {false};
    unsigned all = (1U << weighing->change_count) - 1;
    unsigned matters = 0;

    for (unsigned mask = 0; mask <= all; mask++) {
        for (size_t i = 0; i < weighing->change_count; i++)
            change_set(weighing, weighing->changes[i], mask >> i & 1 ? AFTER : BEFORE);
        if (!pair_judge(&weighing->pair, scratch, &below[mask], err))
            return false;
        for (size_t i = 0; i < weighing->change_count && below[mask]; i++)
            if ((mask >> i & 1) != 0 && !below[mask & ~(1U << i)])
                matters |= 1U << i;
    }
    *ret_matters = !below[0] && below[all] ? matters : 0;
    return true;
}

/* ---- what they are called ---- */

static bool leave_begins(const struct leave *leave)
{
    return (!leave->counts[BEFORE][BEFORE] && leave->counts[BEFORE][AFTER]) ||
           (!leave->counts[AFTER][BEFORE] && leave->counts[AFTER][AFTER]);
}

/* Whether cover of the day before is gone, itself or with the absence. */
static bool leave_uncovers(const struct pair *pair, const struct leave *leave)
{
    const struct niva_absence *present = leave->series->present;
    bool ends = !leave->counts[AFTER][AFTER];

    for (size_t i = 0; i < present->cover_count; i++)
        if (span_holds(present->cover[i].active, pair->holdings[BEFORE].day) &&
            (ends || !span_holds(present->cover[i].active, pair->holdings[AFTER].day)))
            return true;
    return false;
}

static struct niva_cause absence_cause(const struct leave *leave)
{
    return (struct niva_cause){.kind = leave_begins(leave) ? NIVA_CAUSE_ABSENCE : NIVA_CAUSE_COVER,
                               .absence = leave->series->present};
}

static struct niva_cause contract_cause(const struct holding *before, const struct holding *after)
{
    const struct niva_contract *contract = after->contract;
    bool begins = contract != NULL &&
                  (contract->days.from == after->day || contract->binding_from == after->day);

    return begins
               ? (struct niva_cause){.kind = NIVA_CAUSE_CONTRACT, .contract = contract}
               : (struct niva_cause){.kind = NIVA_CAUSE_CONTRACT_END, .contract = before->contract};
}

static struct niva_cause finding_cause(const struct holding *before, const struct holding *after)
{
    const struct niva_finding *finding = after->finding;

    return finding != NULL && finding->days.from == after->day
               ? (struct niva_cause){.kind = NIVA_CAUSE_FINDING, .finding = finding}
               : (struct niva_cause){.kind = NIVA_CAUSE_FINDING_END, .finding = before->finding};
}

/* The listing by the rule set of the day, or by that of the day before where only it changes. */
static struct niva_cause listing_cause(const struct holding *before, const struct holding *after)
{
    enum niva_snapshot snapshot = after->rule_set->requirement.snapshot;

    if (before->listings[snapshot] == after->listings[snapshot] && before->rule_set != NULL)
        snapshot = before->rule_set->requirement.snapshot;
    return (struct niva_cause){.kind = NIVA_CAUSE_LISTING, .listing = after->listings[snapshot]};
}

static struct niva_cause staff_cause(const struct holding *before, const struct holding *after)
{
    bool same = before->report == after->report;

    return (struct niva_cause){.kind = same ? NIVA_CAUSE_POSITION : NIVA_CAUSE_REPORT,
                               .report = after->report};
}

static struct niva_cause part_cause(const struct pair *pair, enum part part)
{
    const struct holding *before = &pair->holdings[BEFORE];
    const struct holding *after = &pair->holdings[AFTER];

    switch (part) {
    case RULE_SET:
        return (struct niva_cause){.kind = NIVA_CAUSE_RULE_SET, .rule_set = after->rule_set};
    case CONTRACT:
        return contract_cause(before, after);
    case LISTING:
        return listing_cause(before, after);
    case STAFF:
        return staff_cause(before, after);
    case FINDING:
        return finding_cause(before, after);
    case DISPENSATION:
        return (struct niva_cause){.kind = NIVA_CAUSE_DISPENSATION,
                                   .dispensation = before->dispensation};
    case OPENING:
    case PARTS:
        break;
    }
    return (struct niva_cause){.kind = NIVA_CAUSE_OPENING};
}

struct causes {
    size_t count;
    struct niva_cause *list;
};

static void causes_add_absences(const struct pair *pair, struct causes *causes)
{
    for (size_t i = 0; i < pair->leave_count; i++) {
        const struct leave *leave = &pair->leaves[i];
        if (pair_differs(pair, PARTS + i) && (leave_begins(leave) || leave_uncovers(pair, leave)))
            causes->list[causes->count++] = absence_cause(leave);
    }
}

/* In order of kind; of one kind there are several absences only, which are in order already. */
static void causes_sort(struct causes *causes)
{
    for (size_t i = 1; i < causes->count; i++) {
        struct niva_cause cause = causes->list[i];
        size_t place = i;
        for (; place > 0 && causes->list[place - 1].kind > cause.kind; place--)
            causes->list[place] = causes->list[place - 1];
        causes->list[place] = cause;
    }
}

static bool causes_make(const struct weighing *weighing, unsigned matters,
                        struct causes *ret_causes)
{
    const struct pair *pair = &weighing->pair;
    struct causes causes = {
        .list = niva_arena_array(pair->arena, PARTS + pair->leave_count, sizeof *causes.list)};

    if (causes.list == NULL)
        return false;
    for (size_t i = 0; i < weighing->change_count; i++) {
        size_t change = weighing->changes[i];
        if ((matters >> i & 1) == 0)
            continue;
        if (change < PARTS)
            causes.list[causes.count++] = part_cause(pair, (enum part)change);
        else if (weighing->together)
            causes_add_absences(pair, &causes);
        else
            causes.list[causes.count++] = absence_cause(&pair->leaves[change - PARTS]);
    }
    causes_sort(&causes);
    *ret_causes = causes;
    return true;
}

bool niva_causes_find(const struct niva_facts *facts, niva_day day, struct niva_arena *arena,
                      size_t *ret_count, const struct niva_cause **ret_causes,
                      struct niva_error *err)
{
    struct weighing weighing = {0};
    struct niva_arena *scratch;
    struct causes causes;
    unsigned matters = 0;
    bool weighed;

    if (!pair_make(facts, day, arena, &weighing.pair))
        return arena_out(err);
    changes_find(&weighing);
    scratch = niva_arena_new(SCRATCH_BYTES);
    weighed = scratch != NULL ? changes_weigh(&weighing, scratch, &matters, err) : arena_out(err);
    niva_arena_free(scratch);
    if (!weighed)
        return false;
    if (!causes_make(&weighing, matters, &causes))
        return arena_out(err);
    *ret_count = causes.count;
    *ret_causes = causes.list;
    return true;
}
