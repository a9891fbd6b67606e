#include "services/common/bus/verify.h"

#include <inttypes.h>
#include <string.h>

enum { LIST_LEAST = 8 };

static bool list_grow(struct niva_verify *verify, niva_difference ***list, size_t count,
                      size_t *capacity)
{
    size_t more = *capacity == 0 ? LIST_LEAST : 2 * *capacity;
    niva_difference **grown;

    if (count < *capacity)
        return true;
    grown = niva_arena_array(verify->arena, more, sizeof(niva_difference *));
    if (grown == NULL)
        return false;
    if (count > 0)
        memcpy(grown, *list, count * sizeof(niva_difference *));
    *list = grown;
    *capacity = more;
    return true;
}

static bool text_keep(struct niva_verify *verify, char **text)
{
    *text = niva_arena_strdup(verify->arena, *text == NULL ? "" : *text);
    return *text != NULL;
}

/* A copy that is the page's own. NULL when the arena is out. */
static niva_difference *difference_copy(struct niva_verify *verify,
                                        const struct niva_difference_kind *kind,
                                        const niva_difference *difference)
{
    niva_difference *copy = niva_arena_alloc(verify->arena, sizeof *copy);

    if (copy == NULL)
        return NULL;
    *copy = *difference;
    copy->code = (char *)(uintptr_t)kind->code;
    copy->text_sv = (char *)(uintptr_t)kind->text_sv;
    copy->text_en = (char *)(uintptr_t)kind->text_en;
    if (!text_keep(verify, &copy->kind) || !text_keep(verify, &copy->id) ||
        !text_keep(verify, &copy->unit) || !text_keep(verify, &copy->profession_group) ||
        !text_keep(verify, &copy->field) || !text_keep(verify, &copy->expected) ||
        !text_keep(verify, &copy->actual))
        return NULL;
    return copy;
}

static void list_add(struct niva_verify *verify, niva_difference ***list, size_t *count,
                     size_t *capacity, niva_difference *added)
{
    if (added == NULL || !list_grow(verify, list, *count, capacity))
        verify->failed = true;
    else
        (*list)[(*count)++] = added;
}

void niva_verify_differs(struct niva_verify *verify, const struct niva_difference_kind *kind,
                         const niva_difference *difference)
{
    list_add(verify, &verify->differences, &verify->difference_count, &verify->difference_capacity,
             difference_copy(verify, kind, difference));
}

void niva_verify_notes(struct niva_verify *verify, const struct niva_difference_kind *kind,
                       const niva_difference *difference)
{
    list_add(verify, &verify->notices, &verify->notice_count, &verify->notice_capacity,
             difference_copy(verify, kind, difference));
}

char *niva_verify_number(struct niva_verify *verify, int64_t number)
{
    return niva_arena_printf(verify->arena, "%" PRId64, number);
}

char *niva_verify_day(struct niva_verify *verify, niva_day day)
{
    char text[16];

    niva_day_format(day, text);
    return niva_arena_strdup(verify->arena, text);
}

char *niva_verify_instant(struct niva_verify *verify, niva_instant instant)
{
    char text[32];

    niva_instant_format(instant, text);
    return niva_arena_strdup(verify->arena, text);
}
