/* SIGTERM: what was accepted is finished, the rest is refused in two languages, and the service
 * ends well within ten seconds, whoever hangs: a lock, a database, a client, a read that waits.
 * Nothing is lost, nothing is done twice. */
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "tests/support/load.h"
#include "tests/support/process.h"
#include "tests/support/proxy.h"
#include "tests/support/slow.h"

#define UNIT        "SE2321000016-LAST00"
#define SUBMIT      "niva.intake.v1.ReportService/SubmitReport"
#define GET_STATUS  "/niva.control.v1.ControlService/GetStatus"
#define LIST_UNITS  "niva.intake.v1.UnitService/ListUnits"
#define CALLING_SQL "SELECT count(*) FROM pg_stat_activity WHERE application_name = "

enum {
    SEED = 7,
    CLIENTS = 32,
    SERVICES = 3,
    BEFORE = 60, /* acknowledged commands before a service is told to end */
    PROGRESS_MS = 60000,
    END_MS = 10000,
    CALL_MS = 30000,
    SLOW_CALLS = 2000,
    GLANCE_MS = 5,
    ARENA_BYTES = 1 << 20,
};

struct site {
    struct system *system;
    unsigned requests;
};

/* ---- the end of a service ---- */

static void end_check(struct site *site, enum part part, int64_t since_ms, const char *what)
{
    struct process *process = system_process(site->system, part, 1);
    int left_ms = (int)(since_ms + END_MS - niva_clock_monotonic_ms());
    int status = -1;

    if (!process_wait(process, left_ms > 0 ? left_ms : 0, &status)) {
        system_show_logs(site->system);
        fail_msg("%s: expected %s to end within 10 s, actual: it runs", what,
                 service_name((enum service)part));
    }
    printf("%s: %s ended after %lld ms\n", what, service_name((enum service)part),
           (long long)(niva_clock_monotonic_ms() - since_ms));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        system_show_logs(site->system);
        fail_msg("%s: expected exit code 0, actual status %d", what, status);
    }
}

static int64_t term(struct site *site, enum part part)
{
    int64_t now_ms = niva_clock_monotonic_ms();

    process_signal(system_process(site->system, part, 1), SIGTERM);
    return now_ms;
}

/* ---- calls on threads of their own ---- */

struct caller {
    struct system *system;
    pthread_t thread;
    const char *method;
    char json[320];
    bool good;
    struct niva_error err;
};

static void *caller_run(void *argument)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    struct caller *caller = argument;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    ProtobufCMessage *reply;

    if (arena == NULL)
        give_up("no memory");
    caller->good = system_call(caller->system, caller->method, caller->json, &options, arena,
                               &reply, &caller->err);
    niva_arena_free(arena);
    return NULL;
}

static void caller_start(struct caller *caller, struct site *site, const char *method,
                         const char *json)
{
    *caller = (struct caller){.system = site->system, .method = method};
    snprintf(caller->json, sizeof caller->json, "%s", json);
    assert_int_equal(pthread_create(&caller->thread, NULL, caller_run, caller), 0);
}

static void report_start(struct caller *caller, struct site *site)
{
    char json[320];

    snprintf(json, sizeof json,
             "{'requestId': '0190163d-8694-739b-aea5-%012u', 'report': {'unit': '" UNIT
             "', 'professionGroup': 'fysioterapeut', 'effectiveFrom': '2022-01-01'}}",
             ++site->requests);
    caller_start(caller, site, SUBMIT, json);
}

static void refused_check(struct caller *caller, const char *what)
{
    pthread_join(caller->thread, NULL);
    if (caller->good)
        fail_msg("%s: expected UNAVAILABLE, actual OK", what);
    if (caller->err.code != NIVA_UNAVAILABLE)
        fail_msg("%s: expected UNAVAILABLE, actual %s: %s (%s)", what,
                 niva_code_name((int)caller->err.code), caller->err.text_en, caller->err.cause);
    if (strlen(caller->err.text_sv) < 10 || strlen(caller->err.text_en) < 10)
        fail_msg("%s: expected a sentence, actual \"%s\"", what, caller->err.text_en);
}

/* ---- waiting for what can be seen in the database ---- */

static void sql_await(struct site *site, const char *sql, const char *wanted)
{
    int64_t until_ms = niva_clock_monotonic_ms() + PROGRESS_MS;

    while (strcmp(system_sql(site->system, sql), wanted) != 0) {
        if (niva_clock_monotonic_ms() > until_ms)
            fail_msg("%s: expected %s, actual %s", sql, wanted, system_sql(site->system, sql));
        poll(NULL, 0, GLANCE_MS);
    }
}

static int reports_count(struct site *site)
{
    return atoi(system_sql(site->system, "SELECT count(*) FROM intake.fact WHERE kind = 'report'"
                                         " AND unit = '" UNIT "'"));
}

static PGconn *head_lock(struct site *site, const char *schema)
{
    PGconn *conn = PQconnectdb(system_conninfo(site->system, "postgres"));
    char sql[128];
    PGresult *result;

    snprintf(sql, sizeof sql, "BEGIN; SELECT position FROM %s.stream_head FOR UPDATE", schema);
    result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s", PQerrorMessage(conn));
    PQclear(result);
    return conn;
}

static void head_unlock(PGconn *conn)
{
    PQclear(PQexec(conn, "COMMIT"));
    PQfinish(conn);
}

/* ---- under load ---- */

static void load_go_on(struct site *site, struct load *load)
{
    if (load_wait(load, load_acknowledged(load) + BEFORE, PROGRESS_MS))
        return;
    system_show_logs(site->system);
    fail_msg("the clients come no further: %s", load_failure(load));
}

static void nothing_is_lost(struct site *site, const struct load *load)
{
    size_t acknowledged = 0;
    size_t other = 0;

    for (const struct load_command *command;
         (command = load_command_at(load, acknowledged)) != NULL; acknowledged++)
        other += load_replay(site->system, command) ? 0 : 1;
    assert_int_equal(other, 0);
    assert_int_equal(
        atoi(
            system_sql(site->system,
                       "SELECT (SELECT count(*) FROM intake.request WHERE principal LIKE 'fiktiv%')"
                       " + (SELECT count(*) FROM compliance.request WHERE principal LIKE"
                       " 'fiktiv%') + (SELECT count(*) FROM compensation.request WHERE principal"
                       " LIKE 'fiktiv%')")),
        (int)acknowledged);
    printf("%zu commands were acknowledged, and are there once\n", acknowledged);
}

/* The consumers are in the middle of their streams then, too. */
static void under_load_every_service_ends_and_loses_nothing(void **state)
{
    struct site *site = *state;
    struct load *load = load_start(site->system, CLIENTS, SEED);

    for (int part = 0; part < SERVICES; part++) {
        int64_t since_ms;

        load_go_on(site, load);
        since_ms = term(site, (enum part)part);
        end_check(site, (enum part)part, since_ms, "under load");
        system_start(site->system, (enum part)part, NULL);
    }
    load_go_on(site, load);
    load_stop(load);
    assert_string_equal(load_failure(load), "");
    nothing_is_lost(site, load);
    load_free(load);
    system_wait(site->system);
}

/* ---- while somebody hangs ---- */

/* A command waits for a lock: the service does not, and what comes meanwhile is refused. */
static void a_lock_delays_nobody_for_long(void **state)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    struct site *site = *state;
    int before = reports_count(site);
    PGconn *lock = head_lock(site, "intake");
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    ProtobufCMessage *reply;
    struct niva_error err;
    struct caller waiting;
    int64_t since_ms;

    assert_non_null(arena);
    report_start(&waiting, site);
    sql_await(site, CALLING_SQL "'niva-intake writer' AND wait_event_type = 'Lock'", "1");
    since_ms = term(site, PART_INTAKE);
    while (system_call(site->system, LIST_UNITS, "{}", &options, arena, &reply, &err))
        niva_arena_reset(arena); /* it has not seen the signal yet */
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
    assert_true(strlen(err.text_sv) > 10 && strlen(err.text_en) > 10);
    refused_check(&waiting, "a command that waits for a lock");
    end_check(site, PART_INTAKE, since_ms, "a lock");
    head_unlock(lock);
    niva_arena_free(arena);
    system_start(site->system, PART_INTAKE, NULL);
    assert_int_equal(reports_count(site), before);
    site->requests--;
    report_start(&waiting, site); /* the same again */
    pthread_join(waiting.thread, NULL);
    assert_true(waiting.good);
    assert_int_equal(reports_count(site), before + 1);
}

/* The consumer has events in its hands that cannot be applied. */
static void a_consumer_in_the_middle_of_a_batch_ends(void **state)
{
    struct site *site = *state;
    PGconn *lock = head_lock(site, "compliance");
    struct caller caller;
    int64_t since_ms;

    report_start(&caller, site);
    pthread_join(caller.thread, NULL);
    assert_true(caller.good);
    sql_await(site, CALLING_SQL "'niva-compliance writer' AND wait_event_type = 'Lock'", "1");
    since_ms = term(site, PART_COMPLIANCE);
    end_check(site, PART_COMPLIANCE, since_ms, "a consumer's batch");
    head_unlock(lock);
    system_start(site->system, PART_COMPLIANCE, NULL);
    system_wait(site->system);
}

static void a_read_that_waits_is_told(void **state)
{
    struct site *site = *state;
    struct caller caller;
    int64_t since_ms;

    caller_start(&caller, site, LIST_UNITS,
                 "{'after': [{'stream': 'intake', 'position': '900000000'}]}");
    /* a second one that comes and goes: the first was there before it */
    system_tell(site->system, system_session(site->system)->arena, LIST_UNITS, "{}");
    poll(NULL, 0, 100);
    since_ms = term(site, PART_INTAKE);
    refused_check(&caller, "a read that waits");
    end_check(site, PART_INTAKE, since_ms, "a waiting read");
    system_start(site->system, PART_INTAKE, NULL);
}

/* The database says nothing more: to the writer, to readers, and to those who wait for a position.
 */
static void a_database_that_hangs_delays_nobody_for_long(void **state)
{
    struct site *site = *state;
    struct proxy *proxy;
    char database[256];
    char directory[160];
    struct caller callers[4];
    int before = reports_count(site);
    int64_t since_ms;

    snprintf(database, sizeof database, "%s", system_conninfo(site->system, "niva_intake"));
    assert_int_equal(sscanf(database, "host=%159s", directory), 1);
    proxy = proxy_new(directory);
    snprintf(database, sizeof database, "host=%s port=5432 dbname=niva user=niva_intake",
             proxy_directory(proxy));
    system_stop(site->system, PART_INTAKE);
    system_start(site->system, PART_INTAKE, (const char *const[]){"--database", database, NULL});
    proxy_hold(proxy, 1);
    caller_start(&callers[0], site, LIST_UNITS,
                 "{'after': [{'stream': 'intake', 'position': '900000000'}]}");
    caller_start(&callers[1], site, LIST_UNITS, "{}");
    caller_start(&callers[2], site, LIST_UNITS, "{}");
    report_start(&callers[3], site);
    poll(NULL, 0, 300);
    since_ms = term(site, PART_INTAKE);
    for (int i = 0; i < 4; i++)
        refused_check(&callers[i], "a database that hangs");
    end_check(site, PART_INTAKE, since_ms, "a database that hangs");
    proxy_hold(proxy, 0);
    proxy_free(proxy);
    system_start(site->system, PART_INTAKE, NULL);
    assert_int_equal(reports_count(site), before);
}

/* More answers than a socket holds, and nobody reads them. */
static void a_client_that_does_not_read_delays_nobody_for_long(void **state)
{
    struct site *site = *state;
    struct slow *slow = slow_open(system_url(site->system, PART_INTAKE, "user"));
    int64_t since_ms;

    assert_non_null(slow);
    slow_call(slow, GET_STATUS, SLOW_CALLS);
    system_tell(site->system, system_session(site->system)->arena, LIST_UNITS, "{}");
    since_ms = term(site, PART_INTAKE);
    end_check(site, PART_INTAKE, since_ms, "a client that does not read");
    slow_close(slow);
    system_start(site->system, PART_INTAKE, NULL);
}

int main(void)
{
    struct site site = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(under_load_every_service_ends_and_loses_nothing, &site),
        cmocka_unit_test_prestate(a_lock_delays_nobody_for_long, &site),
        cmocka_unit_test_prestate(a_consumer_in_the_middle_of_a_batch_ends, &site),
        cmocka_unit_test_prestate(a_read_that_waits_is_told, &site),
        cmocka_unit_test_prestate(a_database_that_hangs_delays_nobody_for_long, &site),
        cmocka_unit_test_prestate(a_client_that_does_not_read_delays_nobody_for_long, &site),
    };
    int failed;

    site.system = system_new(true);
    system_begin_day(site.system, niva_day_from_civil(2022, 6, 1), INT64_MIN);
    load_prepare(site.system);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(site.system);
    system_free(site.system);
    return failed ? 1 : 0;
}
