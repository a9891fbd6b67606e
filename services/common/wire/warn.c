#include "services/common/wire/warn.h"

#include <string.h>

#include "services/common/wire/wire.h"

enum { CAPACITY_FIRST = 8 };

static bool warnings_grow(struct niva_warnings *warnings)
{
    size_t capacity = warnings->capacity == 0 ? CAPACITY_FIRST : 2 * warnings->capacity;
    Niva__Intake__V1__Warning **items =
        niva_arena_array(warnings->arena, capacity, sizeof(Niva__Intake__V1__Warning *));

    if (items == NULL)
        return false;
    if (warnings->count > 0)
        memcpy(items, warnings->items, warnings->count * sizeof *items);
    warnings->items = items;
    warnings->capacity = capacity;
    return true;
}

void niva_warn(struct niva_warnings *warnings, const char *path, const char *code,
               const char *text_sv, const char *text_en)
{
    Niva__Intake__V1__Warning *warning =
        niva_wire_new(&niva__intake__v1__warning__descriptor, warnings->arena);

    if (warning == NULL || (warnings->count == warnings->capacity && !warnings_grow(warnings))) {
        warnings->failed = true;
        return;
    }
    warning->field = niva_arena_strdup(warnings->arena, path);
    warning->code = niva_arena_strdup(warnings->arena, code);
    warning->text_sv = niva_arena_strdup(warnings->arena, text_sv);
    warning->text_en = niva_arena_strdup(warnings->arena, text_en);
    if (warning->field == NULL || warning->code == NULL || warning->text_sv == NULL ||
        warning->text_en == NULL) {
        warnings->failed = true;
        return;
    }
    warnings->items[warnings->count++] = warning;
}

void niva_warn_free_text(struct niva_warnings *warnings, const char *path, const char *text)
{
    if (niva_text_looks_personal(text))
        niva_warn(
            warnings, path, "FREE_TEXT_PERSONAL",
            "Texten ser ut att innehålla ett personnummer eller en e-postadress. Det mottagna är "
            "en allmän handling: skriv utan personuppgifter.",
            "The text seems to hold a personal number or an e-mail address. What was received is "
            "a public record: write without personal data.");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_mail_character(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80 || strchr("._%+-", c) != NULL;
}

/* Something, an at sign, something with a dot inside. */
static bool mail_around(const char *text, const char *at)
{
    const char *end = at + 1;
    const char *dot;

    if (at == text || !is_mail_character(at[-1]))
        return false;
    while (*end != '\0' && is_mail_character(*end))
        end++;
    dot = memchr(at + 1, '.', (size_t)(end - at - 1));
    return dot != NULL && dot > at + 1 && dot + 1 < end;
}

static size_t digits_at(const char *text)
{
    size_t count = 0;

    while (is_digit(text[count]))
        count++;
    return count;
}

/* Whether the digits that begin here are a personal number, also one with a space before its last
 * four. */
static bool personal_number_at(const char *text)
{
    char number[16];
    size_t digits = digits_at(text);
    size_t length = digits;

    if (digits == 6 || digits == 8) {
        if (strchr("-+ ", text[digits]) == NULL || text[digits] == '\0' ||
            digits_at(text + digits + 1) != 4)
            return false;
        length += 5;
    } else if (digits != 10 && digits != 12) {
        return false;
    }
    memcpy(number, text, length);
    number[length] = '\0';
    if (length > digits && number[digits] == ' ')
        number[digits] = '-';
    return niva_looks_like_personal_number(number);
}

bool niva_text_looks_personal(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '@' && mail_around(text, at))
            return true;
        if (is_digit(*at) && (at == text || !is_digit(at[-1])) && personal_number_at(at))
            return true;
    }
    return false;
}
