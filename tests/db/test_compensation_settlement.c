/* Settlements over a real database: decided lines leave for the ledger once, in files that never
 * change; a settlement is taken back or booked. */
#define _GNU_SOURCE /* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "services/compensation/settlement.h"
#include "tests/support/settlement_rig.h"

#define SIE4I NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__SIE4I
#define CSV   NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__CSV
#define XLSX  NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__XLSX

#define U1 "SE2321000016-1001"
#define U2 "SE2321000016-1002"
#define U3 "SE2321000016-1003"
#define U4 "SE2321000016-1004"

enum { JULY_ORE = 2167742 }; /* 84 000 kr, 28 of 31 days, 800 of 2800 */

static struct cluster *cluster;
static struct rig rig;

static const struct run_spec below[] = {RUN_MET(1, 3, 2800),
                                        RUN_BELOW(4, 31, 2800, 2000, "2022-07-04")};
static const struct run_spec less[] = {RUN_MET(1, 3, 2800),
                                       RUN_BELOW(4, 31, 2800, 2400, "2022-07-04")};

/* ---- what the service is told ---- */

static Niva__Compliance__V1__TimelineChanged *july(const char *unit, const struct run_spec *runs,
                                                   const char *region, bool private)
{
    Niva__Compliance__V1__TimelineChanged *timeline =
        timeline_make(rig.arena, unit, "2022-07", runs, 2);

    timeline->rule_set =
        rule_set_make(rig.arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    timeline->registered_unit->region_code = text_make(rig.arena, region);
    if (!private)
        timeline->owner->form = NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD;
    return timeline;
}

/* Four units below the minimum in July, one of them of another region; it is August the tenth. */
static void july_passes(void)
{
    static const char *const units[] = {U1, U2, U3, U4};

    for (size_t i = 0; i < 4; i++)
        rig_put(&rig, units[i], "fysioterapi", "2020-01-01", "", 8400000);
    rig_day(&rig, "2022-07-01");
    rig_month(&rig, july(U1, below, "19", true));
    rig_month(&rig, july(U2, below, "19", false));
    rig_month(&rig, july(U3, below, "19", true));
    rig_month(&rig, july(U4, below, "20", true));
    rig_days(&rig, "2022-07-02", "2022-08-10");
    rig_apply(&rig);
}

/* ---- calls ---- */

static void good(bool done, const struct niva_error *err)
{
    if (!done)
        fail_msg("%s: %s (%s)", niva_code_name((int)err->code), err->text_en, err->cause);
}

static void refused(bool done, const struct niva_error *err, const char *reason)
{
    assert_false(done);
    if (err->violation_count == 0)
        fail_msg("expected %s, actual %s: %s", reason, niva_code_name((int)err->code), err->cause);
    assert_string_equal(err->violations[0].reason, reason);
}

/* The last line of a unit that is in a state. */
static const Adjustment *line_in(const char *unit, int state)
{
    Adjustment **lines;
    size_t count = rig_list(&rig, false, &lines);
    const Adjustment *found = NULL;

    for (size_t i = 0; i < count; i++)
        if (strcmp(lines[i]->unit, unit) == 0 && (int)lines[i]->state == state)
            found = lines[i];
    return found;
}

#define PROPOSED NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PROPOSED
#define DECIDED  NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__DECIDED
#define EXPORTED NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__EXPORTED
#define BOOKED   NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__BOOKED

static void line_decide(const char *unit, bool waive)
{
    const Adjustment *line = line_in(unit, PROPOSED);

    assert_non_null(line);
    rig_settle(&rig, line, waive ? RIG_WAIVE : RIG_APPROVE, 0);
}

static Settlement *export(const char *period, Format format)
{
    ExportResponse *response = NULL;
    struct niva_error err;

    good(rig_export(&rig, "19", period, format, &response, &err), &err);
    return response->settlement;
}

static Settlement *settlement_get(const char *id, Format format)
{
    Niva__Compensation__V1__GetSettlementRequest request =
        NIVA__COMPENSATION__V1__GET_SETTLEMENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.settlement_id = (char *)(uintptr_t)id;
    request.format = format;
    good(rig_read(&rig, "SettlementService/GetSettlement", &request.base, &reply, &err), &err);
    return ((Niva__Compensation__V1__GetSettlementResponse *)reply)->settlement;
}

/* ---- what must hold ---- */

static void digest_is(const Settlement *settlement)
{
    uint8_t digest[SETTLEMENT_DIGEST_SIZE];
    char hex[2 * SETTLEMENT_DIGEST_SIZE + 1];
    struct niva_error err;

    good(settlement_digest(settlement->content, digest, &err), &err);
    niva_hex(digest, sizeof digest, hex);
    assert_string_equal(settlement->sha256, hex);
}

static void same_file(const Settlement *a, const Settlement *b)
{
    assert_string_equal(a->settlement_id, b->settlement_id);
    assert_string_equal(a->file_name, b->file_name);
    assert_string_equal(a->sha256, b->sha256);
    assert_int_equal(a->content.len, b->content.len);
    assert_memory_equal(a->content.data, b->content.data, a->content.len);
    digest_is(b);
}

static bool contains(const Settlement *settlement, const char *text)
{
    return memmem(settlement->content.data, settlement->content.len, text, strlen(text)) != NULL;
}

static void test_decided_lines_leave_once(void **state)
{
    Settlement *sie;
    struct niva_error err;
    ExportResponse *again = NULL;

    (void)state;
    july_passes();
    line_decide(U1, false);
    line_decide(U2, false);
    line_decide(U3, true);
    line_decide(U4, false);
    sie = export("2022-08", SIE4I);
    assert_int_equal(sie->n_adjustment_ids, 2); /* not the waived one, not another region's */
    assert_int_equal(sie->sum_ore, 2 * JULY_ORE);
    assert_string_equal(sie->booking_day, "2022-08-10");
    assert_true(contains(sie, "#TRANS 2511 {20 \"" U1 "\"} 21677.42 20220810"));
    assert_true(contains(sie, "#TRANS 1891 {20 \"" U2 "\"} 21677.42 20220810"));
    assert_false(contains(sie, U3));
    assert_false(contains(sie, U4));
    assert_string_equal(line_in(U1, EXPORTED)->settlement_id, sie->settlement_id);
    assert_string_equal(line_in(U2, EXPORTED)->settlement_id, sie->settlement_id);
    assert_non_null(line_in(U4, DECIDED));
    good(rig_export(&rig, "19", "2022-08", SIE4I, &again, &err), &err);
    assert_true(again->exported_before);
    same_file(sie, again->settlement);
    same_file(export("2022-08", XLSX), settlement_get(sie->settlement_id, XLSX));
    same_file(export("2022-08", CSV), settlement_get(sie->settlement_id, CSV));
    assert_int_equal(settlement_get(sie->settlement_id, 0)->content.len, 0);
    assert_string_equal(rig_verify(&rig), "");
}

static void test_months_are_settled_forwards(void **state)
{
    Settlement *july_settlement;
    Settlement *august;
    ExportResponse *response = NULL;
    struct niva_error err;

    (void)state;
    july_passes();
    refused(rig_export(&rig, "19", "2022-08", SIE4I, &response, &err), &err, "NOTHING_TO_SETTLE");
    refused(rig_export(&rig, "19", "2022-09", SIE4I, &response, &err), &err, "MONTH_NOT_BEGUN");
    line_decide(U1, false);
    refused(rig_export(&rig, "19", "2022-06", SIE4I, &response, &err), &err, "NOTHING_TO_SETTLE");
    july_settlement = export("2022-07", SIE4I);
    assert_string_equal(july_settlement->booking_day, "2022-07-31");
    line_decide(U2, false); /* July is settled: the line waits for August */
    assert_int_equal(export("2022-07", SIE4I)->n_adjustment_ids, 1);
    august = export("2022-08", SIE4I);
    assert_int_equal(august->n_adjustment_ids, 1);
    assert_string_equal(line_in(U2, EXPORTED)->settlement_id, august->settlement_id);
    line_decide(U3, false);
    refused(rig_export(&rig, "19", "2022-06", SIE4I, &response, &err), &err, "LATER_MONTH_SETTLED");
    good(rig_void(&rig, july_settlement->settlement_id, "Fel konto.", &err), &err);
    refused(rig_export(&rig, "19", "2022-07", SIE4I, &response, &err), &err, "LATER_MONTH_SETTLED");
    assert_string_equal(rig_verify(&rig), "");
}

static void test_money_goes_back(void **state)
{
    const Adjustment *back;
    Settlement *august;

    (void)state;
    july_passes();
    line_decide(U1, false);
    export("2022-07", SIE4I);
    rig_month(&rig, july(U1, less, "19", true));
    rig_apply(&rig);
    back = line_in(U1, PROPOSED);
    assert_int_equal(back->computed_ore, -(JULY_ORE - JULY_ORE / 2));
    line_decide(U1, false);
    august = export("2022-08", SIE4I);
    assert_int_equal(august->sum_ore, -1083871);
    assert_true(contains(august, "#TRANS 5521 {20 \"" U1 "\"} 10838.71 20220810"));
    assert_true(contains(august, "#TRANS 2511 {20 \"" U1 "\"} -10838.71 20220810"));
    assert_string_equal(rig_verify(&rig), "");
}

static void test_voided_lines_are_decided_again(void **state)
{
    Settlement *first;
    Settlement *second;
    Settlement **list;
    struct niva_event *events;
    struct niva_error err;
    int64_t head;

    (void)state;
    july_passes();
    line_decide(U1, false);
    first = export("2022-08", CSV);
    head = rig_head(&rig);
    good(rig_void(&rig, first->settlement_id, "Skäl som stannar här.", &err), &err);
    assert_string_equal(line_in(U1, DECIDED)->settlement_id, "");
    assert_int_equal(rig_stream(&rig, head, &events), 1);
    assert_string_equal(
        ((const Niva__Compensation__V1__SettlementVoided *)events[0].data)->settlement->void_reason,
        "");
    refused(rig_void(&rig, first->settlement_id, "Igen.", &err), &err, "SETTLEMENT_VOIDED");
    refused(rig_book(&rig, first->settlement_id, "R 1", &err), &err, "SETTLEMENT_VOIDED");
    line_decide(U2, false);
    second = export("2022-08", CSV);
    assert_string_not_equal(second->settlement_id, first->settlement_id);
    assert_string_not_equal(second->file_name, first->file_name);
    assert_int_equal(second->n_adjustment_ids, 2);
    same_file(first, settlement_get(first->settlement_id, CSV));
    assert_string_equal(settlement_get(first->settlement_id, CSV)->void_reason,
                        "Skäl som stannar här.");
    assert_int_equal(rig_settlements(&rig, false, &list), 2);
    assert_int_equal(rig_settlements(&rig, true, &list), 3);
    assert_string_equal(rig_verify(&rig), "");
}

static void test_booked_is_booked(void **state)
{
    Settlement *settlement;
    struct niva_error err;

    (void)state;
    july_passes();
    line_decide(U1, false);
    settlement = export("2022-08", SIE4I);
    good(rig_book(&rig, settlement->settlement_id, "R 2022/17", &err), &err);
    assert_string_equal(line_in(U1, BOOKED)->voucher_number, "R 2022/17");
    assert_string_equal(settlement_get(settlement->settlement_id, 0)->voucher_number, "R 2022/17");
    refused(rig_book(&rig, settlement->settlement_id, "R 18", &err), &err, "SETTLEMENT_BOOKED");
    refused(rig_void(&rig, settlement->settlement_id, "För sent.", &err), &err,
            "SETTLEMENT_BOOKED");
    refused(rig_void(&rig, "01820000-0000-7000-8000-000000000001", "Finns inte.", &err), &err,
            "SETTLEMENT_UNKNOWN");
    same_file(settlement, export("2022-08", SIE4I));
    assert_string_equal(rig_verify(&rig), "");
}

/* Two exports and a decision that are under way at once. */
static void test_two_exports_make_one(void **state)
{
    enum { CALLS = 6 };
    struct rig_calling callings[CALLS];
    ExportRequest requests[CALLS];
    const char *id = NULL;
    size_t made = 0;

    (void)state;
    july_passes();
    line_decide(U1, false);
    line_decide(U2, false);
    for (size_t i = 0; i < CALLS; i++)
        requests[i] = rig_export_of("19", "2022-08", (Format)(1 + i % 3));
    for (size_t i = 0; i < CALLS; i++)
        rig_submit(&rig, &callings[i], "SettlementService/ExportSettlement", "economist",
                   &requests[i].base);
    for (size_t i = 0; i < CALLS; i++) {
        ProtobufCMessage *reply;
        const ExportResponse *response;
        struct niva_error err;

        good(rig_await(&rig, &callings[i], &reply, &err), &err);
        response = (const ExportResponse *)reply;
        made += !response->exported_before;
        if (id == NULL)
            id = response->settlement->settlement_id;
        assert_string_equal(response->settlement->settlement_id, id);
        digest_is(response->settlement);
    }
    assert_int_equal(made, 1);
    assert_string_equal(rig_verify(&rig), "");
}

/* What was handed over stays what it was: the service may not change it, and who may is found out.
 */
static void test_alterations_are_found(void **state)
{
    static const struct {
        const char *sql;
        const char *found;
    } alterations[] = {
        {"UPDATE settlement_file SET content = content || 'x', sha256 = sha256(content || 'x')"
         " WHERE format = 2",
         "SETTLEMENT_FILE"},
        {"DELETE FROM settlement_file WHERE format = 1", "SETTLEMENT_FILE"},
        {"DELETE FROM settled_line WHERE adjustment_id = (SELECT min(adjustment_id::text)::uuid"
         " FROM settled_line)",
         "SETTLEMENT_LINE"},
        {"UPDATE settlement SET state = 3", "SETTLEMENT_NOT_LAST"},
        {"UPDATE settlement_version SET body = body || body", "SETTLEMENT_UNREADABLE"},
        {"DELETE FROM settlement_version", "SETTLEMENT_NOT_LAST"},
        {"UPDATE adjustment SET state = 4 WHERE state = 6", "SETTLEMENT_LINE"},
    };
    char sql[512];
    char expected[64];

    (void)state;
    july_passes();
    line_decide(U1, false);
    line_decide(U2, false);
    export("2022-08", SIE4I);
    for (size_t i = 0; i < sizeof alterations / sizeof *alterations; i++) {
        cluster_sql(cluster, rig.database,
                    "CREATE SCHEMA kept; SET search_path = compensation, kept;"
                    "CREATE TABLE kept.a AS TABLE settlement_file;"
                    "CREATE TABLE kept.b AS TABLE settled_line;"
                    "CREATE TABLE kept.c AS TABLE settlement;"
                    "CREATE TABLE kept.d AS TABLE settlement_version;"
                    "CREATE TABLE kept.e AS SELECT adjustment_id, state FROM adjustment");
        snprintf(sql, sizeof sql, "SET search_path = compensation, pg_catalog; %s",
                 alterations[i].sql);
        cluster_sql(cluster, rig.database, sql);
        snprintf(expected, sizeof expected, "%s ", alterations[i].found);
        if (strstr(rig_verify(&rig), expected) == NULL)
            fail_msg("%s: expected %s, actual %s", alterations[i].sql, expected, rig_verify(&rig));
        cluster_sql(cluster, rig.database,
                    "SET search_path = compensation;"
                    "DELETE FROM settlement_file; DELETE FROM settled_line;"
                    "DELETE FROM settlement; DELETE FROM settlement_version;"
                    "INSERT INTO settlement TABLE kept.c;"
                    "INSERT INTO settlement_version TABLE kept.d;"
                    "INSERT INTO settlement_file TABLE kept.a;"
                    "INSERT INTO settled_line TABLE kept.b;"
                    "UPDATE adjustment a SET state = e.state FROM kept.e e"
                    " WHERE a.adjustment_id = e.adjustment_id;"
                    "DROP SCHEMA kept CASCADE");
        assert_string_equal(rig_verify(&rig), "");
    }
}

static void test_files_are_written_once(void **state)
{
    (void)state;
    assert_string_equal(cluster_sql(cluster, rig.database,
                                    "SELECT string_agg(privilege_type, ',' ORDER BY privilege_type)"
                                    " FROM information_schema.role_table_grants WHERE grantee ="
                                    " 'niva_compensation' AND table_schema = 'compensation'"
                                    " AND table_name = 'settlement_file'"),
                        "INSERT,SELECT");
}

/* ---- how a region books ---- */

typedef Niva__Compensation__V1__SettlementConfig SettlementConfig;
typedef Niva__Compensation__V1__SettlementConfig__Accounts Accounts;

static bool config_try(int private_channel, size_t channels, struct niva_error *err)
{
    Niva__Compensation__V1__PutSettlementConfigRequest request =
        NIVA__COMPENSATION__V1__PUT_SETTLEMENT_CONFIG_REQUEST__INIT;
    SettlementConfig config = NIVA__COMPENSATION__V1__SETTLEMENT_CONFIG__INIT;
    Accounts accounts[4];
    Accounts *list[4];
    ProtobufCMessage *reply;

    for (size_t i = 0; i < channels; i++) {
        niva__compensation__v1__settlement_config__accounts__init(&accounts[i]);
        accounts[i].channel = (Niva__Compensation__V1__Adjustment__Channel)(i + 1);
        accounts[i].cost_account = (char *)"4600";
        accounts[i].cost_account_name = (char *)"Kostnad (fiktiv)";
        accounts[i].settlement_account = text_make(rig.arena, "2600");
        accounts[i].settlement_account[2] = (char)('0' + i);
        accounts[i].settlement_account_name = (char *)"Avräkning (fiktiv)";
        list[i] = &accounts[i];
    }
    config.region_code = (char *)"19";
    config.region_name = (char *)"Region Åker (fiktiv)";
    config.series = (char *)"V";
    config.dimension = 1;
    config.dimension_name = (char *)"Enhet";
    config.accounts = list;
    config.n_accounts = channels;
    config.private_channel = (Niva__Compensation__V1__Adjustment__Channel)private_channel;
    request.config = &config;
    return rig_call(&rig, "SettlementService/PutSettlementConfig", "economist", &request.base,
                    &reply, err);
}

static size_t configs_list(bool history)
{
    Niva__Compensation__V1__ListSettlementConfigsRequest request =
        NIVA__COMPENSATION__V1__LIST_SETTLEMENT_CONFIGS_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.include_history = history;
    good(rig_read(&rig, "SettlementService/ListSettlementConfigs", &request.base, &reply, &err),
         &err);
    return ((Niva__Compensation__V1__ListSettlementConfigsResponse *)reply)->n_configs;
}

static void test_a_region_books_by_its_accounts(void **state)
{
    Niva__Compliance__V1__TimelineChanged *closed;
    Settlement *august;
    ExportResponse *response = NULL;
    struct niva_error err;

    (void)state;
    july_passes();
    line_decide(U1, false);
    line_decide(U2, false);
    line_decide(U3, false);
    good(config_try(NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__CREDIT_REQUEST, 2, &err), &err);
    refused(rig_export(&rig, "19", "2022-08", SIE4I, &response, &err), &err,
            "CHANNEL_WITHOUT_ACCOUNTS");
    good(config_try(NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__CREDIT_REQUEST, 4, &err), &err);
    assert_int_equal(configs_list(false), 1);
    assert_int_equal(configs_list(true), 2);
    closed = july(U3, below, "19", true);
    closed->registered_unit->closed_on = text_make(rig.arena, "2022-07-31");
    rig_month(&rig, closed);
    rig_apply(&rig);
    august = export("2022-08", SIE4I);
    assert_int_equal(august->config_version, 2);
    assert_int_equal(line_in(U1, EXPORTED)->channel,
                     NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__CREDIT_REQUEST);
    assert_int_equal(line_in(U2, EXPORTED)->channel,
                     NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL);
    assert_int_equal(line_in(U3, EXPORTED)->channel,
                     NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INVOICE);
    assert_true(contains(august, "#TRANS 2620 {1 \"" U1 "\"} 21677.42"));
    assert_true(contains(august, "#TRANS 2600 {1 \"" U2 "\"} 21677.42"));
    assert_true(contains(august, "#TRANS 2630 {1 \"" U3 "\"} 21677.42"));
    assert_string_equal(rig_verify(&rig), "");
    good(rig_void(&rig, august->settlement_id, "Fel.", &err), &err);
    assert_int_equal(line_in(U3, DECIDED)->channel,
                     NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET);
    assert_string_equal(rig_verify(&rig), "");
}

static int each_open(void **state)
{
    (void)state;
    rig_open(&rig, cluster);
    return 0;
}

static int each_close(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

static int all_open(void **state)
{
    (void)state;
    cluster = cluster_new();
    return cluster == NULL ? -1 : 0;
}

static int all_close(void **state)
{
    (void)state;
    cluster = cluster_free(cluster);
    return 0;
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, each_open, each_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(test_decided_lines_leave_once),
        EACH(test_months_are_settled_forwards),
        EACH(test_money_goes_back),
        EACH(test_voided_lines_are_decided_again),
        EACH(test_booked_is_booked),
        EACH(test_two_exports_make_one),
        EACH(test_a_region_books_by_its_accounts),
        EACH(test_alterations_are_found),
        EACH(test_files_are_written_once),
    };
    int failed = cmocka_run_group_tests(tests, all_open, all_close);

    return failed ? 1 : 0;
}
