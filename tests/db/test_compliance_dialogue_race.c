/* Two replicas speak of the same breach at once: one opens its dialogue, and a statement comes
 * before the breach is withdrawn, or not at all. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/office.h"

enum { ROUNDS = 60 };

static struct cluster *cluster;

/* One side of a race; both wait for each other before every round. */
struct side {
    struct office *office;
    pthread_barrier_t *start;
    const char *const *breaches;
    int done;
    int refused;
};

static const char *race_unit(int round, char ret_unit[32])
{
    snprintf(ret_unit, 32, "SE2321000016-RACE%d", round);
    return ret_unit;
}

/* So many units, each with a breach from 20 February. */
static const char *race_begin(struct office *one, struct office *two,
                              const char *ret_breaches[ROUNDS])
{
    char unit[32];
    char report[16];
    const char *database = office_database(cluster);
    office_open(one, cluster, database, "2022-01-03T08:00:00Z");
    office_rule_set(one, "2022-01-01", "");
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(report, sizeof report, "f%d", i);
        office_unit(one, race_unit(i, unit), "2020-01-01");
        office_contract(one, unit, "2022-01-01", 2000);
        office_report(one, report, "", unit, "2022-02-20", 1500);
    }
    office_today(one, "2022-03-05");
    for (int i = 0; i < ROUNDS; i++) {
        const Niva__Compliance__V1__ListBreachesResponse *list =
            office_see(one, "ListBreaches", "{\"kind\":\"BELOW_MINIMUM\",\"unit\":\"%s\"}",
                       race_unit(i, unit));
        assert_int_equal(list->n_breaches, 1);
        ret_breaches[i] = list->breaches[0]->breach_id;
    }
    one->now = INT64_MIN;
    office_open(two, cluster, database, "2022-03-05T08:00:00Z");
    two->now = INT64_MIN;
    return database;
}

static void race_run(struct side sides[2], void *(*first)(void *), void *(*second)(void *))
{
    pthread_barrier_t start;
    pthread_t threads[2];
    pthread_barrier_init(&start, NULL, 2);
    sides[0].start = &start;
    sides[1].start = &start;
    assert_int_equal(pthread_create(&threads[0], NULL, first, &sides[0]), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, second, &sides[1]), 0);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    pthread_barrier_destroy(&start);
}

static void call_each(struct side *side, const char *method, const char *more, const char *reason)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct niva_error err;
        char json[256];
        snprintf(json, sizeof json, "{\"breachId\":\"%s\"%s}", side->breaches[i], more);
        pthread_barrier_wait(side->start);
        if (office_call(side->office, method, json, &err) != NULL)
            side->done++;
        else if (err.code == NIVA_FAILED_PRECONDITION &&
                 strcmp(err.violations[0].reason, reason) == 0)
            side->refused++;
    }
}

static void *open_each(void *argument)
{
    call_each(argument, "OpenDialogue", "", "DIALOGUE_OPEN");
    return NULL;
}

static void *answer_each(void *argument)
{
    call_each(argument, "Answer", ",\"text\":\"x\"", "BREACH_WITHDRAWN");
    return NULL;
}

static void *correct_each(void *argument)
{
    struct side *side = argument;
    for (int i = 0; i < ROUNDS; i++) {
        char unit[32];
        char id[16];
        char corrects[16];
        snprintf(id, sizeof id, "c%d", i);
        snprintf(corrects, sizeof corrects, "f%d", i);
        pthread_barrier_wait(side->start);
        office_report(side->office, id, corrects, race_unit(i, unit), "2022-02-20", 2000);
    }
    return NULL;
}

static void of_two_who_open_at_once_one_does(void **state)
{
    (void)state;
    struct office one;
    struct office two;
    const char *breaches[ROUNDS];
    const char *database = race_begin(&one, &two, breaches);
    struct side sides[2] = {{.office = &one, .breaches = breaches},
                            {.office = &two, .breaches = breaches}};
    race_run(sides, open_each, open_each);
    assert_int_equal(sides[0].done + sides[1].done, ROUNDS);
    assert_int_equal(sides[0].refused + sides[1].refused, ROUNDS);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.fact WHERE kind = 'dialogue'"),
                     ROUNDS);
    office_close(&two);
    office_close(&one);
}

/* A statement is recorded before the breach is withdrawn, or not at all. */
static void an_answer_comes_before_the_withdrawal_or_not_at_all(void **state)
{
    (void)state;
    struct office one;
    struct office two;
    const char *breaches[ROUNDS];
    const char *database = race_begin(&one, &two, breaches);
    for (int i = 0; i < ROUNDS; i++)
        office_do(&two, "OpenDialogue", "{\"breachId\":\"%s\"}", breaches[i]);
    struct side sides[2] = {{.office = &one, .breaches = breaches},
                            {.office = &two, .breaches = breaches}};
    race_run(sides, correct_each, answer_each);
    office_settle(&one);
    assert_int_equal(sides[1].done + sides[1].refused, ROUNDS);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.event WHERE"
                                  " type = 'se.niva.compliance.dialogue.answered.v1'"),
                     sides[1].done);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.event a, compliance.event w"
                                  " WHERE a.type = 'se.niva.compliance.dialogue.answered.v1'"
                                  " AND w.type = 'se.niva.compliance.breach.withdrawn.v1'"
                                  " AND w.subject = a.subject AND w.position < a.position"),
                     0);
    office_close(&two);
    office_close(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_who_open_at_once_one_does),
        cmocka_unit_test(an_answer_comes_before_the_withdrawal_or_not_at_all),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
