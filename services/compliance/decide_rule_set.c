#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

static const Niva__Compliance__V1__PutRuleSetRequest *put_of(const struct niva_item *item)
{
    return (const void *)item->request;
}

bool want_put_rule_set(struct desk *desk, const struct niva_item *item)
{
    const pb_rule_set *rule_set = put_of(item)->rule_set;
    return desk_want_fact(desk, RECORD_RULE_SET, rule_set->rule_set_id) &&
           desk_want_region(desk, rule_set->region_code);
}

bool rule_set_scope_kept(const pb_rule_set *rule_set, const struct record *present,
                         struct niva_error *err)
{
    if (present == NULL || (strcmp(present->fact.region, rule_set->region_code) == 0 &&
                            strcmp(present->fact.group, rule_set->profession_group) == 0))
        return true;
    return niva_refuse(err, NIVA_FAILED_PRECONDITION, rule_set->rule_set_id, "RULE_SET_ELSEWHERE",
                       "Regelverket %s gäller region %s och %s: ge det nya en egen id.",
                       "The rule set %s is of region %s and %s: give the new one an id of its own.",
                       rule_set->rule_set_id, present->fact.region, present->fact.group);
}

/* Whether a later version of the same rule set lies behind it in the record. */
static bool is_replaced(const struct records *region, size_t index)
{
    for (size_t i = index + 1; i < region->count; i++) {
        if (region->list[i].kind == RECORD_RULE_SET &&
            strcmp(region->list[i].fact.id, region->list[index].fact.id) == 0)
            return true;
    }
    return false;
}

const pb_rule_set *rule_set_overlapping(const pb_rule_set *rule_set, const struct records *region,
                                        size_t *at, struct niva_span *ret_days)
{
    struct niva_span mine = days_read(rule_set->first_day, rule_set->last_day);
    while (*at < region->count) {
        size_t index = (*at)++;
        const struct record *record = &region->list[index];
        if (record->kind != RECORD_RULE_SET || record->message == NULL ||
            strcmp(record->fact.group, rule_set->profession_group) != 0 ||
            strcmp(record->fact.id, rule_set->rule_set_id) == 0 || is_replaced(region, index))
            continue;
        const pb_rule_set *other = (const void *)record->message;
        struct niva_span theirs = days_read(other->first_day, other->last_day);
        *ret_days = (struct niva_span){mine.from > theirs.from ? mine.from : theirs.from,
                                       mine.until < theirs.until ? mine.until : theirs.until};
        if (ret_days->from < ret_days->until)
            return other;
    }
    return NULL;
}

static bool no_overlap(const pb_rule_set *rule_set, const struct records *region,
                       struct niva_error *err)
{
    struct niva_span days;
    size_t at = 0;
    const pb_rule_set *other = rule_set_overlapping(rule_set, region, &at, &days);
    return other == NULL ||
           niva_refuse(err, NIVA_FAILED_PRECONDITION, other->rule_set_id, "RULE_SET_OVERLAP",
                       "Dagarna överlappar regelverket %s, som börjar %s. Den som ansvarar "
                       "för det kan ge det en sista dag.",
                       "The days overlap the rule set %s, which begins on %s. Whoever answers "
                       "for it can give it a last day.",
                       other->rule_set_id, other->first_day);
}

bool decide_put_rule_set(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Compliance__V1__PutRuleSetRequest *put = put_of(item);
    const struct record *present = desk_last(desk, RECORD_RULE_SET, put->rule_set->rule_set_id);
    if (!version_expect(put->expected_case ==
                            NIVA__COMPLIANCE__V1__PUT_RULE_SET_REQUEST__EXPECTED_EXPECTED_VERSION,
                        put->expected_version, version_of(present), put->rule_set->rule_set_id,
                        err) ||
        !rule_set_scope_kept(put->rule_set, present, err) ||
        !no_overlap(put->rule_set, desk_region(desk, put->rule_set->region_code), err))
        return false;

    struct niva_arena *arena = desk_arena(desk);
    pb_rule_set *rule_set = niva_wire_copy(&put->rule_set->base, arena);
    Niva__Compliance__V1__PutRuleSetResponse *reply =
        niva_wire_new(&niva__compliance__v1__put_rule_set_response__descriptor, arena);
    Niva__Compliance__V1__RuleSetPublished *event =
        niva_wire_new(&niva__compliance__v1__rule_set_published__descriptor, arena);
    if (rule_set == NULL || reply == NULL || event == NULL)
        return niva_fail_memory(err);
    rule_set->version = version_of(present) + 1;
    rule_set->recorded_at = niva_wire_timestamp(item->recorded_at, arena);
    rule_set->recorded_by = (char *)item->principal;
    reply->rule_set = event->rule_set = rule_set;
    if (rule_set->recorded_at == NULL)
        return niva_fail_memory(err);

    struct niva_fact fact = {.id = rule_set->rule_set_id,
                             .version = rule_set->version,
                             .group = rule_set->profession_group,
                             .region = rule_set->region_code,
                             .first_day = niva_day_read(rule_set->first_day)};
    const char *by = NULL;
    if (!desk_append(desk, item, RECORD_RULE_SET, &fact, &rule_set->base, &by, err) ||
        !niva_batch_event(desk_batch(desk), "se.niva.compliance.rule-set.published.v1", "",
                          &event->base, NULL, err))
        return false;
    item->reply = &reply->base;
    return desk_touch_region(desk, rule_set->region_code, rule_set->profession_group, PB_RULE, by,
                             err);
}
