#include "services/common/wire/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/common/wire/path.h"

void niva_check_begin(struct niva_check *check, struct niva_error *err)
{
    niva_error_clear(err);
    check->err = err;
    check->path[0] = '\0';
}

bool niva_check_end(const struct niva_check *check)
{
    return check->err->code == NIVA_OK;
}

size_t niva_check_enter(struct niva_check *check, const char *field, long index)
{
    size_t mark = strlen(check->path);
    char camel[sizeof check->path];
    char at[24] = "";

    wire_camel(field, camel, sizeof camel);
    if (index >= 0)
        snprintf(at, sizeof at, "[%ld]", index);
    snprintf(check->path + mark, sizeof check->path - mark, "%s%s.", camel, at);
    return mark;
}

void niva_check_leave(struct niva_check *check, size_t mark)
{
    check->path[mark] = '\0';
}

void niva_check_fail(struct niva_check *check, const char *field, const char *reason,
                     const char *text_sv, const char *text_en)
{
    char camel[WIRE_PATH_MAX];
    char path[sizeof check->path + sizeof camel];

    wire_camel(field, camel, sizeof camel);
    snprintf(path, sizeof path, "%s%s", check->path, camel);
    niva_fail_violation(check->err, NIVA_INVALID_ARGUMENT, path, reason, text_sv, text_en);
}

/* The same, as the value of a check that failed. */
static bool refuse(struct niva_check *check, const char *field, const char *reason,
                   const char *text_sv, const char *text_en)
{
    niva_check_fail(check, field, reason, text_sv, text_en);
    return false;
}

static bool refuse_missing(struct niva_check *check, const char *field)
{
    return refuse(check, field, "REQUIRED", "Fältet måste anges.", "The field must be given.");
}

enum { PAGE_USUAL = 100, PAGE_MOST = 1000 };

/* ---- identifiers ---- */

bool niva_check_uuid(struct niva_check *check, const char *field, const char *value)
{
    struct niva_uuid uuid;

    if (*value == '\0')
        return refuse_missing(check, field);
    if (niva_uuid_parse(value, &uuid))
        return true;
    return refuse(check, field, "UUID_MALFORMED",
                  "Identiteten ska vara ett UUID, t.ex. 0190163d-8694-739b-aea5-966c26f8ad91.",
                  "The id must be a UUID, e.g. 0190163d-8694-739b-aea5-966c26f8ad91.");
}

bool niva_check_hsa_id(struct niva_check *check, const char *field, const char *value)
{
    if (*value == '\0')
        return refuse_missing(check, field);
    if (niva_hsa_id_valid(value))
        return true;
    return refuse(check, field, "HSA_ID_MALFORMED",
                  "HSA-id ska vara SE, tio siffror, bindestreck och 1–18 bokstäver a–z eller "
                  "siffror.",
                  "An HSA-id is SE, ten digits, a hyphen and 1–18 letters a–z or digits.");
}

bool niva_check_org_number(struct niva_check *check, const char *field, const char *value)
{
    if (*value == '\0')
        return refuse_missing(check, field);
    if (niva_org_number_valid(value))
        return true;
    return refuse(check, field, "ORG_NUMBER_INVALID",
                  "Organisationsnumret ska vara tio siffror med rätt kontrollsiffra.",
                  "An organisation number is ten digits with a valid check digit.");
}

bool niva_check_name_key(struct niva_check *check, const char *field, const char *value)
{
    if (*value == '\0')
        return refuse_missing(check, field);
    if (niva_name_key_valid(value))
        return true;
    return refuse(check, field, "NAME_KEY_MALFORMED",
                  "Namnet ska vara 1–40 tecken: gemener, siffror, _ eller -, med en bokstav först.",
                  "The name must be 1–40 characters: lower-case letters, digits, _ or -, with a "
                  "letter first.");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool niva_check_region(struct niva_check *check, const char *field, const char *value)
{
    if (*value == '\0')
        return refuse_missing(check, field);
    if (is_digit(value[0]) && is_digit(value[1]) && value[2] == '\0')
        return true;
    return refuse(check, field, "REGION_MALFORMED",
                  "Regionen ska vara länskoden, två siffror, t.ex. 19.",
                  "The region must be its county code, two digits, e.g. 19.");
}

/* ---- position keys ---- */

static bool is_joint(char c)
{
    return c == '.' || c == '_' || c == '-' || c == '+' || c == ' ';
}

/* Letters outside ASCII count as capitals and as lower case: no key may have them anyway, and
 * the reason should be the nearest one. */
static bool is_capital(char c)
{
    return (c >= 'A' && c <= 'Z') || ((unsigned char)c & 0x80) != 0;
}

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || ((unsigned char)c & 0x80) != 0;
}

/* "AnnaAndersson": nothing but words of three letters or more, each with a capital, two or more. */
static bool is_name_without_joints(const char *key)
{
    int words = 0;

    for (; *key != '\0'; words++) {
        size_t small = 0;

        if (!is_capital(*key++))
            return false;
        while (is_lower(key[small]) && !is_capital(key[small]))
            small++;
        if (small < 2)
            return false;
        key += small;
    }
    return words >= 2;
}

/* "Anna.Andersson" and "anna.andersson" look like names; "FT-SG", "pos_a" and "ft-vik" are what
 * pseudonyms look like. */
static bool is_name(const char *key)
{
    bool capitalized = true;
    bool lower = true;

    if (is_name_without_joints(key))
        return true;
    for (int parts = 1;; parts++) {
        size_t letters = 0;
        size_t small = 0;

        for (; is_capital(key[letters]) || is_lower(key[letters]); letters++)
            small += is_lower(key[letters]) ? 1 : 0;
        if (letters == 0)
            return false;
        capitalized = capitalized && is_capital(key[0]) && is_lower(key[1]);
        lower = lower && letters >= 3 && small == letters;
        key += letters;
        if (*key == '\0')
            return parts >= 2 && (capitalized || lower);
        if (!is_joint(*key++))
            return false;
    }
}

static size_t digits_span(const char *text)
{
    size_t count = 0;

    while (is_digit(text[count]))
        count++;
    return count;
}

/* Whether the digits at `run`, or they and four more behind a joint, look like a personal number.
 */
static bool run_is_personal(const char *run, size_t count)
{
    char candidate[16];

    if (is_joint(run[count]) && digits_span(run + count + 1) == 4 && count <= 8) {
        snprintf(candidate, sizeof candidate, "%.*s-%.4s", (int)count, run, run + count + 1);
        if (niva_looks_like_personal_number(candidate))
            return true;
    }
    if (count > 12)
        return false;
    snprintf(candidate, sizeof candidate, "%.*s", (int)count, run);
    return niva_looks_like_personal_number(candidate);
}

/* The digits of a key without its joints; false when there is anything else, or too much. */
static bool digits_alone(const char *key, char ret_digits[16])
{
    size_t count = 0;

    for (; *key != '\0'; key++) {
        if (is_joint(*key))
            continue;
        if (!is_digit(*key) || count == 15)
            return false;
        ret_digits[count++] = *key;
    }
    ret_digits[count] = '\0';
    return true;
}

static bool has_personal_number(const char *key)
{
    char digits[16];

    if (digits_alone(key, digits) && niva_looks_like_personal_number(digits))
        return true;
    while (*key != '\0') {
        size_t count = digits_span(key);

        if (count > 0 && run_is_personal(key, count))
            return true;
        key += count > 0 ? count : 1;
    }
    return false;
}

static bool position_key_formed(const char *key)
{
    size_t length =
        strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    return length <= 40 && key[length] == '\0';
}

bool niva_check_position_key(struct niva_check *check, const char *field, const char *value)
{
    if (*value == '\0')
        return refuse_missing(check, field);
    if (strchr(value, '@') != NULL)
        return refuse(check, field, "EMAIL",
                      "Befattningsnyckeln ser ut som en e-postadress; använd en pseudonym.",
                      "The position key looks like an e-mail address; use a pseudonym.");
    if (has_personal_number(value))
        return refuse(check, field, "PERSONAL_NUMBER",
                      "Befattningsnyckeln ser ut som ett personnummer; använd en pseudonym.",
                      "The position key looks like a personal identity number; use a pseudonym.");
    if (is_name(value))
        return refuse(check, field, "NAME",
                      "Befattningsnyckeln ser ut som ett namn; använd en pseudonym.",
                      "The position key looks like a name; use a pseudonym.");
    if (position_key_formed(value))
        return true;
    return refuse(check, field, "POSITION_KEY_MALFORMED",
                  "Befattningsnyckeln ska vara 1–40 tecken: a–z, A–Z, siffror, punkt, _ eller -.",
                  "The position key must be 1–40 characters: a–z, A–Z, digits, full stop, _ or -.");
}

/* ---- texts and numbers ---- */

/* Separators of lines and paragraphs, and what turns the direction of everything behind it: U+2028
 * … U+202E and U+2066 … U+2069. A text with them can be shown as another text. */
static bool is_turning(const char *text)
{
    if (strncmp(text, "\xe2\x80", 2) == 0)
        return (unsigned char)text[2] >= 0xa8 && (unsigned char)text[2] <= 0xae;
    return strncmp(text, "\xe2\x81", 2) == 0 && (unsigned char)text[2] >= 0xa6 &&
           (unsigned char)text[2] <= 0xa9;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
            return true;
        if ((c == 0xc2 && (unsigned char)text[1] < 0xa0) || is_turning(text))
            return true;
    }
    return false;
}

/* Bytes of the blank character that a text begins with; 0: it begins with another, or is over. */
static size_t blank_at(const char *text)
{
    static const char *const wide[] = {"\u00a0", "\u1680", "\u202f", "\u205f",
                                       "\u2060", "\u3000", "\ufeff"};
    const unsigned char *bytes = (const unsigned char *)text;

    if (*text == ' ' || *text == '\t' || *text == '\n')
        return 1;
    if (bytes[0] == 0xe2 && bytes[1] == 0x80 && bytes[2] <= 0x8f) /* U+2000 … U+200F */
        return 3;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (strncmp(text, wide[i], strlen(wide[i])) == 0)
            return strlen(wide[i]);
    return 0;
}

/* Whether there is nothing to be seen of a text. */
static bool is_blank(const char *text)
{
    size_t bytes;

    while ((bytes = blank_at(text)) > 0)
        text += bytes;
    return *text == '\0';
}

bool niva_check_text(struct niva_check *check, const char *field, const char *value, size_t least,
                     size_t most)
{
    size_t length = niva_utf8_length(value, strlen(value));
    char text_sv[96];
    char text_en[96];

    if (length == 0 && least > 0)
        return refuse_missing(check, field);
    if (has_control(value))
        return refuse(check, field, "TEXT_CONTROL",
                      "Texten innehåller styrtecken; bara radbrytning och tabb är tillåtna.",
                      "The text has control characters; only line feeds and tabs are allowed.");
    if (least > 0 && is_blank(value))
        return refuse(check, field, "TEXT_BLANK", "Texten består bara av blanktecken.",
                      "The text is nothing but blanks.");
    if (length >= least && length <= most)
        return true;
    snprintf(text_sv, sizeof text_sv, "Texten ska vara %zu–%zu tecken.", least, most);
    snprintf(text_en, sizeof text_en, "The text must be %zu–%zu characters.", least, most);
    return refuse(check, field, length < least ? "TEXT_TOO_SHORT" : "TEXT_TOO_LONG", text_sv,
                  text_en);
}

bool niva_check_line(struct niva_check *check, const char *field, const char *value, size_t least,
                     size_t most)
{
    if (!niva_check_text(check, field, value, least, most))
        return false;
    if (strpbrk(value, "\n\t") == NULL)
        return true;
    return refuse(check, field, "TEXT_NOT_ONE_LINE", "Texten ska stå på en rad, utan tabb.",
                  "The text must be on one line, without tabs.");
}

bool niva_check_range(struct niva_check *check, const char *field, int64_t value, int64_t least,
                      int64_t most)
{
    char text_sv[96];
    char text_en[96];

    if (value >= least && value <= most)
        return true;
    snprintf(text_sv, sizeof text_sv, "Talet ska vara %" PRId64 "–%" PRId64 ".", least, most);
    snprintf(text_en, sizeof text_en, "The number must be %" PRId64 "–%" PRId64 ".", least, most);
    return refuse(check, field, "NUMBER_OUT_OF_RANGE", text_sv, text_en);
}

/* ---- days and instants ---- */

bool niva_check_day(struct niva_check *check, const char *field, const char *value, bool required,
                    niva_day *ret_day)
{
    if (*value == '\0' && required)
        return refuse_missing(check, field);
    if (*value == '\0') {
        *ret_day = NIVA_DAY_NONE;
        return true;
    }
    if (niva_day_parse(value, ret_day))
        return true;
    return refuse(check, field, "DAY_MALFORMED",
                  "Dagen ska finnas i almanackan 1900–2999 och skrivas som 2022-06-23.",
                  "The day must be one of the calendar 1900–2999, written like 2022-06-23.");
}

bool niva_check_last_day(struct niva_check *check, const char *field, const char *value,
                         niva_day first, niva_day *ret_until)
{
    niva_day last;

    if (!niva_check_day(check, field, value, false, &last))
        return false;
    if (last != NIVA_DAY_NONE && last < first)
        return refuse(check, field, "LAST_DAY_BEFORE_FIRST",
                      "Sista dagen är före den första dagen.",
                      "The last day is before the first day.");
    *ret_until = last == NIVA_DAY_NONE ? NIVA_DAY_END : last + 1;
    return true;
}

bool niva_check_timestamp(struct niva_check *check, const char *field,
                          const struct Google__Protobuf__Timestamp *value,
                          niva_instant *ret_instant)
{
    if (value == NULL || niva_wire_instant(value, ret_instant))
        return true;
    return refuse(check, field, "TIMESTAMP_OUT_OF_RANGE", "Tidpunkten ska ligga i åren 1900–2999.",
                  "The time must be in the years 1900–2999.");
}

bool niva_check_known_at(struct niva_check *check, const struct Google__Protobuf__Timestamp *value,
                         niva_instant *ret_known_at)
{
    *ret_known_at = INT64_MAX;
    return niva_check_timestamp(check, "known_at", value, ret_known_at);
}

/* ---- presence ---- */

bool niva_check_given(struct niva_check *check, const char *field, int value)
{
    return value != 0 || refuse_missing(check, field);
}

bool niva_check_present(struct niva_check *check, const char *field, const void *value)
{
    return value != NULL || refuse_missing(check, field);
}

bool niva_check_page_size(struct niva_check *check, int32_t value, int32_t *ret_size)
{
    if (!niva_check_range(check, "page_size", value, 0, INT32_MAX))
        return false;
    *ret_size = value == 0 ? PAGE_USUAL : value < PAGE_MOST ? value : PAGE_MOST;
    return true;
}
