/* Intake over a journal and a PostgreSQL of its own, without sockets: commands are checked and
 * handed to the journal, reads run in a snapshot, as the running service does. */
#ifndef NIVA_TESTS_SUPPORT_INTAKE_SERVICE_H
#define NIVA_TESTS_SUPPORT_INTAKE_SERVICE_H

#include <pthread.h>

#include "services/common/bus/journal.h"
#include "tests/support/cluster.h"
#include "tests/support/intake_caller.h"

struct service {
    struct caller caller;
    const struct cluster *cluster;
    const char *database;
    struct niva_journal *journal;
    struct niva_pg *pg;   /* for reads */
    const void *prepared; /* for the next command */
};

/* Opens a new database of the cluster, in a rehearsal; now is noon on 2022-06-23. */
void service_open(struct service *service, struct cluster *cluster);
void service_close(struct service *service);

/* A command in flight, for several at once. */
struct flight {
    struct niva_command command;
    pthread_mutex_t lock;
    pthread_cond_t landed;
    bool done;
    struct niva_error err;
    struct niva_text reply;
};
void flight_begin(struct service *service, struct flight *flight, const char *method,
                  const ProtobufCMessage *request);
/* Waits; the reply, or NULL with flight->err. */
ProtobufCMessage *flight_end(struct service *service, struct flight *flight);

/* Reads; the reply lives in the caller's arena. */
bool read_try(struct service *service, const char *method, const char *json,
              ProtobufCMessage **ret_reply, struct niva_error *err);
void *read_ok(struct service *service, const char *method, const char *json, ...) NIVA_PRINTF(3, 4);
void read_refused(struct service *service, enum niva_code code, const char *field,
                  const char *reason, const char *method, const char *json, ...) NIVA_PRINTF(6, 7);

/* "facts/events" as counted in the database, valid until the next call of this thread. */
const char *service_counts(const struct service *service);

#endif
