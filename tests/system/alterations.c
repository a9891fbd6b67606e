#include "tests/system/alterations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compliance/v1/dialogue.pb-c.h"
#include "niva/compliance/v1/events.pb-c.h"
#include "services/common/base/text.h"

enum { SQL_BYTES = 64 << 10 };

/* ---- alterations that keep a body readable ---- */

/* The bytes that a query answers, read as a message. */
static ProtobufCMessage *body_read(const struct site *site, const ProtobufCMessageDescriptor *type,
                                   const char *select)
{
    char sql[1000];
    const char *hex;
    ProtobufCMessage *message;
    struct niva_error err;
    uint8_t *bytes;
    size_t size;

    snprintf(sql, sizeof sql, "SELECT encode(body, 'hex') FROM (%s) one", select);
    hex = system_sql(site->system, sql);
    size = strlen(hex) / 2;
    bytes = niva_arena_alloc(site->arena, size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        unsigned byte;

        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        bytes[i] = (uint8_t)byte;
    }
    if (!niva_wire_unpack(type, bytes, size, false, site->arena, &message, &err))
        fail_msg("%s: %s", select, err.text_en);
    return message;
}

static void body_write(const struct site *site, const char *update, const ProtobufCMessage *message,
                       const char *where)
{
    static char sql[SQL_BYTES];
    ProtobufCBinaryData bytes;
    struct niva_error err;
    char *hex;

    assert_true(niva_wire_pack(message, site->arena, &bytes, &err));
    hex = niva_arena_alloc(site->arena, 2 * bytes.len + 1);
    assert_non_null(hex);
    niva_hex(bytes.data, bytes.len, hex);
    assert_true(snprintf(sql, sizeof sql, "%s SET body = '\\x%s' %s", update, hex, where) <
                (int)sizeof sql);
    system_sql(site->system, sql);
}

#define ONE_PROPOSED                                                                               \
    "WHERE adjustment_id = (SELECT min(adjustment_id::text)::uuid FROM"                            \
    " compensation.adjustment WHERE state = 2)"

/* An amount, in the line and in its last version alike. */
static void amount_alter(const struct site *site)
{
    Niva__Compensation__V1__Adjustment *line =
        (void *)body_read(site, &niva__compensation__v1__adjustment__descriptor,
                          "SELECT body FROM compensation.adjustment " ONE_PROPOSED);

    line->deduction_ore -= 100;
    body_write(site, "UPDATE compensation.adjustment", &line->base, ONE_PROPOSED);
    body_write(site, "UPDATE compensation.adjustment_version v", &line->base,
               ONE_PROPOSED " AND version = (SELECT max(version) FROM"
                            " compensation.adjustment_version l"
                            " WHERE l.adjustment_id = v.adjustment_id)");
}

static void preliminary_alter(const struct site *site)
{
    static const char where[] = "WHERE state = 1 AND unit = '" A "'";
    Niva__Compensation__V1__Adjustment *line =
        (void *)body_read(site, &niva__compensation__v1__adjustment__descriptor,
                          "SELECT body FROM compensation.adjustment WHERE state = 1"
                          " AND unit = '" A "'");

    line->deduction_ore += 1;
    body_write(site, "UPDATE compensation.adjustment", &line->base, where);
}

/* The last month that compliance told of a unit: less is missing. */
static void month_alter(const struct site *site)
{
    static const char where[] = "WHERE unit = '" B "' AND month = '2022-02-01' AND version ="
                                " (SELECT max(version) FROM compensation.month_timeline"
                                " WHERE unit = '" B "' AND month = '2022-02-01')";
    char select[500];
    Niva__Compliance__V1__TimelineChanged *month;

    snprintf(select, sizeof select, "SELECT body FROM compensation.month_timeline %s", where);
    month = (void *)body_read(site, &niva__compliance__v1__timeline_changed__descriptor, select);
    for (size_t i = 0; i < month->n_runs; i++)
        if (month->runs[i]->segment->shortfall_milli > 0)
            month->runs[i]->segment->shortfall_milli--;
    body_write(site, "UPDATE compensation.month_timeline", &month->base, where);
}

/* What nothing is computed from. */
static void month_name_alter(const struct site *site)
{
    static const char where[] = "WHERE unit = '" A "' AND month = '2022-01-01' AND version ="
                                " (SELECT max(version) FROM compensation.month_timeline"
                                " WHERE unit = '" A "' AND month = '2022-01-01')";
    char select[500];
    Niva__Compliance__V1__TimelineChanged *month;

    snprintf(select, sizeof select, "SELECT body FROM compensation.month_timeline %s", where);
    month = (void *)body_read(site, &niva__compliance__v1__timeline_changed__descriptor, select);
    month->registered_unit->name = (char *)"En annan";
    body_write(site, "UPDATE compensation.month_timeline", &month->base, where);
}

#define DECIDED_WHERE "WHERE state = 4"
#define DECIDED_LAST                                                                               \
    " WHERE state = 4 AND version = (SELECT max(version) FROM compensation.adjustment_version l"   \
    " WHERE l.adjustment_id = v.adjustment_id)"

/* What was decided, in the line and in its version alike; the fact stays. */
static void decided_alter(const struct site *site,
                          void (*change)(Niva__Compensation__V1__Adjustment *line))
{
    Niva__Compensation__V1__Adjustment *line =
        (void *)body_read(site, &niva__compensation__v1__adjustment__descriptor,
                          "SELECT body FROM compensation.adjustment " DECIDED_WHERE);

    change(line);
    body_write(site, "UPDATE compensation.adjustment", &line->base, DECIDED_WHERE);
    body_write(site, "UPDATE compensation.adjustment_version v", &line->base, DECIDED_LAST);
}

static void reason_change(Niva__Compensation__V1__Adjustment *line)
{
    line->reason = (char *)"Ett annat skäl";
}

/* A text that no event carries. */
static void reason_alter(const struct site *site)
{
    decided_alter(site, reason_change);
}

static void taken_change(Niva__Compensation__V1__Adjustment *line)
{
    line->deduction_ore = 50;
}

static void taken_alter(const struct site *site)
{
    decided_alter(site, taken_change);
}

static void decider_change(Niva__Compensation__V1__Adjustment *line)
{
    line->decided_by = line->prepared_by;
}

static void decider_alter(const struct site *site)
{
    decided_alter(site, decider_change);
}

/* Somebody signs for a proposal that nobody signed for: a version 1 that says so. */
static void signature_alter(const struct site *site)
{
    static const char where[] = "WHERE version = 1 AND state = 2 AND unit = '" A "'";
    Niva__Compensation__V1__Adjustment *line = (void *)body_read(
        site, &niva__compensation__v1__adjustment__descriptor,
        "SELECT body FROM compensation.adjustment_version WHERE version = 1 AND state = 2"
        " AND unit = '" A "'");

    line->prepared_by = (char *)"någon annan";
    body_write(site, "UPDATE compensation.adjustment_version", &line->base, where);
}

/* A breach that began a day later, in every column alike. */
static void breach_alter(const struct site *site)
{
    Niva__Compliance__V1__Breach *breach =
        (void *)body_read(site, &niva__compliance__v1__breach__descriptor,
                          "SELECT body FROM compliance.breach_version"
                          " ORDER BY opened_order DESC, version DESC LIMIT 1");

    breach->first_day = (char *)"2022-02-09";
    body_write(site, "UPDATE compliance.breach_version", &breach->base,
               ", first_day = '2022-02-09' WHERE (opened_order, version) = (SELECT opened_order,"
               " version FROM compliance.breach_version ORDER BY 1 DESC, 2 DESC LIMIT 1)");
}

/* What a measure was to bring. */
static void entry_alter(const struct site *site)
{
    static const char where[] = "WHERE fact_no = (SELECT max(fact_no) - 1 FROM compliance.fact"
                                " WHERE kind = 'dialogue')";
    char select[200];
    Niva__Compliance__V1__DialogueEntry *entry;

    snprintf(select, sizeof select, "SELECT body FROM compliance.fact %s", where);
    entry = (void *)body_read(site, &niva__compliance__v1__dialogue_entry__descriptor, select);
    entry->promised_milli = 500;
    body_write(site, "UPDATE compliance.fact", &entry->base, where);
}

/* ---- all of them ---- */

#define FLIP(column) column " = set_byte(" column ", 4, get_byte(" column ", 4) # 1)"
#define FIRST(table, what, where)                                                                  \
    " WHERE " what " = (SELECT min(" what ") FROM " table " WHERE " where ")"

const struct alteration alterations[] = {
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
    {"UPDATE compliance.fact SET body = set_byte(body, position('4000'::bytea IN body), 49)"
     " WHERE kind = 'import'",
     NULL,
     {"FACT_ALTERED", "IMPORT_DIGEST_WRONG", "import"}},
    {"DELETE FROM compliance.fact WHERE kind = 'import'",
     NULL,
     {"FACT_MISSING", "IMPORT_MISSING", A}},
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
    {"UPDATE intake.stream_head SET recorded_at = recorded_at - interval '1 year'",
     NULL,
     {"intake", "STREAM_HEAD", "recorded_at"}},
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
    {"UPDATE compliance.unit_group_state SET forecast = sha256('1') WHERE unit = '" A "'",
     NULL,
     {"compliance", "FORECAST_DIFFERS", A}},
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
    {"UPDATE compensation.dialogue SET position = position + 1000",
     NULL,
     {"compensation", "COPY_DIFFERS", A}},
    {"UPDATE compensation.dialogue SET kind = 3 - kind WHERE kind < 3",
     NULL,
     {"compensation", "DIALOGUE_COLUMN", "kind"}},
    {"UPDATE compensation.dialogue SET profession_group = 'annan'",
     NULL,
     {"compensation", "DIALOGUE_COLUMN", "profession_group"}},
    {"UPDATE compensation.dialogue SET body = '\\xff'",
     NULL,
     {"compensation", "COPY_DIFFERS", "DIALOGUE_UNREADABLE"}},
    {"UPDATE compensation.dialogue SET unit = '" B "'",
     NULL,
     {"compensation", "COPY_DIFFERS", "DIALOGUE_COLUMN"}},
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

const size_t alteration_count = sizeof alterations / sizeof *alterations;
