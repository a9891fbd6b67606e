#include "services/compensation/verify.h"

#include <gmp.h>
#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compensation/explain.h"
#include "services/compensation/verify_decisions.h"
#include "services/compensation/verify_dialogue.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ExplanationLine ExplanationLine;
typedef Niva__Compliance__V1__TimelineChanged TimelineChanged;

enum { UNITS_MOST = 50, UNIT_ARENA_BYTES = 256 << 20 };

static const struct niva_difference_kind month_column = {
    "MONTH_COLUMN", "En kolumn säger något annat än månadens tidslinje.",
    "A column says something else than the timeline of the month."};
static const struct niva_difference_kind month_leaps = {
    "MONTH_VERSION_MISSING", "Månadens förra tidslinje saknas.",
    "The timeline before this one of the month is missing."};
static const struct niva_difference_kind month_unreadable = {
    "MONTH_UNREADABLE", "Månadens tidslinje går inte att räkna på.",
    "The timeline of the month cannot be computed."};
static const struct niva_difference_kind line_differs = {
    "ADJUSTMENT_DIFFERS", "Regleringen följer inte av de fakta som den räknades på.",
    "The adjustment does not follow from the facts that it was computed from."};
static const struct niva_difference_kind line_unexplained = {
    "ADJUSTMENT_UNEXPLAINED", "Förklaringens rader blir inte regleringens belopp.",
    "The lines of the explanation do not add up to the adjustment."};
static const struct niva_difference_kind month_costs = {
    "MONTH_COST", "Månaden kostar något annat än vad som står.",
    "The month costs something else than what is kept."};

/* ---- months as they came ---- */

static void month_differs(const struct proof *proof, const struct niva_difference_kind *kind,
                          const struct stored_month *month, const char *field, const char *expected,
                          const char *actual)
{
    char name[16];

    niva_month_format(month->month, name);
    niva_verify_differs(proof->verify, kind,
                        NIVA_DIFFERENCE(.kind = (char *)"month", .id = name,
                                        .version = month->version, .unit = (char *)month->unit,
                                        .profession_group = (char *)month->group,
                                        .field = (char *)field, .expected = (char *)expected,
                                        .actual = (char *)actual));
}

/* NULL: it can't be read. */
static const TimelineChanged *timeline_read(const struct stored_month *month,
                                            struct niva_arena *arena)
{
    ProtobufCMessage *message;
    struct niva_error ignored;

    if (!niva_wire_unpack(&niva__compliance__v1__timeline_changed__descriptor, month->body.data,
                          month->body.len, false, arena, &message, &ignored))
        return NULL;
    return (const TimelineChanged *)message;
}

static void month_check(const struct proof *proof, const struct stored_month *month,
                        const struct stored_month *before)
{
    const TimelineChanged *timeline = timeline_read(month, proof->arena);
    bool first =
        before == NULL || strcmp(before->group, month->group) != 0 || before->month != month->month;
    niva_day below_from;
    char name[16];

    proof->verify->checked++;
    if (month->version != (first ? 1 : before->version + 1))
        month_differs(proof, &month_leaps, month, "version", "", "");
    if (timeline == NULL) {
        month_differs(proof, &month_unreadable, month, "body", "", "");
        return;
    }
    niva_month_format(month->month, name);
    if (strcmp(timeline->unit, month->unit) != 0)
        month_differs(proof, &month_column, month, "unit", timeline->unit, month->unit);
    if (strcmp(timeline->profession_group, month->group) != 0)
        month_differs(proof, &month_column, month, "profession_group", timeline->profession_group,
                      month->group);
    if (strcmp(timeline->month, name) != 0)
        month_differs(proof, &month_column, month, "month", timeline->month, name);
    below_from = amounts_below_from(timeline);
    if (below_from != month->below_from)
        month_differs(proof, &month_column, month, "below_from",
                      niva_verify_day(proof->verify, below_from),
                      niva_verify_day(proof->verify, month->below_from));
}

/* ---- a line and the facts that it was computed from ---- */

/* What the line's facts say; the basis has no timeline when none was known, `ret_line` is NULL
 * where nothing is due. */
static bool line_compute(const struct proof *proof, const struct stored_line *row,
                         const Adjustment *body, struct line_basis *ret_basis,
                         Adjustment **ret_line, struct niva_error *err)
{
    const struct store_question question = {.unit = row->unit,
                                            .group = row->group,
                                            .component = row->component,
                                            .period = row->period,
                                            .known_at = row->computed_at,
                                            .today = row->computed_for};

    *ret_line = NULL;
    if (!store_bases_get(proof->read->pg, &question, 1, proof->arena, ret_basis, err))
        return false;
    return ret_basis->timeline == NULL ||
           line_describe(ret_basis, row->component, body->cause, proof->arena, ret_line, err);
}

/* The line with everything in it that is computed as it is computed now. What a decision takes is
 * proved with it. */
static Adjustment line_with(const Adjustment *body, const Adjustment *computed)
{
    Adjustment line = *body;

    line.unit = computed->unit;
    line.unit_name = computed->unit_name;
    line.component = computed->component;
    line.profession_group = computed->profession_group;
    line.period = computed->period;
    line.kind = computed->kind;
    line.computed_ore = computed->computed_ore;
    line.computed_total_ore = computed->computed_total_ore;
    line.rule_set_id = computed->rule_set_id;
    line.rule_set_version = computed->rule_set_version;
    line.below_days = computed->below_days;
    line.region_code = computed->region_code;
    line.owner = computed->owner;
    line.form = computed->form;
    if (line.settlement_id[0] == '\0') /* a settlement says by which it is settled */
        line.channel = computed->channel;
    line.n_breach_ids = computed->n_breach_ids;
    line.breach_ids = computed->breach_ids;
    line.communicated_at = computed->communicated_at;
    line.answer_by = computed->answer_by;
    line.answered_at = computed->answered_at;
    if (line.decided_at == NULL)
        line.deduction_ore = computed->deduction_ore;
    return line;
}

static bool line_compare_with(const struct proof *proof, const struct proved_line *line,
                              const Adjustment *computed, struct niva_error *err)
{
    int64_t expected = computed == NULL ? 0 : computed->computed_ore;
    ProtobufCBinaryData bytes;
    Adjustment with;

    if (computed == NULL || expected != line->body->computed_ore) {
        proof_line_differs(proof, &line_differs, line, "computed_ore",
                           niva_verify_number(proof->verify, expected),
                           niva_verify_number(proof->verify, line->body->computed_ore));
        return true;
    }
    if (line->body->decided_at == NULL && line->body->deduction_ore != expected) {
        proof_line_differs(proof, &line_differs, line, "deduction_ore",
                           niva_verify_number(proof->verify, expected),
                           niva_verify_number(proof->verify, line->body->deduction_ore));
        return true;
    }
    with = line_with(line->body, computed);
    if (!niva_wire_pack(&with.base, proof->arena, &bytes, err))
        return false;
    if (bytes.len != line->row->body.len ||
        memcmp(bytes.data, line->row->body.data, bytes.len) != 0)
        proof_line_differs(proof, &line_differs, line, "body", "", "");
    return true;
}

/* The lines of an explanation add up to the amount, exactly. */
static bool explanation_check(const struct proof *proof, const struct proved_line *line,
                              const struct line_basis *basis, struct niva_error *err)
{
    ExplanationLine **lines;
    bool readable = true;
    size_t count;
    mpq_t sum;
    mpq_t ore;

    if (!explain_line(basis, line->row->component, line->body, proof->arena, &count, &lines, err))
        return false;
    mpq_inits(sum, ore, NULL);
    for (size_t i = 0; i < count; i++) {
        readable = readable && mpq_set_str(ore, lines[i]->ore, 10) == 0;
        mpq_add(sum, sum, ore);
    }
    mpq_set_si(ore, line->body->deduction_ore, 1);
    if (!readable || mpq_equal(sum, ore) == 0)
        proof_line_differs(proof, &line_unexplained, line, "deduction_ore", "", "");
    mpq_clears(sum, ore, NULL);
    return true;
}

static bool line_check(const struct proof *proof, const struct proved_line *line,
                       struct niva_error *err)
{
    struct line_basis basis;
    Adjustment *computed;

    if (line->body == NULL)
        return true;
    if (line_compute(proof, line->row, line->body, &basis, &computed, err)) {
        if (basis.timeline != NULL)
            proof_decision_check(proof, line, basis.timeline);
        return line_compare_with(proof, line, computed, err) &&
               (computed == NULL || explanation_check(proof, line, &basis, err));
    }
    if (!niva_verify_content_broken(proof->read->pg, err))
        return false;
    proof_line_differs(proof, &line_differs, line, "", "", "");
    return true;
}

/* ---- what a month costs today ---- */

static const struct proved_line *open_line(const struct proof *proof,
                                           const struct stored_month *month, const char *component)
{
    for (size_t i = 0; i < proof->line_count; i++) {
        const struct stored_line *row = proof->lines[i].row;

        if (line_is_open((enum line_state)row->state) && row->period == month->month &&
            strcmp(row->group, month->group) == 0 && strcmp(row->component, component) == 0)
            return &proof->lines[i];
    }
    return NULL;
}

static void cost_differs(const struct proof *proof, const struct stored_month *month,
                         const char *component, const Adjustment *computed,
                         const struct proved_line *line)
{
    int64_t expected = computed == NULL ? 0 : computed->computed_ore;
    int64_t actual = line == NULL || line->body == NULL ? 0 : line->body->computed_ore;

    month_differs(proof, &month_costs, month, component,
                  niva_verify_number(proof->verify, expected),
                  niva_verify_number(proof->verify, actual));
}

/* The open line of a component must be what is due of the month now, after all that was decided, in
 * the state that its month and its dialogue have. */
static bool component_check(const struct proof *proof, const struct stored_month *month,
                            const struct amounts *amounts, const char *component,
                            struct niva_error *err)
{
    const struct store_question question = {.unit = month->unit,
                                            .group = month->group,
                                            .component = component,
                                            .period = month->month,
                                            .known_at = INT64_MAX,
                                            .today = proof->today};
    const struct proved_line *line = open_line(proof, month, component);
    bool ended = proof->today >= niva_month_next(month->month);
    enum line_state state = LINE_PRELIMINARY;
    struct line_basis basis;
    Adjustment *computed;
    bool same;

    if (!store_bases_get(proof->read->pg, &question, 1, proof->arena, &basis, err))
        return false;
    basis.amounts = amounts;
    if (!line_describe(&basis, component,
                       NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__CAUSE_UNSPECIFIED, proof->arena,
                       &computed, err))
        return false;
    if (ended && computed != NULL)
        state = line_told_state(LINE_PROPOSED, computed);
    if (line == NULL || line->body == NULL)
        same = line == NULL && computed == NULL;
    else
        same = line_compare(line->body, computed, true) == LINE_ENDED_SAME &&
               line->row->state == (int32_t)state;
    if (!same)
        cost_differs(proof, month, component, computed, line);
    return true;
}

/* Every component that is regulated now, and every line that is there. */
static bool month_cost(const struct proof *proof, const struct stored_month *month,
                       struct niva_error *err)
{
    const TimelineChanged *timeline = timeline_read(month, proof->arena);
    const struct niva_component *components;
    struct amounts amounts;
    size_t count;

    if (timeline == NULL)
        return true;
    if (!store_components_get(proof->read->pg, month->unit, month->group, INT64_MAX, proof->arena,
                              &count, &components, err) ||
        !amounts_compute(timeline, components, count, proof->today, proof->arena, &amounts, err))
        return false;
    for (size_t i = 0; i < amounts.count; i++)
        if (!component_check(proof, month, &amounts, amounts.deductions[i].component, err))
            return false;
    for (size_t i = 0; i < proof->line_count; i++) {
        const struct stored_line *row = proof->lines[i].row;

        if (row->period == month->month && strcmp(row->group, month->group) == 0 &&
            amounts_find(&amounts, row->component) == NULL &&
            !component_check(proof, month, &amounts, row->component, err))
            return false;
    }
    return true;
}

static bool month_prove(const struct proof *proof, const struct stored_month *months, size_t count,
                        size_t index, struct niva_error *err)
{
    const struct stored_month *month = &months[index];
    const struct stored_month *next = index + 1 < count ? &months[index + 1] : NULL;

    month_check(proof, month, index > 0 ? &months[index - 1] : NULL);
    if (month->month > proof->today ||
        (next != NULL && next->month == month->month && strcmp(next->group, month->group) == 0))
        return true;
    if (month_cost(proof, month, err))
        return true;
    if (!niva_verify_content_broken(proof->read->pg, err))
        return false;
    month_differs(proof, &month_unreadable, month, "", "", "");
    return true;
}

/* ---- units ---- */

/* What is told of in the own stream and kept downstream. */
static const struct niva_held_kind own_kinds[] = {{"component", false}};

/* What is had of compliance's stream: months, and what was told of dialogues. */
static bool copies_hold(const struct proof *proof, const struct stored_month *months, size_t count,
                        struct niva_error *err)
{
    struct niva_items items = {.arena = proof->arena};
    for (size_t i = 0; i < count; i++)
        if (!niva_items_add(&items, months[i].body.data, months[i].body.len, err))
            return false;
    return proof_dialogue_check(proof, &items, err) &&
           niva_verify_holds(proof->verify, "compliance", proof->unit, &items, err);
}

/* What compliance follows of the own stream: components, and what was told of adjustments. */
static bool told_hold(const struct proof *proof, struct niva_error *err)
{
    struct niva_items items = {.arena = proof->arena};
    struct niva_told *events;
    size_t count;

    if (!niva_items_add_facts(proof->read->pg, own_kinds, sizeof own_kinds / sizeof *own_kinds,
                              proof->unit, &items, err) ||
        !niva_verify_told_of(proof->read->pg, proof->unit, "se.niva.compensation.adjustment.",
                             proof->arena, &count, &events, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!niva_items_add(&items, events[i].data.data, events[i].data.len, err))
            return false;
    return niva_verify_holds(proof->verify, "compensation", proof->unit, &items, err);
}

static bool unit_check(struct proof *proof, struct niva_error *err)
{
    struct stored_month *months;
    size_t count;

    if (!proof_lines_read(proof, err) || !proof_lines_check(proof, err) ||
        !proof_signatures_check(proof, err) ||
        !store_verify_months(proof->read->pg, proof->unit, proof->arena, &count, &months, err) ||
        !copies_hold(proof, months, count, err) || !told_hold(proof, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!month_prove(proof, months, count, i, err))
            return false;
    for (size_t i = 0; i < proof->version_count; i++)
        if (!line_check(proof, &proof->versions[i], err))
            return false;
    for (size_t i = 0; i < proof->line_count; i++)
        if (proof->lines[i].row->state == LINE_PRELIMINARY &&
            !line_check(proof, &proof->lines[i], err))
            return false;
    return true;
}

/* The day that compliance began last, as it is known here. */
static bool days_check(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                       struct niva_verify *verify, const char **ret_next, struct niva_error *err)
{
    struct niva_items items = {.arena = read->arena};
    niva_day today;
    char text[16];

    (void)unit;
    (void)after;
    (void)limit;
    *ret_next = NULL;
    if (!store_today(read->pg, &today, err))
        return false;
    niva_day_format(today, text);
    return today == NIVA_DAY_NONE || (niva_items_add(&items, text, strlen(text), err) &&
                                      niva_verify_holds(verify, "compliance", "", &items, err));
}

static bool units_check(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                        struct niva_verify *verify, const char **ret_next, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(UNIT_ARENA_BYTES);
    int32_t most = limit < UNITS_MOST ? limit : UNITS_MOST;
    niva_day today = NIVA_DAY_NONE;
    const char **units;
    size_t count = 0;
    bool good = arena != NULL || niva_fail_memory(err);

    good = good && store_today(read->pg, &today, err) &&
           store_verify_units(read->pg, unit, after, most, read->arena, &count, &units, err);
    for (size_t i = 0; good && i < count; i++) {
        struct proof proof = {
            .read = read, .verify = verify, .arena = arena, .unit = units[i], .today = today};

        niva_arena_reset(arena);
        good = unit_check(&proof, err);
    }
    niva_arena_free(arena);
    *ret_next = good && unit[0] == '\0' && count == (size_t)most ? units[count - 1] : NULL;
    return good;
}

const struct niva_verify_part compensation_verify_parts[COMPENSATION_VERIFY_PARTS] = {
    {"days", days_check}, {"units", units_check}, {"settlements", settlements_check}};
