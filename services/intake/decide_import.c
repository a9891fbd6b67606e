/* Imports: every report of a file is judged as if it were submitted alone; all are recorded, or
 * none.
 */
#include <string.h>

#include "services/intake/import.h"
#include "services/intake/store.h"

typedef Niva__Intake__V1__StaffingReport Report;
typedef Niva__Intake__V1__Original Original;

/* An import under decision. */
struct importing {
    const struct state *state;
    const struct command *command;
    const struct import *import;
    struct niva_remarks errors;
    struct effect *effects; /* one for each report */
    Report **reports;
};

/* Violations that name what blocks, not a field, and the field that it came from. */
static const struct {
    const char *reason;
    const char *path;
} blocked[] = {
    {"UNIT_CLOSED", "report.effectiveFrom"},
    {"UNIT_NOT_OPEN_YET", "report.effectiveFrom"},
    {"REPORT_OF_OTHER_UNIT", "report.correctsReportId"},
    {"REPORT_WITHDRAWN", "report.correctsReportId"},
    {"REPORT_ALREADY_CORRECTED", "report.correctsReportId"},
};

static const char *path_of(const struct niva_violation *violation)
{
    for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++)
        if (strcmp(blocked[i].reason, violation->reason) == 0)
            return blocked[i].path;
    return violation->field;
}

/* What the record says against a report. False for what is no fault of the file. */
static bool refusal_take(struct importing *importing, size_t index, const struct niva_error *err)
{
    if (err->violation_count == 0)
        return false;
    for (size_t i = 0; i < err->violation_count; i++)
        import_remark(importing->import, &importing->import->reports[index], &importing->errors,
                      path_of(&err->violations[i]), err->violations[i].reason,
                      err->violations[i].text_sv, err->violations[i].text_en);
    return true;
}

/* Whoever files the same twice meant it once. */
static void twin_judge(struct importing *importing, size_t index, const Report *report)
{
    const struct import_report *given = &importing->import->reports[index];
    const struct report_record *twin = state_twin(importing->state, report);

    if (twin != NULL)
        niva_remark(
            &importing->errors, given->row, "", "REPORT_ALREADY_HERE",
            "Enheten har redan en likadan redovisning från %s (%s). Ta bort raderna, eller "
            "bekräfta den med ConfirmStaffing.",
            "The unit has the same report from %s already (%s). Remove the rows, or confirm "
            "it by ConfirmStaffing.",
            report->effective_from, twin->report_id);
}

static bool report_import(struct importing *importing, size_t index, struct niva_error *err)
{
    const struct import_report *given = &importing->import->reports[index];
    const struct command *command = importing->command;
    char report_id[37];

    if (given->refused)
        return true;
    niva_uuid_format(niva_uuid_v7(command->recorded_at), report_id);
    if (!report_decide(importing->state, command, given->report, report_id,
                       &importing->effects[index], &importing->reports[index], err))
        return refusal_take(importing, index, err);
    if (!given->incomplete)
        twin_judge(importing, index, importing->reports[index]);
    return true;
}

static bool importing_begin(struct importing *importing, struct niva_error *err)
{
    const struct import *import = importing->import;
    struct niva_arena *arena = importing->command->arena;

    niva_remarks_begin(&importing->errors, arena);
    importing->effects = niva_arena_array(arena, import->count, sizeof *importing->effects);
    importing->reports = niva_arena_array(arena, import->count, sizeof(Report *));
    if (importing->errors.failed || importing->effects == NULL || importing->reports == NULL)
        return niva_fail_memory(err);
    memcpy(importing->errors.items, import->errors.items,
           import->errors.count * sizeof(Niva__Common__V1__RowMessage *));
    importing->errors.count = import->errors.count;
    return true;
}

/* ---- what follows ---- */

/* The file itself, kept once. */
static bool file_effect(const struct importing *importing, struct effect *effect)
{
    const struct command *command = importing->command;
    const Niva__Intake__V1__ImportReportsRequest *request = (const void *)command->request;
    Original *original = niva_wire_new(&niva__intake__v1__original__descriptor, command->arena);

    if (original == NULL)
        return false;
    original->media_type = (char *)(uintptr_t)importing->import->media_type;
    original->file_name = request->file_name;
    original->content = request->content;
    effect->fact_count = 1;
    effect->facts[0].body = &original->base;
    effect->facts[0].fact = (struct niva_fact){
        .kind = kind_import,
        .id = niva_arena_strdup(command->arena, command->new_id),
        .version = 1,
        .unit = "",
        .group = "",
        .region = "",
        .refers_to = "",
        .first_day = NIVA_DAY_NONE,
    };
    if (request->received_at != NULL &&
        !niva_wire_instant(request->received_at, &effect->facts[0].fact.received_at))
        effect->facts[0].fact.received_at = 0;
    return effect->facts[0].fact.id != NULL;
}

/* A report's way to its file. */
static bool original_refer(const char *import_id, struct effect *effect, struct niva_arena *arena)
{
    const struct niva_fact *report = &effect->facts[0].fact;
    Original *original = niva_wire_new(&niva__intake__v1__original__descriptor, arena);

    if (original == NULL)
        return false;
    original->import_id = (char *)(uintptr_t)import_id;
    effect->facts[effect->fact_count].body = &original->base;
    effect->facts[effect->fact_count++].fact = (struct niva_fact){
        .kind = kind_original,
        .id = report->id,
        .version = 1,
        .unit = report->unit,
        .group = report->group,
        .region = "",
        .refers_to = import_id,
        .first_day = NIVA_DAY_NONE,
        .received_at = report->received_at,
    };
    return true;
}

static bool effects_chain(const struct importing *importing, struct effect *effect)
{
    struct effect *last = effect;

    if (!file_effect(importing, effect))
        return false;
    for (size_t i = 0; i < importing->import->count; i++) {
        if (!original_refer(effect->facts[0].fact.id, &importing->effects[i],
                            importing->command->arena))
            return false;
        last->next = &importing->effects[i];
        last = last->next;
    }
    return true;
}

/* What would be has no id and no instant of its own. */
static void report_preview(Report *report, const Report *given)
{
    report->report_id = (char *)protobuf_c_empty_string;
    report->recorded_at = NULL;
    report->recorded_by = (char *)protobuf_c_empty_string;
    report->received_at = given->received_at;
}

static void reply_fill(struct importing *importing, Niva__Intake__V1__ImportReportsResponse *reply,
                       bool recorded)
{
    const struct import *import = importing->import;

    niva_remarks_sort(&importing->errors);
    reply->rows_read = import->rows_read;
    reply->n_row_errors = importing->errors.count;
    reply->row_errors = importing->errors.items;
    reply->n_warnings = import->warnings.count;
    reply->warnings = import->warnings.items;
    if (importing->errors.count > 0)
        return;
    reply->n_reports = import->count;
    reply->reports = importing->reports;
    for (size_t i = 0; !recorded && i < import->count; i++)
        report_preview(importing->reports[i], import->reports[i].report);
}

bool decide_import_reports(const struct state *state, const struct command *command,
                           struct effect *ret_effect, struct niva_error *err)
{
    const Niva__Intake__V1__ImportReportsRequest *request = (const void *)command->request;
    struct importing importing = {state, command, command->prepared, .effects = NULL};
    struct effect effect = {0};
    Niva__Intake__V1__ImportReportsResponse *reply =
        niva_wire_new(&niva__intake__v1__import_reports_response__descriptor, command->arena);

    if (reply == NULL)
        return niva_fail_memory(err);
    if (!importing_begin(&importing, err))
        return false;
    for (size_t i = 0; i < importing.import->count; i++)
        if (!report_import(&importing, i, err))
            return false;
    effect.unrecorded = request->dry_run || importing.errors.count > 0;
    effect.reply = &reply->base;
    reply_fill(&importing, reply, !effect.unrecorded);
    if (importing.errors.failed || (!effect.unrecorded && !effects_chain(&importing, &effect)))
        return niva_fail_memory(err);
    if (!effect.unrecorded)
        reply->import_id = (char *)(uintptr_t)effect.facts[0].fact.id;
    *ret_effect = effect;
    return true;
}
