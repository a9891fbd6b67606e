#include "services/common/wire/json.h"

/* Digits of a number without those that say nothing: `digits` × 10^`exponent`. */
struct decimal {
    bool negative;
    const char *digits; /* with a point among them */
    const char *digits_end;
    long exponent;
};

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

static const char *digits_skip(const char *at, const char *end)
{
    while (is_digit(at, end))
        at++;
    return at;
}

enum { EXPONENT_MAX = 1000000 };

static bool exponent_read(const char *at, const char *end, long *exponent)
{
    bool negative;
    long value = 0;

    if (at == end)
        return true;
    if (*at != 'e' && *at != 'E')
        return false;
    at++;
    negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (!is_digit(at, end))
        return false;
    for (; is_digit(at, end); at++)
        value = value < EXPONENT_MAX ? value * 10 + (*at - '0') : value;
    *exponent += negative ? -value : value;
    return at == end;
}

/* Splits `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`. */
static bool decimal_split(const char *at, const char *end, struct decimal *ret)
{
    *ret = (struct decimal){.negative = at < end && *at == '-'};
    at += ret->negative;
    ret->digits = at;
    at = digits_skip(at, end);
    if (at == ret->digits || (*ret->digits == '0' && at - ret->digits > 1))
        return false;
    if (at < end && *at == '.') {
        const char *fraction = at + 1;

        at = digits_skip(fraction, end);
        if (at == fraction)
            return false;
        ret->exponent = -(long)(at - fraction);
    }
    ret->digits_end = at;
    return exponent_read(at, end, &ret->exponent);
}

/* Moves zeros at the end of the digits into the exponent. */
static void zeros_trim(struct decimal *decimal)
{
    const char *at = decimal->digits_end;

    while (at > decimal->digits && (at[-1] == '0' || at[-1] == '.'))
        decimal->exponent += *--at == '0';
    decimal->digits_end = at;
}

static bool digit_append(uint64_t *magnitude, unsigned digit)
{
    return !__builtin_mul_overflow(*magnitude, 10u, magnitude) &&
           !__builtin_add_overflow(*magnitude, digit, magnitude);
}

enum wire_number_fault wire_number_read(const char *text, size_t size,
                                        struct wire_number *ret_number)
{
    struct decimal decimal;
    uint64_t magnitude = 0;

    if (!decimal_split(text, text + size, &decimal))
        return WIRE_NUMBER_NONE;
    zeros_trim(&decimal);
    if (decimal.digits == decimal.digits_end) {
        *ret_number = (struct wire_number){0};
        return WIRE_NUMBER_OK;
    }
    if (decimal.exponent < 0)
        return WIRE_NUMBER_BROKEN;
    for (const char *at = decimal.digits; at < decimal.digits_end; at++)
        if (*at != '.' && !digit_append(&magnitude, (unsigned)(*at - '0')))
            return WIRE_NUMBER_WIDE;
    for (long i = 0; i < decimal.exponent; i++)
        if (!digit_append(&magnitude, 0))
            return WIRE_NUMBER_WIDE;
    *ret_number = (struct wire_number){decimal.negative, magnitude};
    return WIRE_NUMBER_OK;
}
