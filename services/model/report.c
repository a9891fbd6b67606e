#include "services/model/report.h"

#include <stdlib.h>
#include <string.h>

#include "services/model/record.h"
#include "services/model/timeline.h"

/* A report that is known, and what has become of it. */
struct filing {
    const struct niva_report *report;
    size_t order;
    bool withdrawn;
    bool replaced;
};

static bool text_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int filing_compare(const void *left, const void *right)
{
    const struct filing *a = left;
    const struct filing *b = right;
    const char *a_id = text_given(a->report->id) ? a->report->id : "";
    const char *b_id = text_given(b->report->id) ? b->report->id : "";

    return strcmp(a_id, b_id);
}

static int filing_find_compare(const void *key, const void *element)
{
    const struct filing *filing = element;

    return strcmp(key, text_given(filing->report->id) ? filing->report->id : "");
}

static struct filing *filing_find(struct filing *filings, size_t count, const char *id)
{
    if (!text_given(id))
        return NULL;
    return bsearch(id, filings, count, sizeof *filings, filing_find_compare);
}

/* A correction that was not withdrawn replaces what it corrects; where that was withdrawn too, it
 * takes its place and replaces what that one corrected. One that is replaced already has passed it
 * on, which also ends a circle. */
static void corrections_apply(struct filing *filings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (filings[i].withdrawn)
            continue;
        struct filing *corrected = filing_find(filings, count, filings[i].report->corrects);
        while (corrected != NULL && !corrected->replaced) {
            corrected->replaced = true;
            if (!corrected->withdrawn)
                break;
            corrected = filing_find(filings, count, corrected->report->corrects);
        }
    }
}

static void withdrawals_apply(const struct niva_facts *facts, struct filing *filings, size_t count)
{
    for (size_t i = 0; i < facts->withdrawal_count; i++) {
        if (facts->withdrawals[i].recorded_at > facts->known_at)
            continue;
        struct filing *filing = filing_find(filings, count, facts->withdrawals[i].report_id);
        if (filing != NULL)
            filing->withdrawn = true;
    }
}

bool reports_layer(const struct niva_facts *facts, struct niva_span window,
                   struct niva_arena *arena, struct layer *ret_layer)
{
    struct record_entry *entries = niva_arena_array(arena, facts->report_count, sizeof *entries);
    struct filing *filings = niva_arena_array(arena, facts->report_count, sizeof *filings);
    struct layer_item *items = niva_arena_array(arena, facts->report_count, sizeof *items);
    size_t standing = 0;

    if (entries == NULL || filings == NULL || items == NULL)
        return false;
    for (size_t i = 0; i < facts->report_count; i++)
        entries[i] = (struct record_entry){facts->reports[i].id, facts->reports[i].recorded_at, i};
    size_t count = record_present(entries, facts->report_count, facts->known_at);
    for (size_t i = 0; i < count; i++)
        filings[i] = (struct filing){.report = &facts->reports[entries[i].index], .order = i};
    if (count > 1)
        qsort(filings, count, sizeof *filings, filing_compare);
    withdrawals_apply(facts, filings, count);
    corrections_apply(filings, count);
    for (size_t i = 0; i < count; i++) {
        const struct niva_report *report = filings[i].report;
        if (!filings[i].withdrawn && !filings[i].replaced)
            items[standing++] = (struct layer_item){
                .days = {report->effective_from, NIVA_DAY_END},
                .rank = report->effective_from,
                .order = (int64_t)filings[i].order,
                .fact = report,
            };
    }
    return layer_build(items, standing, window, arena, ret_layer);
}

bool niva_report_on(const struct niva_facts *facts, niva_day day, struct niva_arena *arena,
                    const struct niva_report **ret_report, struct niva_error *err)
{
    struct layer layer;

    if (!reports_layer(facts, (struct niva_span){day, day + 1}, arena, &layer))
        return arena_out(err);
    *ret_report = layer_on(&layer, day);
    return true;
}
