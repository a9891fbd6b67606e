#include "services/common/bus/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/common/base/clock.h"
#include "services/common/base/log.h"
#include "services/common/bus/eviction.h"
#include "services/common/bus/expiry.h"

enum {
    BATCH_BYTES = 16 << 20,      /* of requests; one larger request goes alone */
    EVENTS_BESIDE_COMMANDS = 64, /* so that neither starves the other */
    TRIES_MAX = 5,               /* of a batch that fails in passing */
    PAUSE_MS = 5,                /* before the second try; doubles */
    LOCK_MS = 5000,              /* as long items wait for a replica that is at work */
    RECONNECT_MS = 2000,         /* as long items wait for a database that just went away */
    WORK_AFTER_FAILURE_MS = 1000,
    WORK_SHARE = 4,        /* work takes one part of that many as long as the batch before it, */
    WORK_LEAST_US = 10000, /* but so long, lest the commits cost more than the work, */
    WORK_MOST_US = 50000,  /* and no longer */
    WORK_TOLD = 64,        /* pieces of a spell that are worth a line in the log */
    EXPIRY_EVERY_MS = 3600 * 1000,
    RETRY_AFTER_MS = 500,
};

/* ---- what is applied ---- */

static void applied_publish(struct niva_journal *journal, const struct niva_batch *batch,
                            bool committed)
{
    struct niva_applied applied = batch->before;

    if (committed) {
        applied.head = batch->head.position + (int64_t)batch->events.count;
        memcpy(applied.cursors, batch->cursors, sizeof applied.cursors);
    }
    pthread_mutex_lock(&journal->lock);
    niva_applied_raise(&journal->applied, &applied);
    pthread_cond_broadcast(&journal->settled);
    pthread_mutex_unlock(&journal->lock);
}

/* After the answers; also for what a lost COMMIT had done before it was looked up. */
static void committed_tell(struct niva_journal *journal)
{
    struct niva_applied applied;

    niva_journal_applied(journal, &applied);
    if (niva_applied_raise(&journal->told, &applied) && journal->options.committed != NULL)
        journal->options.committed(journal->options.user, &applied);
}

/* ---- answers ---- */

static void command_fail(struct niva_command *command, const struct niva_error *err)
{
    command->done(command, NULL, err);
}

static void slot_answer(struct niva_journal *journal, struct slot *slot)
{
    bool rejected = slot->outcome == OUTCOME_REJECTED;
    struct group *group = journal->group;

    if (slot->command != NULL) {
        slot->command->done(slot->command, rejected ? NULL : &slot->reply,
                            rejected ? &slot->err : NULL);
        return;
    }
    if (group->err.code != NIVA_OK)
        return;
    if (rejected)
        group->err = slot->err;
    else
        group->done++;
}

static void slots_answer(struct niva_journal *journal, struct slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++)
        slot_answer(journal, &slots[i]);
}

static void slots_reject(struct slot *slots, size_t count, const struct niva_error *err)
{
    for (size_t i = 0; i < count; i++) {
        slots[i].outcome = OUTCOME_REJECTED;
        slots[i].err = *err;
    }
}

/* ---- a batch, with all its tries ---- */

static int64_t latest_deadline(const struct slot *slots, size_t count)
{
    int64_t latest = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t deadline = slots[i].command == NULL ? INT64_MAX : slots[i].command->deadline_ms;

        if (deadline > latest)
            latest = deadline;
    }
    return latest;
}

/* A live connection. While the database is known to be away one quick try is made, so that what is
 * queued fails at once and not one batch after the other. */
static bool connection_ready(struct niva_journal *journal, int64_t deadline_ms,
                             struct niva_error *err)
{
    int64_t now = niva_clock_monotonic_ms();
    int64_t until = journal->away ? now : now + RECONNECT_MS;
    bool good = niva_pg_alive(journal->pg) ||
                niva_pg_reopen(journal->pg, until < deadline_ms ? until : deadline_ms, err);

    if (!good && !journal->away)
        niva_log_error("journal.database_away", err);
    if (good && journal->away)
        niva_log(NIVA_LOG_INFO, "journal.database_back", NULL);
    journal->away = !good;
    return good;
}

static void batch_prepare(struct niva_journal *journal, struct niva_batch *batch)
{
    niva_arena_reset(journal->arena);
    *batch = (struct niva_batch){.options = &journal->options,
                                 .system_actor = journal->system_actor,
                                 .pg = journal->pg,
                                 .arena = journal->arena,
                                 .day = NIVA_DAY_NONE};
}

static void pause_before_retry(int attempt)
{
    struct timespec pause = {.tv_nsec = (long)(PAUSE_MS << attempt) * 1000000};

    nanosleep(&pause, NULL);
}

/* Whatever stood in the way, the caller may try again: nothing was changed, or the same request
 * will find what was. */
static bool fail_unavailable(struct niva_error *err)
{
    char cause[sizeof err->cause];

    snprintf(cause, sizeof cause, "%s", err->cause);
    niva_fail_cause(err, NIVA_UNAVAILABLE,
                    "Databasen tar inte emot ändringar just nu. Försök igen.",
                    "The database takes no changes right now. Try again.", "%s", cause);
    err->retry_after_ms = RETRY_AFTER_MS;
    return false;
}

static void silent_evict(struct niva_journal *journal)
{
    struct niva_error err;
    int64_t count = 0;

    if (writers_evict(journal->pg, &count, &err) && count > 0)
        niva_log(NIVA_LOG_WARNING, "journal.silent_replica_evicted", NULL);
}

/* Under a lock that another replica holds it waits on, and sees after each step that the holder is
 * at work: that is no try. */
static bool lock_await(struct niva_journal *journal, int64_t until_ms)
{
    silent_evict(journal);
    return niva_clock_monotonic_ms() < until_ms;
}

static enum attempt_end slots_try(struct niva_journal *journal, struct slot *slots, size_t count,
                                  struct niva_error *err)
{
    int64_t deadline = latest_deadline(slots, count);
    int64_t lock_until = niva_clock_monotonic_ms() + LOCK_MS;
    int attempt = 0;

    lock_until = lock_until < deadline ? lock_until : deadline;
    while (attempt < TRIES_MAX) {
        struct niva_batch batch;
        enum attempt_end end;
        bool committed = false;

        if (attempt > 0 && niva_clock_monotonic_ms() >= deadline)
            break;
        if (!connection_ready(journal, deadline, err))
            break;
        if (attempt > 0)
            pause_before_retry(attempt - 1);
        batch_prepare(journal, &batch);
        end = attempt_run(&batch, slots, count, &committed, err);
        if (end == ATTEMPT_DONE) {
            applied_publish(journal, &batch, committed);
            if (committed && batch.work_asked)
                journal->work_at = 0;
        }
        if (end == ATTEMPT_LOCKED && !lock_await(journal, lock_until))
            break;
        if (end != ATTEMPT_AGAIN && end != ATTEMPT_LOCKED)
            return end;
        attempt += end == ATTEMPT_AGAIN;
    }
    fail_unavailable(err);
    return ATTEMPT_UNAVAILABLE;
}

/* Brings every slot to its answer. What breaks a batch is found by running its items alone. */
static void slots_settle(struct niva_journal *journal, struct slot *slots, size_t count)
{
    struct niva_error err;
    enum attempt_end end = slots_try(journal, slots, count, &err);

    if (end == ATTEMPT_BROKEN && count > 1) {
        for (size_t i = 0; i < count; i++)
            slots_settle(journal, &slots[i], 1);
        return;
    }
    if (end != ATTEMPT_DONE)
        slots_reject(slots, count, &err);
    slots_answer(journal, slots, count);
}

/* ---- work between batches ---- */

/* As many pieces as fit into the time that work may take now. */
static size_t work_pieces(const struct niva_journal *journal)
{
    int64_t span = journal->batch_us / WORK_SHARE;
    int64_t pieces;

    if (span < WORK_LEAST_US)
        span = WORK_LEAST_US;
    if (span > WORK_MOST_US)
        span = WORK_MOST_US;
    pieces = span / journal->work_cost_us;
    if (pieces < NIVA_WORK_LEAST)
        return NIVA_WORK_LEAST;
    return pieces > NIVA_WORK_MOST ? NIVA_WORK_MOST : (size_t)pieces;
}

/* The cost follows the last transactions, half of it the very last. */
static void work_measure(struct niva_journal *journal, size_t done, int64_t took_us)
{
    if (done > 0)
        journal->work_cost_us = (journal->work_cost_us + took_us / (int64_t)done) / 2 + 1;
}

/* One line for each spell of work that somebody may have noticed. */
static void work_tell(struct niva_journal *journal, size_t done, bool more)
{
    struct work_spell *spell = &journal->work_spell;
    char pieces[24], transactions[24], took_ms[24];

    spell->pieces += done;
    spell->transactions += done > 0;
    if (more)
        return;
    if (spell->pieces >= WORK_TOLD) {
        snprintf(pieces, sizeof pieces, "%zu", spell->pieces);
        snprintf(transactions, sizeof transactions, "%zu", spell->transactions);
        snprintf(took_ms, sizeof took_ms, "%" PRId64, niva_clock_monotonic_ms() - spell->begun_ms);
        niva_log(NIVA_LOG_INFO, "journal.work_done", "pieces", pieces, "transactions", transactions,
                 "took_ms", took_ms, NULL);
    }
    *spell = (struct work_spell){0};
}

static enum attempt_end work_try(struct niva_journal *journal, struct niva_batch *batch,
                                 bool *ret_more, bool *ret_committed, struct niva_error *err)
{
    enum attempt_end end;

    if (!connection_ready(journal, niva_clock_monotonic_ms(), err))
        return ATTEMPT_UNAVAILABLE;
    batch_prepare(journal, batch);
    batch->work_pieces = work_pieces(journal);
    end = attempt_work(batch, ret_more, ret_committed, err);
    if (end == ATTEMPT_LOCKED)
        silent_evict(journal);
    return end;
}

static void work_run(struct niva_journal *journal)
{
    int interval = journal->options.rules.work_interval_ms;
    int64_t begun_us = niva_clock_monotonic_us();
    struct niva_batch batch;
    struct niva_error err;
    bool committed = false;
    bool more = false;
    enum attempt_end end = work_try(journal, &batch, &more, &committed, &err);
    bool good = end == ATTEMPT_DONE;

    if (end == ATTEMPT_LOCKED)
        return; /* at once again, behind what waits */
    if (journal->work_spell.pieces == 0)
        journal->work_spell.begun_ms = begun_us / 1000;
    if (!good && niva_pg_alive(journal->pg) && !journal->work_failing)
        niva_log_error("journal.work_failed", &err);
    journal->work_failing = !good;
    if (!good && interval < WORK_AFTER_FAILURE_MS)
        interval = WORK_AFTER_FAILURE_MS;
    journal->work_at = more ? 0 : niva_clock_monotonic_ms() + interval;
    if (!good)
        return;
    work_measure(journal, batch.work_done, niva_clock_monotonic_us() - begun_us);
    work_tell(journal, batch.work_done, more);
    applied_publish(journal, &batch, committed);
    committed_tell(journal);
}

/* Answers that nobody may ask for again. */
static void expiry_run(struct niva_journal *journal)
{
    struct niva_error err;
    bool more = false;
    bool good = connection_ready(journal, niva_clock_monotonic_ms(), &err) &&
                requests_expire(journal->pg, niva_clock_now(), &more, &err);

    if (!good && niva_pg_alive(journal->pg) && !journal->expiry_failing)
        niva_log_error("journal.expiry_failed", &err);
    journal->expiry_failing = !good;
    journal->expire_at = more ? 0 : niva_clock_monotonic_ms() + EXPIRY_EVERY_MS;
}

/* ---- what comes next ---- */

/* When the writer has something to do of its own accord; INT64_MAX: never. */
static int64_t next_alarm(const struct niva_journal *journal)
{
    return journal->work_at < journal->expire_at ? journal->work_at : journal->expire_at;
}

struct timespec instant_of(int64_t monotonic_ms)
{
    return (struct timespec){.tv_sec = monotonic_ms / 1000,
                             .tv_nsec = monotonic_ms % 1000 * 1000000};
}

bool anything_queued(const struct niva_journal *journal)
{
    return journal->queued > 0 || journal->groups != NULL;
}

/* Under the lock: waits for items, the time of an alarm, or the end. Items that arrive at a resting
 * writer are given company; those that gathered during a batch have waited already. */
static void items_await(struct niva_journal *journal)
{
    int64_t alarm_ms = next_alarm(journal);
    struct timespec until = instant_of(alarm_ms);

    if (anything_queued(journal) || journal->stopping)
        return;
    while (!anything_queued(journal) && !journal->stopping)
        if (alarm_ms == INT64_MAX || journal->draining)
            pthread_cond_wait(&journal->wake, &journal->lock);
        else if (pthread_cond_timedwait(&journal->wake, &journal->lock, &until) != 0)
            return;
    until = instant_of(niva_clock_monotonic_ms() + NIVA_BATCH_WAIT_MS);
    while (journal->queued < NIVA_BATCH_MAX && !journal->stopping)
        if (pthread_cond_timedwait(&journal->wake, &journal->lock, &until) != 0)
            return;
}

/* Fills the slot of an event of a group; behind the last one that of what is passed after it. */
static void group_slot(const struct group *group, size_t index, struct slot *slot)
{
    slot->command = NULL;
    slot->upstream = group->upstream;
    slot->event = index < group->count ? group->events[index] : NULL;
    slot->position = slot->event != NULL ? slot->event->position : group->until;
    slot->in_doubt = false;
}

static size_t group_slots(const struct group *group)
{
    int64_t last = group->count > 0 ? group->events[group->count - 1]->position : 0;

    return group->count + (group->until > last);
}

/* Events that another replica has applied meanwhile are passed over without a transaction. */
static void events_pass(const struct niva_journal *journal, struct group *group)
{
    const struct niva_upstream *upstream = &journal->options.upstreams.list[group->upstream];

    while (group->done < group->count &&
           group->events[group->done]->position <= journal->applied.cursors[group->upstream] &&
           strcmp(group->events[group->done]->stream, upstream->stream) == 0)
        group->done++;
}

static size_t events_take(struct niva_journal *journal)
{
    struct group *group = journal->groups;
    size_t most = journal->queued > 0 ? EVENTS_BESIDE_COMMANDS : NIVA_BATCH_MAX;
    size_t count = 0;

    journal->group = group;
    if (group == NULL)
        return 0;
    events_pass(journal, group);
    for (size_t i = group->done; i < group_slots(group) && count < most; i++)
        group_slot(group, i, &journal->slots[count++]);
    return count;
}

static struct niva_command *command_pop(struct niva_journal *journal)
{
    struct niva_command *command = journal->first;

    journal->first = command->next;
    journal->queued--;
    if (journal->first == NULL)
        journal->last = NULL;
    return command;
}

/* Under the lock. */
static size_t batch_take(struct niva_journal *journal)
{
    size_t count = events_take(journal);
    size_t bytes = 0;

    while (count < NIVA_BATCH_MAX && journal->first != NULL) {
        struct slot *slot = &journal->slots[count];

        bytes += protobuf_c_message_get_packed_size(journal->first->request);
        if (bytes > BATCH_BYTES && count > 0)
            break;
        slot->command = command_pop(journal);
        slot->event = NULL;
        slot->in_doubt = false;
        count++;
    }
    return count;
}

/* Under the lock: the group whose events were in the batch is done, failed, or goes on. */
static void group_judge(struct niva_journal *journal)
{
    struct group *group = journal->group;

    if (group == NULL || (group->err.code == NIVA_OK && group->done < group_slots(group)))
        return;
    journal->groups = group->following;
    group->finished = true;
}

void fail_stopping(struct niva_error *err)
{
    niva_fail(err, NIVA_UNAVAILABLE, "Tjänsten håller på att stängas. Försök igen.",
              "The service is shutting down. Try again.");
    err->retry_after_ms = RETRY_AFTER_MS;
}

/* Under the lock. Nobody waits for upstream events as one waits for an answer: what is not applied
 * now is read again. */
static void groups_fail(struct niva_journal *journal)
{
    struct niva_error err;

    fail_stopping(&err);
    for (; journal->groups != NULL; journal->groups = journal->groups->following) {
        journal->groups->err = err;
        journal->groups->finished = true;
    }
    pthread_cond_broadcast(&journal->settled);
}

/* Under the lock, which is let go of around the answers. */
static void rest_fail(struct niva_journal *journal)
{
    struct niva_error err;

    fail_stopping(&err);
    while (journal->first != NULL) {
        struct niva_command *command = command_pop(journal);

        pthread_mutex_unlock(&journal->lock);
        command_fail(command, &err);
        pthread_mutex_lock(&journal->lock);
    }
    groups_fail(journal);
}

void *writer_run(void *user)
{
    struct niva_journal *journal = user;

    pthread_mutex_lock(&journal->lock);
    for (;;) {
        size_t count;
        bool work;

        items_await(journal);
        if (journal->stopping)
            break;
        if (journal->draining)
            groups_fail(journal);
        count = batch_take(journal);
        work = !journal->draining;
        journal->busy = true;
        pthread_mutex_unlock(&journal->lock);
        journal->batch_us = 0;
        if (count > 0) {
            int64_t begun_us = niva_clock_monotonic_us();

            slots_settle(journal, journal->slots, count);
            committed_tell(journal);
            journal->batch_us = niva_clock_monotonic_us() - begun_us;
        }
        if (work && journal->work_at <= niva_clock_monotonic_ms())
            work_run(journal);
        if (work && journal->expire_at <= niva_clock_monotonic_ms())
            expiry_run(journal);
        pthread_mutex_lock(&journal->lock);
        journal->busy = false;
        group_judge(journal);
        pthread_cond_broadcast(&journal->settled);
    }
    rest_fail(journal);
    pthread_mutex_unlock(&journal->lock);
    return NULL;
}
