/* What lines follow from, read set by set: for one line as for thousands there is one round trip.
 */
#include <string.h>

#include "services/compensation/joined.h"
#include "services/compensation/store_rows.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compliance__V1__TimelineChanged TimelineChanged;

/* Questions in their order: unit, group, month, component and instant, numbered from 1. */
static const struct niva_statement timelines_select = {
    "compensation_timelines_select",
    "SELECT q.n, t.body FROM unnest($1::text[], $2::text[], $3::date[], $4::timestamptz[])"
    "  WITH ORDINALITY AS q (unit, profession_group, month, known_at, n)"
    " CROSS JOIN LATERAL (SELECT m.body FROM month_timeline m WHERE m.unit = q.unit"
    "   AND m.profession_group = q.profession_group AND m.month = q.month"
    "   AND m.recorded_at <= q.known_at ORDER BY m.version DESC LIMIT 1) AS t"
    " ORDER BY q.n"};

/* The decided lines of a month, in any order; what was decided stays decided. */
static const struct niva_statement decided_select = {
    "compensation_decided_select",
    "SELECT " LINE_COLUMNS ", n FROM adjustment"
    " JOIN unnest($1::text[], $2::text[], $3::date[], $4::text[])"
    "  WITH ORDINALITY AS q (unit, profession_group, period, component, n)"
    "  USING (unit, profession_group, period, component)"
    " WHERE state IN (4, 5, 6, 7) ORDER BY n"};

static const struct niva_statement dialogues_select = {
    "compensation_dialogues_select",
    "SELECT " DIALOGUE_COLUMNS ", n FROM dialogue"
    " JOIN unnest($1::text[], $2::text[], $3::timestamptz[])"
    "  WITH ORDINALITY AS q (unit, profession_group, known_at, n) USING (unit, profession_group)"
    " WHERE recorded_at <= known_at ORDER BY n, position"};

enum { TIMELINES, DECIDED, DIALOGUES, COMPONENTS, SETS };
/* Where the rows of a set have the number of their question. */
enum { TIMELINE_N = 0, DECIDED_N = 8, DIALOGUE_N = 4 };

/* Answers on their way: of each set the rows of one question follow those of the one before. */
struct reading {
    struct niva_arena *arena;
    struct niva_query queries[SETS];
    int at[SETS]; /* the next row */
    size_t fact_count;
    struct niva_fact *facts; /* all versions of the units' components, in the order of the record */
};

/* ---- what is asked ---- */

static void queries_make(struct reading *reading, const struct store_question *questions,
                         size_t count)
{
    struct niva_arena *arena = reading->arena;
    const char **names = niva_arena_array(arena, count, sizeof *names);
    struct niva_column *units = niva_column_new(NIVA_COLUMN_TEXT, arena);
    struct niva_column *groups = niva_column_new(NIVA_COLUMN_TEXT, arena);
    struct niva_column *months = niva_column_new(NIVA_COLUMN_DAY, arena);
    struct niva_column *components = niva_column_new(NIVA_COLUMN_TEXT, arena);
    struct niva_column *instants = niva_column_new(NIVA_COLUMN_INSTANT, arena);
    struct niva_column *const columns[][4] = {[TIMELINES] = {units, groups, months, instants},
                                              [DECIDED] = {units, groups, months, components},
                                              [DIALOGUES] = {units, groups, instants}};
    static const struct niva_statement *const statements[] = {[TIMELINES] = &timelines_select,
                                                              [DECIDED] = &decided_select,
                                                              [DIALOGUES] = &dialogues_select};

    for (size_t i = 0; i < count; i++) {
        niva_column_text(units, questions[i].unit);
        niva_column_text(groups, questions[i].group);
        niva_column_day(months, questions[i].period);
        niva_column_text(components, questions[i].component);
        niva_column_instant(instants, questions[i].known_at);
        if (names != NULL)
            names[i] = questions[i].unit;
    }
    for (size_t set = 0; set < COMPONENTS; set++) {
        reading->queries[set] =
            (struct niva_query){.statement = statements[set], .params.arena = arena};
        for (size_t i = 0; i < 4 && columns[set][i] != NULL; i++)
            niva_param_column(&reading->queries[set].params, columns[set][i]);
    }
    niva_facts_query_kind(&reading->queries[COMPONENTS], "component", names,
                          names != NULL ? count : 0, arena);
}

/* How many rows of a set, from its next one on, are of question n. */
static int rows_of(const struct reading *reading, int set, int column, size_t n)
{
    const struct niva_query *query = &reading->queries[set];
    int rows = 0;

    while (reading->at[set] + rows < niva_rows(query) &&
           niva_row_int64(query, reading->at[set] + rows, column) == (int64_t)n)
        rows++;
    return rows;
}

/* ---- what is answered ---- */

static bool timeline_take(struct reading *reading, size_t n, bool joined,
                          const TimelineChanged **ret_timeline, struct niva_error *err)
{
    ProtobufCMessage *message = NULL;
    const uint8_t *bytes;
    size_t size;

    *ret_timeline = NULL;
    if (rows_of(reading, TIMELINES, TIMELINE_N, n) == 0)
        return true;
    bytes = niva_row_bytes(&reading->queries[TIMELINES], reading->at[TIMELINES]++, 1, &size);
    if (!niva_wire_unpack(&niva__compliance__v1__timeline_changed__descriptor, bytes, size, false,
                          reading->arena, &message, err))
        return false;
    *ret_timeline = (const TimelineChanged *)message;
    if (joined)
        *ret_timeline = timeline_joined(*ret_timeline, reading->arena);
    return *ret_timeline != NULL || niva_fail_memory(err);
}

/* Puts a line that was decided up to the instant among those before it, by its decision. */
static void decided_put(const struct sheet_row *row, struct line_basis *basis,
                        const Adjustment **sorted, niva_instant *instants)
{
    const Adjustment *line = row->body;
    size_t at = basis->decided_count;
    niva_instant decided;

    if (line->decision_recorded_at == NULL ||
        !niva_wire_instant(line->decision_recorded_at, &decided) || decided > basis->known_at)
        return;
    for (; at > 0 && instants[at - 1] > decided; at--) {
        sorted[at] = sorted[at - 1];
        instants[at] = instants[at - 1];
    }
    sorted[at] = line;
    instants[at] = decided;
    basis->decided_count++;
}

static bool decided_take(struct reading *reading, size_t n, struct line_basis *basis,
                         struct niva_error *err)
{
    int rows = rows_of(reading, DECIDED, DECIDED_N, n);
    const Adjustment **sorted = niva_arena_array(reading->arena, (size_t)rows, sizeof *sorted);
    niva_instant *instants = niva_arena_array(reading->arena, (size_t)rows, sizeof *instants);

    if (sorted == NULL || instants == NULL)
        return niva_fail_memory(err);
    for (int i = 0; i < rows; i++) {
        struct sheet_row *row;

        if (!line_row_read(&reading->queries[DECIDED], reading->at[DECIDED]++, reading->arena, &row,
                           err))
            return false;
        decided_put(row, basis, sorted, instants);
    }
    basis->decided = sorted;
    return true;
}

static bool dialogue_take(struct reading *reading, size_t n, struct line_basis *basis,
                          struct niva_error *err)
{
    int rows = rows_of(reading, DIALOGUES, DIALOGUE_N, n);
    const struct dialogue_entry **entries =
        niva_arena_array(reading->arena, (size_t)rows, sizeof *entries);
    struct dialogue_entry *list = niva_arena_array(reading->arena, (size_t)rows, sizeof *list);

    if (entries == NULL || list == NULL)
        return niva_fail_memory(err);
    for (int i = 0; i < rows; i++) {
        entries[i] = &list[i];
        if (!dialogue_row_read(&reading->queries[DIALOGUES], reading->at[DIALOGUES]++,
                               reading->arena, &list[i], err))
            return false;
    }
    basis->entry_count = (size_t)rows;
    basis->entries = entries;
    return true;
}

/* ---- components ---- */

static bool facts_take(struct reading *reading, struct niva_error *err)
{
    const struct niva_query *query = &reading->queries[COMPONENTS];

    reading->fact_count = (size_t)niva_rows(query);
    reading->facts = niva_arena_array(reading->arena, reading->fact_count, sizeof *reading->facts);
    if (reading->facts == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < reading->fact_count; i++)
        if (!niva_fact_row(query, (int)i, reading->arena, &reading->facts[i]))
            return niva_fail_memory(err);
    return true;
}

static bool fact_asked(const struct niva_fact *fact, const struct store_question *question)
{
    return fact->recorded_at <= question->known_at && strcmp(fact->unit, question->unit) == 0 &&
           strcmp(fact->group, question->group) == 0;
}

/* Whether no later version of it was known. */
static bool fact_last(const struct reading *reading, size_t index,
                      const struct store_question *question)
{
    for (size_t i = index + 1; i < reading->fact_count; i++)
        if (fact_asked(&reading->facts[i], question) &&
            strcmp(reading->facts[i].id, reading->facts[index].id) == 0)
            return false;
    return true;
}

static bool components_take(const struct reading *reading, const struct store_question *question,
                            size_t *ret_count, const struct niva_component **ret_components,
                            struct niva_error *err)
{
    struct niva_component *components;
    size_t most = 0;
    size_t count = 0;

    for (size_t i = 0; i < reading->fact_count; i++)
        most += fact_asked(&reading->facts[i], question);
    components = niva_arena_array(reading->arena, most, sizeof *components);
    if (components == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < reading->fact_count; i++)
        if (fact_asked(&reading->facts[i], question) && fact_last(reading, i, question) &&
            !component_fact_read(&reading->facts[i], reading->arena, &components[count++], err))
            return false;
    *ret_count = count;
    *ret_components = components;
    return true;
}

static bool amounts_take(const struct reading *reading, const struct store_question *question,
                         struct line_basis *basis, struct niva_error *err)
{
    struct amounts *amounts = niva_arena_alloc(reading->arena, sizeof *amounts);
    const struct niva_component *components;
    size_t count;

    if (amounts == NULL)
        return niva_fail_memory(err);
    if (!components_take(reading, question, &count, &components, err) ||
        !amounts_compute(basis->timeline, components, count, question->today, reading->arena,
                         amounts, err))
        return false;
    basis->amounts = amounts;
    return true;
}

/* ---- the whole ---- */

static bool bases_take(struct reading *reading, const struct store_question *questions,
                       size_t count, struct line_basis *ret_bases, struct niva_error *err)
{
    if (!facts_take(reading, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct line_basis basis = {.known_at = questions[i].known_at};

        if (!timeline_take(reading, i + 1, questions[i].joined, &basis.timeline, err) ||
            !decided_take(reading, i + 1, &basis, err) ||
            !dialogue_take(reading, i + 1, &basis, err) ||
            (basis.timeline != NULL && !amounts_take(reading, &questions[i], &basis, err)))
            return false;
        ret_bases[i] = basis;
    }
    return true;
}

bool store_bases_get(struct niva_pg *pg, const struct store_question *questions, size_t count,
                     struct niva_arena *arena, struct line_basis *ret_bases, struct niva_error *err)
{
    struct reading reading = {.arena = arena};
    bool done;

    queries_make(&reading, questions, count);
    done = niva_pg_run(pg, reading.queries, SETS, err) &&
           bases_take(&reading, questions, count, ret_bases, err);
    niva_queries_clear(reading.queries, SETS);
    return done;
}

bool store_components_get(struct niva_pg *pg, const char *unit, const char *group,
                          niva_instant known_at, struct niva_arena *arena, size_t *ret_count,
                          const struct niva_component **ret_components, struct niva_error *err)
{
    const struct store_question question = {.unit = unit, .group = group, .known_at = known_at};
    struct reading reading = {.arena = arena};
    struct niva_query *query = &reading.queries[COMPONENTS];
    bool done;

    niva_facts_query_kind(query, "component", &unit, 1, arena);
    done = niva_pg_run(pg, query, 1, err) && facts_take(&reading, err) &&
           components_take(&reading, &question, ret_count, ret_components, err);
    niva_queries_clear(query, 1);
    return done;
}
