/* Erasure end to end: facts with marks that occur nowhere else, months, breaches and amounts that
 * follow from them; then the persons are erased, with the services killed meanwhile. No mark is
 * left in any table of any schema, in a log or an external event; every timeline, breach, amount
 * and explanation is what it was; the proofs hold, and so they do for a compliance that was
 * restored from a copy of before. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/retention.pb-c.h"
#include "niva/compensation/v1/settlement.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/dialogue.pb-c.h"
#include "niva/compliance/v1/retention.pb-c.h"
#include "niva/events/v1/events.pb-c.h"
#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "services/common/base/text.h"
#include "services/common/wire/wire.h"
#include "tests/support/markers.h"
#include "tests/support/pdf_reader.h"
#include "tests/support/process.h"
#include "tests/support/system.h"

#define UNIT_1 "SE2321000016-G001"
#define UNIT_2 "SE2321000016-G002"
#define GROUP  "fysioterapeut"
#define BEFORE "2020-01-01"

enum { OUTPUT = 64 << 10, ARENA_BYTES = 256 << 20, CALL_MS = 20000 };

struct site {
    struct system *system;
    struct niva_arena *arena;
    const char *report; /* of unit 1, to be erased */
    const char *breach; /* of unit 1, of which it was spoken */
    const char *line;   /* of unit 1, waived in words */
    char *said;         /* before the erasure */
};

/* Marks of what must go. The days are of persons alone: days begin in 2018, verdicts too. */
static const char *const gone[] = {
    "nyckel1",        "nyckel2",       "nyckel3",      "nyckel4",
    "anteckning-ett", "anteckning-ny", "skal-ett",     "plan-ett",
    "plan-ny",        "filnamn-ett",   "innehall-ett", "SE2321000016-PERSON",
    "2017-02-14",     "2017-12-13",    "2017-11-27",   "2017-06-07",
    "2017-08-08",     "dialog-ett",    "yttrande-ett", "svar-ett",
    "bemott-ett",     "motiv-ett",     "svar-tva",     "aterta-ett",
};
static const char *const kept[] = {"nyckel9",     "anteckning-kvar", "2019-12-02",
                                   "dialog-kvar", "svar-kvar",       "motiv-kvar"};

/* ---- what is told ---- */

static void unit_tell(struct site *site, const char *unit, const char *form)
{
    system_tell(site->system, site->arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '%s', 'name': 'Vårdcentralen %s (fiktiv)', 'regionCode': '99',"
                " 'owners': [{'orgNumber': '2321000016', 'form': '%s', 'firstDay': '2017-01-01'}],"
                " 'openedOn': '2017-01-01'}}",
                unit, unit, form);
    system_tell(site->system, site->arena, "niva.compliance.v1.RequirementService/PutContract",
                "{'contract': {'unit': '%s', 'professionGroup': '" GROUP
                "', 'firstDay': '2018-01-01', 'minimumMilli': 1800}}",
                unit);
    system_tell(
        site->system, site->arena, "niva.compensation.v1.ComponentService/PutComponent",
        "{'component': {'component': 'fysioterapi', 'unit': '%s', 'professionGroup': '" GROUP
        "', 'firstDay': '2018-01-01', 'monthlyOre': '12345600', 'regulated': true}}",
        unit);
}

static const char *report_tell(struct site *site, const char *unit, const char *day,
                               const char *key, const char *note, int milli, const char *more)
{
    bool stays = strcmp(key, "nyckel9") == 0;
    const Niva__Intake__V1__SubmitReportResponse *reply = (const void *)system_tell(
        site->system, site->arena, "niva.intake.v1.ReportService/SubmitReport",
        "{'report': {'unit': '%s', 'professionGroup': '" GROUP "', 'effectiveFrom': '%s',"
        " 'resolutionNote': '%s', 'certifiedBy': {'hsaId': 'SE2321000016-%s', 'role': 'HEAD'},"
        " 'positions': [{'positionKey': '%s', 'titleCode': 'FT', 'employment': 'EMPLOYED',"
        " 'fteMilli': %d, 'licensed': true},"
        " {'positionKey': '%s-andra', 'titleCode': 'FT', 'employment': 'EMPLOYED', 'fteMilli': 900,"
        " 'licensed': true, 'firstDay': '%s'}]%s",
        unit, day, note, stays ? "KVAR" : "PERSON", key, milli, key,
        stays ? "2018-01-01" : "2017-02-14", more);

    return reply->report->report_id;
}

/* The breach of a state that there is one of, and what was said about it. */
static const char *dialogue_tell(struct site *site, const char *state, const char *text,
                                 const char *answer)
{
    const Niva__Compliance__V1__ListBreachesResponse *breaches;
    const char *id;

    system_wait(site->system);
    breaches = (const void *)system_tell(
        site->system, site->arena, "niva.compliance.v1.ComplianceService/ListBreaches",
        "{'unit': '" UNIT_1 "', 'kind': 'BELOW_MINIMUM', 'state': '%s'}", state);
    assert_int_equal(breaches->n_breaches, 1);
    id = breaches->breaches[0]->breach_id;
    system_tell(site->system, site->arena, "niva.compliance.v1.DialogueService/OpenDialogue",
                "{'breachId': '%s', 'text': '%s'}", id, text);
    system_tell(site->system, site->arena, "niva.compliance.v1.DialogueService/Answer",
                "{'breachId': '%s', 'text': '%s', 'inability': {'steps': [{'kind': 'ADVERTISED',"
                " 'day': '2018-08-01'}]}}",
                id, answer);
    return id;
}

/* ---- what is said of amounts ---- */

#define ADJUSTMENTS "niva.compensation.v1.AdjustmentService/"

static void as_tell(struct site *site, const char *principal, const char *method,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

static void as_tell(struct site *site, const char *principal, const char *method,
                    const char *format, ...)
{
    const struct niva_rpc_options options = {
        .timeout_ms = CALL_MS, .recorded_at = INT64_MIN, .principal = principal};
    ProtobufCMessage *reply;
    struct niva_error err;
    char json[1000];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(json, sizeof json, format, arguments);
    va_end(arguments);
    if (!system_call(site->system, method, json, &options, site->arena, &reply, &err))
        fail_msg("%s: %s (%s)", method, err.text_en, err.cause);
}

/* Signs for the line of a month and decides it. */
static const char *line_decide(struct site *site, const char *period, const char *statement,
                               const char *response, const char *decision)
{
    const Niva__Compensation__V1__ListAdjustmentsResponse *list = (const void *)system_tell(
        site->system, site->arena, ADJUSTMENTS "ListAdjustments",
        "{'unit': '" UNIT_1 "', 'period': '%s', 'state': 'IN_DIALOGUE'}", period);
    const Niva__Compensation__V1__Adjustment *line;

    assert_int_equal(list->n_adjustments, 1);
    line = list->adjustments[0];
    as_tell(site, "fiktiv.handlaggare.1", ADJUSTMENTS "PrepareAdjustment",
            "{'adjustmentId': '%s', 'computedOre': '%lld', 'statement': '%s',"
            " 'statementResponse': '%s'}",
            line->adjustment_id, (long long)line->computed_ore, statement, response);
    as_tell(site, "fiktiv.beslutsfattare.1", ADJUSTMENTS "DecideAdjustment",
            "{'adjustmentId': '%s', 'computedOre': '%lld', 'caseNumber': 'FIKTIV-1',"
            " 'delegation': 'fiktiv', %s}",
            line->adjustment_id, (long long)line->computed_ore, decision);
    return line->adjustment_id;
}

#define APPROVE "'decision': 'APPROVE'"

/* Two decisions, and a settlement that is taken back. */
static void decisions_tell(struct site *site)
{
    const Niva__Compensation__V1__ExportSettlementResponse *settlement;

    system_wait(site->system);
    line_decide(site, "2018-03", "svar-tva", "", APPROVE);
    site->line = line_decide(site, "2018-04", "svar-ett", "bemott-ett",
                             "'decision': 'WAIVE', 'reasonCode': 'OTHER', 'reason': 'motiv-ett'");
    settlement = (const void *)system_tell(
        site->system, site->arena, "niva.compensation.v1.SettlementService/ExportSettlement",
        "{'regionCode': '99', 'period': '2018-08', 'format': 'CSV'}");
    system_tell(site->system, site->arena, "niva.compensation.v1.SettlementService/VoidSettlement",
                "{'settlementId': '%s', 'reason': 'aterta-ett'}",
                settlement->settlement->settlement_id);
    system_wait(site->system);
}

/* A closed chapter: two reports, one of them withdrawn, an absence and a report that came too
 * late, an absence that never counts. */
static void past_tell(struct site *site)
{
    const Niva__Intake__V1__NotifyAbsenceResponse *absence;
    const char *withdrawn;

    system_today(site->system, "2018-01-01");
    system_tell(site->system, site->arena, "niva.compliance.v1.RuleService/PutRuleSet",
                "{'ruleSet': {'ruleSetId': 'fysioterapi-99', 'regionCode': '99', 'professionGroup':"
                " '" GROUP "', 'firstDay': '2018-01-01', 'severity': 'BINDING', 'requirement':"
                " {'kind': 'CONTRACTED'}, 'counting': {'titleCodes': ['FT', 'SG'], 'employments':"
                " ['EMPLOYED', 'SUBSTITUTE'], 'absenceThresholdDays': 30, 'exemptCategories':"
                " ['VACATION']}, 'reporting': {'reportMaxAgeDays': 365, 'changeWithinDays': 14,"
                " 'absenceNoticeOverDays': 30, 'absenceWithinDays': 3, 'planWithinDays': 14},"
                " 'regulation': {'formula': 'PRO_RATA', 'graceDays': 3}}}");
    unit_tell(site, UNIT_1, "PRIVATE");
    unit_tell(site, UNIT_2, "REGION_RUN");
    site->report =
        report_tell(site, UNIT_1, "2018-01-01", "nyckel1", "anteckning-ett", 1000,
                    "}, 'original': {'mediaType': 'text/plain', 'fileName': 'filnamn-ett.txt',"
                    " 'content': 'aW5uZWhhbGwtZXR0'}}");
    report_tell(site, UNIT_2, "2018-01-01", "nyckel2", "", 1000, "}}");
    withdrawn = report_tell(site, UNIT_1, "2018-02-01", "nyckel3", "", 500, "}}");
    system_tell(site->system, site->arena, "niva.intake.v1.ReportService/WithdrawReport",
                "{'reportId': '%s', 'reason': 'skal-ett'}", withdrawn);
    system_today(site->system, "2018-03-01");
    absence = (const void *)system_tell(
        site->system, site->arena, "niva.intake.v1.AbsenceService/NotifyAbsence",
        "{'absence': {'unit': '" UNIT_1 "', 'professionGroup': '" GROUP
        "', 'positionKey': 'nyckel1', 'firstDay': '2018-03-01', 'expectedLastDay': '2018-05-29',"
        " 'expectedSince': '2017-12-13', 'absentMilli': 400, 'planNote': 'plan-ett', 'cover': ["
        "{'positionKey': 'nyckel4', 'titleCode': 'NA', 'employment': 'SUBSTITUTE', 'fteMilli':"
        " 300, 'licensed': true, 'firstDay': '2017-11-27', 'lastDay': '2018-04-17'}]}}");
    system_tell(site->system, site->arena, "niva.intake.v1.AbsenceService/UpdateAbsence",
                "{'absence': {'absenceId': '%s', 'unit': '" UNIT_1 "', 'professionGroup': '" GROUP
                "', 'positionKey': 'nyckel1', 'firstDay': '2018-03-01', 'expectedLastDay':"
                " '2018-06-30', 'absentMilli': 400, 'planNote': 'plan-ny'}}",
                absence->absence->absence_id);
    system_tell(site->system, site->arena, "niva.intake.v1.AbsenceService/NotifyAbsence",
                "{'absence': {'unit': '" UNIT_2 "', 'professionGroup': '" GROUP
                "', 'positionKey': 'nyckel2', 'firstDay': '2017-06-07', 'expectedLastDay':"
                " '2017-08-08', 'category': 'VACATION'}}");
    system_today(site->system, "2018-09-01");
    site->breach = dialogue_tell(site, "CLOSED", "dialog-ett", "yttrande-ett");
    decisions_tell(site);
    report_tell(site, UNIT_1, "2018-07-01", "nyckel1", "anteckning-ny", 950, "}}");
}

/* What reaches into the days that are kept, and the years until what was is old. */
static void present_tell(struct site *site)
{
    system_today(site->system, "2019-06-01");
    report_tell(site, UNIT_1, "2019-06-01", "nyckel9", "anteckning-kvar", 800, "}}");
    report_tell(site, UNIT_2, "2019-06-01", "nyckel9", "", 1000, "}}");
    system_tell(site->system, site->arena, "niva.intake.v1.AbsenceService/NotifyAbsence",
                "{'absence': {'unit': '" UNIT_1 "', 'professionGroup': '" GROUP
                "', 'positionKey': 'nyckel9', 'firstDay': '2019-12-02', 'expectedLastDay':"
                " '2020-02-20'}}");
    dialogue_tell(site, "OPEN", "dialog-kvar", "dialog-kvar");
    system_today(site->system, "2025-02-01");
    system_wait(site->system);
    line_decide(site, "2018-05", "svar-kvar", "",
                "'decision': 'WAIVE', 'reasonCode': 'OTHER', 'reason': 'motiv-kvar'");
}

/* ---- what is said ---- */

static void said_append(struct niva_text *said, const ProtobufCMessage *message)
{
    struct niva_error err;

    if (!niva_json_print(message, 0, said, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    niva_text_puts(said, "\n");
}

static void timeline_append(struct site *site, const char *unit, struct niva_text *said)
{
    const Niva__Compliance__V1__GetTimelineResponse *timeline = (const void *)system_tell(
        site->system, site->arena, "niva.compliance.v1.ComplianceService/GetTimeline",
        "{'unit': '%s', 'professionGroup': '" GROUP "', 'firstDay': '2017-12-01', 'lastDay':"
        " '2025-02-01'}",
        unit);

    for (size_t i = 0; i < timeline->n_segments; i++)
        said_append(said, &timeline->segments[i]->base);
}

static void explanation_append(struct site *site, const char *adjustment_id, struct niva_text *said)
{
    const Niva__Compensation__V1__ExplainAdjustmentResponse *explanation =
        (const void *)system_tell(site->system, site->arena,
                                  "niva.compensation.v1.AdjustmentService/ExplainAdjustment",
                                  "{'adjustmentId': '%s'}", adjustment_id);

    /* but for its words */
    explanation->adjustment->statement = explanation->adjustment->statement_response =
        explanation->adjustment->reason = explanation->adjustment->erased_by =
            (char *)protobuf_c_empty_string;
    said_append(said, &explanation->adjustment->base);
    for (size_t i = 0; i < explanation->n_lines; i++)
        said_append(said, &explanation->lines[i]->base);
}

/* Everything that anyone is told of the two units: runs, breaches, amounts and why. */
static char *all_said(struct site *site)
{
    struct niva_text said = {0};
    unsigned kinds = 0;
    const Niva__Compliance__V1__ListBreachesResponse *breaches;
    const Niva__Compensation__V1__ListAdjustmentsResponse *adjustments;

    timeline_append(site, UNIT_1, &said);
    timeline_append(site, UNIT_2, &said);
    breaches = (const void *)system_tell(site->system, site->arena,
                                         "niva.compliance.v1.ComplianceService/ListBreaches",
                                         "{'includeHistory': true, 'pageSize': 1000}");
    for (size_t i = 0; i < breaches->n_breaches; i++) {
        kinds |= 1U << breaches->breaches[i]->kind;
        said_append(&said, &breaches->breaches[i]->base);
    }
    for (int kind = NIVA__COMPLIANCE__V1__BREACH__KIND__BELOW_MINIMUM;
         kind <= NIVA__COMPLIANCE__V1__BREACH__KIND__ABSENCE_LATE; kind++)
        assert_true((kinds >> kind & 1U) != 0);
    adjustments = (const void *)system_tell(
        site->system, site->arena, "niva.compensation.v1.AdjustmentService/ListAdjustments",
        "{'includeHistory': true, 'pageSize': 1000}");
    assert_true(adjustments->n_adjustments > 20);
    for (size_t i = 0; i < adjustments->n_adjustments; i++)
        explanation_append(site, adjustments->adjustments[i]->adjustment_id, &said);
    assert_false(said.failed);
    return said.data;
}

static void nothing_said_changed(struct site *site)
{
    char *now = all_said(site);
    size_t at = 0;

    while (now[at] != '\0' && now[at] == site->said[at])
        at++;
    if (now[at] != site->said[at])
        fail_msg("what is said differs at %zu:\nexpected …%.300s\nactual   …%.300s", at,
                 site->said + (at < 100 ? 0 : at - 100), now + (at < 100 ? 0 : at - 100));
    free(now);
}

/* ---- where marks may be ---- */

static void no_table_holds(struct site *site, const char *mark)
{
    const char *found = system_sql(site->system, markers_sql(mark));

    if (*found != '\0')
        fail_msg("%s: expected to be gone, is in %s", mark, found);
}

static bool file_holds(const char *path, const char *mark)
{
    FILE *file = fopen(path, "r");
    char line[8192];
    bool found = false;

    if (file == NULL)
        return false;
    while (!found && fgets(line, sizeof line, file) != NULL)
        found = strstr(line, mark) != NULL;
    fclose(file);
    return found;
}

static void no_log_holds(struct site *site, const char *mark)
{
    DIR *directory = opendir(system_directory(site->system));
    struct dirent *entry;
    size_t logs = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        char path[512];

        if (entry->d_type != DT_REG)
            continue;
        snprintf(path, sizeof path, "%s/%s", system_directory(site->system), entry->d_name);
        logs++;
        if (file_holds(path, mark))
            fail_msg("%s: expected in no log, is in %s", mark, path);
    }
    closedir(directory);
    assert_true(logs >= 3);
}

/* All external events of a service, as JSON. */
static void events_append(struct site *site, enum part part, struct niva_text *text)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    Niva__Events__V1__ReadEventsRequest request = NIVA__EVENTS__V1__READ_EVENTS_REQUEST__INIT;
    const Niva__Events__V1__ReadEventsResponse *answer;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.stream = (char *)(uintptr_t)service_name((enum service)part);
    request.limit = 500;
    do {
        if (!niva_rpc_call(system_client(site->system, part),
                           "/niva.events.v1.EventService/ReadEvents", &request.base,
                           &niva__events__v1__read_events_response__descriptor, &options,
                           site->arena, &reply, NULL, &err))
            fail_msg("%s: %s (%s)", request.stream, err.text_en, err.cause);
        answer = (const void *)reply;
        for (size_t i = 0; i < answer->n_events; i++)
            said_append(text, &answer->events[i]->base);
        request.after_position = answer->next_position;
    } while (answer->next_position < answer->head_position);
}

static void no_event_holds(struct site *site, const char *const *marks, size_t count)
{
    struct niva_text text = {0};

    for (enum part part = PART_INTAKE; part <= PART_COMPENSATION; part++)
        events_append(site, part, &text);
    assert_non_null(strstr(text.data, "timeline.changed"));
    for (size_t i = 0; i < count; i++)
        if (strstr(text.data, marks[i]) != NULL)
            fail_msg("%s: expected in no external event", marks[i]);
    niva_text_free(&text);
}

/* ---- the tests, in order ---- */

static void nivactl(struct site *site, int expected, const char *const *arguments,
                    char output[OUTPUT])
{
    int code = system_run(site->system, "services/nivactl/nivactl", arguments, output, OUTPUT);

    if (code != expected)
        fail_msg("nivactl %s: expected exit code %d, actual %d\n%s", arguments[0], expected, code,
                 output);
}

static void compliance_copy(struct site *site)
{
    system_sql(site->system, "SET client_min_messages = warning; CREATE SCHEMA copy; DO $$ DECLARE "
                             "t text; BEGIN FOR t IN SELECT tablename FROM"
                             " pg_tables WHERE schemaname = 'compliance' LOOP"
                             " EXECUTE format('CREATE TABLE copy.%I AS TABLE compliance.%I', t, t);"
                             " END LOOP; END $$");
}

static void compliance_restore(struct site *site)
{
    system_sql(site->system,
               "SET client_min_messages = warning; SET session_replication_role = replica; DO $$ "
               "DECLARE t text; BEGIN FOR t IN"
               " SELECT tablename FROM pg_tables WHERE schemaname = 'copy' LOOP"
               " EXECUTE format('DELETE FROM compliance.%I', t);"
               " EXECUTE format('INSERT INTO compliance.%I SELECT * FROM copy.%I', t, t);"
               " END LOOP; END $$; DROP SCHEMA copy CASCADE");
}

static void external_events_never_carry_a_person(void **state)
{
    struct site *site = *state;
    char output[OUTPUT];

    /* their days too, and before anything is erased */
    no_event_holds(site, gone, sizeof gone / sizeof *gone);
    nivactl(site, 0,
            (const char *const[]){"erase", "--before", BEFORE, "--dry-run", "--lang", "en", NULL},
            output);
    assert_non_null(strstr(output, "Would be erased before " BEFORE));
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        if (*system_sql(site->system, markers_sql(gone[i])) == '\0')
            fail_msg("%s: expected to be there before it is erased", gone[i]);
}

/* Compliance is away while intake erases, and killed while it follows. */
static void what_was_said_stays(void **state)
{
    struct site *site = *state;
    char output[OUTPUT];

    compliance_copy(site);
    system_stop(site->system, PART_COMPLIANCE);
    system_tell(site->system, site->arena, "niva.intake.v1.RetentionService/Erase",
                "{'unit': '" UNIT_2 "', 'classes': ['ABSENCES', 'REPORTS'], 'before': '" BEFORE
                "', 'decisionReference': 'DNR-G2'}");
    system_kill(site->system, PART_INTAKE);
    system_start(site->system, PART_INTAKE, NULL);
    system_launch(site->system, PART_COMPLIANCE, NULL);
    system_kill(site->system, PART_COMPLIANCE);
    system_start(site->system, PART_COMPLIANCE, NULL);
    nivactl(site, 0,
            (const char *const[]){"erase", "--before", BEFORE, "--decision", "DNR-G1", "--lang",
                                  "en", NULL},
            output);
    assert_non_null(strstr(output, "Erased before " BEFORE ", decision DNR-G1"));
    nothing_said_changed(site);
}

static void no_person_is_left(void **state)
{
    struct site *site = *state;

    system_stop(site->system, PART_COMPLIANCE);
    compliance_restore(site); /* a copy of before: it follows again, and erases again */
    system_start(site->system, PART_COMPLIANCE, NULL);
    system_wait(site->system);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        no_table_holds(site, gone[i]);
        no_log_holds(site, gone[i]);
    }
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (*system_sql(site->system, markers_sql(kept[i])) == '\0')
            fail_msg("%s: expected to be kept, is gone", kept[i]);
    no_event_holds(site, gone, sizeof gone / sizeof *gone);
    nothing_said_changed(site);
}

static void everything_is_still_proved(void **state)
{
    struct site *site = *state;
    char output[OUTPUT];

    nivactl(site, 0, (const char *const[]){"verify", "--lang", "en", NULL}, output);
    /* what is erased by hand is told from what was erased by decision */
    system_sql(site->system,
               "CREATE TABLE public.whole AS SELECT fact_no, salt FROM compliance.fact WHERE kind ="
               " 'report' AND erased_by IS NULL; UPDATE compliance.fact SET salt = NULL WHERE"
               " fact_no IN (SELECT fact_no FROM public.whole)");
    nivactl(site, 1, (const char *const[]){"verify", "--lang", "en", NULL}, output);
    assert_non_null(strstr(output, "FACT_ERASED_WITHOUT_DECISION"));
    system_sql(site->system, "UPDATE compliance.fact f SET salt = w.salt FROM public.whole w WHERE"
                             " w.fact_no = f.fact_no; DROP TABLE public.whole");
}

static void refused(struct site *site, const char *method, const char *json)
{
    ProtobufCMessage *reply;
    struct niva_error err;

    if (system_call(site->system, method, json, NULL, site->arena, &reply, &err))
        fail_msg("%s: expected to be refused", method);
    if (err.code != NIVA_FAILED_PRECONDITION || err.violation_count == 0 ||
        strcmp(err.violations[0].reason, "ERASED") != 0)
        fail_msg("%s: expected ERASED, actual %s %s", method, niva_code_name((int)err.code),
                 err.text_en);
}

static void the_erased_past_says_so(void **state)
{
    struct site *site = *state;
    const Niva__Compliance__V1__GetTimelineResponse *timeline = (const void *)system_tell(
        site->system, site->arena, "niva.compliance.v1.ComplianceService/GetTimeline",
        "{'unit': '" UNIT_1 "', 'professionGroup': '" GROUP "', 'firstDay': '2018-01-01',"
        " 'lastDay': '2018-12-31'}");
    const Niva__Compliance__V1__ListStatusesResponse *statuses;
    char output[OUTPUT];

    assert_string_equal(timeline->erased_until, BEFORE);
    assert_string_equal(timeline->erasure_decision, "DNR-G1");
    assert_int_equal(timeline->n_uncounted, 0);
    statuses = (const void *)system_tell(site->system, site->arena,
                                         "niva.compliance.v1.ComplianceService/ListStatuses",
                                         "{'professionGroup': '" GROUP "', 'day': '2018-05-05'}");
    assert_true(statuses->statuses[0]->erased);
    statuses = (const void *)system_tell(site->system, site->arena,
                                         "niva.compliance.v1.ComplianceService/ListStatuses",
                                         "{'professionGroup': '" GROUP "', 'day': '2020-05-05'}");
    assert_false(statuses->statuses[0]->erased);
    refused(site, "niva.compliance.v1.ComplianceService/GetTimeline",
            "{'unit': '" UNIT_1 "', 'professionGroup': '" GROUP "', 'firstDay': '2018-01-01',"
            " 'lastDay': '2018-12-31', 'knownAt': '2019-01-01T12:00:00Z'}");
    refused(site, "niva.compliance.v1.ComplianceService/GetTimeline",
            "{'unit': '" UNIT_1 "', 'professionGroup': '" GROUP "', 'firstDay': '2021-01-01',"
            " 'lastDay': '2021-12-31', 'knownAt': '2019-01-01T12:00:00Z'}");
    refused(site, "niva.compliance.v1.ComplianceService/ListStatuses",
            "{'professionGroup': '" GROUP "', 'day': '2018-05-05', 'knownAt':"
            " '2019-01-01T12:00:00Z'}");
    refused(site, "niva.compliance.v1.ChangeService/ListChanges",
            "{'unit': '" UNIT_1 "', 'professionGroup': '" GROUP "', 'firstDay': '2018-01-01',"
            " 'lastDay': '2018-12-31', 'knownFrom': '2019-01-01T12:00:00Z'}");
    system_tell(site->system, site->arena, "niva.compliance.v1.ChangeService/ListChanges",
                "{'unit': '" UNIT_1 "', 'professionGroup': '" GROUP "', 'firstDay': '2021-01-01',"
                " 'lastDay': '2021-12-31', 'knownFrom': '2021-06-01T12:00:00Z'}");
    system_tell(site->system, site->arena, "niva.compliance.v1.ComplianceService/GetTimeline",
                "{'unit': '" UNIT_1 "', 'professionGroup': '" GROUP "', 'firstDay': '2021-01-01',"
                " 'lastDay': '2021-12-31', 'knownAt': '2021-06-01T12:00:00Z'}");
    nivactl(
        site, 0,
        (const char *const[]){"timeline", "--lang", "en", UNIT_1, "2018-01-01", "2018-12-31", NULL},
        output);
    assert_non_null(strstr(output, "The days before " BEFORE " are erased (decision DNR-G1)"));
}

static void of_what_was_said_all_is_left_but_the_text(void **state)
{
    struct site *site = *state;
    char output[OUTPUT];
    const Niva__Compliance__V1__ListDialogueResponse *dialogue = (const void *)system_tell(
        site->system, site->arena, "niva.compliance.v1.DialogueService/ListDialogue",
        "{'breachId': '%s'}", site->breach);
    const Niva__Compliance__V1__ListErasuresResponse *erasures = (const void *)system_tell(
        site->system, site->arena, "niva.compliance.v1.RetentionService/ListErasures",
        "{'unit': '" UNIT_1 "'}");

    assert_int_equal(dialogue->n_entries, 2);
    for (size_t i = 0; i < dialogue->n_entries; i++) {
        assert_string_equal(dialogue->entries[i]->text, "");
        assert_string_equal(dialogue->entries[i]->erased_by, erasures->erasures[0]->erasure_id);
    }
    assert_int_equal(dialogue->entries[1]->inability->n_steps, 1);
    assert_int_equal(erasures->erasures[0]->dialogue_entries, 2);
    nivactl(site, 0,
            (const char *const[]){"dialogue", "note", site->breach, "Gallrat (fiktivt)", "--lang",
                                  "en", NULL},
            output);
    nivactl(site, 0, (const char *const[]){"dialogue", site->breach, "--lang", "en", NULL}, output);
    assert_non_null(strstr(output, "Cannot recruit. Tried: advertised 2018-08-01"));
    assert_non_null(strstr(output, "The text is erased (erasure "));
    assert_non_null(strstr(output, "2025-02-01  note, purchaser\n            Gallrat (fiktivt)\n"));
}

/* The decision as a letter, as another program reads it. */
static void letter_says(struct site *site, const char *words)
{
    struct niva_text pdf = {0};
    char path[160];
    char output[OUTPUT];
    FILE *file;
    char *text;

    snprintf(path, sizeof path, "%s/letter.pdf", system_directory(site->system));
    nivactl(site, 0, (const char *const[]){"letter", "decision", site->line, "--file", path, NULL},
            output);
    file = fopen(path, "re");
    assert_non_null(file);
    for (int byte = getc(file); byte != EOF; byte = getc(file))
        niva_text_append(&pdf, &(char){(char)byte}, 1);
    fclose(file);
    text = pdf_ask(&pdf, "pdftotext -raw $PDF - | tr -s '\\n' ' '");
    if (strstr(text, words) == NULL)
        fail_msg("expected \"%s\" in:\n%s", words, text);
    free(text);
    niva_text_free(&pdf);
}

/* The line stands as it was decided; a letter says that its words are gone. */
static void of_what_was_decided_all_is_left_but_the_words(void **state)
{
    struct site *site = *state;
    const Niva__Compensation__V1__GetAdjustmentResponse *line =
        (const void *)system_tell(site->system, site->arena, ADJUSTMENTS "GetAdjustment",
                                  "{'adjustmentId': '%s'}", site->line);
    const Niva__Compensation__V1__ListErasuresResponse *erasures = (const void *)system_tell(
        site->system, site->arena, "niva.compensation.v1.RetentionService/ListErasures",
        "{'unit': '" UNIT_1 "'}");

    assert_int_equal(erasures->n_erasures, 1);
    assert_string_equal(erasures->erasures[0]->decision_reference, "DNR-G1");
    assert_int_equal(erasures->erasures[0]->adjustments, 2);
    assert_int_equal(erasures->erasures[0]->settlements, 1);
    assert_int_equal(line->adjustment->state, NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__WAIVED);
    assert_string_equal(line->adjustment->reason, "");
    assert_string_equal(line->adjustment->case_number, "FIKTIV-1");
    assert_string_equal(line->adjustment->erased_by, erasures->erasures[0]->erasure_id);
    assert_string_equal(system_sql(site->system,
                                   "SELECT count(*) FROM compensation.request WHERE reply = ''"
                                   " AND erased_by IS NOT NULL"),
                        "5");
    letter_says(site, "Texten har gallrats.");
}

/* Runs SQL as the role of compensation, which must be refused with this condition. */
static void role_refused(struct site *site, const char *sql, const char *condition)
{
    char text[600];

    snprintf(text, sizeof text,
             "DO $$ BEGIN SET LOCAL ROLE niva_compensation; SET LOCAL search_path TO compensation;"
             " %s; PERFORM 1 / 0; EXCEPTION WHEN %s THEN NULL; END $$",
             sql, condition);
    system_sql(site->system, text);
}

static void the_role_erases_words_by_decision_alone(void **state)
{
    static const char none[] = "'{}'::uuid[], '{}'::integer[], '{}'::bytea[]";
    struct site *site = *state;
    char call[400];

    role_refused(site, "UPDATE adjustment_version SET body = ''", "insufficient_privilege");
    role_refused(site, "UPDATE settlement_version SET body = ''", "insufficient_privilege");
    role_refused(site, "UPDATE fact SET body = ''", "insufficient_privilege");
    snprintf(call, sizeof call, "PERFORM erase_words(1, %s, %s)", none, none);
    role_refused(site, call, "raise_exception");
    snprintf(call, sizeof call,
             "PERFORM erase_words((SELECT fact_no FROM fact WHERE kind = 'erasure'), %s, %s)", none,
             none);
    role_refused(site, call, "raise_exception");
}

static void what_is_left_can_still_be_judged(void **state)
{
    struct site *site = *state;
    const Niva__Compliance__V1__GetTimelineResponse *timeline;

    system_tell(site->system, site->arena, "niva.compliance.v1.FindingService/PutFinding",
                "{'finding': {'unit': '" UNIT_1 "', 'professionGroup': '" GROUP
                "', 'firstDay': '2018-05-01', 'lastDay': '2018-05-31', 'countedMilli': 2000,"
                " 'evidence': 'fiktivt', 'caseNumber': 'x'}}");
    timeline = (const void *)system_tell(
        site->system, site->arena, "niva.compliance.v1.ComplianceService/GetTimeline",
        "{'unit': '" UNIT_1 "', 'professionGroup': '" GROUP "', 'firstDay': '2018-04-01',"
        " 'lastDay': '2018-05-31'}");
    assert_int_equal(timeline->n_segments, 2);
    assert_int_equal(timeline->segments[0]->counted_milli, 1500);
    assert_int_equal(timeline->segments[1]->counted_milli, 2000);
}

static int site_open(void **state)
{
    static struct site site;

    site.system = system_new(true);
    site.arena = niva_arena_new(ARENA_BYTES);
    past_tell(&site);
    present_tell(&site);
    site.said = all_said(&site);
    *state = &site;
    return 0;
}

static int site_close(void **state)
{
    struct site *site = *state;

    site->system = system_free(site->system);
    site->arena = niva_arena_free(site->arena);
    free(site->said);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(external_events_never_carry_a_person),
        cmocka_unit_test(what_was_said_stays),
        cmocka_unit_test(no_person_is_left),
        cmocka_unit_test(the_erased_past_says_so),
        cmocka_unit_test(of_what_was_said_all_is_left_but_the_text),
        cmocka_unit_test(of_what_was_decided_all_is_left_but_the_words),
        cmocka_unit_test(the_role_erases_words_by_decision_alone),
        cmocka_unit_test(everything_is_still_proved),
        cmocka_unit_test(what_is_left_can_still_be_judged),
    };
    int failed = cmocka_run_group_tests_name("erasure", tests, site_open, site_close);

    return failed ? 1 : 0;
}
