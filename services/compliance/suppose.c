#include "services/compliance/suppose.h"

#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/facts/filing.h"
#include "services/common/wire/wire.h"
#include "services/compliance/frozen.h"
#include "services/compliance/store.h"

/* ---- by itself ---- */

/* A field that may be left out: it is the request's; another one is none that was asked for. */
static void same_check(struct niva_check *check, const char *field, char **value, char *asked)
{
    if ((*value)[0] == '\0')
        *value = asked;
    if (strcmp(*value, asked) != 0)
        niva_check_fail(check, field, "ANOTHER_SUBJECT",
                        "Det antagna gäller en annan enhet eller yrkesgrupp än frågan.",
                        "What is supposed is of another unit or group than what is asked.");
}

/* A copy of the message itself: what it points to stays the request's. */
static void *shallow(const void *message, size_t size, struct niva_arena *arena)
{
    return (void *)niva_arena_copy(arena, message, size);
}

static bool report_check(const Niva__Compliance__V1__PreviewRequest *request,
                         struct niva_check *check, struct niva_arena *arena, pb_report **ret_report)
{
    if (request->report == NULL)
        return true;
    pb_report *report = shallow(request->report, sizeof *report, arena);
    if (report == NULL)
        return false;
    size_t mark = niva_check_enter(check, "report", -1);
    same_check(check, "unit", &report->unit, request->unit);
    same_check(check, "profession_group", &report->profession_group, request->profession_group);
    niva_check_report(check, report, true);
    niva_check_leave(check, mark);
    report->corrects_report_id = niva_wire_uuid(report->corrects_report_id, arena);
    *ret_report = report;
    return report->corrects_report_id != NULL;
}

static bool absence_check(const Niva__Compliance__V1__PreviewRequest *request,
                          struct niva_check *check, struct niva_arena *arena,
                          pb_absence **ret_absence)
{
    if (request->absence == NULL)
        return true;
    pb_absence *absence = shallow(request->absence, sizeof *absence, arena);
    if (absence == NULL)
        return false;
    size_t mark = niva_check_enter(check, "absence", -1);
    same_check(check, "unit", &absence->unit, request->unit);
    same_check(check, "profession_group", &absence->profession_group, request->profession_group);
    niva_check_absence(check, absence);
    niva_check_leave(check, mark);
    *ret_absence = absence;
    return true;
}

bool supposition_check(const Niva__Compliance__V1__PreviewRequest *request,
                       struct niva_check *check, struct niva_arena *arena,
                       struct supposition *ret_supposition)
{
    *ret_supposition = (struct supposition){0};
    return report_check(request, check, arena, &ret_supposition->report) &&
           absence_check(request, check, arena, &ret_supposition->absence);
}

/* ---- beside what is on record ---- */

static const struct filed_report *filed_find(const struct dossier *dossier, const char *report_id)
{
    for (size_t i = 0; i < dossier->report_count; i++) {
        if (strcmp(dossier->reports[i].message->report_id, report_id) == 0)
            return &dossier->reports[i];
    }
    return NULL;
}

/* The report that replaced one: its correction, or what took a withdrawn correction's place. */
static const struct filed_report *correction_of(const struct dossier *dossier,
                                                const char *report_id)
{
    for (size_t i = 0; i < dossier->report_count; i++) {
        const struct filed_report *filed = &dossier->reports[i];
        if (strcmp(filed->message->corrects_report_id, report_id) != 0)
            continue;
        if (filed->withdrawn)
            filed = correction_of(dossier, filed->message->report_id);
        if (filed != NULL)
            return filed;
    }
    return NULL;
}

/* FAILED_PRECONDITION for a day of which reports and absences are erased. */
static bool day_whole(const struct dossier *dossier, const char *field, niva_day day,
                      struct niva_error *err)
{
    if (dossier->erasure == NULL || day >= frozen_until(dossier))
        return true;
    return niva_refuse_erased(field, dossier->erasure->before, dossier->erasure->decision_reference,
                              err);
}

/* A report that is none of the dossier's may be another unit's. */
static bool stranger_refuse(struct niva_read *read, const pb_report *report, struct niva_error *err)
{
    const char *kind = record_kind_name(RECORD_REPORT);
    const char *id = report->corrects_report_id;
    struct records found;
    if (!store_facts(read->pg, &kind, &id, 1, read->arena, &found, err))
        return false;
    if (found.count == 0)
        return niva_correction_allowed(report, id, NULL, err);
    const struct niva_corrected corrected = {.report_id = id,
                                             .unit = found.list[0].fact.unit,
                                             .profession_group = found.list[0].fact.group};
    return niva_correction_allowed(report, id, &corrected, err);
}

static bool correction_allowed(struct niva_read *read, const struct dossier *dossier,
                               const pb_report *report, struct niva_error *err)
{
    if (report->corrects_report_id[0] == '\0')
        return true;
    const struct filed_report *filed = filed_find(dossier, report->corrects_report_id);
    if (filed == NULL)
        return stranger_refuse(read, report, err);
    struct niva_corrected corrected = {.report_id = filed->message->report_id,
                                       .unit = filed->message->unit,
                                       .profession_group = filed->message->profession_group,
                                       .withdrawn = filed->withdrawn};
    for (const struct filed_report *next = correction_of(dossier, corrected.report_id);
         next != NULL; next = correction_of(dossier, next->message->report_id))
        corrected.corrected_by = next->message->report_id;
    return niva_correction_allowed(report, corrected.report_id, &corrected, err) &&
           day_whole(dossier, "report.correctsReportId", filed->fact->effective_from, err);
}

static bool report_allowed(struct niva_read *read, const struct dossier *dossier,
                           const pb_report *report, niva_instant now, struct niva_error *err)
{
    niva_day day = niva_day_read(report->effective_from);
    niva_instant received;
    return niva_unit_open(dossier->registered, (struct niva_span){day, day + 1}, err) &&
           day_whole(dossier, "report.effectiveFrom", day, err) &&
           correction_allowed(read, dossier, report, err) &&
           niva_wire_received(report->received_at, "report.receivedAt", now, &received, err);
}

static bool absence_allowed(const struct dossier *dossier, const pb_absence *absence,
                            niva_instant now, struct niva_error *err)
{
    struct niva_span days = niva_absence_days(absence);
    niva_instant received;
    return niva_unit_open(dossier->registered, days, err) &&
           day_whole(dossier, "absence.firstDay", days.from, err) &&
           niva_wire_received(absence->received_at, "absence.receivedAt", now, &received, err);
}

bool supposition_allowed(struct niva_read *read, const struct dossier *dossier,
                         const struct supposition *supposition, niva_instant now,
                         struct niva_error *err)
{
    if (supposition->report != NULL &&
        !report_allowed(read, dossier, supposition->report, now, err))
        return false;
    return supposition->absence == NULL || absence_allowed(dossier, supposition->absence, now, err);
}

/* ---- as facts ---- */

/* A list of facts with room for one more behind them. */
static void *longer(const void *list, size_t count, size_t size, struct niva_arena *arena)
{
    char *copy = niva_arena_array(arena, count + 1, size);
    if (copy != NULL && count > 0)
        memcpy(copy, list, count * size);
    return copy;
}

static bool report_add(const pb_report *supposed, struct niva_arena *arena,
                       struct niva_facts *facts, struct niva_error *err)
{
    struct niva_report *reports =
        longer(facts->reports, facts->report_count, sizeof *reports, arena);
    pb_report report = *supposed;
    if (reports == NULL)
        return niva_fail_memory(err);
    report.report_id = (char *)(uintptr_t)SUPPOSED_ID;
    report.erased_by = (char *)protobuf_c_empty_string;
    struct niva_report *added = &reports[facts->report_count];
    if (!niva_facts_report(&report, arena, added, err))
        return false;
    added->recorded_at = facts->known_at;
    facts->reports = reports;
    facts->report_count++;
    return true;
}

static bool absence_add(const pb_absence *supposed, struct niva_arena *arena,
                        struct niva_facts *facts, struct niva_error *err)
{
    struct niva_absence *absences =
        longer(facts->absences, facts->absence_count, sizeof *absences, arena);
    pb_absence absence = *supposed;
    if (absences == NULL)
        return niva_fail_memory(err);
    absence.absence_id = (char *)(uintptr_t)SUPPOSED_ID;
    absence.cancelled = false;
    struct niva_absence *added = &absences[facts->absence_count];
    if (!niva_facts_absence(&absence, arena, added, err))
        return false;
    added->recorded_at = facts->known_at;
    facts->absences = absences;
    facts->absence_count++;
    return true;
}

bool supposition_facts(const struct dossier *dossier, const struct supposition *supposition,
                       struct niva_arena *arena, struct niva_facts *ret_facts,
                       struct niva_error *err)
{
    struct niva_facts facts = dossier->facts;
    if (supposition->report != NULL && !report_add(supposition->report, arena, &facts, err))
        return false;
    if (supposition->absence != NULL && !absence_add(supposition->absence, arena, &facts, err))
        return false;
    *ret_facts = facts;
    return true;
}
