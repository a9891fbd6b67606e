/* Rows altered, put in and taken away by hand, as the superuser can: each is found, with its name,
 * by the service that keeps it or by nivactl across services; and with every row as it was again,
 * nothing is found. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compliance/v1/dialogue.pb-c.h"
#include "niva/compliance/v1/events.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "services/common/base/text.h"
#include "services/nivactl/commands.h"
#include "tests/support/process.h"
#include "tests/support/system.h"

#define GROUP "fysioterapeut"
#define A     "SE2321000016-A001"
#define B     "SE2321000016-A002"
#define LOST  "SE2321000016-A009"

enum { ARENA_BYTES = 64 << 20, SQL_BYTES = 64 << 10, CALL_MS = 10000 };

static struct {
    struct system *system;
    struct niva_arena *arena;
} site;

/* ---- a small region with something of everything ---- */

static void component_tell(const char *unit, int kronor)
{
    system_tell(site.system, site.arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{'component': {'component': 'fysioterapi', 'unit': '%s',"
                " 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'monthlyOre': '%d00', 'regulated': true}}",
                unit, kronor);
}

static void unit_tell(const char *unit)
{
    system_tell(site.system, site.arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '%s', 'name': 'Vårdcentralen Fiktiv %s', 'regionCode': '19',"
                " 'owners': [{'orgNumber': '2321000016', 'form': 'REGION_RUN',"
                " 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01'}}",
                unit, unit + strlen(unit) - 1);
    system_tell(site.system, site.arena, "niva.compliance.v1.RequirementService/PutContract",
                "{'contract': {'unit': '%s', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'minimumMilli': 1500}}",
                unit);
    component_tell(unit, 100000);
}

static void report_tell(const char *unit, const char *day, int milli)
{
    system_tell(site.system, site.arena, "niva.intake.v1.ReportService/SubmitReport",
                "{'report': {'unit': '%s', 'professionGroup': '" GROUP "', 'effectiveFrom': '%s',"
                " 'positions': [{'positionKey': 'ft-1', 'titleCode': 'FT', 'employment':"
                " 'EMPLOYED', 'fteMilli': %d, 'licensed': true}]}, 'original': {'mediaType':"
                " 'text/plain', 'fileName': 'redovisning.txt', 'content': 'RmlrdGl2'}}",
                unit, day, milli);
}

/* A dialogue with a measure that has ended. */
static void dialogue_tell(void)
{
    const Niva__Compliance__V1__ListBreachesResponse *breaches = (const void *)system_tell(
        site.system, site.arena, "niva.compliance.v1.ComplianceService/ListBreaches",
        "{'unit': '" A "', 'kind': 'BELOW_MINIMUM', 'state': 'OPEN'}");
    const Niva__Compliance__V1__AgreeMeasureResponse *agreed;
    const char *id;

    assert_int_equal(breaches->n_breaches, 1);
    id = breaches->breaches[0]->breach_id;
    system_tell(site.system, site.arena, "niva.compliance.v1.DialogueService/OpenDialogue",
                "{'breachId': '%s', 'text': 'Fiktivt'}", id);
    agreed = (const void *)system_tell(
        site.system, site.arena, "niva.compliance.v1.DialogueService/AgreeMeasure",
        "{'breachId': '%s', 'side': 'PROVIDER', 'dueOn': '2022-03-01', 'text': 'Fiktiv'}", id);
    system_tell(site.system, site.arena, "niva.compliance.v1.DialogueService/CompleteMeasure",
                "{'breachId': '%s', 'measureId': '%s', 'outcome': 'COMPLETED'}", id,
                agreed->entry->entry_id);
}

/* Asks something about the proposal of January of a unit, as somebody. */
static void january_ask(const char *unit, const char *principal, const char *method,
                        const char *more)
{
    const struct niva_rpc_options options = {
        .timeout_ms = CALL_MS, .recorded_at = INT64_MIN, .principal = principal};
    const Niva__Compensation__V1__ListAdjustmentsResponse *list = (const void *)system_tell(
        site.system, site.arena, "niva.compensation.v1.AdjustmentService/ListAdjustments",
        "{'unit': '%s', 'period': '2022-01'}", unit);
    char json[640];
    ProtobufCMessage *reply;
    struct niva_error err;

    snprintf(json, sizeof json, "{'adjustmentId': '%s', 'computedOre': '%" PRId64 "'%s}",
             list->adjustments[0]->adjustment_id, list->adjustments[0]->computed_ore, more);
    if (!system_call(site.system, method, json, &options, site.arena, &reply, &err))
        fail_msg("%s: %s (%s)", method, err.text_en, err.cause);
}

/* January of one unit is revised, that of the other waits for its decision, signed. */
static void january_decide(void)
{
    january_ask(A, "fiktiv.handlaggare.1",
                "niva.compensation.v1.AdjustmentService/PrepareAdjustment",
                ", 'statement': 'Fiktivt yttrande'");
    january_ask(A, "fiktiv.beslutsfattare.1",
                "niva.compensation.v1.AdjustmentService/ReviseAdjustment",
                ", 'revisedOre': '100', 'reasonCode': 'OTHER', 'reason': 'Fiktivt skäl',"
                " 'caseNumber': 'FIKTIV-2', 'delegation': 'Fiktiv delegation 1'");
    january_ask(B, "fiktiv.handlaggare.1",
                "niva.compensation.v1.AdjustmentService/PrepareAdjustment", "");
}

static void region_tell(void)
{
    system_today(site.system, "2022-01-03");
    system_tell(
        site.system, site.arena, "niva.compliance.v1.RuleService/PutRuleSet",
        "{'ruleSet': {'ruleSetId': 'fysioterapi', 'regionCode': '19', 'professionGroup': '" GROUP
        "', 'firstDay': '2022-01-01', 'severity': 'BINDING', 'requirement':"
        " {'kind': 'CONTRACTED'}, 'counting': {'titleCodes': ['FT'], 'employments':"
        " ['EMPLOYED'], 'absenceThresholdDays': 30}, 'regulation':"
        " {'formula': 'PRO_RATA'}}}");
    unit_tell(A);
    unit_tell(B);
    report_tell(A, "2022-01-01", 1000);
    report_tell(B, "2022-01-01", 1000);
    system_today(site.system, "2022-02-10");
    report_tell(A, "2022-02-05", 800);
    report_tell(B, "2022-01-20", 900); /* what was proposed of January is superseded */
    report_tell(B, "2022-02-08", 1000);
    system_tell(site.system, site.arena, "niva.compliance.v1.FindingService/PutFinding",
                "{'finding': {'unit': '" A "', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-11', 'lastDay': '2022-01-20', 'countedMilli': 1500,"
                " 'evidence': 'Fiktivt besök', 'caseNumber': 'FIKTIV-1'}}");
    system_tell(site.system, site.arena, "niva.compliance.v1.RequirementService/PutContract",
                "{'contract': {'unit': '" LOST "', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'minimumMilli': 1500}}");
    component_tell(LOST, 100);
    component_tell(LOST, 200);
    system_today(site.system, "2022-02-15");
    dialogue_tell();
    system_wait(site.system);
    january_decide();
}

/* ---- all rows, kept and put back ---- */

#define EVERY_TABLE                                                                                \
    "DO $$ DECLARE t record; BEGIN FOR t IN SELECT schemaname AS s, tablename AS n FROM pg_tables" \
    " WHERE schemaname IN ('intake', 'compliance', 'compensation') LOOP "

static void rows_keep(void)
{
    system_sql(site.system,
               "CREATE SCHEMA kept; " EVERY_TABLE
               "EXECUTE format('CREATE TABLE kept.%I AS TABLE %I.%I', t.s || '_' || t.n, t.s, t.n);"
               " END LOOP; END $$");
}

/* The heads are locked first, as the writers do: whoever waits finds all rows again. */
static void rows_restore(void)
{
    system_sql(site.system,
               "BEGIN; LOCK TABLE intake.stream_head, compliance.stream_head,"
               " compensation.stream_head; " EVERY_TABLE
               "EXECUTE format('DELETE FROM %I.%I', t.s, t.n);"
               " EXECUTE format('INSERT INTO %I.%I TABLE kept.%I', t.s, t.n, t.s || '_' || t.n);"
               " END LOOP; END $$; COMMIT");
}

/* ---- alterations that keep a body readable ---- */

/* The bytes that a query answers, read as a message. */
static ProtobufCMessage *body_read(const ProtobufCMessageDescriptor *type, const char *select)
{
    char sql[1000];
    const char *hex;
    ProtobufCMessage *message;
    struct niva_error err;
    uint8_t *bytes;
    size_t size;

    snprintf(sql, sizeof sql, "SELECT encode(body, 'hex') FROM (%s) one", select);
    hex = system_sql(site.system, sql);
    size = strlen(hex) / 2;
    bytes = niva_arena_alloc(site.arena, size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        unsigned byte;

        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        bytes[i] = (uint8_t)byte;
    }
    if (!niva_wire_unpack(type, bytes, size, false, site.arena, &message, &err))
        fail_msg("%s: %s", select, err.text_en);
    return message;
}

static void body_write(const char *update, const ProtobufCMessage *message, const char *where)
{
    static char sql[SQL_BYTES];
    ProtobufCBinaryData bytes;
    struct niva_error err;
    char *hex;

    assert_true(niva_wire_pack(message, site.arena, &bytes, &err));
    hex = niva_arena_alloc(site.arena, 2 * bytes.len + 1);
    assert_non_null(hex);
    niva_hex(bytes.data, bytes.len, hex);
    assert_true(snprintf(sql, sizeof sql, "%s SET body = '\\x%s' %s", update, hex, where) <
                (int)sizeof sql);
    system_sql(site.system, sql);
}

#define ONE_PROPOSED                                                                               \
    "WHERE adjustment_id = (SELECT min(adjustment_id::text)::uuid FROM"                            \
    " compensation.adjustment WHERE state = 2)"

/* An amount, in the line and in its last version alike. */
static void amount_alter(void)
{
    Niva__Compensation__V1__Adjustment *line =
        (void *)body_read(&niva__compensation__v1__adjustment__descriptor,
                          "SELECT body FROM compensation.adjustment " ONE_PROPOSED);

    line->deduction_ore -= 100;
    body_write("UPDATE compensation.adjustment", &line->base, ONE_PROPOSED);
    body_write("UPDATE compensation.adjustment_version v", &line->base,
               ONE_PROPOSED " AND version = (SELECT max(version) FROM"
                            " compensation.adjustment_version l"
                            " WHERE l.adjustment_id = v.adjustment_id)");
}

static void preliminary_alter(void)
{
    static const char where[] = "WHERE state = 1 AND unit = '" A "'";
    Niva__Compensation__V1__Adjustment *line =
        (void *)body_read(&niva__compensation__v1__adjustment__descriptor,
                          "SELECT body FROM compensation.adjustment WHERE state = 1"
                          " AND unit = '" A "'");

    line->deduction_ore += 1;
    body_write("UPDATE compensation.adjustment", &line->base, where);
}

/* The last month that compliance told of a unit: less is missing. */
static void month_alter(void)
{
    static const char where[] = "WHERE unit = '" B "' AND month = '2022-02-01' AND version ="
                                " (SELECT max(version) FROM compensation.month_timeline"
                                " WHERE unit = '" B "' AND month = '2022-02-01')";
    char select[500];
    Niva__Compliance__V1__TimelineChanged *month;

    snprintf(select, sizeof select, "SELECT body FROM compensation.month_timeline %s", where);
    month = (void *)body_read(&niva__compliance__v1__timeline_changed__descriptor, select);
    for (size_t i = 0; i < month->n_runs; i++)
        if (month->runs[i]->segment->shortfall_milli > 0)
            month->runs[i]->segment->shortfall_milli--;
    body_write("UPDATE compensation.month_timeline", &month->base, where);
}

/* What nothing is computed from. */
static void month_name_alter(void)
{
    static const char where[] = "WHERE unit = '" A "' AND month = '2022-01-01' AND version ="
                                " (SELECT max(version) FROM compensation.month_timeline"
                                " WHERE unit = '" A "' AND month = '2022-01-01')";
    char select[500];
    Niva__Compliance__V1__TimelineChanged *month;

    snprintf(select, sizeof select, "SELECT body FROM compensation.month_timeline %s", where);
    month = (void *)body_read(&niva__compliance__v1__timeline_changed__descriptor, select);
    month->registered_unit->name = (char *)"En annan";
    body_write("UPDATE compensation.month_timeline", &month->base, where);
}

#define DECIDED_WHERE "WHERE state = 4"
#define DECIDED_LAST                                                                               \
    " WHERE state = 4 AND version = (SELECT max(version) FROM compensation.adjustment_version l"   \
    " WHERE l.adjustment_id = v.adjustment_id)"

/* What was decided, in the line and in its version alike; the fact stays. */
static void decided_alter(void (*change)(Niva__Compensation__V1__Adjustment *line))
{
    Niva__Compensation__V1__Adjustment *line =
        (void *)body_read(&niva__compensation__v1__adjustment__descriptor,
                          "SELECT body FROM compensation.adjustment " DECIDED_WHERE);

    change(line);
    body_write("UPDATE compensation.adjustment", &line->base, DECIDED_WHERE);
    body_write("UPDATE compensation.adjustment_version v", &line->base, DECIDED_LAST);
}

static void reason_change(Niva__Compensation__V1__Adjustment *line)
{
    line->reason = (char *)"Ett annat skäl";
}

/* A text that no event carries. */
static void reason_alter(void)
{
    decided_alter(reason_change);
}

static void taken_change(Niva__Compensation__V1__Adjustment *line)
{
    line->deduction_ore = 50;
}

static void taken_alter(void)
{
    decided_alter(taken_change);
}

static void decider_change(Niva__Compensation__V1__Adjustment *line)
{
    line->decided_by = line->prepared_by;
}

static void decider_alter(void)
{
    decided_alter(decider_change);
}

/* Somebody signs for a proposal that nobody signed for: a version 1 that says so. */
static void signature_alter(void)
{
    static const char where[] = "WHERE version = 1 AND state = 2 AND unit = '" A "'";
    Niva__Compensation__V1__Adjustment *line = (void *)body_read(
        &niva__compensation__v1__adjustment__descriptor,
        "SELECT body FROM compensation.adjustment_version WHERE version = 1 AND state = 2"
        " AND unit = '" A "'");

    line->prepared_by = (char *)"någon annan";
    body_write("UPDATE compensation.adjustment_version", &line->base, where);
}

/* A breach that began a day later, in every column alike. */
static void breach_alter(void)
{
    Niva__Compliance__V1__Breach *breach =
        (void *)body_read(&niva__compliance__v1__breach__descriptor,
                          "SELECT body FROM compliance.breach_version"
                          " ORDER BY opened_order DESC, version DESC LIMIT 1");

    breach->first_day = (char *)"2022-02-09";
    body_write("UPDATE compliance.breach_version", &breach->base,
               ", first_day = '2022-02-09' WHERE (opened_order, version) = (SELECT opened_order,"
               " version FROM compliance.breach_version ORDER BY 1 DESC, 2 DESC LIMIT 1)");
}

/* What a measure was to bring. */
static void entry_alter(void)
{
    static const char where[] = "WHERE fact_no = (SELECT max(fact_no) - 1 FROM compliance.fact"
                                " WHERE kind = 'dialogue')";
    char select[200];
    Niva__Compliance__V1__DialogueEntry *entry;

    snprintf(select, sizeof select, "SELECT body FROM compliance.fact %s", where);
    entry = (void *)body_read(&niva__compliance__v1__dialogue_entry__descriptor, select);
    entry->promised_milli = 500;
    body_write("UPDATE compliance.fact", &entry->base, where);
}

/* ---- the cases ---- */

#define FLIP(column) column " = set_byte(" column ", 4, get_byte(" column ", 4) # 1)"
#define FIRST(table, what, where)                                                                  \
    " WHERE " what " = (SELECT min(" what ") FROM " table " WHERE " where ")"

static const struct {
    const char *sql;     /* by hand, or */
    void (*alter)(void); /* where the bytes must stay readable */
    const char *codes[3];
} cases[] = {
    /* facts: intake's own, its copies, decisions, money */
    {"UPDATE intake.fact SET " FLIP("body") FIRST("intake.fact", "fact_no", "kind = 'report'"),
     NULL,
     {"intake", "FACT_ALTERED", A}},
    {"UPDATE intake.fact SET " FLIP("body") FIRST("intake.fact", "fact_no", "kind = 'original'"),
     NULL,
     {"intake", "FACT_ALTERED", "original"}},
    {"UPDATE intake.fact SET first_day = '2021-12-31'" FIRST("intake.fact", "fact_no",
                                                             "kind = 'report'"),
     NULL,
     {"intake", "FACT_ALTERED", A}},
    {"UPDATE intake.fact SET unit = '" B "'" FIRST("intake.fact", "fact_no", "kind = 'report'"),
     NULL,
     {"intake", "FACT_CHAIN_BROKEN", "report"}},
    {"UPDATE intake.fact SET recorded_by = 'någon annan'" FIRST("intake.fact", "fact_no", "true"),
     NULL,
     {"intake", "FACT_CHAIN_BROKEN", "unit"}},
    {"DELETE FROM intake.fact" FIRST("intake.fact", "fact_no", "kind = 'report'"),
     NULL,
     {"intake", "FACT_MISSING", "fact_no"}},
    {"DELETE FROM intake.fact WHERE fact_no = (SELECT max(fact_no) FROM intake.fact)",
     NULL,
     {"intake", "FACT_MISSING", "fact_no"}},
    {"UPDATE compliance.fact SET " FLIP("body")
         FIRST("compliance.fact", "fact_no", "kind = 'report'"),
     NULL,
     {"compliance", "FACT_ALTERED", "report"}},
    {"UPDATE compliance.fact SET body = '\\xff' WHERE kind = 'finding'",
     NULL,
     {"FACT_ALTERED", "UNIT_UNREADABLE", A}},
    {"DELETE FROM compliance.fact WHERE kind = 'contract' AND unit = '" B "'",
     NULL,
     {"compliance", "FACT_MISSING", "MONTH_DIFFERS"}},
    {"UPDATE compensation.fact SET " FLIP("body") FIRST("compensation.fact", "fact_no", "true"),
     NULL,
     {"compensation", "FACT_ALTERED", "component"}},
    {"UPDATE compensation.stream_head SET fact_no = fact_no - 1",
     NULL,
     {"compensation", "FACT_HEAD", "fact_no"}},
    /* events */
    {"UPDATE intake.event SET " FLIP("data") " WHERE position = 3",
     NULL,
     {"intake", "EVENT_ALTERED", "data"}},
    {"UPDATE compliance.event SET " FLIP("data") " WHERE position = 7",
     NULL,
     {"compliance", "EVENT_ALTERED", "data"}},
    {"UPDATE compensation.event SET " FLIP("envelope") " WHERE position = 2",
     NULL,
     {"compensation", "EVENT_CHAIN_BROKEN", "hash"}},
    {"UPDATE intake.event SET " FLIP("hash") " WHERE position = 2",
     NULL,
     {"intake", "EVENT_CHAIN_BROKEN", "hash"}},
    {"UPDATE intake.event SET type = 'se.niva.intake.unit.changed.v1' WHERE position = 1",
     NULL,
     {"intake", "EVENT_COLUMN", "type"}},
    {"DELETE FROM compliance.event WHERE position = 5",
     NULL,
     {"compliance", "EVENT_MISSING", "position"}},
    {"DELETE FROM compensation.event WHERE position ="
     " (SELECT max(position) FROM compensation.event)",
     NULL,
     {"compensation", "EVENT_MISSING", "position"}},
    {"UPDATE compensation.stream_head SET position = position - 1",
     NULL,
     {"compensation", "STREAM_HEAD", "position"}},
    {"UPDATE compliance.cursor SET position = position + 5",
     NULL,
     {"compliance", "CURSOR_AHEAD", "position"}},
    /* dialogues */
    {NULL, entry_alter, {"compliance", "FACT_ALTERED", "DIALOGUE_ALTERED"}},
    {"DELETE FROM compliance.fact WHERE fact_no = (SELECT max(fact_no) FROM compliance.fact)",
     NULL,
     {"compliance", "FACT_MISSING", "DIALOGUE_MISSING"}},
    {"DELETE FROM compliance.fact" FIRST("compliance.fact", "fact_no", "kind = 'dialogue'"),
     NULL,
     {"compliance", "DIALOGUE_MISSING", "DIALOGUE_MISPLACED"}},
    {"DELETE FROM compliance.event WHERE type = 'se.niva.compliance.dialogue.opened.v1'",
     NULL,
     {"compliance", "EVENT_MISSING", "DIALOGUE_UNTOLD"}},
    /* compliance's records */
    {NULL, breach_alter, {"compliance", "BREACH_ALTERED", "BREACH_DIFFERS"}},
    {"UPDATE compliance.breach_version SET body = '\\xff' WHERE version = 1 AND unit = '" A "'",
     NULL,
     {"compliance", "BREACH_ALTERED", "UNIT_UNREADABLE"}},
    {"UPDATE compliance.breach_version SET last_day = '2022-01-05' WHERE version = 1",
     NULL,
     {"compliance", "BREACH_COLUMN", "last_day"}},
    {"UPDATE compliance.breach_version SET state = 3",
     NULL,
     {"compliance", "BREACH_COLUMN", "state"}},
    {"UPDATE compliance.breach_version SET unit = '" B "' WHERE unit = '" A "'",
     NULL,
     {"compliance", "BREACH_MISSING", A}},
    {"DELETE FROM compliance.breach_version WHERE version = 1",
     NULL,
     {"compliance", "BREACH_MISSING", A}},
    {"DELETE FROM compliance.breach_version WHERE unit = '" B "'",
     NULL,
     {"compliance", "BREACH_MISSING", "BREACH_DIFFERS"}},
    {"UPDATE compliance.month_published SET " FLIP("digest") " WHERE unit = '" A "'",
     NULL,
     {"compliance", "MONTH_DIFFERS", "2022-01"}},
    {"DELETE FROM compliance.month_published WHERE unit = '" A "' AND month = '2022-01-01'",
     NULL,
     {"compliance", "MONTH_DIFFERS", "2022-01"}},
    {"UPDATE compliance.unit_group_state SET next_change_day = NULL WHERE unit = '" A "'",
     NULL,
     {"compliance", "STATE_DIFFERS", "2022-03-01"}},
    {"UPDATE compliance.business_day SET day = '2022-02-14', target = '2022-02-14'",
     NULL,
     {"compliance", "BUSINESS_DAY", "2022-02-14"}},
    {"DELETE FROM compliance.event WHERE type = 'se.niva.compliance.day.begun.v1'"
     " AND encode(data, 'escape') LIKE '%2022-02-12'",
     NULL,
     {"compliance", "DAY_LEAPS", "2022-02-12"}},
    /* compensation's records */
    {NULL, amount_alter, {"compensation", "ADJUSTMENT_DIFFERS", "deduction_ore"}},
    {NULL, preliminary_alter, {"compensation", "ADJUSTMENT_DIFFERS", "MONTH_COST"}},
    {NULL, month_alter, {"compensation", "MONTH_COST", B}},
    /* decisions */
    {NULL, reason_alter, {"compensation", "ADJUSTMENT_ALTERED", A}},
    {NULL, taken_alter, {"compensation", "ADJUSTMENT_ALTERED", A}},
    {NULL, decider_alter, {"compensation", "ADJUSTMENT_UNLAWFUL", "decided_by"}},
    {NULL, signature_alter, {"compensation", "ADJUSTMENT_UNSIGNED", A}},
    {"UPDATE compensation.fact SET " FLIP("body")
         FIRST("compensation.fact", "fact_no", "kind = 'adjustment'"),
     NULL,
     {"compensation", "FACT_ALTERED", "adjustment"}},
    {"DELETE FROM compensation.adjustment_version WHERE state = 4",
     NULL,
     {"compensation", "ADJUSTMENT_MISSING", A}},
    {"DELETE FROM compensation.adjustment_version WHERE state = 4; DELETE FROM"
     " compensation.adjustment WHERE state = 4",
     NULL,
     {"compensation", "ADJUSTMENT_MISSING", "MONTH_COST"}},
    {"UPDATE compensation.dialogue SET " FLIP("body"), NULL, {"compensation", "COPY_DIFFERS", A}},
    {"DELETE FROM compensation.dialogue", NULL, {"compensation", "COPY_DIFFERS", A}},
    {"UPDATE compensation.adjustment SET state = 8 " ONE_PROPOSED,
     NULL,
     {"compensation", "ADJUSTMENT_COLUMN", "state"}},
    {"UPDATE compensation.adjustment SET computed_for = '2022-01-15' " ONE_PROPOSED,
     NULL,
     {"compensation", "ADJUSTMENT_NOT_LAST", "version"}},
    {"DELETE FROM compensation.adjustment " ONE_PROPOSED,
     NULL,
     {"compensation", "ADJUSTMENT_NOT_LAST", "MONTH_COST"}},
    {"DELETE FROM compensation.adjustment WHERE state = 1 AND unit = '" A "'",
     NULL,
     {"compensation", "MONTH_COST", "2022-02"}},
    {"DELETE FROM compensation.adjustment_version WHERE version = 1 AND unit = '" B "'",
     NULL,
     {"compensation", "ADJUSTMENT_MISSING", "ADJUSTMENT_VERSION_MISSING"}},
    {"UPDATE compensation.adjustment_version SET body = '\\xff' WHERE version = 2",
     NULL,
     {"compensation", "ADJUSTMENT_UNREADABLE", "body"}},
    {"DELETE FROM compensation.month_timeline WHERE version = 1 AND unit = '" B "'",
     NULL,
     {"compensation", "MONTH_VERSION_MISSING", B}},
    {"UPDATE compensation.month_timeline SET below_from = NULL WHERE unit = '" A "'",
     NULL,
     {"compensation", "MONTH_COLUMN", "below_from"}},
    {"UPDATE compensation.month_timeline SET body = '\\xff' WHERE unit = '" A "'",
     NULL,
     {"compensation", "MONTH_UNREADABLE", A}},
    {"UPDATE compensation.today SET day = '2022-02-14'",
     NULL,
     {"compensation", "MONTH_COST", "COPY_DIFFERS"}},
    {"UPDATE compliance.component_amount SET body = '\\xff' WHERE unit = '" A "'",
     NULL,
     {"compliance", "COMPONENT_UNREADABLE", A}},
    {"UPDATE compliance.component_amount SET position = position + 1000" FIRST(
         "compliance.component_amount", "position", "unit = '" LOST "'"),
     NULL,
     {"compliance", "COMPONENT_VERSION_MISSING", LOST}},
    /* what only the comparison of the services finds */
    {"UPDATE compliance.component_amount SET " FLIP("body") " WHERE unit = '" A "'",
     NULL,
     {"compliance", "COPY_DIFFERS", A}},
    {"DELETE FROM compliance.component_amount WHERE unit = '" B "'",
     NULL,
     {"compliance", "COPY_DIFFERS", B}},
    {NULL, month_name_alter, {"compensation", "COPY_DIFFERS", A}},
    {"DELETE FROM compensation.month_timeline WHERE month > '2022-02-01'; DELETE FROM"
     " compensation.month_timeline m WHERE version = (SELECT max(version) FROM"
     " compensation.month_timeline l WHERE l.unit = m.unit AND l.month = m.month) AND"
     " month = '2022-02-01' AND unit = '" B "'",
     NULL,
     {"compensation", "COPY_DIFFERS", B}},
};

/* What `nivactl verify` prints. */
static char *verify(int *ret_code)
{
    struct session *session = system_session(site.system);
    FILE *kept = session->out;
    char *output = NULL;
    size_t size;

    session->out = open_memstream(&output, &size);
    assert_non_null(session->out);
    *ret_code = command_verify(session, 0, NULL);
    fclose(session->out);
    session->out = kept;
    return output;
}

static void everything_is_proved(void **state)
{
    int code;
    char *output = verify(&code);

    (void)state;
    if (code != EXIT_YES || strstr(output, "2 units checked: timelines") == NULL ||
        strstr(output, "nothing was altered afterwards") == NULL)
        fail_msg("expected nothing, actual exit code %d and\n%s", code, output);
    if (strstr(output, "UNIT_UNREGISTERED") == NULL || strstr(output, LOST) == NULL)
        fail_msg("expected a notice about " LOST ", actual\n%s", output);
    free(output);
}

/* Alters, verifies, puts back. Whether all was found; else it is told on the error stream. */
static bool case_found(size_t index)
{
    const char *what = cases[index].sql != NULL ? cases[index].sql : "a readable body";
    bool found;
    char *output;
    int code;

    if (cases[index].sql != NULL)
        system_sql(site.system, cases[index].sql);
    else
        cases[index].alter();
    output = verify(&code);
    rows_restore();
    found = code == EXIT_NO;
    for (size_t i = 0; i < 3; i++)
        found = found && strstr(output, cases[index].codes[i]) != NULL;
    if (!found)
        fprintf(stderr, "case %zu, %s:\nexpected exit code 1, %s, %s, %s; actual %d and\n%s\n",
                index, what, cases[index].codes[0], cases[index].codes[1], cases[index].codes[2],
                code, output);
    free(output);
    return found;
}

static void every_alteration_is_found(void **state)
{
    size_t missed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        missed += !case_found(i);
    assert_int_equal(missed, 0);
}

/* ---- the method ---- */

static bool verify_page(int page_size, const char *token, const char *unit,
                        const Niva__Control__V1__VerifyResponse **ret_page, struct niva_error *err)
{
    const struct niva_rpc_options options = {.timeout_ms = CALL_MS, .recorded_at = INT64_MIN};
    Niva__Control__V1__VerifyRequest request = NIVA__CONTROL__V1__VERIFY_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.page_size = page_size;
    request.page_token = (char *)(uintptr_t)token;
    request.unit = (char *)(uintptr_t)unit;
    niva_error_clear(err);
    if (!niva_rpc_call(system_client(site.system, PART_COMPLIANCE),
                       "/niva.control.v1.ControlService/Verify", &request.base,
                       &niva__control__v1__verify_response__descriptor, &options, site.arena,
                       &reply, NULL, err))
        return false;
    *ret_page = (const Niva__Control__V1__VerifyResponse *)reply;
    return true;
}

/* Looks at everything in pages of a size; returns how much that was. */
static int64_t pages_walk(int page_size, const char *unit, int64_t *ret_total)
{
    const Niva__Control__V1__VerifyResponse *page;
    const char *token = "";
    int64_t checked = 0;
    struct niva_error err;

    *ret_total = 0;
    do {
        if (!verify_page(page_size, token, unit, &page, &err))
            fail_msg("%s (%s)", err.text_en, err.cause);
        assert_int_equal(page->n_differences, 0);
        assert_int_equal(page->pending, 0);
        checked += page->checked;
        *ret_total += page->total;
        token = page->next_page_token;
    } while (*token != '\0');
    return checked;
}

static void pages_of_any_size_look_at_the_same(void **state)
{
    int64_t total;
    int64_t small = pages_walk(7, "", &total);

    (void)state;
    assert_true(total > 40);
    assert_true(small > total);
    assert_int_equal(pages_walk(1000, "", &total), small);
    assert_in_range(pages_walk(0, A, &total), 1, small - 1);
}

static void what_is_no_page_is_refused(void **state)
{
    static const struct {
        int page_size;
        const char *token;
        const char *unit;
        const char *field;
    } bad[] = {
        {-1, "", "", "pageSize"},
        {0, "zz", "", "pageToken"},
        {0, "6576656e74733a78", "", "pageToken"},   /* events:x */
        {0, "6576656e74733a2d31", "", "pageToken"}, /* events:-1 */
        {0, "6e6f7468696e673a", "", "pageToken"},   /* nothing: */
        {0, "", "Vårdcentralen", "unit"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const Niva__Control__V1__VerifyResponse *page;
        struct niva_error err;

        if (verify_page(bad[i].page_size, bad[i].token, bad[i].unit, &page, &err))
            fail_msg("case %zu was not refused", i);
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        assert_string_equal(err.violations[0].field, bad[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_proved),
        cmocka_unit_test(pages_of_any_size_look_at_the_same),
        cmocka_unit_test(what_is_no_page_is_refused),
        cmocka_unit_test(every_alteration_is_found),
        cmocka_unit_test(everything_is_proved),
    };
    int failed;

    site.system = system_new(true);
    site.arena = niva_arena_new(ARENA_BYTES);
    if (site.arena == NULL)
        give_up("no memory");
    region_tell();
    rows_keep();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(site.system);
    niva_arena_free(site.arena);
    system_free(site.system);
    return failed ? 1 : 0;
}
