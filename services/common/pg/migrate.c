#include "services/common/pg/migrate.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/pg/connection.h"

enum { CHECKSUM_SIZE = 32, ARENA_CAP = 1 << 20, SENTENCE_SIZE = 240 };

/* Hashed with the schema, so that services migrate side by side. */
static const struct niva_statement advisory_lock = {
    "migrate_lock", "SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), 5096))"};
static const struct niva_statement no_timeouts = {
    "migrate_no_timeouts",
    "SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '60s', true)"};
static const struct niva_statement where_am_i = {
    "migrate_where", "SELECT current_schema()::text, to_regclass('schema_migration') IS NOT NULL"};
static const struct niva_statement list_applied = {
    "migrate_list", "SELECT name, checksum FROM schema_migration ORDER BY applied_at, name"};
static const struct niva_statement find_applied = {
    "migrate_find", "SELECT checksum FROM schema_migration WHERE name = $1"};
static const struct niva_statement insert_applied = {
    "migrate_insert", "INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)"};

static const char table_script[] =
    "CREATE TABLE IF NOT EXISTS schema_migration (\n"
    "    name text PRIMARY KEY,\n"
    "    checksum bytea NOT NULL,\n"
    "    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()\n"
    ");\n"
    "DO $$ BEGIN\n"
    "    EXECUTE format('GRANT SELECT ON schema_migration TO %I', 'niva_' || current_schema());\n"
    "END $$;\n";

static bool fail_schema(struct niva_error *err, const char *what, const char *reason,
                        const char *format_sv, const char *format_en)
{
    char text_sv[SENTENCE_SIZE];
    char text_en[SENTENCE_SIZE];
    int length_sv = snprintf(text_sv, sizeof text_sv, "%s: %s", what, format_sv);
    int length_en = snprintf(text_en, sizeof text_en, "%s: %s", what, format_en);

    if (length_sv < 0 || length_en < 0)
        return niva_fail_internal(err, "%s", reason);
    niva_error_clear(err);
    return niva_fail_violation(err, NIVA_FAILED_PRECONDITION, what, reason, text_sv, text_en);
}

static bool fail_changed(struct niva_error *err, const char *name)
{
    return fail_schema(err, name, "MIGRATION_CHANGED",
                       "migreringen har ändrats sedan den kördes. Kör det program som hör till "
                       "databasen.",
                       "the migration was changed after it ran. Run the program that belongs to "
                       "the database.");
}

static bool checksum(const char *sql, uint8_t ret_digest[CHECKSUM_SIZE], struct niva_error *err)
{
    if (EVP_Digest(sql, strlen(sql), ret_digest, NULL, EVP_sha256(), NULL) != 1)
        return niva_fail_internal(err, "SHA-256 is not to be had");
    return true;
}

static bool checksum_is(const struct niva_query *query, int row, int column,
                        const uint8_t digest[CHECKSUM_SIZE])
{
    size_t size;
    const uint8_t *stored = niva_row_bytes(query, row, column, &size);

    return size == CHECKSUM_SIZE && memcmp(stored, digest, size) == 0;
}

static bool run_one(struct niva_pg *pg, const struct niva_statement *statement,
                    struct niva_error *err)
{
    struct niva_query query = {.statement = statement};
    bool good = niva_pg_run(pg, &query, 1, err);

    niva_queries_clear(&query, 1);
    return good;
}

/* A connection that cannot say ROLLBACK is lost, and has rolled back by itself. */
static void roll_back(struct niva_pg *pg)
{
    struct niva_error ignored;

    run_one(pg, &niva_pg_rollback, &ignored);
}

static bool lock_begin(struct niva_pg *pg, struct niva_error *err)
{
    struct niva_query queries[] = {
        {.statement = &niva_pg_begin}, {.statement = &no_timeouts}, {.statement = &advisory_lock}};
    bool good = niva_pg_run(pg, queries, 3, err);

    niva_queries_clear(queries, 3);
    return good;
}

/* Whether the schema is there and has the table of migrations. */
static bool schema_look(struct niva_pg *pg, bool *ret_table, struct niva_error *err)
{
    struct niva_query query = {.statement = &where_am_i};
    bool good = niva_pg_run(pg, &query, 1, err);

    if (good && niva_row_null(&query, 0, 0))
        good = fail_schema(err, "schema", "SCHEMA_MISSING",
                           "databasen är inte förberedd. Kör deploy/database/bootstrap.sql.",
                           "the database is not prepared. Run deploy/database/bootstrap.sql.");
    if (good)
        *ret_table = niva_row_bool(&query, 0, 1);
    niva_queries_clear(&query, 1);
    return good;
}

static bool table_make(struct niva_pg *pg, struct niva_error *err)
{
    bool there;

    if (!schema_look(pg, &there, err))
        return false;
    if (there)
        return true;
    if (lock_begin(pg, err) && connection_script(pg, table_script, err) &&
        run_one(pg, &niva_pg_commit, err))
        return true;
    roll_back(pg);
    return false;
}

/* Inside the lock: whether a migration has run, unchanged. */
static bool applied_look(struct niva_pg *pg, const char *name, const uint8_t digest[CHECKSUM_SIZE],
                         struct niva_arena *arena, bool *ret_applied, struct niva_error *err)
{
    struct niva_query query = {.statement = &find_applied, .params.arena = arena};
    bool good;

    niva_param_text(&query.params, name);
    good = niva_pg_run(pg, &query, 1, err);
    if (good && niva_rows(&query) > 0 && !checksum_is(&query, 0, 0, digest))
        good = fail_changed(err, name);
    if (good)
        *ret_applied = niva_rows(&query) > 0;
    niva_queries_clear(&query, 1);
    return good;
}

static bool applied_insert(struct niva_pg *pg, const char *name,
                           const uint8_t digest[CHECKSUM_SIZE], struct niva_arena *arena,
                           struct niva_error *err)
{
    struct niva_query queries[] = {{.statement = &insert_applied, .params.arena = arena},
                                   {.statement = &niva_pg_commit}};
    bool good;

    niva_param_text(&queries[0].params, name);
    niva_param_bytes(&queries[0].params, digest, CHECKSUM_SIZE);
    good = niva_pg_run(pg, queries, 2, err);
    niva_queries_clear(queries, 2);
    return good;
}

static bool migration_run(struct niva_pg *pg, const struct niva_migration *migration,
                          struct niva_arena *arena, bool *ret_ran, struct niva_error *err)
{
    uint8_t digest[CHECKSUM_SIZE];
    bool applied = false;

    if (!checksum(migration->sql, digest, err))
        return false;
    if (!lock_begin(pg, err) || !applied_look(pg, migration->name, digest, arena, &applied, err))
        goto failed;
    if (!applied && (!connection_script(pg, migration->sql, err) ||
                     !applied_insert(pg, migration->name, digest, arena, err)))
        goto failed;
    if (applied)
        roll_back(pg);
    *ret_ran = !applied;
    return true;
failed:
    roll_back(pg);
    return false;
}

static const struct niva_migration *migration_find(const struct niva_migration *migrations,
                                                   size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(migrations[i].name, name) == 0)
            return &migrations[i];
    return NULL;
}

/* What has run must be in the list, unchanged. `ret_count` counts it. */
static bool applied_check(struct niva_pg *pg, const struct niva_migration *migrations, size_t count,
                          size_t *ret_count, struct niva_error *err)
{
    struct niva_query query = {.statement = &list_applied};
    bool good = niva_pg_run(pg, &query, 1, err);
    int rows = good ? niva_rows(&query) : 0;

    for (int row = 0; good && row < rows; row++) {
        const char *name = niva_row_text(&query, row, 0);
        const struct niva_migration *migration = migration_find(migrations, count, name);
        uint8_t digest[CHECKSUM_SIZE];

        if (migration == NULL)
            good = fail_schema(err, name, "MIGRATION_UNKNOWN",
                               "databasen är nyare än programmet. Kör ett nyare program.",
                               "the database is newer than the program. Run a newer program.");
        else if (!checksum(migration->sql, digest, err))
            good = false;
        else if (!checksum_is(&query, row, 1, digest))
            good = fail_changed(err, name);
    }
    if (good)
        *ret_count = (size_t)rows;
    niva_queries_clear(&query, 1);
    return good;
}

bool niva_migrate(struct niva_pg *pg, const struct niva_migration *migrations, size_t count,
                  size_t *ret_applied, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(ARENA_CAP);
    size_t before;
    size_t applied = 0;
    bool good;

    if (arena == NULL)
        return niva_fail_internal(err, "no memory for migrations");
    good = table_make(pg, err) && applied_check(pg, migrations, count, &before, err);
    for (size_t i = 0; good && i < count; i++) {
        bool ran = false;

        good = migration_run(pg, &migrations[i], arena, &ran, err);
        applied += ran;
    }
    if (good)
        *ret_applied = applied;
    niva_arena_free(arena);
    return good;
}

/* The number in "set/0001_words.sql". */
static int32_t migration_number(const char *name)
{
    const char *slash = strrchr(name, '/');

    return (int32_t)strtol(slash == NULL ? name : slash + 1, NULL, 10);
}

static bool applied_all(struct niva_pg *pg, const struct niva_migration *migrations, size_t count,
                        struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(ARENA_CAP);
    bool good = arena != NULL || niva_fail_internal(err, "no memory for migrations");

    for (size_t i = 0; good && i < count; i++) {
        uint8_t digest[CHECKSUM_SIZE];
        bool applied = false;

        good = checksum(migrations[i].sql, digest, err) &&
               applied_look(pg, migrations[i].name, digest, arena, &applied, err);
        if (good && !applied)
            good = fail_schema(err, migrations[i].name, "MIGRATION_MISSING",
                               "migreringen har inte körts. Kör programmet med migrate.",
                               "the migration has not run. Run the program with migrate.");
    }
    niva_arena_free(arena);
    return good;
}

bool niva_migrations_check(struct niva_pg *pg, const struct niva_migration *migrations,
                           size_t count, int32_t *ret_version, struct niva_error *err)
{
    size_t applied;
    bool table;

    if (!schema_look(pg, &table, err))
        return false;
    if (!table)
        return fail_schema(err, "schema_migration", "MIGRATION_MISSING",
                           "inga migreringar har körts. Kör programmet med migrate.",
                           "no migrations have run. Run the program with migrate.");
    if (!applied_check(pg, migrations, count, &applied, err) ||
        (applied != count && !applied_all(pg, migrations, count, err)))
        return false;
    *ret_version = count == 0 ? 0 : migration_number(migrations[count - 1].name);
    return true;
}
