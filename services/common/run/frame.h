/* Inside the room: a running service and its parts. */
#ifndef NIVA_COMMON_RUN_FRAME_H
#define NIVA_COMMON_RUN_FRAME_H

#include <stdatomic.h>

#include "services/common/bus/consumer.h"
#include "services/common/rpc/replica.h"
#include "services/common/run/service.h"
#include "services/common/run/settings.h"

struct waiting;

struct frame {
    const struct niva_service *service;
    const struct settings *settings;
    char source[64];                             /* "/niva/<region>/<service>" */
    const ProtobufCServiceDescriptor **services; /* its own, events, control */
    size_t service_count;
    struct niva_migration *migrations; /* the common ones, then its own */
    size_t migration_count;
    int32_t schema_version;
    struct niva_doorbell *bell;
    struct niva_journal *journal;
    struct niva_pg_pool *pool;
    struct waiting *waiting;
    struct niva_rpc_server *server;
    struct niva_follower followers[NIVA_UPSTREAMS_MAX];  /* one for each stream that is followed */
    struct niva_consumer *consumers[NIVA_UPSTREAMS_MAX]; /* NULL: not started */
    atomic_int_least64_t rung;                           /* the head that the doorbell told */
    atomic_bool ready;
};

/* Answers a read in a snapshot, of which is said what was applied; like niva_method.read, for what
 * is alike in all services too. */
struct route;
typedef bool route_read(struct frame *frame, struct niva_rpc_call *call, const struct route *route,
                        struct niva_read *read, const struct niva_applied *applied,
                        ProtobufCMessage *reply, struct niva_error *err);

/* Where a method leads. */
struct route {
    const char *name;
    /* a command */
    bool (*check)(const ProtobufCMessage *request, struct niva_error *err);
    /* a read */
    route_read *read;
    bool (*own)(struct niva_read *read, const ProtobufCMessage *request, ProtobufCMessage *reply,
                struct niva_error *err);
    /* a read that has something to say also when the database is away */
    void (*without_database)(struct frame *frame, ProtobufCMessage *reply);
};

/* serve.c: runs until SIGTERM or SIGINT; returns the exit code. */
int frame_serve(struct frame *frame);
/* The address of replica 1 of a service, from which those of the others follow; and our own. */
void frame_url(const struct frame *frame, const char *service, const char *end,
               char ret_url[NIVA_URL_SIZE]);
bool frame_own_url(const struct frame *frame, const char *end, char ret_url[NIVA_URL_SIZE],
                   struct niva_error *err) NIVA_MUST_CHECK;

/* health.c: asks the running service whether it is ready, and says so; returns the exit code, 0
 * when it is. */
int frame_health(const struct frame *frame);

/* dispatch.c: the handler of the server, and what it tells the log; `user` is the frame. */
#define METHOD_GET_STATUS "/niva.control.v1.ControlService/GetStatus"
#define METHOD_MOVE_TODAY "/niva.control.v1.ControlService/MoveToday"
void dispatch_call(struct niva_rpc_call *call, void *user);
void dispatch_log(const struct niva_rpc_call *call, const struct niva_error *err, void *user);

/* reads.c */
void read_run(struct frame *frame, struct niva_rpc_call *call, const struct route *route);
/* Whether `after` of a request is applied, without waiting: DEADLINE_EXCEEDED when it is not,
 * INVALID_ARGUMENT when it never will be. */
bool read_after(struct frame *frame, const ProtobufCMessage *request,
                struct niva_error *err) NIVA_MUST_CHECK;

/* waiting.c: reads that wait for `after`. They hold no worker; a thread looks after them, hands
 * them to the server again when they may go on, and fails them at their deadline. */
struct waiting *waiting_new(struct frame *frame, size_t most, struct niva_error *err);
/* Takes a call in; RESOURCE_EXHAUSTED when too many wait, UNAVAILABLE after waiting_close. */
bool waiting_add(struct waiting *waiting, struct niva_rpc_call *call,
                 struct niva_error *err) NIVA_MUST_CHECK;
/* Something was applied; never blocks. */
void waiting_wake(struct waiting *waiting);
/* Fails all that wait with UNAVAILABLE, and all that come later. */
void waiting_close(struct waiting *waiting);
struct waiting *waiting_free(struct waiting *waiting);

/* commands.c */
void command_run(struct frame *frame, struct niva_rpc_call *call, const struct route *route);

/* events.c, control.c, verify.c: the methods that every service has. */
route_read events_read;
route_read events_list_streams;
route_read verify_read;
route_read control_status;
void control_status_without_database(struct frame *frame, ProtobufCMessage *reply);
bool control_check_move(const ProtobufCMessage *request, struct niva_error *err);
/* The rules of the service, with MoveToday decided here where the service does not own it. */
struct niva_journal_rules control_rules(struct frame *frame);

#endif
