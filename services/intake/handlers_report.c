#include <string.h>

#include "services/common/sheets/upload.h"
#include "services/intake/handlers.h"

typedef Niva__Intake__V1__StaffingReport Report;

/* ---- checks ---- */

void report_check(struct niva_check *check, const Report *report, bool positions)
{
    size_t mark = niva_check_enter(check, "report", -1);

    niva_check_report(check, report, positions);
    niva_check_leave(check, mark);
}

/* type/subtype, in printable ASCII without spaces but before parameters. */
static void media_type_check(struct niva_check *check, const char *media_type)
{
    const char *slash = strchr(media_type, '/');

    if (!niva_check_line(check, "media_type", media_type, 1, MEDIA_TYPE_CHARACTERS_MAX))
        return;
    for (const char *c = media_type; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x7f)
            slash = NULL;
    if (slash == NULL || slash == media_type || slash[1] == '\0' || slash[1] == ';')
        niva_check_fail(check, "media_type", "MEDIA_TYPE_MALFORMED",
                        "Medietypen ska skrivas som application/pdf.",
                        "The media type must be written like application/pdf.");
}

static void original_check(struct niva_check *check, const Niva__Intake__V1__Original *original)
{
    size_t mark = niva_check_enter(check, "original", -1);

    media_type_check(check, original->media_type);
    niva_check_line(check, "file_name", original->file_name, 0, FILE_NAME_CHARACTERS_MAX);
    if (original->content.len == 0)
        niva_check_fail(check, "content", "REQUIRED", "Dokumentet är tomt.",
                        "The document is empty.");
    if (original->content.len > ORIGINAL_BYTES_MAX)
        niva_check_fail(check, "content", "TOO_LARGE", "Dokumentet får vara högst 15 MiB.",
                        "The document may be at most 15 MiB.");
    niva_check_leave(check, mark);
}

bool check_submit_report(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Intake__V1__SubmitReportRequest *request = (const void *)message;
    struct niva_check check;

    niva_check_begin(&check, err);
    if (niva_check_present(&check, "report", request->report))
        report_check(&check, request->report, true);
    if (request->original != NULL)
        original_check(&check, request->original);
    return niva_check_end(&check);
}

bool check_import_reports(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Intake__V1__ImportReportsRequest *request = (const void *)message;
    const struct niva_upload upload = {request->media_type, request->file_name, request->sheet,
                                       request->content};
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_upload_check(&check, &upload, ORIGINAL_BYTES_MAX);
    received_check(&check, request->received_at);
    return niva_check_end(&check);
}

bool check_withdraw_report(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Intake__V1__WithdrawReportRequest *request = (const void *)message;
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_uuid(&check, "report_id", request->report_id);
    niva_check_text(&check, "reason", request->reason, 1, REASON_CHARACTERS_MAX);
    return niva_check_end(&check);
}

/* ---- reads ---- */

static bool report_answer(const struct store_row *row, Report *report, struct niva_arena *arena,
                          struct niva_error *err)
{
    if (row->corrected_by[0] == '\0')
        return true;
    report->corrected_by_report_id = niva_arena_strdup(arena, row->corrected_by);
    return report->corrected_by_report_id != NULL || niva_fail_memory(err);
}

static bool refuse_unknown(struct niva_error *err, const char *report_id)
{
    return niva_refuse(err, NIVA_NOT_FOUND, "reportId", "REPORT_UNKNOWN",
                       "Det finns ingen rapport %s.", "There is no report %s.", report_id);
}

bool read_get_report(struct niva_read *read, const ProtobufCMessage *message,
                     ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Intake__V1__GetReportRequest *request = (const void *)message;
    Niva__Intake__V1__GetReportResponse *response = (void *)reply;
    const char *report_id = niva_wire_uuid(request->report_id, read->arena);
    struct niva_check check;
    niva_instant known_at;
    struct store_page page;

    if (report_id == NULL)
        return niva_fail_memory(err);
    niva_check_begin(&check, err);
    niva_check_uuid(&check, "report_id", request->report_id);
    niva_check_known_at(&check, request->known_at, &known_at);
    if (!niva_check_end(&check) ||
        !store_get_report(read->pg, report_id, known_at, read->arena, &page, err))
        return false;
    if (page.count == 0)
        return refuse_unknown(err, report_id);
    response->report = body_read(&niva__intake__v1__staffing_report__descriptor, page.rows[0].body,
                                 read->arena, err);
    return response->report != NULL &&
           report_answer(&page.rows[0], response->report, read->arena, err);
}

static bool reports_filter(const Niva__Intake__V1__ListReportsRequest *request,
                           struct store_filter *ret_filter, struct niva_error *err)
{
    struct niva_check check;

    niva_check_begin(&check, err);
    subject_read(&check, request->unit, request->profession_group, ret_filter);
    ret_filter->since = NIVA_DAY_NONE;
    niva_check_day(&check, "since", request->since, false, &ret_filter->since);
    ret_filter->include_history = request->include_history;
    niva_check_known_at(&check, request->known_at, &ret_filter->known_at);
    page_read(&check, request->page_size, request->page_token, ret_filter);
    return niva_check_end(&check);
}

bool read_list_reports(struct niva_read *read, const ProtobufCMessage *message,
                       ProtobufCMessage *reply, struct niva_error *err)
{
    Niva__Intake__V1__ListReportsResponse *response = (void *)reply;
    struct store_filter filter = {0};
    struct store_page page;

    if (!reports_filter((const void *)message, &filter, err) ||
        !store_list_reports(read->pg, &filter, read->arena, &page, err) ||
        !page_messages(&niva__intake__v1__staffing_report__descriptor, &page, read->arena,
                       &response->n_reports, (void ***)&response->reports, err))
        return false;
    for (size_t i = 0; i < page.count; i++)
        if (!report_answer(&page.rows[i], response->reports[i], read->arena, err))
            return false;
    return page_token(&page, read->arena, &response->next_page_token, err);
}

/* Tells a report without document from no report at all. */
static bool refuse_original(struct niva_read *read, const char *report_id, niva_instant known_at,
                            struct niva_error *err)
{
    struct niva_fact *report;

    if (!niva_fact_get(read->pg, kind_report, report_id, known_at, read->arena, &report, err))
        return false;
    if (report == NULL)
        return refuse_unknown(err, report_id);
    return niva_refuse(err, NIVA_NOT_FOUND, "reportId", "NO_ORIGINAL",
                       "Rapport %s kom inte som ett dokument.",
                       "Report %s did not come as a document.", report_id);
}

/* Says by which decision the document is gone. */
static bool refuse_erased(struct niva_read *read, const char *erasure_id, struct niva_error *err)
{
    const Niva__Intake__V1__Erasure *erasure;
    struct niva_fact *fact;

    if (!niva_fact_get(read->pg, kind_erasure, erasure_id, INT64_MAX, read->arena, &fact, err))
        return false;
    if (fact == NULL)
        return niva_fail_internal(err, "there is no erasure %s", erasure_id);
    erasure = body_read(&niva__intake__v1__erasure__descriptor, fact->body, read->arena, err);
    return erasure != NULL && niva_refuse(err, NIVA_FAILED_PRECONDITION, "reportId", "ERASED",
                                          "Dokumentet är gallrat (beslut %s, gallring %s).",
                                          "The document is erased (decision %s, erasure %s).",
                                          erasure->decision_reference, erasure_id);
}

/* A report that came with others as one file: that file, which is kept once. */
static bool import_answer(struct niva_read *read, niva_instant known_at,
                          Niva__Intake__V1__Original **original, struct niva_error *err)
{
    char *import_id = (*original)->import_id;
    struct niva_fact *fact;

    if (!niva_fact_get(read->pg, kind_import, import_id, known_at, read->arena, &fact, err))
        return false;
    if (fact == NULL)
        return niva_fail_internal(err, "there is no import %s", import_id);
    *original = body_read(&niva__intake__v1__original__descriptor, fact->body, read->arena, err);
    if (*original == NULL)
        return false;
    if ((*original)->erased_by[0] != '\0')
        return refuse_erased(read, (*original)->erased_by, err);
    (*original)->import_id = import_id;
    return true;
}

bool read_get_original(struct niva_read *read, const ProtobufCMessage *message,
                       ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Intake__V1__GetOriginalRequest *request = (const void *)message;
    Niva__Intake__V1__GetOriginalResponse *response = (void *)reply;
    const char *report_id = niva_wire_uuid(request->report_id, read->arena);
    struct niva_check check;
    niva_instant known_at;
    struct niva_fact *fact;

    if (report_id == NULL)
        return niva_fail_memory(err);
    niva_check_begin(&check, err);
    niva_check_uuid(&check, "report_id", request->report_id);
    niva_check_known_at(&check, request->known_at, &known_at);
    if (!niva_check_end(&check) ||
        !niva_fact_get(read->pg, kind_original, report_id, known_at, read->arena, &fact, err))
        return false;
    if (fact == NULL)
        return refuse_original(read, report_id, known_at, err);
    response->original =
        body_read(&niva__intake__v1__original__descriptor, fact->body, read->arena, err);
    if (response->original == NULL)
        return false;
    if (response->original->erased_by[0] != '\0')
        return refuse_erased(read, response->original->erased_by, err);
    return response->original->import_id[0] == '\0' ||
           import_answer(read, known_at, &response->original, err);
}
