/* REPORT_LATE (model section 7): reports that told a change too late.
 *
 * A report and its corrections are one: judged once, as the one that stands says it, under the id
 * of the first. What it says was received when the first of them came that gave the same effective
 * day or the same positions: a correction that changes only one of the two mends an error of what
 * was told, one that changes both tells something else. What stood on the effective day is what
 * stands now of the reports that were recorded before the first of them. */
#include <stdlib.h>
#include <string.h>

#include "services/compliance/runs.h"

/* The positions of a report that stand on a day and after it. */
struct staffing {
    niva_day day;
    size_t count;
    const struct niva_position **positions; /* in order of key */
};

static int compare_positions(const void *left, const void *right)
{
    const struct niva_position *a = *(const struct niva_position *const *)left;
    const struct niva_position *b = *(const struct niva_position *const *)right;
    int order = strcmp(a->key, b->key);
    if (order != 0)
        return order;
    return a->active.from < b->active.from ? -1 : a->active.from > b->active.from;
}

static bool staffing_make(const struct niva_report *report, niva_day day, struct niva_arena *arena,
                          struct staffing *ret_staffing)
{
    struct staffing staffing = {
        .day = day,
        .positions =
            niva_arena_array(arena, report->position_count, sizeof(const struct niva_position *))};
    if (staffing.positions == NULL)
        return false;
    for (size_t i = 0; i < report->position_count; i++) {
        if (report->positions[i].active.until > day)
            staffing.positions[staffing.count++] = &report->positions[i];
    }
    if (staffing.count > 1)
        qsort(staffing.positions, staffing.count, sizeof *staffing.positions, compare_positions);
    *ret_staffing = staffing;
    return true;
}

/* Alike from the day on. */
static bool positions_alike(const struct niva_position *a, const struct niva_position *b,
                            niva_day day)
{
    niva_day a_from = a->active.from > day ? a->active.from : day;
    niva_day b_from = b->active.from > day ? b->active.from : day;
    return strcmp(a->key, b->key) == 0 && strcmp(a->title_code, b->title_code) == 0 &&
           a->employment == b->employment && a->fte_milli == b->fte_milli &&
           a->licensed == b->licensed && a_from == b_from && a->active.until == b->active.until;
}

/* Whether two reports say the same of a day and those after it, in whatever order. */
static bool staffing_same(const struct niva_report *left, const struct niva_report *right,
                          niva_day day, struct niva_arena *arena, bool *ret_same,
                          struct niva_error *err)
{
    struct staffing a;
    struct staffing b;
    if (!staffing_make(left, day, arena, &a) || !staffing_make(right, day, arena, &b))
        return niva_fail_memory(err);
    *ret_same = a.count == b.count;
    for (size_t i = 0; *ret_same && i < a.count; i++)
        *ret_same = positions_alike(a.positions[i], b.positions[i], day);
    return true;
}

/* The local day on which what a report says was received: by itself, or by what it mends. */
static bool told_on(const struct reporting *reporting, const struct filing *filing,
                    struct niva_arena *arena, niva_day *ret_day, struct niva_error *err)
{
    niva_day told = filing->received;
    size_t at = filing->corrects;
    for (size_t steps = reporting->filing_count; at != NIVA_NO_INDEX && steps > 0; steps--) {
        const struct filing *earlier = &reporting->filings[at];
        niva_day later =
            earlier->effective > filing->effective ? earlier->effective : filing->effective;
        bool same = earlier->effective == filing->effective;
        if (!same &&
            !staffing_same(earlier->filed->fact, filing->filed->fact, later, arena, &same, err))
            return false;
        if (same && !earlier->filed->withdrawn && earlier->received < told)
            told = earlier->received;
        at = earlier->corrects;
    }
    *ret_day = told;
    return true;
}

/* The report that stood on the effective day of another one before that came; NULL: none. */
static const struct filing *stood_before(const struct reporting *reporting,
                                         const struct filing *filing)
{
    const struct filing *best = NULL;
    for (size_t i = 0; i < reporting->filing_count; i++) {
        const struct filing *other = &reporting->filings[i];
        if (filing_stands(other) && other->root < filing->root &&
            other->effective <= filing->effective &&
            (best == NULL || other->effective >= best->effective))
            best = other;
    }
    return best;
}

/* Whether positions that a judgement compares are erased: its own, those of what it corrects, those
 * of what stood before. */
static bool rests_on_erased(const struct reporting *reporting, const struct filing *filing)
{
    const struct filing *before = stood_before(reporting, filing);
    size_t at = filing->corrects;
    if (filing->filed->fact->erased || (before != NULL && before->filed->fact->erased))
        return true;
    for (size_t steps = reporting->filing_count; at != NIVA_NO_INDEX && steps > 0; steps--) {
        if (reporting->filings[at].filed->fact->erased)
            return true;
        at = reporting->filings[at].corrects;
    }
    return false;
}

/* Whether a report says what stood on its effective day already. */
static bool says_the_same(const struct reporting *reporting, const struct filing *filing,
                          struct niva_arena *arena, bool *ret_same, struct niva_error *err)
{
    const struct filing *before = stood_before(reporting, filing);
    *ret_same = false;
    return before == NULL || staffing_same(before->filed->fact, filing->filed->fact,
                                           filing->effective, arena, ret_same, err);
}

static const char *root_id(const struct reporting *reporting, const struct filing *filing)
{
    return reporting->filings[filing->root].filed->message->report_id;
}

static bool late_judge(const struct reporting *reporting, const struct filing *filing,
                       struct breach_runs *runs, struct niva_error *err)
{
    if (rests_on_erased(reporting, filing))
        return breach_runs_close(runs, PB_REPORT_LATE, root_id(reporting, filing), err);
    const pb_reporting *duties = duties_on(reporting->dossier, filing->effective);
    if (duties == NULL)
        return true;
    niva_day first_late = filing->effective + duties->change_within_days + 1;
    niva_day told = filing->received;
    bool same;
    if (told < first_late)
        return true;
    if (!told_on(reporting, filing, runs->arena, &told, err))
        return false;
    if (told < first_late)
        return true;
    if (!says_the_same(reporting, filing, runs->arena, &same, err))
        return false;
    const struct breach_run run = {
        .kind = PB_REPORT_LATE,
        .subject = root_id(reporting, filing),
        .days = {first_late, told + 1},
        .settled = true,
    };
    return same || breach_runs_add(runs, reporting->dossier, &run, err);
}

bool late_reports_find(const struct reporting *reporting, struct breach_runs *runs,
                       struct niva_error *err)
{
    for (size_t i = 0; i < reporting->filing_count; i++) {
        if (filing_stands(&reporting->filings[i]) &&
            !late_judge(reporting, &reporting->filings[i], runs, err))
            return false;
    }
    return true;
}

bool reported_changes_find(const struct reporting *reporting, struct niva_arena *arena,
                           size_t *ret_count, const struct reported_change **ret_changes,
                           struct niva_error *err)
{
    struct reported_change *changes =
        niva_arena_array(arena, reporting->filing_count, sizeof *changes);
    size_t count = 0;
    if (changes == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < reporting->filing_count; i++) {
        const struct filing *filing = &reporting->filings[i];
        niva_day told;
        bool same;
        if (!filing_stands(filing) || rests_on_erased(reporting, filing))
            continue;
        if (!says_the_same(reporting, filing, arena, &same, err) ||
            !told_on(reporting, filing, arena, &told, err))
            return false;
        if (!same)
            changes[count++] = (struct reported_change){filing->effective, told};
    }
    *ret_count = count;
    *ret_changes = changes;
    return true;
}
