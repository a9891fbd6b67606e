#include <inttypes.h>
#include <string.h>

#include "services/nivactl/adjustments.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/changes.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/fraction.h"
#include "services/nivactl/remark.h"

typedef Niva__Compensation__V1__ExplainAdjustmentRequest ExplainAdjustmentRequest;
typedef Niva__Compensation__V1__ExplainAdjustmentResponse ExplainAdjustmentResponse;
typedef Niva__Compensation__V1__ExplanationLine ExplanationLine;

bool explanation_load(struct session *session, const char *adjustment_id, bool joined,
                      ExplainAdjustmentResponse **ret_explanation, struct niva_error *err)
{
    ExplainAdjustmentRequest request = NIVA__COMPENSATION__V1__EXPLAIN_ADJUSTMENT_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.adjustment_id = (char *)(uintptr_t)adjustment_id;
    request.joined = joined;
    if (!session_known_at(session, &request.known_at, err) ||
        !session_ask(session, "niva.compensation.v1.AdjustmentService/ExplainAdjustment",
                     &request.base, &reply, err))
        return false;
    *ret_explanation = (ExplainAdjustmentResponse *)reply;
    return true;
}

/* Adds the lines up exactly. */
static bool lines_sum(const ExplainAdjustmentResponse *explanation, mpq_t sum,
                      struct niva_error *err)
{
    mpq_t ore;
    bool read = true;

    mpq_init(ore);
    for (size_t i = 0; read && i < explanation->n_lines; i++) {
        read = fraction_read(explanation->lines[i]->ore, ore);
        if (read)
            mpq_add(sum, sum, ore);
    }
    mpq_clear(ore);
    return read || niva_fail_internal(err, "an amount of the explanation is no fraction");
}

static bool sum_check(const ExplainAdjustmentResponse *explanation, struct niva_error *err)
{
    mpq_t sum;
    bool equal;

    mpq_init(sum);
    equal = lines_sum(explanation, sum, err);
    if (equal && mpq_cmp_si(sum, explanation->adjustment->deduction_ore, 1) != 0)
        equal = niva_fail_internal(err, "the lines do not add up to the amount");
    mpq_clear(sum);
    return equal;
}

/* The amount of a line in kronor, to the nearest öre. */
static const char *cell_amount(const struct session *session, const char *ore)
{
    mpq_t ratio;
    int64_t whole;
    const char *cell = "";

    mpq_init(ratio);
    if (fraction_read(ore, ratio) && fraction_round(ratio, &whole))
        cell = cell_kronor(session, whole);
    mpq_clear(ratio);
    return cell;
}

static const struct table *lines_table(const struct session *session,
                                       const ExplainAdjustmentResponse *explanation)
{
    static const struct column sv[] = {
        {"Rad", true},  {"Vad", false},   {"Från", false}, {"Till", false},      {"Dagar", true},
        {"Krav", true}, {"Räknat", true}, {"Brist", true}, {"Öre, exakt", true}, {"Kronor", true},
    };
    static const struct column en[] = {
        {"Line", true},       {"What", false},    {"From", false},   {"To", false},
        {"Days", true},       {"Required", true}, {"Counted", true}, {"Missing", true},
        {"Öre, exact", true}, {"Kronor", true},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);
    int64_t total = explanation->adjustment->deduction_ore;
    const char *sum[sizeof sv / sizeof *sv] = {NULL};

    for (size_t i = 0; i < explanation->n_lines; i++) {
        const ExplanationLine *line = explanation->lines[i];
        bool days = line->required_milli > 0;
        const char *cells[] = {
            cell_integer(session, (int64_t)i + 1),
            words_value(session->language, WORDS_LINE_KIND, (int)line->kind),
            line->first_day,
            line->last_day,
            line->days > 0 ? cell_integer(session, line->days) : "",
            days ? cell_fte(session, line->required_milli) : "",
            days ? cell_fte(session, line->counted_milli) : "",
            days ? cell_fte(session, line->shortfall_milli) : "",
            line->ore,
            cell_amount(session, line->ore),
        };

        table_row(table, cells);
    }
    table_rule(table);
    sum[1] = session_pick(session, "summa", "in all");
    sum[8] = cell_integer(session, total);
    sum[9] = cell_kronor(session, total);
    table_row(table, sum);
    return table;
}

static void words_print(const struct session *session, const ExplainAdjustmentResponse *explanation)
{
    fputs("\n", session->out);
    for (size_t i = 0; i < explanation->n_lines; i++) {
        const ExplanationLine *line = explanation->lines[i];
        const char *words = session_pick(session, line->text_sv, line->text_en);

        if (*words != '\0')
            show(session->out, session_pick(session, "Rad %zu: %s\n", "Line %zu: %s\n"), i + 1,
                 words);
    }
    remark_print(session, explanation->remark_sv, explanation->remark_en);
}

bool explanation_print(struct session *session, const ExplainAdjustmentResponse *explanation,
                       struct niva_error *err)
{
    const Niva__Compensation__V1__Adjustment *adjustment = explanation->adjustment;

    if (adjustment == NULL)
        return niva_fail_internal(err, "an explanation without its adjustment");
    show(session->out, "%s, %s, %s: %s, %s\n\n",
         *adjustment->unit_name != '\0' ? adjustment->unit_name : adjustment->unit,
         adjustment->component, adjustment->period, cell_kronor(session, adjustment->deduction_ore),
         words_value(session->language, WORDS_ADJUSTMENT_STATE, (int)adjustment->state));
    if (!session_print_table(session, lines_table(session, explanation), err))
        return false;
    words_print(session, explanation);
    return sum_check(explanation, err);
}

/* The explanation with what changed since as one more member. */
static bool both_print_json(const struct session *session,
                            const ExplainAdjustmentResponse *explanation,
                            const struct changes *changes, struct niva_error *err)
{
    if (changes->refused != NULL)
        session_fail(session, changes->refused);
    if (changes->list == NULL)
        return session_print_json(session, &explanation->base, err);
    return session_print_json_with(session, &explanation->base, "changes_since",
                                   &changes->list->base, err);
}

static bool both_print(struct session *session, const ExplainAdjustmentResponse *explanation,
                       const struct changes *changes, struct niva_error *err)
{
    if (session->json)
        return both_print_json(session, explanation, changes, err);
    if (!session_say_rehearsal(session, err))
        return false;
    fputs("\n", session->out);
    return explanation_print(session, explanation, err) &&
           changes_print(session, explanation->adjustment, changes, err);
}

int command_explain(struct session *session, size_t count, const char *const *arguments)
{
    ExplainAdjustmentResponse *explanation;
    struct changes changes;
    struct niva_error err;

    (void)count;
    niva_error_clear(&err);
    if (!explanation_load(session, arguments[0], false, &explanation, &err) ||
        !changes_load(session, explanation->adjustment, &changes, &err) ||
        !both_print(session, explanation, &changes, &err))
        return session_fail(session, &err);
    return EXIT_YES;
}
