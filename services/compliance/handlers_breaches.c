/* Breaches, as they are on record. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/common/run/page.h"
#include "services/common/wire/token.h"
#include "services/compliance/decide.h"
#include "services/compliance/handlers.h"
#include "services/compliance/snapshot.h"

#define PAGE_BREACHES "b:"

static bool check_breaches(const Niva__Compliance__V1__ListBreachesRequest *list,
                           struct niva_page *ret_page, niva_day *ret_open_on,
                           struct niva_error *err)
{
    struct niva_check check;
    niva_check_begin(&check, err);
    if (list->unit[0] != '\0')
        niva_check_hsa_id(&check, "unit", list->unit);
    if (list->profession_group[0] != '\0')
        niva_check_name_key(&check, "profession_group", list->profession_group);
    *ret_open_on = NIVA_DAY_NONE;
    niva_check_day(&check, "open_on", list->open_on, false, ret_open_on);
    niva_page_check(&check, list->page_size, list->page_token, list->known_at, PAGE_BREACHES,
                    ret_page);
    return niva_check_end(&check);
}

/* The place in the order of opening, and the version, after which the page begins. */
static bool page_begin(const struct niva_page *page, struct breach_filter *filter,
                       struct niva_error *err)
{
    const char *rest = page->key + strlen(PAGE_BREACHES);
    int64_t version = 0;
    if (page->key[0] == '\0')
        return true;
    if (!niva_token_number(&rest, ':', INT64_MAX, &filter->after_order) ||
        !niva_token_number(&rest, '\0', INT32_MAX, &version))
        return niva_page_refuse(err);
    filter->after_version = (int32_t)version;
    return true;
}

/* Cuts the rows at the size of the page and says where to go on. */
static bool page_end(struct niva_read *read, const struct niva_page *page,
                     const struct breach_row *rows, size_t count,
                     Niva__Compliance__V1__ListBreachesResponse *answer, struct niva_error *err)
{
    size_t bytes = 0;
    size_t kept = 0;
    char key[NIVA_PAGE_KEY_MAX];
    answer->breaches = niva_arena_array(read->arena, count, sizeof *answer->breaches);
    if (answer->breaches == NULL)
        return niva_fail_memory(err);
    for (; kept < count && kept < (size_t)page->size; kept++) {
        bytes += protobuf_c_message_get_packed_size(&rows[kept].breach->base);
        if (kept > 0 && bytes > (size_t)NIVA_PAGE_BYTES_MAX)
            break;
        answer->breaches[kept] = rows[kept].breach;
    }
    answer->n_breaches = kept;
    if (kept == count)
        return true;
    snprintf(key, sizeof key, PAGE_BREACHES "%" PRId64 ":%" PRId32, rows[kept - 1].opened_order,
             rows[kept - 1].version);
    answer->next_page_token = niva_token_write(key, read->arena);
    return answer->next_page_token != NULL || niva_fail_memory(err);
}

bool read_list_breaches(struct niva_read *read, const ProtobufCMessage *request,
                        ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__ListBreachesRequest *list = (const void *)request;
    Niva__Compliance__V1__ListBreachesResponse *answer = (void *)reply;
    struct breach_filter filter = {.kind = (int)list->kind,
                                   .state = (int)list->state,
                                   .unit = list->unit,
                                   .group = list->profession_group,
                                   .include_history = list->include_history};
    struct niva_page page;
    size_t count = 0;
    struct breach_row *rows = NULL;
    if (!check_breaches(list, &page, &filter.open_on, err) || !page_begin(&page, &filter, err) ||
        !snapshot_today(read, page.known_at, &filter.today, &answer->pending, err))
        return false;
    filter.known_at = page.known_at;
    filter.limit = page.size + 1;
    return store_breaches(read->pg, &filter, read->arena, &count, &rows, err) &&
           page_end(read, &page, rows, count, answer, err);
}

bool read_get_breach(struct niva_read *read, const ProtobufCMessage *request,
                     ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__GetBreachRequest *get = (const void *)request;
    Niva__Compliance__V1__GetBreachResponse *answer = (void *)reply;
    niva_instant known_at = INT64_MAX;
    struct niva_check check;
    struct niva_uuid id;
    niva_check_begin(&check, err);
    niva_check_uuid(&check, "breach_id", get->breach_id);
    niva_check_known_at(&check, get->known_at, &known_at);
    if (!niva_check_end(&check))
        return false;
    if (!niva_uuid_parse(get->breach_id, &id) ||
        !store_breach(read->pg, &id, known_at, read->arena, &answer->breach, err))
        return false;
    if (answer->breach == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "breachId", "BREACH_UNKNOWN",
                           "Det finns ingen brist %s.", "There is no breach %s.", get->breach_id);
    return true;
}
