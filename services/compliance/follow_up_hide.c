/* What of a follow-up is hidden. A row of few units is; and since rows add up to the total, what is
 * hidden must not follow from what is shown: the rows that are hidden together must be several, and
 * of enough units together, or the total goes too. */
#include "services/compliance/follow_up.h"

/* How many units stand behind the hidden rows together, at least: one that has had several forms is
 * in several rows. */
static int32_t hidden_units(const int32_t units[FOLLOW_ROWS],
                            const enum follow_hidden rows[FOLLOW_ROWS])
{
    int32_t most = 0;
    int32_t shown = 0;
    for (int form = 0; form < FOLLOW_FORMS; form++) {
        if (rows[form] == FOLLOW_SHOWN)
            shown += units[form];
        else if (units[form] > most)
            most = units[form];
    }
    return units[FOLLOW_TOTAL] - shown > most ? units[FOLLOW_TOTAL] - shown : most;
}

static int hidden_rows(const int32_t units[FOLLOW_ROWS], const enum follow_hidden rows[FOLLOW_ROWS])
{
    int count = 0;
    for (int form = 0; form < FOLLOW_FORMS; form++)
        count += units[form] > 0 && rows[form] != FOLLOW_SHOWN;
    return count;
}

/* The shown row of the fewest units; -1: none. */
static int smallest_shown(const int32_t units[FOLLOW_ROWS],
                          const enum follow_hidden rows[FOLLOW_ROWS])
{
    int found = -1;
    for (int form = 0; form < FOLLOW_FORMS; form++) {
        if (units[form] > 0 && rows[form] == FOLLOW_SHOWN &&
            (found < 0 || units[form] < units[found]))
            found = form;
    }
    return found;
}

void follow_rows_hide(const int32_t units[FOLLOW_ROWS], int32_t least,
                      enum follow_hidden rows[FOLLOW_ROWS])
{
    for (int row = 0; row < FOLLOW_ROWS; row++) {
        if (rows[row] == FOLLOW_SHOWN && units[row] > 0 && units[row] < least)
            rows[row] = FOLLOW_FEW_UNITS;
    }
    while (hidden_rows(units, rows) > 0 && rows[FOLLOW_TOTAL] == FOLLOW_SHOWN &&
           (hidden_rows(units, rows) == 1 || hidden_units(units, rows) < least)) {
        int next = smallest_shown(units, rows);
        rows[next < 0 ? FOLLOW_TOTAL : next] = FOLLOW_COMPLEMENT;
    }
}

/* A difference beside the sums of the months that it compares would tell what the units have that
 * were left out of it, where they are few; so would the total beside the other rows. */
static void differences_hide(const struct follow_period *period, size_t code,
                             enum follow_against against, int32_t least,
                             enum follow_hidden rows[FOLLOW_ROWS])
{
    int32_t units[FOLLOW_ROWS];
    bool few = false;
    for (int row = 0; row < FOLLOW_ROWS; row++) {
        const struct follow_difference *difference =
            &period->cells[row].figures[code].differences[against];
        const int32_t left_out = difference->left_out.count;
        units[row] = difference->units.count;
        if (left_out == 0 || left_out >= least || units[row] == 0)
            continue;
        few = true;
        if (rows[row] == FOLLOW_SHOWN)
            rows[row] = FOLLOW_FEW_LEFT_OUT;
    }
    if (few && units[FOLLOW_TOTAL] > 0 && rows[FOLLOW_TOTAL] == FOLLOW_SHOWN)
        rows[FOLLOW_TOTAL] = FOLLOW_FEW_LEFT_OUT;
    follow_rows_hide(units, least, rows);
}

static void figure_hide(const struct follow_period *period, size_t code, int32_t least,
                        const enum follow_hidden rows[FOLLOW_ROWS],
                        struct follow_figure_hiding *hiding)
{
    int32_t units[FOLLOW_ROWS];
    for (int row = 0; row < FOLLOW_ROWS; row++) {
        hiding->rows[row] = rows[row];
        units[row] = period->cells[row].figures[code].units.count;
    }
    follow_rows_hide(units, least, hiding->rows);
    for (int against = 0; against < FOLLOW_AGAINST; against++) {
        for (int row = 0; row < FOLLOW_ROWS; row++)
            hiding->differences[against][row] = hiding->rows[row];
        differences_hide(period, code, (enum follow_against)against, least,
                         hiding->differences[against]);
    }
}

bool follow_up_hide(const struct follow_up *follow, const struct follow_period *period,
                    int32_t least, struct follow_hiding *ret_hiding, struct niva_error *err)
{
    struct follow_hiding hiding = {
        .figures = niva_arena_array(follow->arena, follow->code_count, sizeof *hiding.figures)};
    int32_t units[FOLLOW_ROWS];
    if (hiding.figures == NULL)
        return niva_fail_memory(err);
    for (int row = 0; row < FOLLOW_ROWS; row++)
        units[row] = period->cells[row].units.count;
    follow_rows_hide(units, least, hiding.rows);
    for (size_t code = 0; code < follow->code_count; code++)
        figure_hide(period, code, least, hiding.rows, &hiding.figures[code]);
    *ret_hiding = hiding;
    return true;
}
