#include "services/compliance/store.h"

#include <string.h>

#include "services/common/wire/wire.h"

static const struct niva_statement day_select = {
    "compliance_day",
    "SELECT d.day, d.target, (now() AT TIME ZONE 'Europe/Stockholm')::date,"
    " (SELECT count(*) FROM dirty), (SELECT min(next_change_day) FROM unit_group_state)"
    " FROM (SELECT) one LEFT JOIN business_day d ON true"};

static const struct niva_statement said_breaches = {
    "compliance_said_breaches",
    "SELECT v.unit, v.profession_group, v.opened_order, v.body FROM breach_version v"
    " WHERE v.unit = ANY ($1) AND NOT EXISTS (SELECT FROM breach_version n"
    " WHERE n.breach_id = v.breach_id AND n.version = v.version + 1)"
    " ORDER BY v.opened_order"};
static const struct niva_statement said_months = {
    "compliance_said_months", "SELECT unit, profession_group, month, digest FROM month_published"
                              " WHERE unit = ANY ($1) ORDER BY unit, profession_group, month"};
static const struct niva_statement said_groups = {
    "compliance_said_groups", "SELECT unit, profession_group, forecast FROM unit_group_state"
                              " WHERE unit = ANY ($1) ORDER BY unit, profession_group"};

static const struct niva_statement recomputed_sum = {
    "compliance_recomputed", "SELECT coalesce(sum(recomputed), 0)::bigint FROM unit_group_state"};

static const struct niva_statement dirty_select = {
    "compliance_dirty", "SELECT unit, profession_group, cause, caused_by FROM dirty"
                        " ORDER BY unit, profession_group LIMIT $1"};

static const struct niva_statement breaches_list = {
    "compliance_breaches",
    "SELECT v.opened_order, v.version, v.body FROM breach_version v"
    " WHERE (v.opened_order, v.version) > ($1, $2) AND v.recorded_at <= $3"
    " AND ($4 OR NOT EXISTS (SELECT FROM breach_version n WHERE n.breach_id = v.breach_id"
    " AND n.version > v.version AND n.recorded_at <= $3))"
    " AND ($5 = 0 OR v.kind = $5) AND ($6 = 0 OR v.state = $6)"
    " AND ($7 = '' OR v.unit = $7) AND ($8 = '' OR v.profession_group = $8)"
    " AND ($9::date IS NULL OR (v.first_day <= $9 AND coalesce(v.last_day, $10) >= $9"
    " AND ($6 <> 0 OR v.state IN (1, 2))))"
    " ORDER BY v.opened_order, v.version LIMIT $11"};
static const struct niva_statement breach_get = {
    "compliance_breach",
    "SELECT opened_order, version, body FROM breach_version"
    " WHERE breach_id = $1 AND recorded_at <= $2 ORDER BY version DESC LIMIT 1"};
static const struct niva_statement breach_units = {
    "compliance_breach_units",
    "SELECT DISTINCT unit FROM breach_version WHERE breach_id = ANY ($1) AND version = 1"};
static const struct niva_statement registered_list = {
    "compliance_registered",
    "SELECT u.id FROM (SELECT DISTINCT ON (id) id, region FROM fact"
    " WHERE kind = 'unit' AND id > $1 AND recorded_at <= $2 ORDER BY id, version DESC) u"
    " WHERE $3 = '' OR u.region = $3 ORDER BY u.id LIMIT $4"};

bool store_day(struct niva_pg *pg, struct niva_arena *arena, struct store_day *ret_day,
               struct niva_error *err)
{
    struct niva_query query = {.statement = &day_select, .params.arena = arena};
    if (!niva_pg_run(pg, &query, 1, err)) {
        niva_queries_clear(&query, 1);
        return false;
    }
    struct store_day day = {
        .begun = !niva_row_null(&query, 0, 0),
        .day = niva_row_day(&query, 0, 0),
        .target = niva_row_day(&query, 0, 1),
        .calendar = niva_row_day(&query, 0, 2),
        .dirty = niva_row_int64(&query, 0, 3),
        .next_change_day = niva_row_day(&query, 0, 4),
    };
    if (!day.begun)
        day.day = day.target = day.calendar;
    niva_queries_clear(&query, 1);
    *ret_day = day;
    return true;
}

int64_t store_pending(const struct store_day *day, bool rehearsal)
{
    niva_day goal = rehearsal ? day->target : day->calendar;
    if (!day->begun)
        return rehearsal ? 0 : 1;
    return day->dirty + (goal > day->day ? goal - day->day : 0);
}

bool store_recomputed(struct niva_pg *pg, int64_t *ret_recomputed, struct niva_error *err)
{
    struct niva_query query = {.statement = &recomputed_sum};
    bool good = niva_pg_run(pg, &query, 1, err);
    if (good)
        *ret_recomputed = niva_row_int64(&query, 0, 0);
    niva_queries_clear(&query, 1);
    return good;
}

/* Runs a query for facts and reads their messages. */
static bool records_run(struct niva_pg *pg, struct niva_query *query, struct niva_arena *arena,
                        struct records *ret_records, struct niva_error *err)
{
    struct records records = {0};
    bool good = niva_pg_run(pg, query, 1, err);
    int rows = good ? niva_rows(query) : 0;
    for (int row = 0; good && row < rows; row++) {
        struct niva_fact fact;
        struct record record;
        good = niva_fact_row(query, row, arena, &fact) || niva_fail_memory(err);
        good = good && record_read(&fact, arena, &record, err) &&
               records_reserve(&records, arena, err);
        if (good)
            records_push(&records, &record);
    }
    niva_queries_clear(query, 1);
    if (good)
        *ret_records = records;
    return good;
}

bool store_facts(struct niva_pg *pg, const char *const *kinds, const char *const *ids, size_t count,
                 struct niva_arena *arena, struct records *ret_records, struct niva_error *err)
{
    struct niva_query query;
    niva_facts_query_ids(&query, kinds, ids, count, arena);
    return records_run(pg, &query, arena, ret_records, err);
}

bool store_units(struct niva_pg *pg, const char *const *units, size_t count,
                 struct niva_arena *arena, struct records *ret_records, struct niva_error *err)
{
    struct niva_query query;
    niva_facts_query_units(&query, record_kind_name(RECORD_INDICATOR), units, count, arena);
    return records_run(pg, &query, arena, ret_records, err);
}

bool store_regions(struct niva_pg *pg, const char *const *regions, size_t count,
                   struct niva_arena *arena, struct records *ret_records, struct niva_error *err)
{
    struct niva_query query;
    niva_facts_query_regions(&query, regions, count, arena);
    return records_run(pg, &query, arena, ret_records, err);
}

static bool breach_read(const struct niva_query *query, int row, int column,
                        struct niva_arena *arena, pb_breach **ret_breach, struct niva_error *err)
{
    size_t size = 0;
    const uint8_t *bytes = niva_row_bytes(query, row, column, &size);
    ProtobufCMessage *message = NULL;
    if (!niva_wire_unpack(&niva__compliance__v1__breach__descriptor, bytes, size, false, arena,
                          &message, err))
        return false;
    *ret_breach = (pb_breach *)message;
    return true;
}

/* A set of `said` while it is read. */
struct said_list {
    struct niva_arena *arena;
    size_t count;
    size_t capacity;
    struct said *list;
};

/* A list in an arena, with room for one more. */
static void *grown(void *list, size_t count, size_t *capacity, size_t size,
                   struct niva_arena *arena)
{
    if (count < *capacity)
        return list;
    size_t more = *capacity > 0 ? 2 * *capacity : 16;
    void *copy = niva_arena_array(arena, more, size);
    if (copy == NULL)
        return NULL;
    if (count > 0)
        memcpy(copy, list, count * size);
    *capacity = more;
    return copy;
}

static struct said *said_of(struct said_list *list, const char *unit, const char *group)
{
    for (size_t i = list->count; i > 0; i--) {
        struct said *said = &list->list[i - 1];
        if (strcmp(said->unit, unit) == 0 && strcmp(said->group, group) == 0)
            return said;
    }
    struct said *all = grown(list->list, list->count, &list->capacity, sizeof *all, list->arena);
    if (all == NULL)
        return NULL;
    list->list = all;
    struct said fresh = {.unit = niva_arena_strdup(list->arena, unit),
                         .group = niva_arena_strdup(list->arena, group)};
    if (fresh.unit == NULL || fresh.group == NULL)
        return NULL;
    list->list[list->count] = fresh;
    return &list->list[list->count++];
}

static bool said_breach(struct said_list *list, const struct niva_query *query, int row,
                        struct niva_error *err)
{
    struct said *said = said_of(list, niva_row_text(query, row, 0), niva_row_text(query, row, 1));
    pb_breach *breach = NULL;
    if (said == NULL)
        return niva_fail_memory(err);
    if (!breach_read(query, row, 3, list->arena, &breach, err))
        return false;
    struct known_breach *all =
        grown(said->breaches, said->breach_count, &said->breach_capacity, sizeof *all, list->arena);
    if (all == NULL)
        return niva_fail_memory(err);
    said->breaches = all;
    all[said->breach_count++] = (struct known_breach){breach, niva_row_int64(query, row, 2)};
    return true;
}

static bool said_month(struct said_list *list, const struct niva_query *query, int row,
                       struct niva_error *err)
{
    struct said *said = said_of(list, niva_row_text(query, row, 0), niva_row_text(query, row, 1));
    size_t size = 0;
    const uint8_t *digest = niva_row_bytes(query, row, 3, &size);
    if (said == NULL)
        return niva_fail_memory(err);
    if (size != DIGEST_SIZE)
        return niva_fail_internal(err, "a month's digest has %zu bytes", size);
    struct known_month *all =
        grown(said->months, said->month_count, &said->month_capacity, sizeof *all, list->arena);
    if (all == NULL)
        return niva_fail_memory(err);
    said->months = all;
    struct known_month *month = &all[said->month_count++];
    month->month = niva_row_day(query, row, 2);
    memcpy(month->digest, digest, size);
    return true;
}

static struct niva_column *text_column(const char *const *texts, size_t count,
                                       struct niva_arena *arena)
{
    struct niva_column *column = niva_column_new(NIVA_COLUMN_TEXT, arena);
    for (size_t i = 0; i < count; i++)
        niva_column_text(column, texts[i]);
    return column;
}

static bool said_group(struct said_list *list, const struct niva_query *query, int row,
                       struct niva_error *err)
{
    struct said *said = said_of(list, niva_row_text(query, row, 0), niva_row_text(query, row, 1));
    ProtobufCBinaryData digest;
    if (said == NULL || !niva_row_bytes_copy(query, row, 2, list->arena, &digest))
        return niva_fail_memory(err);
    if (digest.data != NULL && digest.len != DIGEST_SIZE)
        return niva_fail_internal(err, "a forecast's digest has %zu bytes", digest.len);
    said->forecast = digest.data;
    return true;
}

static bool said_rows(struct said_list *list, struct niva_query queries[3], struct niva_error *err)
{
    for (int row = 0; row < niva_rows(&queries[0]); row++) {
        if (!said_group(list, &queries[0], row, err))
            return false;
    }
    for (int row = 0; row < niva_rows(&queries[1]); row++) {
        if (!said_breach(list, &queries[1], row, err))
            return false;
    }
    for (int row = 0; row < niva_rows(&queries[2]); row++) {
        if (!said_month(list, &queries[2], row, err))
            return false;
    }
    return true;
}

bool store_said(struct niva_pg *pg, const char *const *units, size_t count,
                struct niva_arena *arena, size_t *ret_count, struct said **ret_said,
                struct niva_error *err)
{
    const struct niva_statement *statements[3] = {&said_groups, &said_breaches, &said_months};
    struct niva_query queries[3];
    struct said_list list = {.arena = arena};
    for (size_t i = 0; i < 3; i++) {
        queries[i] = (struct niva_query){.statement = statements[i], .params.arena = arena};
        niva_param_column(&queries[i].params, text_column(units, count, arena));
    }
    bool good = niva_pg_run(pg, queries, 3, err) && said_rows(&list, queries, err);
    niva_queries_clear(queries, 3);
    if (good) {
        *ret_count = list.count;
        *ret_said = list.list;
    }
    return good;
}

bool store_dirty(struct niva_pg *pg, size_t limit, struct niva_arena *arena, size_t *ret_count,
                 struct dirty **ret_dirty, struct niva_error *err)
{
    struct niva_query query = {.statement = &dirty_select, .params.arena = arena};
    niva_param_int64(&query.params, (int64_t)limit);
    bool good = niva_pg_run(pg, &query, 1, err);
    int rows = good ? niva_rows(&query) : 0;
    struct dirty *list = niva_arena_array(arena, (size_t)rows, sizeof *list);
    for (int row = 0; good && row < rows; row++) {
        if (list == NULL)
            break;
        list[row] =
            (struct dirty){.unit = niva_arena_strdup(arena, niva_row_text(&query, row, 0)),
                           .group = niva_arena_strdup(arena, niva_row_text(&query, row, 1)),
                           .cause = (pb_cause)niva_row_int32(&query, row, 2),
                           .caused_by = niva_arena_strdup(arena, niva_row_text(&query, row, 3))};
        if (list[row].unit == NULL || list[row].group == NULL || list[row].caused_by == NULL)
            list = NULL;
    }
    niva_queries_clear(&query, 1);
    if (good && list == NULL)
        return niva_fail_memory(err);
    if (good) {
        *ret_count = (size_t)rows;
        *ret_dirty = list;
    }
    return good;
}

static bool breach_rows(struct niva_pg *pg, struct niva_query *query, struct niva_arena *arena,
                        size_t *ret_count, struct breach_row **ret_rows, struct niva_error *err)
{
    bool good = niva_pg_run(pg, query, 1, err);
    int count = good ? niva_rows(query) : 0;
    struct breach_row *rows = niva_arena_array(arena, (size_t)count, sizeof *rows);
    if (good && rows == NULL)
        good = niva_fail_memory(err);
    for (int row = 0; good && row < count; row++) {
        rows[row].opened_order = niva_row_int64(query, row, 0);
        rows[row].version = niva_row_int32(query, row, 1);
        good = breach_read(query, row, 2, arena, &rows[row].breach, err);
    }
    niva_queries_clear(query, 1);
    if (good) {
        *ret_count = (size_t)count;
        *ret_rows = rows;
    }
    return good;
}

bool store_breaches(struct niva_pg *pg, const struct breach_filter *filter,
                    struct niva_arena *arena, size_t *ret_count, struct breach_row **ret_rows,
                    struct niva_error *err)
{
    struct niva_query query = {.statement = &breaches_list, .params.arena = arena};
    struct niva_params *params = &query.params;
    niva_param_int64(params, filter->after_order);
    niva_param_int32(params, filter->after_version);
    niva_param_instant(params, filter->known_at);
    niva_param_bool(params, filter->include_history);
    niva_param_int32(params, filter->kind);
    niva_param_int32(params, filter->state);
    niva_param_text(params, filter->unit);
    niva_param_text(params, filter->group);
    niva_param_day(params, filter->open_on);
    niva_param_day(params, filter->today);
    niva_param_int64(params, filter->limit);
    return breach_rows(pg, &query, arena, ret_count, ret_rows, err);
}

bool store_breach(struct niva_pg *pg, const struct niva_uuid *breach_id, niva_instant known_at,
                  struct niva_arena *arena, pb_breach **ret_breach, struct niva_error *err)
{
    struct niva_query query = {.statement = &breach_get, .params.arena = arena};
    size_t count = 0;
    struct breach_row *rows = NULL;
    niva_param_uuid(&query.params, breach_id);
    niva_param_instant(&query.params, known_at);
    if (!breach_rows(pg, &query, arena, &count, &rows, err))
        return false;
    *ret_breach = count > 0 ? rows[0].breach : NULL;
    return true;
}

bool store_breach_units(struct niva_pg *pg, const struct niva_uuid *breach_ids, size_t count,
                        struct niva_arena *arena, size_t *ret_count, const char ***ret_units,
                        struct niva_error *err)
{
    struct niva_query query = {.statement = &breach_units, .params.arena = arena};
    struct niva_column *ids = niva_column_new(NIVA_COLUMN_UUID, arena);
    for (size_t i = 0; i < count; i++)
        niva_column_uuid(ids, &breach_ids[i]);
    niva_param_column(&query.params, ids);
    return niva_pg_list(pg, &query, sizeof **ret_units, niva_row_name, ret_count, ret_units, err);
}

bool store_registered(struct niva_pg *pg, const char *region, niva_instant known_at,
                      const char *after, int32_t limit, struct niva_arena *arena, size_t *ret_count,
                      const char ***ret_units, struct niva_error *err)
{
    struct niva_query query = {.statement = &registered_list, .params.arena = arena};
    niva_param_text(&query.params, after);
    niva_param_instant(&query.params, known_at);
    niva_param_text(&query.params, region);
    niva_param_int64(&query.params, limit);
    return niva_pg_list(pg, &query, sizeof **ret_units, niva_row_name, ret_count, ret_units, err);
}
