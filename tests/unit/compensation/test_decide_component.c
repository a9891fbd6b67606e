/* PutComponent: what is wrong is named with its path, in both languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "services/common/wire/wire.h"
#include "services/compensation/decide.h"
#include "tests/support/timelines.h"

static struct niva_arena *arena;

static Niva__Compensation__V1__PutComponentRequest *good_make(void)
{
    Niva__Compensation__V1__PutComponentRequest *put =
        niva_wire_new(&niva__compensation__v1__put_component_request__descriptor, arena);
    Niva__Compensation__V1__Component *component =
        niva_wire_new(&niva__compensation__v1__component__descriptor, arena);

    component->component = text_make(arena, "fysioterapi");
    component->unit = text_make(arena, "SE2321000016-1001");
    component->profession_group = text_make(arena, "fysioterapeut");
    component->first_day = text_make(arena, "2022-01-01");
    component->monthly_ore = 8400000;
    component->regulated = true;
    put->component = component;
    return put;
}

static void refused(const Niva__Compensation__V1__PutComponentRequest *put, const char *field)
{
    struct niva_error err;

    if (component_check(&put->base, &err))
        fail_msg("%s was taken", field);
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_int_equal(err.violation_count, 1);
    assert_string_equal(err.violations[0].field, field);
    assert_true(strlen(err.violations[0].text_sv) > 5);
    assert_true(strlen(err.violations[0].text_en) > 5);
}

static void test_good(void **state)
{
    Niva__Compensation__V1__PutComponentRequest *put = good_make();
    struct niva_error err;

    (void)state;
    if (!component_check(&put->base, &err))
        fail_msg("%s: %s", err.violations[0].field, err.violations[0].text_en);
    put->component->monthly_ore = 0;
    put->component->last_day = put->component->first_day;
    put->expected_case = NIVA__COMPENSATION__V1__PUT_COMPONENT_REQUEST__EXPECTED_EXPECTED_VERSION;
    put->expected_version = 0;
    assert_true(component_check(&put->base, &err));
    put->component->monthly_ore = 10000000000000;
    assert_true(component_check(&put->base, &err));
}

static void test_each_field(void **state)
{
    Niva__Compensation__V1__PutComponentRequest *put;
    Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    (void)state;
    put = good_make();
    put->component = NULL;
    refused(put, "component");
    put = good_make();
    put->component->component = text_make(arena, "Fysio terapi");
    refused(put, "component.component");
    put = good_make();
    put->component->component = text_make(arena, "");
    refused(put, "component.component");
    put = good_make();
    put->component->unit = text_make(arena, "SE2321000016-");
    refused(put, "component.unit");
    put = good_make();
    put->component->profession_group = text_make(arena, "9");
    refused(put, "component.professionGroup");
    put = good_make();
    put->component->first_day = text_make(arena, "2022-02-30");
    refused(put, "component.firstDay");
    put = good_make();
    put->component->first_day = text_make(arena, "");
    refused(put, "component.firstDay");
    put = good_make();
    put->component->last_day = text_make(arena, "2021-12-31");
    refused(put, "component.lastDay");
    put = good_make();
    put->component->monthly_ore = -1;
    refused(put, "component.monthlyOre");
    put = good_make();
    put->component->monthly_ore = 10000000000001;
    refused(put, "component.monthlyOre");
    put = good_make();
    timestamp.nanos = -1;
    put->component->received_at = &timestamp;
    refused(put, "component.receivedAt");
    put = good_make();
    put->expected_case = NIVA__COMPENSATION__V1__PUT_COMPONENT_REQUEST__EXPECTED_EXPECTED_VERSION;
    put->expected_version = -1;
    refused(put, "expectedVersion");
}

static int setup(void **state)
{
    (void)state;
    arena = niva_arena_new(1 << 20);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good, setup, teardown),
        cmocka_unit_test_setup_teardown(test_each_field, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
