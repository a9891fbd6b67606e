#include "tests/support/xlsx_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define XML   "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n"
#define MAIN  "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define TYPES "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define RELS  "http://schemas.openxmlformats.org/package/2006/relationships"

const char *const xlsx_root_relations =
    XML "<Relationships xmlns=\"" RELS "\"><Relationship Id=\"rId1\" Type=\"" TYPES
        "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
const char *const xlsx_relations =
    XML "<Relationships xmlns=\"" RELS "\"><Relationship Id=\"rId1\" Type=\"" TYPES
        "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"" TYPES
        "/styles\" Target=\"styles.xml\"/><Relationship Id=\"rId3\" Type=\"" TYPES
        "/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/></Relationships>";
const char *const xlsx_styles = XML
    "<styleSheet xmlns=\"" MAIN "\"><numFmts count=\"2\"><numFmt numFmtId=\"164\""
    " formatCode=\"yyyy\\-mm\\-dd\"/><numFmt numFmtId=\"165\" formatCode=\"hh:mm:ss\"/></numFmts>"
    "<cellStyleXfs count=\"1\"><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs count=\"6\">"
    "<xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"9\"/><xf numFmtId=\"164\"/>"
    "<xf numFmtId=\"2\"/><xf numFmtId=\"165\"/></cellXfs></styleSheet>";

static void need(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "xlsx_maker: %s\n", what);
    abort();
}

struct niva_text zip_make(const struct xlsx_part *parts, size_t count, bool deflated,
                          const char *password)
{
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip = target == NULL ? NULL : zip_open_from_source(target, ZIP_TRUNCATE, NULL);
    struct niva_text text = {0};
    char buffer[4096];
    zip_int64_t size;

    need(zip != NULL, "no zip in memory");
    zip_source_keep(target);
    for (size_t i = 0; i < count; i++) {
        size_t length = parts[i].size > 0 ? parts[i].size : strlen(parts[i].bytes);
        zip_source_t *source = zip_source_buffer(zip, parts[i].bytes, length, 0);
        zip_int64_t index = zip_file_add(zip, parts[i].name, source, ZIP_FL_ENC_UTF_8);

        need(source != NULL && index >= 0, "no part");
        zip_set_file_compression(zip, (zip_uint64_t)index, deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                                 0);
        need(password == NULL ||
                 zip_file_set_encryption(zip, (zip_uint64_t)index, ZIP_EM_AES_256, password) == 0,
             "no encryption");
    }
    need(zip_close(zip) == 0 && zip_source_open(target) == 0, "the zip cannot be closed");
    while ((size = zip_source_read(target, buffer, sizeof buffer)) > 0)
        niva_text_append(&text, buffer, (size_t)size);
    zip_source_close(target);
    zip_source_free(target);
    need(!text.failed && text.length > 0, "the zip cannot be read");
    return text;
}

struct niva_text xlsx_make(const char *rows, const char *strings, const char *workbook)
{
    struct niva_text sheet = {0};
    struct niva_text shared = {0};
    struct niva_text book = {0};
    struct niva_text made;

    niva_text_puts(&sheet, XML "<worksheet xmlns=\"" MAIN "\"><sheetData>");
    niva_text_puts(&sheet, rows);
    niva_text_puts(&sheet, "</sheetData></worksheet>");
    niva_text_puts(&shared, XML "<sst xmlns=\"" MAIN "\">");
    niva_text_puts(&shared, strings == NULL ? "" : strings);
    niva_text_puts(&shared, "</sst>");
    niva_text_puts(&book, XML "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" TYPES "\">");
    niva_text_puts(&book, workbook == NULL ? "" : workbook);
    niva_text_puts(&book, "<sheets><sheet name=\"Blad1\" sheetId=\"1\" r:id=\"rId1\"/></sheets>"
                          "</workbook>");
    need(!sheet.failed && !shared.failed && !book.failed, "no memory");
    const struct xlsx_part parts[] = {
        {.name = "_rels/.rels", .bytes = xlsx_root_relations},
        {.name = "xl/workbook.xml", .bytes = book.data},
        {.name = "xl/_rels/workbook.xml.rels", .bytes = xlsx_relations},
        {.name = "xl/styles.xml", .bytes = xlsx_styles},
        {.name = "xl/sharedStrings.xml", .bytes = shared.data},
        {.name = "xl/worksheets/sheet1.xml", .bytes = sheet.data},
    };
    made = zip_make(parts, sizeof parts / sizeof *parts, true, NULL);
    niva_text_free(&sheet);
    niva_text_free(&shared);
    niva_text_free(&book);
    return made;
}
