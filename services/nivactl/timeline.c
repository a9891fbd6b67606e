#include <string.h>

#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/segments.h"
#include "services/nivactl/units.h"

typedef Niva__Compliance__V1__GetTimelineRequest GetTimelineRequest;
typedef Niva__Compliance__V1__GetTimelineResponse GetTimelineResponse;

static bool timeline_print(struct session *session, const char *unit,
                           const GetTimelineResponse *timeline, struct niva_error *err)
{
    Niva__Intake__V1__ListUnitsResponse *units;

    if (!session_say_rehearsal(session, err) || !units_load(session, &units, err))
        return false;
    show(session->out, "%s, %s, %s\n\n", unit_name(units, unit), unit, session->options.group);
    if (!session_print_table(
            session, segments_table(session, timeline->n_segments, timeline->segments), err))
        return false;
    if (*timeline->erased_until != '\0')
        show(session->out,
             session_pick(session,
                          "\nDagarna före %s är gallrade (beslut %s) och står som de räknades "
                          "före gallringen.\n",
                          "\nThe days before %s are erased (decision %s) and stand as they were "
                          "counted before.\n"),
             timeline->erased_until, timeline->erasure_decision);
    if (timeline->n_uncounted == 0)
        return true;
    fputs("\n", session->out);
    return session_print_table(
        session, uncounted_table(session, timeline->n_uncounted, timeline->uncounted), err);
}

/* The days that were asked for; without them the year of today, from its beginning until today. */
static bool days_choose(struct session *session, size_t count, const char *const *arguments,
                        GetTimelineRequest *request, struct niva_error *err)
{
    const char *today;

    request->first_day = (char *)(uintptr_t)(count > 1 ? arguments[1] : "");
    request->last_day = (char *)(uintptr_t)(count > 2 ? arguments[2] : "");
    if (count > 2)
        return true;
    if (!session_today(session, &today, err))
        return false;
    request->last_day = (char *)(uintptr_t)today;
    if (count > 1)
        return true;
    request->first_day = niva_arena_printf(session->arena, "%.4s-01-01", today);
    return request->first_day != NULL || niva_fail_internal(err, "out of memory");
}

int command_timeline(struct session *session, size_t count, const char *const *arguments)
{
    GetTimelineRequest request = NIVA__COMPLIANCE__V1__GET_TIMELINE_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;
    const char *unit;

    niva_error_clear(&err);
    request.profession_group = (char *)(uintptr_t)session->options.group;
    if (session_days(session, count - 1, arguments + 1) != EXIT_YES)
        return EXIT_USAGE;
    if (!unit_find(session, arguments[0], &unit, &err))
        return session_fail(session, &err);
    request.unit = (char *)(uintptr_t)unit;
    if (!days_choose(session, count, arguments, &request, &err) ||
        !session_known_at(session, &request.known_at, &err) ||
        !session_ask(session, "niva.compliance.v1.ComplianceService/GetTimeline", &request.base,
                     &reply, &err) ||
        !(session->json ? session_print_json(session, reply, &err)
                        : timeline_print(session, unit, (GetTimelineResponse *)reply, &err)))
        return session_fail(session, &err);
    return EXIT_YES;
}
