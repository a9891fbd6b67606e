/* A crowd that does not behave, 10,000 idle connections and 500 slow ones of five kinds, does not
 * disturb a client that does: its calls go on as before, new clients get in, and the memory of the
 * service stays bounded. Where descriptors are few the service keeps enough for itself. */
#define _GNU_SOURCE /* prlimit */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "tests/support/process.h"
#include "tests/support/slow.h"
#include "tests/support/system.h"

#define GET_STATUS "/niva.control.v1.ControlService/GetStatus"
#define SUBMIT     "niva.intake.v1.ReportService/SubmitReport"
#define UNIT       "SE2321000016-A001"

enum {
    IDLE = 10000,
    SLOW = 500,
    KINDS = 5,
    FLOOD = 1000000, /* calls whose answers nobody reads */
    ROUNDS = 60,     /* calls of the normal client that are measured */
    TRIES = 5,       /* the machine may be busy with something else for a while */
    CALL_MS = 30000,
    DESCRIPTORS_FEW = 256,
    CONNECT_MS = 60000,
    ARENA_BYTES = 1 << 20,
    RSS_MOST_KB = 512 * 1024,
};

struct site {
    struct system *system;
    struct niva_arena *arena;
    struct slow *idle[IDLE];
    struct slow *slow[SLOW];
    unsigned requests;
};

/* ---- the normal client ---- */

static int order(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

static int64_t now_us(void)
{
    return niva_clock_now();
}

/* A command that is committed; the client has been connected all the while. */
static void command_call(struct site *site)
{
    niva_arena_reset(site->arena);
    system_tell(site->system, site->arena, SUBMIT,
                "{'requestId': '0190163d-8694-739b-aea5-%012u', 'report': {'unit': '" UNIT
                "', 'professionGroup': 'fysioterapeut', 'effectiveFrom': '2022-01-01'}}",
                ++site->requests);
}

/* A client of its own for each call: it must get in. */
static void newcomer_call(struct site *site)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    struct niva_rpc_client *client;
    ProtobufCBinaryData reply;
    struct niva_error err;

    niva_arena_reset(site->arena);
    client = niva_rpc_client_new(system_url(site->system, PART_INTAKE, "user"), &err);
    assert_non_null(client);
    if (!niva_rpc_call_packed(client, GET_STATUS, (ProtobufCBinaryData){0}, &options, site->arena,
                              &reply, NULL, &err))
        fail_msg("a newcomer: expected OK, actual %s: %s", niva_code_name((int)err.code),
                 err.text_en);
    niva_rpc_client_free(client);
}

/* Microseconds of the call in the middle, and of the 95th of a hundred. */
static void measure(struct site *site, void (*call)(struct site *site), int64_t *ret_middle,
                    int64_t *ret_late)
{
    int64_t took[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        int64_t since = now_us();

        call(site);
        took[i] = now_us() - since;
    }
    qsort(took, ROUNDS, sizeof *took, order);
    *ret_middle = took[ROUNDS / 2];
    *ret_late = took[ROUNDS * 95 / 100];
}

/* Undisturbed is what the crowd does not make ten times slower, and 20 ms are nothing. */
static void undisturbed_check(struct site *site, const char *what, void (*call)(struct site *site),
                              int64_t before_us)
{
    int64_t bound_us = 10 * before_us > 20000 ? 10 * before_us : 20000;
    int64_t middle = 0;
    int64_t late = 0;

    for (int i = 0; i < TRIES; i++) {
        measure(site, call, &middle, &late);
        printf("%s: median %.1f ms, 95 %% within %.1f ms; alone %.1f ms\n", what,
               (double)middle / 1000, (double)late / 1000, (double)before_us / 1000);
        if (middle <= bound_us)
            return;
    }
    fail_msg("%s: expected a median of at most %lld us, actual %lld us", what, (long long)bound_us,
             (long long)middle);
}

/* ---- the crowd ---- */

static struct slow *slow_persist(struct slow *(*open)(const char *url), const char *url)
{
    int64_t until_ms = niva_clock_monotonic_ms() + CONNECT_MS;
    struct slow *slow = open(url);

    while (slow == NULL && niva_clock_monotonic_ms() < until_ms) {
        usleep(1000); /* the queue of those who knock is full */
        slow = open(url);
    }
    assert_non_null(slow);
    return slow;
}

/* Half of them connect and never speak, the others greet and never call. */
static void idle_come(struct site *site)
{
    const char *url = system_url(site->system, PART_INTAKE, "user");

    for (int i = 0; i < IDLE; i++)
        site->idle[i] = slow_persist(i % 2 == 0 ? slow_connect : slow_open, url);
}

static void slow_come(struct site *site)
{
    static const unsigned char greeting[] = {0, 'S', 'P', 0};
    static const unsigned char large[] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0x80, 0, 0, 1};
    const char *url = system_url(site->system, PART_INTAKE, "user");

    for (int i = 0; i < SLOW; i++) {
        bool greets = i % KINDS != 0;

        site->slow[i] = slow_persist(greets ? slow_open : slow_connect, url);
        if (i % KINDS == 0)
            slow_send(site->slow[i], greeting, sizeof greeting); /* half a greeting */
        else if (i % KINDS == 1)
            slow_send(site->slow[i], large, 5); /* half a header */
        else if (i % KINDS == 2)
            slow_send(site->slow[i], large, sizeof large); /* 16 MiB are to come */
        else if (i % KINDS == 3)
            slow_call(site->slow[i], GET_STATUS, 1); /* and reads no answer */
    }
}

/* The last kind sends its call byte by byte. */
static void slow_dribble(struct site *site)
{
    static const unsigned char byte[] = {1};

    for (int i = KINDS - 1; i < SLOW; i += KINDS)
        slow_send(site->slow[i], byte, 1);
}

static void crowd_leave(struct site *site)
{
    for (int i = 0; i < IDLE; i++)
        site->idle[i] = slow_close(site->idle[i]);
    for (int i = 0; i < SLOW; i++)
        site->slow[i] = slow_close(site->slow[i]);
}

static long status_of(struct site *site, const char *name)
{
    char path[64];
    char line[256];
    long value = -1;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/status",
             (int)process_signal(system_process(site->system, PART_INTAKE, 1), 0));
    file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtol(line + strlen(name), NULL, 10);
    fclose(file);
    return value;
}

/* ---- the tests ---- */

static void a_crowd_does_not_disturb_a_normal_client(void **state)
{
    struct site *site = *state;
    int64_t command_us, newcomer_us, late;
    int64_t since_ms;
    long before_kb;

    measure(site, command_call, &command_us, &late);
    measure(site, newcomer_call, &newcomer_us, &late);
    before_kb = status_of(site, "VmRSS:");
    since_ms = niva_clock_monotonic_ms();
    idle_come(site);
    slow_come(site);
    printf("%d idle and %d slow clients came within %lld ms; %ld kB before, %ld kB with them\n",
           IDLE, SLOW, (long long)(niva_clock_monotonic_ms() - since_ms), before_kb,
           status_of(site, "VmRSS:"));
    slow_dribble(site);
    undisturbed_check(site, "a client that was there", command_call, command_us);
    slow_dribble(site);
    undisturbed_check(site, "a newcomer", newcomer_call, newcomer_us);
    assert_true(status_of(site, "VmRSS:") < RSS_MOST_KB);
    crowd_leave(site);
    undisturbed_check(site, "when they have left", command_call, command_us);
    printf("%ld kB when they have left\n", status_of(site, "VmRSS:"));
}

/* A client that sends calls and reads no answer is hung up on, and its places are free again. */
static void who_reads_no_answers_is_hung_up_on(void **state)
{
    struct site *site = *state;
    struct slow *slow = slow_open(system_url(site->system, PART_INTAKE, "user"));
    int64_t until_ms = niva_clock_monotonic_ms() + CALL_MS;
    int sent;

    assert_non_null(slow);
    sent = slow_call(slow, GET_STATUS, FLOOD);
    printf("%d of %d calls went before it was hung up on\n", sent, FLOOD);
    assert_in_range(sent, 1, FLOOD - 1);
    while (!slow_ended(slow) && niva_clock_monotonic_ms() < until_ms)
        usleep(1000);
    assert_true(slow_ended(slow));
    slow_close(slow);
    newcomer_call(site);
    command_call(site);
}

/* Clients take all descriptors that there are for them, and more. */
static void the_database_is_reached_when_descriptors_are_few(void **state)
{
    struct site *site = *state;
    struct rlimit before;
    struct rlimit few;
    int64_t until_ms;
    int open = 0;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){.rlim_cur = DESCRIPTORS_FEW, .rlim_max = DESCRIPTORS_FEW};
    system_stop(site->system, PART_INTAKE);
    system_launch(site->system, PART_INTAKE, NULL);
    assert_int_equal(prlimit(process_signal(system_process(site->system, PART_INTAKE, 1), 0),
                             RLIMIT_NOFILE, &few, NULL),
                     0);
    system_wait_ready(site->system, PART_INTAKE);
    command_call(site);
    for (int i = 0; i < 2 * DESCRIPTORS_FEW; i++)
        site->idle[i] = slow_persist(slow_open, system_url(site->system, PART_INTAKE, "user"));
    until_ms = niva_clock_monotonic_ms() + CALL_MS;
    do { /* those beyond the most are hung up on */
        open = 0;
        for (int i = 0; i < 2 * DESCRIPTORS_FEW; i++)
            open += !slow_ended(site->idle[i]);
    } while (open > DESCRIPTORS_FEW - DESCRIPTORS_FEW / 8 && niva_clock_monotonic_ms() < until_ms);
    printf("%d of %d stayed, of %d descriptors\n", open, 2 * DESCRIPTORS_FEW, DESCRIPTORS_FEW);
    assert_in_range(open, DESCRIPTORS_FEW / 2, DESCRIPTORS_FEW - DESCRIPTORS_FEW / 8);
    system_kill(site->system, PART_DATABASE);
    system_start(site->system, PART_DATABASE, NULL);
    system_wait_ready(site->system, PART_INTAKE);
    command_call(site); /* by connections that are new */
    crowd_leave(site);
    newcomer_call(site);
}

int main(void)
{
    static struct site site;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(a_crowd_does_not_disturb_a_normal_client, &site),
        cmocka_unit_test_prestate(who_reads_no_answers_is_hung_up_on, &site),
        cmocka_unit_test_prestate(the_database_is_reached_when_descriptors_are_few, &site),
    };
    struct rlimit limit;
    int failed;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < IDLE + SLOW + 1000) {
        printf("SKIP: %lld descriptors are too few for %d clients\n", (long long)limit.rlim_max,
               IDLE + SLOW);
        return 77;
    }
    /* what is announced and never sent is never written; meson would have malloc write it */
    unsetenv("MALLOC_PERTURB_");
    site.system = system_new(false);
    site.arena = niva_arena_new(16 * ARENA_BYTES);
    if (site.arena == NULL)
        give_up("no memory");
    system_tell(site.system, site.arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '%s', 'name': 'Vårdcentralen Fiktiv',"
                " 'regionCode': '19', 'owners': [{'orgNumber': '2321000016',"
                " 'form': 'REGION_RUN', 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01'}}",
                UNIT);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(site.system);
    niva_arena_free(site.arena);
    system_free(site.system);
    return failed ? 1 : 0;
}
