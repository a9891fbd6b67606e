#include "services/common/wire/token.h"

#include <string.h>

#include "services/common/base/text.h"

char *niva_token_write(const char *key, struct niva_arena *arena)
{
    size_t size = key == NULL ? 0 : strlen(key);
    char *token = key == NULL ? NULL : niva_arena_alloc(arena, 2 * size + 1);

    if (token != NULL)
        niva_hex((const uint8_t *)key, size, token);
    return token;
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool niva_token_read(const char *token, char *ret_key, size_t capacity)
{
    size_t size = strlen(token);

    if (size % 2 != 0 || size / 2 >= capacity)
        return false;
    for (size_t i = 0; i < size / 2; i++) {
        int high = digit_value(token[2 * i]);
        int low = digit_value(token[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        ret_key[i] = (char)(high * 16 + low);
    }
    ret_key[size / 2] = '\0';
    return niva_utf8_valid(ret_key, size / 2);
}

bool niva_token_number(const char **text, char end, int64_t most, int64_t *ret_number)
{
    const char *digits = *text;
    size_t count = strspn(digits, "0123456789");
    int64_t number = 0;

    if (count == 0 || count > 18 || digits[count] != end || (digits[0] == '0' && count > 1))
        return false;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (digits[i] - '0');
    if (number > most)
        return false;
    *ret_number = number;
    *text = digits + count + (end != '\0');
    return true;
}

void niva_token_refuse(struct niva_check *check)
{
    niva_check_fail(check, "page_token", "PAGE_TOKEN_INVALID",
                    "Sidmärket kommer inte från en tidigare sida av den här listan.",
                    "The page token is not from an earlier page of this list.");
}
