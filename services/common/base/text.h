/* Text: a growing buffer, UTF-8, hexadecimal, figures as people read them. No I/O. */
#ifndef NIVA_COMMON_BASE_TEXT_H
#define NIVA_COMMON_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "services/common/base/error.h"

/* A growing byte buffer; all zero is an empty one. `data` has a NUL behind its `length` bytes once
 * anything was appended. When memory is out `failed` is set and stays; check it once, at the end.
 */
struct niva_text {
    char *data;
    size_t length;
    size_t capacity;
    bool failed;
};

void niva_text_append(struct niva_text *text, const void *bytes, size_t size);
void niva_text_puts(struct niva_text *text, const char *string);
void niva_text_printf(struct niva_text *text, const char *format, ...) NIVA_PRINTF(2, 3);
/* Frees the bytes; the buffer is empty again. Accepts a zeroed one. */
void niva_text_free(struct niva_text *text);

/* Whether `size` bytes are well-formed UTF-8 (no surrogates, no overlong forms) without NUL. */
bool niva_utf8_valid(const char *bytes, size_t size);
/* Number of characters (code points) of well-formed UTF-8. */
size_t niva_utf8_length(const char *bytes, size_t size);

/* Copies a string (NULL: "") into `capacity` ≥ 1 bytes, with a NUL. One that is too long is cut at
 * a character, for half of one would not be UTF-8; bytes of the source that are not, as a precision
 * of printf leaves them, are left out. */
void niva_text_set(char *target, size_t capacity, const char *source);

/* The text, borrowed; "" for NULL. */
const char *niva_text_or_empty(const char *text);

/* Writes 2 × size lower-case digits and a NUL into `ret_hex`. */
void niva_hex(const uint8_t *bytes, size_t size, char *ret_hex);

/* "1 234,50 kr" (spaces are U+00A0) into `ret_text` (at least 48 bytes). Negative amounts begin
 * with U+2212. */
void niva_text_kronor(int64_t ore, char ret_text[48]);
/* "2,80" from milli-FTE 2800, "0,875" where the third decimal is not 0; at least 16 bytes. */
void niva_text_fte(int32_t milli, char ret_text[16]);

#endif
