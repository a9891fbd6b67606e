/* Pages of lists, alike in every service: how many, from where, as known when; and whole lists of
 * facts. A token is the key of the last row seen in hexadecimal, opaque to clients; what was not
 * written here is refused. */
#ifndef NIVA_COMMON_RUN_PAGE_H
#define NIVA_COMMON_RUN_PAGE_H

#include "services/common/pg/facts.h"
#include "services/common/run/service.h"
#include "services/common/wire/check.h"

enum {
    NIVA_PAGE_BYTES_MAX = 4 << 20, /* a page is cut here, too, though not before its first row */
    NIVA_PAGE_KEY_MAX = 64,
};

/* Which page of what, as it was asked for. */
struct niva_page {
    int32_t size;                /* 1 … 1000 */
    char key[NIVA_PAGE_KEY_MAX]; /* of the last row seen; "" for the first page */
    niva_instant known_at;       /* INT64_MAX: now */
};

/* Reads what all lists take alike. A token is good when its key begins with `prefix`. */
void niva_page_check(struct niva_check *check, int32_t page_size, const char *page_token,
                     const struct Google__Protobuf__Timestamp *known_at, const char *prefix,
                     struct niva_page *ret_page);

/* INVALID_ARGUMENT for a token whose key does not read on behind its prefix. Always false. */
bool niva_page_refuse(struct niva_error *err);

/* ---- lists of facts ---- */

/* A list of facts as it was asked for, in the order of the record. */
struct niva_fact_list {
    struct niva_fact_filter filter; /* "" or NULL: all; page, order and instant are filled in */
    const ProtobufCMessageDescriptor *type; /* of the facts' messages */
    int32_t page_size;
    const char *page_token;
    const struct Google__Protobuf__Timestamp *known_at;
};

/* Which facts a page keeps beside the filter; a NULL `wanted` keeps all. */
struct niva_fact_keep {
    bool (*wanted)(const struct niva_fact *fact, const ProtobufCMessage *message, const void *user);
    const void *user;
};

/* Where a page goes in the reply. */
struct niva_fact_page {
    void *messages; /* the field that points to the messages */
    size_t *count;
    char **next_page_token; /* "" behind the last page */
};

/* Checks page and filter: unit, profession group and region. */
void niva_fact_list_check(struct niva_check *check, const struct niva_fact_list *list,
                          struct niva_page *ret_page);
/* A page of a list that was checked. Facts whose body is erased are passed over. */
bool niva_fact_list_page(struct niva_read *read, const struct niva_fact_list *list,
                         const struct niva_page *page, struct niva_fact_keep keep,
                         const struct niva_fact_page *ret_page,
                         struct niva_error *err) NIVA_MUST_CHECK;
/* Both, keeping all. */
bool niva_fact_list_read(struct niva_read *read, const struct niva_fact_list *list,
                         const struct niva_fact_page *ret_page,
                         struct niva_error *err) NIVA_MUST_CHECK;

#endif
