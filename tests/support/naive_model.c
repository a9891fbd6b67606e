#include "tests/support/naive_model.h"

#include <string.h>

/* ---- the record ---- */

static bool known(const struct niva_facts *facts, niva_instant recorded_at)
{
    return recorded_at <= facts->known_at;
}

/* Whether record i of a list comes before record j. */
static bool before(niva_instant a, size_t i, niva_instant b, size_t j)
{
    return a < b || (a == b && i < j);
}

static bool same_id(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* PRESENT(list, i): no later record of the same id is known. A macro so that one sentence does for
 * all lists. */
#define PRESENT(facts, list, count, i, ret)                                                        \
    do {                                                                                           \
        (ret) = known((facts), (list)[i].recorded_at);                                             \
        for (size_t j_ = 0; j_ < (count) && (ret); j_++)                                           \
            if (j_ != (i) && same_id((list)[i].id, (list)[j_].id) &&                               \
                known((facts), (list)[j_].recorded_at) &&                                          \
                before((list)[i].recorded_at, (i), (list)[j_].recorded_at, j_))                    \
                (ret) = false;                                                                     \
    } while (0)

static bool on(struct niva_span days, niva_day day)
{
    return day >= days.from && day < days.until;
}

/* ---- section 4: what is required ---- */

const struct niva_rule_set *naive_rule_set_on(const struct niva_facts *facts, niva_day day)
{
    const struct niva_rule_set *found = NULL;

    for (size_t i = 0; i < facts->rule_set_count; i++) {
        const struct niva_rule_set *rule = &facts->rule_sets[i];
        bool present;
        PRESENT(facts, facts->rule_sets, facts->rule_set_count, i, present);
        if (present && on(rule->days, day) &&
            (found == NULL || rule->recorded_at >= found->recorded_at))
            found = rule;
    }
    return found;
}

const struct niva_contract *naive_contract_on(const struct niva_facts *facts, niva_day day)
{
    const struct niva_contract *found = NULL;

    for (size_t i = 0; i < facts->contract_count; i++) {
        const struct niva_contract *contract = &facts->contracts[i];
        bool present;
        PRESENT(facts, facts->contracts, facts->contract_count, i, present);
        if (!present || !on(contract->days, day) || contract->binding_from > day)
            continue;
        if (found == NULL || contract->days.from > found->days.from ||
            (contract->days.from == found->days.from &&
             contract->recorded_at >= found->recorded_at))
            found = contract;
    }
    return found;
}

static niva_day snapshot_of(niva_day day, enum niva_snapshot snapshot)
{
    switch (snapshot) {
    case NIVA_PREVIOUS_MONTH:
        return niva_month_begin(day) - 1;
    case NIVA_PREVIOUS_QUARTER:
        return niva_quarter_begin(day) - 1;
    case NIVA_PREVIOUS_YEAR:
        return niva_year_begin(day) - 1;
    case NIVA_SAME_DAY:
        break;
    }
    return day;
}

const struct niva_listing *naive_listing_on(const struct niva_facts *facts,
                                            enum niva_snapshot snapshot, niva_day day)
{
    const struct niva_listing *found = NULL;

    for (size_t i = 0; i < facts->listing_count; i++) {
        const struct niva_listing *listing = &facts->listings[i];
        if (!known(facts, listing->recorded_at) || listing->as_of > snapshot_of(day, snapshot))
            continue;
        if (found == NULL || listing->as_of > found->as_of ||
            (listing->as_of == found->as_of && listing->recorded_at >= found->recorded_at))
            found = listing;
    }
    return found;
}

static int64_t rounded(int64_t numerator, int64_t denominator,
                       const struct niva_requirement_rule *rule)
{
    int64_t result = 0;
    mpq_t value;

    mpq_init(value);
    mpz_set_si(mpq_numref(value), numerator);
    mpz_set_si(mpq_denref(value), denominator);
    mpz_mul_si(mpq_denref(value), mpq_denref(value), rule->rounding_step_milli);
    if (rule->rounding_mode == NIVA_ROUND_HALF_UP) {
        mpz_mul_2exp(mpq_numref(value), mpq_numref(value), 1);
        mpz_add(mpq_numref(value), mpq_numref(value), mpq_denref(value));
        mpz_mul_2exp(mpq_denref(value), mpq_denref(value), 1);
    }
    if (rule->rounding_mode == NIVA_ROUND_UP)
        mpz_cdiv_q(mpq_numref(value), mpq_numref(value), mpq_denref(value));
    else
        mpz_fdiv_q(mpq_numref(value), mpq_numref(value), mpq_denref(value));
    result = mpz_get_si(mpq_numref(value)) * rule->rounding_step_milli;
    mpq_clear(value);
    return result;
}

/* -1: there is no basis. */
static int64_t required_on(const struct niva_facts *facts, const struct niva_requirement_rule *rule,
                           const struct naive_mix *mix)
{
    const struct niva_contract *contract = naive_contract_on(facts, mix->contract);
    const struct niva_listing *listing = naive_listing_on(facts, rule->snapshot, mix->listing);
    int64_t contracted = contract == NULL ? -1 : contract->minimum_milli;
    int64_t listed = -1;
    int64_t figure = -1;

    if (listing != NULL && rule->persons_per_fte > 0)
        listed = rounded((int64_t)listing->listed * 1000, rule->persons_per_fte, rule);
    if (rule->kind == NIVA_REQUIRE_NONE)
        return 0;
    if (rule->kind == NIVA_REQUIRE_CONTRACTED)
        figure = contracted;
    if (rule->kind == NIVA_REQUIRE_PER_LISTED)
        figure = listed;
    if (rule->kind == NIVA_REQUIRE_PER_WEIGHTED && listing != NULL && listing->weighted_milli >= 0)
        figure = rounded(listing->weighted_milli, rule->persons_per_fte, rule);
    if (rule->kind == NIVA_REQUIRE_GREATER_OF)
        figure = contracted > listed ? contracted : listed;
    if (rule->kind == NIVA_REQUIRE_STEP_TABLE && listing != NULL)
        for (size_t i = 0; i < rule->step_count; i++)
            if (rule->steps[i].listed_from <= listing->listed)
                figure = rule->steps[i].minimum_milli;
    if (figure >= 0 && figure < rule->floor_milli)
        figure = rule->floor_milli;
    return figure <= INT32_MAX ? figure : -1;
}

/* ---- section 3: which reports stand ---- */

static bool withdrawn(const struct niva_facts *facts, const struct niva_report *report)
{
    for (size_t i = 0; i < facts->withdrawal_count; i++)
        if (known(facts, facts->withdrawals[i].recorded_at) &&
            same_id(facts->withdrawals[i].report_id, report->id))
            return true;
    return false;
}

/* A withdrawn correction corrects nothing, and what corrected it takes its place. */
static bool corrected(const struct niva_facts *facts, const struct niva_report *report)
{
    for (size_t i = 0; i < facts->report_count; i++) {
        const struct niva_report *other = &facts->reports[i];
        if (!known(facts, other->recorded_at) || !same_id(other->corrects, report->id))
            continue;
        if (!withdrawn(facts, other) || corrected(facts, other))
            return true;
    }
    return false;
}

const struct niva_report *naive_report_on(const struct niva_facts *facts, niva_day day)
{
    const struct niva_report *found = NULL;

    for (size_t i = 0; i < facts->report_count; i++) {
        const struct niva_report *report = &facts->reports[i];
        if (!known(facts, report->recorded_at) || report->effective_from > day)
            continue;
        if (found != NULL && (report->effective_from < found->effective_from ||
                              (report->effective_from == found->effective_from &&
                               report->recorded_at < found->recorded_at)))
            continue;
        if (!withdrawn(facts, report) && !corrected(facts, report))
            found = report;
    }
    return found;
}

/* ---- section 5: absences ---- */

/* An absence that is known, present and not cancelled. */
static bool absence_holds(const struct niva_facts *facts, size_t i)
{
    bool present;

    PRESENT(facts, facts->absences, facts->absence_count, i, present);
    return present && !facts->absences[i].cancelled;
}

static bool exempt(const struct niva_counting_rule *rule, const struct niva_absence *absence)
{
    return (rule->exempt & (1U << absence->category)) != 0;
}

static bool longer(struct niva_span days, int32_t threshold)
{
    return days.until == NIVA_DAY_END || (int64_t)days.until - days.from > threshold;
}

/* The version recorded last before record i; -1: none. */
static long version_before(const struct niva_facts *facts, size_t i)
{
    const struct niva_absence *list = facts->absences;
    long found = -1;

    for (size_t j = 0; j < facts->absence_count; j++)
        if (j != i && same_id(list[i].id, list[j].id) && known(facts, list[j].recorded_at) &&
            before(list[j].recorded_at, j, list[i].recorded_at, i) &&
            (found < 0 || before(list[found].recorded_at, (size_t)found, list[j].recorded_at, j)))
            found = (long)j;
    return found;
}

static niva_day since(const struct niva_facts *facts, size_t i)
{
    const struct niva_absence *absence = &facts->absences[i];

    if (absence->expected_since != NIVA_DAY_NONE)
        return absence->expected_since;
    return version_before(facts, i) < 0 ? absence->days.from : niva_local_day(absence->recorded_at);
}

static niva_day earliest_since(const struct niva_facts *facts, size_t i, int32_t threshold)
{
    niva_day earliest = since(facts, i);

    if (!longer(facts->absences[i].days, threshold))
        return earliest;
    for (long j = version_before(facts, i); j >= 0; j = version_before(facts, (size_t)j)) {
        const struct niva_absence *version = &facts->absences[j];
        if (version->cancelled || !longer(version->days, threshold))
            break;
        if (since(facts, (size_t)j) < earliest)
            earliest = since(facts, (size_t)j);
    }
    return earliest;
}

/* The days of the chain of which an absence is a link: what any link touches is drawn in, until
 * nothing more is. */
static struct niva_span chain_of(const struct niva_facts *facts,
                                 const struct niva_counting_rule *rule, size_t i)
{
    struct niva_span chain = facts->absences[i].days;
    bool grown = rule->join_gap_days >= 0;

    while (grown) {
        grown = false;
        for (size_t j = 0; j < facts->absence_count; j++) {
            const struct niva_absence *other = &facts->absences[j];
            if (strcmp(other->position_key, facts->absences[i].position_key) != 0 ||
                other->category == NIVA_LOANED_OUT || exempt(rule, other) ||
                (int64_t)other->days.from - chain.until > rule->join_gap_days ||
                (int64_t)chain.from - other->days.until > rule->join_gap_days ||
                !absence_holds(facts, j))
                continue;
            if (other->days.from < chain.from) {
                chain.from = other->days.from;
                grown = true;
            }
            if (other->days.until > chain.until) {
                chain.until = other->days.until;
                grown = true;
            }
        }
    }
    return chain;
}

bool naive_absence_counts(const struct niva_facts *facts, const struct niva_counting_rule *rule,
                          size_t i, niva_day day)
{
    const struct niva_absence *absence = &facts->absences[i];

    if (!on(absence->days, day) || exempt(rule, absence) || !absence_holds(facts, i))
        return false;
    if (absence->category == NIVA_LOANED_OUT)
        return true;
    struct niva_span chain = chain_of(facts, rule, i);
    if (!longer(chain, rule->absence_threshold_days))
        return false;
    if (rule->counts_from == NIVA_FROM_AFTER_THRESHOLD)
        return day >= chain.from + rule->absence_threshold_days;
    if (rule->counts_from == NIVA_FROM_EXPECTED_DAY)
        return day >= earliest_since(facts, i, rule->absence_threshold_days);
    return true;
}

/* ---- section 5: counting ---- */

static bool qualifies(const struct niva_counting_rule *rule, const struct niva_position *position)
{
    for (size_t i = 0; i < rule->title_count; i++)
        if (strcmp(rule->titles[i], position->title_code) == 0)
            return (rule->employments & (1U << position->employment)) != 0 &&
                   (position->licensed || rule->count_unlicensed);
    return false;
}

/* Whether the key is that of a position of the report that counts; of two with one key the first
 * does. */
static const struct niva_position *holder(const struct niva_counting_rule *rule,
                                          const struct niva_report *report, const char *key,
                                          niva_day day)
{
    for (size_t i = 0; i < report->position_count; i++)
        if (strcmp(report->positions[i].key, key) == 0 && on(report->positions[i].active, day) &&
            qualifies(rule, &report->positions[i]))
            return &report->positions[i];
    return NULL;
}

static bool in_report(const struct niva_report *report, const char *key, niva_day day)
{
    for (size_t i = 0; i < report->position_count; i++)
        if (strcmp(report->positions[i].key, key) == 0 && on(report->positions[i].active, day))
            return true;
    return false;
}

/* Whether absence i, cover c of it, comes before absence j, cover d. */
static bool cover_before(const struct niva_facts *facts, size_t i, size_t c, size_t j, size_t d)
{
    if (i == j)
        return c < d;
    return before(facts->absences[i].recorded_at, i, facts->absences[j].recorded_at, j);
}

static bool cover_stands(const struct niva_facts *facts, const struct niva_counting_rule *rule,
                         const struct niva_report *report, size_t i, size_t c,
                         const struct naive_mix *mix)
{
    const struct niva_absence *absence = &facts->absences[i];

    return on(absence->cover[c].active, mix->absences[i]) && qualifies(rule, &absence->cover[c]) &&
           in_report(report, absence->position_key, mix->staff) &&
           naive_absence_counts(facts, rule, i, mix->absences[i]);
}

static bool cover_counts(const struct niva_facts *facts, const struct niva_counting_rule *rule,
                         const struct niva_report *report, size_t i, size_t c,
                         const struct naive_mix *mix)
{
    const char *key = facts->absences[i].cover[c].key;

    if (!cover_stands(facts, rule, report, i, c, mix) ||
        holder(rule, report, key, mix->staff) != NULL)
        return false;
    for (size_t j = 0; j < facts->absence_count; j++)
        for (size_t d = 0; d < facts->absences[j].cover_count; d++)
            if (strcmp(facts->absences[j].cover[d].key, key) == 0 &&
                cover_before(facts, j, d, i, c) && cover_stands(facts, rule, report, j, d, mix))
                return false;
    return true;
}

static void behind_add(const struct niva_facts *facts, struct naive_day *day, size_t i)
{
    size_t place = day->absence_count;

    if (day->absence_count == NAIVE_ABSENCES_MAX)
        return;
    day->absence_count++;
    for (; place > 0; place--) {
        size_t j = (size_t)(day->absences[place - 1] - facts->absences);
        if (before(facts->absences[j].recorded_at, j, facts->absences[i].recorded_at, i))
            break;
        day->absences[place] = day->absences[place - 1];
    }
    day->absences[place] = &facts->absences[i];
}

static int64_t positions_counted(const struct niva_facts *facts,
                                 const struct niva_counting_rule *rule,
                                 const struct niva_report *report, const struct naive_mix *mix,
                                 bool hired)
{
    int64_t counted = 0;

    for (size_t p = 0; p < report->position_count; p++) {
        const struct niva_position *position = &report->positions[p];
        int64_t absent = 0;
        if (holder(rule, report, position->key, mix->staff) != position ||
            (position->employment == NIVA_HIRED) != hired)
            continue;
        for (size_t i = 0; i < facts->absence_count; i++)
            if (strcmp(facts->absences[i].position_key, position->key) == 0 &&
                naive_absence_counts(facts, rule, i, mix->absences[i]))
                absent += facts->absences[i].absent_milli < 0 ? position->fte_milli
                                                              : facts->absences[i].absent_milli;
        if (absent < position->fte_milli)
            counted += position->fte_milli - absent;
    }
    return counted;
}

static int64_t covers_counted(const struct niva_facts *facts, const struct niva_counting_rule *rule,
                              const struct niva_report *report, const struct naive_mix *mix,
                              bool hired)
{
    int64_t counted = 0;

    for (size_t i = 0; i < facts->absence_count; i++)
        for (size_t c = 0; c < facts->absences[i].cover_count; c++) {
            const struct niva_position *cover = &facts->absences[i].cover[c];
            if ((cover->employment == NIVA_HIRED) == hired &&
                cover_counts(facts, rule, report, i, c, mix))
                counted += cover->fte_milli;
        }
    return counted;
}

static int64_t report_counted(const struct niva_facts *facts, struct naive_day *verdict,
                              const struct naive_mix *mix)
{
    const struct niva_counting_rule *rule = &verdict->rule_set->counting;
    const struct niva_report *report = verdict->report;
    int64_t own = positions_counted(facts, rule, report, mix, false) +
                  covers_counted(facts, rule, report, mix, false);
    int64_t hired = positions_counted(facts, rule, report, mix, true) +
                    covers_counted(facts, rule, report, mix, true);

    for (size_t i = 0; i < facts->absence_count; i++) {
        bool bears = naive_absence_counts(facts, rule, i, mix->absences[i]) &&
                     holder(rule, report, facts->absences[i].position_key, mix->staff) != NULL;
        for (size_t c = 0; c < facts->absences[i].cover_count; c++)
            bears = bears || cover_counts(facts, rule, report, i, c, mix);
        if (bears)
            behind_add(facts, verdict, i);
    }
    if (rule->hired_cap_permille >= 0) {
        int64_t cap = (int64_t)verdict->required_milli * rule->hired_cap_permille / 1000;
        hired = hired < cap ? hired : cap;
    }
    return own + hired;
}

/* ---- section 6: the verdict ---- */

static bool dispensation_holds(const struct niva_facts *facts, size_t i, niva_day day)
{
    const struct niva_dispensation *dispensation = &facts->dispensations[i];
    bool present;

    PRESENT(facts, facts->dispensations, facts->dispensation_count, i, present);
    return present && !dispensation->voided && on(dispensation->days, day) &&
           (dispensation->revoked_from == NIVA_DAY_NONE || day < dispensation->revoked_from);
}

static int32_t left_required(const struct niva_dispensation *dispensation)
{
    return dispensation->reduced_minimum_milli < 0 ? 0 : dispensation->reduced_minimum_milli;
}

const struct niva_dispensation *naive_dispensation_on(const struct niva_facts *facts, niva_day day)
{
    size_t best = facts->dispensation_count;

    for (size_t i = 0; i < facts->dispensation_count; i++) {
        if (!dispensation_holds(facts, i, day))
            continue;
        const struct niva_dispensation *one = &facts->dispensations[i];
        const struct niva_dispensation *other = &facts->dispensations[best];
        if (best == facts->dispensation_count || left_required(one) < left_required(other) ||
            (left_required(one) == left_required(other) &&
             before(one->recorded_at, i, other->recorded_at, best)))
            best = i;
    }
    return best == facts->dispensation_count ? NULL : &facts->dispensations[best];
}

const struct niva_finding *naive_finding_on(const struct niva_facts *facts, niva_day day)
{
    const struct niva_finding *found = NULL;

    for (size_t i = 0; i < facts->finding_count; i++) {
        bool present;
        PRESENT(facts, facts->findings, facts->finding_count, i, present);
        if (present && on(facts->findings[i].days, day) &&
            (found == NULL || facts->findings[i].recorded_at >= found->recorded_at))
            found = &facts->findings[i];
    }
    return found;
}

static void decide(const struct niva_facts *facts, niva_day day, struct naive_day *verdict)
{
    const struct niva_dispensation *dispensation = naive_dispensation_on(facts, day);
    int64_t reached = (int64_t)verdict->counted_milli + verdict->rule_set->counting.tolerance_milli;
    int32_t limit = verdict->required_milli;

    verdict->status = NIVA_MET;
    if (reached >= verdict->required_milli)
        return;
    if (dispensation != NULL && left_required(dispensation) < limit) {
        limit = left_required(dispensation);
        verdict->dispensation = dispensation;
    }
    verdict->status = NIVA_DISPENSED;
    if (dispensation != NULL && reached >= limit)
        return;
    verdict->status = NIVA_BELOW_MINIMUM;
    verdict->shortfall_milli = limit - verdict->counted_milli;
}

void naive_mix_judge(const struct niva_facts *facts, const struct naive_mix *mix,
                     struct naive_day *ret_day)
{
    memset(ret_day, 0, sizeof *ret_day);
    ret_day->status = NIVA_NOT_REQUIRED;
    if (!on(facts->open, mix->opening))
        return;
    ret_day->rule_set = naive_rule_set_on(facts, mix->rule_set);
    if (ret_day->rule_set == NULL)
        return;
    int64_t required = required_on(facts, &ret_day->rule_set->requirement, mix);
    if (required == 0)
        return;
    ret_day->status = NIVA_NO_REQUIREMENT_BASIS;
    if (required < 0)
        return;
    ret_day->required_milli = (int32_t)required;
    ret_day->finding = naive_finding_on(facts, mix->finding);
    if (ret_day->finding == NULL)
        ret_day->report = naive_report_on(facts, mix->staff);
    ret_day->status = NIVA_NO_REPORT;
    if (ret_day->finding == NULL && ret_day->report == NULL)
        return;
    ret_day->counted_milli = ret_day->finding != NULL
                                 ? ret_day->finding->counted_milli
                                 : (int32_t)report_counted(facts, ret_day, mix);
    decide(facts, mix->dispensation, ret_day);
}

struct naive_mix naive_mix_of(niva_day day)
{
    struct naive_mix mix = {day, day, day, day, day, day, day, {0}};

    for (size_t i = 0; i < NAIVE_ABSENCES_MAX; i++)
        mix.absences[i] = day;
    return mix;
}

void naive_day_judge(const struct niva_facts *facts, niva_day day, struct naive_day *ret_day)
{
    struct naive_mix mix = naive_mix_of(day);

    naive_mix_judge(facts, &mix, ret_day);
}
