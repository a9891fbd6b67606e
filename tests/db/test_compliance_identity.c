/* Breach identity through the whole service (model section 7): facts of several kinds come and go,
 * days begin, and after every step ListBreaches tells every version of every breach as the naive
 * restatement does; at the end it tells at `known_at` what stood then.
 * `db_compliance_identity [SEED]`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/naive_breaches.h"
#include "tests/support/office.h"
#include "tests/support/random_facts.h"

enum {
    SEED = 50293,
    UNITS = 3,
    STEPS = 240,
    FACTS_MAX = 512,
    VERSIONS_MAX = 32, /* of a breach */
    MINIMUM = 2000,
    FIRST_TODAY = 12,
    ARENA_BYTES = 64 << 20,
};
static const niva_day zero = 18993; /* 2022-01-01 */
static const niva_instant HALF_A_MINUTE = 30000000;

static struct cluster *cluster;

enum fact_kind { FACT_REPORT, FACT_FINDING, FACT_DISPENSATION };

/* A fact as the naive side knows it: what is counted on its days. Of two the later in the list
 * holds. */
struct fact {
    enum fact_kind kind;
    int unit; /* -1: the whole region */
    const char *id;
    int first;
    int last;
    int counted;
    bool gone; /* withdrawn, voided, or replaced by a later version */
};

struct unit {
    const char *hsa_id;
    struct naive_breaches expected;
    const char *versions[NAIVE_BREACHES_MAX + 1][VERSIONS_MAX];
};

/* What stood at an instant, of one unit. */
struct moment {
    niva_instant instant;
    int unit;
    const char *text;
};

struct world {
    struct office office;
    struct random_source source;
    struct niva_arena *arena;
    int today;
    size_t fact_count;
    struct fact facts[FACTS_MAX];
    struct unit units[UNITS];
    struct moment moments[STEPS];
    struct naive_fates fates;
};

static int draw(struct world *world, int least, int most)
{
    return random_in(&world->source, least, most);
}

static const char *keep(struct world *world, const char *text)
{
    const char *copy = niva_arena_strdup(world->arena, text);

    assert_non_null(copy);
    return copy;
}

static const char *day_text(struct world *world, int day)
{
    char text[16];

    niva_day_format(zero + day, text);
    return keep(world, text);
}

/* ---- facts ---- */

static const char *unit_of(const struct world *world, const struct fact *fact)
{
    return fact->unit < 0 ? "" : world->units[fact->unit].hsa_id;
}

/* Every fact counts something else, so that a shortfall says which fact it comes from. */
static struct fact *fact_new(struct world *world, enum fact_kind kind)
{
    struct fact *fact = &world->facts[world->fact_count];
    int serial = (int)world->fact_count + 1;
    int first = draw(world, 0, world->today + 4);

    assert_true(++world->fact_count < FACTS_MAX);
    *fact = (struct fact){
        .kind = kind,
        .unit = draw(world, 0, UNITS - 1),
        .first = first,
        .last = first + draw(world, 0, 9),
        .counted = random_once_in(&world->source, 2) ? MINIMUM + serial : MINIMUM - serial,
    };
    return fact;
}

/* A fact that stands, or NULL. */
static struct fact *fact_pick(struct world *world, enum fact_kind kind)
{
    size_t at = (size_t)draw(world, 0, FACTS_MAX - 1);

    for (size_t i = 0; i < world->fact_count; i++) {
        struct fact *fact = &world->facts[(at + i) % world->fact_count];
        if (fact->kind == kind && !fact->gone)
            return fact;
    }
    return NULL;
}

static void report_submit(struct world *world)
{
    struct fact *fact = fact_new(world, FACT_REPORT);
    char id[16];

    snprintf(id, sizeof id, "r%zu", world->fact_count);
    fact->id = keep(world, id);
    fact->last = NAIVE_DAYS;
    office_report(&world->office, id, "", unit_of(world, fact), day_text(world, fact->first),
                  fact->counted);
}

static void report_withdraw(struct world *world)
{
    struct fact *fact = fact_pick(world, FACT_REPORT);

    if (fact == NULL)
        return;
    fact->gone = true;
    office_withdrawal(&world->office, fact->id, unit_of(world, fact));
}

/* `earlier` NULL: a new one. A version replaces the former whole. */
static void finding_put(struct world *world, struct fact *earlier)
{
    struct fact *fact = fact_new(world, FACT_FINDING);
    const Niva__Compliance__V1__PutFindingResponse *reply;

    if (earlier != NULL) {
        earlier->gone = true;
        fact->unit = earlier->unit;
    }
    reply = office_do(&world->office, "PutFinding",
                      "{\"finding\":{\"findingId\":\"%s\",\"unit\":\"%s\",\"professionGroup\":"
                      "\"fysioterapeut\",\"firstDay\":\"%s\",\"lastDay\":\"%s\",\"countedMilli\":"
                      "%d,\"evidence\":\"Besök (fiktivt)\",\"caseNumber\":\"FIKTIV-1\"}}",
                      earlier == NULL ? "" : earlier->id, unit_of(world, fact),
                      day_text(world, fact->first), day_text(world, fact->last), fact->counted);
    fact->id = keep(world, reply->finding->finding_id);
}

static void dispensation_grant(struct world *world)
{
    struct fact *fact = fact_new(world, FACT_DISPENSATION);
    const Niva__Compliance__V1__GrantDispensationResponse *reply;

    if (random_once_in(&world->source, 3))
        fact->unit = -1;
    reply = office_do(&world->office, "GrantDispensation",
                      "{\"dispensation\":{\"unit\":\"%s\",\"regionCode\":\"%s\","
                      "\"professionGroup\":\"fysioterapeut\",\"firstDay\":\"%s\",\"lastDay\":"
                      "\"%s\",\"decisionReference\":\"Fiktivt beslut\"}}",
                      unit_of(world, fact), fact->unit < 0 ? "99" : "",
                      day_text(world, fact->first), day_text(world, fact->last));
    fact->id = keep(world, reply->dispensation->dispensation_id);
}

static void dispensation_void(struct world *world)
{
    struct fact *fact = fact_pick(world, FACT_DISPENSATION);

    if (fact == NULL)
        return;
    fact->gone = true;
    office_do(&world->office, "VoidDispensation",
              "{\"dispensationId\":\"%s\",\"reason\":\"Fiktivt skäl\"}", fact->id);
}

/* ---- what the facts make of a day ---- */

static bool holds(const struct fact *fact, enum fact_kind kind, int unit, int day)
{
    return fact->kind == kind && !fact->gone && (fact->unit == unit || fact->unit < 0) &&
           day >= fact->first && day <= fact->last;
}

/* The later finding; without one the report of the latest day, of equal days the later. */
static const struct fact *counting(const struct world *world, int unit, int day)
{
    const struct fact *finding = NULL;
    const struct fact *report = NULL;

    for (size_t i = 0; i < world->fact_count; i++) {
        const struct fact *fact = &world->facts[i];
        if (holds(fact, FACT_FINDING, unit, day))
            finding = fact;
        if (holds(fact, FACT_REPORT, unit, day) && (report == NULL || fact->first >= report->first))
            report = fact;
    }
    return finding != NULL ? finding : report;
}

static int behind_on(const struct world *world, int unit, int day)
{
    const struct fact *fact = counting(world, unit, day);

    if (fact == NULL || fact->counted >= MINIMUM)
        return 0;
    for (size_t i = 0; i < world->fact_count; i++)
        if (holds(&world->facts[i], FACT_DISPENSATION, unit, day))
            return 0;
    return MINIMUM - fact->counted;
}

static void versions_keep(struct world *world, struct unit *unit)
{
    for (int number = 1; number <= unit->expected.count; number++) {
        int version = unit->expected.list[number].version;
        char text[NAIVE_TEXT];
        assert_true(version < VERSIONS_MAX);
        if (unit->versions[number][version] != NULL)
            continue;
        naive_breach_print(&unit->expected, number, text);
        unit->versions[number][version] = keep(world, text);
    }
}

static void units_update(struct world *world)
{
    for (int i = 0; i < UNITS; i++) {
        int behind[NAIVE_DAYS];
        for (int day = 0; day < NAIVE_DAYS; day++)
            behind[day] = behind_on(world, i, day);
        naive_breaches_update(&world->units[i].expected, behind, &world->fates);
        versions_keep(world, &world->units[i]);
    }
}

/* ---- steps ---- */

static void days_begin(struct world *world)
{
    int to = world->today + draw(world, 1, 3);

    if (to >= NAIVE_DAYS - 1)
        return;
    office_today(&world->office, day_text(world, to));
    while (world->today < to) {
        world->today++;
        for (int i = 0; i < UNITS; i++)
            naive_breaches_day(&world->units[i].expected);
        units_update(world);
    }
}

static void fact_come(struct world *world)
{
    switch (draw(world, 0, 9)) {
    case 0:
    case 1:
        report_submit(world);
        return;
    case 2:
        report_withdraw(world);
        return;
    case 3:
    case 4:
    case 5:
        finding_put(world, NULL);
        return;
    case 6:
    case 7:
        finding_put(world, fact_pick(world, FACT_FINDING));
        return;
    case 8:
        dispensation_grant(world);
        return;
    default:
        dispensation_void(world);
    }
}

/* ---- comparing ---- */

typedef Niva__Compliance__V1__ListBreachesResponse pb_answer;

static const pb_answer *ask(struct world *world, const struct unit *unit, bool history,
                            niva_instant known_at)
{
    char instant[32] = "";

    if (known_at != INT64_MAX)
        niva_instant_format(known_at, instant);
    const pb_answer *answer =
        office_see(&world->office, "ListBreaches",
                   "{\"unit\":\"%s\",\"kind\":\"BELOW_MINIMUM\",\"includeHistory\":%s,"
                   "\"pageSize\":1000,\"knownAt\":%s%s%s}",
                   unit->hsa_id, history ? "true" : "false", instant[0] == '\0' ? "" : "\"",
                   instant[0] == '\0' ? "null" : instant, instant[0] == '\0' ? "" : "\"");
    assert_string_equal(answer->next_page_token, "");
    return answer;
}

/* The answer as text, a version a line. Ids are numbered as the present list has them. */
static const char *answer_print(struct world *world, const struct unit *unit,
                                const pb_answer *answer)
{
    const pb_answer *all = ask(world, unit, false, INT64_MAX);
    const char *ids[NAIVE_BREACHES_MAX];
    const char *text = "";

    assert_true(all->n_breaches <= NAIVE_BREACHES_MAX);
    for (size_t i = 0; i < all->n_breaches; i++)
        ids[i] = all->breaches[i]->breach_id;
    for (size_t i = 0; i < answer->n_breaches; i++) {
        char line[NAIVE_TEXT];
        breach_print(answer->breaches[i], zero, all->n_breaches, ids, line);
        text = niva_arena_printf(world->arena, "%s%s\n", text, line);
        assert_non_null(text);
    }
    return text;
}

static const char *expected_print(struct world *world, const struct unit *unit, bool history)
{
    const char *text = "";

    for (int number = 1; number <= unit->expected.count; number++) {
        int last = unit->expected.list[number].version;
        for (int version = history ? 1 : last; version <= last; version++) {
            text = niva_arena_printf(world->arena, "%s%s\n", text, unit->versions[number][version]);
            assert_non_null(text);
        }
    }
    return text;
}

static void compare(struct world *world, const char *what, const struct unit *unit,
                    const char *expected, const char *actual)
{
    if (strcmp(expected, actual) == 0)
        return;
    fail_msg("%s %s, today %d\nexpected\n%sactual\n%s", unit->hsa_id, what, world->today, expected,
             actual);
}

static void compare_now(struct world *world, int step)
{
    int at = step % UNITS;
    struct unit *unit = &world->units[at];
    struct moment *moment = &world->moments[step];

    *moment = (struct moment){.instant = world->office.now - HALF_A_MINUTE, .unit = at};
    moment->text = expected_print(world, unit, false);
    compare(world, "now", unit, moment->text,
            answer_print(world, unit, ask(world, unit, false, INT64_MAX)));
}

static void compare_history(struct world *world)
{
    for (int i = 0; i < UNITS; i++) {
        struct unit *unit = &world->units[i];
        compare(world, "with history", unit, expected_print(world, unit, true),
                answer_print(world, unit, ask(world, unit, true, INT64_MAX)));
    }
    for (int step = 0; step < STEPS; step++) {
        const struct moment *moment = &world->moments[step];
        struct unit *unit = &world->units[moment->unit];
        compare(world, "at an instant that is past", unit, moment->text,
                answer_print(world, unit, ask(world, unit, false, moment->instant)));
    }
}

static void world_open(struct world *world, uint64_t seed)
{
    static const char *const names[UNITS] = {"SE2321000016-A", "SE2321000016-B", "SE2321000016-C"};

    world->source = random_seed(seed);
    world->arena = niva_arena_new(ARENA_BYTES);
    world->today = FIRST_TODAY;
    assert_non_null(world->arena);
    office_open(&world->office, cluster, office_database(cluster), "2022-01-01T08:00:00Z");
    office_rule_set(&world->office, "2022-01-01", "");
    for (int i = 0; i < UNITS; i++) {
        world->units[i].hsa_id = names[i];
        world->units[i].expected.today = FIRST_TODAY;
        office_unit(&world->office, names[i], "2020-01-01");
        office_contract(&world->office, names[i], "2022-01-01", MINIMUM);
    }
    office_today(&world->office, day_text(world, FIRST_TODAY));
}

static void every_version_of_every_breach_is_that_of_the_rule(void **state)
{
    uint64_t *seed = *state;
    static struct world world;

    world_open(&world, *seed);
    for (int step = 0; step < STEPS; step++) {
        if (step % 5 == 4)
            days_begin(&world);
        else
            fact_come(&world);
        office_settle(&world.office);
        units_update(&world);
        compare_now(&world, step);
    }
    compare_history(&world);
    printf(
        "today %d; %zu opened, %zu changed, %zu split, %zu merged, %zu withdrawn, %zu returned\n",
        world.today, world.fates.opened, world.fates.changed, world.fates.split, world.fates.merged,
        world.fates.withdrawn, world.fates.returned);
    assert_true(*seed != SEED || (world.fates.split > 0 && world.fates.merged > 0 &&
                                  world.fates.withdrawn > 0 && world.fates.returned > 0));
    office_close(&world.office);
    niva_arena_free(world.arena);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : SEED;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_version_of_every_breach_is_that_of_the_rule, &seed),
    };
    printf("seed %llu\n", (unsigned long long)seed);
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
