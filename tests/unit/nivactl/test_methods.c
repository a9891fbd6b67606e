#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/nivactl/methods.h"

static void methods_are_found_with_and_without_slash(void **state)
{
    struct method method;

    (void)state;
    assert_true(method_find("niva.intake.v1.ReportService/SubmitReport", &method));
    assert_string_equal(method.name, "/niva.intake.v1.ReportService/SubmitReport");
    assert_int_equal(method.service, INTAKE);
    assert_string_equal(method.type->input->name, "niva.intake.v1.SubmitReportRequest");
    assert_true(method_find("/niva.compliance.v1.ComplianceService/GetTimeline", &method));
    assert_int_equal(method.service, COMPLIANCE);
    assert_true(method_find("niva.compensation.v1.ComponentService/PutComponent", &method));
    assert_int_equal(method.service, COMPENSATION);
    assert_true(method_find("niva.events.v1.EventService/ReadEvents", &method));
    assert_int_equal(method.service, ANY_SERVICE);
}

static void what_is_no_method_is_not_found(void **state)
{
    static const char *const cases[] = {
        "",
        "/",
        "SubmitReport",
        "niva.intake.v1.ReportService",
        "niva.intake.v1.ReportService/",
        "niva.intake.v1.ReportService/submitReport",
        "//niva.intake.v1.ReportService/SubmitReport",
    };
    struct method method;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (method_find(cases[i], &method))
            fail_msg("\"%s\" was found", cases[i]);
}

static void every_method_has_a_name_of_its_own(void **state)
{
    struct method method;
    struct method found;
    size_t count = 0;

    (void)state;
    for (; method_at(count, &method); count++) {
        assert_true(method_find(method.name, &found));
        assert_ptr_equal(found.type, method.type);
    }
    assert_true(count >= 40);
}

static void services_are_found_by_name(void **state)
{
    enum service service;

    (void)state;
    for (int i = 0; i < SERVICE_COUNT; i++) {
        assert_true(service_find(service_name((enum service)i), &service));
        assert_int_equal(service, i);
    }
    assert_false(service_find("gateway", &service));
    assert_false(service_find("", &service));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_are_found_with_and_without_slash),
        cmocka_unit_test(what_is_no_method_is_not_found),
        cmocka_unit_test(every_method_has_a_name_of_its_own),
        cmocka_unit_test(services_are_found_by_name),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
