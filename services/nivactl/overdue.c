/* Who has no current report, since when, and who has been called. */
#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/status.h"

typedef Niva__Compliance__V1__ListOverdueReportsRequest ListOverdueReportsRequest;
typedef Niva__Compliance__V1__ListOverdueReportsResponse ListOverdueReportsResponse;
typedef Niva__Compliance__V1__OverdueReport OverdueReport;

enum { PAGE = 1000 };

/* The day by which a call wants an answer; of one that names no day that there is one. */
static const char *cell_call(const struct session *session, const OverdueReport *overdue)
{
    if (*overdue->call_id == '\0')
        return session_pick(session, "nej", "no");
    if (*overdue->answer_by == '\0')
        return session_pick(session, "ja", "yes");
    return niva_arena_printf(session->arena,
                             session_pick(session, "ja, svar senast %s", "yes, answer by %s"),
                             overdue->answer_by);
}

static const struct table *overdue_table(const struct session *session,
                                         const ListOverdueReportsResponse *list)
{
    static const struct column sv[] = {
        {"Vårdcentral", false},  {"HSA-id", false}, {"Senast mottagen", false},
        {"Saknas sedan", false}, {"Dagar", true},   {"Uppmanad", false},
    };
    static const struct column en[] = {
        {"Unit", false},          {"HSA-id", false}, {"Last received", false},
        {"Missing since", false}, {"Days", true},    {"Called", false},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < list->n_overdue; i++) {
        const OverdueReport *overdue = list->overdue[i];
        const char *cells[] = {
            overdue->unit_name,
            overdue->unit,
            overdue->last_report != NULL ? overdue->last_report->current_as_of
                                         : session_pick(session, "aldrig", "never"),
            overdue->due_since,
            cell_integer(session, overdue->unreported_days),
            cell_call(session, overdue),
        };

        table_row(table, cells);
    }
    return table;
}

static bool overdue_print(struct session *session, const ListOverdueReportsResponse *list,
                          struct niva_error *err)
{
    if (!session_say_rehearsal(session, err))
        return false;
    fprintf(session->out,
            session_pick(session, "Saknar aktuell redovisning %s, yrkesgrupp %s: %zu\n",
                         "Without a current report %s, profession group %s: %zu\n"),
            list->day, session->options.group, list->n_overdue);
    if (list->n_overdue > 0) {
        fputs("\n", session->out);
        if (!session_print_table(session, overdue_table(session, list), err))
            return false;
    }
    pending_say(session, list->pending);
    return true;
}

int command_overdue(struct session *session, size_t count, const char *const *arguments)
{
    ListOverdueReportsRequest request = NIVA__COMPLIANCE__V1__LIST_OVERDUE_REPORTS_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    niva_error_clear(&err);
    if (session_days(session, count, arguments) != EXIT_YES)
        return EXIT_USAGE;
    request.region_code = (char *)(uintptr_t)session->options.region;
    request.profession_group = (char *)(uintptr_t)session->options.group;
    request.day = (char *)(uintptr_t)(count == 1 ? arguments[0] : "");
    request.page_size = PAGE;
    if (!session_known_at(session, &request.known_at, &err) ||
        !session_list(session, "niva.compliance.v1.ComplianceService/ListOverdueReports",
                      &request.base, &reply, &err) ||
        !(session->json ? session_print_json(session, reply, &err)
                        : overdue_print(session, (ListOverdueReportsResponse *)reply, &err)))
        return session_fail(session, &err);
    return EXIT_YES;
}
