#include "services/compensation/store.h"

#include <string.h>

#include "services/compensation/decide.h"
#include "services/compensation/store_erasure.h"
#include "services/compensation/store_rows.h"
#include "services/compensation/store_settle.h"

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

/* The months of lines that commands name. */
static const struct niva_statement months_by_line = {
    "compensation_months_by_line",
    "SELECT " TIMELINE_COLUMNS " FROM ("
    "  SELECT m.unit, m.profession_group, m.month, max(m.version) AS version"
    "  FROM adjustment a JOIN month_timeline m ON m.unit = a.unit"
    "   AND m.profession_group = a.profession_group AND m.month = a.period"
    "  WHERE a.adjustment_id = ANY ($1::uuid[])"
    "  GROUP BY m.unit, m.profession_group, m.month) AS last"
    " JOIN month_timeline t USING (unit, profession_group, month, version)"
    " ORDER BY t.month, t.unit, t.profession_group"};

/* The months with an open line, of units of whose dialogues something was told. */
static const struct niva_statement months_by_dialogue = {
    "compensation_months_by_dialogue",
    "SELECT " TIMELINE_COLUMNS " FROM ("
    "  SELECT m.unit, m.profession_group, m.month, max(m.version) AS version"
    "  FROM unnest($1::text[], $2::text[]) AS k (unit, profession_group)"
    "  JOIN adjustment a ON a.unit = k.unit AND a.profession_group = k.profession_group"
    "   AND a.state IN (1, 2, 3)"
    "  JOIN month_timeline m ON m.unit = a.unit AND m.profession_group = a.profession_group"
    "   AND m.month = a.period"
    "  GROUP BY m.unit, m.profession_group, m.month) AS last"
    " JOIN month_timeline t USING (unit, profession_group, month, version)"
    " ORDER BY t.month, t.unit, t.profession_group"};

/* The open lines of months and the decided ones. */
static const struct niva_statement month_lines = {
    "compensation_month_lines",
    "SELECT " LINE_COLUMNS " FROM adjustment"
    " JOIN unnest($1::text[], $2::text[], $3::date[]) AS k (unit, profession_group, period)"
    "  USING (unit, profession_group, period)"
    " WHERE state <> 8"
    " ORDER BY unit, profession_group, period, component, adjustment_id"};

static const struct niva_statement gone_lines = {
    "compensation_gone_lines", "SELECT " LINE_COLUMNS " FROM adjustment"
                               " WHERE adjustment_id = ANY ($1::uuid[]) AND state = 8"};

static const struct niva_statement dialogue_select = {
    "compensation_dialogue_select",
    "SELECT " DIALOGUE_COLUMNS " FROM dialogue"
    " JOIN unnest($1::text[], $2::text[]) AS k (unit, profession_group)"
    "  USING (unit, profession_group)"
    " ORDER BY position"};

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

/* Puts a line into its month: the open one of its component, or one of the decided ones. */
static bool line_place(struct sheet *sheet, const struct sheet_row *row, struct niva_error *err)
{
    struct sheet_month *month =
        sheet_month_find(sheet, row->body->unit, row->body->profession_group, row->period);
    struct sheet_line *line;

    if (month == NULL)
        return niva_fail_internal(err, "a line of another month than its body says");
    line = sheet_line(sheet, month, row->body->component);
    if (line == NULL)
        return niva_fail_memory(err);
    if (line_is_decided(row->state))
        return sheet_decided_put(sheet, line, row) || niva_fail_memory(err);
    line->row = row;
    line->stored = true;
    return true;
}

static bool lines_read(const struct niva_query *query, struct sheet *sheet, struct niva_error *err)
{
    for (int i = 0; i < niva_rows(query); i++) {
        struct sheet_row *row;

        if (!line_row_read(query, i, sheet->arena, &row, err) || !line_place(sheet, row, err))
            return false;
    }
    return true;
}

static bool gone_read(const struct niva_query *query, struct sheet *sheet, struct niva_error *err)
{
    for (int i = 0; i < niva_rows(query); i++) {
        struct sheet_row *row;

        if (!line_row_read(query, i, sheet->arena, &row, err))
            return false;
        if (!sheet_list_add(&sheet->gone, row, sheet->arena))
            return niva_fail_memory(err);
    }
    return true;
}

static bool dialogue_read(const struct niva_query *query, struct sheet *sheet,
                          struct niva_error *err)
{
    for (int i = 0; i < niva_rows(query); i++) {
        struct dialogue_entry *entry = niva_arena_alloc(sheet->arena, sizeof *entry);
        struct sheet_account *account;

        if (entry == NULL)
            return niva_fail_memory(err);
        if (!dialogue_row_read(query, i, sheet->arena, entry, err))
            return false;
        account = sheet_account_find(sheet, entry->unit, entry->group);
        if (account == NULL)
            return niva_fail_internal(err, "a dialogue about another unit than it says");
        if (!sheet_list_add(&account->dialogue, entry, sheet->arena))
            return niva_fail_memory(err);
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
        if (account == NULL)
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
    struct niva_column *dialogue_units;
    struct niva_column *dialogue_groups;
    struct niva_column *lines; /* adjustment ids */
    niva_day last_day;         /* of the days that begin; NIVA_DAY_NONE: none does */
};

static bool timeline_want(struct sheet *sheet,
                          const Niva__Compliance__V1__TimelineChanged *timeline,
                          struct wanted *wanted)
{
    struct sheet_account *account;
    struct niva_span days;

    if (!niva_month_parse(timeline->month, &days))
        return true;
    niva_column_text(wanted->key_units, timeline->unit);
    niva_column_text(wanted->key_groups, timeline->profession_group);
    niva_column_day(wanted->key_months, days.from);
    account = sheet_account(sheet, timeline->unit, timeline->profession_group);
    return account != NULL && sheet_month(sheet, account, days) != NULL;
}

/* What can't be read is told when it is decided. */
static bool dialogue_want(struct sheet *sheet, const struct niva_event *event,
                          enum dialogue_kind kind, struct wanted *wanted)
{
    struct dialogue_entry entry = {.kind = kind};
    struct niva_error ignored;

    if (!dialogue_entry_read(event->data, &entry, &ignored))
        return true;
    niva_column_text(wanted->dialogue_units, entry.unit);
    niva_column_text(wanted->dialogue_groups, entry.group);
    return sheet_account(sheet, entry.unit, entry.group) != NULL;
}

static bool event_want(struct sheet *sheet, const struct niva_event *event, struct wanted *wanted)
{
    enum dialogue_kind dialogue;
    niva_day day;

    if (event->data == NULL)
        return true;
    if (dialogue_kind_of(event->type, &dialogue))
        return dialogue_want(sheet, event, dialogue, wanted);
    if (strcmp(event->type, EVENT_DAY_BEGUN) == 0) {
        if (niva_day_parse(((const Niva__Compliance__V1__DayBegun *)event->data)->day, &day) &&
            day > wanted->last_day)
            wanted->last_day = day;
        return true;
    }
    return strcmp(event->type, EVENT_TIMELINE_CHANGED) != 0 ||
           timeline_want(sheet, (const Niva__Compliance__V1__TimelineChanged *)event->data, wanted);
}

static bool component_want(struct sheet *sheet, const struct niva_item *item, struct wanted *wanted)
{
    const Niva__Compensation__V1__Component *component =
        ((const Niva__Compensation__V1__PutComponentRequest *)item->request)->component;
    struct sheet_account *account =
        sheet_account(sheet, component->unit, component->profession_group);

    if (account == NULL)
        return false;
    if (account->put)
        return true;
    account->put = true;
    niva_column_text(wanted->account_units, component->unit);
    niva_column_text(wanted->account_groups, component->profession_group);
    return true;
}

static bool command_want(struct sheet *sheet, const struct niva_item *item, struct wanted *wanted)
{
    struct niva_uuid id;

    if (strcmp(item->method, METHOD_PUT_COMPONENT) == 0)
        return component_want(sheet, item, wanted);
    /* The others are about one line; its id was checked. */
    if (niva_uuid_parse(niva_wire_get_text(item->request, "adjustment_id"), &id))
        niva_column_uuid(wanted->lines, &id);
    return true;
}

/* Looks at the items: which months, accounts, lines and days they name. */
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
        .dialogue_units = niva_column_new(NIVA_COLUMN_TEXT, sheet->arena),
        .dialogue_groups = niva_column_new(NIVA_COLUMN_TEXT, sheet->arena),
        .lines = niva_column_new(NIVA_COLUMN_UUID, sheet->arena),
        .last_day = NIVA_DAY_NONE,
    };
    for (size_t i = 0; i < count; i++)
        if (items[i].kind == NIVA_ITEM_EVENT ? !event_want(sheet, items[i].event, wanted)
                                             : !command_want(sheet, &items[i], wanted))
            return false;
    return true;
}

/* Today and the months that the items name; with lines that commands name also those of them that
 * are gone. */
static bool months_select(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_query queries[7] = {
        {.statement = &today_select},      {.statement = &months_by_key},
        {.statement = &months_by_account}, {.statement = &months_by_dialogue},
        {.statement = &months_by_line},    {.statement = &gone_lines},
        {.statement = &months_by_day}};
    struct wanted wanted;
    size_t count = 6;
    bool done;

    for (size_t i = 0; i < 7; i++)
        queries[i].params.arena = sheet->arena;
    if (!items_want(sheet, batch, &wanted))
        return niva_fail_memory(err);
    niva_param_column(&queries[1].params, wanted.key_units);
    niva_param_column(&queries[1].params, wanted.key_groups);
    niva_param_column(&queries[1].params, wanted.key_months);
    niva_param_column(&queries[2].params, wanted.account_units);
    niva_param_column(&queries[2].params, wanted.account_groups);
    niva_param_column(&queries[3].params, wanted.dialogue_units);
    niva_param_column(&queries[3].params, wanted.dialogue_groups);
    niva_param_column(&queries[4].params, wanted.lines);
    niva_param_column(&queries[5].params, wanted.lines);
    if (wanted.last_day != NIVA_DAY_NONE)
        niva_param_day(&queries[count++].params, wanted.last_day);
    done = niva_pg_run(niva_batch_pg(batch), queries, count, err);
    if (done && niva_rows(&queries[0]) > 0)
        sheet->today = niva_row_day(&queries[0], 0, 0);
    done = done && gone_read(&queries[5], sheet, err);
    for (size_t i = 1; done && i < count; i++)
        done = i == 5 || months_read(&queries[i], sheet, err);
    niva_queries_clear(queries, count);
    return done;
}

/* The components and dialogues of the sheet's accounts and the lines of its months. */
static bool lines_select(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_query queries[3] = {
        {0}, {.statement = &month_lines}, {.statement = &dialogue_select}};
    struct niva_column *columns[5];
    const char **names = niva_arena_array(sheet->arena, sheet->accounts.count, sizeof *names);
    size_t name_count = 0;
    bool done;

    if (names == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < 5; i++)
        columns[i] = niva_column_new(i == 2 ? NIVA_COLUMN_DAY : NIVA_COLUMN_TEXT, sheet->arena);
    for (size_t i = 0; i < sheet->accounts.count; i++) {
        const struct sheet_account *account = sheet->accounts.items[i];

        if (name_count == 0 || strcmp(names[name_count - 1], account->unit) != 0)
            names[name_count++] = account->unit;
        niva_column_text(columns[3], account->unit);
        niva_column_text(columns[4], account->group);
    }
    for (size_t i = 0; i < sheet->months.count; i++) {
        const struct sheet_month *month = sheet->months.items[i];

        niva_column_text(columns[0], month->account->unit);
        niva_column_text(columns[1], month->account->group);
        niva_column_day(columns[2], month->days.from);
    }
    for (size_t i = 0; i < 3; i++)
        queries[i].params.arena = sheet->arena;
    niva_facts_query_kind(&queries[0], "component", names, name_count, sheet->arena);
    for (size_t i = 0; i < 5; i++)
        niva_param_column(&queries[i < 3 ? 1 : 2].params, columns[i]);
    done = niva_pg_run(niva_batch_pg(batch), queries, 3, err) &&
           components_read(&queries[0], sheet, err) && lines_read(&queries[1], sheet, err) &&
           dialogue_read(&queries[2], sheet, err);
    niva_queries_clear(queries, 3);
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
           (sheet->accounts.count == 0 || lines_select(sheet, batch, err)) &&
           store_settling_read(sheet, batch, err) && store_erasing_read(sheet, batch, err);
}
