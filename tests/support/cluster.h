/* A private PostgreSQL for a test program: its own directory under /tmp, a unix socket only, run by
 * an unprivileged user, ended by its process id. fsync is off: processes are killed here, the power
 * stays on. Two programs at once do not meet. Everything here ends the test program with a message
 * when the machine does not play along. */
#ifndef TESTS_SUPPORT_CLUSTER_H
#define TESTS_SUPPORT_CLUSTER_H

struct cluster;

/* Makes and starts a cluster whose database `niva` has the roles and schemas of
 * deploy/database/bootstrap.sql and, in schema intake, the common tables. */
struct cluster *cluster_new(void);
/* Stops it and removes its directory. Accepts NULL and returns NULL. */
struct cluster *cluster_free(struct cluster *cluster);

/* Stops it; open connections are cut. */
void cluster_stop(struct cluster *cluster);
/* Kills it (SIGKILL) without a word to anybody. */
void cluster_kill(struct cluster *cluster);
/* Starts it again, on the same data, and waits until it takes connections. To be called by the main
 * thread: the server ends with the thread that started it. */
void cluster_start(struct cluster *cluster);

/* A new database, copied from `niva`; its name lives as long as the cluster. */
const char *cluster_database(struct cluster *cluster);
/* A connection string for a database and a role, valid until the next call of this thread. */
const char *cluster_conninfo(const struct cluster *cluster, const char *database, const char *role);
/* The directory of the socket .s.PGSQL.5432. */
const char *cluster_directory(const struct cluster *cluster);
/* Runs SQL as the superuser in a database; returns the first value of the last result, "" when
 * there is none, valid until the next call of this thread. */
const char *cluster_sql(const struct cluster *cluster, const char *database, const char *sql);

#endif
