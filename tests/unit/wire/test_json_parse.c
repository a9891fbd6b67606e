#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "messages.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/intake/v1/events.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"

#define SAMPLE (&niva__sample__sample__descriptor)
#define REPORT (&niva__intake__v1__submit_report_request__descriptor)

enum { ARENA_BYTES = 4 << 20, MEGABYTE = 1 << 20 };

/* Parses a copy of exactly that size, so that a byte read too much is seen. */
static bool parse(const ProtobufCMessageDescriptor *type, const char *json, size_t size,
                  struct niva_arena *arena, void *ret_message, struct niva_error *err)
{
    char *copy = malloc(size == 0 ? 1 : size);
    bool done;

    assert_non_null(copy);
    memcpy(copy, json, size);
    done = niva_json_parse(type, copy, size, arena, ret_message, err);
    free(copy);
    return done;
}

static void *expect_parsed(const ProtobufCMessageDescriptor *type, const char *json,
                           struct niva_arena *arena)
{
    void *message = NULL;
    struct niva_error err;

    if (!parse(type, json, strlen(json), arena, &message, &err))
        fail_msg("%s: %s at \"%s\"", json, err.violations[0].reason, err.violations[0].field);
    return message;
}

static void expect_refused_bytes(const ProtobufCMessageDescriptor *type, const char *json,
                                 size_t size, const char *field, const char *reason)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    void *message = NULL;
    struct niva_error err;

    if (parse(type, json, size, arena, &message, &err))
        fail_msg("%.80s: expected %s at \"%s\"", json, reason, field);
    assert_null(message);
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    if (strcmp(err.violations[0].reason, reason) != 0 ||
        strcmp(err.violations[0].field, field) != 0)
        fail_msg("%.80s: expected %s at \"%s\", got %s at \"%s\"", json, reason, field,
                 err.violations[0].reason, err.violations[0].field);
    assert_true(err.text_sv[0] != '\0' && err.text_en[0] != '\0');
    niva_arena_free(arena);
}

struct refusal {
    const char *json;
    const char *field;
    const char *reason;
};

static void expect_refused(const ProtobufCMessageDescriptor *type, const struct refusal *cases,
                           size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_refused_bytes(type, cases[i].json, strlen(cases[i].json), cases[i].field,
                             cases[i].reason);
}

#define EXPECT_REFUSED(type, cases) expect_refused(type, cases, sizeof(cases) / sizeof *(cases))

/* ---- good ones ---- */

static void both_spellings_are_read(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    Niva__Intake__V1__SubmitReportRequest *request = expect_parsed(
        REPORT,
        " {\"requestId\":\"a\",\"report\":{\"effective_from\":\"2022-06-23\",\"positions\":["
        "{\"positionKey\":\"p1\",\"fte_milli\":875,\"employment\":\"HIRED\"},{}]}} ",
        arena);

    assert_string_equal(request->request_id, "a");
    assert_string_equal(request->report->effective_from, "2022-06-23");
    assert_int_equal(request->report->n_positions, 2);
    assert_int_equal(request->report->positions[0]->fte_milli, 875);
    assert_int_equal(request->report->positions[0]->employment,
                     NIVA__INTAKE__V1__POSITION__EMPLOYMENT__HIRED);
    assert_string_equal(request->report->positions[1]->position_key, "");
    niva_arena_free(arena);
}

static void null_means_not_given(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    Niva__Sample__Sample *sample =
        expect_parsed(SAMPLE,
                      "{\"anInt32\":null,\"aString\":null,\"child\":null,\"strings\":null,"
                      "\"at\":null,\"number\":null,\"word\":\"x\"}",
                      arena);

    assert_string_equal(sample->a_string, "");
    assert_null(sample->child);
    assert_null(sample->at);
    assert_int_equal(sample->choice_case, NIVA__SAMPLE__SAMPLE__CHOICE_WORD);
    assert_string_equal(sample->word, "x");
    niva_arena_free(arena);
}

static void integers_come_in_every_form_that_is_integral(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int64_t value;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"-0.0", 0},
        {"0e99999999999", 0},
        {"1.0", 1},
        {"1e2", 100},
        {"1E+2", 100},
        {"1.5e1", 15},
        {"100e-2", 1},
        {"-1250.00e-1", -125},
        {"9007199254740992.0", 9007199254740992},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"\"9223372036854775807\"", INT64_MAX},
        {"\"-9223372036854775808\"", INT64_MIN},
        {"\"9007199254740993.0\"", 9007199254740993},
        {"\"1e18\"", 1000000000000000000},
    };
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[80];
        Niva__Sample__Sample *sample;

        snprintf(json, sizeof json, "{\"anInt64\":%s}", cases[i].json);
        sample = expect_parsed(SAMPLE, json, arena);
        if (sample->an_int64 != cases[i].value)
            fail_msg("%s: expected %lld, got %lld", json, (long long)cases[i].value,
                     (long long)sample->an_int64);
    }
    niva_arena_free(arena);
}

static void every_kind_of_value_is_read(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    Niva__Sample__Sample *sample = expect_parsed(
        SAMPLE,
        "{\"anUint64\":\"18446744073709551615\",\"anUint32\":4294967295,\"anSint32\":-2147483648,"
        "\"aColor\":5,\"colors\":[\"BLUE\",1,1.0],\"aBool\":true,"
        "\"aString\":\"\\u00e5\\uD83C\\uDFE5\\n\",\"someBytes\":\"-__-\",\"manyBytes\":[\"\",\"+/"
        "8\"],"
        "\"at\":\"2022-06-23T12:00:00.123456789+02:00\"}",
        arena);

    assert_true(sample->an_uint64 == UINT64_MAX);
    assert_int_equal(sample->an_uint32, UINT32_MAX);
    assert_int_equal(sample->an_sint32, INT32_MIN);
    assert_int_equal(sample->a_color, NIVA__SAMPLE__SAMPLE__COLOR__YELLOW);
    assert_string_equal(sample->a_string, "å🏥\n");
    assert_int_equal(sample->some_bytes.len, 3);
    assert_memory_equal(sample->some_bytes.data, "\xfb\xff\xfe", 3);
    assert_int_equal(sample->many_bytes[1].len, 2);
    assert_int_equal(sample->at->seconds, 1655978400);
    assert_int_equal(sample->at->nanos, 123456000);
    niva_arena_free(arena);
}

static void an_any_is_read_wherever_its_type_stands(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    static const char *const texts[] = {
        "{\"extra\":{\"@type\":\"type.googleapis.com/niva.intake.v1.ReportWithdrawn\","
        "\"reportId\":\"r\"}}",
        "{\"extra\":{\"report_id\":\"r\","
        "\"@type\":\"type.googleapis.com/niva.intake.v1.ReportWithdrawn\"}}",
    };

    for (size_t i = 0; i < 2; i++) {
        Niva__Sample__Sample *sample = expect_parsed(SAMPLE, texts[i], arena);

        assert_string_equal(sample->extra->type_url,
                            "type.googleapis.com/niva.intake.v1.ReportWithdrawn");
        assert_int_equal(sample->extra->value.len, 3);
        assert_memory_equal(sample->extra->value.data, "\x0a\x01r", 3);
    }
    assert_int_equal(
        ((Niva__Sample__Sample *)expect_parsed(SAMPLE, "{\"extra\":{}}", arena))->extra->value.len,
        0);
    niva_arena_free(arena);
}

/* ---- what is refused ---- */

static void unknown_and_repeated_fields_are_named(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"{\"report\":{\"colour\":1}}", "report.colour", "FIELD_UNKNOWN"},
        {"{\"report\":{\"positions\":[{},{\"Fte\":1}]}}", "report.positions[1].Fte",
         "FIELD_UNKNOWN"},
        {"{\"\":1}", "", "FIELD_UNKNOWN"},
        {"{\"a\\nb\":1}", "a?b", "FIELD_UNKNOWN"},
        {"{\"@type\":1}", "@type", "FIELD_UNKNOWN"},
        {"{\"requestId\":\"a\",\"requestId\":\"a\"}", "requestId", "FIELD_REPEATED"},
        {"{\"requestId\":\"a\",\"request_id\":\"a\"}", "requestId", "FIELD_REPEATED"},
        {"{\"requestId\":null,\"request_id\":\"a\"}", "requestId", "FIELD_REPEATED"},
        {"{\"report\":{\"positions\":[{},{\"fteMilli\":1,\"fteMilli\":2}]}}",
         "report.positions[1].fteMilli", "FIELD_REPEATED"},
    };
    static const struct refusal oneofs[] = {
        {"{\"number\":1,\"word\":\"x\"}", "word", "FIELD_REPEATED"},
        {"{\"nested\":{\"number\":0,\"yes\":false}}", "nested.yes", "FIELD_REPEATED"},
    };

    EXPECT_REFUSED(REPORT, cases);
    EXPECT_REFUSED(SAMPLE, oneofs);
}

static void values_of_the_wrong_type_are_named(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"{\"anInt32\":true}", "anInt32", "TYPE_WRONG"},
        {"{\"anInt32\":\"\"}", "anInt32", "TYPE_WRONG"},
        {"{\"anInt32\":\" 1\"}", "anInt32", "TYPE_WRONG"},
        {"{\"anInt32\":\"1x\"}", "anInt32", "TYPE_WRONG"},
        {"{\"anInt32\":\"01\"}", "anInt32", "TYPE_WRONG"},
        {"{\"anInt32\":\"+1\"}", "anInt32", "TYPE_WRONG"},
        {"{\"anInt32\":\"0x1\"}", "anInt32", "TYPE_WRONG"},
        {"{\"anInt32\":\"NaN\"}", "anInt32", "TYPE_WRONG"},
        {"{\"anInt32\":[1]}", "anInt32", "TYPE_WRONG"},
        {"{\"anInt32\":{}}", "anInt32", "TYPE_WRONG"},
        {"{\"aBool\":1}", "aBool", "TYPE_WRONG"},
        {"{\"aBool\":\"true\"}", "aBool", "TYPE_WRONG"},
        {"{\"aString\":1}", "aString", "TYPE_WRONG"},
        {"{\"child\":[]}", "child", "TYPE_WRONG"},
        {"{\"child\":\"x\"}", "child", "TYPE_WRONG"},
        {"{\"strings\":\"x\"}", "strings", "TYPE_WRONG"},
        {"{\"strings\":{}}", "strings", "TYPE_WRONG"},
        {"{\"strings\":[\"x\",null]}", "strings[1]", "TYPE_WRONG"},
        {"{\"children\":[{},{\"strings\":[1]}]}", "children[1].strings[0]", "TYPE_WRONG"},
        {"{\"children\":[null]}", "children[0]", "TYPE_WRONG"},
        {"[]", "", "TYPE_WRONG"},
        {"\"x\"", "", "TYPE_WRONG"},
        {"null", "", "TYPE_WRONG"},
        {"{\"aColor\":\"RED\"}", "aColor", "ENUM_UNKNOWN"},
        {"{\"aColor\":\"blue\"}", "aColor", "ENUM_UNKNOWN"},
        {"{\"aColor\":2}", "aColor", "ENUM_UNKNOWN"},
        {"{\"colors\":[\"BLUE\",\"\"]}", "colors[1]", "ENUM_UNKNOWN"},
        {"{\"someBytes\":1}", "someBytes", "TYPE_WRONG"},
        {"{\"someBytes\":\"A\"}", "someBytes", "BASE64_MALFORMED"},
        {"{\"someBytes\":\"AB=\"}", "someBytes", "BASE64_MALFORMED"},
        {"{\"someBytes\":\"A===\"}", "someBytes", "BASE64_MALFORMED"},
        {"{\"someBytes\":\"=\"}", "someBytes", "BASE64_MALFORMED"},
        {"{\"someBytes\":\"AB=C\"}", "someBytes", "BASE64_MALFORMED"},
        {"{\"someBytes\":\"AQ==AQ==\"}", "someBytes", "BASE64_MALFORMED"},
        {"{\"someBytes\":\"AR==\"}", "someBytes", "BASE64_MALFORMED"},
        {"{\"someBytes\":\"A Q=\"}", "someBytes", "BASE64_MALFORMED"},
        {"{\"at\":\"2022-06-23\"}", "at", "TIMESTAMP_MALFORMED"},
        {"{\"at\":\"2022-02-30T00:00:00Z\"}", "at", "TIMESTAMP_MALFORMED"},
        {"{\"at\":0}", "at", "TIMESTAMP_MALFORMED"},
        {"{\"at\":{\"seconds\":1}}", "at", "TIMESTAMP_MALFORMED"},
        {"{\"extra\":{\"typeUrl\":\"x\"}}", "extra.@type", "ANY_UNKNOWN"},
        {"{\"extra\":{\"@type\":\"example.com/Other\"}}", "extra.@type", "ANY_UNKNOWN"},
        {"{\"extra\":{\"@type\":\"type.googleapis.com/niva.intake.v1.UnitChanged\",\"x\":1}}",
         "extra.x", "FIELD_UNKNOWN"},
    };

    EXPECT_REFUSED(SAMPLE, cases);
    expect_refused_bytes(&io__cloudevents__v1__cloud_event__descriptor, "{}", 2, "", "ANY_UNKNOWN");
}

static void numbers_that_do_not_fit_are_named(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"{\"anInt32\":2147483648}", "anInt32", "NUMBER_OUT_OF_RANGE"},
        {"{\"anInt32\":-2147483649}", "anInt32", "NUMBER_OUT_OF_RANGE"},
        {"{\"anInt32\":\"4294967297\"}", "anInt32", "NUMBER_OUT_OF_RANGE"},
        {"{\"anUint32\":-1}", "anUint32", "NUMBER_OUT_OF_RANGE"},
        {"{\"anUint64\":\"18446744073709551616\"}", "anUint64", "NUMBER_OUT_OF_RANGE"},
        {"{\"anInt64\":9223372036854775808}", "anInt64", "NUMBER_OUT_OF_RANGE"},
        {"{\"anInt64\":\"9223372036854775808\"}", "anInt64", "NUMBER_OUT_OF_RANGE"},
        {"{\"children\":[{},{\"anInt64\":1e400}]}", "children[1].anInt64", "NUMBER_OUT_OF_RANGE"},
        {"{\"anInt64\":9007199254740993.0}", "anInt64", "NUMBER_OUT_OF_RANGE"},
        {"{\"anInt64\":1e999999999999999999999}", "anInt64", "NUMBER_OUT_OF_RANGE"},
        {"{\"anInt32\":0.5}", "anInt32", "NUMBER_FRACTION"},
        {"{\"anInt32\":\"0.5\"}", "anInt32", "NUMBER_FRACTION"},
        {"{\"int32s\":[1,2.0,1e-1]}", "int32s[2]", "NUMBER_FRACTION"},
        {"{\"anInt64\":1.00000000000000000000000000000001}", "anInt64", "NUMBER_FRACTION"},
        {"{\"anInt64\":1e-99999999999999}", "anInt64", "NUMBER_FRACTION"},
    };

    EXPECT_REFUSED(SAMPLE, cases);
}

static void broken_json_is_told_by_its_place(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"", "", "JSON_MALFORMED"},
        {" ", "", "JSON_MALFORMED"},
        {"{", "", "JSON_MALFORMED"},
        {"{}{}", "", "JSON_MALFORMED"},
        {"{\"anInt32\":}", "anInt32", "JSON_MALFORMED"},
        {"{\"anInt32\":01}", "anInt32", "JSON_MALFORMED"},
        {"{\"anInt32\":1.}", "anInt32", "JSON_MALFORMED"},
        {"{\"anInt32\":.5}", "anInt32", "JSON_MALFORMED"},
        {"{\"anInt32\":NaN}", "anInt32", "JSON_MALFORMED"},
        {"{\"child\":{\"strings\":[\"a\",\"b}", "child.strings[1]", "JSON_MALFORMED"},
        {"{'anInt32':1}", "", "JSON_MALFORMED"},
        {"{\"aString\":\"\\uD800\"}", "aString", "JSON_MALFORMED"},
        {"{\"aString\":\"\\x\"}", "aString", "JSON_MALFORMED"},
        {"{\"aString\":\"a\nb\"}", "aString", "JSON_MALFORMED"},
        {"{\"child\":{\"aString\":\"\xff\"}}", "child.aString", "TEXT_NOT_UTF8"},
        {"{\"aString\":\"a\\u0000b\"}", "aString", "TEXT_HAS_NUL"},
        {"\xef\xbb\xbf{}", "", "JSON_MALFORMED"},
    };
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    void *message;
    struct niva_error err;

    EXPECT_REFUSED(SAMPLE, cases);
    expect_refused_bytes(SAMPLE, "{\"aString\":\"a\0b\"}", 17, "aString", "JSON_MALFORMED");
    assert_false(parse(SAMPLE, "{\n  x", 5, arena, &message, &err));
    assert_non_null(strstr(err.text_sv, "rad 2"));
    assert_non_null(strstr(err.text_en, "line 2"));
    niva_arena_free(arena);
}

static void nesting_and_numbers_of_values_are_bounded(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_text json = {0};
    char path[256] = "child";

    for (int i = 0; i < NIVA_WIRE_DEPTH_MAX; i++)
        niva_text_puts(&json, "{\"child\":");
    niva_text_puts(&json, "{}");
    for (int i = 0; i < NIVA_WIRE_DEPTH_MAX; i++)
        niva_text_puts(&json, "}");
    expect_parsed(SAMPLE, json.data, arena);
    json.length = 0;
    for (int i = 0; i < NIVA_WIRE_DEPTH_MAX; i++)
        strcat(path, ".child");
    for (int i = 0; i <= NIVA_WIRE_DEPTH_MAX; i++)
        niva_text_puts(&json, "{\"child\":");
    niva_text_puts(&json, "{}");
    for (int i = 0; i <= NIVA_WIRE_DEPTH_MAX; i++)
        niva_text_puts(&json, "}");
    expect_refused_bytes(SAMPLE, json.data, json.length, path, "TOO_DEEP");
    json.length = 0;
    while (json.length < MEGABYTE)
        niva_text_puts(&json, "[");
    expect_refused_bytes(SAMPLE, json.data, json.length,
                         "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
                         "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]",
                         "TOO_DEEP");
    json.length = 0;
    niva_text_puts(&json, "{\"children\":[{}");
    while (json.length < MEGABYTE)
        niva_text_puts(&json, ",{}");
    expect_refused_bytes(SAMPLE, json.data, json.length, "children[65535]", "TOO_MANY_ELEMENTS");
    niva_text_free(&json);
    niva_arena_free(arena);
}

static void a_full_arena_is_an_error_of_its_own(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(1024);
    const char json[] = "{\"children\":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}";
    void *message = NULL;
    struct niva_error err;

    assert_false(parse(SAMPLE, json, strlen(json), arena, &message, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    assert_null(message);
    niva_arena_free(arena);
}

/* ---- there and back ---- */

static void expect_round_trip(const ProtobufCMessage *message, unsigned flags,
                              struct niva_arena *arena)
{
    struct niva_text json = {0};
    ProtobufCBinaryData sent;
    ProtobufCBinaryData again;
    ProtobufCMessage *back;
    struct niva_error err;

    if (!niva_json_print(message, flags, &json, &err))
        fail_msg("%s: %s", message->descriptor->name, err.cause);
    assert_true(niva_utf8_valid(json.data, json.length));
    back = expect_parsed(message->descriptor, json.data, arena);
    assert_true(niva_wire_pack(message, arena, &sent, &err));
    assert_true(niva_wire_pack(back, arena, &again, &err));
    if (again.len != sent.len || memcmp(again.data, sent.data, sent.len) != 0)
        fail_msg("%s came back changed: %s", message->descriptor->name, json.data);
    niva_text_free(&json);
}

static void every_message_comes_back_as_it_was(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *types[MESSAGE_TYPES_MAX];
    size_t count = message_types(types);
    struct random random = {20220623};

    for (size_t i = 0; i < count * 20; i++) {
        const ProtobufCMessageDescriptor *type = types[i % count];
        struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
        ProtobufCMessage *message = message_random(&random, type, false, arena);

        assert_non_null(message);
        for (unsigned flags = 0; flags < 4 && type != &io__cloudevents__v1__cloud_event__descriptor;
             flags++)
            expect_round_trip(message, flags, arena);
        niva_arena_free(arena);
    }
}

/* Random events are well-formed JSON of any reader, too. */
static void every_event_is_json(void **state)
{
    (void)state;
    struct random random = {1};

    for (unsigned i = 0; i < 500; i++) {
        struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
        ProtobufCMessage *event =
            message_random(&random, &io__cloudevents__v1__cloud_event__descriptor, true, arena);
        struct niva_text json = {0};
        struct niva_error err;
        json_error_t fault;
        json_t *tree;

        if (!niva_json_print(event, i % 4, &json, &err))
            fail_msg("%s", err.cause);
        tree = json_loadb(json.data, json.length, JSON_REJECT_DUPLICATES, &fault);
        if (tree == NULL)
            fail_msg("%s: %s", fault.text, json.data);
        assert_true(json_is_string(json_object_get(tree, "specversion")));
        json_decref(tree);
        niva_text_free(&json);
        niva_arena_free(arena);
    }
}

static void no_damage_breaks_the_parser(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *types[MESSAGE_TYPES_MAX];
    size_t count = message_types(types);
    struct random random = {50293};

    for (unsigned i = 0; i < 10000; i++) {
        const ProtobufCMessageDescriptor *type = types[random_below(&random, count)];
        struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
        struct niva_text json = {0};
        ProtobufCMessage *message;
        struct niva_error err;

        assert_true(
            niva_json_print(message_random(&random, type, true, arena), i % 4, &json, &err));
        json.length = bytes_mutate(&random, (uint8_t *)json.data, json.length);
        if (parse(type, json.data, json.length, arena, &message, &err))
            expect_round_trip(message, i % 4, arena);
        else
            assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        niva_text_free(&json);
        niva_arena_free(arena);
    }
}

/* ---- without memory ---- */

static size_t mallocs_until_failure;

static void *malloc_failing(size_t size)
{
    if (mallocs_until_failure > 0 && --mallocs_until_failure == 0)
        return NULL;
    return malloc(size);
}

static const char *const rich_json =
    "{\"aString\":\"x\",\"child\":{\"strings\":[\"a\",\"b\"],\"someBytes\":\"AQID\","
    "\"at\":\"2022-06-23T10:00:00Z\"},\"extra\":{\"reportId\":\"r\","
    "\"@type\":\"type.googleapis.com/niva.intake.v1.ReportWithdrawn\"},\"int32s\":[1,2,3]}";

static void every_allocation_of_the_arena_may_fail(void **state)
{
    (void)state;
    bool done = false;

    for (size_t n = 1; !done; n++) {
        struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
        void *message = NULL;
        struct niva_error err;

        niva_arena_fail_after(n);
        done = parse(SAMPLE, rich_json, strlen(rich_json), arena, &message, &err);
        niva_arena_fail_after(0);
        assert_true(done == (message != NULL));
        if (!done)
            assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
        niva_arena_free(arena);
    }
}

static void every_allocation_of_the_json_reader_may_fail(void **state)
{
    (void)state;
    bool done = false;

    json_set_alloc_funcs(malloc_failing, free);
    for (size_t n = 1; !done; n++) {
        struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
        void *message = NULL;
        struct niva_error err;

        mallocs_until_failure = n;
        done = parse(SAMPLE, rich_json, strlen(rich_json), arena, &message, &err);
        mallocs_until_failure = 0;
        assert_true(done == (message != NULL));
        niva_arena_free(arena);
    }
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_spellings_are_read),
        cmocka_unit_test(null_means_not_given),
        cmocka_unit_test(integers_come_in_every_form_that_is_integral),
        cmocka_unit_test(every_kind_of_value_is_read),
        cmocka_unit_test(an_any_is_read_wherever_its_type_stands),
        cmocka_unit_test(unknown_and_repeated_fields_are_named),
        cmocka_unit_test(values_of_the_wrong_type_are_named),
        cmocka_unit_test(numbers_that_do_not_fit_are_named),
        cmocka_unit_test(broken_json_is_told_by_its_place),
        cmocka_unit_test(nesting_and_numbers_of_values_are_bounded),
        cmocka_unit_test(a_full_arena_is_an_error_of_its_own),
        cmocka_unit_test(every_message_comes_back_as_it_was),
        cmocka_unit_test(every_event_is_json),
        cmocka_unit_test(no_damage_breaks_the_parser),
        cmocka_unit_test(every_allocation_of_the_arena_may_fail),
        cmocka_unit_test(every_allocation_of_the_json_reader_may_fail),
    };
    int failed = cmocka_run_group_tests_name("json_parse", tests, NULL, NULL);

    return failed ? 1 : 0;
}
