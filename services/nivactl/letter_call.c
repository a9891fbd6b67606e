/* The call for an overdue report, to one unit; a call to a region has a letter for each. */
#include <string.h>

#include "services/nivactl/cells.h"
#include "services/nivactl/letter.h"
#include "services/nivactl/units.h"

typedef Niva__Compliance__V1__Call Call;
typedef Niva__Compliance__V1__ListCallsRequest ListCallsRequest;
typedef Niva__Compliance__V1__ListCallsResponse ListCallsResponse;
typedef Niva__Compliance__V1__ListOverdueReportsRequest ListOverdueReportsRequest;
typedef Niva__Compliance__V1__ListOverdueReportsResponse ListOverdueReportsResponse;
typedef Niva__Compliance__V1__OverdueReport OverdueReport;

enum { PAGE = 1000 };

/* The call of an id among those of a unit ("": all); NULL when there is none. */
static bool call_load(const struct letter *letter, const char *unit, const char *call_id,
                      const Call **ret_call, struct niva_error *err)
{
    ListCallsRequest request = NIVA__COMPLIANCE__V1__LIST_CALLS_REQUEST__INIT;
    const ListCallsResponse *calls;
    ProtobufCMessage *reply;

    request.unit = (char *)(uintptr_t)unit;
    request.profession_group = (char *)(uintptr_t)letter->session->options.group;
    request.page_size = PAGE;
    if (!session_list(letter->session, "niva.compliance.v1.ComplianceService/ListCalls",
                      &request.base, &reply, err))
        return false;
    calls = (const ListCallsResponse *)reply;
    *ret_call = NULL;
    for (size_t i = 0; i < calls->n_calls; i++)
        if (strcmp(calls->calls[i]->call_id, call_id) == 0)
            *ret_call = calls->calls[i];
    return true;
}

/* How long the unit has had no current report; NULL when it has one. */
static bool overdue_load(const struct letter *letter, const char *unit,
                         const OverdueReport **ret_overdue, struct niva_error *err)
{
    ListOverdueReportsRequest request = NIVA__COMPLIANCE__V1__LIST_OVERDUE_REPORTS_REQUEST__INIT;
    const ListOverdueReportsResponse *list;
    ProtobufCMessage *reply;

    request.region_code = (char *)(uintptr_t)letter->config.region;
    request.profession_group = (char *)(uintptr_t)letter->session->options.group;
    request.page_size = PAGE;
    if (!session_list(letter->session, "niva.compliance.v1.ComplianceService/ListOverdueReports",
                      &request.base, &reply, err))
        return false;
    list = (const ListOverdueReportsResponse *)reply;
    *ret_overdue = NULL;
    for (size_t i = 0; i < list->n_overdue; i++)
        if (strcmp(list->overdue[i]->unit, unit) == 0)
            *ret_overdue = list->overdue[i];
    return true;
}

static void call_put(const struct letter *letter, const Call *call, const OverdueReport *overdue)
{
    struct niva_letter_values *values = letter->values;

    niva_letter_put(values, "profession_group", call->profession_group);
    niva_letter_put(values, "issued_on", call->issued_on);
    niva_letter_put(values, "current_since", call->current_since);
    niva_letter_put(values, "answer_by", call->answer_by);
    niva_letter_put(values, "reference", call->reference);
    niva_letter_put(values, "missing_since", overdue->due_since);
    niva_letter_put(values, "unreported_days",
                    cell_integer(letter->session, overdue->unreported_days));
    if (overdue->last_report == NULL)
        return;
    niva_letter_put(values, "last_received", overdue->last_report->current_as_of);
    niva_letter_put(values, "last_effective", overdue->last_report->effective_from);
}

/* The unit that is called: the one of the call, or, of a call to a region, that of --unit. */
static bool unit_choose(const struct letter *letter, const Call *call, const char **ret_unit,
                        struct niva_error *err)
{
    if (call == NULL)
        return niva_fail(err, NIVA_NOT_FOUND, "Det finns ingen sådan uppmaning.",
                         "There is no such call.");
    if (*call->unit != '\0') {
        *ret_unit = call->unit;
        return true;
    }
    if (*letter->session->options.unit == '\0')
        return letter_refuse(err,
                             "Uppmaningen gäller en hel region: ange vårdcentralen med --unit.",
                             "The call is to a whole region: give the unit by --unit.");
    return unit_find(letter->session, letter->session->options.unit, ret_unit, err);
}

bool call_gather(struct letter *letter, const char *call_or_unit, struct niva_error *err)
{
    const OverdueReport *overdue;
    const Call *call = NULL;
    struct niva_uuid id;
    const char *unit = "";
    bool by_id = niva_uuid_parse(call_or_unit, &id);
    bool found = by_id ? call_load(letter, "", call_or_unit, &call, err) &&
                             unit_choose(letter, call, &unit, err)
                       : unit_find(letter->session, call_or_unit, &unit, err);

    if (!found || !overdue_load(letter, unit, &overdue, err))
        return false;
    if (overdue == NULL)
        return letter_refuse(err, "Vårdcentralen har en aktuell redovisning: den uppmanas inte.",
                             "The unit has a current report: it is not called.");
    if (call == NULL && *overdue->call_id != '\0' &&
        !call_load(letter, unit, overdue->call_id, &call, err))
        return false;
    if (call == NULL)
        return letter_refuse(err, "Ingen uppmaning är utfärdad: gör det med IssueCall först.",
                             "No call has been issued: do so by IssueCall first.");
    if (!letter_address(letter, unit, letter->today, err))
        return false;
    call_put(letter, call, overdue);
    return true;
}
