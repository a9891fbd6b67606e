#include "services/common/bus/attempt.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/base/clock.h"

static const struct niva_statement requests_find = {
    "bus_requests_find", "SELECT w.slot, r.digest, r.reply, r.erased_by IS NOT NULL FROM "
                         "unnest($1, $2, $3) AS w (slot, principal, request_id)"
                         " JOIN request r USING (principal, request_id)"};
static const struct niva_statement requests_insert = {
    "bus_requests_insert",
    "INSERT INTO request (principal, request_id, digest, method, reply, recorded_at)"
    " SELECT * FROM unnest($1, $2, $3, $4, $5, $6)"};

static const char *text_or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static void reject(struct slot *slot, const struct niva_error *err)
{
    slot->outcome = OUTCOME_REJECTED;
    slot->err = *err;
}

/* ---- before the rules: what is asked, and was it asked before ---- */

/* SHA-256 over the method and the request as we pack it, without its id. */
static bool request_digest(const struct niva_command *command, struct niva_arena *arena,
                           uint8_t ret_digest[HASH_SIZE], struct niva_error *err)
{
    size_t size = command->request->descriptor->sizeof_message;
    ProtobufCMessage *copy = niva_arena_alloc(arena, size);
    EVP_MD_CTX *context;
    ProtobufCBinaryData bytes;
    bool good;

    if (copy == NULL)
        return niva_fail_internal(err, "no memory for a digest");
    memcpy(copy, command->request, size);
    niva_wire_set_text(copy, "request_id", "");
    if (!niva_wire_pack(copy, arena, &bytes, err))
        return false;
    context = EVP_MD_CTX_new();
    good = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
           EVP_DigestUpdate(context, command->method, strlen(command->method) + 1) == 1 &&
           EVP_DigestUpdate(context, bytes.data, bytes.len) == 1 &&
           EVP_DigestFinal_ex(context, ret_digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good || niva_fail_internal(err, "SHA-256 is not to be had");
}

static void slot_reset(struct slot *slot)
{
    slot->item = NULL;
    slot->leader = NULL;
    slot->outcome = OUTCOME_OPEN;
    slot->reply = (ProtobufCBinaryData){0};
}

static void slot_prepare(struct slot *slot, struct niva_arena *arena)
{
    struct niva_error err;

    slot_reset(slot);
    if (slot->command == NULL)
        return;
    if (!niva_uuid_parse(niva_wire_get_text(slot->command->request, "request_id"),
                         &slot->request_id)) {
        niva_error_clear(&err);
        niva_fail_violation(&err, NIVA_INVALID_ARGUMENT, "requestId", "UUID",
                            "Ett UUID som avsändaren har valt måste anges.",
                            "A UUID chosen by the caller must be given.");
        reject(slot, &err);
    } else if (!request_digest(slot->command, arena, slot->digest, &err)) {
        reject(slot, &err);
    }
}

static void lookup_fill(struct niva_query *query, const struct slot *slots, size_t count,
                        struct niva_arena *arena)
{
    struct niva_column *numbers = niva_column_new(NIVA_COLUMN_INT32, arena);
    struct niva_column *principals = niva_column_new(NIVA_COLUMN_TEXT, arena);
    struct niva_column *ids = niva_column_new(NIVA_COLUMN_UUID, arena);

    *query = (struct niva_query){.statement = &requests_find, .params.arena = arena};
    for (size_t i = 0; i < count; i++) {
        if (slots[i].command == NULL || slots[i].outcome != OUTCOME_OPEN)
            continue;
        niva_column_int32(numbers, (int32_t)i);
        niva_column_text(principals, text_or_empty(slots[i].command->principal));
        niva_column_uuid(ids, &slots[i].request_id);
    }
    niva_param_column(&query->params, numbers);
    niva_param_column(&query->params, principals);
    niva_param_column(&query->params, ids);
}

static bool fail_reused(struct niva_error *err)
{
    niva_error_clear(err);
    return niva_fail_violation(err, NIVA_ALREADY_EXISTS, "requestId", "REQUEST_ID_REUSED",
                               "requestId har redan använts för ett annat innehåll. Välj ett nytt.",
                               "requestId was used before with other content. Choose a new one.");
}

/* The stored reply, marked as replayed where its type can say so. */
static bool reply_mark(const struct niva_command *command, struct niva_arena *arena,
                       ProtobufCBinaryData *reply, struct niva_error *err)
{
    ProtobufCMessage *message;

    if (niva_wire_field(command->reply_type, "replayed") == NULL)
        return true;
    if (!niva_wire_unpack_reply(command->reply_type, reply->data, reply->len, arena, &message, err))
        return niva_fail_internal(err, "a stored reply of %s is broken", command->method);
    niva_wire_set_bool(message, "replayed", true);
    return niva_wire_pack(message, arena, reply, err);
}

/* An answer in doubt was never given: it is the first one, not a replayed one. */
static void fail_erased(struct niva_error *err)
{
    niva_error_clear(err);
    niva_fail_violation(err, NIVA_FAILED_PRECONDITION, "requestId", "ANSWER_ERASED",
                        "Begäran är redan utförd, och svaret har gallrats med det som den gällde.",
                        "The request was carried out before, and its answer has been erased with "
                        "what it was about.");
}

static void slot_answer_stored(struct slot *slot, const struct niva_query *found, int row,
                               struct niva_arena *arena)
{
    struct niva_error err;
    size_t size;
    const uint8_t *bytes = niva_row_bytes(found, row, 1, &size);

    if (niva_row_bool(found, row, 3)) {
        fail_erased(&err);
        reject(slot, &err);
        return;
    }
    if (size != HASH_SIZE || memcmp(bytes, slot->digest, HASH_SIZE) != 0) {
        fail_reused(&err);
        reject(slot, &err);
        return;
    }
    bytes = niva_row_bytes(found, row, 2, &slot->reply.len);
    slot->reply.data = (uint8_t *)niva_arena_copy(arena, bytes, slot->reply.len);
    slot->outcome = OUTCOME_ANSWERED;
    if (slot->reply.data == NULL) {
        niva_fail_internal(&err, "no memory for a stored reply");
        reject(slot, &err);
    } else if (!slot->in_doubt && !reply_mark(slot->command, arena, &slot->reply, &err)) {
        reject(slot, &err);
    }
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
            reject(&slots[i], &err);
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
            reject(slot, &err);
        }
    }
}

static bool same_key(const struct slot *a, const struct slot *b)
{
    return a->command != NULL && b->command != NULL &&
           memcmp(a->request_id.bytes, b->request_id.bytes, sizeof a->request_id.bytes) == 0 &&
           strcmp(text_or_empty(a->command->principal), text_or_empty(b->command->principal)) == 0;
}

/* The same request earlier in the batch, or NULL. */
static const struct slot *leader_find(const struct slot *slots, const struct slot *slot)
{
    for (const struct slot *earlier = slots; earlier < slot; earlier++)
        if (earlier->item != NULL && same_key(earlier, slot) &&
            memcmp(earlier->digest, slot->digest, HASH_SIZE) == 0)
            return earlier;
    return NULL;
}

/* Whether its id was used earlier in the batch, by a request with other content. */
static bool key_used(const struct slot *slots, const struct slot *slot)
{
    for (const struct slot *earlier = slots; earlier < slot; earlier++)
        if (earlier->outcome == OUTCOME_ACCEPTED && same_key(earlier, slot))
            return true;
    return false;
}

static void item_fill(struct niva_item *item, const struct slot *slot)
{
    const struct niva_command *command = slot->command;

    if (command == NULL) {
        *item = (struct niva_item){.kind = NIVA_ITEM_EVENT,
                                   .method = "",
                                   .event = slot->event,
                                   .principal = slot->event->actor,
                                   .traceparent = text_or_empty(slot->event->traceparent)};
        return;
    }
    *item = (struct niva_item){.kind = NIVA_ITEM_COMMAND,
                               .method = command->method,
                               .request = command->request,
                               .prepared = command->prepared,
                               .principal = text_or_empty(command->principal),
                               .traceparent = text_or_empty(command->traceparent)};
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
        slot->leader = leader_find(slots, slot);
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

    for (size_t i = 0; i < count; i++)
        slot_prepare(&slots[i], batch->arena);
    lookup_fill(&lookup, slots, count, batch->arena);
    good = batch_begin(batch, &lookup, err);
    for (int row = 0; good && row < niva_rows(&lookup); row++)
        slot_answer_stored(&slots[niva_row_int32(&lookup, row, 0)], &lookup, row, batch->arena);
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
    else if (key_used(slots, slot))
        fail_reused(&err);
    else if (slot->item == NULL || rules_decide(batch, slot, &err)) {
        bool told = slot->item != NULL && slot->item->unrecorded;

        slot->outcome = told ? OUTCOME_TOLD : OUTCOME_ACCEPTED;
        if (slot->command == NULL)
            batch->cursors[slot->upstream] = slot->position;
        return;
    }
    reject(slot, &err);
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

/* False when there is nothing to insert. */
static bool requests_fill(struct niva_query *query, const struct slot *slots, size_t count,
                          struct niva_arena *arena)
{
    static const enum niva_column_type types[] = {NIVA_COLUMN_TEXT,  NIVA_COLUMN_UUID,
                                                  NIVA_COLUMN_BYTES, NIVA_COLUMN_TEXT,
                                                  NIVA_COLUMN_BYTES, NIVA_COLUMN_INSTANT};
    enum { COLUMNS = sizeof types / sizeof *types };
    struct niva_column *columns[COLUMNS];
    bool any = false;

    *query = (struct niva_query){.statement = &requests_insert, .params.arena = arena};
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = niva_column_new(types[i], arena);
    for (size_t i = 0; i < count; i++) {
        const struct slot *slot = &slots[i];

        if (slot->outcome != OUTCOME_ACCEPTED || slot->command == NULL)
            continue;
        any = true;
        niva_column_text(columns[0], text_or_empty(slot->command->principal));
        niva_column_uuid(columns[1], &slot->request_id);
        niva_column_bytes(columns[2], slot->digest, HASH_SIZE);
        niva_column_text(columns[3], slot->command->method);
        niva_column_bytes(columns[4], slot->reply.data, slot->reply.len);
        niva_column_instant(columns[5], slot->item->recorded_at);
    }
    for (size_t i = 0; i < COLUMNS; i++)
        niva_param_column(&query->params, columns[i]);
    return any;
}

/* A folded request has its leader's answer, as if it had come a moment later. */
static void folded_answer(struct slot *slots, size_t count, struct niva_arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = &slots[i];
        struct niva_error err;

        if (slot->outcome != OUTCOME_FOLDED)
            continue;
        slot->outcome = slot->leader->outcome;
        slot->reply = slot->leader->reply;
        if (slot->outcome == OUTCOME_REJECTED)
            slot->err = slot->leader->err;
        else if (slot->outcome == OUTCOME_ACCEPTED &&
                 !reply_mark(slot->command, arena, &slot->reply, &err))
            reject(slot, &err);
    }
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
        folded_answer(slots, count, batch->arena);
        *ret_committed = false;
        return ATTEMPT_DONE;
    }
    if (!replies_check(slots, count, err) || !rules_settle(batch, err) ||
        !replies_pack(batch, slots, count, err))
        return attempt_fail(batch, err);
    any = requests_fill(&requests, slots, count, batch->arena);
    if (!batch_commit(batch, any ? &requests : NULL, err)) {
        if (!niva_pg_alive(batch->pg))
            doubt_set(slots, count);
        return attempt_fail(batch, err);
    }
    folded_answer(slots, count, batch->arena);
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
