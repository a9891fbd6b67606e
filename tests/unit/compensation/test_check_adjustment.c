/* The checks of what officers and deciders ask: what is missing or wrong is named by its field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/compensation/decide.h"

#define LINE_ID "0190163d-8694-739b-aea5-966c26f8ad91"

typedef Niva__Compensation__V1__DecideAdjustmentRequest DecideRequest;
typedef Niva__Compensation__V1__PrepareAdjustmentRequest PrepareRequest;
typedef Niva__Compensation__V1__ReviseAdjustmentRequest ReviseRequest;

#define APPROVE NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__DECISION__APPROVE
#define WAIVE   NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__DECISION__WAIVE
#define CODE    NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__UNABLE_TO_RECRUIT

static DecideRequest decide_make(int decision)
{
    DecideRequest request = NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__INIT;

    request.adjustment_id = (char *)LINE_ID;
    request.computed_ore = 24000;
    request.decision = (Niva__Compensation__V1__DecideAdjustmentRequest__Decision)decision;
    request.case_number = (char *)"FIKTIV-1";
    request.delegation = (char *)"Fiktiv delegation 1";
    return request;
}

static ReviseRequest revise_make(int64_t revised_ore)
{
    ReviseRequest request = NIVA__COMPENSATION__V1__REVISE_ADJUSTMENT_REQUEST__INIT;

    request.adjustment_id = (char *)LINE_ID;
    request.computed_ore = 24000;
    request.revised_ore = revised_ore;
    request.reason_code = CODE;
    request.reason = (char *)"Fiktivt skäl";
    request.case_number = (char *)"FIKTIV-1";
    request.delegation = (char *)"Fiktiv delegation 1";
    return request;
}

/* The fields that are wrong, beside each other. */
static const char *wrong(bool good, const struct niva_error *err)
{
    static char fields[256];

    fields[0] = '\0';
    if (good)
        return fields;
    assert_int_equal(err->code, NIVA_INVALID_ARGUMENT);
    for (size_t i = 0; i < err->violation_count; i++) {
        strcat(fields, i > 0 ? " " : "");
        strcat(fields, err->violations[i].field);
    }
    return fields;
}

static const char *wrong_decide(const DecideRequest *request)
{
    struct niva_error err;
    bool good = decide_check(&request->base, &err);

    return wrong(good, &err);
}

static const char *wrong_revise(const ReviseRequest *request)
{
    struct niva_error err;
    bool good = revise_check(&request->base, &err);

    return wrong(good, &err);
}

static void test_decide(void **state)
{
    DecideRequest request = decide_make(APPROVE);

    (void)state;
    assert_string_equal(wrong_decide(&request), "");
    request = decide_make(WAIVE);
    assert_string_equal(wrong_decide(&request), "reasonCode reason");
    request.reason_code = CODE;
    request.reason = (char *)" \n\t ";
    assert_string_equal(wrong_decide(&request), "reason");
    request.reason = (char *)"Fiktivt skäl";
    assert_string_equal(wrong_decide(&request), "");
    request = decide_make(0);
    request.adjustment_id = (char *)"1";
    request.case_number = (char *)"";
    request.delegation = (char *)"  ";
    assert_string_equal(wrong_decide(&request), "adjustmentId decision caseNumber delegation");
}

static void test_revise(void **state)
{
    ReviseRequest request = revise_make(0);

    (void)state;
    assert_string_equal(wrong_revise(&request), "");
    request.revised_ore = 23999;
    assert_string_equal(wrong_revise(&request), "");
    request.revised_ore = 24000;
    assert_string_equal(wrong_revise(&request), "revisedOre");
    request.revised_ore = -1;
    assert_string_equal(wrong_revise(&request), "revisedOre");
    request = revise_make(0);
    request.computed_ore = -24000; /* money back: said when it is decided */
    assert_string_equal(wrong_revise(&request), "");
    request = revise_make(1);
    request.reason_code = (Niva__Compensation__V1__Adjustment__ReasonCode)0;
    request.reason = (char *)"";
    assert_string_equal(wrong_revise(&request), "reasonCode reason");
}

static void test_prepare(void **state)
{
    static char words[4002];
    PrepareRequest request = NIVA__COMPENSATION__V1__PREPARE_ADJUSTMENT_REQUEST__INIT;
    struct niva_error err;

    (void)state;
    request.adjustment_id = (char *)LINE_ID;
    assert_true(prepare_check(&request.base, &err));
    memset(words, 'a', sizeof words - 1);
    request.statement = words;
    assert_false(prepare_check(&request.base, &err));
    assert_string_equal(wrong(false, &err), "statement");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide),
        cmocka_unit_test(test_revise),
        cmocka_unit_test(test_prepare),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
