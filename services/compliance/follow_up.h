/* Follow-up: what units were and did, period by period, under the operating form that each had on
 * each day. All forms are counted by one rule, nothing is put in order by a figure. Sums are exact;
 * the cost follows the number of runs, not of days. Pure: no I/O, no clock. */
#ifndef NIVA_COMPLIANCE_FOLLOW_UP_H
#define NIVA_COMPLIANCE_FOLLOW_UP_H

#include "services/common/base/arena.h"
#include "services/model/timeline.h"

enum {
    FOLLOW_FORMS = 4, /* 0: a day without a known owner; the others have the numbers of the proto */
    FOLLOW_TOTAL = FOLLOW_FORMS, /* the row of all forms */
    FOLLOW_ROWS = FOLLOW_FORMS + 1,
    FOLLOW_REASONS = 11, /* Adjustment.ReasonCode */
    FOLLOW_STATUSES = NIVA_BELOW_MINIMUM + 1,
    FOLLOW_MONTH_KINDS = 4, /* of 28, 29, 30 and 31 days */
};

/* With what a figure is compared: the same number of months right before, or twelve months before.
 */
enum follow_against { FOLLOW_BEFORE, FOLLOW_YEAR_BEFORE, FOLLOW_AGAINST };

__extension__ typedef __int128 follow_sum;

/* ---- what is known of one unit ---- */

/* From a day on the unit has this form, until the next one. */
struct followed_tenure {
    niva_day from;
    int form;
};

/* A change of staffing that was reported. */
struct followed_change {
    niva_day effective;
    niva_day received;
};

struct followed_breach {
    struct niva_span days; /* up to today */
    bool inability;        /* the unit said in its dialogue that it cannot recruit */
};

struct followed_listing {
    niva_day as_of;
    int32_t listed;
};

enum follow_line { FOLLOW_PROPOSED, FOLLOW_DECIDED, FOLLOW_WAIVED };

/* An adjustment, as it stands. */
struct followed_line {
    niva_day month; /* regulated; its first day */
    enum follow_line state;
    int64_t computed_ore;
    int64_t deduction_ore;
    int reason;       /* Adjustment.ReasonCode; 0: none */
    niva_day told;    /* local day on which the unit was told; NIVA_DAY_NONE: it was not */
    niva_day decided; /* local day; NIVA_DAY_NONE: it is not */
};

/* What the unit is paid in a month: the sum of F(t) over its days, in öre. */
struct followed_payment {
    niva_day month;
    int64_t ore_days;
    int64_t preliminary_ore; /* of the month under way: what it would cost up to today */
};

struct followed_figure {
    size_t code; /* index of the indicator */
    niva_day month;
    int64_t value_milli;
};

/* All of it; lists of days and months are rising. */
struct followed_unit {
    struct niva_span open; /* open days */
    size_t tenure_count;
    const struct followed_tenure *tenures;
    const struct niva_timeline *timeline; /* over the days that are followed, at least */
    size_t overdue_count;
    const struct niva_span *overdue; /* runs of days without a current report */
    size_t change_count;
    const struct followed_change *changes;
    size_t breach_count;
    const struct followed_breach *breaches;
    size_t listing_count;
    const struct followed_listing *listings; /* one a day */
    size_t line_count;
    const struct followed_line *lines;
    size_t payment_count;
    const struct followed_payment *payments;
    size_t figure_count;
    const struct followed_figure *figures; /* by code, then month; one a code and month */
};

/* ---- what is counted ---- */

/* Numbers of days, of which the median is wanted. */
struct follow_samples {
    size_t count;
    size_t capacity;
    int32_t *list;
};

/* How many units stand behind a figure, each once. */
struct follow_units {
    int32_t count;
    size_t last; /* the one counted last, from 1 */
};

struct follow_difference {
    struct follow_units units;    /* that are compared */
    struct follow_units left_out; /* that have a figure in one of the months alone */
    int64_t unit_months;
    follow_sum milli;  /* the figures of these months */
    follow_sum before; /* those of the months that they are compared with */
};

struct follow_figure {
    struct follow_units units;
    int64_t unit_months;
    follow_sum milli;
    int64_t listed;          /* persons listed on the last days of the months that have a listing */
    follow_sum listed_milli; /* the figures of these months */
    struct follow_difference differences[FOLLOW_AGAINST];
};

struct follow_relief {
    int32_t lines;
    follow_sum ore;
};

/* A row of a period. Amounts, payments and listings belong to the form of the month's last open
 * day, which is that of the settlement; payments and listings are those of months that have ended.
 */
struct follow_cell {
    struct follow_units units; /* open on some day up to today */
    int64_t days[FOLLOW_STATUSES];
    int64_t overdue_days;
    struct follow_samples receipt; /* days from a change to its receipt; reported ahead: 0 */
    int32_t breaches;
    int32_t inability;
    follow_sum fixed_ore_days[FOLLOW_MONTH_KINDS];
    follow_sum listed_days; /* persons listed, day by day */
    int64_t unlisted_days;  /* unit-days without a known listing */
    follow_sum decided_ore;
    follow_sum proposed_ore;
    follow_sum preliminary_ore;
    int32_t decided_lines; /* waived ones too */
    int32_t proposed_lines;
    struct follow_relief waived[FOLLOW_REASONS];
    struct follow_relief revised[FOLLOW_REASONS];
    struct follow_samples since_told;  /* days from when the unit was told to the decision */
    struct follow_samples since_month; /* days from the day after the month to the decision */
    struct follow_figure *figures;     /* code_count of them */
};

struct follow_period {
    struct niva_span days; /* whole months */
    struct niva_span past; /* those up to today; empty where there are none */
    int32_t ended_days;    /* those of months that have ended */
    struct follow_cell cells[FOLLOW_ROWS];
};

struct follow_up {
    struct niva_arena *arena;
    niva_day today;
    int32_t period_months; /* of each period */
    size_t code_count;
    size_t unit_count; /* added so far */
    size_t period_count;
    struct follow_period *periods; /* in order */
};

/* Begins an empty one over whole months, in one period or (`monthly`) in one for each of them.
 * False when the arena is out; everything in it lives there. */
bool follow_up_begin(struct follow_up *follow, struct niva_span months, bool monthly,
                     niva_day today, size_t code_count, struct niva_arena *arena,
                     struct niva_error *err) NIVA_MUST_CHECK;
/* Adds a unit. Keeps nothing of it. */
bool follow_up_add(struct follow_up *follow, const struct followed_unit *unit,
                   struct niva_error *err) NIVA_MUST_CHECK;

/* The first day from which figures are looked at, for what they are compared with. */
niva_day follow_up_figures_from(const struct follow_up *follow);

/* The median in thousandths of a day (of an even number of them the mean of the two in the middle);
 * they are put in order. At least one. */
int64_t follow_median_milli(struct follow_samples *samples);
/* F of all months, öre, rounded half away from zero. */
int64_t follow_fixed_ore(const struct follow_cell *cell);
/* A part of a whole in so many (1000: per mille), rounded half away from zero; `whole` > 0. Clamped
 * to 64 bits. */
int64_t follow_share(follow_sum part, follow_sum whole, int64_t in);

/* ---- what is hidden ---- */

enum follow_hidden {
    FOLLOW_SHOWN,
    FOLLOW_FEW_UNITS,    /* fewer units than the least number stand behind it */
    FOLLOW_COMPLEMENT,   /* another row could be computed from it */
    FOLLOW_FEW_LEFT_OUT, /* what fewer units have could be computed from it and the sums */
};

/* What of a period is hidden so that no figure of fewer units than `least` is shown, or follows
 * from others of the same answer by subtraction. Rows without a unit stay SHOWN: they are not
 * there. */
struct follow_hiding {
    enum follow_hidden rows[FOLLOW_ROWS];
    struct follow_figure_hiding {
        enum follow_hidden rows[FOLLOW_ROWS];
        enum follow_hidden differences[FOLLOW_AGAINST][FOLLOW_ROWS];
    } * figures; /* by code */
};

bool follow_up_hide(const struct follow_up *follow, const struct follow_period *period,
                    int32_t least, struct follow_hiding *ret_hiding,
                    struct niva_error *err) NIVA_MUST_CHECK;
/* The rule for the rows of one table, whose units add up to those of the total, or more where one
 * has had several forms; rows that are hidden already stay so. */
void follow_rows_hide(const int32_t units[FOLLOW_ROWS], int32_t least,
                      enum follow_hidden rows[FOLLOW_ROWS]);

#endif
