#include "services/compliance/verify_breaches.h"

#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/recompute.h"
#include "services/compliance/store_verify.h"

#define BREACH_EVENTS "se.niva.compliance.breach."
#define BREACH_OPENED BREACH_EVENTS "opened.v1"

static const struct niva_difference_kind breach_missing = {
    "BREACH_MISSING", "En version av bristen saknas, fast en händelse berättar om den.",
    "A version of the breach is missing, although an event tells of it."};
static const struct niva_difference_kind breach_altered = {
    "BREACH_ALTERED", "Bristens version är inte den som händelsen berättar om.",
    "The version of the breach is not what its event tells."};
static const struct niva_difference_kind breach_untold = {
    "BREACH_UNTOLD", "Ingen händelse berättar om den här versionen av bristen.",
    "No event tells of this version of the breach."};
static const struct niva_difference_kind breach_column = {
    "BREACH_COLUMN", "En kolumn säger något annat än bristen själv.",
    "A column says something else than the breach itself."};

/* A version as it is stored, read. */
struct version {
    const struct stored_breach *row;
    char id[37];
    const pb_breach *breach; /* NULL: cannot be read */
    bool told;
};

static void version_differs(struct niva_verify *verify, const struct niva_difference_kind *kind,
                            const struct version *version, const char *field, const char *expected,
                            const char *actual)
{
    niva_verify_differs(
        verify, kind,
        NIVA_DIFFERENCE(.position = version->row->opened_order, .kind = (char *)"breach",
                        .id = (char *)version->id, .version = version->row->version,
                        .unit = (char *)version->row->unit,
                        .profession_group = (char *)version->row->group, .field = (char *)field,
                        .expected = (char *)expected, .actual = (char *)actual));
}

static void text_check(struct niva_verify *verify, const struct version *version, const char *field,
                       const char *expected, const char *actual)
{
    if (strcmp(expected, actual) != 0)
        version_differs(verify, &breach_column, version, field, expected, actual);
}

static void number_check(struct niva_verify *verify, const struct version *version,
                         const char *field, int64_t expected, int64_t actual)
{
    if (expected != actual)
        version_differs(verify, &breach_column, version, field,
                        niva_verify_number(verify, expected), niva_verify_number(verify, actual));
}

static void day_check(struct niva_verify *verify, const struct version *version, const char *field,
                      const char *expected, niva_day actual)
{
    char text[16];

    niva_day_format(actual, text);
    text_check(verify, version, field, expected, text);
}

/* What is kept beside the body for searching must say the same. */
static void columns_check(struct niva_verify *verify, const struct version *version)
{
    const struct stored_breach *row = version->row;
    const pb_breach *breach = version->breach;
    niva_instant recorded_at = INT64_MIN;

    text_check(verify, version, "breach_id", breach->breach_id, version->id);
    number_check(verify, version, "version", breach->version, row->version);
    number_check(verify, version, "kind", (int64_t)breach->kind, row->kind);
    number_check(verify, version, "state", (int64_t)breach->state, row->state);
    text_check(verify, version, "unit", breach->unit, row->unit);
    text_check(verify, version, "profession_group", breach->profession_group, row->group);
    day_check(verify, version, "first_day", breach->first_day, row->first_day);
    day_check(verify, version, "last_day", breach->last_day, row->last_day);
    if (breach->recorded_at == NULL || !niva_wire_instant(breach->recorded_at, &recorded_at) ||
        recorded_at != row->recorded_at)
        version_differs(verify, &breach_column, version, "recorded_at",
                        niva_verify_instant(verify, recorded_at),
                        niva_verify_instant(verify, row->recorded_at));
}

static struct version *version_find(struct version *versions, size_t count, const char *breach_id,
                                    int32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (versions[i].row->version == number && strcmp(versions[i].id, breach_id) == 0)
            return &versions[i];
    return NULL;
}

/* The events of a breach all have one shape. False: it can't be read, which the chain tells. */
static bool event_breach(const struct niva_told *event, struct niva_arena *arena,
                         const pb_breach **ret_breach)
{
    ProtobufCMessage *message;
    struct niva_error ignored;

    if (event->data.data == NULL ||
        !niva_wire_unpack(&niva__compliance__v1__breach_opened__descriptor, event->data.data,
                          event->data.len, false, arena, &message, &ignored))
        return false;
    *ret_breach = ((const Niva__Compliance__V1__BreachOpened *)message)->breach;
    return *ret_breach != NULL;
}

static bool packs_to(const pb_breach *breach, const ProtobufCBinaryData *bytes,
                     struct niva_arena *arena, bool *ret_equal, struct niva_error *err)
{
    ProtobufCBinaryData packed;

    if (!niva_wire_pack(&breach->base, arena, &packed, err))
        return false;
    *ret_equal = packed.len == bytes->len && memcmp(packed.data, bytes->data, packed.len) == 0;
    return true;
}

/* Whether an event tells what the version is, as far as it may be told. */
static bool told_alike(const pb_breach *told, const struct version *version,
                       struct niva_arena *arena, bool *ret_alike, struct niva_error *err)
{
    const pb_breach *shown;
    ProtobufCBinaryData bytes;

    *ret_alike = false;
    if (version->breach == NULL)
        return true;
    if (!packs_to(version->breach, &version->row->body, arena, ret_alike, err))
        return false;
    if (!*ret_alike)
        return true;
    shown = breach_shown(version->breach, arena);
    if (shown == NULL)
        return niva_fail_memory(err);
    return niva_wire_pack(&shown->base, arena, &bytes, err) &&
           packs_to(told, &bytes, arena, ret_alike, err);
}

static bool event_check(const struct niva_told *event, const pb_breach *told,
                        struct version *version, struct niva_arena *arena,
                        struct niva_verify *verify, struct niva_error *err)
{
    if (version == NULL) {
        niva_verify_differs(verify, &breach_missing,
                            NIVA_DIFFERENCE(.position = event->position, .kind = (char *)"breach",
                                            .id = told->breach_id, .version = told->version,
                                            .unit = told->unit,
                                            .profession_group = told->profession_group));
        return true;
    }
    bool same = version->told;
    if (!same && !told_alike(told, version, arena, &same, err))
        return false;
    if (!same)
        version_differs(verify, &breach_altered, version, "body", "", "");
    version->told = true;
    if (strcmp(event->type, BREACH_OPENED) == 0)
        number_check(verify, version, "opened_order", event->position, version->row->opened_order);
    return true;
}

static bool versions_read(const struct stored_breach *rows, size_t count, struct niva_arena *arena,
                          struct version **ret_versions, struct niva_error *err)
{
    struct version *versions = niva_arena_array(arena, count, sizeof *versions);

    if (versions == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        ProtobufCMessage *message;
        struct niva_error ignored;

        versions[i].row = &rows[i];
        niva_uuid_format(rows[i].breach_id, versions[i].id);
        if (niva_wire_unpack(&niva__compliance__v1__breach__descriptor, rows[i].body.data,
                             rows[i].body.len, false, arena, &message, &ignored))
            versions[i].breach = (const pb_breach *)message;
    }
    *ret_versions = versions;
    return true;
}

bool verify_breaches(struct niva_read *read, const char *unit, struct niva_arena *arena,
                     struct niva_verify *verify, bool *ret_readable, struct niva_error *err)
{
    struct stored_breach *rows;
    struct niva_told *events;
    struct version *versions;
    size_t count;
    size_t event_count;

    if (!store_verify_breaches(read->pg, unit, arena, &count, &rows, err) ||
        !niva_verify_told_of(read->pg, unit, BREACH_EVENTS, arena, &event_count, &events, err) ||
        !versions_read(rows, count, arena, &versions, err))
        return false;
    for (size_t i = 0; i < event_count; i++) {
        const pb_breach *told;

        if (event_breach(&events[i], arena, &told) &&
            !event_check(&events[i], told,
                         version_find(versions, count, told->breach_id, told->version), arena,
                         verify, err))
            return false;
    }
    *ret_readable = true;
    for (size_t i = 0; i < count; i++) {
        verify->checked++;
        if (!versions[i].told)
            version_differs(verify, &breach_untold, &versions[i], "", "", "");
        if (versions[i].breach != NULL)
            columns_check(verify, &versions[i]);
        else
            *ret_readable = false;
    }
    return true;
}
