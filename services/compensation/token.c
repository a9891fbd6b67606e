#include "services/compensation/token.h"

#include <inttypes.h>
#include <string.h>

#include "services/common/base/text.h"

enum { KEY_PARTS = 6, TOKEN_LENGTH_MAX = 1024 };

/* A key in hexadecimal, so that nobody takes it for something to count with. */
static char *token_write(const char *key, struct niva_arena *arena)
{
    size_t size = key != NULL ? strlen(key) : 0;
    char *token = key != NULL ? niva_arena_alloc(arena, 2 * size + 1) : NULL;

    if (token != NULL)
        niva_hex((const uint8_t *)key, size, token);
    return token;
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

/* The key of a token; NULL when it is none. */
static char *token_decode(const char *token, struct niva_arena *arena)
{
    size_t size = strlen(token);
    char *key =
        size % 2 == 0 && size <= TOKEN_LENGTH_MAX ? niva_arena_alloc(arena, size / 2 + 1) : NULL;

    for (size_t i = 0; key != NULL && i < size / 2; i++) {
        int high = digit_value(token[2 * i]);
        int low = digit_value(token[2 * i + 1]);

        if (high < 0 || low < 0 || high * 16 + low == 0)
            return NULL;
        key[i] = (char)(high * 16 + low);
    }
    return key != NULL && niva_utf8_valid(key, size / 2) ? key : NULL;
}

/* A number as it was printed: no sign, space or leading zero. */
static bool number_read(const char *text, int64_t most, int64_t *ret_number)
{
    size_t digits = strspn(text, "0123456789");
    int64_t number = 0;

    if (digits == 0 || digits > 18 || text[digits] != '\0' || (text[0] == '0' && digits > 1))
        return false;
    for (; *text != '\0'; text++)
        number = number * 10 + (*text - '0');
    if (number > most)
        return false;
    *ret_number = number;
    return true;
}

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

char *token_of_fact(int64_t fact_no, struct niva_arena *arena)
{
    return token_write(niva_arena_printf(arena, "%" PRId64, fact_no), arena);
}

char *token_of_adjustment(const struct store_key *key, struct niva_arena *arena)
{
    char period[16];
    char id[37];

    niva_month_format(key->period, period);
    niva_uuid_format(key->id, id);
    return token_write(niva_arena_printf(arena, "%s/%s/%s/%s/%s/%" PRId32, period, key->unit,
                                         key->component, key->group, id, key->version),
                       arena);
}

bool token_read_fact(const char *token, struct niva_arena *arena, int64_t *ret_fact_no)
{
    const char *key;

    if (token[0] == '\0') {
        *ret_fact_no = 0;
        return true;
    }
    key = token_decode(token, arena);
    return key != NULL && number_read(key, INT64_MAX, ret_fact_no);
}

bool token_read_adjustment(const char *token, struct niva_arena *arena,
                           const struct store_key **ret_key)
{
    struct store_key *read = niva_arena_alloc(arena, sizeof *read);
    char *parts[KEY_PARTS];
    struct niva_span month;
    int64_t version;
    char *key;

    if (token[0] == '\0') {
        *ret_key = NULL;
        return true;
    }
    key = token_decode(token, arena);
    if (read == NULL || key == NULL || !parts_cut(key, parts, KEY_PARTS) ||
        !niva_month_parse(parts[0], &month) || !niva_hsa_id_valid(parts[1]) ||
        !niva_name_key_valid(parts[2]) || !niva_name_key_valid(parts[3]) ||
        !niva_uuid_parse(parts[4], &read->id) || !number_read(parts[5], INT32_MAX, &version))
        return false;
    read->period = month.from;
    read->unit = parts[1];
    read->component = parts[2];
    read->group = parts[3];
    read->version = (int32_t)version;
    *ret_key = read;
    return true;
}

void token_refuse(struct niva_check *check)
{
    niva_check_fail(check, "page_token", "PAGE_TOKEN_INVALID",
                    "Sidmärket kommer inte från en tidigare sida av den här listan.",
                    "The page token is not from an earlier page of this list.");
}
