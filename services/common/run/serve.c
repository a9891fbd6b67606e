/* A service from its start to its end. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/common/base/clock.h"
#include "services/common/base/log.h"
#include "services/common/run/frame.h"

enum {
    TRY_LEAST_MS = 100,
    TRY_MOST_MS = 2000,
    START_PATIENCE_MS = 4000, /* with a database, while SIGTERM may be waiting */
    /* The end: what was accepted is finished; then nothing waits for the database any more; after
     * END_S seconds it is over anyway. */
    DRAIN_MS = 5000,
    END_S = 9,
};

/* ---- the start ---- */

void frame_url(const struct frame *frame, const char *service, const char *end,
               char ret_url[NIVA_URL_SIZE])
{
    snprintf(ret_url, NIVA_URL_SIZE, "ipc://%s/%s.%s", frame->settings->run_dir, service, end);
}

bool frame_own_url(const struct frame *frame, const char *end, char ret_url[NIVA_URL_SIZE],
                   struct niva_error *err)
{
    char first[NIVA_URL_SIZE];

    frame_url(frame, frame->service->name, end, first);
    return niva_replica_url(first, (int)frame->settings->replica, ret_url) ||
           niva_fail(err, NIVA_INVALID_ARGUMENT, "Katalogen för socketar har ett för långt namn.",
                     "The directory of the sockets has a name that is too long.");
}

/* Whoever follows hears of new events, not of how far others are followed. */
static void journal_committed(void *user, const struct niva_applied *applied)
{
    struct frame *frame = user;

    if (atomic_exchange(&frame->rung, applied->head) != applied->head)
        niva_doorbell_ring(frame->bell, applied->head);
    waiting_wake(frame->waiting);
}

static bool journal_open(struct frame *frame, struct niva_error *err)
{
    const struct niva_service *service = frame->service;
    const struct niva_journal_options options = {
        .stream = service->name,
        .conninfo = frame->settings->database,
        .source = frame->source,
        .types = service->types,
        .type_count = service->type_count,
        .upstreams = service->upstreams,
        .queue = (int)frame->settings->queue + (int)frame->settings->workers,
        .rehearsal = frame->settings->rehearsal,
        .rules = control_rules(frame),
        .committed = journal_committed,
        .user = frame,
    };

    frame->journal = niva_journal_new(&options, err);
    return frame->journal != NULL;
}

static bool database_open(struct frame *frame, struct niva_error *err)
{
    struct niva_pg *pg =
        niva_pg_open(frame->settings->database, frame->service->name, "niva-start", err);
    bool good;

    if (pg != NULL)
        niva_pg_patience(pg, START_PATIENCE_MS);
    good = pg != NULL && niva_migrations_check(pg, frame->migrations, frame->migration_count,
                                               &frame->schema_version, err);

    niva_pg_close(pg);
    return good && journal_open(frame, err);
}

/* A database that is away comes back; a schema that does not fit does not mend itself. */
static bool database_await(struct frame *frame, const sigset_t *signals, struct niva_error *err)
{
    long wait_ms = TRY_LEAST_MS;

    while (!database_open(frame, err)) {
        struct timespec wait = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};

        if (err->code != NIVA_UNAVAILABLE && err->code != NIVA_ABORTED &&
            err->code != NIVA_DEADLINE_EXCEEDED)
            return false;
        if (wait_ms == TRY_LEAST_MS)
            niva_log(NIVA_LOG_WARNING, "database.waiting", "cause", err->cause, NULL);
        wait_ms = wait_ms * 2 < TRY_MOST_MS ? wait_ms * 2 : TRY_MOST_MS;
        if (sigtimedwait(signals, NULL, &wait) > 0)
            return niva_fail(err, NIVA_CANCELLED, "Avbruten i väntan på databasen.",
                             "Stopped while it waited for the database.");
    }
    return true;
}

static bool server_open(struct frame *frame, struct niva_error *err)
{
    const struct settings *settings = frame->settings;
    char user[NIVA_URL_SIZE];
    char peer[NIVA_URL_SIZE];
    const struct niva_rpc_listener listeners[] = {{user, false}, {peer, true}};
    const struct niva_rpc_server_options options = {
        .services = frame->services,
        .service_count = frame->service_count,
        .listeners = listeners,
        .listener_count = 2,
        .workers = (int)settings->workers,
        .queue = (int)settings->queue,
        .request_max = frame->service->request_max,
        .rehearsal = settings->rehearsal,
        .handler = dispatch_call,
        .answered = dispatch_log,
        .user = frame,
    };

    if (!frame_own_url(frame, "user", user, err) || !frame_own_url(frame, "peer", peer, err))
        return false;
    frame->server = niva_rpc_server_new(&options, err);
    return frame->server != NULL;
}

static bool consumer_open(struct frame *frame, size_t index, struct niva_error *err)
{
    const struct niva_upstream *upstream = &frame->service->upstreams.list[index];
    struct niva_follower *follower = &frame->followers[index];
    char url[NIVA_URL_SIZE];
    char bell[NIVA_URL_SIZE];
    const struct niva_consumer_options options = {
        .stream = upstream->stream,
        .url = url,
        .bell = bell,
        .types = upstream->types,
        .type_count = upstream->type_count,
        .sink = niva_journal_sink(follower),
    };

    *follower = (struct niva_follower){frame->journal, upstream->stream};
    frame_url(frame, upstream->stream, "peer", url);
    frame_url(frame, upstream->stream, "bell", bell);
    frame->consumers[index] = niva_consumer_new(&options, err);
    return frame->consumers[index] != NULL;
}

/* None of those that are followed need be there yet. */
static bool consumers_open(struct frame *frame, struct niva_error *err)
{
    for (size_t i = 0; i < frame->service->upstreams.count; i++)
        if (!consumer_open(frame, i, err))
            return false;
    return true;
}

/* Half of the queue may be reads that wait, so that others always find room. */
static bool frame_open(struct frame *frame, const sigset_t *signals, struct niva_error *err)
{
    const struct settings *settings = frame->settings;
    char bell[NIVA_URL_SIZE];
    char application[96];

    if (!frame_own_url(frame, "bell", bell, err))
        return false;
    snprintf(application, sizeof application, "niva-%s reader", frame->service->name);
    frame->pool = niva_pg_pool_new(settings->database, frame->service->name, application,
                                   (int)settings->workers);
    if (frame->pool == NULL)
        return niva_fail_internal(err, "out of memory");
    frame->waiting = waiting_new(frame, (size_t)(settings->queue + 1) / 2, err);
    if (frame->waiting == NULL)
        return false;
    frame->bell = niva_doorbell_new(bell, err);
    return frame->bell != NULL && database_await(frame, signals, err) && server_open(frame, err) &&
           consumers_open(frame, err);
}

/* ---- the end ---- */

static void end_now(int signal_number)
{
    static const char line[] = "The service did not end in time and is ended now.\n";

    (void)signal_number;
    (void)!write(STDERR_FILENO, line, sizeof line - 1);
    _exit(1);
}

/* No more calls and events; what was accepted is finished, or told that it was not. */
static void frame_drain(struct frame *frame)
{
    int64_t until_ms = niva_clock_monotonic_ms() + DRAIN_MS;

    atomic_store(&frame->ready, false);
    for (size_t i = 0; i < NIVA_UPSTREAMS_MAX; i++)
        if (frame->consumers[i] != NULL)
            niva_consumer_stop(frame->consumers[i]);
    if (frame->waiting != NULL)
        waiting_close(frame->waiting);
    if (frame->server != NULL)
        niva_rpc_server_drain(frame->server, until_ms);
    if (frame->journal != NULL) {
        niva_journal_drain(frame->journal, until_ms);
        niva_journal_interrupt(frame->journal);
    }
    if (frame->pool != NULL)
        niva_pg_pool_interrupt(frame->pool);
}

/* From the outside in. */
static void frame_close(struct frame *frame)
{
    signal(SIGALRM, end_now);
    alarm(END_S);
    frame_drain(frame);
    for (size_t i = 0; i < NIVA_UPSTREAMS_MAX; i++)
        frame->consumers[i] = niva_consumer_free(frame->consumers[i]);
    frame->server = niva_rpc_server_free(frame->server);
    frame->journal = niva_journal_free(frame->journal);
    frame->waiting = waiting_free(frame->waiting);
    frame->bell = niva_doorbell_free(frame->bell);
    frame->pool = niva_pg_pool_free(frame->pool);
    alarm(0);
}

/* Every thread inherits the mask: only who waits for them here gets these signals. */
static void signals_block(sigset_t *ret_signals)
{
    sigemptyset(ret_signals);
    sigaddset(ret_signals, SIGTERM);
    sigaddset(ret_signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
}

static void ready_log(const struct frame *frame)
{
    char replica[24];
    char schema[16];

    snprintf(replica, sizeof replica, "%" PRId64, frame->settings->replica);
    snprintf(schema, sizeof schema, "%" PRId32, frame->schema_version);
    niva_log(NIVA_LOG_INFO, "service.ready", "version", NIVA_VERSION, "schema", schema, "source",
             frame->source, "replica", replica, "rehearsal",
             frame->settings->rehearsal ? "true" : "false", NULL);
}

int frame_serve(struct frame *frame)
{
    sigset_t signals;
    struct niva_error err;
    int signal_number;
    int code = 0;

    signals_block(&signals);
    if (frame_open(frame, &signals, &err)) {
        atomic_store(&frame->ready, true);
        ready_log(frame);
        sigwait(&signals, &signal_number);
        niva_log(NIVA_LOG_INFO, "service.stopping", NULL);
    } else if (err.code != NIVA_CANCELLED) {
        niva_log_error("service.failed", &err);
        code = 1;
    }
    frame_close(frame);
    if (code == 0)
        niva_log(NIVA_LOG_INFO, "service.stopped", NULL);
    return code;
}
