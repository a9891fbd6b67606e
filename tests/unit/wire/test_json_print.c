#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "messages.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/intake/v1/events.pb-c.h"
#include "niva/rpc/v1/envelope.pb-c.h"

typedef Io__Cloudevents__V1__CloudEvent CloudEvent;
typedef Io__Cloudevents__V1__CloudEvent__AttributesEntry AttributesEntry;
typedef Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue AttributeValue;

enum { ARENA_BYTES = 4 << 20 };

static char *literal(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void expect_printed(const void *message, unsigned flags, const char *expected)
{
    struct niva_text text = {0};
    struct niva_error err;

    if (!niva_json_print(message, flags, &text, &err))
        fail_msg("%s %s", err.text_en, err.cause);
    assert_string_equal(text.data, expected);
    niva_text_free(&text);
}

/* What was written before stays, and nothing of the failed message behind it. */
static void expect_not_printed(const void *message)
{
    struct niva_text text = {0};
    struct niva_error err;

    niva_text_puts(&text, "before");
    assert_false(niva_json_print(message, 0, &text, &err));
    assert_int_equal(err.code, NIVA_INTERNAL);
    assert_string_equal(text.data, "before");
    niva_text_free(&text);
}

static void fields_without_presence_are_always_there(void **state)
{
    (void)state;
    Niva__Compliance__V1__Counting counting = NIVA__COMPLIANCE__V1__COUNTING__INIT;
    Niva__Compliance__V1__PutRuleSetRequest request =
        NIVA__COMPLIANCE__V1__PUT_RULE_SET_REQUEST__INIT;

    expect_printed(&counting, 0,
                   "{\"titleCodes\":[],\"employments\":[],\"countUnlicensed\":false,"
                   "\"absenceThresholdDays\":0,"
                   "\"absenceCountsFrom\":\"ABSENCE_COUNTS_FROM_UNSPECIFIED\","
                   "\"exemptCategories\":[],\"toleranceMilli\":0}");
    expect_printed(&request, NIVA_JSON_PROTO_NAMES, "{\"request_id\":\"\"}");
    request.expected_case = NIVA__COMPLIANCE__V1__PUT_RULE_SET_REQUEST__EXPECTED_EXPECTED_VERSION;
    expect_printed(&request, NIVA_JSON_PROTO_NAMES, "{\"request_id\":\"\",\"expected_version\":0}");
}

static void people_get_two_spaces(void **state)
{
    (void)state;
    Niva__Rpc__V1__Principal principal = NIVA__RPC__V1__PRINCIPAL__INIT;
    Niva__Rpc__V1__Reply reply = NIVA__RPC__V1__REPLY__INIT;
    char *roles[] = {literal("reader"), literal("writer")};

    principal.roles = roles;
    principal.n_roles = 2;
    expect_printed(
        &principal, NIVA_JSON_INDENT,
        "{\n  \"subject\": \"\",\n  \"roles\": [\n    \"reader\",\n    \"writer\"\n  ]\n}");
    expect_printed(&reply, NIVA_JSON_INDENT,
                   "{\n  \"code\": 0,\n  \"message\": \"\",\n  \"details\": [],\n"
                   "  \"payload\": \"\",\n  \"rehearsal\": false\n}");
}

static void wide_numbers_are_strings_for_programs(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *canonical;
        const char *plain;
    } cases[] = {
        {0, "\"0\"", "0"},
        {-1, "\"-1\"", "-1"},
        {9007199254740992, "\"9007199254740992\"", "9007199254740992"},
        {-9007199254740992, "\"-9007199254740992\"", "-9007199254740992"},
        {9007199254740993, "\"9007199254740993\"", "\"9007199254740993\""},
        {INT64_MIN, "\"-9223372036854775808\"", "\"-9223372036854775808\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Niva__Compliance__V1__Regulation regulation = NIVA__COMPLIANCE__V1__REGULATION__INIT;
        struct niva_text text = {0};
        struct niva_error err;
        char expected[64];

        regulation.ore_per_fte_month = cases[i].value;
        snprintf(expected, sizeof expected, "\"orePerFteMonth\":%s,", cases[i].canonical);
        assert_true(niva_json_print(&regulation.base, 0, &text, &err));
        assert_non_null(strstr(text.data, expected));
        snprintf(expected, sizeof expected, "\"ore_per_fte_month\":%s,", cases[i].plain);
        assert_true(niva_json_print(&regulation.base, NIVA_JSON_PROTO_NAMES, &text, &err));
        assert_non_null(strstr(text.data, expected));
        niva_text_free(&text);
    }
}

static void texts_and_bytes_are_escaped(void **state)
{
    (void)state;
    Niva__Rpc__V1__Metadata metadata = NIVA__RPC__V1__METADATA__INIT;
    Niva__Intake__V1__Original original = NIVA__INTAKE__V1__ORIGINAL__INIT;
    uint8_t content[] = {0xfb, 0xff, 0xfe, 0x00};

    metadata.key = literal("\"\\/\b\t\n\v\f\r\x1f\x7f");
    metadata.value = literal("Västerås 🏥");
    expect_printed(&metadata, 0,
                   "{\"key\":\"\\\"\\\\/\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\","
                   "\"value\":\"Västerås 🏥\"}");
    original.content = (ProtobufCBinaryData){4, content};
    expect_printed(&original, 0,
                   "{\"mediaType\":\"\",\"fileName\":\"\",\"content\":\"+//"
                   "+AA==\",\"erasedBy\":\"\",\"importId\":\"\"}");
    original.content.len = 2;
    expect_printed(&original, 0,
                   "{\"mediaType\":\"\",\"fileName\":\"\",\"content\":\"+/"
                   "8=\",\"erasedBy\":\"\",\"importId\":\"\"}");
    original.content.len = 3;
    expect_printed(&original, 0,
                   "{\"mediaType\":\"\",\"fileName\":\"\",\"content\":\"+//"
                   "+\",\"erasedBy\":\"\",\"importId\":\"\"}");
}

static void instants_are_rfc_3339(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);

    expect_printed(niva_wire_timestamp(1655978400000000, arena), 0, "\"2022-06-23T10:00:00Z\"");
    expect_printed(niva_wire_timestamp(1655978400120000, arena), 0, "\"2022-06-23T10:00:00.120Z\"");
    niva_arena_free(arena);
}

static void an_any_shows_what_is_packed_in_it(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    Niva__Intake__V1__UnitChanged event = NIVA__INTAKE__V1__UNIT_CHANGED__INIT;
    Google__Protobuf__Any none = GOOGLE__PROTOBUF__ANY__INIT;
    Google__Protobuf__Any *any = niva_wire_any(&event.base, arena);

    expect_printed(any, 0, "{\"@type\":\"type.googleapis.com/niva.intake.v1.UnitChanged\"}");
    expect_printed(&none, 0, "{}");
    any->type_url = literal("type.googleapis.com/niva.Unheard");
    expect_not_printed(any);
    niva_arena_free(arena);
}

/* ---- CloudEvents ---- */

static AttributeValue values[8];
static AttributesEntry entries[8];
static AttributesEntry *attributes[8];

static AttributeValue *attribute_add(CloudEvent *event, const char *name, const char *text)
{
    size_t at = event->n_attributes++;

    io__cloudevents__v1__cloud_event__cloud_event_attribute_value__init(&values[at]);
    io__cloudevents__v1__cloud_event__attributes_entry__init(&entries[at]);
    values[at].attr_case =
        IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING;
    values[at].ce_string = literal(text);
    entries[at].key = literal(name);
    entries[at].value = &values[at];
    attributes[at] = &entries[at];
    event->attributes = attributes;
    return &values[at];
}

static CloudEvent event_new(void)
{
    CloudEvent event = IO__CLOUDEVENTS__V1__CLOUD_EVENT__INIT;

    event.spec_version = literal("1.0");
    event.id = literal("id");
    event.source = literal("/niva/19/intake");
    event.type = literal("se.niva.intake.unit.changed.v1");
    return event;
}

#define EVENT_HEAD                                                                                 \
    "{\"specversion\":\"1.0\",\"id\":\"id\",\"source\":\"/niva/19/intake\","                       \
    "\"type\":\"se.niva.intake.unit.changed.v1\""

static void an_event_is_a_cloud_event(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    Niva__Intake__V1__UnitChanged changed = NIVA__INTAKE__V1__UNIT_CHANGED__INIT;
    CloudEvent event = event_new();
    AttributeValue *value;

    attribute_add(&event, "subject", "SE2321000016-A1");
    value = attribute_add(&event, "time", NULL);
    value->attr_case =
        IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP;
    value->ce_timestamp = niva_wire_timestamp(1655978400000000, arena);
    value = attribute_add(&event, "rehearsal", NULL);
    value->attr_case =
        IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_BOOLEAN;
    value->ce_boolean = 1;
    value = attribute_add(&event, "count", NULL);
    value->attr_case =
        IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_INTEGER;
    value->ce_integer = -3;
    attribute_add(&event, "datacontenttype", "application/protobuf");
    event.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA;
    event.proto_data = niva_wire_any(&changed.base, arena);
    expect_printed(&event, 0,
                   EVENT_HEAD ",\"subject\":\"SE2321000016-A1\",\"time\":\"2022-06-23T10:00:00Z\","
                              "\"rehearsal\":true,\"count\":-3,"
                              "\"datacontenttype\":\"application/json\",\"data\":{}}");
    niva_arena_free(arena);
}

static void erased_data_are_absent(void **state)
{
    (void)state;
    CloudEvent event = event_new();

    expect_printed(&event, 0, EVENT_HEAD "}");
    event.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA;
    expect_printed(&event, 0, EVENT_HEAD "}");
}

static void other_data_keep_their_form(void **state)
{
    (void)state;
    CloudEvent event = event_new();
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    uint8_t bytes[] = {1, 2, 3};

    event.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA;
    event.text_data = literal("text");
    expect_printed(&event, 0, EVENT_HEAD ",\"data\":\"text\"}");
    event.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA;
    event.binary_data = (ProtobufCBinaryData){3, bytes};
    expect_printed(&event, 0, EVENT_HEAD ",\"data_base64\":\"AQID\"}");
    event.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA;
    any.type_url = literal("type.googleapis.com/niva.of.TheFuture");
    any.value = (ProtobufCBinaryData){3, bytes};
    event.proto_data = &any;
    expect_printed(&event, 0,
                   EVENT_HEAD ",\"datacontenttype\":\"application/protobuf\","
                              "\"data_base64\":\"AQID\"}");
}

/* An attribute could else take the place of a field, or break the text. */
static void attributes_have_names_of_their_own(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "Subject", "trace-parent", "id",
                                      "data", "a\"b",    "a b",          "å"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CloudEvent event = event_new();

        attribute_add(&event, bad[i], "x");
        expect_not_printed(&event);
    }
    CloudEvent event = event_new();

    attribute_add(&event, "subject", "x");
    attribute_add(&event, "subject", "y");
    expect_not_printed(&event);
}

/* ---- what cannot be written ---- */

static void what_is_no_text_or_time_is_refused(void **state)
{
    (void)state;
    Niva__Rpc__V1__Metadata metadata = NIVA__RPC__V1__METADATA__INIT;
    Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    metadata.value = literal("\xff");
    expect_not_printed(&metadata);
    timestamp.seconds = INT64_MAX;
    expect_not_printed(&timestamp);
}

static void a_message_in_itself_ends(void **state)
{
    (void)state;
    Niva__Sample__Sample sample = NIVA__SAMPLE__SAMPLE__INIT;

    sample.child = &sample;
    expect_not_printed(&sample);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct random random = {3};
    ProtobufCMessage *message =
        message_random(&random, &niva__sample__sample__descriptor, true, arena);
    Niva__Sample__Sample outer = NIVA__SAMPLE__SAMPLE__INIT;
    Niva__Intake__V1__UnitChanged changed = NIVA__INTAKE__V1__UNIT_CHANGED__INIT;
    bool done = false;

    outer.child = (Niva__Sample__Sample *)message;
    outer.extra = niva_wire_any(&changed.base, arena);
    for (size_t n = 1; !done; n++) {
        struct niva_text text = {0};
        struct niva_error err;

        niva_arena_fail_after(n);
        done = niva_json_print(&outer.base, 0, &text, &err);
        niva_arena_fail_after(0);
        if (!done)
            assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
        niva_text_free(&text);
    }
    niva_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_without_presence_are_always_there),
        cmocka_unit_test(people_get_two_spaces),
        cmocka_unit_test(wide_numbers_are_strings_for_programs),
        cmocka_unit_test(texts_and_bytes_are_escaped),
        cmocka_unit_test(instants_are_rfc_3339),
        cmocka_unit_test(an_any_shows_what_is_packed_in_it),
        cmocka_unit_test(an_event_is_a_cloud_event),
        cmocka_unit_test(erased_data_are_absent),
        cmocka_unit_test(other_data_keep_their_form),
        cmocka_unit_test(attributes_have_names_of_their_own),
        cmocka_unit_test(what_is_no_text_or_time_is_refused),
        cmocka_unit_test(a_message_in_itself_ends),
        cmocka_unit_test(every_allocation_may_fail),
    };
    int failed = cmocka_run_group_tests_name("json_print", tests, NULL, NULL);

    return failed ? 1 : 0;
}
