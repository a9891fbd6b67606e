#include "services/common/bus/batch.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/base/clock.h"

const struct niva_statement batch_lock_step = {"bus_lock_step",
                                               "SELECT set_config('lock_timeout', '400ms', true)"};
static const struct niva_statement head_lock = {
    "bus_head_lock",
    "SELECT position, hash, recorded_at, fact_no, fact_hash, clock_day FROM stream_head"
    " FOR UPDATE"};
static const struct niva_statement events_insert = {
    "bus_events_insert",
    "INSERT INTO event (position, id, type, subject, recorded_at, envelope, salt, data, digest,"
    " hash) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
static const struct niva_statement cursors_write = {
    "bus_cursors_write", "INSERT INTO cursor (stream, position) SELECT * FROM unnest($1, $2)"
                         " ON CONFLICT (stream) DO UPDATE SET position = excluded.position"};
static const struct niva_statement head_write = {
    "bus_head_write", "UPDATE stream_head SET position = $1, hash = $2, recorded_at = $3,"
                      " fact_no = $4, fact_hash = $5, clock_day = $6"};

enum { LIST_LEAST = 16 };

static bool fail_memory(struct niva_error *err)
{
    return niva_fail_internal(err, "no memory for a batch");
}

bool batch_list_add(struct batch_list *list, void *entry, struct niva_arena *arena)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? LIST_LEAST : 2 * list->capacity;
        void **grown = niva_arena_array(arena, capacity, sizeof *grown);

        if (grown == NULL)
            return false;
        if (list->count > 0)
            memcpy(grown, list->entries, list->count * sizeof *grown);
        list->entries = grown;
        list->capacity = capacity;
    }
    list->entries[list->count++] = entry;
    return true;
}

/* ---- what the rules may do ---- */

struct niva_arena *niva_batch_arena(struct niva_batch *batch)
{
    return batch->arena;
}

struct niva_pg *niva_batch_pg(struct niva_batch *batch)
{
    return batch->pg;
}

size_t niva_batch_items(struct niva_batch *batch, struct niva_item **ret_items)
{
    *ret_items = batch->items;
    return batch->item_count;
}

void *niva_batch_state(struct niva_batch *batch)
{
    return batch->state;
}

void niva_batch_set_state(struct niva_batch *batch, void *state)
{
    batch->state = state;
}

niva_instant niva_batch_recorded_at(const struct niva_batch *batch)
{
    return batch->recorded_at;
}

bool niva_batch_rehearsal(const struct niva_batch *batch)
{
    return batch->options->rehearsal;
}

void niva_batch_ask_work(struct niva_batch *batch)
{
    batch->work_asked = true;
}

size_t niva_batch_work_pieces(const struct niva_batch *batch)
{
    return batch->work_pieces;
}

void niva_batch_work_done(struct niva_batch *batch, size_t pieces)
{
    batch->work_done = pieces;
}

void niva_batch_set_cause(struct niva_batch *batch, const struct niva_item *item)
{
    batch->cause = item;
}

niva_instant batch_clock(const struct niva_batch *batch)
{
    niva_instant now = niva_clock_now();

    if (!batch->options->rehearsal || batch->day == NIVA_DAY_NONE)
        return now;
    return niva_clock_rehearsed(batch->day, now);
}

static niva_instant later_than_last(const struct niva_batch *batch, niva_instant wanted)
{
    return wanted > batch->last_recorded_at ? wanted : batch->last_recorded_at + 1;
}

void niva_batch_advance(struct niva_batch *batch, niva_instant wanted)
{
    batch->recorded_at =
        later_than_last(batch, batch->options->rehearsal ? wanted : niva_clock_now());
}

niva_day niva_batch_day(const struct niva_batch *batch)
{
    return batch->day;
}

/* The command that moves the day is recorded on the day to which it moves: before the first one the
 * clock of the machine would put it, and all that follows, years ahead of the rehearsal. */
void niva_batch_set_day(struct niva_batch *batch, niva_day day)
{
    if (!batch->options->rehearsal)
        return;
    batch->day = day;
    if (batch->clocked == NULL)
        return;
    batch->recorded_at = later_than_last(batch, batch_clock(batch));
    batch->clocked->recorded_at = batch->recorded_at;
}

static const char *actor(const struct niva_batch *batch)
{
    const struct niva_item *cause = batch->cause;

    return cause == NULL || *cause->principal == '\0' ? batch->system_actor : cause->principal;
}

bool niva_batch_fact(struct niva_batch *batch, struct niva_fact *fact, struct niva_error *err)
{
    struct niva_fact *copy = niva_arena_alloc(batch->arena, sizeof *copy);

    if (!batch->appends)
        return niva_fail_internal(err, "a fact outside decide, settle and work");
    if (copy == NULL)
        return fail_memory(err);
    fact->fact_no = batch->head.fact_no + (int64_t)batch->facts.count + 1;
    if (fact->recorded_at == 0)
        fact->recorded_at = batch->recorded_at;
    if (fact->received_at == 0)
        fact->received_at = batch->recorded_at;
    if (fact->recorded_by == NULL || *fact->recorded_by == '\0')
        fact->recorded_by = actor(batch);
    *copy = *fact;
    if (!batch_list_add(&batch->facts, copy, batch->arena))
        return fail_memory(err);
    batch->last_recorded_at = batch->recorded_at;
    return true;
}

static const struct niva_event_type *type_find(const struct niva_journal_options *options,
                                               const char *name)
{
    for (size_t i = 0; i < options->type_count; i++)
        if (strcmp(options->types[i].name, name) == 0)
            return &options->types[i];
    return NULL;
}

static void cause_describe(const struct niva_batch *batch, struct envelope *envelope)
{
    const struct niva_item *cause = batch->cause;

    envelope->actor = actor(batch);
    envelope->causation_id = "";
    envelope->traceparent = "";
    if (cause == NULL)
        return;
    envelope->causation_id = cause->kind == NIVA_ITEM_EVENT
                                 ? cause->event->id
                                 : niva_wire_get_text(cause->request, "request_id");
    envelope->traceparent = cause->traceparent;
}

bool niva_batch_event(struct niva_batch *batch, const char *type, const char *subject,
                      const ProtobufCMessage *data, int64_t *ret_position, struct niva_error *err)
{
    const struct niva_event_type *known = type_find(batch->options, type);
    struct event_row *row = niva_arena_alloc(batch->arena, sizeof *row);
    struct envelope envelope = {.source = batch->options->source,
                                .type = type,
                                .stream = batch->options->stream,
                                .time = batch->recorded_at};

    if (!batch->appends)
        return niva_fail_internal(err, "an event outside decide, settle and work");
    if (known == NULL || known->data != data->descriptor)
        return niva_fail_internal(err, "event type %s is not in the table, or has other data",
                                  type);
    if (row == NULL)
        return fail_memory(err);
    row->position = batch->head.position + (int64_t)batch->events.count + 1;
    row->id = niva_uuid_v7(batch->recorded_at);
    row->type = known->name;
    row->subject = niva_arena_strdup(batch->arena, subject == NULL ? "" : subject);
    row->recorded_at = batch->recorded_at;
    if (row->subject == NULL)
        return fail_memory(err);
    envelope.id = row->id;
    envelope.data_type = known->data->name;
    envelope.subject = row->subject;
    envelope.position = row->position;
    cause_describe(batch, &envelope);
    if (!envelope_pack(&envelope, batch->arena, &row->envelope, err) ||
        !niva_wire_pack(data, batch->arena, &row->data, err))
        return false;
    if (!batch_list_add(&batch->events, row, batch->arena))
        return fail_memory(err);
    batch->last_recorded_at = batch->recorded_at;
    if (ret_position != NULL)
        *ret_position = row->position;
    return true;
}

struct niva_params *niva_batch_write(struct niva_batch *batch,
                                     const struct niva_statement *statement)
{
    struct niva_query *query = niva_arena_alloc(batch->arena, sizeof *query);

    if (query == NULL || !batch_list_add(&batch->writes, query, batch->arena))
        return NULL;
    query->statement = statement;
    query->params.arena = batch->arena;
    return &query->params;
}

struct batch_mark batch_mark(const struct niva_batch *batch)
{
    return (struct batch_mark){.facts = batch->facts.count,
                               .events = batch->events.count,
                               .writes = batch->writes.count,
                               .day = batch->day,
                               .work_asked = batch->work_asked};
}

void batch_truncate(struct niva_batch *batch, struct batch_mark mark)
{
    batch->facts.count = mark.facts;
    batch->events.count = mark.events;
    batch->writes.count = mark.writes;
    batch->day = mark.day;
    batch->work_asked = mark.work_asked;
}

/* ---- the transaction ---- */

static bool hash_take(const struct niva_query *query, int column, uint8_t ret_hash[HASH_SIZE])
{
    size_t size;
    const uint8_t *hash = niva_row_bytes(query, 0, column, &size);

    if (size != HASH_SIZE)
        return false;
    memcpy(ret_hash, hash, HASH_SIZE);
    return true;
}

static bool head_take(struct niva_batch *batch, const struct niva_query *query,
                      struct niva_error *err)
{
    struct head *head = &batch->head;

    if (niva_rows(query) != 1)
        return niva_fail_internal(err, "stream_head has %d rows", niva_rows(query));
    if (!hash_take(query, 1, head->hash) || !hash_take(query, 4, head->fact_hash))
        return niva_fail_internal(err, "stream_head has a broken hash");
    head->position = niva_row_int64(query, 0, 0);
    head->recorded_at = niva_row_instant(query, 0, 2);
    head->fact_no = niva_row_int64(query, 0, 3);
    head->day = niva_row_day(query, 0, 5);
    batch->day = head->day;
    batch->last_recorded_at = head->recorded_at;
    return true;
}

bool batch_begin(struct niva_batch *batch, struct niva_query *lookup, struct niva_error *err)
{
    const struct niva_upstreams *upstreams = &batch->options->upstreams;
    struct niva_query queries[5] = {
        {.statement = &niva_pg_begin}, {.statement = &batch_lock_step}, {.statement = &head_lock}};
    size_t count = 4;
    bool good;

    niva_applied_query(&queries[3], upstreams, batch->arena);
    if (lookup != NULL)
        queries[count++] = *lookup;
    good = niva_pg_run(batch->pg, queries, count, err) && head_take(batch, &queries[2], err) &&
           niva_applied_read(&queries[3], upstreams, &batch->before, err);
    if (good)
        memcpy(batch->cursors, batch->before.cursors, sizeof batch->cursors);
    if (lookup != NULL)
        lookup->result = queries[4].result;
    niva_queries_clear(queries, 4);
    return good;
}

static bool cursors_moved(const struct niva_batch *batch)
{
    return memcmp(batch->cursors, batch->before.cursors, sizeof batch->cursors) != 0;
}

bool batch_changed(const struct niva_batch *batch)
{
    return batch->facts.count > 0 || batch->events.count > 0 || batch->writes.count > 0 ||
           batch->day != batch->head.day || cursors_moved(batch);
}

void batch_roll_back(struct niva_batch *batch)
{
    struct niva_query query = {.statement = &niva_pg_rollback};
    struct niva_error ignored;

    if (niva_pg_alive(batch->pg) && !niva_pg_run(batch->pg, &query, 1, &ignored))
        niva_error_clear(&ignored);
    niva_queries_clear(&query, 1);
}

/* Chains the events; `hash` is the head's and becomes the new head's. */
static bool events_fill(struct niva_query *query, struct niva_batch *batch, uint8_t hash[HASH_SIZE],
                        struct niva_error *err)
{
    static const enum niva_column_type types[] = {
        NIVA_COLUMN_INT64,   NIVA_COLUMN_UUID,  NIVA_COLUMN_TEXT,  NIVA_COLUMN_TEXT,
        NIVA_COLUMN_INSTANT, NIVA_COLUMN_BYTES, NIVA_COLUMN_BYTES, NIVA_COLUMN_BYTES,
        NIVA_COLUMN_BYTES,   NIVA_COLUMN_BYTES};
    enum { COLUMNS = sizeof types / sizeof *types };
    struct niva_column *columns[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = niva_column_new(types[i], batch->arena);
    for (size_t i = 0; i < batch->events.count; i++) {
        const struct event_row *row = batch->events.entries[i];
        uint8_t salt[SALT_SIZE];
        uint8_t digest[HASH_SIZE];

        if (RAND_bytes(salt, SALT_SIZE) != 1)
            return niva_fail_internal(err, "no random bytes for a salt");
        if (!data_digest(salt, row->data.data, row->data.len, digest, err) ||
            !chain_hash(hash, row->envelope.data, row->envelope.len, digest, hash, err))
            return false;
        niva_column_int64(columns[0], row->position);
        niva_column_uuid(columns[1], &row->id);
        niva_column_text(columns[2], row->type);
        niva_column_text(columns[3], row->subject);
        niva_column_instant(columns[4], row->recorded_at);
        niva_column_bytes(columns[5], row->envelope.data, row->envelope.len);
        niva_column_bytes(columns[6], salt, SALT_SIZE);
        niva_column_bytes(columns[7], row->data.data, row->data.len);
        niva_column_bytes(columns[8], digest, HASH_SIZE);
        niva_column_bytes(columns[9], hash, HASH_SIZE);
    }
    for (size_t i = 0; i < COLUMNS; i++)
        niva_param_column(&query->params, columns[i]);
    return true;
}

/* Chains the facts; `hash` is the head's and becomes the new head's. */
static bool facts_fill(struct niva_query *query, struct niva_batch *batch, uint8_t hash[HASH_SIZE],
                       struct niva_error *err)
{
    const struct niva_fact *const *facts = (const struct niva_fact *const *)batch->facts.entries;
    size_t count = batch->facts.count;
    struct niva_fact_seal *seals = niva_arena_array(batch->arena, count, sizeof *seals);

    if (seals == NULL)
        return fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        if (RAND_bytes(seals[i].salt, SALT_SIZE) != 1)
            return niva_fail_internal(err, "no random bytes for a salt");
        if (!fact_digest(seals[i].salt, facts[i], seals[i].digest, err) ||
            !fact_hash(hash, facts[i], seals[i].digest, hash, err))
            return false;
        memcpy(seals[i].hash, hash, HASH_SIZE);
    }
    niva_facts_query_insert(query, facts, seals, count, batch->arena);
    return true;
}

/* Those that moved. */
static void cursors_fill(struct niva_query *query, const struct niva_batch *batch)
{
    const struct niva_upstreams *upstreams = &batch->options->upstreams;
    struct niva_column *streams = niva_column_new(NIVA_COLUMN_TEXT, batch->arena);
    struct niva_column *positions = niva_column_new(NIVA_COLUMN_INT64, batch->arena);

    for (size_t i = 0; i < upstreams->count; i++) {
        if (batch->cursors[i] == batch->before.cursors[i])
            continue;
        niva_column_text(streams, upstreams->list[i].stream);
        niva_column_int64(positions, batch->cursors[i]);
    }
    niva_param_column(&query->params, streams);
    niva_param_column(&query->params, positions);
}

static void head_fill(struct niva_query *query, const struct niva_batch *batch,
                      const uint8_t hash[HASH_SIZE], const uint8_t fact_hash[HASH_SIZE])
{
    niva_param_int64(&query->params, batch->head.position + (int64_t)batch->events.count);
    niva_param_bytes(&query->params, hash, HASH_SIZE);
    niva_param_instant(&query->params, batch->last_recorded_at);
    niva_param_int64(&query->params, batch->head.fact_no + (int64_t)batch->facts.count);
    niva_param_bytes(&query->params, fact_hash, HASH_SIZE);
    niva_param_day(&query->params, batch->day);
}

static struct niva_query *query_add(struct niva_batch *batch, struct niva_query *queries,
                                    size_t *count, const struct niva_statement *statement)
{
    struct niva_query *query = &queries[(*count)++];

    *query = (struct niva_query){.statement = statement, .params.arena = batch->arena};
    return query;
}

/* All that is written, in order; `queries` has room for it. */
static bool queries_fill(struct niva_batch *batch, const struct niva_query *requests,
                         struct niva_query *queries, size_t *count, struct niva_error *err)
{
    uint8_t hash[HASH_SIZE];
    uint8_t fact_hash[HASH_SIZE];

    memcpy(hash, batch->head.hash, HASH_SIZE);
    memcpy(fact_hash, batch->head.fact_hash, HASH_SIZE);
    if (batch->facts.count > 0 && !facts_fill(&queries[(*count)++], batch, fact_hash, err))
        return false;
    for (size_t i = 0; i < batch->writes.count; i++)
        queries[(*count)++] = *(const struct niva_query *)batch->writes.entries[i];
    if (batch->events.count > 0 &&
        !events_fill(query_add(batch, queries, count, &events_insert), batch, hash, err))
        return false;
    if (requests != NULL)
        queries[(*count)++] = *requests;
    if (cursors_moved(batch))
        cursors_fill(query_add(batch, queries, count, &cursors_write), batch);
    head_fill(query_add(batch, queries, count, &head_write), batch, hash, fact_hash);
    query_add(batch, queries, count, &niva_pg_commit);
    return true;
}

bool batch_commit(struct niva_batch *batch, struct niva_query *requests, struct niva_error *err)
{
    enum { OWN_QUERIES = 6 }; /* facts, events, requests, cursors, head, COMMIT */
    struct niva_query *queries =
        niva_arena_array(batch->arena, batch->writes.count + OWN_QUERIES, sizeof *queries);
    size_t count = 0;
    bool good;

    if (queries == NULL)
        return fail_memory(err);
    good = queries_fill(batch, requests, queries, &count, err) &&
           niva_pg_run(batch->pg, queries, count, err);
    niva_queries_clear(queries, count);
    return good;
}
