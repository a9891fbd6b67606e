/* Bytes that no client of ours would send, to real processes: broken messages, broken envelopes,
 * methods that are not there, deadlines that have passed, messages that are too large. Each is
 * answered with a code and two sentences, or cut off; nothing changes, and whoever calls beside it
 * notices nothing. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"
#include "services/common/base/clock.h"
#include "tests/support/process.h"
#include "tests/support/raw.h"
#include "tests/support/system.h"

#define UNIT       "SE2321000016-A001"
#define REQUEST_ID "0190163d-8694-739b-aea5-966c26f8ad91"
#define SUBMIT     "/niva.intake.v1.ReportService/SubmitReport"
#define GET_UNIT   "/niva.intake.v1.UnitService/GetUnit"
#define RULE_SETS  "/niva.compliance.v1.RuleService/ListRuleSets"

enum {
    MIB = 1 << 20,
    SERVICES = 3,
    GOOD_CALLERS = 4,
    GOOD_CALLS = 20,  /* of each caller at least */
    LARGE_ROUNDS = 5, /* at least */
    LARGE_MS = 60000,
    MUTATIONS = 300,
    CALL_MS = 10000,
    NESTED = 10000,
};

struct site {
    struct system *system;
    struct niva_arena *arena;
};

static const struct niva_rpc_options plain = {.timeout_ms = CALL_MS, .recorded_at = INT64_MIN};

static void sentences_check(const char *sv, const char *en, const char *what)
{
    if (strlen(sv) < 10 || strlen(en) < 10 || strcmp(sv, en) == 0)
        fail_msg("%s: expected a sentence in Swedish and in English, actual \"%s\", \"%s\"", what,
                 sv, en);
}

/* ---- bytes as one writes them ---- */

struct bytes {
    uint8_t *data;
    size_t size;
};

static void put(struct bytes *bytes, const void *data, size_t size)
{
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static void put_varint(struct bytes *bytes, uint64_t value)
{
    while (value >= 0x80) {
        bytes->data[bytes->size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes->data[bytes->size++] = (uint8_t)value;
}

static void put_field(struct bytes *bytes, unsigned field, const void *data, size_t size)
{
    put_varint(bytes, (uint64_t)field << 3 | 2);
    put_varint(bytes, size);
    put(bytes, data, size);
}

static struct bytes bytes_new(struct niva_arena *arena, size_t room)
{
    struct bytes bytes = {.data = niva_arena_alloc(arena, room)};

    assert_non_null(bytes.data);
    return bytes;
}

/* A good SubmitReportRequest but for its report. */
static struct bytes report_request(struct niva_arena *arena, const void *report, size_t size)
{
    struct bytes bytes = bytes_new(arena, size + 64);

    put_field(&bytes, 1, REQUEST_ID, 36);
    put_field(&bytes, 2, report, size);
    return bytes;
}

/* A report with the unit as said. */
static struct bytes report_of(struct niva_arena *arena, const char *unit, size_t size)
{
    struct bytes report = bytes_new(arena, 128);

    put_field(&report, 2, unit, size);
    put_field(&report, 3, "fysioterapeut", 13);
    put_field(&report, 4, "2022-01-01", 10);
    return report;
}

/* ---- messages ---- */

static void message_refused(struct site *site, struct bytes bytes, const char *field,
                            const char *what)
{
    ProtobufCBinaryData request = {.data = bytes.data, .len = bytes.size};
    ProtobufCBinaryData reply;
    char before[256];
    struct niva_error err;

    snprintf(before, sizeof before, "%s", system_heads(site->system));
    niva_error_clear(&err);
    if (niva_rpc_call_packed(system_client(site->system, PART_INTAKE), SUBMIT, request, &plain,
                             site->arena, &reply, NULL, &err))
        fail_msg("%s: expected INVALID_ARGUMENT, actual OK", what);
    if (err.code != NIVA_INVALID_ARGUMENT || err.violation_count == 0 ||
        (field != NULL && strcmp(err.violations[0].field, field) != 0))
        fail_msg("%s: expected INVALID_ARGUMENT of %s, actual %s of %s: %s", what,
                 field == NULL ? "a field" : field, niva_code_name((int)err.code),
                 err.violation_count == 0 ? "nothing" : err.violations[0].field, err.text_en);
    sentences_check(err.violations[0].text_sv, err.violations[0].text_en, what);
    assert_string_equal(system_heads(site->system), before);
    niva_arena_reset(site->arena);
}

static void texts_with_nul_or_broken_utf8_are_refused(void **state)
{
    static const struct {
        const char *name;
        const char *unit;
        size_t size;
    } cases[] = {
        {"NUL inside", "SE2321000016-A\0001", 16},
        {"NUL behind", UNIT "\0", 18},
        {"a byte that begins nothing", "SE2321000016-\xff", 14},
        {"a character cut short", "SE2321000016-\xc3", 14},
        {"an overlong form", "SE2321000016-\xc0\xaf", 15},
        {"a surrogate", "SE2321000016-\xed\xa0\x80", 16},
        {"beyond Unicode", "SE2321000016-\xf4\x90\x80\x80", 17},
    };
    struct site *site = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes report = report_of(site->arena, cases[i].unit, cases[i].size);

        message_refused(site, report_request(site->arena, report.data, report.size), "report.unit",
                        cases[i].name);
    }
}

static void messages_that_are_none_are_refused(void **state)
{
    struct site *site = *state;
    struct bytes report = report_of(site->arena, UNIT, 17);
    struct bytes bytes = report_request(site->arena, report.data, report.size);

    put_field(&bytes, 99, "x", 1);
    message_refused(site, bytes, NULL, "an unknown field");

    report = report_of(site->arena, UNIT, 17);
    bytes = bytes_new(site->arena, 512);
    put_field(&bytes, 1, REQUEST_ID, 36);
    put_field(&bytes, 2, report.data, report.size);
    put_field(&bytes, 2, report.data, report.size);
    message_refused(site, bytes, "report", "a report twice");

    report = report_of(site->arena, UNIT, 17);
    put_varint(&report, 6 << 3); /* reason */
    put_varint(&report, 77);
    message_refused(site, report_request(site->arena, report.data, report.size), "report.reason",
                    "a reason that is none");

    report = report_of(site->arena, UNIT, 17);
    bytes = report_request(site->arena, report.data, report.size);
    bytes.size -= 3;
    message_refused(site, bytes, NULL, "a message cut short");

    report = report_of(site->arena, UNIT, 17);
    bytes = report_request(site->arena, report.data, report.size);
    put_varint(&bytes, 2); /* field 0 */
    put_varint(&bytes, 0);
    message_refused(site, bytes, NULL, "a field number 0");
}

/* Half a million empty positions, and ten thousand messages one inside the other. */
static void a_mebibyte_of_nested_messages_is_refused(void **state)
{
    struct site *site = *state;
    struct bytes report = bytes_new(site->arena, MIB);
    struct bytes nested;
    size_t begin = MIB;

    put_field(&report, 2, UNIT, 17);
    while (report.size + 2 < MIB) {
        report.data[report.size++] = 5 << 3 | 2;
        report.data[report.size++] = 0;
    }
    message_refused(site, report_request(site->arena, report.data, report.size), NULL,
                    "empty positions");

    nested = bytes_new(site->arena, MIB);
    for (int depth = 0; depth < NESTED; depth++) {
        size_t inside = MIB - begin;
        struct bytes head = {.data = (uint8_t[16]){0}};

        put_varint(&head, 2 << 3 | 2);
        put_varint(&head, inside);
        begin -= head.size;
        memcpy(nested.data + begin, head.data, head.size);
    }
    message_refused(site, (struct bytes){.data = nested.data + begin, .size = MIB - begin}, NULL,
                    "deep messages");
}

/* ---- envelopes ---- */

static const char *reply_english(const Niva__Rpc__V1__Reply *reply)
{
    const char *joint = strstr(reply->message, " / ");

    return joint == NULL ? "" : joint + 3;
}

static void envelope_refused(struct site *site, enum part part, const char *listener,
                             const Niva__Rpc__V1__Request *envelope, enum niva_code code,
                             const char *what)
{
    const Niva__Rpc__V1__Reply *reply =
        raw_call(system_url(site->system, part, listener), envelope, site->arena);

    if (reply == NULL || reply->code != (int)code)
        fail_msg("%s: expected %s, actual %s", what, niva_code_name((int)code),
                 reply == NULL ? "no answer" : niva_code_name(reply->code));
    else
        sentences_check(reply->message, reply_english(reply), what);
}

static void unknown_methods_are_refused(void **state)
{
    static const char *const methods[] = {
        "/niva.intake.v1.UnitService/DropAllUnits",
        "/niva.intake.v2.UnitService/GetUnit",
        RULE_SETS,
        "GetUnit",
        "",
    };
    struct site *site = *state;

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        Niva__Rpc__V1__Request envelope = NIVA__RPC__V1__REQUEST__INIT;

        envelope.method = (char *)(uintptr_t)methods[i];
        envelope.timeout_ms = CALL_MS;
        envelope_refused(site, PART_INTAKE, "user", &envelope, NIVA_UNIMPLEMENTED, methods[i]);
    }
}

static void a_deadline_that_has_passed_is_kept(void **state)
{
    static const int32_t left[] = {0, -1, INT32_MIN};
    struct site *site = *state;
    struct bytes report = report_of(site->arena, UNIT, 17);
    struct bytes bytes = report_request(site->arena, report.data, report.size);
    char before[256];

    snprintf(before, sizeof before, "%s", system_heads(site->system));
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        Niva__Rpc__V1__Request envelope = NIVA__RPC__V1__REQUEST__INIT;

        envelope.method = (char *)SUBMIT;
        envelope.timeout_ms = left[i];
        envelope.payload = (ProtobufCBinaryData){.data = bytes.data, .len = bytes.size};
        envelope_refused(site, PART_INTAKE, "user", &envelope, NIVA_DEADLINE_EXCEEDED,
                         "an expired deadline");
    }
    assert_string_equal(system_heads(site->system), before);
}

/* The listener for services gives events and the state, and lets nobody speak for another. */
static void the_listener_for_services_takes_no_commands(void **state)
{
    struct site *site = *state;
    Niva__Rpc__V1__Request envelope = NIVA__RPC__V1__REQUEST__INIT;
    Niva__Rpc__V1__Principal principal = NIVA__RPC__V1__PRINCIPAL__INIT;

    envelope.method = (char *)GET_UNIT;
    envelope.timeout_ms = CALL_MS;
    envelope_refused(site, PART_INTAKE, "peer", &envelope, NIVA_PERMISSION_DENIED, "a read");
    envelope.method = (char *)"/niva.control.v1.ControlService/MoveToday";
    envelope_refused(site, PART_INTAKE, "peer", &envelope, NIVA_PERMISSION_DENIED, "a command");
    envelope.method = (char *)"/niva.control.v1.ControlService/GetStatus";
    principal.subject = (char *)"fiktiv.handlaggare.1";
    envelope.principal = &principal;
    envelope_refused(site, PART_INTAKE, "peer", &envelope, NIVA_PERMISSION_DENIED, "a principal");
}

/* Seeded damage to a good envelope: whatever it has become, it is answered. */
static void damaged_envelopes_are_answered(void **state)
{
    struct site *site = *state;
    Niva__Rpc__V1__Request envelope = NIVA__RPC__V1__REQUEST__INIT;
    uint64_t random = 35918;
    uint8_t good[256];
    size_t size;

    envelope.method = (char *)GET_UNIT;
    envelope.timeout_ms = CALL_MS;
    envelope.payload = (ProtobufCBinaryData){.data = (uint8_t *)"\x0a\x11" UNIT, .len = 19};
    size = niva__rpc__v1__request__pack(&envelope, good);
    for (int i = 0; i < MUTATIONS; i++) {
        uint8_t bytes[sizeof good];
        size_t sent = size;

        memcpy(bytes, good, size);
        for (int hit = 0; hit < 3; hit++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            bytes[(random >> 33) % size] = (uint8_t)(random >> 56);
        }
        if (i % 7 == 0)
            sent = (random >> 40) % size;
        if (raw_exchange(system_url(site->system, PART_INTAKE, "user"), bytes, sent, site->arena) ==
            NULL)
            fail_msg("damage %d: expected an answer, actual none", i);
        niva_arena_reset(site->arena);
    }
    system_wait_ready(site->system, PART_INTAKE);
}

/* ---- size ---- */

struct good_caller {
    struct site *site;
    pthread_t thread;
    atomic_bool *stop;
    atomic_size_t calls;
    atomic_bool failed;
    char failure[256];
};

static void *good_caller_run(void *argument)
{
    struct good_caller *caller = argument;
    struct niva_arena *arena = niva_arena_new(MIB);
    Niva__Compliance__V1__ListRuleSetsRequest request =
        NIVA__COMPLIANCE__V1__LIST_RULE_SETS_REQUEST__INIT;
    struct niva_error err;
    ProtobufCMessage *reply;

    while (arena != NULL && !atomic_load(caller->stop)) {
        niva_arena_reset(arena);
        if (!niva_rpc_call(system_client(caller->site->system, PART_COMPLIANCE), RULE_SETS,
                           &request.base,
                           &niva__compliance__v1__list_rule_sets_response__descriptor, &plain,
                           arena, &reply, NULL, &err)) {
            snprintf(caller->failure, sizeof caller->failure, "%s: %.200s",
                     niva_code_name((int)err.code), err.text_en);
            atomic_store(&caller->failed, true);
            break;
        }
        atomic_fetch_add(&caller->calls, 1);
    }
    niva_arena_free(arena);
    return NULL;
}

static void too_large(struct site *site, size_t size, const char *what)
{
    ProtobufCBinaryData request = {.data = calloc(1, size), .len = size};
    ProtobufCBinaryData reply;
    struct niva_error err;
    bool good;

    assert_non_null(request.data);
    niva_error_clear(&err);
    good = niva_rpc_call_packed(system_client(site->system, PART_COMPLIANCE), RULE_SETS, request,
                                &plain, site->arena, &reply, NULL, &err);
    free(request.data);
    if (good || err.code != NIVA_RESOURCE_EXHAUSTED)
        fail_msg("%s: expected RESOURCE_EXHAUSTED, actual %s: %s", what,
                 niva_code_name(good ? NIVA_OK : (int)err.code), good ? "" : err.text_en);
    sentences_check(err.text_sv, err.text_en, what);
}

/* Whether each has called often enough, one has failed, or time is out. */
static bool callers_done(struct good_caller callers[GOOD_CALLERS], int64_t deadline_ms)
{
    bool done = true;

    for (int i = 0; i < GOOD_CALLERS; i++)
        done = done &&
               (atomic_load(&callers[i].calls) >= GOOD_CALLS || atomic_load(&callers[i].failed));
    return done || niva_clock_monotonic_ms() > deadline_ms;
}

/* On the same connection as good calls: over the service's limit, and over what can be sent; and on
 * a connection of its own, past every limit, where the socket cuts it off. */
static void an_oversized_message_hurts_itself_alone(void **state)
{
    struct site *site = *state;
    struct good_caller callers[GOOD_CALLERS] = {{0}};
    atomic_bool stop = false;
    int64_t deadline_ms = niva_clock_monotonic_ms() + LARGE_MS;
    size_t size = (size_t)18 * MIB;
    uint8_t *bytes = calloc(1, size);

    assert_non_null(bytes);
    for (int i = 0; i < GOOD_CALLERS; i++) {
        callers[i].site = site;
        callers[i].stop = &stop;
        assert_int_equal(pthread_create(&callers[i].thread, NULL, good_caller_run, &callers[i]), 0);
    }
    for (int i = 0; i < LARGE_ROUNDS || !callers_done(callers, deadline_ms); i++) {
        too_large(site, MIB + 1, "a request over 1 MiB");
        too_large(site, (size_t)16 * MIB, "a request of 16 MiB");
        too_large(site, size, "a request over 17 MiB");
        assert_null(raw_exchange(system_url(site->system, PART_COMPLIANCE, "user"), bytes, size,
                                 site->arena));
    }
    atomic_store(&stop, true);
    for (int i = 0; i < GOOD_CALLERS; i++)
        pthread_join(callers[i].thread, NULL);
    free(bytes);
    for (int i = 0; i < GOOD_CALLERS; i++) {
        assert_string_equal(callers[i].failure, "");
        assert_true(atomic_load(&callers[i].calls) >= GOOD_CALLS);
    }
}

int main(void)
{
    struct site site = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(texts_with_nul_or_broken_utf8_are_refused, &site),
        cmocka_unit_test_prestate(messages_that_are_none_are_refused, &site),
        cmocka_unit_test_prestate(a_mebibyte_of_nested_messages_is_refused, &site),
        cmocka_unit_test_prestate(unknown_methods_are_refused, &site),
        cmocka_unit_test_prestate(a_deadline_that_has_passed_is_kept, &site),
        cmocka_unit_test_prestate(the_listener_for_services_takes_no_commands, &site),
        cmocka_unit_test_prestate(damaged_envelopes_are_answered, &site),
        cmocka_unit_test_prestate(an_oversized_message_hurts_itself_alone, &site),
    };
    int failed;

    site.system = system_new(true);
    site.arena = niva_arena_new((size_t)64 * MIB);
    if (site.arena == NULL)
        give_up("no memory");
    system_today(site.system, "2022-06-23");
    system_tell(site.system, site.arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '" UNIT "', 'name': 'Vårdcentralen Fiktiv',"
                " 'regionCode': '19', 'owners': [{'orgNumber': '2321000016',"
                " 'form': 'REGION_RUN', 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01'}}");
    system_wait(site.system);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(site.system);
    niva_arena_free(site.arena);
    system_free(site.system);
    return failed ? 1 : 0;
}
