#include "services/common/run/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/common/wire/token.h"

#define FACT_PREFIX "n:"

void niva_page_check(struct niva_check *check, int32_t page_size, const char *page_token,
                     const struct Google__Protobuf__Timestamp *known_at, const char *prefix,
                     struct niva_page *ret_page)
{
    *ret_page = (struct niva_page){.size = 1};
    niva_check_page_size(check, page_size, &ret_page->size);
    niva_check_known_at(check, known_at, &ret_page->known_at);
    if (page_token[0] != '\0' &&
        (!niva_token_read(page_token, ret_page->key, sizeof ret_page->key) ||
         strncmp(ret_page->key, prefix, strlen(prefix)) != 0))
        niva_token_refuse(check);
}

bool niva_page_refuse(struct niva_error *err)
{
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_token_refuse(&check);
    return niva_check_end(&check);
}

/* ---- lists of facts ---- */

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

void niva_fact_list_check(struct niva_check *check, const struct niva_fact_list *list,
                          struct niva_page *ret_page)
{
    const struct niva_fact_filter *filter = &list->filter;

    if (is_given(filter->unit))
        niva_check_hsa_id(check, "unit", filter->unit);
    if (is_given(filter->group))
        niva_check_name_key(check, "profession_group", filter->group);
    if (is_given(filter->region))
        niva_check_region(check, "region_code", filter->region);
    niva_page_check(check, list->page_size, list->page_token, list->known_at, FACT_PREFIX,
                    ret_page);
}

/* A page while it is filled. */
struct filling {
    const ProtobufCMessageDescriptor *type;
    struct niva_fact_keep keep;
    struct niva_arena *arena;
    size_t most;
    size_t count;
    size_t bytes;
    ProtobufCMessage **messages;
    int64_t last_no; /* of the last fact that was looked at */
    bool full;
};

/* Adds a fact that is kept, or finds the page full. */
static bool fact_fill(struct filling *filling, const struct niva_fact *fact, struct niva_error *err)
{
    const struct niva_fact_keep *keep = &filling->keep;
    ProtobufCMessage *message = NULL;
    bool kept;

    if (fact->body.data != NULL && !niva_wire_unpack(filling->type, fact->body.data, fact->body.len,
                                                     false, filling->arena, &message, err))
        return false;
    kept = message != NULL && (keep->wanted == NULL || keep->wanted(fact, message, keep->user));
    filling->full =
        kept &&
        (filling->count == filling->most ||
         (filling->count > 0 && filling->bytes + fact->body.len > (size_t)NIVA_PAGE_BYTES_MAX));
    if (filling->full)
        return true;
    filling->last_no = fact->fact_no;
    if (kept) {
        filling->bytes += fact->body.len;
        filling->messages[filling->count++] = message;
    }
    return true;
}

/* Looks at facts behind the last one until the page is full or there are no more. */
static bool page_fill(struct niva_read *read, struct niva_fact_filter *filter,
                      struct filling *filling, struct niva_error *err)
{
    for (bool more = true; more && !filling->full;) {
        struct niva_fact *facts;
        size_t count;

        filter->after_no = filling->last_no;
        if (!niva_facts_list(read->pg, filter, read->arena, &count, &facts, err))
            return false;
        for (size_t i = 0; i < count && !filling->full; i++)
            if (!fact_fill(filling, &facts[i], err))
                return false;
        more = count == (size_t)filter->limit;
    }
    return true;
}

static bool after_read(const struct niva_page *page, int64_t *ret_after)
{
    const char *number = page->key + strlen(FACT_PREFIX);

    return page->key[0] == '\0' || niva_token_number(&number, '\0', INT64_MAX, ret_after);
}

bool niva_fact_list_page(struct niva_read *read, const struct niva_fact_list *list,
                         const struct niva_page *page, struct niva_fact_keep keep,
                         const struct niva_fact_page *ret_page, struct niva_error *err)
{
    struct filling filling = {
        .type = list->type, .keep = keep, .arena = read->arena, .most = (size_t)page->size};
    struct niva_fact_filter filter = list->filter;
    char key[NIVA_PAGE_KEY_MAX] = "";
    char *token;

    if (!after_read(page, &filling.last_no))
        return niva_page_refuse(err);
    filling.messages = niva_arena_array(read->arena, filling.most, sizeof *filling.messages);
    if (filling.messages == NULL)
        return niva_fail_memory(err);
    filter.since = NIVA_DAY_NONE;
    filter.known_at = page->known_at;
    filter.limit = page->size + 1; /* one more tells whether there is another page */
    if (!page_fill(read, &filter, &filling, err))
        return false;
    if (filling.full)
        snprintf(key, sizeof key, FACT_PREFIX "%" PRId64, filling.last_no);
    token = niva_token_write(key, read->arena);
    if (token == NULL)
        return niva_fail_memory(err);
    memcpy(ret_page->messages, &filling.messages, sizeof filling.messages);
    *ret_page->count = filling.count;
    *ret_page->next_page_token = token;
    return true;
}

bool niva_fact_list_read(struct niva_read *read, const struct niva_fact_list *list,
                         const struct niva_fact_page *ret_page, struct niva_error *err)
{
    struct niva_check check;
    struct niva_page page;

    niva_check_begin(&check, err);
    niva_fact_list_check(&check, list, &page);
    return niva_check_end(&check) &&
           niva_fact_list_page(read, list, &page, (struct niva_fact_keep){0}, ret_page, err);
}
