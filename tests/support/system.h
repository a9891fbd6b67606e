/* One whole system for a test program: a PostgreSQL of its own, migrated schemas, and the three
 * services as real processes, with sockets and logs in a directory under /tmp. Two systems, and two
 * test programs, do not meet. Parts are started, stopped and killed from the main thread; calls may
 * come from any thread. What the machine does not allow ends the test program with the logs. */
#ifndef NIVA_TESTS_SUPPORT_SYSTEM_H
#define NIVA_TESTS_SUPPORT_SYSTEM_H

#include "services/common/rpc/client.h"
#include "services/nivactl/session.h"
#include "tests/support/cluster.h"

struct system;

/* A service, or the database of all of them. */
enum part { PART_INTAKE, PART_COMPLIANCE, PART_COMPENSATION, PART_DATABASE, PART_COUNT };

/* Makes a system and waits until it is ready. */
struct system *system_new(bool rehearsal);
/* Proves it (system_verify), ends its processes and removes its directories. Accepts NULL and
 * returns NULL. */
struct system *system_free(struct system *system);
/* The same without a proof, for a test that has put in what no service tells and proved the rest.
 */
struct system *system_discard(struct system *system);

/* Starts again what was ended and runs `nivactl verify`: what it finds is printed and ends the test
 * program. Every test of a system ends with it, or with a proof of its own. */
void system_verify(struct system *system);

/* Ends a part as an operator would: SIGTERM, drained. It must end well. */
void system_stop(struct system *system, enum part part);
/* Kills a part as a loss of power would. */
void system_kill(struct system *system, enum part part);
/* Starts a part that was ended, a service with `extra` arguments (NULL, or ended by NULL), and
 * waits until it is ready. */
void system_start(struct system *system, enum part part, const char *const *extra);
/* The same of a service, without waiting. */
void system_launch(struct system *system, enum part part, const char *const *extra);
/* Waits until a service says that it is ready. */
void system_wait_ready(struct system *system, enum part part);

/* Starts another replica of a service (number 2 … 9) with `extra` arguments, without waiting. */
void system_launch_replica(struct system *system, enum part part, int number,
                           const char *const *extra);
/* Waits until that replica says that it is ready; number 1 is the first. */
void system_wait_replica(struct system *system, enum part part, int number);
/* The process of a replica, for signals. */
struct process *system_process(struct system *system, enum part part, int number);
/* Kills a replica (SIGKILL). */
void system_kill_replica(struct system *system, enum part part, int number);
/* The client that knows only that replica. */
struct niva_rpc_client *system_replica_client(struct system *system, enum part part, int number);

/* Calls a method by its name, "niva.intake.v1.UnitService/PutUnit", with a request as JSON in which
 * ' may stand for ". An empty request_id is given. `options` NULL: 30 seconds, no principal. The
 * reply lives in the arena. */
bool system_call(struct system *system, const char *method, const char *json,
                 const struct niva_rpc_options *options, struct niva_arena *arena,
                 ProtobufCMessage **ret_reply, struct niva_error *err) NIVA_MUST_CHECK;
/* The same for a request that is a message already. */
bool system_send(struct system *system, const char *method, ProtobufCMessage *request,
                 const struct niva_rpc_options *options, struct niva_arena *arena,
                 ProtobufCMessage **ret_reply, struct niva_error *err) NIVA_MUST_CHECK;
/* The same for what must go well; otherwise the test program ends. The text is printf-like. */
ProtobufCMessage *system_tell(struct system *system, struct niva_arena *arena, const char *method,
                              const char *json, ...) NIVA_PRINTF(4, 5);

/* Waits until everything committed so far is applied everywhere and no work is pending. */
void system_wait(struct system *system);
/* Moves the day of a rehearsal; the days between begin meanwhile. `recorded_at` INT64_MIN: by the
 * clock; an instant is refused when something later is on record already. */
void system_begin_day(struct system *system, niva_day day, niva_instant recorded_at);
/* The same for "2022-07-01", and waits until all is applied. */
void system_today(struct system *system, const char *day);

/* The client of a service's user listeners, of all replicas. */
struct niva_rpc_client *system_client(struct system *system, enum part part);
/* "ipc://…" of a service's socket, of replica 1: "user" or "peer". Valid until the next call of
 * this thread. */
const char *system_url(const struct system *system, enum part part, const char *listener);
/* The directory of sockets and logs. */
const char *system_directory(const struct system *system);
/* A session of nivactl with this system, for the main thread. */
struct session *system_session(struct system *system);
/* A connection string of the database for a role. Valid until the next call of this thread. */
const char *system_conninfo(const struct system *system, const char *role);
/* Runs SQL as the superuser; the first value of the result, valid until the next call of this
 * thread. */
const char *system_sql(const struct system *system, const char *sql);
/* Positions of the three streams and numbers of their facts: what a refused call must not move.
 * Valid until the next call of this thread. */
const char *system_heads(const struct system *system);
/* MD5 of every row of every table of the three services: what a refused call must not change, nor a
 * question. Valid until the next call of this thread. */
const char *system_digest(const struct system *system);

/* Prints the logs of the services: for a test that failed. */
void system_show_logs(const struct system *system);

/* Runs a program of the build, such as "services/nivactl/nivactl", with --run-dir of this system;
 * returns its exit code, its output is in `ret_output` (up to `size`). */
int system_run(struct system *system, const char *program, const char *const *arguments,
               char *ret_output, size_t size);

#endif
