#include "services/nivactl/status.h"

#include <inttypes.h>

#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"

typedef Niva__Compliance__V1__ListStatusesRequest ListStatusesRequest;
typedef Niva__Compliance__V1__ListStatusesResponse ListStatusesResponse;
typedef Niva__Compliance__V1__UnitStatus UnitStatus;

enum { PAGE = 1000, STATUS_LAST = NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM };

bool statuses_load(struct session *session, const char *day, ListStatusesResponse **ret_statuses,
                   struct niva_error *err)
{
    ListStatusesRequest request = NIVA__COMPLIANCE__V1__LIST_STATUSES_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.region_code = (char *)(uintptr_t)session->options.region;
    request.profession_group = (char *)(uintptr_t)session->options.group;
    request.day = (char *)(uintptr_t)day;
    request.page_size = PAGE;
    if (!session_known_at(session, &request.known_at, err) ||
        !session_list(session, "niva.compliance.v1.ComplianceService/ListStatuses", &request.base,
                      &reply, err))
        return false;
    *ret_statuses = (ListStatusesResponse *)reply;
    for (size_t i = 0; i < (*ret_statuses)->n_statuses; i++)
        if ((*ret_statuses)->statuses[i]->segment == NULL)
            return niva_fail_internal(err, "a status without its segment");
    return true;
}

void pending_say(const struct session *session, int64_t pending)
{
    if (pending > 0)
        fprintf(session->out,
                session_pick(session, "Obs: %" PRId64 " beräkningar återstår; nivactl wait.\n",
                             "Note: %" PRId64 " computations are pending; nivactl wait.\n"),
                pending);
}

static const struct table *statuses_table(const struct session *session,
                                          const ListStatusesResponse *statuses)
{
    static const struct column sv[] = {
        {"Vårdcentral", false}, {"HSA-id", false}, {"Läge", false},        {"Krav", true},
        {"Räknat", true},       {"Brist", true},   {"Under sedan", false}, {"Redovisning", false},
    };
    static const struct column en[] = {
        {"Unit", false},   {"HSA-id", false}, {"Status", false},      {"Required", true},
        {"Counted", true}, {"Missing", true}, {"Below since", false}, {"Report", false},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < statuses->n_statuses; i++) {
        const UnitStatus *status = statuses->statuses[i];
        const char *cells[] = {
            status->unit_name,
            status->unit,
            cell_status(session, status->segment),
            cell_required(session, status->segment),
            cell_counted(session, status->segment),
            cell_shortfall(session, status->segment),
            status->below_since,
            cell_report(session, status),
        };

        table_row(table, cells);
    }
    return table;
}

/* "27 vårdcentraler: 18 uppfyllt, 5 under miniminivå, 4 ej redovisat. 6 saknar aktuell
 * redovisning." */
static void statuses_sum(const struct session *session, const ListStatusesResponse *statuses)
{
    size_t counts[STATUS_LAST + 1] = {0};
    size_t wanted = 0;
    size_t erased = 0;
    const char *comma = ": ";

    for (size_t i = 0; i < statuses->n_statuses; i++) {
        const UnitStatus *status = statuses->statuses[i];

        if ((int)status->segment->status <= STATUS_LAST)
            counts[status->segment->status]++;
        wanted += status->overdue != 0;
        erased += status->erased != 0;
    }
    fprintf(session->out, session_pick(session, "\n%zu enheter", "\n%zu units"),
            statuses->n_statuses);
    for (int value = STATUS_LAST; value > 0; value--) {
        if (counts[value] == 0)
            continue;
        fprintf(session->out, "%s%zu %s", comma, counts[value],
                words_value(session->language, WORDS_STATUS, value));
        comma = ", ";
    }
    fprintf(session->out,
            session_pick(session, ". %zu saknar aktuell redovisning.\n",
                         ". %zu without a current report.\n"),
            wanted);
    if (erased > 0)
        fprintf(session->out,
                session_pick(session,
                             "Dagen är gallrad för %zu enheter: de står som de räknades före "
                             "gallringen.\n",
                             "The day is erased of %zu units: they stand as they were counted "
                             "before.\n"),
                erased);
}

static bool statuses_print(struct session *session, const ListStatusesResponse *statuses,
                           struct niva_error *err)
{
    if (!session_say_rehearsal(session, err))
        return false;
    fprintf(
        session->out,
        session_pick(session, "Läget %s, yrkesgrupp %s\n\n", "Status %s, profession group %s\n\n"),
        statuses->day, session->options.group);
    if (!session_print_table(session, statuses_table(session, statuses), err))
        return false;
    statuses_sum(session, statuses);
    pending_say(session, statuses->pending);
    return true;
}

int command_status(struct session *session, size_t count, const char *const *arguments)
{
    ListStatusesResponse *statuses;
    struct niva_error err;

    niva_error_clear(&err);
    if (session_days(session, count, arguments) != EXIT_YES)
        return EXIT_USAGE;
    if (!statuses_load(session, count == 1 ? arguments[0] : "", &statuses, &err) ||
        !(session->json ? session_print_json(session, &statuses->base, &err)
                        : statuses_print(session, statuses, &err)))
        return session_fail(session, &err);
    return EXIT_YES;
}
