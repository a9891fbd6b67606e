/* Checks of what comes from outside, field by field. A check object collects violations with their
 * path as in JSON and sentences in Swedish and English; the message is good when none was found.
 * The checks are pure. */
#ifndef NIVA_COMMON_WIRE_CHECK_H
#define NIVA_COMMON_WIRE_CHECK_H

#include "services/common/wire/wire.h"

struct niva_check {
    struct niva_error *err;
    char path[128]; /* path of the message that is checked, with a trailing dot; "" at the top */
};

/* Begins. `err` is cleared. */
void niva_check_begin(struct niva_check *check, struct niva_error *err);
/* Whether nothing was found so far; else err is INVALID_ARGUMENT. */
bool niva_check_end(const struct niva_check *check) NIVA_MUST_CHECK;

/* Goes into a submessage; index < 0 for a singular one. The returned mark leads out again. Names
 * are proto names (snake_case); the path is written in lowerCamelCase. */
size_t niva_check_enter(struct niva_check *check, const char *field, long index);
void niva_check_leave(struct niva_check *check, size_t mark);

/* A violation of a field (proto name; one of a list as "title_codes[2]"). */
void niva_check_fail(struct niva_check *check, const char *field, const char *reason,
                     const char *text_sv, const char *text_en);

/* Each returns whether the field was good. Strings are already known to be UTF-8 without NUL. */
bool niva_check_uuid(struct niva_check *check, const char *field, const char *value); /* required */
bool niva_check_hsa_id(struct niva_check *check, const char *field,
                       const char *value); /* required */
bool niva_check_org_number(struct niva_check *check, const char *field,
                           const char *value); /* required */
bool niva_check_name_key(struct niva_check *check, const char *field,
                         const char *value); /* group, component */
bool niva_check_region(struct niva_check *check, const char *field,
                       const char *value); /* two digits */
/* A position key: 1 to 40 of A-Z a-z 0-9 . _ -, and nothing that looks like a personal number, an
 * e-mail or a name: reasons PERSONAL_NUMBER, EMAIL, NAME. A name is two or more parts of letters
 * alone, joined by . _ or -, where every part is a capital followed by at least one lower-case
 * letter ("Eva-Li"), or where all letters are lower case and every part has at least three
 * ("anna.andersson"). "FT-SG", "pos_a", "ft-vik" and "vik" are fine. */
bool niva_check_position_key(struct niva_check *check, const char *field, const char *value);
/* Length in characters, least … most; no control characters but line feed and tab; more than blanks
 * where `least` is above 0. */
bool niva_check_text(struct niva_check *check, const char *field, const char *value, size_t least,
                     size_t most);
/* The same for a text of one line: no line feed or tab. */
bool niva_check_line(struct niva_check *check, const char *field, const char *value, size_t least,
                     size_t most);
bool niva_check_range(struct niva_check *check, const char *field, int64_t value, int64_t least,
                      int64_t most);
/* A day; NIVA_DAY_NONE when it is empty and `required` is false. */
bool niva_check_day(struct niva_check *check, const char *field, const char *value, bool required,
                    niva_day *ret_day);
/* A last day that is not before its first (NIVA_DAY_NONE: not known); empty: NIVA_DAY_END.
 * `ret_until` is the day after it. */
bool niva_check_last_day(struct niva_check *check, const char *field, const char *value,
                         niva_day first, niva_day *ret_until);
bool niva_check_timestamp(struct niva_check *check, const char *field,
                          const struct Google__Protobuf__Timestamp *value,
                          niva_instant *ret_instant); /* optional: NULL leaves it untouched */
/* The known_at of a read; absent: INT64_MAX, now. */
bool niva_check_known_at(struct niva_check *check, const struct Google__Protobuf__Timestamp *value,
                         niva_instant *ret_known_at);
/* An enum that may not be its UNSPECIFIED (0). Unknown values never come past the unpack. */
bool niva_check_given(struct niva_check *check, const char *field, int value);
/* A submessage that must be there. */
bool niva_check_present(struct niva_check *check, const char *field, const void *value);
/* page_size → 1 … 1000 (0 means 100, more than 1000 means 1000: AIP-158). */
bool niva_check_page_size(struct niva_check *check, int32_t value, int32_t *ret_size);

#endif
