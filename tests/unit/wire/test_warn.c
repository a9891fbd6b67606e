#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "services/common/wire/warn.h"

static void personal_data_is_seen_in_free_text(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "850101-1234",       "Anställd 19850101-1234.",      "(8501011234)",
        "198501011234",      "född 850101 1234, FT",         "850161-1234 samordningsnummer",
        "skriv till a@b.se", "<anna.fiktiv@region.example>", "chef+x@fiktiv.se",
        "åsa@fiktiv.se",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!niva_text_looks_personal(texts[i]))
            fail_msg("\"%s\": expected to look personal", texts[i]);
}

static void ordinary_free_text_is_left_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "Vikarie från 2022-09-01, 75 %.",
        "Orgnr 232100-0016",
        "Ring 021-17 30 00",
        "tisdag @ 10",
        "a@b",
        "@fiktiv.se",
        "a@.se",
        "a@b.",
        "20220901–20221231",
        "dok.nr 35918 och 50293",
        "12345678901234567890",
        "851301-1234",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (niva_text_looks_personal(texts[i]))
            fail_msg("\"%s\": expected not to look personal", texts[i]);
}

static void every_warning_is_kept(void **state)
{
    (void)state;
    struct niva_warnings warnings = {.arena = niva_arena_new(1 << 20)};

    for (int i = 0; i < 100; i++)
        niva_warn(&warnings, "report.positions", "STAFFING_ZERO", "ingen", "nobody");
    assert_false(warnings.failed);
    assert_int_equal(warnings.count, 100);
    assert_string_equal(warnings.items[99]->text_sv, "ingen");
    niva_arena_free(warnings.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(personal_data_is_seen_in_free_text),
        cmocka_unit_test(ordinary_free_text_is_left_alone),
        cmocka_unit_test(every_warning_is_kept),
    };
    int failed = cmocka_run_group_tests_name("wire warn", tests, NULL, NULL);

    return failed ? 1 : 0;
}
