/* The frame of a service as a process of its own: tests/db/run_toy.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "niva/compensation/v1/component.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "niva/events/v1/events.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/rpc/client.h"
#include "tests/support/cluster.h"

typedef Niva__Common__V1__StreamPosition StreamPosition;
typedef Niva__Control__V1__GetStatusResponse GetStatusResponse;

#define UNIT "SE2321000016-A1"

enum { CALL_MS = 20000, READY_MS = 30000 };

static struct cluster *cluster;

struct fixture {
    const char *database;
    char directory[64];
    char log[96];
    pid_t pid;
    struct niva_rpc_client *user;
    struct niva_rpc_client *peer;
    struct niva_arena *arena;
    int requests;
};

/* ---- the process ---- */

static pid_t toy_spawn(struct fixture *fixture, const char *role, const char *const *words)
{
    extern char **environ;
    char database[512];
    char run_dir[96];
    char *arguments[16] = {(char *)RUN_TOY, database, run_dir, (char *)"--log-level=debug"};
    posix_spawn_file_actions_t actions;
    pid_t pid;

    for (int i = 0; words[i] != NULL; i++)
        arguments[4 + i] = (char *)words[i];
    snprintf(database, sizeof database, "--database=%s",
             cluster_conninfo(cluster, fixture->database, role));
    snprintf(run_dir, sizeof run_dir, "--run-dir=%s", fixture->directory);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, fixture->log,
                                     O_CREAT | O_WRONLY | O_APPEND, 0600);
    assert_int_equal(posix_spawn(&pid, RUN_TOY, &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static int exit_of(pid_t pid)
{
    int status = -1;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int toy_run(struct fixture *fixture, const char *role, const char *const *words)
{
    return exit_of(toy_spawn(fixture, role, words));
}

static bool log_has(const struct fixture *fixture, const char *words)
{
    char bytes[65536];
    FILE *file = fopen(fixture->log, "re");
    size_t size = file == NULL ? 0 : fread(bytes, 1, sizeof bytes - 1, file);

    if (file != NULL)
        fclose(file);
    bytes[size] = '\0';
    return strstr(bytes, words) != NULL;
}

/* ---- calls ---- */

static bool call_for(struct fixture *fixture, struct niva_rpc_client *client, int timeout_ms,
                     const char *method, const ProtobufCMessage *request,
                     const ProtobufCMessageDescriptor *type, ProtobufCMessage **ret_reply,
                     struct niva_error *err)
{
    const struct niva_rpc_options options = {.timeout_ms = timeout_ms, .recorded_at = INT64_MIN};

    niva_error_clear(err);
    return niva_rpc_call(client, method, request, type, &options, fixture->arena, ret_reply, NULL,
                         err);
}

static bool get_status(struct fixture *fixture, struct niva_rpc_client *client,
                       GetStatusResponse **ret_status, struct niva_error *err)
{
    Niva__Control__V1__GetStatusRequest request = NIVA__CONTROL__V1__GET_STATUS_REQUEST__INIT;

    return call_for(fixture, client, CALL_MS, "/niva.control.v1.ControlService/GetStatus",
                    &request.base, &niva__control__v1__get_status_response__descriptor,
                    (ProtobufCMessage **)ret_status, err);
}

static GetStatusResponse *status_when(struct fixture *fixture, bool ready)
{
    int64_t until = niva_clock_monotonic_ms() + READY_MS;
    GetStatusResponse *status = NULL;
    struct niva_error err;

    while (niva_clock_monotonic_ms() < until)
        if (get_status(fixture, fixture->user, &status, &err) && status->ready == ready)
            return status;
    fail_msg("the service did not become %s: %s", ready ? "ready" : "unready", err.text_en);
    return NULL;
}

static void toy_start(struct fixture *fixture, const char *const *words)
{
    fixture->pid = toy_spawn(fixture, "niva_compensation", words);
    status_when(fixture, true);
}

static int toy_stop(struct fixture *fixture)
{
    pid_t pid = fixture->pid;

    fixture->pid = 0;
    assert_int_equal(kill(pid, SIGTERM), 0);
    return exit_of(pid);
}

static bool put(struct fixture *fixture, struct niva_rpc_client *client, const char *request_id,
                const char *component, int64_t *ret_position, struct niva_error *err)
{
    Niva__Compensation__V1__PutComponentRequest request =
        NIVA__COMPENSATION__V1__PUT_COMPONENT_REQUEST__INIT;
    Niva__Compensation__V1__Component body = NIVA__COMPENSATION__V1__COMPONENT__INIT;
    Niva__Compensation__V1__PutComponentResponse *reply;

    body.component = (char *)component;
    body.unit = (char *)UNIT;
    request.request_id = (char *)request_id;
    request.component = &body;
    if (!call_for(fixture, client, CALL_MS, "/niva.compensation.v1.ComponentService/PutComponent",
                  &request.base, &niva__compensation__v1__put_component_response__descriptor,
                  (ProtobufCMessage **)&reply, err))
        return false;
    *ret_position = reply->position;
    return true;
}

static int64_t put_new(struct fixture *fixture, const char *component)
{
    struct niva_error err;
    int64_t position = 0;
    char id[37];

    snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", ++fixture->requests);
    if (!put(fixture, fixture->user, id, component, &position, &err))
        fail_msg("PutComponent: %s (%s)", err.text_en, err.cause);
    return position;
}

static bool list_after(struct fixture *fixture, int timeout_ms, const char *unit,
                       const char *stream, int64_t position,
                       Niva__Compensation__V1__ListComponentsResponse **ret_reply,
                       struct niva_error *err)
{
    Niva__Compensation__V1__ListComponentsRequest request =
        NIVA__COMPENSATION__V1__LIST_COMPONENTS_REQUEST__INIT;
    StreamPosition after = NIVA__COMMON__V1__STREAM_POSITION__INIT;
    StreamPosition *list[] = {&after};

    after.stream = (char *)stream;
    after.position = position;
    request.unit = (char *)unit;
    request.n_after = stream == NULL ? 0 : 1;
    request.after = list;
    return call_for(fixture, fixture->user, timeout_ms,
                    "/niva.compensation.v1.ComponentService/ListComponents", &request.base,
                    &niva__compensation__v1__list_components_response__descriptor,
                    (ProtobufCMessage **)ret_reply, err);
}

static bool move_today(struct fixture *fixture, const char *day, struct niva_error *err)
{
    Niva__Control__V1__MoveTodayRequest request = NIVA__CONTROL__V1__MOVE_TODAY_REQUEST__INIT;
    ProtobufCMessage *reply;
    char id[37];

    snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", ++fixture->requests);
    request.request_id = id;
    request.day = (char *)day;
    return call_for(fixture, fixture->user, CALL_MS, "/niva.control.v1.ControlService/MoveToday",
                    &request.base, &niva__control__v1__move_today_response__descriptor, &reply,
                    err);
}

static bool read_events(struct fixture *fixture, struct niva_rpc_client *client, const char *stream,
                        const char *type, int32_t limit,
                        Niva__Events__V1__ReadEventsResponse **ret_reply, struct niva_error *err)
{
    Niva__Events__V1__ReadEventsRequest request = NIVA__EVENTS__V1__READ_EVENTS_REQUEST__INIT;
    char *types[] = {(char *)type};

    request.stream = (char *)stream;
    request.limit = limit;
    request.n_types = type == NULL ? 0 : 1;
    request.types = types;
    return call_for(fixture, client, CALL_MS, "/niva.events.v1.EventService/ReadEvents",
                    &request.base, &niva__events__v1__read_events_response__descriptor,
                    (ProtobufCMessage **)ret_reply, err);
}

/* ---- fixtures ---- */

static const char *const none[] = {NULL};

static int setup_empty(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct niva_error err;
    char url[128];

    *state = fixture;
    fixture->database = cluster_database(cluster);
    fixture->arena = niva_arena_new(64 << 20);
    snprintf(fixture->directory, sizeof fixture->directory, "/tmp/niva-run-XXXXXX");
    if (mkdtemp(fixture->directory) == NULL)
        return -1;
    snprintf(fixture->log, sizeof fixture->log, "%s/log", fixture->directory);
    snprintf(url, sizeof url, "ipc://%s/compensation.user", fixture->directory);
    fixture->user = niva_rpc_client_new(url, &err);
    snprintf(url, sizeof url, "ipc://%s/compensation.peer", fixture->directory);
    fixture->peer = niva_rpc_client_new(url, &err);
    return fixture->user == NULL || fixture->peer == NULL ? -1 : 0;
}

static int setup(void **state)
{
    static const char *const migrate[] = {"migrate", NULL};

    if (setup_empty(state) != 0)
        return -1;
    return toy_run(*state, "niva_compensation_owner", migrate);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    const char *const names[] = {"log", "compensation.user", "compensation.peer",
                                 "compensation.bell"};
    char path[128];

    if (fixture->pid > 0) {
        kill(fixture->pid, SIGKILL);
        waitpid(fixture->pid, NULL, 0);
    }
    niva_rpc_client_free(fixture->user);
    niva_rpc_client_free(fixture->peer);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", fixture->directory, names[i]);
        unlink(path);
    }
    rmdir(fixture->directory);
    niva_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

/* ---- tests ---- */

static void test_wrong_settings_are_refused(void **state)
{
    static const char *const wrong[][3] = {
        {"--region=7", NULL},          {"--region=x1", NULL},    {"--workers=0", NULL},
        {"--nonsense=1", NULL},        {"migrate", "now", NULL}, {"start", NULL},
        {"--log-level=loud", NULL},    {"--database=", NULL},    {"--run-dir=", NULL},
        {"health", "--run-dir=", NULL}};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(toy_run(*state, "niva_compensation", wrong[i]), 2);
}

static void test_a_schema_that_was_not_migrated_is_refused(void **state)
{
    static const char *const migrate[] = {"migrate", NULL};

    assert_int_equal(toy_run(*state, "niva_compensation", none), 1);
    assert_true(log_has(*state, "service.failed"));
    assert_true(log_has(*state, "FAILED_PRECONDITION"));
    assert_int_equal(toy_run(*state, "niva_compensation_owner", migrate), 0);
    assert_int_equal(toy_run(*state, "niva_compensation_owner", migrate), 0);
    assert_true(log_has(*state, "applied=0"));
    toy_start(*state, none);
    assert_int_equal(toy_stop(*state), 0);
}

static void test_a_second_copy_is_refused(void **state)
{
    struct fixture *fixture = *state;

    toy_start(fixture, none);
    assert_int_equal(toy_run(fixture, "niva_compensation", none), 1);
    assert_true(log_has(fixture, "already running"));
    status_when(fixture, true);
    assert_int_equal(toy_stop(fixture), 0);
    assert_true(log_has(fixture, "service.stopped"));
}

static void test_status_commands_and_reads(void **state)
{
    struct fixture *fixture = *state;
    Niva__Compensation__V1__ListComponentsResponse *list;
    GetStatusResponse *status;
    struct niva_error err;
    int64_t position;

    toy_start(fixture, none);
    status = status_when(fixture, true);
    assert_string_equal(status->service, "compensation");
    assert_int_equal(status->schema_version, 1);
    assert_int_equal(status->rehearsal, false);
    assert_int_equal(status->n_applied, 1);
    assert_string_equal(status->applied[0]->stream, "compensation");
    assert_int_equal(status->applied[0]->position, 0);
    assert_false(put(fixture, fixture->user, "not-a-uuid", "fysioterapi", &position, &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_string_equal(err.violations[0].field, "requestId");
    position = put_new(fixture, "fysioterapi");
    assert_int_equal(position, 1);
    assert_true(list_after(fixture, CALL_MS, "", "compensation", position, &list, &err));
    assert_memory_equal(list->components[0]->recorded_by, "local:", 6);
    assert_int_equal(list->applied[0]->position, position);
    assert_false(list_after(fixture, CALL_MS, "nothing", NULL, 0, &list, &err));
    assert_int_equal(err.code, NIVA_NOT_FOUND);
    assert_int_equal(toy_stop(fixture), 0);
}

static void test_after_is_checked_and_ends_at_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    Niva__Compensation__V1__ListComponentsResponse *list;
    struct niva_error err;

    toy_start(fixture, none);
    assert_false(list_after(fixture, CALL_MS, "", "nowhere", 1, &list, &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_false(list_after(fixture, CALL_MS, "", "compensation", -1, &list, &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_string_equal(err.violations[0].field, "after[0].position");
    assert_false(list_after(fixture, 200, "", "compensation", 99, &list, &err));
    assert_int_equal(err.code, NIVA_DEADLINE_EXCEEDED);
}

struct waiter {
    struct fixture own;
    int64_t position;
    pthread_t thread;
    bool good;
    struct niva_error err;
};

static void *wait_for_position(void *argument)
{
    struct waiter *waiter = argument;
    Niva__Compensation__V1__ListComponentsResponse *list;

    waiter->good = list_after(&waiter->own, CALL_MS, "", "compensation", waiter->position, &list,
                              &waiter->err) &&
                   list->applied[0]->position >= waiter->position;
    return NULL;
}

enum { WAITERS = 8 };

static void waiters_start(struct fixture *fixture, struct waiter *waiters, int64_t position)
{
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] = (struct waiter){.own = *fixture, .position = position};
        waiters[i].own.arena = niva_arena_new(1 << 20);
        assert_int_equal(pthread_create(&waiters[i].thread, NULL, wait_for_position, &waiters[i]),
                         0);
    }
}

static void waiter_join(struct waiter *waiter)
{
    pthread_join(waiter->thread, NULL);
    niva_arena_free(waiter->own.arena);
}

static void test_reads_that_wait_hold_up_nobody(void **state)
{
    static const char *const one_worker[] = {"--workers=1", NULL};
    struct fixture *fixture = *state;
    struct waiter waiters[WAITERS];

    toy_start(fixture, one_worker);
    waiters_start(fixture, waiters, 5);
    for (int i = 1; i <= 5; i++) {
        status_when(fixture, true);
        assert_int_equal(put_new(fixture, "fysioterapi"), i);
    }
    for (int i = 0; i < WAITERS; i++) {
        waiter_join(&waiters[i]);
        if (!waiters[i].good)
            fail_msg("%s %s", niva_code_name(waiters[i].err.code), waiters[i].err.text_en);
    }
}

static void test_too_many_waiting_reads_are_refused(void **state)
{
    static const char *const small[] = {"--workers=1", "--queue=8", NULL};
    struct fixture *fixture = *state;
    struct waiter waiters[WAITERS];
    int refused = 0;

    toy_start(fixture, small);
    waiters_start(fixture, waiters, 1);
    while (!log_has(fixture, "RESOURCE_EXHAUSTED"))
        status_when(fixture, true);
    assert_int_equal(toy_stop(fixture), 0);
    for (int i = 0; i < WAITERS; i++) {
        waiter_join(&waiters[i]);
        assert_false(waiters[i].good);
        refused += waiters[i].err.code == NIVA_RESOURCE_EXHAUSTED;
        assert_true(waiters[i].err.code == NIVA_RESOURCE_EXHAUSTED ||
                    waiters[i].err.code == NIVA_UNAVAILABLE);
    }
    assert_true(refused >= 1 && refused <= WAITERS / 2);
}

static void test_events_by_listener_and_filter(void **state)
{
    struct fixture *fixture = *state;
    Niva__Events__V1__ReadEventsResponse *reply;
    struct niva_error err;
    int64_t position;

    toy_start(fixture, none);
    put_new(fixture, "fysioterapi");
    put_new(fixture, "hemlig");
    assert_true(read_events(fixture, fixture->user, "compensation", NULL, 0, &reply, &err));
    assert_int_equal(reply->n_events, 2);
    assert_int_equal(reply->head_position, 3);
    assert_int_equal(reply->next_position, 3);
    assert_true(read_events(fixture, fixture->peer, "compensation", NULL, 0, &reply, &err));
    assert_int_equal(reply->n_events, 3);
    assert_true(read_events(fixture, fixture->peer, "compensation", NULL, 1, &reply, &err));
    assert_int_equal(reply->n_events, 1);
    assert_int_equal(reply->next_position, 1);
    assert_true(read_events(fixture, fixture->peer, "compensation",
                            "se.niva.compensation.adjustment.proposed.v1", 0, &reply, &err));
    assert_int_equal(reply->n_events, 1);
    assert_false(read_events(fixture, fixture->user, "compensation",
                             "se.niva.compensation.adjustment.proposed.v1", 0, &reply, &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_string_equal(err.violations[0].field, "types[0]");
    assert_false(read_events(fixture, fixture->peer, "compensation", NULL, 1001, &reply, &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_false(read_events(fixture, fixture->peer, "intake", NULL, 0, &reply, &err));
    assert_int_equal(err.code, NIVA_NOT_FOUND);
    assert_false(put(fixture, fixture->peer, "00000000-0000-4000-8000-000000000099", "fysioterapi",
                     &position, &err));
    assert_int_equal(err.code, NIVA_PERMISSION_DENIED);
}

static void test_streams_are_listed(void **state)
{
    struct fixture *fixture = *state;
    Niva__Events__V1__ListStreamsRequest request = NIVA__EVENTS__V1__LIST_STREAMS_REQUEST__INIT;
    Niva__Events__V1__ListStreamsResponse *reply;
    struct niva_error err;

    toy_start(fixture, none);
    put_new(fixture, "fysioterapi");
    assert_true(call_for(
        fixture, fixture->peer, CALL_MS, "/niva.events.v1.EventService/ListStreams", &request.base,
        &niva__events__v1__list_streams_response__descriptor, (ProtobufCMessage **)&reply, &err));
    assert_int_equal(reply->n_streams, 1);
    assert_string_equal(reply->streams[0]->stream, "compensation");
    assert_int_equal(reply->streams[0]->head_position, 1);
}

static void test_the_day_is_moved_in_a_rehearsal_and_only_forward(void **state)
{
    static const char *const rehearsal[] = {"--rehearsal", NULL};
    struct fixture *fixture = *state;
    struct niva_error err;

    toy_start(fixture, rehearsal);
    assert_true(move_today(fixture, "2022-06-23", &err));
    assert_true(move_today(fixture, "2022-06-23", &err));
    assert_true(move_today(fixture, "2022-07-01", &err));
    assert_false(move_today(fixture, "2022-06-30", &err));
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    assert_string_equal(err.violations[0].reason, "DAY_BEFORE_TODAY");
    assert_false(move_today(fixture, "2022-02-30", &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_string_equal(status_when(fixture, true)->today, "2022-07-01");
    assert_int_equal(toy_stop(fixture), 0);
    toy_start(fixture, rehearsal);
    assert_string_equal(status_when(fixture, true)->today, "2022-07-01");
    assert_int_equal(toy_stop(fixture), 0);
}

/* A replica that did not see another move the day took it back, and told the old one. */
static void test_the_day_that_another_replica_moved_holds(void **state)
{
    static const char *const rehearsal[] = {"--rehearsal", NULL};
    struct fixture *fixture = *state;
    struct niva_error err;

    toy_start(fixture, rehearsal);
    assert_true(move_today(fixture, "2022-06-23", &err));
    cluster_sql(cluster, fixture->database,
                "UPDATE compensation.stream_head SET clock_day = '2022-07-05'");
    assert_string_equal(status_when(fixture, true)->today, "2022-07-05");
    assert_false(move_today(fixture, "2022-07-01", &err));
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    assert_true(move_today(fixture, "2022-07-06", &err));
    assert_int_equal(toy_stop(fixture), 0);
}

static void test_the_day_is_not_moved_otherwise(void **state)
{
    struct niva_error err;

    toy_start(*state, none);
    assert_false(move_today(*state, "2022-06-23", &err));
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    assert_string_equal(err.violations[0].reason, "NOT_A_REHEARSAL");
}

static void test_a_read_survives_its_connection(void **state)
{
    struct fixture *fixture = *state;
    Niva__Compensation__V1__ListComponentsResponse *list;
    struct niva_error err;

    toy_start(fixture, none);
    if (!list_after(fixture, CALL_MS, "kill", NULL, 0, &list, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
}

static void test_a_database_that_goes_and_comes(void **state)
{
    struct fixture *fixture = *state;
    Niva__Compensation__V1__ListComponentsResponse *list;
    struct niva_error err;

    toy_start(fixture, none);
    put_new(fixture, "fysioterapi");
    cluster_stop(cluster);
    assert_int_equal(status_when(fixture, false)->applied[0]->position, 1);
    assert_false(list_after(fixture, CALL_MS, "", NULL, 0, &list, &err));
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
    cluster_start(cluster);
    status_when(fixture, true);
    assert_int_equal(put_new(fixture, "fysioterapi"), 2);
    assert_int_equal(toy_stop(fixture), 0);
}

/* It needs no database of its own: what it asks is the service. */
static void test_health_is_what_the_service_says(void **state)
{
    static const char *const health[] = {"health", "--database=", NULL};
    struct fixture *fixture = *state;

    assert_int_equal(toy_run(fixture, "niva_compensation", health), 1);
    toy_start(fixture, none);
    assert_int_equal(toy_run(fixture, "niva_compensation", health), 0);
    cluster_stop(cluster);
    status_when(fixture, false);
    assert_int_equal(toy_run(fixture, "niva_compensation", health), 1);
    cluster_start(cluster);
    status_when(fixture, true);
    assert_int_equal(toy_run(fixture, "niva_compensation", health), 0);
    assert_int_equal(toy_stop(fixture), 0);
}

static void test_it_waits_for_a_database_and_can_be_stopped_meanwhile(void **state)
{
    struct fixture *fixture = *state;

    cluster_stop(cluster);
    fixture->pid = toy_spawn(fixture, "niva_compensation", none);
    while (!log_has(fixture, "database.waiting"))
        sched_yield();
    assert_int_equal(toy_stop(fixture), 0);
    fixture->pid = toy_spawn(fixture, "niva_compensation", none);
    cluster_start(cluster);
    status_when(fixture, true);
    assert_int_equal(toy_stop(fixture), 0);
}

static int cluster_setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    return 0;
}

static int cluster_teardown(void **state)
{
    (void)state;
    cluster = cluster_free(cluster);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_wrong_settings_are_refused, setup_empty, teardown),
        cmocka_unit_test_setup_teardown(test_a_schema_that_was_not_migrated_is_refused, setup_empty,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_second_copy_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_status_commands_and_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_after_is_checked_and_ends_at_the_deadline, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_reads_that_wait_hold_up_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_waiting_reads_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_events_by_listener_and_filter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_streams_are_listed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_day_is_moved_in_a_rehearsal_and_only_forward,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_day_that_another_replica_moved_holds, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_the_day_is_not_moved_otherwise, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_read_survives_its_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_database_that_goes_and_comes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_health_is_what_the_service_says, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_waits_for_a_database_and_can_be_stopped_meanwhile,
                                        setup, teardown),
    };
    int failed = cmocka_run_group_tests_name("run", tests, cluster_setup, cluster_teardown);

    return failed ? 1 : 0;
}
