/* The proof of the facts: each against its seal, all of them against the head. */
#include <string.h>

#include "services/common/bus/chain.h"
#include "services/common/bus/verify.h"

/* A page is cut at so many bytes; a single larger fact is a page of its own. */
enum { PAGE_BYTES = 4 << 20, ARENA_BYTES = 64 << 20 };

static const struct niva_statement facts_page = {
    "verify_facts",
    "SELECT fact_no, kind, id, version, unit, profession_group, region, refers_to, first_day,"
    " recorded_at, recorded_by, received_at, body, salt, digest, hash,"
    " version = 1 OR EXISTS (SELECT FROM fact p WHERE p.kind = sized.kind AND p.id = sized.id"
    "  AND p.version = sized.version - 1 AND p.fact_no < sized.fact_no) AS follows,"
    " EXISTS (SELECT FROM fact e WHERE e.fact_no = sized.erased_by AND e.kind = 'erasure'"
    "  AND (e.unit = sized.unit OR sized.kind IN ('import', 'settlement'))"
    "  AND e.fact_no > sized.fact_no) AS decided"
    " FROM (SELECT *, row_number() OVER (ORDER BY fact_no) AS number,"
    "  sum(coalesce(octet_length(body), 0) + 200) OVER (ORDER BY fact_no) AS size"
    "  FROM (SELECT * FROM fact WHERE fact_no > $1 ORDER BY fact_no LIMIT $2) wanted) sized"
    " WHERE size <= $3 OR number = 1 ORDER BY fact_no"};
static const struct niva_statement fact_before = {"verify_fact_before",
                                                  "SELECT hash FROM fact WHERE fact_no = $1"};
static const struct niva_statement fact_head = {"verify_fact_head",
                                                "SELECT fact_no, fact_hash FROM stream_head"};
static const struct niva_statement totals = {
    "verify_total", "SELECT (position + fact_no)::bigint FROM stream_head"};

static const struct niva_difference_kind fact_missing = {
    "FACT_MISSING", "Ett faktum saknas i journalen: det har tagits bort.",
    "A fact is missing from the record: it was taken away."};
static const struct niva_difference_kind fact_altered = {
    "FACT_ALTERED", "Faktumets innehåll är inte det som skrevs: det har ändrats i efterhand.",
    "The content of the fact is not what was written: it was altered afterwards."};
static const struct niva_difference_kind fact_unchained = {
    "FACT_CHAIN_BROKEN",
    "Faktumet passar inte i kedjan: det, eller det före det, har ändrats eller lagts till.",
    "The fact does not fit its chain: it, or the one before it, was altered or put in."};
static const struct niva_difference_kind fact_leaps = {
    "FACT_VERSION_MISSING", "Faktumets förra version saknas före det.",
    "The version before this one of the fact does not stand before it."};
static const struct niva_difference_kind fact_erased = {
    "FACT_ERASED_WITHOUT_DECISION",
    "Faktumets innehåll är borta, men inget beslut om gallring täcker det.",
    "The content of the fact is gone, but no decision to erase covers it."};
static const struct niva_difference_kind fact_head_wrong = {
    "FACT_HEAD", "Journalens huvud stämmer inte med det sista faktumet.",
    "The head of the record does not fit its last fact."};

/* The chain on its way through a page. */
struct walk {
    struct niva_verify *verify;
    struct niva_arena *arena;
    int64_t number; /* of the last fact seen */
    bool known;     /* its hash is known */
    uint8_t hash[HASH_SIZE];
};

static bool bytes_are(const struct niva_query *query, int row, int column, const uint8_t *expected)
{
    size_t size;
    const uint8_t *bytes = niva_row_bytes(query, row, column, &size);

    return size == HASH_SIZE && memcmp(bytes, expected, HASH_SIZE) == 0;
}

static void fact_differs(const struct walk *walk, const struct niva_difference_kind *kind,
                         const struct niva_fact *fact)
{
    niva_verify_differs(walk->verify, kind,
                        NIVA_DIFFERENCE(.position = fact->fact_no, .kind = (char *)fact->kind,
                                        .id = (char *)fact->id, .version = fact->version,
                                        .unit = (char *)fact->unit,
                                        .profession_group = (char *)fact->group));
}

/* Numbers between two facts that are not there. */
static void gap_check(struct walk *walk, int64_t found)
{
    if (found == walk->number + 1)
        return;
    walk->known = false;
    niva_verify_differs(
        walk->verify, &fact_missing,
        NIVA_DIFFERENCE(.position = walk->number + 1, .field = (char *)"fact_no",
                        .expected = niva_verify_number(walk->verify, walk->number + 1),
                        .actual = niva_verify_number(walk->verify, found)));
}

/* What is there must be what was digested. The salt goes with what is erased: what is left in its
 * place can't be digested any more. */
static bool content_check(const struct walk *walk, const struct niva_query *page, int row,
                          const struct niva_fact *fact, struct niva_error *err)
{
    uint8_t digest[HASH_SIZE];
    size_t size;
    const uint8_t *salt = niva_row_bytes(page, row, 13, &size);

    if (salt == NULL) {
        if (!niva_row_bool(page, row, 17))
            fact_differs(walk, &fact_erased, fact);
        return true;
    }
    if (size != SALT_SIZE) {
        fact_differs(walk, &fact_altered, fact);
        return true;
    }
    if (!fact_digest(salt, fact, digest, err))
        return false;
    if (!bytes_are(page, row, 14, digest))
        fact_differs(walk, &fact_altered, fact);
    return true;
}

static bool row_check(struct walk *walk, const struct niva_query *page, int row,
                      struct niva_error *err)
{
    struct niva_fact fact;
    const uint8_t *digest;
    uint8_t hash[HASH_SIZE];
    size_t size;

    if (!niva_fact_row(page, row, walk->arena, &fact))
        return niva_fail_internal(err, "no memory for a page of facts");
    gap_check(walk, fact.fact_no);
    if (!content_check(walk, page, row, &fact, err))
        return false;
    if (!niva_row_bool(page, row, 16))
        fact_differs(walk, &fact_leaps, &fact);
    digest = niva_row_bytes(page, row, 14, &size);
    if (walk->known) {
        if (!fact_hash(walk->hash, &fact, digest, hash, err))
            return false;
        if (!bytes_are(page, row, 15, hash))
            fact_differs(walk, &fact_unchained, &fact);
    }
    walk->number = fact.fact_no;
    walk->known = true;
    memcpy(walk->hash, niva_row_bytes(page, row, 15, &size), HASH_SIZE);
    walk->verify->checked++;
    return true;
}

static void head_check(const struct walk *walk, const struct niva_query *head)
{
    int64_t number = niva_row_int64(head, 0, 0);

    if (number != walk->number)
        niva_verify_differs(
            walk->verify, number > walk->number ? &fact_missing : &fact_head_wrong,
            NIVA_DIFFERENCE(.position = number, .field = (char *)"fact_no",
                            .expected = niva_verify_number(walk->verify, number),
                            .actual = niva_verify_number(walk->verify, walk->number)));
    else if (walk->known && !bytes_are(head, 0, 1, walk->hash))
        niva_verify_differs(walk->verify, &fact_head_wrong,
                            NIVA_DIFFERENCE(.position = number, .field = (char *)"fact_hash"));
}

static void base_take(struct walk *walk, const struct niva_query *before)
{
    size_t size;

    walk->known = walk->number == 0;
    if (niva_rows(before) == 0)
        return;
    walk->known = true;
    memcpy(walk->hash, niva_row_bytes(before, 0, 0, &size), HASH_SIZE);
}

bool niva_verify_facts(struct niva_pg *pg, int64_t after, int32_t limit, struct niva_verify *verify,
                       int64_t *ret_next, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_query queries[] = {{.statement = &fact_head, .params.arena = arena},
                                   {.statement = &fact_before, .params.arena = arena},
                                   {.statement = &facts_page, .params.arena = arena}};
    struct walk walk = {.verify = verify, .arena = arena, .number = after};
    bool good = arena != NULL || niva_fail_internal(err, "no memory for a page of facts");
    int rows = 0;

    if (good) {
        niva_param_int64(&queries[1].params, after);
        niva_param_int64(&queries[2].params, after);
        niva_param_int64(&queries[2].params, limit);
        niva_param_int64(&queries[2].params, PAGE_BYTES);
        good = niva_pg_run(pg, queries, 3, err);
    }
    if (good) {
        rows = niva_rows(&queries[2]);
        base_take(&walk, &queries[1]);
    }
    for (int row = 0; good && row < rows; row++)
        good = row_check(&walk, &queries[2], row, err);
    if (good && rows == 0)
        head_check(&walk, &queries[0]);
    if (good)
        *ret_next = rows == 0 ? -1 : walk.number;
    niva_queries_clear(queries, 3);
    niva_arena_free(arena);
    return good;
}

bool niva_verify_total(struct niva_pg *pg, int64_t *ret_total, struct niva_error *err)
{
    struct niva_query query = {.statement = &totals};
    bool good = niva_pg_run(pg, &query, 1, err);

    if (good)
        *ret_total = niva_row_int64(&query, 0, 0);
    niva_queries_clear(&query, 1);
    return good;
}
