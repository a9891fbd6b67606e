#include "services/common/base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/base/arena.h"

#define NBSP  "\u00a0"
#define MINUS "\u2212"

/* Room for `size` more bytes and a NUL. */
static bool room_make(struct niva_text *text, size_t size)
{
    size_t needed;
    size_t capacity = text->capacity < 256 ? 256 : text->capacity;
    char *data;

    if (text->failed || __builtin_add_overflow(text->length, size, &needed) ||
        __builtin_add_overflow(needed, 1, &needed)) {
        text->failed = true;
        return false;
    }
    if (needed <= text->capacity)
        return true;
    while (capacity < needed && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    data = capacity < needed || niva_arena_fails() ? NULL : realloc(text->data, capacity);
    if (data == NULL) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void niva_text_append(struct niva_text *text, const void *bytes, size_t size)
{
    if (!room_make(text, size))
        return;
    if (size > 0)
        memcpy(text->data + text->length, bytes, size);
    text->length += size;
    text->data[text->length] = '\0';
}

void niva_text_puts(struct niva_text *text, const char *string)
{
    niva_text_append(text, string, strlen(string));
}

void niva_text_printf(struct niva_text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text->failed = true;
        return;
    }
    if (!room_make(text, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void niva_text_free(struct niva_text *text)
{
    free(text->data);
    *text = (struct niva_text){0};
}

/* Bytes of the well-formed character at `bytes`; 0 when there is none. Table 3-7 of the Unicode
 * Standard: only the second byte has a range of its own. */
static size_t character_size(const unsigned char *bytes, size_t size)
{
    unsigned char first = bytes[0];
    unsigned char least = 0x80;
    unsigned char most = 0xbf;
    size_t length;

    if (first < 0x80)
        return first == 0 ? 0 : 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first == 0xe0)
        least = 0xa0;
    else if (first == 0xed)
        most = 0x9f;
    else if (first == 0xf0)
        least = 0x90;
    else if (first == 0xf4)
        most = 0x8f;
    if (size < length || bytes[1] < least || bytes[1] > most)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* Whether eight bytes are all ASCII and none of them NUL. */
static bool word_plain(const unsigned char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return ((word | (word - 0x0101010101010101u)) & 0x8080808080808080u) == 0;
}

bool niva_utf8_valid(const char *bytes, size_t size)
{
    const unsigned char *at = (const unsigned char *)bytes;

    while (size > 0) {
        size_t step = size >= 8 && word_plain(at) ? 8 : character_size(at, size);

        if (step == 0)
            return false;
        at += step;
        size -= step;
    }
    return true;
}

size_t niva_utf8_length(const char *bytes, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < size; i++)
        length += ((unsigned char)bytes[i] & 0xc0) != 0x80;
    return length;
}

void niva_text_set(char *target, size_t capacity, const char *source)
{
    const unsigned char *at = (const unsigned char *)source;
    size_t left = source != NULL ? strlen(source) : 0;
    size_t length = 0;

    assert(capacity > 0);
    while (left > 0) {
        size_t step = character_size(at, left);

        if (length + step >= capacity)
            break;
        memcpy(target + length, at, step);
        length += step;
        at += step > 0 ? step : 1;
        left -= step > 0 ? step : 1;
    }
    target[length] = '\0';
}

const char *niva_text_or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

void niva_hex(const uint8_t *bytes, size_t size, char *ret_hex)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        ret_hex[2 * i] = digits[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_hex[2 * size] = '\0';
}

void niva_text_kronor(int64_t ore, char ret_text[48])
{
    uint64_t amount = ore < 0 ? -(uint64_t)ore : (uint64_t)ore;
    uint64_t kronor = amount / 100;
    uint64_t group = 1;
    char *at = ret_text;

    while (kronor / group >= 1000)
        group *= 1000;
    at += sprintf(at, "%s%" PRIu64, ore < 0 ? MINUS : "", kronor / group);
    for (group /= 1000; group > 0; group /= 1000)
        at += sprintf(at, NBSP "%03" PRIu64, kronor / group % 1000);
    sprintf(at, ",%02" PRIu64 NBSP "kr", amount % 100);
}

void niva_text_fte(int32_t milli, char ret_text[16])
{
    uint32_t amount = milli < 0 ? -(uint32_t)milli : (uint32_t)milli;
    const char *sign = milli < 0 ? MINUS : "";

    if (amount % 10 == 0)
        snprintf(ret_text, 16, "%s%" PRIu32 ",%02" PRIu32, sign, amount / 1000, amount % 1000 / 10);
    else
        snprintf(ret_text, 16, "%s%" PRIu32 ",%03" PRIu32, sign, amount / 1000, amount % 1000);
}
