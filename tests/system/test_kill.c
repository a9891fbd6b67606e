/* Invariants 1 to 3 of the architecture: while clients file facts, every service and the database
 * are killed (SIGKILL) and started again; then nothing that was acknowledged is missing or doubled,
 * the streams are whole, and verdicts and amounts are what the model makes of the facts. With
 * several replicas of each service one of them, drawn, is killed at a time.
 * `test_kill [SEED [REPLICAS]]`. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/intake/v1/report.pb-c.h"
#include "services/common/bus/event.h"
#include "tests/support/compare.h"
#include "tests/support/follower.h"
#include "tests/support/load.h"
#include "tests/support/process.h"
#include "tests/support/proof.h"

enum {
    SEED = 20220623,
    CLIENTS = 8,
    ROUNDS = 2,         /* kills of each part */
    BETWEEN_LEAST = 20, /* acknowledged commands between two kills */
    BETWEEN_DRAWN = 40,
    PROGRESS_MS = 60000,
    KEY = 128,
    SERVICES = 3,
};

struct story {
    struct system *system;
    int replicas;
    struct load *load;
    struct follower *followers[SERVICES];
    uint64_t state;
    niva_day day;
};

/* ---- what happens ---- */

static unsigned draw(struct story *story, unsigned below)
{
    story->state = story->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((story->state >> 33) % below);
}

static void load_go_on(struct story *story, size_t more)
{
    if (load_wait(story->load, load_acknowledged(story->load) + more, PROGRESS_MS))
        return;
    system_show_logs(story->system);
    give_up("the clients come no further: %s", load_failure(story->load));
}

static void replica_kill(struct story *story, enum part part)
{
    int number = story->replicas == 1 ? 1 : 1 + (int)draw(story, (unsigned)story->replicas);

    system_kill_replica(story->system, part, number);
    system_launch_replica(story->system, part, number, NULL);
    system_wait_replica(story->system, part, number);
}

/* The day moves right before the kill: days and what they bring are cut off in the middle too. */
static void part_kill(struct story *story, enum part part)
{
    load_go_on(story, BETWEEN_LEAST + draw(story, BETWEEN_DRAWN));
    story->day += 7 + (niva_day)draw(story, 7);
    system_begin_day(story->system, story->day, INT64_MIN);
    if (part == PART_DATABASE) {
        system_kill(story->system, part);
        system_start(story->system, part, NULL);
    } else {
        replica_kill(story, part);
    }
}

static void parts_kill(struct story *story)
{
    enum part order[PART_COUNT];

    for (unsigned i = 0; i < PART_COUNT; i++)
        order[i] = (enum part)i;
    for (unsigned i = PART_COUNT - 1; i > 0; i--) {
        unsigned other = draw(story, i + 1);
        enum part held = order[i];

        order[i] = order[other];
        order[other] = held;
    }
    for (unsigned i = 0; i < PART_COUNT; i++)
        part_kill(story, order[i]);
}

static void story_tell(struct story *story, uint64_t seed)
{
    story->state = seed;
    story->day = niva_day_from_civil(2022, 6, 1);
    story->system = system_new(true);
    for (int part = 0; part < SERVICES; part++) {
        for (int number = 2; number <= story->replicas; number++) {
            system_launch_replica(story->system, (enum part)part, number, NULL);
            system_wait_replica(story->system, (enum part)part, number);
        }
    }
    system_begin_day(story->system, story->day, INT64_MIN);
    load_prepare(story->system);
    for (int part = 0; part < SERVICES; part++)
        story->followers[part] = follower_start(story->system, (enum part)part);
    story->load = load_start(story->system, CLIENTS, seed);
    for (int round = 0; round < ROUNDS; round++)
        parts_kill(story);
    load_go_on(story, BETWEEN_LEAST);
    load_stop(story->load);
    system_wait(story->system);
    system_today(story->system, "2022-09-30");
}

/* ---- asking the database ---- */

/* The answer of SQL in the schema of a service. */
static const char *schema_sql(struct story *story, enum part part, const char *sql)
{
    char text[512];

    snprintf(text, sizeof text, "SET search_path TO %s; %s", service_name((enum service)part), sql);
    return system_sql(story->system, text);
}

static int64_t count_of(struct story *story, enum part part, const char *sql)
{
    return strtoll(schema_sql(story, part, sql), NULL, 10);
}

static int64_t head_of(struct story *story, enum part part)
{
    return count_of(story, part, "SELECT position FROM stream_head");
}

/* ---- invariant 1: what was acknowledged is there, once ---- */

/* How the facts of some kinds are listed, and by what one is known from another. */
struct listing {
    unsigned kinds; /* 1 << enum load_kind */
    const char *method;
    const char *entries; /* field of the reply */
    const char *fact;    /* field of the reply of the command */
    const char *keys[3];
};

static const struct listing listings[] = {
    {1 << LOAD_REPORT,
     "niva.intake.v1.ReportService/ListReports",
     "reports",
     "report",
     {"report_id"}},
    {1 << LOAD_ABSENCE | 1 << LOAD_ABSENCE_CHANGE | 1 << LOAD_CANCELLATION,
     "niva.intake.v1.AbsenceService/ListAbsences",
     "absences",
     "absence",
     {"absence_id"}},
    {1 << LOAD_CONTRACT,
     "niva.compliance.v1.RequirementService/ListContracts",
     "contracts",
     "contract",
     {"unit", "first_day", "reference"}},
    {1 << LOAD_DISPENSATION,
     "niva.compliance.v1.DispensationService/ListDispensations",
     "dispensations",
     "dispensation",
     {"dispensation_id"}},
    {1 << LOAD_FINDING,
     "niva.compliance.v1.FindingService/ListFindings",
     "findings",
     "finding",
     {"finding_id"}},
    {1 << LOAD_COMPONENT,
     "niva.compensation.v1.ComponentService/ListComponents",
     "components",
     "component",
     {"unit", "component", "first_day"}},
};

struct keys {
    char (*list)[KEY];
    size_t count;
};

static const void *member(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(message->descriptor, name);

    assert_non_null(field);
    return (const char *)message + field->offset;
}

static int32_t version_of(const ProtobufCMessage *fact)
{
    return niva_wire_field(fact->descriptor, "version") == NULL
               ? 1
               : *(const int32_t *)member(fact, "version");
}

static void key_add(struct keys *keys, const struct listing *listing, const ProtobufCMessage *fact)
{
    char *key = keys->list[keys->count++];
    int length = snprintf(key, KEY, "version %d", version_of(fact));

    for (size_t i = 0; i < 3 && listing->keys[i] != NULL; i++)
        length += snprintf(key + length, (size_t)(KEY - length), " %s",
                           niva_wire_get_text(fact, listing->keys[i]));
}

static int key_order(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct keys keys_new(size_t most)
{
    struct keys keys = {.list = calloc(most + 1, KEY)};

    assert_non_null(keys.list);
    return keys;
}

static ProtobufCMessage *command_reply(const struct load_command *command, struct niva_arena *arena)
{
    struct method method;
    ProtobufCMessage *reply;
    struct niva_error err;

    assert_true(method_find(command->method, &method));
    if (!niva_wire_unpack(method.type->output, command->reply.data, command->reply.len, true, arena,
                          &reply, &err))
        fail_msg("a kept reply cannot be read: %s", err.text_en);
    return reply;
}

static struct keys keys_acknowledged(struct story *story, const struct listing *listing)
{
    struct keys keys = keys_new(load_acknowledged(story->load));
    struct niva_arena *arena = niva_arena_new(64 << 20);
    const struct load_command *command;

    assert_non_null(arena);
    for (size_t i = 0; (command = load_command_at(story->load, i)) != NULL; i++) {
        niva_arena_reset(arena);
        if ((listing->kinds & 1U << command->kind) != 0)
            key_add(
                &keys, listing,
                *(ProtobufCMessage *const *)member(command_reply(command, arena), listing->fact));
    }
    niva_arena_free(arena);
    qsort(keys.list, keys.count, KEY, key_order);
    return keys;
}

/* All pages, all versions, without what was there before the clients came: of 2021. */
static struct keys keys_listed(struct story *story, const struct listing *listing)
{
    struct session *session = system_session(story->system);
    struct method method;
    struct niva_error err;
    ProtobufCMessage *request;
    ProtobufCMessage *reply;
    ProtobufCMessage *const *entries;
    struct keys keys;
    size_t count;

    assert_true(method_find(listing->method, &method));
    request = niva_wire_new(method.type->input, session->arena);
    assert_non_null(request);
    assert_true(niva_wire_set_bool(request, "include_history", true));
    assert_true(niva_wire_set_int64(request, "page_size", 37));
    if (!session_list(session, listing->method, request, &reply, &err))
        fail_msg("%s: %s", listing->method, err.text_en);
    count = *(const size_t *)(const void *)((const char *)reply +
                                            niva_wire_field(reply->descriptor, listing->entries)
                                                ->quantifier_offset);
    entries = *(ProtobufCMessage *const *const *)member(reply, listing->entries);
    keys = keys_new(count);
    for (size_t i = 0; i < count; i++)
        if (strncmp(niva_wire_get_text(entries[i], "first_day"), "2021", 4) != 0)
            key_add(&keys, listing, entries[i]);
    qsort(keys.list, keys.count, KEY, key_order);
    return keys;
}

static void keys_compare(const struct listing *listing, const struct keys *expected,
                         const struct keys *actual)
{
    for (size_t i = 0; i < expected->count || i < actual->count; i++) {
        const char *wanted = i < expected->count ? expected->list[i] : "nothing more";
        const char *got = i < actual->count ? actual->list[i] : "nothing more";

        if (strcmp(wanted, got) != 0)
            fail_msg("%s: expected %zu facts, actual %zu; expected %s, actual %s", listing->method,
                     expected->count, actual->count, wanted, got);
    }
}

static void every_acknowledged_fact_is_listed_once(void **state)
{
    struct story *story = *state;

    assert_string_equal(load_failure(story->load), "");
    for (size_t i = 0; i < sizeof listings / sizeof *listings; i++) {
        struct keys expected = keys_acknowledged(story, &listings[i]);
        struct keys actual = keys_listed(story, &listings[i]);

        keys_compare(&listings[i], &expected, &actual);
        free(expected.list);
        free(actual.list);
    }
}

static size_t count_kinds(const struct story *story, unsigned kinds)
{
    const struct load_command *command;
    size_t count = 0;

    for (size_t i = 0; (command = load_command_at(story->load, i)) != NULL; i++)
        count += (kinds & 1U << command->kind) != 0;
    return count;
}

static void every_withdrawal_is_kept(void **state)
{
    struct story *story = *state;
    Niva__Intake__V1__ListReportsRequest request = NIVA__INTAKE__V1__LIST_REPORTS_REQUEST__INIT;
    const Niva__Intake__V1__ListReportsResponse *reports;
    ProtobufCMessage *reply;
    struct niva_error err;
    size_t withdrawn = 0;

    request.include_history = true;
    request.page_size = 1000;
    if (!session_list(system_session(story->system), "niva.intake.v1.ReportService/ListReports",
                      &request.base, &reply, &err))
        fail_msg("%s", err.text_en);
    reports = (const Niva__Intake__V1__ListReportsResponse *)reply;
    for (size_t i = 0; i < reports->n_reports; i++)
        withdrawn += reports->reports[i]->withdrawn ? 1 : 0;
    assert_int_equal(withdrawn, count_kinds(story, 1 << LOAD_WITHDRAWAL));
}

static void every_request_is_logged_once(void **state)
{
    static const unsigned kinds[SERVICES] = {
        [PART_INTAKE] = 1 << LOAD_REPORT | 1 << LOAD_WITHDRAWAL | 1 << LOAD_ABSENCE |
                        1 << LOAD_ABSENCE_CHANGE | 1 << LOAD_CANCELLATION,
        [PART_COMPLIANCE] = 1 << LOAD_CONTRACT | 1 << LOAD_DISPENSATION | 1 << LOAD_FINDING,
        [PART_COMPENSATION] = 1 << LOAD_COMPONENT,
    };
    struct story *story = *state;

    for (int part = 0; part < SERVICES; part++) {
        assert_int_equal(
            count_of(story, (enum part)part,
                     "SELECT count(*) FROM request WHERE principal LIKE 'fiktiv-klient-%'"),
            count_kinds(story, kinds[part]));
    }
}

static void every_request_again_gets_its_first_answer(void **state)
{
    struct story *story = *state;
    char before[256];
    const struct load_command *command;
    size_t other = 0;

    snprintf(before, sizeof before, "%s", system_heads(story->system));
    for (size_t i = 0; (command = load_command_at(story->load, i)) != NULL; i++)
        other += load_replay(story->system, command) ? 0 : 1;
    assert_int_equal(other, 0);
    assert_string_equal(system_heads(story->system), before);
}

/* ---- invariant 2: whole streams ---- */

static void streams_have_no_gap(void **state)
{
    static const char *const nothing[] = {
        /* positions are 1 … head, in the order of what was recorded */
        "SELECT (SELECT count(*) FROM event) - (SELECT position FROM stream_head)",
        "SELECT max(position) - count(*) FROM event",
        "SELECT count(*) FROM (SELECT recorded_at < lag(recorded_at) OVER (ORDER BY position)"
        " AS back FROM event) AS events WHERE back",
        /* so are facts, and the versions of each */
        "SELECT (SELECT count(*) FROM fact) - (SELECT fact_no FROM stream_head)",
        "SELECT max(fact_no) - count(*) FROM fact",
        "SELECT count(*) FROM (SELECT version - lag(version, 1, 0) OVER (PARTITION BY kind, id"
        " ORDER BY fact_no) AS step FROM fact) AS facts WHERE step <> 1",
    };
    struct story *story = *state;

    for (int part = 0; part < SERVICES; part++) {
        assert_true(head_of(story, (enum part)part) > 0);
        for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
            if (count_of(story, (enum part)part, nothing[i]) != 0)
                fail_msg("%s: %s: expected 0, actual %" PRId64, service_name((enum service)part),
                         nothing[i], count_of(story, (enum part)part, nothing[i]));
    }
}

static void hash_chains_verify(void **state)
{
    struct story *story = *state;

    for (int part = 0; part < SERVICES; part++) {
        const char *schema = service_name((enum service)part);
        char role[32];
        struct niva_pg *pg;
        struct niva_error err;
        int64_t events;
        int64_t facts;

        snprintf(role, sizeof role, "niva_%s", schema);
        pg = niva_pg_open(system_conninfo(story->system, role), schema, "test", &err);
        assert_non_null(pg);
        assert_string_equal(proof_chains(pg, 1000, &events, &facts), "");
        niva_pg_close(pg);
        assert_int_equal(events, head_of(story, (enum part)part));
    }
}

static void whoever_follows_misses_nothing(void **state)
{
    struct story *story = *state;

    for (int part = 0; part < SERVICES; part++) {
        int64_t head = head_of(story, (enum part)part);
        char digest[33];

        assert_string_equal(follower_finish(story->followers[part], head, digest), "");
        assert_string_equal(
            digest,
            schema_sql(story, (enum part)part,
                       "SELECT md5(string_agg(id::text, ',' ORDER BY position)) FROM event"));
        story->followers[part] = follower_free(story->followers[part]);
    }
}

/* ---- invariant 3: the model's verdicts and amounts ---- */

static void verdicts_and_amounts_are_those_of_the_model(void **state)
{
    struct story *story = *state;
    struct compared compared = compare_with_model(story->system);

    assert_int_equal(compared.units, load_unit_count);
    assert_true(compared.breaches > 0);
    assert_true(compared.deductions > 0);
    assert_int_equal(compared.differing, 0);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : SEED;
    struct story story = {.replicas = argc > 2 ? atoi(argv[2]) : 1};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_acknowledged_fact_is_listed_once, &story),
        cmocka_unit_test_prestate(every_withdrawal_is_kept, &story),
        cmocka_unit_test_prestate(every_request_is_logged_once, &story),
        cmocka_unit_test_prestate(every_request_again_gets_its_first_answer, &story),
        cmocka_unit_test_prestate(streams_have_no_gap, &story),
        cmocka_unit_test_prestate(hash_chains_verify, &story),
        cmocka_unit_test_prestate(verdicts_and_amounts_are_those_of_the_model, &story),
        cmocka_unit_test_prestate(whoever_follows_misses_nothing, &story),
    };
    int failed;

    printf("seed %" PRIu64 ", %d of each service\n", seed, story.replicas);
    story_tell(&story, seed);
    printf("%zu commands were acknowledged; heads: %s\n", load_acknowledged(story.load),
           system_heads(story.system));
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(story.system);
    load_free(story.load);
    system_free(story.system);
    return failed ? 1 : 0;
}
