/* Follow-up counted by runs, against the same counted day by day; and what is hidden, against who
 * subtracts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/compliance/follow_up.h"
#include "tests/support/random_facts.h"

enum { WORLDS = 60, UNITS = 9, CODES = 2, ARENA_BYTES = 64 << 20, LISTS = 40 };

static struct random_source source;
static struct niva_arena *arena;
static niva_day first_month; /* of what is drawn */

static int32_t draw(int32_t least, int32_t most)
{
    return random_in(&source, least, most);
}

/* ---- units ---- */

/* A unit with room for everything. */
struct drawn {
    struct followed_unit unit;
    struct niva_timeline timeline;
    struct niva_segment segments[LISTS];
    struct followed_tenure tenures[3];
    struct niva_span overdue[LISTS];
    struct followed_change changes[LISTS];
    struct followed_breach breaches[LISTS];
    struct followed_listing listings[LISTS];
    struct followed_line lines[LISTS];
    struct followed_payment payments[LISTS];
    struct followed_figure figures[2 * LISTS];
};

static niva_day some_day(void)
{
    return first_month + draw(-40, 500);
}

static niva_day some_month(void)
{
    return niva_month_begin(first_month + draw(0, 330));
}

static void days_draw(struct drawn *drawn)
{
    niva_day day = first_month;
    while (drawn->timeline.segment_count < LISTS - 1 && day < first_month + 420) {
        const niva_day next = day + draw(1, 60);
        drawn->segments[drawn->timeline.segment_count++] = (struct niva_segment){
            .days = {day, next}, .status = (enum niva_status)draw(1, NIVA_BELOW_MINIMUM)};
        day = next;
    }
    drawn->segments[drawn->timeline.segment_count++] =
        (struct niva_segment){.days = {day, first_month + 5000}, .status = NIVA_MET};
    drawn->timeline.segments = drawn->segments;
    for (day = first_month + draw(-30, 30); drawn->unit.overdue_count < 8; day += draw(1, 60)) {
        const niva_day end = day + draw(1, 40);
        drawn->overdue[drawn->unit.overdue_count++] = (struct niva_span){day, end};
        day = end;
    }
}

static void facts_draw(struct drawn *drawn)
{
    struct followed_unit *unit = &drawn->unit;
    for (niva_day day = first_month - draw(0, 100); unit->tenure_count < 3; day += draw(1, 200))
        drawn->tenures[unit->tenure_count++] = (struct followed_tenure){day, draw(1, 3)};
    for (; unit->change_count < 6; unit->change_count++) {
        const niva_day day = some_day();
        drawn->changes[unit->change_count] = (struct followed_change){day, day + draw(-9, 60)};
    }
    for (; unit->breach_count < 4; unit->breach_count++) {
        const niva_day day = some_day();
        drawn->breaches[unit->breach_count] = (struct followed_breach){
            {day, random_once_in(&source, 4) ? NIVA_DAY_END : day + draw(1, 90)},
            random_once_in(&source, 2)};
    }
    for (niva_day day = some_day(); unit->listing_count < 8; day += draw(1, 50))
        drawn->listings[unit->listing_count++] = (struct followed_listing){day, draw(0, 9000)};
}

static void money_draw(struct drawn *drawn)
{
    struct followed_unit *unit = &drawn->unit;
    for (; unit->line_count < 10; unit->line_count++) {
        struct followed_line *line = &drawn->lines[unit->line_count];
        *line = (struct followed_line){.month = some_month(),
                                       .state = (enum follow_line)draw(0, 2),
                                       .computed_ore = draw(-1000, 1000000),
                                       .reason = draw(0, FOLLOW_REASONS - 1),
                                       .told = some_day(),
                                       .decided = some_day()};
        line->deduction_ore = line->state == FOLLOW_WAIVED ? 0
                              : random_once_in(&source, 3) ? line->computed_ore / 2
                                                           : line->computed_ore;
        if (random_once_in(&source, 3))
            line->told = NIVA_DAY_NONE;
    }
    for (niva_day month = first_month; unit->payment_count < 14; month = niva_month_next(month))
        drawn->payments[unit->payment_count++] =
            (struct followed_payment){month, draw(0, 100000000), draw(0, 5000)};
    for (size_t code = 0; code < CODES; code++) {
        niva_day month = niva_month_begin(first_month - 400);
        for (; month < first_month + 300; month = niva_month_next(month)) {
            if (!random_once_in(&source, 5))
                drawn->figures[unit->figure_count++] =
                    (struct followed_figure){code, month, draw(-50, 900000)};
        }
    }
}

static void unit_draw(struct drawn *drawn)
{
    *drawn = (struct drawn){0};
    struct followed_unit *unit = &drawn->unit;
    unit->open = (struct niva_span){random_once_in(&source, 3) ? some_day() : NIVA_DAY_MIN,
                                    random_once_in(&source, 4) ? some_day() : NIVA_DAY_END};
    days_draw(drawn);
    facts_draw(drawn);
    money_draw(drawn);
    unit->timeline = &drawn->timeline;
    unit->tenures = drawn->tenures;
    unit->overdue = drawn->overdue;
    unit->changes = drawn->changes;
    unit->breaches = drawn->breaches;
    unit->listings = drawn->listings;
    unit->lines = drawn->lines;
    unit->payments = drawn->payments;
    unit->figures = drawn->figures;
}

/* ---- the same, day by day ---- */

static int naive_form(const struct followed_unit *unit, niva_day day)
{
    int form = 0;
    for (size_t i = 0; i < unit->tenure_count; i++)
        form = unit->tenures[i].from <= day ? unit->tenures[i].form : form;
    return form;
}

static bool is_open(const struct followed_unit *unit, niva_day day)
{
    return day >= unit->open.from && day < unit->open.until;
}

/* Whether a day belongs to a row. */
static bool in_row(const struct followed_unit *unit, niva_day day, int row)
{
    return is_open(unit, day) && (row == FOLLOW_TOTAL || naive_form(unit, day) == row);
}

/* The month's last open day; NIVA_DAY_NONE: none. */
static niva_day last_open(const struct followed_unit *unit, niva_day month)
{
    niva_day found = NIVA_DAY_NONE;
    for (niva_day day = month; day < niva_month_next(month); day++)
        found = is_open(unit, day) ? day : found;
    return found;
}

static bool month_in_row(const struct followed_unit *unit, niva_day month, int row)
{
    const niva_day day = last_open(unit, month);
    return day != NIVA_DAY_NONE && in_row(unit, day, row);
}

static int32_t naive_listed(const struct followed_unit *unit, niva_day day)
{
    int32_t listed = -1;
    for (size_t i = 0; i < unit->listing_count; i++)
        listed = unit->listings[i].as_of <= day ? unit->listings[i].listed : listed;
    return listed;
}

static void naive_days(const struct follow_period *period, const struct drawn *drawn,
                       niva_day today, int row, struct follow_cell *cell)
{
    const struct followed_unit *unit = &drawn->unit;
    bool seen = false;
    for (niva_day day = period->days.from; day < period->days.until; day++) {
        const bool ended = niva_month_next(day) <= today;
        if (day <= today && in_row(unit, day, row)) {
            seen = true;
            for (size_t i = 0; i < drawn->timeline.segment_count; i++)
                if (day >= drawn->segments[i].days.from && day < drawn->segments[i].days.until)
                    cell->days[drawn->segments[i].status]++;
            for (size_t i = 0; i < unit->overdue_count; i++)
                cell->overdue_days += day >= unit->overdue[i].from && day < unit->overdue[i].until;
            for (size_t i = 0; i < unit->change_count; i++)
                cell->receipt.count += unit->changes[i].effective == day;
        }
        if (ended && is_open(unit, day) && month_in_row(unit, niva_month_begin(day), row)) {
            if (naive_listed(unit, day) >= 0)
                cell->listed_days += naive_listed(unit, day);
            else
                cell->unlisted_days++;
        }
    }
    cell->units.count += seen;
}

static void naive_breaches(const struct follow_period *period, const struct followed_unit *unit,
                           niva_day today, int row, struct follow_cell *cell)
{
    for (size_t i = 0; i < unit->breach_count; i++) {
        const struct followed_breach *breach = &unit->breaches[i];
        for (niva_day day = period->days.from; day < period->days.until && day <= today; day++) {
            if (!is_open(unit, day) || day < breach->days.from || day >= breach->days.until)
                continue;
            if (in_row(unit, day, row)) {
                cell->breaches++;
                cell->inability += breach->inability;
            }
            break;
        }
    }
}

static bool month_in(const struct follow_period *period, niva_day month)
{
    return month >= period->days.from && month < period->days.until;
}

static void naive_money(const struct follow_period *period, const struct followed_unit *unit,
                        niva_day today, int row, struct follow_cell *cell)
{
    for (size_t i = 0; i < unit->line_count; i++) {
        const struct followed_line *line = &unit->lines[i];
        const int64_t away = line->computed_ore - line->deduction_ore;
        if (!month_in(period, line->month) || !month_in_row(unit, line->month, row))
            continue;
        if (line->state == FOLLOW_PROPOSED) {
            cell->proposed_lines++;
            cell->proposed_ore += line->deduction_ore;
            continue;
        }
        cell->decided_lines++;
        cell->decided_ore += line->deduction_ore;
        cell->since_told.count += line->told != NIVA_DAY_NONE;
        cell->since_month.count++;
        if (line->state == FOLLOW_WAIVED) {
            cell->waived[line->reason].lines++;
            cell->waived[line->reason].ore += away;
        } else if (away != 0) {
            cell->revised[line->reason].lines++;
            cell->revised[line->reason].ore += away;
        }
    }
    for (size_t i = 0; i < unit->payment_count; i++) {
        const struct followed_payment *payment = &unit->payments[i];
        const niva_day next = niva_month_next(payment->month);
        if (!month_in(period, payment->month) || !month_in_row(unit, payment->month, row))
            continue;
        if (next <= today)
            cell->fixed_ore_days[next - payment->month - 28] += payment->ore_days;
        else
            cell->preliminary_ore += payment->preliminary_ore;
    }
}

static niva_day months_later(niva_day month, int months)
{
    for (; months > 0; months--)
        month = niva_month_next(month);
    for (; months < 0; months++)
        month = niva_month_begin(month - 1);
    return month;
}

/* The figure of a month under a form (-1: whatever form); false: none. */
static bool naive_figure(const struct followed_unit *unit, size_t code, niva_day month, int form,
                         int64_t *ret_milli)
{
    const niva_day open = last_open(unit, month);
    if (open == NIVA_DAY_NONE || (form >= 0 && naive_form(unit, open) != form))
        return false;
    for (size_t i = 0; i < unit->figure_count; i++) {
        if (unit->figures[i].code != code || unit->figures[i].month != month)
            continue;
        *ret_milli = unit->figures[i].value_milli;
        return true;
    }
    return false;
}

/* What of the unit is compared, and whether anything of either side is not. */
static void naive_difference(const struct follow_period *period, const struct followed_unit *unit,
                             size_t code, int row, int months, struct follow_difference *difference)
{
    bool compared = false;
    bool left_out = false;
    for (niva_day month = period->days.from; month < period->days.until;
         month = niva_month_next(month)) {
        for (int form = 0; form < FOLLOW_FORMS; form++) {
            int64_t now = 0;
            int64_t before = 0;
            const bool has = naive_figure(unit, code, month, form, &now);
            const bool had = naive_figure(unit, code, months_later(month, -months), form, &before);
            if (row != FOLLOW_TOTAL && row != form)
                continue;
            left_out |= has != had;
            if (!has || !had)
                continue;
            compared = true;
            difference->unit_months++;
            difference->milli += now;
            difference->before += before;
        }
    }
    difference->units.count += compared;
    difference->left_out.count += left_out;
}

static void naive_figures(const struct follow_period *period, const struct followed_unit *unit,
                          int row, int months, struct follow_cell *cell)
{
    for (size_t code = 0; code < CODES; code++) {
        struct follow_figure *figure = &cell->figures[code];
        const int64_t before = figure->unit_months;
        for (niva_day month = period->days.from; month < period->days.until;
             month = niva_month_next(month)) {
            int64_t milli;
            if (!naive_figure(unit, code, month, row == FOLLOW_TOTAL ? -1 : row, &milli))
                continue;
            const int32_t listed = naive_listed(unit, niva_month_next(month) - 1);
            figure->unit_months++;
            figure->milli += milli;
            figure->listed += listed >= 0 ? listed : 0;
            figure->listed_milli += listed >= 0 ? milli : 0;
        }
        figure->units.count += figure->unit_months > before;
        naive_difference(period, unit, code, row, months, &figure->differences[FOLLOW_BEFORE]);
        naive_difference(period, unit, code, row, 12, &figure->differences[FOLLOW_YEAR_BEFORE]);
    }
}

static void assert_difference(const struct follow_difference *expected,
                              const struct follow_difference *actual)
{
    assert_int_equal(expected->units.count, actual->units.count);
    assert_int_equal(expected->left_out.count, actual->left_out.count);
    assert_int_equal(expected->unit_months, actual->unit_months);
    assert_true(expected->milli == actual->milli);
    assert_true(expected->before == actual->before);
}

static void assert_cell(const struct follow_cell *expected, const struct follow_cell *actual)
{
    assert_int_equal(expected->units.count, actual->units.count);
    assert_memory_equal(expected->days, actual->days, sizeof expected->days);
    assert_int_equal(expected->overdue_days, actual->overdue_days);
    assert_int_equal(expected->receipt.count, actual->receipt.count);
    assert_int_equal(expected->breaches, actual->breaches);
    assert_int_equal(expected->inability, actual->inability);
    assert_memory_equal(expected->fixed_ore_days, actual->fixed_ore_days,
                        sizeof expected->fixed_ore_days);
    assert_true(expected->listed_days == actual->listed_days);
    assert_int_equal(expected->unlisted_days, actual->unlisted_days);
    assert_true(expected->decided_ore == actual->decided_ore);
    assert_true(expected->proposed_ore == actual->proposed_ore);
    assert_true(expected->preliminary_ore == actual->preliminary_ore);
    assert_int_equal(expected->decided_lines, actual->decided_lines);
    assert_int_equal(expected->proposed_lines, actual->proposed_lines);
    for (int reason = 0; reason < FOLLOW_REASONS; reason++) {
        assert_int_equal(expected->waived[reason].lines, actual->waived[reason].lines);
        assert_true(expected->waived[reason].ore == actual->waived[reason].ore);
        assert_int_equal(expected->revised[reason].lines, actual->revised[reason].lines);
        assert_true(expected->revised[reason].ore == actual->revised[reason].ore);
    }
    assert_int_equal(expected->since_told.count, actual->since_told.count);
    assert_int_equal(expected->since_month.count, actual->since_month.count);
    for (size_t code = 0; code < CODES; code++) {
        const struct follow_figure *a = &expected->figures[code];
        const struct follow_figure *b = &actual->figures[code];
        assert_int_equal(a->units.count, b->units.count);
        assert_int_equal(a->unit_months, b->unit_months);
        assert_true(a->milli == b->milli);
        assert_int_equal(a->listed, b->listed);
        assert_true(a->listed_milli == b->listed_milli);
        for (int against = 0; against < FOLLOW_AGAINST; against++)
            assert_difference(&a->differences[against], &b->differences[against]);
    }
}

/* ---- worlds ---- */

struct world {
    struct follow_up follow;
    struct drawn units[UNITS];
};

static struct world world;

static void world_draw(void)
{
    const bool monthly = random_once_in(&source, 2);
    struct niva_error err;
    first_month = niva_month_begin(19000 + draw(-4000, 4000));
    const struct niva_span months = {first_month, months_later(first_month, draw(1, 7))};
    niva_arena_reset(arena);
    assert_true(follow_up_begin(&world.follow, months, monthly, first_month + draw(-20, 260), CODES,
                                arena, &err));
    for (size_t i = 0; i < UNITS; i++) {
        unit_draw(&world.units[i]);
        assert_true(follow_up_add(&world.follow, &world.units[i].unit, &err));
    }
}

static void runs_count_what_days_count(void **state)
{
    (void)state;
    for (int count = 0; count < WORLDS; count++) {
        world_draw();
        for (size_t p = 0; p < world.follow.period_count; p++) {
            const struct follow_period *period = &world.follow.periods[p];
            for (int row = 0; row < FOLLOW_ROWS; row++) {
                struct follow_figure figures[CODES] = {0};
                struct follow_cell cell = {.figures = figures};
                for (size_t i = 0; i < UNITS; i++) {
                    const struct followed_unit *unit = &world.units[i].unit;
                    naive_days(period, &world.units[i], world.follow.today, row, &cell);
                    naive_breaches(period, unit, world.follow.today, row, &cell);
                    naive_money(period, unit, world.follow.today, row, &cell);
                    naive_figures(period, unit, row, world.follow.period_months, &cell);
                }
                assert_cell(&cell, &period->cells[row]);
            }
        }
    }
}

/* ---- what is hidden ---- */

/* The least number of units behind what a reader can compute: any row that is hidden, alone, or all
 * that are hidden together as the total less those shown. */
static void nothing_follows(const int32_t units[FOLLOW_ROWS],
                            const enum follow_hidden rows[FOLLOW_ROWS], int32_t least)
{
    int hidden = 0;
    int32_t together = units[FOLLOW_TOTAL];
    for (int row = 0; row < FOLLOW_FORMS; row++) {
        if (rows[row] == FOLLOW_SHOWN)
            assert_true(units[row] == 0 || units[row] >= least);
        if (rows[row] == FOLLOW_SHOWN)
            together -= units[row];
        hidden += units[row] > 0 && rows[row] != FOLLOW_SHOWN;
    }
    if (rows[FOLLOW_TOTAL] != FOLLOW_SHOWN || hidden == 0)
        return;
    assert_true(hidden >= 2);
    assert_true(together >= least);
}

static void no_hidden_row_follows_from_those_shown(void **state)
{
    (void)state;
    bool hid_total = false;
    bool hid_complement = false;
    bool hid_nothing = false;
    for (int count = 0; count < 20000; count++) {
        const int32_t least = draw(3, 8);
        int32_t units[FOLLOW_ROWS] = {0};
        enum follow_hidden rows[FOLLOW_ROWS] = {0};
        for (int row = 0; row < FOLLOW_FORMS; row++) {
            units[row] = random_once_in(&source, 3) ? 0 : draw(0, 15);
            units[FOLLOW_TOTAL] += units[row];
        }
        follow_rows_hide(units, least, rows);
        nothing_follows(units, rows, least);
        hid_total |= rows[FOLLOW_TOTAL] != FOLLOW_SHOWN;
        bool any = false;
        for (int row = 0; row < FOLLOW_FORMS; row++) {
            hid_complement |= rows[row] == FOLLOW_COMPLEMENT;
            any |= rows[row] != FOLLOW_SHOWN;
        }
        hid_nothing |= !any;
    }
    assert_true(hid_total && hid_complement && hid_nothing);
}

static void figures_are_hidden_where_rows_are(void **state)
{
    (void)state;
    size_t left_out = 0;
    for (int count = 0; count < WORLDS; count++) {
        struct niva_error err;
        world_draw();
        const int32_t least = draw(3, 5);
        for (size_t p = 0; p < world.follow.period_count; p++) {
            const struct follow_period *period = &world.follow.periods[p];
            struct follow_hiding hiding;
            assert_true(follow_up_hide(&world.follow, period, least, &hiding, &err));
            for (size_t code = 0; code < CODES; code++) {
                const struct follow_figure_hiding *figure = &hiding.figures[code];
                for (int row = 0; row < FOLLOW_ROWS; row++) {
                    const struct follow_figure *sum = &period->cells[row].figures[code];
                    if (hiding.rows[row] != FOLLOW_SHOWN)
                        assert_int_not_equal(figure->rows[row], FOLLOW_SHOWN);
                    for (int against = 0; against < FOLLOW_AGAINST; against++) {
                        const struct follow_difference *difference = &sum->differences[against];
                        const int32_t out = difference->left_out.count;
                        if (figure->rows[row] != FOLLOW_SHOWN)
                            assert_int_not_equal(figure->differences[against][row], FOLLOW_SHOWN);
                        if (figure->differences[against][row] != FOLLOW_SHOWN)
                            left_out += figure->differences[against][row] == FOLLOW_FEW_LEFT_OUT;
                        else
                            assert_true(
                                difference->units.count == 0 ||
                                (difference->units.count >= least && (out == 0 || out >= least)));
                    }
                }
            }
        }
    }
    assert_true(left_out > 0);
}

/* ---- figures ---- */

static void medians_and_shares_are_exact(void **state)
{
    (void)state;
    struct follow_samples odd = {3, 3, (int32_t[]){9, 1, 4}};
    struct follow_samples even = {4, 4, (int32_t[]){9, 1, 4, 5}};
    struct follow_cell cell = {.fixed_ore_days = {28, 0, 45, 31}};
    assert_int_equal(follow_median_milli(&odd), 4000);
    assert_int_equal(follow_median_milli(&even), 4500);
    assert_int_equal(follow_share(1, 2, 1), 1);
    assert_int_equal(follow_share(-1, 2, 1), -1);
    assert_int_equal(follow_share(1, 3, 1000), 333);
    assert_int_equal(follow_share(2, 3, 1000), 667);
    assert_true(follow_share((follow_sum)INT64_MAX * 1000, 1, 1) == INT64_MAX);
    /* 1 + 1,5 + 1 */
    assert_int_equal(follow_fixed_ore(&cell), 4);
}

static int open_arena(void **state)
{
    (void)state;
    source = random_seed(20220623);
    arena = niva_arena_new(ARENA_BYTES);
    return arena == NULL;
}

static int close_arena(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_count_what_days_count),
        cmocka_unit_test(no_hidden_row_follows_from_those_shown),
        cmocka_unit_test(figures_are_hidden_where_rows_are),
        cmocka_unit_test(medians_and_shares_are_exact),
    };
    int failed = cmocka_run_group_tests(tests, open_arena, close_arena);
    return failed ? 1 : 0;
}
