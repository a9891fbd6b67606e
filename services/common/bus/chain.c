#include "services/common/bus/chain.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_SIZE = 24 };

/* A run of bytes that goes into a hash. */
struct part {
    const void *bytes;
    size_t size;
};

static bool sha256(const struct part *parts, size_t count, uint8_t ret_hash[HASH_SIZE],
                   struct niva_error *err)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

    for (size_t i = 0; good && i < count; i++)
        good = EVP_DigestUpdate(context, parts[i].bytes, parts[i].size) == 1;
    good = good && EVP_DigestFinal_ex(context, ret_hash, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good || niva_fail_internal(err, "SHA-256 is not to be had");
}

bool bytes_digest(const void *bytes, size_t size, uint8_t ret_digest[HASH_SIZE],
                  struct niva_error *err)
{
    return sha256((const struct part[]){{bytes, size}}, 1, ret_digest, err);
}

bool data_digest(const uint8_t salt[SALT_SIZE], const void *data, size_t size,
                 uint8_t ret_digest[HASH_SIZE], struct niva_error *err)
{
    return sha256((const struct part[]){{salt, SALT_SIZE}, {data, size}}, 2, ret_digest, err);
}

bool chain_hash(const uint8_t previous[HASH_SIZE], const void *envelope, size_t size,
                const uint8_t digest[HASH_SIZE], uint8_t ret_hash[HASH_SIZE],
                struct niva_error *err)
{
    return sha256(
        (const struct part[]){{previous, HASH_SIZE}, {envelope, size}, {digest, HASH_SIZE}}, 3,
        ret_hash, err);
}

/* A text with its NUL. */
static struct part text_part(const char *text)
{
    return text == NULL ? (struct part){"", 1} : (struct part){text, strlen(text) + 1};
}

/* A number in digits, "" for `none`, with its NUL. */
static struct part number_part(int64_t number, int64_t none, char buffer[NUMBER_SIZE])
{
    if (number == none)
        return (struct part){"", 1};
    snprintf(buffer, NUMBER_SIZE, "%" PRId64, number);
    return text_part(buffer);
}

bool fact_digest(const uint8_t salt[SALT_SIZE], const struct niva_fact *fact,
                 uint8_t ret_digest[HASH_SIZE], struct niva_error *err)
{
    niva_day day = fact->first_day == NIVA_DAY_END ? NIVA_DAY_NONE : fact->first_day;
    char buffer[NUMBER_SIZE];

    return sha256((const struct part[]){{salt, SALT_SIZE},
                                        number_part(day, NIVA_DAY_NONE, buffer),
                                        {fact->body.data, fact->body.len}},
                  3, ret_digest, err);
}

bool fact_hash(const uint8_t previous[HASH_SIZE], const struct niva_fact *fact,
               const uint8_t digest[HASH_SIZE], uint8_t ret_hash[HASH_SIZE], struct niva_error *err)
{
    char numbers[4][NUMBER_SIZE];
    const struct part parts[] = {
        {previous, HASH_SIZE},
        number_part(fact->fact_no, 0, numbers[0]),
        text_part(fact->kind),
        text_part(fact->id),
        number_part(fact->version, 0, numbers[1]),
        text_part(fact->unit),
        text_part(fact->group),
        text_part(fact->region),
        text_part(fact->refers_to),
        number_part(fact->recorded_at, INT64_MIN, numbers[2]),
        text_part(fact->recorded_by),
        number_part(fact->received_at, INT64_MIN, numbers[3]),
        {digest, HASH_SIZE},
    };

    return sha256(parts, sizeof parts / sizeof *parts, ret_hash, err);
}
