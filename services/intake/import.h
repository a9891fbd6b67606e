/* An import: a table of positions made into reports, each row of it accounted for. What the file
 * says by itself is read and checked here, purely and on any thread; what the record says to it is
 * decided by the writer (decide_import.c). */
#ifndef NIVA_INTAKE_IMPORT_H
#define NIVA_INTAKE_IMPORT_H

#include "services/common/sheets/form.h"
#include "services/intake/intake.h"

enum { IMPORT_ROWS_MAX = 10000 };

enum import_column {
    IMPORT_UNIT,
    IMPORT_GROUP,
    IMPORT_FROM,
    IMPORT_POSITION,
    IMPORT_TITLE,
    IMPORT_EMPLOYMENT,
    IMPORT_FTE,
    IMPORT_FTE_MILLI,
    IMPORT_LICENSED,
    IMPORT_FIRST,
    IMPORT_LAST,
    IMPORT_REASON, /* from here: of the report, not of the position */
    IMPORT_NOTE,
    IMPORT_CERTIFIER,
    IMPORT_ROLE,
    IMPORT_CORRECTS,
    IMPORT_RECEIVED,
    IMPORT_COLUMNS,
};
extern const struct niva_form_column import_columns[IMPORT_COLUMNS];

/* A report of the file. */
struct import_report {
    Niva__Intake__V1__StaffingReport *report; /* as SubmitReport takes it */
    int32_t row;                              /* its first one */
    int32_t *rows;                            /* of its positions */
    bool refused;                             /* by what it says of itself */
    bool incomplete;                          /* one of its rows cannot be read */
};

/* What a file says. */
struct import {
    const char *media_type;
    int32_t rows_read;
    size_t count;
    struct import_report *reports;     /* in the order of their first rows */
    const char *names[IMPORT_COLUMNS]; /* of the columns, as the file spells them */
    struct niva_remarks errors;
    struct niva_remarks warnings;
};

/* Reads a checked ImportReportsRequest. INVALID_ARGUMENT for a file that is no table at all; what
 * is wrong inside it is in `errors`. */
bool import_read(const Niva__Intake__V1__ImportReportsRequest *request, struct niva_arena *arena,
                 const struct import **ret_import, struct niva_error *err) NIVA_MUST_CHECK;

/* The column that a field comes from, as the file spells it; "" for what comes from none. The path
 * may be that of the field in a report, or its name alone. */
const char *import_column_name(const struct import *import, const char *path);
/* Adds what is wrong with, or odd about, a report, by row and column: `path` is that of a field as
 * SubmitReport names it ("report.positions[2].fteMilli"). */
void import_remark(const struct import *import, const struct import_report *report,
                   struct niva_remarks *remarks, const char *path, const char *code,
                   const char *text_sv, const char *text_en);

/* Of niva_service: prepares ImportReports. */
bool import_prepare(const char *method, const ProtobufCMessage *request, struct niva_arena *arena,
                    const void **ret_prepared, struct niva_error *err);

#endif
