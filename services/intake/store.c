#include "services/intake/store.h"

#include <string.h>

#include "services/common/base/clock.h"
#include "services/intake/retention.h"
#include "services/intake/store_inside.h"

const char *const kind_unit = "unit";
const char *const kind_report = "report";
const char *const kind_original = "original";
const char *const kind_import = "import";
const char *const kind_confirmation = "confirmation";
const char *const kind_absence = "absence";
const char *const kind_erasure = "erasure";

/* ---- what a batch needs ---- */

static const struct niva_statement present_facts = {
    "intake_present_facts",
    "SELECT w.kind, f.body FROM unnest($1, $2) AS w (kind, id)"
    " CROSS JOIN LATERAL (SELECT body FROM fact WHERE kind = w.kind AND id = w.id"
    " ORDER BY version DESC LIMIT 1) f"};

#define PLACE_COLUMNS(f)                                                                           \
    f ".fact_no, " f ".id, " f ".unit, " f ".profession_group, " f ".refers_to, " f ".first_day, " \
      "EXISTS (SELECT FROM fact w WHERE w.kind = 'report' AND w.id = " f ".id AND w.version = 2)"  \
      " AS withdrawn"

/* Reports with all that corrects them, directly or through other corrections. */
static const struct niva_statement report_chains = {
    "intake_report_chains",
    "WITH RECURSIVE chain AS (SELECT " PLACE_COLUMNS(
        "f") " FROM fact f"
             " WHERE f.kind = 'report' AND f.version = 1 AND f.id = ANY ($1)"
             " UNION SELECT " PLACE_COLUMNS("r") " FROM chain JOIN fact r ON r.kind = 'report'"
                                                 " AND r.version = 1 AND r.refers_to <> '' AND "
                                                 "r.refers_to = chain.id) TABLE chain"};

static const struct niva_statement group_reports = {
    "intake_group_reports",
    "SELECT " PLACE_COLUMNS("f") " FROM unnest($1, $2) AS w (unit, profession_group) JOIN fact f"
                                 " ON f.unit = w.unit AND f.profession_group = w.profession_group"
                                 " WHERE f.unit <> '' AND f.kind = 'report' AND f.version = 1"};

static const struct niva_statement unit_erasures = {
    "intake_unit_erasures",
    "SELECT body FROM fact WHERE kind = 'erasure' AND (unit = ANY ($1) OR unit IN (SELECT r.unit"
    " FROM fact r WHERE r.kind = 'report' AND r.version = 1 AND r.id = ANY ($2)))"
    " ORDER BY fact_no"};

/* An original is not looked into. What a command recorded has the instant of its stored answer. */
static const struct niva_statement unit_retained = {
    "intake_unit_retained",
    "SELECT f.fact_no, f.kind, f.id, f.version, f.unit, f.profession_group, f.refers_to,"
    " f.first_day, f.recorded_at, f.erased_by IS NOT NULL,"
    " f.kind <> 'original' AND EXISTS (SELECT FROM request r WHERE r.recorded_at = f.recorded_at"
    " AND r.method LIKE '/niva.intake.v1.%' AND r.erased_by IS NULL),"
    " EXISTS (SELECT FROM fact w WHERE w.kind = 'report' AND w.id = f.id AND w.version = 2),"
    " CASE WHEN f.kind <> 'original' THEN f.body END,"
    " f.kind = 'original' AND EXISTS (SELECT FROM fact i WHERE i.kind = 'import'"
    " AND i.id = f.refers_to AND i.erased_by IS NULL)"
    " FROM fact f WHERE f.unit = ANY ($1) AND f.unit <> ''"
    " AND f.kind IN ('report', 'absence', 'original') ORDER BY f.fact_no"};

static const struct niva_statement erase_facts = {"intake_erase_facts",
                                                  "SELECT erase_facts($1, $2, $3)"};
static const struct niva_statement clock_day = {"intake_clock_day",
                                                "SELECT clock_day FROM stream_head"};

enum { WANTS_FIRST = 32, LOOK_BACK = 2 * NIVA_BATCH_MAX };

static void want(struct wants *wants, struct want_list *list, const char *text)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? WANTS_FIRST : 2 * list->capacity;
        const char **texts = niva_arena_array(wants->arena, capacity, sizeof *texts);

        wants->failed |= texts == NULL;
        if (texts == NULL)
            return;
        if (list->count > 0)
            memcpy(texts, list->texts, list->count * sizeof *texts);
        list->texts = texts;
        list->capacity = capacity;
    }
    list->texts[list->count++] = text;
}

/* Adds to one list, or to two in step, what was not wanted of late. */
static void want_once(struct wants *wants, struct want_list *list, const char *text,
                      struct want_list *beside, const char *other)
{
    size_t first = list->count > LOOK_BACK ? list->count - LOOK_BACK : 0;

    if (wants->failed)
        return;
    for (size_t i = first; i < list->count; i++)
        if (strcmp(list->texts[i], text) == 0 &&
            (beside == NULL || strcmp(beside->texts[i], other) == 0))
            return;
    want(wants, list, text);
    if (beside != NULL)
        want(wants, beside, other);
}

void wants_fact(struct wants *wants, const char *kind, const char *id)
{
    want_once(wants, &wants->ids, id, &wants->kinds, kind);
}

void wants_chain(struct wants *wants, const char *report_id)
{
    want_once(wants, &wants->chains, report_id, NULL, NULL);
}

void wants_group(struct wants *wants, const char *unit, const char *profession_group)
{
    want_once(wants, &wants->units, unit, &wants->groups, profession_group);
}

void wants_erasures(struct wants *wants, const char *unit)
{
    want_once(wants, &wants->erasures, unit, NULL, NULL);
}

void wants_retained(struct wants *wants, const char *unit)
{
    want_once(wants, &wants->retained, unit, NULL, NULL);
}

void wants_twins(struct wants *wants, const char *unit, const char *day)
{
    want_once(wants, &wants->twins, unit, &wants->twin_days, day);
}

static void query_begin(struct niva_query *query, const struct niva_statement *statement,
                        struct niva_arena *arena)
{
    *query = (struct niva_query){.statement = statement, .params.arena = arena};
}

static void param_texts(struct niva_params *params, const struct want_list *list)
{
    struct niva_column *column = niva_column_new(NIVA_COLUMN_TEXT, params->arena);

    for (size_t i = 0; i < list->count; i++)
        niva_column_text(column, list->texts[i]);
    niva_param_column(params, column);
}

enum { WANT_QUERIES = 6 };

/* The queries that are needed. */
static size_t queries_build(const struct wants *wants, struct niva_arena *arena,
                            struct niva_query *queries)
{
    size_t count = 0;

    if (wants->chains.count > 0) {
        query_begin(&queries[count], &report_chains, arena);
        param_texts(&queries[count++].params, &wants->chains);
    }
    if (wants->units.count > 0) {
        query_begin(&queries[count], &group_reports, arena);
        param_texts(&queries[count].params, &wants->units);
        param_texts(&queries[count++].params, &wants->groups);
    }
    if (wants->ids.count > 0) {
        query_begin(&queries[count], &present_facts, arena);
        param_texts(&queries[count].params, &wants->kinds);
        param_texts(&queries[count++].params, &wants->ids);
    }
    if (wants->erasures.count > 0 || wants->chains.count > 0) {
        query_begin(&queries[count], &unit_erasures, arena);
        param_texts(&queries[count].params, &wants->erasures);
        param_texts(&queries[count++].params, &wants->chains);
    }
    if (wants->retained.count > 0) {
        query_begin(&queries[count], &unit_retained, arena);
        param_texts(&queries[count++].params, &wants->retained);
    }
    if (wants->twins.count > 0) {
        query_begin(&queries[count], &report_twins, arena);
        niva_param_instant(&queries[count].params, INT64_MAX);
        param_texts(&queries[count].params, &wants->twins);
        param_texts(&queries[count++].params, &wants->twin_days);
    }
    return count;
}

static bool text_copy(const struct niva_query *query, int row, int column, struct niva_arena *arena,
                      const char **ret_text)
{
    *ret_text = niva_arena_strdup(arena, niva_row_text(query, row, column));
    return *ret_text != NULL;
}

static bool place_add(const struct niva_query *query, int row, struct niva_arena *arena,
                      struct state *state)
{
    struct report_record record = {
        .effective_from = niva_row_day(query, row, 5),
        .order = niva_row_int64(query, row, 0),
        .withdrawn = niva_row_bool(query, row, 6),
    };

    return text_copy(query, row, 1, arena, &record.report_id) &&
           text_copy(query, row, 2, arena, &record.unit) &&
           text_copy(query, row, 3, arena, &record.profession_group) &&
           text_copy(query, row, 4, arena, &record.corrects) && state_add_report(state, &record);
}

static bool fact_add(const char *kind, const uint8_t *body, size_t size, struct niva_arena *arena,
                     struct state *state, struct niva_error *err)
{
    const ProtobufCMessageDescriptor *type = &niva__intake__v1__staffing_report__descriptor;
    ProtobufCMessage *message;

    if (strcmp(kind, kind_unit) == 0)
        type = &niva__intake__v1__unit__descriptor;
    if (strcmp(kind, kind_absence) == 0)
        type = &niva__intake__v1__absence__descriptor;
    if (!niva_wire_unpack(type, body, size, false, arena, &message, err))
        return niva_fail_internal(err, "a recorded %s cannot be read", type->name);
    if (strcmp(kind, kind_unit) == 0)
        return state_add_unit(state, (const void *)message) || niva_fail_memory(err);
    if (strcmp(kind, kind_absence) == 0)
        return state_add_absence(state, (const void *)message) || niva_fail_memory(err);
    state_set_report(state, (const void *)message);
    return true;
}

static bool erasure_add(const struct niva_query *query, int row, struct niva_arena *arena,
                        struct state *state, struct niva_error *err)
{
    ProtobufCMessage *message;
    size_t size;
    const uint8_t *body = niva_row_bytes(query, row, 0, &size);

    if (!niva_wire_unpack(&niva__intake__v1__erasure__descriptor, body, size, false, arena,
                          &message, err))
        return niva_fail_internal(err, "a recorded erasure cannot be read");
    return state_add_erasure(state, (const void *)message) || niva_fail_memory(err);
}

/* A row with its content; a report takes its place in the chains of corrections too. */
static bool retained_add(const struct niva_query *query, int row, struct niva_arena *arena,
                         struct state *state, struct niva_error *err)
{
    struct retained retained = {
        .fact_no = niva_row_int64(query, row, 0),
        .version = niva_row_int32(query, row, 3),
        .first_day = niva_row_day(query, row, 7),
        .recorded_at = niva_row_instant(query, row, 8),
        .erased = niva_row_bool(query, row, 9),
        .answered = niva_row_bool(query, row, 10),
    };
    const char *corrects;
    ProtobufCMessage *message = NULL;
    size_t size;
    const uint8_t *body = niva_row_bytes(query, row, 12, &size);

    if (!text_copy(query, row, 1, arena, &retained.kind) ||
        !text_copy(query, row, 2, arena, &retained.id) ||
        !text_copy(query, row, 4, arena, &retained.unit) ||
        !text_copy(query, row, 5, arena, &retained.profession_group) ||
        !text_copy(query, row, 6, arena, &corrects))
        return niva_fail_memory(err);
    const struct report_record place = {
        .report_id = retained.id,
        .unit = retained.unit,
        .profession_group = retained.profession_group,
        .corrects = corrects,
        .effective_from = retained.first_day,
        .order = retained.fact_no,
        .withdrawn = niva_row_bool(query, row, 11),
    };
    bool report = strcmp(retained.kind, kind_report) == 0;
    if (body != NULL && !niva_wire_unpack(report ? &niva__intake__v1__staffing_report__descriptor
                                                 : &niva__intake__v1__absence__descriptor,
                                          body, size, false, arena, &message, err))
        return niva_fail_internal(err, "a recorded %s cannot be read", retained.kind);
    retained.message = message;
    retained.file = niva_row_bool(query, row, 13) ? corrects : NULL;
    if (report && retained.version == 1 && !state_add_report(state, &place))
        return niva_fail_memory(err);
    return state_add_retained(state, &retained) || niva_fail_memory(err);
}

/* A report of that day that stands, with its content. */
static bool twin_add(const struct niva_query *query, int row, struct niva_arena *arena,
                     struct state *state, struct niva_error *err)
{
    ProtobufCMessage *message;
    size_t size;
    const uint8_t *body = niva_row_bytes(query, row, 3, &size);

    if (!niva_wire_unpack(&niva__intake__v1__staffing_report__descriptor, body, size, false, arena,
                          &message, err))
        return niva_fail_internal(err, "a recorded report cannot be read");
    const Niva__Intake__V1__StaffingReport *report = (const void *)message;
    const struct report_record record = {
        .report_id = report->report_id,
        .unit = report->unit,
        .profession_group = report->profession_group,
        .corrects = report->corrects_report_id,
        .effective_from = niva_day_read(report->effective_from),
        .order = niva_row_int64(query, row, 0),
        .report = report,
    };
    if (!state_add_report(state, &record))
        return niva_fail_memory(err);
    state_set_report(state, report);
    return true;
}

static bool present_add(const struct niva_query *query, int row, struct niva_arena *arena,
                        struct state *state, struct niva_error *err)
{
    size_t size;
    const uint8_t *body = niva_row_bytes(query, row, 1, &size);

    return fact_add(niva_row_text(query, row, 0), body, size, arena, state, err);
}

static bool rows_add(const struct niva_query *query, struct niva_arena *arena, struct state *state,
                     struct niva_error *err)
{
    bool good = true;

    for (int row = 0; good && row < niva_rows(query); row++) {
        if (query->statement == &present_facts)
            good = present_add(query, row, arena, state, err);
        else if (query->statement == &unit_erasures)
            good = erasure_add(query, row, arena, state, err);
        else if (query->statement == &unit_retained)
            good = retained_add(query, row, arena, state, err);
        else if (query->statement == &report_twins)
            good = twin_add(query, row, arena, state, err);
        else
            good = place_add(query, row, arena, state) || niva_fail_memory(err);
    }
    return good;
}

bool store_read(struct niva_pg *pg, const struct wants *wants, struct niva_arena *arena,
                struct state *state, struct niva_error *err)
{
    struct niva_query queries[WANT_QUERIES];
    size_t count = queries_build(wants, arena, queries);
    bool good =
        wants->failed ? niva_fail_memory(err) : count == 0 || niva_pg_run(pg, queries, count, err);

    for (size_t i = 0; good && i < count; i++)
        good = rows_add(&queries[i], arena, state, err);
    niva_queries_clear(queries, count);
    return good;
}

/* ---- erasing ---- */

bool store_now(struct niva_read *read, niva_instant *ret_now, struct niva_error *err)
{
    struct niva_query query = {.statement = &clock_day};
    niva_instant now = niva_clock_now();
    bool good = niva_pg_run(read->pg, &query, 1, err);

    if (good)
        *ret_now = read->rehearsal && !niva_row_null(&query, 0, 0)
                       ? niva_clock_rehearsed(niva_row_day(&query, 0, 0), now)
                       : now;
    niva_queries_clear(&query, 1);
    return good;
}

bool store_erase(struct niva_batch *batch, int64_t decision, const struct effect *effect,
                 struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    struct niva_params *params = niva_batch_write(batch, &erase_facts);
    struct niva_column *facts = niva_column_new(NIVA_COLUMN_INT64, arena);
    struct niva_column *bodies = niva_column_new(NIVA_COLUMN_BYTES, arena);

    if (params == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < effect->erased_count; i++) {
        ProtobufCBinaryData body;

        if (!niva_wire_pack(effect->redacted[i], arena, &body, err))
            return false;
        niva_column_int64(facts, effect->erased[i]->fact_no);
        niva_column_bytes(bodies, body.data, body.len);
    }
    niva_param_int64(params, decision);
    niva_param_column(params, facts);
    niva_param_column(params, bodies);
    return true;
}
