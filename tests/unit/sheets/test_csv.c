/* CSV as Swedish Excel writes it, and as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/text.h"
#include "tests/unit/sheets/sheet_rig.h"

static void separators_are_told_apart(void **state)
{
    (void)state;
    text_expect("Enhet;Andel\r\nA;0,75\r\n", "1: Enhet|Andel\n2: A|0,75\n");
    text_expect("Enhet\tAndel\nA\t0,75\n", "1: Enhet|Andel\n2: A|0,75\n");
    text_expect("Enhet,Andel\nA,\"0,75\"\n", "1: Enhet|Andel\n2: A|0,75\n");
    text_expect("\"Andel, i procent\";Enhet\n75 %;A\n", "1: Andel, i procent|Enhet\n2: 75 %|A\n");
    text_expect("Enhet\nA\n", "1: Enhet\n2: A\n");
    text_expect("sep=,\r\nEnhet,Andel\r\nA,1\r\n", "2: Enhet|Andel\n3: A|1\n");
    text_expect("\r\n\r\nEnhet;Andel\r\nA;1", "3: Enhet|Andel\n4: A|1\n");
    sheet_refused("Enhet;Andel, %\nA;1\n", 19, "SEPARATOR_UNCLEAR");
    sheet_refused("Enhet,Andel\tx\n", 14, "SEPARATOR_UNCLEAR");
}

static void text_is_utf8_or_windows_1252(void **state)
{
    (void)state;
    text_expect("\xef\xbb\xbfV\u00e5rd;\u00d6vrigt\n\u20ac;\u2013\n",
                "1: V\u00e5rd|\u00d6vrigt\n2: \u20ac|\u2013\n");
    text_expect("V\u00e5rd;\u00d6vrigt\n", "1: V\u00e5rd|\u00d6vrigt\n");
    text_expect("V\xe5rd;\xd6vrigt\n\x80;\x96\n", "1: V\u00e5rd|\u00d6vrigt\n2: \u20ac|\u2013\n");
    sheet_refused("\xef\xbb\xbfV\xe5rd\n", 8, "TEXT_ENCODING"); /* promised UTF-8 */
    sheet_refused("V\x81rd\n", 5, "TEXT_ENCODING");             /* no character of either */
    sheet_refused("\xff\xfe"
                  "E\0n\0",
                  6, "TEXT_ENCODING"); /* UTF-16 */
    sheet_refused("a;b\n\x01;2\n", 8, "TEXT_ENCODING");
    sheet_refused("%PDF-1.4\n\0\0", 11, "TEXT_ENCODING");
}

static void quotes_hold_separators_quotes_and_lines(void **state)
{
    (void)state;
    text_expect("a;b\r\n\"x;y\";\"sade \"\"ja\"\"\"\r\n", "1: a|b\n2: x;y|sade \"ja\"\n");
    text_expect("a;b\r\n\"rad 1\r\nrad 2\";1\r\nx;2\r\n", "1: a|b\n2: rad 1\r\nrad 2|1\n3: x|2\n");
    text_expect("a;b\n5\" rör;\"\"\n\"\";x\n", "1: a|b\n2: 5\" rör\n3: |x\n");
    sheet_refused("a;b\n\"x;1\ny;2\n", 13, "QUOTE_UNCLOSED");
    sheet_refused("a;b\n\"x\"y;1\n", 11, "QUOTE_MISPLACED");
}

static void lines_end_in_every_way(void **state)
{
    (void)state;
    text_expect("a;b\n1;2\r3;4\r\n5;6", "1: a|b\n2: 1|2\n3: 3|4\n4: 5|6\n");
}

/* Blank is not given, and a blank row keeps its number. */
static void blank_cells_are_blank(void **state)
{
    (void)state;
    text_expect("a;b;c\n;\u00a0 ;\t\n;;3\n  x ;;\n", "1: a|b|c\n3: ||3\n4: x\n");
    sheet_refused("", 0, "EMPTY");
    sheet_refused("\r\n \r\n", 5, "EMPTY");
    sheet_refused("\xef\xbb\xbf", 3, "EMPTY");
}

static void limits_hold(void **state)
{
    (void)state;
    struct niva_text text = {0};

    for (int i = 0; i < NIVA_SHEET_COLUMNS_MAX; i++)
        niva_text_puts(&text, ";");
    niva_text_puts(&text, "x\n");
    sheet_refused(text.data, text.length, "TOO_LARGE");
    text.length = 0;
    niva_text_puts(&text, "a;b\n");
    for (int i = 0; i < NIVA_SHEET_CELL_BYTES_MAX; i++)
        niva_text_puts(&text, "x");
    sheet_expect("a;b\n", 4, "1: a|b\n");
    niva_text_puts(&text, "y\n");
    sheet_refused(text.data, text.length, "TOO_LARGE");
    text.length = 0;
    for (int i = 0; i < NIVA_SHEET_ROWS_MAX; i++)
        niva_text_puts(&text, "\n");
    niva_text_puts(&text, "x\n");
    sheet_refused(text.data, text.length, "TOO_LARGE");
    text.length = 0;
    for (int i = 0; i < 10; i++)
        niva_text_puts(&text, "a;b;c;d;e;f;g;h;i;j;k\n");
    niva_text_free(&text);
}

static void a_full_arena_is_told(void **state)
{
    (void)state;
    struct niva_arena *small = niva_arena_new(16 << 10);
    struct niva_text text = {0};
    struct niva_sheet sheet;
    struct niva_error err;

    for (int i = 0; i < 1000; i++)
        niva_text_puts(&text, "en;rad;med;celler\n");
    assert_false(
        niva_sheet_read((const uint8_t *)text.data, text.length, NULL, small, &sheet, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    niva_text_free(&text);
    niva_arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separators_are_told_apart),
        cmocka_unit_test(text_is_utf8_or_windows_1252),
        cmocka_unit_test(quotes_hold_separators_quotes_and_lines),
        cmocka_unit_test(lines_end_in_every_way),
        cmocka_unit_test(blank_cells_are_blank),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(a_full_arena_is_told),
    };
    int failed = cmocka_run_group_tests(tests, arena_open, arena_close);

    return failed ? 1 : 0;
}
