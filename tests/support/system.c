#define _GNU_SOURCE /* nftw */

#include "tests/support/system.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "niva/control/v1/control.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/rpc/replica.h"
#include "services/nivactl/request.h"
#include "services/nivactl/wait.h"
#include "tests/support/process.h"

enum {
    READY_MS = 60000,
    GLANCE_MS =
        10, /* between two looks at a service that is not ready; its death is seen at once */
    CALL_MS = 30000,
    RUN_MS = 240000,
    SERVICES = PART_DATABASE,
    ARGUMENTS_MAX = 26,
    REPLY_BYTES_MAX = 32 << 20,
    PROOF_BYTES = 64 << 10,
};

struct system {
    char directory[32];
    bool rehearsal;
    struct cluster *cluster;
    struct process *services[SERVICES][NIVA_REPLICAS_MAX]; /* by number, from 0 */
    struct niva_rpc_client *alone[SERVICES][NIVA_REPLICAS_MAX];
    struct niva_rpc_client *clients[SERVICES];
    struct session session;
    bool given_up; /* it failed: nothing more is proved of it */
};

static const char *part_name(enum part part)
{
    return service_name((enum service)part);
}

static const char *log_path(const struct system *system, enum part part)
{
    static _Thread_local char path[64];

    snprintf(path, sizeof path, "%s/%s.log", system->directory, part_name(part));
    return path;
}

const char *system_url(const struct system *system, enum part part, const char *listener)
{
    static _Thread_local char url[96];

    snprintf(url, sizeof url, "ipc://%s/%s.%s", system->directory, part_name(part), listener);
    return url;
}

const char *system_directory(const struct system *system)
{
    return system->directory;
}

struct niva_rpc_client *system_client(struct system *system, enum part part)
{
    return system->clients[part];
}

struct session *system_session(struct system *system)
{
    return &system->session;
}

const char *system_conninfo(const struct system *system, const char *role)
{
    return cluster_conninfo(system->cluster, "niva", role);
}

const char *system_sql(const struct system *system, const char *sql)
{
    return cluster_sql(system->cluster, "niva", sql);
}

const char *system_heads(const struct system *system)
{
    return system_sql(system,
                      "SELECT string_agg(stream || ' ' || position || '/' || fact_no, ', ') FROM ("
                      "SELECT stream, position, fact_no FROM intake.stream_head UNION ALL "
                      "SELECT stream, position, fact_no FROM compliance.stream_head UNION ALL "
                      "SELECT stream, position, fact_no FROM compensation.stream_head) AS heads");
}

const char *system_digest(const struct system *system)
{
    return system_sql(
        system, "SELECT md5(string_agg(table_schema || '.' || table_name || ' ' ||"
                " query_to_xml(format('SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text))"
                " FROM %I.%I AS t', table_schema, table_name), false, true, '')::text, chr(10)"
                " ORDER BY table_schema, table_name)) FROM information_schema.tables"
                " WHERE table_schema IN ('intake', 'compliance', 'compensation')"
                " AND table_type = 'BASE TABLE'");
}

void system_show_logs(const struct system *system)
{
    for (int part = 0; part < SERVICES; part++)
        process_log_show(log_path(system, (enum part)part));
}

__attribute__((noreturn)) static void fail_system(struct system *system, const char *what,
                                                  const struct niva_error *err)
{
    system->given_up = true;
    system_show_logs(system);
    system_free(system);
    give_up("%s: %s: %s %s(%s)", what, niva_code_name((int)err->code), err->text_en,
            err->violation_count > 0 ? err->violations[0].field : "", err->cause);
}

/* ---- calls ---- */

bool system_send(struct system *system, const char *name, ProtobufCMessage *request,
                 const struct niva_rpc_options *options, struct niva_arena *arena,
                 ProtobufCMessage **ret_reply, struct niva_error *err)
{
    static const struct niva_rpc_options plain = {.timeout_ms = CALL_MS, .recorded_at = INT64_MIN};
    struct method method;

    if (!method_find(name, &method) || method.service == ANY_SERVICE)
        give_up("no single service has %s", name);
    niva_error_clear(err);
    return request_give_id(request, niva_uuid_v7(niva_clock_now()), arena, err) &&
           niva_rpc_call(system->clients[method.service], method.name, request, method.type->output,
                         options == NULL ? &plain : options, arena, ret_reply, NULL, err);
}

bool system_call(struct system *system, const char *name, const char *json,
                 const struct niva_rpc_options *options, struct niva_arena *arena,
                 ProtobufCMessage **ret_reply, struct niva_error *err)
{
    char *quoted = niva_arena_strdup(arena, json);
    ProtobufCMessage *request;
    struct method method;

    if (quoted == NULL || !method_find(name, &method))
        give_up("no method %s", name);
    for (char *c = quoted; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    niva_error_clear(err);
    if (!niva_json_parse(method.type->input, quoted, strlen(quoted), arena, &request, err))
        give_up("%s is no %s: %s", json, method.type->input->name, err->text_en);
    return system_send(system, name, request, options, arena, ret_reply, err);
}

ProtobufCMessage *system_tell(struct system *system, struct niva_arena *arena, const char *method,
                              const char *json, ...)
{
    char text[8192];
    va_list arguments;
    struct niva_error err;
    ProtobufCMessage *reply;
    int length;

    va_start(arguments, json);
    length = vsnprintf(text, sizeof text, json, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text)
        give_up("%s: the request is too long", method);
    if (!system_call(system, method, text, NULL, arena, &reply, &err))
        fail_system(system, method, &err);
    return reply;
}

void system_wait(struct system *system)
{
    const struct wait wait = {
        .last = COMPENSATION, .deadline_ms = niva_clock_monotonic_ms() + READY_MS, .patient = true};
    struct niva_error err;

    niva_error_clear(&err);
    if (!wait_applied(&system->session, &wait, &err))
        fail_system(system, "waiting until all is applied", &err);
}

static void service_begin_day(struct system *system, enum part part, niva_day day,
                              niva_instant recorded_at)
{
    const struct niva_rpc_options options = {.timeout_ms = CALL_MS, .recorded_at = recorded_at};
    Niva__Control__V1__MoveTodayRequest request = NIVA__CONTROL__V1__MOVE_TODAY_REQUEST__INIT;
    struct niva_arena *arena = niva_arena_new(REPLY_BYTES_MAX);
    ProtobufCMessage *reply;
    struct niva_error err;
    char request_id[37];
    char text[16];

    niva_error_clear(&err);
    niva_day_format(day, text);
    niva_uuid_format(niva_uuid_v7(niva_clock_now()), request_id);
    request.request_id = request_id;
    request.day = text;
    if (arena == NULL ||
        !niva_rpc_call(system->clients[part], "/niva.control.v1.ControlService/MoveToday",
                       &request.base, &niva__control__v1__move_today_response__descriptor, &options,
                       arena, &reply, NULL, &err))
        fail_system(system, "moving the day", &err);
    niva_arena_free(arena);
}

void system_begin_day(struct system *system, niva_day day, niva_instant recorded_at)
{
    service_begin_day(system, PART_INTAKE, day, recorded_at);
    service_begin_day(system, PART_COMPLIANCE, day, recorded_at);
}

void system_today(struct system *system, const char *text)
{
    niva_day day;

    if (!niva_day_parse(text, &day))
        give_up("%s is no day", text);
    system_begin_day(system, day, INT64_MIN);
    system_wait(system);
}

/* ---- parts ---- */

static bool service_ready(struct niva_rpc_client *client, struct niva_error *err)
{
    static const struct niva_rpc_options options = {.timeout_ms = 5000, .recorded_at = INT64_MIN};
    Niva__Control__V1__GetStatusRequest request = NIVA__CONTROL__V1__GET_STATUS_REQUEST__INIT;
    struct niva_arena *arena = niva_arena_new(REPLY_BYTES_MAX);
    ProtobufCMessage *reply;
    bool ready;

    if (arena == NULL)
        give_up("no memory");
    niva_error_clear(err);
    ready = niva_rpc_call(client, "/niva.control.v1.ControlService/GetStatus", &request.base,
                          &niva__control__v1__get_status_response__descriptor, &options, arena,
                          &reply, NULL, err) &&
            ((Niva__Control__V1__GetStatusResponse *)reply)->ready;
    niva_arena_free(arena);
    return ready;
}

struct niva_rpc_client *system_replica_client(struct system *system, enum part part, int number)
{
    struct niva_rpc_client **client = &system->alone[part][number - 1];
    char url[NIVA_URL_SIZE];
    struct niva_error err;

    if (*client != NULL)
        return *client;
    if (!niva_replica_url(system_url(system, part, "user"), number, url))
        give_up("no address for replica %d", number);
    *client = niva_rpc_client_new_alone(url, &err);
    if (*client == NULL)
        fail_system(system, "opening a client", &err);
    return *client;
}

static void service_wait(struct system *system, enum part part, int number,
                         struct niva_rpc_client *client)
{
    int64_t deadline_ms = niva_clock_monotonic_ms() + READY_MS;
    struct niva_error err;

    while (!service_ready(client, &err)) {
        if (process_wait(system->services[part][number - 1], GLANCE_MS, NULL))
            fail_system(system, "a service ended before it was ready", &err);
        if (niva_clock_monotonic_ms() > deadline_ms)
            fail_system(system, "a service is not ready in time", &err);
    }
}

void system_wait_replica(struct system *system, enum part part, int number)
{
    service_wait(system, part, number, system_replica_client(system, part, number));
}

void system_wait_ready(struct system *system, enum part part)
{
    service_wait(system, part, 1, system->clients[part]);
}

struct process *system_process(struct system *system, enum part part, int number)
{
    return system->services[part][number - 1];
}

/* What a test says in its own words stands instead of what is usual. */
static bool said(const char *const *extra, const char *name)
{
    for (size_t i = 0; extra != NULL && extra[i] != NULL; i++)
        if (strcmp(extra[i], name) == 0)
            return true;
    return false;
}

static void service_arguments(const struct system *system, enum part part, const char *const *extra,
                              const char *ret_arguments[ARGUMENTS_MAX])
{
    static char program[160];
    static char database[160];
    char role[32];
    size_t count = 0;

    snprintf(program, sizeof program, BUILD_ROOT "/services/%s/niva-%s", part_name(part),
             part_name(part));
    snprintf(role, sizeof role, "niva_%s", part_name(part));
    snprintf(database, sizeof database, "%s", system_conninfo(system, role));
    ret_arguments[count++] = program;
    if (!said(extra, "--database")) {
        ret_arguments[count++] = "--database";
        ret_arguments[count++] = database;
    }
    ret_arguments[count++] = "--run-dir";
    ret_arguments[count++] = system->directory;
    ret_arguments[count++] = "--region";
    ret_arguments[count++] = "99";
    if (system->rehearsal)
        ret_arguments[count++] = "--rehearsal";
    for (size_t i = 0; extra != NULL && extra[i] != NULL && count < ARGUMENTS_MAX - 1; i++)
        ret_arguments[count++] = extra[i];
    ret_arguments[count] = NULL;
}

void system_launch_replica(struct system *system, enum part part, int number,
                           const char *const *extra)
{
    struct process **process = &system->services[part][number - 1];
    const char *arguments[ARGUMENTS_MAX];
    char text[8];
    size_t count = 0;

    service_arguments(system, part, extra, arguments);
    while (arguments[count] != NULL)
        count++;
    snprintf(text, sizeof text, "%d", number);
    if (count + 3 > ARGUMENTS_MAX)
        give_up("too many arguments");
    arguments[count++] = "--replica";
    arguments[count++] = text;
    arguments[count] = NULL;
    process_free(*process);
    *process = process_start(arguments, log_path(system, part));
}

void system_launch(struct system *system, enum part part, const char *const *extra)
{
    system_launch_replica(system, part, 1, extra);
}

void system_start(struct system *system, enum part part, const char *const *extra)
{
    if (part == PART_DATABASE) {
        cluster_start(system->cluster);
        return;
    }
    system_launch(system, part, extra);
    system_wait_ready(system, part);
}

void system_kill_replica(struct system *system, enum part part, int number)
{
    process_end(system->services[part][number - 1], SIGKILL);
}

void system_kill(struct system *system, enum part part)
{
    if (part == PART_DATABASE)
        cluster_kill(system->cluster);
    else
        system_kill_replica(system, part, 1);
}

void system_stop(struct system *system, enum part part)
{
    int status;

    if (part == PART_DATABASE) {
        cluster_stop(system->cluster);
        return;
    }
    status = process_end(system->services[part][0], SIGTERM);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    process_log_show(log_path(system, part));
    give_up("niva-%s did not end well: status %d", part_name(part), status);
}

/* ---- the whole ---- */

static void service_migrate(struct system *system, enum part part)
{
    char program[160];
    char database[160];
    char role[32];
    const char *arguments[] = {program, "migrate", "--database", database, NULL};
    struct process *process;
    int status = -1;

    snprintf(program, sizeof program, BUILD_ROOT "/services/%s/niva-%s", part_name(part),
             part_name(part));
    snprintf(role, sizeof role, "niva_%s_owner", part_name(part));
    snprintf(database, sizeof database, "%s", system_conninfo(system, role));
    process = process_start(arguments, log_path(system, part));
    if (process_wait(process, READY_MS, &status) && status == 0) {
        process_free(process);
        return;
    }
    process_log_show(log_path(system, part));
    give_up("%s migrate: status %d", program, status);
}

static void session_begin(struct system *system)
{
    const struct options options = {
        .lang = "en",
        .output = "table",
        .run_dir = system->directory,
        .as = "",
        .timeout = READY_MS / 1000,
        .group = "fysioterapeut",
        .region = "",
        .known_at = "",
        .data = "",
        .service = "",
        .unit = "",
        .kind = "",
        .state = "",
        .open_on = "",
    };

    if (!session_open(&system->session, &options, stderr, stderr))
        give_up("no memory");
}

static void clients_open(struct system *system)
{
    struct niva_error err;

    for (int part = 0; part < SERVICES; part++) {
        system->clients[part] =
            niva_rpc_client_new(system_url(system, (enum part)part, "user"), &err);
        if (system->clients[part] == NULL)
            fail_system(system, "opening a client", &err);
    }
}

struct system *system_new(bool rehearsal)
{
    struct system *system = calloc(1, sizeof *system);

    if (system == NULL)
        give_up("no memory");
    system->rehearsal = rehearsal;
    snprintf(system->directory, sizeof system->directory, "/tmp/niva-system-XXXXXX");
    if (mkdtemp(system->directory) == NULL)
        give_up("mkdtemp: %s", strerror(errno));
    system->cluster = cluster_new();
    session_begin(system);
    for (int part = 0; part < SERVICES; part++) {
        service_migrate(system, (enum part)part);
        system_launch(system, (enum part)part, NULL);
    }
    clients_open(system);
    for (int part = 0; part < SERVICES; part++)
        system_wait_ready(system, (enum part)part);
    return system;
}

static int entry_remove(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status;
    (void)kind;
    (void)at;
    return remove(path);
}

/* What ended is started again: a proof needs all of it. */
static void parts_revive(struct system *system)
{
    for (int part = 0; part < SERVICES; part++)
        if (system->services[part][0] == NULL || process_wait(system->services[part][0], 0, NULL))
            system_launch(system, (enum part)part, NULL);
    for (int part = 0; part < SERVICES; part++)
        system_wait_ready(system, (enum part)part);
}

void system_verify(struct system *system)
{
    static const char *const arguments[] = {"verify", "--lang", "en", NULL};
    static char output[PROOF_BYTES];
    int code;

    parts_revive(system);
    code = system_run(system, "services/nivactl/nivactl", arguments, output, sizeof output);
    if (code == 0)
        return;
    system->given_up = true;
    system_show_logs(system);
    fprintf(stderr, "%s\n", output);
    system_free(system);
    give_up("the system does not prove itself: nivactl verify: exit code %d", code);
}

struct system *system_free(struct system *system)
{
    if (system == NULL)
        return NULL;
    if (!system->given_up)
        system_verify(system);
    session_close(&system->session);
    for (int part = 0; part < SERVICES; part++) {
        niva_rpc_client_free(system->clients[part]);
        for (int i = 0; i < NIVA_REPLICAS_MAX; i++) {
            niva_rpc_client_free(system->alone[part][i]);
            process_free(system->services[part][i]);
        }
    }
    cluster_free(system->cluster);
    if (nftw(system->directory, entry_remove, 16, FTW_DEPTH | FTW_PHYS) != 0)
        give_up("%s: %s", system->directory, strerror(errno));
    free(system);
    return NULL;
}

struct system *system_discard(struct system *system)
{
    system->given_up = true;
    return system_free(system);
}

/* ---- programs ---- */

static void output_read(const char *path, char *ret_output, size_t size)
{
    FILE *file = fopen(path, "re");
    size_t length = file == NULL ? 0 : fread(ret_output, 1, size - 1, file);

    ret_output[length] = '\0';
    if (file != NULL)
        fclose(file);
    unlink(path);
}

int system_run(struct system *system, const char *program, const char *const *arguments,
               char *ret_output, size_t size)
{
    const char *all[ARGUMENTS_MAX] = {NULL};
    struct process *process;
    char path[64];
    char name[160];
    size_t count = 0;
    int status = -1;

    snprintf(name, sizeof name, BUILD_ROOT "/%s", program);
    snprintf(path, sizeof path, "%s/output", system->directory);
    all[count++] = name;
    for (size_t i = 0; arguments[i] != NULL && count < ARGUMENTS_MAX - 3; i++)
        all[count++] = arguments[i];
    all[count++] = "--run-dir";
    all[count++] = system->directory;
    process = process_start(all, path);
    if (!process_wait(process, RUN_MS, &status)) {
        process_log_show(path);
        system_show_logs(system);
        give_up("%s %s does not end", program, arguments[0]);
    }
    process_free(process);
    output_read(path, ret_output, size);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
