/* A compensation service without its process: its journal on a database of its own, fed with
 * compliance's events by hand, and its reads. A rehearsal, so that an event's instant is what it
 * says. Whatever fails ends the test. */
#ifndef TESTS_SUPPORT_COMPENSATION_RIG_H
#define TESTS_SUPPORT_COMPENSATION_RIG_H

#include <pthread.h>

#include "niva/compensation/v1/events.pb-c.h"
#include "services/common/bus/journal.h"
#include "tests/support/cluster.h"
#include "tests/support/timelines.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ExplainAdjustmentResponse Explanation;
typedef Niva__Compensation__V1__ListAdjustmentsRequest ListAdjustmentsRequest;
typedef Niva__Compensation__V1__ListAdjustmentsResponse ListAdjustmentsResponse;

enum { RIG_EVENTS_MAX = 512 };

struct rig {
    struct cluster *cluster;
    const char *database;
    struct niva_journal *journal;
    struct niva_pg *pg; /* of the service role */
    struct niva_arena *arena;
    niva_instant now; /* of the next event; moves a second at a time, and with the days */
    int64_t position; /* of the last event that was told */
    size_t event_count;
    const struct niva_event *events[RIG_EVENTS_MAX]; /* told, not applied yet */
};

/* A rig on a new database of a cluster, migrated. */
void rig_open(struct rig *rig, struct cluster *cluster);
void rig_close(struct rig *rig);

/* Tells an event of compliance; it waits for rig_apply. */
void rig_tell(struct rig *rig, const char *type, const char *subject, const ProtobufCMessage *data);
/* Tells that a day has begun, and sets the clock to its noon. */
void rig_day(struct rig *rig, const char *day);
/* Tells every day from one to another, both included. */
void rig_days(struct rig *rig, const char *first, const char *last);
/* Tells a month. */
void rig_month(struct rig *rig, const Niva__Compliance__V1__TimelineChanged *timeline);
/* Applies what was told, in one go. */
void rig_apply(struct rig *rig);
/* Applies what was told; false when it was refused. */
bool rig_try(struct rig *rig, struct niva_error *err);

/* Tells that a breach of a unit was opened to dialogue on the present instant, to be answered by a
 * day ("": none is said); that the unit answered; that a breach went up in another. */
void rig_told(struct rig *rig, const char *unit, const char *breach_id, const char *answer_by);
void rig_answered(struct rig *rig, const char *unit, const char *breach_id);
void rig_merged(struct rig *rig, const char *unit, const char *breach_id, const char *merged_into);

/* A call in flight and its answer. */
struct rig_calling {
    struct niva_command command;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
    struct niva_arena *arena;
    ProtobufCBinaryData reply;
    struct niva_error err;
};
/* The halves of rig_call: several calls may be under way as long as nothing else uses the rig. The
 * request must live until the answer. */
void rig_submit(struct rig *rig, struct rig_calling *calling, const char *method,
                const char *principal, ProtobufCMessage *request);
bool rig_await(struct rig *rig, struct rig_calling *calling, ProtobufCMessage **ret_reply,
               struct niva_error *err);

/* Calls a command by its method's name ("AdjustmentService/DecideAdjustment") after its check, as
 * somebody. An empty request_id is filled in. */
bool rig_call(struct rig *rig, const char *method, const char *principal, ProtobufCMessage *request,
              ProtobufCMessage **ret_reply, struct niva_error *err);

/* How a line is decided. */
enum rig_decision { RIG_APPROVE, RIG_WAIVE, RIG_REVISE };

/* Signs for a line as "officer". */
Adjustment *rig_prepare(struct rig *rig, const Adjustment *line);
/* Decides a line as it was seen, as somebody; `revised_ore` of RIG_REVISE. */
bool rig_decide(struct rig *rig, const Adjustment *line, enum rig_decision decision,
                int64_t revised_ore, const char *principal, Adjustment **ret_line,
                struct niva_error *err);
/* Prepares and decides a line as "decider"; it must be taken. */
Adjustment *rig_settle(struct rig *rig, const Adjustment *line, enum rig_decision decision,
                       int64_t revised_ore);

/* What the service's proof of itself finds: "CODE field" for each difference, "" for nothing. Valid
 * until the next call. */
const char *rig_verify(struct rig *rig);

/* Puts a component of "fysioterapeut", regulated. `last_day` may be "". */
void rig_put(struct rig *rig, const char *unit, const char *component, const char *first_day,
             const char *last_day, int64_t monthly_ore);
/* Calls PutComponent as it stands, after its check. */
bool rig_call_put(struct rig *rig, const Niva__Compensation__V1__PutComponentRequest *put,
                  Niva__Compensation__V1__PutComponentResponse **ret_reply, struct niva_error *err);
Niva__Compensation__V1__PutComponentRequest *
rig_put_make(struct rig *rig, const char *unit, const char *component, const char *first_day,
             const char *last_day, int64_t monthly_ore);

/* Reads by a handler's method name ("AdjustmentService/ListAdjustments"). */
bool rig_read(struct rig *rig, const char *method, const ProtobufCMessage *request,
              ProtobufCMessage **ret_reply, struct niva_error *err);

/* All adjustments but the superseded ones; with history all versions of all. */
size_t rig_list(struct rig *rig, bool history, Adjustment ***ret_adjustments);
/* The line of a unit and month of the component "fysioterapi" that is open; NULL: none. */
Adjustment *rig_line(struct rig *rig, const char *unit, const char *period);
/* The explanation, which must add up. known_at INT64_MAX: as computed. */
Explanation *rig_explain(struct rig *rig, const char *adjustment_id, niva_instant known_at);

/* Events of the own stream after a position: types and data. */
size_t rig_stream(struct rig *rig, int64_t after, struct niva_event **ret_events);
int64_t rig_head(struct rig *rig);

#endif
