#include "services/compensation/token.h"

#include <inttypes.h>
#include <string.h>

#include "services/common/wire/token.h"

enum { KEY_PARTS = 6, SETTLEMENT_PARTS = 3, KEY_MAX = 512 };

/* Cuts a key at its slashes into exactly `count` parts. */
static bool parts_cut(char *key, char **ret_parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *slash = strchr(key, '/');

        ret_parts[i] = key;
        if (i + 1 == count)
            return slash == NULL;
        if (slash == NULL)
            return false;
        *slash = '\0';
        key = slash + 1;
    }
    return false;
}

char *token_of_adjustment(const struct store_key *key, struct niva_arena *arena)
{
    char period[16];
    char id[37];

    niva_month_format(key->period, period);
    niva_uuid_format(key->id, id);
    return niva_token_write(niva_arena_printf(arena, "%s/%s/%s/%s/%s/%" PRId32, period, key->unit,
                                              key->component, key->group, id, key->version),
                            arena);
}

bool token_read_adjustment(const char *token, struct niva_arena *arena,
                           const struct store_key **ret_key)
{
    struct store_key *read = niva_arena_alloc(arena, sizeof *read);
    char *key = niva_arena_alloc(arena, KEY_MAX);
    char *parts[KEY_PARTS];
    const char *number;
    struct niva_span month;
    int64_t version;

    if (token[0] == '\0') {
        *ret_key = NULL;
        return true;
    }
    if (read == NULL || key == NULL || !niva_token_read(token, key, KEY_MAX) ||
        !parts_cut(key, parts, KEY_PARTS) || !niva_month_parse(parts[0], &month) ||
        !niva_hsa_id_valid(parts[1]) || !niva_name_key_valid(parts[2]) ||
        !niva_name_key_valid(parts[3]) || !niva_uuid_parse(parts[4], &read->id))
        return false;
    number = parts[5];
    if (!niva_token_number(&number, '\0', INT32_MAX, &version))
        return false;
    read->period = month.from;
    read->unit = parts[1];
    read->component = parts[2];
    read->group = parts[3];
    read->version = (int32_t)version;
    *ret_key = read;
    return true;
}

char *token_of_settlement(const struct settlement_key *key, struct niva_arena *arena)
{
    char period[16];
    char id[37];

    niva_month_format(key->period, period);
    niva_uuid_format(key->id, id);
    return niva_token_write(niva_arena_printf(arena, "%s/%s/%" PRId32, period, id, key->version),
                            arena);
}

bool token_read_settlement(const char *token, struct niva_arena *arena,
                           const struct settlement_key **ret_key)
{
    struct settlement_key *read = niva_arena_alloc(arena, sizeof *read);
    char key[KEY_MAX];
    char *parts[SETTLEMENT_PARTS];
    const char *number;
    struct niva_span month;
    int64_t version;

    if (token[0] == '\0') {
        *ret_key = NULL;
        return true;
    }
    if (read == NULL || !niva_token_read(token, key, KEY_MAX) ||
        !parts_cut(key, parts, SETTLEMENT_PARTS) || !niva_month_parse(parts[0], &month) ||
        !niva_uuid_parse(parts[1], &read->id))
        return false;
    number = parts[2];
    if (!niva_token_number(&number, '\0', INT32_MAX, &version))
        return false;
    read->period = month.from;
    read->version = (int32_t)version;
    *ret_key = read;
    return true;
}
