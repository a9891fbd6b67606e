#include "services/intake/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "services/common/sheets/upload.h"
#include "services/intake/handlers.h"

typedef Niva__Intake__V1__Position Position;
typedef Niva__Intake__V1__StaffingReport Report;

#define EMPLOYMENT(name) NIVA__INTAKE__V1__POSITION__EMPLOYMENT__##name
#define REASON(name)     NIVA__INTAKE__V1__STAFFING_REPORT__REASON__##name

enum { HEADER_COLUMNS = IMPORT_COLUMNS - IMPORT_REASON };

static const struct niva_form_word employments[] = {
    {"anställd|employed", EMPLOYMENT(EMPLOYED)},
    {"vikarie|substitute", EMPLOYMENT(SUBSTITUTE)},
    {"inhyrd|hired", EMPLOYMENT(HIRED)},
    {"underleverantör|subcontracted", EMPLOYMENT(SUBCONTRACTED)},
    {0},
};
static const struct niva_form_word reasons[] = {
    {"nyanställning|new hire", REASON(NEW_HIRE)},
    {"slutat|left", REASON(LEFT)},
    {"ändrad grad|ändrad sysselsättningsgrad|changed grade", REASON(CHANGED_GRADE)},
    {"frånvaro|absence", REASON(ABSENCE)},
    {"åter|åter i tjänst|return", REASON(RETURN)},
    {"vikarie|substitute", REASON(SUBSTITUTE)},
    {"rättelse|correction", REASON(CORRECTION)},
    {"återkommande|periodic", REASON(PERIODIC)},
    {"annat|other", REASON(OTHER)},
    {0},
};
static const struct niva_form_word roles[] = {
    {"verksamhetschef|head", NIVA__INTAKE__V1__CERTIFIER__ROLE__HEAD},
    {"ställföreträdare|deputy", NIVA__INTAKE__V1__CERTIFIER__ROLE__DEPUTY},
    {0},
};

/* ---- reading rows ---- */

/* What a column of the report says, and the row that says so first; row 0: nothing. */
struct header_value {
    int32_t row;
    int64_t number;
    const char *text;
};

/* A report while its rows are gathered. */
struct draft {
    const char *unit;
    const char *group;
    char from[16];
    int32_t row;
    int32_t nobody_row; /* says that nobody works there; 0: none does */
    size_t position_count;
    bool incomplete; /* a row cannot be read */
    struct header_value header[HEADER_COLUMNS];
    struct draft *next; /* of the same bucket */
    struct import_report *made;
};

/* A row that belongs to a draft and has a position. */
struct placed {
    int32_t row;
    struct draft *draft;
    Position *position;
};

enum { BUCKETS = 4096 };

struct reading {
    const Niva__Intake__V1__ImportReportsRequest *request;
    struct niva_arena *arena;
    struct import *import;
    struct niva_form form;
    size_t draft_count;
    struct draft **drafts;
    struct draft *buckets[BUCKETS];
    size_t placed_count;
    struct placed *placed;
};

static size_t bucket_of(const char *unit, const char *group, const char *from)
{
    const char *texts[] = {unit, group, from};
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < 3; i++)
        for (const char *c = texts[i]; *c != '\0'; c++)
            hash = (hash ^ (uint8_t)*c) * 16777619u;
    return hash % BUCKETS;
}

/* The draft that the present row belongs to. NULL when memory is out. */
static struct draft *draft_find(struct reading *reading, const char *unit, const char *group,
                                const char *from)
{
    struct draft **bucket = &reading->buckets[bucket_of(unit, group, from)];
    struct draft *draft = *bucket;

    while (draft != NULL && (strcmp(draft->unit, unit) != 0 || strcmp(draft->group, group) != 0 ||
                             strcmp(draft->from, from) != 0))
        draft = draft->next;
    if (draft != NULL)
        return draft;
    draft = niva_arena_alloc(reading->arena, sizeof *draft);
    if (draft == NULL)
        return NULL;
    *draft = (struct draft){
        .unit = unit, .group = group, .row = reading->form.row->number, .next = *bucket};
    snprintf(draft->from, sizeof draft->from, "%s", from);
    *bucket = draft;
    reading->drafts[reading->draft_count++] = draft;
    return draft;
}

/* The violations of a check of one row. */
static void row_errors_take(struct reading *reading, const struct niva_error *err)
{
    const struct import *import = reading->import;

    for (size_t i = 0; i < err->violation_count; i++) {
        const struct niva_violation *violation = &err->violations[i];

        niva_remark_text(&reading->import->errors, reading->form.row->number,
                         import_column_name(import, violation->field), violation->reason,
                         violation->text_sv, violation->text_en);
    }
}

/* Degree of employment, by the column that the file has. */
static bool fte_read(struct reading *reading, int32_t *ret_milli)
{
    struct niva_form *form = &reading->form;
    bool milli = form->at[IMPORT_FTE] == SIZE_MAX;
    enum import_column column = milli ? IMPORT_FTE_MILLI : IMPORT_FTE;
    int64_t value;
    enum niva_given given = niva_form_number(form, column, milli ? 0 : 3, !milli, &value);

    if (given == NIVA_ABSENT)
        niva_form_remark_blank(form, column);
    if (given != NIVA_GIVEN)
        return false;
    if (value >= 0 && value <= NIVA_FULL_TIME_MILLI) {
        *ret_milli = (int32_t)value;
        return true;
    }
    if (milli)
        niva_form_remark(form, column, "NUMBER_OUT_OF_RANGE", "Värdet ska vara 0 till %d.",
                         "The value must be 0 to %d.", NIVA_FULL_TIME_MILLI);
    else
        niva_form_remark(form, column, "NUMBER_OUT_OF_RANGE",
                         "Sysselsättningsgraden är en del av en heltid, 0 till 1: skriv 0,75 eller "
                         "75 %%.",
                         "The degree is a part of full time, 0 to 1: write 0.75 or 75 %%.");
    return false;
}

static bool day_cell(struct reading *reading, enum import_column column, char **ret_text)
{
    niva_day day;
    enum niva_given given = niva_form_day(&reading->form, column, &day);
    char text[16];

    if (given != NIVA_GIVEN)
        return given == NIVA_ABSENT;
    niva_day_format(day, text);
    *ret_text = niva_arena_strdup(reading->arena, text);
    reading->import->errors.failed |= *ret_text == NULL;
    return *ret_text != NULL;
}

/* The position of a row, as far as it can be read; NULL when it cannot, with remarks. */
static Position *position_read(struct reading *reading)
{
    struct niva_form *form = &reading->form;
    Position *position = niva_wire_new(&niva__intake__v1__position__descriptor, reading->arena);
    const char *text;
    bool licensed = false;
    bool good = true;
    int employment = 0;
    struct niva_check check;
    struct niva_error err;

    reading->import->errors.failed |= position == NULL;
    if (position == NULL)
        return NULL;
    good &= niva_form_text(form, IMPORT_POSITION, &text) == NIVA_GIVEN &&
            (position->position_key = (char *)(uintptr_t)text) != NULL;
    good &= niva_form_text(form, IMPORT_TITLE, &text) == NIVA_GIVEN &&
            (position->title_code = (char *)(uintptr_t)text) != NULL;
    good &= niva_form_word(form, IMPORT_EMPLOYMENT, employments, &employment) == NIVA_GIVEN;
    good &= fte_read(reading, &position->fte_milli);
    good &= niva_form_truth(form, IMPORT_LICENSED, &licensed) == NIVA_GIVEN;
    good &= day_cell(reading, IMPORT_FIRST, &position->first_day);
    good &= day_cell(reading, IMPORT_LAST, &position->last_day);
    if (!good)
        return NULL;
    position->employment = (Niva__Intake__V1__Position__Employment)employment;
    position->licensed = licensed;
    niva_check_begin(&check, &err);
    niva_check_position(&check, position);
    if (!niva_check_end(&check))
        row_errors_take(reading, &err);
    return position;
}

/* Whether the row says that nobody works there, and then nothing else of a position. */
static bool nobody_read(struct reading *reading, bool *ret_nobody)
{
    struct niva_form *form = &reading->form;
    bool clean = true;

    *ret_nobody = niva_form_says(form, IMPORT_POSITION, "ingen|none");
    for (size_t column = IMPORT_TITLE; *ret_nobody && column < IMPORT_REASON; column++) {
        if (!niva_form_has(form, column))
            continue;
        niva_form_remark(form, column, "NOBODY_HAS_POSITION",
                         "Raden säger att ingen arbetar på enheten; då ska cellen vara tom.",
                         "The row says that nobody works at the unit; then the cell must be "
                         "blank.");
        clean = false;
    }
    return clean;
}

/* ---- what is said of a report ---- */

static bool header_cell(struct reading *reading, enum import_column column,
                        struct header_value *ret_value)
{
    struct niva_form *form = &reading->form;
    enum niva_given given;
    niva_day day = 0;
    int word = 0;

    ret_value->text = "";
    ret_value->number = 0;
    if (column == IMPORT_REASON)
        given = niva_form_word(form, column, reasons, &word);
    else if (column == IMPORT_ROLE)
        given = niva_form_word(form, column, roles, &word);
    else if (column == IMPORT_RECEIVED)
        given = niva_form_day(form, column, &day);
    else
        given = niva_form_text(form, column, &ret_value->text);
    ret_value->number = column == IMPORT_RECEIVED ? day : word;
    ret_value->row = form->row->number;
    return given == NIVA_GIVEN;
}

/* A report says each thing once; its rows may repeat it, never contradict it. */
static void header_read(struct reading *reading, struct draft *draft)
{
    for (size_t i = 0; i < HEADER_COLUMNS; i++) {
        enum import_column column = (enum import_column)(IMPORT_REASON + i);
        struct header_value *first = &draft->header[i];
        struct header_value value;

        if (!header_cell(reading, column, &value))
            continue;
        if (first->row == 0)
            *first = value;
        else if (first->number != value.number || strcmp(first->text, value.text) != 0)
            niva_form_remark(
                &reading->form, column, "CONTRADICTION",
                "Cellen säger något annat än rad %d för samma enhet, yrkesgrupp och dag.",
                "The cell says something else than row %d of the same unit, group and "
                "day.",
                (int)first->row);
    }
}

static void nobody_note(struct reading *reading, struct draft *draft, bool nobody)
{
    int32_t row = reading->form.row->number;

    if (nobody && draft->nobody_row == 0 && draft->position_count == 0) {
        draft->nobody_row = row;
        return;
    }
    if (!nobody && draft->nobody_row == 0)
        return;
    niva_form_remark(&reading->form, IMPORT_POSITION, "NOBODY_AND_POSITIONS",
                     "Rad %d säger något annat: en redovisning där ingen arbetar har en enda rad.",
                     "Row %d says something else: a report of nobody has a single row.",
                     (int)(draft->nobody_row != 0 ? draft->nobody_row : draft->row));
}

/* ---- rows ---- */

static struct draft *draft_of_row(struct reading *reading)
{
    struct niva_form *form = &reading->form;
    const char *unit = "";
    const char *group = "";
    char from[16] = "";
    niva_day day = NIVA_DAY_NONE;
    bool good = true;
    struct draft *draft;

    good &= niva_form_text(form, IMPORT_UNIT, &unit) == NIVA_GIVEN;
    good &= niva_form_text(form, IMPORT_GROUP, &group) == NIVA_GIVEN;
    good &= niva_form_day(form, IMPORT_FROM, &day) == NIVA_GIVEN;
    if (!good)
        return NULL;
    niva_day_format(day, from);
    draft = draft_find(reading, unit, group, from);
    reading->import->errors.failed |= draft == NULL;
    return draft;
}

static void row_read(struct reading *reading)
{
    struct draft *draft = draft_of_row(reading);
    bool nobody;
    bool clean = nobody_read(reading, &nobody);
    Position *position = nobody ? NULL : position_read(reading);

    reading->import->rows_read++;
    if (draft == NULL)
        return;
    draft->incomplete |= !clean || (!nobody && position == NULL);
    header_read(reading, draft);
    if (clean)
        nobody_note(reading, draft, nobody);
    if (position == NULL)
        return;
    draft->position_count++;
    reading->placed[reading->placed_count++] =
        (struct placed){reading->form.row->number, draft, position};
}

/* The degree of employment stands in one of two columns. */
static bool heading_check(struct reading *reading)
{
    struct niva_form *form = &reading->form;
    bool fte = form->at[IMPORT_FTE] != SIZE_MAX;
    bool milli = form->at[IMPORT_FTE_MILLI] != SIZE_MAX;

    if (!fte && !milli)
        niva_form_remark(form, IMPORT_FTE, "COLUMN_MISSING", "Kolumnen ”%s” saknas.",
                         "The column \"%s\" is missing.", import_columns[IMPORT_FTE].name);
    if (fte && milli)
        niva_form_remark(form, IMPORT_FTE_MILLI, "COLUMN_TWICE",
                         "Kolumnen säger detsamma som ”%s”: ta bort den ena.",
                         "The column says the same as \"%s\": remove one of them.",
                         niva_form_name(form, IMPORT_FTE));
    return fte != milli;
}

static bool rows_read(struct reading *reading, const struct niva_sheet *sheet)
{
    struct import *import = reading->import;
    bool good =
        niva_form_open(&reading->form, sheet, import_columns, IMPORT_COLUMNS, &import->errors);

    for (size_t i = 0; i < IMPORT_COLUMNS; i++)
        import->names[i] = niva_form_name(&reading->form, i);
    if (reading->form.at[IMPORT_FTE] == SIZE_MAX && reading->form.at[IMPORT_FTE_MILLI] != SIZE_MAX)
        import->names[IMPORT_FTE] = import->names[IMPORT_FTE_MILLI];
    if (!heading_check(reading) || !good)
        return true;
    if (sheet->row_count == 1)
        niva_remark(&import->errors, 0, "", "NO_ROWS", "Filen har bara rubriker.",
                    "The file has headings alone.");
    while (niva_form_next(&reading->form))
        row_read(reading);
    return !import->errors.failed;
}

/* ---- reports ---- */

static const struct header_value *header_of(const struct draft *draft, enum import_column column)
{
    return &draft->header[column - IMPORT_REASON];
}

static char *header_text(const struct draft *draft, enum import_column column)
{
    const struct header_value *value = header_of(draft, column);

    return (char *)(uintptr_t)(value->row != 0 ? value->text : "");
}

static bool certifier_make(const struct draft *draft, Report *report, struct niva_arena *arena)
{
    const struct header_value *role = header_of(draft, IMPORT_ROLE);
    Niva__Intake__V1__Certifier *certifier;

    if (header_of(draft, IMPORT_CERTIFIER)->row == 0 && role->row == 0)
        return true;
    certifier = niva_wire_new(&niva__intake__v1__certifier__descriptor, arena);
    if (certifier == NULL)
        return false;
    certifier->hsa_id = header_text(draft, IMPORT_CERTIFIER);
    certifier->role = (Niva__Intake__V1__Certifier__Role)role->number;
    report->certified_by = certifier;
    return true;
}

static bool report_make(struct reading *reading, const struct draft *draft,
                        struct import_report *made)
{
    struct niva_arena *arena = reading->arena;
    const struct header_value *received = header_of(draft, IMPORT_RECEIVED);
    Report *report = niva_wire_new(&niva__intake__v1__staffing_report__descriptor, arena);

    if (report == NULL)
        return false;
    report->unit = (char *)(uintptr_t)draft->unit;
    report->profession_group = (char *)(uintptr_t)draft->group;
    report->effective_from = (char *)(uintptr_t)draft->from;
    report->reason =
        (Niva__Intake__V1__StaffingReport__Reason)header_of(draft, IMPORT_REASON)->number;
    report->resolution_note = header_text(draft, IMPORT_NOTE);
    report->corrects_report_id = header_text(draft, IMPORT_CORRECTS);
    report->received_via = NIVA__INTAKE__V1__STAFFING_REPORT__CHANNEL__FILE;
    report->received_at = reading->request->received_at;
    if (received->row != 0)
        report->received_at =
            niva_wire_timestamp(niva_local_midnight((niva_day)received->number), arena);
    report->positions = niva_arena_array(arena, draft->position_count, sizeof *report->positions);
    *made = (struct import_report){
        .report = report,
        .row = draft->row,
        .rows = niva_arena_array(arena, draft->position_count, sizeof *made->rows),
    };
    return report->positions != NULL && made->rows != NULL &&
           (received->row == 0 || report->received_at != NULL) &&
           certifier_make(draft, report, arena);
}

/* The row of the position with the same key before this one; 0: none. */
static int32_t key_row(const struct import_report *made, const char *key)
{
    for (size_t i = 0; i < made->report->n_positions; i++)
        if (strcmp(made->report->positions[i]->position_key, key) == 0)
            return made->rows[i];
    return 0;
}

static void position_add(struct import *import, const struct placed *placed)
{
    struct import_report *made = placed->draft->made;
    int32_t twin;

    if (made->report->n_positions == NIVA_POSITIONS_MAX) {
        niva_remark(&import->errors, placed->row, "", "TOO_MANY",
                    "En redovisning får ha högst %d positioner.",
                    "A report may have at most %d positions.", NIVA_POSITIONS_MAX);
        return;
    }
    twin = key_row(made, placed->position->position_key);
    if (twin != 0)
        niva_remark(
            &import->errors, placed->row, import->names[IMPORT_POSITION], "POSITION_KEY_DUPLICATE",
            "Befattningen ”%s” står redan på rad %d för samma enhet, yrkesgrupp och dag.",
            "The position \"%s\" stands on row %d already for the same unit, group and day.",
            placed->position->position_key, (int)twin);
    made->rows[made->report->n_positions] = placed->row;
    made->report->positions[made->report->n_positions++] = placed->position;
}

/* What SubmitReport would say of the report itself. */
static void report_judge(struct reading *reading, const struct draft *draft)
{
    struct import *import = reading->import;
    struct niva_check check;
    struct niva_error err;
    struct niva_warnings warnings = {.arena = reading->arena};

    niva_check_begin(&check, &err);
    report_check(&check, draft->made->report, false);
    draft->made->refused = !niva_check_end(&check);
    if (draft->made->refused)
        for (size_t i = 0; i < err.violation_count; i++)
            import_remark(import, draft->made, &import->errors, err.violations[i].field,
                          err.violations[i].reason, err.violations[i].text_sv,
                          err.violations[i].text_en);
    draft->made->incomplete = draft->incomplete;
    if (draft->incomplete)
        return;
    warn_report(&warnings, draft->made->report);
    import->errors.failed |= warnings.failed;
    for (size_t i = 0; i < warnings.count; i++)
        import_remark(import, draft->made, &import->warnings, warnings.items[i]->field,
                      warnings.items[i]->code, warnings.items[i]->text_sv,
                      warnings.items[i]->text_en);
}

/* A report can be corrected once. */
static void corrections_judge(struct import *import)
{
    for (size_t i = 0; i < import->count; i++) {
        const char *corrects = import->reports[i].report->corrects_report_id;

        for (size_t k = 0; *corrects != '\0' && k < i; k++)
            if (strcasecmp(import->reports[k].report->corrects_report_id, corrects) == 0)
                niva_remark(&import->errors, import->reports[i].row, import->names[IMPORT_CORRECTS],
                            "CORRECTED_TWICE", "Samma redovisning rättas redan på rad %d.",
                            "The same report is corrected on row %d already.",
                            (int)import->reports[k].row);
    }
}

static bool reports_make(struct reading *reading)
{
    struct import *import = reading->import;

    import->count = reading->draft_count;
    import->reports =
        niva_arena_array(reading->arena, reading->draft_count, sizeof *import->reports);
    if (import->reports == NULL)
        return false;
    for (size_t i = 0; i < reading->draft_count; i++) {
        reading->drafts[i]->made = &import->reports[i];
        if (!report_make(reading, reading->drafts[i], &import->reports[i]))
            return false;
    }
    for (size_t i = 0; i < reading->placed_count; i++)
        position_add(import, &reading->placed[i]);
    for (size_t i = 0; i < reading->draft_count; i++)
        report_judge(reading, reading->drafts[i]);
    corrections_judge(import);
    niva_remarks_sort(&import->warnings);
    return !import->errors.failed && !import->warnings.failed;
}

/* ---- the file ---- */

static bool refuse_rows(struct niva_error *err)
{
    return niva_refuse(err, NIVA_INVALID_ARGUMENT, "content", "TOO_LARGE",
                       "Filen får ha högst %d rader med positioner. Dela den.",
                       "The file may have at most %d rows of positions. Split it.",
                       IMPORT_ROWS_MAX);
}

bool import_read(const Niva__Intake__V1__ImportReportsRequest *request, struct niva_arena *arena,
                 const struct import **ret_import, struct niva_error *err)
{
    const struct niva_upload upload = {request->media_type, request->file_name, request->sheet,
                                       request->content};
    struct reading *reading = niva_arena_alloc(arena, sizeof *reading);
    struct import *import = niva_arena_alloc(arena, sizeof *import);
    struct niva_sheet sheet;

    if (reading == NULL || import == NULL)
        return niva_fail_memory(err);
    if (!niva_upload_read(&upload, arena, &sheet, err))
        return false;
    if (sheet.row_count > IMPORT_ROWS_MAX + 1)
        return refuse_rows(err);
    *reading = (struct reading){.request = request, .arena = arena, .import = import};
    reading->drafts = niva_arena_array(arena, sheet.row_count, sizeof *reading->drafts);
    reading->placed = niva_arena_array(arena, sheet.row_count, sizeof *reading->placed);
    niva_remarks_begin(&import->errors, arena);
    niva_remarks_begin(&import->warnings, arena);
    import->media_type = *request->media_type != '\0' && strchr(request->media_type, '/') != NULL
                             ? request->media_type
                             : niva_sheet_media_type(sheet.format);
    if (reading->drafts == NULL || reading->placed == NULL || !rows_read(reading, &sheet) ||
        !reports_make(reading))
        return niva_fail_memory(err);
    *ret_import = import;
    return true;
}

bool import_prepare(const char *method, const ProtobufCMessage *request, struct niva_arena *arena,
                    const void **ret_prepared, struct niva_error *err)
{
    const struct import *import = NULL;

    if (strcmp(method, "/niva.intake.v1.ReportService/ImportReports") != 0)
        return true;
    if (!import_read((const void *)request, arena, &import, err))
        return false;
    *ret_prepared = import;
    return true;
}
