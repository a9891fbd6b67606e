#include "services/compensation/store.h"

#include <string.h>

#include "services/compensation/decide.h"
#include "services/compensation/store_rows.h"

static const struct niva_statement today_select = {"compensation_today", "SELECT day FROM today"};

static const struct niva_statement months_by_key = {
    "compensation_months_by_key",
    "SELECT " TIMELINE_COLUMNS " FROM ("
    "  SELECT m.unit, m.profession_group, m.month, max(m.version) AS version"
    "  FROM unnest($1::text[], $2::text[], $3::date[]) AS k (unit, profession_group, month)"
    "  JOIN month_timeline m ON m.unit = k.unit AND m.profession_group = k.profession_group"
    "   AND m.month = k.month"
    "  GROUP BY m.unit, m.profession_group, m.month) AS last"
    " JOIN month_timeline t USING (unit, profession_group, month, version)"
    " ORDER BY t.month, t.unit, t.profession_group"};

static const struct niva_statement months_by_account = {
    "compensation_months_by_account",
    "SELECT " TIMELINE_COLUMNS " FROM ("
    "  SELECT m.unit, m.profession_group, m.month, max(m.version) AS version"
    "  FROM unnest($1::text[], $2::text[]) AS k (unit, profession_group)"
    "  JOIN month_timeline m ON m.unit = k.unit AND m.profession_group = k.profession_group"
    "  GROUP BY m.unit, m.profession_group, m.month) AS last"
    " JOIN month_timeline t USING (unit, profession_group, month, version)"
    " WHERE t.below_from IS NOT NULL"
    " ORDER BY t.month, t.unit, t.profession_group"};

/* The months from the one under way to that of a day: what the days up to it can move. */
static const struct niva_statement months_by_day = {
    "compensation_months_by_day",
    "SELECT " TIMELINE_COLUMNS " FROM ("
    "  SELECT unit, profession_group, month, max(version) AS version FROM month_timeline"
    "  WHERE month <= $1 AND month >="
    "   coalesce((SELECT date_trunc('month', day)::date FROM today), '-infinity'::date)"
    "  GROUP BY unit, profession_group, month) AS last"
    " JOIN month_timeline t USING (unit, profession_group, month, version)"
    " WHERE t.below_from <= $1"
    " ORDER BY t.month, t.unit, t.profession_group"};

static const struct niva_statement open_lines = {
    "compensation_open_lines",
    "SELECT " LINE_COLUMNS " FROM adjustment"
    " JOIN unnest($1::text[], $2::text[], $3::date[]) AS k (unit, profession_group, period)"
    "  USING (unit, profession_group, period)"
    " WHERE state IN (1, 2)"
    " ORDER BY unit, profession_group, period, component"};

static const struct niva_statement today_write = {
    "compensation_today_write",
    "INSERT INTO today (day) VALUES ($1) ON CONFLICT (one) DO UPDATE SET day = excluded.day"};

static const struct niva_statement timelines_write = {
    "compensation_timelines_write",
    "INSERT INTO month_timeline"
    " (unit, profession_group, month, version, recorded_at, below_from, body)"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::int[], $5::timestamptz[],"
    "  $6::date[], $7::bytea[])"};

static const struct niva_statement versions_write = {
    "compensation_versions_write",
    "INSERT INTO adjustment_version (adjustment_id, unit, component, profession_group, period,"
    "  state, version, recorded_at, computed_at, computed_for, body)"
    " SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::int[],"
    "  $7::int[], $8::timestamptz[], $9::timestamptz[], $10::date[], $11::bytea[])"};

static const struct niva_statement lines_delete = {
    "compensation_lines_delete", "DELETE FROM adjustment WHERE adjustment_id = ANY ($1::uuid[])"};

static const struct niva_statement lines_write = {
    "compensation_lines_write",
    "INSERT INTO adjustment (adjustment_id, unit, component, profession_group, period, state,"
    "  version, recorded_at, computed_at, computed_for, body)"
    " SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::int[],"
    "  $7::int[], $8::timestamptz[], $9::timestamptz[], $10::date[], $11::bytea[])"
    " ON CONFLICT (adjustment_id) DO UPDATE SET state = excluded.state,"
    "  version = excluded.version, recorded_at = excluded.recorded_at,"
    "  computed_at = excluded.computed_at, computed_for = excluded.computed_for,"
    "  body = excluded.body"};

/* The month that begins on a day. */
static struct niva_span month_from(niva_day day)
{
    return (struct niva_span){niva_month_begin(day), niva_month_next(day)};
}

/* Puts the rows of a months query into the sheet. */
static bool months_read(const struct niva_query *query, struct sheet *sheet, struct niva_error *err)
{
    for (int row = 0; row < niva_rows(query); row++) {
        char *unit = niva_arena_strdup(sheet->arena, niva_row_text(query, row, 0));
        char *group = niva_arena_strdup(sheet->arena, niva_row_text(query, row, 1));
        struct sheet_account *account;
        struct sheet_month *month;

        if (unit == NULL || group == NULL)
            return niva_fail_memory(err);
        account = sheet_account(sheet, unit, group);
        if (account == NULL)
            return niva_fail_memory(err);
        month = sheet_month(sheet, account, month_from(niva_row_day(query, row, 2)));
        if (month == NULL)
            return niva_fail_memory(err);
        if (month->version > 0)
            continue;
        month->version = niva_row_int32(query, row, 3);
        month->recorded_at = niva_row_instant(query, row, 4);
        month->below_from = niva_row_day(query, row, 5);
        if (!niva_row_bytes_copy(query, row, 6, sheet->arena, &month->body))
            return niva_fail_memory(err);
    }
    return true;
}

static bool lines_read(const struct niva_query *query, struct sheet *sheet, struct niva_error *err)
{
    for (int i = 0; i < niva_rows(query); i++) {
        struct sheet_row *row;
        struct sheet_month *month;
        struct sheet_line *line;

        if (!line_row_read(query, i, sheet->arena, &row, err))
            return false;
        month = sheet_month_find(sheet, row->body->unit, row->body->profession_group, row->period);
        if (month == NULL)
            return niva_fail_internal(err, "a line of another month than its body says");
        line = sheet_line(sheet, month, row->body->component);
        if (line == NULL)
            return niva_fail_memory(err);
        line->row = row;
        line->stored = true;
    }
    return true;
}

static bool components_read(const struct niva_query *query, struct sheet *sheet,
                            struct niva_error *err)
{
    for (int row = 0; row < niva_rows(query); row++) {
        struct niva_fact fact;
        struct sheet_account *account;
        struct sheet_component component = {0};

        if (!niva_fact_row(query, row, sheet->arena, &fact))
            return niva_fail_memory(err);
        account = sheet_account_find(sheet, fact.unit, fact.group);
        if (account == NULL || strcmp(fact.kind, "component") != 0)
            continue;
        component.id = fact.id;
        component.version = fact.version;
        component.recorded_at = fact.recorded_at;
        if (!component_fact_read(&fact, sheet->arena, &component.dated, err))
            return false;
        if (sheet_component_add(sheet, account, &component) == NULL)
            return niva_fail_memory(err);
    }
    return true;
}

/* What the items of a batch name. */
struct wanted {
    struct niva_column *key_units;
    struct niva_column *key_groups;
    struct niva_column *key_months;
    struct niva_column *account_units;
    struct niva_column *account_groups;
    niva_day last_day; /* of the days that begin; NIVA_DAY_NONE: none does */
};

static bool event_want(struct sheet *sheet, const struct niva_event *event, struct wanted *wanted)
{
    const Niva__Compliance__V1__TimelineChanged *timeline;
    struct sheet_account *account;
    struct niva_span days;
    niva_day day;

    if (event->data == NULL)
        return true;
    if (strcmp(event->type, EVENT_DAY_BEGUN) == 0) {
        if (niva_day_parse(((const Niva__Compliance__V1__DayBegun *)event->data)->day, &day) &&
            day > wanted->last_day)
            wanted->last_day = day;
        return true;
    }
    if (strcmp(event->type, EVENT_TIMELINE_CHANGED) != 0)
        return true;
    timeline = (const Niva__Compliance__V1__TimelineChanged *)event->data;
    if (!niva_month_parse(timeline->month, &days))
        return true;
    niva_column_text(wanted->key_units, timeline->unit);
    niva_column_text(wanted->key_groups, timeline->profession_group);
    niva_column_day(wanted->key_months, days.from);
    account = sheet_account(sheet, timeline->unit, timeline->profession_group);
    return account != NULL && sheet_month(sheet, account, days) != NULL;
}

static bool command_want(struct sheet *sheet, const struct niva_item *item, struct wanted *wanted)
{
    const Niva__Compensation__V1__Component *component;
    struct sheet_account *account;

    if (strcmp(item->method, METHOD_PUT_COMPONENT) != 0)
        return true;
    component = ((const Niva__Compensation__V1__PutComponentRequest *)item->request)->component;
    account = sheet_account(sheet, component->unit, component->profession_group);
    if (account == NULL)
        return false;
    if (account->put)
        return true;
    account->put = true;
    niva_column_text(wanted->account_units, component->unit);
    niva_column_text(wanted->account_groups, component->profession_group);
    return true;
}

/* Looks at the items: which months, accounts and days they name. */
static bool items_want(struct sheet *sheet, struct niva_batch *batch, struct wanted *wanted)
{
    struct niva_item *items;
    size_t count = niva_batch_items(batch, &items);

    *wanted = (struct wanted){
        .key_units = niva_column_new(NIVA_COLUMN_TEXT, sheet->arena),
        .key_groups = niva_column_new(NIVA_COLUMN_TEXT, sheet->arena),
        .key_months = niva_column_new(NIVA_COLUMN_DAY, sheet->arena),
        .account_units = niva_column_new(NIVA_COLUMN_TEXT, sheet->arena),
        .account_groups = niva_column_new(NIVA_COLUMN_TEXT, sheet->arena),
        .last_day = NIVA_DAY_NONE,
    };
    for (size_t i = 0; i < count; i++)
        if (items[i].kind == NIVA_ITEM_EVENT ? !event_want(sheet, items[i].event, wanted)
                                             : !command_want(sheet, &items[i], wanted))
            return false;
    return true;
}

/* Today and the months that the items name. */
static bool months_select(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_query queries[4] = {{.statement = &today_select},
                                    {.statement = &months_by_key},
                                    {.statement = &months_by_account},
                                    {.statement = &months_by_day}};
    struct wanted wanted;
    size_t count = 3;
    bool done;

    for (size_t i = 0; i < 4; i++)
        queries[i].params.arena = sheet->arena;
    if (!items_want(sheet, batch, &wanted))
        return niva_fail_memory(err);
    niva_param_column(&queries[1].params, wanted.key_units);
    niva_param_column(&queries[1].params, wanted.key_groups);
    niva_param_column(&queries[1].params, wanted.key_months);
    niva_param_column(&queries[2].params, wanted.account_units);
    niva_param_column(&queries[2].params, wanted.account_groups);
    if (wanted.last_day != NIVA_DAY_NONE)
        niva_param_day(&queries[count++].params, wanted.last_day);
    done = niva_pg_run(niva_batch_pg(batch), queries, count, err);
    if (done && niva_rows(&queries[0]) > 0)
        sheet->today = niva_row_day(&queries[0], 0, 0);
    for (size_t i = 1; done && i < count; i++)
        done = months_read(&queries[i], sheet, err);
    niva_queries_clear(queries, count);
    return done;
}

/* The components of the sheet's accounts and the open lines of its months. */
static bool lines_select(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_query queries[2] = {{0}, {.statement = &open_lines}};
    struct niva_column *units = niva_column_new(NIVA_COLUMN_TEXT, sheet->arena);
    struct niva_column *groups = niva_column_new(NIVA_COLUMN_TEXT, sheet->arena);
    struct niva_column *periods = niva_column_new(NIVA_COLUMN_DAY, sheet->arena);
    const char **names = niva_arena_array(sheet->arena, sheet->accounts.count, sizeof *names);
    size_t name_count = 0;
    bool done;

    if (names == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < sheet->accounts.count; i++) {
        const struct sheet_account *account = sheet->accounts.items[i];

        if (name_count == 0 || strcmp(names[name_count - 1], account->unit) != 0)
            names[name_count++] = account->unit;
    }
    for (size_t i = 0; i < sheet->months.count; i++) {
        const struct sheet_month *month = sheet->months.items[i];

        niva_column_text(units, month->account->unit);
        niva_column_text(groups, month->account->group);
        niva_column_day(periods, month->days.from);
    }
    queries[0].params.arena = queries[1].params.arena = sheet->arena;
    niva_facts_query_units(&queries[0], names, name_count, sheet->arena);
    niva_param_column(&queries[1].params, units);
    niva_param_column(&queries[1].params, groups);
    niva_param_column(&queries[1].params, periods);
    done = niva_pg_run(niva_batch_pg(batch), queries, 2, err) &&
           components_read(&queries[0], sheet, err) && lines_read(&queries[1], sheet, err);
    niva_queries_clear(queries, 2);
    return done;
}

bool store_batch_read(void *self, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    struct sheet *sheet = niva_arena_alloc(arena, sizeof *sheet);

    (void)self;
    if (sheet == NULL)
        return niva_fail_memory(err);
    sheet->arena = arena;
    sheet->today = NIVA_DAY_NONE;
    niva_batch_set_state(batch, sheet);
    return months_select(sheet, batch, err) &&
           (sheet->accounts.count == 0 || lines_select(sheet, batch, err));
}

static bool timelines_put(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_params *params;
    struct niva_column *columns[7];
    static const enum niva_column_type types[7] = {
        NIVA_COLUMN_TEXT,    NIVA_COLUMN_TEXT, NIVA_COLUMN_DAY,  NIVA_COLUMN_INT32,
        NIVA_COLUMN_INSTANT, NIVA_COLUMN_DAY,  NIVA_COLUMN_BYTES};

    if (sheet->timelines.count == 0)
        return true;
    params = niva_batch_write(batch, &timelines_write);
    if (params == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < 7; i++)
        columns[i] = niva_column_new(types[i], sheet->arena);
    for (size_t i = 0; i < sheet->timelines.count; i++) {
        const struct sheet_timeline *timeline = sheet->timelines.items[i];

        niva_column_text(columns[0], timeline->month->account->unit);
        niva_column_text(columns[1], timeline->month->account->group);
        niva_column_day(columns[2], timeline->month->days.from);
        niva_column_int32(columns[3], timeline->version);
        niva_column_instant(columns[4], timeline->recorded_at);
        niva_column_day(columns[5], timeline->below_from);
        niva_column_bytes(columns[6], timeline->body.data, timeline->body.len);
    }
    for (size_t i = 0; i < 7; i++)
        niva_param_column(params, columns[i]);
    return true;
}

/* Adds rows of adjustments to a statement of eleven columns. */
static bool rows_put(struct sheet *sheet, struct niva_batch *batch,
                     const struct niva_statement *statement, const struct sheet_list *rows,
                     struct niva_error *err)
{
    static const enum niva_column_type types[11] = {
        NIVA_COLUMN_UUID,    NIVA_COLUMN_TEXT,  NIVA_COLUMN_TEXT,  NIVA_COLUMN_TEXT,
        NIVA_COLUMN_DAY,     NIVA_COLUMN_INT32, NIVA_COLUMN_INT32, NIVA_COLUMN_INSTANT,
        NIVA_COLUMN_INSTANT, NIVA_COLUMN_DAY,   NIVA_COLUMN_BYTES};
    struct niva_column *columns[11];
    struct niva_params *params;

    if (rows->count == 0)
        return true;
    params = niva_batch_write(batch, statement);
    if (params == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < 11; i++)
        columns[i] = niva_column_new(types[i], sheet->arena);
    for (size_t i = 0; i < rows->count; i++) {
        const struct sheet_row *row = rows->items[i];
        ProtobufCBinaryData body;

        if (!niva_wire_pack(&row->body->base, sheet->arena, &body, err))
            return false;
        niva_column_uuid(columns[0], &row->id);
        niva_column_text(columns[1], row->body->unit);
        niva_column_text(columns[2], row->body->component);
        niva_column_text(columns[3], row->body->profession_group);
        niva_column_day(columns[4], row->period);
        niva_column_int32(columns[5], (int32_t)row->state);
        niva_column_int32(columns[6], row->body->version);
        niva_column_instant(columns[7], row->recorded_at);
        niva_column_instant(columns[8], row->computed_at);
        niva_column_day(columns[9], row->computed_for);
        niva_column_bytes(columns[10], body.data, body.len);
    }
    for (size_t i = 0; i < 11; i++)
        niva_param_column(params, columns[i]);
    return true;
}

static bool vanished_delete(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_params *params;
    struct niva_column *ids;

    if (sheet->vanished.count == 0)
        return true;
    params = niva_batch_write(batch, &lines_delete);
    if (params == NULL)
        return niva_fail_memory(err);
    ids = niva_column_new(NIVA_COLUMN_UUID, sheet->arena);
    for (size_t i = 0; i < sheet->vanished.count; i++)
        niva_column_uuid(ids, &((const struct sheet_row *)sheet->vanished.items[i])->id);
    niva_param_column(params, ids);
    return true;
}

/* The lines of the sheet that differ from what is stored. */
static bool touched_collect(struct sheet *sheet, struct sheet_list *ret_rows)
{
    for (size_t i = 0; i < sheet->months.count; i++) {
        const struct sheet_month *month = sheet->months.items[i];

        for (size_t j = 0; j < month->lines.count; j++) {
            const struct sheet_line *line = month->lines.items[j];

            if (line->touched && !sheet_list_add(ret_rows, (void *)line->row, sheet->arena))
                return false;
        }
    }
    return true;
}

bool store_batch_write(void *self, struct niva_batch *batch, struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);
    struct sheet_list touched = {0};

    (void)self;
    if (sheet->today_moved) {
        struct niva_params *params = niva_batch_write(batch, &today_write);

        if (params == NULL)
            return niva_fail_memory(err);
        niva_param_day(params, sheet->today);
    }
    if (!touched_collect(sheet, &touched))
        return niva_fail_memory(err);
    /* What closes goes first: a month has one open line of a component at any time. */
    return timelines_put(sheet, batch, err) && vanished_delete(sheet, batch, err) &&
           rows_put(sheet, batch, &lines_write, &sheet->closed, err) &&
           rows_put(sheet, batch, &lines_write, &touched, err) &&
           rows_put(sheet, batch, &versions_write, &sheet->versions, err);
}
