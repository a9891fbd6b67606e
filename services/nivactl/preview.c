/* What a report or an absence that nobody has filed would lead to. */
#include <string.h>

#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/remark.h"
#include "services/nivactl/request.h"
#include "services/nivactl/segments.h"
#include "services/nivactl/units.h"

typedef Niva__Compliance__V1__PreviewRequest PreviewRequest;
typedef Niva__Compliance__V1__PreviewResponse PreviewResponse;

/* ---- the question ---- */

/* The first of some texts that says something. */
static char *said(char *first, char *second, const char *otherwise)
{
    if (*first != '\0')
        return first;
    return *second != '\0' ? second : (char *)(uintptr_t)otherwise;
}

/* A file as for SubmitReport or NotifyAbsence, or with both a report and an absence. */
static bool request_read(struct session *session, const char *path, PreviewRequest **ret_request,
                         struct niva_error *err)
{
    static const char *const besides[] = {"request_id", "requestId", "original", NULL};
    static char nothing[] = "";
    ProtobufCMessage *message;
    PreviewRequest *request;
    const char *json;
    size_t size;

    if (!session_read_file(session, path, session->arena, &json, &size, err) ||
        !request_borrow(&niva__compliance__v1__preview_request__descriptor, json, size, besides,
                        session->arena, &message, err))
        return false;
    request = (PreviewRequest *)message;
    request->unit = said(request->unit, request->report != NULL ? request->report->unit : nothing,
                         request->absence != NULL ? request->absence->unit : nothing);
    request->profession_group =
        said(request->profession_group,
             request->report != NULL ? request->report->profession_group : nothing,
             request->absence != NULL ? request->absence->profession_group : nothing);
    if (*request->profession_group == '\0')
        request->profession_group = (char *)(uintptr_t)session->options.group;
    *ret_request = request;
    return true;
}

/* ---- the answer ---- */

/* Whether a day asked for has come: then something may have been taken already. */
static bool has_begun(const PreviewResponse *preview)
{
    return strcmp(preview->first_day, preview->today) <= 0;
}

static const struct table *deductions_table(const struct session *session,
                                            const PreviewResponse *preview)
{
    static const struct column sv[] = {
        {"Månad", false}, {"Ersättning", false}, {"Reglering utan", true},
        {"Med", true},    {"Skillnad", true},    {"Med, till i dag", true},
    };
    static const struct column en[] = {
        {"Month", false}, {"Component", false}, {"Deduction without", true},
        {"With", true},   {"Difference", true}, {"With, to date", true},
    };
    struct table *table = table_new(session->arena, sizeof sv / sizeof *sv - !has_begun(preview),
                                    session->language == ENGLISH ? en : sv);
    int64_t to_date = 0;

    for (size_t i = 0; i < preview->n_deductions; i++) {
        const Niva__Compliance__V1__PreviewResponse__Deduction *deduction = preview->deductions[i];
        const char *cells[] = {
            deduction->period,
            deduction->component,
            cell_kronor(session, deduction->without_ore),
            cell_kronor(session, deduction->deduction_ore),
            cell_kronor(session, deduction->deduction_ore - deduction->without_ore),
            cell_kronor(session, deduction->to_date_ore),
        };

        to_date += deduction->to_date_ore;
        table_row(table, cells);
    }
    table_rule(table);
    table_row(table, (const char *const[]){
                         session_pick(session, "Summa", "In all"),
                         "",
                         cell_kronor(session, preview->without_ore),
                         cell_kronor(session, preview->deduction_ore),
                         cell_kronor(session, preview->deduction_ore - preview->without_ore),
                         cell_kronor(session, to_date),
                     });
    return table;
}

/* What the rule sets of the days have to say of the amounts. */
static bool remarks_say(struct session *session, const PreviewResponse *preview,
                        struct niva_error *err)
{
    const char **ids = niva_arena_array(session->arena, preview->n_segments, sizeof *ids);

    if (ids == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < preview->n_segments; i++)
        ids[i] = preview->segments[i]->rule_set_id;
    return remarks_print(session, preview->n_segments, ids, err);
}

static bool money_print(struct session *session, const PreviewResponse *preview,
                        struct niva_error *err)
{
    fprintf(session->out,
            session_pick(session, "\nDagar under miniminivå: %d; utan det antagna %d.\n",
                         "\nDays below the minimum: %d; without what is supposed %d.\n"),
            (int)preview->below_days, (int)preview->below_days_without);
    for (size_t i = 0; i < preview->n_breaches; i++)
        if (strcmp(preview->breaches[i]->first_day, preview->first_day) < 0)
            show(session->out,
                 session_pick(session, "Bristen började %s, före dessa dagar.\n",
                              "The breach began on %s, before these days.\n"),
                 preview->breaches[i]->first_day);
    fputs("\n", session->out);
    if (preview->n_deductions > 0)
        return session_print_table(session, deductions_table(session, preview), err) &&
               remarks_say(session, preview, err);
    fprintf(session->out, "%s\n",
            session_pick(session, "Ingen ersättning som kan regleras är känd för enheten.",
                         "No component that can be reduced is known of the unit."));
    return true;
}

static bool preview_print(struct session *session, const PreviewRequest *request,
                          const PreviewResponse *preview, struct niva_error *err)
{
    Niva__Intake__V1__ListUnitsResponse *units;

    if (!session_say_rehearsal(session, err) || !units_load(session, &units, err))
        return false;
    show(session->out, "%s, %s, %s\n", unit_name(units, request->unit), request->unit,
         request->profession_group);
    fprintf(session->out,
            session_pick(session,
                         "Förhandsvisning %s–%s: inget är sparat. Dagar efter %s är prognos.\n\n",
                         "Preview %s–%s: nothing is stored. Days after %s are a forecast.\n\n"),
            preview->first_day, preview->last_day, preview->today);
    if (!session_print_table(session,
                             segments_table(session, preview->n_segments, preview->segments), err))
        return false;
    if (preview->n_uncounted > 0) {
        fputs("\n", session->out);
        if (!session_print_table(
                session, uncounted_table(session, preview->n_uncounted, preview->uncounted), err))
            return false;
    }
    return money_print(session, preview, err);
}

int command_preview(struct session *session, size_t count, const char *const *arguments)
{
    PreviewRequest *request;
    ProtobufCMessage *reply;
    struct niva_error err;

    niva_error_clear(&err);
    if (session_days(session, count - 1, arguments + 1) != EXIT_YES)
        return EXIT_USAGE;
    if (!request_read(session, arguments[0], &request, &err)) {
        session_fail(session, &err);
        return EXIT_USAGE;
    }
    if (count > 1)
        request->first_day = (char *)(uintptr_t)arguments[1];
    if (count > 2)
        request->last_day = (char *)(uintptr_t)arguments[2];
    if (!session_ask(session, "niva.compliance.v1.ComplianceService/Preview", &request->base,
                     &reply, &err) ||
        !(session->json ? session_print_json(session, reply, &err)
                        : preview_print(session, request, (PreviewResponse *)reply, &err)))
        return session_fail(session, &err);
    return EXIT_YES;
}
