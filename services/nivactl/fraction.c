#include "services/nivactl/fraction.h"

#include <string.h>

enum { TEXT_MAX = 4096 };

bool fraction_read(const char *text, mpq_t ret_ratio)
{
    static const char figures[] = "0123456789";
    const char *at = text + (*text == '-');
    size_t above = strspn(at, figures);
    size_t below = at[above] == '/' ? strspn(at + above + 1, figures) : 0;
    size_t length = above + (below > 0 ? below + 1 : 0);

    if (above == 0 || at[length] != '\0' || strlen(text) > TEXT_MAX)
        return false;
    if (mpq_set_str(ret_ratio, text, 10) != 0 || mpz_sgn(mpq_denref(ret_ratio)) == 0)
        return false;
    mpq_canonicalize(ret_ratio);
    return true;
}

bool fraction_round(const mpq_t ratio, int64_t *ret_whole)
{
    mpz_t twice;
    mpz_t whole;
    bool fits;

    /* sign × floor((2|n| + d) / 2d) */
    mpz_inits(twice, whole, NULL);
    mpz_abs(whole, mpq_numref(ratio));
    mpz_mul_2exp(whole, whole, 1);
    mpz_add(whole, whole, mpq_denref(ratio));
    mpz_mul_2exp(twice, mpq_denref(ratio), 1);
    mpz_fdiv_q(whole, whole, twice);
    if (mpq_sgn(ratio) < 0)
        mpz_neg(whole, whole);
    fits = mpz_fits_slong_p(whole) != 0;
    if (fits)
        *ret_whole = mpz_get_si(whole);
    mpz_clears(twice, whole, NULL);
    return fits;
}
