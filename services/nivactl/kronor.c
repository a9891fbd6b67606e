#include "services/nivactl/kronor.h"

#include <string.h>

#define NBSP "\u00a0"

enum { ORE_PER_KRONA = 100 };

static const int64_t ORE_MOST = INT64_C(10000000000000);

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of a space at the text; 0: there is none. */
static size_t space_at(const char *text)
{
    if (*text == ' ')
        return 1;
    return strncmp(text, NBSP, sizeof NBSP - 1) == 0 ? sizeof NBSP - 1 : 0;
}

/* A part of three figures behind a space. */
static bool thousands_at(const char *text)
{
    return is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]) && !is_digit(text[3]);
}

bool kronor_read(const char *text, int64_t *ret_ore)
{
    int64_t kronor = 0;
    int64_t ore = 0;

    if (!is_digit(*text))
        return false;
    while (is_digit(*text)) {
        kronor = kronor * 10 + (*text++ - '0');
        if (kronor > ORE_MOST / ORE_PER_KRONA)
            return false;
        if (space_at(text) > 0) {
            text += space_at(text);
            if (!thousands_at(text))
                return false;
        }
    }
    if (*text == ',' || *text == '.') {
        if (!is_digit(text[1]) || (is_digit(text[2]) && text[3] != '\0') ||
            (!is_digit(text[2]) && text[2] != '\0'))
            return false;
        ore = (text[1] - '0') * 10 + (is_digit(text[2]) ? text[2] - '0' : 0);
    } else if (*text != '\0') {
        return false;
    }
    if (kronor * ORE_PER_KRONA + ore > ORE_MOST)
        return false;
    *ret_ore = kronor * ORE_PER_KRONA + ore;
    return true;
}
