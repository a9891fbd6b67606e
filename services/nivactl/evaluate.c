#include "services/nivactl/evaluate.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"

typedef Niva__Compliance__V1__Segment Segment;
typedef Niva__Model__V1__Deduction Deduction;
typedef Niva__Model__V1__Outcome Outcome;
typedef Niva__Model__V1__Vector Vector;

/* ---- as JSON, in the form of a vector's `expect` ---- */

static json_t *timeline_json(const Outcome *outcome)
{
    json_t *list = json_array();

    for (size_t i = 0; i < outcome->n_timeline; i++) {
        const Segment *segment = outcome->timeline[i];
        const ProtobufCEnumValue *status = protobuf_c_enum_descriptor_get_value(
            &niva__compliance__v1__segment__status__descriptor, (int)segment->status);

        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:i, s:i, s:i}", "first_day",
                                              segment->first_day, "last_day", segment->last_day,
                                              "status", status == NULL ? "" : status->name,
                                              "required_milli", segment->required_milli,
                                              "counted_milli", segment->counted_milli,
                                              "shortfall_milli", segment->shortfall_milli));
    }
    return list;
}

static json_t *breaches_json(const Outcome *outcome)
{
    json_t *list = json_array();

    for (size_t i = 0; i < outcome->n_breaches; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "first_day", outcome->breaches[i]->first_day,
                                        "last_day", outcome->breaches[i]->last_day));
    return list;
}

static json_t *deductions_json(const Outcome *outcome)
{
    json_t *list = json_array();

    for (size_t i = 0; i < outcome->n_deductions; i++) {
        const Deduction *deduction = outcome->deductions[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "component", deduction->component,
                                              "period", deduction->period, "deduction_ore",
                                              (json_int_t)deduction->deduction_ore));
    }
    return list;
}

static bool outcome_print_json(const struct session *session, const Outcome *outcome,
                               struct niva_error *err)
{
    json_t *json = json_pack("{s:o, s:o, s:o}", "timeline", timeline_json(outcome), "breaches",
                             breaches_json(outcome), "deductions", deductions_json(outcome));
    char *text = json == NULL ? NULL : json_dumps(json, JSON_PRESERVE_ORDER);
    bool printed = text != NULL && fprintf(session->out, "%s\n", text) > 0;

    free(text);
    json_decref(json);
    return printed || niva_fail(err, NIVA_INTERNAL, "Svaret kunde inte skrivas ut.",
                                "The answer could not be written.");
}

/* ---- as tables ---- */

static const struct table *timeline_table(const struct session *session, const Outcome *outcome)
{
    static const struct column sv[] = {
        {"Från", false}, {"Till", false},  {"Läge", false},
        {"Krav", true},  {"Räknat", true}, {"Brist", true},
    };
    static const struct column en[] = {
        {"From", false},    {"To", false},     {"Status", false},
        {"Required", true}, {"Counted", true}, {"Missing", true},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < outcome->n_timeline; i++) {
        const Segment *segment = outcome->timeline[i];
        const char *cells[] = {
            segment->first_day,
            segment->last_day,
            cell_status(session, segment),
            cell_required(session, segment),
            cell_counted(session, segment),
            cell_shortfall(session, segment),
        };

        table_row(table, cells);
    }
    return table;
}

static const struct table *breaches_table(const struct session *session, const Outcome *outcome)
{
    static const struct column sv[] = {{"Brist från", false}, {"Till", false}};
    static const struct column en[] = {{"Breach from", false}, {"To", false}};
    struct table *table = table_new(session->arena, 2, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < outcome->n_breaches; i++) {
        const char *cells[] = {outcome->breaches[i]->first_day, outcome->breaches[i]->last_day};

        table_row(table, cells);
    }
    return table;
}

static const struct table *deductions_table(const struct session *session, const Outcome *outcome)
{
    static const struct column sv[] = {
        {"Månad", false}, {"Ersättning", false}, {"Reglering", true}};
    static const struct column en[] = {{"Month", false}, {"Component", false}, {"Deduction", true}};
    struct table *table = table_new(session->arena, 3, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < outcome->n_deductions; i++) {
        const Deduction *deduction = outcome->deductions[i];
        const char *cells[] = {deduction->period, deduction->component,
                               cell_kronor(session, deduction->deduction_ore)};

        table_row(table, cells);
    }
    return table;
}

static bool outcome_print(const struct session *session, const char *name, const Outcome *outcome,
                          struct niva_error *err)
{
    show(session->out, "%s\n\n", name);
    if (!session_print_table(session, timeline_table(session, outcome), err))
        return false;
    fputs("\n", session->out);
    if (outcome->n_breaches > 0) {
        if (!session_print_table(session, breaches_table(session, outcome), err))
            return false;
        fputs("\n", session->out);
    }
    if (outcome->n_deductions > 0) {
        if (!session_print_table(session, deductions_table(session, outcome), err))
            return false;
        fputs("\n", session->out);
    }
    return true;
}

/* ---- files ---- */

struct evaluation {
    struct session *session;
    size_t agreeing;
    int code;
};

static void code_raise(struct evaluation *evaluation, int code)
{
    if (code > evaluation->code)
        evaluation->code = code;
}

static bool expected_missing(struct niva_error *err)
{
    return niva_fail(err, NIVA_INVALID_ARGUMENT, "Fallet har inget väntat svar (expect).",
                     "The case has no expected answer (expect).");
}

static bool vector_judge(struct evaluation *evaluation, const char *path, const Vector *vector,
                         struct niva_error *err)
{
    struct session *session = evaluation->session;
    const char *name = *vector->name != '\0' ? vector->name : path;
    Outcome *outcome;

    if (vector->scenario == NULL)
        return niva_fail(err, NIVA_INVALID_ARGUMENT, "Fallet har inga fakta (scenario).",
                         "The case has no facts (scenario).");
    if (!niva_evaluate(vector->scenario, session->arena, &outcome, err))
        return false;
    if (!session->options.check)
        return session->json ? outcome_print_json(session, outcome, err)
                             : outcome_print(session, name, outcome, err);
    if (vector->expect == NULL)
        return expected_missing(err);
    if (outcome_compare(session, path, vector->expect, outcome) == 0)
        evaluation->agreeing++;
    else
        code_raise(evaluation, EXIT_NO);
    return true;
}

static void path_blame(const char *path, struct niva_error *err)
{
    char text[480];

    snprintf(text, sizeof text, "%.160s: %s", path, err->text_sv);
    niva_text_set(err->text_sv, sizeof err->text_sv, text);
    snprintf(text, sizeof text, "%.160s: %s", path, err->text_en);
    niva_text_set(err->text_en, sizeof err->text_en, text);
}

static bool vector_read(struct session *session, const char *path, const Vector **ret_vector,
                        struct niva_error *err)
{
    ProtobufCMessage *message;
    const char *json;
    size_t size;

    if (!session_read_file(session, path, session->arena, &json, &size, err))
        return false;
    if (!niva_json_parse(&niva__model__v1__vector__descriptor, json, size, session->arena, &message,
                         err)) {
        path_blame(path, err);
        return false;
    }
    *ret_vector = (const Vector *)message;
    return true;
}

/* One file after the other; one that cannot be used does not hide the next. */
static void path_evaluate(struct evaluation *evaluation, const char *path)
{
    struct session *session = evaluation->session;
    struct niva_error err;
    const Vector *vector;

    niva_error_clear(&err);
    niva_arena_reset(session->arena);
    if (!vector_read(session, path, &vector, &err)) {
        session_fail(session, &err);
        code_raise(evaluation, EXIT_USAGE);
    } else if (!vector_judge(evaluation, path, vector, &err)) {
        path_blame(path, &err);
        code_raise(evaluation, session_fail(session, &err));
    }
}

int command_evaluate(struct session *session, size_t count, const char *const *arguments)
{
    struct evaluation evaluation = {.session = session};

    for (size_t i = 0; i < count; i++)
        path_evaluate(&evaluation, arguments[i]);
    if (session->options.check && session->json)
        fprintf(session->out, "{\"cases\": %zu, \"agreeing\": %zu}\n", count, evaluation.agreeing);
    else if (session->options.check)
        fprintf(session->out,
                session_pick(session, "%zu av %zu fall stämmer.\n", "%zu of %zu cases agree.\n"),
                evaluation.agreeing, count);
    return evaluation.code;
}
