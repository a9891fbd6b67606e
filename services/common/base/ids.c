#include "services/common/base/ids.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Without randomness ids would collide in silence: a process that cannot get any must not go on. */
static void random_fill(void *bytes, size_t size)
{
    if (getrandom(bytes, size, 0) != (ssize_t)size)
        abort();
}

/* The bits below the millisecond: 12 of rand_a over 62 of rand_b, kept as one number. */
struct v7_state {
    int64_t millisecond;
    uint64_t high; /* 12 bits */
    uint64_t low;  /* 62 bits */
};

static struct v7_state v7_next(int64_t millisecond)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct v7_state last = {.millisecond = -1};
    struct v7_state next = {.millisecond = millisecond};
    uint64_t random[2];

    random_fill(random, sizeof random);
    pthread_mutex_lock(&lock);
    if (millisecond != last.millisecond) {
        next.high = random[0] & 0x7ff; /* the top bit stays free for what is added */
        next.low = random[1] >> 2;
    } else {
        next.low = last.low + 1 + (random[0] & 0xffffffff);
        next.high = last.high + (next.low >> 62);
        next.low &= UINT64_MAX >> 2;
    }
    last = next;
    pthread_mutex_unlock(&lock);
    return next;
}

struct niva_uuid niva_uuid_v7(niva_instant instant)
{
    struct v7_state state = v7_next(instant < 0 ? 0 : instant / 1000);
    uint64_t high = (uint64_t)state.millisecond << 16 | 0x7000 | (state.high & 0xfff);
    uint64_t low = UINT64_C(2) << 62 | state.low;
    struct niva_uuid uuid;

    for (int i = 0; i < 8; i++) {
        uuid.bytes[i] = (uint8_t)(high >> (56 - 8 * i));
        uuid.bytes[8 + i] = (uint8_t)(low >> (56 - 8 * i));
    }
    return uuid;
}

struct niva_uuid niva_uuid_v5(struct niva_uuid name_space, const void *name, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    struct niva_uuid uuid;

    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha1(), NULL) != 1 ||
        EVP_DigestUpdate(context, name_space.bytes, sizeof name_space.bytes) != 1 ||
        EVP_DigestUpdate(context, name, size) != 1 ||
        EVP_DigestFinal_ex(context, digest, NULL) != 1)
        abort();
    EVP_MD_CTX_free(context);
    memcpy(uuid.bytes, digest, sizeof uuid.bytes);
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x50);
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80);
    return uuid;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

static bool hyphen_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

bool niva_uuid_parse(const char *text, struct niva_uuid *ret_uuid)
{
    struct niva_uuid uuid;
    uint8_t any = 0;

    if (strlen(text) != 36)
        return false;
    for (size_t i = 0; i < sizeof uuid.bytes; i++) {
        int high;
        int low;

        if (hyphen_before(i) && *text++ != '-')
            return false;
        high = hex_value(*text++);
        low = hex_value(*text++);
        if (high < 0 || low < 0)
            return false;
        uuid.bytes[i] = (uint8_t)(high << 4 | low);
        any |= uuid.bytes[i];
    }
    if (any == 0)
        return false;
    *ret_uuid = uuid;
    return true;
}

void niva_uuid_format(struct niva_uuid uuid, char ret_text[37])
{
    static const char digits[] = "0123456789abcdef";
    char *at = ret_text;

    for (size_t i = 0; i < sizeof uuid.bytes; i++) {
        if (hyphen_before(i))
            *at++ = '-';
        *at++ = digits[uuid.bytes[i] >> 4];
        *at++ = digits[uuid.bytes[i] & 15];
    }
    *at = '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Number of digits at the start of a text. */
static size_t digits_span(const char *text)
{
    size_t count = 0;

    while (is_digit(text[count]))
        count++;
    return count;
}

bool niva_hsa_id_valid(const char *text)
{
    size_t count = 0;

    if (text[0] != 'S' || text[1] != 'E' || digits_span(text + 2) != 10 || text[12] != '-')
        return false;
    for (text += 13; is_letter(*text) || is_digit(*text); text++)
        count++;
    return *text == '\0' && count >= 1 && count <= 18;
}

bool niva_org_number_valid(const char *text)
{
    int sum = 0;

    if (digits_span(text) != 10 || text[10] != '\0')
        return false;
    for (int i = 0; i < 10; i++) {
        int product = (text[i] - '0') * (i % 2 == 0 ? 2 : 1);

        sum += product / 10 + product % 10;
    }
    return sum % 10 == 0;
}

/* Bytes of the lower-case Swedish letter at `text`; 0 when there is none. */
static size_t lower_letter_size(const char *text)
{
    if (*text >= 'a' && *text <= 'z')
        return 1;
    if (strncmp(text, "å", 2) == 0 || strncmp(text, "ä", 2) == 0 || strncmp(text, "ö", 2) == 0)
        return 2;
    return 0;
}

bool niva_name_key_valid(const char *text)
{
    size_t step = *text == '\0' ? 0 : lower_letter_size(text);
    size_t characters = 0;

    while (step > 0) {
        characters++;
        text += step;
        if (*text == '\0')
            return characters <= 40;
        step = is_digit(*text) || *text == '_' || *text == '-' ? 1 : lower_letter_size(text);
    }
    return false;
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* YYMMDD as a date of some century; the day of a co-ordination number is 60 more. */
static bool date_possible(const char *digits)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = two_digits(digits);
    int month = two_digits(digits + 2);
    int day = two_digits(digits + 4);

    if (day > 60)
        day -= 60;
    if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1])
        return false;
    return !(month == 2 && day == 29 && year % 4 != 0);
}

bool niva_looks_like_personal_number(const char *text)
{
    size_t count = digits_span(text);
    size_t date = count;

    if (text[count] == '-' || text[count] == '+') {
        if (digits_span(text + count + 1) != 4 || text[count + 5] != '\0')
            return false;
    } else if (text[count] == '\0' && count >= 4) {
        date = count - 4;
    } else {
        return false;
    }
    if (date == 6)
        return date_possible(text);
    if (date != 8 || two_digits(text) < 18 || two_digits(text) > 20)
        return false;
    return date_possible(text + 2);
}
