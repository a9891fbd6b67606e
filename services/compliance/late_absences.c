/* ABSENCE_LATE and ABSENCE_PLAN_MISSING (model section 7): long absences that take the unit below
 * its contracted minimum, and were told of too late, or for which nothing is planned.
 *
 * The rule set in force on the first day of the absence decides. The absence is received when the
 * first version of the unbroken series of versions that expect it to be that long is, and it is
 * late by the present one; whether a plan is missing is judged day by day by the version that had
 * been received up to it. */
#include <string.h>

#include "services/compliance/runs.h"

enum { NOTICE_OVER_DAYS = 30 };

/* All versions of one absence, in the order of the record. */
struct versions {
    const char *id;
    size_t count;
    const struct niva_absence **facts;
    const pb_absence **messages;
    niva_day *received; /* local days */
};

struct absences {
    const struct dossier *dossier;
    struct breach_runs *runs;
    struct niva_facts contracted; /* the facts, with the contracted minimum as the requirement */
    struct niva_absence *scratch; /* room for all versions of all absences */
};

static int32_t notice_over(const pb_reporting *duties)
{
    return duties->absence_notice_over_days > 0 ? duties->absence_notice_over_days
                                                : NOTICE_OVER_DAYS;
}

/* ---- whether it takes the unit below ---- */

/* The contracted minimum takes the place of whatever is required, and no dispensation lowers it. */
static bool contracted_make(const struct dossier *dossier, struct niva_arena *arena,
                            struct niva_facts *ret_facts)
{
    struct niva_facts facts = dossier->facts;
    struct niva_rule_set *rule_sets =
        niva_arena_array(arena, facts.rule_set_count, sizeof *rule_sets);
    if (rule_sets == NULL)
        return false;
    for (size_t i = 0; i < facts.rule_set_count; i++) {
        rule_sets[i] = facts.rule_sets[i];
        rule_sets[i].requirement = (struct niva_requirement_rule){
            .kind = NIVA_REQUIRE_CONTRACTED,
            .rounding_step_milli = 1,
            .rounding_mode = NIVA_ROUND_HALF_UP,
            .snapshot = NIVA_PREVIOUS_MONTH,
        };
    }
    facts.rule_sets = rule_sets;
    facts.dispensation_count = 0;
    *ret_facts = facts;
    return true;
}

/* Which absences are left in: all, all but this one, this one, none. */
enum company { WITH_OTHERS, WITHOUT_IT, ALONE, NOBODY, COMPANIES };

/* The days of a version of an absence, as they would be in some company. */
static bool timeline_of(const struct absences *absences, const struct versions *versions,
                        size_t version, enum company company, struct niva_timeline *ret_timeline,
                        struct niva_error *err)
{
    const struct niva_facts *all = &absences->dossier->facts;
    const struct niva_absence *last = versions->facts[version];
    struct niva_facts facts = absences->contracted;
    facts.absence_count = 0;
    for (size_t i = 0; i < all->absence_count; i++) {
        const struct niva_absence *absence = &all->absences[i];
        bool own = strcmp(absences->dossier->absences[i]->absence_id, versions->id) == 0;
        bool kept = own ? (company == WITH_OTHERS || company == ALONE) && absence <= last
                        : company == WITH_OTHERS || company == WITHOUT_IT;
        if (kept)
            absences->scratch[facts.absence_count++] = *absence;
    }
    facts.absences = absences->scratch;
    return niva_timeline_compute(&facts, last->days, false, absences->runs->arena, ret_timeline,
                                 err);
}

/* Whether the unit is below on some day of a version, and would not be without it, or would be by
 * it alone: two absences that each suffice do not excuse each other. */
static bool takes_below(const struct absences *absences, const struct versions *versions,
                        size_t version, bool *ret_takes, struct niva_error *err)
{
    struct niva_timeline timelines[COMPANIES];
    const struct niva_segment *at[COMPANIES];
    niva_day until = versions->facts[version]->days.until;
    for (enum company i = WITH_OTHERS; i < COMPANIES; i++) {
        if (!timeline_of(absences, versions, version, i, &timelines[i], err))
            return false;
        at[i] = timelines[i].segments;
    }
    *ret_takes = false;
    for (niva_day next = until, day = at[0]->days.from; day < until; day = next, next = until) {
        bool below[COMPANIES];
        for (enum company i = WITH_OTHERS; i < COMPANIES; i++) {
            at[i] += at[i]->days.until <= day;
            below[i] = at[i]->status == NIVA_BELOW_MINIMUM;
            next = at[i]->days.until < next ? at[i]->days.until : next;
        }
        if (below[WITH_OTHERS] && (!below[WITHOUT_IT] || (below[ALONE] && !below[NOBODY]))) {
            *ret_takes = true;
            return true;
        }
    }
    return true;
}

/* ---- the two duties ---- */

/* When the series of versions that ends with this one was first received. */
static niva_day series_received(const struct versions *versions, size_t version, int32_t over,
                                niva_day *ret_since)
{
    size_t first = niva_absence_series(versions->facts, version + 1, over, ret_since);
    niva_day received = versions->received[first];
    for (size_t i = first + 1; i <= version; i++) {
        if (versions->received[i] < received)
            received = versions->received[i];
    }
    return received;
}

static bool late_judge(const struct absences *absences, const struct versions *versions,
                       struct niva_error *err)
{
    size_t present = versions->count - 1;
    const struct niva_absence *absence = versions->facts[present];
    const pb_reporting *duties = duties_on(absences->dossier, absence->days.from);
    if (duties == NULL || absence->cancelled || !niva_absence_exceeds(absence, notice_over(duties)))
        return true;
    niva_day since;
    niva_day received = series_received(versions, present, notice_over(duties), &since);
    struct breach_run run = {
        .kind = PB_ABSENCE_LATE,
        .subject = versions->id,
        .days = {since + duties->absence_within_days + 1, received + 1},
        .settled = true,
    };
    bool takes = false;
    if (run.days.from >= run.days.until)
        return true;
    if (!takes_below(absences, versions, present, &takes, err))
        return false;
    return !takes || breach_runs_add(absences->runs, absences->dossier, &run, err);
}

/* The days on which a version was the last that had been received. */
static struct niva_span version_held(const struct versions *versions, size_t version)
{
    struct niva_span held = {versions->received[version], NIVA_DAY_END};
    for (size_t i = version + 1; i < versions->count; i++) {
        if (versions->received[i] < held.until)
            held.until = versions->received[i];
    }
    return held;
}

/* The days on which a version left a plan missing, if it takes the unit below. */
static struct niva_span plan_missing(const struct absences *absences,
                                     const struct versions *versions, size_t version)
{
    const struct niva_absence *absence = versions->facts[version];
    const pb_reporting *duties = duties_on(absences->dossier, absence->days.from);
    struct niva_span days = version_held(versions, version);
    niva_day since;
    if (duties == NULL || absence->cancelled || absence->cover_count > 0 ||
        versions->messages[version]->plan_note[0] != '\0' ||
        !niva_absence_exceeds(absence, notice_over(duties)))
        return (struct niva_span){0, 0};
    niva_day first = series_received(versions, version, notice_over(duties), &since) +
                     duties->plan_within_days + 1;
    days.from = first > days.from ? first : days.from;
    days.until = absence->days.until < days.until ? absence->days.until : days.until;
    return days;
}

/* Lengthens the last run of the absence, or adds one. */
static bool missing_add(const struct absences *absences, const struct versions *versions,
                        struct niva_span days, struct niva_error *err)
{
    struct breach_runs *runs = absences->runs;
    struct breach_run *last = runs->count > 0 ? &runs->list[runs->count - 1] : NULL;
    const struct breach_run run = {
        .kind = PB_ABSENCE_PLAN_MISSING, .subject = versions->id, .days = days};
    if (last == NULL || last->kind != run.kind || strcmp(last->subject, run.subject) != 0 ||
        last->days.until != days.from)
        return breach_runs_add(runs, absences->dossier, &run, err);
    niva_day closes = absences->dossier->facts.open.until;
    last->days.until = days.until < closes ? days.until : closes;
    return true;
}

static bool missing_judge(const struct absences *absences, const struct versions *versions,
                          struct niva_error *err)
{
    for (size_t i = 0; i < versions->count; i++) {
        struct niva_span days = plan_missing(absences, versions, i);
        bool takes = false;
        if (days.from >= days.until)
            continue;
        if (!takes_below(absences, versions, i, &takes, err) ||
            (takes && !missing_add(absences, versions, days, err)))
            return false;
    }
    return true;
}

/* ---- all absences ---- */

/* An absence that began on erased days: on them what it took away can't be told from the rest. */
static bool begins_erased(const struct absences *absences, const struct versions *versions)
{
    const struct niva_span *erased = &absences->dossier->facts.erased;
    for (size_t i = 0; i < versions->count; i++) {
        niva_day from = versions->facts[i]->days.from;
        if (from >= erased->from && from < erased->until)
            return true;
    }
    return false;
}

static bool absence_close(struct breach_runs *runs, const char *absence_id, struct niva_error *err)
{
    return breach_runs_close(runs, PB_ABSENCE_LATE, absence_id, err) &&
           breach_runs_close(runs, PB_ABSENCE_PLAN_MISSING, absence_id, err);
}

static bool absence_judge(const struct absences *absences, const struct versions *versions,
                          struct niva_error *err)
{
    if (begins_erased(absences, versions))
        return absence_close(absences->runs, versions->id, err);
    return late_judge(absences, versions, err) && missing_judge(absences, versions, err);
}

/* Gathers the versions of the absence whose first one has this index; false where it is a later
 * one of another. */
static bool versions_gather(const struct absences *absences, size_t index,
                            struct versions *versions)
{
    const struct niva_facts *facts = &absences->dossier->facts;
    versions->id = absences->dossier->absences[index]->absence_id;
    versions->count = 0;
    for (size_t i = 0; i < facts->absence_count; i++) {
        const pb_absence *message = absences->dossier->absences[i];
        if (strcmp(message->absence_id, versions->id) != 0)
            continue;
        if (i < index)
            return false;
        versions->facts[versions->count] = &facts->absences[i];
        versions->messages[versions->count] = message;
        versions->received[versions->count++] =
            received_on(message->received_at, message->recorded_at);
    }
    return true;
}

bool late_absences_find(const struct dossier *dossier, struct breach_runs *runs,
                        struct niva_error *err)
{
    size_t most = dossier->facts.absence_count;
    struct versions versions = {
        .facts = niva_arena_array(runs->arena, most, sizeof(const struct niva_absence *)),
        .messages = niva_arena_array(runs->arena, most, sizeof(const pb_absence *)),
        .received = niva_arena_array(runs->arena, most, sizeof(niva_day)),
    };
    struct absences absences = {
        .dossier = dossier,
        .runs = runs,
        .scratch = niva_arena_array(runs->arena, most, sizeof(struct niva_absence)),
    };
    if (versions.facts == NULL || versions.messages == NULL || versions.received == NULL ||
        absences.scratch == NULL || !contracted_make(dossier, runs->arena, &absences.contracted))
        return niva_fail_memory(err);
    for (size_t i = 0; i < most; i++) {
        if (versions_gather(&absences, i, &versions) && !absence_judge(&absences, &versions, err))
            return false;
    }
    for (size_t i = 0; i < dossier->erased_absence_count; i++) {
        if (!absence_close(runs, dossier->erased_absences[i], err))
            return false;
    }
    return true;
}
