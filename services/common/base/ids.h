/* Identifiers: UUIDs (RFC 9562), HSA-ids, organisation numbers, personal numbers. */
#ifndef NIVA_COMMON_BASE_IDS_H
#define NIVA_COMMON_BASE_IDS_H

#include "services/common/base/day.h"

struct niva_uuid {
    uint8_t bytes[16];
};

/* UUIDv7 of an instant; random bits from the kernel; rises strictly within a process for equal
 * instants. */
struct niva_uuid niva_uuid_v7(niva_instant instant);
/* UUIDv5 (SHA-1) of a name in a namespace. */
struct niva_uuid niva_uuid_v5(struct niva_uuid name_space, const void *name, size_t size);
/* Reads the canonical 36 characters, either case; false for anything else, and for the nil UUID. */
bool niva_uuid_parse(const char *text, struct niva_uuid *ret_uuid) NIVA_MUST_CHECK;
/* Writes 36 lower-case characters and a NUL. */
void niva_uuid_format(struct niva_uuid uuid, char ret_text[37]);

/* `^SE[0-9]{10}-[A-Za-z0-9]{1,18}$` (model section 3). */
bool niva_hsa_id_valid(const char *text);
/* Ten digits, valid Luhn check digit. */
bool niva_org_number_valid(const char *text);
/* `^[a-zåäö][a-zåäö0-9_-]{0,39}$`, in characters. */
bool niva_name_key_valid(const char *text);
/* Looks like a personal identity number: 10 or 12 digits, a hyphen or plus allowed before the last
 * four, with a possible date (co-ordination numbers too). The check digit is not asked for: a
 * mistyped one is one too. */
bool niva_looks_like_personal_number(const char *text);

#endif
