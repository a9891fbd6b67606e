#include "services/nivactl/labels.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

bool label_valid(const char *label)
{
    size_t length =
        strspn(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    return length > 0 && label[length] == '\0';
}

void label_of(const char *string, char *ret_label, size_t capacity)
{
    int length = 0;

    if (string[0] == '$' && string[1] != '$')
        length = (int)strcspn(string + 1, ".");
    snprintf(ret_label, capacity, "%.*s", length, length > 0 ? string + 1 : "");
}

static json_t *refuse(const char *reference, struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv, "”%.100s” finns inte i någon tidigare rads svar.", reference);
    snprintf(text_en, sizeof text_en, "\"%.100s\" is not in the reply of any earlier line.",
             reference);
    niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
    return NULL;
}

/* One step down a reply: a member of an object, an entry of a list. */
static json_t *step(json_t *value, const char *name)
{
    size_t figures = strspn(name, "0123456789");
    size_t index = 0;

    if (!json_is_array(value))
        return json_object_get(value, name);
    if (figures == 0 || figures > 6 || name[figures] != '\0')
        return NULL;
    for (size_t i = 0; i < figures; i++)
        index = index * 10 + (size_t)(name[i] - '0');
    return json_array_get(value, index);
}

/* The value that "$label.path" stands for. */
static json_t *reference_find(const char *reference, const json_t *replies, struct niva_error *err)
{
    json_t *value = (json_t *)(uintptr_t)replies;
    const char *at = reference + 1;
    char name[128];

    while (value != NULL) {
        size_t length = strcspn(at, ".");

        if (length == 0 || length >= sizeof name)
            return refuse(reference, err);
        memcpy(name, at, length);
        name[length] = '\0';
        value = step(value, name);
        if (at[length] == '\0')
            break;
        at += length + 1;
    }
    if (json_is_object(value) || json_is_array(value) || value == NULL)
        return refuse(reference, err);
    return json_incref(value);
}

static json_t *value_replace(const json_t *value, const json_t *replies, int depth,
                             struct niva_error *err);

static json_t *string_replace(const json_t *value, const json_t *replies, struct niva_error *err)
{
    const char *string = json_string_value(value);

    if (string[0] != '$')
        return json_deep_copy(value);
    if (string[1] == '$')
        return json_string(string + 1);
    return reference_find(string, replies, err);
}

static json_t *array_replace(const json_t *array, const json_t *replies, int depth,
                             struct niva_error *err)
{
    json_t *copy = json_array();

    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *value = value_replace(json_array_get(array, i), replies, depth, err);

        if (value == NULL || json_array_append_new(copy, value) != 0) {
            json_decref(copy);
            return NULL;
        }
    }
    return copy;
}

static json_t *object_replace(const json_t *object, const json_t *replies, int depth,
                              struct niva_error *err)
{
    json_t *copy = json_object();
    const char *key;
    json_t *old;

    json_object_foreach((json_t *)(uintptr_t)object, key, old)
    {
        json_t *value = value_replace(old, replies, depth, err);

        if (value == NULL || json_object_set_new(copy, key, value) != 0) {
            json_decref(copy);
            return NULL;
        }
    }
    return copy;
}

static json_t *value_replace(const json_t *value, const json_t *replies, int depth,
                             struct niva_error *err)
{
    if (depth > DEPTH_MAX) {
        niva_fail(err, NIVA_INVALID_ARGUMENT, "Begäran är för djupt nästlad.",
                  "The request is nested too deeply.");
        return NULL;
    }
    if (json_is_string(value))
        return string_replace(value, replies, err);
    if (json_is_array(value))
        return array_replace(value, replies, depth + 1, err);
    if (json_is_object(value))
        return object_replace(value, replies, depth + 1, err);
    return json_deep_copy(value);
}

json_t *labels_replace(const json_t *request, const json_t *replies, struct niva_error *err)
{
    json_t *copy;

    niva_error_clear(err);
    copy = value_replace(request, replies, 0, err);
    if (copy == NULL && err->code == NIVA_OK)
        niva_fail_internal(err, "out of memory");
    return copy;
}
