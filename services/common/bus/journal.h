/* The one writer of a service. Everything that changes its state, commands, upstream events and its
 * own work, enters one bounded queue; a batch of it is one transaction that locks stream_head
 * first, so that replicas take turns and every decision sees a true state. A rejected item is
 * decided before anything is written and hurts only itself. Callers are answered after COMMIT.
 * (Architecture: "One writer per service".)
 *
 * A service gives its rules as a table of functions; they run on the writer's thread, in this
 * order, in one transaction:
 *   - read: reads all rows that the items of the batch need (niva_pg_run, as few round trips as can
 *     be);
 *   - decide, for each item in order: judges it over what was read and what earlier items of the
 *     batch did; appends facts and events; false rejects it. It changes the service's own state of
 *     the batch only on success;
 *   - settle, once, after all items: what follows from them (timelines, breaches, amounts); may
 *     append too;
 *   - write, once: adds the service's own set-wise writes (niva_batch_write).
 * Facts, events, head, request log and cursor are written by the journal; answers older than 400
 * days are deleted, but in a rehearsal. `work` is called in
 * transactions of its own between batches, while the last call said there is more, after a batch
 * that asked for it, and every `work_interval_ms`. A batch may be tried again from the beginning
 * (deadlock, lost connection), and items may be run alone when one breaks the batch: whatever the
 * rules keep between calls belongs into the batch's state. */
#ifndef NIVA_COMMON_BUS_JOURNAL_H
#define NIVA_COMMON_BUS_JOURNAL_H

#include "services/common/bus/applied.h"
#include "services/common/bus/event.h"
#include "services/common/pg/facts.h"
#include "services/common/pg/pg.h"
#include "services/common/rpc/rpc.h"

struct niva_journal;
struct niva_batch;

enum { NIVA_BATCH_MAX = 128, NIVA_BATCH_WAIT_MS = 2, NIVA_WORK_LEAST = 8, NIVA_WORK_MOST = 64 };

enum niva_item_kind { NIVA_ITEM_COMMAND = 1, NIVA_ITEM_EVENT };

/* One item of a batch, as decide sees it. */
struct niva_item {
    enum niva_item_kind kind;
    /* a command: the method and its request (checked), who asks */
    const char *method; /* "/niva.intake.v1.UnitService/PutUnit" */
    const ProtobufCMessage *request;
    const void *prepared;  /* what was made of the request before; NULL: nothing */
    const char *principal; /* subject; of an event, its actor */
    const char *traceparent;
    /* an upstream event */
    const struct niva_event *event;
    /* when it counts as recorded; rises strictly from item to item; set when it is decided */
    niva_instant recorded_at;
    /* whether decide has taken it, for settle and write */
    bool accepted;
    /* the reply of a command, set by decide, in the batch's arena; its field `position` is filled
     * in at the end */
    ProtobufCMessage *reply;
    /* set by decide for a command that is answered and leaves nothing behind, not even its answer:
     * a rehearsal, or a refusal that has more to say than an error can. Then nothing may have been
     * appended; the same request is decided anew when it comes again */
    bool unrecorded;
    /* the service's own, for this item in this batch */
    void *state;
};

struct niva_journal_rules {
    void *self;
    bool (*read)(void *self, struct niva_batch *batch, struct niva_error *err);
    bool (*decide)(void *self, struct niva_batch *batch, struct niva_item *item,
                   struct niva_error *err);
    bool (*settle)(void *self, struct niva_batch *batch, struct niva_error *err); /* may be NULL */
    bool (*write)(void *self, struct niva_batch *batch, struct niva_error *err);  /* may be NULL */
    /* One transaction of the service's own work, of at most niva_batch_work_pieces;
     * `ret_more` asks to be called again at once. May be NULL. It appends and writes as decide,
     * settle and write do; when it did nothing the transaction is rolled back. */
    bool (*work)(void *self, struct niva_batch *batch, bool *ret_more, struct niva_error *err);
    int work_interval_ms;
};

/* What the functions of a service may do with a batch. The arena lives until the batch has ended.
 */
struct niva_arena *niva_batch_arena(struct niva_batch *batch);
struct niva_pg *niva_batch_pg(struct niva_batch *batch);
size_t niva_batch_items(struct niva_batch *batch, struct niva_item **ret_items);
void *
niva_batch_state(struct niva_batch *batch); /* the service's, NULL at the beginning of each batch */
void niva_batch_set_state(struct niva_batch *batch, void *state);
/* recorded_at of what is written now: of the item in decide, of the last accepted item in settle
 * and write; in work the clock, in a rehearsal the last recorded + 1 µs, until niva_batch_advance.
 */
niva_instant niva_batch_recorded_at(const struct niva_batch *batch);
/* Whether this is a rehearsal: days are moved by hand. */
bool niva_batch_rehearsal(const struct niva_batch *batch);
/* In work: the next step is recorded at max(wanted, last recorded + 1 µs) in a rehearsal, at the
 * clock otherwise. */
void niva_batch_advance(struct niva_batch *batch, niva_instant wanted);
/* The day of a rehearsal's clock as it stands now, whichever replica moved it; NIVA_DAY_NONE before
 * it was set first. */
niva_day niva_batch_day(const struct niva_batch *batch);
/* In a rehearsal: sets the day of the service's clock, which is kept. A command under decision that
 * was to be recorded by the clock is then recorded on that day. */
void niva_batch_set_day(struct niva_batch *batch, niva_day day);
/* In settle: names the item from which the facts and events that are appended next follow (their
 * actor, causation and trace); the last accepted one until then. In work they follow from none: the
 * actor is "system:<stream>". */
void niva_batch_set_cause(struct niva_batch *batch, const struct niva_item *item);
/* Asks for `work` right after this batch. */
void niva_batch_ask_work(struct niva_batch *batch);
/* In work: how many pieces (of whatever the service counts) this transaction may do,
 * NIVA_WORK_LEAST to NIVA_WORK_MOST. Callers that come meanwhile wait for its end, so it is kept
 * short: about a quarter of the time that the batch before it took, by what the pieces before have
 * cost. */
size_t niva_batch_work_pieces(const struct niva_batch *batch);
/* In work: how many were done. */
void niva_batch_work_done(struct niva_batch *batch, size_t pieces);

/* Appends a fact; fact_no is set; recorded_at 0, received_at 0 and recorded_by NULL are filled in
 * from the item (recorded_at, recorded_at, principal), given ones are kept; what it points to must
 * live as long as the batch. */
bool niva_batch_fact(struct niva_batch *batch, struct niva_fact *fact,
                     struct niva_error *err) NIVA_MUST_CHECK;
/* Appends an event of `type` (in the service's table of types) about `subject` (HSA-id or "") with
 * its data; position, id, time, actor, causation and trace are filled in. `ret_position` may be
 * NULL. */
bool niva_batch_event(struct niva_batch *batch, const char *type, const char *subject,
                      const ProtobufCMessage *data, int64_t *ret_position,
                      struct niva_error *err) NIVA_MUST_CHECK;
/* Adds a statement to the batch's last round trip, before COMMIT; the caller fills the parameters
 * (arena of the batch). NULL when memory is out. */
struct niva_params *niva_batch_write(struct niva_batch *batch,
                                     const struct niva_statement *statement);

/* Texts and types must live as long as the journal. */
struct niva_journal_options {
    const char *stream;   /* name of the service and its stream */
    const char *conninfo; /* of the service role */
    const char *source;   /* CloudEvents source, "/niva/<region>/<service>" */
    const struct niva_event_type *types;
    size_t type_count;
    struct niva_upstreams upstreams; /* that it follows: their cursors are kept */
    int queue;                       /* items that may wait */
    bool rehearsal;
    struct niva_journal_rules rules;
    /* Called after each COMMIT that moved the head or a cursor, also when it is seen that another
     * replica made it, on a thread of the journal; must not block. */
    void (*committed)(void *user, const struct niva_applied *applied);
    void *user;
};

struct niva_journal *niva_journal_new(const struct niva_journal_options *options,
                                      struct niva_error *err);
/* Stops taking items, finishes the commands that were accepted until `deadline_ms`, fails the rest
 * with UNAVAILABLE. */
void niva_journal_drain(struct niva_journal *journal, int64_t deadline_ms);
/* Cuts the connections to the database, for good: whatever still waits for it fails with
 * UNAVAILABLE. After niva_journal_drain, so that a database that hangs cannot delay the end. */
void niva_journal_interrupt(struct niva_journal *journal);
struct niva_journal *niva_journal_free(struct niva_journal *journal);

/* A command in flight. The caller owns it and its memory until `done` is called, once, on the
 * writer's thread. */
struct niva_command {
    const char *method;
    const ProtobufCMessage *request;
    const void *prepared; /* for the rules; NULL: nothing */
    const ProtobufCMessageDescriptor *reply_type;
    const char *principal;
    const char *traceparent;
    niva_instant recorded_at; /* INT64_MIN: not given */
    int64_t deadline_ms;      /* monotonic; not begun after it: DEADLINE_EXCEEDED */
    /* `err` NULL: committed; `reply` is packed and lives until done returns. */
    void (*done)(struct niva_command *command, const ProtobufCBinaryData *reply,
                 const struct niva_error *err);
    void *user;
    struct niva_command *next; /* the journal's */
};

/* Hands a command over. False (RESOURCE_EXHAUSTED, UNAVAILABLE when draining) when it was not
 * taken; done is not called then. */
bool niva_journal_submit(struct niva_journal *journal, struct niva_command *command,
                         struct niva_error *err) NIVA_MUST_CHECK;

/* Applies events of a followed stream in order and moves its cursor to `next`, at least the
 * position of the last one, blocking until that is committed; events at or before the cursor are
 * passed over, a gap is FAILED_PRECONDITION. For the consumer. */
bool niva_journal_apply(struct niva_journal *journal, const char *stream,
                        const struct niva_event *const *events, size_t count, int64_t next,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* The cursor in a followed stream, as last seen by this process. */
bool niva_journal_cursor(struct niva_journal *journal, const char *stream, int64_t *ret_position,
                         struct niva_error *err) NIVA_MUST_CHECK;
/* What is applied, as last seen by this process. */
void niva_journal_applied(struct niva_journal *journal, struct niva_applied *ret_applied);
/* Waits until `stream` (the own one, or one that is followed) is applied up to `position`, until
 * `deadline_ms`: DEADLINE_EXCEEDED then, INVALID_ARGUMENT for a stream that this service does not
 * have. Works across replicas. */
bool niva_journal_wait(struct niva_journal *journal, const char *stream, int64_t position,
                       int64_t deadline_ms, struct niva_error *err) NIVA_MUST_CHECK;

#endif
