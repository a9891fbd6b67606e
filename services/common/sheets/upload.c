#include "services/common/sheets/upload.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { FILE_NAME_MAX = 200, SHEET_NAME_MAX = 100, MEDIA_TYPE_MAX = 100 };

#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

/* What is said of CSV and XLSX; 0 is either: what browsers say of files that Excel opens. */
static const struct {
    const char *name;
    int format;
} media_types[] = {
    {"text/csv", NIVA_SHEET_CSV},        {"csv", NIVA_SHEET_CSV},
    {"text/plain", NIVA_SHEET_CSV},      {"text/tab-separated-values", NIVA_SHEET_CSV},
    {"application/csv", NIVA_SHEET_CSV}, {XLSX_TYPE, NIVA_SHEET_XLSX},
    {"xlsx", NIVA_SHEET_XLSX},           {"application/vnd.ms-excel", 0},
    {"application/octet-stream", 0},
};

const char *niva_sheet_media_type(enum niva_sheet_format format)
{
    return format == NIVA_SHEET_XLSX ? XLSX_TYPE : "text/csv";
}

/* The format that a media type names; -1 for one that is no table's. Parameters count for nothing.
 */
static int format_named(const char *media_type)
{
    size_t length = strcspn(media_type, "; ");

    for (size_t i = 0; i < sizeof media_types / sizeof *media_types; i++)
        if (strlen(media_types[i].name) == length &&
            strncasecmp(media_types[i].name, media_type, length) == 0)
            return media_types[i].format;
    return -1;
}

static void media_type_check(struct niva_check *check, const struct niva_upload *upload)
{
    int format;

    if (*upload->media_type == '\0')
        return;
    if (!niva_check_text(check, "media_type", upload->media_type, 0, MEDIA_TYPE_MAX))
        return;
    format = format_named(upload->media_type);
    if (format < 0)
        niva_check_fail(check, "media_type", "MEDIA_TYPE_UNKNOWN",
                        "Filen ska vara CSV (text/csv) eller XLSX (" XLSX_TYPE ").",
                        "The file must be CSV (text/csv) or XLSX (" XLSX_TYPE ").");
    else if (format > 0 && upload->content.len > 0 &&
             format != (int)niva_sheet_sniff(upload->content.data, upload->content.len))
        niva_check_fail(check, "media_type", "MEDIA_TYPE_DIFFERS",
                        "Filens innehåll är inte vad medietypen säger.",
                        "The content of the file is not what its media type says.");
}

static void content_check(struct niva_check *check, size_t size, size_t most)
{
    char text_sv[120];
    char text_en[120];

    if (size == 0)
        niva_check_fail(check, "content", "REQUIRED", "Filen är tom.", "The file is empty.");
    if (size <= most)
        return;
    snprintf(text_sv, sizeof text_sv, "Filen får vara högst %zu kB. Dela den.", most / 1000);
    snprintf(text_en, sizeof text_en, "The file may have at most %zu kB. Split it.", most / 1000);
    niva_check_fail(check, "content", "TOO_LARGE", text_sv, text_en);
}

static void name_check(struct niva_check *check, const char *field, const char *name, size_t most)
{
    if (niva_check_text(check, field, name, 0, most) && strpbrk(name, "\n\t") != NULL)
        niva_check_fail(check, field, "TEXT_NOT_ONE_LINE", "Texten ska stå på en rad, utan tabb.",
                        "The text must be on one line, without tabs.");
}

void niva_upload_check(struct niva_check *check, const struct niva_upload *upload, size_t most)
{
    media_type_check(check, upload);
    name_check(check, "file_name", upload->file_name, FILE_NAME_MAX);
    name_check(check, "sheet", upload->sheet, SHEET_NAME_MAX);
    content_check(check, upload->content.len, most);
}

bool niva_upload_read(const struct niva_upload *upload, struct niva_arena *arena,
                      struct niva_sheet *ret_sheet, struct niva_error *err)
{
    return niva_sheet_read(upload->content.data, upload->content.len,
                           *upload->sheet == '\0' ? NULL : upload->sheet, arena, ret_sheet, err);
}
