#include <string.h>

#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/units.h"

typedef Niva__Compliance__V1__GetTimelineRequest GetTimelineRequest;
typedef Niva__Compliance__V1__GetTimelineResponse GetTimelineResponse;
typedef Niva__Compliance__V1__Segment Segment;
typedef Niva__Compliance__V1__Uncounted Uncounted;

/* The facts behind a segment, in words and ids. */
static const char *cell_basis(const struct session *session, const Segment *segment)
{
    struct niva_text text = {0};
    const char *copy = NULL;

    if (*segment->finding_id != '\0')
        niva_text_printf(&text, session_pick(session, "konstaterande %s", "finding %s"),
                         segment->finding_id);
    else if (*segment->report_id != '\0')
        niva_text_printf(&text, session_pick(session, "redovisning %s", "report %s"),
                         segment->report_id);
    if (segment->n_absence_ids > 0)
        niva_text_printf(
            &text, session_pick(session, "%s%zu frånvaroanmälningar", "%s%zu absence notices"),
            text.length > 0 ? ", " : "", segment->n_absence_ids);
    if (*segment->dispensation_id != '\0')
        niva_text_printf(&text, session_pick(session, "%sdispens %s", "%sdispensation %s"),
                         text.length > 0 ? ", " : "", segment->dispensation_id);
    if (!text.failed)
        copy = niva_arena_strdup(session->arena, text.length > 0 ? text.data : "");
    niva_text_free(&text);
    return copy;
}

static const struct table *segments_table(const struct session *session,
                                          const GetTimelineResponse *timeline)
{
    static const struct column sv[] = {
        {"Från", false},  {"Till", false}, {"Läge", false},     {"Krav", true},
        {"Räknat", true}, {"Brist", true}, {"Underlag", false},
    };
    static const struct column en[] = {
        {"From", false},   {"To", false},     {"Status", false}, {"Required", true},
        {"Counted", true}, {"Missing", true}, {"Basis", false},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < timeline->n_segments; i++) {
        const Segment *segment = timeline->segments[i];
        const char *cells[] = {
            segment->first_day,
            cell_last_day(session, segment->last_day),
            cell_status(session, segment),
            cell_required(session, segment),
            cell_counted(session, segment),
            cell_shortfall(session, segment),
            cell_basis(session, segment),
        };

        table_row(table, cells);
    }
    return table;
}

static const struct table *uncounted_table(const struct session *session,
                                           const GetTimelineResponse *timeline)
{
    static const struct column sv[] = {
        {"Räknades inte", false}, {"Från", false},   {"Till", false},
        {"Heltid", true},         {"Varför", false},
    };
    static const struct column en[] = {
        {"Not counted", false}, {"From", false}, {"To", false}, {"Full time", true}, {"Why", false},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < timeline->n_uncounted; i++) {
        const Uncounted *uncounted = timeline->uncounted[i];
        const char *cells[] = {
            *uncounted->position_key != '\0' ? uncounted->position_key
                                             : session_pick(session, "inhyrda", "hired staff"),
            uncounted->first_day,
            cell_last_day(session, uncounted->last_day),
            cell_fte(session, uncounted->fte_milli),
            words_value(session->language, WORDS_UNCOUNTED, (int)uncounted->reason),
        };

        table_row(table, cells);
    }
    return table;
}

static bool timeline_print(struct session *session, const char *unit,
                           const GetTimelineResponse *timeline, struct niva_error *err)
{
    Niva__Intake__V1__ListUnitsResponse *units;

    if (!session_say_rehearsal(session, err) || !units_load(session, &units, err))
        return false;
    show(session->out, "%s, %s, %s\n\n", unit_name(units, unit), unit, session->options.group);
    if (!session_print_table(session, segments_table(session, timeline), err))
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
    return session_print_table(session, uncounted_table(session, timeline), err);
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
