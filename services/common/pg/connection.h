/* Connections: what the pool and the migrations need beyond the public page. Internal to the room.
 */
#ifndef NIVA_COMMON_PG_CONNECTION_H
#define NIVA_COMMON_PG_CONNECTION_H

#include "services/common/pg/pg.h"

/* niva_pg_open with one try until `deadline_ms` (monotonic). */
struct niva_pg *connection_open(const char *conninfo, const char *schema, const char *application,
                                int64_t deadline_ms, struct niva_error *err);
/* Whether a connection at rest is usable and outside a transaction. Notices without waiting that
 * the server has hung up. */
bool connection_rests(struct niva_pg *pg);
/* Runs a text of several statements by the simple protocol, for migrations alone: there a server
 * may be silent for as long as it likes. */
bool connection_script(struct niva_pg *pg, const char *sql, struct niva_error *err) NIVA_MUST_CHECK;

#endif
