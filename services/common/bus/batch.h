/* A batch under way: one transaction of the writer. It begins with the head of the stream locked,
 * gathers facts, events and writes, and ends with COMMIT or ROLLBACK. Internal to the room. */
#ifndef NIVA_COMMON_BUS_BATCH_H
#define NIVA_COMMON_BUS_BATCH_H

#include "services/common/bus/chain.h"
#include "services/common/bus/envelope.h"
#include "services/common/bus/journal.h"

/* The row stream_head. */
struct head {
    int64_t position;
    uint8_t hash[HASH_SIZE];
    niva_instant recorded_at;
    int64_t fact_no;
    uint8_t fact_hash[HASH_SIZE];
    niva_day day; /* of a rehearsal's clock; NIVA_DAY_NONE */
};

/* An event that was appended. */
struct event_row {
    int64_t position;
    struct niva_uuid id;
    const char *type;
    const char *subject;
    niva_instant recorded_at;
    ProtobufCBinaryData envelope;
    ProtobufCBinaryData data;
};

/* A growing list of pointers in the batch's arena. */
struct batch_list {
    void **entries;
    size_t count;
    size_t capacity;
};

struct niva_batch {
    const struct niva_journal_options *options;
    const char *system_actor; /* who acts in work */
    struct niva_pg *pg;
    struct niva_arena *arena;
    struct head head;           /* as locked */
    struct niva_applied before; /* as locked */
    int64_t cursors[NIVA_UPSTREAMS_MAX];
    struct niva_item *items;
    size_t item_count;
    const struct niva_item *cause; /* what facts and events follow from; NULL in work */
    bool appends;                  /* facts and events may be appended now */
    struct niva_item *clocked;     /* the command under decision that is recorded by the clock */
    niva_instant recorded_at;      /* of what is appended now */
    niva_instant last_recorded_at;
    niva_day day;
    bool work_asked;
    size_t work_pieces;
    size_t work_done;
    void *state;
    struct batch_list facts;  /* struct niva_fact */
    struct batch_list events; /* struct event_row */
    struct batch_list writes; /* struct niva_query */
};

/* Appends to a list; false when memory is out. */
bool batch_list_add(struct batch_list *list, void *entry, struct niva_arena *arena) NIVA_MUST_CHECK;

/* Right behind BEGIN: the head is waited for in steps; after each it is seen whether its holder is
 * at work (eviction.h). */
extern const struct niva_statement batch_lock_step;
/* BEGIN, then lock the head before anything else is read (READ COMMITTED: what is read later sees
 * all that earlier holders of the lock committed), then the cursors and `lookup` (may be NULL). */
bool batch_begin(struct niva_batch *batch, struct niva_query *lookup,
                 struct niva_error *err) NIVA_MUST_CHECK;
/* Whether there is anything to commit beside answers. */
bool batch_changed(const struct niva_batch *batch);
/* Writes everything and commits in one round trip; `requests` (may be NULL) is the insert into the
 * request log. False: rolled back, or, when the connection is no longer alive, in doubt. */
bool batch_commit(struct niva_batch *batch, struct niva_query *requests,
                  struct niva_error *err) NIVA_MUST_CHECK;
/* ROLLBACK; a lost connection has rolled back by itself. */
void batch_roll_back(struct niva_batch *batch);

/* How far a batch had come, to take back what a rejected item appended. */
struct batch_mark {
    size_t facts;
    size_t events;
    size_t writes;
    niva_day day;
    bool work_asked;
};
struct batch_mark batch_mark(const struct niva_batch *batch);
void batch_truncate(struct niva_batch *batch, struct batch_mark mark);

/* The clock of the service: of a rehearsal, the day that was set at the time of day. */
niva_instant batch_clock(const struct niva_batch *batch);

#endif
