#include "services/compliance/verify_imports.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "services/compliance/import.h"
#include "services/compliance/record.h"
#include "services/compliance/store_verify.h"

static const struct niva_difference_kind digest_differs = {
    "IMPORT_DIGEST_WRONG", "Den inlästa filen har inte den kontrollsumma som är sparad med den.",
    "The imported file does not have the digest that is kept with it."};
static const struct niva_difference_kind import_missing = {
    "IMPORT_MISSING", "Filen som uppgiften lästes in från finns inte.",
    "The file that this was imported from is not there."};

/* Some, with their files, fit into a page's memory. */
enum { FILES_MOST = 8 };

static bool digest_check(const struct niva_fact *fact, struct niva_read *read,
                         struct niva_verify *verify, struct niva_error *err)
{
    const Niva__Compliance__V1__Original *original;
    struct record record;
    uint8_t digest[32];
    char text[IMPORT_SHA256_SIZE];
    struct niva_error ignored;

    verify->checked++;
    if (!record_read(fact, read->arena, &record, &ignored) || record.message == NULL)
        return true; /* the proof of the chain says so */
    original = (const Niva__Compliance__V1__Original *)record.message;
    if (EVP_Digest(original->content.data, original->content.len, digest, NULL, EVP_sha256(),
                   NULL) != 1)
        return niva_fail_internal(err, "SHA-256 is not to be had");
    niva_hex(digest, sizeof digest, text);
    if (strcmp(text, original->sha256) != 0)
        niva_verify_differs(verify, &digest_differs,
                            NIVA_DIFFERENCE(.kind = (char *)"import",
                                            .id = (char *)(uintptr_t)fact->id, .version = 1,
                                            .expected = original->sha256, .actual = text));
    return true;
}

bool verify_imports(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                    struct niva_verify *verify, const char **ret_next, struct niva_error *err)
{
    struct niva_fact_filter filter = {.kind = record_kind_name(RECORD_IMPORT),
                                      .since = NIVA_DAY_NONE,
                                      .known_at = INT64_MAX,
                                      .after_no = strtoll(after, NULL, 10),
                                      .limit = limit < FILES_MOST ? limit : FILES_MOST};
    struct niva_fact *facts;
    size_t count;

    *ret_next = NULL;
    if (unit[0] != '\0')
        return true;
    if (!niva_facts_list(read->pg, &filter, read->arena, &count, &facts, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!digest_check(&facts[i], read, verify, err))
            return false;
    if (count < (size_t)filter.limit)
        return true;
    *ret_next = niva_arena_printf(read->arena, "%" PRId64, facts[count - 1].fact_no);
    return *ret_next != NULL || niva_fail_memory(err);
}

bool verify_imported(struct niva_read *read, const char *unit, struct niva_arena *arena,
                     struct niva_verify *verify, struct niva_error *err)
{
    struct stored_import *rows;
    size_t count;

    if (!store_verify_imported(read->pg, unit, arena, &count, &rows, err))
        return false;
    for (size_t i = 0; i < count; i++)
        niva_verify_differs(verify, &import_missing,
                            NIVA_DIFFERENCE(.kind = (char *)(uintptr_t)rows[i].kind,
                                            .id = (char *)(uintptr_t)rows[i].id,
                                            .version = rows[i].version,
                                            .unit = (char *)(uintptr_t)unit,
                                            .expected = (char *)(uintptr_t)rows[i].import_id));
    return true;
}
