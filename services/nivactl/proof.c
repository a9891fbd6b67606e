#include "services/nivactl/proof.h"

#include <inttypes.h>
#include <string.h>

#include "services/nivactl/wait.h"

typedef Niva__Control__V1__GetStatusRequest GetStatusRequest;
typedef Niva__Control__V1__GetStatusResponse GetStatusResponse;
typedef Niva__Control__V1__VerifyRequest VerifyRequest;
typedef Niva__Control__V1__VerifyResponse VerifyResponse;

enum { PAGE = 1000, PAGE_ARENA_BYTES = 64 << 20, TOKEN_BYTES = 1024, TRIES = 3 };

static bool out_of_memory(struct niva_error *err)
{
    return niva_fail(err, NIVA_RESOURCE_EXHAUSTED, "Minnet tog slut.", "Memory ran out.");
}

static bool control_call(struct session *session, enum service service, const char *name,
                         const ProtobufCMessage *request, struct niva_arena *arena,
                         ProtobufCMessage **ret_reply, struct niva_error *err)
{
    const struct call call = {.recorded_at = INT64_MIN};
    struct method method;

    if (!method_find(name, &method))
        return niva_fail_internal(err, "no method %s", name);
    return session_call(session, service, &method, request, &call, arena, ret_reply, err);
}

/* ---- Verify ---- */

static bool page_take(struct session *session, enum service service, const VerifyResponse *page,
                      struct proof *proof, struct niva_error *err)
{
    proof->checked += page->checked;
    for (size_t i = 0; i < page->n_differences; i++)
        if (!findings_copy(&proof->differences, session, service, page->differences[i], err))
            return false;
    for (size_t i = 0; i < page->n_notices; i++)
        if (!findings_copy(&proof->notices, session, service, page->notices[i], err))
            return false;
    for (size_t i = 0; i < page->n_holdings; i++)
        if (!holdings_add(&proof->holdings, session, service, page->holdings[i], err))
            return false;
    return true;
}

/* Page after page, each in the same memory. `progress` may be NULL. */
static bool service_prove(struct session *session, enum service service, const char *unit,
                          struct niva_arena *arena, struct progress *progress, struct proof *proof,
                          struct niva_error *err)
{
    VerifyRequest request = NIVA__CONTROL__V1__VERIFY_REQUEST__INIT;
    char token[TOKEN_BYTES] = "";
    int64_t pending = 0;

    request.page_size = PAGE;
    request.unit = (char *)(uintptr_t)unit;
    request.page_token = token;
    do {
        ProtobufCMessage *reply;
        const VerifyResponse *page;

        niva_arena_reset(arena);
        if (!control_call(session, service, "niva.control.v1.ControlService/Verify", &request.base,
                          arena, &reply, err))
            return false;
        page = (const VerifyResponse *)reply;
        if (progress != NULL) {
            progress->all += (size_t)page->total;
            progress_advance(progress, (size_t)page->checked, service_name(service));
        }
        if (!page_take(session, service, page, proof, err))
            return false;
        pending = page->pending;
        niva_text_set(token, sizeof token, page->next_page_token);
    } while (token[0] != '\0');
    proof->pending += pending;
    return true;
}

/* ---- who has what of a stream ---- */

/* What a stream's owner and its follower have now. What else the services prove on the way was
 * looked at before. */
static bool pair_ask(struct session *session, const struct pair *pair, const char *unit,
                     struct niva_arena *arena, struct pair *ret_pair, struct niva_error *err)
{
    const struct wait wait = {.last = COMPENSATION, .deadline_ms = wait_deadline(session)};
    struct proof now = {0};

    if (!wait_applied(session, &wait, err) ||
        !service_prove(session, pair->owner, unit, arena, NULL, &now, err) ||
        !service_prove(session, pair->follower, unit, arena, NULL, &now, err))
        return false;
    holdings_pair(&now.holdings, pair->owner, pair->unit, ret_pair);
    return true;
}

static bool pair_report(struct session *session, const struct pair *pair, struct proof *proof,
                        struct niva_error *err)
{
    Difference difference = NIVA__CONTROL__V1__DIFFERENCE__INIT;
    char expected[48];
    char actual[48];

    holding_words(pair->own, expected);
    holding_words(pair->copy, actual);
    difference.code = (char *)"COPY_DIFFERS";
    difference.kind = (char *)(uintptr_t)service_name(pair->owner);
    difference.unit = (char *)(uintptr_t)pair->unit;
    difference.expected = expected;
    difference.actual = actual;
    difference.text_sv =
        (char *)"Tjänsten har inte samma uppgifter som den tjänst som den fick dem "
                "av.";
    difference.text_en = (char *)"The service does not have what the service has from which it "
                                 "came.";
    return findings_copy(&proof->differences, session, pair->follower, &difference, err);
}

/* Two services are not asked at one instant: what differs is asked for again. */
static bool pair_check(struct session *session, const struct pair *pair, const char *any_unit,
                       struct niva_arena *arena, struct proof *proof, struct niva_error *err)
{
    const char *unit = pair->unit[0] != '\0' ? pair->unit : any_unit;
    struct pair now = *pair;

    for (int i = 1; i < TRIES && !pair_equal(&now) && unit[0] != '\0'; i++)
        if (!pair_ask(session, pair, unit, arena, &now, err))
            return false;
    return pair_equal(&now) || pair_report(session, &now, proof, err);
}

static bool holdings_check(struct session *session, struct niva_arena *arena, struct proof *proof,
                           struct niva_error *err)
{
    struct holdings *holdings = &proof->holdings;
    struct pair pair;
    size_t at = 0;

    holdings_sort(holdings);
    while (holdings_next(holdings, &at, &pair))
        if (!pair_check(session, &pair, holdings_any_unit(holdings), arena, proof, err))
            return false;
    return true;
}

/* ---- how far each has followed the others ---- */

static bool applied_get(struct session *session, enum service service, const char *stream,
                        struct niva_arena *arena, int64_t *ret_position, struct niva_error *err)
{
    GetStatusRequest request = NIVA__CONTROL__V1__GET_STATUS_REQUEST__INIT;
    const GetStatusResponse *status;
    ProtobufCMessage *reply;

    niva_arena_reset(arena);
    if (!control_call(session, service, "niva.control.v1.ControlService/GetStatus", &request.base,
                      arena, &reply, err))
        return false;
    status = (const GetStatusResponse *)reply;
    for (size_t i = 0; i < status->n_applied; i++) {
        if (strcmp(status->applied[i]->stream, stream) == 0) {
            *ret_position = status->applied[i]->position;
            return true;
        }
    }
    return niva_fail_internal(err, "%s does not follow %s", service_name(service), stream);
}

/* Whoever has applied more than was ever written has seen events that are gone. The follower is
 * asked first: meanwhile the stream can only grow. */
static bool cursor_check(struct session *session, struct follow follow, struct niva_arena *arena,
                         struct proof *proof, struct niva_error *err)
{
    const char *stream = service_name(follow.followed);
    Difference difference = NIVA__CONTROL__V1__DIFFERENCE__INIT;
    char expected[24];
    char actual[24];
    int64_t applied;
    int64_t head;

    if (!applied_get(session, follow.follower, stream, arena, &applied, err) ||
        !applied_get(session, follow.followed, stream, arena, &head, err))
        return false;
    if (applied <= head)
        return true;
    snprintf(expected, sizeof expected, "%" PRId64, head);
    snprintf(actual, sizeof actual, "%" PRId64, applied);
    difference.code = (char *)"CURSOR_AHEAD";
    difference.position = applied;
    difference.kind = (char *)(uintptr_t)stream;
    difference.field = (char *)"position";
    difference.expected = expected;
    difference.actual = actual;
    difference.text_sv = (char *)"Tjänsten har tagit in fler händelser än strömmen som den följer "
                                 "har: händelser har tagits bort där.";
    difference.text_en = (char *)"The service has applied more events than the stream that it "
                                 "follows has: events were taken away there.";
    return findings_copy(&proof->differences, session, follow.follower, &difference, err);
}

bool proof_services(struct session *session, const char *unit, struct progress *progress,
                    struct proof *proof, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(PAGE_ARENA_BYTES);
    bool good = arena != NULL || out_of_memory(err);
    struct follow follow;

    for (int service = INTAKE; good && service < SERVICE_COUNT; service++)
        good = service_prove(session, (enum service)service, unit, arena, progress, proof, err);
    good = good && holdings_check(session, arena, proof, err);
    for (size_t i = 0; good && follow_at(i, &follow); i++)
        good = cursor_check(session, follow, arena, proof, err);
    niva_arena_free(arena);
    return good;
}
