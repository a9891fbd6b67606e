/* How every unit stands on a day, and who has no current report: computed from facts, a set of
 * units at a time. */
#include <stdio.h>
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/run/page.h"
#include "services/common/wire/token.h"
#include "services/compliance/frozen.h"
#include "services/compliance/handlers.h"
#include "services/compliance/reporting.h"
#include "services/compliance/snapshot.h"
#include "services/model/breach.h"

typedef Niva__Compliance__V1__UnitStatus pb_unit_status;

#define PAGE_UNITS "u:"

enum {
    STATUS_UNITS = 64,              /* units whose facts are read at once */
    STATUS_ARENA_BYTES = 256 << 20, /* for the facts of so many units */
};

/* What is asked of every unit. */
struct question {
    struct niva_read *read;
    const char *group;
    niva_instant known_at;
    niva_day day;
    niva_day today;
};

static bool check_statuses(const Niva__Compliance__V1__ListStatusesRequest *list,
                           struct niva_page *ret_page, niva_day *ret_day, struct niva_error *err)
{
    struct niva_check check;
    niva_check_begin(&check, err);
    if (list->region_code[0] != '\0')
        niva_check_region(&check, "region_code", list->region_code);
    niva_check_name_key(&check, "profession_group", list->profession_group);
    *ret_day = NIVA_DAY_NONE;
    niva_check_day(&check, "day", list->day, false, ret_day);
    niva_page_check(&check, list->page_size, list->page_token, list->known_at, PAGE_UNITS,
                    ret_page);
    return niva_check_end(&check);
}

static const struct niva_segment *segment_on(const struct niva_timeline *timeline, niva_day day)
{
    for (size_t i = 0; i < timeline->segment_count; i++) {
        if (day < timeline->segments[i].days.until)
            return &timeline->segments[i];
    }
    return NULL;
}

static bool day_to(char **text, niva_day day, struct niva_arena *arena, struct niva_error *err)
{
    char buffer[16];
    niva_day_format(day, buffer);
    *text = niva_arena_strdup(arena, buffer);
    return *text != NULL || niva_fail_memory(err);
}

/* The first day of the run of bad days over the day. */
static bool below_since(const struct question *question, const struct niva_timeline *timeline,
                        struct niva_arena *scratch, pb_unit_status *status, struct niva_error *err)
{
    size_t count = 0;
    const struct niva_run *runs = NULL;
    if (!niva_runs_find(timeline, NIVA_DAY_END, scratch, &count, &runs, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (question->day >= runs[i].days.from && question->day < runs[i].days.until)
            return day_to(&status->below_since, runs[i].days.from, question->read->arena, err);
    }
    return true;
}

static bool segment_to(const struct question *question, const struct niva_segment *found,
                       pb_unit_status *status, struct niva_error *err)
{
    struct niva_segment segment = *found;
    niva_day begin = niva_month_begin(question->day);
    niva_day next = niva_month_next(question->day);
    if (segment.days.from < begin)
        segment.days.from = begin;
    if (segment.days.until > next)
        segment.days.until = next;
    Niva__Compliance__V1__Segment *message =
        niva_segment_message(&segment, question->day > question->today, question->read->arena);
    if (message == NULL)
        return niva_fail_memory(err);
    /* The facts go with the scratch arena, the answer stays. */
    status->segment = niva_wire_copy(&message->base, question->read->arena);
    return status->segment != NULL || niva_fail_memory(err);
}

static bool currency_to(const struct question *question, const struct currency *currency,
                        pb_unit_status *status, struct niva_error *err)
{
    struct niva_arena *arena = question->read->arena;
    status->overdue = currency->overdue;
    status->report_age_days = -1;
    if (currency->received == NIVA_DAY_NONE)
        return true;
    status->report_age_days = question->day - currency->received;
    return day_to(&status->latest_received_on, currency->received, arena, err);
}

static bool standing_to(const struct question *question, const struct dossier *dossier,
                        struct niva_arena *scratch, pb_unit_status *status, struct niva_error *err)
{
    const struct niva_report *standing = NULL;
    if (!niva_report_on(&dossier->facts, question->day, scratch, &standing, err))
        return false;
    if (standing == NULL)
        return true;
    status->latest_report_id = niva_arena_strdup(question->read->arena, standing->id);
    return status->latest_report_id != NULL || niva_fail_memory(err);
}

static bool status_of(const struct question *question, const struct dossier *dossier,
                      struct niva_arena *scratch, pb_unit_status **ret_status,
                      struct niva_error *err)
{
    struct niva_arena *arena = question->read->arena;
    struct niva_timeline timeline;
    struct reporting reporting;
    pb_unit_status *status = niva_wire_new(&niva__compliance__v1__unit_status__descriptor, arena);
    if (status == NULL)
        return niva_fail_memory(err);
    status->unit = niva_arena_strdup(arena, dossier->unit);
    status->unit_name = niva_arena_strdup(arena, dossier->registered->name);
    if (status->unit == NULL || status->unit_name == NULL)
        return niva_fail_memory(err);
    if (!niva_timeline_compute(&dossier->facts, dossier_span_until(dossier, question->day), false,
                               scratch, &timeline, err))
        return false;
    if (!frozen_check(dossier, (struct niva_span){question->day, question->day + 1}, &timeline,
                      err))
        return false;
    status->erased = question->day < frozen_until(dossier);
    const struct niva_segment *segment = segment_on(&timeline, question->day);
    if (segment == NULL)
        return niva_fail_internal(err, "the timeline has no segment on the day");
    if (!segment_to(question, segment, status, err) ||
        !below_since(question, &timeline, scratch, status, err) ||
        !standing_to(question, dossier, scratch, status, err) ||
        !reporting_make(dossier, scratch, &reporting, err))
        return false;
    const struct currency currency =
        reporting_on(&reporting, question->day, segment->status != NIVA_NOT_REQUIRED);
    if (!currency_to(question, &currency, status, err))
        return false;
    *ret_status = status;
    return true;
}

static bool statuses_of(const struct question *question, const char *const *units, size_t count,
                        struct niva_arena *scratch, pb_unit_status **ret_statuses,
                        struct niva_error *err)
{
    struct records all;
    struct records regional;
    if (!snapshot_records(question->read, units, count, scratch, &all, &regional, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct records own;
        struct dossier dossier;
        if (!records_of_unit(&all, units[i], scratch, &own, err) ||
            !dossier_make(units[i], question->group, question->known_at, &own, &regional, scratch,
                          &dossier, err) ||
            !status_of(question, &dossier, scratch, &ret_statuses[i], err))
            return false;
    }
    return true;
}

static bool statuses_fill(const struct question *question, const char *const *units, size_t count,
                          pb_unit_status **ret_statuses, struct niva_error *err)
{
    struct niva_arena *scratch = niva_arena_new(STATUS_ARENA_BYTES);
    bool good = scratch != NULL || niva_fail_memory(err);
    for (size_t done = 0; good && done < count; done += STATUS_UNITS) {
        size_t set = count - done < STATUS_UNITS ? count - done : STATUS_UNITS;
        niva_arena_reset(scratch);
        good = statuses_of(question, units + done, set, scratch, ret_statuses + done, err);
    }
    niva_arena_free(scratch);
    return good;
}

static bool next_token(struct niva_read *read, const char *last, char **ret_token,
                       struct niva_error *err)
{
    char key[NIVA_PAGE_KEY_MAX];
    snprintf(key, sizeof key, PAGE_UNITS "%s", last);
    *ret_token = niva_token_write(key, read->arena);
    return *ret_token != NULL || niva_fail_memory(err);
}

bool read_list_statuses(struct niva_read *read, const ProtobufCMessage *request,
                        ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__ListStatusesRequest *list = (const void *)request;
    Niva__Compliance__V1__ListStatusesResponse *answer = (void *)reply;
    struct question question = {.read = read, .group = list->profession_group};
    struct niva_page page;
    size_t count = 0;
    const char **units = NULL;
    if (!check_statuses(list, &page, &question.day, err) ||
        !snapshot_today(read, page.known_at, &question.today, &answer->pending, err))
        return false;
    if (question.day == NIVA_DAY_NONE)
        question.day = question.today;
    question.known_at = page.known_at;
    const char *after = page.key[0] != '\0' ? page.key + strlen(PAGE_UNITS) : "";
    if (!store_registered(read->pg, list->region_code, page.known_at, after, page.size + 1,
                          read->arena, &count, &units, err))
        return false;
    if (count > (size_t)page.size) {
        count = (size_t)page.size;
        if (!next_token(read, units[count - 1], &answer->next_page_token, err))
            return false;
    }
    answer->statuses = niva_arena_array(read->arena, count, sizeof *answer->statuses);
    if (answer->statuses == NULL)
        return niva_fail_memory(err);
    answer->n_statuses = count;
    return day_to(&answer->day, question.day, read->arena, err) &&
           statuses_fill(&question, units, count, answer->statuses, err);
}
