#include "tests/support/timelines.h"

#include <stdio.h>
#include <stdlib.h>

#include "services/common/wire/wire.h"

static void *must(void *made)
{
    if (made == NULL) {
        fprintf(stderr, "the arena of a test is too small\n");
        exit(1);
    }
    return made;
}

char *text_make(struct niva_arena *arena, const char *text)
{
    return must(niva_arena_strdup(arena, text));
}

static char *day_make(struct niva_arena *arena, const char *month, int day)
{
    return must(niva_arena_printf(arena, "%s-%02d", month, day));
}

static Niva__Compliance__V1__TimelineChanged__Run *
run_make(struct niva_arena *arena, const char *month, const struct run_spec *spec)
{
    Niva__Compliance__V1__TimelineChanged__Run *run =
        must(niva_wire_new(&niva__compliance__v1__timeline_changed__run__descriptor, arena));
    Niva__Compliance__V1__Segment *segment =
        must(niva_wire_new(&niva__compliance__v1__segment__descriptor, arena));

    segment->first_day = day_make(arena, month, spec->first);
    segment->last_day = day_make(arena, month, spec->last);
    segment->status = (Niva__Compliance__V1__Segment__Status)spec->status;
    segment->required_milli = spec->required_milli;
    segment->counted_milli = spec->counted_milli;
    segment->shortfall_milli = spec->shortfall_milli;
    segment->report_id = text_make(arena, "r");
    segment->rule_set_id = text_make(arena, "fysioterapi-2022");
    segment->rule_set_version = 1;
    run->segment = segment;
    run->grace_days = spec->grace_days;
    if (spec->breach_first_day != NULL) {
        run->breach_first_day = text_make(arena, spec->breach_first_day);
        run->breach_id = must(niva_arena_printf(arena, "b-%s", spec->breach_first_day));
    }
    return run;
}

Niva__Compliance__V1__TimelineChanged *timeline_make(struct niva_arena *arena, const char *unit,
                                                     const char *month, const struct run_spec *runs,
                                                     size_t count)
{
    Niva__Compliance__V1__TimelineChanged *timeline =
        must(niva_wire_new(&niva__compliance__v1__timeline_changed__descriptor, arena));
    Niva__Intake__V1__Unit *registered =
        must(niva_wire_new(&niva__intake__v1__unit__descriptor, arena));
    Niva__Intake__V1__Owner *owner =
        must(niva_wire_new(&niva__intake__v1__owner__descriptor, arena));

    registered->hsa_id = text_make(arena, unit);
    registered->name = text_make(arena, "Vårdcentralen Åkern (fiktiv)");
    registered->region_code = text_make(arena, "19");
    registered->opened_on = text_make(arena, "2020-01-01");
    owner->org_number = text_make(arena, "5566778899");
    owner->form = NIVA__INTAKE__V1__OWNER__FORM__PRIVATE;
    owner->first_day = text_make(arena, "2020-01-01");
    timeline->unit = text_make(arena, unit);
    timeline->profession_group = text_make(arena, "fysioterapeut");
    timeline->month = text_make(arena, month);
    timeline->registered_unit = registered;
    timeline->owner = owner;
    timeline->cause = NIVA__COMPLIANCE__V1__TIMELINE_CHANGED__CAUSE__PROVIDER_FACT;
    timeline->n_runs = count;
    timeline->runs = must(niva_arena_array(arena, count, sizeof *timeline->runs));
    for (size_t i = 0; i < count; i++)
        timeline->runs[i] = run_make(arena, month, &runs[i]);
    return timeline;
}

static Niva__Compliance__V1__Counting *counting_make(struct niva_arena *arena)
{
    Niva__Compliance__V1__Counting *counting =
        must(niva_wire_new(&niva__compliance__v1__counting__descriptor, arena));

    counting->n_title_codes = 1;
    counting->title_codes = must(niva_arena_array(arena, 1, sizeof *counting->title_codes));
    counting->title_codes[0] = text_make(arena, "FT");
    counting->n_employments = 1;
    counting->employments = must(niva_arena_array(arena, 1, sizeof *counting->employments));
    counting->employments[0] = NIVA__INTAKE__V1__POSITION__EMPLOYMENT__EMPLOYED;
    return counting;
}

Niva__Compliance__V1__RuleSet *rule_set_make(struct niva_arena *arena,
                                             Niva__Compliance__V1__Regulation__Formula formula)
{
    Niva__Compliance__V1__RuleSet *rule_set =
        must(niva_wire_new(&niva__compliance__v1__rule_set__descriptor, arena));

    rule_set->rule_set_id = text_make(arena, "fysioterapi-2022");
    rule_set->region_code = text_make(arena, "19");
    rule_set->profession_group = text_make(arena, "fysioterapeut");
    rule_set->version = 1;
    rule_set->first_day = text_make(arena, "2020-01-01");
    rule_set->severity = NIVA__COMPLIANCE__V1__RULE_SET__SEVERITY__BINDING;
    rule_set->requirement =
        must(niva_wire_new(&niva__compliance__v1__requirement__descriptor, arena));
    rule_set->requirement->kind = NIVA__COMPLIANCE__V1__REQUIREMENT__KIND__CONTRACTED;
    rule_set->counting = counting_make(arena);
    rule_set->regulation =
        must(niva_wire_new(&niva__compliance__v1__regulation__descriptor, arena));
    rule_set->regulation->formula = formula;
    rule_set->remark_sv = text_make(arena, "Formeln är ett antagande.");
    rule_set->remark_en = text_make(arena, "The formula is an assumption.");
    return rule_set;
}
