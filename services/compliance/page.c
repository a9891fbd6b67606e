#include "services/compliance/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/common/base/text.h"

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool key_read(const char *token, const char *prefix, char ret_key[PAGE_KEY_MAX])
{
    char key[PAGE_KEY_MAX] = "";
    size_t size = strlen(token);
    if (size % 2 != 0 || size / 2 >= PAGE_KEY_MAX)
        return false;
    for (size_t i = 0; i < size / 2; i++) {
        int high = digit_value(token[2 * i]);
        int low = digit_value(token[2 * i + 1]);
        if (high < 0 || low < 0 || high * 16 + low == 0)
            return false;
        key[i] = (char)(high * 16 + low);
    }
    if (size > 0 && strncmp(key, prefix, strlen(prefix)) != 0)
        return false;
    memcpy(ret_key, key, sizeof key);
    return true;
}

char *page_token(const char *key, struct niva_arena *arena)
{
    size_t size = strlen(key);
    char *token = niva_arena_alloc(arena, 2 * size + 1);
    if (token != NULL)
        niva_hex((const uint8_t *)key, size, token);
    return token;
}

bool page_number(const char *text, char end, int64_t *ret_number, const char **ret_rest)
{
    size_t digits = strspn(text, "0123456789");
    int64_t number = 0;
    if (digits == 0 || digits > 18 || text[digits] != end)
        return false;
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (text[i] - '0');
    *ret_number = number;
    *ret_rest = text + digits + (end != '\0');
    return true;
}

void known_at_check(struct niva_check *check, const struct Google__Protobuf__Timestamp *value,
                    niva_instant *ret_known_at)
{
    niva_instant known_at = INT64_MAX;
    *ret_known_at = INT64_MAX;
    if (value != NULL && niva_check_timestamp(check, "known_at", value, &known_at))
        *ret_known_at = known_at;
}

void page_check(struct niva_check *check, int32_t page_size, const char *token,
                const struct Google__Protobuf__Timestamp *known_at, const char *prefix,
                struct page *ret_page)
{
    *ret_page = (struct page){.size = 1};
    niva_check_page_size(check, page_size, &ret_page->size);
    known_at_check(check, known_at, &ret_page->known_at);
    if (!key_read(token, prefix, ret_page->key))
        niva_check_fail(check, "page_token", "PAGE_TOKEN_UNKNOWN",
                        "Sidmärket är inte ett som den här listan har gett.",
                        "The page token is not one that this list gave.");
}

/* ---- facts ---- */

/* A page while it is filled. */
struct filling {
    struct niva_arena *arena;
    size_t most;
    size_t count;
    size_t bytes;
    struct record *records;
    int64_t last_no; /* of the last fact that was looked at */
    bool full;
};

static bool fill(struct filling *filling, const struct niva_fact *facts, size_t count,
                 bool (*keep)(const struct record *record), struct niva_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct record record;
        if (!record_read(&facts[i], filling->arena, &record, err))
            return false;
        bool kept = record.message != NULL && (keep == NULL || keep(&record));
        filling->full = kept && (filling->count == filling->most ||
                                 (filling->count > 0 &&
                                  filling->bytes + record.fact.body.len > (size_t)PAGE_BYTES_MAX));
        if (filling->full)
            return true;
        filling->last_no = record.fact.fact_no;
        if (!kept)
            continue;
        filling->bytes += record.fact.body.len;
        filling->records[filling->count++] = record;
    }
    return true;
}

bool page_facts(struct niva_read *read, const struct page *page, struct niva_fact_filter *filter,
                bool (*keep)(const struct record *record), size_t *ret_count,
                struct record **ret_records, char **ret_token, struct niva_error *err)
{
    struct filling filling = {.arena = read->arena, .most = (size_t)page->size};
    char key[PAGE_KEY_MAX] = "";
    const char *rest;
    if (page->key[0] != '\0' &&
        !page_number(page->key + strlen(PAGE_FACTS), '\0', &filling.last_no, &rest))
        return niva_fail_violation(err, NIVA_INVALID_ARGUMENT, "pageToken", "PAGE_TOKEN_UNKNOWN",
                                   "Sidmärket är inte ett som den här listan har gett.",
                                   "The page token is not one that this list gave.");
    filling.records = niva_arena_array(read->arena, filling.most, sizeof *filling.records);
    if (filling.records == NULL)
        return fail_memory(err);
    filter->since = NIVA_DAY_NONE;
    filter->known_at = page->known_at;
    filter->limit = page->size + 1;
    for (bool more = true; more && !filling.full;) {
        size_t count = 0;
        struct niva_fact *facts = NULL;
        filter->after_no = filling.last_no;
        if (!niva_facts_list(read->pg, filter, read->arena, &count, &facts, err) ||
            !fill(&filling, facts, count, keep, err))
            return false;
        more = count == (size_t)filter->limit;
    }
    if (filling.full)
        snprintf(key, sizeof key, PAGE_FACTS "%" PRId64, filling.last_no);
    *ret_token = page_token(key, read->arena);
    *ret_count = filling.count;
    *ret_records = filling.records;
    return *ret_token != NULL || fail_memory(err);
}
