#include "services/letters/pdf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { OBJECTS_MAX = 1 << 20, XREF_ENTRY = 20, CONTENT_MAX = 64 << 20 };

/* An object of the file: "7 0 obj … endobj". */
struct object {
    const char *at;
    size_t size;
    size_t head;    /* of it before a stream */
    size_t written; /* its place in the new file */
    bool content;   /* a page's */
};

struct file {
    const struct niva_text *source;
    const struct pdf_facts *facts;
    struct niva_error *err;
    size_t count; /* with object 0, which is none */
    struct object *objects;
    size_t first; /* where the first object begins */
    size_t xref;
    size_t header_index; /* of the next TH */
    struct niva_text *out;
};

static bool strange(struct file *file, const char *what)
{
    return niva_fail_internal(file->err, "the PDF is not as cairo writes it: %s", what);
}

static bool memory_out(struct file *file)
{
    return niva_fail_memory(file->err);
}

/* ---- taking apart ---- */

/* The last "startxref", behind which the place of the table of objects stands. */
static bool xref_find(struct file *file)
{
    static const char word[] = "startxref\n";
    const char *data = file->source->data;
    size_t length = file->source->length;

    for (size_t i = length; i-- > 0;)
        if (length - i >= sizeof word && memcmp(data + i, word, sizeof word - 1) == 0) {
            file->xref = strtoul(data + i + sizeof word - 1, NULL, 10);
            return file->xref < length || strange(file, "the place of the table");
        }
    return strange(file, "no table");
}

static const char *bytes_find(const char *bytes, size_t size, const char *text)
{
    size_t length = strlen(text);
    const char *end = bytes + size;

    while ((size_t)(end - bytes) >= length) {
        bytes = memchr(bytes, *text, (size_t)(end - bytes) - length + 1);
        if (bytes == NULL || memcmp(bytes, text, length) == 0)
            return bytes;
        bytes++;
    }
    return NULL;
}

/* Looks in an object's dictionary. */
static const char *find(const struct object *object, const char *text)
{
    return bytes_find(object->at, object->head, text);
}

/* The number behind a word; false when it is not there. */
static bool number_find(const char *bytes, size_t size, const char *word, size_t *ret_number)
{
    const char *at = bytes_find(bytes, size, word);
    char *end;

    if (at == NULL)
        return false;
    at += strlen(word);
    *ret_number = strtoul(at, &end, 10);
    return end > at;
}

static int offset_compare(const void *one, const void *other)
{
    const struct object *left = *(const struct object *const *)one;
    const struct object *right = *(const struct object *const *)other;

    return (left->at > right->at) - (left->at < right->at);
}

/* An object goes on until the next one, in the order of the file, or the table. */
static bool sizes_find(struct file *file)
{
    struct object **order = malloc(file->count * sizeof(struct object *));
    const char *end = file->source->data + file->xref;

    if (order == NULL)
        return memory_out(file);
    for (size_t i = 1; i < file->count; i++)
        order[i - 1] = &file->objects[i];
    qsort(order, file->count - 1, sizeof *order, offset_compare);
    for (size_t i = file->count - 1; i-- > 0;) {
        const char *stream;

        order[i]->size = (size_t)(end - order[i]->at);
        stream = bytes_find(order[i]->at, order[i]->size, "\nstream\n");
        order[i]->head = stream == NULL ? order[i]->size : (size_t)(stream - order[i]->at);
        end = order[i]->at;
    }
    file->first = (size_t)(end - file->source->data);
    free(order);
    return true;
}

static bool objects_find(struct file *file)
{
    static const char head[] = "xref\n0 ";
    const char *table = file->source->data + file->xref;
    size_t size = file->source->length - file->xref;
    const char *entries = memchr(table + (size < sizeof head ? 0 : sizeof head), '\n',
                                 size < sizeof head ? 0 : size - sizeof head);

    if (entries == NULL || memcmp(table, head, sizeof head - 1) != 0 ||
        !number_find(table, size, head, &file->count) || file->count < 2 ||
        file->count > OBJECTS_MAX ||
        file->count * XREF_ENTRY > size - (size_t)(entries + 1 - table))
        return strange(file, "the head of the table");
    file->objects = calloc(file->count + 1, sizeof *file->objects); /* one more: the metadata */
    if (file->objects == NULL)
        return memory_out(file);
    for (size_t i = 1; i < file->count; i++) {
        size_t offset = strtoul(entries + 1 + i * XREF_ENTRY, NULL, 10);

        if (offset >= file->xref)
            return strange(file, "the place of an object");
        file->objects[i].at = file->source->data + offset;
    }
    return sizes_find(file);
}

static bool contents_find(struct file *file)
{
    for (size_t i = 1; i < file->count; i++) {
        const struct object *object = &file->objects[i];
        size_t number;

        if (find(object, "/Type /Page ") == NULL)
            continue;
        if (!number_find(object->at, object->head, "/Contents ", &number) || number == 0 ||
            number >= file->count)
            return strange(file, "a page's content");
        file->objects[number].content = true;
    }
    return true;
}

/* ---- contents ---- */

static bool line_is(const char *line, size_t length, const char *text)
{
    return length == strlen(text) && memcmp(line, text, length) == 0;
}

static bool line_ends(const char *line, size_t length, const char *text)
{
    return length >= strlen(text) && memcmp(line + length - strlen(text), text, strlen(text)) == 0;
}

/* What stands around texts and drawings and is marked by nobody. */
static bool line_frames(const char *line, size_t length)
{
    return length == 0 || line_is(line, length, "q") || line_is(line, length, "Q") ||
           line_ends(line, length, " cm");
}

/* cairo begins and ends the content of an element between texts, each on a line of its own; within
 * a text it marks what a glyph stands for. */
void content_mark(const char *content, size_t size, struct niva_text *ret_content)
{
    const char *end = content + size;
    size_t depth = 0;
    bool artifact = false;

    while (content < end) {
        const char *feed = memchr(content, '\n', (size_t)(end - content));
        size_t length = (size_t)((feed == NULL ? end : feed) - content);
        bool begins = length > 0 && *content == '/' && line_ends(content, length, " BDC");
        bool element = begins && bytes_find(content, length, "/MCID ") != NULL;
        bool outside = element || line_frames(content, length);

        if (depth == 0 && artifact == outside) {
            niva_text_puts(ret_content, artifact ? "EMC\n" : "/Artifact BMC\n");
            artifact = !artifact;
        }
        depth += begins;
        depth -= depth > 0 && line_is(content, length, "EMC");
        niva_text_append(ret_content, content, length);
        niva_text_puts(ret_content, "\n");
        content += length + (feed != NULL);
    }
    if (artifact)
        niva_text_puts(ret_content, "EMC\n");
}

static bool inflate_all(struct file *file, const char *bytes, size_t size, struct niva_text *text)
{
    unsigned char buffer[16 << 10];
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (uInt)size};
    int code = inflateInit(&stream);

    while (code == Z_OK && text->length <= CONTENT_MAX) {
        stream.next_out = buffer;
        stream.avail_out = sizeof buffer;
        code = inflate(&stream, Z_NO_FLUSH);
        niva_text_append(text, buffer, sizeof buffer - stream.avail_out);
    }
    inflateEnd(&stream);
    return code == Z_STREAM_END || strange(file, "a page's stream");
}

static bool deflate_all(struct file *file, const struct niva_text *text, struct niva_text *packed)
{
    uLongf size = compressBound(text->length);
    unsigned char *bytes = malloc(size);
    bool done = bytes != NULL &&
                compress(bytes, &size, (const unsigned char *)text->data, text->length) == Z_OK;

    if (done)
        niva_text_append(packed, bytes, size);
    free(bytes);
    return done || memory_out(file);
}

static bool content_write(struct file *file, size_t number, const struct object *object)
{
    static const char word[] = "\nstream\n";
    const char *begin = object->at + object->head + sizeof word - 1;
    struct niva_text content = {0};
    struct niva_text marked = {0};
    struct niva_text packed = {0};
    bool written;

    if (object->head == object->size || find(object, "/Filter /FlateDecode") == NULL)
        return strange(file, "a page's stream");
    written = inflate_all(file, begin, (size_t)(object->at + object->size - begin), &content);
    if (written) {
        content_mark(content.data, content.length, &marked);
        written = deflate_all(file, &marked, &packed);
    }
    if (written) {
        niva_text_printf(file->out,
                         "%zu 0 obj\n<< /Length %zu\n   /Filter /FlateDecode\n>>\nstream\n", number,
                         packed.length);
        niva_text_append(file->out, packed.data, packed.length);
        niva_text_puts(file->out, "\nendstream\nendobj\n");
    }
    niva_text_free(&content);
    niva_text_free(&marked);
    niva_text_free(&packed);
    return written;
}

/* ---- objects ---- */

/* An object with more entries in its dictionary. */
static bool entries_write(struct file *file, const struct object *object, const char *entries)
{
    const char *begin = find(object, "<< ");
    size_t before = begin == NULL ? 0 : (size_t)(begin - object->at) + 3;

    if (begin == NULL)
        return strange(file, "a dictionary");
    niva_text_append(file->out, object->at, before);
    niva_text_puts(file->out, entries);
    niva_text_append(file->out, object->at + before, object->size - before);
    return true;
}

static bool catalog_write(struct file *file, const struct object *object)
{
    char entries[160];

    snprintf(entries, sizeof entries,
             "/Lang (%s)\n   /ViewerPreferences << /DisplayDocTitle true >>\n   /Metadata %zu 0 R\n"
             "   ",
             file->facts->language, file->count);
    return entries_write(file, object, entries);
}

static bool header_write(struct file *file, const struct object *object)
{
    char scope = file->facts->scopes[file->header_index];

    if (scope == '\0')
        return strange(file, "more headers than were drawn");
    file->header_index++;
    return entries_write(file, object,
                         scope == 'R' ? "/A << /O /Table /Scope /Row >>\n   "
                                      : "/A << /O /Table /Scope /Column >>\n   ");
}

/* A link says what it leads to, and is printed. */
static bool link_write(struct file *file, const struct object *object)
{
    const char *uri = find(object, "/URI (");
    const char *end =
        uri == NULL ? NULL : memchr(uri, ')', (size_t)(object->at + object->size - uri));
    char entries[1024];

    if (end == NULL || (size_t)(end - uri) > sizeof entries / 2)
        return strange(file, "a link");
    snprintf(entries, sizeof entries, "/F 4\n   /Contents %.*s\n   ", (int)(end + 1 - uri - 5),
             uri + 5);
    return entries_write(file, object, entries);
}

/* cairo leaves out that a date is one. */
static bool info_write(struct file *file, const struct object *object, const char *date)
{
    size_t before = (size_t)(date - object->at) + strlen("/CreationDate (");

    niva_text_append(file->out, object->at, before);
    if (object->at[before] != 'D')
        niva_text_puts(file->out, "D:");
    niva_text_append(file->out, object->at + before, object->size - before);
    return true;
}

static bool object_write(struct file *file, size_t number)
{
    const struct object *object = &file->objects[number];
    const char *date;

    if (object->content)
        return content_write(file, number, object);
    if (object->head == object->size) {
        if (find(object, "/Type /Catalog") != NULL)
            return catalog_write(file, object);
        if (find(object, "/Type /Page ") != NULL)
            return entries_write(file, object, "/Tabs /S\n   ");
        if (find(object, "/S /TH\n") != NULL)
            return header_write(file, object);
        if (find(object, "/Subtype /Link") != NULL)
            return link_write(file, object);
        date = find(object, "/CreationDate (");
        if (date != NULL)
            return info_write(file, object, date);
    }
    niva_text_append(file->out, object->at, object->size);
    return true;
}

static void xml_escape(const char *string, struct niva_text *text)
{
    for (; *string != '\0'; string++) {
        if (*string == '&')
            niva_text_puts(text, "&amp;");
        else if (*string == '<')
            niva_text_puts(text, "&lt;");
        else if (*string == '>')
            niva_text_puts(text, "&gt;");
        else
            niva_text_append(text, string, 1);
    }
}

static bool metadata_write(struct file *file)
{
    struct niva_text xmp = {0};
    bool written;

    niva_text_puts(&xmp, "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                         "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                         "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                         "<rdf:Description rdf:about=\"\" "
                         "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
                         "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\n"
                         "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">");
    xml_escape(file->facts->title, &xmp);
    niva_text_printf(&xmp,
                     "</rdf:li></rdf:Alt></dc:title>\n"
                     "<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>\n"
                     "<xmp:CreateDate>%s</xmp:CreateDate>\n"
                     "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>\n",
                     file->facts->language, file->facts->made);
    written = !xmp.failed;
    if (written) {
        niva_text_printf(file->out,
                         "%zu 0 obj\n<< /Type /Metadata /Subtype /XML /Length %zu >>\nstream\n",
                         file->count, xmp.length);
        niva_text_append(file->out, xmp.data, xmp.length);
        niva_text_puts(file->out, "endstream\nendobj\n");
    }
    niva_text_free(&xmp);
    return written || memory_out(file);
}

/* ---- putting together ---- */

static bool trailer_write(struct file *file)
{
    const char *table = file->source->data + file->xref;
    size_t size = file->source->length - file->xref;
    size_t begin = file->out->length;
    size_t root;
    size_t info;

    if (!number_find(table, size, "/Root ", &root) || !number_find(table, size, "/Info ", &info))
        return strange(file, "the trailer");
    niva_text_printf(file->out, "xref\n0 %zu\n0000000000 65535 f \n", file->count + 1);
    for (size_t i = 1; i <= file->count; i++)
        niva_text_printf(file->out, "%010zu 00000 n \n", file->objects[i].written);
    niva_text_printf(file->out,
                     "trailer\n<< /Size %zu\n   /Root %zu 0 R\n   /Info %zu 0 R\n>>\nstartxref\n"
                     "%zu\n%%%%EOF\n",
                     file->count + 1, root, info, begin);
    return true;
}

static bool file_write(struct file *file)
{
    niva_text_append(file->out, file->source->data, file->first);
    for (size_t i = 1; i < file->count; i++) {
        file->objects[i].written = file->out->length;
        if (!object_write(file, i))
            return false;
    }
    if (file->facts->scopes[file->header_index] != '\0')
        return strange(file, "fewer headers than were drawn");
    file->objects[file->count].written = file->out->length;
    return metadata_write(file) && trailer_write(file);
}

bool pdf_finish(const struct niva_text *made_by_cairo, const struct pdf_facts *facts,
                struct niva_text *ret_pdf, struct niva_error *err)
{
    struct niva_text out = {0};
    struct file file = {.source = made_by_cairo, .facts = facts, .err = err, .out = &out};
    bool finished =
        xref_find(&file) && objects_find(&file) && contents_find(&file) && file_write(&file);

    if (finished && out.failed)
        finished = memory_out(&file);
    if (finished)
        niva_text_append(ret_pdf, out.data, out.length);
    niva_text_free(&out);
    free(file.objects);
    return finished;
}
