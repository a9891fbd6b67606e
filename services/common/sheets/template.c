#include "services/common/sheets/template.h"

#include <string.h>
#include <zip.h>

#include "services/common/sheets/upload.h"
#include "services/common/wire/wire.h"

#define XML   "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN  "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define TYPES "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PARTS "application/vnd.openxmlformats-officedocument.spreadsheetml."

/* The date of all parts: the same columns give the same bytes. */
enum { ZIP_DATE = (2022 - 1980) << 9 | 6 << 5 | 23, CHUNK_BYTES = 4096 };

/* ---- CSV ---- */

static void csv_make(const struct niva_template *template, struct niva_text *text)
{
    const char *separator = "\xef\xbb\xbf";

    for (size_t i = 0; i < template->column_count; i++) {
        if (template->notes[i] == NULL)
            continue;
        niva_text_puts(text, separator);
        niva_text_puts(text, template->columns[i].name);
        separator = ";";
    }
    niva_text_puts(text, "\r\n");
}

/* ---- XLSX ---- */

static void cell_put(struct niva_text *text, const char *value, bool bold)
{
    niva_text_printf(text, "<c s=\"%d\" t=\"inlineStr\"><is><t>", bold ? 1 : 2);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '&')
            niva_text_puts(text, "&amp;");
        else if (*c == '<')
            niva_text_puts(text, "&lt;");
        else if (*c == '>')
            niva_text_puts(text, "&gt;");
        else
            niva_text_append(text, c, 1);
    }
    niva_text_puts(text, "</t></is></c>");
}

/* The heading stays in sight. */
static void sheet_begin(struct niva_text *text, const char *columns)
{
    niva_text_puts(text,
                   XML "<worksheet xmlns=\"" MAIN "\"><sheetViews><sheetView workbookViewId=\"0\">"
                       "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\""
                       " state=\"frozen\"/></sheetView></sheetViews><cols>");
    niva_text_puts(text, columns);
    niva_text_puts(text, "</cols><sheetData><row>");
}

static void form_make(const struct niva_template *template, struct niva_text *text)
{
    sheet_begin(text, "<col min=\"1\" max=\"24\" width=\"22\" customWidth=\"1\"/>");
    for (size_t i = 0; i < template->column_count; i++)
        if (template->notes[i] != NULL)
            cell_put(text, template->columns[i].name, true);
    niva_text_puts(text, "</row></sheetData></worksheet>");
}

static void notes_make(const struct niva_template *template, struct niva_text *text)
{
    sheet_begin(text, "<col min=\"1\" max=\"2\" width=\"22\" customWidth=\"1\"/>"
                      "<col min=\"3\" max=\"3\" width=\"110\" customWidth=\"1\"/>");
    cell_put(text, "Kolumn", true);
    cell_put(text, "Måste finnas", true);
    cell_put(text, "Förklaring", true);
    niva_text_puts(text, "</row>");
    for (size_t i = 0; i < template->column_count; i++) {
        if (template->notes[i] == NULL)
            continue;
        niva_text_puts(text, "<row>");
        cell_put(text, template->columns[i].name, false);
        cell_put(text, template->columns[i].required ? "ja" : "nej", false);
        cell_put(text, template->notes[i], false);
        niva_text_puts(text, "</row>");
    }
    niva_text_puts(text, "</sheetData></worksheet>");
}

static void book_make(const struct niva_template *template, struct niva_text *text)
{
    niva_text_printf(text,
                     XML
                     "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" TYPES
                     "\"><sheets><sheet name=\"%s\" sheetId=\"1\" r:id=\"rId1\"/>"
                     "<sheet name=\"Förklaring\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>",
                     template->sheet);
}

static const char content_types[] =
    XML "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
        "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package."
        "relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"" PARTS
        "sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"" PARTS
        "worksheet+xml\"/><Override PartName=\"/xl/worksheets/sheet2.xml\" ContentType=\"" PARTS
        "worksheet+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"" PARTS
        "styles+xml\"/></Types>";

#define RELATIONS                                                                                  \
    XML "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
#define RELATION(id, type, target)                                                                 \
    "<Relationship Id=\"" id "\" Type=\"" TYPES "/" type "\" Target=\"" target "\"/>"

static const char root_relations[] =
    RELATIONS RELATION("rId1", "officeDocument", "xl/workbook.xml") "</Relationships>";
static const char book_relations[] =
    RELATIONS RELATION("rId1", "worksheet", "worksheets/sheet1.xml")
        RELATION("rId2", "worksheet", "worksheets/sheet2.xml")
            RELATION("rId3", "styles", "styles.xml") "</Relationships>";

/* Plain, bold (1), and text that breaks its lines (2). */
static const char styles[] = XML
    "<styleSheet xmlns=\"" MAIN
    "\"><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/>"
    "</font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\">"
    "<fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/>"
    "</fill></fills><borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/>"
    "</cellStyleXfs><cellXfs count=\"3\"><xf xfId=\"0\"/><xf xfId=\"0\" fontId=\"1\""
    " applyFont=\"1\"/><xf xfId=\"0\" applyAlignment=\"1\"><alignment wrapText=\"1\""
    " vertical=\"top\"/></xf></cellXfs></styleSheet>";

static bool part_add(zip_t *zip, const char *name, const void *bytes, size_t size)
{
    zip_source_t *source = zip_source_buffer(zip, bytes, size, 0);
    zip_int64_t index = source == NULL ? -1 : zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);

    if (source != NULL && index < 0)
        zip_source_free(source);
    return index >= 0 && zip_file_set_dostime(zip, (zip_uint64_t)index, 0, ZIP_DATE, 0) == 0;
}

static bool source_read(zip_source_t *source, struct niva_text *text)
{
    char chunk[CHUNK_BYTES];
    zip_int64_t size;

    if (zip_source_open(source) != 0)
        return false;
    while ((size = zip_source_read(source, chunk, sizeof chunk)) > 0)
        niva_text_append(text, chunk, (size_t)size);
    zip_source_close(source);
    return size == 0;
}

/* Packs the parts; what is in `form`, `notes` and `book` must live until the zip is closed. */
static bool parts_pack(const struct niva_text *form, const struct niva_text *notes,
                       const struct niva_text *book, struct niva_text *text)
{
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip = target == NULL ? NULL : zip_open_from_source(target, ZIP_TRUNCATE, NULL);
    bool good;

    if (zip == NULL) {
        zip_source_free(target);
        return false;
    }
    zip_source_keep(target);
    good = part_add(zip, "[Content_Types].xml", content_types, strlen(content_types)) &&
           part_add(zip, "_rels/.rels", root_relations, strlen(root_relations)) &&
           part_add(zip, "xl/workbook.xml", book->data, book->length) &&
           part_add(zip, "xl/_rels/workbook.xml.rels", book_relations, strlen(book_relations)) &&
           part_add(zip, "xl/styles.xml", styles, strlen(styles)) &&
           part_add(zip, "xl/worksheets/sheet1.xml", form->data, form->length) &&
           part_add(zip, "xl/worksheets/sheet2.xml", notes->data, notes->length);
    good = good && zip_close(zip) == 0;
    if (!good)
        zip_discard(zip);
    good = good && source_read(target, text);
    zip_source_free(target);
    return good;
}

static bool xlsx_make_parts(const struct niva_template *template, struct niva_text *text)
{
    struct niva_text form = {0};
    struct niva_text notes = {0};
    struct niva_text book = {0};
    bool good;

    form_make(template, &form);
    notes_make(template, &notes);
    book_make(template, &book);
    good = !form.failed && !notes.failed && !book.failed && parts_pack(&form, &notes, &book, text);
    niva_text_free(&form);
    niva_text_free(&notes);
    niva_text_free(&book);
    return good;
}

/* ---- the file ---- */

bool niva_template_make(const struct niva_template *template, enum niva_sheet_format format,
                        struct niva_arena *arena, Niva__Common__V1__Template **ret_file,
                        struct niva_error *err)
{
    Niva__Common__V1__Template *file =
        niva_wire_new(&niva__common__v1__template__descriptor, arena);
    struct niva_text text = {0};
    bool good = file != NULL;

    if (format == NIVA_SHEET_CSV)
        csv_make(template, &text);
    else
        good = good && xlsx_make_parts(template, &text);
    good = good && !text.failed;
    if (good) {
        file->media_type = (char *)(uintptr_t)niva_sheet_media_type(format);
        file->file_name = niva_arena_printf(arena, "%s.%s", template->file,
                                            format == NIVA_SHEET_CSV ? "csv" : "xlsx");
        file->content.len = text.length;
        file->content.data = (uint8_t *)niva_arena_copy(arena, text.data, text.length);
        good = file->file_name != NULL && file->content.data != NULL;
    }
    niva_text_free(&text);
    if (good)
        *ret_file = file;
    return good || niva_fail_memory(err);
}
