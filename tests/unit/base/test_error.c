#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/error.h"
#include "services/common/base/text.h"

static void an_error_carries_code_sentences_and_cause(void **state)
{
    (void)state;
    struct niva_error err;

    assert_false(niva_fail_cause(&err, NIVA_UNAVAILABLE, "Databasen svarar inte.",
                                 "The database does not answer.", "SQLSTATE %s", "08006"));
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
    assert_string_equal(err.text_sv, "Databasen svarar inte.");
    assert_string_equal(err.text_en, "The database does not answer.");
    assert_string_equal(err.cause, "SQLSTATE 08006");
    assert_int_equal(err.violation_count, 0);
    assert_int_equal(err.retry_after_ms, 0);
    niva_error_clear(&err);
    assert_int_equal(err.code, NIVA_OK);
    assert_string_equal(err.cause, "");
}

static void a_new_error_forgets_the_old_one(void **state)
{
    (void)state;
    struct niva_error err;

    niva_error_clear(&err);
    niva_fail_violation(&err, NIVA_INVALID_ARGUMENT, "unit", "HSA_ID_MALFORMED", "a", "b");
    err.retry_after_ms = 7;
    assert_false(niva_fail_internal(&err, "errno %d", 5));
    assert_int_equal(err.code, NIVA_INTERNAL);
    assert_int_equal(err.violation_count, 0);
    assert_int_equal(err.retry_after_ms, 0);
    assert_string_equal(err.cause, "errno 5");
    assert_true(err.text_sv[0] != '\0' && err.text_en[0] != '\0');
}

static void violations_are_collected_up_to_a_limit(void **state)
{
    (void)state;
    struct niva_error err;

    niva_error_clear(&err);
    for (int i = 0; i < NIVA_VIOLATIONS_MAX + 4; i++) {
        char field[32];

        snprintf(field, sizeof field, "positions[%d]", i);
        assert_false(
            niva_fail_violation(&err, NIVA_INVALID_ARGUMENT, field, "REQUIRED", "sv", "en"));
    }
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_string_equal(err.text_sv, "sv");
    assert_string_equal(err.text_en, "en");
    assert_int_equal(err.violation_count, NIVA_VIOLATIONS_MAX);
    assert_string_equal(err.violations[15].field, "positions[15]");
    assert_string_equal(err.violations[15].reason, "REQUIRED");
}

static void a_violation_of_another_kind_starts_anew(void **state)
{
    (void)state;
    struct niva_error err;

    niva_error_clear(&err);
    niva_fail_violation(&err, NIVA_INVALID_ARGUMENT, "unit", "REQUIRED", "a", "b");
    niva_fail_violation(&err, NIVA_FAILED_PRECONDITION, "rule 7", "OVERLAP", "c", "d");
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    assert_int_equal(err.violation_count, 1);
    assert_string_equal(err.violations[0].field, "rule 7");
    assert_string_equal(err.text_en, "d");
}

/* A sentence cut inside å would be refused by every decoder on its way. */
static void long_texts_are_cut_at_a_character(void **state)
{
    (void)state;
    struct niva_error err;
    char text[1001];

    for (size_t offset = 0; offset < 2; offset++) {
        memset(text, 'x', offset);
        for (size_t i = offset; i + 1 < sizeof text; i += 2)
            memcpy(text + i, "å", 2);
        text[sizeof text - 1 - offset] = '\0';
        niva_fail_cause(&err, NIVA_INTERNAL, text, text, "%s", text);
        assert_true(niva_utf8_valid(err.text_sv, strlen(err.text_sv)));
        assert_true(niva_utf8_valid(err.cause, strlen(err.cause)));
        assert_in_range(strlen(err.text_sv), sizeof err.text_sv - 3, sizeof err.text_sv - 1);
    }
}

static void codes_have_the_names_of_google_rpc(void **state)
{
    (void)state;
    static const struct {
        int code;
        const char *name;
    } codes[] = {
        {0, "OK"},
        {1, "CANCELLED"},
        {2, "UNKNOWN"},
        {3, "INVALID_ARGUMENT"},
        {4, "DEADLINE_EXCEEDED"},
        {5, "NOT_FOUND"},
        {6, "ALREADY_EXISTS"},
        {7, "PERMISSION_DENIED"},
        {8, "RESOURCE_EXHAUSTED"},
        {9, "FAILED_PRECONDITION"},
        {10, "ABORTED"},
        {12, "UNIMPLEMENTED"},
        {13, "INTERNAL"},
        {14, "UNAVAILABLE"},
        {16, "UNAUTHENTICATED"},
        {99, "UNKNOWN"},
    };

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        assert_string_equal(niva_code_name(codes[i].code), codes[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_carries_code_sentences_and_cause),
        cmocka_unit_test(a_new_error_forgets_the_old_one),
        cmocka_unit_test(violations_are_collected_up_to_a_limit),
        cmocka_unit_test(a_violation_of_another_kind_starts_anew),
        cmocka_unit_test(long_texts_are_cut_at_a_character),
        cmocka_unit_test(codes_have_the_names_of_google_rpc),
    };
    int failed = cmocka_run_group_tests_name("error", tests, NULL, NULL);

    return failed ? 1 : 0;
}
