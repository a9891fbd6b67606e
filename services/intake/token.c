#include "services/intake/token.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/base/ids.h"
#include "services/common/base/text.h"

enum { KEY_MAX = 64 };

/* A token is the key in hexadecimal: nobody takes it for a number to count with. */
static char *token_write(const char *key, struct niva_arena *arena)
{
    size_t size = strlen(key);
    char *token = niva_arena_alloc(arena, 2 * size + 1);

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

static bool token_decode(const char *token, char ret_key[KEY_MAX])
{
    size_t size = strlen(token);

    if (size % 2 != 0 || size / 2 >= KEY_MAX)
        return false;
    for (size_t i = 0; i < size / 2; i++) {
        int high = digit_value(token[2 * i]);
        int low = digit_value(token[2 * i + 1]);

        if (high < 0 || low < 0 || high * 16 + low == 0)
            return false;
        ret_key[i] = (char)(high * 16 + low);
    }
    ret_key[size / 2] = '\0';
    return true;
}

/* A positive number as it was printed: no sign, space or leading zero. */
static bool number_read(const char *text, int64_t most, int64_t *ret_number)
{
    size_t digits = strspn(text, "0123456789");
    int64_t number = 0;

    if (digits == 0 || digits > 18 || text[digits] != '\0' || text[0] == '0')
        return false;
    for (; *text != '\0'; text++)
        number = number * 10 + (*text - '0');
    if (number > most)
        return false;
    *ret_number = number;
    return true;
}

char *token_of_number(int64_t fact_no, struct niva_arena *arena)
{
    char key[KEY_MAX];

    snprintf(key, sizeof key, "n:%" PRId64, fact_no);
    return token_write(key, arena);
}

char *token_of_unit(const char *hsa_id, int32_t version, struct niva_arena *arena)
{
    char key[KEY_MAX];

    snprintf(key, sizeof key, "u:%s:%" PRId32, hsa_id, version);
    return token_write(key, arena);
}

bool token_read_number(const char *token, int64_t *ret_fact_no)
{
    char key[KEY_MAX];

    if (token[0] == '\0') {
        *ret_fact_no = 0;
        return true;
    }
    return token_decode(token, key) && strncmp(key, "n:", 2) == 0 &&
           number_read(key + 2, INT64_MAX, ret_fact_no);
}

bool token_read_unit(const char *token, struct niva_arena *arena, const char **ret_hsa_id,
                     int32_t *ret_version)
{
    char key[KEY_MAX];
    char *colon;
    int64_t version;
    const char *hsa_id;

    if (token[0] == '\0') {
        *ret_hsa_id = "";
        *ret_version = 0;
        return true;
    }
    if (!token_decode(token, key) || strncmp(key, "u:", 2) != 0)
        return false;
    colon = strchr(key + 2, ':');
    if (colon == NULL || !number_read(colon + 1, INT32_MAX, &version))
        return false;
    *colon = '\0';
    if (!niva_hsa_id_valid(key + 2))
        return false;
    hsa_id = niva_arena_strdup(arena, key + 2);
    if (hsa_id == NULL)
        return false;
    *ret_hsa_id = hsa_id;
    *ret_version = (int32_t)version;
    return true;
}
