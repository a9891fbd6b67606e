#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "messages.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "niva/rpc/v1/envelope.pb-c.h"

#define REPORT (&niva__intake__v1__submit_report_request__descriptor)
#define SAMPLE (&niva__sample__sample__descriptor)

enum { ARENA_BYTES = 4 << 20, MEGABYTE = 1 << 20 };

/* ---- bytes by hand ---- */

static void put_varint(struct niva_text *bytes, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        niva_text_append(bytes, &(uint8_t){(uint8_t)(value | 0x80)}, 1);
    niva_text_append(bytes, &(uint8_t){(uint8_t)value}, 1);
}

static void put_number(struct niva_text *bytes, uint32_t field, uint64_t value)
{
    put_varint(bytes, (uint64_t)field << 3);
    put_varint(bytes, value);
}

static void put_bytes(struct niva_text *bytes, uint32_t field, const void *value, size_t size)
{
    put_varint(bytes, (uint64_t)field << 3 | 2);
    put_varint(bytes, size);
    niva_text_append(bytes, value, size);
}

/* Closes `inner` as a submessage of `outer`. */
static void put_message(struct niva_text *outer, uint32_t field, struct niva_text *inner)
{
    put_bytes(outer, field, inner->data, inner->length);
    niva_text_free(inner);
}

static void put_string(struct niva_text *bytes, uint32_t field, const char *value)
{
    put_bytes(bytes, field, value, strlen(value));
}

/* ---- verdicts ---- */

/* Unpacks a copy of exactly that size, so that a byte read too much is seen. */
static bool unpack(const ProtobufCMessageDescriptor *type, const void *bytes, size_t size,
                   bool strict, struct niva_arena *arena, ProtobufCMessage **ret_message,
                   struct niva_error *err)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    bool done;

    assert_non_null(copy);
    if (size > 0)
        memcpy(copy, bytes, size);
    done = niva_wire_unpack(type, copy, size, strict, arena, ret_message, err);
    free(copy);
    return done;
}

static void expect_refused(const ProtobufCMessageDescriptor *type, struct niva_text *bytes,
                           bool strict, const char *field, const char *reason)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    ProtobufCMessage *message = NULL;
    struct niva_error err;

    if (unpack(type, bytes->data, bytes->length, strict, arena, &message, &err))
        fail_msg("expected %s at \"%s\", but it was unpacked", reason, field);
    assert_null(message);
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_int_equal(err.violation_count, 1);
    assert_string_equal(err.violations[0].reason, reason);
    assert_string_equal(err.violations[0].field, field);
    assert_true(err.text_sv[0] != '\0' && err.text_en[0] != '\0');
    assert_int_equal(niva_arena_used(arena), 0);
    niva_arena_free(arena);
    niva_text_free(bytes);
}

static void *expect_unpacked(const ProtobufCMessageDescriptor *type, struct niva_text *bytes,
                             bool strict, struct niva_arena *arena)
{
    ProtobufCMessage *message = NULL;
    struct niva_error err;

    if (!unpack(type, bytes->data, bytes->length, strict, arena, &message, &err))
        fail_msg("%s at \"%s\"", err.violations[0].reason, err.violations[0].field);
    niva_text_free(bytes);
    return message;
}

/* ---- good ones ---- */

static void a_message_arrives_whole(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_text position = {0};
    struct niva_text report = {0};
    struct niva_text bytes = {0};
    Niva__Intake__V1__SubmitReportRequest *request;

    put_string(&position, 1, "p1");
    put_number(&position, 3, 2);
    put_number(&position, 4, 875);
    put_string(&report, 2, "SE2321000016-A1");
    put_message(&report, 5, &position);
    put_bytes(&report, 5, "", 0);
    put_string(&bytes, 1, "id");
    put_message(&bytes, 2, &report);
    request = expect_unpacked(REPORT, &bytes, true, arena);
    assert_string_equal(request->request_id, "id");
    assert_string_equal(request->report->unit, "SE2321000016-A1");
    assert_string_equal(request->report->effective_from, "");
    assert_int_equal(request->report->n_positions, 2);
    assert_int_equal(request->report->positions[0]->fte_milli, 875);
    assert_string_equal(request->report->positions[1]->position_key, "");
    assert_null(request->original);
    niva_arena_free(arena);
}

static void an_empty_message_is_one(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    ProtobufCMessage *message = NULL;
    struct niva_error err;

    assert_true(niva_wire_unpack(REPORT, NULL, 0, true, arena, &message, &err));
    assert_non_null(message);
    niva_arena_free(arena);
}

/* Old and new encoders differ in whether they pack; both must be understood. */
static void lists_come_packed_or_one_by_one(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_text bytes = {0};
    Niva__Sample__Sample *sample;

    put_bytes(&bytes, 21, "\x01\xac\x02", 3);
    put_number(&bytes, 21, UINT64_MAX);
    put_bytes(&bytes, 30, "\x05", 1);
    put_number(&bytes, 30, 6);
    put_bytes(&bytes, 23, "\x01\0\0\0\x02\0\0\0", 8);
    put_bytes(&bytes, 26, "\x01\x05\x01", 3);
    put_bytes(&bytes, 26, "", 0);
    sample = expect_unpacked(SAMPLE, &bytes, true, arena);
    assert_int_equal(sample->n_int32s, 3);
    assert_int_equal(sample->int32s[1], 300);
    assert_int_equal(sample->int32s[2], -1);
    assert_int_equal(sample->n_loose_int64s, 2);
    assert_int_equal(sample->loose_int64s[1], 6);
    assert_int_equal(sample->n_fixed32s, 2);
    assert_int_equal(sample->fixed32s[1], 2);
    assert_int_equal(sample->n_colors, 3);
    niva_arena_free(arena);
}

static void unknown_fields_are_dropped_from_every_level(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_text position = {0};
    struct niva_text report = {0};
    struct niva_text bytes = {0};
    Niva__Intake__V1__SubmitReportRequest *request;
    ProtobufCBinaryData packed;
    struct niva_error err;

    put_string(&position, 1, "p1");
    put_string(&position, 77, "\xff not even text");
    put_message(&report, 5, &position);
    put_number(&report, 3000, 1);
    put_number(&bytes, 99, 1);
    put_varint(&bytes, 98 << 3 | 1);
    niva_text_append(&bytes, "12345678", 8);
    put_varint(&bytes, 97 << 3 | 5);
    niva_text_append(&bytes, "1234", 4);
    put_message(&bytes, 2, &report);
    request = expect_unpacked(REPORT, &bytes, false, arena);
    assert_int_equal(request->base.n_unknown_fields, 0);
    assert_int_equal(request->report->base.n_unknown_fields, 0);
    assert_int_equal(request->report->positions[0]->base.n_unknown_fields, 0);
    assert_true(niva_wire_pack(&request->base, arena, &packed, &err));
    assert_int_equal(packed.len, 8); /* report { positions { position_key "p1" } } */
    niva_arena_free(arena);
}

/* ---- what is refused ---- */

static void unknown_fields_are_named_when_strict(void **state)
{
    (void)state;
    struct niva_text position = {0};
    struct niva_text report = {0};
    struct niva_text bytes = {0};

    put_number(&bytes, 99, 1);
    expect_refused(REPORT, &bytes, true, "#99", "FIELD_UNKNOWN");
    put_number(&report, 17, 1);
    put_message(&bytes, 2, &report);
    expect_refused(REPORT, &bytes, true, "report.#17", "FIELD_UNKNOWN");
    put_number(&position, 536870911, 1);
    put_bytes(&report, 5, "", 0);
    put_message(&report, 5, &position);
    put_message(&bytes, 2, &report);
    expect_refused(REPORT, &bytes, true, "report.positions[1].#536870911", "FIELD_UNKNOWN");
}

/* A parser that merged these took 11 s for a megabyte. */
static void a_singular_field_comes_once(void **state)
{
    (void)state;
    struct niva_text bytes = {0};

    put_string(&bytes, 1, "a");
    put_string(&bytes, 1, "a");
    expect_refused(REPORT, &bytes, true, "requestId", "FIELD_REPEATED");
    while (bytes.length < MEGABYTE)
        put_bytes(&bytes, 2, "", 0);
    expect_refused(REPORT, &bytes, true, "report", "FIELD_REPEATED");
    put_number(&bytes, 100, 1);
    put_string(&bytes, 101, "x");
    expect_refused(SAMPLE, &bytes, true, "word", "FIELD_REPEATED");
    put_bytes(&bytes, 102, "", 0);
    put_bytes(&bytes, 102, "", 0);
    expect_refused(SAMPLE, &bytes, true, "nested", "FIELD_REPEATED");
}

/* protobuf-c gave 40 MB for a megabyte of these. */
static void the_number_of_values_is_bounded(void **state)
{
    (void)state;
    struct niva_text inner = {0};
    struct niva_text bytes = {0};
    char *packed = calloc(1, NIVA_WIRE_ELEMENTS_MAX + 1);

    while (inner.length < MEGABYTE)
        put_bytes(&inner, 5, "", 0);
    put_message(&bytes, 2, &inner);
    expect_refused(REPORT, &bytes, true, "report.positions[65535]", "TOO_MANY_ELEMENTS");
    put_bytes(&bytes, 21, packed, NIVA_WIRE_ELEMENTS_MAX);
    expect_refused(SAMPLE, &bytes, true, "int32s[65535]", "TOO_MANY_ELEMENTS");
    while (bytes.length < MEGABYTE)
        put_number(&bytes, 99, 1);
    expect_refused(SAMPLE, &bytes, false, "#99", "TOO_MANY_ELEMENTS");
    free(packed);
}

static void as_many_values_as_allowed_pass(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_text bytes = {0};
    char *packed = calloc(1, NIVA_WIRE_ELEMENTS_MAX);
    Niva__Sample__Sample *sample;

    put_bytes(&bytes, 21, packed, NIVA_WIRE_ELEMENTS_MAX - 1);
    sample = expect_unpacked(SAMPLE, &bytes, true, arena);
    assert_int_equal(sample->n_int32s, NIVA_WIRE_ELEMENTS_MAX - 1);
    niva_arena_free(arena);
    free(packed);
}

/* `levels` samples, each the child of the one before. Built from the end, for lengths come first.
 */
static void put_nested(struct niva_text *bytes, size_t levels)
{
    uint8_t *buffer = malloc(levels * 8 + 1);
    size_t at = levels * 8 + 1;
    size_t end = at;

    assert_non_null(buffer);
    for (size_t i = 0; i < levels; i++) {
        struct niva_text head = {0};

        put_varint(&head, 15 << 3 | 2);
        put_varint(&head, end - at);
        at -= head.length;
        memcpy(buffer + at, head.data, head.length);
        niva_text_free(&head);
    }
    niva_text_append(bytes, buffer + at, end - at);
    free(buffer);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_text bytes = {0};
    char path[NIVA_WIRE_DEPTH_MAX * 6 + 16] = "child";

    for (int i = 0; i < NIVA_WIRE_DEPTH_MAX; i++)
        strcat(path, ".child");
    put_nested(&bytes, NIVA_WIRE_DEPTH_MAX);
    expect_unpacked(SAMPLE, &bytes, true, arena);
    put_nested(&bytes, NIVA_WIRE_DEPTH_MAX + 1);
    expect_refused(SAMPLE, &bytes, true, path, "TOO_DEEP");
    put_nested(&bytes, 10000);
    expect_refused(SAMPLE, &bytes, true, path, "TOO_DEEP");
    put_nested(&bytes, 250000);
    assert_true(bytes.length > MEGABYTE - 100000);
    expect_refused(SAMPLE, &bytes, false, path, "TOO_DEEP");
    niva_arena_free(arena);
}

static void texts_are_utf8_without_nul(void **state)
{
    (void)state;
    struct niva_text report = {0};
    struct niva_text bytes = {0};

    put_bytes(&report, 7, "\xe5", 1);
    put_message(&bytes, 2, &report);
    expect_refused(REPORT, &bytes, true, "report.resolutionNote", "TEXT_NOT_UTF8");
    put_bytes(&bytes, 1, "a\0b", 3);
    expect_refused(REPORT, &bytes, true, "requestId", "TEXT_HAS_NUL");
    put_string(&bytes, 27, "good");
    put_string(&bytes, 27, "\xed\xa0\x80");
    expect_refused(SAMPLE, &bytes, true, "strings[1]", "TEXT_NOT_UTF8");
    put_string(&bytes, 101, "\xc0\x80");
    expect_refused(SAMPLE, &bytes, true, "word", "TEXT_NOT_UTF8");
}

static void enum_values_are_known(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_text counting = {0};
    struct niva_text rule = {0};
    struct niva_text bytes = {0};
    Niva__Sample__Sample *sample;

    put_number(&bytes, 12, (uint64_t)-2);
    sample = expect_unpacked(SAMPLE, &bytes, true, arena);
    assert_int_equal(sample->a_color, -2);
    put_number(&bytes, 12, 2);
    expect_refused(SAMPLE, &bytes, true, "aColor", "ENUM_UNKNOWN");
    put_number(&bytes, 12, (UINT64_C(1) << 32) + 1);
    expect_refused(SAMPLE, &bytes, true, "aColor", "ENUM_UNKNOWN");
    put_number(&bytes, 103, 7);
    expect_refused(SAMPLE, &bytes, true, "shade", "ENUM_UNKNOWN");
    put_number(&counting, 2, 1);
    put_bytes(&counting, 2, "\x01\x02\x09", 3);
    put_message(&rule, 11, &counting);
    put_message(&bytes, 2, &rule);
    expect_refused(&niva__compliance__v1__put_rule_set_request__descriptor, &bytes, true,
                   "ruleSet.counting.employments[3]", "ENUM_UNKNOWN");
    niva_arena_free(arena);
}

/* What is left of 2^32 + 875 in 32 bits is an innocent 875. */
static void numbers_fit_their_field(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_text bytes = {0};
    Niva__Sample__Sample *sample;

    put_number(&bytes, 1, (UINT64_C(1) << 32) + 875);
    expect_refused(SAMPLE, &bytes, true, "anInt32", "NUMBER_OUT_OF_RANGE");
    put_number(&bytes, 1, UINT64_C(1) << 31);
    expect_refused(SAMPLE, &bytes, true, "anInt32", "NUMBER_OUT_OF_RANGE");
    put_number(&bytes, 3, UINT64_C(1) << 32);
    expect_refused(SAMPLE, &bytes, true, "anUint32", "NUMBER_OUT_OF_RANGE");
    put_number(&bytes, 5, UINT64_C(1) << 32);
    expect_refused(SAMPLE, &bytes, true, "anSint32", "NUMBER_OUT_OF_RANGE");
    put_bytes(&bytes, 21, "\x01\x80\x80\x80\x80\x10", 6);
    expect_refused(SAMPLE, &bytes, true, "int32s[1]", "NUMBER_OUT_OF_RANGE");
    put_number(&bytes, 1, (uint64_t)INT32_MIN);
    put_number(&bytes, 2, (uint64_t)INT64_MIN);
    put_number(&bytes, 3, UINT32_MAX);
    put_number(&bytes, 4, UINT64_MAX);
    sample = expect_unpacked(SAMPLE, &bytes, true, arena);
    assert_int_equal(sample->an_int32, INT32_MIN);
    assert_true(sample->an_int64 == INT64_MIN);
    assert_int_equal(sample->an_uint32, UINT32_MAX);
    assert_true(sample->an_uint64 == UINT64_MAX);
    niva_arena_free(arena);
}

static void malformed_bytes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *field;
    } cases[] = {
        {"\x00\x01", 2, ""},                                             /* tag 0 */
        {"\x02\x00", 2, ""},                                             /* field number 0 */
        {"\x80", 1, ""},                                                 /* tag without end */
        {"\x88\x80\x80\x80\x80\x00\x01", 7, ""},                         /* tag of six bytes */
        {"\xf8\xff\xff\xff\x1f\x01", 6, ""},                             /* number over 2^29-1 */
        {"\x08", 1, "anInt32"},                                          /* no value */
        {"\x08\x80", 2, "anInt32"},                                      /* value without end */
        {"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11, "anInt64"}, /* over 64 bits */
        {"\x10\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 12, "anInt64"}, /* eleven bytes */
        {"\x0a\x01\x01", 3, "anInt32"},                      /* prefixed, but a number */
        {"\x0d\x01\x02\x03\x04", 5, "anInt32"},              /* fixed, but a varint */
        {"\x68\x01", 2, "aString"},                          /* number, but a text */
        {"\x78\x01", 2, "child"},                            /* number, but a message */
        {"\x6a\x05ring", 6, "aString"},                      /* longer than what is left */
        {"\x6a\xff\xff\xff\xff\x0f", 6, "aString"},          /* longer than any */
        {"\x6a\x80\x80\x80\x80\x80\x00", 7, "aString"},      /* length of six bytes */
        {"\x6a", 1, "aString"},                              /* no length */
        {"\x3d\x01\x02\x03", 4, "aFixed32"},                 /* three of four bytes */
        {"\x41\x01\x02\x03\x04\x05\x06\x07", 8, "aFixed64"}, /* seven of eight */
        {"\xba\x01\x03\x01\x02\x03", 6, "fixed32s[0]"},      /* packed, not whole */
        {"\xaa\x01\x02\x01\x80", 5, "int32s[1]"},            /* packed, without end */
        {"\x0b\x08\x01\x0c", 4, "anInt32"},                  /* group of a known field */
        {"\x0c", 1, "anInt32"},                              /* end of a group */
        {"\x9b\x06\x9c\x06", 4, "#99"},                      /* group of an unknown one */
        {"\x9e\x06", 2, "#99"},                              /* wire type 6 */
        {"\x9f\x06\x01", 3, "#99"},                          /* wire type 7 */
        {"\x9a\x06\x05xx", 5, "#99"},                        /* unknown, too long */
        {"\x7a\x02\x08\x80", 4, "child.anInt32"},            /* ends with its message */
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct niva_text bytes = {0};

        niva_text_append(&bytes, cases[i].bytes, cases[i].size);
        expect_refused(SAMPLE, &bytes, false, cases[i].field, "BYTES_MALFORMED");
    }
}

/* ---- anything at all ---- */

static void packed_of(const ProtobufCMessage *message, struct niva_arena *arena,
                      ProtobufCBinaryData *ret_bytes)
{
    struct niva_error err;

    assert_non_null(message);
    assert_true(niva_wire_pack(message, arena, ret_bytes, &err));
}

static void every_message_arrives_as_it_was_sent(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *types[MESSAGE_TYPES_MAX];
    size_t count = message_types(types);
    struct random random = {20220623};

    for (size_t i = 0; i < count * 20; i++) {
        const ProtobufCMessageDescriptor *type = types[i % count];
        struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
        ProtobufCMessage *message;
        ProtobufCBinaryData sent;
        ProtobufCBinaryData again;
        struct niva_error err;

        packed_of(message_random(&random, type, true, arena), arena, &sent);
        if (!unpack(type, sent.data, sent.len, true, arena, &message, &err))
            fail_msg("%s: %s at %s", type->name, err.violations[0].reason, err.violations[0].field);
        packed_of(message, arena, &again);
        assert_int_equal(again.len, sent.len);
        assert_memory_equal(again.data, sent.data, sent.len);
        niva_arena_free(arena);
    }
}

static void every_beginning_of_a_message_is_judged(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *types[MESSAGE_TYPES_MAX];
    size_t count = message_types(types);
    struct random random = {35918};

    for (size_t i = 0; i < count; i++) {
        struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
        ProtobufCBinaryData sent;

        packed_of(message_random(&random, types[i], true, arena), arena, &sent);
        for (size_t size = 0; size < sent.len && size < 400; size++) {
            struct niva_arena *other = niva_arena_new(ARENA_BYTES);
            ProtobufCMessage *message = NULL;
            struct niva_error err;

            if (!unpack(types[i], sent.data, size, true, other, &message, &err))
                assert_string_equal(err.violations[0].reason, "BYTES_MALFORMED");
            niva_arena_free(other);
        }
        niva_arena_free(arena);
    }
}

/* Whatever passes the guard can be packed, and what was packed passes again. */
static void no_damage_breaks_the_unpack(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *types[MESSAGE_TYPES_MAX];
    size_t count = message_types(types);
    struct random random = {50293};

    for (int i = 0; i < 20000; i++) {
        const ProtobufCMessageDescriptor *type = types[random_below(&random, count)];
        bool strict = random_below(&random, 2) == 0;
        struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
        ProtobufCMessage *message;
        ProtobufCBinaryData bytes;
        struct niva_error err;

        packed_of(message_random(&random, type, true, arena), arena, &bytes);
        if (bytes.len > 0)
            bytes.len = bytes_mutate(&random, bytes.data, bytes.len);
        if (unpack(type, bytes.data, bytes.len, strict, arena, &message, &err)) {
            packed_of(message, arena, &bytes);
            assert_true(unpack(type, bytes.data, bytes.len, true, arena, &message, &err));
        } else {
            assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        }
        niva_arena_free(arena);
    }
}

static void a_full_arena_is_an_error_of_its_own(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(4096);
    struct niva_text bytes = {0};
    ProtobufCMessage *message = NULL;
    struct niva_error err;

    for (int i = 0; i < 1000; i++)
        put_bytes(&bytes, 29, "", 0);
    assert_false(unpack(SAMPLE, bytes.data, bytes.length, true, arena, &message, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    assert_null(message);
    niva_arena_free(arena);
    niva_text_free(&bytes);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct random random = {7};
    bool done = false;
    ProtobufCBinaryData sent = {0};
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);

    while (sent.len < 400)
        packed_of(message_random(&random, SAMPLE, true, arena), arena, &sent);
    for (size_t n = 1; !done; n++) {
        struct niva_arena *other = niva_arena_new(ARENA_BYTES);
        ProtobufCMessage *message = NULL;
        struct niva_error err;

        niva_arena_fail_after(n);
        done = unpack(SAMPLE, sent.data, sent.len, true, other, &message, &err);
        niva_arena_fail_after(0);
        assert_true(done == (message != NULL));
        if (!done)
            assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
        niva_arena_free(other);
    }
    niva_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_arrives_whole),
        cmocka_unit_test(an_empty_message_is_one),
        cmocka_unit_test(lists_come_packed_or_one_by_one),
        cmocka_unit_test(unknown_fields_are_dropped_from_every_level),
        cmocka_unit_test(unknown_fields_are_named_when_strict),
        cmocka_unit_test(a_singular_field_comes_once),
        cmocka_unit_test(the_number_of_values_is_bounded),
        cmocka_unit_test(as_many_values_as_allowed_pass),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(texts_are_utf8_without_nul),
        cmocka_unit_test(enum_values_are_known),
        cmocka_unit_test(numbers_fit_their_field),
        cmocka_unit_test(malformed_bytes_are_refused),
        cmocka_unit_test(every_message_arrives_as_it_was_sent),
        cmocka_unit_test(every_beginning_of_a_message_is_judged),
        cmocka_unit_test(no_damage_breaks_the_unpack),
        cmocka_unit_test(a_full_arena_is_an_error_of_its_own),
        cmocka_unit_test(every_allocation_may_fail),
    };
    int failed = cmocka_run_group_tests_name("scan", tests, NULL, NULL);

    return failed ? 1 : 0;
}
