#include "tests/support/office.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "niva/control/v1/control.pb-c.h"
#include "services/common/bus/bus_sql.h"
#include "services/common/wire/json.h"
#include "services/compliance/service.h"

enum { ARENA_BYTES = 256 << 20, TIMEOUT_MS = 60000, WAIT_MS = 20 };
static const niva_instant MINUTE = INT64_C(60000000);
static const char *const principal = "local:test";

static void must(bool good, const char *what, const struct niva_error *err)
{
    if (good)
        return;
    fprintf(stderr, "office: %s failed: %s %s %s (%s)\n", what,
            err != NULL ? niva_code_name((int)err->code) : "",
            err != NULL && err->violation_count > 0 ? err->violations[0].field : "",
            err != NULL ? err->text_en : "", err != NULL ? err->cause : "");
    abort();
}

/* ---- database ---- */

static void migrate(const struct cluster *cluster, const char *database,
                    const struct niva_migration *migrations, size_t count)
{
    struct niva_error err;
    size_t applied = 0;
    struct niva_migration all[16];
    size_t total = 0;
    for (size_t i = 0; i < NIVA_BUS_MIGRATION_COUNT; i++)
        all[total++] = niva_bus_migrations[i];
    for (size_t i = 0; i < count; i++)
        all[total++] = migrations[i];
    struct niva_pg *pg = niva_pg_open(cluster_conninfo(cluster, database, "niva_compliance_owner"),
                                      "compliance", "test", &err);
    must(pg != NULL, "connect as owner", &err);
    must(niva_migrate(pg, all, total, &applied, &err), "migrate", &err);
    niva_pg_close(pg);
}

const char *office_database(struct cluster *cluster)
{
    const char *database = cluster_database(cluster);
    migrate(cluster, database, compliance_service.migrations, compliance_service.migration_count);
    return database;
}

int64_t office_count(const struct cluster *cluster, const char *database, const char *sql)
{
    return strtoll(cluster_sql(cluster, database, sql), NULL, 10);
}

/* ---- the office ---- */

static void committed(void *user, const struct niva_applied *applied)
{
    struct office *office = user;
    (void)applied;
    pthread_mutex_lock(&office->lock);
    office->commits++;
    pthread_cond_broadcast(&office->committed);
    pthread_mutex_unlock(&office->lock);
}

static bool work(void *self, struct niva_batch *batch, bool *ret_more, struct niva_error *err)
{
    struct office *office = self;
    pthread_mutex_lock(&office->lock);
    bool refused = office->held && office->steps == 0;
    if (refused)
        office->refusals++;
    else if (office->held)
        office->steps--;
    pthread_cond_broadcast(&office->committed);
    pthread_mutex_unlock(&office->lock);
    *ret_more = false;
    return refused || compliance_service.rules.work(NULL, batch, ret_more, err);
}

void office_open(struct office *office, const struct cluster *cluster, const char *database,
                 const char *from)
{
    struct niva_error err;
    *office = (struct office){.arena = niva_arena_new(ARENA_BYTES), .now = INT64_MIN};
    must(office->arena != NULL, "arena", NULL);
    must(from == NULL || niva_instant_parse(from, &office->now), "instant", NULL);
    pthread_mutex_init(&office->lock, NULL);
    pthread_cond_init(&office->committed, NULL);
    snprintf(office->conninfo, sizeof office->conninfo, "%s",
             cluster_conninfo(cluster, database, "niva_compliance"));
    office->pg = niva_pg_open(office->conninfo, "compliance", "test-read", &err);
    must(office->pg != NULL, "connect", &err);
    office->options = (struct niva_journal_options){
        .stream = "compliance",
        .conninfo = office->conninfo,
        .source = "/niva/99/compliance",
        .types = compliance_service.types,
        .type_count = compliance_service.type_count,
        .upstreams = compliance_service.upstreams,
        .queue = 1024,
        .rehearsal = from != NULL,
        .rules = compliance_service.rules,
        .committed = committed,
        .user = office,
    };
    office->options.rules.self = office;
    office->options.rules.work = work;
    office->options.rules.work_interval_ms = WAIT_MS;
    office->journal = niva_journal_new(&office->options, &err);
    must(office->journal != NULL, "journal", &err);
}

void office_close(struct office *office)
{
    niva_journal_drain(office->journal, INT64_MAX);
    niva_journal_free(office->journal);
    niva_pg_close(office->pg);
    niva_arena_free(office->arena);
    pthread_cond_destroy(&office->committed);
    pthread_mutex_destroy(&office->lock);
}

/* ---- methods ---- */

/* A method by its short name, of compliance or of control. */
static const ProtobufCMethodDescriptor *method_find(const char *name, char ret_path[128])
{
    for (size_t i = 0; i <= compliance_service.service_count; i++) {
        const ProtobufCServiceDescriptor *service =
            i < compliance_service.service_count ? compliance_service.services[i]
                                                 : &niva__control__v1__control_service__descriptor;
        const ProtobufCMethodDescriptor *method =
            protobuf_c_service_descriptor_get_method_by_name(service, name);
        if (method == NULL)
            continue;
        snprintf(ret_path, 128, "/%s/%s", service->name, name);
        return method;
    }
    fprintf(stderr, "office: no method %s\n", name);
    abort();
}

static const struct niva_method *method_of(const char *path)
{
    for (size_t i = 0; i < compliance_service.method_count; i++) {
        if (strcmp(compliance_service.methods[i].name, path) == 0)
            return &compliance_service.methods[i];
    }
    return NULL;
}

static ProtobufCMessage *parse(struct office *office, const ProtobufCMessageDescriptor *type,
                               const char *json)
{
    ProtobufCMessage *message = NULL;
    struct niva_error err;
    if (!niva_json_parse(type, json, strlen(json), office->arena, &message, &err))
        fprintf(stderr, "%s\n", json);
    must(message != NULL, "JSON", &err);
    return message;
}

static niva_instant tick(struct office *office)
{
    niva_instant now = office->now;
    if (now != INT64_MIN)
        office->now += MINUTE;
    return now;
}

/* A command in flight. */
struct flight {
    struct office *office;
    const ProtobufCMessageDescriptor *type;
    pthread_mutex_t lock;
    pthread_cond_t landed;
    bool done;
    ProtobufCMessage *reply;
    struct niva_error *err;
};

static void done(struct niva_command *command, const ProtobufCBinaryData *reply,
                 const struct niva_error *err)
{
    struct flight *flight = command->user;
    pthread_mutex_lock(&flight->lock);
    if (err != NULL)
        *flight->err = *err;
    else if (!niva_wire_unpack(flight->type, reply->data, reply->len, true, flight->office->arena,
                               &flight->reply, flight->err))
        flight->reply = NULL;
    flight->done = true;
    pthread_cond_signal(&flight->landed);
    pthread_mutex_unlock(&flight->lock);
}

static const void *submit(struct office *office, const char *path,
                          const ProtobufCMethodDescriptor *method, const ProtobufCMessage *request,
                          const void *prepared, struct niva_error *err)
{
    struct flight flight = {.office = office, .type = method->output, .err = err};
    struct niva_command command = {.method = path,
                                   .request = request,
                                   .prepared = prepared,
                                   .reply_type = method->output,
                                   .principal = principal,
                                   .traceparent = "",
                                   .recorded_at = tick(office),
                                   .deadline_ms = INT64_MAX,
                                   .done = done,
                                   .user = &flight};
    pthread_mutex_init(&flight.lock, NULL);
    pthread_cond_init(&flight.landed, NULL);
    if (niva_journal_submit(office->journal, &command, err)) {
        pthread_mutex_lock(&flight.lock);
        while (!flight.done)
            pthread_cond_wait(&flight.landed, &flight.lock);
        pthread_mutex_unlock(&flight.lock);
    }
    pthread_cond_destroy(&flight.landed);
    pthread_mutex_destroy(&flight.lock);
    return flight.reply;
}

const void *office_call(struct office *office, const char *name, const char *json,
                        struct niva_error *err)
{
    char path[128];
    char id[37];
    const ProtobufCMethodDescriptor *method = method_find(name, path);
    const struct niva_method *own = method_of(path);
    ProtobufCMessage *request = parse(office, method->input, json);
    niva_uuid_format(niva_uuid_v7(INT64_C(1640995200000000)), id);
    must(niva_wire_get_text(request, "request_id")[0] != '\0' ||
             niva_wire_set_text(request, "request_id", niva_arena_strdup(office->arena, id)),
         "request_id", NULL);
    niva_error_clear(err);
    const void *prepared = NULL;
    if (own != NULL && (!own->check(request, err) ||
                        !compliance_service.prepare(path, request, office->arena, &prepared, err)))
        return NULL;
    return submit(office, path, method, request, prepared, err);
}

const void *office_ask(struct office *office, const char *name, const char *json,
                       struct niva_error *err)
{
    char path[128];
    const ProtobufCMethodDescriptor *method = method_find(name, path);
    const struct niva_method *own = method_of(path);
    ProtobufCMessage *request = parse(office, method->input, json);
    ProtobufCMessage *reply = niva_wire_new(method->output, office->arena);
    struct niva_query begin = {.statement = &niva_pg_begin_snapshot};
    struct niva_query end = {.statement = &niva_pg_rollback};
    struct niva_error ignored;
    struct niva_read read = {.pg = office->pg,
                             .arena = office->arena,
                             .principal = principal,
                             .deadline_ms = INT64_MAX,
                             .rehearsal = office->options.rehearsal};
    must(reply != NULL && own != NULL && own->read != NULL, name, NULL);
    niva_error_clear(err);
    must(niva_pg_run(office->pg, &begin, 1, err), "begin", err);
    niva_queries_clear(&begin, 1);
    bool good = own->read(&read, request, reply, err);
    must(niva_pg_run(office->pg, &end, 1, &ignored), "end", &ignored);
    niva_queries_clear(&end, 1);
    return good ? reply : NULL;
}

static char *print(struct office *office, const char *format, va_list arguments)
{
    char buffer[8192];
    int length = vsnprintf(buffer, sizeof buffer, format, arguments);
    char *text = niva_arena_strdup(office->arena, buffer);
    must(length >= 0 && (size_t)length < sizeof buffer && text != NULL, "text", NULL);
    return text;
}

const void *office_do(struct office *office, const char *method, const char *json, ...)
{
    struct niva_error err;
    va_list arguments;
    va_start(arguments, json);
    const char *text = print(office, json, arguments);
    va_end(arguments);
    const void *reply = office_call(office, method, text, &err);
    must(reply != NULL, method, &err);
    return reply;
}

const void *office_see(struct office *office, const char *method, const char *json, ...)
{
    struct niva_error err;
    va_list arguments;
    va_start(arguments, json);
    const char *text = print(office, json, arguments);
    va_end(arguments);
    const void *reply = office_ask(office, method, text, &err);
    must(reply != NULL, method, &err);
    return reply;
}

/* ---- events of intake and compensation ---- */

static const struct {
    const char *type;
    const ProtobufCMessageDescriptor *data;
} told_types[] = {
    {"unit.registered", &niva__intake__v1__unit_registered__descriptor},
    {"unit.changed", &niva__intake__v1__unit_changed__descriptor},
    {"report.received", &niva__intake__v1__report_received__descriptor},
    {"report.corrected", &niva__intake__v1__report_corrected__descriptor},
    {"report.withdrawn", &niva__intake__v1__report_withdrawn__descriptor},
    {"report.confirmed", &niva__intake__v1__report_confirmed__descriptor},
    {"absence.notified", &niva__intake__v1__absence_notified__descriptor},
    {"absence.changed", &niva__intake__v1__absence_changed__descriptor},
    {"absence.cancelled", &niva__intake__v1__absence_cancelled__descriptor},
    {"component.changed", &niva__compensation__v1__component_changed__descriptor},
    {"adjustment.proposed", &niva__compensation__v1__adjustment_proposed__descriptor},
    {"adjustment.superseded", &niva__compensation__v1__adjustment_superseded__descriptor},
    {"adjustment.decided", &niva__compensation__v1__adjustment_decided__descriptor},
    {"adjustment.waived", &niva__compensation__v1__adjustment_waived__descriptor},
};

static void apply(struct office *office, const char *stream, int64_t *position, const char *type,
                  niva_instant time, const char *json)
{
    char name[64];
    char id[37];
    const ProtobufCMessageDescriptor *data = NULL;
    struct niva_error err;
    snprintf(name, sizeof name, "se.niva.%s.%s.v1", stream, type);
    niva_uuid_format(niva_uuid_v7(time), id);
    for (size_t i = 0; i < sizeof told_types / sizeof *told_types; i++) {
        if (strcmp(told_types[i].type, type) == 0)
            data = told_types[i].data;
    }
    must(data != NULL, type, NULL);
    const struct niva_event event = {.stream = stream,
                                     .position = ++*position,
                                     .id = id,
                                     .type = name,
                                     .subject = "",
                                     .time = time,
                                     .actor = "local:upstream",
                                     .causation_id = "",
                                     .traceparent = "",
                                     .data = parse(office, data, json)};
    const struct niva_event *events[] = {&event};
    must(niva_journal_apply(office->journal, stream, events, 1, event.position, &err), name, &err);
}

void office_event(struct office *office, const char *type, const char *json, ...)
{
    va_list arguments;
    niva_instant time = tick(office);
    va_start(arguments, json);
    const char *text = print(office, json, arguments);
    va_end(arguments);
    apply(office, "intake", &office->upstream, type,
          time == INT64_MIN ? INT64_C(1640995200000000) : time, text);
}

void office_told(struct office *office, const char *type, const char *json, ...)
{
    va_list arguments;
    niva_instant time = tick(office);
    va_start(arguments, json);
    const char *text = print(office, json, arguments);
    va_end(arguments);
    apply(office, "compensation", &office->told, type,
          time == INT64_MIN ? INT64_C(1640995200000000) : time, text);
}

static const char *now_text(const struct office *office, char ret_text[32])
{
    niva_instant_format(office->now == INT64_MIN ? INT64_C(1640995200000000) : office->now,
                        ret_text);
    return ret_text;
}

void office_unit(struct office *office, const char *unit, const char *opened_on)
{
    char now[32];
    office_event(office, "unit.registered",
                 "{\"unit\":{\"hsaId\":\"%s\",\"name\":\"%s (fiktiv)\",\"regionCode\":\"99\","
                 "\"openedOn\":\"%s\",\"owners\":[{\"orgNumber\":\"5560360793\",\"form\":"
                 "\"PRIVATE\",\"firstDay\":\"%s\"}],\"version\":1,\"recordedAt\":\"%s\","
                 "\"recordedBy\":\"local:intake\"}}",
                 unit, unit, opened_on, opened_on, now_text(office, now));
}

void office_report(struct office *office, const char *id, const char *corrects, const char *unit,
                   const char *effective_from, int milli)
{
    char now[32];
    char positions[2048] = "";
    size_t length = 0;
    for (int i = 0; milli > 0; i++, milli -= 1000)
        length += (size_t)snprintf(
            positions + length, sizeof positions - length,
            "%s{\"positionKey\":\"p%d\",\"titleCode\":\"FT\",\"employment\":\"EMPLOYED\","
            "\"fteMilli\":%d,\"licensed\":true}",
            i > 0 ? "," : "", i, milli < 1000 ? milli : 1000);
    now_text(office, now);
    office_event(
        office, corrects[0] != '\0' ? "report.corrected" : "report.received",
        "{\"report\":{\"reportId\":\"%s\",\"correctsReportId\":\"%s\",\"unit\":\"%s\","
        "\"professionGroup\":\"fysioterapeut\",\"effectiveFrom\":\"%s\",\"positions\":[%s],"
        "\"receivedAt\":\"%s\",\"recordedAt\":\"%s\",\"recordedBy\":\"local:head\"}}",
        id, corrects, unit, effective_from, positions, now, now);
}

void office_withdrawal(struct office *office, const char *id, const char *unit)
{
    char now[32];
    office_event(office, "report.withdrawn",
                 "{\"reportId\":\"%s\",\"unit\":\"%s\",\"professionGroup\":\"fysioterapeut\","
                 "\"recordedAt\":\"%s\",\"recordedBy\":\"local:head\"}",
                 id, unit, now_text(office, now));
}

/* ---- what tests often do ---- */

void office_rule_set(struct office *office, const char *first_day, const char *last_day)
{
    office_do(office, "PutRuleSet",
              "{\"ruleSet\":{\"ruleSetId\":\"fysio\",\"regionCode\":\"99\",\"professionGroup\":"
              "\"fysioterapeut\",\"firstDay\":\"%s\",\"lastDay\":\"%s\",\"severity\":\"BINDING\","
              "\"requirement\":{\"kind\":\"CONTRACTED\"},\"counting\":{\"titleCodes\":[\"FT\"],"
              "\"employments\":[\"EMPLOYED\"],\"absenceThresholdDays\":30},"
              "\"regulation\":{\"formula\":\"PRO_RATA\"}}}",
              first_day, last_day);
}

void office_contract(struct office *office, const char *unit, const char *first_day, int milli)
{
    office_do(office, "PutContract",
              "{\"contract\":{\"unit\":\"%s\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":"
              "\"%s\",\"minimumMilli\":%d}}",
              unit, first_day, milli);
}

void office_today(struct office *office, const char *day)
{
    niva_day to = NIVA_DAY_NONE;
    office_do(office, "MoveToday", "{\"day\":\"%s\"}", day);
    office_settle(office);
    must(niva_day_parse(day, &to), "day", NULL);
    if (office->now < niva_local_midnight(to) + 480 * MINUTE)
        office->now = niva_local_midnight(to) + 480 * MINUTE;
}

static int64_t pending(struct office *office)
{
    struct niva_error err;
    struct niva_read read = {
        .pg = office->pg, .arena = office->arena, .rehearsal = office->options.rehearsal};
    struct niva_service_status status = {0};
    must(compliance_service.status(&read, &status, &err), "status", &err);
    return status.pending;
}

/* Looks again after every commit; a replica's commits are seen by a timer. */
void office_settle(struct office *office)
{
    int64_t seen = 0;
    for (int waited = 0; pending(office) > 0; waited += WAIT_MS) {
        struct timespec until;
        must(waited < TIMEOUT_MS, "work to end", NULL);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WAIT_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_mutex_lock(&office->lock);
        while (office->commits == seen &&
               pthread_cond_timedwait(&office->committed, &office->lock, &until) == 0)
            ;
        seen = office->commits;
        pthread_mutex_unlock(&office->lock);
    }
}

/* ---- work in steps ---- */

/* A step that is refused comes after the one before has ended. */
void office_work(struct office *office, int steps)
{
    pthread_mutex_lock(&office->lock);
    office->steps = steps;
    for (int seen = office->refusals; office->refusals == seen;)
        pthread_cond_wait(&office->committed, &office->lock);
    pthread_mutex_unlock(&office->lock);
}

void office_hold(struct office *office)
{
    pthread_mutex_lock(&office->lock);
    office->held = true;
    pthread_mutex_unlock(&office->lock);
    office_work(office, 0);
}

void office_release(struct office *office)
{
    pthread_mutex_lock(&office->lock);
    office->held = false;
    pthread_mutex_unlock(&office->lock);
}
