/* Migrations: once, in order, and never another text under an old name. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/bus/bus_sql.h"
#include "tests/support/cluster.h"

struct fixture {
    struct cluster *cluster;
    const char *database;
};

static const struct niva_migration toy[] = {
    {"toy/0001_table.sql", "CREATE TABLE toy (n int); INSERT INTO toy VALUES (1);"},
    {"toy/0002_more.sql", "INSERT INTO toy VALUES (2); SELECT 1;"},
};

static struct fixture fixture;

static int group_setup(void **state)
{
    (void)state;
    fixture.cluster = cluster_new();
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    cluster_free(fixture.cluster);
    return 0;
}

static int test_setup(void **state)
{
    (void)state;
    fixture.database = cluster_database(fixture.cluster);
    return 0;
}

/* compliance's schema: the template has no tables in it. */
static struct niva_pg *connection(const char *role)
{
    struct niva_error err;
    struct niva_pg *pg = niva_pg_open(cluster_conninfo(fixture.cluster, fixture.database, role),
                                      "compliance", "test", &err);

    if (pg == NULL)
        fail_msg("open: %s", err.cause);
    return pg;
}

static size_t migrate_good(struct niva_pg *pg, const struct niva_migration *list, size_t count)
{
    struct niva_error err;
    size_t applied = 99;

    if (!niva_migrate(pg, list, count, &applied, &err))
        fail_msg("%s %s", err.text_en, err.cause);
    return applied;
}

static const char *toy_rows(void)
{
    return cluster_sql(fixture.cluster, fixture.database, "SELECT count(*) FROM compliance.toy");
}

static void test_each_once(void **state)
{
    struct niva_pg *pg = connection("niva_compliance_owner");
    struct niva_error err;
    int32_t version = 0;

    (void)state;
    assert_int_equal(migrate_good(pg, toy, 1), 1);
    assert_int_equal(migrate_good(pg, toy, 1), 0);
    assert_int_equal(migrate_good(pg, toy, 2), 1);
    assert_string_equal(toy_rows(), "2");
    assert_int_equal(migrate_good(pg, toy, 2), 0);
    assert_true(niva_migrations_check(pg, toy, 2, &version, &err));
    assert_int_equal(version, 2);
    niva_pg_close(pg);
}

static void test_common_tables_and_service_role(void **state)
{
    struct niva_pg *owner = connection("niva_compliance_owner");
    struct niva_pg *service;
    struct niva_error err;
    int32_t version = 0;

    (void)state;
    assert_int_equal(migrate_good(owner, niva_bus_migrations, NIVA_BUS_MIGRATION_COUNT),
                     NIVA_BUS_MIGRATION_COUNT);
    service = connection("niva_compliance");
    assert_true(niva_migrations_check(service, niva_bus_migrations, NIVA_BUS_MIGRATION_COUNT,
                                      &version, &err));
    assert_int_equal(version, NIVA_BUS_MIGRATION_COUNT);
    assert_string_equal(
        cluster_sql(fixture.cluster, fixture.database, "SELECT stream FROM compliance.stream_head"),
        "compliance");
    niva_pg_close(owner);
    niva_pg_close(service);
}

static void assert_refused(bool good, const struct niva_error *err, const char *reason)
{
    assert_false(good);
    assert_string_equal(niva_code_name((int)err->code), "FAILED_PRECONDITION");
    assert_int_equal(err->violation_count, 1);
    assert_string_equal(err->violations[0].reason, reason);
}

static void test_changed_text_is_refused(void **state)
{
    struct niva_migration changed[] = {toy[0], toy[1]};
    struct niva_pg *pg = connection("niva_compliance_owner");
    struct niva_error err;
    size_t applied;
    int32_t version;

    (void)state;
    migrate_good(pg, toy, 1);
    changed[0].sql = "CREATE TABLE toy (n bigint);";
    assert_refused(niva_migrate(pg, changed, 2, &applied, &err), &err, "MIGRATION_CHANGED");
    assert_string_equal(err.violations[0].field, "toy/0001_table.sql");
    assert_refused(niva_migrations_check(pg, changed, 1, &version, &err), &err,
                   "MIGRATION_CHANGED");
    assert_string_equal(toy_rows(), "1");
    niva_pg_close(pg);
}

static void test_unknown_schema_is_refused(void **state)
{
    struct niva_pg *pg = connection("niva_compliance_owner");
    struct niva_error err;
    size_t applied;
    int32_t version;

    (void)state;
    assert_refused(niva_migrations_check(pg, toy, 1, &version, &err), &err, "MIGRATION_MISSING");
    migrate_good(pg, toy, 2);
    assert_refused(niva_migrations_check(pg, toy, 1, &version, &err), &err, "MIGRATION_UNKNOWN");
    assert_refused(niva_migrate(pg, toy, 1, &applied, &err), &err, "MIGRATION_UNKNOWN");
    niva_pg_close(pg);
}

static void test_missing_migration_is_named(void **state)
{
    struct niva_pg *pg = connection("niva_compliance_owner");
    struct niva_error err;
    int32_t version;

    (void)state;
    migrate_good(pg, toy, 1);
    assert_refused(niva_migrations_check(pg, toy, 2, &version, &err), &err, "MIGRATION_MISSING");
    assert_string_equal(err.violations[0].field, "toy/0002_more.sql");
    niva_pg_close(pg);
}

static void test_missing_schema_is_named(void **state)
{
    struct niva_error err;
    struct niva_pg *pg =
        niva_pg_open(cluster_conninfo(fixture.cluster, fixture.database, "niva_compliance_owner"),
                     "nowhere", "test", &err);
    size_t applied;

    (void)state;
    assert_non_null(pg);
    assert_refused(niva_migrate(pg, toy, 1, &applied, &err), &err, "SCHEMA_MISSING");
    niva_pg_close(pg);
}

static void test_failed_migration_leaves_nothing(void **state)
{
    const struct niva_migration broken[] = {
        toy[0], {"toy/0002_broken.sql", "INSERT INTO toy VALUES (2); SELECT * FROM nowhere;"}};
    struct niva_pg *pg = connection("niva_compliance_owner");
    struct niva_error err;
    size_t applied;

    (void)state;
    assert_false(niva_migrate(pg, broken, 2, &applied, &err));
    assert_string_equal(toy_rows(), "1");
    assert_int_equal(migrate_good(pg, toy, 2), 1);
    assert_string_equal(toy_rows(), "2");
    niva_pg_close(pg);
}

struct migrator {
    struct niva_pg *pg;
    size_t applied;
    bool good;
    struct niva_error err;
};

static void *migrator_run(void *user)
{
    struct migrator *migrator = user;

    migrator->good = niva_migrate(migrator->pg, toy, 2, &migrator->applied, &migrator->err);
    return NULL;
}

static void test_two_at_once(void **state)
{
    struct migrator migrators[2] = {{.pg = connection("niva_compliance_owner")},
                                    {.pg = connection("niva_compliance_owner")}};
    pthread_t threads[2];

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, migrator_run, &migrators[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++) {
        if (!migrators[i].good)
            fail_msg("%s %s", migrators[i].err.text_en, migrators[i].err.cause);
        niva_pg_close(migrators[i].pg);
    }
    assert_int_equal(migrators[0].applied + migrators[1].applied, 2);
    assert_string_equal(toy_rows(), "2");
}

#define TEST(name) cmocka_unit_test_setup(name, test_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_once),
        TEST(test_common_tables_and_service_role),
        TEST(test_changed_text_is_refused),
        TEST(test_unknown_schema_is_refused),
        TEST(test_missing_migration_is_named),
        TEST(test_missing_schema_is_named),
        TEST(test_failed_migration_leaves_nothing),
        TEST(test_two_at_once),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
