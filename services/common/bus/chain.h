/* The two hash chains of a service: of its events (architecture: "Events") and of its facts. Each
 * link holds all that was written before it, so that nothing can be altered, taken out or put in
 * between without a trace; what may be erased is in it as a salted digest alone. Internal to the
 * room. */
#ifndef NIVA_COMMON_BUS_CHAIN_H
#define NIVA_COMMON_BUS_CHAIN_H

#include "services/common/pg/facts.h"

enum { HASH_SIZE = NIVA_FACT_HASH_SIZE, SALT_SIZE = NIVA_FACT_SALT_SIZE };

/* SHA-256(bytes). */
bool bytes_digest(const void *bytes, size_t size, uint8_t ret_digest[HASH_SIZE],
                  struct niva_error *err) NIVA_MUST_CHECK;
/* SHA-256(salt ‖ data). */
bool data_digest(const uint8_t salt[SALT_SIZE], const void *data, size_t size,
                 uint8_t ret_digest[HASH_SIZE], struct niva_error *err) NIVA_MUST_CHECK;
/* SHA-256(previous ‖ envelope ‖ digest). `previous` may be `ret_hash`. */
bool chain_hash(const uint8_t previous[HASH_SIZE], const void *envelope, size_t size,
                const uint8_t digest[HASH_SIZE], uint8_t ret_hash[HASH_SIZE],
                struct niva_error *err) NIVA_MUST_CHECK;

/* What of a fact may be erased: SHA-256(salt ‖ first day ‖ body). The day is its number since
 * 1970-01-01 in digits, "" for none, with a NUL. */
bool fact_digest(const uint8_t salt[SALT_SIZE], const struct niva_fact *fact,
                 uint8_t ret_digest[HASH_SIZE], struct niva_error *err) NIVA_MUST_CHECK;
/* SHA-256(previous ‖ what stays ‖ digest). What stays, each with a NUL: number, kind, id, version,
 * unit, group, region, refers_to, recorded_at, recorded_by, received_at; numbers in digits,
 * instants in microseconds since 1970, "" for none. `previous` may be `ret_hash`. */
bool fact_hash(const uint8_t previous[HASH_SIZE], const struct niva_fact *fact,
               const uint8_t digest[HASH_SIZE], uint8_t ret_hash[HASH_SIZE],
               struct niva_error *err) NIVA_MUST_CHECK;

#endif
