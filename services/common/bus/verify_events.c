/* The proof of the stream: each event against its digest, its link and its envelope, all of them
 * against the head. */
#include <string.h>

#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "services/common/bus/chain.h"
#include "services/common/bus/event.h"
#include "services/common/bus/verify.h"
#include "services/common/wire/wire.h"

/* A page is cut at so many bytes; a single larger event is a page of its own. */
enum { PAGE_BYTES = 4 << 20, ARENA_BYTES = 64 << 20 };

static const struct niva_statement events_page = {
    "verify_events",
    "SELECT position, id, type, subject, recorded_at, envelope, salt, data, digest, hash,"
    " EXISTS (SELECT FROM fact e WHERE e.fact_no = sized.erased_by AND e.kind = 'erasure'"
    "  AND e.unit = sized.subject AND e.recorded_at > sized.recorded_at) AS decided FROM ("
    " SELECT *, row_number() OVER (ORDER BY position) AS number,"
    "  sum(octet_length(envelope) + coalesce(octet_length(data), 0) + 200)"
    "   OVER (ORDER BY position) AS size"
    "  FROM (SELECT * FROM event WHERE position > $1 ORDER BY position LIMIT $2) wanted) sized"
    " WHERE size <= $3 OR number = 1 ORDER BY position"};
static const struct niva_statement event_before = {
    "verify_event_before", "SELECT hash, recorded_at FROM event WHERE position = $1"};
static const struct niva_statement event_head = {
    "verify_event_head", "SELECT position, hash, recorded_at FROM stream_head"};

static const struct niva_difference_kind event_missing = {
    "EVENT_MISSING", "En händelse saknas i strömmen: den har tagits bort.",
    "An event is missing from the stream: it was taken away."};
static const struct niva_difference_kind event_altered = {
    "EVENT_ALTERED", "Händelsens innehåll är inte det som skrevs: det har ändrats i efterhand.",
    "The data of the event is not what was written: it was altered afterwards."};
static const struct niva_difference_kind event_unchained = {
    "EVENT_CHAIN_BROKEN",
    "Händelsen passar inte i kedjan: den, eller den före den, har ändrats eller lagts till.",
    "The event does not fit its chain: it, or the one before it, was altered or put in."};
static const struct niva_difference_kind event_columns = {
    "EVENT_COLUMN", "En kolumn säger något annat än händelsens kuvert.",
    "A column says something else than the envelope of the event."};
static const struct niva_difference_kind event_unreadable = {
    "EVENT_UNREADABLE", "Händelsens kuvert går inte att läsa.",
    "The envelope of the event cannot be read."};
static const struct niva_difference_kind event_earlier = {
    "EVENT_TIME", "Händelsen är registrerad före den som står framför den.",
    "The event was recorded before the one that stands in front of it."};
static const struct niva_difference_kind event_erased = {
    "EVENT_ERASED_WITHOUT_DECISION",
    "Händelsens innehåll är borta, men inget beslut om gallring täcker det.",
    "The data of the event is gone, but no decision to erase covers it."};
static const struct niva_difference_kind head_wrong = {
    "STREAM_HEAD", "Strömmens huvud stämmer inte med den sista händelsen.",
    "The head of the stream does not fit its last event."};

/* The chain on its way through a page. */
struct walk {
    struct niva_verify *verify;
    struct niva_arena *arena;
    int64_t position; /* of the last event seen */
    bool known;       /* its hash is known */
    uint8_t hash[HASH_SIZE];
    niva_instant recorded_at;
};

/* A row of the page. */
struct row {
    int64_t position;
    char id[37];
    const char *type;
    const char *subject;
    niva_instant recorded_at;
    ProtobufCBinaryData envelope;
    ProtobufCBinaryData salt;
    ProtobufCBinaryData data;
    ProtobufCBinaryData digest;
    ProtobufCBinaryData hash;
    bool decided; /* an erasure covers it */
};

static ProtobufCBinaryData bytes_of(const struct niva_query *page, int number, int column)
{
    ProtobufCBinaryData bytes;

    bytes.data = (uint8_t *)(uintptr_t)niva_row_bytes(page, number, column, &bytes.len);
    return bytes;
}

static struct row row_read(const struct niva_query *page, int number)
{
    struct row row = {
        .position = niva_row_int64(page, number, 0),
        .type = niva_row_text(page, number, 2),
        .subject = niva_row_text(page, number, 3),
        .recorded_at = niva_row_instant(page, number, 4),
        .envelope = bytes_of(page, number, 5),
        .salt = bytes_of(page, number, 6),
        .data = bytes_of(page, number, 7),
        .digest = bytes_of(page, number, 8),
        .hash = bytes_of(page, number, 9),
        .decided = niva_row_bool(page, number, 10),
    };

    niva_uuid_format(niva_row_uuid(page, number, 1), row.id);
    return row;
}

static bool is_hash(const ProtobufCBinaryData *bytes, const uint8_t expected[HASH_SIZE])
{
    return bytes->len == HASH_SIZE && memcmp(bytes->data, expected, HASH_SIZE) == 0;
}

static void row_differs(const struct walk *walk, const struct niva_difference_kind *kind,
                        const struct row *row, const char *field, const char *expected,
                        const char *actual)
{
    niva_verify_differs(walk->verify, kind,
                        NIVA_DIFFERENCE(.position = row->position, .kind = (char *)row->type,
                                        .id = (char *)row->id, .unit = (char *)row->subject,
                                        .field = (char *)field, .expected = (char *)expected,
                                        .actual = (char *)actual));
}

/* Positions between two events that are not there. */
static void gap_check(struct walk *walk, int64_t found)
{
    if (found == walk->position + 1)
        return;
    walk->known = false;
    niva_verify_differs(
        walk->verify, &event_missing,
        NIVA_DIFFERENCE(.position = walk->position + 1, .field = (char *)"position",
                        .expected = niva_verify_number(walk->verify, walk->position + 1),
                        .actual = niva_verify_number(walk->verify, found)));
}

/* Erased data cannot be digested; the envelope and its link still can. */
static bool data_check(const struct walk *walk, const struct row *row, struct niva_error *err)
{
    uint8_t digest[HASH_SIZE];

    if (row->data.data == NULL && row->salt.data == NULL) {
        if (!row->decided)
            row_differs(walk, &event_erased, row, "data", "", "");
        return true;
    }
    if (row->salt.len == SALT_SIZE &&
        !data_digest(row->salt.data, row->data.data, row->data.len, digest, err))
        return false;
    if (row->salt.len != SALT_SIZE || !is_hash(&row->digest, digest))
        row_differs(walk, &event_altered, row, "data", "", "");
    return true;
}

static void text_check(const struct walk *walk, const struct row *row, const char *field,
                       const char *expected, const char *actual)
{
    if (strcmp(expected, actual) != 0)
        row_differs(walk, &event_columns, row, field, expected, actual);
}

/* What is kept beside the envelope for searching must say the same. */
static void columns_check(const struct walk *walk, const struct row *row)
{
    struct niva_event event;
    ProtobufCMessage *envelope;
    struct niva_error err;

    if (!niva_wire_unpack(&io__cloudevents__v1__cloud_event__descriptor, row->envelope.data,
                          row->envelope.len, false, walk->arena, &envelope, &err) ||
        !niva_event_read((const Io__Cloudevents__V1__CloudEvent *)envelope, walk->arena, &event,
                         &err)) {
        row_differs(walk, &event_unreadable, row, "envelope", "", "");
        return;
    }
    text_check(walk, row, "id", event.id, row->id);
    text_check(walk, row, "type", event.type, row->type);
    text_check(walk, row, "subject", event.subject, row->subject);
    if (event.time != row->recorded_at)
        row_differs(walk, &event_columns, row, "recorded_at",
                    niva_verify_instant(walk->verify, event.time),
                    niva_verify_instant(walk->verify, row->recorded_at));
    if (event.position != row->position)
        row_differs(walk, &event_columns, row, "position",
                    niva_verify_number(walk->verify, event.position),
                    niva_verify_number(walk->verify, row->position));
}

static bool link_check(const struct walk *walk, const struct row *row, struct niva_error *err)
{
    uint8_t hash[HASH_SIZE];

    if (!walk->known)
        return true;
    if (!chain_hash(walk->hash, row->envelope.data, row->envelope.len, row->digest.data, hash, err))
        return false;
    if (!is_hash(&row->hash, hash))
        row_differs(walk, &event_unchained, row, "hash", "", "");
    return true;
}

static bool row_check(struct walk *walk, const struct row *row, struct niva_error *err)
{
    gap_check(walk, row->position);
    if (!data_check(walk, row, err) || !link_check(walk, row, err))
        return false;
    columns_check(walk, row);
    if (row->recorded_at < walk->recorded_at)
        row_differs(walk, &event_earlier, row, "recorded_at",
                    niva_verify_instant(walk->verify, walk->recorded_at),
                    niva_verify_instant(walk->verify, row->recorded_at));
    walk->position = row->position;
    walk->recorded_at = row->recorded_at;
    walk->known = true;
    memcpy(walk->hash, row->hash.data, HASH_SIZE);
    walk->verify->checked++;
    return true;
}

static void head_differs(const struct walk *walk, int64_t position, const char *field,
                         const char *expected, const char *actual)
{
    niva_verify_differs(walk->verify, &head_wrong,
                        NIVA_DIFFERENCE(.position = position, .field = (char *)field,
                                        .expected = (char *)expected, .actual = (char *)actual));
}

/* A fact without an event moves the time of the head alone: it may be later than the last event's.
 */
static void head_check(const struct walk *walk, const struct niva_query *head)
{
    int64_t position = niva_row_int64(head, 0, 0);
    niva_instant recorded_at = niva_row_instant(head, 0, 2);
    ProtobufCBinaryData hash = bytes_of(head, 0, 1);

    if (position > walk->position)
        niva_verify_differs(
            walk->verify, &event_missing,
            NIVA_DIFFERENCE(.position = walk->position + 1, .field = (char *)"position",
                            .expected = niva_verify_number(walk->verify, position),
                            .actual = niva_verify_number(walk->verify, walk->position)));
    else if (position < walk->position)
        head_differs(walk, position, "position", niva_verify_number(walk->verify, walk->position),
                     niva_verify_number(walk->verify, position));
    else if (walk->known && !is_hash(&hash, walk->hash))
        head_differs(walk, position, "hash", "", "");
    if (recorded_at < walk->recorded_at)
        head_differs(walk, position, "recorded_at",
                     niva_verify_instant(walk->verify, walk->recorded_at),
                     niva_verify_instant(walk->verify, recorded_at));
}

static void base_take(struct walk *walk, const struct niva_query *before)
{
    size_t size;

    walk->known = walk->position == 0;
    walk->recorded_at = INT64_MIN;
    if (niva_rows(before) == 0)
        return;
    walk->known = true;
    walk->recorded_at = niva_row_instant(before, 0, 1);
    memcpy(walk->hash, niva_row_bytes(before, 0, 0, &size), HASH_SIZE);
}

bool niva_verify_events(struct niva_pg *pg, int64_t after, int32_t limit,
                        struct niva_verify *verify, int64_t *ret_next, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    struct niva_query queries[] = {{.statement = &event_head, .params.arena = arena},
                                   {.statement = &event_before, .params.arena = arena},
                                   {.statement = &events_page, .params.arena = arena}};
    struct walk walk = {.verify = verify, .arena = arena, .position = after};
    bool good = arena != NULL || niva_fail_internal(err, "no memory for a page of events");
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
    for (int i = 0; good && i < rows; i++) {
        struct row row = row_read(&queries[2], i);

        good = row_check(&walk, &row, err);
    }
    if (good && rows == 0)
        head_check(&walk, &queries[0]);
    if (good)
        *ret_next = rows == 0 ? -1 : walk.position;
    niva_queries_clear(queries, 3);
    niva_arena_free(arena);
    return good;
}
