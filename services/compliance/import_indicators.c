/* A table of indicators, read and checked purely: a row for each unit, profession group, code and
 * month. */
#include <stdlib.h>
#include <string.h>

#include "services/common/sheets/template.h"
#include "services/common/sheets/upload.h"
#include "services/compliance/checks.h"
#include "services/compliance/decide.h"
#include "services/compliance/import.h"

typedef Niva__Compliance__V1__ImportIndicatorsRequest ImportRequest;

enum column {
    COLUMN_UNIT,
    COLUMN_GROUP,
    COLUMN_CODE,
    COLUMN_PERIOD,
    COLUMN_VALUE,
    COLUMN_MEASURE,
    COLUMN_SOURCE,
    COLUMN_RECEIVED,
    COLUMNS,
};
static const struct niva_form_column columns[COLUMNS] = {
    [COLUMN_UNIT] = {"Enhet", "unit|hsa id|vårdcentral", true},
    [COLUMN_GROUP] = {"Yrkesgrupp", "profession group|group", true},
    [COLUMN_CODE] = {"Mått", "code|indicator|indikator", true},
    [COLUMN_PERIOD] = {"Månad", "period|month", true},
    [COLUMN_VALUE] = {"Värde", "value", true},
    [COLUMN_MEASURE] = {"Räknas i", "measure|måttenhet", true},
    [COLUMN_SOURCE] = {"Källa", "source", true},
    [COLUMN_RECEIVED] = {"Mottagen", "received at|received", false},
};
static const char *const notes[COLUMNS] = {
    [COLUMN_UNIT] = "Vårdcentralens HSA-id, t.ex. SE2321000016-A001.",
    [COLUMN_GROUP] = "Yrkesgruppen, t.ex. fysioterapeut.",
    [COLUMN_CODE] = "Måttets namn, alltid detsamma: besök, patienter.",
    [COLUMN_PERIOD] = "Månaden: 2022-05. En dag som är månadens första duger också.",
    [COLUMN_VALUE] =
        "Värdet, högst tre decimaler. Tomt är inte noll: ta bort raden om värdet saknas.",
    [COLUMN_MEASURE] = "Vad som räknas, t.ex. besök.",
    [COLUMN_SOURCE] = "Varifrån värdet kommer, t.ex. ett uttag. Inga namn.",
    [COLUMN_RECEIVED] = "Dagen då uppgiften kom in, om den inte är dagens.",
};
const struct niva_template indicators_template = {"Mått", "matt-mall", columns, COLUMNS, notes};

/* A file while it is read. */
struct reading {
    struct niva_arena *arena;
    struct import *import;
    struct niva_form form;
    const struct Google__Protobuf__Timestamp *received_at; /* of the file; NULL: not given */
};

static const char *name_of(const struct reading *reading, size_t column)
{
    return niva_form_name(&reading->form, column);
}

/* ---- cells ---- */

static bool read_text(struct reading *reading, size_t column, char **ret_text)
{
    const char *text;
    if (niva_form_text(&reading->form, column, &text) != NIVA_GIVEN)
        return false;
    *ret_text = (char *)(uintptr_t)text;
    return true;
}

/* A spreadsheet makes the first day of a month that is typed. */
static bool read_period(struct reading *reading, char **ret_period)
{
    char *text;
    struct niva_span month;
    if (!read_text(reading, COLUMN_PERIOD, &text))
        return false;
    size_t length = strlen(text);
    if (length == 10 && strcmp(text + 7, "-01") == 0)
        text = niva_arena_printf(reading->arena, "%.7s", text);
    reading->import->errors.failed |= text == NULL;
    if (text == NULL)
        return false;
    *ret_period = text;
    if (niva_month_parse(text, &month))
        return true;
    niva_form_remark(&reading->form, COLUMN_PERIOD, "MONTH_MALFORMED",
                     "Månaden skrivs 2022-05, inte ”%.40s”.",
                     "A month is written 2022-05, not \"%.40s\".", text);
    return false;
}

static bool read_received(struct reading *reading,
                          struct Google__Protobuf__Timestamp **ret_received)
{
    niva_day day;
    enum niva_given given = niva_form_day(&reading->form, COLUMN_RECEIVED, &day);
    *ret_received = (struct Google__Protobuf__Timestamp *)(uintptr_t)reading->received_at;
    if (given != NIVA_GIVEN)
        return given == NIVA_ABSENT;
    *ret_received = niva_wire_timestamp(niva_local_midnight(day), reading->arena);
    reading->import->errors.failed |= *ret_received == NULL;
    return *ret_received != NULL;
}

/* ---- rows ---- */

static void take_violations(struct reading *reading, const struct niva_error *err)
{
    static const struct {
        const char *field;
        size_t column;
    } fields[] = {{"unit", COLUMN_UNIT},       {"professionGroup", COLUMN_GROUP},
                  {"code", COLUMN_CODE},       {"valueMilli", COLUMN_VALUE},
                  {"measure", COLUMN_MEASURE}, {"source", COLUMN_SOURCE}};
    for (size_t i = 0; i < err->violation_count; i++) {
        const struct niva_violation *violation = &err->violations[i];
        const char *column = "";
        for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
            if (strcmp(fields[k].field, violation->field) == 0)
                column = name_of(reading, fields[k].column);
        }
        niva_remark_text(&reading->import->errors, reading->form.row->number, column,
                         violation->reason, violation->text_sv, violation->text_en);
    }
}

static bool row_check(struct reading *reading, const pb_indicator *indicator)
{
    struct niva_check check;
    struct niva_error err;
    niva_check_begin(&check, &err);
    check_indicator(&check, indicator);
    if (niva_check_end(&check))
        return true;
    take_violations(reading, &err);
    return false;
}

static bool row_read(struct reading *reading, struct import_row *row)
{
    pb_indicator *indicator =
        niva_wire_new(&niva__compliance__v1__indicator__descriptor, reading->arena);
    reading->import->errors.failed |= indicator == NULL;
    if (indicator == NULL)
        return false;
    bool good = read_text(reading, COLUMN_UNIT, &indicator->unit);
    good &= read_text(reading, COLUMN_GROUP, &indicator->profession_group);
    good &= read_text(reading, COLUMN_CODE, &indicator->code);
    good &= read_period(reading, &indicator->period);
    good &= niva_form_number(&reading->form, COLUMN_VALUE, 3, false, &indicator->value_milli) ==
            NIVA_GIVEN;
    good &= read_text(reading, COLUMN_MEASURE, &indicator->measure);
    good &= read_text(reading, COLUMN_SOURCE, &indicator->source);
    good &= read_received(reading, &indicator->received_at);
    indicator->value_case = NIVA__COMPLIANCE__V1__INDICATOR__VALUE_VALUE_MILLI;
    if (!good || !row_check(reading, indicator))
        return false;
    row->indicator = indicator;
    row->unit = indicator->unit;
    row->id = indicator_id(indicator, reading->arena);
    reading->import->errors.failed |= row->id == NULL;
    return row->id != NULL;
}

static int compare_rows(const void *left, const void *right)
{
    const struct import_row *a = *(const struct import_row *const *)left;
    const struct import_row *b = *(const struct import_row *const *)right;
    int order = strcmp(a->id, b->id);
    return order != 0 ? order : (a->row < b->row ? -1 : a->row > b->row);
}

/* The same figure twice cannot both be meant. */
static bool check_unique(struct reading *reading)
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
        if (strcmp(sorted[i]->id, sorted[i - 1]->id) == 0)
            niva_remark(&import->errors, sorted[i]->row, name_of(reading, COLUMN_PERIOD),
                        "ROW_TWICE", "Rad %d har redan samma mått för enheten och månaden.",
                        "Row %d has the same indicator of the unit and month already.",
                        (int)sorted[i - 1]->row);
    }
    return true;
}

static bool rows_read(struct reading *reading, const struct niva_sheet *sheet)
{
    struct import *import = reading->import;
    bool good = niva_form_open(&reading->form, sheet, columns, COLUMNS, &import->errors);
    import->received = name_of(reading, COLUMN_RECEIVED);
    import->period = name_of(reading, COLUMN_PERIOD);
    if (!good)
        return true;
    if (sheet->row_count == 1)
        niva_remark(&import->errors, 0, "", "NO_ROWS", "Filen har bara rubriker.",
                    "The file has headings alone.");
    while (niva_form_next(&reading->form)) {
        struct import_row row = {.row = reading->form.row->number};
        import->rows_read++;
        if (row_read(reading, &row))
            import->rows[import->count++] = row;
    }
    return check_unique(reading);
}

static struct niva_upload upload_of(const ImportRequest *request)
{
    return (struct niva_upload){request->media_type, request->file_name, request->sheet,
                                request->content};
}

bool import_indicators_prepare(const ProtobufCMessage *message, struct niva_arena *arena,
                               const void **ret_prepared, struct niva_error *err)
{
    const ImportRequest *request = (const void *)message;
    const struct niva_upload upload = upload_of(request);
    struct import *import = niva_arena_alloc(arena, sizeof *import);
    struct niva_sheet sheet;
    if (import == NULL)
        return niva_fail_memory(err);
    *import = (struct import){0};
    struct reading reading = {
        .arena = arena, .import = import, .received_at = request->received_at};
    if (!niva_upload_read(&upload, arena, &sheet, err))
        return false;
    if (sheet.row_count > IMPORT_ROWS_MAX + 1)
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, "content", "TOO_LARGE",
                           "Filen får ha högst %d rader. Dela den.",
                           "The file may have at most %d rows. Split it.", IMPORT_ROWS_MAX);
    import->rows = niva_arena_array(arena, sheet.row_count, sizeof *import->rows);
    niva_remarks_begin(&import->errors, arena);
    if (import->rows == NULL || !rows_read(&reading, &sheet) || import->errors.failed)
        return niva_fail_memory(err);
    if (!import_keep_file(&upload, request->received_at, import, err))
        return false;
    *ret_prepared = import;
    return true;
}

bool check_import_indicators(const ProtobufCMessage *message, struct niva_error *err)
{
    const ImportRequest *request = (const void *)message;
    const struct niva_upload upload = upload_of(request);
    struct niva_check check;
    niva_instant instant;
    niva_check_begin(&check, err);
    niva_upload_check(&check, &upload, IMPORT_BYTES_MAX);
    niva_check_timestamp(&check, "received_at", request->received_at, &instant);
    return niva_check_end(&check);
}
