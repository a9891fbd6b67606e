/* Who has no current report on a day, since when and for how long: computed from facts, a set of
 * units at a time. */
#include <stdio.h>
#include <string.h>

#include "services/common/run/page.h"
#include "services/common/wire/token.h"
#include "services/compliance/handlers.h"
#include "services/compliance/reporting.h"
#include "services/compliance/snapshot.h"

typedef Niva__Compliance__V1__ListOverdueReportsRequest list_request;
typedef Niva__Compliance__V1__ListOverdueReportsResponse list_response;
typedef Niva__Compliance__V1__OverdueReport pb_overdue;
typedef Niva__Compliance__V1__OverdueReport__LastReport pb_last_report;

#define PAGE_OVERDUE "o:"

enum {
    OVERDUE_UNITS = 64,              /* units whose facts are read at once */
    OVERDUE_ARENA_BYTES = 256 << 20, /* for the facts of so many units */
};

/* What is asked of every unit, and the page that is filled. */
struct search {
    struct niva_read *read;
    const list_request *request;
    struct niva_page page;
    niva_day day;
    struct niva_arena *scratch;
    list_response *answer;
    const char *last; /* the last unit that was looked at */
};

static bool check_overdue(const list_request *list, struct niva_page *ret_page, niva_day *ret_day,
                          struct niva_error *err)
{
    struct niva_check check;
    niva_check_begin(&check, err);
    if (list->region_code[0] != '\0')
        niva_check_region(&check, "region_code", list->region_code);
    niva_check_name_key(&check, "profession_group", list->profession_group);
    *ret_day = NIVA_DAY_NONE;
    niva_check_day(&check, "day", list->day, false, ret_day);
    niva_page_check(&check, list->page_size, list->page_token, list->known_at, PAGE_OVERDUE,
                    ret_page);
    return niva_check_end(&check);
}

static char *day_text(niva_day day, struct niva_arena *arena)
{
    char text[16];
    niva_day_format(day, text);
    return niva_arena_strdup(arena, text);
}

static pb_last_report *last_report(const struct currency *currency, struct niva_arena *arena)
{
    const struct filing *last = currency->last;
    pb_last_report *report =
        niva_wire_new(&niva__compliance__v1__overdue_report__last_report__descriptor, arena);
    if (report == NULL)
        return NULL;
    report->report_id = niva_arena_strdup(arena, last->filed->message->report_id);
    report->effective_from = day_text(last->effective, arena);
    report->received_on = day_text(last->received, arena);
    report->current_as_of = day_text(currency->received, arena);
    return report->report_id != NULL && report->effective_from != NULL &&
                   report->received_on != NULL && report->current_as_of != NULL
               ? report
               : NULL;
}

/* The facts go with the scratch arena, the answer stays. */
static bool overdue_add(const struct search *search, const struct dossier *dossier,
                        const struct currency *currency, niva_day since, struct niva_error *err)
{
    struct niva_arena *arena = search->read->arena;
    pb_overdue *overdue = niva_wire_new(&niva__compliance__v1__overdue_report__descriptor, arena);
    if (overdue == NULL)
        return niva_fail_memory(err);
    overdue->unit = niva_arena_strdup(arena, dossier->unit);
    overdue->unit_name = niva_arena_strdup(arena, dossier->registered->name);
    overdue->due_since = day_text(since, arena);
    overdue->unreported_days = search->day - since + 1;
    if (overdue->unit == NULL || overdue->unit_name == NULL || overdue->due_since == NULL)
        return niva_fail_memory(err);
    if (currency->last != NULL && (overdue->last_report = last_report(currency, arena)) == NULL)
        return niva_fail_memory(err);
    if (currency->call != NULL) {
        overdue->call_id = niva_arena_strdup(arena, currency->call->call_id);
        overdue->answer_by = niva_arena_strdup(arena, currency->call->answer_by);
        if (overdue->call_id == NULL || overdue->answer_by == NULL)
            return niva_fail_memory(err);
    }
    search->answer->overdue[search->answer->n_overdue++] = overdue;
    return true;
}

static bool unit_look(const struct search *search, const struct dossier *dossier,
                      struct niva_error *err)
{
    struct niva_arena *scratch = search->scratch;
    struct niva_timeline timeline;
    struct reporting reporting;
    size_t count = 0;
    const struct niva_span *runs = NULL;
    if (!niva_timeline_compute(&dossier->facts, dossier_span_until(dossier, search->day), false,
                               scratch, &timeline, err) ||
        !reporting_make(dossier, scratch, &reporting, err) ||
        !reporting_runs(&reporting, &timeline, scratch, &count, &runs, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (search->day < runs[i].from || search->day >= runs[i].until)
            continue;
        const struct currency currency = reporting_on(&reporting, search->day, true);
        return overdue_add(search, dossier, &currency, runs[i].from, err);
    }
    return true;
}

/* Looks at units in order until one is found that the page has no room for. */
static bool units_look(struct search *search, const char *const *units, size_t count,
                       struct niva_error *err)
{
    struct records all;
    struct records regional;
    if (!snapshot_records(search->read, units, count, search->scratch, &all, &regional, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct records own;
        struct dossier dossier;
        if (search->answer->n_overdue > (size_t)search->page.size)
            return true;
        if (!records_of_unit(&all, units[i], search->scratch, &own, err) ||
            !dossier_make(units[i], search->request->profession_group, search->page.known_at, &own,
                          &regional, search->scratch, &dossier, err) ||
            !unit_look(search, &dossier, err))
            return false;
        search->last = units[i];
    }
    return true;
}

/* Takes back what the page has no room for, and says where it goes on. */
static bool page_cut(const struct search *search, struct niva_error *err)
{
    list_response *answer = search->answer;
    char key[NIVA_PAGE_KEY_MAX];
    if (answer->n_overdue <= (size_t)search->page.size)
        return true;
    answer->n_overdue = (size_t)search->page.size;
    snprintf(key, sizeof key, PAGE_OVERDUE "%s", answer->overdue[answer->n_overdue - 1]->unit);
    answer->next_page_token = niva_token_write(key, search->read->arena);
    return answer->next_page_token != NULL || niva_fail_memory(err);
}

static bool search_run(struct search *search, struct niva_error *err)
{
    size_t count = OVERDUE_UNITS;
    while (count == OVERDUE_UNITS && search->answer->n_overdue <= (size_t)search->page.size) {
        const char **units = NULL;
        niva_arena_reset(search->scratch);
        if (!store_registered(search->read->pg, search->request->region_code, search->page.known_at,
                              search->last, OVERDUE_UNITS, search->read->arena, &count, &units,
                              err) ||
            !units_look(search, units, count, err))
            return false;
    }
    return page_cut(search, err);
}

bool read_list_overdue_reports(struct niva_read *read, const ProtobufCMessage *request,
                               ProtobufCMessage *reply, struct niva_error *err)
{
    struct search search = {
        .read = read, .request = (const void *)request, .answer = (void *)reply};
    niva_day today;
    if (!check_overdue(search.request, &search.page, &search.day, err) ||
        !snapshot_today(read, search.page.known_at, &today, &search.answer->pending, err))
        return false;
    if (search.day == NIVA_DAY_NONE)
        search.day = today;
    search.last = search.page.key[0] != '\0' ? search.page.key + strlen(PAGE_OVERDUE) : "";
    search.answer->day = day_text(search.day, read->arena);
    search.answer->overdue =
        niva_arena_array(read->arena, (size_t)search.page.size + 1, sizeof *search.answer->overdue);
    search.scratch = niva_arena_new(OVERDUE_ARENA_BYTES);
    bool good =
        search.answer->day != NULL && search.answer->overdue != NULL && search.scratch != NULL;
    good = good ? search_run(&search, err) : niva_fail_memory(err);
    niva_arena_free(search.scratch);
    return good;
}
