/* The calls of compensation: components and adjustments put, listed, paged and found, and every bad
 * request with its code, path and sentences, changing nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/compensation_rig.h"

#define U1 "SE2321000016-1001"
#define U2 "SE2321000016-1002"

typedef Niva__Compensation__V1__ListComponentsRequest ListComponentsRequest;
typedef Niva__Compensation__V1__ListComponentsResponse ListComponentsResponse;

static struct cluster *cluster;
static struct rig rig;

static Niva__Compensation__V1__Component *put(const char *unit, const char *first_day,
                                              int64_t monthly_ore)
{
    Niva__Compensation__V1__PutComponentResponse *reply;
    struct niva_error err;

    if (!rig_call_put(&rig, rig_put_make(&rig, unit, "fysioterapi", first_day, "", monthly_ore),
                      &reply, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    return reply->component;
}

static ListComponentsResponse *components_list(const ListComponentsRequest *request)
{
    ProtobufCMessage *reply;
    struct niva_error err;

    if (!rig_read(&rig, "ComponentService/ListComponents", &request->base, &reply, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    return (ListComponentsResponse *)reply;
}

static void refused(const struct niva_error *err, enum niva_code code, const char *field)
{
    assert_int_equal(err->code, code);
    assert_int_equal(err->violation_count, 1);
    assert_string_equal(err->violations[0].field, field);
    assert_true(strlen(err->violations[0].text_sv) > 5);
    assert_true(strlen(err->violations[0].text_en) > 5);
    assert_true(strlen(err->violations[0].reason) > 2);
}

static void test_put_and_versions(void **state)
{
    Niva__Compensation__V1__Component *component = put(U1, "2022-01-01", 8400000);
    ListComponentsRequest request = NIVA__COMPENSATION__V1__LIST_COMPONENTS_REQUEST__INIT;
    ListComponentsResponse *response;
    struct niva_event *events;
    niva_instant between;

    (void)state;
    assert_int_equal(component->version, 1);
    assert_string_equal(component->recorded_by, "local:test");
    assert_non_null(component->recorded_at);
    assert_non_null(component->received_at);
    between = rig.now - 1;
    assert_int_equal(put(U1, "2022-01-01", 8500000)->version, 2);
    assert_int_equal(put(U1, "2022-02-01", 8600000)->version, 1);
    put(U2, "2022-01-01", 9000000);
    response = components_list(&request);
    assert_int_equal(response->n_components, 3);
    assert_int_equal(response->components[0]->monthly_ore, 8500000);
    assert_int_equal(response->components[2]->monthly_ore, 9000000);
    request.include_history = true;
    assert_int_equal(components_list(&request)->n_components, 4);
    request.unit = text_make(rig.arena, U1);
    assert_int_equal(components_list(&request)->n_components, 3);
    request.include_history = false;
    request.known_at = niva_wire_timestamp(between, rig.arena);
    response = components_list(&request);
    assert_int_equal(response->n_components, 1);
    assert_int_equal(response->components[0]->monthly_ore, 8400000);
    assert_int_equal(rig_stream(&rig, 0, &events), 4);
    assert_string_equal(events[3].type, "se.niva.compensation.component.changed.v1");
    assert_string_equal(events[3].subject, U2);
}

static void test_components_paged(void **state)
{
    ListComponentsRequest request = NIVA__COMPENSATION__V1__LIST_COMPONENTS_REQUEST__INIT;
    ListComponentsResponse *response;
    char day[16];
    size_t seen = 0;

    (void)state;
    for (int month = 1; month <= 5; month++) {
        snprintf(day, sizeof day, "2022-%02d-01", month);
        put(U1, day, month);
    }
    request.page_size = 2;
    do {
        response = components_list(&request);
        assert_true(response->n_components <= 2);
        for (size_t i = 0; i < response->n_components; i++)
            assert_int_equal(response->components[i]->monthly_ore, ++seen);
        request.page_token = response->next_page_token;
    } while (request.page_token[0] != '\0');
    assert_int_equal(seen, 5);
}

/* What is refused changes nothing. */
static void test_bad_components(void **state)
{
    Niva__Compensation__V1__PutComponentRequest *request;
    Niva__Compensation__V1__PutComponentResponse *reply;
    struct niva_error err;
    int64_t head;

    (void)state;
    put(U1, "2022-01-01", 8400000);
    head = rig_head(&rig);
    request = rig_put_make(&rig, "SE123", "fysioterapi", "2022-01-01", "", 1);
    assert_false(rig_call_put(&rig, request, &reply, &err));
    refused(&err, NIVA_INVALID_ARGUMENT, "component.unit");
    request = rig_put_make(&rig, U1, "fysioterapi", "2022-01-01", "", 1);
    request->expected_case =
        NIVA__COMPENSATION__V1__PUT_COMPONENT_REQUEST__EXPECTED_EXPECTED_VERSION;
    request->expected_version = 0;
    assert_false(rig_call_put(&rig, request, &reply, &err));
    refused(&err, NIVA_FAILED_PRECONDITION, U1 "/fysioterapeut/fysioterapi/2022-01-01");
    request = rig_put_make(&rig, U1, "fysioterapi", "2022-01-01", "", 1);
    request->component->received_at = niva_wire_timestamp(rig.now + 3600000000, rig.arena);
    assert_false(rig_call_put(&rig, request, &reply, &err));
    refused(&err, NIVA_INVALID_ARGUMENT, "component.receivedAt");
    assert_int_equal(rig_head(&rig), head);
    assert_string_equal(
        cluster_sql(cluster, rig.database, "SELECT count(*) FROM compensation.fact"), "1");
    /* the version that is there */
    request = rig_put_make(&rig, U1, "fysioterapi", "2022-01-01", "", 1);
    request->expected_case =
        NIVA__COMPENSATION__V1__PUT_COMPONENT_REQUEST__EXPECTED_EXPECTED_VERSION;
    request->expected_version = 1;
    request->component->received_at = niva_wire_timestamp(rig.now - 3600000000, rig.arena);
    assert_true(rig_call_put(&rig, request, &reply, &err));
    assert_int_equal(reply->component->version, 2);
    /* the same request again answers the same */
    assert_true(rig_call_put(&rig, request, &reply, &err));
    assert_int_equal(reply->component->version, 2);
    request->component->monthly_ore = 2;
    assert_false(rig_call_put(&rig, request, &reply, &err));
    assert_int_equal(err.code, NIVA_ALREADY_EXISTS);
}

/* June and July of two units, below all days. */
static void adjustments_make(void)
{
    static const struct run_spec june[] = {RUN_BELOW(1, 30, 2800, 2000, "2022-06-01")};
    static const struct run_spec july[] = {RUN_BELOW(1, 31, 2800, 2000, "2022-06-01")};
    static const char *const units[] = {U1, U2};

    for (size_t i = 0; i < 2; i++) {
        Niva__Compliance__V1__TimelineChanged *timeline;

        put(units[i], "2022-01-01", 8400000);
        rig_put(&rig, units[i], "rehab", "2022-01-01", "", 1000000);
        timeline = timeline_make(rig.arena, units[i], "2022-06", june, 1);
        timeline->rule_set =
            rule_set_make(rig.arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
        rig_month(&rig, timeline);
        timeline = timeline_make(rig.arena, units[i], "2022-07", july, 1);
        timeline->rule_set =
            rule_set_make(rig.arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
        rig_month(&rig, timeline);
    }
    rig_days(&rig, "2022-06-30", "2022-07-10");
    rig_apply(&rig);
}

static ListAdjustmentsResponse *adjustments_list(const ListAdjustmentsRequest *request)
{
    ProtobufCMessage *reply;
    struct niva_error err;

    if (!rig_read(&rig, "AdjustmentService/ListAdjustments", &request->base, &reply, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    return (ListAdjustmentsResponse *)reply;
}

static void test_adjustments_in_order_and_paged(void **state)
{
    ListAdjustmentsRequest request = NIVA__COMPENSATION__V1__LIST_ADJUSTMENTS_REQUEST__INIT;
    static const char *const expected[][3] = {
        {"2022-06", U1, "fysioterapi"}, {"2022-06", U1, "rehab"},
        {"2022-06", U2, "fysioterapi"}, {"2022-06", U2, "rehab"},
        {"2022-07", U1, "fysioterapi"}, {"2022-07", U1, "rehab"},
        {"2022-07", U2, "fysioterapi"}, {"2022-07", U2, "rehab"}};

    (void)state;
    adjustments_make();
    for (int page_size = 1; page_size <= 8; page_size++) {
        size_t seen = 0;

        request.page_size = page_size;
        request.page_token = (char *)"";
        request.include_history = page_size % 2 == 0;
        do {
            ListAdjustmentsResponse *response = adjustments_list(&request);

            assert_int_equal(response->pending, 0);
            for (size_t i = 0; i < response->n_adjustments; i++, seen++) {
                assert_string_equal(response->adjustments[i]->period, expected[seen][0]);
                assert_string_equal(response->adjustments[i]->unit, expected[seen][1]);
                assert_string_equal(response->adjustments[i]->component, expected[seen][2]);
            }
            request.page_token = response->next_page_token;
        } while (request.page_token[0] != '\0');
        assert_int_equal(seen, 8);
    }
}

static size_t adjustments_count(const char *period, const char *unit, int adjustment_state,
                                const char *group, niva_instant known_at)
{
    ListAdjustmentsRequest request = NIVA__COMPENSATION__V1__LIST_ADJUSTMENTS_REQUEST__INIT;

    request.period = text_make(rig.arena, period);
    request.unit = text_make(rig.arena, unit);
    request.profession_group = text_make(rig.arena, group);
    request.state = (Niva__Compensation__V1__Adjustment__State)adjustment_state;
    if (known_at != INT64_MAX)
        request.known_at = niva_wire_timestamp(known_at, rig.arena);
    return adjustments_list(&request)->n_adjustments;
}

static void test_adjustments_filtered(void **state)
{
    niva_instant recorded_at;

    (void)state;
    adjustments_make();
    assert_int_equal(adjustments_count("2022-06", "", 0, "", INT64_MAX), 4);
    assert_int_equal(adjustments_count("", U2, 0, "", INT64_MAX), 4);
    assert_int_equal(adjustments_count("", "", 1, "", INT64_MAX), 4);
    assert_int_equal(adjustments_count("", "", 2, "", INT64_MAX), 4);
    assert_int_equal(adjustments_count("", "", 8, "", INT64_MAX), 0);
    assert_int_equal(adjustments_count("", "", 0, "fysioterapeut", INT64_MAX), 8);
    assert_int_equal(adjustments_count("", "", 0, "arbetsterapeut", INT64_MAX), 0);
    assert_int_equal(adjustments_count("2022-07", U1, 1, "fysioterapeut", INT64_MAX), 2);
    /* as known: a proposal from its turn on, a preliminary line as long as nothing came after it */
    assert_true(niva_wire_instant(rig_line(&rig, U1, "2022-06")->recorded_at, &recorded_at));
    assert_int_equal(adjustments_count("", "", 0, "", recorded_at), 4);
    assert_int_equal(adjustments_count("", "", 0, "", recorded_at - 1), 0);
    recorded_at = rig.now - 1;
    assert_int_equal(adjustments_count("", "", 0, "", recorded_at), 8);
    put("SE2321000016-1003", "2020-01-01", 1);
    assert_int_equal(adjustments_count("", "", 0, "", recorded_at), 4);
}

static void list_refused(const ListAdjustmentsRequest *request, const char *field)
{
    ProtobufCMessage *reply;
    struct niva_error err;

    assert_false(rig_read(&rig, "AdjustmentService/ListAdjustments", &request->base, &reply, &err));
    refused(&err, NIVA_INVALID_ARGUMENT, field);
}

static void test_bad_lists(void **state)
{
    ListAdjustmentsRequest good = NIVA__COMPENSATION__V1__LIST_ADJUSTMENTS_REQUEST__INIT;
    ListAdjustmentsRequest bad = good;
    ListComponentsRequest components = NIVA__COMPENSATION__V1__LIST_COMPONENTS_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    (void)state;
    bad.period = text_make(rig.arena, "2022-13");
    list_refused(&bad, "period");
    bad = good;
    bad.unit = text_make(rig.arena, "x");
    list_refused(&bad, "unit");
    bad = good;
    bad.profession_group = text_make(rig.arena, "X");
    list_refused(&bad, "professionGroup");
    bad = good;
    bad.page_size = -1;
    list_refused(&bad, "pageSize");
    bad = good;
    bad.page_token = text_make(rig.arena, "31");
    list_refused(&bad, "pageToken");
    components.page_token = text_make(rig.arena, "zz");
    assert_false(rig_read(&rig, "ComponentService/ListComponents", &components.base, &reply, &err));
    refused(&err, NIVA_INVALID_ARGUMENT, "pageToken");
}

static void test_get_and_explain(void **state)
{
    Niva__Compensation__V1__GetAdjustmentRequest get =
        NIVA__COMPENSATION__V1__GET_ADJUSTMENT_REQUEST__INIT;
    Niva__Compensation__V1__ExplainAdjustmentRequest explain =
        NIVA__COMPENSATION__V1__EXPLAIN_ADJUSTMENT_REQUEST__INIT;
    static char unknown[] = "0190163d-8694-739b-aea5-966c26f8ad91";
    ProtobufCMessage *reply;
    struct niva_error err;

    (void)state;
    adjustments_make();
    get.adjustment_id = rig_line(&rig, U1, "2022-07")->adjustment_id;
    assert_true(rig_read(&rig, "AdjustmentService/GetAdjustment", &get.base, &reply, &err));
    assert_string_equal(
        ((Niva__Compensation__V1__GetAdjustmentResponse *)reply)->adjustment->adjustment_id,
        get.adjustment_id);
    get.adjustment_id = unknown;
    assert_false(rig_read(&rig, "AdjustmentService/GetAdjustment", &get.base, &reply, &err));
    refused(&err, NIVA_NOT_FOUND, "adjustmentId");
    get.adjustment_id = (char *)"";
    assert_false(rig_read(&rig, "AdjustmentService/GetAdjustment", &get.base, &reply, &err));
    refused(&err, NIVA_INVALID_ARGUMENT, "adjustmentId");
    explain.adjustment_id = unknown;
    assert_false(
        rig_read(&rig, "AdjustmentService/ExplainAdjustment", &explain.base, &reply, &err));
    refused(&err, NIVA_NOT_FOUND, "adjustmentId");
    explain.adjustment_id = (char *)"1";
    assert_false(
        rig_read(&rig, "AdjustmentService/ExplainAdjustment", &explain.base, &reply, &err));
    refused(&err, NIVA_INVALID_ARGUMENT, "adjustmentId");
    /* an instant at which nothing was known of the month */
    explain.adjustment_id = rig_line(&rig, U1, "2022-07")->adjustment_id;
    explain.known_at = niva_wire_timestamp(0, rig.arena);
    assert_false(
        rig_read(&rig, "AdjustmentService/ExplainAdjustment", &explain.base, &reply, &err));
    refused(&err, NIVA_NOT_FOUND, "adjustmentId");
}

static int setup(void **state)
{
    (void)state;
    rig_open(&rig, cluster);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

static int group_setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    cluster = cluster_free(cluster);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_put_and_versions),     TEST(test_components_paged),
        TEST(test_bad_components),       TEST(test_adjustments_in_order_and_paged),
        TEST(test_adjustments_filtered), TEST(test_bad_lists),
        TEST(test_get_and_explain),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
