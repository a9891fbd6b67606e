/* Section 8 of the model document, day by day. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/naive_model.h"

/* A month being priced. */
struct pricing {
    const struct niva_facts *facts;
    const struct niva_component *components;
    size_t component_count;
    const struct naive_day *days;
    struct niva_span horizon;
    struct niva_span month;
    const struct niva_regulation_rule *rule;
};

static const struct niva_component *amount_on(const struct pricing *pricing, const char *name,
                                              niva_day day)
{
    const struct niva_component *found = NULL;

    for (size_t i = 0; i < pricing->component_count; i++) {
        const struct niva_component *one = &pricing->components[i];
        bool replaced = false;
        for (size_t j = 0; j < pricing->component_count; j++) {
            const struct niva_component *other = &pricing->components[j];
            replaced = replaced ||
                       (j != i && one->id != NULL && other->id != NULL &&
                        strcmp(one->id, other->id) == 0 && strcmp(one->name, other->name) == 0 &&
                        (other->recorded_at > one->recorded_at ||
                         (other->recorded_at == one->recorded_at && j > i)));
        }
        if (replaced || strcmp(one->name, name) != 0 || day < one->days.from ||
            day >= one->days.until)
            continue;
        if (found == NULL || one->days.from > found->days.from ||
            (one->days.from == found->days.from && one->recorded_at >= found->recorded_at))
            found = one;
    }
    return found;
}

/* F(t) */
static int64_t pay_on(const struct pricing *pricing, const char *name, niva_day day)
{
    const struct niva_component *amount = amount_on(pricing, name, day);
    bool open = day >= pricing->facts->open.from && day < pricing->facts->open.until;

    return open && amount != NULL && amount->regulated ? amount->monthly_ore : 0;
}

static long month_length(const struct pricing *pricing)
{
    return pricing->month.until - pricing->month.from;
}

/* sum += numerator / denominator */
static void sum_up(mpq_t sum, int64_t a, int64_t b, int64_t denominator)
{
    mpq_t term;

    mpq_init(term);
    mpz_set_si(mpq_numref(term), a);
    mpz_mul_si(mpq_numref(term), mpq_numref(term), b);
    mpz_set_si(mpq_denref(term), denominator);
    mpq_canonicalize(term);
    mpq_add(sum, sum, term);
    mpq_clear(term);
}

/* F */
static void full_of(const struct pricing *pricing, const char *name, mpq_t full)
{
    mpq_set_ui(full, 0, 1);
    for (niva_day day = pricing->month.from; day < pricing->month.until; day++)
        sum_up(full, pay_on(pricing, name, day), 1, month_length(pricing));
}

static const struct naive_day *verdict_on(const struct pricing *pricing, niva_day day)
{
    if (day < pricing->horizon.from || day >= pricing->horizon.until)
        return NULL;
    return &pricing->days[day - pricing->horizon.from];
}

static bool below_on(const struct pricing *pricing, niva_day day)
{
    const struct naive_day *verdict = verdict_on(pricing, day);

    return verdict != NULL && verdict->status == NIVA_BELOW_MINIMUM;
}

/* The first day of the breach in which a day lies that does not fall under its grace. */
static niva_day first_bad_of(const struct pricing *pricing, niva_day day)
{
    while (below_on(pricing, day - 1))
        day--;
    return day + verdict_on(pricing, day)->rule_set->regulation.grace_days;
}

static bool bad_on(const struct pricing *pricing, niva_day day)
{
    return below_on(pricing, day) && day >= first_bad_of(pricing, day);
}

static int month_number(niva_day day)
{
    int y, m, d;

    niva_day_to_civil(day, &y, &m, &d);
    return 12 * y + m;
}

static bool within_periods(const struct pricing *pricing, int period)
{
    return pricing->rule->max_periods < 0 || period < pricing->rule->max_periods;
}

static bool some_component_pays(const struct pricing *pricing, niva_day day)
{
    for (size_t i = 0; i < pricing->component_count; i++)
        if (pay_on(pricing, pricing->components[i].name, day) > 0)
            return true;
    return false;
}

/* What PER_MISSING_FTE leaves for a component after all that come before it in name order. */
static void missing_laid(const struct pricing *pricing, const char *name, mpq_t amount)
{
    mpq_t full, total;
    const char *last = "";

    mpq_inits(full, total, NULL);
    for (niva_day day = pricing->month.from; day < pricing->month.until; day++)
        if (bad_on(pricing, day) && some_component_pays(pricing, day))
            sum_up(total, pricing->rule->ore_per_fte_month,
                   verdict_on(pricing, day)->shortfall_milli, 1000 * month_length(pricing));
    for (;;) {
        const char *next = NULL;
        for (size_t i = 0; i < pricing->component_count; i++) {
            const char *one = pricing->components[i].name;
            if (strcmp(one, last) > 0 && (next == NULL || strcmp(one, next) < 0))
                next = one;
        }
        if (next == NULL)
            break;
        full_of(pricing, next, full);
        if (mpq_cmp(full, total) > 0)
            mpq_set(full, total);
        mpq_sub(total, total, full);
        if (strcmp(next, name) == 0) {
            mpq_set(amount, full);
            break;
        }
        last = next;
    }
    mpq_clears(full, total, NULL);
}

static void permille_of(mpq_t amount, const mpq_t full, int32_t permille)
{
    mpq_t factor;

    mpq_init(factor);
    mpq_set_si(factor, permille, 1000);
    mpq_canonicalize(factor);
    mpq_mul(amount, full, factor);
    mpq_clear(factor);
}

static void step_table(const struct pricing *pricing, const mpq_t full, mpq_t amount)
{
    int64_t required = 0;
    int64_t missing = 0;
    int32_t below = INT32_MAX;
    int32_t permille = 0;

    for (niva_day day = pricing->month.from; day < pricing->month.until; day++) {
        const struct naive_day *verdict = verdict_on(pricing, day);
        if (verdict != NULL && (verdict->status == NIVA_MET || below_on(pricing, day)))
            required += verdict->required_milli;
        if (bad_on(pricing, day))
            missing += verdict->shortfall_milli;
    }
    for (size_t i = 0; required > 0 && i < pricing->rule->step_count; i++)
        if ((required - missing) * 1000 < required * pricing->rule->steps[i].below_permille &&
            pricing->rule->steps[i].below_permille < below) {
            below = pricing->rule->steps[i].below_permille;
            permille = pricing->rule->steps[i].deduct_permille;
        }
    permille_of(amount, full, permille);
}

static void day_costs(const struct pricing *pricing, const char *name, niva_day day, mpq_t amount)
{
    const struct naive_day *verdict = verdict_on(pricing, day);
    int64_t pay = pay_on(pricing, name, day);
    int period = day - first_bad_of(pricing, day);

    if (pricing->rule->formula == NIVA_PRO_RATA)
        sum_up(amount, pay, verdict->shortfall_milli,
               (int64_t)month_length(pricing) * verdict->required_milli);
    if (pricing->rule->formula == NIVA_ALL_OR_NOTHING)
        sum_up(amount, pay, 1, month_length(pricing));
    if (pricing->rule->formula == NIVA_PER_STARTED_WEEK && period % 7 == 0 &&
        within_periods(pricing, period / 7))
        sum_up(amount, pay, pricing->rule->permille, 1000);
}

static void formula(const struct pricing *pricing, const char *name, const mpq_t full, mpq_t amount)
{
    if (pricing->rule->formula == NIVA_PER_MISSING_FTE)
        missing_laid(pricing, name, amount);
    if (pricing->rule->formula == NIVA_STEP_TABLE)
        step_table(pricing, full, amount);
    for (niva_day day = pricing->month.from; day < pricing->month.until; day++) {
        if (!bad_on(pricing, day))
            continue;
        if (pricing->rule->formula == NIVA_PER_STARTED_MONTH &&
            within_periods(pricing, month_number(day) - month_number(first_bad_of(pricing, day))))
            permille_of(amount, full, pricing->rule->permille);
        day_costs(pricing, name, day, amount);
    }
}

/* Half away from zero; amounts are never negative. */
static int64_t round_to(const mpq_t amount, int64_t unit)
{
    mpz_t quotient, divisor;

    mpz_init_set_si(divisor, unit);
    mpz_init(quotient);
    mpz_mul(divisor, divisor, mpq_denref(amount));
    mpz_mul_ui(quotient, mpq_numref(amount), 2);
    mpz_add(quotient, quotient, divisor);
    mpz_mul_ui(divisor, divisor, 2);
    mpz_fdiv_q(quotient, quotient, divisor);
    int64_t rounded = mpz_get_si(quotient) * unit;
    mpz_clear(quotient);
    mpz_clear(divisor);
    return rounded;
}

int64_t naive_deduction(const struct niva_facts *facts, const struct niva_component *components,
                        size_t component_count, const struct naive_day *days,
                        struct niva_span horizon, struct niva_span month, const char *component,
                        mpq_t ret_full)
{
    struct naive_day last;
    struct pricing pricing = {
        .facts = facts,
        .components = components,
        .component_count = component_count,
        .days = days,
        .horizon = horizon,
        .month = month,
    };
    struct niva_facts always_open = *facts;
    mpq_t amount, limit;
    int64_t rounded = 0;

    full_of(&pricing, component, ret_full);
    always_open.open = (struct niva_span){NIVA_DAY_NONE, NIVA_DAY_END};
    naive_day_judge(&always_open, month.until - 1, &last);
    if (last.rule_set == NULL || last.rule_set->severity == NIVA_GUIDE)
        return 0;
    pricing.rule = &last.rule_set->regulation;
    mpq_inits(amount, limit, NULL);
    formula(&pricing, component, ret_full, amount);
    if (mpq_cmp(amount, ret_full) > 0)
        mpq_set(amount, ret_full);
    if (pricing.rule->cap_permille >= 0) {
        permille_of(limit, ret_full, pricing.rule->cap_permille);
        if (mpq_cmp(amount, limit) > 0)
            mpq_set(amount, limit);
    }
    mpq_set_si(limit, pricing.rule->minimum_ore, 1);
    if (pricing.rule->minimum_ore < 0 || mpq_cmp(amount, limit) >= 0)
        rounded = round_to(amount, pricing.rule->rounding_unit_ore);
    mpq_clears(amount, limit, NULL);
    return rounded;
}
