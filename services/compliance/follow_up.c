#include "services/compliance/follow_up.h"

#include <stdlib.h>
#include <string.h>

/* A unit while it is added. */
struct adding {
    struct follow_up *follow;
    const struct followed_unit *unit;
    size_t number; /* from 1 */
};

static struct niva_span common(struct niva_span a, struct niva_span b)
{
    return (struct niva_span){a.from > b.from ? a.from : b.from,
                              a.until < b.until ? a.until : b.until};
}

static int32_t length(struct niva_span span)
{
    return span.until > span.from ? span.until - span.from : 0;
}

/* ---- periods ---- */

static int32_t months_between(niva_day from, niva_day until)
{
    int first_year, first_month, last_year, last_month, day;
    niva_day_to_civil(from, &first_year, &first_month, &day);
    niva_day_to_civil(until, &last_year, &last_month, &day);
    return (last_year - first_year) * 12 + last_month - first_month;
}

/* The first day of the month so many months before that of a day. */
static niva_day month_before(niva_day day, int32_t months)
{
    int year, month, ignored;
    niva_day_to_civil(day, &year, &month, &ignored);
    int count = year * 12 + month - 1 - months;
    return niva_day_from_civil(count / 12, count % 12 + 1, 1);
}

static bool period_begin(struct follow_up *follow, struct niva_span days, struct niva_error *err)
{
    struct follow_period *period = &follow->periods[follow->period_count++];
    const niva_day tomorrow = follow->today + 1;
    const niva_day ended = niva_month_begin(tomorrow);
    *period = (struct follow_period){.days = days, .past = days};
    if (period->past.until > tomorrow)
        period->past.until = tomorrow > days.from ? tomorrow : days.from;
    period->ended_days =
        length((struct niva_span){days.from, days.until < ended ? days.until : ended});
    for (size_t row = 0; row < FOLLOW_ROWS; row++) {
        struct follow_figure **figures = &period->cells[row].figures;
        *figures = niva_arena_array(follow->arena, follow->code_count, sizeof **figures);
        if (*figures == NULL)
            return niva_fail_memory(err);
        if (follow->code_count > 0)
            memset(*figures, 0, follow->code_count * sizeof **figures);
    }
    return true;
}

bool follow_up_begin(struct follow_up *follow, struct niva_span months, bool monthly,
                     niva_day today, size_t code_count, struct niva_arena *arena,
                     struct niva_error *err)
{
    int32_t count = months_between(months.from, months.until);
    *follow = (struct follow_up){.arena = arena,
                                 .today = today,
                                 .period_months = monthly ? 1 : count,
                                 .code_count = code_count};
    follow->periods = niva_arena_array(arena, (size_t)count, sizeof *follow->periods);
    if (follow->periods == NULL)
        return niva_fail_memory(err);
    if (!monthly)
        return period_begin(follow, months, err);
    for (niva_day month = months.from; month < months.until; month = niva_month_next(month)) {
        if (!period_begin(follow, (struct niva_span){month, niva_month_next(month)}, err))
            return false;
    }
    return true;
}

niva_day follow_up_figures_from(const struct follow_up *follow)
{
    int32_t months = follow->period_months > 12 ? follow->period_months : 12;
    return month_before(follow->periods[0].days.from, months);
}

/* The period of a day; NULL: none. */
static struct follow_period *period_of(const struct follow_up *follow, niva_day day)
{
    size_t first = 0;
    size_t end = follow->period_count;
    while (first < end) {
        size_t middle = (first + end) / 2;
        struct follow_period *period = &follow->periods[middle];
        if (day >= period->days.from && day < period->days.until)
            return period;
        if (day < period->days.from)
            end = middle;
        else
            first = middle + 1;
    }
    return NULL;
}

/* ---- forms ---- */

/* The form of a day, and the first later day on which it may be another. */
static int form_on(const struct followed_unit *unit, niva_day day, niva_day *ret_until)
{
    int form = 0;
    size_t i = 0;
    for (; i < unit->tenure_count && unit->tenures[i].from <= day; i++)
        form = unit->tenures[i].form;
    *ret_until = i < unit->tenure_count ? unit->tenures[i].from : NIVA_DAY_END;
    return form;
}

/* The form to which a month belongs, that of its last open day; -1: the unit is not open in it. */
static int form_of_month(const struct followed_unit *unit, niva_day month)
{
    const struct niva_span days = {month, niva_month_next(month)};
    const struct niva_span open = common(unit->open, days);
    niva_day until;
    return open.from < open.until ? form_on(unit, open.until - 1, &until) : -1;
}

/* The two rows of a form. */
struct rows {
    struct follow_cell *cells[2];
};

static struct rows rows_of(struct follow_period *period, int form)
{
    return (struct rows){{&period->cells[form], &period->cells[FOLLOW_TOTAL]}};
}

/* The rows of a month; false where it is not followed. */
static bool rows_of_month(const struct adding *adding, niva_day month, struct rows *ret_rows)
{
    struct follow_period *period = period_of(adding->follow, month);
    int form = form_of_month(adding->unit, month);
    if (period == NULL || form < 0)
        return false;
    *ret_rows = rows_of(period, form);
    return true;
}

static void units_count(struct follow_units *units, size_t number)
{
    units->count += units->last != number;
    units->last = number;
}

static bool sample_add(const struct adding *adding, struct follow_samples *samples, int32_t value,
                       struct niva_error *err)
{
    if (samples->count == samples->capacity) {
        size_t capacity = samples->capacity > 0 ? 2 * samples->capacity : 16;
        int32_t *list = niva_arena_array(adding->follow->arena, capacity, sizeof *list);
        if (list == NULL)
            return niva_fail_memory(err);
        if (samples->count > 0)
            memcpy(list, samples->list, samples->count * sizeof *list);
        samples->list = list;
        samples->capacity = capacity;
    }
    samples->list[samples->count++] = value;
    return true;
}

/* ---- days ---- */

/* What a run of days adds to its rows. */
typedef void run_function(struct follow_cell *cell, struct niva_span days, const void *what);

/* Cuts a run where periods and forms change, and to the open days up to today. */
static void run_cut(const struct adding *adding, struct niva_span run, run_function *add,
                    const void *what)
{
    const struct niva_span past = {adding->follow->periods[0].past.from, adding->follow->today + 1};
    const struct niva_span open = common(common(run, adding->unit->open), past);
    for (niva_day day = open.from; day < open.until;) {
        struct follow_period *period = period_of(adding->follow, day);
        niva_day until;
        if (period == NULL)
            return;
        struct rows rows = rows_of(period, form_on(adding->unit, day, &until));
        const struct niva_span piece = common(
            (struct niva_span){day, open.until},
            (struct niva_span){day, until < period->days.until ? until : period->days.until});
        add(rows.cells[0], piece, what);
        add(rows.cells[1], piece, what);
        day = piece.until;
    }
}

static void days_add(struct follow_cell *cell, struct niva_span days, const void *what)
{
    const struct niva_segment *segment = what;
    cell->days[segment->status] += length(days);
}

static void overdue_add(struct follow_cell *cell, struct niva_span days, const void *what)
{
    (void)what;
    cell->overdue_days += length(days);
}

static void open_add(struct follow_cell *cell, struct niva_span days, const void *what)
{
    (void)days;
    units_count(&cell->units, ((const struct adding *)what)->number);
}

static void verdicts_add(const struct adding *adding)
{
    const struct niva_timeline *timeline = adding->unit->timeline;
    run_cut(adding, (struct niva_span){NIVA_DAY_MIN, NIVA_DAY_END}, open_add, adding);
    for (size_t i = 0; i < timeline->segment_count; i++)
        run_cut(adding, timeline->segments[i].days, days_add, &timeline->segments[i]);
    for (size_t i = 0; i < adding->unit->overdue_count; i++)
        run_cut(adding, adding->unit->overdue[i], overdue_add, NULL);
}

/* ---- reports and breaches ---- */

static bool changes_add(const struct adding *adding, struct niva_error *err)
{
    for (size_t i = 0; i < adding->unit->change_count; i++) {
        const struct followed_change *change = &adding->unit->changes[i];
        struct follow_period *period = period_of(adding->follow, change->effective);
        niva_day until;
        int32_t days = change->received - change->effective;
        if (period == NULL || change->effective >= period->past.until ||
            change->effective < adding->unit->open.from ||
            change->effective >= adding->unit->open.until)
            continue;
        struct rows rows = rows_of(period, form_on(adding->unit, change->effective, &until));
        for (size_t row = 0; row < 2; row++) {
            if (!sample_add(adding, &rows.cells[row]->receipt, days > 0 ? days : 0, err))
                return false;
        }
    }
    return true;
}

/* A breach counts once a period, under the form of its first day in it. */
static void breaches_add(const struct adding *adding)
{
    struct follow_up *follow = adding->follow;
    for (size_t i = 0; i < adding->unit->breach_count; i++) {
        const struct followed_breach *breach = &adding->unit->breaches[i];
        const struct niva_span open = common(breach->days, adding->unit->open);
        for (size_t p = 0; p < follow->period_count; p++) {
            const struct niva_span days = common(open, follow->periods[p].past);
            niva_day until;
            if (days.from >= days.until)
                continue;
            struct rows rows =
                rows_of(&follow->periods[p], form_on(adding->unit, days.from, &until));
            for (size_t row = 0; row < 2; row++) {
                rows.cells[row]->breaches++;
                rows.cells[row]->inability += breach->inability;
            }
        }
    }
}

/* ---- money ---- */

static bool decision_add(const struct adding *adding, const struct followed_line *line,
                         struct follow_cell *cell, struct niva_error *err)
{
    const follow_sum away = (follow_sum)line->computed_ore - line->deduction_ore;
    struct follow_relief *relief =
        line->state == FOLLOW_WAIVED ? &cell->waived[line->reason] : &cell->revised[line->reason];
    cell->decided_lines++;
    cell->decided_ore += line->deduction_ore;
    if (line->state == FOLLOW_WAIVED || away != 0) {
        relief->lines++;
        relief->ore += away;
    }
    if (line->told != NIVA_DAY_NONE &&
        !sample_add(adding, &cell->since_told, line->decided - line->told, err))
        return false;
    return sample_add(adding, &cell->since_month, line->decided - niva_month_next(line->month),
                      err);
}

static bool lines_add(const struct adding *adding, struct niva_error *err)
{
    for (size_t i = 0; i < adding->unit->line_count; i++) {
        const struct followed_line *line = &adding->unit->lines[i];
        struct rows rows;
        if (!rows_of_month(adding, line->month, &rows))
            continue;
        for (size_t row = 0; row < 2; row++) {
            struct follow_cell *cell = rows.cells[row];
            if (line->state == FOLLOW_PROPOSED) {
                cell->proposed_lines++;
                cell->proposed_ore += line->deduction_ore;
            } else if (!decision_add(adding, line, cell, err)) {
                return false;
            }
        }
    }
    return true;
}

/* The listing that holds on a day and the first later day on which another does; NULL: none. */
static const struct followed_listing *listing_on(const struct followed_unit *unit, niva_day day,
                                                 niva_day *ret_until)
{
    size_t first = 0;
    size_t end = unit->listing_count;
    while (first < end) {
        size_t middle = (first + end) / 2;
        if (unit->listings[middle].as_of <= day)
            first = middle + 1;
        else
            end = middle;
    }
    *ret_until = first < unit->listing_count ? unit->listings[first].as_of : NIVA_DAY_END;
    return first > 0 ? &unit->listings[first - 1] : NULL;
}

static void listed_add(const struct adding *adding, struct niva_span month, struct rows rows)
{
    const struct niva_span open = common(month, adding->unit->open);
    for (niva_day day = open.from; day < open.until;) {
        niva_day until;
        const struct followed_listing *listing = listing_on(adding->unit, day, &until);
        const niva_day end = until < open.until ? until : open.until;
        for (size_t row = 0; row < 2; row++) {
            if (listing != NULL)
                rows.cells[row]->listed_days += (follow_sum)listing->listed * (end - day);
            else
                rows.cells[row]->unlisted_days += end - day;
        }
        day = end;
    }
}

static void payments_add(const struct adding *adding)
{
    for (size_t i = 0; i < adding->unit->payment_count; i++) {
        const struct followed_payment *payment = &adding->unit->payments[i];
        const struct niva_span month = {payment->month, niva_month_next(payment->month)};
        const bool ended = month.until <= adding->follow->today;
        struct rows rows;
        if (!rows_of_month(adding, month.from, &rows))
            continue;
        for (size_t row = 0; row < 2; row++) {
            if (ended)
                rows.cells[row]->fixed_ore_days[length(month) - 28] += payment->ore_days;
            else
                rows.cells[row]->preliminary_ore += payment->preliminary_ore;
        }
    }
}

static void listings_add(const struct adding *adding)
{
    const struct follow_up *follow = adding->follow;
    const niva_day until = follow->periods[follow->period_count - 1].days.until;
    for (niva_day month = follow->periods[0].days.from; month < until;
         month = niva_month_next(month)) {
        const struct niva_span days = {month, niva_month_next(month)};
        struct rows rows;
        if (days.until > follow->today)
            return;
        if (rows_of_month(adding, month, &rows))
            listed_add(adding, days, rows);
    }
}

/* ---- figures ---- */

static int compare_figures(const void *left, const void *right)
{
    const struct followed_figure *a = left;
    const struct followed_figure *b = right;
    if (a->code != b->code)
        return a->code < b->code ? -1 : 1;
    return a->month < b->month ? -1 : a->month > b->month;
}

/* The unit's figure of a month; NULL: none. */
static const struct followed_figure *figure_find(const struct followed_unit *unit, size_t code,
                                                 niva_day month)
{
    const struct followed_figure key = {.code = code, .month = month};
    return unit->figure_count == 0
               ? NULL
               : bsearch(&key, unit->figures, unit->figure_count, sizeof key, compare_figures);
}

static int32_t months_against(const struct follow_up *follow, enum follow_against against)
{
    return against == FOLLOW_BEFORE ? follow->period_months : 12;
}

/* A figure beside the one so many months before: compared where the unit had the same form then. */
static void difference_add(const struct adding *adding, const struct followed_figure *figure,
                           enum follow_against against, struct follow_difference *difference)
{
    const struct followed_unit *unit = adding->unit;
    const niva_day then = month_before(figure->month, months_against(adding->follow, against));
    const struct followed_figure *before = figure_find(unit, figure->code, then);
    if (before == NULL || form_of_month(unit, then) != form_of_month(unit, figure->month)) {
        units_count(&difference->left_out, adding->number);
        return;
    }
    units_count(&difference->units, adding->number);
    difference->unit_months++;
    difference->milli += figure->value_milli;
    difference->before += before->value_milli;
}

static void figure_add(const struct adding *adding, const struct followed_figure *figure,
                       struct follow_figure *sum)
{
    niva_day until;
    const struct followed_listing *listing =
        listing_on(adding->unit, niva_month_next(figure->month) - 1, &until);
    units_count(&sum->units, adding->number);
    sum->unit_months++;
    sum->milli += figure->value_milli;
    if (listing != NULL) {
        sum->listed += listing->listed;
        sum->listed_milli += figure->value_milli;
    }
    for (int against = 0; against < FOLLOW_AGAINST; against++)
        difference_add(adding, figure, (enum follow_against)against, &sum->differences[against]);
}

/* The month so many months after. */
static niva_day month_after(niva_day month, int32_t months)
{
    return month_before(month, -months);
}

/* A figure of the months compared with that no figure stands against: its unit is left out. */
static void left_out_add(const struct adding *adding, const struct followed_figure *before)
{
    const int form = form_of_month(adding->unit, before->month);
    for (int against = 0; form >= 0 && against < FOLLOW_AGAINST; against++) {
        const niva_day now = month_after(
            before->month, months_against(adding->follow, (enum follow_against)against));
        struct follow_period *period = period_of(adding->follow, now);
        if (period == NULL || (figure_find(adding->unit, before->code, now) != NULL &&
                               form_of_month(adding->unit, now) == form))
            continue;
        struct rows rows = rows_of(period, form);
        for (size_t row = 0; row < 2; row++)
            units_count(&rows.cells[row]->figures[before->code].differences[against].left_out,
                        adding->number);
    }
}

static void figures_add(const struct adding *adding)
{
    for (size_t i = 0; i < adding->unit->figure_count; i++) {
        const struct followed_figure *figure = &adding->unit->figures[i];
        struct rows rows;
        left_out_add(adding, figure);
        if (!rows_of_month(adding, figure->month, &rows))
            continue;
        for (size_t row = 0; row < 2; row++)
            figure_add(adding, figure, &rows.cells[row]->figures[figure->code]);
    }
}

bool follow_up_add(struct follow_up *follow, const struct followed_unit *unit,
                   struct niva_error *err)
{
    const struct adding adding = {follow, unit, ++follow->unit_count};
    verdicts_add(&adding);
    breaches_add(&adding);
    payments_add(&adding);
    listings_add(&adding);
    figures_add(&adding);
    return changes_add(&adding, err) && lines_add(&adding, err);
}

/* ---- figures of rows ---- */

static int compare_samples(const void *left, const void *right)
{
    int32_t a = *(const int32_t *)left;
    int32_t b = *(const int32_t *)right;
    return a < b ? -1 : a > b;
}

int64_t follow_median_milli(struct follow_samples *samples)
{
    const size_t middle = samples->count / 2;
    qsort(samples->list, samples->count, sizeof *samples->list, compare_samples);
    if (samples->count % 2 == 1)
        return (int64_t)samples->list[middle] * 1000;
    return ((int64_t)samples->list[middle - 1] + samples->list[middle]) * 500;
}

/* Half away from zero; `by` > 0. */
static follow_sum divided(follow_sum value, follow_sum by)
{
    return value < 0 ? -((-value * 2 + by) / (2 * by)) : (value * 2 + by) / (2 * by);
}

static int64_t clamped(follow_sum value)
{
    return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

int64_t follow_share(follow_sum part, follow_sum whole, int64_t in)
{
    return clamped(divided(part * in, whole));
}

int64_t follow_fixed_ore(const struct follow_cell *cell)
{
    enum { EVERY_MONTH = 28 * 29 * 15 * 31 }; /* the least multiple of 28, 29, 30 and 31 */
    follow_sum parts = 0;
    for (int kind = 0; kind < FOLLOW_MONTH_KINDS; kind++)
        parts += cell->fixed_ore_days[kind] * (EVERY_MONTH / (28 + kind));
    return clamped(divided(parts, EVERY_MONTH));
}
