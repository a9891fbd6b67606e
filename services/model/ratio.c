#include "services/model/ratio.h"

#include <string.h>

typedef unsigned __int128 uint128;

static uint128 magnitude(int128 value)
{
    return value < 0 ? -(uint128)value : (uint128)value;
}

static int128 divisor_greatest(uint128 a, uint128 b)
{
    while (b > UINT64_MAX) {
        uint128 rest = a % b;
        a = b;
        b = rest;
    }
    if (b == 0)
        return (int128)a;
    uint64_t narrow = (uint64_t)(a % b);
    uint64_t other = (uint64_t)b;
    while (narrow != 0) {
        uint64_t rest = other % narrow;
        other = narrow;
        narrow = rest;
    }
    return (int128)other;
}

void ratio_clear(struct ratio *ratio)
{
    if (ratio->big)
        mpq_clear(ratio->value);
    *ratio = (struct ratio)RATIO_ZERO;
}

void ratio_set(struct ratio *ratio, int128 num, int128 den)
{
    int128 common = divisor_greatest(magnitude(num), (uint128)den);

    ratio_clear(ratio);
    ratio->num = num / common;
    ratio->den = den / common;
}

void ratio_copy(struct ratio *ratio, const struct ratio *from)
{
    ratio_clear(ratio);
    if (!from->big) {
        ratio->num = from->num;
        ratio->den = from->den;
        return;
    }
    mpq_init(ratio->value);
    mpq_set(ratio->value, from->value);
    ratio->big = true;
}

static void integer_set(mpz_t integer, int128 value)
{
    uint128 absolute = magnitude(value);
    uint64_t words[2] = {(uint64_t)absolute, (uint64_t)(absolute >> 64)};

    mpz_import(integer, 2, -1, sizeof words[0], 0, 0, words);
    if (value < 0)
        mpz_neg(integer, integer);
}

/* Hands a ratio over to GMP. */
static void ratio_grow(struct ratio *ratio)
{
    if (ratio->big)
        return;
    mpq_init(ratio->value);
    integer_set(mpq_numref(ratio->value), ratio->num);
    integer_set(mpq_denref(ratio->value), ratio->den);
    ratio->big = true;
}

/* a + b where 128 bits suffice. Both are in lowest terms, so that after bringing them to one
 * denominator only a divisor of the common one can cancel. */
static bool narrow_add(struct ratio *a, int128 num, int128 den)
{
    int128 common = divisor_greatest((uint128)a->den, (uint128)den);
    int128 left, right, sum, product;

    if (__builtin_mul_overflow(a->num, den / common, &left) ||
        __builtin_mul_overflow(num, a->den / common, &right) ||
        __builtin_add_overflow(left, right, &sum) ||
        __builtin_mul_overflow(a->den / common, den, &product))
        return false;
    if (magnitude(sum) >> 127 != 0)
        return false;
    common = divisor_greatest(magnitude(sum), (uint128)common);
    a->num = sum / common;
    a->den = product / common;
    return true;
}

/* `other` negated when `sign` is -1. */
static void ratio_accumulate(struct ratio *ratio, const struct ratio *other, int sign)
{
    if (!ratio->big && !other->big && narrow_add(ratio, sign * other->num, other->den))
        return;
    struct ratio grown __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    ratio_copy(&grown, other);
    ratio_grow(&grown);
    ratio_grow(ratio);
    if (sign < 0)
        mpq_sub(ratio->value, ratio->value, grown.value);
    else
        mpq_add(ratio->value, ratio->value, grown.value);
}

void ratio_add(struct ratio *ratio, const struct ratio *other)
{
    ratio_accumulate(ratio, other, 1);
}

void ratio_subtract(struct ratio *ratio, const struct ratio *other)
{
    ratio_accumulate(ratio, other, -1);
}

void ratio_scale(struct ratio *ratio, int64_t num, int64_t den)
{
    int128 product_num, product_den;

    if (!ratio->big && !__builtin_mul_overflow(ratio->num, (int128)num, &product_num) &&
        !__builtin_mul_overflow(ratio->den, (int128)den, &product_den) &&
        magnitude(product_num) >> 127 == 0) {
        ratio_set(ratio, product_num, product_den);
        return;
    }
    struct ratio factor __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    ratio_set(&factor, num, den);
    ratio_grow(&factor);
    ratio_grow(ratio);
    mpq_mul(ratio->value, ratio->value, factor.value);
}

int ratio_sign(const struct ratio *ratio)
{
    if (ratio->big)
        return mpq_sgn(ratio->value);
    return ratio->num < 0 ? -1 : ratio->num > 0;
}

int ratio_compare(const struct ratio *a, const struct ratio *b)
{
    struct ratio difference __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;

    ratio_copy(&difference, a);
    ratio_subtract(&difference, b);
    return ratio_sign(&difference);
}

/* floor((2 |num| + den × unit) / (2 den × unit)): the nearest multiple, halves away from zero. */
bool ratio_round(const struct ratio *ratio, int64_t unit, int64_t *ret_value)
{
    struct ratio exact __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    mpz_t multiple, divisor;
    uint64_t word = 0;
    int sign = ratio_sign(ratio);

    ratio_copy(&exact, ratio);
    ratio_grow(&exact);
    mpz_init(multiple);
    mpz_init(divisor);
    integer_set(divisor, unit);
    mpz_mul(divisor, divisor, mpq_denref(exact.value));
    mpz_abs(multiple, mpq_numref(exact.value));
    mpz_mul_2exp(multiple, multiple, 1);
    mpz_add(multiple, multiple, divisor);
    mpz_mul_2exp(divisor, divisor, 1);
    mpz_fdiv_q(multiple, multiple, divisor);
    integer_set(divisor, unit);
    mpz_mul(multiple, multiple, divisor);
    bool fits = mpz_sizeinbase(multiple, 2) <= 63;
    if (fits)
        mpz_export(&word, NULL, -1, sizeof word, 0, 0, multiple);
    mpz_clear(divisor);
    mpz_clear(multiple);
    if (fits)
        *ret_value = sign < 0 ? -(int64_t)word : (int64_t)word;
    return fits;
}

/* Digits are made from the last to the first. */
static char *digits_prepend(char *begin, uint128 value)
{
    do {
        *--begin = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value != 0);
    return begin;
}

const char *ratio_print(const struct ratio *ratio, struct niva_arena *arena)
{
    char text[96]; /* two numbers of 39 digits, a sign and a stroke */
    char *begin = text + sizeof text - 1;

    if (ratio->big) {
        size_t size = mpz_sizeinbase(mpq_numref(ratio->value), 10) +
                      mpz_sizeinbase(mpq_denref(ratio->value), 10) + 3;
        char *answer = niva_arena_alloc(arena, size);
        return answer == NULL ? NULL : mpq_get_str(answer, 10, ratio->value);
    }
    *begin = '\0';
    if (ratio->den != 1) {
        begin = digits_prepend(begin, (uint128)ratio->den);
        *--begin = '/';
    }
    begin = digits_prepend(begin, magnitude(ratio->num));
    if (ratio->num < 0)
        *--begin = '-';
    return niva_arena_strdup(arena, begin);
}
