/* The zip and the XML of an XLSX, read as a stranger's: nothing is believed of sizes, nothing is
 * unpacked as a whole, no document type is taken, no element may be too deep. */
#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "services/common/sheets/inside.h"

enum {
    CHUNK_BYTES = 64 << 10,
    RATIO_FREE_BYTES = 1 << 20, /* as much may be packed however well */
    /* A token that never ends would be read again and again by the parser. */
    QUIET_BYTES_MAX = 1 << 20,
};

struct parsing {
    struct package *package;
    const struct xml_reader *reader;
    XML_Parser parser;
    int depth;
    bool failed;  /* err is set */
    size_t quiet; /* bytes since the reader heard anything */
};

/* Of two parts of one name different readers would read different ones. */
static bool names_check(const struct package *package)
{
    zip_int64_t count = zip_get_num_entries(package->zip, 0);

    for (zip_int64_t i = 0; i < count; i++) {
        const char *name = zip_get_name(package->zip, (zip_uint64_t)i, 0);

        if (name == NULL || zip_name_locate(package->zip, name, ZIP_FL_NOCASE) != i)
            return sheet_refuse_broken(package->err);
    }
    return true;
}

bool package_open(struct package *package, const uint8_t *bytes, size_t size,
                  struct niva_arena *arena, struct niva_error *err)
{
    zip_error_t error;
    zip_source_t *source;

    zip_error_init(&error);
    *package = (struct package){.arena = arena, .err = err};
    source = zip_source_buffer_create(bytes, size, 0, &error);
    if (source != NULL)
        package->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (source != NULL && package->zip == NULL)
        zip_source_free(source);
    zip_error_fini(&error);
    if (package->zip == NULL)
        return sheet_refuse_broken(err);
    if (zip_get_num_entries(package->zip, 0) > NIVA_SHEET_ENTRIES_MAX)
        sheet_refuse_large(err, "högst 1 000 delar i en XLSX", "at most 1,000 parts of an XLSX");
    else if (names_check(package))
        return true;
    package_close(package);
    return false;
}

void package_close(struct package *package)
{
    if (package->zip != NULL)
        zip_discard(package->zip);
    package->zip = NULL;
}

bool package_has(const struct package *package, const char *part)
{
    return zip_name_locate(package->zip, part, ZIP_FL_NOCASE) >= 0;
}

const char *xml_attribute(const char *const *attributes, const char *name)
{
    for (; *attributes != NULL; attributes += 2) {
        const char *bar = strrchr(attributes[0], '|');

        if (strcmp(bar == NULL ? attributes[0] : bar + 1, name) == 0)
            return attributes[1];
    }
    return NULL;
}

/* ---- XML ---- */

static void parsing_stop(struct parsing *parsing)
{
    parsing->failed = true;
    XML_StopParser(parsing->parser, XML_FALSE);
}

static const char *local_name(const char *name)
{
    const char *bar = strrchr(name, '|');

    return bar == NULL ? name : bar + 1;
}

static void XMLCALL on_begin(void *user, const char *name, const char **attributes)
{
    struct parsing *parsing = user;

    parsing->quiet = 0;
    if (parsing->failed)
        return;
    if (++parsing->depth > NIVA_SHEET_XML_DEPTH_MAX) {
        sheet_refuse(parsing->package->err, "XML_TOO_DEEP",
                     "Filens XML är för djup. Spara den på nytt i ett kalkylprogram.",
                     "The XML of the file is too deep. Save it again in a spreadsheet program.");
        parsing_stop(parsing);
    } else if (!parsing->reader->begin(parsing->reader->self, local_name(name),
                                       (const char *const *)attributes)) {
        parsing_stop(parsing);
    }
}

static void XMLCALL on_end(void *user, const char *name)
{
    struct parsing *parsing = user;

    parsing->quiet = 0;
    parsing->depth--;
    if (!parsing->failed && parsing->reader->end != NULL &&
        !parsing->reader->end(parsing->reader->self, local_name(name)))
        parsing_stop(parsing);
}

static void XMLCALL on_text(void *user, const char *characters, int size)
{
    struct parsing *parsing = user;

    parsing->quiet = 0;
    if (!parsing->failed && parsing->reader->text != NULL &&
        !parsing->reader->text(parsing->reader->self, characters, (size_t)size))
        parsing_stop(parsing);
}

/* Entities are declared there, and no spreadsheet has one. */
static void XMLCALL on_doctype(void *user, const char *name, const char *system_id,
                               const char *public_id, int internal)
{
    struct parsing *parsing = user;

    (void)name;
    (void)system_id;
    (void)public_id;
    (void)internal;
    if (parsing->failed)
        return;
    sheet_refuse(parsing->package->err, "XML_DOCTYPE",
                 "Filens XML har en dokumenttyp (DOCTYPE) och tas inte emot. Spara den på nytt i "
                 "ett kalkylprogram.",
                 "The XML of the file has a document type (DOCTYPE) and is refused. Save it again "
                 "in a spreadsheet program.");
    parsing_stop(parsing);
}

static bool refuse_bomb(struct niva_error *err)
{
    return sheet_refuse(
        err, "TOO_LARGE",
        "Filen packar upp till orimligt mycket och tas inte emot. Spara den på nytt "
        "i ett kalkylprogram.",
        "The file unpacks to unreasonably much and is refused. Save it again in a "
        "spreadsheet program.");
}

/* What was unpacked so far is within bounds. `packed` is the size of the part in the zip. */
static bool amount_check(const struct package *package, int64_t unpacked, int64_t packed)
{
    if (package->unpacked > NIVA_SHEET_XML_BYTES_MAX ||
        (unpacked > RATIO_FREE_BYTES && unpacked / NIVA_SHEET_RATIO_MAX > packed))
        return refuse_bomb(package->err);
    return true;
}

static bool chunks_parse(struct parsing *parsing, zip_file_t *file, int64_t packed)
{
    struct package *package = parsing->package;
    int64_t unpacked = 0;
    int64_t size;

    do {
        void *buffer = XML_GetBuffer(parsing->parser, CHUNK_BYTES);

        if (buffer == NULL)
            return niva_fail_memory(package->err);
        size = zip_fread(file, buffer, CHUNK_BYTES);
        if (size < 0)
            return sheet_refuse_broken(package->err);
        unpacked += size;
        package->unpacked += size;
        parsing->quiet += (size_t)size;
        if (!amount_check(package, unpacked, packed))
            return false;
        if (XML_ParseBuffer(parsing->parser, (int)size, size == 0) != XML_STATUS_OK)
            return !parsing->failed && sheet_refuse_broken(package->err);
        if (parsing->quiet > QUIET_BYTES_MAX)
            return refuse_bomb(package->err);
    } while (size > 0);
    return !parsing->failed;
}

static bool file_parse(struct package *package, zip_file_t *file, int64_t packed,
                       const struct xml_reader *reader)
{
    struct parsing parsing = {.package = package, .reader = reader};
    bool good;

    parsing.parser = XML_ParserCreateNS(NULL, '|');
    if (parsing.parser == NULL)
        return niva_fail_memory(package->err);
    XML_SetUserData(parsing.parser, &parsing);
    XML_SetElementHandler(parsing.parser, on_begin, on_end);
    XML_SetCharacterDataHandler(parsing.parser, on_text);
    XML_SetStartDoctypeDeclHandler(parsing.parser, on_doctype);
    good = chunks_parse(&parsing, file, packed);
    XML_ParserFree(parsing.parser);
    return good;
}

static bool entry_check(const zip_stat_t *entry, struct niva_error *err)
{
    if ((entry->valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && entry->encryption_method != ZIP_EM_NONE)
        return sheet_refuse(err, "ENCRYPTED",
                            "Filen är skyddad med lösenord. Spara den utan lösenord.",
                            "The file has a password. Save it without one.");
    if ((entry->valid & ZIP_STAT_COMP_METHOD) == 0 || (entry->valid & ZIP_STAT_COMP_SIZE) == 0 ||
        (entry->comp_method != ZIP_CM_STORE && entry->comp_method != ZIP_CM_DEFLATE))
        return sheet_refuse_broken(err);
    if ((entry->valid & ZIP_STAT_SIZE) != 0 && entry->size > NIVA_SHEET_XML_BYTES_MAX)
        return refuse_bomb(err);
    return true;
}

bool package_read(struct package *package, const char *part, const struct xml_reader *reader)
{
    zip_int64_t index = zip_name_locate(package->zip, part, ZIP_FL_NOCASE);
    zip_stat_t entry;
    zip_file_t *file;
    bool good;

    if (index < 0 || zip_stat_index(package->zip, (zip_uint64_t)index, 0, &entry) != 0)
        return sheet_refuse_broken(package->err);
    if (!entry_check(&entry, package->err))
        return false;
    file = zip_fopen_index(package->zip, (zip_uint64_t)index, 0);
    if (file == NULL)
        return sheet_refuse_broken(package->err);
    good = file_parse(package, file, (int64_t)entry.comp_size, reader);
    zip_fclose(file);
    return good;
}

/* ---- relationships ---- */

struct relating {
    struct package *package;
    const char *part;
    struct relation *relations;
    size_t count;
};

/* A target as the name of a part: "/xl/a.xml" from the root, else from where the part lies. */
static const char *target_part(const struct relating *relating, const char *target)
{
    const char *slash = strrchr(relating->part, '/');
    int length = slash == NULL ? 0 : (int)(slash + 1 - relating->part);

    if (*target == '/')
        return niva_arena_strdup(relating->package->arena, target + 1);
    return niva_arena_printf(relating->package->arena, "%.*s%s", length, relating->part, target);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static bool relation_begin(void *self, const char *name, const char *const *attributes)
{
    struct relating *relating = self;
    const char *id = xml_attribute(attributes, "Id");
    const char *type = xml_attribute(attributes, "Type");
    const char *target = xml_attribute(attributes, "Target");

    if (strcmp(name, "Relationship") != 0 || id == NULL || type == NULL || target == NULL)
        return true;
    for (size_t i = 0; i < relating->count; i++) {
        struct relation *relation = &relating->relations[i];

        if (relation->target != NULL || !(relation->id != NULL ? strcmp(relation->id, id) == 0
                                                               : ends_with(type, relation->type)))
            continue;
        relation->target = target_part(relating, target);
        if (relation->target == NULL)
            return niva_fail_memory(relating->package->err);
    }
    return true;
}

bool relations_find(struct package *package, const char *part, struct relation *relations,
                    size_t count)
{
    struct relating relating = {package, part, relations, count};
    struct xml_reader reader = {.self = &relating, .begin = relation_begin};
    const char *slash = strrchr(part, '/');
    int length = slash == NULL ? 0 : (int)(slash + 1 - part);
    char *name =
        niva_arena_printf(package->arena, "%.*s_rels/%s.rels", length, part, part + length);

    if (name == NULL)
        return niva_fail_memory(package->err);
    return !package_has(package, name) || package_read(package, name, &reader);
}
