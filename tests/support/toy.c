#include "tests/support/toy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "niva/intake/v1/events.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/bus/bus_sql.h"

enum { CALL_MS = 30000, AWAIT_MS = 60000 };

static const struct niva_migration toy_migrations[] = {
    {"toy/0001_toy.sql", "CREATE TABLE toy (key text PRIMARY KEY, n bigint NOT NULL);"
                         "DO $$ BEGIN EXECUTE format('GRANT SELECT, INSERT, UPDATE ON toy TO %I',"
                         " 'niva_' || current_schema()); END $$;"}};

static const struct niva_event_type toy_types[] = {
    {.name = "se.niva.toy.counted.v1", .data = &niva__intake__v1__report_received__descriptor},
    {.name = "se.niva.toy.worked.v1",
     .data = &niva__intake__v1__report_withdrawn__descriptor,
     .internal = true},
};

static const struct niva_statement counters_read = {"toy_read",
                                                    "SELECT key, n FROM toy WHERE key = ANY ($1)"};
static const struct niva_statement counters_write = {
    "toy_write", "INSERT INTO toy (key, n) SELECT * FROM unnest($1, $2)"
                 " ON CONFLICT (key) DO UPDATE SET n = excluded.n"};
static const struct niva_statement refused_write = {
    "toy_refused", "INSERT INTO toy (key, n) VALUES ('broken', NULL)"};

/* ---- the rules ---- */

struct counter {
    const char *key;
    int64_t n;
};

struct counters {
    struct counter *list;
    size_t count;
};

static struct counter *counter_find(struct counters *counters, const char *key)
{
    for (size_t i = 0; i < counters->count; i++)
        if (strcmp(counters->list[i].key, key) == 0)
            return &counters->list[i];
    counters->list[counters->count] = (struct counter){.key = key};
    return &counters->list[counters->count++];
}

static const Niva__Intake__V1__StaffingReport *report_of(const struct niva_item *item)
{
    if (item->kind == NIVA_ITEM_EVENT)
        return ((const Niva__Intake__V1__ReportReceived *)item->event->data)->report;
    return ((const Niva__Intake__V1__SubmitReportRequest *)item->request)->report;
}

static void hold_in_read(struct toy *toy)
{
    pthread_mutex_lock(&toy->lock);
    toy->reading++;
    pthread_cond_broadcast(&toy->changed);
    while (toy->held > 0)
        pthread_cond_wait(&toy->changed, &toy->lock);
    pthread_mutex_unlock(&toy->lock);
}

static bool toy_read(void *self, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    struct niva_query query = {.statement = &counters_read, .params.arena = arena};
    struct niva_column *keys = niva_column_new(NIVA_COLUMN_TEXT, arena);
    struct counters *counters = niva_arena_alloc(arena, sizeof *counters);
    struct niva_item *items;
    size_t count = niva_batch_items(batch, &items);

    hold_in_read(self);
    counters->list = niva_arena_array(arena, count, sizeof *counters->list);
    niva_batch_set_state(batch, counters);
    for (size_t i = 0; i < count; i++)
        niva_column_text(keys, report_of(&items[i])->unit);
    niva_param_column(&query.params, keys);
    if (!niva_pg_run(niva_batch_pg(batch), &query, 1, err))
        return false;
    for (int row = 0; row < niva_rows(&query); row++)
        counter_find(counters, niva_arena_strdup(arena, niva_row_text(&query, row, 0)))->n =
            niva_row_int64(&query, row, 1);
    niva_queries_clear(&query, 1);
    return true;
}

static bool counted_append(struct niva_batch *batch, const struct niva_item *item,
                           Niva__Intake__V1__StaffingReport *report, const char *type,
                           struct niva_error *err)
{
    Niva__Intake__V1__ReportReceived data = NIVA__INTAKE__V1__REPORT_RECEIVED__INIT;
    struct niva_fact fact = {
        .kind = "count",
        .id = niva_arena_printf(niva_batch_arena(batch), "%s/%s", report->unit, report->report_id),
        .version = 1,
        .unit = report->unit,
        .first_day = NIVA_DAY_NONE};

    (void)item;
    data.report = report;
    return niva_wire_pack(&report->base, niva_batch_arena(batch), &fact.body, err) &&
           niva_batch_fact(batch, &fact, err) &&
           niva_batch_event(batch, type, report->unit, &data.base, NULL, err);
}

static bool toy_decide(void *self, struct niva_batch *batch, struct niva_item *item,
                       struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    Niva__Intake__V1__StaffingReport *report = niva_wire_copy(&report_of(item)->base, arena);
    Niva__Intake__V1__SubmitReportResponse *reply =
        niva_wire_new(&niva__intake__v1__submit_report_response__descriptor, arena);
    struct counter *counter = counter_find(niva_batch_state(batch), report->unit);
    const char *note = report->resolution_note;
    const char *type = strcmp(note, "stranger") == 0 ? "unknown" : "se.niva.toy.counted.v1";

    (void)self;
    report->report_id = niva_arena_printf(arena, "%" PRId64, counter->n + 1);
    if (strcmp(note, "day") == 0)
        niva_batch_set_day(batch, niva_day_from_civil(2022, 6, 23));
    if (strcmp(note, "quiet") != 0 && !counted_append(batch, item, report, type, err))
        return false;
    if (strcmp(note, "break") == 0 && niva_batch_write(batch, &refused_write) == NULL)
        return false;
    if (strcmp(note, "reject") == 0)
        return niva_fail(err, NIVA_FAILED_PRECONDITION, "Nej.", "No.");
    reply->report = report;
    if (strcmp(note, "silent") != 0 && item->kind == NIVA_ITEM_COMMAND)
        item->reply = &reply->base;
    counter->n++;
    return true;
}

static bool toy_settle(void *self, struct niva_batch *batch, struct niva_error *err)
{
    Niva__Intake__V1__ReportWithdrawn data = NIVA__INTAKE__V1__REPORT_WITHDRAWN__INIT;
    struct niva_item *items;
    size_t count = niva_batch_items(batch, &items);

    (void)self;
    for (size_t i = 0; i < count; i++) {
        if (!items[i].accepted || strcmp(report_of(&items[i])->resolution_note, "derive") != 0)
            continue;
        niva_batch_set_cause(batch, &items[i]);
        if (!niva_batch_event(batch, "se.niva.toy.worked.v1", "", &data.base, NULL, err))
            return false;
    }
    return true;
}

static bool toy_write(void *self, struct niva_batch *batch, struct niva_error *err)
{
    struct counters *counters = niva_batch_state(batch);
    struct niva_params *params = niva_batch_write(batch, &counters_write);
    struct niva_column *keys = niva_column_new(NIVA_COLUMN_TEXT, niva_batch_arena(batch));
    struct niva_column *numbers = niva_column_new(NIVA_COLUMN_INT64, niva_batch_arena(batch));

    (void)self;
    if (params == NULL)
        return niva_fail_internal(err, "no memory");
    for (size_t i = 0; i < counters->count; i++) {
        if (counters->list[i].n == 0)
            continue;
        niva_column_text(keys, counters->list[i].key);
        niva_column_int64(numbers, counters->list[i].n);
    }
    niva_param_column(params, keys);
    niva_param_column(params, numbers);
    return true;
}

static bool toy_work(void *self, struct niva_batch *batch, bool *ret_more, struct niva_error *err)
{
    Niva__Intake__V1__ReportWithdrawn data = NIVA__INTAKE__V1__REPORT_WITHDRAWN__INIT;
    struct toy *toy = self;
    size_t pieces = niva_batch_work_pieces(batch);
    bool wanted;

    pthread_mutex_lock(&toy->lock);
    wanted = toy->work_wanted > 0;
    if (wanted) {
        struct timespec busy = {.tv_nsec = (long)pieces * toy->piece_ms * 1000000L};

        nanosleep(&busy, NULL);
        niva_batch_work_done(batch, pieces);
        toy->pieces = pieces;
        toy->work_wanted--;
        toy->works++;
    }
    *ret_more = toy->work_wanted > 0;
    pthread_cond_broadcast(&toy->changed);
    pthread_mutex_unlock(&toy->lock);
    return !wanted || niva_batch_event(batch, "se.niva.toy.worked.v1", "", &data.base, NULL, err);
}

static void toy_committed(void *user, const struct niva_applied *applied)
{
    struct toy *toy = user;

    pthread_mutex_lock(&toy->lock);
    toy->told_head = applied->head;
    pthread_cond_broadcast(&toy->changed);
    pthread_mutex_unlock(&toy->lock);
}

/* ---- starting and holding ---- */

__attribute__((noreturn)) static void give_up(const char *what, const struct niva_error *err)
{
    fprintf(stderr, "toy: %s: %s (%s)\n", what, err->text_en, err->cause);
    exit(1);
}

void toy_prepare(const struct cluster *cluster, const char *database, const char *stream)
{
    struct niva_migration list[NIVA_BUS_MIGRATION_COUNT + 1];
    struct niva_error err;
    struct niva_pg *pg;
    char role[64];
    size_t applied;

    snprintf(role, sizeof role, "niva_%s_owner", stream);
    memcpy(list, niva_bus_migrations, sizeof niva_bus_migrations);
    list[NIVA_BUS_MIGRATION_COUNT] = toy_migrations[0];
    pg = niva_pg_open(cluster_conninfo(cluster, database, role), stream, "toy", &err);
    if (pg == NULL || !niva_migrate(pg, list, NIVA_BUS_MIGRATION_COUNT + 1, &applied, &err))
        give_up("migrate", &err);
    niva_pg_close(pg);
}

void toy_init(struct toy *toy, const char *conninfo, const char *stream, const char *upstream)
{
    pthread_condattr_t attributes;

    *toy = (struct toy){.options = {.stream = stream,
                                    .source = "/niva/test/toy",
                                    .types = toy_types,
                                    .type_count = sizeof toy_types / sizeof *toy_types,
                                    .queue = 1024,
                                    .rules = {.read = toy_read,
                                              .decide = toy_decide,
                                              .settle = toy_settle,
                                              .write = toy_write,
                                              .work = toy_work,
                                              .work_interval_ms = 20}}};
    toy->upstream.stream = upstream;
    toy->options.upstreams = (struct niva_upstreams){upstream != NULL, &toy->upstream};
    snprintf(toy->conninfo, sizeof toy->conninfo, "%s", conninfo);
    pthread_mutex_init(&toy->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&toy->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

void toy_start(struct toy *toy)
{
    struct niva_error err;

    toy->options.conninfo = toy->conninfo;
    toy->options.rules.self = toy;
    toy->options.committed = toy_committed;
    toy->options.user = toy;
    toy->journal = niva_journal_new(&toy->options, &err);
    if (toy->journal == NULL)
        give_up("journal", &err);
}

void toy_stop(struct toy *toy)
{
    niva_journal_drain(toy->journal, niva_clock_monotonic_ms() + CALL_MS);
    toy->journal = niva_journal_free(toy->journal);
}

void toy_hold(struct toy *toy)
{
    pthread_mutex_lock(&toy->lock);
    toy->held++;
    toy->reading = 0;
    pthread_mutex_unlock(&toy->lock);
}

void toy_await_reading(struct toy *toy)
{
    pthread_mutex_lock(&toy->lock);
    while (toy->reading == 0)
        pthread_cond_wait(&toy->changed, &toy->lock);
    pthread_mutex_unlock(&toy->lock);
}

void toy_release(struct toy *toy)
{
    pthread_mutex_lock(&toy->lock);
    toy->held--;
    pthread_cond_broadcast(&toy->changed);
    pthread_mutex_unlock(&toy->lock);
}

/* ---- calls ---- */

static void call_read_reply(struct toy_call *call, const ProtobufCBinaryData *bytes)
{
    Niva__Intake__V1__SubmitReportResponse *reply;
    ProtobufCMessage *message;

    if (!niva_wire_unpack(&niva__intake__v1__submit_report_response__descriptor, bytes->data,
                          bytes->len, true, call->arena, &message, &call->err)) {
        call->code = NIVA_INTERNAL;
        return;
    }
    reply = (Niva__Intake__V1__SubmitReportResponse *)message;
    call->counter = strtoll(reply->report->report_id, NULL, 10);
    call->position = reply->position;
    call->replayed = reply->replayed;
}

static void call_done(struct niva_command *command, const ProtobufCBinaryData *reply,
                      const struct niva_error *err)
{
    struct toy_call *call = command->user;

    pthread_mutex_lock(&call->lock);
    call->code = NIVA_OK;
    if (err != NULL) {
        call->err = *err;
        call->code = err->code;
    } else {
        call_read_reply(call, reply);
    }
    call->done = true;
    call->times++;
    pthread_cond_broadcast(&call->answered);
    pthread_mutex_unlock(&call->lock);
}

void toy_call_init(struct toy_call *call, const char *principal, int id, const char *key,
                   const char *note)
{
    struct niva_arena *arena = niva_arena_new(1 << 20);
    Niva__Intake__V1__SubmitReportRequest *request =
        niva_wire_new(&niva__intake__v1__submit_report_request__descriptor, arena);
    pthread_condattr_t attributes;

    request->report = niva_wire_new(&niva__intake__v1__staffing_report__descriptor, arena);
    request->request_id = niva_arena_printf(arena, "00000000-0000-7000-8000-%012x", id);
    request->report->unit = niva_arena_strdup(arena, key);
    request->report->resolution_note = niva_arena_strdup(arena, note);
    *call = (struct toy_call){
        .arena = arena,
        .command = {.method = "/niva.intake.v1.ReportService/SubmitReport",
                    .request = &request->base,
                    .reply_type = &niva__intake__v1__submit_report_response__descriptor,
                    .principal = principal,
                    .recorded_at = INT64_MIN,
                    .deadline_ms = niva_clock_monotonic_ms() + CALL_MS,
                    .done = call_done}};
    pthread_mutex_init(&call->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&call->answered, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool toy_send(struct toy *toy, struct toy_call *call)
{
    call->command.user = call;
    if (niva_journal_submit(toy->journal, &call->command, &call->err))
        return true;
    call->code = call->err.code;
    call->done = true;
    return false;
}

void toy_await(struct toy_call *call)
{
    int64_t deadline = niva_clock_monotonic_ms() + AWAIT_MS;
    struct timespec until = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000};
    int waited = 0;

    pthread_mutex_lock(&call->lock);
    while (!call->done && waited == 0)
        waited = pthread_cond_timedwait(&call->answered, &call->lock, &until);
    pthread_mutex_unlock(&call->lock);
    if (waited != 0) {
        fputs("toy: a call was never answered\n", stderr);
        exit(1);
    }
}

void toy_call_free(struct toy_call *call)
{
    call->arena = niva_arena_free(call->arena);
    pthread_cond_destroy(&call->answered);
    pthread_mutex_destroy(&call->lock);
}

enum niva_code toy_call(struct toy *toy, const char *principal, int id, const char *key,
                        const char *note, struct toy_call *ret_call)
{
    struct toy_call call;

    toy_call_init(&call, principal, id, key, note);
    if (toy_send(toy, &call))
        toy_await(&call);
    toy_call_free(&call);
    if (ret_call != NULL)
        *ret_call = call;
    return call.code;
}

struct niva_event *toy_event(struct niva_arena *arena, const char *stream, int64_t position,
                             const char *key, const char *note)
{
    Niva__Intake__V1__ReportReceived *data =
        niva_wire_new(&niva__intake__v1__report_received__descriptor, arena);
    struct niva_event *event = niva_arena_alloc(arena, sizeof *event);

    data->report = niva_wire_new(&niva__intake__v1__staffing_report__descriptor, arena);
    data->report->unit = niva_arena_strdup(arena, key);
    data->report->resolution_note = niva_arena_strdup(arena, note);
    *event = (struct niva_event){
        .stream = stream,
        .position = position,
        .id = niva_arena_printf(arena, "00000000-0000-7000-9000-%012" PRIx64, position),
        .type = "se.niva.toy.counted.v1",
        .subject = key,
        .time = 1655978400000000 + position,
        .actor = "local:upstream",
        .causation_id = "",
        .traceparent = "",
        .data = &data->base};
    return event;
}
