/* PostgreSQL. The one place that talks libpq: connections, named statements (prepared on first
 * use), binary parameters, pipelined round trips, results. Branches on SQLSTATE, never on text. A
 * connection belongs to one thread at a time. No SQL lives here; every statement has a name and
 * lies in a store. */
#ifndef NIVA_COMMON_PG_PG_H
#define NIVA_COMMON_PG_PG_H

#include <protobuf-c/protobuf-c.h>

#include "services/common/base/arena.h"
#include "services/common/base/day.h"
#include "services/common/base/ids.h"

struct niva_pg;

/* Opens a connection by a libpq connection string and sets search_path to `schema`,
 * application_name, statement, lock and idle-in-transaction timeouts, time zone UTC. UNAVAILABLE
 * when the server can't be reached. Owned by the caller. */
struct niva_pg *niva_pg_open(const char *conninfo, const char *schema, const char *application,
                             struct niva_error *err);
/* Closes. Accepts NULL and returns NULL. */
struct niva_pg *niva_pg_close(struct niva_pg *pg);
/* Connects again after the connection was lost, with jitter between tries, until `deadline_ms`
 * (monotonic). */
bool niva_pg_reopen(struct niva_pg *pg, int64_t deadline_ms,
                    struct niva_error *err) NIVA_MUST_CHECK;
/* From any thread while the connection lives: whoever waits for the server on it gives up at once,
 * and so does whoever would wait later: UNAVAILABLE, the connection is lost and stays so. For the
 * end of a process, which no server may delay. What was under way is rolled back, or in doubt. */
void niva_pg_interrupt(struct niva_pg *pg);
/* A server that says nothing for longer than this counts as lost; 35 s at most and until it is
 * called. */
void niva_pg_patience(struct niva_pg *pg, int silence_ms);
/* Whether the connection is usable. */
bool niva_pg_alive(const struct niva_pg *pg);
/* SQLSTATE of the last failure, five characters; "" after success, "08006" when the connection was
 * lost. */
const char *niva_pg_sqlstate(const struct niva_pg *pg);
/* Whether the last failure may pass when the same transaction is tried again: 40001, 40P01, class
 * 08, 57P01-03. */
bool niva_pg_transient(const struct niva_pg *pg);

/* A statement: a name unique in the program and its SQL with $1 … $n. Static for ever. */
struct niva_statement {
    const char *name;
    const char *sql;
};

enum { NIVA_PARAMS_MAX = 24 };

/* Parameters of one execution, built in order, all binary. A builder that runs out of memory fails
 * the execution. */
struct niva_params {
    struct niva_arena *arena;
    int count;
    uint32_t types[NIVA_PARAMS_MAX];
    const char *values[NIVA_PARAMS_MAX];
    int lengths[NIVA_PARAMS_MAX];
    bool failed;
};

void niva_param_int32(struct niva_params *params, int32_t value);
void niva_param_int64(struct niva_params *params, int64_t value);
void niva_param_bool(struct niva_params *params, bool value);
void niva_param_text(struct niva_params *params, const char *value); /* NULL: SQL NULL */
void niva_param_bytes(struct niva_params *params, const void *bytes,
                      size_t size); /* NULL bytes: SQL NULL */
void niva_param_uuid(struct niva_params *params,
                     const struct niva_uuid *value);           /* NULL: SQL NULL */
void niva_param_day(struct niva_params *params, niva_day day); /* NIVA_DAY_NONE, _END: SQL NULL */
void niva_param_instant(struct niva_params *params,
                        niva_instant instant); /* INT64_MAX: infinity; INT64_MIN: NULL */

/* A column for unnest: an array parameter that grows by one value a row. */
enum niva_column_type {
    NIVA_COLUMN_INT32,
    NIVA_COLUMN_INT64,
    NIVA_COLUMN_TEXT,
    NIVA_COLUMN_BYTES,
    NIVA_COLUMN_UUID,
    NIVA_COLUMN_DAY,
    NIVA_COLUMN_INSTANT,
};
struct niva_column;
struct niva_column *niva_column_new(enum niva_column_type type, struct niva_arena *arena);
void niva_column_int32(struct niva_column *column, int32_t value);
void niva_column_int64(struct niva_column *column, int64_t value);
void niva_column_text(struct niva_column *column, const char *value);
void niva_column_bytes(struct niva_column *column, const void *bytes, size_t size);
void niva_column_uuid(struct niva_column *column, const struct niva_uuid *value);
void niva_column_day(struct niva_column *column, niva_day day);
void niva_column_instant(struct niva_column *column, niva_instant instant);
/* Adds the column as the next parameter; the column is finished then. */
void niva_param_column(struct niva_params *params, struct niva_column *column);

/* One execution in a round trip and its rows (binary). Rows are owned by the query until
 * niva_queries_clear. */
struct niva_query {
    const struct niva_statement *statement;
    struct niva_params params;
    void *result; /* PGresult */
};

/* Runs queries in order in one pipelined round trip, without a transaction of their own beyond what
 * they say. At the first failure the rest is not run and no query keeps rows; err has the SQLSTATE
 * as cause. Codes: UNAVAILABLE (connection, shutdown, lock timeout), ABORTED (serialisation,
 * deadlock), DEADLINE_EXCEEDED (statement timeout), INTERNAL (all else). */
bool niva_pg_run(struct niva_pg *pg, struct niva_query *queries, size_t count,
                 struct niva_error *err) NIVA_MUST_CHECK;
/* Frees the rows of queries; accepts ones that were never run. */
void niva_queries_clear(struct niva_query *queries, size_t count);

/* Statements that everybody needs. */
extern const struct niva_statement niva_pg_begin;          /* read committed */
extern const struct niva_statement niva_pg_begin_snapshot; /* repeatable read, read only */
extern const struct niva_statement niva_pg_commit;
extern const struct niva_statement niva_pg_rollback;

/* Rows. Row and column must be in range; a NULL reads as 0, "", NIVA_DAY_NONE, INT64_MIN. Text and
 * bytes are borrowed from the query. */
int niva_rows(const struct niva_query *query);
bool niva_row_null(const struct niva_query *query, int row, int column);
int32_t niva_row_int32(const struct niva_query *query, int row, int column);
int64_t niva_row_int64(const struct niva_query *query, int row, int column);
bool niva_row_bool(const struct niva_query *query, int row, int column);
const char *niva_row_text(const struct niva_query *query, int row, int column);
const uint8_t *niva_row_bytes(const struct niva_query *query, int row, int column,
                              size_t *ret_size);
struct niva_uuid niva_row_uuid(const struct niva_query *query, int row, int column);
niva_day niva_row_day(const struct niva_query *query, int row, int column);
niva_instant niva_row_instant(const struct niva_query *query, int row, int column);

/* Copies of a value into the arena: the text, NULL when the arena is out; the bytes, data NULL for
 * SQL NULL, false when the arena is out. */
char *niva_row_text_copy(const struct niva_query *query, int row, int column,
                         struct niva_arena *arena) NIVA_MUST_CHECK;
bool niva_row_bytes_copy(const struct niva_query *query, int row, int column,
                         struct niva_arena *arena, ProtobufCBinaryData *ret_bytes) NIVA_MUST_CHECK;

/* Makes an element of a list of a row; false when the arena is out. */
typedef bool niva_row_reader(const struct niva_query *query, int row, struct niva_arena *arena,
                             void *ret_element);
/* One that takes the first column, a text: the element is a const char *. */
niva_row_reader niva_row_name;
/* Runs a query and reads its rows into a list of elements of `size` bytes in the arena of its
 * parameters; `ret_list` points to the pointer to them. The query is cleared. */
bool niva_pg_list(struct niva_pg *pg, struct niva_query *query, size_t size, niva_row_reader *read,
                  size_t *ret_count, void *ret_list, struct niva_error *err) NIVA_MUST_CHECK;

/* A pool of connections of one kind for reading threads. */
struct niva_pg_pool;
struct niva_pg_pool *niva_pg_pool_new(const char *conninfo, const char *schema,
                                      const char *application, int size);
struct niva_pg_pool *niva_pg_pool_free(struct niva_pg_pool *pool);
/* Takes a connection, opening or re-opening it where needed; waits until `deadline_ms`. NULL with
 * err. */
struct niva_pg *niva_pg_pool_take(struct niva_pg_pool *pool, int64_t deadline_ms,
                                  struct niva_error *err);
/* From any thread: whoever waits in a connection of the pool, or for one, gives up at once and for
 * ever (niva_pg_interrupt). */
void niva_pg_pool_interrupt(struct niva_pg_pool *pool);
/* Gives it back; one that is broken or in a transaction is closed. */
void niva_pg_pool_give(struct niva_pg_pool *pool, struct niva_pg *pg);

#endif
