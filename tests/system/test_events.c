/* What leaves by external events: of a system in which every free text and every position key
 * carries a mark, no event of the user listener carries it; the listener for services, from which
 * the services live, does. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "niva/compliance/v1/call.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/dialogue.pb-c.h"
#include "niva/compliance/v1/dispensation.pb-c.h"
#include "niva/events/v1/events.pb-c.h"
#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "tests/support/process.h"
#include "tests/support/system.h"

#define UNIT  "SE2321000016-A001"
#define GROUP "fysioterapeut"
#define MARK  "kanarie"

enum { SERVICES = 3, ARENA_BYTES = 64 << 20, CALL_MS = 10000 };

struct site {
    struct system *system;
    struct niva_arena *arena;
};

/* ---- what is told ---- */

static void rules_tell(struct site *site)
{
    system_tell(
        site->system, site->arena, "niva.compliance.v1.RuleService/PutRuleSet",
        "{'ruleSet': {'ruleSetId': 'fysioterapi', 'regionCode': '19', 'professionGroup': '" GROUP
        "', 'firstDay': '2022-01-01', 'severity': 'BINDING', 'requirement':"
        " {'kind': 'CONTRACTED'}, 'counting': {'titleCodes': ['FT'], 'employments':"
        " ['EMPLOYED', 'SUBSTITUTE'], 'absenceThresholdDays': 30}, 'regulation':"
        " {'formula': 'PRO_RATA'}}}");
    system_tell(site->system, site->arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '" UNIT "', 'name': 'Vårdcentralen Fiktiv', 'regionCode': '19',"
                " 'owners': [{'orgNumber': '2321000016', 'form': 'REGION_RUN',"
                " 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01'}}");
    system_tell(site->system, site->arena, "niva.compliance.v1.RequirementService/PutContract",
                "{'contract': {'unit': '" UNIT "', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'minimumMilli': 1500}}");
    system_tell(site->system, site->arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{'component': {'component': 'fysioterapi', 'unit': '" UNIT
                "', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'monthlyOre': '10000000', 'regulated': true}}");
}

static const char *report_tell(struct site *site, const char *day, const char *corrects)
{
    const Niva__Intake__V1__SubmitReportResponse *reply = (const void *)system_tell(
        site->system, site->arena, "niva.intake.v1.ReportService/SubmitReport",
        "{'report': {'unit': '" UNIT "', 'professionGroup': '" GROUP "', 'effectiveFrom': '%s',"
        " 'resolutionNote': 'Lösning " MARK "', 'correctsReportId': '%s', 'positions': ["
        "{'positionKey': '" MARK "-1', 'titleCode': 'FT', 'employment': 'EMPLOYED',"
        " 'fteMilli': 1000, 'licensed': true},"
        "{'positionKey': '" MARK "-2', 'titleCode': 'NA', 'employment': 'EMPLOYED',"
        " 'fteMilli': 1000, 'licensed': true}]}}",
        day, corrects);

    return reply->report->report_id;
}

static void staffing_tell(struct site *site)
{
    const Niva__Intake__V1__NotifyAbsenceResponse *absence;
    const char *report = report_tell(site, "2022-01-01", "");

    report_tell(site, "2022-01-01", report);
    system_tell(site->system, site->arena, "niva.intake.v1.ReportService/WithdrawReport",
                "{'reportId': '%s', 'reason': 'Skäl " MARK "'}",
                report_tell(site, "2022-02-01", ""));
    system_tell(site->system, site->arena, "niva.intake.v1.ReportService/ConfirmStaffing",
                "{'unit': '" UNIT "', 'professionGroup': '" GROUP "', 'asOf': '2022-03-01'}");
    absence = (const void *)system_tell(
        site->system, site->arena, "niva.intake.v1.AbsenceService/NotifyAbsence",
        "{'absence': {'unit': '" UNIT "', 'professionGroup': '" GROUP "', 'positionKey': '" MARK
        "-1', 'firstDay': '2022-04-01', 'planNote': 'Plan " MARK
        "', 'cover': [{'positionKey': '" MARK
        "-3', 'titleCode': 'FT', 'employment': 'SUBSTITUTE', 'fteMilli': 500,"
        " 'licensed': true}]}}");
    system_tell(site->system, site->arena, "niva.intake.v1.AbsenceService/UpdateAbsence",
                "{'absence': {'absenceId': '%s', 'unit': '" UNIT "', 'professionGroup': '" GROUP
                "', 'positionKey': '" MARK "-1', 'firstDay': '2022-04-01', 'planNote': 'Ny " MARK
                "', 'expectedLastDay': '2022-06-01'}}",
                absence->absence->absence_id);
    system_tell(site->system, site->arena, "niva.intake.v1.AbsenceService/CancelAbsence",
                "{'absenceId': '%s'}", absence->absence->absence_id);
}

static void decisions_tell(struct site *site)
{
    const Niva__Compliance__V1__GrantDispensationResponse *granted = (const void *)system_tell(
        site->system, site->arena, "niva.compliance.v1.DispensationService/GrantDispensation",
        "{'dispensation': {'unit': '" UNIT "', 'professionGroup': '" GROUP
        "', 'firstDay': '2022-05-01', 'lastDay': '2022-05-10', 'decisionReference': 'Fiktivt'}}");
    const Niva__Compliance__V1__IssueCallResponse *issued;

    system_tell(site->system, site->arena,
                "niva.compliance.v1.DispensationService/VoidDispensation",
                "{'dispensationId': '%s', 'reason': 'Fel " MARK "'}",
                granted->dispensation->dispensation_id);
    system_tell(site->system, site->arena, "niva.compliance.v1.FindingService/PutFinding",
                "{'finding': {'unit': '" UNIT "', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-05-11', 'lastDay': '2022-05-20', 'countedMilli': 0,"
                " 'evidence': 'Besök " MARK "', 'caseNumber': 'FIKTIV-1'}}");
    issued = (const void *)system_tell(
        site->system, site->arena, "niva.compliance.v1.ComplianceService/IssueCall",
        "{'call': {'unit': '" UNIT "', 'professionGroup': '" GROUP "', 'issuedOn': '2022-05-01',"
        " 'currentSince': '2022-05-01', 'answerBy': '2022-05-20', 'reference': 'FIKTIV-2'}}");
    system_tell(site->system, site->arena, "niva.compliance.v1.ComplianceService/VoidCall",
                "{'callId': '%s', 'reason': 'Fel " MARK "'}", issued->call->call_id);
}

/* Everything that can be said about a breach. */
static void dialogue_tell(struct site *site)
{
    static const struct {
        const char *method;
        const char *more;
    } says[] = {
        {"OpenDialogue", ""},
        {"AddNote", ", 'side': 'PURCHASER'"},
        {"Answer", ", 'inability': {'steps': [{'kind': 'OTHER', 'day': '2022-06-01'}]}"},
        {"AgreeMeasure", ", 'side': 'PROVIDER', 'dueOn': '2022-07-01'"},
    };
    const Niva__Compliance__V1__ListBreachesResponse *breaches;
    const Niva__Compliance__V1__AgreeMeasureResponse *said = NULL;

    system_wait(site->system);
    breaches = (const void *)system_tell(site->system, site->arena,
                                         "niva.compliance.v1.ComplianceService/ListBreaches",
                                         "{'kind': 'BELOW_MINIMUM', 'state': 'OPEN'}");
    if (breaches->n_breaches == 0)
        give_up("there is no breach to speak of");
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        char method[80];

        snprintf(method, sizeof method, "niva.compliance.v1.DialogueService/%s", says[i].method);
        said = (const void *)system_tell(site->system, site->arena, method,
                                         "{'breachId': '%s', 'text': 'Sagt " MARK "'%s}",
                                         breaches->breaches[0]->breach_id, says[i].more);
    }
    system_tell(site->system, site->arena, "niva.compliance.v1.DialogueService/CompleteMeasure",
                "{'breachId': '%s', 'measureId': '%s', 'outcome': 'MISSED', 'text': 'Fel " MARK
                "'}",
                breaches->breaches[0]->breach_id, said->entry->entry_id);
}

/* ---- what is read ---- */

struct reading {
    size_t events;
    size_t marked;
    char first[512]; /* of those that carry the mark, or are not for this listener */
};

static bool marked(const char *json, size_t size)
{
    for (size_t i = 0; i + strlen(MARK) <= size; i++)
        if (strncasecmp(json + i, MARK, strlen(MARK)) == 0)
            return true;
    return false;
}

static void event_look(struct reading *reading, const Io__Cloudevents__V1__CloudEvent *event)
{
    struct niva_text text = {0};
    struct niva_error err;

    reading->events++;
    if (!niva_json_print(&event->base, 0, &text, &err) || text.failed)
        fail_msg("%s: %s", event->type, err.text_en);
    if (marked(text.data, text.length)) {
        if (reading->marked++ == 0)
            snprintf(reading->first, sizeof reading->first, "%.500s", text.data);
    }
    niva_text_free(&text);
}

/* The whole stream, as the listener gives it. */
static struct reading stream_read(struct site *site, enum part part, const char *listener)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    Niva__Events__V1__ReadEventsRequest request = NIVA__EVENTS__V1__READ_EVENTS_REQUEST__INIT;
    struct niva_error err;
    struct niva_rpc_client *client =
        niva_rpc_client_new(system_url(site->system, part, listener), &err);
    struct reading reading = {0};
    const Niva__Events__V1__ReadEventsResponse *answer;
    ProtobufCMessage *reply;

    assert_non_null(client);
    request.stream = (char *)(uintptr_t)service_name((enum service)part);
    request.limit = 13;
    do {
        niva_arena_reset(site->arena);
        if (!niva_rpc_call(client, "/niva.events.v1.EventService/ReadEvents", &request.base,
                           &niva__events__v1__read_events_response__descriptor, &options,
                           site->arena, &reply, NULL, &err))
            fail_msg("%s: %s (%s)", request.stream, err.text_en, err.cause);
        answer = (const void *)reply;
        for (size_t i = 0; i < answer->n_events; i++)
            event_look(&reading, answer->events[i]);
        assert_true(answer->next_position > request.after_position ||
                    answer->next_position == answer->head_position);
        request.after_position = answer->next_position;
    } while (answer->next_position < answer->head_position);
    niva_rpc_client_free(client);
    return reading;
}

static void the_listener_for_services_tells_everything(void **state)
{
    struct site *site = *state;
    struct reading reading = stream_read(site, PART_INTAKE, "peer");
    int64_t head = atoll(system_sql(site->system, "SELECT position FROM intake.stream_head"));

    assert_int_equal(reading.events, head);
    assert_true(reading.marked >= 6);
}

static void external_events_tell_of_no_person(void **state)
{
    struct site *site = *state;

    for (int part = 0; part < SERVICES; part++) {
        struct reading reading = stream_read(site, (enum part)part, "user");

        assert_true(reading.events > 0);
        if (reading.marked > 0)
            fail_msg("%s: expected no event with a mark, actual %zu: %s",
                     service_name((enum service)part), reading.marked, reading.first);
    }
}

static void internal_types_are_not_given_by_name_either(void **state)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    struct site *site = *state;
    Niva__Events__V1__ReadEventsRequest request = NIVA__EVENTS__V1__READ_EVENTS_REQUEST__INIT;
    char *types[] = {(char *)"se.niva.intake.absence.notified.v1"};
    ProtobufCMessage *reply;
    struct niva_error err;

    request.stream = (char *)"intake";
    request.types = types;
    request.n_types = 1;
    niva_error_clear(&err);
    if (niva_rpc_call(system_client(site->system, PART_INTAKE),
                      "/niva.events.v1.EventService/ReadEvents", &request.base,
                      &niva__events__v1__read_events_response__descriptor, &options, site->arena,
                      &reply, NULL, &err))
        fail_msg("expected INVALID_ARGUMENT, actual OK");
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_string_equal(err.violations[0].field, "types[0]");
}

int main(void)
{
    struct site site = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(the_listener_for_services_tells_everything, &site),
        cmocka_unit_test_prestate(external_events_tell_of_no_person, &site),
        cmocka_unit_test_prestate(internal_types_are_not_given_by_name_either, &site),
    };
    int failed;

    site.system = system_new(true);
    site.arena = niva_arena_new(ARENA_BYTES);
    if (site.arena == NULL)
        give_up("no memory");
    system_today(site.system, "2022-06-23");
    rules_tell(&site);
    staffing_tell(&site);
    decisions_tell(&site);
    dialogue_tell(&site);
    system_today(site.system, "2022-07-15");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(site.system);
    niva_arena_free(site.arena);
    system_free(site.system);
    return failed ? 1 : 0;
}
