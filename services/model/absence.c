#include "services/model/absence.h"

#include <stdlib.h>
#include <string.h>

#include "services/model/layer.h"
#include "services/model/record.h"
#include "services/model/timeline.h"

static int series_compare(const void *left, const void *right)
{
    const struct absence_series *a = left;
    const struct absence_series *b = right;
    int order = strcmp(a->present->position_key, b->present->position_key);

    if (order != 0)
        return order;
    if (a->present->days.from != b->present->days.from)
        return a->present->days.from < b->present->days.from ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static int recorded_compare(const void *left, const void *right)
{
    const struct absence_series *a = *(const struct absence_series *const *)left;
    const struct absence_series *b = *(const struct absence_series *const *)right;

    if (a->present->recorded_at != b->present->recorded_at)
        return a->present->recorded_at < b->present->recorded_at ? -1 : 1;
    return a->present < b->present ? -1 : a->present > b->present;
}

/* Numbers the series in the order in which their present versions were recorded. */
static bool series_order(struct absence_series *series, size_t count, struct niva_arena *arena)
{
    struct absence_series **recorded = niva_arena_array(arena, count, sizeof *recorded);

    if (recorded == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        recorded[i] = &series[i];
    if (count > 1)
        qsort(recorded, count, sizeof *recorded, recorded_compare);
    for (size_t i = 0; i < count; i++)
        recorded[i]->order = i;
    return true;
}

bool absence_book_make(const struct niva_facts *facts, struct niva_arena *arena,
                       struct absence_book *ret_book)
{
    size_t all = facts->absence_count;
    struct record_entry *entries = niva_arena_array(arena, all, sizeof *entries);
    const struct niva_absence **versions = niva_arena_array(arena, all, sizeof *versions);
    struct absence_series *series = niva_arena_array(arena, all, sizeof *series);
    size_t count = 0;

    if (entries == NULL || versions == NULL || series == NULL)
        return false;
    for (size_t i = 0; i < all; i++)
        entries[i] =
            (struct record_entry){facts->absences[i].id, facts->absences[i].recorded_at, i};
    size_t known = record_versions(entries, all, facts->known_at);
    for (size_t i = 0, first = 0; i < known; i++) {
        versions[i] = &facts->absences[entries[i].index];
        if (i + 1 < known && record_same(&entries[i], &entries[i + 1]))
            continue;
        if (!versions[i]->cancelled && versions[i]->days.from < versions[i]->days.until)
            series[count++] = (struct absence_series){
                .present = versions[i],
                .versions = &versions[first],
                .version_count = i + 1 - first,
            };
        first = i + 1;
    }
    if (!series_order(series, count, arena))
        return false;
    if (count > 1)
        qsort(series, count, sizeof *series, series_compare);
    *ret_book = (struct absence_book){count, series};
    return true;
}

static bool days_exceed(struct niva_span days, int32_t threshold)
{
    return days.until == NIVA_DAY_END || days.until - days.from > threshold;
}

/* The day from which a version's expectation is held. */
static niva_day version_since(const struct niva_absence *const *versions, size_t version)
{
    const struct niva_absence *absence = versions[version];

    if (absence->expected_since != NIVA_DAY_NONE)
        return absence->expected_since;
    return version == 0 ? absence->days.from : niva_local_day(absence->recorded_at);
}

bool niva_absence_exceeds(const struct niva_absence *absence, int32_t threshold)
{
    return days_exceed(absence->days, threshold);
}

size_t niva_absence_series(const struct niva_absence *const *versions, size_t count,
                           int32_t threshold, niva_day *ret_since)
{
    size_t first = count - 1;
    niva_day since = version_since(versions, first);

    while (first > 0 && days_exceed(versions[count - 1]->days, threshold)) {
        const struct niva_absence *earlier = versions[first - 1];
        if (earlier->cancelled || !days_exceed(earlier->days, threshold))
            break;
        niva_day day = version_since(versions, --first);
        since = day < since ? day : since;
    }
    *ret_since = since;
    return first;
}

static bool category_exempt(const struct absence_series *series,
                            const struct niva_counting_rule *rule)
{
    return (rule->exempt >> series->present->category & 1U) != 0;
}

static bool category_links(const struct absence_series *series,
                           const struct niva_counting_rule *rule)
{
    return series->present->category != NIVA_LOANED_OUT && !category_exempt(series, rule);
}

/* The first day on which a link of a chain of `chain` days may count. */
static niva_day link_first_day(const struct absence_series *series, struct niva_span chain,
                               const struct niva_counting_rule *rule)
{
    niva_day since;

    switch (rule->counts_from) {
    case NIVA_FROM_AFTER_THRESHOLD:
        return day_after(chain.from, rule->absence_threshold_days);
    case NIVA_FROM_EXPECTED_DAY:
        niva_absence_series(series->versions, series->version_count, rule->absence_threshold_days,
                            &since);
        return since;
    case NIVA_FROM_FIRST_DAY:
        break;
    }
    return series->present->days.from;
}

struct tally {
    const struct niva_counting_rule *rule;
    struct niva_span window;
    struct away *away;
    size_t count;
};

static void tally_add(struct tally *tally, const struct absence_series *series, niva_day from)
{
    struct niva_span days = span_common(series->present->days, tally->window);

    if (from > days.from)
        days.from = from;
    if (days.from < days.until)
        tally->away[tally->count++] = (struct away){days, series};
}

/* Counts the links between `first` and `end` as one chain; what lies between them joins none. */
static void chain_tally(struct tally *tally, const struct absence_series *first,
                        const struct absence_series *end, struct niva_span chain)
{
    if (!days_exceed(chain, tally->rule->absence_threshold_days))
        return;
    for (const struct absence_series *series = first; series < end; series++)
        if (category_links(series, tally->rule))
            tally_add(tally, series, link_first_day(series, chain, tally->rule));
}

/* The absences of one position, by first day. Without a gap set each is a chain of its own. */
static void position_tally(struct tally *tally, const struct absence_series *series, size_t count)
{
    const struct absence_series *first = NULL;
    struct niva_span chain = {0, 0};

    for (size_t i = 0; i < count; i++) {
        struct niva_span days = series[i].present->days;
        if (!category_links(&series[i], tally->rule)) {
            if (!category_exempt(&series[i], tally->rule))
                tally_add(tally, &series[i], days.from);
            continue;
        }
        bool joins = first != NULL && tally->rule->join_gap_days >= 0 &&
                     days.from <= day_after(chain.until, tally->rule->join_gap_days);
        if (!joins) {
            if (first != NULL)
                chain_tally(tally, first, &series[i], chain);
            first = &series[i];
            chain = days;
        }
        chain.until = days.until > chain.until ? days.until : chain.until;
    }
    if (first != NULL)
        chain_tally(tally, first, series + count, chain);
}

size_t absence_book_overlaps(const struct absence_book *book, struct niva_span window)
{
    size_t count = 0;

    for (size_t i = 0; i < book->count; i++) {
        struct niva_span days = span_common(book->series[i].present->days, window);
        count += days.from < days.until;
    }
    return count;
}

size_t absence_book_count(const struct absence_book *book, const struct niva_counting_rule *rule,
                          struct niva_span window, struct away *ret_away)
{
    struct tally tally = {.rule = rule, .window = window, .away = ret_away};

    for (size_t i = 0, first = 0; i < book->count; i++) {
        const char *key = book->series[i].present->position_key;
        if (i + 1 < book->count && strcmp(key, book->series[i + 1].present->position_key) == 0)
            continue;
        position_tally(&tally, &book->series[first], i + 1 - first);
        first = i + 1;
    }
    return tally.count;
}
