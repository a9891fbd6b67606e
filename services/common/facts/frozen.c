#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/facts/read.h"
#include "services/common/wire/wire.h"

typedef Niva__Compliance__V1__FrozenGroup FrozenGroup;
typedef Niva__Compliance__V1__FrozenRun FrozenRun;

/* Runs on their way to facts. */
struct thawing {
    struct niva_check check;
    struct niva_arena *arena;
    struct niva_facts *facts;
    struct niva_frozen *frozen;
    size_t count;
    size_t erased_report_count;
    struct niva_report *erased_reports;
    size_t erased_absence_count;
    struct niva_absence *erased_absences;
};

static const struct niva_report *report_of(struct thawing *thawing, const char *id)
{
    const struct niva_facts *facts = thawing->facts;

    for (size_t i = facts->report_count; i > 0; i--)
        if (facts->reports[i - 1].id != NULL && strcmp(facts->reports[i - 1].id, id) == 0)
            return &facts->reports[i - 1];
    for (size_t i = 0; i < thawing->erased_report_count; i++)
        if (strcmp(thawing->erased_reports[i].id, id) == 0)
            return &thawing->erased_reports[i];
    struct niva_report *erased = &thawing->erased_reports[thawing->erased_report_count++];
    *erased = (struct niva_report){.id = id, .erased = true};
    return erased;
}

/* Versions of an absence lie in the order of the record: the last is the present one. */
static const struct niva_absence *absence_of(struct thawing *thawing, const char *id)
{
    const struct niva_facts *facts = thawing->facts;

    for (size_t i = facts->absence_count; i > 0; i--)
        if (facts->absences[i - 1].id != NULL && strcmp(facts->absences[i - 1].id, id) == 0)
            return &facts->absences[i - 1];
    for (size_t i = 0; i < thawing->erased_absence_count; i++)
        if (strcmp(thawing->erased_absences[i].id, id) == 0)
            return &thawing->erased_absences[i];
    struct niva_absence *erased = &thawing->erased_absences[thawing->erased_absence_count++];
    *erased = (struct niva_absence){.id = id};
    return erased;
}

static bool run_read(struct thawing *thawing, const FrozenRun *run)
{
    const struct niva_absence **absences =
        niva_arena_array(thawing->arena, run->n_absence_ids, sizeof(const struct niva_absence *));

    if (absences == NULL)
        return false;
    for (size_t i = 0; i < run->n_absence_ids; i++)
        absences[i] = absence_of(thawing, run->absence_ids[i]);
    thawing->frozen[thawing->count++] = (struct niva_frozen){
        .days = read_span(&thawing->check, run->first_day, run->last_day),
        .counted_milli = run->counted_milli,
        .report = report_of(thawing, run->report_id),
        .recorded_at = INT64_MIN,
        .absence_count = run->n_absence_ids,
        .absences = absences,
    };
    return true;
}

static bool thawing_begin(struct thawing *thawing, FrozenGroup *const *groups, size_t count)
{
    size_t runs = 0;
    size_t absences = 0;

    for (size_t i = 0; i < count; i++) {
        runs += groups[i]->n_runs;
        for (size_t k = 0; k < groups[i]->n_runs; k++)
            absences += groups[i]->runs[k]->n_absence_ids;
    }
    thawing->frozen = niva_arena_array(thawing->arena, runs, sizeof *thawing->frozen);
    thawing->erased_reports =
        niva_arena_array(thawing->arena, runs, sizeof *thawing->erased_reports);
    thawing->erased_absences =
        niva_arena_array(thawing->arena, absences, sizeof *thawing->erased_absences);
    return thawing->frozen != NULL && thawing->erased_reports != NULL &&
           thawing->erased_absences != NULL;
}

static bool group_read(struct thawing *thawing, const FrozenGroup *group)
{
    struct niva_span *erased = &thawing->facts->erased;
    niva_day until = NIVA_DAY_NONE;

    if (niva_check_day(&thawing->check, "erased_until", group->erased_until, true, &until) &&
        (erased->from == erased->until || until > erased->until))
        *erased = (struct niva_span){NIVA_DAY_NONE, until};
    for (size_t i = 0; i < group->n_runs; i++) {
        size_t mark = niva_check_enter(&thawing->check, "runs", (long)i);
        if (!run_read(thawing, group->runs[i]))
            return false;
        niva_check_leave(&thawing->check, mark);
    }
    return true;
}

bool niva_facts_frozen(FrozenGroup *const *groups, size_t count, struct niva_arena *arena,
                       struct niva_facts *facts, struct niva_error *err)
{
    struct thawing thawing = {.arena = arena, .facts = facts};

    niva_check_begin(&thawing.check, err);
    if (!thawing_begin(&thawing, groups, count))
        return facts_out(err);
    for (size_t i = 0; i < count; i++) {
        size_t mark = niva_check_enter(&thawing.check, "frozen", (long)i);
        if (!group_read(&thawing, groups[i]))
            return facts_out(err);
        niva_check_leave(&thawing.check, mark);
    }
    facts->frozen_count = thawing.count;
    facts->frozen = thawing.frozen;
    return niva_check_end(&thawing.check);
}

FrozenRun *niva_frozen_message(const struct niva_frozen *frozen, struct niva_arena *arena)
{
    FrozenRun *run = niva_wire_new(&niva__compliance__v1__frozen_run__descriptor, arena);
    char text[16];

    if (run == NULL)
        return NULL;
    niva_day_format(frozen->days.from, text);
    run->first_day = niva_arena_strdup(arena, text);
    niva_day_format(frozen->days.until - 1, text);
    run->last_day = niva_arena_strdup(arena, text);
    run->absence_ids = niva_arena_array(arena, frozen->absence_count, sizeof *run->absence_ids);
    if (run->first_day == NULL || run->last_day == NULL || run->absence_ids == NULL)
        return NULL;
    run->counted_milli = frozen->counted_milli;
    run->report_id = (char *)(uintptr_t)frozen->report->id;
    run->n_absence_ids = frozen->absence_count;
    for (size_t i = 0; i < frozen->absence_count; i++)
        run->absence_ids[i] = (char *)(uintptr_t)frozen->absences[i]->id;
    return run;
}
