#include "services/model/formula.h"

/* A run up to today, cut in two where the grace of its breach ends. */
static void run_stretch(struct regulating *regulating, size_t run)
{
    const struct niva_month *month = regulating->month;
    const struct niva_month_run *facts = &month->runs[run];
    struct niva_span past = {month->days.from, day_after(month->today, 1)};

    /* A day costs once, whatever the caller's runs are. */
    if (regulating->stretch_count > 0)
        past.from = regulating->stretches[regulating->stretch_count - 1].days.until;
    struct stretch stretch = {
        .days = span_common(span_common(facts->days, month->days), past),
        .run = run,
        .first_bad = NIVA_DAY_NONE,
    };
    if (facts->status == NIVA_BELOW_MINIMUM) {
        struct stretch grace = stretch;
        stretch.bad = true;
        stretch.first_bad = day_after(facts->breach_first_day, facts->grace_days);
        grace.days.until =
            grace.days.until < stretch.first_bad ? grace.days.until : stretch.first_bad;
        if (grace.days.from < grace.days.until) {
            regulating->stretches[regulating->stretch_count++] = grace;
            stretch.days.from = grace.days.until;
        }
    }
    if (stretch.days.from < stretch.days.until)
        regulating->stretches[regulating->stretch_count++] = stretch;
}

/* The next day in a stretch on which one of the payments may change, or its end. */
static niva_day cut_end(const struct payment *payments, size_t count, niva_day day, niva_day end)
{
    for (size_t i = 0; i < count; i++) {
        niva_day until;
        (void)payment_on(&payments[i], day, &until);
        end = until < end ? until : end;
    }
    return end;
}

/* Cuts all stretches so that each payment is one amount on each cut. */
static bool cuts_make(const struct regulating *regulating, const struct payment *payments,
                      size_t payment_count, size_t *ret_count, struct cut **ret_cuts)
{
    size_t most = regulating->stretch_count;

    for (size_t i = 0; i < payment_count; i++)
        most += 2 * payments[i].amounts.count;
    struct cut *cuts = niva_arena_array(regulating->arena, most, sizeof *cuts);
    if (cuts == NULL)
        return false;
    *ret_count = 0;
    for (size_t i = 0; i < regulating->stretch_count; i++) {
        const struct stretch *stretch = &regulating->stretches[i];
        niva_day day = stretch->days.from;
        while (day < stretch->days.until) {
            niva_day end = cut_end(payments, payment_count, day, stretch->days.until);
            cuts[(*ret_count)++] = (struct cut){{day, end}, stretch};
            day = end;
        }
    }
    *ret_cuts = cuts;
    return true;
}

static int32_t days_count(struct niva_span days)
{
    return days.until - days.from;
}

/* The price of what is missing on a cut, for the whole unit and group; 0 where no component pays.
 */
static void missing_price(const struct regulating *regulating, const struct cut *cut,
                          struct ratio *ret_price)
{
    int32_t shortfall = regulating->month->runs[cut->stretch->run].shortfall_milli;
    bool paid = false;

    for (size_t i = 0; i < regulating->payment_count && !paid; i++) {
        niva_day until;
        paid = payment_on(&regulating->payments[i], cut->days.from, &until) > 0;
    }
    if (paid && cut->stretch->bad)
        ratio_set(ret_price,
                  (int128)regulating->rule->ore_per_fte_month * shortfall * days_count(cut->days),
                  (int128)1000 * days_count(regulating->month->days));
}

static bool missing_make(struct regulating *regulating)
{
    if (!cuts_make(regulating, regulating->payments, regulating->payment_count,
                   &regulating->cut_count, &regulating->cuts))
        return false;
    struct ratio *unlaid =
        niva_arena_array(regulating->arena, regulating->cut_count, sizeof *unlaid);
    if (unlaid == NULL)
        return false;
    for (size_t i = 0; i < regulating->cut_count; i++) {
        unlaid[i] = (struct ratio)RATIO_ZERO;
        missing_price(regulating, &regulating->cuts[i], &unlaid[i]);
    }
    regulating->unlaid = unlaid;
    return true;
}

bool regulating_make(struct regulating *regulating)
{
    const struct niva_month *month = regulating->month;

    regulating->stretches =
        niva_arena_array(regulating->arena, 2 * month->run_count, sizeof *regulating->stretches);
    if (regulating->stretches == NULL ||
        !payments_make(month, regulating->arena, &regulating->payment_count, &regulating->payments))
        return false;
    for (size_t i = 0; i < month->run_count; i++)
        run_stretch(regulating, i);
    return regulating->rule->formula != NIVA_PER_MISSING_FTE || missing_make(regulating);
}

void regulating_clear(struct regulating *regulating)
{
    for (size_t i = 0; regulating->unlaid != NULL && i < regulating->cut_count; i++)
        ratio_clear(&regulating->unlaid[i]);
    payments_clear(regulating->payments, regulating->payment_count);
}

/* One day-wise share: what a cut costs a component by its own amount. 0 where the formula has none,
 * so that the line is evidence only. */
static void cut_share(const struct regulating *regulating, const struct cut *cut,
                      int64_t monthly_ore, struct ratio *ret_share)
{
    const struct niva_month_run *run = &regulating->month->runs[cut->stretch->run];
    int128 ore = (int128)monthly_ore * days_count(cut->days);
    int128 month_days = days_count(regulating->month->days);

    ratio_clear(ret_share);
    if (!cut->stretch->bad || run->required_milli <= 0)
        return;
    if (regulating->rule->formula == NIVA_PRO_RATA)
        ratio_set(ret_share, ore * run->shortfall_milli, month_days * run->required_milli);
    else if (regulating->rule->formula == NIVA_ALL_OR_NOTHING)
        ratio_set(ret_share, ore, month_days);
}

static struct niva_line run_line(const struct cut *cut, int64_t monthly_ore)
{
    return (struct niva_line){
        .kind = NIVA_LINE_RUN,
        .days = cut->days,
        .run = cut->stretch->run,
        .monthly_ore = monthly_ore,
    };
}

/* One line for each run of days of the month. */
static bool runs_apply(const struct regulating *regulating, const struct payment *payment,
                       struct ledger *ledger)
{
    struct ratio share __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    struct cut *cuts;
    size_t count;

    if (!cuts_make(regulating, payment, 1, &count, &cuts))
        return false;
    for (size_t i = 0; i < count; i++) {
        niva_day until;
        int64_t monthly_ore = payment_on(payment, cuts[i].days.from, &until);
        struct niva_line line = run_line(&cuts[i], monthly_ore);
        cut_share(regulating, &cuts[i], monthly_ore, &share);
        if (!ledger_add(ledger, &line, &share))
            return false;
    }
    return true;
}

/* Whether a later component, in name order, can take anything. */
static bool payment_last(const struct regulating *regulating, const struct payment *payment)
{
    const struct payment *end = regulating->payments + regulating->payment_count;

    for (const struct payment *later = payment + 1; later < end; later++)
        if (ratio_sign(&later->full) > 0)
            return false;
    return ratio_sign(&payment->full) > 0;
}

/* Lays what no earlier component took on this one, day by day, up to its F. The last one that can
 * take anything gets all that is left: its limit says how much was too much. */
static bool missing_apply(struct regulating *regulating, const struct payment *payment,
                          struct ledger *ledger)
{
    struct ratio laid __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    bool last = payment_last(regulating, payment);

    for (size_t i = 0; i < regulating->cut_count; i++) {
        const struct cut *cut = &regulating->cuts[i];
        niva_day until;
        struct niva_line line = run_line(cut, payment_on(payment, cut->days.from, &until));
        ratio_copy(&laid, &payment->full);
        ratio_subtract(&laid, &ledger->sum);
        if (last || ratio_compare(&laid, &regulating->unlaid[i]) > 0)
            ratio_copy(&laid, &regulating->unlaid[i]);
        ratio_subtract(&regulating->unlaid[i], &laid);
        if (!ledger_add(ledger, &line, &laid))
            return false;
    }
    return true;
}

/* The amount of the whole month, where it is one; 0 where it changes. */
static int64_t monthly_single(const struct payment *payment, struct niva_span month)
{
    niva_day until;
    int64_t monthly_ore = payment_on(payment, month.from, &until);

    return until >= month.until ? monthly_ore : 0;
}

static bool month_line(const struct regulating *regulating, const struct payment *payment,
                       int32_t permille, struct ledger *ledger)
{
    struct ratio ore __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    struct niva_line line = {
        .kind = NIVA_LINE_PERIOD,
        .days = regulating->month->days,
        .run = NIVA_NO_INDEX,
        .permille = permille,
        .monthly_ore = monthly_single(payment, regulating->month->days),
    };

    ratio_copy(&ore, &payment->full);
    ratio_scale(&ore, permille, 1000);
    return ledger_add(ledger, &line, &ore);
}

/* Fulfilment is over the days that are MET or BELOW_MINIMUM; in grace nothing is missing. */
static bool step_apply(const struct regulating *regulating, const struct payment *payment,
                       struct ledger *ledger)
{
    const struct niva_regulation_rule *rule = regulating->rule;
    int64_t required = 0;
    int64_t missing = 0;

    for (size_t i = 0; i < regulating->stretch_count; i++) {
        const struct stretch *stretch = &regulating->stretches[i];
        const struct niva_month_run *run = &regulating->month->runs[stretch->run];
        if (run->status == NIVA_MET || run->status == NIVA_BELOW_MINIMUM)
            required += (int64_t)run->required_milli * days_count(stretch->days);
        if (stretch->bad)
            missing += (int64_t)run->shortfall_milli * days_count(stretch->days);
    }
    for (size_t i = 0; required > 0 && i < rule->step_count; i++)
        if ((required - missing) * 1000 < required * rule->steps[i].below_permille)
            return month_line(regulating, payment, rule->steps[i].deduct_permille, ledger);
    return true;
}

static int32_t month_number(niva_day day)
{
    int year, month, day_of_month;

    niva_day_to_civil(day, &year, &month, &day_of_month);
    return year * 12 + month;
}

static bool period_costs(const struct niva_regulation_rule *rule, int32_t period)
{
    return rule->max_periods < 0 || period < rule->max_periods;
}

static bool started_month_apply(const struct regulating *regulating, const struct payment *payment,
                                struct ledger *ledger)
{
    int32_t month = month_number(regulating->month->days.from);

    for (size_t i = 0; i < regulating->stretch_count; i++) {
        const struct stretch *stretch = &regulating->stretches[i];
        if (stretch->bad &&
            period_costs(regulating->rule, month - month_number(stretch->first_bad)))
            return month_line(regulating, payment, regulating->rule->permille, ledger);
    }
    return true;
}

/* Where the bad days of the stretch's breach end, as far as the month knows. */
static niva_day breach_end(const struct regulating *regulating, size_t stretch)
{
    const struct stretch *stretches = regulating->stretches;
    niva_day end = stretches[stretch].days.until;

    for (size_t i = stretch + 1; i < regulating->stretch_count; i++) {
        if (!stretches[i].bad || stretches[i].first_bad != stretches[stretch].first_bad ||
            stretches[i].days.from != end)
            break;
        end = stretches[i].days.until;
    }
    return end;
}

static bool block_line(const struct regulating *regulating, const struct payment *payment,
                       struct niva_span block, struct ledger *ledger)
{
    struct ratio ore __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    niva_day until;
    struct niva_line line = {
        .kind = NIVA_LINE_PERIOD,
        .days = block,
        .run = NIVA_NO_INDEX,
        .permille = regulating->rule->permille,
        .monthly_ore = payment_on(payment, block.from, &until),
    };

    ratio_set(&ore, (int128)line.monthly_ore * line.permille, 1000);
    return ledger_add(ledger, &line, &ore);
}

/* Blocks of 7 days are counted from the breach's first bad day; a block costs in the month in which
 * it begins. */
static bool started_week_apply(const struct regulating *regulating, const struct payment *payment,
                               struct ledger *ledger)
{
    for (size_t i = 0; i < regulating->stretch_count; i++) {
        const struct stretch *stretch = &regulating->stretches[i];
        if (!stretch->bad)
            continue;
        niva_day end = breach_end(regulating, i);
        int32_t block = (stretch->days.from - stretch->first_bad + 6) / 7;
        for (; period_costs(regulating->rule, block); block++) {
            struct niva_span days = {stretch->first_bad + 7 * block,
                                     stretch->first_bad + 7 * block + 7};
            if (days.from >= stretch->days.until)
                break;
            days.until = days.until < end ? days.until : end;
            if (!block_line(regulating, payment, days, ledger))
                return false;
        }
    }
    return true;
}

bool formula_apply(struct regulating *regulating, const struct payment *payment,
                   struct ledger *ledger)
{
    if (regulating->rule->formula == NIVA_PER_MISSING_FTE)
        return missing_apply(regulating, payment, ledger);
    if (!runs_apply(regulating, payment, ledger))
        return false;
    switch (regulating->rule->formula) {
    case NIVA_STEP_TABLE:
        return step_apply(regulating, payment, ledger);
    case NIVA_PER_STARTED_MONTH:
        return started_month_apply(regulating, payment, ledger);
    case NIVA_PER_STARTED_WEEK:
        return started_week_apply(regulating, payment, ledger);
    case NIVA_PRO_RATA:
    case NIVA_ALL_OR_NOTHING:
    case NIVA_PER_MISSING_FTE:
    case NIVA_NO_DEDUCTION:
        break;
    }
    return true;
}
