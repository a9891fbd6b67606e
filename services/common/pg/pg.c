#include "services/common/pg/pg.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "services/common/base/clock.h"
#include "services/common/pg/connection.h"

enum {
    CONNECT_MS = 5000,
    /* A server under statement_timeout (30 s) that says nothing for longer than this is away. */
    SILENCE_MS = 35000,
    PAUSE_LEAST_MS = 10,
    PAUSE_MOST_MS = 500,
    RETRY_AFTER_MS = 500,
    SQLSTATE_SIZE = 6,
};

static const char connection_lost[SQLSTATE_SIZE] = "08006";

struct niva_pg {
    PGconn *conn; /* NULL after a failed try to connect again */
    char *conninfo;
    char *schema;
    char *application;
    char sqlstate[SQLSTATE_SIZE];
    bool lost;
    int silence_ms;
    int interrupt; /* an eventfd: readable once niva_pg_interrupt was called */
    const struct niva_statement **prepared;
    size_t prepared_count;
    size_t prepared_capacity;
};

const struct niva_statement niva_pg_begin = {"pg_begin", "BEGIN ISOLATION LEVEL READ COMMITTED"};
const struct niva_statement niva_pg_begin_snapshot = {
    "pg_begin_snapshot", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
const struct niva_statement niva_pg_commit = {"pg_commit", "COMMIT"};
const struct niva_statement niva_pg_rollback = {"pg_rollback", "ROLLBACK"};

/* A plan is made for each execution: one that was kept from the time when a table was small would
 * scan it for ever. */
static const struct niva_statement settings = {
    "pg_settings", "SELECT set_config('search_path', quote_ident($1), false),"
                   " set_config('statement_timeout', '30s', false),"
                   " set_config('lock_timeout', '5s', false),"
                   " set_config('idle_in_transaction_session_timeout', '60s', false),"
                   " set_config('plan_cache_mode', 'force_custom_plan', false),"
                   " set_config('TimeZone', 'UTC', false),"
                   /* compiling a short statement takes a hundred times as long as running it */
                   " set_config('jit', 'off', false)"};

static bool class_is(const char *sqlstate, const char *class)
{
    return strncmp(sqlstate, class, 2) == 0;
}

/* 57P01 … 57P05: the server goes down, comes up or sends idle sessions away. */
static bool server_leaves(const char *sqlstate)
{
    return strncmp(sqlstate, "57P", 3) == 0;
}

static bool fail_unavailable(struct niva_error *err, const char *sqlstate, const char *cause)
{
    niva_fail_cause(err, NIVA_UNAVAILABLE, "Databasen kan inte nås just nu. Försök igen.",
                    "The database cannot be reached right now. Try again.", "%s %s", sqlstate,
                    cause);
    err->retry_after_ms = RETRY_AFTER_MS;
    return false;
}

/* An error of the server, by its SQLSTATE. Its details may quote rows and stay behind; what it is
 * about is told by statement and constraint. */
static bool fail_sqlstate(struct niva_error *err, const char *sqlstate, const char *statement,
                          const PGresult *result)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (primary == NULL)
        primary = "";
    if (class_is(sqlstate, "08") || class_is(sqlstate, "53") || server_leaves(sqlstate) ||
        strcmp(sqlstate, "55P03") == 0 || strcmp(sqlstate, "25P03") == 0)
        return fail_unavailable(err, sqlstate, primary);
    if (strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0)
        return niva_fail_cause(err, NIVA_ABORTED, "En samtidig ändring kom emellan. Försök igen.",
                               "A concurrent change came in between. Try again.", "%s %s: %s",
                               sqlstate, statement, primary);
    if (strcmp(sqlstate, "57014") == 0)
        return niva_fail_cause(err, NIVA_DEADLINE_EXCEEDED,
                               "Frågan till databasen tog för lång tid.",
                               "The question to the database took too long.", "%s %s: %s", sqlstate,
                               statement, primary);
    return niva_fail_internal(err, "%s %s: %s", sqlstate, statement, primary);
}

static bool interrupted(const struct niva_pg *pg)
{
    struct pollfd entry = {.fd = pg->interrupt, .events = POLLIN};

    return poll(&entry, 1, 0) > 0;
}

static bool fail_lost(struct niva_pg *pg, struct niva_error *err)
{
    char cause[160] = "not connected";

    pg->lost = true;
    memcpy(pg->sqlstate, connection_lost, SQLSTATE_SIZE);
    if (interrupted(pg))
        snprintf(cause, sizeof cause, "interrupted");
    else if (pg->conn != NULL)
        snprintf(cause, sizeof cause, "%s", PQerrorMessage(pg->conn));
    cause[strcspn(cause, "\n")] = '\0';
    return fail_unavailable(err, pg->sqlstate, cause);
}

/* Waits until the socket is ready; false when it is not within `timeout_ms` (-1: for ever), and
 * when the wait is interrupted. */
static bool socket_wait(const struct niva_pg *pg, short events, int timeout_ms)
{
    struct pollfd entries[] = {{.fd = PQsocket(pg->conn), .events = events},
                               {.fd = pg->interrupt, .events = POLLIN}};
    int64_t deadline = niva_clock_monotonic_ms() + timeout_ms;
    int ready;

    while ((ready = poll(entries, 2, timeout_ms)) < 0 && errno == EINTR) {
        if (timeout_ms < 0)
            continue;
        timeout_ms = (int)(deadline - niva_clock_monotonic_ms());
        if (timeout_ms < 0)
            timeout_ms = 0;
    }
    return ready > 0 && entries[1].revents == 0;
}

static bool handshake(const struct niva_pg *pg, int64_t deadline_ms)
{
    PGconn *conn = pg->conn;
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;

    while (wanted != PGRES_POLLING_OK) {
        int64_t left = deadline_ms - niva_clock_monotonic_ms();
        short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;

        if (wanted == PGRES_POLLING_FAILED || left <= 0 || !socket_wait(pg, events, (int)left))
            return false;
        wanted = PQconnectPoll(conn);
    }
    return PQsetnonblocking(conn, 1) == 0 && PQenterPipelineMode(conn) == 1;
}

static bool settings_send(struct niva_pg *pg, int64_t deadline_ms, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(4096);
    struct niva_query query = {.statement = &settings, .params.arena = arena};
    int64_t left = deadline_ms - niva_clock_monotonic_ms();
    int silence_ms = pg->silence_ms;
    bool good;

    if (arena == NULL)
        return niva_fail_internal(err, "no memory for a connection");
    niva_param_text(&query.params, pg->schema);
    pg->silence_ms = left > 0 ? (int)left : 0;
    good = niva_pg_run(pg, &query, 1, err);
    pg->silence_ms = silence_ms;
    niva_queries_clear(&query, 1);
    niva_arena_free(arena);
    return good;
}

/* What the server remarks in passing is nobody's concern; libpq would print it. */
static void notice_ignore(void *unused, const char *message)
{
    (void)unused;
    (void)message;
}

/* One try. The defaults stand before the connection string, which may override them. */
static bool connect_once(struct niva_pg *pg, int64_t deadline_ms, struct niva_error *err)
{
    const char *const keys[] = {"keepalives_idle", "tcp_user_timeout", "dbname",
                                "client_encoding", "application_name", NULL};
    const char *const values[] = {"10", "15000", pg->conninfo, "UTF8", pg->application, NULL};

    PQfinish(pg->conn);
    pg->conn = NULL;
    pg->prepared_count = 0;
    if (interrupted(pg))
        return fail_lost(pg, err);
    pg->lost = false;
    pg->conn = PQconnectStartParams(keys, values, 1);
    if (pg->conn == NULL)
        return niva_fail_internal(err, "no memory for a connection");
    PQsetNoticeProcessor(pg->conn, notice_ignore, NULL);
    if (PQstatus(pg->conn) == CONNECTION_BAD || !handshake(pg, deadline_ms))
        return fail_lost(pg, err);
    return settings_send(pg, deadline_ms, err);
}

struct niva_pg *connection_open(const char *conninfo, const char *schema, const char *application,
                                int64_t deadline_ms, struct niva_error *err)
{
    struct niva_pg *pg = calloc(1, sizeof *pg);

    if (pg == NULL)
        goto out_of_memory;
    pg->silence_ms = SILENCE_MS;
    pg->interrupt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pg->conninfo = strdup(conninfo);
    pg->schema = strdup(schema);
    pg->application = strdup(application);
    if (pg->conninfo == NULL || pg->schema == NULL || pg->application == NULL)
        goto out_of_memory;
    if (pg->interrupt < 0) {
        niva_fail_internal(err, "eventfd: errno %d", errno);
        return niva_pg_close(pg);
    }
    if (!connect_once(pg, deadline_ms, err))
        return niva_pg_close(pg);
    return pg;
out_of_memory:
    niva_fail_internal(err, "no memory for a connection");
    return niva_pg_close(pg);
}

struct niva_pg *niva_pg_open(const char *conninfo, const char *schema, const char *application,
                             struct niva_error *err)
{
    return connection_open(conninfo, schema, application, niva_clock_monotonic_ms() + CONNECT_MS,
                           err);
}

struct niva_pg *niva_pg_close(struct niva_pg *pg)
{
    if (pg == NULL)
        return NULL;
    PQfinish(pg->conn);
    if (pg->interrupt >= 0)
        close(pg->interrupt);
    free(pg->prepared);
    free(pg->conninfo);
    free(pg->schema);
    free(pg->application);
    free(pg);
    return NULL;
}

/* Half of the pause and a random part of the other half, so that many do not come back at once. */
static void pause_with_jitter(const struct niva_pg *pg, int pause_ms)
{
    struct pollfd entry = {.fd = pg->interrupt, .events = POLLIN};
    uint32_t random = 0;

    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random = (uint32_t)niva_clock_now();
    poll(&entry, 1, pause_ms / 2 + (int)(random % (uint32_t)(pause_ms / 2 + 1)));
}

bool niva_pg_reopen(struct niva_pg *pg, int64_t deadline_ms, struct niva_error *err)
{
    int pause_ms = PAUSE_LEAST_MS;

    for (;;) {
        int64_t now = niva_clock_monotonic_ms();
        int64_t until = now + CONNECT_MS < deadline_ms ? now + CONNECT_MS : deadline_ms;

        if (until < now + PAUSE_MOST_MS)
            until = now + PAUSE_MOST_MS;
        if (connect_once(pg, until, err))
            return true;
        if (interrupted(pg) || niva_clock_monotonic_ms() + pause_ms >= deadline_ms)
            return false;
        pause_with_jitter(pg, pause_ms);
        pause_ms = pause_ms * 2 < PAUSE_MOST_MS ? pause_ms * 2 : PAUSE_MOST_MS;
    }
}

void niva_pg_interrupt(struct niva_pg *pg)
{
    eventfd_write(pg->interrupt, 1);
}

void niva_pg_patience(struct niva_pg *pg, int silence_ms)
{
    pg->silence_ms = silence_ms < SILENCE_MS ? silence_ms : SILENCE_MS;
}

bool niva_pg_alive(const struct niva_pg *pg)
{
    return pg->conn != NULL && !pg->lost && PQstatus(pg->conn) == CONNECTION_OK;
}

const char *niva_pg_sqlstate(const struct niva_pg *pg)
{
    return pg->sqlstate;
}

bool niva_pg_transient(const struct niva_pg *pg)
{
    const char *sqlstate = pg->sqlstate;

    return strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0 ||
           class_is(sqlstate, "08") || server_leaves(sqlstate) || strcmp(sqlstate, "25P03") == 0;
}

bool connection_rests(struct niva_pg *pg)
{
    if (!niva_pg_alive(pg) || PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
        return false;
    while (!pg->lost && socket_wait(pg, POLLIN, 0))
        pg->lost = PQconsumeInput(pg->conn) == 0;
    return niva_pg_alive(pg);
}

/* Sends what lies in the buffer and reads what comes, so that neither side waits for the other. */
static bool exchange(struct niva_pg *pg)
{
    int unsent = PQflush(pg->conn);
    short events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;

    return unsent >= 0 && socket_wait(pg, events, pg->silence_ms) && PQconsumeInput(pg->conn) == 1;
}

/* The next result, owned by the caller, or NULL where libpq says NULL; false when the connection is
 * lost. What the server said before it hung up is still in the buffer. */
static bool result_next(struct niva_pg *pg, PGresult **ret_result)
{
    bool open = true;

    while (open && PQisBusy(pg->conn) == 1)
        open = exchange(pg);
    if (!open && PQisBusy(pg->conn) == 1)
        return false;
    *ret_result = PQgetResult(pg->conn);
    if (PQstatus(pg->conn) == CONNECTION_OK)
        return true;
    if (*ret_result != NULL && PQresultErrorField(*ret_result, PG_DIAG_SQLSTATE) != NULL)
        return true;
    PQclear(*ret_result);
    return false;
}

/* The one result of a command in a pipeline, and the NULL behind it. */
static bool command_receive(struct niva_pg *pg, PGresult **ret_result)
{
    PGresult *result = NULL;
    PGresult *end = NULL;

    if (!result_next(pg, &result))
        return false;
    if (result != NULL && PQstatus(pg->conn) == CONNECTION_OK && !result_next(pg, &end)) {
        PQclear(result);
        return false;
    }
    PQclear(end);
    *ret_result = result;
    return result != NULL;
}

static bool is_prepared(const struct niva_pg *pg, const struct niva_statement *statement)
{
    for (size_t i = 0; i < pg->prepared_count; i++)
        if (pg->prepared[i] == statement)
            return true;
    return false;
}

static bool prepared_add(struct niva_pg *pg, const struct niva_statement *statement)
{
    if (pg->prepared_count == pg->prepared_capacity) {
        size_t capacity = pg->prepared_capacity == 0 ? 32 : 2 * pg->prepared_capacity;
        const struct niva_statement **grown =
            reallocarray(pg->prepared, capacity, sizeof *pg->prepared);

        if (grown == NULL)
            return false;
        pg->prepared = grown;
        pg->prepared_capacity = capacity;
    }
    pg->prepared[pg->prepared_count++] = statement;
    return true;
}

static bool query_send(struct niva_pg *pg, const struct niva_query *query)
{
    static const int binary[NIVA_PARAMS_MAX] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                                1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const struct niva_statement *statement = query->statement;
    const struct niva_params *params = &query->params;

    if (!is_prepared(pg, statement)) {
        if (!prepared_add(pg, statement) || PQsendPrepare(pg->conn, statement->name, statement->sql,
                                                          params->count, params->types) == 0)
            return false;
    }
    return PQsendQueryPrepared(pg->conn, statement->name, params->count, params->values,
                               params->lengths, binary, 1) == 1;
}

/* What has come back in a round trip. */
struct round {
    size_t answered;  /* statements whose preparation was answered, */
    size_t confirmed; /* and that are prepared for certain */
    bool failed;
    struct niva_error *err;
};

/* Keeps the first failure; what follows it in the pipeline is only "aborted". */
static void round_judge(struct niva_pg *pg, struct round *round, const char *statement,
                        const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    const char *sqlstate;

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || round->failed)
        return;
    round->failed = true;
    sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (sqlstate == NULL || strlen(sqlstate) != SQLSTATE_SIZE - 1)
        sqlstate = "XX000";
    memcpy(pg->sqlstate, sqlstate, SQLSTATE_SIZE);
    fail_sqlstate(round->err, pg->sqlstate, statement, result);
}

/* COMMIT of a transaction that had failed says ROLLBACK, and no error. */
static void commit_judge(struct niva_pg *pg, struct round *round, const struct niva_query *query)
{
    PGresult *result = query->result;

    if (round->failed || query->statement != &niva_pg_commit ||
        strcmp(PQcmdStatus(result), "COMMIT") == 0)
        return;
    round->failed = true;
    memcpy(pg->sqlstate, "25P02", SQLSTATE_SIZE);
    niva_fail_internal(round->err, "25P02 a failed transaction was to be committed");
}

static bool query_receive(struct niva_pg *pg, struct round *round, struct niva_query *query)
{
    PGresult *result;

    if (round->answered < pg->prepared_count && pg->prepared[round->answered] == query->statement) {
        if (!command_receive(pg, &result))
            return false;
        round_judge(pg, round, query->statement->name, result);
        PQclear(result);
        round->answered++;
        round->confirmed += !round->failed;
    }
    if (!command_receive(pg, &result))
        return false;
    query->result = result;
    round_judge(pg, round, query->statement->name, result);
    commit_judge(pg, round, query);
    return true;
}

static bool sync_receive(struct niva_pg *pg)
{
    PGresult *result;
    bool good;

    if (!result_next(pg, &result))
        return false;
    good = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    return good;
}

static bool queries_exchange(struct niva_pg *pg, struct niva_query *queries, size_t count,
                             struct round *round)
{
    for (size_t i = 0; i < count; i++)
        if (!query_send(pg, &queries[i]))
            return false;
    if (PQpipelineSync(pg->conn) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!query_receive(pg, round, &queries[i]))
            return false;
    return sync_receive(pg);
}

bool niva_pg_run(struct niva_pg *pg, struct niva_query *queries, size_t count,
                 struct niva_error *err)
{
    struct round round = {
        .answered = pg->prepared_count, .confirmed = pg->prepared_count, .err = err};

    niva_queries_clear(queries, count);
    pg->sqlstate[0] = '\0';
    if (!niva_pg_alive(pg))
        return fail_lost(pg, err);
    for (size_t i = 0; i < count; i++)
        if (queries[i].params.failed)
            return niva_fail_internal(err, "no memory for the parameters of %s",
                                      queries[i].statement->name);
    if (!queries_exchange(pg, queries, count, &round)) {
        niva_queries_clear(queries, count);
        pg->lost = true;
        return round.failed ? false : fail_lost(pg, err);
    }
    pg->prepared_count = round.confirmed;
    if (round.failed)
        niva_queries_clear(queries, count);
    return !round.failed;
}

void niva_queries_clear(struct niva_query *queries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        PQclear(queries[i].result);
        queries[i].result = NULL;
    }
}

static bool script_exchange(struct niva_pg *pg, const char *sql, struct round *round)
{
    PGresult *result;

    if (PQexitPipelineMode(pg->conn) != 1 || PQsendQuery(pg->conn, sql) != 1)
        return false;
    for (;;) {
        if (!result_next(pg, &result))
            return false;
        if (result == NULL)
            return PQenterPipelineMode(pg->conn) == 1;
        round_judge(pg, round, "script", result);
        PQclear(result);
    }
}

bool connection_script(struct niva_pg *pg, const char *sql, struct niva_error *err)
{
    struct round round = {.err = err};
    bool good;

    pg->sqlstate[0] = '\0';
    if (!niva_pg_alive(pg))
        return fail_lost(pg, err);
    pg->silence_ms = -1;
    good = script_exchange(pg, sql, &round);
    pg->silence_ms = SILENCE_MS;
    if (good)
        return !round.failed;
    pg->lost = true;
    return round.failed ? false : fail_lost(pg, err);
}
