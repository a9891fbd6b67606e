/* A file on its way in: the fields that all requests have that bring one. */
#ifndef NIVA_COMMON_SHEETS_UPLOAD_H
#define NIVA_COMMON_SHEETS_UPLOAD_H

#include "services/common/sheets/sheet.h"
#include "services/common/wire/check.h"

/* As the request has them. */
struct niva_upload {
    const char *media_type; /* "" : the content tells */
    const char *file_name;
    const char *sheet;
    ProtobufCBinaryData content;
};

/* Checks the fields media_type, file_name, sheet and content, of at most `most` bytes; the content
 * must be what the media type says, CSV or XLSX. */
void niva_upload_check(struct niva_check *check, const struct niva_upload *upload, size_t most);

/* The media type of a format. */
const char *niva_sheet_media_type(enum niva_sheet_format format);

/* Reads a checked upload. */
bool niva_upload_read(const struct niva_upload *upload, struct niva_arena *arena,
                      struct niva_sheet *ret_sheet, struct niva_error *err) NIVA_MUST_CHECK;

#endif
