#include "services/compliance/registered.h"

#include <string.h>

/* Principals on their way, in order. */
struct principals {
    size_t count;
    char **list; /* room for a report or finding, a dispensation, and every contract */
};

static void principal_add(struct principals *principals, const char *name)
{
    size_t at = 0;
    while (at < principals->count && strcmp(principals->list[at], name) < 0)
        at++;
    if (at < principals->count && strcmp(principals->list[at], name) == 0)
        return;
    memmove(&principals->list[at + 1], &principals->list[at],
            (principals->count - at) * sizeof *principals->list);
    principals->list[at] = (char *)(uintptr_t)name;
    principals->count++;
}

static void report_add(const struct dossier *dossier, const struct niva_report *report,
                       struct principals *principals)
{
    for (size_t i = 0; i < dossier->report_count; i++) {
        if (strcmp(dossier->reports[i].message->report_id, report->id) == 0)
            principal_add(principals, dossier->reports[i].by);
    }
}

/* Who granted it, and not who revoked it later. */
static void dispensation_add(const struct dossier *dossier,
                             const struct niva_dispensation *dispensation,
                             struct principals *principals)
{
    const struct niva_facts *facts = &dossier->facts;
    for (size_t i = 0; i < facts->dispensation_count; i++) {
        if (strcmp(facts->dispensations[i].id, dispensation->id) == 0) {
            principal_add(principals, dossier->dispensation_by[i]);
            return;
        }
    }
}

/* The contracts that required something on the days. */
static void contracts_add(const struct dossier *dossier, struct niva_span days,
                          struct principals *principals)
{
    const struct niva_facts *facts = &dossier->facts;
    niva_day until;
    for (niva_day day = days.from; day < days.until; day = until) {
        const struct niva_contract *contract = niva_contract_on(facts, day, &until);
        if (contract != NULL)
            principal_add(principals, dossier->contract_by[contract - facts->contracts]);
    }
}

static bool contract_required(const struct niva_rule_set *rule_set)
{
    return rule_set->requirement.kind == NIVA_REQUIRE_CONTRACTED ||
           rule_set->requirement.kind == NIVA_REQUIRE_GREATER_OF;
}

bool registered_by(const struct dossier *dossier, const struct niva_segment *segment,
                   struct niva_arena *arena, size_t *ret_count, char ***ret_principals,
                   struct niva_error *err)
{
    struct principals principals = {
        .list = niva_arena_array(arena, dossier->facts.contract_count + 3, sizeof(char *))};
    if (principals.list == NULL)
        return niva_fail_memory(err);
    if (segment->finding != NULL)
        principal_add(&principals, dossier->finding_by[segment->finding - dossier->facts.findings]);
    else if (segment->report != NULL)
        report_add(dossier, segment->report, &principals);
    if (segment->dispensation != NULL)
        dispensation_add(dossier, segment->dispensation, &principals);
    if (segment->rule_set != NULL && contract_required(segment->rule_set))
        contracts_add(dossier, segment->days, &principals);
    *ret_count = principals.count;
    *ret_principals = principals.list;
    return true;
}
