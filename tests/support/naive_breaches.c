#include "tests/support/naive_breaches.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A maximal run of bad days. */
struct run {
    bool has[NAIVE_DAYS];
    int breach; /* the number of the breach that it is; 0: not known yet */
};

static bool is_candidate(const struct naive_breach *breach)
{
    return breach->state == NAIVE_OPEN || breach->state == NAIVE_CLOSED;
}

static int first_day(const struct naive_breach *breach)
{
    int day = 0;

    while (breach->behind[day] == 0)
        day++;
    return day;
}

static bool overlap(const struct run *run, const struct naive_breach *breach)
{
    for (int day = 0; day < NAIVE_DAYS; day++)
        if (run->has[day] && breach->behind[day] != 0)
            return true;
    return false;
}

static size_t runs_list(const int behind[NAIVE_DAYS], int today, struct run runs[NAIVE_DAYS])
{
    size_t count = 0;

    for (int day = 0; day <= today; day++) {
        if (behind[day] == 0)
            continue;
        if (day == 0 || behind[day - 1] == 0)
            runs[count++] = (struct run){0};
        runs[count - 1].has[day] = true;
    }
    return count;
}

static bool claimed(const struct run *runs, size_t run_count, int number)
{
    for (size_t i = 0; i < run_count; i++)
        if (runs[i].breach == number)
            return true;
    return false;
}

/* The unclaimed overlapping breach with the lowest first day, then opened first; 0: none. */
static int candidate_for(const struct naive_breaches *before, const struct run *runs,
                         size_t run_count, const struct run *run, struct naive_fates *fates)
{
    int best = 0;
    int choices = 0;
    bool taken = false;

    for (int number = 1; number <= before->count; number++) {
        const struct naive_breach *breach = &before->list[number];
        if (!is_candidate(breach) || !overlap(run, breach))
            continue;
        if (claimed(runs, run_count, number)) {
            taken = true;
            continue;
        }
        choices++;
        if (best == 0 || first_day(breach) < first_day(&before->list[best]))
            best = number;
    }
    fates->of_many += choices > 1;
    fates->split += best == 0 && taken;
    return best;
}

/* The withdrawn or merged breach whose days these were; of several the one opened last. */
static int old_one_of(const struct naive_breaches *before, const struct run *run)
{
    for (int number = before->count; number > 0; number--)
        if (!is_candidate(&before->list[number]) && overlap(run, &before->list[number]))
            return number;
    return 0;
}

static void days_take(struct naive_breach *breach, const struct run *run,
                      const int behind[NAIVE_DAYS], int today)
{
    for (int day = 0; day < NAIVE_DAYS; day++)
        breach->behind[day] = run->has[day] ? behind[day] : 0;
    breach->state = run->has[today] ? NAIVE_OPEN : NAIVE_CLOSED;
}

static void breach_open(struct naive_breaches *breaches, const struct naive_breaches *before,
                        struct run *run, const int behind[NAIVE_DAYS], struct naive_fates *fates)
{
    int old = old_one_of(before, run);

    if (breaches->count == NAIVE_BREACHES_MAX) {
        fprintf(stderr, "naive breaches: no room for more\n");
        abort();
    }
    run->breach = ++breaches->count;
    struct naive_breach *breach = &breaches->list[run->breach];
    *breach = (struct naive_breach){.version = 1, .returns_from = old};
    days_take(breach, run, behind, breaches->today);
    fates->opened++;
    fates->over_when_found += breach->state == NAIVE_CLOSED;
    fates->returned += old != 0;
    fates->returned_from_merged += old != 0 && before->list[old].state == NAIVE_MERGED;
}

static void breach_keep(struct naive_breach *breach, const struct run *run,
                        const int behind[NAIVE_DAYS], int today, struct naive_fates *fates)
{
    const struct naive_breach before = *breach;

    days_take(breach, run, behind, today);
    fates->kept++;
    fates->closed += before.state == NAIVE_OPEN && breach->state == NAIVE_CLOSED;
    fates->reopened += before.state == NAIVE_CLOSED && breach->state == NAIVE_OPEN;
    if (breach->state == before.state &&
        memcmp(breach->behind, before.behind, sizeof before.behind) == 0)
        return;
    breach->version++;
    fates->changed++;
}

/* What no run has taken is merged into the breach of the first run that it overlaps, or withdrawn.
 * It keeps the days that it had. */
static void breach_end(struct naive_breach *breach, const struct run *runs, size_t run_count,
                       struct naive_fates *fates)
{
    size_t i = 0;

    while (i < run_count && !overlap(&runs[i], breach))
        i++;
    breach->state = i < run_count ? NAIVE_MERGED : NAIVE_WITHDRAWN;
    breach->merged_into = i < run_count ? runs[i].breach : 0;
    breach->version++;
    fates->merged += i < run_count;
    fates->withdrawn += i == run_count;
}

void naive_breaches_day(struct naive_breaches *breaches)
{
    breaches->today++;
    assert(breaches->today < NAIVE_DAYS);
    for (int number = 1; number <= breaches->count; number++) {
        struct naive_breach *breach = &breaches->list[number];
        if (breach->state == NAIVE_OPEN)
            breach->behind[breaches->today] = breach->behind[breaches->today - 1];
    }
}

void naive_breaches_update(struct naive_breaches *breaches, const int behind[NAIVE_DAYS],
                           struct naive_fates *fates)
{
    static struct naive_breaches before;
    struct run runs[NAIVE_DAYS];
    size_t count = runs_list(behind, breaches->today, runs);

    before = *breaches;
    for (size_t i = 0; i < count; i++)
        runs[i].breach = candidate_for(&before, runs, i, &runs[i], fates);
    for (size_t i = 0; i < count; i++) {
        if (runs[i].breach == 0)
            breach_open(breaches, &before, &runs[i], behind, fates);
        else
            breach_keep(&breaches->list[runs[i].breach], &runs[i], behind, breaches->today, fates);
    }
    for (int number = 1; number <= before.count; number++)
        if (is_candidate(&before.list[number]) && !claimed(runs, count, number))
            breach_end(&breaches->list[number], runs, count, fates);
}

/* ---- as text ---- */

struct line {
    char *text;
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void line_add(struct line *line, const char *format,
                                                           ...)
{
    va_list arguments;
    int more;

    va_start(arguments, format);
    more = vsnprintf(line->text + line->length, NAIVE_TEXT - line->length, format, arguments);
    va_end(arguments);
    if (more < 0 || line->length + (size_t)more >= NAIVE_TEXT) {
        fprintf(stderr, "naive breaches: a line is too long\n");
        abort();
    }
    line->length += (size_t)more;
}

static const char *state_name(int state)
{
    static const char *const names[] = {"?", "OPEN", "CLOSED", "WITHDRAWN", "MERGED"};

    return names[state >= NAIVE_OPEN && state <= NAIVE_MERGED ? state : 0];
}

/* A last day of -1 is none. */
static void days_add(struct line *line, int first, int last)
{
    if (last < 0)
        line_add(line, " %d-", first);
    else
        line_add(line, " %d-%d", first, last);
}

static void names_add(struct line *line, int merged_into, int returns_from)
{
    if (merged_into != 0)
        line_add(line, " into %d", merged_into);
    if (returns_from != 0)
        line_add(line, " returns from %d", returns_from);
}

void naive_breach_print(const struct naive_breaches *breaches, int number,
                        char ret_text[NAIVE_TEXT])
{
    const struct naive_breach *breach = &breaches->list[number];
    struct line line = {ret_text, 0};
    int first = first_day(breach);
    int end = first;

    while (end < NAIVE_DAYS && breach->behind[end] != 0)
        end++;
    int last = breach->state == NAIVE_OPEN ? -1 : end - 1;
    line_add(&line, "%d v%d %s", number, breach->version, state_name((int)breach->state));
    days_add(&line, first, last);
    line_add(&line, " [");
    for (int day = first; day < end;) {
        int from = day;
        while (day < end && breach->behind[day] == breach->behind[from])
            day++;
        days_add(&line, from, day == end ? last : day - 1);
        line_add(&line, ":%d", breach->behind[from]);
    }
    line_add(&line, " ]");
    names_add(&line, breach->merged_into, breach->returns_from);
}

static int number_of(const char *id, size_t count, const char *const *ids)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(ids[i], id) == 0)
            return (int)i + 1;
    return id[0] == '\0' ? 0 : -1;
}

static int day_number(const char *text, niva_day zero)
{
    niva_day day;

    return niva_day_parse(text, &day) ? day - zero : -1;
}

void breach_print(const pb_breach *breach, niva_day zero, size_t count, const char *const *ids,
                  char ret_text[NAIVE_TEXT])
{
    struct line line = {ret_text, 0};

    line_add(&line, "%d v%d %s", number_of(breach->breach_id, count, ids), (int)breach->version,
             state_name((int)breach->state));
    days_add(&line, day_number(breach->first_day, zero), day_number(breach->last_day, zero));
    line_add(&line, " [");
    for (size_t i = 0; i < breach->n_segments; i++) {
        const pb_segment *segment = breach->segments[i];
        days_add(&line, day_number(segment->first_day, zero), day_number(segment->last_day, zero));
        line_add(&line, ":%d", (int)segment->shortfall_milli);
    }
    line_add(&line, " ]");
    names_add(&line, number_of(breach->merged_into, count, ids),
              number_of(breach->returns_from, count, ids));
}
