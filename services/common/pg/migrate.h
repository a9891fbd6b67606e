/* Migrations: numbered SQL files, embedded in the program (embed_sql.py), each run once, in order,
 * in a transaction of its own, by the owner role, under an advisory lock. Their checksums are kept:
 * a file that was changed after it ran is an error. A list may hold several sets (the common tables
 * first, then the service's own); a set is the folder in the name, and has numbers of its own. */
#ifndef NIVA_COMMON_PG_MIGRATE_H
#define NIVA_COMMON_PG_MIGRATE_H

#include "services/common/pg/pg.h"

struct niva_migration {
    const char *name; /* "intake/0001_search.sql"; the number rises strictly through its set */
    const char *sql;
};

/* Runs what has not run yet; `ret_applied` counts them. The schema must exist and be owned by the
 * connection's role. */
bool niva_migrate(struct niva_pg *pg, const struct niva_migration *migrations, size_t count,
                  size_t *ret_applied, struct niva_error *err) NIVA_MUST_CHECK;

/* Whether the schema is exactly what the list says: FAILED_PRECONDITION names what is missing,
 * unknown or changed. `ret_version` is the number of the last migration of the list. */
bool niva_migrations_check(struct niva_pg *pg, const struct niva_migration *migrations,
                           size_t count, int32_t *ret_version,
                           struct niva_error *err) NIVA_MUST_CHECK;

#endif
