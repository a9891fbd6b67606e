#include "services/compliance/store.h"

#include "services/common/wire/wire.h"

static const struct niva_statement day_write = {
    "compliance_day_write", "INSERT INTO business_day (day, target) VALUES ($1, $2)"
                            " ON CONFLICT (only_row) DO UPDATE SET day = $1, target = $2"};
static const struct niva_statement breaches_insert = {
    "compliance_breaches_insert",
    "INSERT INTO breach_version (breach_id, version, kind, state, unit, profession_group,"
    " first_day, last_day, opened_order, recorded_at, body)"
    " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};
static const struct niva_statement months_write = {
    "compliance_months_write",
    "INSERT INTO month_published (unit, profession_group, month, digest)"
    " SELECT * FROM unnest($1, $2, $3, $4)"
    " ON CONFLICT (unit, profession_group, month) DO UPDATE SET digest = excluded.digest"};
static const struct niva_statement states_write = {
    "compliance_states_write",
    "INSERT INTO unit_group_state (unit, profession_group, next_change_day, forecast, recomputed)"
    " SELECT *, 1 FROM unnest($1, $2, $3, $4) ON CONFLICT (unit, profession_group)"
    " DO UPDATE SET next_change_day = excluded.next_change_day, forecast = excluded.forecast,"
    " recomputed = unit_group_state.recomputed + 1"};
/* A later reason takes the place of an earlier one. */
#define DIRTY_AGAIN                                                                                \
    " ON CONFLICT (unit, profession_group)"                                                        \
    " DO UPDATE SET cause = excluded.cause, caused_by = excluded.caused_by"
/* All groups of a unit: those that were ever looked at, those that are to be, and those of the rule
 * sets of its region. Row by row, so that one that is computed with a batch is not computed again.
 */
static const struct niva_statement dirty_insert = {
    "compliance_dirty_insert",
    "INSERT INTO dirty (unit, profession_group, cause, caused_by)"
    " SELECT DISTINCT ON (w.unit, g.name) w.unit, g.name, w.cause, w.caused_by"
    " FROM unnest($1, $2, $3, $4) AS w (unit, name, cause, caused_by) CROSS JOIN LATERAL ("
    "SELECT w.name WHERE w.name <> ''"
    " UNION SELECT s.profession_group FROM unit_group_state s WHERE w.name = '' AND s.unit = w.unit"
    " UNION SELECT d.profession_group FROM dirty d WHERE w.name = '' AND d.unit = w.unit"
    " UNION SELECT r.profession_group FROM fact r WHERE w.name = '' AND r.unit = ''"
    " AND r.kind = 'rule_set' AND r.region = (SELECT u.region FROM fact u"
    " WHERE u.kind = 'unit' AND u.id = w.unit ORDER BY u.version DESC LIMIT 1)) AS g (name)"
    " ORDER BY w.unit, g.name, w.name DESC" DIRTY_AGAIN};
static const struct niva_statement dirty_region = {
    "compliance_dirty_region",
    "INSERT INTO dirty (unit, profession_group, cause, caused_by)"
    " SELECT u.id, $2, $3, $4 FROM (SELECT DISTINCT ON (id) id, region FROM fact"
    " WHERE kind = 'unit' ORDER BY id, version DESC) u WHERE u.region = $1" DIRTY_AGAIN};
static const struct niva_statement dirty_day = {
    "compliance_dirty_day",
    "INSERT INTO dirty (unit, profession_group, cause, caused_by)"
    " SELECT unit, profession_group, 0, $2 FROM unit_group_state WHERE next_change_day <= $1"
    " ON CONFLICT (unit, profession_group) DO NOTHING"};
static const struct niva_statement dirty_delete = {
    "compliance_dirty_delete",
    "DELETE FROM dirty d USING unnest($1, $2) AS done (unit, profession_group)"
    " WHERE d.unit = done.unit AND d.profession_group = done.profession_group"};
static const struct niva_statement erase_facts = {"compliance_erase_facts",
                                                  "SELECT erase_facts($1, $2, $3)"};
static const struct niva_statement erase_dialogue = {"compliance_erase_dialogue",
                                                     "SELECT erase_dialogue($1, $2, $3)"};

/* The columns of a set-wise write. */
enum { COLUMNS_MAX = 11 };
struct columns {
    struct niva_params *params;
    size_t count;
    struct niva_column *list[COLUMNS_MAX];
};

static bool columns_begin(struct columns *columns, struct niva_batch *batch,
                          const struct niva_statement *statement,
                          const enum niva_column_type *types, size_t count)
{
    columns->params = niva_batch_write(batch, statement);
    columns->count = count;
    for (size_t i = 0; i < count; i++) {
        columns->list[i] = niva_column_new(types[i], niva_batch_arena(batch));
        if (columns->list[i] == NULL)
            return false;
    }
    return columns->params != NULL;
}

static void columns_end(struct columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        niva_param_column(columns->params, columns->list[i]);
}

bool store_write_day(struct niva_batch *batch, niva_day day, niva_day target)
{
    struct niva_params *params = niva_batch_write(batch, &day_write);
    if (params == NULL)
        return false;
    niva_param_day(params, day);
    niva_param_day(params, target);
    return true;
}

static bool breach_columns(struct columns *columns, const struct breach_row *row,
                           struct niva_arena *arena)
{
    const pb_breach *breach = row->breach;
    struct niva_uuid id;
    niva_day first;
    niva_day last = NIVA_DAY_NONE;
    niva_instant recorded_at;
    ProtobufCBinaryData body;
    struct niva_error err;
    if (!niva_uuid_parse(breach->breach_id, &id) || !niva_day_parse(breach->first_day, &first) ||
        (breach->last_day[0] != '\0' && !niva_day_parse(breach->last_day, &last)) ||
        !niva_wire_instant(breach->recorded_at, &recorded_at) ||
        !niva_wire_pack(&breach->base, arena, &body, &err))
        return false;
    niva_column_uuid(columns->list[0], &id);
    niva_column_int32(columns->list[1], breach->version);
    niva_column_int32(columns->list[2], (int32_t)breach->kind);
    niva_column_int32(columns->list[3], (int32_t)breach->state);
    niva_column_text(columns->list[4], breach->unit);
    niva_column_text(columns->list[5], breach->profession_group);
    niva_column_day(columns->list[6], first);
    niva_column_day(columns->list[7], last);
    niva_column_int64(columns->list[8], row->opened_order);
    niva_column_instant(columns->list[9], recorded_at);
    niva_column_bytes(columns->list[10], body.data, body.len);
    return true;
}

bool store_write_breaches(struct niva_batch *batch, const struct breach_row *rows, size_t count)
{
    static const enum niva_column_type types[] = {
        NIVA_COLUMN_UUID,  NIVA_COLUMN_INT32,   NIVA_COLUMN_INT32, NIVA_COLUMN_INT32,
        NIVA_COLUMN_TEXT,  NIVA_COLUMN_TEXT,    NIVA_COLUMN_DAY,   NIVA_COLUMN_DAY,
        NIVA_COLUMN_INT64, NIVA_COLUMN_INSTANT, NIVA_COLUMN_BYTES};
    struct columns columns;
    if (count == 0)
        return true;
    if (!columns_begin(&columns, batch, &breaches_insert, types, sizeof types / sizeof *types))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!breach_columns(&columns, &rows[i], niva_batch_arena(batch)))
            return false;
    }
    columns_end(&columns);
    return true;
}

bool store_write_months(struct niva_batch *batch, const struct month_row *rows, size_t count)
{
    static const enum niva_column_type types[] = {NIVA_COLUMN_TEXT, NIVA_COLUMN_TEXT,
                                                  NIVA_COLUMN_DAY, NIVA_COLUMN_BYTES};
    struct columns columns;
    if (count == 0)
        return true;
    if (!columns_begin(&columns, batch, &months_write, types, sizeof types / sizeof *types))
        return false;
    for (size_t i = 0; i < count; i++) {
        niva_column_text(columns.list[0], rows[i].unit);
        niva_column_text(columns.list[1], rows[i].group);
        niva_column_day(columns.list[2], rows[i].said.month);
        niva_column_bytes(columns.list[3], rows[i].said.digest, DIGEST_SIZE);
    }
    columns_end(&columns);
    return true;
}

bool store_write_states(struct niva_batch *batch, const struct state_row *rows, size_t count)
{
    static const enum niva_column_type types[] = {NIVA_COLUMN_TEXT, NIVA_COLUMN_TEXT,
                                                  NIVA_COLUMN_DAY, NIVA_COLUMN_BYTES};
    struct columns columns;
    if (count == 0)
        return true;
    if (!columns_begin(&columns, batch, &states_write, types, sizeof types / sizeof *types))
        return false;
    for (size_t i = 0; i < count; i++) {
        niva_column_text(columns.list[0], rows[i].unit);
        niva_column_text(columns.list[1], rows[i].group);
        niva_column_day(columns.list[2], rows[i].next_change_day);
        niva_column_bytes(columns.list[3], rows[i].forecast ? rows[i].digest : NULL, DIGEST_SIZE);
    }
    columns_end(&columns);
    return true;
}

bool store_write_dirty(struct niva_batch *batch, const struct dirty *rows, size_t count)
{
    static const enum niva_column_type types[] = {NIVA_COLUMN_TEXT, NIVA_COLUMN_TEXT,
                                                  NIVA_COLUMN_INT32, NIVA_COLUMN_TEXT};
    struct columns columns;
    if (count == 0)
        return true;
    if (!columns_begin(&columns, batch, &dirty_insert, types, sizeof types / sizeof *types))
        return false;
    for (size_t i = 0; i < count; i++) {
        niva_column_text(columns.list[0], rows[i].unit);
        niva_column_text(columns.list[1], rows[i].group);
        niva_column_int32(columns.list[2], (int32_t)rows[i].cause);
        niva_column_text(columns.list[3], rows[i].caused_by);
    }
    columns_end(&columns);
    return true;
}

bool store_write_dirty_region(struct niva_batch *batch, const char *region, const char *group,
                              pb_cause cause, const char *caused_by)
{
    struct niva_params *params = niva_batch_write(batch, &dirty_region);
    if (params == NULL)
        return false;
    niva_param_text(params, region);
    niva_param_text(params, group);
    niva_param_int32(params, (int32_t)cause);
    niva_param_text(params, caused_by);
    return true;
}

bool store_write_dirty_day(struct niva_batch *batch, niva_day day, const char *caused_by)
{
    struct niva_params *params = niva_batch_write(batch, &dirty_day);
    if (params == NULL)
        return false;
    niva_param_day(params, day);
    niva_param_text(params, caused_by);
    return true;
}

bool store_write_clean(struct niva_batch *batch, const struct dirty *rows, size_t count)
{
    static const enum niva_column_type types[] = {NIVA_COLUMN_TEXT, NIVA_COLUMN_TEXT};
    struct columns columns;
    if (count == 0)
        return true;
    if (!columns_begin(&columns, batch, &dirty_delete, types, sizeof types / sizeof *types))
        return false;
    for (size_t i = 0; i < count; i++) {
        niva_column_text(columns.list[0], rows[i].unit);
        niva_column_text(columns.list[1], rows[i].group);
    }
    columns_end(&columns);
    return true;
}

static bool write_erased(struct niva_batch *batch, const struct niva_statement *statement,
                         int64_t decision, const struct erased_row *rows, size_t count,
                         struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    struct niva_params *params = niva_batch_write(batch, statement);
    struct niva_column *facts = niva_column_new(NIVA_COLUMN_INT64, arena);
    struct niva_column *bodies = niva_column_new(NIVA_COLUMN_BYTES, arena);
    if (params == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        ProtobufCBinaryData body;
        if (!niva_wire_pack(rows[i].message, arena, &body, err))
            return false;
        niva_column_int64(facts, rows[i].fact_no);
        niva_column_bytes(bodies, body.data, body.len);
    }
    niva_param_int64(params, decision);
    niva_param_column(params, facts);
    niva_param_column(params, bodies);
    return true;
}

bool store_write_erased(struct niva_batch *batch, int64_t decision, const struct erased_row *rows,
                        size_t count, struct niva_error *err)
{
    return write_erased(batch, &erase_facts, decision, rows, count, err);
}

bool store_write_erased_dialogue(struct niva_batch *batch, int64_t decision,
                                 const struct erased_row *rows, size_t count,
                                 struct niva_error *err)
{
    return count == 0 || write_erased(batch, &erase_dialogue, decision, rows, count, err);
}
