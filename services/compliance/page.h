/* Pages of lists: sizes, tokens, and pages of facts. A token is the key of the last row seen in
 * hexadecimal, opaque to clients; what was not written here is refused. */
#ifndef NIVA_COMPLIANCE_PAGE_H
#define NIVA_COMPLIANCE_PAGE_H

#include "services/common/run/service.h"
#include "services/common/wire/check.h"
#include "services/compliance/record.h"

enum {
    PAGE_BYTES_MAX = 4 << 20, /* a page is cut here, too */
    PAGE_KEY_MAX = 64,
};

/* Which page of what, as it was asked for. */
struct page {
    int32_t size;
    char key[PAGE_KEY_MAX]; /* of the last row seen; "" for the first page */
    niva_instant known_at;  /* INT64_MAX: now */
};

/* Reads what all lists take alike. A token is good when its key begins with `prefix`. */
void page_check(struct niva_check *check, int32_t page_size, const char *page_token,
                const struct Google__Protobuf__Timestamp *known_at, const char *prefix,
                struct page *ret_page);
/* known_at alone; absent: INT64_MAX. */
void known_at_check(struct niva_check *check, const struct Google__Protobuf__Timestamp *value,
                    niva_instant *ret_known_at);

/* INVALID_ARGUMENT for a token whose key does not read on behind its prefix. Always false. */
bool page_refuse(struct niva_error *err);

/* The prefix of the tokens of facts. */
#define PAGE_FACTS "n:"

/* Which facts a page keeps, beside its filter; a NULL `wanted` keeps all. */
struct page_keep {
    bool (*wanted)(const struct record *record, const void *user);
    const void *user;
};

/* A page of facts, in the order of the record: those that `keep` keeps. `filter` has what was asked
 * for; page, order and instant are filled in. `ret_token` is "" on the last page. */
bool page_facts(struct niva_read *read, const struct page *page, struct niva_fact_filter *filter,
                struct page_keep keep, size_t *ret_count, struct record **ret_records,
                char **ret_token, struct niva_error *err) NIVA_MUST_CHECK;

#endif
