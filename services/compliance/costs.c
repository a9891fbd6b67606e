#include "services/compliance/costs.h"

#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"

bool amounts_read(const struct stored_component *rows, size_t count, const char *group,
                  niva_instant known_at, struct niva_arena *arena, struct amounts *ret_amounts,
                  struct niva_error *err)
{
    struct niva_component *list = niva_arena_array(arena, count, sizeof *list);
    size_t read = 0;
    if (list == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        ProtobufCMessage *message;
        if (!niva_wire_unpack(&niva__compensation__v1__component__descriptor, rows[i].body.data,
                              rows[i].body.len, false, arena, &message, err))
            return false;
        const pb_component *component = (const pb_component *)message;
        if (strcmp(component->profession_group, group) != 0)
            continue;
        if (!niva_facts_component(component, &list[read], err))
            return false;
        read += list[read].recorded_at <= known_at;
    }
    *ret_amounts = (struct amounts){read, list};
    return true;
}

static struct niva_span common(struct niva_span a, struct niva_span b)
{
    return (struct niva_span){a.from > b.from ? a.from : b.from,
                              a.until < b.until ? a.until : b.until};
}

bool costs_of_month(const struct costing *costing, niva_day month, struct niva_arena *arena,
                    size_t *ret_count, const struct niva_deduction **ret_deductions,
                    struct niva_error *err)
{
    const struct niva_span days = {niva_month_begin(month), niva_month_next(month)};
    const struct niva_rule_set *rule_set = niva_rule_set_on(costing->facts, days.until - 1);
    struct niva_month asked = {
        .days = days,
        .today = costing->today,
        .open = costing->facts->open,
        .rule =
            rule_set != NULL && rule_set->severity == NIVA_BINDING ? &rule_set->regulation : NULL,
        .component_count = costing->amounts->count,
        .components = costing->amounts->list,
    };
    return niva_month_runs(costing->timeline, common(days, costing->days), arena, &asked.run_count,
                           &asked.runs, err) &&
           niva_deductions_compute(&asked, arena, ret_count, ret_deductions, err);
}

bool costs_timeline(const struct niva_facts *facts, niva_day from, struct niva_span days,
                    struct niva_arena *arena, struct niva_timeline *ret_timeline,
                    struct niva_error *err)
{
    const struct niva_span longer = {from, days.until};
    if (!niva_timeline_compute(facts, days, false, arena, ret_timeline, err))
        return false;
    if (from >= days.from || ret_timeline->segments[0].status != NIVA_BELOW_MINIMUM)
        return true;
    return niva_timeline_compute(facts, longer, false, arena, ret_timeline, err);
}

int32_t below_days(const struct niva_timeline *timeline, struct niva_span days)
{
    int32_t count = 0;
    for (size_t i = 0; i < timeline->segment_count; i++) {
        const struct niva_segment *segment = &timeline->segments[i];
        struct niva_span inside = common(segment->days, days);
        if (segment->status == NIVA_BELOW_MINIMUM && inside.from < inside.until)
            count += inside.until - inside.from;
    }
    return count;
}
