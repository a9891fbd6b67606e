/* Code page 437: what it has comes out as its byte, what it lacks as near as ASCII comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/compensation/cp437.h"

static void expect_cut(const char *utf8, size_t most, const char *bytes)
{
    struct niva_text text = {0};

    cp437_append(&text, utf8, most);
    assert_false(text.failed);
    assert_int_equal(text.length, strlen(bytes));
    if (text.length > 0)
        assert_memory_equal(text.data, bytes, text.length);
    niva_text_free(&text);
}

static void expect(const char *utf8, const char *bytes)
{
    expect_cut(utf8, 100, bytes);
}

static void swedish_letters_are_those_of_the_format(void **state)
{
    (void)state;
    expect("åäöÅÄÖ", "\x86\x84\x94\x8F\x8E\x99");
    expect("éüÉÜæÆ", "\x82\x81\x90\x9A\x91\x92");
    expect("A-z 09~!", "A-z 09~!");
}

static void marks_that_it_lacks_are_left_out(void **state)
{
    (void)state;
    expect("ŠšõøÐłž", "SsooDlz");
    expect("a\xCC\x8A", "a");
}

static void signs_become_ascii(void **state)
{
    (void)state;
    expect("”–’…€−", "\"-'...EUR-");
    expect("\xF0\x9F\x98\x80中", "??");
}

static void control_characters_and_spaces_are_spaces(void **state)
{
    (void)state;
    expect("a\tb\nc\x01\x7F", "a b c  ");
    expect("1\xC2\xA0"
           "234\xE2\x80\xAF"
           "5\xC2\x85",
           "1 234 5 ");
}

static void characters_are_counted_as_they_are_written(void **state)
{
    (void)state;
    expect_cut("åäö", 2, "\x86\x84");
    expect_cut("€€", 4, "EURE");
    expect_cut("å", 0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swedish_letters_are_those_of_the_format),
        cmocka_unit_test(marks_that_it_lacks_are_left_out),
        cmocka_unit_test(signs_become_ascii),
        cmocka_unit_test(control_characters_and_spaces_are_spaces),
        cmocka_unit_test(characters_are_counted_as_they_are_written),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
