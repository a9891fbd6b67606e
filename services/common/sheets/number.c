#include "services/common/sheets/number.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { DIGITS_MAX = 64, EXPONENT_MAX = 999, VALUE_DIGITS_MAX = 17, GUARD_DIGITS = 6 };

/* 0.digits × 10^point, without leading zeros. */
struct decimal {
    char digits[DIGITS_MAX];
    int count;
    int point;
    bool negative;
    bool any; /* digit */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool skip(const char **at, const char *text)
{
    size_t length = strlen(text);

    if (strncmp(*at, text, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool space_skip(const char **at)
{
    return skip(at, " ") || skip(at, "\u00a0") || skip(at, "\u2009") || skip(at, "\u202f");
}

static bool digit_take(struct decimal *decimal, char digit, bool whole)
{
    decimal->any = true;
    if (decimal->count == 0 && digit == '0') {
        decimal->point -= !whole;
        return true;
    }
    if (decimal->count == DIGITS_MAX)
        return false;
    decimal->digits[decimal->count++] = digit;
    decimal->point += whole;
    return true;
}

/* A run of digits; its length. -1: too many. */
static int digits_take(struct decimal *decimal, const char **at, bool whole)
{
    int length = 0;

    for (; is_digit(**at); ++*at, length++)
        if (!digit_take(decimal, **at, whole))
            return -1;
    return length;
}

/* Thousands stand in threes behind the first group. */
static bool whole_take(struct decimal *decimal, const char **at)
{
    int length = digits_take(decimal, at, true);

    if (length < 0)
        return false;
    while (length >= 1 && length <= 3) {
        const char *next = *at;

        if (!space_skip(&next) || !is_digit(*next))
            return true;
        *at = next;
        length = digits_take(decimal, at, true);
        if (length != 3)
            return false;
    }
    return true;
}

static bool exponent_take(struct decimal *decimal, const char **at)
{
    bool negative;
    int value = 0;

    if (**at != 'E' && **at != 'e')
        return true;
    ++*at;
    negative = **at == '-';
    *at += negative || **at == '+';
    if (!is_digit(**at))
        return false;
    for (; is_digit(**at); ++*at) {
        value = 10 * value + (**at - '0');
        if (value > EXPONENT_MAX)
            return false;
    }
    decimal->point += negative ? -value : value;
    return true;
}

static bool decimal_parse(const char *at, struct decimal *decimal)
{
    while (space_skip(&at))
        ;
    decimal->negative = skip(&at, "-") || skip(&at, "\u2212");
    if (!whole_take(decimal, &at))
        return false;
    if ((*at == ',' || *at == '.') && is_digit(at[1])) {
        at++;
        if (digits_take(decimal, &at, false) < 0)
            return false;
    }
    if (!exponent_take(decimal, &at))
        return false;
    while (space_skip(&at))
        ;
    if (skip(&at, "%"))
        decimal->point -= 2;
    while (space_skip(&at))
        ;
    return decimal->any && *at == '\0';
}

/* The digit at a place, 0 being the first behind the point; zeros all around those that are given.
 */
static int digit_at(const struct decimal *decimal, int place)
{
    int index = decimal->point + place;

    return index >= 0 && index < decimal->count ? decimal->digits[index] - '0' : 0;
}

enum niva_number niva_number_read(const char *text, int decimals, int64_t *ret_value)
{
    struct decimal decimal = {.count = 0};
    int64_t value = 0;
    int guard;

    if (!decimal_parse(text, &decimal))
        return NIVA_NUMBER_MALFORMED;
    decimal.point += decimals;
    if (decimal.count > 0 && decimal.point > VALUE_DIGITS_MAX)
        return NIVA_NUMBER_TOO_LARGE;
    guard = digit_at(&decimal, 0);
    if (guard != 0 && guard != 9)
        return NIVA_NUMBER_INEXACT;
    for (int i = 1; i < GUARD_DIGITS; i++)
        if (digit_at(&decimal, i) != guard)
            return NIVA_NUMBER_INEXACT;
    for (int place = -decimal.point; place < 0; place++)
        value = 10 * value + digit_at(&decimal, place);
    value += guard == 9;
    *ret_value = decimal.negative ? -value : value;
    return NIVA_NUMBER_GOOD;
}
