#include "services/nivactl/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/wire/wire.h"
#include "services/nivactl/labels.h"

void line_blame(const char *path, size_t number, struct niva_error *err)
{
    char text[480];

    snprintf(text, sizeof text, "%.120s:%zu: %s", path, number, err->text_sv);
    niva_text_set(err->text_sv, sizeof err->text_sv, text);
    snprintf(text, sizeof text, "%.120s:%zu: %s", path, number, err->text_en);
    niva_text_set(err->text_en, sizeof err->text_en, text);
}

static bool refuse(struct niva_error *err, const char *what, const char *sv, const char *en)
{
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv, "”%.80s” %s", what, sv);
    snprintf(text_en, sizeof text_en, "\"%.80s\" %s", what, en);
    return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

/* A member that must be a string where it is given; NULL where it isn't. */
static bool member_read(const json_t *json, const char *name, const char **ret_value,
                        struct niva_error *err)
{
    const json_t *value = json_object_get(json, name);

    *ret_value = json_string_value(value);
    return value == NULL || *ret_value != NULL ||
           refuse(err, name, "ska vara en sträng.", "must be a string.");
}

static bool members_known(const json_t *json, struct niva_error *err)
{
    static const char *const known[] = {"method", "request", "recorded_at", "as", "principal"};
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        bool found = false;

        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found = found || strcmp(known[i], key) == 0;
        if (!found)
            return refuse(err, key, "är ingen känd uppgift på en rad.",
                          "is no known member of a line.");
    }
    return true;
}

static bool members_read(struct line *line, struct niva_error *err)
{
    const char *method;
    const char *recorded_at;

    if (!members_known(line->json, err) || !member_read(line->json, "method", &method, err) ||
        !member_read(line->json, "recorded_at", &recorded_at, err) ||
        !member_read(line->json, "as", &line->label, err) ||
        !member_read(line->json, "principal", &line->principal, err))
        return false;
    if (method == NULL || !method_find(method, &line->method) ||
        line->method.service == ANY_SERVICE)
        return refuse(err, method == NULL ? "method" : method, "är ingen metod som kan läsas in.",
                      "is no method that can be applied.");
    line->request = json_object_get(line->json, "request");
    line->recorded_at = INT64_MIN;
    if (recorded_at != NULL && !niva_instant_parse(recorded_at, &line->recorded_at))
        return refuse(err, recorded_at, "är ingen tidpunkt (2022-06-23T12:00:00Z).",
                      "is no instant (2022-06-23T12:00:00Z).");
    if (line->label != NULL && !label_valid(line->label))
        return refuse(err, line->label, "kan inte vara en etikett.", "cannot be a label.");
    return true;
}

/* Every label used below `value` must be one of `labels`. */
static bool labels_check(const json_t *value, const json_t *labels, struct niva_error *err)
{
    char label[128];
    const char *key;
    json_t *member;

    if (json_is_string(value)) {
        label_of(json_string_value(value), label, sizeof label);
        return *label == '\0' || json_object_get(labels, label) != NULL ||
               refuse(err, json_string_value(value), "är ingen etikett på en tidigare rad.",
                      "is no label of an earlier line.");
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!labels_check(json_array_get(value, i), labels, err))
            return false;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        if (!labels_check(member, labels, err))
            return false;
    }
    return true;
}

static bool request_parse(const json_t *request, const struct line *line, struct niva_arena *arena,
                          ProtobufCMessage **ret_request, struct niva_error *err)
{
    char *text = json_dumps(request, JSON_COMPACT);
    bool parsed;

    if (text == NULL)
        return niva_fail_internal(err, "out of memory");
    parsed = niva_json_parse(line->method.type->input, text, strlen(text), arena, ret_request, err);
    free(text);
    return parsed;
}

/* Whether a request has a reference: then its other fields are judged when it is sent. */
static bool refers(const json_t *value)
{
    const char *key;
    json_t *member;

    if (json_is_string(value))
        return json_string_value(value)[0] == '$';
    for (size_t i = 0; i < json_array_size(value); i++)
        if (refers(json_array_get(value, i)))
            return true;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        if (refers(member))
            return true;
    }
    return false;
}

static bool line_check(const struct line *line, json_t *labels, struct niva_arena *scratch,
                       struct niva_error *err)
{
    ProtobufCMessage *message;

    if (!json_is_object(line->request))
        return refuse(err, "request", "ska vara ett objekt.", "must be an object.");
    if (!labels_check(line->request, labels, err))
        return false;
    if (!refers(line->request) && !request_parse(line->request, line, scratch, &message, err))
        return false;
    niva_arena_reset(scratch);
    if (line->label == NULL)
        return true;
    if (json_object_get(labels, line->label) != NULL)
        return refuse(err, line->label, "är redan en etikett på en tidigare rad.",
                      "is a label of an earlier line already.");
    return json_object_set_new(labels, line->label, json_true()) == 0 ||
           niva_fail_internal(err, "out of memory");
}

static bool line_read(struct line *line, const char *bytes, size_t size, json_t *labels,
                      struct niva_arena *scratch, struct niva_error *err)
{
    json_error_t problem;

    line->json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &problem);
    if (!json_is_object(line->json))
        return niva_fail(err, NIVA_INVALID_ARGUMENT, "Raden är inte ett JSON-objekt.",
                         "The line is not an object of JSON.");
    return members_read(line, err) && line_check(line, labels, scratch, err);
}

static size_t lines_count(const char *bytes, size_t size)
{
    size_t count = 1;

    for (size_t i = 0; i < size; i++)
        count += bytes[i] == '\n';
    return count;
}

static bool blank(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (strchr(" \t\r", bytes[i]) == NULL || bytes[i] == '\0')
            return false;
    return true;
}

static bool all_read(struct lines *lines, json_t *labels, struct niva_arena *scratch,
                     struct niva_error *err)
{
    const char *at = lines->bytes;
    const char *end = at + lines->size;

    for (size_t number = 1; at < end; number++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((newline == NULL ? end : newline) - at);
        struct line *line = &lines->lines[lines->count];

        if (!blank(at, size)) {
            line->number = number;
            lines->count++;
            if (!line_read(line, at, size, labels, scratch, err)) {
                line_blame(lines->path, number, err);
                return false;
            }
        }
        at += size + (newline != NULL);
    }
    return true;
}

bool lines_read(const char *path, const char *bytes, size_t size, struct niva_arena *arena,
                struct lines *ret_lines, struct niva_error *err)
{
    enum { SCRATCH_BYTES = 64 << 20 };
    struct lines lines = {.path = path, .bytes = bytes, .size = size};
    struct niva_arena *scratch = niva_arena_new(SCRATCH_BYTES);
    json_t *labels = json_object();
    bool read = false;

    lines.lines = niva_arena_array(arena, lines_count(bytes, size), sizeof *lines.lines);
    if (lines.lines == NULL || scratch == NULL || labels == NULL)
        niva_fail_internal(err, "out of memory");
    else
        read = all_read(&lines, labels, scratch, err);
    json_decref(labels);
    niva_arena_free(scratch);
    if (read)
        *ret_lines = lines;
    else
        lines_free(&lines);
    return read;
}

void lines_free(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        json_decref(lines->lines[i].json);
    lines->count = 0;
}

bool line_request(const struct line *line, const json_t *replies, struct niva_arena *arena,
                  ProtobufCMessage **ret_request, struct niva_error *err)
{
    json_t *request = labels_replace(line->request, replies, err);
    bool parsed;

    if (request == NULL)
        return false;
    parsed = request_parse(request, line, arena, ret_request, err);
    json_decref(request);
    return parsed;
}
