/* A report and a contract change at once, at two replicas: whichever is first, the verdict that
 * stands in the end knows both. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/office.h"

enum { ROUNDS = 150 };

static struct cluster *cluster;

/* One side of the race; both wait for each other before every round. */
struct side {
    struct office *office;
    pthread_barrier_t *start;
};

static const char *unit_of(int round, char ret_unit[32])
{
    snprintf(ret_unit, 32, "SE2321000016-RACE%d", round);
    return ret_unit;
}

static void *reports(void *argument)
{
    struct side *side = argument;
    char unit[32];
    char id[16];
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(id, sizeof id, "r%d", i);
        pthread_barrier_wait(side->start);
        office_report(side->office, id, "", unit_of(i, unit), "2022-01-01", 1500);
    }
    return NULL;
}

static void *contracts(void *argument)
{
    struct side *side = argument;
    char unit[32];
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(side->start);
        office_contract(side->office, unit_of(i, unit), "2022-01-01", 2000);
    }
    return NULL;
}

static void no_verdict_is_stale(void **state)
{
    (void)state;
    struct office one;
    struct office two;
    pthread_barrier_t start;
    pthread_t threads[2];
    char unit[32];
    const char *database = office_database(cluster);
    office_open(&one, cluster, database, "2022-03-01T08:00:00Z");
    office_rule_set(&one, "2022-01-01", "");
    for (int i = 0; i < ROUNDS; i++)
        office_unit(&one, unit_of(i, unit), "2020-01-01");
    office_settle(&one);
    one.now = INT64_MIN;
    office_open(&two, cluster, database, "2022-03-01T08:00:00Z");
    two.now = INT64_MIN;

    pthread_barrier_init(&start, NULL, 2);
    struct side sides[2] = {{&one, &start}, {&two, &start}};
    assert_int_equal(pthread_create(&threads[0], NULL, reports, &sides[0]), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, contracts, &sides[1]), 0);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    pthread_barrier_destroy(&start);
    office_settle(&one);

    const Niva__Compliance__V1__ListBreachesResponse *list =
        office_see(&one, "ListBreaches", "{\"state\":\"OPEN\",\"pageSize\":1000}");
    assert_int_equal(list->n_breaches, ROUNDS);
    assert_int_equal(
        office_count(cluster, database, "SELECT max(position) - count(*) FROM compliance.event"),
        0);
    office_close(&two);
    office_close(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_verdict_is_stale),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
