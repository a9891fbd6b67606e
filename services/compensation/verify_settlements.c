/* The proof of settlements: each is its own last version, every version is the fact that was
 * recorded and was told; the files are what was made; its lines are those that are in it, in its
 * state, each in one settlement alone; their deductions are its sum. */
#include <stdlib.h>
#include <string.h>

#include "niva/compensation/v1/events.pb-c.h"
#include "services/common/wire/wire.h"
#include "services/compensation/settle.h"
#include "services/compensation/store_settlements.h"
#include "services/compensation/store_verify_settle.h"
#include "services/compensation/verify.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__Settlement Settlement;
typedef Niva__Compensation__V1__Settlement__File File;

enum { SETTLEMENTS_MOST = 8, ONE_ARENA_BYTES = 128 << 20 };

#define SETTLEMENT_EVENTS "se.niva.compensation.settlement."
#define VOIDED            NIVA__COMPENSATION__V1__SETTLEMENT__STATE__VOIDED
#define BOOKED            NIVA__COMPENSATION__V1__SETTLEMENT__STATE__BOOKED

static const struct niva_difference_kind unreadable = {
    "SETTLEMENT_UNREADABLE", "Avräkningen går inte att läsa.", "The settlement cannot be read."};
static const struct niva_difference_kind column = {
    "SETTLEMENT_COLUMN", "En kolumn säger något annat än avräkningen själv.",
    "A column says something else than the settlement itself."};
static const struct niva_difference_kind not_last = {"SETTLEMENT_NOT_LAST",
                                                     "Avräkningen är inte sin egen sista version.",
                                                     "The settlement is not its own last version."};
static const struct niva_difference_kind leaps = {
    "SETTLEMENT_VERSION_MISSING", "Avräkningens förra version saknas.",
    "The version before this one of the settlement is missing."};
static const struct niva_difference_kind altered = {
    "SETTLEMENT_ALTERED", "Avräkningens version är inte den som registrerades.",
    "The version of the settlement is not what was recorded."};
static const struct niva_difference_kind untold = {
    "SETTLEMENT_UNTOLD", "Ingen händelse berättar om den här versionen av avräkningen.",
    "No event tells of this version of the settlement."};
static const struct niva_difference_kind missing = {
    "SETTLEMENT_MISSING", "Avräkningen saknas, fast en händelse berättar om den.",
    "The settlement is missing, although an event tells of it."};
static const struct niva_difference_kind file_differs = {
    "SETTLEMENT_FILE", "En fil är inte den som avräkningen gjordes med.",
    "A file is not what the settlement was made with."};
static const struct niva_difference_kind line_differs = {
    "SETTLEMENT_LINE", "En reglering är inte i avräkningen så som den säger.",
    "An adjustment is not in the settlement as that says."};
static const struct niva_difference_kind sum_differs = {
    "SETTLEMENT_SUM", "Regleringarna blir inte avräkningens summa.",
    "The adjustments do not add up to the settlement."};
static const struct niva_difference_kind unsettled = {
    "ADJUSTMENT_UNSETTLED", "Regleringen är överförd men finns i ingen avräkning.",
    "The adjustment was handed over and is in no settlement."};

/* A settlement on its way. */
struct settlement_proof {
    struct niva_read *read;
    struct niva_verify *verify;
    struct niva_arena *arena; /* of this one */
    const struct stored_settlement *row;
    char id[37];
    const Settlement *body;
    size_t event_count;
    const struct niva_told *events;
};

static void differs(const struct settlement_proof *proof, const struct niva_difference_kind *kind,
                    int32_t version, const char *field, const char *expected, const char *actual)
{
    niva_verify_differs(proof->verify, kind,
                        NIVA_DIFFERENCE(.kind = (char *)"settlement", .id = (char *)proof->id,
                                        .version = version, .field = (char *)field,
                                        .expected = (char *)expected, .actual = (char *)actual));
}

static const Settlement *body_read(ProtobufCBinaryData bytes, struct niva_arena *arena)
{
    ProtobufCMessage *message;
    struct niva_error ignored;

    return niva_wire_unpack(&niva__compensation__v1__settlement__descriptor, bytes.data, bytes.len,
                            false, arena, &message, &ignored)
               ? (const Settlement *)message
               : NULL;
}

static bool bytes_equal(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* ---- versions ---- */

static void columns_check(const struct settlement_proof *proof, const struct stored_settlement *row,
                          const Settlement *body)
{
    niva_instant recorded_at = INT64_MIN;
    char period[16];

    niva_month_format(row->period, period);
    if (strcmp(body->settlement_id, proof->id) != 0)
        differs(proof, &column, row->version, "settlement_id", body->settlement_id, proof->id);
    if (strcmp(body->region_code, row->region) != 0)
        differs(proof, &column, row->version, "region", body->region_code, row->region);
    if (strcmp(body->period, period) != 0)
        differs(proof, &column, row->version, "period", body->period, period);
    if ((int32_t)body->state != row->state)
        differs(proof, &column, row->version, "state",
                niva_verify_number(proof->verify, (int64_t)body->state),
                niva_verify_number(proof->verify, row->state));
    if (body->version != row->version)
        differs(proof, &column, row->version, "version",
                niva_verify_number(proof->verify, body->version),
                niva_verify_number(proof->verify, row->version));
    if (body->recorded_at == NULL || !niva_wire_instant(body->recorded_at, &recorded_at) ||
        recorded_at != row->recorded_at)
        differs(proof, &column, row->version, "recorded_at",
                niva_verify_instant(proof->verify, recorded_at),
                niva_verify_instant(proof->verify, row->recorded_at));
}

/* The version is the fact that the chain proves. */
static bool fact_check(const struct settlement_proof *proof, const struct stored_settlement *row,
                       struct niva_error *err)
{
    struct niva_fact *fact;

    if (!niva_fact_get(proof->read->pg, FACT_SETTLEMENT, proof->id, row->recorded_at, proof->arena,
                       &fact, err))
        return false;
    if (fact == NULL || fact->version != row->version || !bytes_equal(fact->body, row->body))
        differs(proof, &altered, row->version, "body", "", "");
    return true;
}

/* What an event says of a settlement; NULL: it can't be read, which the chain tells. All three have
 * one shape. */
static const Settlement *event_read(const struct niva_told *event, struct niva_arena *arena)
{
    ProtobufCMessage *message;
    struct niva_error ignored;

    if (event->data.data == NULL ||
        !niva_wire_unpack(&niva__compensation__v1__settlement_exported__descriptor,
                          event->data.data, event->data.len, false, arena, &message, &ignored))
        return NULL;
    return ((const Niva__Compensation__V1__SettlementExported *)message)->settlement;
}

static const char *type_of(Niva__Compensation__V1__Settlement__State state)
{
    if (state == VOIDED)
        return EVENT_SETTLEMENT_VOIDED;
    return state == BOOKED ? EVENT_SETTLEMENT_BOOKED : EVENT_SETTLEMENT_EXPORTED;
}

/* One event told of the version, as it is. */
static bool told_check(const struct settlement_proof *proof, const struct stored_settlement *row,
                       const Settlement *body, struct niva_error *err)
{
    const Settlement *shown = settlement_shown(body, proof->arena);
    size_t told = 0;

    if (shown == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < proof->event_count; i++) {
        const Settlement *said = event_read(&proof->events[i], proof->arena);
        ProtobufCBinaryData expected;
        ProtobufCBinaryData actual;

        if (said == NULL || said->version != body->version ||
            strcmp(said->settlement_id, proof->id) != 0)
            continue;
        if (!niva_wire_pack(&shown->base, proof->arena, &expected, err) ||
            !niva_wire_pack(&said->base, proof->arena, &actual, err))
            return false;
        told += bytes_equal(expected, actual) &&
                strcmp(proof->events[i].type, type_of(body->state)) == 0;
    }
    if (told != 1)
        differs(proof, &untold, row->version, "", "", "");
    return true;
}

static bool version_check(const struct settlement_proof *proof, const struct stored_settlement *row,
                          struct niva_error *err)
{
    const Settlement *body = body_read(row->body, proof->arena);

    proof->verify->checked++;
    if (body == NULL) {
        differs(proof, &unreadable, row->version, "body", "", "");
        return true;
    }
    columns_check(proof, row, body);
    return fact_check(proof, row, err) && told_check(proof, row, body, err);
}

static bool versions_check(const struct settlement_proof *proof, struct niva_error *err)
{
    const struct stored_settlement *last = NULL;
    struct stored_settlement *versions;
    size_t count;

    if (!store_verify_settlement_versions(proof->read->pg, proof->row->id, proof->arena, &count,
                                          &versions, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (versions[i].version != (int32_t)i + 1)
            differs(proof, &leaps, versions[i].version, "version", "", "");
        if (!version_check(proof, &versions[i], err))
            return false;
        last = &versions[i];
    }
    if (last == NULL || last->version != proof->row->version || last->state != proof->row->state ||
        last->period != proof->row->period || last->recorded_at != proof->row->recorded_at ||
        strcmp(last->region, proof->row->region) != 0 || !bytes_equal(last->body, proof->row->body))
        differs(proof, &not_last, proof->row->version, "body", "", "");
    return true;
}

/* ---- files ---- */

static bool file_check(const struct settlement_proof *proof, const struct stored_file *file,
                       const File *said, struct niva_error *err)
{
    uint8_t digest[SETTLEMENT_DIGEST_SIZE];
    char hex[2 * SETTLEMENT_DIGEST_SIZE + 1];

    if (!settlement_digest(file->content, digest, err))
        return false;
    niva_hex(digest, sizeof digest, hex);
    if (strcmp(hex, said->sha256) != 0 || file->sha256.len != sizeof digest ||
        memcmp(file->sha256.data, digest, sizeof digest) != 0 ||
        (int64_t)file->content.len != said->size)
        differs(proof, &file_differs, proof->row->version, said->file_name, said->sha256, hex);
    return true;
}

static bool files_check(const struct settlement_proof *proof, struct niva_error *err)
{
    struct stored_file *files;
    size_t count;

    if (!store_verify_files(proof->read->pg, proof->row->id, proof->arena, &count, &files, err))
        return false;
    for (size_t i = 0; i < proof->body->n_files; i++) {
        const File *said = proof->body->files[i];
        size_t at = 0;

        while (at < count && files[at].format != (int32_t)said->format)
            at++;
        if (at == count)
            differs(proof, &file_differs, proof->row->version, said->file_name, said->sha256, "");
        else if (!file_check(proof, &files[at], said, err))
            return false;
    }
    if (count != SETTLEMENT_KINDS || proof->body->n_files != SETTLEMENT_KINDS)
        differs(proof, &file_differs, proof->row->version, "files",
                niva_verify_number(proof->verify, SETTLEMENT_KINDS),
                niva_verify_number(proof->verify, (int64_t)count));
    return true;
}

/* ---- lines ---- */

static void line_check(const struct settlement_proof *proof, const struct settled_row *settled,
                       int64_t *sum)
{
    bool booked = proof->body->state == BOOKED;
    const Adjustment *line;
    ProtobufCMessage *message;
    struct niva_error ignored;
    char id[37];

    niva_uuid_format(settled->id, id);
    if (settled->body.data == NULL ||
        !niva_wire_unpack(&niva__compensation__v1__adjustment__descriptor, settled->body.data,
                          settled->body.len, false, proof->arena, &message, &ignored)) {
        differs(proof, &line_differs, proof->row->version, id, "", "");
        return;
    }
    line = (const Adjustment *)message;
    *sum += line->deduction_ore;
    if (settled->state != (booked ? LINE_BOOKED : LINE_EXPORTED) || line->deduction_ore == 0 ||
        strcmp(line->settlement_id, proof->id) != 0 ||
        strcmp(line->voucher_number, proof->body->voucher_number) != 0 ||
        strcmp(line->region_code, proof->body->region_code) != 0)
        differs(proof, &line_differs, proof->row->version, id, "", "");
}

static int id_compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct niva_uuid));
}

/* The ids that the settlement lists, in order; false when the arena is out. */
static bool listed_sort(const struct settlement_proof *proof, struct niva_uuid **ret_ids)
{
    size_t count = proof->body->n_adjustment_ids;
    struct niva_uuid *ids = niva_arena_array(proof->arena, count, sizeof *ids);

    if (ids == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!niva_uuid_parse(proof->body->adjustment_ids[i], &ids[i]))
            ids[i] = (struct niva_uuid){0};
    qsort(ids, count, sizeof *ids, id_compare);
    *ret_ids = ids;
    return true;
}

/* A living settlement has the lines that it lists, a voided one has none. */
static bool lines_check(const struct settlement_proof *proof, struct niva_error *err)
{
    size_t wanted = proof->body->state == VOIDED ? 0 : proof->body->n_adjustment_ids;
    struct settled_row *settled;
    struct niva_uuid *ids;
    int64_t sum = 0;
    size_t count;

    if (!store_verify_settled(proof->read->pg, proof->row->id, proof->arena, &count, &settled, err))
        return false;
    if (!listed_sort(proof, &ids))
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        line_check(proof, &settled[i], &sum);
        if (i < wanted && id_compare(&settled[i].id, &ids[i]) != 0)
            differs(proof, &line_differs, proof->row->version, "adjustment_ids", "", "");
    }
    proof->verify->checked += (int64_t)count;
    if (count != wanted)
        differs(proof, &line_differs, proof->row->version, "adjustment_ids",
                niva_verify_number(proof->verify, (int64_t)wanted),
                niva_verify_number(proof->verify, (int64_t)count));
    if (proof->body->state != VOIDED && sum != proof->body->sum_ore)
        differs(proof, &sum_differs, proof->row->version, "sum_ore",
                niva_verify_number(proof->verify, proof->body->sum_ore),
                niva_verify_number(proof->verify, sum));
    return true;
}

/* ---- all of them ---- */

static bool settlement_check(struct settlement_proof *proof, struct niva_error *err)
{
    niva_uuid_format(proof->row->id, proof->id);
    proof->body = body_read(proof->row->body, proof->arena);
    if (proof->body == NULL) {
        differs(proof, &unreadable, proof->row->version, "body", "", "");
        return true;
    }
    return versions_check(proof, err) && files_check(proof, err) && lines_check(proof, err);
}

/* What no settlement is asked about: events of one that is not there, lines that are in none. */
static bool strays_check(struct niva_read *read, struct niva_verify *verify,
                         const struct niva_told *events, size_t event_count, struct niva_error *err)
{
    struct niva_uuid *ids;
    size_t count;

    for (size_t i = 0; i < event_count; i++) {
        const Settlement *said = event_read(&events[i], read->arena);
        struct settlement_row *row = NULL;
        struct niva_uuid id;

        if (said == NULL || !niva_uuid_parse(said->settlement_id, &id))
            continue;
        if (!store_settlement_get(read->pg, id, INT64_MAX, read->arena, &row, err))
            return false;
        if (row == NULL)
            niva_verify_differs(
                verify, &missing,
                NIVA_DIFFERENCE(.position = events[i].position, .kind = (char *)"settlement",
                                .id = said->settlement_id, .version = said->version));
    }
    if (!store_verify_unsettled(read->pg, read->arena, &count, &ids, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        char id[37];

        niva_uuid_format(ids[i], id);
        niva_verify_differs(verify, &unsettled,
                            NIVA_DIFFERENCE(.kind = (char *)"adjustment", .id = id));
    }
    return true;
}

static const char *key_of(const struct stored_settlement *row, struct niva_arena *arena)
{
    char *text = niva_arena_alloc(arena, 37);

    if (text != NULL)
        niva_uuid_format(row->id, text);
    return text;
}

bool settlements_check(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                       struct niva_verify *verify, const char **ret_next, struct niva_error *err)
{
    int32_t most = limit < SETTLEMENTS_MOST ? limit : SETTLEMENTS_MOST;
    struct niva_arena *arena = niva_arena_new(ONE_ARENA_BYTES);
    struct stored_settlement *rows = NULL;
    struct niva_told *events = NULL;
    struct niva_uuid id;
    size_t event_count = 0;
    size_t count = 0;
    bool good = arena != NULL || niva_fail_memory(err);
    bool begun = niva_uuid_parse(after, &id);

    *ret_next = NULL;
    if (unit[0] != '\0') { /* they are of a region */
        niva_arena_free(arena);
        return good;
    }
    good = good &&
           store_verify_settlements(read->pg, begun ? &id : NULL, most, read->arena, &count, &rows,
                                    err) &&
           niva_verify_told(read->pg, SETTLEMENT_EVENTS, read->arena, &event_count, &events, err);
    for (size_t i = 0; good && i < count; i++) {
        struct settlement_proof proof = {.read = read,
                                         .verify = verify,
                                         .arena = arena,
                                         .row = &rows[i],
                                         .event_count = event_count,
                                         .events = events};

        niva_arena_reset(arena);
        good = settlement_check(&proof, err);
    }
    niva_arena_free(arena);
    if (good && count == (size_t)most)
        *ret_next = key_of(&rows[count - 1], read->arena);
    else if (good)
        good = strays_check(read, verify, events, event_count, err);
    return good;
}
