/* What an event is on the wire and as JSON stays what it is: every type has golden files,
 * tests/golden/events/<type>/<n>.binpb and .json, one pair for each shape that it has had, the
 * newest with every field set. The newest is what is written today; all can be read, nothing in
 * them is lost, and their JSON still says what it said.
 *
 * `test_bus_golden --update` adds a pair where a type is new or has got another field. Pairs are
 * never changed or removed: events are kept for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>

#include "google/protobuf/any.pb-c.h"
#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "services/common/bus/envelope.h"
#include "services/common/bus/event.h"
#include "tests/support/full.h"

typedef Io__Cloudevents__V1__CloudEvent CloudEvent;

#define UPDATE "; if that is meant, run test_bus_golden --update"

enum { ARENA_BYTES = 16 << 20, PATH = 512 };

/* One pair of files, or what they should be. */
struct pair {
    ProtobufCBinaryData bytes;
    const char *json;
};

static struct niva_arena *arena_new(void)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);

    assert_non_null(arena);
    return arena;
}

/* ---- what is written today ---- */

static CloudEvent *event_unpack(ProtobufCBinaryData bytes, struct niva_arena *arena)
{
    ProtobufCMessage *message;
    struct niva_error err;

    if (!niva_wire_unpack(&io__cloudevents__v1__cloud_event__descriptor, bytes.data, bytes.len,
                          true, arena, &message, &err))
        fail_msg("%s (%s)", err.text_en, err.violations[0].field);
    return (CloudEvent *)message;
}

static ProtobufCBinaryData packed(const ProtobufCMessage *message, struct niva_arena *arena)
{
    ProtobufCBinaryData bytes;
    struct niva_error err;

    if (!niva_wire_pack(message, arena, &bytes, &err))
        fail_msg("%s", err.text_en);
    return bytes;
}

static const char *printed(const ProtobufCMessage *message, struct niva_arena *arena)
{
    struct niva_text text = {0};
    struct niva_error err;
    const char *json;

    if (!niva_json_print(message, NIVA_JSON_INDENT, &text, &err))
        fail_msg("%s", err.text_en);
    niva_text_puts(&text, "\n");
    json = niva_arena_strdup(arena, text.data);
    niva_text_free(&text);
    assert_non_null(json);
    return json;
}

/* The whole event, its envelope as the chain hashes it and its data with every field set. */
static struct pair pair_today(const struct niva_event_type *type, const char *stream,
                              struct niva_arena *arena)
{
    char source[64];
    struct envelope envelope = {
        .source = source,
        .type = type->name,
        .data_type = type->data->name,
        .subject = type->subject == NIVA_SUBJECT_NONE ? "" : "SE4999000005-FIKTIVVC01",
        .time = 1655987696789012,
        .stream = stream,
        .position = INT64_C(9007199254740993),
        .actor = "local:fiktiv",
        .causation_id = "0181b6a0-cb00-7776-8776-242c0705b01d",
        .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };
    ProtobufCMessage *data = message_full(type->data, arena);
    struct niva_error err;
    struct pair pair;
    CloudEvent *event;

    if (data == NULL)
        fail_msg("%s has a field of a type without a golden value", type->data->name);
    snprintf(source, sizeof source, "/niva/99/%s", stream);
    assert_true(niva_uuid_parse("018190ab-2d15-7000-8000-000000000001", &envelope.id));
    assert_true(envelope_pack(&envelope, arena, &pair.bytes, &err));
    event = event_unpack(pair.bytes, arena);
    event->data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA;
    event->proto_data = niva_wire_any(data, arena);
    assert_non_null(event->proto_data);
    pair.bytes = packed(&event->base, arena);
    pair.json = printed(&event->base, arena);
    return pair;
}

/* ---- the files ---- */

static const char *path_of(const char *type, int number, const char *ending, char path[PATH])
{
    snprintf(path, PATH, "%s/%s/%d.%s", GOLDEN, type, number, ending);
    return path;
}

/* NULL when there is no such file. */
static char *file_read(const char *path, size_t *ret_size, struct niva_arena *arena)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    char *bytes;

    if (file == NULL)
        return NULL;
    assert_int_equal(fstat(fileno(file), &status), 0);
    bytes = niva_arena_alloc(arena, (size_t)status.st_size + 1);
    assert_non_null(bytes);
    *ret_size = fread(bytes, 1, (size_t)status.st_size, file);
    assert_int_equal(*ret_size, status.st_size);
    fclose(file);
    return bytes;
}

static bool pair_read(const char *type, int number, struct niva_arena *arena, struct pair *ret_pair)
{
    char path[PATH];
    size_t size;

    ret_pair->bytes.data =
        (uint8_t *)file_read(path_of(type, number, "binpb", path), &ret_pair->bytes.len, arena);
    ret_pair->json = file_read(path_of(type, number, "json", path), &size, arena);
    if ((ret_pair->bytes.data == NULL) != (ret_pair->json == NULL))
        fail_msg("%s is alone", path);
    return ret_pair->json != NULL;
}

/* Number of the newest pair of a type; 0 when it has none. */
static int newest_of(const char *type, struct niva_arena *arena, struct pair *ret_newest)
{
    int number = 0;

    while (pair_read(type, number + 1, arena, ret_newest))
        number++;
    if (number > 0)
        assert_true(pair_read(type, number, arena, ret_newest));
    return number;
}

static bool pairs_agree(const struct pair *one, const struct pair *other)
{
    return one->bytes.len == other->bytes.len &&
           memcmp(one->bytes.data, other->bytes.data, one->bytes.len) == 0 &&
           strcmp(one->json, other->json) == 0;
}

/* ---- the tests ---- */

static void every_type_is_written_as_its_newest_golden_file(void **state)
{
    const struct niva_event_type *type;
    const char *stream;

    (void)state;
    for (size_t i = 0; (type = niva_event_type_at(i, &stream)) != NULL; i++) {
        struct niva_arena *arena = arena_new();
        struct pair today = pair_today(type, stream, arena);
        struct pair newest;
        int number = newest_of(type->name, arena, &newest);

        if (number == 0)
            fail_msg("%s has no golden files" UPDATE, type->name);
        if (!pairs_agree(&newest, &today))
            fail_msg("%s/%d: expected %zu bytes and\n%s\nactual %zu bytes and\n%s" UPDATE,
                     type->name, number, newest.bytes.len, newest.json, today.bytes.len,
                     today.json);
        niva_arena_free(arena);
    }
}

/* Whether everything that the one says, the other says too, and alike. */
static bool says_too(const json_t *one, json_t *other)
{
    const char *key;
    json_t *value;
    size_t i;

    if (json_is_object(one) && json_is_object(other)) {
        json_object_foreach((json_t *)(uintptr_t)one, key, value)
        {
            json_t *same = json_object_get(other, key);

            if (same == NULL || !says_too(value, same))
                return false;
        }
        return true;
    }
    if (json_is_array(one) && json_is_array(other)) {
        json_array_foreach((json_t *)(uintptr_t)one, i,
                           value) if (!says_too(value, json_array_get(other, i))) return false;
        return json_array_size(one) == json_array_size(other);
    }
    return json_equal(one, other);
}

static void pair_check(const char *name, int number, const struct pair *golden,
                       struct niva_arena *arena)
{
    CloudEvent *event = event_unpack(golden->bytes, arena);
    json_t *then = json_loads(golden->json, 0, NULL);
    json_t *now = json_loads(printed(&event->base, arena), 0, NULL);
    struct niva_event read;
    struct niva_error err;
    ProtobufCBinaryData data;

    if (!niva_event_read(event, arena, &read, &err))
        fail_msg("%s/%d cannot be read: %s (%s)", name, number, err.text_en,
                 err.violations[0].field);
    data = packed(read.data, arena);
    if (data.len != event->proto_data->value.len ||
        memcmp(data.data, event->proto_data->value.data, data.len) != 0)
        fail_msg("%s/%d: something in it is lost when it is read", name, number);
    if (then == NULL || now == NULL || !says_too(then, now))
        fail_msg("%s/%d: expected JSON that still says\n%s\nactual\n%s", name, number, golden->json,
                 printed(&event->base, arena));
    json_decref(then);
    json_decref(now);
}

static void every_golden_file_can_be_read_and_loses_nothing(void **state)
{
    const struct niva_event_type *type;

    (void)state;
    for (size_t i = 0; (type = niva_event_type_at(i, NULL)) != NULL; i++) {
        struct niva_arena *arena = arena_new();
        struct pair golden;

        for (int number = 1; pair_read(type->name, number, arena, &golden); number++)
            pair_check(type->name, number, &golden, arena);
        niva_arena_free(arena);
    }
}

static bool type_known(const char *name)
{
    const struct niva_event_type *type;

    for (size_t i = 0; (type = niva_event_type_at(i, NULL)) != NULL; i++)
        if (strcmp(type->name, name) == 0)
            return true;
    return false;
}

static void a_type_that_was_told_once_is_known_for_ever(void **state)
{
    DIR *directory = opendir(GOLDEN);
    const struct dirent *entry;
    size_t count = 0;

    (void)state;
    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        if (!type_known(entry->d_name))
            fail_msg("%s has golden files, but stands in no table of types", entry->d_name);
    }
    closedir(directory);
    assert_true(count > 0);
}

/* ---- --update ---- */

static int file_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wbx");
    bool written = file != NULL && fwrite(bytes, 1, size, file) == size;

    if (file == NULL || fclose(file) != 0 || !written) {
        perror(path);
        return 1;
    }
    printf("%s\n", path);
    return 0;
}

static int pair_write(const char *type, int number, const struct pair *pair)
{
    char path[PATH];

    snprintf(path, sizeof path, "%s/%s", GOLDEN, type);
    mkdir(path, 0777); /* one that is there is what was wanted */
    return file_write(path_of(type, number, "binpb", path), pair->bytes.data, pair->bytes.len) +
           file_write(path_of(type, number, "json", path), pair->json, strlen(pair->json));
}

static int update(void)
{
    const struct niva_event_type *type;
    const char *stream;
    int failed = 0;

    for (size_t i = 0; (type = niva_event_type_at(i, &stream)) != NULL; i++) {
        struct niva_arena *arena = arena_new();
        struct pair today = pair_today(type, stream, arena);
        struct pair newest;
        int number = newest_of(type->name, arena, &newest);

        if (number == 0 || !pairs_agree(&newest, &today))
            failed += pair_write(type->name, number + 1, &today);
        niva_arena_free(arena);
    }
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_written_as_its_newest_golden_file),
        cmocka_unit_test(every_golden_file_can_be_read_and_loses_nothing),
        cmocka_unit_test(a_type_that_was_told_once_is_known_for_ever),
    };
    int failed;

    if (argc == 2 && strcmp(argv[1], "--update") == 0)
        return update();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
