#include "tests/support/intake_service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "services/common/bus/bus_sql.h"
#include "services/intake/intake_sql.h"

enum { DEADLINE_MS = 30000 };

static const struct niva_method *method_of(const char *method)
{
    char name[128];

    snprintf(name, sizeof name, "/niva.intake.v1.%s", method);
    for (size_t i = 0; i < intake_service.method_count; i++)
        if (strcmp(intake_service.methods[i].name, name) == 0)
            return &intake_service.methods[i];
    fail_msg("the service has no method %s", method);
    return NULL;
}

/* ---- commands ---- */

static void flight_done(struct niva_command *command, const ProtobufCBinaryData *reply,
                        const struct niva_error *err)
{
    struct flight *flight = command->user;

    pthread_mutex_lock(&flight->lock);
    if (err != NULL)
        flight->err = *err;
    else
        niva_text_append(&flight->reply, reply->data, reply->len);
    flight->done = true;
    pthread_cond_signal(&flight->landed);
    pthread_mutex_unlock(&flight->lock);
}

static void request_identify(const ProtobufCMessage *request, struct niva_arena *arena)
{
    char *id = niva_arena_alloc(arena, 37);
    ProtobufCMessage *own = (ProtobufCMessage *)(uintptr_t)request; /* made by message_of */

    assert_non_null(id);
    niva_uuid_format(niva_uuid_v7(niva_clock_now()), id);
    if (niva_wire_get_text(request, "request_id")[0] == '\0')
        assert_true(niva_wire_set_text(own, "request_id", id));
}

void flight_begin(struct service *service, struct flight *flight, const char *method,
                  const ProtobufCMessage *request)
{
    *flight = (struct flight){
        .command = {.method = method_of(method)->name,
                    .request = request,
                    .prepared = service->prepared,
                    .reply_type = method_reply(method),
                    .principal = "local:test",
                    .traceparent = "",
                    .recorded_at = service->caller.now,
                    .deadline_ms = niva_clock_monotonic_ms() + DEADLINE_MS,
                    .done = flight_done,
                    .user = flight},
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .landed = PTHREAD_COND_INITIALIZER,
    };
    request_identify(request, service->caller.arena);
    if (!niva_journal_submit(service->journal, &flight->command, &flight->err))
        fail_msg("the journal took no command: %s", flight->err.text_en);
}

ProtobufCMessage *flight_end(struct service *service, struct flight *flight)
{
    ProtobufCMessage *reply = NULL;
    struct niva_error err;

    pthread_mutex_lock(&flight->lock);
    while (!flight->done)
        pthread_cond_wait(&flight->landed, &flight->lock);
    pthread_mutex_unlock(&flight->lock);
    if (flight->err.code == NIVA_OK &&
        !niva_wire_unpack_reply(flight->command.reply_type, (const uint8_t *)flight->reply.data,
                                flight->reply.length, service->caller.arena, &reply, &err))
        fail_msg("the reply cannot be read: %s", err.text_en);
    niva_text_free(&flight->reply);
    return reply;
}

static bool service_call(struct caller *caller, const char *method, const ProtobufCMessage *request,
                         ProtobufCMessage **ret_reply, struct niva_error *err)
{
    struct service *service = (struct service *)caller; /* its first member */
    struct flight flight;

    if (!method_of(method)->check(request, err) ||
        !intake_service.prepare(method_of(method)->name, request, caller->arena, &service->prepared,
                                err))
        return false;
    flight_begin(service, &flight, method, request);
    *ret_reply = flight_end(service, &flight);
    *err = flight.err;
    return *ret_reply != NULL;
}

/* ---- reads ---- */

bool read_try(struct service *service, const char *method, const char *json,
              ProtobufCMessage **ret_reply, struct niva_error *err)
{
    struct niva_arena *arena = service->caller.arena;
    struct niva_read read = {.pg = service->pg,
                             .arena = arena,
                             .principal = "local:test",
                             .deadline_ms = niva_clock_monotonic_ms() + DEADLINE_MS,
                             .rehearsal = true};
    struct niva_query begin = {.statement = &niva_pg_begin_snapshot};
    struct niva_query end = {.statement = &niva_pg_rollback};
    ProtobufCMessage *reply = niva_wire_new(method_reply(method), arena);
    struct niva_error ended;
    bool good;

    assert_non_null(reply);
    niva_error_clear(err);
    good =
        niva_pg_run(service->pg, &begin, 1, err) &&
        method_of(method)->read(&read, message_of(method_request(method), json, arena), reply, err);
    if (!niva_pg_run(service->pg, &end, 1, &ended))
        fail_msg("the read's transaction cannot end: %s (%s)", ended.text_en, ended.cause);
    niva_queries_clear(&begin, 1);
    niva_queries_clear(&end, 1);
    *ret_reply = reply;
    return good;
}

void *read_ok(struct service *service, const char *method, const char *json, ...)
{
    char text[4096];
    ProtobufCMessage *reply;
    struct niva_error err;
    va_list arguments;

    va_start(arguments, json);
    vsnprintf(text, sizeof text, json, arguments);
    va_end(arguments);
    if (!read_try(service, method, text, &reply, &err))
        fail_msg("%s %s: expected OK, actual %s: %s (%s)", method, text,
                 niva_code_name((int)err.code), err.text_en, err.cause);
    return reply;
}

void read_refused(struct service *service, enum niva_code code, const char *field,
                  const char *reason, const char *method, const char *json, ...)
{
    char text[4096];
    ProtobufCMessage *reply;
    struct niva_error err;
    va_list arguments;

    va_start(arguments, json);
    vsnprintf(text, sizeof text, json, arguments);
    va_end(arguments);
    if (read_try(service, method, text, &reply, &err))
        fail_msg("%s %s: expected %s, actual OK", method, text, niva_code_name((int)code));
    error_expect(&err, code, field, reason, text);
}

/* ---- the service ---- */

static void tables_make(const struct service *service)
{
    struct niva_migration migrations[NIVA_BUS_MIGRATION_COUNT + NIVA_INTAKE_MIGRATION_COUNT];
    struct niva_error err;
    struct niva_pg *pg =
        niva_pg_open(cluster_conninfo(service->cluster, service->database, "niva_intake_owner"),
                     "intake", "test", &err);
    size_t applied;

    memcpy(migrations, niva_bus_migrations, sizeof niva_bus_migrations);
    memcpy(migrations + NIVA_BUS_MIGRATION_COUNT, niva_intake_migrations,
           sizeof niva_intake_migrations);
    if (pg == NULL ||
        !niva_migrate(pg, migrations, sizeof migrations / sizeof *migrations, &applied, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    niva_pg_close(pg);
}

void service_open(struct service *service, struct cluster *cluster)
{
    struct niva_journal_options options = {
        .stream = "intake",
        .source = "/niva/19/intake",
        .types = intake_service.types,
        .type_count = intake_service.type_count,
        .queue = 256,
        .rehearsal = true,
        .rules = intake_service.rules,
    };
    struct niva_error err;

    *service = (struct service){
        .caller = {.call = service_call, .arena = niva_arena_new((size_t)256 << 20)},
        .cluster = cluster,
        .database = cluster_database(cluster),
    };
    assert_non_null(service->caller.arena);
    assert_true(niva_instant_parse("2022-06-23T12:00:00+02:00", &service->caller.now));
    tables_make(service);
    options.conninfo = cluster_conninfo(cluster, service->database, "niva_intake");
    service->pg = niva_pg_open(options.conninfo, "intake", "test", &err);
    if (service->pg == NULL)
        fail_msg("%s (%s)", err.text_en, err.cause);
    service->journal = niva_journal_new(&options, &err);
    if (service->journal == NULL)
        fail_msg("%s (%s)", err.text_en, err.cause);
}

void service_close(struct service *service)
{
    niva_journal_drain(service->journal, niva_clock_monotonic_ms() + DEADLINE_MS);
    service->journal = niva_journal_free(service->journal);
    service->pg = niva_pg_close(service->pg);
    service->caller.arena = niva_arena_free(service->caller.arena);
}

const char *service_counts(const struct service *service)
{
    return cluster_sql(service->cluster, service->database,
                       "SELECT (SELECT count(*) FROM intake.fact) || '/' ||"
                       " (SELECT count(*) FROM intake.event)");
}
