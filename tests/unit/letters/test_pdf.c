/* What is added to the PDFs of cairo, and that nothing else is taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "services/letters/pdf.h"

static void assert_marked(const char *content, const char *expected)
{
    struct niva_text marked = {0};

    content_mark(content, strlen(content), &marked);
    assert_string_equal(marked.data, expected);
    niva_text_free(&marked);
}

static void what_is_of_no_element_is_an_artifact(void **state)
{
    (void)state;
    assert_marked(
        "1 0 0 -1 0 842 cm\nq\n/P << /MCID 0 >> BDC\nBT\n(a)Tj\nET\nEMC\n0 rg\nBT\n(b)Tj\n"
        "ET\n/P << /MCID 1 >> BDC\n(c)Tj\nEMC\nQ\n",
        "1 0 0 -1 0 842 cm\nq\n/P << /MCID 0 >> BDC\nBT\n(a)Tj\nET\nEMC\n"
        "/Artifact BMC\n0 rg\nBT\n(b)Tj\nET\nEMC\n/P << /MCID 1 >> BDC\n(c)Tj\nEMC\nQ\n");
    assert_marked("q\n(a)Tj\nQ\n", "q\n/Artifact BMC\n(a)Tj\nEMC\nQ\n");
    assert_marked("(a)Tj", "/Artifact BMC\n(a)Tj\nEMC\n");
}

static void what_a_glyph_stands_for_stays_inside(void **state)
{
    static const char text[] = "/Span << /ActualText <feff0020> >> BDC\n<01>Tj\nEMC\n";
    struct niva_text content = {0};
    struct niva_text expected = {0};

    (void)state;
    niva_text_printf(&content, "q\nBT\n%sET\n/P << /MCID 0 >> BDC\nBT\n%sET\nEMC\nQ\n", text, text);
    niva_text_printf(&expected,
                     "q\n/Artifact BMC\nBT\n%sET\nEMC\n/P << /MCID 0 >> BDC\nBT\n%sET\nEMC\nQ\n",
                     text, text);
    assert_marked(content.data, expected.data);
    niva_text_free(&content);
    niva_text_free(&expected);
}

static void what_is_no_pdf_of_cairo_is_refused(void **state)
{
    static const char *const files[] = {
        "%PDF-1.5\n",
        "startxref\n999\n%%EOF\n",
        "startxref\n0\n%%EOF\n",
        "xref\n0 9\nstartxref\n0\n%%EOF\n",
        "xref\n0 99999999999\nstartxref\n0\n%%EOF\n",
        "xref\n0 2\n0000000000 65535 f \n9999999999 00000 n \nstartxref\n0\n%%EOF\n",
    };
    static const struct pdf_facts facts = {"sv", "T", "2022-06-23T00:00:00Z", ""};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct niva_text file = {0};
        struct niva_text finished = {0};
        struct niva_error err;

        niva_text_puts(&file, files[i]);
        assert_false(pdf_finish(&file, &facts, &finished, &err));
        assert_int_equal(err.code, NIVA_INTERNAL);
        assert_int_equal(finished.length, 0);
        niva_text_free(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_of_no_element_is_an_artifact),
        cmocka_unit_test(what_a_glyph_stands_for_stays_inside),
        cmocka_unit_test(what_is_no_pdf_of_cairo_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
