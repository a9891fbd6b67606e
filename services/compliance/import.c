#include "services/compliance/import.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/sheets/template.h"
#include "services/common/sheets/upload.h"
#include "services/compliance/checks.h"
#include "services/compliance/handlers.h"

enum listing_column {
    LISTING_UNIT,
    LISTING_DAY,
    LISTING_LISTED,
    LISTING_WEIGHTED,
    LISTING_WEIGHTED_MILLI,
    LISTING_RECEIVED,
    LISTING_COLUMNS,
};
static const struct niva_form_column listing_columns[LISTING_COLUMNS] = {
    [LISTING_UNIT] = {"Enhet", "unit|hsa id|vårdcentral", true},
    [LISTING_DAY] = {"Dag", "as of|mätdag|per den", true},
    [LISTING_LISTED] = {"Listade", "listed", true},
    [LISTING_WEIGHTED] = {"Viktade", "weighted|viktad listning", false},
    [LISTING_WEIGHTED_MILLI] = {"weighted_milli", "weighted milli", false},
    [LISTING_RECEIVED] = {"Mottagen", "received at|received", false},
};

enum contract_column {
    CONTRACT_UNIT,
    CONTRACT_GROUP,
    CONTRACT_FIRST,
    CONTRACT_LAST,
    CONTRACT_MINIMUM,
    CONTRACT_MINIMUM_MILLI,
    CONTRACT_BINDING,
    CONTRACT_REFERENCE,
    CONTRACT_RECEIVED,
    CONTRACT_COLUMNS,
};
static const struct niva_form_column contract_columns[CONTRACT_COLUMNS] = {
    [CONTRACT_UNIT] = {"Enhet", "unit|hsa id|vårdcentral", true},
    [CONTRACT_GROUP] = {"Yrkesgrupp", "profession group|group", true},
    [CONTRACT_FIRST] = {"Gäller från", "first day", true},
    [CONTRACT_LAST] = {"Gäller till", "last day|gäller till och med", false},
    [CONTRACT_MINIMUM] = {"Miniminivå", "minimum|kontrakterad miniminivå", false},
    [CONTRACT_MINIMUM_MILLI] = {"minimum_milli", "minimum milli", false},
    [CONTRACT_BINDING] = {"Bindande från", "binding from", false},
    [CONTRACT_REFERENCE] = {"Referens", "reference|avtal", false},
    [CONTRACT_RECEIVED] = {"Mottagen", "received at|received", false},
};

/* A kind of table: its columns, and what makes a message of the present row; NULL when the row
 * cannot be read, with remarks. */
struct reading;
struct table {
    const char *method;
    const struct niva_form_column *columns;
    size_t column_count;
    size_t received;
    size_t amount;       /* a column that may be replaced */
    size_t amount_milli; /* by this one */
    bool amount_required;
    bool (*row_read)(struct reading *reading, struct import_row *row);
};

struct reading {
    struct niva_arena *arena;
    struct import *import;
    struct niva_form form;
    const struct Google__Protobuf__Timestamp *received_at; /* of the file; NULL: not given */
    const char *names[NIVA_FORM_COLUMNS_MAX];
};

/* ---- cells ---- */

static char *day_text(struct reading *reading, niva_day day)
{
    char text[16];
    niva_day_format(day, text);
    char *copy = niva_arena_strdup(reading->arena, text);
    reading->import->errors.failed |= copy == NULL;
    return copy;
}

/* A day as the messages have it; left alone where it is not given. */
static bool read_day(struct reading *reading, size_t column, char **ret_text)
{
    niva_day day;
    enum niva_given given = niva_form_day(&reading->form, column, &day);
    if (given == NIVA_GIVEN)
        *ret_text = day_text(reading, day);
    return given != NIVA_BAD && *ret_text != NULL;
}

static bool read_text(struct reading *reading, size_t column, char **ret_text)
{
    const char *text;
    enum niva_given given = niva_form_text(&reading->form, column, &text);
    if (given == NIVA_GIVEN)
        *ret_text = (char *)(uintptr_t)text;
    return given != NIVA_BAD;
}

/* An amount in thousandths, from a decimal column or from one that is in thousandths itself. */
static enum niva_given read_amount(struct reading *reading, size_t column, size_t milli_column,
                                   int64_t *ret_milli)
{
    bool milli = reading->form.at[column] == SIZE_MAX;
    return niva_form_number(&reading->form, milli ? milli_column : column, milli ? 0 : 3, false,
                            ret_milli);
}

static bool read_received(struct reading *reading, size_t column,
                          struct Google__Protobuf__Timestamp **ret_received)
{
    niva_day day;
    enum niva_given given = niva_form_day(&reading->form, column, &day);
    *ret_received = (struct Google__Protobuf__Timestamp *)(uintptr_t)reading->received_at;
    if (given != NIVA_GIVEN)
        return given == NIVA_ABSENT;
    *ret_received = niva_wire_timestamp(niva_local_midnight(day), reading->arena);
    reading->import->errors.failed |= *ret_received == NULL;
    return *ret_received != NULL;
}

/* ---- what a check of the row found ---- */

static const struct {
    const char *field;
    size_t listing;
    size_t contract;
} fields[] = {
    {"unit", LISTING_UNIT, CONTRACT_UNIT},         {"asOf", LISTING_DAY, SIZE_MAX},
    {"listed", LISTING_LISTED, SIZE_MAX},          {"weightedMilli", LISTING_WEIGHTED, SIZE_MAX},
    {"professionGroup", SIZE_MAX, CONTRACT_GROUP}, {"firstDay", SIZE_MAX, CONTRACT_FIRST},
    {"lastDay", SIZE_MAX, CONTRACT_LAST},          {"minimumMilli", SIZE_MAX, CONTRACT_MINIMUM},
    {"bindingFrom", SIZE_MAX, CONTRACT_BINDING},   {"reference", SIZE_MAX, CONTRACT_REFERENCE},
};

static void take_violations(struct reading *reading, const struct niva_error *err)
{
    bool listing = reading->form.columns == listing_columns;
    for (size_t i = 0; i < err->violation_count; i++) {
        const struct niva_violation *violation = &err->violations[i];
        const char *column = "";
        for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
            size_t at = listing ? fields[k].listing : fields[k].contract;
            if (at != SIZE_MAX && strcmp(fields[k].field, violation->field) == 0)
                column = reading->names[at];
        }
        niva_remark_text(&reading->import->errors, reading->form.row->number, column,
                         violation->reason, violation->text_sv, violation->text_en);
    }
}

/* ---- rows ---- */

static bool read_listing_row(struct reading *reading, struct import_row *row)
{
    struct niva_form *form = &reading->form;
    pb_listing *listing = niva_wire_new(&niva__compliance__v1__listing__descriptor, reading->arena);
    int64_t listed = 0;
    int64_t weighted = 0;
    reading->import->errors.failed |= listing == NULL;
    if (listing == NULL)
        return false;
    bool good = read_text(reading, LISTING_UNIT, &listing->unit);
    good &= read_day(reading, LISTING_DAY, &listing->as_of);
    good &= niva_form_number(form, LISTING_LISTED, 0, false, &listed) == NIVA_GIVEN;
    enum niva_given given =
        read_amount(reading, LISTING_WEIGHTED, LISTING_WEIGHTED_MILLI, &weighted);
    good &= given != NIVA_BAD;
    good &= read_received(reading, LISTING_RECEIVED, &listing->received_at);
    if (!good)
        return false;
    listing->listed = (int32_t)(listed < -1 || listed > INT32_MAX ? -1 : listed);
    if (given == NIVA_GIVEN) {
        listing->weighted_case = NIVA__COMPLIANCE__V1__LISTING__WEIGHTED_WEIGHTED_MILLI;
        listing->weighted_milli = weighted;
    }
    struct niva_check check;
    struct niva_error err;
    niva_check_begin(&check, &err);
    check_listing(&check, listing);
    row->listing = listing;
    row->unit = listing->unit;
    row->id = niva_arena_printf(reading->arena, "%s/%s", listing->unit, listing->as_of);
    reading->import->errors.failed |= row->id == NULL;
    if (niva_check_end(&check))
        return row->id != NULL;
    take_violations(reading, &err);
    return false;
}

static bool read_contract_row(struct reading *reading, struct import_row *row)
{
    pb_contract *contract =
        niva_wire_new(&niva__compliance__v1__contract__descriptor, reading->arena);
    int64_t minimum = 0;
    reading->import->errors.failed |= contract == NULL;
    if (contract == NULL)
        return false;
    bool good = read_text(reading, CONTRACT_UNIT, &contract->unit);
    good &= read_text(reading, CONTRACT_GROUP, &contract->profession_group);
    good &= read_day(reading, CONTRACT_FIRST, &contract->first_day);
    good &= read_day(reading, CONTRACT_LAST, &contract->last_day);
    enum niva_given given =
        read_amount(reading, CONTRACT_MINIMUM, CONTRACT_MINIMUM_MILLI, &minimum);
    if (given == NIVA_ABSENT)
        niva_form_remark_blank(&reading->form, reading->form.at[CONTRACT_MINIMUM] == SIZE_MAX
                                                   ? CONTRACT_MINIMUM_MILLI
                                                   : CONTRACT_MINIMUM);
    good &= given == NIVA_GIVEN;
    good &= read_day(reading, CONTRACT_BINDING, &contract->binding_from);
    good &= read_text(reading, CONTRACT_REFERENCE, &contract->reference);
    good &= read_received(reading, CONTRACT_RECEIVED, &contract->received_at);
    if (!good)
        return false;
    contract->minimum_milli = (int32_t)(minimum < -1 || minimum > INT32_MAX ? -1 : minimum);
    struct niva_check check;
    struct niva_error err;
    niva_check_begin(&check, &err);
    check_contract(&check, contract);
    row->contract = contract;
    row->unit = contract->unit;
    row->id = niva_arena_printf(reading->arena, "%s/%s/%s", contract->unit,
                                contract->profession_group, contract->first_day);
    reading->import->errors.failed |= row->id == NULL;
    if (niva_check_end(&check))
        return row->id != NULL;
    take_violations(reading, &err);
    return false;
}

static const struct table tables[] = {
    {"/niva.compliance.v1.RequirementService/ImportListings", listing_columns, LISTING_COLUMNS,
     LISTING_RECEIVED, LISTING_WEIGHTED, LISTING_WEIGHTED_MILLI, false, read_listing_row},
    {"/niva.compliance.v1.RequirementService/ImportContracts", contract_columns, CONTRACT_COLUMNS,
     CONTRACT_RECEIVED, CONTRACT_MINIMUM, CONTRACT_MINIMUM_MILLI, true, read_contract_row},
};

/* ---- the table ---- */

/* The amount stands in one of two columns. */
static bool check_heading(struct reading *reading, const struct table *table)
{
    struct niva_form *form = &reading->form;
    bool plain = form->at[table->amount] != SIZE_MAX;
    bool milli = form->at[table->amount_milli] != SIZE_MAX;
    if (!plain && !milli && table->amount_required)
        niva_form_remark(form, table->amount, "COLUMN_MISSING", "Kolumnen ”%s” saknas.",
                         "The column \"%s\" is missing.", table->columns[table->amount].name);
    if (plain && milli)
        niva_form_remark(form, table->amount_milli, "COLUMN_TWICE",
                         "Kolumnen säger detsamma som ”%s”: ta bort den ena.",
                         "The column says the same as \"%s\": remove one of them.",
                         niva_form_name(form, table->amount));
    return !(plain && milli) && (plain || milli || !table->amount_required);
}

static int compare_rows(const void *left, const void *right)
{
    const struct import_row *a = *(const struct import_row *const *)left;
    const struct import_row *b = *(const struct import_row *const *)right;
    int order = strcmp(a->id, b->id);
    return order != 0 ? order : (a->row < b->row ? -1 : a->row > b->row);
}

/* The same unit and day (and group) twice cannot both be meant. */
static bool check_unique(struct reading *reading, const struct table *table)
{
    struct import *import = reading->import;
    const struct import_row **sorted =
        niva_arena_array(reading->arena, import->count, sizeof *sorted);
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < import->count; i++)
        sorted[i] = &import->rows[i];
    if (import->count > 1)
        qsort(sorted, import->count, sizeof *sorted, compare_rows);
    for (size_t i = 1; i < import->count; i++) {
        if (strcmp(sorted[i]->id, sorted[i - 1]->id) != 0)
            continue;
        niva_remark(
            &import->errors, sorted[i]->row,
            reading->names[table->columns == listing_columns ? LISTING_DAY : CONTRACT_FIRST],
            "ROW_TWICE", "Rad %d säger redan något för samma enhet och dag.",
            "Row %d says something of the same unit and day already.", (int)sorted[i - 1]->row);
    }
    return true;
}

static bool read_rows(struct reading *reading, const struct table *table,
                      const struct niva_sheet *sheet)
{
    struct import *import = reading->import;
    bool good =
        niva_form_open(&reading->form, sheet, table->columns, table->column_count, &import->errors);
    for (size_t i = 0; i < table->column_count; i++)
        reading->names[i] = niva_form_name(&reading->form, i);
    if (reading->form.at[table->amount] == SIZE_MAX)
        reading->names[table->amount] = reading->names[table->amount_milli];
    import->received = reading->names[table->received];
    if (!check_heading(reading, table) || !good)
        return true;
    if (sheet->row_count == 1)
        niva_remark(&import->errors, 0, "", "NO_ROWS", "Filen har bara rubriker.",
                    "The file has headings alone.");
    while (niva_form_next(&reading->form)) {
        struct import_row row = {.row = reading->form.row->number};
        import->rows_read++;
        if (table->row_read(reading, &row))
            import->rows[import->count++] = row;
    }
    return check_unique(reading, table);
}

static bool read_table(const struct table *table, const struct niva_upload *upload,
                       struct reading *reading, struct niva_error *err)
{
    struct niva_sheet sheet;
    if (!niva_upload_read(upload, reading->arena, &sheet, err))
        return false;
    if (sheet.row_count > IMPORT_ROWS_MAX + 1)
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, "content", "TOO_LARGE",
                           "Filen får ha högst %d rader. Dela den.",
                           "The file may have at most %d rows. Split it.", IMPORT_ROWS_MAX);
    reading->import->rows =
        niva_arena_array(reading->arena, sheet.row_count, sizeof *reading->import->rows);
    niva_remarks_begin(&reading->import->errors, reading->arena);
    if (reading->import->rows == NULL || !read_rows(reading, table, &sheet) ||
        reading->import->errors.failed)
        return niva_fail_memory(err);
    return true;
}

/* The two requests have the same fields. */
static struct niva_upload upload_of(const struct table *table, const ProtobufCMessage *message,
                                    const struct Google__Protobuf__Timestamp **ret_received)
{
    if (table->columns == listing_columns) {
        const Niva__Compliance__V1__ImportListingsRequest *request = (const void *)message;
        *ret_received = request->received_at;
        return (struct niva_upload){request->media_type, request->file_name, request->sheet,
                                    request->content};
    }
    const Niva__Compliance__V1__ImportContractsRequest *request = (const void *)message;
    *ret_received = request->received_at;
    return (struct niva_upload){request->media_type, request->file_name, request->sheet,
                                request->content};
}

bool import_keep_file(const struct niva_upload *upload,
                      const struct Google__Protobuf__Timestamp *received_at, struct import *import,
                      struct niva_error *err)
{
    uint8_t digest[32];
    import->media_type =
        strchr(upload->media_type, '/') != NULL
            ? upload->media_type
            : niva_sheet_media_type(niva_sheet_sniff(upload->content.data, upload->content.len));
    import->file_name = upload->file_name;
    import->content = upload->content;
    import->received_at = received_at;
    if (EVP_Digest(import->content.data, import->content.len, digest, NULL, EVP_sha256(), NULL) !=
        1)
        return niva_fail_internal(err, "SHA-256 is not to be had");
    niva_hex(digest, sizeof digest, import->sha256);
    return true;
}

bool import_prepare(const char *method, const ProtobufCMessage *request, struct niva_arena *arena,
                    const void **ret_prepared, struct niva_error *err)
{
    const struct table *table = NULL;
    if (strcmp(method, "/niva.compliance.v1.FollowUpService/ImportIndicators") == 0)
        return import_indicators_prepare(request, arena, ret_prepared, err);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (strcmp(tables[i].method, method) == 0)
            table = &tables[i];
    }
    if (table == NULL)
        return true;
    struct reading *reading = niva_arena_alloc(arena, sizeof *reading);
    struct import *import = niva_arena_alloc(arena, sizeof *import);
    if (reading == NULL || import == NULL)
        return niva_fail_memory(err);
    *reading = (struct reading){.arena = arena, .import = import};
    const struct niva_upload upload = upload_of(table, request, &reading->received_at);
    if (!read_table(table, &upload, reading, err) ||
        !import_keep_file(&upload, reading->received_at, import, err))
        return false;
    *ret_prepared = import;
    return true;
}

/* ---- templates ---- */

static const char *const listing_notes[LISTING_COLUMNS] = {
    [LISTING_UNIT] = "Vårdcentralens HSA-id, t.ex. SE2321000016-A001.",
    [LISTING_DAY] = "Dagen som antalet gäller: 2022-05-31.",
    [LISTING_LISTED] =
        "Antalet listade, ett heltal. Tomt är inte noll: ta bort raden om antalet saknas.",
    [LISTING_WEIGHTED] =
        "Den viktade listningen, högst tre decimaler; tomt om den inte är angiven.",
    [LISTING_RECEIVED] = "Dagen då uppgiften kom in, om den inte är dagens.",
};
static const char *const contract_notes[CONTRACT_COLUMNS] = {
    [CONTRACT_UNIT] = "Vårdcentralens HSA-id, t.ex. SE2321000016-A001.",
    [CONTRACT_GROUP] = "Yrkesgruppen, t.ex. fysioterapeut.",
    [CONTRACT_FIRST] = "Första dagen: 2022-01-01.",
    [CONTRACT_LAST] = "Sista dagen; tomt betyder tills vidare.",
    [CONTRACT_MINIMUM] =
        "Måste anges. Kontrakterad miniminivå i heltider, högst tre decimaler: 2,80.",
    [CONTRACT_BINDING] =
        "Dagen från vilken nivån binder, om den meddelades senare än den första dagen.",
    [CONTRACT_REFERENCE] = "Avtalet, t.ex. dess nummer.",
    [CONTRACT_RECEIVED] = "Dagen då uppgiften kom in, om den inte är dagens.",
};
static const struct niva_template listings_template = {"Listning", "listning-mall", listing_columns,
                                                       LISTING_COLUMNS, listing_notes};
static const struct niva_template contracts_template = {"Avtal", "avtal-mall", contract_columns,
                                                        CONTRACT_COLUMNS, contract_notes};

bool read_download_template(struct niva_read *read, const ProtobufCMessage *message,
                            ProtobufCMessage *reply, struct niva_error *err)
{
    static const struct niva_template *const templates[] = {
        [NIVA__COMPLIANCE__V1__DOWNLOAD_TEMPLATE_REQUEST__KIND__LISTINGS] = &listings_template,
        [NIVA__COMPLIANCE__V1__DOWNLOAD_TEMPLATE_REQUEST__KIND__CONTRACTS] = &contracts_template,
        [NIVA__COMPLIANCE__V1__DOWNLOAD_TEMPLATE_REQUEST__KIND__INDICATORS] = &indicators_template,
    };
    const Niva__Compliance__V1__DownloadTemplateRequest *request = (const void *)message;
    Niva__Compliance__V1__DownloadTemplateResponse *response = (void *)reply;
    enum niva_sheet_format format = request->format == NIVA__COMMON__V1__TEMPLATE__FORMAT__CSV
                                        ? NIVA_SHEET_CSV
                                        : NIVA_SHEET_XLSX;
    struct niva_check check;
    niva_check_begin(&check, err);
    niva_check_given(&check, "kind", (int)request->kind);
    return niva_check_end(&check) && niva_template_make(templates[request->kind], format,
                                                        read->arena, &response->template_, err);
}

/* ---- checks ---- */

static bool check_upload(const struct table *table, const ProtobufCMessage *request,
                         struct niva_error *err)
{
    const struct Google__Protobuf__Timestamp *received_at;
    const struct niva_upload upload = upload_of(table, request, &received_at);
    struct niva_check check;
    niva_instant instant;
    niva_check_begin(&check, err);
    niva_upload_check(&check, &upload, IMPORT_BYTES_MAX);
    niva_check_timestamp(&check, "received_at", received_at, &instant);
    return niva_check_end(&check);
}

bool check_import_listings(const ProtobufCMessage *request, struct niva_error *err)
{
    return check_upload(&tables[0], request, err);
}

bool check_import_contracts(const ProtobufCMessage *request, struct niva_error *err)
{
    return check_upload(&tables[1], request, err);
}
