#include "services/common/bus/attempt.h"

#include <inttypes.h>
#include <string.h>

#include "services/common/base/clock.h"
#include "services/common/base/text.h"
#include "services/common/bus/requests.h"

void slot_reject(struct slot *slot, const struct niva_error *err)
{
    slot->outcome = OUTCOME_REJECTED;
    slot->err = *err;
}

/* ---- before the rules: what is still open ---- */

static void slot_reset(struct slot *slot)
{
    slot->item = NULL;
    slot->leader = NULL;
    slot->outcome = OUTCOME_OPEN;
    slot->reply = (ProtobufCBinaryData){0};
}

static bool deadline_passed(const struct slot *slot)
{
    return slot->command != NULL && slot->command->deadline_ms <= niva_clock_monotonic_ms();
}

static void deadlines_check(struct slot *slots, size_t count)
{
    struct niva_error err;

    niva_fail(&err, NIVA_DEADLINE_EXCEEDED, "Tiden gick ut innan ändringen påbörjades.",
              "The deadline passed before the change was begun.");
    for (size_t i = 0; i < count; i++)
        if (slots[i].outcome == OUTCOME_OPEN && deadline_passed(&slots[i]))
            slot_reject(&slots[i], &err);
}

static bool is_of(const struct slot *slot, const struct niva_upstream *upstream)
{
    return slot->event == NULL || strcmp(slot->event->stream, upstream->stream) == 0;
}

/* Whether what a slot says can follow what is applied: the next event, or, of a stream that is
 * followed in part, whatever lies further. */
static bool follows(const struct slot *slot, const struct niva_upstream *upstream, int64_t applied)
{
    return upstream->type_count > 0 || (slot->event != NULL && slot->position == applied + 1);
}

/* Events at or before their cursor were applied; the others must follow it without a gap. */
static void events_check(struct slot *slots, size_t count, const struct niva_batch *batch)
{
    const struct niva_upstream *upstreams = batch->options->upstreams.list;
    int64_t applied[NIVA_UPSTREAMS_MAX];
    struct niva_error err;

    memcpy(applied, batch->cursors, sizeof applied);
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = &slots[i];
        const struct niva_upstream *upstream = &upstreams[slot->upstream];
        int64_t *reached = &applied[slot->upstream];

        if (slot->command != NULL)
            continue;
        if (is_of(slot, upstream) && slot->position <= *reached) {
            slot->outcome = OUTCOME_ANSWERED;
        } else if (is_of(slot, upstream) && follows(slot, upstream, *reached)) {
            *reached = slot->position;
        } else {
            niva_fail_cause(&err, NIVA_FAILED_PRECONDITION,
                            "Händelseströmmen har en lucka: en händelse saknas.",
                            "The stream of events has a gap: an event is missing.",
                            "%s %" PRId64 " where %s %" PRId64 " was expected",
                            slot->event == NULL ? "nothing up to" : slot->event->stream,
                            slot->position, upstream->stream, *reached + 1);
            slot_reject(slot, &err);
        }
    }
}

static void item_fill(struct niva_item *item, const struct slot *slot)
{
    const struct niva_command *command = slot->command;

    if (command == NULL) {
        *item = (struct niva_item){.kind = NIVA_ITEM_EVENT,
                                   .method = "",
                                   .event = slot->event,
                                   .principal = slot->event->actor,
                                   .traceparent = niva_text_or_empty(slot->event->traceparent)};
        return;
    }
    *item = (struct niva_item){.kind = NIVA_ITEM_COMMAND,
                               .method = command->method,
                               .request = command->request,
                               .prepared = command->prepared,
                               .principal = niva_text_or_empty(command->principal),
                               .traceparent = niva_text_or_empty(command->traceparent)};
}

/* What is open becomes the rules' items; the same request twice is folded into one. */
static bool items_make(struct niva_batch *batch, struct slot *slots, size_t count,
                       struct niva_error *err)
{
    batch->items = niva_arena_array(batch->arena, count, sizeof *batch->items);
    if (batch->items == NULL)
        return niva_fail_internal(err, "no memory for items");
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = &slots[i];

        if (slot->outcome != OUTCOME_OPEN || (slot->command == NULL && slot->event == NULL))
            continue;
        slot->leader = request_leader(slots, slot);
        if (slot->leader != NULL) {
            slot->outcome = OUTCOME_FOLDED;
            continue;
        }
        slot->item = &batch->items[batch->item_count++];
        item_fill(slot->item, slot);
    }
    return true;
}

/* The first round trip: the lock, and all that was answered before. */
static bool attempt_begin(struct niva_batch *batch, struct slot *slots, size_t count,
                          struct niva_error *err)
{
    struct niva_query lookup;
    bool good;

    for (size_t i = 0; i < count; i++) {
        slot_reset(&slots[i]);
        if (slots[i].command != NULL)
            request_identify(&slots[i], batch->arena);
    }
    requests_query_stored(&lookup, slots, count, batch->arena);
    good = batch_begin(batch, &lookup, err);
    if (good)
        requests_answer_stored(&lookup, slots, batch->arena);
    niva_queries_clear(&lookup, 1);
    if (!good)
        return false;
    deadlines_check(slots, count);
    events_check(slots, count, batch);
    return items_make(batch, slots, count, err);
}

/* ---- the rules ---- */

/* A given instant may be as early as the millisecond of the last one: callers know no finer. */
static bool fail_recorded_at(struct niva_error *err, const char *reason, const char *text_sv,
                             const char *text_en)
{
    niva_error_clear(err);
    return niva_fail_violation(err, NIVA_FAILED_PRECONDITION, "recordedAt", reason, text_sv,
                               text_en);
}

static niva_instant floor_ms(niva_instant instant)
{
    niva_instant micros = instant % 1000;

    return instant - (micros < 0 ? micros + 1000 : micros);
}

static bool instant_choose(struct niva_batch *batch, const struct slot *slot,
                           niva_instant *ret_instant, struct niva_error *err)
{
    bool rehearsal = batch->options->rehearsal;
    niva_instant given = slot->command == NULL ? INT64_MIN : slot->command->recorded_at;
    niva_instant last = batch->last_recorded_at;
    niva_instant wanted;

    if (given != INT64_MIN && !rehearsal)
        return fail_recorded_at(err, "NOT_A_REHEARSAL",
                                "recordedAt får bara anges i en repetition (NIVA_REHEARSAL=1).",
                                "recordedAt may be given in a rehearsal only (NIVA_REHEARSAL=1).");
    if (given != INT64_MIN && floor_ms(given) < floor_ms(last))
        return fail_recorded_at(err, "RECORDED_BEFORE_LAST",
                                "recordedAt ligger före det som senast registrerades.",
                                "recordedAt is earlier than what was recorded last.");
    if (given != INT64_MIN)
        wanted = given;
    else if (slot->event != NULL && rehearsal)
        wanted = slot->event->time;
    else
        wanted = batch_clock(batch);
    *ret_instant = wanted > last ? wanted : last + 1;
    return true;
}

static bool nothing_appended(const struct niva_batch *batch, struct batch_mark mark,
                             struct niva_error *err)
{
    return (batch->facts.count == mark.facts && batch->events.count == mark.events &&
            batch->writes.count == mark.writes && batch->day == mark.day) ||
           niva_fail_internal(err, "a command that was to leave nothing behind has appended");
}

/* Whether what an item says lies beside the record, so that the record's time goes on without it.
 */
static bool lies_aside(const struct niva_batch *batch, const struct slot *slot)
{
    return slot->command == NULL && batch->options->upstreams.list[slot->upstream].aside;
}

static bool rules_decide(struct niva_batch *batch, struct slot *slot, struct niva_error *err)
{
    const struct niva_journal_rules *rules = &batch->options->rules;
    struct batch_mark mark = batch_mark(batch);
    niva_instant last = batch->last_recorded_at;
    struct niva_item *item = slot->item;
    bool good;

    if (!instant_choose(batch, slot, &item->recorded_at, err))
        return false;
    niva_error_clear(err);
    batch->recorded_at = item->recorded_at;
    batch->cause = item;
    batch->appends = true;
    batch->clocked = slot->command != NULL && slot->command->recorded_at == INT64_MIN ? item : NULL;
    good = rules->decide(rules->self, batch, item, err) &&
           (!item->unrecorded || nothing_appended(batch, mark, err));
    batch->appends = false;
    batch->clocked = NULL;
    if (!good) {
        if (err->code == NIVA_OK)
            niva_fail_internal(err, "rejected without a reason");
        batch_truncate(batch, mark);
        batch->last_recorded_at = last;
        return false;
    }
    item->accepted = !item->unrecorded;
    if (item->accepted && batch->last_recorded_at < item->recorded_at && !lies_aside(batch, slot))
        batch->last_recorded_at = item->recorded_at;
    return true;
}

/* Whether it was answered by the rules now. */
static bool has_reply(const struct slot *slot)
{
    return slot->outcome == OUTCOME_ACCEPTED || slot->outcome == OUTCOME_TOLD;
}

/* A command that was taken must have a reply. Without one the rules are at fault, after they have
 * changed their state: nothing of the batch may be kept. */
static bool replies_check(const struct slot *slots, size_t count, struct niva_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct niva_command *command = slots[i].command;
        const struct niva_item *item = slots[i].item;

        if (has_reply(&slots[i]) && command != NULL &&
            (item->reply == NULL || item->reply->descriptor != command->reply_type))
            return niva_fail_internal(err, "%s was decided without a reply", item->method);
    }
    return true;
}

/* The rejection of an event stops the stream: what follows it may not be applied. */
static void slot_decide(struct niva_batch *batch, const struct slot *slots, struct slot *slot,
                        bool *stopped)
{
    struct niva_error err;

    if (slot->command == NULL && *stopped)
        niva_fail(&err, NIVA_ABORTED, "En tidigare händelse kunde inte tillämpas.",
                  "An earlier event could not be applied.");
    else if (request_key_used(slots, slot))
        request_fail_reused(&err);
    else if (slot->item == NULL || rules_decide(batch, slot, &err)) {
        bool told = slot->item != NULL && slot->item->unrecorded;

        slot->outcome = told ? OUTCOME_TOLD : OUTCOME_ACCEPTED;
        if (slot->command == NULL)
            batch->cursors[slot->upstream] = slot->position;
        return;
    }
    slot_reject(slot, &err);
    *stopped |= slot->command == NULL;
}

/* ---- after the rules: replies and the request log ---- */

static bool replies_pack(struct niva_batch *batch, struct slot *slots, size_t count,
                         struct niva_error *err)
{
    int64_t position = batch->head.position + (int64_t)batch->events.count;

    for (size_t i = 0; i < count; i++) {
        if (!has_reply(&slots[i]) || slots[i].command == NULL)
            continue;
        niva_wire_set_int64(slots[i].item->reply, "position", position);
        if (!niva_wire_pack(slots[i].item->reply, batch->arena, &slots[i].reply, err))
            return false;
    }
    return true;
}

/* ---- one attempt ---- */

/* What a failure means for the batch; the transaction is ended. */
static enum attempt_end attempt_fail(struct niva_batch *batch, const struct niva_error *err)
{
    bool again = niva_pg_transient(batch->pg) || !niva_pg_alive(batch->pg);
    bool locked = strcmp(niva_pg_sqlstate(batch->pg), "55P03") == 0;

    batch_roll_back(batch);
    if (again)
        return ATTEMPT_AGAIN;
    if (locked)
        return ATTEMPT_LOCKED;
    return err->code == NIVA_UNAVAILABLE ? ATTEMPT_UNAVAILABLE : ATTEMPT_BROKEN;
}

static size_t slots_decide(struct niva_batch *batch, struct slot *slots, size_t count)
{
    size_t accepted = 0;
    bool stopped = false;

    for (size_t i = 0; i < count; i++) {
        if (slots[i].outcome != OUTCOME_OPEN) {
            stopped |= slots[i].command == NULL && slots[i].outcome == OUTCOME_REJECTED;
            continue;
        }
        slot_decide(batch, slots, &slots[i], &stopped);
        accepted += slots[i].outcome == OUTCOME_ACCEPTED;
    }
    return accepted;
}

/* In settle and write things are recorded with the last accepted item. */
static void last_accepted(struct niva_batch *batch)
{
    for (size_t i = 0; i < batch->item_count; i++) {
        if (!batch->items[i].accepted)
            continue;
        batch->cause = &batch->items[i];
        batch->recorded_at = batch->items[i].recorded_at;
    }
}

static bool rules_settle(struct niva_batch *batch, struct niva_error *err)
{
    const struct niva_journal_rules *rules = &batch->options->rules;
    bool good = true;

    if (batch->item_count == 0)
        return true;
    last_accepted(batch);
    batch->appends = true;
    if (rules->settle != NULL)
        good = rules->settle(rules->self, batch, err);
    batch->appends = false;
    return good && (rules->write == NULL || rules->write(rules->self, batch, err));
}

static void doubt_set(struct slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++)
        slots[i].in_doubt |=
            slots[i].outcome == OUTCOME_ACCEPTED || slots[i].outcome == OUTCOME_FOLDED;
}

enum attempt_end attempt_run(struct niva_batch *batch, struct slot *slots, size_t count,
                             bool *ret_committed, struct niva_error *err)
{
    const struct niva_journal_rules *rules = &batch->options->rules;
    struct niva_query requests;
    bool any;

    niva_error_clear(err);
    if (!attempt_begin(batch, slots, count, err))
        return attempt_fail(batch, err);
    if (batch->item_count > 0 && !rules->read(rules->self, batch, err))
        return attempt_fail(batch, err);
    if (slots_decide(batch, slots, count) == 0) {
        if (!replies_check(slots, count, err) || !replies_pack(batch, slots, count, err))
            return attempt_fail(batch, err);
        batch_roll_back(batch);
        requests_answer_folded(slots, count, batch->arena);
        *ret_committed = false;
        return ATTEMPT_DONE;
    }
    if (!replies_check(slots, count, err) || !rules_settle(batch, err) ||
        !replies_pack(batch, slots, count, err))
        return attempt_fail(batch, err);
    any = requests_query_insert(&requests, slots, count, batch->arena);
    if (!batch_commit(batch, any ? &requests : NULL, err)) {
        if (!niva_pg_alive(batch->pg))
            doubt_set(slots, count);
        return attempt_fail(batch, err);
    }
    requests_answer_folded(slots, count, batch->arena);
    *ret_committed = true;
    return ATTEMPT_DONE;
}

enum attempt_end attempt_work(struct niva_batch *batch, bool *ret_more, bool *ret_committed,
                              struct niva_error *err)
{
    const struct niva_journal_rules *rules = &batch->options->rules;
    bool more = false;
    bool good;

    niva_error_clear(err);
    if (!batch_begin(batch, NULL, err))
        return attempt_fail(batch, err);
    batch->recorded_at = batch->last_recorded_at + 1;
    if (!batch->options->rehearsal)
        niva_batch_advance(batch, 0);
    batch->appends = true;
    good = rules->work(rules->self, batch, &more, err);
    batch->appends = false;
    if (!good)
        return attempt_fail(batch, err);
    *ret_committed = batch_changed(batch);
    if (!*ret_committed)
        batch_roll_back(batch);
    else if (!batch_commit(batch, NULL, err))
        return attempt_fail(batch, err);
    *ret_more = more || batch->work_asked;
    return ATTEMPT_DONE;
}
