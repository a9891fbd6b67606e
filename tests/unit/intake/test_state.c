/* What intake takes for the standing report is what the model takes for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/intake.h"
#include "services/model/timeline.h"

enum { REPORTS = 12, DAYS = 6, HISTORIES = 3000 };

static const char unit[] = "SE2321000016-A1";
static const char group[] = "fysioterapeut";

struct history {
    char ids[REPORTS][8];
    size_t report_count;
    struct niva_report reports[REPORTS];
    size_t withdrawal_count;
    struct niva_withdrawal withdrawals[REPORTS];
    bool withdrawn[REPORTS];
};

static size_t random_below(uint64_t *seed, size_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % below;
}

static struct state *state_of(const struct history *history, struct niva_arena *arena)
{
    struct state *state = state_new(arena);

    assert_non_null(state);
    for (size_t i = 0; i < history->report_count; i++) {
        const struct niva_report *report = &history->reports[i];
        struct report_record record = {
            .report_id = report->id,
            .unit = unit,
            .profession_group = group,
            .corrects = report->corrects == NULL ? "" : report->corrects,
            .effective_from = report->effective_from,
            .order = report->recorded_at,
            .withdrawn = history->withdrawn[i],
        };

        assert_true(state_add_report(state, &record));
    }
    return state;
}

static void withdrawal_add(struct history *history, size_t target, niva_instant now)
{
    history->withdrawn[target] = true;
    history->withdrawals[history->withdrawal_count++] =
        (struct niva_withdrawal){history->ids[target], now};
}

static void report_add(struct history *history, const char *corrects, niva_day day,
                       niva_instant now)
{
    size_t index = history->report_count++;

    snprintf(history->ids[index], sizeof *history->ids, "r%zu", index);
    history->reports[index] = (struct niva_report){
        .id = history->ids[index], .corrects = corrects, .effective_from = day, .recorded_at = now};
}

/* Reports, withdrawals and corrections of earlier ones, as intake would accept them. */
static void history_make(struct history *history, uint64_t *seed, struct niva_arena *arena)
{
    memset(history, 0, sizeof *history);
    for (niva_instant now = 1; history->report_count < REPORTS; now++) {
        size_t target = random_below(seed, history->report_count + 1);
        bool stands = target < history->report_count && !history->withdrawn[target];
        const char *corrects = NULL;

        if (stands && random_below(seed, 3) == 0) {
            withdrawal_add(history, target, now);
            continue;
        }
        if (stands && state_correction(state_of(history, arena), history->ids[target]) == NULL)
            corrects = history->ids[target];
        report_add(history, corrects, (niva_day)random_below(seed, DAYS), now);
    }
}

static void compare(const struct history *history, struct niva_arena *arena)
{
    const struct state *state = state_of(history, arena);
    struct niva_facts facts = {
        .open = {0, NIVA_DAY_END},
        .known_at = INT64_MAX,
        .report_count = history->report_count,
        .reports = history->reports,
        .withdrawal_count = history->withdrawal_count,
        .withdrawals = history->withdrawals,
    };

    for (niva_day day = 0; day <= DAYS; day++) {
        const struct report_record *actual = state_standing(state, unit, group, day);
        const struct niva_report *expected;
        struct niva_error err;

        assert_true(niva_report_on(&facts, day, arena, &expected, &err));
        assert_string_equal(actual == NULL ? "none" : actual->report_id,
                            expected == NULL ? "none" : expected->id);
    }
}

static void the_standing_report_is_that_of_the_model(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(64 << 20);
    uint64_t seed = 20220623;

    for (int i = 0; i < HISTORIES; i++) {
        struct history history;

        niva_arena_reset(arena);
        history_make(&history, &seed, arena);
        compare(&history, arena);
    }
    niva_arena_free(arena);
}

static void of_other_units_and_groups_nothing_stands(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(1 << 20);
    struct history history = {0};
    const struct state *known;

    report_add(&history, NULL, 0, 1);
    known = state_of(&history, arena);
    assert_non_null(state_standing(known, unit, group, 0));
    assert_null(state_standing(known, "SE2321000016-A2", group, 0));
    assert_null(state_standing(known, unit, "dietist", 0));
    niva_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standing_report_is_that_of_the_model),
        cmocka_unit_test(of_other_units_and_groups_nothing_stands),
    };
    int failed = cmocka_run_group_tests_name("intake state", tests, NULL, NULL);

    return failed ? 1 : 0;
}
