#include "tests/support/year.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/settlement.pb-c.h"
#include "niva/compliance/v1/call.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/dialogue.pb-c.h"
#include "niva/compliance/v1/dispensation.pb-c.h"
#include "services/common/wire/json.h"
#include "tests/support/process.h"
#include "tests/support/random_facts.h"

enum {
    FACTS = 4,  /* of load.h, from one instant to the next */
    OTHERS = 2, /* and beside them */
    IDS_MAX = 64,
    CALL_MS = 30000,
    ARENA_BYTES = 16 << 20,
};
static const niva_instant SECOND = 1000000;
static const niva_instant HOUR = INT64_C(3600000000);

/* Facts that may be changed later. */
struct ids {
    size_t count;
    char list[IDS_MAX][40];
};

struct year {
    struct system *system;
    struct random_source source;
    struct load_client *client;
    struct niva_arena *arena;
    niva_day today;
    niva_instant now; /* of the next fact */
    unsigned serial;
    struct ids dispensations;
    char finding[40]; /* that is to be changed; "": none */
    size_t finding_unit;
    char measure[40];  /* that has not ended; "": none */
    char measured[40]; /* its breach */
    size_t counts[YEAR_KINDS];
};

/* ---- drawing ---- */

static int draw(struct year *year, int least, int most)
{
    return random_in(&year->source, least, most);
}

const char *year_unit(size_t index)
{
    static char id[32];

    snprintf(id, sizeof id, "SE2321000016-LAST%02zu", index);
    return id;
}

static const char *any_unit(struct year *year)
{
    return year_unit((size_t)draw(year, 0, (int)load_unit_count - 1));
}

static const char *day_text(struct year *year, niva_day day)
{
    char text[16];
    char *copy;

    niva_day_format(day, text);
    copy = niva_arena_strdup(year->arena, text);
    if (copy == NULL)
        give_up("no memory");
    return copy;
}

static const char *id_take(struct year *year, struct ids *ids)
{
    size_t at = (size_t)draw(year, 0, (int)ids->count - 1);
    char *copy = niva_arena_strdup(year->arena, ids->list[at]);

    if (copy == NULL)
        give_up("no memory");
    memmove(ids->list[at], ids->list[--ids->count], sizeof ids->list[0]);
    return copy;
}

static void id_keep(struct ids *ids, const char *id)
{
    if (ids->count < IDS_MAX)
        snprintf(ids->list[ids->count++], sizeof ids->list[0], "%s", id);
}

/* ---- telling ---- */

/* NULL where the state of things refuses it: nothing was recorded then. */
__attribute__((format(printf, 4, 5))) static ProtobufCMessage *
tell(struct year *year, enum year_kind kind, const char *method, const char *json, ...)
{
    const struct niva_rpc_options options = {
        .timeout_ms = CALL_MS, .principal = "fiktiv-handläggare", .recorded_at = year->now};
    ProtobufCMessage *reply;
    struct niva_error err;
    char text[2048];
    va_list arguments;
    int length;

    va_start(arguments, json);
    length = vsnprintf(text, sizeof text, json, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text)
        give_up("%s: the request is too long", method);
    if (system_call(year->system, method, text, &options, year->arena, &reply, &err)) {
        year->counts[kind]++;
        year->now += SECOND;
        year->serial++;
        return reply;
    }
    if (err.code == NIVA_FAILED_PRECONDITION)
        return NULL;
    system_show_logs(year->system);
    give_up("%s %s: %s: %s %s", method, text, niva_code_name((int)err.code), err.text_en,
            err.violation_count > 0 ? err.violations[0].field : "");
}

/* A mail of some days ago is registered now. */
static void report_received_earlier(struct year *year)
{
    char received[32];

    niva_instant_format(year->now - draw(year, 1, 20 * 24) * HOUR, received);
    tell(year, YEAR_RECEIVED_EARLIER, "niva.intake.v1.ReportService/SubmitReport",
         "{'report': {'unit': '%s', 'professionGroup': 'fysioterapeut', 'effectiveFrom': '%s',"
         " 'reason': 'PERIODIC', 'receivedAt': '%s', 'positions': [{'positionKey': 'p1',"
         " 'titleCode': 'FT', 'employment': 'EMPLOYED', 'fteMilli': %d, 'licensed': true}]}}",
         any_unit(year), day_text(year, year->today - draw(year, -10, 30)), received,
         100 * draw(year, 5, 10));
}

static void report_with_original(struct year *year)
{
    tell(year, YEAR_ORIGINAL, "niva.intake.v1.ReportService/SubmitReport",
         "{'report': {'unit': '%s', 'professionGroup': 'fysioterapeut', 'effectiveFrom': '%s',"
         " 'reason': 'PERIODIC', 'positions': [{'positionKey': 'p2', 'titleCode': 'SG',"
         " 'employment': 'SUBSTITUTE', 'fteMilli': 750, 'licensed': true}]},"
         " 'original': {'mediaType': 'text/plain', 'fileName': 'fiktiv-%u.txt',"
         " 'content': 'RmlrdGl2'}}",
         any_unit(year), day_text(year, year->today), year->serial);
}

static void staffing_confirm(struct year *year)
{
    tell(year, YEAR_CONFIRMATION, "niva.intake.v1.ReportService/ConfirmStaffing",
         "{'unit': '%s', 'professionGroup': 'fysioterapeut', 'asOf': '%s'}", any_unit(year),
         day_text(year, year->today - draw(year, 0, 5)));
}

/* A listing as a file. */
static void listings_import(struct year *year, niva_day as_of)
{
    struct niva_text file = {0};
    struct niva_text content = {0};

    niva_text_printf(&file, "Enhet;Dag;Listade\r\n%s;%s;%d\r\n", any_unit(year),
                     day_text(year, as_of), draw(year, 1000, 9000));
    if (!file.failed)
        wire_base64_print((const uint8_t *)file.data, file.length, &content);
    if (file.failed || content.failed)
        give_up("no memory");
    tell(year, YEAR_LISTINGS, "niva.compliance.v1.RequirementService/ImportListings",
         "{'fileName': 'listning.csv', 'content': '%s'}", content.data);
    niva_text_free(&file);
    niva_text_free(&content);
}

static void listings_put(struct year *year)
{
    niva_day as_of = niva_month_begin(year->today - 31 * draw(year, 0, 2)) - 1;

    if (random_once_in(&year->source, 2)) {
        listings_import(year, as_of);
        return;
    }
    tell(year, YEAR_LISTINGS, "niva.compliance.v1.RequirementService/PutListings",
         "{'listings': [{'unit': '%s', 'asOf': '%s', 'listed': %d, 'weightedMilli': '%d'}]}",
         any_unit(year), day_text(year, as_of), draw(year, 1000, 9000),
         1000 * draw(year, 1000, 9000));
}

static void indicators_put(struct year *year)
{
    static const char *const codes[] = {"besök", "patienter"};
    niva_day month = niva_month_begin(year->today - 31 * draw(year, 1, 4));
    const char *code = codes[draw(year, 0, 1)];
    char value[48];
    char period[16];

    snprintf(value, sizeof value, "'valueMilli': '%d'", 1000 * draw(year, 0, 900));
    niva_month_format(month, period);
    tell(year, YEAR_INDICATORS, "niva.compliance.v1.FollowUpService/PutIndicators",
         "{'indicators': [{'unit': '%s', 'professionGroup': 'fysioterapeut', 'code': '%s',"
         " 'period': '%s', %s, 'measure': 'antal', 'source': 'Fiktivt uttag %u'}]}",
         any_unit(year), code, period, value, year->serial);
}

static void dispensation_grant(struct year *year)
{
    bool regional = random_once_in(&year->source, 3);
    niva_day first = year->today - draw(year, 0, 40);
    const Niva__Compliance__V1__GrantDispensationResponse *reply = (const void *)tell(
        year, YEAR_DISPENSATION, "niva.compliance.v1.DispensationService/GrantDispensation",
        "{'dispensation': {'unit': '%s', 'regionCode': '%s', 'professionGroup': 'fysioterapeut',"
        " 'firstDay': '%s', 'lastDay': '%s', 'decisionReference': 'Fiktivt beslut %u'}}",
        regional ? "" : any_unit(year), regional ? "99" : "", day_text(year, first),
        day_text(year, year->today + draw(year, 12, 60)), year->serial);

    if (reply != NULL)
        id_keep(&year->dispensations, reply->dispensation->dispensation_id);
}

static void dispensation_revoke(struct year *year)
{
    if (year->dispensations.count > 0)
        tell(year, YEAR_REVOCATION, "niva.compliance.v1.DispensationService/RevokeDispensation",
             "{'dispensationId': '%s', 'fromDay': '%s'}", id_take(year, &year->dispensations),
             day_text(year, year->today + draw(year, 1, 10)));
}

static void dispensation_void(struct year *year)
{
    if (year->dispensations.count > 0)
        tell(year, YEAR_VOIDING, "niva.compliance.v1.DispensationService/VoidDispensation",
             "{'dispensationId': '%s', 'reason': 'Fiktivt skäl'}",
             id_take(year, &year->dispensations));
}

/* Every other time a version of one that was put before. */
static void finding_put(struct year *year)
{
    niva_day first = year->today - draw(year, 0, 60);
    bool again = year->finding[0] != '\0';
    const Niva__Compliance__V1__PutFindingResponse *reply;

    if (!again)
        year->finding_unit = (size_t)draw(year, 0, (int)load_unit_count - 1);
    reply = (const void *)tell(
        year, YEAR_FINDING_CHANGE, "niva.compliance.v1.FindingService/PutFinding",
        "{'finding': {'findingId': '%s', 'unit': '%s', 'professionGroup': 'fysioterapeut',"
        " 'firstDay': '%s', 'lastDay': '%s', 'countedMilli': %d, 'evidence': 'Besök (fiktivt)',"
        " 'caseNumber': 'FIKTIV-%u'}}",
        year->finding, year_unit(year->finding_unit), day_text(year, first),
        day_text(year, first + draw(year, 0, 10)), 250 * draw(year, 0, 8), year->serial);
    snprintf(year->finding, sizeof year->finding, "%s",
             again || reply == NULL ? "" : reply->finding->finding_id);
}

/* Another tolerance and threshold, for all the days of the rule set. */
static void rule_set_put(struct year *year)
{
    bool second = random_once_in(&year->source, 2);
    const char *region = second ? "99" : "98";

    tell(year, YEAR_RULE_SET, "niva.compliance.v1.RuleService/PutRuleSet",
         "{'ruleSet': {'ruleSetId': 'fysioterapi-%s', 'regionCode': '%s',"
         " 'professionGroup': 'fysioterapeut', 'firstDay': '2022-01-01', 'severity': 'BINDING',"
         " 'decisionReference': 'Fiktivt beslut %u', 'requirement': {'kind': 'GREATER_OF',"
         " 'personsPerFte': %d}, 'counting': {'titleCodes': ['FT', 'SG'], 'employments':"
         " ['EMPLOYED', 'SUBSTITUTE', 'HIRED'], 'absenceThresholdDays': %d, 'toleranceMilli': %d},"
         " 'reporting': {'reportMaxAgeDays': %d, 'changeWithinDays': 14}, 'regulation':"
         " {'formula': '%s'}}}",
         region, region, year->serial, draw(year, 2500, 6000), draw(year, 5, 30),
         50 * draw(year, 0, 4), draw(year, 60, 365), second ? "PRO_RATA" : "ALL_OR_NOTHING");
}

/* A unit is renamed and sold, or moves to the other region for a time. */
static void unit_change(struct year *year)
{
    unsigned unit = (unsigned)draw(year, 0, (int)load_unit_count - 1);
    bool moved = random_once_in(&year->source, 4);

    tell(year, YEAR_UNIT_CHANGE, "niva.intake.v1.UnitService/PutUnit",
         "{'unit': {'hsaId': '%s', 'name': 'Vårdcentralen %u.%u (fiktiv)', 'regionCode': '%s',"
         " 'owners': [{'orgNumber': '2321000016', 'form': 'INTRAPRENAD', 'firstDay':"
         " '2020-01-01'}, {'orgNumber': '5560360793', 'form': 'PRIVATE', 'firstDay': '%s'}],"
         " 'openedOn': '2020-01-01', 'closedOn': '%s'}}",
         year_unit(unit), unit, year->serial, (unit % 2 == 0) != moved ? "98" : "99",
         day_text(year, year->today + draw(year, -60, 60)),
         random_once_in(&year->source, 4)
             ? day_text(year, niva_day_from_civil(2022, 11, 15) + draw(year, 0, 30))
             : "");
}

/* Every third is voided at once: it was issued by mistake. */
static void call_issue(struct year *year)
{
    bool regional = random_once_in(&year->source, 2);
    const Niva__Compliance__V1__IssueCallResponse *reply = (const void *)tell(
        year, YEAR_CALL, "niva.compliance.v1.ComplianceService/IssueCall",
        "{'call': {'unit': '%s', 'regionCode': '%s', 'professionGroup': 'fysioterapeut',"
        " 'reference': 'Fiktiv skrivelse %u'}}",
        regional ? "" : any_unit(year), regional ? "98" : "", year->serial);

    if (reply != NULL && random_once_in(&year->source, 3))
        tell(year, YEAR_CALL_VOIDED, "niva.compliance.v1.ComplianceService/VoidCall",
             "{'callId': '%s', 'reason': 'Fiktivt skäl'}", reply->call->call_id);
}

/* A breach of any kind; "" where there is none yet. */
static const char *any_breach(struct year *year)
{
    const Niva__Compliance__V1__ListBreachesResponse *breaches;
    ProtobufCMessage *reply;
    struct niva_error err;

    if (!system_call(year->system, "niva.compliance.v1.ComplianceService/ListBreaches",
                     "{'pageSize': 1000}", NULL, year->arena, &reply, &err))
        give_up("ListBreaches: %s", err.text_en);
    breaches = (const void *)reply;
    return breaches->n_breaches == 0
               ? ""
               : breaches->breaches[draw(year, 0, (int)breaches->n_breaches - 1)]->breach_id;
}

/* A unit is told of a breach, states its view and promises a measure; one of before ends. */
static void dialogue_go_on(struct year *year)
{
    const char *breach = any_breach(year);
    const Niva__Compliance__V1__AgreeMeasureResponse *agreed;

    if (*breach == '\0')
        return;
    if (year->measure[0] != '\0')
        tell(year, YEAR_MEASURE_ENDED, "niva.compliance.v1.DialogueService/CompleteMeasure",
             "{'breachId': '%s', 'measureId': '%s', 'outcome': 'MISSED'}", year->measured,
             year->measure);
    year->measure[0] = '\0';
    tell(year, YEAR_DIALOGUE, "niva.compliance.v1.DialogueService/OpenDialogue",
         "{'breachId': '%s', 'text': 'Fiktivt underlag %u', 'caseOfficer': 'Fiktiv %u'}", breach,
         year->serial, year->serial);
    tell(year, YEAR_STATEMENT, "niva.compliance.v1.DialogueService/Answer",
         "{'breachId': '%s', 'text': 'Fiktivt yttrande %u', 'inability': {'steps': [{'kind':"
         " 'ADVERTISED', 'day': '%s'}]}}",
         breach, year->serial, day_text(year, year->today));
    agreed = (const void *)tell(
        year, YEAR_MEASURE, "niva.compliance.v1.DialogueService/AgreeMeasure",
        "{'breachId': '%s', 'side': 'PROVIDER', 'dueOn': '%s', 'promisedMilli': %d, 'text':"
        " 'Fiktiv åtgärd %u'}",
        breach, day_text(year, year->today + 30), draw(year, 0, 1000), year->serial);
    if (agreed == NULL)
        return;
    snprintf(year->measure, sizeof year->measure, "%s", agreed->entry->entry_id);
    snprintf(year->measured, sizeof year->measured, "%s", breach);
}

/* As somebody else than who registers facts; NULL where the state of things refuses it. */
__attribute__((format(printf, 4, 5))) static ProtobufCMessage *
tell_as(struct year *year, const char *principal, const char *method, const char *json, ...)
{
    const struct niva_rpc_options options = {
        .timeout_ms = CALL_MS, .principal = principal, .recorded_at = year->now};
    ProtobufCMessage *reply;
    struct niva_error err;
    char text[1024];
    va_list arguments;

    va_start(arguments, json);
    vsnprintf(text, sizeof text, json, arguments);
    va_end(arguments);
    if (system_call(year->system, method, text, &options, year->arena, &reply, &err)) {
        year->now += SECOND;
        return reply;
    }
    if (err.code != NIVA_FAILED_PRECONDITION)
        give_up("%s %s: %s", method, text, err.text_en);
    return NULL;
}

#define ADJUSTMENTS "niva.compensation.v1.AdjustmentService/"
#define SETTLEMENTS "niva.compensation.v1.SettlementService/"

/* The lines in a state are prepared and decided, those that can be. */
static void lines_decide(struct year *year, const char *line_state)
{
    const Niva__Compensation__V1__ListAdjustmentsResponse *lines =
        (const void *)tell_as(year, "fiktiv-beredare", ADJUSTMENTS "ListAdjustments",
                              "{'state': '%s', 'pageSize': 5}", line_state);

    for (size_t i = 0; lines != NULL && i < lines->n_adjustments; i++) {
        const char *id = lines->adjustments[i]->adjustment_id;
        long long ore = lines->adjustments[i]->computed_ore;

        if (tell_as(year, "fiktiv-beredare", ADJUSTMENTS "PrepareAdjustment",
                    "{'adjustmentId': '%s', 'computedOre': %lld}", id, ore) != NULL &&
            tell_as(year, "fiktiv-beslutsfattare", ADJUSTMENTS "DecideAdjustment",
                    "{'adjustmentId': '%s', 'computedOre': %lld, 'decision': 'APPROVE',"
                    " 'caseNumber': 'FIKTIV %u', 'delegation': 'Fiktiv 1'}",
                    id, ore, year->serial) != NULL)
            year->counts[YEAR_DECISION]++;
    }
}

/* What was decided leaves for the ledger; every other time that is taken back, or booked. */
static void settlement_make(struct year *year)
{
    const Niva__Compensation__V1__ExportSettlementResponse *exported;
    char month[16];

    lines_decide(year, "PROPOSED");
    lines_decide(year, "IN_DIALOGUE");
    niva_month_format(year->today, month);
    exported =
        (const void *)tell_as(year, "fiktiv-ekonom", SETTLEMENTS "ExportSettlement",
                              "{'regionCode': '98', 'period': '%s', 'format': 'CSV'}", month);
    if (exported == NULL)
        return;
    year->counts[YEAR_SETTLEMENT]++;
    if (random_once_in(&year->source, 2) &&
        tell_as(year, "fiktiv-ekonom", SETTLEMENTS "VoidSettlement",
                "{'settlementId': '%s', 'reason': 'Fiktivt skäl'}",
                exported->settlement->settlement_id) != NULL)
        year->counts[YEAR_SETTLEMENT_ENDED]++;
    else if (random_once_in(&year->source, 4) &&
             tell_as(year, "fiktiv-ekonom", SETTLEMENTS "ConfirmBooking",
                     "{'settlementId': '%s', 'voucherNumber': 'R %u'}",
                     exported->settlement->settlement_id, year->serial) != NULL)
        year->counts[YEAR_SETTLEMENT_ENDED]++;
}

static void other_come(struct year *year)
{
    static void (*const others[])(struct year * year) = {
        report_received_earlier,
        report_received_earlier,
        report_with_original,
        staffing_confirm,
        staffing_confirm,
        listings_put,
        listings_put,
        indicators_put,
        indicators_put,
        dispensation_grant,
        dispensation_grant,
        dispensation_revoke,
        dispensation_void,
        finding_put,
        finding_put,
        unit_change,
        call_issue,
        dialogue_go_on,
        dialogue_go_on,
        settlement_make,
    };

    if (random_once_in(&year->source, 40))
        rule_set_put(year);
    else
        others[draw(year, 0, sizeof others / sizeof *others - 1)](year);
}

/* ---- the year ---- */

static void day_begin(struct year *year, niva_day day)
{
    system_begin_day(year->system, day, niva_local_midnight(day));
    system_wait(year->system);
    year->today = day;
    year->now = niva_local_midnight(day) + 8 * HOUR;
}

struct year *year_new(struct system *system, uint64_t seed)
{
    struct year *year = calloc(1, sizeof *year);

    if (year == NULL || (year->arena = niva_arena_new(ARENA_BYTES)) == NULL)
        give_up("no memory");
    year->system = system;
    year->source = random_seed(seed);
    year->client = load_client_new(system, 1, seed);
    day_begin(year, niva_day_from_civil(2022, 1, 3));
    load_prepare(system);
    day_begin(year, niva_day_from_civil(2022, 1, 5));
    return year;
}

struct year *year_free(struct year *year)
{
    if (year == NULL)
        return NULL;
    load_client_free(year->client);
    niva_arena_free(year->arena);
    free(year);
    return NULL;
}

niva_instant year_go_on(struct year *year)
{
    niva_instant instant;

    niva_arena_reset(year->arena);
    if (!random_once_in(&year->source, 3))
        day_begin(year, year->today + draw(year, 1, 4));
    for (int i = 0; i < FACTS; i++, year->now += SECOND)
        if (!load_client_next(year->client, year->now)) {
            system_show_logs(year->system);
            give_up("a fact was not acknowledged");
        }
    for (int i = 0; i < OTHERS; i++)
        other_come(year);
    system_wait(year->system);
    instant = year->now + 30 * SECOND;
    year->now += 60 * SECOND;
    return instant;
}

size_t year_count(const struct year *year, enum year_kind kind)
{
    return year->counts[kind];
}
