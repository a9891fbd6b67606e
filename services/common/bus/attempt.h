/* Deciding: what becomes of the items of a batch in one transaction. Looks up what was answered
 * before, folds what was sent twice, lets the rules decide the rest, commits. Internal to the room.
 */
#ifndef NIVA_COMMON_BUS_ATTEMPT_H
#define NIVA_COMMON_BUS_ATTEMPT_H

#include "services/common/bus/batch.h"

enum outcome {
    OUTCOME_OPEN,     /* not known yet */
    OUTCOME_ACCEPTED, /* decided now */
    OUTCOME_ANSWERED, /* committed earlier: the stored reply, an event at or before the cursor */
    OUTCOME_FOLDED,   /* as its leader */
    OUTCOME_TOLD,     /* answered, and nothing is recorded of it */
    OUTCOME_REJECTED, /* its error says why */
};

/* One item on its way through a batch; lives on when the batch is tried again. */
struct slot {
    struct niva_command *command;   /* NULL: of a stream that is followed */
    size_t upstream;                /* then: its index … */
    const struct niva_event *event; /* … an event of it; NULL: nothing up to the position is ours */
    int64_t position;
    bool in_doubt; /* a COMMIT with it was sent and not answered: it may be there already */
    /* of one attempt */
    struct niva_uuid request_id;
    uint8_t digest[HASH_SIZE];
    struct niva_item *item; /* NULL: not to be decided */
    const struct slot *leader;
    enum outcome outcome;
    ProtobufCBinaryData reply;
    struct niva_error err;
};

/* Its outcome is REJECTED, for this reason. */
void slot_reject(struct slot *slot, const struct niva_error *err);

/* How an attempt ended. */
enum attempt_end {
    ATTEMPT_DONE,        /* every slot has its outcome; the batch was committed or rolled back */
    ATTEMPT_AGAIN,       /* the same batch may succeed when it is tried again */
    ATTEMPT_LOCKED,      /* somebody else held the head of the stream all the time */
    ATTEMPT_UNAVAILABLE, /* the database takes no changes now */
    ATTEMPT_BROKEN,      /* some item breaks the batch: alone the others may succeed */
};

/* Makes one attempt with a live connection. `ret_committed` tells whether anything was written. */
enum attempt_end attempt_run(struct niva_batch *batch, struct slot *slots, size_t count,
                             bool *ret_committed, struct niva_error *err) NIVA_MUST_CHECK;
/* The same for the service's own work. */
enum attempt_end attempt_work(struct niva_batch *batch, bool *ret_more, bool *ret_committed,
                              struct niva_error *err) NIVA_MUST_CHECK;

#endif
