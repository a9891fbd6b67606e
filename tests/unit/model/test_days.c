/* Ten million unit-days: the model against its restatement day by day over random scenarios, shared
 * among processes. `test_model_days [UNIT_DAYS [SEED]]`; with UNIT_DAYS 0 the scenario of SEED
 * alone, as a message about a difference names it. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/agreement.h"
#include "tests/support/perturbation.h"

enum {
    UNIT_DAYS = 10000000,
    PROCESSES = 2,
    A_PERTURBED = 100, /* every so manieth scenario … */
    HANGS = 3,         /* … and on so many of their days or amounts each rule must decide */
    ARENA_BYTES = 64 << 20,
};

/* What one process, or all of them, have seen. */
struct seen {
    bool differs;
    struct agreement agreement;
    size_t perturbed_scenarios;
    struct perturbed perturbed[PERTURBATIONS];
};

/* What is asked for. */
struct asked {
    size_t unit_days;
    uint64_t seed;
};

static struct asked asked = {UNIT_DAYS, 1};
static struct seen seen;

static bool scenario_see(uint64_t seed, struct niva_arena *arena, struct seen *ret_seen)
{
    struct random_source source = random_seed(seed);
    struct random_scenario scenario;

    random_scenario_make(&source, arena, &scenario);
    if (!agreement_check(&scenario, seed, arena, &ret_seen->agreement))
        return false;
    if (seed % A_PERTURBED == 0) {
        perturbations_count(&scenario, arena, ret_seen->perturbed);
        ret_seen->perturbed_scenarios++;
    }
    niva_arena_reset(arena);
    return true;
}

/* Every PROCESSES-th scenario, until this process has its share of the unit-days. */
static struct seen share_see(unsigned process)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct seen share = {0};
    size_t enough = asked.unit_days / PROCESSES;

    for (uint64_t seed = asked.seed + process; share.agreement.unit_days < enough;
         seed += PROCESSES) {
        share.differs = arena == NULL || !scenario_see(seed, arena, &share);
        if (share.differs)
            break;
    }
    niva_arena_free(arena);
    return share;
}

static pid_t process_start(unsigned process, int *ret_reader)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct seen share = share_see(process);
        _exit(write(ends[1], &share, sizeof share) == (ssize_t)sizeof share ? 0 : 1);
    }
    close(ends[1]);
    *ret_reader = ends[0];
    return child;
}

/* All that is counted is of this type, so that a sum is one loop. */
static void add(size_t *sum, const size_t *more, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof *sum; i++)
        sum[i] += more[i];
}

static void process_end(pid_t child, int reader)
{
    struct seen share;
    size_t got = 0;
    ssize_t more;
    int status;

    while (got < sizeof share &&
           (more = read(reader, (char *)&share + got, sizeof share - got)) > 0)
        got += (size_t)more;
    close(reader);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0 && got == sizeof share);
    seen.differs = seen.differs || share.differs;
    add((size_t *)&seen.agreement, (const size_t *)&share.agreement, sizeof share.agreement);
    add((size_t *)seen.perturbed, (const size_t *)share.perturbed, sizeof share.perturbed);
    seen.perturbed_scenarios += share.perturbed_scenarios;
}

static void the_model_is_what_it_says_day_by_day(void **state)
{
    (void)state;
    pid_t children[PROCESSES];
    int readers[PROCESSES];

    if (asked.unit_days == 0) {
        struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
        assert_true(arena != NULL && scenario_see(asked.seed, arena, &seen));
        niva_arena_free(arena);
        return;
    }
    for (unsigned i = 0; i < PROCESSES; i++)
        children[i] = process_start(i, &readers[i]);
    for (unsigned i = 0; i < PROCESSES; i++)
        process_end(children[i], readers[i]);
    printf("seed %" PRIu64 ": %zu unit-days of %zu scenarios judged twice\n", asked.seed,
           seen.agreement.unit_days, seen.agreement.scenarios);
    assert_false(seen.differs);
    assert_true(seen.agreement.unit_days >= asked.unit_days);
}

/* ---- what was seen ---- */

/* Prints a figure and holds it to a share of the whole, in a run that is long enough for it. */
static void hold(const char *name, size_t figure, size_t whole, size_t parts)
{
    printf("%10zu %s\n", figure, name);
    if (asked.unit_days >= UNIT_DAYS && figure * parts < whole)
        fail_msg("%s: %zu of %zu, expected one in %zu at least", name, figure, whole, parts);
}

static void every_status_and_kind_of_requirement_was_met(void **state)
{
    (void)state;
    static const char *const statuses[] = {
        "",    "NOT_REQUIRED", "NO_REQUIREMENT_BASIS", "NO_REPORT",
        "MET", "DISPENSED",    "BELOW_MINIMUM"};
    static const char *const kinds[] = {"",           "CONTRACTED", "PER_LISTED", "PER_WEIGHTED",
                                        "GREATER_OF", "STEP_TABLE", "NONE"};
    const struct agreement *agreement = &seen.agreement;

    for (size_t i = 1; i <= NIVA_BELOW_MINIMUM; i++)
        hold(statuses[i], agreement->statuses[i], agreement->unit_days, 50);
    for (size_t i = 1; i <= NIVA_REQUIRE_NONE; i++)
        hold(kinds[i], agreement->kinds[i], agreement->unit_days, 100);
}

static void every_formula_and_kind_of_line_was_met(void **state)
{
    (void)state;
    static const char *const formulas[] = {
        "",           "PRO_RATA",          "ALL_OR_NOTHING",   "PER_MISSING_FTE",
        "STEP_TABLE", "PER_STARTED_MONTH", "PER_STARTED_WEEK", "NONE"};
    static const char *const lines[] = {"",         "line RUN",     "line PERIOD",  "line LIMIT",
                                        "line CAP", "line MINIMUM", "line ROUNDING"};
    const struct agreement *agreement = &seen.agreement;

    for (size_t i = 1; i <= NIVA_NO_DEDUCTION; i++)
        hold(formulas[i], agreement->amounts[i], agreement->scenarios, 20);
    for (size_t i = 1; i < NIVA_NO_DEDUCTION; i++)
        hold("amounts over 0 by it", agreement->amounts_over_0[i], agreement->scenarios, 50);
    assert_int_equal(agreement->amounts_over_0[NIVA_NO_DEDUCTION], 0);
    for (size_t i = 1; i <= NIVA_LINE_ROUNDING; i++)
        hold(lines[i], agreement->lines[i], agreement->scenarios, 50);
}

static void something_hung_on_every_rule(void **state)
{
    (void)state;

    printf("days and amounts that hung on a rule, in %zu of the scenarios:\n",
           seen.perturbed_scenarios);
    for (size_t i = 0; i < PERTURBATIONS; i++) {
        const struct perturbed *perturbed = &seen.perturbed[i];
        size_t figure = perturbation_of_money(i) ? perturbed->amounts : perturbed->days;
        printf("%10zu %8zu %s\n", perturbed->days, perturbed->amounts, perturbation_name(i));
        if (asked.unit_days >= UNIT_DAYS && figure < HANGS)
            fail_msg("%s: nothing hangs on it", perturbation_name(i));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_model_is_what_it_says_day_by_day),
        cmocka_unit_test(every_status_and_kind_of_requirement_was_met),
        cmocka_unit_test(every_formula_and_kind_of_line_was_met),
        cmocka_unit_test(something_hung_on_every_rule),
    };
    if (argc > 1)
        asked.unit_days = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        asked.seed = strtoull(argv[2], NULL, 10);
    int failed = cmocka_run_group_tests_name("days", tests, NULL, NULL);

    return failed ? 1 : 0;
}
