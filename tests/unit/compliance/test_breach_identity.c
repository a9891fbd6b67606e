/* Breach identity (model section 7): days become bad and good again anywhere, and today moves on;
 * after every step each breach has the id, state, days, segments, version and names that the naive
 * restatement gives it. `test_compliance_breach_identity [SEED]` runs one sequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/compliance/recompute.h"
#include "tests/support/naive_breaches.h"
#include "tests/support/random_facts.h"

enum { SEQUENCES = 6000, STEPS = 40, FIRST_TODAY = 12, TOLD = 4096, ARENA_BYTES = 16 << 20 };
static const niva_day zero = 18993; /* 2022-01-01 */

static uint64_t only_seed;

/* One sequence: what the days are, what the rule says, and what the service's core says. */
struct sequence {
    uint64_t seed;
    struct random_source source;
    struct niva_arena *arena;
    int behind[NAIVE_DAYS];
    struct naive_breaches expected;
    size_t count;
    struct known_breach actual[NAIVE_BREACHES_MAX];
    const char *ids[NAIVE_BREACHES_MAX];
    size_t told; /* of the text of what was done */
    char text[TOLD];
};

static struct naive_fates fates;

__attribute__((format(printf, 2, 3))) static void tell(struct sequence *sequence,
                                                       const char *format, ...)
{
    va_list arguments;
    int more;

    va_start(arguments, format);
    more = vsnprintf(sequence->text + sequence->told, TOLD - sequence->told, format, arguments);
    va_end(arguments);
    assert_true(more >= 0 && sequence->told + (size_t)more < TOLD);
    sequence->told += (size_t)more;
}

/* ---- the core ---- */

/* The days as a timeline; what lies behind a day is its shortfall. */
static struct niva_timeline timeline_of(struct sequence *sequence)
{
    struct niva_segment *segments = niva_arena_array(sequence->arena, NAIVE_DAYS, sizeof *segments);
    size_t count = 0;

    assert_non_null(segments);
    for (int day = 0; day < NAIVE_DAYS; day++) {
        int behind = sequence->behind[day];
        if (day == 0 || behind != sequence->behind[day - 1])
            segments[count++] = (struct niva_segment){
                .days = {zero + day, zero + day},
                .status = behind == 0 ? NIVA_MET : NIVA_BELOW_MINIMUM,
                .required_milli = 2000,
                .counted_milli = 2000 - behind,
                .shortfall_milli = behind,
            };
        segments[count - 1].days.until = zero + day + 1;
    }
    return (struct niva_timeline){.segment_count = count, .segments = segments};
}

static void remember(struct sequence *sequence, const struct breach_change *change)
{
    pb_breach *version = change->version;
    size_t i = 0;

    while (i < sequence->count && strcmp(sequence->ids[i], version->breach_id) != 0)
        i++;
    assert_true(change->opened == (i == sequence->count));
    assert_true(i < NAIVE_BREACHES_MAX);
    sequence->ids[i] = version->breach_id;
    sequence->actual[i] = (struct known_breach){version, (int64_t)i + 1};
    sequence->count += i == sequence->count;
}

static void core_update(struct sequence *sequence)
{
    const struct dossier dossier = {.unit = "SE2321000016-A", .group = "fysioterapeut"};
    const struct recompute input = {
        .dossier = &dossier,
        .today = zero + sequence->expected.today,
        .recorded_at = niva_local_midnight(zero + sequence->expected.today),
        .cause = PB_PROVIDER_FACT,
        .caused_by = "test",
        .breach_count = sequence->count,
        .breaches = sequence->actual,
    };
    struct niva_timeline timeline = timeline_of(sequence);
    const struct breach_change *changes = NULL;
    char *const *ids = NULL;
    struct breach_runs runs;
    niva_day next;
    size_t count = 0;
    struct niva_error err;

    niva_error_clear(&err);
    if (!breach_runs_find(&dossier, &timeline, input.today, sequence->arena, &runs, &next, &err) ||
        !breaches_update(&input, &timeline, &runs, sequence->arena, &count, &changes, &ids, &err))
        fail_msg("seed %llu: %s", (unsigned long long)sequence->seed, err.text_en);
    for (size_t i = 0; i < count; i++)
        remember(sequence, &changes[i]);
}

/* ---- comparing ---- */

static void print_all(const struct sequence *sequence)
{
    char text[NAIVE_TEXT];

    print_error("seed %llu, today %d:%s\n", (unsigned long long)sequence->seed,
                sequence->expected.today, sequence->text);
    for (int i = 1; i <= sequence->expected.count; i++) {
        naive_breach_print(&sequence->expected, i, text);
        print_error("expected %s\n", text);
    }
    for (size_t i = 0; i < sequence->count; i++) {
        breach_print(sequence->actual[i].message, zero, sequence->count, sequence->ids, text);
        print_error("actual   %s\n", text);
    }
}

static void compare(const struct sequence *sequence)
{
    char expected[NAIVE_TEXT];
    char actual[NAIVE_TEXT];
    bool same = (size_t)sequence->expected.count == sequence->count;

    for (size_t i = 0; same && i < sequence->count; i++) {
        naive_breach_print(&sequence->expected, (int)i + 1, expected);
        breach_print(sequence->actual[i].message, zero, sequence->count, sequence->ids, actual);
        same = strcmp(expected, actual) == 0;
    }
    if (same)
        return;
    print_all(sequence);
    fail_msg("seed %llu: the breaches are not those of the rule",
             (unsigned long long)sequence->seed);
}

static void update(struct sequence *sequence)
{
    naive_breaches_update(&sequence->expected, sequence->behind, &fates);
    core_update(sequence);
    compare(sequence);
}

/* ---- edits ---- */

/* Some days become bad by one cause, or good; before today, over it, or after it. */
static void edit(struct sequence *sequence)
{
    int first = random_in(&sequence->source, 0, sequence->expected.today + 3);
    int length = random_once_in(&sequence->source, 4) ? random_in(&sequence->source, 8, 24)
                                                      : random_in(&sequence->source, 1, 6);
    int behind = random_once_in(&sequence->source, 2) ? 0 : random_in(&sequence->source, 1, 3);

    tell(sequence, " %d-%d:%d", first, first + length - 1, behind);
    for (int day = first; day < first + length && day < NAIVE_DAYS; day++)
        sequence->behind[day] = behind;
}

/* A day begins. As in the service it is looked at only where it brings something new, and now and
 * then only after a fact that came in between. */
static void begin_day(struct sequence *sequence)
{
    int today = sequence->expected.today + 1;
    bool same = sequence->behind[today] == sequence->behind[today - 1];

    if (today == NAIVE_DAYS - 1)
        return;
    naive_breaches_day(&sequence->expected);
    tell(sequence, " today=%d", today);
    if (same || random_once_in(&sequence->source, 4))
        return;
    update(sequence);
}

static void run(uint64_t seed, struct niva_arena *arena)
{
    static struct sequence sequence;

    memset(&sequence, 0, sizeof sequence);
    sequence.seed = seed;
    sequence.source = random_seed(seed);
    sequence.arena = arena;
    sequence.expected.today = FIRST_TODAY;
    for (int step = 0; step < STEPS; step++) {
        if (random_once_in(&sequence.source, 3)) {
            begin_day(&sequence);
            continue;
        }
        edit(&sequence);
        if (random_once_in(&sequence.source, 6))
            edit(&sequence); /* two facts in one batch */
        update(&sequence);
    }
    niva_arena_reset(arena);
}

static void the_same_breaches_as_by_the_rule(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);

    assert_non_null(arena);
    for (uint64_t seed = 1; seed <= (only_seed == 0 ? SEQUENCES : 1); seed++)
        run(only_seed == 0 ? seed : only_seed, arena);
    niva_arena_free(arena);
}

/* A test that never saw a merger proves nothing about it. */
static void every_fate_was_met(void **state)
{
    (void)state;
    const size_t seen[] = {fates.opened,    fates.over_when_found, fates.kept,
                           fates.changed,   fates.closed,          fates.reopened,
                           fates.split,     fates.merged,          fates.of_many,
                           fates.withdrawn, fates.returned,        fates.returned_from_merged};
    static const char *const names[] = {"opened",    "over when found", "kept",
                                        "changed",   "closed",          "reopened",
                                        "split",     "merged",          "had a choice",
                                        "withdrawn", "returned",        "returned from a merged"};

    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        printf("%8zu %s\n", seen[i], names[i]);
        if (only_seed == 0)
            assert_true(seen[i] > SEQUENCES / 20);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_breaches_as_by_the_rule),
        cmocka_unit_test(every_fate_was_met),
    };
    if (argc > 1)
        only_seed = strtoull(argv[1], NULL, 10);
    int failed = cmocka_run_group_tests_name("breach identity", tests, NULL, NULL);

    return failed ? 1 : 0;
}
