#include "services/compensation/verify_lines.h"

#include <string.h>

#include "niva/compensation/v1/events.pb-c.h"
#include "services/common/wire/wire.h"
#include "services/compensation/decide_line.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;

#define ADJUSTMENT_EVENTS "se.niva.compensation.adjustment."

static const struct niva_difference_kind line_missing = {
    "ADJUSTMENT_MISSING", "En version av regleringen saknas, fast en händelse berättar om den.",
    "A version of the adjustment is missing, although an event tells of it."};
static const struct niva_difference_kind line_altered = {
    "ADJUSTMENT_ALTERED", "Regleringens version är inte den som händelsen berättar om.",
    "The version of the adjustment is not what its event tells."};
static const struct niva_difference_kind line_untold = {
    "ADJUSTMENT_UNTOLD", "Ingen händelse berättar om den här versionen av regleringen.",
    "No event tells of this version of the adjustment."};
static const struct niva_difference_kind line_column = {
    "ADJUSTMENT_COLUMN", "En kolumn säger något annat än regleringen själv.",
    "A column says something else than the adjustment itself."};
static const struct niva_difference_kind line_unreadable = {
    "ADJUSTMENT_UNREADABLE", "Regleringen går inte att läsa.", "The adjustment cannot be read."};
static const struct niva_difference_kind line_not_last = {
    "ADJUSTMENT_NOT_LAST", "Regleringen är inte sin egen sista version.",
    "The adjustment is not its own last version."};
static const struct niva_difference_kind line_leaps = {
    "ADJUSTMENT_VERSION_MISSING", "Regleringens förra version saknas.",
    "The version before this one of the adjustment is missing."};

void proof_line_differs(const struct proof *proof, const struct niva_difference_kind *kind,
                        const struct proved_line *line, const char *field, const char *expected,
                        const char *actual)
{
    niva_verify_differs(
        proof->verify, kind,
        NIVA_DIFFERENCE(.kind = (char *)"adjustment", .id = (char *)line->id,
                        .version = line->row->version, .unit = (char *)line->row->unit,
                        .profession_group = (char *)line->row->group, .field = (char *)field,
                        .expected = (char *)expected, .actual = (char *)actual));
}

/* ---- reading ---- */

static bool rows_read(struct proof *proof, bool versions, size_t *ret_count,
                      struct proved_line **ret_lines, struct niva_error *err)
{
    struct stored_line *rows;
    struct proved_line *lines;
    size_t count;

    if (!store_verify_lines(proof->read->pg, versions, proof->unit, proof->arena, &count, &rows,
                            err))
        return false;
    lines = niva_arena_array(proof->arena, count, sizeof *lines);
    if (lines == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        ProtobufCMessage *message;
        struct niva_error ignored;

        lines[i].row = &rows[i];
        niva_uuid_format(rows[i].id, lines[i].id);
        if (niva_wire_unpack(&niva__compensation__v1__adjustment__descriptor, rows[i].body.data,
                             rows[i].body.len, false, proof->arena, &message, &ignored))
            lines[i].body = (const Adjustment *)message;
    }
    *ret_count = count;
    *ret_lines = lines;
    return true;
}

bool proof_lines_read(struct proof *proof, struct niva_error *err)
{
    return rows_read(proof, false, &proof->line_count, &proof->lines, err) &&
           rows_read(proof, true, &proof->version_count, &proof->versions, err);
}

/* ---- columns ---- */

static void text_check(const struct proof *proof, const struct proved_line *line, const char *field,
                       const char *expected, const char *actual)
{
    if (strcmp(expected, actual) != 0)
        proof_line_differs(proof, &line_column, line, field, expected, actual);
}

static void number_check(const struct proof *proof, const struct proved_line *line,
                         const char *field, int64_t expected, int64_t actual)
{
    if (expected != actual)
        proof_line_differs(proof, &line_column, line, field,
                           niva_verify_number(proof->verify, expected),
                           niva_verify_number(proof->verify, actual));
}

static void columns_check(const struct proof *proof, const struct proved_line *line)
{
    const struct stored_line *row = line->row;
    const Adjustment *body = line->body;
    niva_instant recorded_at = INT64_MIN;
    char period[16];

    proof->verify->checked++;
    if (body == NULL) {
        proof_line_differs(proof, &line_unreadable, line, "body", "", "");
        return;
    }
    niva_month_format(row->period, period);
    text_check(proof, line, "adjustment_id", body->adjustment_id, line->id);
    text_check(proof, line, "unit", body->unit, row->unit);
    text_check(proof, line, "component", body->component, row->component);
    text_check(proof, line, "profession_group", body->profession_group, row->group);
    text_check(proof, line, "period", body->period, period);
    number_check(proof, line, "state", (int64_t)body->state, row->state);
    number_check(proof, line, "version", body->version, row->version);
    if (body->recorded_at == NULL || !niva_wire_instant(body->recorded_at, &recorded_at) ||
        recorded_at != row->recorded_at)
        proof_line_differs(proof, &line_column, line, "recorded_at",
                           niva_verify_instant(proof->verify, recorded_at),
                           niva_verify_instant(proof->verify, row->recorded_at));
}

/* ---- versions ---- */

struct proved_line *proof_version_find(const struct proof *proof, const char *id, int32_t number)
{
    for (size_t i = 0; i < proof->version_count; i++)
        if (proof->versions[i].row->version == number && strcmp(proof->versions[i].id, id) == 0)
            return &proof->versions[i];
    return NULL;
}

const struct proved_line *proof_version_before(const struct proof *proof,
                                               const struct proved_line *version)
{
    return proof_version_find(proof, version->id, version->row->version - 1);
}

static bool rows_equal(const struct stored_line *a, const struct stored_line *b)
{
    return a->version == b->version && a->recorded_at == b->recorded_at &&
           a->computed_at == b->computed_at && a->computed_for == b->computed_for &&
           a->body.len == b->body.len && memcmp(a->body.data, b->body.data, a->body.len) == 0;
}

/* A line that was proposed is its own last version; a preliminary one has none. */
static void last_check(const struct proof *proof, const struct proved_line *line)
{
    const struct proved_line *last = NULL;

    for (size_t i = 0; i < proof->version_count; i++)
        if (strcmp(proof->versions[i].id, line->id) == 0)
            last = &proof->versions[i];
    if (line->row->state == LINE_PRELIMINARY ? last != NULL || line->row->version != 0
                                             : last == NULL || !rows_equal(line->row, last->row))
        proof_line_differs(proof, &line_not_last, line, "version",
                           niva_verify_number(proof->verify, last == NULL ? 0 : last->row->version),
                           niva_verify_number(proof->verify, line->row->version));
}

static bool is_kept(const struct proof *proof, const char *id)
{
    for (size_t i = 0; i < proof->line_count; i++)
        if (strcmp(proof->lines[i].id, id) == 0)
            return true;
    return false;
}

/* Whether a version is a decision, and not what became of it. */
static bool is_decision(const struct proved_line *version)
{
    niva_instant decided;

    return version->body != NULL && version->body->decision_recorded_at != NULL &&
           niva_wire_instant(version->body->decision_recorded_at, &decided) &&
           decided == version->row->recorded_at;
}

/* What was proposed first, what was superseded and what was decided was told; what came between was
 * not. */
static void version_check(const struct proof *proof, const struct proved_line *version)
{
    const struct stored_line *row = version->row;

    if (row->version > 1 && proof_version_before(proof, version) == NULL)
        proof_line_differs(proof, &line_leaps, version, "version", "", "");
    if (!version->told &&
        (row->version == 1 || row->state == LINE_SUPERSEDED || is_decision(version)))
        proof_line_differs(proof, &line_untold, version, "", "", "");
    if (!is_kept(proof, version->id))
        proof_line_differs(proof, &line_not_last, version, "adjustment_id", version->id, "");
}

/* ---- events ---- */

/* All events about lines have one shape. NULL: it can't be read, which the chain tells. */
static const Adjustment *event_line(const struct niva_told *event, struct niva_arena *arena)
{
    ProtobufCMessage *message;
    struct niva_error ignored;

    if (event->data.data == NULL ||
        !niva_wire_unpack(&niva__compensation__v1__adjustment_proposed__descriptor,
                          event->data.data, event->data.len, false, arena, &message, &ignored))
        return NULL;
    return ((const Niva__Compensation__V1__AdjustmentProposed *)message)->adjustment;
}

static bool event_check(const struct proof *proof, const struct niva_told *event,
                        struct niva_error *err)
{
    const Adjustment *told = event_line(event, proof->arena);
    struct proved_line *version;
    ProtobufCBinaryData body;
    ProtobufCBinaryData kept;
    Adjustment *shown;

    if (told == NULL)
        return true;
    version = proof_version_find(proof, told->adjustment_id, told->version);
    if (version == NULL) {
        niva_verify_differs(proof->verify, &line_missing,
                            NIVA_DIFFERENCE(.position = event->position,
                                            .kind = (char *)"adjustment", .id = told->adjustment_id,
                                            .version = told->version, .unit = told->unit,
                                            .profession_group = told->profession_group));
        return true;
    }
    version->told = true;
    if (version->body == NULL)
        return true;
    shown = line_shown(version->body, proof->arena);
    if (shown == NULL)
        return niva_fail_memory(err);
    if (!niva_wire_pack(&told->base, proof->arena, &body, err) ||
        !niva_wire_pack(&shown->base, proof->arena, &kept, err))
        return false;
    if (body.len != kept.len || memcmp(body.data, kept.data, body.len) != 0)
        proof_line_differs(proof, &line_altered, version, "body", "", "");
    return true;
}

bool proof_lines_check(struct proof *proof, struct niva_error *err)
{
    struct niva_told *events;
    size_t count;

    if (!niva_verify_told_of(proof->read->pg, proof->unit, ADJUSTMENT_EVENTS, proof->arena, &count,
                             &events, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!event_check(proof, &events[i], err))
            return false;
    for (size_t i = 0; i < proof->line_count; i++) {
        columns_check(proof, &proof->lines[i]);
        last_check(proof, &proof->lines[i]);
    }
    for (size_t i = 0; i < proof->version_count; i++) {
        columns_check(proof, &proof->versions[i]);
        version_check(proof, &proof->versions[i]);
    }
    return true;
}
