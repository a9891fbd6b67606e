#include "services/nivactl/holdings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_LEAST = 64, DIGEST_SHOWN = 6 };

bool holdings_add(struct holdings *holdings, struct session *session, enum service service,
                  const Niva__Control__V1__Holding *said, struct niva_error *err)
{
    struct holding holding = {.service = service, .count = said->count};

    if (!service_find(said->stream, &holding.stream) || said->digest.len != HOLDING_DIGEST_SIZE)
        return true;
    if (holdings->count == holdings->capacity) {
        size_t more = holdings->capacity == 0 ? LIST_LEAST : 2 * holdings->capacity;
        struct holding *list = niva_arena_array(session->arena, more, sizeof *list);

        if (list == NULL)
            return niva_fail_memory(err);
        if (holdings->count > 0)
            memcpy(list, holdings->list, holdings->count * sizeof *list);
        holdings->list = list;
        holdings->capacity = more;
    }
    holding.unit = niva_arena_strdup(session->arena, said->unit);
    if (holding.unit == NULL)
        return niva_fail_memory(err);
    memcpy(holding.digest, said->digest.data, HOLDING_DIGEST_SIZE);
    holdings->list[holdings->count++] = holding;
    return true;
}

static int holding_order(const void *left, const void *right)
{
    const struct holding *a = left;
    const struct holding *b = right;
    int order = strcmp(a->unit, b->unit);

    if (a->stream != b->stream)
        return a->stream < b->stream ? -1 : 1;
    return order != 0 ? order : (int)a->service - (int)b->service;
}

void holdings_sort(struct holdings *holdings)
{
    if (holdings->count > 1)
        qsort(holdings->list, holdings->count, sizeof *holdings->list, holding_order);
}

static void pair_take(struct pair *pair, const struct holding *holding)
{
    if (holding->service == pair->owner)
        pair->own = holding;
    else if (holding->service == pair->follower)
        pair->copy = holding;
}

static struct pair pair_of(enum service owner, const char *unit)
{
    struct pair pair = {.owner = owner, .follower = owner, .unit = unit};
    struct follow follow;

    for (size_t i = 0; follow_at(i, &follow); i++)
        if (follow.followed == owner)
            pair.follower = follow.follower;
    return pair;
}

bool holdings_next(const struct holdings *holdings, size_t *at, struct pair *ret_pair)
{
    const struct holding *first;

    if (*at == holdings->count)
        return false;
    first = &holdings->list[*at];
    *ret_pair = pair_of(first->stream, first->unit);
    while (*at < holdings->count && holdings->list[*at].stream == first->stream &&
           strcmp(holdings->list[*at].unit, first->unit) == 0)
        pair_take(ret_pair, &holdings->list[(*at)++]);
    return true;
}

void holdings_pair(const struct holdings *holdings, enum service owner, const char *unit,
                   struct pair *ret_pair)
{
    *ret_pair = pair_of(owner, unit);
    for (size_t i = 0; i < holdings->count; i++)
        if (holdings->list[i].stream == owner && strcmp(holdings->list[i].unit, unit) == 0)
            pair_take(ret_pair, &holdings->list[i]);
}

const char *holdings_any_unit(const struct holdings *holdings)
{
    for (size_t i = 0; i < holdings->count; i++)
        if (holdings->list[i].unit[0] != '\0')
            return holdings->list[i].unit;
    return "";
}

bool pair_equal(const struct pair *pair)
{
    if (pair->own == NULL || pair->copy == NULL)
        return pair->own == pair->copy;
    return pair->own->count == pair->copy->count &&
           memcmp(pair->own->digest, pair->copy->digest, HOLDING_DIGEST_SIZE) == 0;
}

void holding_words(const struct holding *holding, char ret_words[48])
{
    char digest[2 * DIGEST_SHOWN + 1];

    if (holding == NULL) {
        snprintf(ret_words, 48, "0");
        return;
    }
    niva_hex(holding->digest, DIGEST_SHOWN, digest);
    snprintf(ret_words, 48, "%" PRId64 ", %s…", holding->count, digest);
}
