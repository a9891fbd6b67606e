/* Imports tables: a file is sent as it is and taken as a whole or not at all. What is wrong with it
 * is told row by row. */
#include <inttypes.h>
#include <string.h>

#include "niva/compliance/v1/follow_up.pb-c.h"
#include "niva/compliance/v1/requirement.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/sheets/upload.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/progress.h"
#include "services/nivactl/request.h"
#include "services/nivactl/wait.h"

typedef Niva__Common__V1__RowMessage RowMessage;
typedef Niva__Intake__V1__ImportReportsResponse ImportReportsResponse;
typedef Niva__Intake__V1__StaffingReport Report;

/* What a file may be a table of. */
struct table_kind {
    const char *name; /* as --kind says it */
    const char *method;
    size_t bytes_max;
    bool (*taken)(struct session *session, const ProtobufCMessage *reply, struct niva_error *err);
};

/* A file on its way. */
struct importing {
    struct session *session;
    const struct table_kind *kind;
    const char *path;
    const char *bytes;
    size_t size;
    enum niva_sheet_format format;
    struct progress progress;
};

enum { SCRATCH_BYTES = 1 << 20, LOOK_MS = 50, CALL_MS = 5000 };

/* ---- the file ---- */

static bool refuse_large(const struct importing *importing, struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv,
             "Filen %.120s är %zu kB; högst %zu kB kan läsas in. Dela den.", importing->path,
             importing->size / 1000, importing->kind->bytes_max / 1000);
    snprintf(text_en, sizeof text_en,
             "File %.120s has %zu kB; at most %zu kB can be imported. Split it.", importing->path,
             importing->size / 1000, importing->kind->bytes_max / 1000);
    return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

/* Reads the file, as the service will, for the number of its rows: what is no table is not sent. */
static bool file_look(struct importing *importing, size_t *ret_rows, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(NIVA_SHEET_ARENA_BYTES);
    struct niva_sheet sheet;
    bool good = arena != NULL || niva_fail_memory(err);

    good = good && niva_sheet_read((const uint8_t *)importing->bytes, importing->size, NULL, arena,
                                   &sheet, err);
    if (good) {
        importing->format = sheet.format;
        *ret_rows = sheet.row_count - 1;
    }
    niva_arena_free(arena);
    return good;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* The same file by the same name asks for the same; a dry run asks anew each time. */
static struct niva_uuid request_id(const struct importing *importing)
{
    struct niva_uuid name_space = request_namespace(importing->bytes, importing->size);
    const char *name = base_name(importing->path);

    if (importing->session->options.dry_run)
        return niva_uuid_v7(niva_clock_now());
    return niva_uuid_v5(name_space, name, strlen(name));
}

static void bytes_set(ProtobufCMessage *message, const char *name, const char *bytes, size_t size)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(message->descriptor, name);
    const ProtobufCBinaryData data = {.len = size, .data = (uint8_t *)(uintptr_t)bytes};

    memcpy((char *)message + field->offset, &data, sizeof data);
}

static bool file_send(struct importing *importing, ProtobufCMessage **ret_reply,
                      struct niva_error *err)
{
    struct session *session = importing->session;
    struct method method;
    ProtobufCMessage *request;

    if (!method_find(importing->kind->method, &method))
        return niva_fail_internal(err, "no method %s", importing->kind->method);
    request = niva_wire_new(method.type->input, session->arena);
    if (request == NULL)
        return niva_fail_memory(err);
    niva_wire_set_text(request, "media_type", niva_sheet_media_type(importing->format));
    niva_wire_set_text(request, "file_name", base_name(importing->path));
    niva_wire_set_bool(request, "dry_run", session->options.dry_run);
    bytes_set(request, "content", importing->bytes, importing->size);
    return request_give_id(request, request_id(importing), session->arena, err) &&
           session_ask(session, importing->kind->method, request, ret_reply, err);
}

/* ---- the answer ---- */

static RowMessage *const *messages_of(const ProtobufCMessage *reply, const char *name,
                                      size_t *ret_count)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(reply->descriptor, name);
    RowMessage *const *messages = NULL;

    *ret_count = 0;
    if (field == NULL)
        return NULL;
    memcpy(ret_count, (const char *)reply + field->quantifier_offset, sizeof *ret_count);
    memcpy(&messages, (const char *)reply + field->offset, sizeof messages);
    return messages;
}

static bool messages_print(struct session *session, RowMessage *const *messages, size_t count,
                           const char *title_sv, const char *title_en, struct niva_error *err)
{
    const struct column columns[] = {
        {session_pick(session, "Rad", "Row"), true},
        {session_pick(session, "Kolumn", "Column"), false},
        {session_pick(session, title_sv, title_en), false},
    };
    struct table *table = table_new(session->arena, 3, columns);

    for (size_t i = 0; i < count; i++) {
        const RowMessage *message = messages[i];
        const char *cells[3] = {
            message->row == 0 ? "" : cell_integer(session, message->row),
            message->column,
            session->language == ENGLISH ? message->message_en : message->message_sv,
        };

        table_row(table, cells);
    }
    return session_print_table(session, table, err);
}

static bool reports_taken(struct session *session, const ProtobufCMessage *message,
                          struct niva_error *err)
{
    const ImportReportsResponse *reply = (const void *)message;
    const struct column columns[] = {
        {session_pick(session, "Enhet", "Unit"), false},
        {session_pick(session, "Yrkesgrupp", "Group"), false},
        {session_pick(session, "Gäller från", "From"), false},
        {session_pick(session, "Befattningar", "Positions"), true},
        {session_pick(session, "Heltider", "Full-time"), true},
        {session_pick(session, "Redovisning", "Report"), false},
    };
    struct table *table = table_new(session->arena, 6, columns);

    for (size_t i = 0; i < reply->n_reports; i++) {
        const Report *report = reply->reports[i];
        const char *cells[6] = {report->unit, report->profession_group, report->effective_from};
        int32_t milli = 0;

        for (size_t k = 0; k < report->n_positions; k++)
            milli += report->positions[k]->fte_milli;
        cells[3] = cell_integer(session, (int64_t)report->n_positions);
        cells[4] = cell_fte(session, milli);
        cells[5] = *report->report_id != '\0' ? report->report_id : "–";
        table_row(table, cells);
    }
    return session_print_table(session, table, err);
}

static bool listings_taken(struct session *session, const ProtobufCMessage *message,
                           struct niva_error *err)
{
    const Niva__Compliance__V1__ImportListingsResponse *reply = (const void *)message;
    const struct column columns[] = {
        {session_pick(session, "Enhet", "Unit"), false},
        {session_pick(session, "Dag", "Day"), false},
        {session_pick(session, "Listade", "Listed"), true},
        {session_pick(session, "Viktade", "Weighted"), true},
    };
    struct table *table = table_new(session->arena, 4, columns);

    for (size_t i = 0; i < reply->n_listings; i++) {
        const Niva__Compliance__V1__Listing *listing = reply->listings[i];
        const char *cells[4] = {listing->unit, listing->as_of,
                                cell_integer(session, listing->listed),
                                session_pick(session, "inte angivet", "not given")};

        if (listing->weighted_case == NIVA__COMPLIANCE__V1__LISTING__WEIGHTED_WEIGHTED_MILLI)
            cells[3] = niva_arena_printf(session->arena, "%" PRId64 ",%03d",
                                         listing->weighted_milli / 1000,
                                         (int)(listing->weighted_milli % 1000));
        table_row(table, cells);
    }
    return session_print_table(session, table, err);
}

static bool contracts_taken(struct session *session, const ProtobufCMessage *message,
                            struct niva_error *err)
{
    const Niva__Compliance__V1__ImportContractsResponse *reply = (const void *)message;
    const struct column columns[] = {
        {session_pick(session, "Enhet", "Unit"), false},
        {session_pick(session, "Yrkesgrupp", "Group"), false},
        {session_pick(session, "Gäller från", "From"), false},
        {session_pick(session, "Gäller till", "To"), false},
        {session_pick(session, "Miniminivå", "Minimum"), true},
    };
    struct table *table = table_new(session->arena, 5, columns);

    for (size_t i = 0; i < reply->n_contracts; i++) {
        const Niva__Compliance__V1__Contract *contract = reply->contracts[i];
        const char *cells[5] = {contract->unit, contract->profession_group, contract->first_day,
                                cell_last_day(session, contract->last_day),
                                cell_fte(session, contract->minimum_milli)};

        table_row(table, cells);
    }
    return session_print_table(session, table, err);
}

static bool indicators_taken(struct session *session, const ProtobufCMessage *message,
                             struct niva_error *err)
{
    const Niva__Compliance__V1__ImportIndicatorsResponse *reply = (const void *)message;
    const struct column columns[] = {
        {session_pick(session, "Enhet", "Unit"), false},
        {session_pick(session, "Mått", "Indicator"), false},
        {session_pick(session, "Månad", "Month"), false},
        {session_pick(session, "Värde", "Value"), true},
        {session_pick(session, "Räknas i", "Measure"), false},
    };
    struct table *table = table_new(session->arena, 5, columns);

    for (size_t i = 0; i < reply->n_indicators; i++) {
        const Niva__Compliance__V1__Indicator *indicator = reply->indicators[i];
        const char *cells[5] = {indicator->unit, indicator->code, indicator->period,
                                cell_milli(session, indicator->value_milli), indicator->measure};

        table_row(table, cells);
    }
    return session_print_table(session, table, err);
}

static bool was_replayed(const ProtobufCMessage *reply)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(reply->descriptor, "replayed");
    protobuf_c_boolean replayed;

    memcpy(&replayed, (const char *)reply + field->offset, sizeof replayed);
    return replayed;
}

/* What became of it, in a sentence. */
static void result_say(const struct importing *importing, const ProtobufCMessage *reply,
                       size_t errors)
{
    const struct session *session = importing->session;
    const char *replayed = was_replayed(reply) ? session_pick(session, " Filen var redan inläst.",
                                                              " The file had been imported before.")
                                               : "";

    if (errors > 0)
        show(session->out,
             session_pick(session, "\n%s: filen är inte inläst, ingenting är sparat.\n",
                          "\n%s: the file was not imported, nothing was recorded.\n"),
             importing->path);
    else if (session->options.dry_run)
        show(session->out,
             session_pick(session, "\n%s: kan läsas in. Provkörning: ingenting är sparat.\n",
                          "\n%s: can be imported. Dry run: nothing was recorded.\n"),
             importing->path);
    else
        show(session->out,
             session_pick(session, "\n%s: inläst, allt är sparat, filen som inläsning %s.%s\n",
                          "\n%s: imported, all was recorded, the file as import %s.%s\n"),
             importing->path, niva_wire_get_text(reply, "import_id"), replayed);
}

static bool answer_print(struct importing *importing, const ProtobufCMessage *reply, size_t errors,
                         struct niva_error *err)
{
    struct session *session = importing->session;
    size_t warnings;
    RowMessage *const *odd = messages_of(reply, "warnings", &warnings);
    size_t count;
    RowMessage *const *wrong = messages_of(reply, "row_errors", &count);

    if (session->json)
        return session_print_json(session, reply, err);
    if (errors > 0 && !messages_print(session, wrong, errors, "Fel", "Error", err))
        return false;
    if (errors == 0 && !importing->kind->taken(session, reply, err))
        return false;
    if (warnings > 0) {
        fputs("\n", session->out);
        if (!messages_print(session, odd, warnings, "Att se över", "Worth a look", err))
            return false;
    }
    result_say(importing, reply, errors);
    return true;
}

/* ---- what follows from it ---- */

/* How far compliance has followed intake; -1 when it does not say. */
static int64_t followed_to(struct session *session)
{
    Niva__Control__V1__GetStatusRequest request = NIVA__CONTROL__V1__GET_STATUS_REQUEST__INIT;
    struct call call = {.recorded_at = INT64_MIN, .timeout_ms = CALL_MS};
    struct niva_arena *arena = niva_arena_new(SCRATCH_BYTES);
    ProtobufCMessage *reply;
    struct method method;
    struct niva_error err;
    int64_t position = -1;

    if (arena != NULL && method_find("niva.control.v1.ControlService/GetStatus", &method) &&
        session_call(session, COMPLIANCE, &method, &request.base, &call, arena, &reply, &err)) {
        const Niva__Control__V1__GetStatusResponse *status = (const void *)reply;

        for (size_t i = 0; i < status->n_applied; i++)
            if (strcmp(status->applied[i]->stream, "intake") == 0)
                position = status->applied[i]->position;
    }
    niva_arena_free(arena);
    return position;
}

/* The rows of the first reports. */
static size_t rows_of(const ImportReportsResponse *reply, int64_t reports)
{
    size_t rows = 0;

    for (size_t i = 0; i < reply->n_reports && (int64_t)i < reports; i++)
        rows += reply->reports[i]->n_positions > 0 ? reply->reports[i]->n_positions : 1;
    return rows;
}

/* The file is recorded; the bar shows its rows being judged. Whoever cannot say how far it has come
 * is no reason to fail. */
static void follow(struct importing *importing, const ImportReportsResponse *reply)
{
    int64_t deadline_ms = wait_deadline(importing->session);
    int64_t first = reply->position - (int64_t)reply->n_reports;
    const char *note = session_pick(importing->session, "bedöms", "being judged");

    while (importing->progress.done < importing->progress.all) {
        int64_t followed = followed_to(importing->session);
        size_t rows = rows_of(reply, followed - first);

        if (rows > importing->progress.done)
            progress_advance(&importing->progress, rows - importing->progress.done, note);
        if (followed < 0 || followed >= reply->position || niva_clock_monotonic_ms() >= deadline_ms)
            break;
        rest_ms(LOOK_MS);
    }
}

/* ---- templates ---- */

/* What a file is written as: never over another one. */
static bool template_write(const Niva__Common__V1__Template *template, struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];
    FILE *file = fopen(template->file_name, "wxe");

    if (file != NULL &&
        fwrite(template->content.data, 1, template->content.len, file) == template->content.len &&
        fclose(file) == 0)
        return true;
    snprintf(text_sv, sizeof text_sv, "Filen %.120s kan inte skrivas här, eller finns redan.",
             template->file_name);
    snprintf(text_en, sizeof text_en, "File %.120s cannot be written here, or exists already.",
             template->file_name);
    return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

/* The two services answer alike. */
static const Niva__Common__V1__Template *template_of(const ProtobufCMessage *reply)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(reply->descriptor, "template");
    const Niva__Common__V1__Template *template;

    memcpy(&template, (const char *)reply + field->offset, sizeof template);
    return template;
}

static bool template_ask(struct session *session, const char *kind, ProtobufCMessage **ret_reply,
                         struct niva_error *err)
{
    Niva__Intake__V1__DownloadTemplateRequest reports =
        NIVA__INTAKE__V1__DOWNLOAD_TEMPLATE_REQUEST__INIT;
    Niva__Compliance__V1__DownloadTemplateRequest others =
        NIVA__COMPLIANCE__V1__DOWNLOAD_TEMPLATE_REQUEST__INIT;
    bool csv = strcmp(session->options.template_format, "csv") == 0;

    reports.format =
        csv ? NIVA__COMMON__V1__TEMPLATE__FORMAT__CSV : NIVA__COMMON__V1__TEMPLATE__FORMAT__XLSX;
    others.format = reports.format;
    others.kind = NIVA__COMPLIANCE__V1__DOWNLOAD_TEMPLATE_REQUEST__KIND__LISTINGS;
    if (strcmp(kind, "contracts") == 0)
        others.kind = NIVA__COMPLIANCE__V1__DOWNLOAD_TEMPLATE_REQUEST__KIND__CONTRACTS;
    if (strcmp(kind, "indicators") == 0)
        others.kind = NIVA__COMPLIANCE__V1__DOWNLOAD_TEMPLATE_REQUEST__KIND__INDICATORS;
    if (strcmp(kind, "reports") == 0)
        return session_ask(session, "niva.intake.v1.ReportService/DownloadTemplate", &reports.base,
                           ret_reply, err);
    return session_ask(session, "niva.compliance.v1.RequirementService/DownloadTemplate",
                       &others.base, ret_reply, err);
}

static int template_run(struct session *session, const struct table_kind *kind)
{
    ProtobufCMessage *reply;
    struct niva_error err;

    if (kind == NULL)
        return session_refuse(session, "Mallen är reports, listings, contracts eller indicators.",
                              "The template is reports, listings, contracts or indicators.");
    niva_error_clear(&err);
    if (!template_ask(session, kind->name, &reply, &err))
        return session_fail(session, &err);
    if (session->json)
        return session_print_json(session, reply, &err) ? EXIT_YES : session_fail(session, &err);
    if (!template_write(template_of(reply), &err)) {
        session_fail(session, &err);
        return EXIT_USAGE;
    }
    show(session->out,
         session_pick(session, "Mallen är sparad: %s\n", "The template is saved: %s\n"),
         template_of(reply)->file_name);
    return EXIT_YES;
}

/* ---- the command ---- */

static const struct table_kind kinds[] = {
    {"reports", "niva.intake.v1.ReportService/ImportReports", 15 << 20, reports_taken},
    {"listings", "niva.compliance.v1.RequirementService/ImportListings", 1000000, listings_taken},
    {"contracts", "niva.compliance.v1.RequirementService/ImportContracts", 1000000,
     contracts_taken},
    {"indicators", "niva.compliance.v1.FollowUpService/ImportIndicators", 1000000,
     indicators_taken},
};

static const struct table_kind *kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static int file_import(struct importing *importing)
{
    struct session *session = importing->session;
    ProtobufCMessage *reply = NULL;
    struct niva_error err;
    size_t rows = 0;
    size_t errors;

    niva_error_clear(&err);
    if (!session_read_file(session, importing->path, session->arena, &importing->bytes,
                           &importing->size, &err) ||
        (importing->size > importing->kind->bytes_max && !refuse_large(importing, &err))) {
        session_fail(session, &err);
        return EXIT_USAGE;
    }
    if (!file_look(importing, &rows, &err))
        return session_fail(session, &err);
    progress_begin(&importing->progress, session, rows);
    progress_advance(&importing->progress, 0, session_pick(session, "prövas", "being checked"));
    if (!file_send(importing, &reply, &err)) {
        progress_clear(&importing->progress);
        return session_fail(session, &err);
    }
    messages_of(reply, "row_errors", &errors);
    if (errors == 0 && !session->options.dry_run &&
        reply->descriptor == &niva__intake__v1__import_reports_response__descriptor)
        follow(importing, (const void *)reply);
    progress_clear(&importing->progress);
    if (!answer_print(importing, reply, errors, &err))
        return session_fail(session, &err);
    return errors == 0 ? EXIT_YES : EXIT_NO;
}

int command_import(struct session *session, size_t count, const char *const *arguments)
{
    const struct table_kind *kind = kind_find(session->options.kind);

    if (count == 2 && strcmp(arguments[0], "template") == 0)
        return template_run(session, kind_find(arguments[1]));
    for (size_t i = 0; i < count; i++) {
        struct importing importing = {.session = session, .kind = kind, .path = arguments[i]};
        int code = file_import(&importing);

        if (code != EXIT_YES)
            return code;
    }
    return EXIT_YES;
}
