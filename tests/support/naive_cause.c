#include "tests/support/naive_cause.h"

#include <string.h>

static bool on(struct niva_span days, niva_day day)
{
    return day >= days.from && day < days.until;
}

static bool actives_differ(const struct niva_position *list, size_t count, niva_day day)
{
    for (size_t i = 0; i < count; i++)
        if (on(list[i].active, day) != on(list[i].active, day - 1))
            return true;
    return false;
}

/* The place of a part in a mix, the absences behind the others. */
static niva_day *place_of(struct naive_mix *mix, size_t part)
{
    niva_day *const places[NAIVE_PARTS] = {&mix->opening,     &mix->rule_set, &mix->contract,
                                           &mix->listing,     &mix->staff,    &mix->finding,
                                           &mix->dispensation};

    return part < NAIVE_PARTS ? places[part] : &mix->absences[part - NAIVE_PARTS];
}

static bool listing_differs(const struct niva_facts *facts, niva_day day)
{
    for (niva_day side = day - 1; side <= day; side++) {
        const struct niva_rule_set *rule = naive_rule_set_on(facts, side);
        if (rule == NULL || rule->requirement.kind == NIVA_REQUIRE_CONTRACTED ||
            rule->requirement.kind == NIVA_REQUIRE_NONE)
            continue;
        if (naive_listing_on(facts, rule->requirement.snapshot, day) !=
            naive_listing_on(facts, rule->requirement.snapshot, day - 1))
            return true;
    }
    return false;
}

static bool staff_differs(const struct niva_facts *facts, niva_day day)
{
    const struct niva_report *report = naive_report_on(facts, day);

    return report != naive_report_on(facts, day - 1) ||
           (report != NULL && actives_differ(report->positions, report->position_count, day));
}

/* Whether an absence counts on a day by the rule set of either day. */
static bool counts(const struct niva_facts *facts, niva_day rule_day, size_t absence, niva_day day)
{
    const struct niva_rule_set *rule = naive_rule_set_on(facts, rule_day);

    return rule != NULL && naive_absence_counts(facts, &rule->counting, absence, day);
}

static bool absence_differs(const struct niva_facts *facts, size_t i, niva_day day)
{
    const struct niva_absence *absence = &facts->absences[i];
    bool any = false;

    for (niva_day rule = day - 1; rule <= day; rule++) {
        bool before = counts(facts, rule, i, day - 1);
        bool after = counts(facts, rule, i, day);
        if (before != after)
            return true;
        any = any || after;
    }
    return any && actives_differ(absence->cover, absence->cover_count, day);
}

static bool part_differs(const struct niva_facts *facts, size_t part, niva_day day)
{
    switch (part) {
    case 0:
        return on(facts->open, day) != on(facts->open, day - 1);
    case 1:
        return naive_rule_set_on(facts, day) != naive_rule_set_on(facts, day - 1);
    case 2:
        return naive_contract_on(facts, day) != naive_contract_on(facts, day - 1);
    case 3:
        return listing_differs(facts, day);
    case 4:
        return staff_differs(facts, day);
    case 5:
        return naive_finding_on(facts, day) != naive_finding_on(facts, day - 1);
    case 6:
        return naive_dispensation_on(facts, day) != naive_dispensation_on(facts, day - 1);
    default:
        return absence_differs(facts, part - NAIVE_PARTS, day);
    }
}

/* ---- what it is called ---- */

static struct niva_cause contract_cause(const struct niva_facts *facts, niva_day day)
{
    const struct niva_contract *held = naive_contract_on(facts, day - 1);
    const struct niva_contract *holds = naive_contract_on(facts, day);

    if (holds != NULL && (!on(holds->days, day - 1) || holds->binding_from > day - 1))
        return (struct niva_cause){.kind = NIVA_CAUSE_CONTRACT, .contract = holds};
    return (struct niva_cause){.kind = NIVA_CAUSE_CONTRACT_END, .contract = held};
}

static struct niva_cause listing_cause(const struct niva_facts *facts, niva_day day)
{
    for (niva_day side = day; side >= day - 1; side--) {
        const struct niva_rule_set *rule = naive_rule_set_on(facts, side);
        enum niva_snapshot snapshot = rule == NULL ? 0 : rule->requirement.snapshot;
        if (rule != NULL &&
            naive_listing_on(facts, snapshot, day) != naive_listing_on(facts, snapshot, day - 1))
            return (struct niva_cause){.kind = NIVA_CAUSE_LISTING,
                                       .listing = naive_listing_on(facts, snapshot, day)};
    }
    return (struct niva_cause){0};
}

static struct niva_cause finding_cause(const struct niva_facts *facts, niva_day day)
{
    const struct niva_finding *holds = naive_finding_on(facts, day);

    if (holds != NULL && !on(holds->days, day - 1))
        return (struct niva_cause){.kind = NIVA_CAUSE_FINDING, .finding = holds};
    return (struct niva_cause){.kind = NIVA_CAUSE_FINDING_END,
                               .finding = naive_finding_on(facts, day - 1)};
}

static struct niva_cause absence_cause(const struct niva_facts *facts, size_t i, niva_day day)
{
    bool begins = (!counts(facts, day, i, day - 1) && counts(facts, day, i, day)) ||
                  (!counts(facts, day - 1, i, day - 1) && counts(facts, day - 1, i, day));

    return (struct niva_cause){.kind = begins ? NIVA_CAUSE_ABSENCE : NIVA_CAUSE_COVER,
                               .absence = &facts->absences[i]};
}

static struct niva_cause cause_of(const struct niva_facts *facts, size_t part, niva_day day)
{
    const struct niva_report *report = naive_report_on(facts, day);

    switch (part) {
    case 0:
        return (struct niva_cause){.kind = NIVA_CAUSE_OPENING};
    case 1:
        return (struct niva_cause){.kind = NIVA_CAUSE_RULE_SET,
                                   .rule_set = naive_rule_set_on(facts, day)};
    case 2:
        return contract_cause(facts, day);
    case 3:
        return listing_cause(facts, day);
    case 4:
        return (struct niva_cause){.kind = report == naive_report_on(facts, day - 1)
                                               ? NIVA_CAUSE_POSITION
                                               : NIVA_CAUSE_REPORT,
                                   .report = report};
    case 5:
        return finding_cause(facts, day);
    case 6:
        return (struct niva_cause){.kind = NIVA_CAUSE_DISPENSATION,
                                   .dispensation = naive_dispensation_on(facts, day - 1)};
    default:
        return absence_cause(facts, part - NAIVE_PARTS, day);
    }
}

/* ---- what it hangs on ---- */

static bool is_below(const struct niva_facts *facts, const struct naive_mix *mix)
{
    struct naive_day judged;

    naive_mix_judge(facts, mix, &judged);
    return judged.status == NIVA_BELOW_MINIMUM;
}

/* Whether the verdict hangs on a part in some mix of the others. */
static bool matters(const struct niva_facts *facts, niva_day day, const size_t *changes,
                    size_t count, size_t which)
{
    for (unsigned mask = 0; mask < 1U << count; mask++) {
        struct naive_mix without = naive_mix_of(day);
        struct naive_mix with;
        for (size_t i = 0; i < count; i++)
            *place_of(&without, changes[i]) = (mask >> i & 1) != 0 ? day : day - 1;
        with = without;
        *place_of(&without, changes[which]) = day - 1;
        *place_of(&with, changes[which]) = day;
        if (is_below(facts, &with) && !is_below(facts, &without))
            return true;
    }
    return false;
}

/* Puts a cause behind those of its kind and of lower ones; absences are in order of the record. */
static void cause_put(struct naive_causes *causes, const struct niva_cause *cause)
{
    size_t place = causes->count++;

    for (; place > 0; place--) {
        const struct niva_cause *other = &causes->list[place - 1];
        if (other->kind < cause->kind ||
            (other->kind == cause->kind &&
             (other->absence->recorded_at < cause->absence->recorded_at ||
              (other->absence->recorded_at == cause->absence->recorded_at &&
               other->absence < cause->absence))))
            break;
        causes->list[place] = *other;
    }
    causes->list[place] = *cause;
}

void naive_causes_find(const struct niva_facts *facts, niva_day day,
                       struct naive_causes *ret_causes)
{
    size_t changes[NAIVE_CAUSES_MAX];
    struct naive_day before;
    struct naive_day after;

    memset(ret_causes, 0, sizeof *ret_causes);
    for (size_t part = 0; part < NAIVE_PARTS + facts->absence_count; part++)
        if (part_differs(facts, part, day))
            changes[ret_causes->changes++] = part;
    naive_day_judge(facts, day - 1, &before);
    naive_day_judge(facts, day, &after);
    if (after.status != NIVA_BELOW_MINIMUM || before.status == NIVA_BELOW_MINIMUM ||
        ret_causes->changes > NIVA_CHANGES_WEIGHED)
        return;
    for (size_t i = 0; i < ret_causes->changes; i++) {
        struct niva_cause cause = cause_of(facts, changes[i], day);
        if (matters(facts, day, changes, ret_causes->changes, i))
            cause_put(ret_causes, &cause);
    }
}

bool naive_causes_are(const struct naive_causes *naive, size_t count,
                      const struct niva_cause *causes)
{
    if (count != naive->count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct niva_cause *a = &causes[i];
        const struct niva_cause *b = &naive->list[i];
        if (a->kind != b->kind || a->report != b->report || a->absence != b->absence ||
            a->dispensation != b->dispensation || a->contract != b->contract ||
            a->listing != b->listing || a->rule_set != b->rule_set || a->finding != b->finding)
            return false;
    }
    return true;
}
