#include "tests/support/decider.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "niva/compensation/v1/events.pb-c.h"
#include "services/common/bus/journal.h"
#include "tests/support/process.h"

enum { WORK_MS = 5, QUEUE = 4, AWAIT_S = 30 };

struct decider {
    char conninfo[256];
    struct niva_journal *journal;
    pthread_mutex_t lock;
    pthread_cond_t committed;
    /* under the lock */
    const Niva__Compensation__V1__Adjustment *wanted;
    Niva__Compensation__V1__Adjustment__State state;
    bool appended; /* in the transaction under way */
};

static bool nothing_to_read(void *self, struct niva_batch *batch, struct niva_error *err)
{
    (void)self;
    (void)batch;
    (void)err;
    return true;
}

static bool no_commands(void *self, struct niva_batch *batch, struct niva_item *item,
                        struct niva_error *err)
{
    (void)self;
    (void)batch;
    (void)item;
    return niva_fail_internal(err, "the decider takes no commands");
}

static bool event_append(struct niva_batch *batch,
                         const Niva__Compensation__V1__Adjustment *adjustment,
                         Niva__Compensation__V1__Adjustment__State state, struct niva_error *err)
{
    Niva__Compensation__V1__AdjustmentDecided decided =
        NIVA__COMPENSATION__V1__ADJUSTMENT_DECIDED__INIT;
    Niva__Compensation__V1__Adjustment told = *adjustment;

    told.state = state;
    told.decided_by = (char *)"fiktiv.beslutsfattare.1";
    told.delegation = (char *)"Fiktiv delegation 1";
    told.case_number = (char *)"FIKTIV-2022-1";
    told.decided_at = niva_wire_timestamp(niva_batch_recorded_at(batch), niva_batch_arena(batch));
    decided.adjustment = &told;
    return niva_batch_event(batch, "se.niva.compensation.adjustment.decided.v1", told.unit,
                            &decided.base, NULL, err);
}

static bool work(void *self, struct niva_batch *batch, bool *ret_more, struct niva_error *err)
{
    struct decider *decider = self;
    bool good = true;

    *ret_more = false;
    pthread_mutex_lock(&decider->lock);
    if (decider->wanted != NULL)
        good = event_append(batch, decider->wanted, decider->state, err);
    decider->appended = good && decider->wanted != NULL;
    pthread_mutex_unlock(&decider->lock);
    return good;
}

static void committed(void *user, const struct niva_applied *applied)
{
    struct decider *decider = user;

    (void)applied;
    pthread_mutex_lock(&decider->lock);
    if (decider->appended)
        decider->wanted = NULL;
    pthread_cond_signal(&decider->committed);
    pthread_mutex_unlock(&decider->lock);
}

struct decider *decider_new(struct system *system)
{
    struct decider *decider = calloc(1, sizeof *decider);
    struct niva_journal_options options = {
        .stream = "compensation",
        .source = "/niva/99/compensation",
        .types = niva_compensation_events,
        .type_count = NIVA_COMPENSATION_EVENTS,
        .queue = QUEUE,
        .rehearsal = true,
        .rules = {.read = nothing_to_read,
                  .decide = no_commands,
                  .work = work,
                  .work_interval_ms = WORK_MS},
        .committed = committed,
    };
    struct niva_error err;

    if (decider == NULL)
        give_up("no memory");
    snprintf(decider->conninfo, sizeof decider->conninfo, "%s",
             system_conninfo(system, "niva_compensation"));
    pthread_mutex_init(&decider->lock, NULL);
    pthread_cond_init(&decider->committed, NULL);
    options.conninfo = decider->conninfo;
    options.rules.self = decider;
    options.user = decider;
    decider->journal = niva_journal_new(&options, &err);
    if (decider->journal == NULL)
        give_up("decider: %s (%s)", err.text_en, err.cause);
    return decider;
}

void decider_tell(struct decider *decider, const Niva__Compensation__V1__Adjustment *adjustment,
                  Niva__Compensation__V1__Adjustment__State state)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += AWAIT_S;
    pthread_mutex_lock(&decider->lock);
    decider->state = state;
    decider->wanted = adjustment;
    while (decider->wanted != NULL)
        if (pthread_cond_timedwait(&decider->committed, &decider->lock, &until) != 0)
            give_up("decider: the decision is not committed in time");
    pthread_mutex_unlock(&decider->lock);
}

struct decider *decider_free(struct decider *decider)
{
    if (decider == NULL)
        return NULL;
    niva_journal_free(decider->journal);
    pthread_cond_destroy(&decider->committed);
    pthread_mutex_destroy(&decider->lock);
    free(decider);
    return NULL;
}
