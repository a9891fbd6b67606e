/* The example of deploy/examples/case-opener on a real system: while clients file facts and
 * proposals are decided, openers are killed (SIGKILL) and their COMMITs cut; in the end each has
 * what an unbroken run has, every event once. `test_case_opener [SEED]`. */
#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "niva/compliance/v1/compliance.pb-c.h"
#include "services/common/base/clock.h"
#include "tests/support/decider.h"
#include "tests/support/load.h"
#include "tests/support/process.h"
#include "tests/support/proxy.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;

#define OPENER  BUILD_ROOT "/deploy/examples/case-opener/case-opener"
#define EXAMPLE SOURCE_ROOT "/deploy/examples/case-opener"

enum {
    SEED = 20220623,
    CLIENTS = 4,
    ROUNDS = 8,
    REPLAYS = 12, /* kills while everything is read from the beginning */
    AWAIT_MS = 60000,
    GLANCE_MS = 5,
    ARENA_BYTES = 64 << 20,
};

/* A case opener as a process, on one of the databases. */
struct opener {
    const char *database;
    char conninfo[256];
    char log[96];
    struct process *process;
};

struct scene {
    struct system *system;
    struct cluster *cluster; /* of the openers */
    struct proxy *proxy;
    struct decider *decider; /* tells what no service would */
    struct load *load;
    struct niva_arena *arena;
    uint64_t state;
    niva_day day;
    struct opener steady;    /* never touched */
    struct opener killed[2]; /* two on one database */
    struct opener late;      /* reads everything from the beginning, its COMMITs cut */
    size_t decided_count;
    int64_t decided_ore;
};

static unsigned draw(struct scene *scene, unsigned below)
{
    scene->state = scene->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((scene->state >> 33) % below);
}

/* ---- openers ---- */

static const char *opener_sql(const struct scene *scene, const struct opener *opener,
                              const char *sql)
{
    char text[2048];

    snprintf(text, sizeof text, "SET search_path TO case_opener; %s", sql);
    return cluster_sql(scene->cluster, opener->database, text);
}

static int64_t opener_number(const struct scene *scene, const struct opener *opener,
                             const char *sql)
{
    return strtoll(opener_sql(scene, opener, sql), NULL, 10);
}

static void file_read(const char *path, char *ret_text, size_t capacity)
{
    FILE *file = fopen(path, "r");
    size_t size = file == NULL ? 0 : fread(ret_text, 1, capacity - 1, file);

    if (file == NULL || size == 0 || size == capacity - 1)
        give_up("%s cannot be read", path);
    ret_text[size] = '\0';
    fclose(file);
}

static void database_prepare(struct scene *scene, const char *database)
{
    char sql[4096];
    char conninfo[256];
    char log[96];
    const char *arguments[] = {OPENER, "migrate", "--database", conninfo, NULL};
    struct process *process;
    int status;

    snprintf(sql, sizeof sql, "CREATE DATABASE %s", database);
    cluster_sql(scene->cluster, "postgres", sql);
    file_read(EXAMPLE "/setup.sql", sql, sizeof sql);
    cluster_sql(scene->cluster, database, sql);
    snprintf(conninfo, sizeof conninfo, "%s",
             cluster_conninfo(scene->cluster, database, "niva_case_opener_owner"));
    snprintf(log, sizeof log, "%s/migrate.log", system_directory(scene->system));
    process = process_start(arguments, log);
    if (!process_wait(process, AWAIT_MS, &status) || status != 0) {
        process_log_show(log);
        give_up("case-opener migrate failed");
    }
    process_free(process);
}

static void opener_init(struct scene *scene, struct opener *opener, const char *name,
                        const char *database, const char *host)
{
    opener->database = database;
    snprintf(opener->conninfo, sizeof opener->conninfo,
             "host=%s port=5432 dbname=%s user=niva_case_opener", host, database);
    snprintf(opener->log, sizeof opener->log, "%s/%s.log", system_directory(scene->system), name);
}

static void opener_start(struct scene *scene, struct opener *opener)
{
    const char *arguments[] = {
        OPENER, "--database", opener->conninfo, "--run-dir", system_directory(scene->system), NULL};

    process_free(opener->process);
    opener->process = process_start(arguments, opener->log);
}

static void opener_kill(struct opener *opener)
{
    int status = process_end(opener->process, SIGKILL);

    if (!WIFSIGNALED(status)) {
        process_log_show(opener->log);
        give_up("an opener ended by itself");
    }
}

/* ---- waiting ---- */

/* Waits until a number of an opener's database is at least so much. */
static bool number_await(const struct scene *scene, const struct opener *opener, const char *sql,
                         int64_t least, int timeout_ms)
{
    int64_t deadline_ms = niva_clock_monotonic_ms() + timeout_ms;

    while (opener_number(scene, opener, sql) < least) {
        if (niva_clock_monotonic_ms() > deadline_ms)
            return false;
        poll(NULL, 0, GLANCE_MS);
    }
    return true;
}

#define CURSOR(stream) "SELECT position FROM cursor WHERE stream = '" stream "'"

static int64_t upstream_number(const struct scene *scene, const char *sql)
{
    return strtoll(system_sql(scene->system, sql), NULL, 10);
}

static void opener_catch_up(const struct scene *scene, const struct opener *opener)
{
    int64_t compliance = upstream_number(scene, "SELECT position FROM compliance.stream_head");
    int64_t compensation = upstream_number(scene, "SELECT position FROM compensation.stream_head");

    if (number_await(scene, opener, CURSOR("compliance"), compliance, AWAIT_MS) &&
        number_await(scene, opener, CURSOR("compensation"), compensation, AWAIT_MS))
        return;
    process_log_show(opener->log);
    give_up("the opener of %s does not catch up", opener->database);
}

static bool log_says(const struct opener *opener, const char *words)
{
    char line[4096];
    FILE *log = fopen(opener->log, "r");
    bool said = false;

    while (log != NULL && !said && fgets(line, sizeof line, log) != NULL)
        said = strstr(line, words) != NULL;
    if (log != NULL)
        fclose(log);
    return said;
}

static void log_await(const struct opener *opener, const char *words)
{
    int64_t deadline_ms = niva_clock_monotonic_ms() + AWAIT_MS;

    while (!log_says(opener, words)) {
        if (niva_clock_monotonic_ms() > deadline_ms) {
            process_log_show(opener->log);
            fail_msg("expected \"%s\" in the log", words);
        }
        poll(NULL, 0, GLANCE_MS);
    }
}

/* ---- decisions ---- */

#define ADJUSTMENTS "niva.compensation.v1.AdjustmentService/"

static const Niva__Compensation__V1__ListAdjustmentsResponse *proposals_list(struct scene *scene)
{
    return (const void *)system_tell(scene->system, scene->arena, ADJUSTMENTS "ListAdjustments",
                                     "{'state': 'PROPOSED', 'pageSize': 1000}");
}

/* A proposal that takes something; NULL when there is none. */
static const Adjustment *proposal_find(struct scene *scene)
{
    const Niva__Compensation__V1__ListAdjustmentsResponse *list = proposals_list(scene);

    for (size_t i = 0; i < list->n_adjustments; i++)
        if (list->adjustments[i]->deduction_ore > 0)
            return list->adjustments[i];
    return NULL;
}

/* Asks something about a line as somebody; false where facts have moved it meanwhile. */
static bool line_ask(struct scene *scene, const Adjustment *line, const char *method,
                     const char *principal, const char *more)
{
    const struct niva_rpc_options options = {
        .timeout_ms = AWAIT_MS, .recorded_at = INT64_MIN, .principal = principal};
    char json[512];
    ProtobufCMessage *reply;
    struct niva_error err;

    snprintf(json, sizeof json, "{'adjustmentId': '%s', 'computedOre': '%" PRId64 "'%s}",
             line->adjustment_id, line->computed_ore, more);
    if (system_call(scene->system, method, json, &options, scene->arena, &reply, &err))
        return true;
    if (err.code != NIVA_FAILED_PRECONDITION)
        give_up("%s: %s (%s)", method, err.text_en, err.cause);
    return false;
}

/* Prepares and approves the first proposal that stands still; false when there is none. */
static bool proposal_decide(struct scene *scene)
{
    const Niva__Compensation__V1__ListAdjustmentsResponse *list;

    niva_arena_reset(scene->arena);
    list = proposals_list(scene);
    for (size_t i = 0; i < list->n_adjustments; i++) {
        const Adjustment *line = list->adjustments[i];

        if (line->deduction_ore < 0 ||
            !line_ask(scene, line, ADJUSTMENTS "PrepareAdjustment", "fiktiv.handlaggare.9", "") ||
            !line_ask(scene, line, ADJUSTMENTS "DecideAdjustment", "fiktiv.beslutsfattare.9",
                      ", 'decision': 'APPROVE', 'caseNumber': 'FIKTIV-2022-1', 'delegation':"
                      " 'Fiktiv delegation 1'"))
            continue;
        scene->decided_count++;
        scene->decided_ore += line->deduction_ore;
        return true;
    }
    return false;
}

/* ---- what happens ---- */

static void scene_open(struct scene *scene, uint64_t seed)
{
    const char *host;

    *scene = (struct scene){.state = seed,
                            .day = niva_day_from_civil(2022, 6, 1),
                            .arena = niva_arena_new(ARENA_BYTES),
                            .system = system_new(true),
                            .cluster = cluster_new()};
    if (scene->arena == NULL)
        give_up("no memory");
    host = cluster_directory(scene->cluster);
    scene->proxy = proxy_new(host);
    scene->decider = decider_new(scene->system);
    system_begin_day(scene->system, scene->day, INT64_MIN);
    load_prepare(scene->system);
    database_prepare(scene, "steady");
    database_prepare(scene, "killed");
    database_prepare(scene, "late");
    opener_init(scene, &scene->steady, "steady", "steady", host);
    opener_init(scene, &scene->killed[0], "killed0", "killed", host);
    opener_init(scene, &scene->killed[1], "killed1", "killed", host);
    opener_init(scene, &scene->late, "late", "late", proxy_directory(scene->proxy));
}

/* One of the two is killed right after facts, a day and a decision have come. */
static void round_play(struct scene *scene)
{
    struct opener *opener = &scene->killed[draw(scene, 2)];

    if (!load_wait(scene->load, load_acknowledged(scene->load) + 10 + draw(scene, 20), AWAIT_MS))
        give_up("the clients come no further: %s", load_failure(scene->load));
    scene->day += 7 + (niva_day)draw(scene, 7);
    system_begin_day(scene->system, scene->day, INT64_MIN);
    proposal_decide(scene);
    opener_kill(opener);
    opener_start(scene, opener);
}

/* Everything from the beginning, killed after a few more entries each time, or its COMMIT cut. */
static void late_replay(struct scene *scene)
{
    static const enum proxy_cut cuts[] = {PROXY_CUT_BEFORE, PROXY_CUT_AT, PROXY_CUT_AFTER};
    static const char *const entries = "SELECT count(*) FROM todo_entry";
    int64_t all = upstream_number(
        scene, "SELECT count(*) FROM compliance.event WHERE type LIKE '%.breach.%'");

    opener_start(scene, &scene->late);
    for (int i = 0; i < REPLAYS; i++) {
        int64_t most = all * (i + 1) / (REPLAYS + 1);

        if (!number_await(scene, &scene->late, entries, most, AWAIT_MS))
            give_up("the late opener does not come to %" PRId64 " entries", most);
        if (draw(scene, 2) == 0) {
            proxy_arm(scene->proxy, cuts[draw(scene, 3)]);
            continue;
        }
        opener_kill(&scene->late);
        opener_start(scene, &scene->late);
    }
    opener_catch_up(scene, &scene->late);
}

static void scene_play(struct scene *scene, uint64_t seed)
{
    opener_start(scene, &scene->steady);
    opener_start(scene, &scene->killed[0]);
    opener_start(scene, &scene->killed[1]);
    scene->load = load_start(scene->system, CLIENTS, seed);
    for (int i = 0; i < ROUNDS; i++)
        round_play(scene);
    load_stop(scene->load);
    system_wait(scene->system);
    system_today(scene->system, "2022-09-30");
    for (int i = 0; i < 5; i++)
        proposal_decide(scene);
    opener_catch_up(scene, &scene->steady);
    opener_catch_up(scene, &scene->killed[0]);
    late_replay(scene);
}

static void scene_close(struct scene *scene)
{
    process_free(scene->steady.process);
    process_free(scene->killed[0].process);
    process_free(scene->killed[1].process);
    process_free(scene->late.process);
    decider_free(scene->decider);
    load_free(scene->load);
    proxy_free(scene->proxy);
    cluster_free(scene->cluster);
    system_discard(scene->system);
    niva_arena_free(scene->arena);
}

/* ---- the tests ---- */

/* All that an opener keeps, in one word. */
static const char *digest(const struct scene *scene, const struct opener *opener)
{
    return opener_sql(scene, opener,
                      "SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM ("
                      "SELECT 'cursor ' || c::text FROM cursor c UNION ALL "
                      "SELECT 'todo ' || t::text FROM todo t UNION ALL "
                      "SELECT 'entry ' || e::text FROM todo_entry e UNION ALL "
                      "SELECT 'hold ' || h::text FROM hold h UNION ALL "
                      "SELECT 'account ' || a::text FROM account a) AS lines (line)");
}

static void killed_anywhere_the_end_is_that_of_an_unbroken_run(void **state)
{
    const struct scene *scene = *state;
    char unbroken[64];

    snprintf(unbroken, sizeof unbroken, "%s", digest(scene, &scene->steady));
    assert_string_equal(digest(scene, &scene->killed[0]), unbroken);
    assert_string_equal(digest(scene, &scene->late), unbroken);
}

static void every_event_has_its_effect_once(void **state)
{
    const struct scene *scene = *state;
    const struct opener *opener = &scene->late;
    int64_t told = upstream_number(
        scene, "SELECT count(*) FROM compliance.event WHERE type LIKE '%.breach.%'");
    int64_t opened = upstream_number(
        scene, "SELECT count(*) FROM compliance.event WHERE type LIKE '%.breach.opened.v1'");

    assert_true(told > 2 * REPLAYS);
    assert_int_equal(opener_number(scene, opener, "SELECT count(*) FROM todo_entry"), told);
    assert_int_equal(opener_number(scene, opener, "SELECT count(*) FROM todo"), opened);
}

static void only_what_is_decided_is_held_back(void **state)
{
    const struct scene *scene = *state;
    const struct opener *opener = &scene->late;
    int64_t proposed = upstream_number(
        scene,
        "SELECT count(*) FROM compensation.event WHERE type LIKE '%.adjustment.proposed.v1'");

    assert_true(scene->decided_count >= 5);
    assert_true(proposed > (int64_t)scene->decided_count);
    assert_int_equal(opener_number(scene, opener, "SELECT count(*) FROM hold"),
                     scene->decided_count);
    assert_int_equal(opener_number(scene, opener, "SELECT sum(ore) FROM hold"), scene->decided_ore);
    assert_int_equal(opener_number(scene, opener, "SELECT sum(held_ore) FROM account"),
                     scene->decided_ore);
}

static void a_todo_stands_as_its_breach_stands(void **state)
{
    struct scene *scene = *state;
    const Niva__Compliance__V1__ListBreachesResponse *list = (const void *)system_tell(
        scene->system, scene->arena, "niva.compliance.v1.ComplianceService/ListBreaches",
        "{'pageSize': 1000}");
    size_t of_state[8] = {0};

    assert_true(list->next_page_token[0] == '\0');
    for (size_t i = 0; i < list->n_breaches; i++) {
        const Niva__Compliance__V1__Breach *breach = list->breaches[i];
        const char *name = protobuf_c_enum_descriptor_get_value(
                               &niva__compliance__v1__breach__state__descriptor, breach->state)
                               ->name;
        bool days_shown = breach->absence_id[0] == '\0'; /* they would tell of a person */
        char expected[256];
        char sql[256];

        snprintf(expected, sizeof expected, "%s %s %s %s %s", breach->unit,
                 days_shown ? breach->first_day : "", days_shown ? breach->last_day : "", name,
                 breach->merged_into);
        snprintf(sql, sizeof sql,
                 "SELECT concat_ws(' ', unit, coalesce(first_day::text, ''),"
                 " coalesce(last_day::text, ''),"
                 " coalesce(closed_because, 'OPEN'), coalesce(merged_into::text, ''))"
                 " FROM todo WHERE breach_id = '%s'",
                 breach->breach_id);
        assert_string_equal(opener_sql(scene, &scene->steady, sql), expected);
        of_state[breach->state]++;
    }
    printf("to-dos: %zu open, %zu closed, %zu withdrawn, %zu merged\n", of_state[1], of_state[2],
           of_state[3], of_state[4]);
}

/* A decision that cannot be booked: nothing behind it is applied, the other stream goes on, and
 * once the cause is gone an opener that is started again books it. */
static void an_event_that_cannot_be_applied_stops_and_is_told(void **state)
{
    struct scene *scene = *state;
    struct opener *opener = &scene->steady;
    int64_t before = opener_number(scene, opener, CURSOR("compensation"));
    size_t decided = scene->decided_count;

    opener_sql(scene, opener, "ALTER TABLE hold ADD CONSTRAINT poison CHECK (ore < 0) NOT VALID");
    assert_true(proposal_decide(scene));
    assert_true(proposal_decide(scene));
    log_await(opener, "consumer.event_refused");
    log_await(opener, "adjustment.decided.v1");
    system_today(scene->system, "2022-10-07");
    assert_true(number_await(scene, opener, CURSOR("compliance"),
                             upstream_number(scene, "SELECT position FROM compliance.stream_head"),
                             AWAIT_MS));
    assert_int_equal(opener_number(scene, opener, "SELECT count(*) FROM hold"), decided);
    assert_int_equal(opener_number(scene, opener, CURSOR("compensation")), before);
    opener_kill(opener);
    opener_sql(scene, opener, "ALTER TABLE hold DROP CONSTRAINT poison");
    opener_start(scene, opener);
    opener_catch_up(scene, opener);
    assert_int_equal(opener_number(scene, opener, "SELECT count(*) FROM hold"), decided + 2);
}

/* What is called decided and is not is refused too. */
static void a_proposal_in_disguise_is_not_booked(void **state)
{
    struct scene *scene = *state;
    struct opener *opener = &scene->killed[0];
    const Adjustment *proposal;

    opener_kill(&scene->killed[1]);
    opener_catch_up(scene, opener);
    proposal = proposal_find(scene);
    assert_non_null(proposal);
    decider_tell(scene->decider, proposal, NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PROPOSED);
    log_await(opener, "adjustment.state");
    assert_int_equal(opener_number(scene, opener, "SELECT count(*) FROM hold"),
                     scene->decided_count);
}

/* The disguise was written past the service: the proof finds it, and nothing else. */
static void the_system_proves_itself_but_for_the_disguise(void **state)
{
    static const char *const arguments[] = {"verify", "--lang", "en", NULL};
    static char output[64 << 10];
    const struct scene *scene = *state;
    int code =
        system_run(scene->system, "services/nivactl/nivactl", arguments, output, sizeof output);

    if (code != 1 || strstr(output, "ADJUSTMENT_ALTERED  ") == NULL ||
        strstr(output, "\n1 differences.") == NULL)
        fail_msg("expected the disguise alone, actual exit code %d and\n%s", code, output);
}

static void it_ends_when_it_is_told_to(void **state)
{
    struct scene *scene = *state;
    int status = process_end(scene->late.process, SIGTERM);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : SEED;
    struct scene scene;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(killed_anywhere_the_end_is_that_of_an_unbroken_run, &scene),
        cmocka_unit_test_prestate(every_event_has_its_effect_once, &scene),
        cmocka_unit_test_prestate(only_what_is_decided_is_held_back, &scene),
        cmocka_unit_test_prestate(a_todo_stands_as_its_breach_stands, &scene),
        cmocka_unit_test_prestate(an_event_that_cannot_be_applied_stops_and_is_told, &scene),
        cmocka_unit_test_prestate(a_proposal_in_disguise_is_not_booked, &scene),
        cmocka_unit_test_prestate(the_system_proves_itself_but_for_the_disguise, &scene),
        cmocka_unit_test_prestate(it_ends_when_it_is_told_to, &scene),
    };
    int failed;

    scene_open(&scene, seed);
    scene_play(&scene, seed);
    printf("seed %" PRIu64 ", %zu decisions, %s\n", seed, scene.decided_count,
           system_heads(scene.system));
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(scene.system);
    scene_close(&scene);
    return failed ? 1 : 0;
}
