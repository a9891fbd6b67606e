/* Imports of listings, contracts and indicators: a table made into what PutListings, PutContract
 * and PutIndicators take, each row of it accounted for. What the file says by itself is read and
 * checked here, purely and on any thread; what the record says to it is decided by the writer
 * (decide_import.c). */
#ifndef NIVA_COMPLIANCE_IMPORT_H
#define NIVA_COMPLIANCE_IMPORT_H

#include "services/common/sheets/template.h"
#include "services/common/sheets/upload.h"
#include "services/compliance/messages.h"

enum { IMPORT_ROWS_MAX = 10000, IMPORT_BYTES_MAX = 1000000 };

/* A row. */
struct import_row {
    int32_t row;
    const char *unit;
    const char *id;      /* of the fact that it makes */
    pb_listing *listing; /* or */
    pb_contract *contract;
    pb_indicator *indicator;
};

enum { IMPORT_SHA256_SIZE = 65 };

/* What a file says. */
struct import {
    const char *media_type;
    const char *file_name;
    ProtobufCBinaryData content;
    char sha256[IMPORT_SHA256_SIZE]; /* of the content, in hexadecimal digits */
    const struct Google__Protobuf__Timestamp *received_at; /* NULL: not given */
    int32_t rows_read;
    size_t count;
    struct import_row *rows;
    const char *received; /* the name of the column that says when it was received */
    const char *period;   /* of indicators, the same of the month */
    struct niva_remarks errors;
};

/* Of niva_service: prepares ImportListings, ImportContracts and ImportIndicators. */
bool import_prepare(const char *method, const ProtobufCMessage *request, struct niva_arena *arena,
                    const void **ret_prepared, struct niva_error *err);

/* The file itself, as it is kept beside what it says. */
bool import_keep_file(const struct niva_upload *upload,
                      const struct Google__Protobuf__Timestamp *received_at, struct import *import,
                      struct niva_error *err) NIVA_MUST_CHECK;
/* The last one's part of it, and the file to fill in for it (import_indicators.c). */
bool import_indicators_prepare(const ProtobufCMessage *request, struct niva_arena *arena,
                               const void **ret_prepared, struct niva_error *err) NIVA_MUST_CHECK;
extern const struct niva_template indicators_template;

#endif
