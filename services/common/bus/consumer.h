/* The consumer: follows a stream and hands its events, in order, to who applies them: the journal
 * of a service, or any program with a database of its own. The cursor lies in the database that the
 * events change, and moves in the same transaction, so that the consumer may be killed anywhere and
 * every event has its effect once. The doorbell (nng SUB) only wakes it; a timer of 100 ms does
 * too. An event that can't be applied stops it and is logged; it is tried again, never skipped. */
#ifndef NIVA_COMMON_BUS_CONSUMER_H
#define NIVA_COMMON_BUS_CONSUMER_H

#include "services/common/bus/journal.h"
#include "services/common/rpc/client.h"

/* Who applies events. Both functions are called by the consumer's thread alone. What passes by
 * itself fails with UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED or RESOURCE_EXHAUSTED; any other code
 * says that an event cannot be applied, and that someone must look. */
struct niva_sink {
    void *self;
    /* The position up to which all is applied; 0 in the beginning. */
    bool (*cursor)(void *self, int64_t *ret_position, struct niva_error *err);
    /* Applies events in order, passing over those at or before the cursor, and moves it to `next`,
     * at least the position of the last one: what lies between was not asked for, or is not for
     * this reader. On failure what came before the bad event may have been applied. */
    bool (*apply)(void *self, const struct niva_event *const *events, size_t count, int64_t next,
                  struct niva_error *err);
};

/* The journal of a service as a sink for one of the streams that it follows, whose cursor it keeps.
 */
struct niva_follower {
    struct niva_journal *journal;
    const char *stream;
};
/* The follower must live as long as the sink. */
struct niva_sink niva_journal_sink(struct niva_follower *follower);

/* What is followed. `stream`, `types` and the sink must live as long as the consumer. */
struct niva_consumer_options {
    const char *stream;
    /* A listener of the upstream: "peer" for the services downstream, which get everything, "user"
     * for all others, who get the external types. */
    const char *url;
    const char *bell; /* its doorbell; both are replica 1's, the others are found by their names */
    /* Only these types; none: all that the listener gives. */
    const char *const *types;
    size_t type_count;
    struct niva_sink sink;
};

struct niva_consumer;

/* Starts the thread. */
struct niva_consumer *niva_consumer_new(const struct niva_consumer_options *options,
                                        struct niva_error *err);
/* Asks for no more events, from any thread; those that the sink has are its to finish. */
void niva_consumer_stop(struct niva_consumer *consumer);
/* Ends the thread and frees; the sink must still live. Accepts NULL and returns NULL. */
struct niva_consumer *niva_consumer_free(struct niva_consumer *consumer);

/* The doorbell of a stream: an nng PUB socket that says the new head. */
struct niva_doorbell;
struct niva_doorbell *niva_doorbell_new(const char *url, struct niva_error *err);
struct niva_doorbell *niva_doorbell_free(struct niva_doorbell *bell);
void niva_doorbell_ring(struct niva_doorbell *bell, int64_t head);

#endif
