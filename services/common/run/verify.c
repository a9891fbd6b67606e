/* ControlService.Verify: the parts of a service's proof, one after the other, a page in each call.
 * A page token is "part:key". */
#include <string.h>

#include "services/common/run/frame.h"
#include "services/common/wire/check.h"
#include "services/common/wire/token.h"

typedef Niva__Control__V1__VerifyRequest VerifyRequest;
typedef Niva__Control__V1__VerifyResponse VerifyResponse;

enum { KEY_MAX = 400 };

/* ---- the chains, as parts ---- */

typedef bool chain_verify(struct niva_pg *pg, int64_t after, int32_t limit,
                          struct niva_verify *verify, int64_t *ret_next, struct niva_error *err);

/* A chain belongs to no unit. */
static bool chain_check(chain_verify *chain, struct niva_read *read, const char *unit,
                        const char *after, int32_t limit, struct niva_verify *verify,
                        const char **ret_next, struct niva_error *err)
{
    int64_t number = 0;
    int64_t next;

    *ret_next = NULL;
    if (unit[0] != '\0')
        return true;
    if (after[0] != '\0' && !niva_token_number(&after, '\0', INT64_MAX, &number)) {
        struct niva_check check;

        niva_check_begin(&check, err);
        niva_token_refuse(&check);
        return niva_check_end(&check);
    }
    if (!chain(read->pg, number, limit, verify, &next, err))
        return false;
    if (next < 0)
        return true;
    *ret_next = niva_verify_number(verify, next);
    return *ret_next != NULL || niva_fail_internal(err, "out of memory for a reply");
}

static bool events_check(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                         struct niva_verify *verify, const char **ret_next, struct niva_error *err)
{
    return chain_check(niva_verify_events, read, unit, after, limit, verify, ret_next, err);
}

static bool facts_check(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                        struct niva_verify *verify, const char **ret_next, struct niva_error *err)
{
    return chain_check(niva_verify_facts, read, unit, after, limit, verify, ret_next, err);
}

static const struct niva_verify_part chains[] = {{"events", events_check}, {"facts", facts_check}};

enum { CHAINS = sizeof chains / sizeof *chains };

/* ---- pages ---- */

/* The index-th part; NULL behind the last. */
static const struct niva_verify_part *part_at(const struct niva_service *service, size_t index)
{
    if (index < CHAINS)
        return &chains[index];
    index -= CHAINS;
    return index < service->verify_part_count ? &service->verify_parts[index] : NULL;
}

/* Where a request goes on. */
struct place {
    size_t part;
    char key[KEY_MAX];
};

static bool place_read(const struct niva_service *service, const char *token,
                       struct place *ret_place)
{
    const struct niva_verify_part *part;
    struct place place = {0};
    char text[KEY_MAX];
    char *colon;

    if (!niva_token_read(token, text, sizeof text))
        return false;
    if (text[0] == '\0') {
        *ret_place = place;
        return true;
    }
    colon = strchr(text, ':');
    if (colon == NULL)
        return false;
    *colon = '\0';
    while ((part = part_at(service, place.part)) != NULL && strcmp(part->name, text) != 0)
        place.part++;
    if (part == NULL)
        return false;
    niva_text_set(place.key, sizeof place.key, colon + 1);
    *ret_place = place;
    return true;
}

static bool request_check(const struct niva_service *service, const VerifyRequest *request,
                          struct place *ret_place, int32_t *ret_limit, struct niva_error *err)
{
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_page_size(&check, request->page_size, ret_limit);
    if (!place_read(service, request->page_token, ret_place))
        niva_token_refuse(&check);
    if (request->unit[0] != '\0')
        niva_check_hsa_id(&check, "unit", request->unit);
    return niva_check_end(&check);
}

/* The token of the next page: of the same part, or of the beginning of the part behind it. */
static bool token_fill(const struct niva_service *service, size_t part, const char *next,
                       VerifyResponse *response, struct niva_arena *arena, struct niva_error *err)
{
    const struct niva_verify_part *following = part_at(service, next != NULL ? part : part + 1);
    const char *key;

    if (following == NULL)
        return true;
    key = niva_arena_printf(arena, "%s:%s", following->name, next != NULL ? next : "");
    response->next_page_token = niva_token_write(key, arena);
    return response->next_page_token != NULL ||
           niva_fail_internal(err, "out of memory for a reply");
}

static bool found_fill(const struct niva_verify *verify, VerifyResponse *response,
                       struct niva_error *err)
{
    if (verify->failed)
        return niva_fail(err, NIVA_RESOURCE_EXHAUSTED,
                         "Det finns fler skillnader än vad som ryms i ett svar: be om mindre "
                         "sidor.",
                         "There are more differences than an answer holds: ask for smaller pages.");
    response->checked = verify->checked;
    response->n_differences = verify->difference_count;
    response->differences = verify->differences;
    response->n_notices = verify->notice_count;
    response->notices = verify->notices;
    response->n_holdings = verify->holding_count;
    response->holdings = verify->holdings;
    return true;
}

bool verify_read(struct frame *frame, struct niva_rpc_call *call, const struct route *route,
                 struct niva_read *read, const struct niva_applied *applied,
                 ProtobufCMessage *reply, struct niva_error *err)
{
    const VerifyRequest *request = (const void *)niva_rpc_call_request(call);
    const struct niva_service *service = frame->service;
    VerifyResponse *response = (void *)reply;
    struct niva_verify verify = {.arena = read->arena};
    struct place place = {0};
    const char *next = NULL;
    struct niva_service_status status = {0};
    int32_t limit;

    (void)route;
    (void)applied;
    if (!request_check(service, request, &place, &limit, err))
        return false;
    if (service->status != NULL && !service->status(read, &status, err))
        return false;
    response->pending = status.pending;
    if (request->page_token[0] == '\0' && !niva_verify_total(read->pg, &response->total, err))
        return false;
    return part_at(service, place.part)
               ->check(read, request->unit, place.key, limit, &verify, &next, err) &&
           found_fill(&verify, response, err) &&
           token_fill(service, place.part, next, response, read->arena, err);
}
