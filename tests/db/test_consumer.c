/* The consumer: whatever is killed, downstream ends with every upstream event applied once, in
 * order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "niva/events/v1/events.pb-c.h"
#include "niva/intake/v1/events.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/bus/consumer.h"
#include "services/common/rpc/server.h"
#include "tests/support/proxy.h"
#include "tests/support/toy.h"

enum { WAIT_MS = 40000 };

static struct {
    struct cluster *cluster;
    struct proxy *proxy; /* in front of the downstream's database */
    const char *database;
    struct toy upstream;
    struct toy downstream;
    struct niva_pg_pool *pool;
    struct niva_doorbell *bell;
    struct niva_rpc_server *server;
    struct niva_follower follower;
    struct niva_consumer *consumer;
    char peer_url[128];
    char bell_url[128];
    int next_id;
} fixture;

static int group_setup(void **state)
{
    (void)state;
    fixture.cluster = cluster_new();
    fixture.proxy = proxy_new(cluster_directory(fixture.cluster));
    snprintf(fixture.peer_url, sizeof fixture.peer_url, "ipc://%s/toy.peer",
             proxy_directory(fixture.proxy));
    snprintf(fixture.bell_url, sizeof fixture.bell_url, "ipc://%s/toy.bell",
             proxy_directory(fixture.proxy));
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    unlink(fixture.peer_url + strlen("ipc://"));
    unlink(fixture.bell_url + strlen("ipc://"));
    proxy_free(fixture.proxy);
    cluster_free(fixture.cluster);
    return 0;
}

/* ---- the upstream's EventService ---- */

static bool events_read(struct niva_pg *pg, struct niva_rpc_call *call,
                        Niva__Events__V1__ReadEventsResponse *reply, struct niva_error *err)
{
    const Niva__Events__V1__ReadEventsRequest *request =
        (const Niva__Events__V1__ReadEventsRequest *)niva_rpc_call_request(call);

    return niva_events_select(
        pg, fixture.upstream.options.types, fixture.upstream.options.type_count, true,
        request->after_position, request->limit, NULL, 0, NULL, niva_rpc_call_arena(call),
        &reply->n_events, &reply->events, &reply->head_position, &reply->next_position, err);
}

static void events_handle(struct niva_rpc_call *call, void *user)
{
    Niva__Events__V1__ReadEventsResponse reply = NIVA__EVENTS__V1__READ_EVENTS_RESPONSE__INIT;
    struct niva_error err;
    struct niva_pg *pg = niva_pg_pool_take(fixture.pool, niva_rpc_call_deadline_ms(call), &err);
    bool good = pg != NULL && events_read(pg, call, &reply, &err);

    (void)user;
    if (pg != NULL)
        niva_pg_pool_give(fixture.pool, pg);
    if (good)
        niva_rpc_reply(call, &reply.base);
    else
        niva_rpc_fail(call, &err);
}

static void server_start(void)
{
    static const ProtobufCServiceDescriptor *const services[] = {
        &niva__events__v1__event_service__descriptor};
    const struct niva_rpc_listener listener = {.url = fixture.peer_url, .peer = true};
    const struct niva_rpc_server_options options = {.services = services,
                                                    .service_count = 1,
                                                    .listeners = &listener,
                                                    .listener_count = 1,
                                                    .workers = 2,
                                                    .queue = 16,
                                                    .request_max = NIVA_RPC_REQUEST_MAX,
                                                    .handler = events_handle};
    struct niva_error err;

    fixture.server = niva_rpc_server_new(&options, &err);
    if (fixture.server == NULL)
        fail_msg("server: %s %s", err.text_en, err.cause);
    fixture.bell = niva_doorbell_new(fixture.bell_url, &err);
    if (fixture.bell == NULL)
        fail_msg("bell: %s %s", err.text_en, err.cause);
}

static void server_stop(void)
{
    niva_rpc_server_drain(fixture.server, niva_clock_monotonic_ms() + WAIT_MS);
    fixture.server = niva_rpc_server_free(fixture.server);
    fixture.bell = niva_doorbell_free(fixture.bell);
}

/* ---- both sides ---- */

static void consumer_start(void)
{
    const struct niva_consumer_options options = {
        .stream = "intake",
        .url = fixture.peer_url,
        .bell = fixture.bell_url,
        .types = fixture.downstream.upstream.types,
        .type_count = fixture.downstream.upstream.type_count,
        .sink = niva_journal_sink(&fixture.follower),
    };
    struct niva_error err;

    fixture.follower = (struct niva_follower){fixture.downstream.journal, "intake"};
    fixture.consumer = niva_consumer_new(&options, &err);
    if (fixture.consumer == NULL)
        fail_msg("consumer: %s", err.cause);
}

static void consumer_stop(void)
{
    fixture.consumer = niva_consumer_free(fixture.consumer);
}

static int test_setup(void **state)
{
    char conninfo[256];

    (void)state;
    fixture.next_id = 1;
    fixture.database = cluster_database(fixture.cluster);
    toy_prepare(fixture.cluster, fixture.database, "intake");
    toy_prepare(fixture.cluster, fixture.database, "compliance");
    toy_init(&fixture.upstream, cluster_conninfo(fixture.cluster, fixture.database, "niva_intake"),
             "intake", NULL);
    toy_start(&fixture.upstream);
    snprintf(conninfo, sizeof conninfo, "host=%s port=5432 dbname=%s user=niva_compliance",
             proxy_directory(fixture.proxy), fixture.database);
    toy_init(&fixture.downstream, conninfo, "compliance", "intake");
    fixture.downstream.options.rules.work = NULL;
    toy_start(&fixture.downstream);
    fixture.pool = niva_pg_pool_new(fixture.upstream.conninfo, "intake", "test-read", 2);
    server_start();
    consumer_start();
    return 0;
}

static int test_teardown(void **state)
{
    (void)state;
    if (fixture.consumer != NULL)
        consumer_stop();
    if (fixture.server != NULL)
        server_stop();
    toy_stop(&fixture.downstream);
    toy_stop(&fixture.upstream);
    niva_pg_pool_free(fixture.pool);
    return 0;
}

static void commands_run(int count)
{
    for (int i = 0; i < count; i++) {
        char key[16];

        snprintf(key, sizeof key, "k%d", i % 3);
        assert_int_equal(toy_call(&fixture.upstream, "local:a", fixture.next_id++, key, "", NULL),
                         NIVA_OK);
    }
    if (fixture.bell != NULL)
        niva_doorbell_ring(fixture.bell, fixture.next_id - 1);
}

static bool downstream_wait(int64_t position, int64_t wait_ms)
{
    struct niva_error err;

    return niva_journal_wait(fixture.downstream.journal, "intake", position,
                             niva_clock_monotonic_ms() + wait_ms, &err);
}

/* Every event once: the same counters on both sides, one downstream event for each upstream one. */
static void assert_caught_up(void)
{
    if (!downstream_wait(fixture.next_id - 1, WAIT_MS))
        fail_msg("downstream has not caught up");
    assert_string_equal(
        cluster_sql(fixture.cluster, fixture.database,
                    "SELECT (SELECT string_agg(key || n, ' ' ORDER BY key) FROM intake.toy)"
                    " = (SELECT string_agg(key || n, ' ' ORDER BY key) FROM compliance.toy)"
                    " AND (SELECT position FROM intake.stream_head)"
                    " = (SELECT position FROM compliance.stream_head)"),
        "t");
}

static void backends_terminate(void)
{
    cluster_sql(fixture.cluster, fixture.database,
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE 'niva-compliance%'");
}

static void test_follows(void **state)
{
    (void)state;
    commands_run(30);
    assert_caught_up();
    commands_run(5);
    assert_caught_up();
}

/* The doorbell only wakes; without it the timer does. */
static void test_follows_without_doorbell(void **state)
{
    (void)state;
    fixture.bell = niva_doorbell_free(fixture.bell);
    commands_run(10);
    assert_caught_up();
}

static void test_downstream_connections_are_killed(void **state)
{
    (void)state;
    for (int round = 0; round < 8; round++) {
        commands_run(15);
        backends_terminate();
    }
    assert_caught_up();
}

static void test_commits_are_cut(void **state)
{
    static const enum proxy_cut cuts[] = {PROXY_CUT_BEFORE, PROXY_CUT_AT, PROXY_CUT_AFTER};

    (void)state;
    for (int round = 0; round < 9; round++) {
        proxy_arm(fixture.proxy, cuts[round % 3]);
        commands_run(7);
        assert_caught_up();
    }
}

static void test_upstream_comes_and_goes(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        server_stop();
        commands_run(10);
        server_start();
        commands_run(10);
        assert_caught_up();
    }
}

/* Another process goes on where the first was killed: the cursor is in the database. */
static void test_consumer_starts_again(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        commands_run(20);
        consumer_stop();
        toy_stop(&fixture.downstream);
        commands_run(5);
        toy_start(&fixture.downstream);
        consumer_start();
    }
    assert_caught_up();
}

/* It waits at an event that cannot be applied, and goes on once it can. */
static void test_poison_is_tried_again(void **state)
{
    (void)state;
    commands_run(5);
    assert_caught_up();
    cluster_sql(fixture.cluster, fixture.database,
                "ALTER TABLE compliance.toy ADD CONSTRAINT poison CHECK (n < 4)");
    commands_run(10);
    assert_false(downstream_wait(fixture.next_id - 1, 300));
    assert_string_equal(
        cluster_sql(fixture.cluster, fixture.database, "SELECT max(n) FROM compliance.toy"), "3");
    cluster_sql(fixture.cluster, fixture.database,
                "ALTER TABLE compliance.toy DROP CONSTRAINT poison");
    assert_caught_up();
}

static void test_second_doorbell_is_refused(void **state)
{
    struct niva_error err;

    (void)state;
    assert_null(niva_doorbell_new(fixture.bell_url, &err));
    assert_string_equal(niva_code_name((int)err.code), "FAILED_PRECONDITION");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_follows),
        TEST(test_follows_without_doorbell),
        TEST(test_downstream_connections_are_killed),
        TEST(test_commits_are_cut),
        TEST(test_upstream_comes_and_goes),
        TEST(test_consumer_starts_again),
        TEST(test_poison_is_tried_again),
        TEST(test_second_doorbell_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
