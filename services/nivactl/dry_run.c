/* What a rule set that nobody has put would cost, unit by unit, against what holds. */
#include <string.h>

#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/remark.h"
#include "services/nivactl/request.h"

typedef Niva__Compliance__V1__DryRunRuleSetRequest DryRunRequest;
typedef Niva__Compliance__V1__DryRunRuleSetResponse DryRunResponse;
typedef Niva__Compliance__V1__DryRunRuleSetResponse__Unit DryRunUnit;

/* A file as for PutRuleSet, or one that GetRuleSet answered. */
static bool request_read(struct session *session, const char *const *arguments,
                         DryRunRequest **ret_request, struct niva_error *err)
{
    static const char *const besides[] = {"request_id",      "requestId", "expected_version",
                                          "expectedVersion", "applied",   NULL};
    ProtobufCMessage *message;
    const char *json;
    size_t size;

    if (!session_read_file(session, arguments[0], session->arena, &json, &size, err) ||
        !request_borrow(&niva__compliance__v1__dry_run_rule_set_request__descriptor, json, size,
                        besides, session->arena, &message, err))
        return false;
    *ret_request = (DryRunRequest *)message;
    (*ret_request)->first_day = (char *)(uintptr_t)arguments[1];
    (*ret_request)->last_day = (char *)(uintptr_t)arguments[2];
    return true;
}

static bool moves(const DryRunUnit *unit)
{
    return unit->old_breach_days != unit->new_breach_days ||
           unit->old_deduction_ore != unit->new_deduction_ore;
}

static void figures(const struct session *session, int32_t old_days, int32_t new_days,
                    int64_t old_ore, int64_t new_ore, const char **cells)
{
    cells[0] = cell_integer(session, old_days);
    cells[1] = cell_integer(session, new_days);
    cells[2] = cell_kronor(session, old_ore);
    cells[3] = cell_kronor(session, new_ore);
    cells[4] = cell_kronor(session, new_ore - old_ore);
}

/* The units that have anything to show; those that have not are counted in the sentence above. */
static const struct table *units_table(const struct session *session, const DryRunResponse *answer)
{
    static const struct column sv[] = {
        {"Vårdcentral", false}, {"Dagar under nu", true}, {"Prövat", true},
        {"Reglering nu", true}, {"Prövad", true},         {"Skillnad", true},
    };
    static const struct column en[] = {
        {"Unit", false},         {"Days below now", true}, {"Tried", true},
        {"Deduction now", true}, {"Tried", true},          {"Difference", true},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);
    const char *cells[6];

    for (size_t i = 0; i < answer->n_units; i++) {
        const DryRunUnit *unit = answer->units[i];

        if (unit->old_breach_days == 0 && unit->new_breach_days == 0)
            continue;
        cells[0] = unit->unit_name;
        figures(session, unit->old_breach_days, unit->new_breach_days, unit->old_deduction_ore,
                unit->new_deduction_ore, &cells[1]);
        table_row(table, cells);
    }
    table_rule(table);
    cells[0] = session_pick(session, "Summa", "In all");
    figures(session, answer->old_breach_days, answer->new_breach_days, answer->old_deduction_ore,
            answer->new_deduction_ore, &cells[1]);
    table_row(table, cells);
    return table;
}

static const struct table *months_table(const struct session *session, const DryRunResponse *answer)
{
    static const struct column sv[] = {
        {"Månad", false}, {"Ersättning", false}, {"Reglering nu", true},
        {"Prövad", true}, {"Skillnad", true},
    };
    static const struct column en[] = {
        {"Month", false}, {"Component", false}, {"Deduction now", true},
        {"Tried", true},  {"Difference", true},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < answer->n_months; i++) {
        const Niva__Compliance__V1__DryRunRuleSetResponse__Month *month = answer->months[i];
        const char *cells[] = {
            month->period,
            month->component,
            cell_kronor(session, month->old_deduction_ore),
            cell_kronor(session, month->new_deduction_ore),
            cell_kronor(session, month->new_deduction_ore - month->old_deduction_ore),
        };

        table_row(table, cells);
    }
    return table;
}

static void heading_print(struct session *session, const DryRunRequest *request,
                          const DryRunResponse *answer)
{
    size_t moved = 0;

    for (size_t i = 0; i < answer->n_units; i++)
        moved += moves(answer->units[i]);
    show(
        session->out,
        session_pick(session,
                     "Prov av regelverket %s, %s–%s: inget är sparat. Dagar efter %s är prognos.\n",
                     "Dry run of the rule set %s, %s–%s: nothing is stored. Days after %s are a "
                     "forecast.\n"),
        request->rule_set->rule_set_id, request->first_day, request->last_day, answer->today);
    for (size_t i = 0; i < answer->n_replaces; i++)
        show(session->out,
             session_pick(session,
                          "Det träder i stället för %s, %s – %s; den som beslutar det får först ge "
                          "det andra en sista dag.\n",
                          "It takes the place of %s, %s – %s; whoever puts it must first give that "
                          "one a last day.\n"),
             answer->replaces[i]->rule_set_id, answer->replaces[i]->first_day,
             cell_last_day(session, answer->replaces[i]->last_day));
    fprintf(session->out,
            session_pick(session,
                         "%zu enheter, varav %zu får ett annat utfall. Under miniminivå någon dag: "
                         "%d nu, %d prövat.\n\n",
                         "%zu units, of which %zu come out otherwise. Below the minimum on some "
                         "day: %d now, %d tried.\n\n"),
            answer->n_units, moved, (int)answer->old_units_below, (int)answer->new_units_below);
}

static bool answer_print(struct session *session, const DryRunRequest *request,
                         const DryRunResponse *answer, struct niva_error *err)
{
    if (!session_say_rehearsal(session, err))
        return false;
    heading_print(session, request, answer);
    if (!session_print_table(session, units_table(session, answer), err))
        return false;
    if (answer->n_months == 0)
        return true;
    fputs("\n", session->out);
    if (!session_print_table(session, months_table(session, answer), err))
        return false;
    remark_print(session, request->rule_set->remark_sv, request->rule_set->remark_en);
    return true;
}

int command_dry_run(struct session *session, size_t count, const char *const *arguments)
{
    DryRunRequest *request;
    ProtobufCMessage *reply;
    struct niva_error err;

    niva_error_clear(&err);
    if (session_days(session, count - 1, arguments + 1) != EXIT_YES)
        return EXIT_USAGE;
    if (!request_read(session, arguments, &request, &err)) {
        session_fail(session, &err);
        return EXIT_USAGE;
    }
    if (!session_ask(session, "niva.compliance.v1.ComplianceService/DryRunRuleSet", &request->base,
                     &reply, &err) ||
        !(session->json ? session_print_json(session, reply, &err)
                        : answer_print(session, request, (DryRunResponse *)reply, &err)))
        return session_fail(session, &err);
    return EXIT_YES;
}
