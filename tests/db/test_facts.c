/* Facts: written set-wise, listed by filters, and never altered by the service's role. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/pg/facts.h"
#include "tests/support/cluster.h"

static struct {
    struct cluster *cluster;
    const char *database;
    struct niva_pg *pg;
    struct niva_arena *arena;
} fixture;

static const char u1[] = "SE2321000016-1001";
static const char u2[] = "SE2321000016-1002";

static struct niva_fact fact(int64_t number, const char *kind, const char *id, int version,
                             const char *unit, const char *region, niva_day first_day)
{
    static uint8_t body[] = {1, 2, 3};

    return (struct niva_fact){.fact_no = number,
                              .kind = kind,
                              .id = id,
                              .version = version,
                              .unit = unit,
                              .group = "fysioterapeut",
                              .region = region,
                              .refers_to = "",
                              .first_day = first_day,
                              .recorded_at = number * 1000,
                              .recorded_by = "local:test",
                              .received_at = number * 1000 - 5,
                              .body = {.data = body, .len = sizeof body}};
}

static void facts_insert(void)
{
    struct niva_fact facts[] = {
        fact(1, "report", "r1", 1, u1, "19", 100),
        fact(2, "report", "r2", 1, u2, "19", 200),
        fact(3, "dispensation", "d1", 1, "", "19", 50),
        fact(4, "report", "r1", 2, u1, "19", 100),
        fact(5, "unit", u1, 1, u1, "19", NIVA_DAY_NONE),
        fact(6, "dispensation", "d2", 1, "", "20", 50),
    };
    const struct niva_fact *list[] = {&facts[0], &facts[1], &facts[2],
                                      &facts[3], &facts[4], &facts[5]};
    const struct niva_fact_seal seals[6] = {0};
    struct niva_query query;
    struct niva_error err;

    niva_facts_query_insert(&query, list, seals, 6, fixture.arena);
    if (!niva_pg_run(fixture.pg, &query, 1, &err))
        fail_msg("%s", err.cause);
    niva_queries_clear(&query, 1);
}

static int group_setup(void **state)
{
    (void)state;
    fixture.cluster = cluster_new();
    fixture.arena = niva_arena_new(1 << 20);
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    cluster_free(fixture.cluster);
    niva_arena_free(fixture.arena);
    return 0;
}

static int test_setup(void **state)
{
    struct niva_error err;

    (void)state;
    fixture.database = cluster_database(fixture.cluster);
    fixture.pg = niva_pg_open(cluster_conninfo(fixture.cluster, fixture.database, "niva_intake"),
                              "intake", "test", &err);
    assert_non_null(fixture.pg);
    niva_arena_reset(fixture.arena);
    facts_insert();
    return 0;
}

static int test_teardown(void **state)
{
    (void)state;
    fixture.pg = niva_pg_close(fixture.pg);
    return 0;
}

/* The numbers of the facts that a filter gives, as text: "1 4 ". */
static const char *listed(struct niva_fact_filter filter)
{
    static char text[128];
    struct niva_fact *facts;
    struct niva_error err;
    size_t count;

    text[0] = '\0';
    if (!niva_facts_list(fixture.pg, &filter, fixture.arena, &count, &facts, &err))
        fail_msg("%s", err.cause);
    for (size_t i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%d ", (int)facts[i].fact_no);
    return text;
}

#define ALL .since = NIVA_DAY_NONE, .known_at = INT64_MAX

static void test_filters(void **state)
{
    (void)state;
    assert_string_equal(listed((struct niva_fact_filter){ALL}), "2 3 4 5 6 ");
    assert_string_equal(listed((struct niva_fact_filter){ALL, .include_history = true}),
                        "1 2 3 4 5 6 ");
    assert_string_equal(listed((struct niva_fact_filter){ALL, .kind = "report"}), "2 4 ");
    assert_string_equal(listed((struct niva_fact_filter){ALL, .unit = u1}), "4 5 ");
    assert_string_equal(listed((struct niva_fact_filter){ALL, .unit = u1, .region_of_unit = "19"}),
                        "3 4 5 ");
    assert_string_equal(listed((struct niva_fact_filter){ALL, .region = "20"}), "6 ");
    assert_string_equal(listed((struct niva_fact_filter){.since = 100, .known_at = INT64_MAX}),
                        "2 4 ");
    assert_string_equal(listed((struct niva_fact_filter){ALL, .after_no = 3, .limit = 2}), "4 5 ");
    assert_string_equal(listed((struct niva_fact_filter){ALL, .group = "logoped"}), "");
}

/* A later version supersedes only for those who know it. */
static void test_known_at(void **state)
{
    struct niva_fact *found;
    struct niva_error err;

    (void)state;
    assert_string_equal(listed((struct niva_fact_filter){.since = NIVA_DAY_NONE, .known_at = 3999}),
                        "1 2 3 ");
    assert_true(niva_fact_get(fixture.pg, "report", "r1", 3999, fixture.arena, &found, &err));
    assert_int_equal(found->version, 1);
    assert_true(niva_fact_get(fixture.pg, "report", "r1", INT64_MAX, fixture.arena, &found, &err));
    assert_int_equal(found->version, 2);
    assert_true(niva_fact_get(fixture.pg, "report", "r1", 999, fixture.arena, &found, &err));
    assert_null(found);
    assert_true(niva_fact_get(fixture.pg, "unit", "r1", INT64_MAX, fixture.arena, &found, &err));
    assert_null(found);
}

static void test_all_fields_come_back(void **state)
{
    struct niva_fact *found;
    struct niva_error err;

    (void)state;
    assert_true(niva_fact_get(fixture.pg, "report", "r2", INT64_MAX, fixture.arena, &found, &err));
    assert_int_equal(found->fact_no, 2);
    assert_string_equal(found->kind, "report");
    assert_string_equal(found->id, "r2");
    assert_string_equal(found->unit, u2);
    assert_string_equal(found->group, "fysioterapeut");
    assert_string_equal(found->region, "19");
    assert_string_equal(found->refers_to, "");
    assert_int_equal(found->first_day, 200);
    assert_int_equal(found->recorded_at, 2000);
    assert_string_equal(found->recorded_by, "local:test");
    assert_int_equal(found->received_at, 1995);
    assert_int_equal(found->body.len, 3);
    assert_memory_equal(found->body.data, "\1\2\3", 3);
    assert_true(niva_fact_get(fixture.pg, "unit", u1, INT64_MAX, fixture.arena, &found, &err));
    assert_int_equal(found->first_day, NIVA_DAY_NONE);
}

static const char *queried(struct niva_query *query)
{
    static char text[128];
    struct niva_fact found;
    struct niva_error err;

    text[0] = '\0';
    if (!niva_pg_run(fixture.pg, query, 1, &err))
        fail_msg("%s", err.cause);
    for (int row = 0; row < niva_rows(query); row++) {
        assert_true(niva_fact_row(query, row, fixture.arena, &found));
        snprintf(text + strlen(text), sizeof text - strlen(text), "%d ", (int)found.fact_no);
    }
    niva_queries_clear(query, 1);
    return text;
}

static void test_queries_of_the_writer(void **state)
{
    const char *kinds[] = {"report", "report", "dispensation"};
    const char *ids[] = {"r1", "r1", "d2"};
    const char *units[] = {u1, ""};
    const char *regions[] = {"19"};
    struct niva_query query;

    (void)state;
    niva_facts_query_units(&query, "", units, 2, fixture.arena);
    assert_string_equal(queried(&query), "1 4 5 ");
    niva_facts_query_ids(&query, kinds, ids, 3, fixture.arena);
    assert_string_equal(queried(&query), "1 4 6 ");
    niva_facts_query_regions(&query, regions, 1, fixture.arena);
    assert_string_equal(queried(&query), "3 ");
    niva_facts_query_units(&query, "", NULL, 0, fixture.arena);
    assert_string_equal(queried(&query), "");
}

/* What happened stays: the service's role may add to the record, not alter it. (Old answers it may
 * delete: they end after 400 days.) */
static void test_service_role_cannot_alter(void **state)
{
    static const struct niva_statement statements[] = {
        {"g1", "UPDATE fact SET recorded_by = 'x'"},
        {"g2", "DELETE FROM fact"},
        {"g3", "TRUNCATE fact"},
        {"g4", "UPDATE event SET type = 'x'"},
        {"g5", "DELETE FROM event"},
        {"g6", "UPDATE request SET reply = ''"},
        {"g7", "DELETE FROM stream_head"},
        {"g8", "INSERT INTO stream_head (stream) VALUES ('x')"},
        {"g9", "DELETE FROM cursor"},
        {"g10", "CREATE TABLE mine (n int)"},
        {"g11", "UPDATE schema_migration SET checksum = ''"},
        {"g12", "SELECT * FROM compliance.fact"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        struct niva_query query = {.statement = &statements[i]};
        struct niva_error err;

        if (niva_pg_run(fixture.pg, &query, 1, &err))
            fail_msg("the service role may: %s", statements[i].sql);
        assert_string_equal(niva_pg_sqlstate(fixture.pg), "42501");
        niva_queries_clear(&query, 1);
    }
    assert_string_equal(listed((struct niva_fact_filter){ALL, .include_history = true}),
                        "1 2 3 4 5 6 ");
}

/* Two writers that had not seen each other would give one version twice. */
static void test_version_is_unique(void **state)
{
    struct niva_fact twice = fact(7, "report", "r1", 2, u1, "19", 100);
    const struct niva_fact *list[] = {&twice};
    struct niva_query query;
    const struct niva_fact_seal seal = {0};
    struct niva_error err;

    (void)state;
    niva_facts_query_insert(&query, list, &seal, 1, fixture.arena);
    assert_false(niva_pg_run(fixture.pg, &query, 1, &err));
    assert_string_equal(niva_pg_sqlstate(fixture.pg), "23505");
    niva_queries_clear(&query, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_filters),
        TEST(test_known_at),
        TEST(test_all_fields_come_back),
        TEST(test_queries_of_the_writer),
        TEST(test_service_role_cannot_alter),
        TEST(test_version_is_unique),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
