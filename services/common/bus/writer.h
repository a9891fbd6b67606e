/* The writer's thread and what it shares with the callers. Internal to the room. */
#ifndef NIVA_COMMON_BUS_WRITER_H
#define NIVA_COMMON_BUS_WRITER_H

#include <pthread.h>
#include <time.h>

#include "services/common/bus/attempt.h"

enum { WORK_COST_GUESS_US = 2000 }; /* of a piece of work, before any was measured */

/* Upstream events that a caller of niva_journal_apply waits for; lies on its stack. */
struct group {
    size_t upstream; /* index of the stream */
    const struct niva_event *const *events;
    size_t count;
    int64_t until; /* to be passed up to here, behind the last event */
    size_t done;   /* of the slots that it takes: the events, and one for what is passed */
    bool finished;
    struct niva_error err;
    struct group *following;
};

/* Work without an end between, for the log. */
struct work_spell {
    int64_t begun_ms;
    size_t pieces;
    size_t transactions;
};

struct niva_journal {
    struct niva_journal_options options;
    char system_actor[80];
    pthread_t writer;
    pthread_mutex_t lock;
    pthread_cond_t wake;    /* the writer: there is something to do */
    pthread_cond_t settled; /* everybody else: a batch has ended */
    /* under the lock */
    struct niva_command *first;
    struct niva_command *last;
    int queued;
    struct group *groups;
    bool busy;
    bool draining;
    bool stopping;
    struct niva_applied applied;
    pthread_cond_t look; /* the watcher: somebody wants to know what others have committed */
    bool look_wanted;
    int64_t watch_at; /* when it may look next */
    /* the watcher's own */
    pthread_t watcher;
    struct niva_pg *watch;
    /* the writer's own */
    struct niva_pg *pg;
    struct niva_arena *arena;
    bool away;
    bool work_failing;
    int64_t work_at;
    int64_t work_cost_us; /* of a piece, as of late */
    int64_t batch_us;     /* that the last batch took; 0 when there was none before the work */
    struct work_spell work_spell;
    int64_t expire_at; /* when old answers are looked for */
    bool expiry_failing;
    struct niva_applied told;
    struct group *group; /* whose events are in the batch */
    struct slot slots[NIVA_BATCH_MAX];
};

/* The thread, of a journal: takes batches from the queue until `stopping`, then fails what is
 * left. */
void *writer_run(void *user);

/* Under the lock: whether the writer has something to take. */
bool anything_queued(const struct niva_journal *journal);
/* UNAVAILABLE because the service is shutting down. */
void fail_stopping(struct niva_error *err);
/* A monotonic instant for pthread_cond_timedwait. */
struct timespec instant_of(int64_t monotonic_ms);

#endif
