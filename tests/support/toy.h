/* A toy service for the tests of the one writer: a counter for each key. Its command is
 * SubmitReport, the unit being the key; the reply's report_id is the counter's new value. Every
 * command and every upstream event leaves a row in `toy`, a fact and an event. resolution_note may
 * ask for more:
 *   - "derive" lets settle append another event,
 *   - "day" moves the day of a rehearsal to 2022-06-23,
 *   - "reject" is rejected after it has appended a fact and an event,
 *   - "break" adds a write that the database refuses,
 *   - "silent" is accepted without a reply,
 *   - "quiet" leaves neither fact nor event,
 *   - "stranger" appends an event of an unknown type. */
#ifndef TESTS_SUPPORT_TOY_H
#define TESTS_SUPPORT_TOY_H

#include <pthread.h>

#include "services/common/bus/journal.h"
#include "tests/support/cluster.h"

struct toy {
    struct niva_journal *journal;
    struct niva_journal_options options;
    struct niva_upstream upstream; /* the options' */
    char conninfo[256];
    /* under the lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int held;        /* batches wait in `read` while this is not 0 */
    int reading;     /* batches that have come to `read` */
    int work_wanted; /* steps of work that are still to be done */
    int works;       /* that were done */
    int piece_ms;    /* how long a piece of work takes */
    size_t pieces;   /* of the last step */
    int64_t told_head;
};

/* Makes the toy's table in the schema `stream`; `upstream` may be NULL. */
void toy_prepare(const struct cluster *cluster, const char *database, const char *stream);
/* Fills the options; a test may alter them before toy_start. */
void toy_init(struct toy *toy, const char *conninfo, const char *stream, const char *upstream);
void toy_start(struct toy *toy);
/* Drains and frees the journal. */
void toy_stop(struct toy *toy);
/* Holds batches back in `read`, until `toy_release`; toy_await_reading waits for one to come. */
void toy_hold(struct toy *toy);
void toy_await_reading(struct toy *toy);
void toy_release(struct toy *toy);

/* A call: filled by toy_call_init, sent by toy_send, answered when toy_await returns. */
struct toy_call {
    struct niva_command command;
    struct niva_arena *arena;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
    int times; /* that done was called */
    enum niva_code code;
    struct niva_error err;
    int64_t counter;
    int64_t position;
    bool replayed;
};

/* `id` is made into a UUID; `note` may be "". */
void toy_call_init(struct toy_call *call, const char *principal, int id, const char *key,
                   const char *note);
/* False, with the error in the call, when it was not taken. */
bool toy_send(struct toy *toy, struct toy_call *call);
void toy_await(struct toy_call *call);
void toy_call_free(struct toy_call *call);
/* All of the above; returns the code. The result is in *ret_call when it is not NULL. */
enum niva_code toy_call(struct toy *toy, const char *principal, int id, const char *key,
                        const char *note, struct toy_call *ret_call);

/* An upstream event with a key, in the arena. */
struct niva_event *toy_event(struct niva_arena *arena, const char *stream, int64_t position,
                             const char *key, const char *note);

#endif
