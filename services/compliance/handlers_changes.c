/* What changed between two instants, and what each fact changed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/run/page.h"
#include "services/common/wire/token.h"
#include "services/common/wire/wire.h"
#include "services/compliance/change_words.h"
#include "services/compliance/handlers.h"

#include "services/compliance/snapshot.h"

typedef Niva__Compliance__V1__ListChangesRequest ListChangesRequest;
typedef Niva__Compliance__V1__ListChangesResponse ListChangesResponse;
typedef Niva__Compliance__V1__Change__Difference pb_difference;
typedef Niva__Compliance__V1__Change__Amount pb_amount;

enum {
    DAYS_MOST = 3660,
    STANDING_BYTES = 64 << 20, /* for what is known at a place */
};

/* Tokens are "c:<instant>:<rank>:<no>", the instant counted from 1900. */
#define PAGE_CHANGES "c:"
#define YEAR_1900    (-INT64_C(2208988800000000))

/* A list on its way. Standings are computed one after the other, each in an arena of its own. */
struct listing {
    struct niva_read *read;
    struct niva_page page;
    niva_instant known_from;
    struct history history;
    struct records own;
    struct records regional;
    struct niva_arena *arenas[2];
    struct standing standings[2];
    int here; /* index of the standing at the last place */
    size_t bytes;
    ListChangesResponse *answer;
};

/* ---- what is asked ---- */

static bool request_check(struct listing *listing, const ListChangesRequest *request,
                          struct niva_error *err)
{
    struct niva_check check;
    struct niva_span days = {0, 0};
    niva_check_begin(&check, err);
    niva_check_hsa_id(&check, "unit", request->unit);
    niva_check_name_key(&check, "profession_group", request->profession_group);
    niva_page_check(&check, request->page_size, request->page_token, request->known_at,
                    PAGE_CHANGES, &listing->page);
    if (niva_check_present(&check, "known_from", request->known_from) &&
        niva_check_timestamp(&check, "known_from", request->known_from, &listing->known_from) &&
        listing->known_from > listing->page.known_at)
        niva_check_fail(&check, "known_at", "KNOWN_AT_BEFORE_KNOWN_FROM",
                        "known_at ligger före known_from.", "known_at lies before known_from.");
    if (niva_check_day(&check, "first_day", request->first_day, true, &days.from) &&
        niva_check_day(&check, "last_day", request->last_day, true, &days.until) &&
        niva_check_last_day(&check, "last_day", request->last_day, days.from, &days.until) &&
        days.until - days.from > DAYS_MOST)
        niva_check_fail(&check, "last_day", "TOO_LONG", "En lista omfattar högst 10 år.",
                        "A list spans at most 10 years.");
    listing->history.unit = request->unit;
    listing->history.group = request->profession_group;
    listing->history.days = days;
    return niva_check_end(&check);
}

/* The place after which the page begins. */
static bool page_place(const struct listing *listing, struct place *ret_place,
                       struct niva_error *err)
{
    const char *text = listing->page.key + strlen(PAGE_CHANGES);
    int64_t instant = 0;
    int64_t rank = 0;
    int64_t no = 0;
    *ret_place = (struct place){listing->known_from, RANK_LAST, 0};
    if (listing->page.key[0] == '\0')
        return true;
    if (!niva_token_number(&text, ':', INT64_MAX + YEAR_1900, &instant) ||
        !niva_token_number(&text, ':', RANK_AMOUNT, &rank) ||
        !niva_token_number(&text, '\0', INT64_MAX, &no))
        return niva_page_refuse(err);
    *ret_place = (struct place){instant + YEAR_1900, (enum rank)rank, no};
    return true;
}

static bool history_read(struct listing *listing, struct niva_error *err)
{
    struct niva_read *read = listing->read;
    struct history *history = &listing->history;
    struct stored_component *rows;
    if (!snapshot_today(read, INT64_MAX, &history->business_day, NULL, err) ||
        !snapshot_records(read, &history->unit, 1, read->arena, &listing->own, &listing->regional,
                          err) ||
        !store_components(read->pg, &history->unit, 1, read->arena, &history->component_count,
                          &rows, err))
        return false;
    history->own = &listing->own;
    history->regional = &listing->regional;
    history->components = rows;
    if (records_unit(&listing->own, listing->page.known_at) == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "unit", "UNIT_UNKNOWN",
                           "Vårdcentralen %s är inte registrerad.",
                           "The unit %s is not registered.", history->unit);
    return history_lay(history, read->arena, err);
}

/* ---- the answer ---- */

static char *day_text(niva_day day, struct niva_arena *arena)
{
    char text[16];
    niva_day_format(day, text);
    return niva_arena_strdup(arena, text);
}

/* The part of a segment that lies in some days. */
static pb_segment *segment_part(const struct niva_segment *segment, struct niva_span days,
                                niva_day today, struct niva_arena *arena)
{
    struct niva_segment part = *segment;
    part.days = days;
    return niva_segment_message(&part, days.from > today, arena);
}

static bool differences_fill(struct listing *listing, const struct standing *before,
                             const struct standing *after, size_t *ret_count,
                             pb_difference ***ret_differences, struct niva_error *err)
{
    struct niva_arena *arena = listing->read->arena;
    const struct verdict_change *changes;
    size_t count;
    if (!verdicts_compare(&listing->history, before, after, arena, &count, &changes, err))
        return false;
    pb_difference **list = niva_arena_array(arena, count, sizeof *list);
    if (list == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct verdict_change *change = &changes[i];
        list[i] = niva_wire_new(&niva__compliance__v1__change__difference__descriptor, arena);
        if (list[i] == NULL || (list[i]->first_day = day_text(change->days.from, arena)) == NULL ||
            (list[i]->last_day = day_text(change->days.until - 1, arena)) == NULL ||
            (list[i]->before = segment_part(change->before, change->days, before->today, arena)) ==
                NULL ||
            (list[i]->after = segment_part(change->after, change->days, after->today, arena)) ==
                NULL)
            return niva_fail_memory(err);
        list[i]->days = change->days.until - change->days.from;
    }
    *ret_count = count;
    *ret_differences = list;
    return true;
}

static bool amounts_fill(struct listing *listing, const struct standing *before,
                         const struct standing *after, bool all, size_t *ret_count,
                         pb_amount ***ret_amounts, struct niva_error *err)
{
    struct niva_arena *arena = listing->read->arena;
    const struct amount_change *changes;
    size_t count;
    if (!amounts_compare(before, after, all, arena, &count, &changes, err))
        return false;
    pb_amount **list = niva_arena_array(arena, count, sizeof *list);
    if (list == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        char month[16];
        niva_month_format(changes[i].month, month);
        list[i] = niva_wire_new(&niva__compliance__v1__change__amount__descriptor, arena);
        if (list[i] == NULL ||
            (list[i]->component = niva_arena_strdup(arena, changes[i].component)) == NULL ||
            (list[i]->period = niva_arena_strdup(arena, month)) == NULL)
            return niva_fail_memory(err);
        list[i]->before_ore = changes[i].before;
        list[i]->after_ore = changes[i].after;
    }
    *ret_count = count;
    *ret_amounts = list;
    return true;
}

/* Where it comes from, and its days, where they are no absence's. */
static bool origin_fill(const struct change *change, struct niva_arena *arena, pb_change *message,
                        struct niva_error *err)
{
    niva_instant received = change->place.instant;
    bool told = change->days.from != NIVA_DAY_NONE &&
                message->kind != NIVA__COMPLIANCE__V1__CHANGE__KIND__ABSENCE;
    if (change->fact != NULL) {
        const struct niva_fact *fact = &change->fact->fact;
        bool named = strchr(fact->id, '/') == NULL;
        message->id = (char *)(uintptr_t)(named ? fact->id : "");
        message->version = fact->version;
        message->recorded_by = (char *)(uintptr_t)fact->recorded_by;
        received = fact->received_at;
        if (message->kind == NIVA__COMPLIANCE__V1__CHANGE__KIND__REPORT)
            message->refers_to = ((const pb_report *)change->fact->message)->corrects_report_id;
    } else if (change->component != NULL) {
        message->version = change->component->version;
        message->recorded_by = change->component->recorded_by;
        if (change->component->received_at != NULL &&
            !niva_wire_instant(change->component->received_at, &received))
            return niva_fail_internal(err, "an amount was received at no instant");
    }
    if (change->place.rank != RANK_DAY &&
        (message->received_at = niva_wire_timestamp(received, arena)) == NULL)
        return niva_fail_memory(err);
    message->recorded_at = niva_wire_timestamp(change->place.instant, arena);
    if (told) {
        niva_day until = change->days.until;
        message->first_day = day_text(change->days.from, arena);
        message->last_day = day_text(until == NIVA_DAY_END ? NIVA_DAY_END : until - 1, arena);
    }
    return (message->recorded_at != NULL && message->first_day != NULL &&
            message->last_day != NULL) ||
           niva_fail_memory(err);
}

static bool change_fill(struct listing *listing, const struct change *change,
                        const struct standing *before, const struct standing *after,
                        pb_change **ret_message, struct niva_error *err)
{
    struct niva_arena *arena = listing->read->arena;
    pb_change *message = niva_wire_new(&niva__compliance__v1__change__descriptor, arena);
    if (message == NULL)
        return niva_fail_memory(err);
    if (!change_say(change, arena, message, err) || !origin_fill(change, arena, message, err) ||
        !differences_fill(listing, before, after, &message->n_differences, &message->differences,
                          err) ||
        !amounts_fill(listing, before, after, false, &message->n_amounts, &message->amounts, err))
        return false;
    message->before_ore = before->ore;
    message->after_ore = after->ore;
    message->changed_verdict = message->n_differences > 0;
    message->changed_amount = message->n_amounts > 0;
    *ret_message = message;
    return true;
}

/* What changed nothing is told where it is about the days asked for, and the unit. */
static bool is_told(const struct listing *listing, const struct change *change,
                    const pb_change *message, const struct standing *after)
{
    const struct niva_span *days = &listing->history.days;
    if (message->changed_verdict || message->changed_amount)
        return true;
    return change->place.rank != RANK_DAY && change_concerns(change, after) &&
           change->days.from < days->until && change->days.until > days->from;
}

/* Moves on to a place: `listing->here` is its standing, the other one that of the place before. */
static bool move_to(struct listing *listing, struct place place, struct niva_error *err)
{
    int next = 1 - listing->here;
    niva_arena_reset(listing->arenas[next]);
    if (!standing_compute(&listing->history, place, listing->arenas[next],
                          &listing->standings[next], err))
        return false;
    listing->here = next;
    return true;
}

static bool token_write(struct listing *listing, struct place place, struct niva_error *err)
{
    char key[NIVA_PAGE_KEY_MAX];
    snprintf(key, sizeof key, PAGE_CHANGES "%" PRId64 ":%d:%" PRId64, place.instant - YEAR_1900,
             (int)place.rank, place.no);
    listing->answer->next_page_token = niva_token_write(key, listing->read->arena);
    return listing->answer->next_page_token != NULL || niva_fail_memory(err);
}

static bool is_full(const struct listing *listing)
{
    return listing->answer->n_changes == (size_t)listing->page.size ||
           listing->bytes > NIVA_PAGE_BYTES_MAX;
}

static bool page_fill(struct listing *listing, struct place until, struct niva_error *err)
{
    ListChangesResponse *answer = listing->answer;
    struct place told;
    struct place at;
    struct change change;
    answer->changes =
        niva_arena_array(listing->read->arena, (size_t)listing->page.size, sizeof *answer->changes);
    if (answer->changes == NULL)
        return niva_fail_memory(err);
    if (!page_place(listing, &at, err) || !move_to(listing, at, err))
        return false;
    for (told = at; change_next(&listing->history, at, until, &change); at = change.place) {
        pb_change *message = NULL;
        if (!move_to(listing, change.place, err))
            return false;
        const struct standing *after = &listing->standings[listing->here];
        if (!change_fill(listing, &change, &listing->standings[1 - listing->here], after, &message,
                         err))
            return false;
        if (!is_told(listing, &change, message, after))
            continue;
        if (is_full(listing))
            return token_write(listing, told, err);
        answer->changes[answer->n_changes++] = message;
        listing->bytes += protobuf_c_message_get_packed_size(&message->base);
        told = change.place;
    }
    return true;
}

static bool segments_fill(const struct listing *listing, const struct standing *standing,
                          size_t *ret_count, pb_segment ***ret_segments, struct niva_error *err)
{
    struct niva_timeline timeline;
    struct niva_arena *arena = listing->read->arena;
    return niva_timeline_compute(&standing->dossier.facts, listing->history.days, false, arena,
                                 &timeline, err) &&
           niva_timeline_messages(&timeline, standing->today, arena, ret_count, ret_segments, err);
}

/* What it comes to in all. */
static bool whole_fill(struct listing *listing, struct place until, struct niva_error *err)
{
    ListChangesResponse *answer = listing->answer;
    struct niva_arena *arena = listing->read->arena;
    if (!move_to(listing, (struct place){listing->known_from, RANK_LAST, 0}, err) ||
        !move_to(listing, until, err))
        return false;
    const struct standing *before = &listing->standings[1 - listing->here];
    const struct standing *after = &listing->standings[listing->here];
    answer->before_ore = before->ore;
    answer->after_ore = after->ore;
    answer->today_before = day_text(before->today, arena);
    answer->today_after = day_text(after->today, arena);
    if (answer->today_before == NULL || answer->today_after == NULL)
        return niva_fail_memory(err);
    return segments_fill(listing, before, &answer->n_before, &answer->before, err) &&
           segments_fill(listing, after, &answer->n_after, &answer->after, err) &&
           differences_fill(listing, before, after, &answer->n_differences, &answer->differences,
                            err) &&
           amounts_fill(listing, before, after, true, &answer->n_amounts, &answer->amounts, err);
}

bool read_list_changes(struct niva_read *read, const ProtobufCMessage *request,
                       ProtobufCMessage *reply, struct niva_error *err)
{
    struct listing listing = {
        .read = read,
        .arenas = {niva_arena_new(STANDING_BYTES), niva_arena_new(STANDING_BYTES)},
        .answer = (void *)reply};
    bool good = listing.arenas[0] != NULL && listing.arenas[1] != NULL;
    if (!good)
        niva_fail_memory(err);
    good =
        good && request_check(&listing, (const void *)request, err) && history_read(&listing, err);
    if (good) {
        struct place until = {listing.page.known_at, RANK_LAST, 0};
        good = page_fill(&listing, until, err) && whole_fill(&listing, until, err);
    }
    niva_arena_free(listing.arenas[0]);
    niva_arena_free(listing.arenas[1]);
    return good;
}
