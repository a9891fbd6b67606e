#include <string.h>

#include "services/common/wire/json.h"

enum {
    CONTAINERS_MAX = 2 * NIVA_WIRE_DEPTH_MAX + 2, /* each message may lie in a list */
    VALUES_MAX = 2 * NIVA_WIRE_ELEMENTS_MAX,      /* fields that are not set are written too */
};

#define DOUBLE_EXACT_MAX (UINT64_C(1) << 53)

static bool refuse_at(const char *json, size_t offset, enum wire_reason reason,
                      struct niva_error *err)
{
    struct wire_path path = {0};

    wire_json_path(json, offset, &path);
    return wire_refuse(err, &path, reason);
}

/* Offset behind the string that begins at `at`, or `size` when it has no end. */
static size_t string_skip(const char *json, size_t size, size_t at)
{
    for (at++; at < size && json[at] != '"'; at++)
        if (json[at] == '\\')
            at++;
    return at < size ? at + 1 : size;
}

static bool in_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* jansson makes a double of a number with a point or an exponent. Those that a double would not
 * hold exactly never reach it; what is no number at all is left to it. */
static bool number_check(const char *json, size_t begin, size_t end, struct niva_error *err)
{
    struct wire_number number;
    bool plain = true;

    for (size_t i = begin; i < end; i++)
        plain = plain && json[i] != '.' && json[i] != 'e' && json[i] != 'E';
    if (plain)
        return true;
    switch (wire_number_read(json + begin, end - begin, &number)) {
    case WIRE_NUMBER_OK:
        return number.magnitude <= DOUBLE_EXACT_MAX ||
               refuse_at(json, end, WIRE_NUMBER_OUT_OF_RANGE, err);
    case WIRE_NUMBER_BROKEN:
        return refuse_at(json, end, WIRE_NUMBER_FRACTION, err);
    case WIRE_NUMBER_WIDE:
        return refuse_at(json, end, WIRE_NUMBER_OUT_OF_RANGE, err);
    case WIRE_NUMBER_NONE:
        break;
    }
    return true;
}

bool wire_json_scan(const char *json, size_t size, struct niva_error *err)
{
    unsigned depth = 0;
    unsigned values = 0;
    size_t at = 0;

    while (at < size) {
        size_t begin = at;
        char c = json[at];

        if (c == '"') {
            at = string_skip(json, size, at);
            continue;
        }
        if (c == '-' || (c >= '0' && c <= '9')) {
            while (at < size && in_number(json[at]))
                at++;
            if (!number_check(json, begin, at, err))
                return false;
            continue;
        }
        at++;
        depth += c == '{' || c == '[';
        depth -= (c == '}' || c == ']') && depth > 0;
        values += c == '{' || c == '[' || c == ',';
        if (depth > CONTAINERS_MAX)
            return refuse_at(json, begin, WIRE_TOO_DEEP, err);
        if (values > VALUES_MAX)
            return refuse_at(json, begin, WIRE_TOO_MANY_ELEMENTS, err);
    }
    return true;
}

/* Where a walk through the text is, in one container. */
struct place {
    bool list;
    bool at_key;
    long index;
    const char *key; /* raw, without quotes; NULL before the first */
    size_t key_size;
};

static void place_step(struct place *place)
{
    place->at_key = !place->list;
    place->index++;
}

static void places_write(const struct place *places, size_t depth, struct wire_path *path)
{
    for (size_t i = 0; i < depth; i++) {
        if (places[i].list)
            wire_path_index(path, places[i].index);
        else if (places[i].key != NULL)
            wire_path_name(path, places[i].key, places[i].key_size);
    }
}

void wire_json_path(const char *json, size_t offset, struct wire_path *path)
{
    struct place places[CONTAINERS_MAX + 1];
    size_t depth = 0;
    size_t at = 0;

    while (at < offset) {
        struct place *place = depth == 0 ? NULL : &places[depth - 1];
        size_t begin = at;
        char c = json[at++];

        if (c == '"') {
            at = string_skip(json, offset, begin);
            if (place != NULL && place->at_key && at - begin >= 2 && json[at - 1] == '"') {
                place->key = json + begin + 1;
                place->key_size = at - begin - 2;
                place->at_key = false;
            }
        } else if ((c == '{' || c == '[') && depth <= CONTAINERS_MAX) {
            places[depth++] = (struct place){.list = c == '[', .at_key = c == '{'};
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        } else if (c == ',' && place != NULL) {
            place_step(place);
        }
    }
    places_write(places, depth, path);
}
