/* Letters as other readers see them: text, structure, language, fonts, pages; and what a letter
 * does with values that nobody wished for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/letters/letters.h"
#include "tests/support/pdf_reader.h"

enum { ARENA_BYTES = 256 << 20, DAY = 19166 /* 2022-06-23 */ };

static const struct niva_letter_name rows_names[] = {{.name = "day"}, {.name = "ore"}, {NULL}};
static const struct niva_letter_name names[] = {
    {.name = "unit"}, {.name = "text"}, {.name = "rows", .fields = rows_names}, {NULL}};

/* Everything that a template can have. */
static const char full[] =
    "@language sv\n@title Brev till {unit}\n@running Fortsättning: {unit}\n"
    "@page Sida {page} av {pages}\n"
    "@letterhead\n**Region Exempel (fiktiv)**\nVårdval primärvård\n"
    "@reference\nDatum | 2022-06-23\nDiarienummer | 1\n"
    "@recipient\n{unit}\nVerksamhetschefen\n"
    "@body\n# Rubrik\n! Fiktiv region.\n\nHej **{unit}**, skriv till [oss](mailto:a@example.org) "
    "snart.\n\n: Ord | förklaring\n: Annat | mer\n\n## Underrubrik\n- ett\n- två\n\n> {text}\n\n"
    "{table 3 1>}\n|! Dag | Öre |\n{each rows}\n| {day} | {ore} |\n{end}\n|= Summa | 3 |\n{end}\n"
    "\nMed vänlig hälsning\n"
    "@foot\nBox 1, 700 00 Exempelstad\n";

/* A title and the text. */
static const char plain[] = "@language en\n@title T\n@running R\n@page {page} / {pages}\n@body\n"
                            "# T\n\n{text}\n";

static struct niva_arena *arena;
static struct niva_text pdf;

static int begin(void **state)
{
    (void)state;
    arena = niva_arena_new(ARENA_BYTES);
    return arena == NULL;
}

static int end(void **state)
{
    (void)state;
    niva_text_free(&pdf);
    arena = niva_arena_free(arena);
    return 0;
}

static struct niva_letter_values *values_make(const char *unit, const char *text, size_t rows)
{
    struct niva_letter_values *values = niva_letter_values_new(arena, names);

    niva_letter_put(values, "unit", unit);
    niva_letter_put(values, "text", text);
    for (size_t i = 0; i < rows; i++) {
        struct niva_letter_values *row = niva_letter_add(values, "rows");

        niva_letter_put(row, "day", niva_arena_printf(arena, "rad %zu", i + 1));
        niva_letter_put(row, "ore", "1 234,50 kr");
    }
    return values;
}

static bool letter_try(const char *text, const struct niva_letter_values *values,
                       struct niva_error *err)
{
    const struct niva_letter_template *letter;

    niva_error_clear(err);
    niva_text_free(&pdf);
    return niva_letter_template_read("mall.txt", text, strlen(text), names, arena, &letter, err) &&
           niva_letter_write(letter, values, DAY, arena, &pdf, err);
}

static void letter_make(const char *text, const struct niva_letter_values *values)
{
    struct niva_error err;

    if (!letter_try(text, values, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
}

static bool holds(const char *part)
{
    for (size_t i = 0; i + strlen(part) <= pdf.length; i++)
        if (memcmp(pdf.data + i, part, strlen(part)) == 0)
            return true;
    return false;
}

static void assert_answers(const char *command, const char *part)
{
    char *answer = pdf_ask(&pdf, command);

    if (strstr(answer, part) == NULL)
        fail_msg("%s: expected \"%s\" in:\n%s", command, part, answer);
    free(answer);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

static size_t count_in(const char *command, const char *part)
{
    char *answer = pdf_ask(&pdf, command);
    size_t count = count_of(answer, part);

    free(answer);
    return count;
}

static void a_letter_reads_as_it_was_written(void **state)
{
    char *text;
    char *structure;

    (void)state;
    letter_make(full, values_make("Eken (fiktiv)", "Vi svarar.\nMed två rader.", 2));
    text = pdf_ask(&pdf, "pdftotext -layout $PDF -");
    golden_check(GOLDEN "/full.txt", text);
    structure = pdf_ask(&pdf, "pdfinfo -struct-text $PDF");
    golden_check(GOLDEN "/full.structure.txt", structure);
    free(text);
    free(structure);
}

static void a_letter_says_what_it_is(void **state)
{
    char *fonts;

    (void)state;
    letter_make(full, values_make("Eken <&> (fiktiv)", "x", 1));
    assert_answers("TZ=UTC pdfinfo $PDF", "Title:           Brev till Eken <&> (fiktiv)\n");
    assert_answers("TZ=UTC pdfinfo $PDF", "Tagged:          yes\n");
    assert_answers("TZ=UTC pdfinfo $PDF", "CreationDate:    Wed Jun 22 22:00:00 2022 UTC\n");
    assert_answers("pdfinfo $PDF", "(A4)");
    assert_answers("pdfinfo -meta $PDF", "Brev till Eken &lt;&amp;&gt; (fiktiv)</rdf:li>");
    assert_answers("pdfinfo -url $PDF", "mailto:a@example.org");
    assert_true(holds("/Lang (sv)"));
    assert_true(holds("/DisplayDocTitle true"));
    fonts = pdf_ask(&pdf, "pdffonts $PDF | tail -n +3");
    /* every font is embedded, a subset, and knows its characters */
    assert_true(count_of(fonts, "\n") >= 2);
    assert_int_equal(count_of(fonts, " yes yes yes "), count_of(fonts, "\n"));
    assert_int_equal(count_of(fonts, "+LiberationSans"), count_of(fonts, "\n"));
    free(fonts);
    letter_make(plain, values_make("", "x", 0));
    assert_true(holds("/Lang (en)"));
}

static void the_same_letter_is_the_same_bytes(void **state)
{
    struct niva_text first;

    (void)state;
    letter_make(full, values_make("Eken", "x", 100));
    first = pdf;
    pdf = (struct niva_text){0};
    letter_make(full, values_make("Eken", "x", 100));
    assert_int_equal(first.length, pdf.length);
    assert_memory_equal(first.data, pdf.data, pdf.length);
    niva_text_free(&first);
}

static void a_long_table_has_its_head_on_every_page_and_once_in_the_structure(void **state)
{
    char *structure;
    size_t pages;

    (void)state;
    letter_make(full, values_make("Eken", "x", 90));
    pages = count_in("pdftotext $PDF -", "\f");
    assert_true(pages > 3);
    assert_int_equal(count_in("pdftotext -layout $PDF -", "Öre"), pages);
    assert_int_equal(count_in("pdftotext $PDF -", "Sida "), pages);
    assert_int_equal(count_in("pdftotext $PDF -", "Fortsättning: Eken"), pages - 1);
    /* the sum stands with a row */
    assert_answers("pdftotext -layout $PDF - | tr '\\f' '#' | grep -B 3 Summa", "rad 90");
    /* each row once, and what is around it is no part of it */
    structure = pdf_ask(&pdf, "pdfinfo -struct-text $PDF");
    assert_int_equal(count_of(structure, "\"Öre\""), 1);
    assert_int_equal(count_of(structure, "\"rad "), 90);
    assert_int_equal(count_of(structure, "Sida "), 0);
    free(structure);
}

static void ten_thousand_rows_are_set(void **state)
{
    (void)state;
    letter_make(full, values_make("Eken", "x", 10000));
    assert_answers("pdftotext -layout -f 200 $PDF -", "rad 10000");
    assert_answers("pdfinfo $PDF", "Pages:           2");
}

/* A paragraph of n lines before another that goes over the page: neither's first nor last line
 * stands alone. */
static void no_line_stands_alone(void **state)
{
    static const char text[] = "@language sv\n@title T\n@running R\n@page {page}\n@body\n# T\n"
                               "{each rows}\n\n{day}\n{end}\n\n{text}\n";
    const char *const longer = "ett ord till och ";

    (void)state;
    for (size_t rows = 12; rows < 26; rows++) {
        struct niva_text words = {0};
        char *pages;
        const char *next;
        size_t lines = 0;

        for (int i = 0; i < 33; i++)
            niva_text_puts(&words, longer);
        letter_make(text, values_make("", words.data, rows));
        pages = pdf_ask(&pdf, "pdftotext -layout $PDF -");
        next = strchr(pages, '\f');
        assert_non_null(next);
        if (next[1] != '\0')
            lines = count_of(next, "\nett ord") + count_of(next, "\ntill och") +
                    count_of(next, "\noch ett") + count_of(next, "\nord till");
        if (lines == 1)
            fail_msg("%zu rows: a line alone in:\n%s", rows, pages);
        free(pages);
        niva_text_free(&words);
    }
}

static void hostile_words_stay_words(void **state)
{
    char *text;

    (void)state;
    letter_make(full,
                values_make("<b>&amp; \\(x) {unit} **[y](z)** %s /Lang", "</span>\x1b[31m", 1));
    text = pdf_ask(&pdf, "pdftotext -layout $PDF -");
    assert_non_null(strstr(text, "<b>&amp; \\(x) {unit} **[y](z)** %s /Lang"));
    assert_non_null(strstr(text, "</span>\uFFFD[31m"));
    free(text);
    assert_answers("pdfinfo $PDF", "Title:           Brev till <b>&amp; \\(x) {unit}");
}

static void directions_and_scripts_cannot_disturb(void **state)
{
    char *text;

    (void)state;
    /* Hebrew and Arabic are set; an override of the direction, and what no font has, are shown */
    letter_make(plain, values_make("",
                                   "a \u05d0\u05d1\u05d2 b \u0628\u062a c \u202Edeb 100\u202C d "
                                   "\u6f22 e \u200Bf \xff g",
                                   0));
    text = pdf_ask(&pdf, "pdftotext -raw $PDF - | tr -d '\\342\\200\\253\\254\\216\\217\\252'");
    assert_non_null(strstr(text, "g"));
    free(text);
    assert_answers("pdftotext $PDF -", "\u05d0\u05d1\u05d2");
    assert_answers("pdftotext $PDF -", "\uFFFDdeb 100\uFFFD d \uFFFD e f \uFFFD g");
    assert_int_equal(count_in("pdffonts $PDF | tail -n +3", " no "), 0);
}

static void a_word_without_end_is_broken(void **state)
{
    struct niva_letter_values *values;
    struct niva_letter_values *row;
    struct niva_text word = {0};
    char *text;

    (void)state;
    for (int i = 0; i < 3000; i++)
        niva_text_puts(&word, "w");
    values = values_make("Eken", word.data, 1);
    row = niva_letter_add(values, "rows");
    niva_letter_put(row, "day", word.data);
    niva_letter_put(row, "ore", "1");
    niva_letter_put(values, "unit", word.data + 2900);
    letter_make(full, values);
    text = pdf_ask(&pdf, "pdftotext -layout $PDF -");
    assert_true(count_of(text, "w") >= 2 * 3000 + 2 * 100);
    free(text);
    niva_text_free(&word);
}

static void a_row_higher_than_a_page_is_cut(void **state)
{
    struct niva_letter_values *values = values_make("Eken", "x", 1);
    struct niva_letter_values *row = niva_letter_add(values, "rows");
    struct niva_text words = {0};

    (void)state;
    for (int i = 0; i < 3000; i++)
        niva_text_printf(&words, "ord%d ", i);
    niva_letter_put(row, "day", words.data);
    niva_letter_put(row, "ore", "2");
    letter_make(full, values);
    assert_answers("pdftotext $PDF -", "ord2999");
    assert_int_equal(count_in("pdftotext $PDF - | tr ' ' '\\n'", "ord"), 3000);
    niva_text_free(&words);
}

static void a_head_that_fills_the_page_is_refused(void **state)
{
    struct niva_text unit = {0};
    struct niva_error err;

    (void)state;
    for (int i = 0; i < 60; i++)
        niva_text_puts(&unit, "rad\n");
    assert_false(letter_try(full, values_make(unit.data, "x", 1), &err));
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    assert_non_null(strstr(err.text_en, "head of the letter"));
    assert_int_equal(pdf.length, 0);
    niva_text_free(&unit);
}

static void a_target_that_is_no_link_is_text(void **state)
{
    static const char text[] = "@language sv\n@title T\n@running R\n@page {page}\n@body\n# T\n\n"
                               "[här]({text})\n";
    static const char *const targets[] = {
        "javascript:alert(1)",
        "file:///etc/passwd",
        "mailto:a' dest='x",
        "https://x)/S /URI",
        "mailto:",
        "https://å.se",
        "http://x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        letter_make(text, values_make("", targets[i], 0));
        assert_false(holds("/URI"));
        assert_answers("pdftotext $PDF -", "här");
    }
    letter_make(text, values_make("", "https://example.org/a?b=c&d", 0));
    assert_true(holds("/URI (https://example.org/a?b=c&d)"));
    assert_true(holds("/Contents (https://example.org/a?b=c&d)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_letter_reads_as_it_was_written, begin, end),
        cmocka_unit_test_setup_teardown(a_letter_says_what_it_is, begin, end),
        cmocka_unit_test_setup_teardown(the_same_letter_is_the_same_bytes, begin, end),
        cmocka_unit_test_setup_teardown(
            a_long_table_has_its_head_on_every_page_and_once_in_the_structure, begin, end),
        cmocka_unit_test_setup_teardown(ten_thousand_rows_are_set, begin, end),
        cmocka_unit_test_setup_teardown(no_line_stands_alone, begin, end),
        cmocka_unit_test_setup_teardown(hostile_words_stay_words, begin, end),
        cmocka_unit_test_setup_teardown(directions_and_scripts_cannot_disturb, begin, end),
        cmocka_unit_test_setup_teardown(a_word_without_end_is_broken, begin, end),
        cmocka_unit_test_setup_teardown(a_row_higher_than_a_page_is_cut, begin, end),
        cmocka_unit_test_setup_teardown(a_head_that_fills_the_page_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_target_that_is_no_link_is_text, begin, end),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
