#include "services/common/bus/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/base/clock.h"
#include "services/common/bus/writer.h"

enum {
    ARENA_CAP = 512 << 20,
    POLL_MS = 50, /* between looks at what other replicas have committed */
    /* One row of one table: a database that takes longer is away. */
    WATCH_PATIENCE_MS = 5000,
    RETRY_AFTER_MS = 500,
};

static bool applied_load(const struct niva_journal *journal, struct niva_pg *pg,
                         struct niva_applied *ret_applied, struct niva_error *err)
{
    const struct niva_upstreams *upstreams = &journal->options.upstreams;
    struct niva_arena *arena = niva_arena_new(4096);
    struct niva_query query;
    bool good;

    if (arena == NULL)
        return niva_fail_internal(err, "no memory for a query");
    niva_applied_query(&query, upstreams, arena);
    good =
        niva_pg_run(pg, &query, 1, err) && niva_applied_read(&query, upstreams, ret_applied, err);
    niva_queries_clear(&query, 1);
    niva_arena_free(arena);
    return good;
}

/* ---- what other replicas have committed ---- */

/* One look into the database. Under the lock, which is let go of meanwhile. A database that is away
 * is no answer yet. */
static void applied_look(struct niva_journal *journal)
{
    const struct niva_journal_options *options = &journal->options;
    struct niva_applied applied;
    struct niva_error err;
    bool moved;
    bool good;

    pthread_mutex_unlock(&journal->lock);
    good = (niva_pg_alive(journal->watch) ||
            niva_pg_reopen(journal->watch, niva_clock_monotonic_ms(), &err)) &&
           applied_load(journal, journal->watch, &applied, &err);
    pthread_mutex_lock(&journal->lock);
    journal->watch_at = niva_clock_monotonic_ms() + POLL_MS;
    journal->look_wanted = false;
    moved = good && niva_applied_raise(&journal->applied, &applied);
    pthread_cond_broadcast(&journal->settled);
    if (!moved || options->committed == NULL)
        return;
    applied = journal->applied;
    pthread_mutex_unlock(&journal->lock);
    options->committed(options->user, &applied);
    pthread_mutex_lock(&journal->lock);
}

/* Looks whenever somebody wants it, at most once in POLL_MS: a database that does not answer holds
 * this thread up and no other. */
static void *watcher_run(void *user)
{
    struct niva_journal *journal = user;

    pthread_mutex_lock(&journal->lock);
    while (!journal->stopping) {
        struct timespec until = instant_of(journal->watch_at);

        if (!journal->look_wanted)
            pthread_cond_wait(&journal->look, &journal->lock);
        else if (niva_clock_monotonic_ms() < journal->watch_at)
            pthread_cond_timedwait(&journal->look, &journal->lock, &until);
        else
            applied_look(journal);
    }
    pthread_mutex_unlock(&journal->lock);
    return NULL;
}

/* ---- from beginning to end ---- */

static void conditions_init(struct niva_journal *journal)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&journal->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&journal->wake, &attributes);
    pthread_cond_init(&journal->settled, &attributes);
    pthread_cond_init(&journal->look, &attributes);
    pthread_condattr_destroy(&attributes);
}

static struct niva_journal *journal_destroy(struct niva_journal *journal)
{
    niva_pg_close(journal->pg);
    niva_pg_close(journal->watch);
    niva_arena_free(journal->arena);
    pthread_cond_destroy(&journal->wake);
    pthread_cond_destroy(&journal->settled);
    pthread_cond_destroy(&journal->look);
    pthread_mutex_destroy(&journal->lock);
    free(journal);
    return NULL;
}

static bool journal_connect(struct niva_journal *journal, struct niva_error *err)
{
    const struct niva_journal_options *options = &journal->options;
    char application[96];

    snprintf(application, sizeof application, "niva-%s writer", options->stream);
    journal->pg = niva_pg_open(options->conninfo, options->stream, application, err);
    if (journal->pg == NULL)
        return false;
    snprintf(application, sizeof application, "niva-%s watch", options->stream);
    journal->watch = niva_pg_open(options->conninfo, options->stream, application, err);
    if (journal->watch == NULL)
        return false;
    niva_pg_patience(journal->watch, WATCH_PATIENCE_MS);
    if (!applied_load(journal, journal->watch, &journal->applied, err))
        return false;
    journal->told = journal->applied;
    return true;
}

static bool threads_start(struct niva_journal *journal)
{
    if (pthread_create(&journal->watcher, NULL, watcher_run, journal) != 0)
        return false;
    if (pthread_create(&journal->writer, NULL, writer_run, journal) == 0)
        return true;
    pthread_mutex_lock(&journal->lock);
    journal->stopping = true;
    pthread_cond_signal(&journal->look);
    pthread_mutex_unlock(&journal->lock);
    pthread_join(journal->watcher, NULL);
    return false;
}

struct niva_journal *niva_journal_new(const struct niva_journal_options *options,
                                      struct niva_error *err)
{
    struct niva_journal *journal = calloc(1, sizeof *journal);

    if (journal == NULL) {
        niva_fail_internal(err, "no memory for the journal");
        return NULL;
    }
    journal->options = *options;
    conditions_init(journal);
    snprintf(journal->system_actor, sizeof journal->system_actor, "system:%s", options->stream);
    journal->work_at = options->rules.work == NULL ? INT64_MAX : 0;
    journal->work_cost_us = WORK_COST_GUESS_US;
    /* In a rehearsal answers are dated by its days: a file that is applied again must meet them. */
    journal->expire_at = options->rehearsal ? INT64_MAX : 0;
    journal->arena = niva_arena_new(ARENA_CAP);
    if (journal->arena == NULL) {
        niva_fail_internal(err, "no memory for the journal");
        return journal_destroy(journal);
    }
    if (!journal_connect(journal, err))
        return journal_destroy(journal);
    if (!threads_start(journal)) {
        niva_fail_internal(err, "no thread for the journal");
        return journal_destroy(journal);
    }
    return journal;
}

void niva_journal_drain(struct niva_journal *journal, int64_t deadline_ms)
{
    struct timespec until = instant_of(deadline_ms);

    pthread_mutex_lock(&journal->lock);
    journal->draining = true;
    pthread_cond_signal(&journal->wake);
    while (anything_queued(journal) || journal->busy)
        if (pthread_cond_timedwait(&journal->settled, &journal->lock, &until) != 0)
            break;
    journal->stopping = true;
    pthread_cond_signal(&journal->wake);
    pthread_mutex_unlock(&journal->lock);
}

void niva_journal_interrupt(struct niva_journal *journal)
{
    niva_pg_interrupt(journal->pg);
    niva_pg_interrupt(journal->watch);
}

struct niva_journal *niva_journal_free(struct niva_journal *journal)
{
    if (journal == NULL)
        return NULL;
    pthread_mutex_lock(&journal->lock);
    journal->draining = true;
    journal->stopping = true;
    pthread_cond_signal(&journal->wake);
    pthread_cond_signal(&journal->look);
    pthread_mutex_unlock(&journal->lock);
    niva_pg_interrupt(journal->watch); /* it only reads */
    pthread_join(journal->watcher, NULL);
    pthread_join(journal->writer, NULL);
    return journal_destroy(journal);
}

static bool submit_refuse(const struct niva_journal *journal, struct niva_error *err)
{
    if (journal->draining) {
        fail_stopping(err);
        return true;
    }
    if (journal->queued < journal->options.queue)
        return false;
    niva_fail(err, NIVA_RESOURCE_EXHAUSTED, "Tjänsten är överbelastad. Försök igen om en stund.",
              "The service is overloaded. Try again in a moment.");
    err->retry_after_ms = RETRY_AFTER_MS;
    return true;
}

bool niva_journal_submit(struct niva_journal *journal, struct niva_command *command,
                         struct niva_error *err)
{
    bool refused;

    pthread_mutex_lock(&journal->lock);
    refused = submit_refuse(journal, err);
    if (!refused) {
        command->next = NULL;
        if (journal->last == NULL)
            journal->first = command;
        else
            journal->last->next = command;
        journal->last = command;
        journal->queued++;
        if (journal->queued == 1 || journal->queued == NIVA_BATCH_MAX)
            pthread_cond_signal(&journal->wake);
    }
    pthread_mutex_unlock(&journal->lock);
    return !refused;
}

static bool fail_unfollowed(const struct niva_journal *journal, const char *stream,
                            struct niva_error *err)
{
    return niva_fail_internal(err, "%s does not follow %s", journal->options.stream, stream);
}

bool niva_journal_apply(struct niva_journal *journal, const char *stream,
                        const struct niva_event *const *events, size_t count, int64_t next,
                        struct niva_error *err)
{
    const struct niva_upstreams *upstreams = &journal->options.upstreams;
    struct group group = {.upstream = niva_upstream_find(upstreams, stream),
                          .events = events,
                          .count = count,
                          .until = next};
    struct group **end = &journal->groups;

    if (group.upstream == upstreams->count)
        return fail_unfollowed(journal, stream, err);
    pthread_mutex_lock(&journal->lock);
    if (count == 0 && next <= journal->applied.cursors[group.upstream]) {
        group.finished = true;
    } else if (journal->draining) {
        fail_stopping(&group.err);
        group.finished = true;
    } else {
        while (*end != NULL)
            end = &(*end)->following;
        *end = &group;
        pthread_cond_signal(&journal->wake);
    }
    while (!group.finished)
        pthread_cond_wait(&journal->settled, &journal->lock);
    pthread_mutex_unlock(&journal->lock);
    if (group.err.code == NIVA_OK)
        return true;
    *err = group.err;
    return false;
}

bool niva_journal_cursor(struct niva_journal *journal, const char *stream, int64_t *ret_position,
                         struct niva_error *err)
{
    size_t upstream = niva_upstream_find(&journal->options.upstreams, stream);
    struct niva_applied applied;

    if (upstream == journal->options.upstreams.count)
        return fail_unfollowed(journal, stream, err);
    niva_journal_applied(journal, &applied);
    *ret_position = applied.cursors[upstream];
    return true;
}

void niva_journal_applied(struct niva_journal *journal, struct niva_applied *ret_applied)
{
    pthread_mutex_lock(&journal->lock);
    *ret_applied = journal->applied;
    pthread_mutex_unlock(&journal->lock);
}

/* Under the lock. Has the watcher look, also when there is no time to wait for what it sees. */
static bool applied_await(struct niva_journal *journal, const int64_t *applied, int64_t position,
                          int64_t deadline_ms)
{
    while (*applied < position) {
        int64_t now = niva_clock_monotonic_ms();
        int64_t next = now + POLL_MS;
        struct timespec until = instant_of(next < deadline_ms ? next : deadline_ms);

        journal->look_wanted = true;
        pthread_cond_signal(&journal->look);
        if (now >= deadline_ms)
            return false;
        pthread_cond_timedwait(&journal->settled, &journal->lock, &until);
    }
    return true;
}

bool niva_journal_wait(struct niva_journal *journal, const char *stream, int64_t position,
                       int64_t deadline_ms, struct niva_error *err)
{
    const struct niva_journal_options *options = &journal->options;
    size_t upstream = niva_upstream_find(&options->upstreams, stream);
    const int64_t *applied;
    bool good;

    if (strcmp(stream, options->stream) == 0) {
        applied = &journal->applied.head;
    } else if (upstream < options->upstreams.count) {
        applied = &journal->applied.cursors[upstream];
    } else {
        niva_error_clear(err);
        return niva_fail_violation(err, NIVA_INVALID_ARGUMENT, "after", "STREAM_UNKNOWN",
                                   "Tjänsten har eller följer ingen ström med det namnet.",
                                   "The service has or follows no stream of that name.");
    }
    pthread_mutex_lock(&journal->lock);
    good = applied_await(journal, applied, position, deadline_ms);
    pthread_mutex_unlock(&journal->lock);
    if (good)
        return true;
    return niva_fail(err, NIVA_DEADLINE_EXCEEDED,
                     "Tjänsten hann inte ikapp den begärda positionen i tid.",
                     "The service did not reach the wanted position in time.");
}
