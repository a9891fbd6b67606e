#include "services/model/counting.h"

#include <stdlib.h>
#include <string.h>

#include "services/model/layer.h"

/* 0 when title, employment and licence of a position count, else why they do not. */
static enum niva_uncounted_reason position_reject(const struct niva_position *position,
                                                  const struct niva_counting_rule *rule)
{
    bool title = false;

    for (size_t i = 0; i < rule->title_count && !title; i++)
        title = strcmp(rule->titles[i], position->title_code) == 0;
    if (!title)
        return NIVA_UNCOUNTED_TITLE;
    if ((rule->employments >> position->employment & 1U) == 0)
        return NIVA_UNCOUNTED_EMPLOYMENT;
    return position->licensed || rule->count_unlicensed ? 0 : NIVA_UNCOUNTED_UNLICENSED;
}

static int seat_compare(const void *left, const void *right)
{
    const struct seat *a = left;
    const struct seat *b = right;
    int order = strcmp(a->position->key, b->position->key);

    if (order != 0)
        return order;
    return a->position < b->position ? -1 : a->position > b->position;
}

static int stand_in_compare(const void *left, const void *right)
{
    const struct stand_in *a = left;
    const struct stand_in *b = right;
    int order = strcmp(a->position->key, b->position->key);

    if (order != 0)
        return order;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

bool bench_make(size_t seats, size_t covers, struct niva_arena *arena, struct bench *ret_bench)
{
    struct bench bench = {
        .seats = niva_arena_array(arena, seats, sizeof *bench.seats),
        .stand_ins = niva_arena_array(arena, covers, sizeof *bench.stand_ins),
    };

    if (bench.seats == NULL || bench.stand_ins == NULL)
        return false;
    *ret_bench = bench;
    return true;
}

void bench_set(struct bench *bench, const struct niva_report *report,
               const struct niva_counting_rule *rule)
{
    bench->report = report;
    bench->rule = rule;
    bench->seat_count = report->position_count;
    for (size_t i = 0; i < bench->seat_count; i++) {
        const struct niva_position *position = &report->positions[i];
        bench->seats[i] = (struct seat){
            .position = position,
            .qualifies = position_reject(position, rule) == 0,
        };
    }
    if (bench->seat_count > 1)
        qsort(bench->seats, bench->seat_count, sizeof *bench->seats, seat_compare);
    for (size_t i = 1; i < bench->seat_count; i++)
        bench->seats[i].repeats =
            strcmp(bench->seats[i - 1].position->key, bench->seats[i].position->key) == 0;
}

/* The first seat with a key; NULL: none. */
static struct seat *seat_find(const struct bench *bench, const char *key)
{
    size_t low = 0;
    size_t high = bench->seat_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(bench->seats[middle].position->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == bench->seat_count || strcmp(bench->seats[low].position->key, key) != 0)
        return NULL;
    return &bench->seats[low];
}

static bool seat_follows(const struct bench *bench, const struct seat *seat, const char *key)
{
    return seat < bench->seats + bench->seat_count && strcmp(seat->position->key, key) == 0;
}

/* The seat that counts under a key on a day; NULL: none. */
static struct seat *seat_counting(const struct bench *bench, const char *key, niva_day day)
{
    struct seat *seat = seat_find(bench, key);

    for (; seat != NULL && seat_follows(bench, seat, key); seat++)
        if (seat->qualifies && span_holds(seat->position->active, day))
            return seat;
    return NULL;
}

static bool seat_active(const struct bench *bench, const char *key, niva_day day)
{
    const struct seat *seat = seat_find(bench, key);

    for (; seat != NULL && seat_follows(bench, seat, key); seat++)
        if (span_holds(seat->position->active, day))
            return true;
    return false;
}

/* One day's sum. */
struct sum {
    struct bench *bench;
    niva_day day;
    struct niva_span days;
    struct uncounted_list *uncounted;
    int64_t own;
    int64_t hired;
};

static void uncounted_note(struct sum *sum, const char *key, enum niva_uncounted_reason reason,
                           int64_t milli)
{
    struct uncounted_list *list = sum->uncounted;

    if (list == NULL || list->failed)
        return;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        struct niva_uncounted *grown = niva_arena_array(list->arena, capacity, sizeof *grown);
        if (grown == NULL) {
            list->failed = true;
            return;
        }
        if (list->count > 0)
            memcpy(grown, list->entries, list->count * sizeof *grown);
        list->entries = grown;
        list->capacity = capacity;
    }
    list->entries[list->count++] = (struct niva_uncounted){
        .position_key = key,
        .reason = reason,
        .days = sum->days,
        .fte_milli = (int32_t)milli,
    };
}

static void sum_add(struct sum *sum, const struct niva_position *position, int64_t milli)
{
    if (position->employment == NIVA_HIRED)
        sum->hired += milli;
    else
        sum->own += milli;
}

/* Absences of one position add up. */
static void absences_take(const struct bench *bench, niva_day day,
                          const struct day_absences *absences)
{
    for (size_t i = 0; i < bench->seat_count; i++)
        bench->seats[i].absent_milli = 0;
    for (size_t i = 0; i < absences->count; i++) {
        const struct niva_absence *absence = absences->away[i]->series->present;
        struct seat *seat = seat_counting(bench, absence->position_key, day);
        absences->used[i] = seat != NULL;
        if (seat != NULL)
            seat->absent_milli +=
                absence->absent_milli < 0 ? seat->position->fte_milli : absence->absent_milli;
    }
}

static void seats_sum(struct sum *sum)
{
    const struct bench *bench = sum->bench;

    for (size_t i = 0; i < bench->seat_count; i++) {
        const struct seat *seat = &bench->seats[i];
        const struct niva_position *position = seat->position;
        if (!span_holds(position->active, sum->day))
            continue;
        if (!seat->qualifies) {
            uncounted_note(sum, position->key, position_reject(position, bench->rule),
                           position->fte_milli);
            continue;
        }
        if (seat->repeats && seat_counting(bench, position->key, sum->day) != seat) {
            uncounted_note(sum, position->key, NIVA_UNCOUNTED_DUPLICATE, position->fte_milli);
            continue;
        }
        int64_t absent =
            seat->absent_milli < position->fte_milli ? seat->absent_milli : position->fte_milli;
        if (absent > 0)
            uncounted_note(sum, position->key, NIVA_UNCOUNTED_ABSENT, absent);
        sum_add(sum, position, position->fte_milli - absent);
    }
}

/* The covers of the day that would count but for their keys, by key and rank. */
static size_t stand_ins_gather(struct sum *sum, const struct day_absences *absences)
{
    struct bench *bench = sum->bench;
    size_t count = 0;

    for (size_t i = 0; i < absences->count; i++) {
        const struct niva_absence *absence = absences->away[i]->series->present;
        if (absence->cover_count == 0 || !seat_active(bench, absence->position_key, sum->day))
            continue;
        for (size_t j = 0; j < absence->cover_count; j++) {
            const struct niva_position *cover = &absence->cover[j];
            if (!span_holds(cover->active, sum->day))
                continue;
            enum niva_uncounted_reason reject = position_reject(cover, bench->rule);
            if (reject != 0)
                uncounted_note(sum, cover->key, reject, cover->fte_milli);
            else
                bench->stand_ins[count] = (struct stand_in){cover, count, i}, count++;
        }
    }
    if (count > 1)
        qsort(bench->stand_ins, count, sizeof *bench->stand_ins, stand_in_compare);
    return count;
}

/* A key counts once: a position of the report wins over cover, even if it is wholly away. */
static void stand_ins_sum(struct sum *sum, const struct day_absences *absences)
{
    const struct bench *bench = sum->bench;
    size_t count = stand_ins_gather(sum, absences);

    for (size_t i = 0; i < count; i++) {
        const struct niva_position *cover = bench->stand_ins[i].position;
        bool taken = (i > 0 && strcmp(cover->key, bench->stand_ins[i - 1].position->key) == 0) ||
                     seat_counting(bench, cover->key, sum->day) != NULL;
        if (taken) {
            uncounted_note(sum, cover->key, NIVA_UNCOUNTED_DUPLICATE, cover->fte_milli);
            continue;
        }
        absences->used[bench->stand_ins[i].away] = true;
        sum_add(sum, cover, cover->fte_milli);
    }
}

int32_t bench_count(struct bench *bench, niva_day day, int32_t required_milli,
                    const struct day_absences *absences, struct niva_span days,
                    struct uncounted_list *uncounted)
{
    struct sum sum = {.bench = bench, .day = day, .days = days, .uncounted = uncounted};

    absences_take(bench, day, absences);
    seats_sum(&sum);
    stand_ins_sum(&sum, absences);
    if (bench->rule->hired_cap_permille >= 0) {
        int64_t cap = (int64_t)required_milli * bench->rule->hired_cap_permille / 1000;
        if (sum.hired > cap) {
            uncounted_note(&sum, "", NIVA_UNCOUNTED_HIRED_CAP, sum.hired - cap);
            sum.hired = cap;
        }
    }
    int64_t counted = sum.own + sum.hired;
    return counted < INT32_MAX ? (int32_t)counted : INT32_MAX;
}

static int joining_compare(const void *left, const void *right)
{
    const struct niva_uncounted *a = left;
    const struct niva_uncounted *b = right;
    int order = strcmp(a->position_key, b->position_key);

    if (order != 0)
        return order;
    if (a->reason != b->reason)
        return a->reason < b->reason ? -1 : 1;
    if (a->fte_milli != b->fte_milli)
        return a->fte_milli < b->fte_milli ? -1 : 1;
    return a->days.from < b->days.from ? -1 : a->days.from > b->days.from;
}

static int reading_compare(const void *left, const void *right)
{
    const struct niva_uncounted *a = left;
    const struct niva_uncounted *b = right;

    if (a->days.from != b->days.from)
        return a->days.from < b->days.from ? -1 : 1;
    return joining_compare(a, b);
}

void uncounted_join(struct uncounted_list *list)
{
    struct niva_uncounted *entries = list->entries;
    size_t kept = 0;

    if (list->count == 0)
        return;
    qsort(entries, list->count, sizeof *entries, joining_compare);
    for (size_t i = 0; i < list->count; i++) {
        struct niva_uncounted *last = &entries[kept == 0 ? 0 : kept - 1];
        if (kept > 0 && strcmp(last->position_key, entries[i].position_key) == 0 &&
            last->reason == entries[i].reason && last->fte_milli == entries[i].fte_milli &&
            last->days.until == entries[i].days.from)
            last->days.until = entries[i].days.until;
        else
            entries[kept++] = entries[i];
    }
    list->count = kept;
    qsort(entries, kept, sizeof *entries, reading_compare);
}
