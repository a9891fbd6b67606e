#include "services/intake/token.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/common/base/ids.h"
#include "services/common/wire/token.h"

enum { KEY_MAX = 64 };

char *token_of_number(int64_t fact_no, struct niva_arena *arena)
{
    char key[KEY_MAX];

    snprintf(key, sizeof key, "n:%" PRId64, fact_no);
    return niva_token_write(key, arena);
}

char *token_of_unit(const char *hsa_id, int32_t version, struct niva_arena *arena)
{
    char key[KEY_MAX];

    snprintf(key, sizeof key, "u:%s:%" PRId32, hsa_id, version);
    return niva_token_write(key, arena);
}

bool token_read_number(const char *token, int64_t *ret_fact_no)
{
    char key[KEY_MAX];
    const char *number = key + 2;
    int64_t fact_no = 0;

    if (token[0] != '\0' &&
        (!niva_token_read(token, key, sizeof key) || strncmp(key, "n:", 2) != 0 ||
         !niva_token_number(&number, '\0', INT64_MAX, &fact_no) || fact_no == 0))
        return false;
    *ret_fact_no = fact_no;
    return true;
}

bool token_read_unit(const char *token, struct niva_arena *arena, const char **ret_hsa_id,
                     int32_t *ret_version)
{
    char key[KEY_MAX];
    char *colon;
    const char *number;
    int64_t version;
    const char *hsa_id;

    if (token[0] == '\0') {
        *ret_hsa_id = "";
        *ret_version = 0;
        return true;
    }
    if (!niva_token_read(token, key, sizeof key) || strncmp(key, "u:", 2) != 0)
        return false;
    colon = strchr(key + 2, ':');
    if (colon == NULL)
        return false;
    number = colon + 1;
    if (!niva_token_number(&number, '\0', INT32_MAX, &version) || version == 0)
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
