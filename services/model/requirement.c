#include "services/model/requirement.h"

/* Wide enough for 1000 × any listing; narrowed once, at the end. */
typedef __int128 int128;

static int128 ratio_rounded(int128 num, int128 den, const struct niva_requirement_rule *rule)
{
    int128 step = rule->rounding_step_milli;
    int128 unit = den * step;

    switch (rule->rounding_mode) {
    case NIVA_ROUND_UP:
        return (num + unit - 1) / unit * step;
    case NIVA_ROUND_DOWN:
        return num / unit * step;
    case NIVA_ROUND_HALF_UP:
        break;
    }
    return (2 * num + unit) / (2 * unit) * step;
}

static bool per_listed(const struct niva_requirement_rule *rule, const struct niva_listing *listing,
                       int128 *ret_milli)
{
    if (listing == NULL || rule->persons_per_fte <= 0)
        return false;
    *ret_milli = ratio_rounded((int128)listing->listed * 1000, rule->persons_per_fte, rule);
    return true;
}

static bool per_weighted(const struct niva_requirement_rule *rule,
                         const struct niva_listing *listing, int128 *ret_milli)
{
    if (listing == NULL || listing->weighted_milli < 0 || rule->persons_per_fte <= 0)
        return false;
    *ret_milli = ratio_rounded(listing->weighted_milli, rule->persons_per_fte, rule);
    return true;
}

static bool by_step(const struct niva_requirement_rule *rule, const struct niva_listing *listing,
                    int128 *ret_milli)
{
    bool found = false;

    for (size_t i = 0; listing != NULL && i < rule->step_count; i++) {
        if (rule->steps[i].listed_from > listing->listed)
            break;
        *ret_milli = rule->steps[i].minimum_milli;
        found = true;
    }
    return found;
}

static bool contracted(const struct niva_contract *contract, int128 *ret_milli)
{
    if (contract == NULL)
        return false;
    *ret_milli = contract->minimum_milli;
    return true;
}

static bool greater_of(const struct niva_requirement_rule *rule,
                       const struct niva_contract *contract, const struct niva_listing *listing,
                       int128 *ret_milli)
{
    int128 by_contract = 0;
    int128 by_listing = 0;
    bool has_contract = contracted(contract, &by_contract);
    bool has_listing = per_listed(rule, listing, &by_listing);

    *ret_milli = by_contract > by_listing ? by_contract : by_listing;
    return has_contract || has_listing;
}

static bool figure_find(const struct niva_requirement_rule *rule,
                        const struct niva_contract *contract, const struct niva_listing *listing,
                        int128 *ret_milli)
{
    switch (rule->kind) {
    case NIVA_REQUIRE_CONTRACTED:
        return contracted(contract, ret_milli);
    case NIVA_REQUIRE_PER_LISTED:
        return per_listed(rule, listing, ret_milli);
    case NIVA_REQUIRE_PER_WEIGHTED:
        return per_weighted(rule, listing, ret_milli);
    case NIVA_REQUIRE_GREATER_OF:
        return greater_of(rule, contract, listing, ret_milli);
    case NIVA_REQUIRE_STEP_TABLE:
        return by_step(rule, listing, ret_milli);
    case NIVA_REQUIRE_NONE:
        break;
    }
    return false;
}

bool requirement_compute(const struct niva_requirement_rule *rule,
                         const struct niva_contract *contract, const struct niva_listing *listing,
                         int32_t *ret_required_milli)
{
    int128 milli = 0;

    if (rule->kind == NIVA_REQUIRE_NONE) {
        *ret_required_milli = 0;
        return true;
    }
    if (!figure_find(rule, contract, listing, &milli))
        return false;
    if (milli < rule->floor_milli)
        milli = rule->floor_milli;
    if (milli > INT32_MAX)
        return false;
    *ret_required_milli = (int32_t)milli;
    return true;
}

bool requirement_uses_listing(const struct niva_requirement_rule *rule)
{
    return rule->kind == NIVA_REQUIRE_PER_LISTED || rule->kind == NIVA_REQUIRE_PER_WEIGHTED ||
           rule->kind == NIVA_REQUIRE_GREATER_OF || rule->kind == NIVA_REQUIRE_STEP_TABLE;
}

niva_day listing_first_day(niva_day as_of, enum niva_snapshot snapshot)
{
    niva_day next = niva_month_next(as_of);

    switch (snapshot) {
    case NIVA_SAME_DAY:
        return as_of;
    case NIVA_PREVIOUS_QUARTER:
        while (niva_quarter_begin(next) != next)
            next = niva_month_next(next);
        return next;
    case NIVA_PREVIOUS_YEAR:
        while (niva_year_begin(next) != next)
            next = niva_month_next(next);
        return next;
    case NIVA_PREVIOUS_MONTH:
        break;
    }
    return next;
}
