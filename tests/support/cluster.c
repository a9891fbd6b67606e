#define _GNU_SOURCE /* nftw */

#include "tests/support/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/common/base/clock.h"
#include "services/common/bus/bus_sql.h"

enum { START_MS = 30000, STEP_MS = 5, ARGUMENTS_MAX = 32 };

struct cluster {
    char directory[64];
    char data[80];
    char log[80];
    pid_t postmaster; /* 0 when it does not run */
    int databases;
    char names[64][32];
};

__attribute__((noreturn, format(printf, 1, 2))) static void give_up(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("cluster: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

/* PostgreSQL refuses to be run by root. */
static const struct passwd *unprivileged_user(void)
{
    const struct passwd *user = getpwnam("postgres");

    if (geteuid() != 0)
        return NULL;
    return user != NULL ? user : getpwnam("nobody");
}

static void privileges_drop(void)
{
    const struct passwd *user = unprivileged_user();

    if (user == NULL)
        return;
    if (initgroups(user->pw_name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
        setuid(user->pw_uid) != 0)
        _exit(126);
}

/* Starts a program of PostgreSQL with its output in the log; ends with this process. Its own path
 * comes first among the arguments: initdb looks beside itself for its companions, and PATH need
 * not know them. */
static pid_t program_start(const struct cluster *cluster, const char *name,
                           const char *const *arguments)
{
    pid_t pid = fork();
    char path[256];
    const char *with_path[ARGUMENTS_MAX + 2] = {path};
    int log;

    if (pid < 0)
        give_up("fork: %s", strerror(errno));
    if (pid > 0)
        return pid;
    privileges_drop();
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    log = open(cluster->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || chdir(cluster->directory) != 0)
        _exit(125);
    unsetenv("PGOPTIONS");
    snprintf(path, sizeof path, "%s/%s", POSTGRES_BIN, name);
    for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++)
        with_path[i + 1] = arguments[i];
    execv(path, (char *const *)(uintptr_t)with_path);
    _exit(127);
}

static void log_show(const struct cluster *cluster)
{
    char line[512];
    FILE *log = fopen(cluster->log, "r");

    while (log != NULL && fgets(line, sizeof line, log) != NULL)
        fprintf(stderr, "  %s", line);
    if (log != NULL)
        fclose(log);
}

static void program_run(const struct cluster *cluster, const char *name,
                        const char *const *arguments)
{
    pid_t pid = program_start(cluster, name, arguments);
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (status == 0)
        return;
    log_show(cluster);
    give_up("%s/%s ended with status %d", POSTGRES_BIN, name, status);
}

static void directory_make(struct cluster *cluster)
{
    const struct passwd *user = unprivileged_user();

    snprintf(cluster->directory, sizeof cluster->directory, "/tmp/niva-test-XXXXXX");
    if (mkdtemp(cluster->directory) == NULL)
        give_up("mkdtemp: %s", strerror(errno));
    if (user != NULL && chown(cluster->directory, user->pw_uid, user->pw_gid) != 0)
        give_up("chown: %s", strerror(errno));
    snprintf(cluster->data, sizeof cluster->data, "%s/data", cluster->directory);
    snprintf(cluster->log, sizeof cluster->log, "%s/log", cluster->directory);
}

const char *cluster_conninfo(const struct cluster *cluster, const char *database, const char *role)
{
    static _Thread_local char conninfo[256];

    snprintf(conninfo, sizeof conninfo, "host=%s port=5432 dbname=%s user=%s", cluster->directory,
             database, role);
    return conninfo;
}

const char *cluster_directory(const struct cluster *cluster)
{
    return cluster->directory;
}

const char *cluster_sql(const struct cluster *cluster, const char *database, const char *sql)
{
    static _Thread_local char value[4096];
    PGconn *conn = PQconnectdb(cluster_conninfo(cluster, database, "postgres"));
    PGresult *result;
    ExecStatusType status;

    if (PQstatus(conn) != CONNECTION_OK)
        give_up("%.200s: %s", sql, PQerrorMessage(conn));
    result = PQexec(conn, sql);
    status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        give_up("%.200s: %s", sql, PQerrorMessage(conn));
    snprintf(value, sizeof value, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(conn);
    return value;
}

/* The server went away before it took connections: what a killed one has left may stand in the way
 * for a moment. */
static bool postmaster_ended(struct cluster *cluster)
{
    if (waitpid(cluster->postmaster, NULL, WNOHANG) == 0)
        return false;
    cluster->postmaster = 0;
    return true;
}

void cluster_start(struct cluster *cluster)
{
    const char *arguments[] = {"-D", cluster->data,
                               "-k", cluster->directory,
                               "-c", "listen_addresses=",
                               "-c", "max_connections=60",
                               "-c", "shared_buffers=32MB",
                               "-c", "fsync=off",
                               "-c", "deadlock_timeout=200ms",
                               "-c", "log_min_messages=warning",
                               NULL};
    int64_t deadline = niva_clock_monotonic_ms() + START_MS;
    char conninfo[256];

    snprintf(conninfo, sizeof conninfo, "%s", cluster_conninfo(cluster, "postgres", "postgres"));
    do {
        if (niva_clock_monotonic_ms() > deadline) {
            log_show(cluster);
            give_up("the server does not start");
        }
        if (cluster->postmaster == 0 || postmaster_ended(cluster))
            cluster->postmaster = program_start(cluster, "postgres", arguments);
        poll(NULL, 0, STEP_MS);
    } while (PQping(conninfo) != PQPING_OK);
}

static void postmaster_signal(struct cluster *cluster, int signal)
{
    if (cluster->postmaster == 0)
        return;
    kill(cluster->postmaster, signal);
    while (waitpid(cluster->postmaster, NULL, 0) < 0 && errno == EINTR)
        continue;
    cluster->postmaster = 0;
}

void cluster_stop(struct cluster *cluster)
{
    postmaster_signal(cluster, SIGINT);
}

void cluster_kill(struct cluster *cluster)
{
    postmaster_signal(cluster, SIGKILL);
}

static char *file_read(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 65536);

    if (file == NULL || text == NULL || fread(text, 1, 65535, file) == 0)
        give_up("%s: %s", path, strerror(errno));
    fclose(file);
    return text;
}

static void common_tables_make(const struct cluster *cluster)
{
    struct niva_error err;
    struct niva_pg *pg = niva_pg_open(cluster_conninfo(cluster, "niva", "niva_intake_owner"),
                                      "intake", "test", &err);
    size_t applied;

    if (pg == NULL ||
        !niva_migrate(pg, niva_bus_migrations, NIVA_BUS_MIGRATION_COUNT, &applied, &err))
        give_up("%s: %s (%s)", niva_code_name((int)err.code), err.text_en, err.cause);
    niva_pg_close(pg);
}

struct cluster *cluster_new(void)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    char *bootstrap;

    if (cluster == NULL)
        give_up("no memory");
    directory_make(cluster);
    program_run(cluster, "initdb",
                (const char *const[]){"-D", cluster->data, "-U", "postgres", "-A", "trust", "-E",
                                      "UTF8", "--locale=C.UTF-8", "--no-sync", NULL});
    cluster_start(cluster);
    cluster_sql(cluster, "postgres", "CREATE DATABASE niva");
    bootstrap = file_read(SOURCE_ROOT "/deploy/database/bootstrap.sql");
    cluster_sql(cluster, "niva", bootstrap);
    free(bootstrap);
    common_tables_make(cluster);
    return cluster;
}

static int entry_remove(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status;
    (void)kind;
    (void)at;
    return remove(path);
}

struct cluster *cluster_free(struct cluster *cluster)
{
    if (cluster == NULL)
        return NULL;
    cluster_stop(cluster);
    if (nftw(cluster->directory, entry_remove, 16, FTW_DEPTH | FTW_PHYS) != 0)
        give_up("%s: %s", cluster->directory, strerror(errno));
    free(cluster);
    return NULL;
}

const char *cluster_database(struct cluster *cluster)
{
    char *name;
    char sql[96];

    if (cluster->databases == (int)(sizeof cluster->names / sizeof *cluster->names))
        give_up("too many databases");
    name = cluster->names[cluster->databases];
    snprintf(name, sizeof *cluster->names, "niva_%d", cluster->databases++);
    snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE niva", name);
    cluster_sql(cluster, "postgres", sql);
    return name;
}
