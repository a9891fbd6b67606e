/* Two replicas of each service on one database. When one is killed, or stopped, even in the middle
 * of a transaction that holds the head of the stream, a caller's command is carried out by the
 * other within five seconds, once. Both say the same of today, whatever the clock zone of their
 * surroundings, and each day begins once. */
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "services/common/base/clock.h"
#include "tests/support/load.h"
#include "tests/support/process.h"
#include "tests/support/proxy.h"

#define UNIT "SE2321000016-LAST00"

enum {
    SEED = 11,
    SERVICES = 3,
    REPLICAS = 2,
    CLIENTS = 4,
    ROUNDS = 2,
    OVER_MS = 5000, /* what is promised */
    CALL_MS = 30000,
    PROGRESS_MS = 60000,
    BETWEEN = 20,
    STOPS = 6,
    ARENA_BYTES = 1 << 20,
};

struct site {
    struct system *system;
    unsigned requests;
    niva_day first_day;
    niva_day day;
};

static void replica_start(struct site *site, enum part part, int number)
{
    system_launch_replica(site->system, part, number, NULL);
    system_wait_replica(site->system, part, number);
}

/* ---- commands ---- */

static const char *const methods[SERVICES] = {
    "niva.intake.v1.ReportService/SubmitReport",
    "niva.compliance.v1.FindingService/PutFinding",
    "niva.compensation.v1.ComponentService/PutComponent",
};

static const char *const bodies[SERVICES] = {
    "'report': {'unit': '" UNIT "', 'professionGroup': 'fysioterapeut',"
    " 'effectiveFrom': '2022-01-01'}",
    "'finding': {'unit': '" UNIT "', 'professionGroup': 'fysioterapeut',"
    " 'firstDay': '2022-02-01', 'lastDay': '2022-02-03', 'countedMilli': 500,"
    " 'evidence': 'Besök (fiktivt)', 'caseNumber': 'FIKTIV-1'}",
    "'component': {'component': 'fysioterapi', 'unit': '" UNIT "',"
    " 'professionGroup': 'fysioterapeut', 'firstDay': '2022-03-01', 'monthlyOre': '1000000',"
    " 'regulated': true}",
};

static const char *const kinds[SERVICES] = {"report", "finding", "component"};

static int facts_count(struct site *site, enum part part)
{
    char sql[160];

    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM %s.fact WHERE kind = '%s' AND unit = '" UNIT "'",
             service_name((enum service)part), kinds[part]);
    return atoi(system_sql(site->system, sql));
}

struct command {
    struct system *system;
    pthread_t thread;
    const char *method;
    char json[512];
    int64_t took_ms;
    bool good;
    struct niva_error err;
};

/* One call, as any client makes it: that it is sent again is not the caller's affair. */
static void *command_run(void *argument)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    struct command *command = argument;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    int64_t since_ms = niva_clock_monotonic_ms();
    ProtobufCMessage *reply;

    if (arena == NULL)
        give_up("no memory");
    command->good = system_call(command->system, command->method, command->json, &options, arena,
                                &reply, &command->err);
    command->took_ms = niva_clock_monotonic_ms() - since_ms;
    niva_arena_free(arena);
    return NULL;
}

static struct command command_new(struct site *site, enum part part)
{
    struct command command = {.system = site->system, .method = methods[part]};

    snprintf(command.json, sizeof command.json,
             "{'requestId': '0190163d-8694-739b-aea5-%012u', %s}", ++site->requests, bodies[part]);
    return command;
}

static void over_check(struct site *site, const struct command *command, const char *what)
{
    printf("%s: %s after %" PRId64 " ms\n", what, command->method, command->took_ms);
    if (command->good && command->took_ms < OVER_MS)
        return;
    system_show_logs(site->system);
    fail_msg("%s: expected OK within 5 s, actual %s after %" PRId64 " ms: %s", what,
             command->good ? "OK" : niva_code_name((int)command->err.code), command->took_ms,
             command->good ? "" : command->err.text_en);
}

/* ---- fail-over ---- */

/* Whichever replica the client speaks with: one of the two kills meets it. */
static void when_one_is_killed_the_other_takes_over(void **state)
{
    struct site *site = *state;

    for (int part = 0; part < SERVICES; part++) {
        int before = facts_count(site, (enum part)part);

        for (int i = 0; i < ROUNDS * REPLICAS; i++) {
            int number = 1 + i % REPLICAS;
            struct command command = command_new(site, (enum part)part);

            system_kill_replica(site->system, (enum part)part, number);
            command_run(&command);
            over_check(site, &command, "a replica is killed");
            replica_start(site, (enum part)part, number);
        }
        assert_int_equal(facts_count(site, (enum part)part), before + ROUNDS * REPLICAS);
    }
}

/* Stopped, it neither answers nor hangs up. */
static void when_one_is_stopped_the_other_takes_over(void **state)
{
    struct site *site = *state;

    for (int number = 1; number <= REPLICAS; number++) {
        struct process *process = system_process(site->system, PART_INTAKE, number);
        struct command command = command_new(site, PART_INTAKE);
        int before = facts_count(site, PART_INTAKE);

        process_signal(process, SIGSTOP);
        command_run(&command);
        process_signal(process, SIGCONT);
        over_check(site, &command, "a replica is stopped");
        assert_int_equal(facts_count(site, PART_INTAKE), before + 1);
    }
}

/* Replica 1 alone is there, behind a proxy that sticks at its next COMMIT: a transaction stays
 * open, with the head of the stream locked and half of a round trip sent. Then the other one comes.
 */
static struct proxy *replica_stick(struct site *site, struct command *command)
{
    struct proxy *proxy;
    char database[256];
    char directory[160];

    assert_int_equal(sscanf(system_conninfo(site->system, "niva_intake"), "host=%159s", directory),
                     1);
    proxy = proxy_new(directory);
    snprintf(database, sizeof database, "host=%s port=5432 dbname=niva user=niva_intake",
             proxy_directory(proxy));
    for (int number = 1; number <= REPLICAS; number++)
        system_kill_replica(site->system, PART_INTAKE, number);
    system_launch_replica(site->system, PART_INTAKE, 1,
                          (const char *const[]){"--database", database, NULL});
    system_wait_replica(site->system, PART_INTAKE, 1);
    *command = command_new(site, PART_INTAKE);
    proxy_arm(proxy, PROXY_STICK);
    assert_int_equal(pthread_create(&command->thread, NULL, command_run, command), 0);
    while (proxy_cuts(proxy) == 0)
        ;
    return proxy;
}

static void in_the_middle_of_a_transaction(struct site *site, int signal, const char *what)
{
    int before = facts_count(site, PART_INTAKE);
    struct command command;
    struct command other = command_new(site, PART_INTAKE);
    struct proxy *proxy = replica_stick(site, &command);
    struct process *process = system_process(site->system, PART_INTAKE, 1);

    system_launch_replica(site->system, PART_INTAKE, 2, NULL);
    system_wait_replica(site->system, PART_INTAKE, 2);
    process_signal(process, signal);
    command_run(&other);
    over_check(site, &other, what);
    pthread_join(command.thread, NULL);
    if (!command.good)
        fail_msg("%s: the command that was cut off: expected OK, actual %s after %" PRId64
                 " ms: %s (%s)",
                 what, niva_code_name((int)command.err.code), command.took_ms, command.err.text_en,
                 command.err.cause);
    printf("%s: the command that was cut off after %" PRId64 " ms\n", what, command.took_ms);
    proxy_free(proxy);
    process_signal(process, SIGCONT);
    process_end(process, SIGKILL);
    replica_start(site, PART_INTAKE, 1);
    assert_int_equal(facts_count(site, PART_INTAKE), before + 2);
}

static void also_when_it_was_killed_in_a_transaction(void **state)
{
    in_the_middle_of_a_transaction(*state, SIGKILL, "killed in a transaction");
}

static void also_when_it_was_stopped_in_a_transaction(void **state)
{
    in_the_middle_of_a_transaction(*state, SIGSTOP, "stopped in a transaction");
}

/* Replicas drawn are stopped for a while under load, wherever they are. */
static void stops_under_load_lose_nothing(void **state)
{
    struct site *site = *state;
    struct load *load = load_start(site->system, CLIENTS, SEED);
    size_t acknowledged = 0;
    size_t other = 0;

    for (int i = 0; i < STOPS; i++) {
        enum part part = (enum part)(i % SERVICES);
        struct process *process = system_process(site->system, part, 1 + i / SERVICES % REPLICAS);
        struct command command = command_new(site, part);

        if (!load_wait(load, load_acknowledged(load) + BETWEEN, PROGRESS_MS))
            fail_msg("the clients come no further: %s", load_failure(load));
        process_signal(process, SIGSTOP);
        command_run(&command);
        process_signal(process, SIGCONT);
        over_check(site, &command, "stopped under load");
    }
    load_stop(load);
    assert_string_equal(load_failure(load), "");
    for (const struct load_command *command;
         (command = load_command_at(load, acknowledged)) != NULL; acknowledged++)
        other += load_replay(site->system, command) ? 0 : 1;
    assert_int_equal(other, 0);
    load_free(load);
}

/* ---- today ---- */

static const char *today_of(struct site *site, int number, struct niva_arena *arena)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    Niva__Compliance__V1__GetBusinessDayRequest request =
        NIVA__COMPLIANCE__V1__GET_BUSINESS_DAY_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    if (!niva_rpc_call(system_replica_client(site->system, PART_COMPLIANCE, number),
                       "/niva.compliance.v1.ComplianceService/GetBusinessDay", &request.base,
                       &niva__compliance__v1__get_business_day_response__descriptor, &options,
                       arena, &reply, NULL, &err))
        fail_msg("%s", err.text_en);
    return ((const Niva__Compliance__V1__GetBusinessDayResponse *)reply)->day;
}

static void day_move(struct site *site, int number, niva_day day, struct niva_arena *arena)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    Niva__Control__V1__MoveTodayRequest request = NIVA__CONTROL__V1__MOVE_TODAY_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;
    char request_id[37];
    char text[16];

    niva_day_format(day, text);
    niva_uuid_format(niva_uuid_v7(niva_clock_now()), request_id);
    request.request_id = request_id;
    request.day = text;
    if (!niva_rpc_call(system_replica_client(site->system, PART_COMPLIANCE, number),
                       "/niva.control.v1.ControlService/MoveToday", &request.base,
                       &niva__control__v1__move_today_response__descriptor, &options, arena, &reply,
                       NULL, &err))
        fail_msg("%s", err.text_en);
}

/* Moved through either replica, both say so; each day between has begun once. */
static void there_is_one_today(void **state)
{
    struct site *site = *state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    char days[16];

    assert_non_null(arena);
    for (int i = 0; i < 8; i++) {
        char wanted[16];

        niva_arena_reset(arena);
        site->day += 5;
        day_move(site, 1 + i % REPLICAS, site->day, arena);
        system_wait(site->system);
        niva_day_format(site->day, wanted);
        for (int number = 1; number <= REPLICAS; number++)
            assert_string_equal(today_of(site, number, arena), wanted);
    }
    snprintf(days, sizeof days, "%d", (int)(site->day - site->first_day) + 1);
    assert_string_equal(system_sql(site->system, "SELECT count(*) FROM compliance.event"
                                                 " WHERE type = 'se.niva.compliance.day.begun.v1'"),
                        days);
    niva_arena_free(arena);
}

static struct system *pair_new(bool rehearsal)
{
    struct system *system = system_new(rehearsal);

    for (int part = 0; part < SERVICES; part++)
        system_launch_replica(system, (enum part)part, 2, NULL);
    for (int part = 0; part < SERVICES; part++)
        system_wait_replica(system, (enum part)part, 2);
    return system;
}

/* Outside a rehearsal the day is the database's, wherever a replica believes to be. Should a day
 * end meanwhile, there are two. */
static void the_zone_of_a_process_is_no_second_opinion(void **state)
{
    struct site alone = {0};
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    char first[16];
    int begun;

    (void)state;
    assert_non_null(arena);
    setenv("TZ", "Pacific/Kiritimati", 1);
    alone.system = pair_new(false);
    unsetenv("TZ");
    system_wait(alone.system);
    snprintf(first, sizeof first, "%s",
             system_sql(alone.system, "SELECT (now() AT TIME ZONE 'Europe/Stockholm')::date"));
    for (int number = 1; number <= REPLICAS; number++)
        if (strcmp(today_of(&alone, number, arena), first) != 0)
            assert_string_not_equal(
                system_sql(alone.system, "SELECT (now() AT TIME ZONE 'Europe/Stockholm')::date"),
                first);
    begun = atoi(system_sql(alone.system, "SELECT count(*) FROM compliance.event WHERE type ="
                                          " 'se.niva.compliance.day.begun.v1'"));
    assert_in_range(begun, 1, 2);
    system_free(alone.system);
    niva_arena_free(arena);
}

int main(void)
{
    struct site site = {.first_day = niva_day_from_civil(2022, 6, 1)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(when_one_is_killed_the_other_takes_over, &site),
        cmocka_unit_test_prestate(when_one_is_stopped_the_other_takes_over, &site),
        cmocka_unit_test_prestate(also_when_it_was_killed_in_a_transaction, &site),
        cmocka_unit_test_prestate(also_when_it_was_stopped_in_a_transaction, &site),
        cmocka_unit_test_prestate(stops_under_load_lose_nothing, &site),
        cmocka_unit_test_prestate(there_is_one_today, &site),
        cmocka_unit_test(the_zone_of_a_process_is_no_second_opinion),
    };
    int failed;

    site.system = pair_new(true);
    site.day = site.first_day;
    system_begin_day(site.system, site.day, INT64_MIN);
    load_prepare(site.system);
    system_wait(site.system);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(site.system);
    system_free(site.system);
    return failed ? 1 : 0;
}
