/* A service as a process: configuration, `migrate`, connections, journal, consumer, listeners,
 * signals, drain. main.c of a service gives its tables and calls niva_service_main; everything that
 * is alike in all services is here:
 *   - a read: waits for `after` (without holding a worker), runs its handler on a worker with a
 * connection in a read-only snapshot transaction, fills in `applied`; tried once more when the
 * connection breaks under it;
 *   - a command: its check runs on a worker, then the journal decides it; request_id is checked
 * here;
 *   - EventService and ControlService. */
#ifndef NIVA_COMMON_RUN_SERVICE_H
#define NIVA_COMMON_RUN_SERVICE_H

#include "services/common/bus/journal.h"
#include "services/common/bus/verify.h"
#include "services/common/pg/migrate.h"
#include "services/common/rpc/server.h"

/* What a read handler has. */
struct niva_read {
    struct niva_pg *pg; /* inside a repeatable-read, read-only transaction */
    struct niva_arena *arena;
    const char *principal;
    int64_t deadline_ms;
    bool rehearsal;
    void *self; /* of the service */
};

struct niva_method {
    const char *name; /* "/niva.intake.v1.UnitService/GetUnit" */
    /* A command: checks the request, purely. NULL for a read. */
    bool (*check)(const ProtobufCMessage *request, struct niva_error *err);
    /* A read: fills `reply` (empty, of the method's type). NULL for a command. */
    bool (*read)(struct niva_read *read, const ProtobufCMessage *request, ProtobufCMessage *reply,
                 struct niva_error *err);
};

/* One part of the proof of what a service keeps beside events and facts (ControlService.Verify). It
 * looks at what comes after the key `after` ("" for the beginning), at most `limit` rows and no
 * more than a few seconds of work, of `unit` alone unless it is "", and says in `ret_next` after
 * which key to go on; NULL at the end. */
struct niva_verify_part {
    const char *name; /* in page tokens; no colon */
    bool (*check)(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                  struct niva_verify *verify, const char **ret_next, struct niva_error *err);
};

/* What a service tells of itself in GetStatus. */
struct niva_service_status {
    niva_day today;
    int64_t pending;    /* work that is known but not done */
    int64_t recomputed; /* how often something was computed anew, since the beginning */
};

struct niva_service {
    const char *name;                                  /* "intake" */
    const ProtobufCServiceDescriptor *const *services; /* its own; events and control are added */
    size_t service_count;
    const struct niva_method *methods;
    size_t method_count;
    const struct niva_migration *migrations; /* its own; the common ones run first */
    size_t migration_count;
    const struct niva_event_type *types;
    size_t type_count;
    struct niva_upstreams upstreams; /* the streams that it follows */
    struct niva_journal_rules rules;
    size_t request_max;
    /* What is made of a checked request before it is decided, purely, on a worker, in the arena of
     * the call: what would keep the writer too long. Leaves `ret_prepared` alone for methods that
     * need nothing; NULL: none does. The item has it as `prepared`. */
    bool (*prepare)(const char *method, const ProtobufCMessage *request, struct niva_arena *arena,
                    const void **ret_prepared, struct niva_error *err);
    /* MoveToday is decided by its own rules (compliance); else the clock's day is simply set. */
    bool owns_today;
    /* For GetStatus, in a read; NULL: the day of the clock and 0. */
    bool (*status)(struct niva_read *read, struct niva_service_status *ret_status,
                   struct niva_error *err);
    /* Its own parts of Verify, behind those that all services have. */
    const struct niva_verify_part *verify_parts;
    size_t verify_part_count;
};

/* Runs the service: `niva-<name> migrate`, `niva-<name> health` (is the running one ready?), or
 * `niva-<name>` until SIGTERM or SIGINT: it drains then and ends within 10 s. Waits for a database
 * that is away; a schema that does not fit ends it. Returns the exit code: 0, 1 failed, 2 wrong
 * settings. Options: --database, --run-dir, --region, --rehearsal, --replica, --workers, --queue,
 * --log-level, --log-json, --config, --help. The sockets are <run-dir>/<name>.user, .peer and
 * .bell, those of replica n <run-dir>/<name>.<n>.user, …; those of the services that it follows are
 * looked for there too. */
int niva_service_main(const struct niva_service *service, int argc, char **argv);

#endif
