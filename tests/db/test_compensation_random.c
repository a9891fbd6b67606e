/* Random facts, days, dialogues, decisions and settlements: what stands at the end equals the model
 * from scratch and section 9.5 of it restated, whoever ran the unit and whatever was handed over
 * meanwhile; what was decided stands, each line of money is in one settlement, every explanation
 * adds up, the proof finds nothing, and nothing depends on the batches in which the facts came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"
#include "services/compensation/decide_line.h"
#include "tests/support/settlement_rig.h"

enum { UNITS = 3, MONTHS = 5, STEPS = 150, COMPONENTS_MAX = STEPS };

static const char *const units[UNITS] = {"SE2321000016-1001", "SE2321000016-1002",
                                         "SE2321000016-1003"};
static const char *const months[MONTHS] = {"2022-06", "2022-07", "2022-08", "2022-09", "2022-10"};
static const char *const names[2] = {"fysioterapi", "rehab"};

static struct cluster *cluster;

/* What was told so far, to compute from scratch. */
struct record {
    uint64_t seed;
    niva_day today;
    size_t exported; /* settlements that were made */
    size_t voided;
    size_t booked;
    const Niva__Compliance__V1__TimelineChanged *timelines[UNITS][MONTHS];
    size_t component_count[UNITS];
    struct niva_component components[UNITS][COMPONENTS_MAX];
};

static uint32_t draw(struct record *record, uint32_t below)
{
    record->seed = record->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(record->seed >> 33) % below;
}

/* A month of one to four runs; a bad one belongs to a breach that began with it, or before the
 * month. */
static Niva__Compliance__V1__TimelineChanged *month_draw(struct record *record, struct rig *rig,
                                                         const char *unit, const char *month)
{
    static const Niva__Compliance__V1__Regulation__Formula formulas[] = {
        NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA,
        NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA,
        NIVA__COMPLIANCE__V1__REGULATION__FORMULA__ALL_OR_NOTHING,
        NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PER_MISSING_FTE,
        NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PER_STARTED_MONTH,
        NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PER_STARTED_WEEK,
    };
    struct run_spec runs[4];
    char since[4][16];
    size_t count = 0;
    struct niva_span span;
    Niva__Compliance__V1__TimelineChanged *timeline;

    assert_true(niva_month_parse(month, &span));
    for (int day = 1; day <= span.until - span.from;) {
        int end = span.until - span.from;
        bool bad = draw(record, 2) == 0;

        if (count < 3)
            end = day + (int)draw(record, (uint32_t)(end - day + 1));
        runs[count] = (struct run_spec)RUN_MET(day, end, 2800);
        if (bad) {
            int counted = (int)draw(record, 28) * 100;

            snprintf(since[count], sizeof since[count], "%s-%02d", month, day);
            if (day == 1 && draw(record, 2) == 0)
                snprintf(since[count], sizeof since[count], "2022-05-20");
            runs[count] = (struct run_spec)RUN_BELOW(day, end, 2800, counted, since[count]);
            runs[count].grace_days = (int)draw(record, 3);
        }
        count++;
        day = end + 1;
    }
    timeline = timeline_make(rig->arena, unit, month, runs, count);
    timeline->rule_set = rule_set_make(rig->arena, formulas[draw(record, 6)]);
    timeline->rule_set->version = (int)draw(record, 2) + 1;
    timeline->rule_set->regulation->permille = 125;
    timeline->rule_set->regulation->ore_per_fte_month = 7000000;
    timeline->cause = (Niva__Compliance__V1__TimelineChanged__Cause)(draw(record, 3) + 1);
    if (draw(record, 4) == 0) { /* the unit was taken over, from this month or up to it */
        timeline->owner->form = NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD;
        timeline->owner->org_number = text_make(rig->arena, "2321000016");
    }
    if (draw(record, 6) == 0)
        timeline->registered_unit->closed_on =
            niva_arena_printf(rig->arena, "%s-%02d", month, (int)draw(record, 30) + 1);
    return timeline;
}

static void month_step(struct record *record, struct rig *rig)
{
    uint32_t unit = draw(record, UNITS);
    uint32_t month = draw(record, MONTHS);

    record->timelines[unit][month] = month_draw(record, rig, units[unit], months[month]);
    rig_month(rig, record->timelines[unit][month]);
}

static void component_step(struct record *record, struct rig *rig)
{
    static const char *const first_days[] = {"2020-01-01", "2022-07-10", "2022-08-01"};
    uint32_t unit = draw(record, UNITS);
    const char *last_day = draw(record, 3) == 0 ? "2022-08-20" : "";
    Niva__Compensation__V1__PutComponentRequest *put =
        rig_put_make(rig, units[unit], names[draw(record, 2)], first_days[draw(record, 3)],
                     last_day, (int64_t)draw(record, 100) * 100000);
    Niva__Compensation__V1__PutComponentResponse *reply;
    struct niva_error err;

    put->component->regulated = draw(record, 6) > 0;
    if (!rig_call_put(rig, put, &reply, &err))
        fail_msg("%s", err.text_en);
    assert_true(niva_facts_component(
        reply->component, &record->components[unit][record->component_count[unit]++], &err));
}

static void day_step(struct record *record, struct rig *rig)
{
    char text[16];

    for (uint32_t n = draw(record, 8) + 1; n > 0; n--) {
        niva_day_format(++record->today, text);
        rig_day(rig, text);
    }
}

/* Something is told of the dialogue about a breach of a month: it is opened, answered, or the
 * breach goes up in that of another month. */
static void dialogue_step(struct record *record, struct rig *rig)
{
    uint32_t unit = draw(record, UNITS);
    const Niva__Compliance__V1__TimelineChanged *one =
        record->timelines[unit][draw(record, MONTHS)];
    const Niva__Compliance__V1__TimelineChanged *other =
        record->timelines[unit][draw(record, MONTHS)];
    uint32_t kind = draw(record, 5);
    const char *breach;
    const char *into;

    if (one == NULL || other == NULL)
        return;
    breach = one->runs[draw(record, (uint32_t)one->n_runs)]->breach_id;
    into = other->runs[draw(record, (uint32_t)other->n_runs)]->breach_id;
    if (breach[0] == '\0')
        return;
    if (kind < 3)
        rig_told(rig, units[unit], breach, "");
    else if (kind == 3)
        rig_answered(rig, units[unit], breach);
    else if (into[0] != '\0' && strcmp(into, breach) != 0)
        rig_merged(rig, units[unit], breach, into);
}

/* An open line of a month that has ended is prepared and decided somehow. */
static void decision_step(struct record *record, struct rig *rig)
{
    Adjustment **lines;
    size_t count = rig_list(rig, false, &lines);
    size_t kept = 0;
    const Adjustment *line;

    for (size_t i = 0; i < count; i++)
        if (line_is_open((enum line_state)lines[i]->state) &&
            (enum line_state)lines[i]->state != LINE_PRELIMINARY)
            lines[kept++] = lines[i];
    if (kept == 0)
        return;
    line = lines[draw(record, (uint32_t)kept)];
    if (line_is_money_back(line))
        rig_settle(rig, line, RIG_APPROVE, 0);
    else
        rig_settle(rig, line, (enum rig_decision)draw(record, 3),
                   (int64_t)draw(record, 1000) * line->computed_ore / 1000);
}

static bool refused_as(const struct niva_error *err, const char *one, const char *other)
{
    return err->code == NIVA_FAILED_PRECONDITION && err->violation_count == 1 &&
           (strcmp(err->violations[0].reason, one) == 0 ||
            strcmp(err->violations[0].reason, other) == 0);
}

/* What is decided is handed over in the month of today. */
static void export_step(struct record *record, struct rig *rig)
{
    ExportResponse *response = NULL;
    struct niva_error err;
    char period[16];

    niva_day_format(record->today, period);
    period[strlen("2022-06")] = '\0';
    if (rig_export(rig, "19", period, NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__SIE4I, &response,
                   &err))
        record->exported += !response->exported_before;
    else if (!refused_as(&err, "NOTHING_TO_SETTLE", "MONTH_NOT_BEGUN"))
        fail_msg("%s: %s (%s)", period, err.text_en, err.cause);
}

/* A settlement that lives is taken back or booked. */
static void settlement_step(struct record *record, struct rig *rig)
{
    Settlement **settlements;
    size_t count = rig_settlements(rig, false, &settlements);
    struct niva_error err;

    for (size_t i = 0; i < count; i++) {
        const char *id = settlements[i]->settlement_id;
        bool back = draw(record, 2) == 0;

        if (settlements[i]->state != NIVA__COMPENSATION__V1__SETTLEMENT__STATE__EXPORTED)
            continue;
        if (!(back ? rig_void(rig, id, "Fiktivt skäl", &err) : rig_book(rig, id, "F-1", &err)))
            fail_msg("%s: %s (%s)", id, err.text_en, err.cause);
        *(back ? &record->voided : &record->booked) += 1;
        return;
    }
}

/* Plays a seed; `single`: each event in a batch of its own. */
static void play(struct record *record, struct rig *rig, bool single)
{
    assert_true(niva_day_parse("2022-06-20", &record->today));
    for (int step = 0; step < STEPS; step++) {
        uint32_t kind = draw(record, 17);

        if (kind > 12) {
            rig_apply(rig);
            (kind < 15 ? export_step : settlement_step)(record, rig);
        } else if (kind == 0) {
            rig_apply(rig);
            component_step(record, rig);
        } else if (kind > 8) {
            rig_apply(rig);
            decision_step(record, rig);
        } else if (kind == 8) {
            dialogue_step(record, rig);
        } else if (kind < 5) {
            month_step(record, rig);
        } else if (step > 10) {
            day_step(record, rig);
        }
        while (single && rig->event_count > 0) {
            size_t count = rig->event_count;

            rig->event_count = 1;
            rig_apply(rig);
            memmove(&rig->events[0], &rig->events[1], (count - 1) * sizeof rig->events[0]);
            rig->event_count = count - 1;
        }
        if (rig->event_count > 300)
            rig_apply(rig);
    }
    rig_apply(rig);
}

static int64_t scratch_cost(const struct record *record, struct rig *rig, size_t unit, size_t month,
                            const char *component)
{
    const struct niva_deduction *deduction;
    struct amounts amounts;
    struct niva_error err;
    struct niva_span days;

    assert_true(niva_month_parse(months[month], &days));
    if (record->timelines[unit][month] == NULL || days.from > record->today)
        return 0;
    if (!amounts_compute(record->timelines[unit][month], record->components[unit],
                         record->component_count[unit], record->today, rig->arena, &amounts, &err))
        fail_msg("%s", err.cause);
    deduction = amounts_find(&amounts, component);
    return deduction == NULL ? 0 : deduction->ore;
}

/* The lines of a component in a month: the decided ones in the order of their decisions, then the
 * open one. */
struct month_lines {
    size_t decided_count;
    const Adjustment *decided[STEPS];
    const Adjustment *open;
};

static niva_instant decided_at(const Adjustment *line)
{
    niva_instant at;

    assert_true(niva_wire_instant(line->decision_recorded_at, &at));
    return at;
}

static void lines_find(Adjustment *const *lines, size_t count, const char *unit,
                       const char *component, const char *period, struct month_lines *ret)
{
    *ret = (struct month_lines){0};
    for (size_t i = 0; i < count; i++) {
        size_t at = ret->decided_count;

        if (strcmp(lines[i]->unit, unit) != 0 || strcmp(lines[i]->component, component) != 0 ||
            strcmp(lines[i]->period, period) != 0)
            continue;
        if (line_is_open((enum line_state)lines[i]->state)) {
            if (ret->open != NULL)
                fail_msg("two open lines of %s %s %s", unit, component, period);
            ret->open = lines[i];
            continue;
        }
        for (; at > 0 && decided_at(ret->decided[at - 1]) > decided_at(lines[i]); at--)
            ret->decided[at] = ret->decided[at - 1];
        ret->decided[at] = lines[i];
        ret->decided_count++;
    }
}

/* Section 9.5, sentence by sentence: what is due of a month that costs `ore`, less what was taken.
 * Never more is given back than was taken. */
static int64_t naive_difference(const struct month_lines *lines, int64_t ore)
{
    int64_t due = ore;
    int64_t taken = 0;

    for (size_t k = 0; k < lines->decided_count; k++) {
        const Adjustment *line = lines->decided[k];
        int64_t more = ore - line->computed_total_ore;

        taken += line->deduction_ore;
        assert_true(taken >= 0);
        if (line->computed_ore >= 0 && taken + (more > 0 ? more : 0) < due)
            due = taken + (more > 0 ? more : 0);
    }
    return due - taken;
}

/* A line that is open is settled with whoever ran the unit in its month, whenever that may be. */
static void owner_is_the_month_s(const Adjustment *line,
                                 const Niva__Compliance__V1__TimelineChanged *timeline)
{
    bool private = timeline->owner->form == NIVA__INTAKE__V1__OWNER__FORM__PRIVATE;

    assert_string_equal(line->owner, timeline->owner->org_number);
    assert_int_equal(line->form, timeline->owner->form);
    assert_int_equal(line->channel, private
                                        ? NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET
                                        : NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL);
}

/* The open lines are what the model says is due of the facts after what was decided. */
static void equals_scratch(const struct record *record, struct rig *rig, size_t *decided_count)
{
    Adjustment **lines;
    size_t count = rig_list(rig, false, &lines);
    size_t seen = 0;

    for (size_t unit = 0; unit < UNITS; unit++) {
        for (size_t month = 0; month < MONTHS; month++) {
            for (size_t name = 0; name < 2; name++) {
                int64_t ore = scratch_cost(record, rig, unit, month, names[name]);
                struct month_lines found;
                struct niva_span days;
                int64_t due;

                lines_find(lines, count, units[unit], names[name], months[month], &found);
                seen += found.decided_count + (found.open != NULL);
                *decided_count += found.decided_count;
                due = naive_difference(&found, ore);
                if ((found.open != NULL ? found.open->computed_ore : 0) != due)
                    fail_msg("%s %s %s: %lld öre on record, %lld due", units[unit], names[name],
                             months[month],
                             (long long)(found.open != NULL ? found.open->computed_ore : 0),
                             (long long)due);
                if (found.open == NULL)
                    continue;
                assert_int_equal(found.open->computed_total_ore, ore);
                owner_is_the_month_s(found.open, record->timelines[unit][month]);
                assert_true(niva_month_parse(months[month], &days));
                assert_true(((enum line_state)found.open->state == LINE_PRELIMINARY) ==
                            (record->today < days.until));
            }
        }
    }
    assert_int_equal(count, seen);
}

/* Every line that ever was is explained, as it is and as it was known at any instant. */
static void explanations_add_up(struct record *record, struct rig *rig)
{
    Adjustment **versions;
    size_t count = rig_list(rig, true, &versions);

    for (size_t i = 0; i < count; i++) {
        niva_instant recorded_at;

        rig_explain(rig, versions[i]->adjustment_id, INT64_MAX);
        assert_true(niva_wire_instant(versions[i]->recorded_at, &recorded_at));
        assert_int_equal(
            rig_explain(rig, versions[i]->adjustment_id, recorded_at)->adjustment->deduction_ore,
            versions[i]->deduction_ore);
    }
    assert_true(count > 0);
    (void)record;
}

/* All versions without their ids, as one text of bytes. */
static ProtobufCBinaryData versions_pack(struct rig *rig)
{
    ListAdjustmentsResponse all = NIVA__COMPENSATION__V1__LIST_ADJUSTMENTS_RESPONSE__INIT;
    ProtobufCBinaryData bytes;
    struct niva_error err;

    all.n_adjustments = rig_list(rig, true, &all.adjustments);
    for (size_t i = 0; i < all.n_adjustments; i++) {
        all.adjustments[i]->adjustment_id = text_make(rig->arena, "id");
        if (all.adjustments[i]->settlement_id[0] != '\0')
            all.adjustments[i]->settlement_id = text_make(rig->arena, "id");
        if (all.adjustments[i]->superseded_by[0] != '\0')
            all.adjustments[i]->superseded_by = text_make(rig->arena, "id");
    }
    assert_true(niva_wire_pack(&all.base, rig->arena, &bytes, &err));
    return bytes;
}

/* `totals` counts what came to pass. */
static void seed_try(uint64_t seed, struct record *totals)
{
    static struct record whole_record;
    static struct record single_record;
    static struct rig whole;
    static struct rig single;
    ProtobufCBinaryData a;
    ProtobufCBinaryData b;
    size_t decided = 0;

    whole_record = (struct record){.seed = seed};
    single_record = (struct record){.seed = seed};
    rig_open(&whole, cluster);
    rig_open(&single, cluster);
    play(&whole_record, &whole, false);
    play(&single_record, &single, true);
    equals_scratch(&whole_record, &whole, &decided);
    equals_scratch(&single_record, &single, &decided);
    assert_true(decided > 4);
    rig_decided_lines_stand(&whole);
    rig_lines_are_settled_once(&whole);
    rig_lines_are_settled_once(&single);
    totals->exported += whole_record.exported;
    totals->voided += whole_record.voided;
    totals->booked += whole_record.booked;
    explanations_add_up(&whole_record, &whole);
    assert_string_equal(rig_verify(&whole), "");
    assert_string_equal(rig_verify(&single), "");
    a = versions_pack(&whole);
    b = versions_pack(&single);
    if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0)
        fail_msg("seed %llu: batches make a difference (%zu and %zu bytes)",
                 (unsigned long long)seed, a.len, b.len);
    rig_close(&single);
    rig_close(&whole);
}

static void test_random(void **state)
{
    static struct record totals;

    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++)
        seed_try(seed, &totals);
    printf("%zu settlements, %zu voided, %zu booked\n", totals.exported, totals.voided,
           totals.booked);
    assert_true(totals.exported > totals.voided + totals.booked && totals.voided > 0 &&
                totals.booked > 0);
}

static int group_setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    cluster = cluster_free(cluster);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
