#include "services/compliance/follow_up_message.h"

#include "services/common/wire/wire.h"

typedef Niva__Compliance__V1__FollowUpRow pb_row;
typedef Niva__Compliance__V1__FollowUpDays pb_days;
typedef Niva__Compliance__V1__FollowUpReporting pb_reported;
typedef Niva__Compliance__V1__FollowUpBreaches pb_breaches;
typedef Niva__Compliance__V1__FollowUpRegulation pb_regulated;
typedef Niva__Compliance__V1__FollowUpRelief pb_relief;
typedef Niva__Compliance__V1__FollowUpFigure pb_figure;
typedef Niva__Compliance__V1__FollowUpDifference pb_difference;
typedef Niva__Compliance__V1__FollowUpRow__Hidden pb_hidden;

/* A row while it is written. */
struct writing {
    struct niva_arena *arena;
    const struct follow_period *period;
    const struct follow_hiding *hiding;
    const char *const *codes;
    size_t code_count;
    size_t row;
};

static pb_hidden hidden_of(enum follow_hidden hidden)
{
    switch (hidden) {
    case FOLLOW_FEW_UNITS:
        return NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__FEW_UNITS;
    case FOLLOW_COMPLEMENT:
        return NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__COMPLEMENT;
    case FOLLOW_FEW_LEFT_OUT:
        return NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__FEW_LEFT_OUT;
    case FOLLOW_SHOWN:
        break;
    }
    return NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__HIDDEN_UNSPECIFIED;
}

static int64_t open_days(const struct follow_cell *cell)
{
    int64_t days = 0;
    for (size_t status = 0; status < FOLLOW_STATUSES; status++)
        days += cell->days[status];
    return days;
}

static pb_days *days_message(const struct follow_cell *cell, struct niva_arena *arena)
{
    pb_days *days = niva_wire_new(&niva__compliance__v1__follow_up_days__descriptor, arena);
    if (days == NULL)
        return NULL;
    days->unit_days = open_days(cell);
    days->not_required = cell->days[NIVA_NOT_REQUIRED];
    days->no_requirement_basis = cell->days[NIVA_NO_REQUIREMENT_BASIS];
    days->no_report = cell->days[NIVA_NO_REPORT];
    days->met = cell->days[NIVA_MET];
    days->dispensed = cell->days[NIVA_DISPENSED];
    days->below_minimum = cell->days[NIVA_BELOW_MINIMUM];
    if (days->met + days->below_minimum == 0)
        return days;
    days->share_below_case = NIVA__COMPLIANCE__V1__FOLLOW_UP_DAYS__SHARE_BELOW_BELOW_PERMILLE;
    days->below_permille =
        (int32_t)follow_share(days->below_minimum, days->met + days->below_minimum, 1000);
    return days;
}

static pb_reported *reporting_message(struct follow_cell *cell, struct niva_arena *arena)
{
    pb_reported *reported =
        niva_wire_new(&niva__compliance__v1__follow_up_reporting__descriptor, arena);
    if (reported == NULL)
        return NULL;
    reported->changes = (int32_t)cell->receipt.count;
    if (cell->receipt.count > 0) {
        reported->receipt_case =
            NIVA__COMPLIANCE__V1__FOLLOW_UP_REPORTING__RECEIPT_RECEIPT_MEDIAN_MILLI;
        reported->receipt_median_milli = follow_median_milli(&cell->receipt);
    }
    reported->overdue_days = cell->overdue_days;
    if (open_days(cell) > 0) {
        reported->share_overdue_case =
            NIVA__COMPLIANCE__V1__FOLLOW_UP_REPORTING__SHARE_OVERDUE_OVERDUE_PERMILLE;
        reported->overdue_permille =
            (int32_t)follow_share(cell->overdue_days, open_days(cell), 1000);
    }
    return reported;
}

static pb_breaches *breaches_message(const struct follow_cell *cell, struct niva_arena *arena)
{
    pb_breaches *breaches =
        niva_wire_new(&niva__compliance__v1__follow_up_breaches__descriptor, arena);
    if (breaches == NULL)
        return NULL;
    breaches->breaches = cell->breaches;
    breaches->unable_to_recruit = cell->inability;
    if (cell->breaches > 0) {
        breaches->share_unable_case =
            NIVA__COMPLIANCE__V1__FOLLOW_UP_BREACHES__SHARE_UNABLE_UNABLE_PERMILLE;
        breaches->unable_permille = (int32_t)follow_share(cell->inability, cell->breaches, 1000);
    }
    return breaches;
}

/* ---- money ---- */

static bool relief_list(const struct follow_relief relief[FOLLOW_REASONS], struct niva_arena *arena,
                        size_t *ret_count, pb_relief ***ret_list)
{
    *ret_list = niva_arena_array(arena, FOLLOW_REASONS, sizeof **ret_list);
    if (*ret_list == NULL)
        return false;
    for (int reason = 0; reason < FOLLOW_REASONS; reason++) {
        if (relief[reason].lines == 0)
            continue;
        pb_relief *message =
            niva_wire_new(&niva__compliance__v1__follow_up_relief__descriptor, arena);
        if (message == NULL)
            return false;
        if (reason > 0)
            message->reason_code =
                (char *)(uintptr_t)protobuf_c_enum_descriptor_get_value(
                    &niva__compensation__v1__adjustment__reason_code__descriptor, reason)
                    ->name;
        message->lines = relief[reason].lines;
        message->ore = follow_share(relief[reason].ore, 1, 1);
        (*ret_list)[(*ret_count)++] = message;
    }
    return true;
}

static void shares_write(const struct writing *writing, const struct follow_cell *cell,
                         pb_regulated *regulated)
{
    const int32_t days = writing->period->ended_days;
    if (regulated->fixed_ore > 0) {
        regulated->share_decided_case =
            NIVA__COMPLIANCE__V1__FOLLOW_UP_REGULATION__SHARE_DECIDED_DECIDED_PPM;
        regulated->decided_ppm = follow_share(cell->decided_ore, regulated->fixed_ore, 1000000);
    }
    if (days > 0)
        regulated->listed_milli = follow_share(cell->listed_days, days, 1000);
    if (cell->listed_days > 0) {
        regulated->per_listed_case =
            NIVA__COMPLIANCE__V1__FOLLOW_UP_REGULATION__PER_LISTED_DECIDED_ORE_PER_1000_LISTED;
        regulated->decided_ore_per_1000_listed =
            follow_share(cell->decided_ore * days, cell->listed_days, 1000);
    }
}

static void medians_write(struct follow_cell *cell, pb_regulated *regulated)
{
    regulated->told_lines = (int32_t)cell->since_told.count;
    if (cell->since_told.count > 0) {
        regulated->since_told_case =
            NIVA__COMPLIANCE__V1__FOLLOW_UP_REGULATION__SINCE_TOLD_SINCE_TOLD_MEDIAN_MILLI;
        regulated->since_told_median_milli = follow_median_milli(&cell->since_told);
    }
    if (cell->since_month.count > 0) {
        regulated->since_month_case =
            NIVA__COMPLIANCE__V1__FOLLOW_UP_REGULATION__SINCE_MONTH_SINCE_MONTH_MEDIAN_MILLI;
        regulated->since_month_median_milli = follow_median_milli(&cell->since_month);
    }
}

static pb_regulated *regulation_message(const struct writing *writing, struct follow_cell *cell)
{
    pb_regulated *regulated =
        niva_wire_new(&niva__compliance__v1__follow_up_regulation__descriptor, writing->arena);
    if (regulated == NULL)
        return NULL;
    regulated->decided_lines = cell->decided_lines;
    regulated->decided_ore = follow_share(cell->decided_ore, 1, 1);
    regulated->proposed_lines = cell->proposed_lines;
    regulated->proposed_ore = follow_share(cell->proposed_ore, 1, 1);
    regulated->preliminary_ore = follow_share(cell->preliminary_ore, 1, 1);
    regulated->fixed_ore = follow_fixed_ore(cell);
    regulated->unlisted_days = cell->unlisted_days;
    shares_write(writing, cell, regulated);
    medians_write(cell, regulated);
    return relief_list(cell->waived, writing->arena, &regulated->n_waived, &regulated->waived) &&
                   relief_list(cell->revised, writing->arena, &regulated->n_revised,
                               &regulated->revised)
               ? regulated
               : NULL;
}

/* ---- indicators ---- */

static pb_difference *difference_message(const struct follow_difference *difference,
                                         enum follow_hidden hidden, struct niva_arena *arena)
{
    pb_difference *message =
        niva_wire_new(&niva__compliance__v1__follow_up_difference__descriptor, arena);
    if (message == NULL || difference->unit_months == 0)
        return message;
    message->hidden = hidden_of(hidden);
    if (hidden != FOLLOW_SHOWN)
        return message;
    message->units = difference->units.count;
    message->unit_months = difference->unit_months;
    message->change_case = NIVA__COMPLIANCE__V1__FOLLOW_UP_DIFFERENCE__CHANGE_MEAN_CHANGE_MILLI;
    message->mean_change_milli =
        follow_share(difference->milli - difference->before, difference->unit_months, 1);
    return message;
}

static bool figure_fill(const struct writing *writing, size_t code, pb_figure *message)
{
    const struct follow_figure *figure = &writing->period->cells[writing->row].figures[code];
    const struct follow_figure_hiding *hiding = &writing->hiding->figures[code];
    message->units = figure->units.count;
    message->unit_months = figure->unit_months;
    message->mean_milli = follow_share(figure->milli, figure->unit_months, 1);
    if (figure->listed > 0) {
        message->per_listed_case =
            NIVA__COMPLIANCE__V1__FOLLOW_UP_FIGURE__PER_LISTED_PER_1000_LISTED_MILLI;
        message->per_1000_listed_milli = follow_share(figure->listed_milli, figure->listed, 1000);
    }
    message->before =
        difference_message(&figure->differences[FOLLOW_BEFORE],
                           hiding->differences[FOLLOW_BEFORE][writing->row], writing->arena);
    message->year_before =
        difference_message(&figure->differences[FOLLOW_YEAR_BEFORE],
                           hiding->differences[FOLLOW_YEAR_BEFORE][writing->row], writing->arena);
    return message->before != NULL && message->year_before != NULL;
}

static bool figures_write(const struct writing *writing, pb_row *row)
{
    const struct follow_cell *cell = &writing->period->cells[writing->row];
    row->figures = niva_arena_array(writing->arena, writing->code_count, sizeof *row->figures);
    if (row->figures == NULL)
        return false;
    for (size_t code = 0; code < writing->code_count; code++) {
        const enum follow_hidden hidden = writing->hiding->figures[code].rows[writing->row];
        if (cell->figures[code].unit_months == 0)
            continue;
        pb_figure *message =
            niva_wire_new(&niva__compliance__v1__follow_up_figure__descriptor, writing->arena);
        if (message == NULL)
            return false;
        message->code = (char *)(uintptr_t)writing->codes[code];
        message->hidden = hidden_of(hidden);
        if (hidden == FOLLOW_SHOWN && !figure_fill(writing, code, message))
            return false;
        row->figures[row->n_figures++] = message;
    }
    return true;
}

/* ---- rows ---- */

/* NULL when the arena is out. */
static pb_row *row_message(const struct writing *writing, struct follow_cell *cell)
{
    pb_row *row = niva_wire_new(&niva__compliance__v1__follow_up_row__descriptor, writing->arena);
    if (row == NULL)
        return NULL;
    row->total = writing->row == FOLLOW_TOTAL;
    row->form = row->total ? 0 : (Niva__Intake__V1__Owner__Form)writing->row;
    row->hidden = hidden_of(writing->hiding->rows[writing->row]);
    if (writing->hiding->rows[writing->row] != FOLLOW_SHOWN)
        return row;
    row->units = cell->units.count;
    row->days = days_message(cell, writing->arena);
    row->reporting = reporting_message(cell, writing->arena);
    row->breaches = breaches_message(cell, writing->arena);
    row->regulation = regulation_message(writing, cell);
    return row->days != NULL && row->reporting != NULL && row->breaches != NULL &&
                   row->regulation != NULL && figures_write(writing, row)
               ? row
               : NULL;
}

static bool texts_write(const struct follow_period *period, pb_follow_period *message,
                        struct niva_arena *arena)
{
    char first[16];
    char last[16];
    char day[16] = "";
    niva_month_format(period->days.from, first);
    niva_month_format(period->days.until - 1, last);
    if (period->past.from < period->past.until)
        niva_day_format(period->past.until - 1, day);
    message->first_period = niva_arena_strdup(arena, first);
    message->last_period = niva_arena_strdup(arena, last);
    message->last_day = niva_arena_strdup(arena, day);
    return message->first_period != NULL && message->last_period != NULL &&
           message->last_day != NULL;
}

bool follow_period_message(struct follow_up *follow, size_t index, const char *const *codes,
                           int32_t least, struct niva_arena *arena, pb_follow_period **ret_message,
                           struct niva_error *err)
{
    static const size_t order[FOLLOW_ROWS] = {1, 2, 3, 0, FOLLOW_TOTAL};
    struct follow_period *period = &follow->periods[index];
    struct follow_hiding hiding;
    pb_follow_period *message =
        niva_wire_new(&niva__compliance__v1__follow_up_period__descriptor, arena);
    if (message == NULL || !texts_write(period, message, arena) ||
        (message->rows = niva_arena_array(arena, FOLLOW_ROWS, sizeof *message->rows)) == NULL)
        return niva_fail_memory(err);
    if (!follow_up_hide(follow, period, least, &hiding, err))
        return false;
    for (size_t i = 0; i < FOLLOW_ROWS; i++) {
        const struct writing writing = {.arena = arena,
                                        .period = period,
                                        .hiding = &hiding,
                                        .codes = codes,
                                        .code_count = follow->code_count,
                                        .row = order[i]};
        struct follow_cell *cell = &period->cells[order[i]];
        if (cell->units.count == 0 && order[i] != FOLLOW_TOTAL)
            continue;
        pb_row *row = row_message(&writing, cell);
        if (row == NULL)
            return niva_fail_memory(err);
        message->rows[message->n_rows++] = row;
    }
    *ret_message = message;
    return true;
}
