#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "services/common/base/arena.h"
#include "services/common/base/text.h"

static void a_text_grows_and_keeps_its_end(void **state)
{
    (void)state;
    struct niva_text text = {0};

    for (int i = 0; i < 1000; i++) {
        niva_text_puts(&text, "å");
        niva_text_append(&text, "b", 1);
        niva_text_printf(&text, "%d", i % 10);
    }
    assert_false(text.failed);
    assert_int_equal(text.length, 4000);
    assert_int_equal(strlen(text.data), 4000);
    assert_memory_equal(text.data + 3996, "åb9", 4);
    niva_text_free(&text);
    assert_null(text.data);
    niva_text_append(&text, "", 0);
    assert_string_equal(text.data, "");
    niva_text_free(&text);
}

static void a_text_without_memory_says_so_and_stays_failed(void **state)
{
    (void)state;
    struct niva_text text = {0};

    niva_arena_fail_after(1);
    niva_text_puts(&text, "one");
    assert_true(text.failed);
    niva_text_puts(&text, "two");
    niva_text_printf(&text, "%d", 3);
    assert_true(text.failed);
    assert_int_equal(text.length, 0);
    niva_text_free(&text);
    assert_false(text.failed);
}

static void utf8_is_exactly_that_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        bool valid;
    } cases[] = {
        {"", 0, true},
        {"abc", 3, true},
        {"\xc3\xa5", 2, true},
        {"\xe2\x88\x92", 3, true},
        {"\xf0\x9f\x8f\xa5", 4, true},
        {"\xf4\x8f\xbf\xbf", 4, true},
        {"\xee\x80\x80", 3, true},
        {"a\0b", 3, false},
        {"12345678\0", 9, false},
        {"1234567\0", 8, false},
        {"\xc3", 1, false},
        {"\xe2\x88", 2, false},
        {"\xf0\x9f\x8f", 3, false},
        {"\x80", 1, false},
        {"\xc0\x80", 2, false},
        {"\xc1\xbf", 2, false},
        {"\xe0\x9f\xbf", 3, false},
        {"\xed\xa0\x80", 3, false},
        {"\xf0\x8f\xbf\xbf", 4, false},
        {"\xf4\x90\x80\x80", 4, false},
        {"\xf5\x80\x80\x80", 4, false},
        {"\xff", 1, false},
        {"abcdefgh\xff", 9, false},
        {"abcdefg\xe5", 8, false},
        {"\xc3(", 2, false},
        {"\xe2\x88(", 3, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (niva_utf8_valid(cases[i].bytes, cases[i].size) != cases[i].valid)
            fail_msg("case %zu: expected %s", i, cases[i].valid ? "valid" : "invalid");
    assert_int_equal(niva_utf8_length("Västerås 🏥", strlen("Västerås 🏥")), 10);
}

/* Every code point is valid, every surrogate is not. */
static void every_code_point_is_judged(void **state)
{
    (void)state;
    for (uint32_t point = 0x800; point < 0x110000; point++) {
        char bytes[4];
        size_t size = point < 0x10000 ? 3 : 4;
        bool expected = point < 0xd800 || point > 0xdfff;

        bytes[0] = (char)(size == 3 ? 0xe0 | point >> 12 : 0xf0 | point >> 18);
        bytes[size - 1] = (char)(0x80 | (point & 0x3f));
        bytes[size - 2] = (char)(0x80 | (point >> 6 & 0x3f));
        if (size == 4)
            bytes[1] = (char)(0x80 | (point >> 12 & 0x3f));
        if (niva_utf8_valid(bytes, size) != expected)
            fail_msg("U+%04X: expected %s", point, expected ? "valid" : "invalid");
    }
}

static void a_text_is_cut_at_a_character(void **state)
{
    (void)state;
    char target[4];

    niva_text_set(target, sizeof target, "abc");
    assert_string_equal(target, "abc");
    niva_text_set(target, sizeof target, "abå");
    assert_string_equal(target, "ab");
    niva_text_set(target, sizeof target, "\xf0\x9f\x8f\xa5");
    assert_string_equal(target, "");
    niva_text_set(target, sizeof target, NULL);
    assert_string_equal(target, "");
    /* as a precision in bytes leaves it */
    niva_text_set(target, sizeof target, "a\xc3 b");
    assert_string_equal(target, "a b");
    niva_text_set(target, sizeof target, "a\xe2\x80");
    assert_string_equal(target, "a");
    niva_text_set(target, 1, "abc");
    assert_string_equal(target, "");
}

static void hexadecimal_is_lower_case(void **state)
{
    (void)state;
    char hex[9];

    niva_hex((const uint8_t[]){0x00, 0x9f, 0xa0, 0xff}, 4, hex);
    assert_string_equal(hex, "009fa0ff");
    niva_hex(NULL, 0, hex);
    assert_string_equal(hex, "");
}

static void amounts_are_written_as_people_read_them(void **state)
{
    (void)state;
    static const struct {
        int64_t ore;
        const char *text;
    } cases[] = {
        {0, "0,00\u00a0kr"},
        {5, "0,05\u00a0kr"},
        {-5, "\u22120,05\u00a0kr"},
        {123450, "1\u00a0234,50\u00a0kr"},
        {-123450, "\u22121\u00a0234,50\u00a0kr"},
        {99999, "999,99\u00a0kr"},
        {100000, "1\u00a0000,00\u00a0kr"},
        {100000000, "1\u00a0000\u00a0000,00\u00a0kr"},
        {1001005, "10\u00a0010,05\u00a0kr"},
        {INT64_MAX, "92\u00a0233\u00a0720\u00a0368\u00a0547\u00a0758,07\u00a0kr"},
        {INT64_MIN, "\u221292\u00a0233\u00a0720\u00a0368\u00a0547\u00a0758,08\u00a0kr"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[48];

        niva_text_kronor(cases[i].ore, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void staffing_is_written_with_the_decimals_it_needs(void **state)
{
    (void)state;
    static const struct {
        int32_t milli;
        const char *text;
    } cases[] = {
        {0, "0,00"},
        {2800, "2,80"},
        {875, "0,875"},
        {1000, "1,00"},
        {10, "0,01"},
        {1, "0,001"},
        {-250, "\u22120,25"},
        {INT32_MAX, "2147483,647"},
        {INT32_MIN, "\u22122147483,648"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[16];

        niva_text_fte(cases[i].milli, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_grows_and_keeps_its_end),
        cmocka_unit_test(a_text_without_memory_says_so_and_stays_failed),
        cmocka_unit_test(utf8_is_exactly_that_of_the_standard),
        cmocka_unit_test(every_code_point_is_judged),
        cmocka_unit_test(a_text_is_cut_at_a_character),
        cmocka_unit_test(hexadecimal_is_lower_case),
        cmocka_unit_test(amounts_are_written_as_people_read_them),
        cmocka_unit_test(staffing_is_written_with_the_decimals_it_needs),
    };
    int failed = cmocka_run_group_tests_name("text", tests, NULL, NULL);

    return failed ? 1 : 0;
}
