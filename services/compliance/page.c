#include "services/compliance/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/common/wire/token.h"

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
    if (token[0] != '\0' && (!niva_token_read(token, ret_page->key, sizeof ret_page->key) ||
                             strncmp(ret_page->key, prefix, strlen(prefix)) != 0))
        niva_token_refuse(check);
}

bool page_refuse(struct niva_error *err)
{
    struct niva_check check;
    niva_check_begin(&check, err);
    niva_token_refuse(&check);
    return niva_check_end(&check);
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
                 struct page_keep keep, struct niva_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct record record;
        if (!record_read(&facts[i], filling->arena, &record, err))
            return false;
        bool kept =
            record.message != NULL && (keep.wanted == NULL || keep.wanted(&record, keep.user));
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
                struct page_keep keep, size_t *ret_count, struct record **ret_records,
                char **ret_token, struct niva_error *err)
{
    struct filling filling = {.arena = read->arena, .most = (size_t)page->size};
    char key[PAGE_KEY_MAX] = "";
    const char *number = page->key + strlen(PAGE_FACTS);
    if (page->key[0] != '\0' && !niva_token_number(&number, '\0', INT64_MAX, &filling.last_no))
        return page_refuse(err);
    filling.records = niva_arena_array(read->arena, filling.most, sizeof *filling.records);
    if (filling.records == NULL)
        return niva_fail_memory(err);
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
    *ret_token = niva_token_write(key, read->arena);
    *ret_count = filling.count;
    *ret_records = filling.records;
    return *ret_token != NULL || niva_fail_memory(err);
}
