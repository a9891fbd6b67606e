/* The grammar of templates: what it takes, and what it refuses with the line where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/letters/document.h"

static const struct niva_letter_name items_names[] = {{.name = "name"}, {.name = "ore"}, {NULL}};
static const struct niva_letter_name names[] = {
    {.name = "unit"},
    {.name = "note"},
    {.name = "absent"},
    {.name = "form", .words = "PRIVATE INTRAPRENAD"},
    {.name = "name"},
    {.name = "items", .fields = items_names},
    {NULL},
};

#define HEAD "@language sv\n@title T\n@running R\n@page {page} av {pages}\n@body\n"

static struct niva_arena *arena;

static int arena_open(void **state)
{
    (void)state;
    arena = niva_arena_new(1 << 24);
    return arena == NULL;
}

static int arena_close(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

static bool template_read(const char *text, const struct niva_letter_template **ret_template,
                          struct niva_error *err)
{
    niva_error_clear(err);
    return niva_letter_template_read("mall.txt", text, strlen(text), names, arena, ret_template,
                                     err);
}

static void assert_refused(const char *text, const char *where, const char *what)
{
    const struct niva_letter_template *letter;
    struct niva_error err;

    if (template_read(text, &letter, &err))
        fail_msg("taken: %s", text);
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    if (strncmp(err.text_en, where, strlen(where)) != 0 || strstr(err.text_en, what) == NULL)
        fail_msg("expected %s … %s\nactual   %s\nof:\n%s", where, what, err.text_en, text);
}

static struct niva_letter_values *values_make(void)
{
    struct niva_letter_values *values = niva_letter_values_new(arena, names);
    struct niva_letter_values *item;

    niva_letter_put(values, "unit", "Eken");
    niva_letter_put(values, "note", "{unit} **fet** [x](y) | <b>");
    niva_letter_put(values, "form", "PRIVATE");
    niva_letter_put(values, "name", "utanför");
    item = niva_letter_add(values, "items");
    niva_letter_put(item, "name", "ett");
    niva_letter_put(item, "ore", "1");
    item = niva_letter_add(values, "items");
    niva_letter_put(item, "name", "två");
    niva_letter_put(item, "ore", "2");
    return values;
}

static void spans_tell(const struct span *spans, struct niva_text *text)
{
    for (; spans != NULL; spans = spans->next)
        niva_text_printf(text,
                         spans->link != NULL ? "<%s|%s>"
                         : spans->strong     ? "*%s*"
                                             : "%s",
                         spans->text, spans->link);
}

/* A document in one line: the kind of each block and its text, the cells of rows between bars. */
static void document_tell(const struct document *document, struct niva_text *text)
{
    for (const struct block *block = document->blocks; block != NULL; block = block->next) {
        niva_text_printf(text, "%c", "TH.-\"!F|"[block->kind]);
        spans_tell(block->text, text);
        for (const struct row *row = block->rows; row != NULL; row = row->next) {
            niva_text_printf(text, "%c", "h_=f"[row->kind]);
            for (size_t i = 0; i < block->column_count; i++) {
                spans_tell(row->cells[i], text);
                niva_text_puts(text, ",");
            }
        }
        niva_text_puts(text, ";");
    }
}

static void assert_tells(const char *body, const char *expected)
{
    const struct niva_letter_template *letter;
    struct document document;
    struct niva_text text = {0};
    struct niva_error err;
    char whole[1024];

    snprintf(whole, sizeof whole, HEAD "# T\n%s", body);
    if (!template_read(whole, &letter, &err) ||
        !document_fill(letter, values_make(), arena, &document, &err))
        fail_msg("%s\nof:\n%s", err.text_en, body);
    document_tell(&document, &text);
    assert_string_equal(text.data, expected);
    niva_text_free(&text);
}

static void lines_make_blocks(void **state)
{
    (void)state;
    assert_tells("ett\ntvå\n\ntre", "TT;.ett två;.tre;");
    assert_tells("## H\ntext", "TT;HH;.text;");
    assert_tells("- a\nb\n- c\n> q\n! n", "TT;-a b;-c;\"q;!n;");
    assert_tells("// inget\n  indraget  ", "TT;.indraget;");
    assert_tells(": a | b\n: c | d\n\n: e | f", "TT;Ffa,b,fc,d,;Ffe,f,;");
}

static void values_are_put_in_and_never_read(void **state)
{
    (void)state;
    assert_tells("vid {unit}.", "TT;.vid Eken.;");
    assert_tells("{note}", "TT;.{unit} **fet** [x](y) | <b>;");
    assert_tells("**{unit}** är [här](mailto:{unit})", "TT;.*Eken* är <här|mailto:Eken>;");
    assert_tells("\\{unit\\} \\*\\* \\[a\\] \\\\", "TT;.{unit} ** [a] \\;");
}

static void conditions_choose(void **state)
{
    (void)state;
    assert_tells("{if absent}\nja\n{else}\nnej\n{end}", "TT;.nej;");
    assert_tells("{if unit}\nja\n{end}", "TT;.ja;");
    assert_tells("{if not unit}\nja\n{end}", "TT;");
    assert_tells("{if form is PRIVATE}\np\n{end}", "TT;.p;");
    assert_tells("{if form is not PRIVATE}\np\n{end}", "TT;");
    assert_tells("{if items}\n{if unit}\ninre\n{end}\n{end}", "TT;.inre;");
    assert_tells("a\n{if unit}\nb\n{end}\nc", "TT;.a b c;");
}

static void loops_repeat(void **state)
{
    (void)state;
    assert_tells("{each items}\n- {name} i {unit}\n{end}\n\n{name}",
                 "TT;-ett i Eken;-två i Eken;.utanför;");
    assert_tells("{table 2 1>}\n|! Namn | Öre |\n{each items}\n| {name} | {ore} |\n{end}\n"
                 "|= | 3 |\n{end}",
                 "TT;|hNamn,Öre,_ett,1,_två,2,=,3,;");
    assert_tells("{table 1 1}\n| a \\| b | |\n{end}", "TT;|_a | b,,;");
}

static void what_is_not_of_the_grammar_is_refused_where_it_stands(void **state)
{
    static const struct {
        const char *body;
        const char *where;
        const char *what;
    } cases[] = {
        {"{unti}", "mall.txt:6:", "unknown name \"unti\""},
        {"\n\n{if unti}\n{end}", "mall.txt:8:", "unknown name \"unti\""},
        {"{ore}", "mall.txt:6:", "unknown name \"ore\""},
        {"{each items}\n{end}\n{ore}", "mall.txt:8:", "unknown name \"ore\""},
        {"{}", "mall.txt:6:", "unknown name \"\""},
        {"{unit", "mall.txt:6:", "without \"}\""},
        {"unit}", "mall.txt:6:", "lone \"}\""},
        {"{items}", "mall.txt:6:", "a list has no text"},
        {"{each unit}\n{end}", "mall.txt:6:", "takes a list"},
        {"{if form is PUBLIC}\n{end}", "mall.txt:6:", "never the word \"PUBLIC\""},
        {"{if unit is X}\n{end}", "mall.txt:6:", "never the word \"X\""},
        {"{if unit or form}\n{end}", "mall.txt:6:", "a condition is"},
        {"{if not unit is X}\n{end}", "mall.txt:6:", "a condition is"},
        {"{if unit} x\n{end}", "mall.txt:6:", "stands alone"},
        {"{if unit}{end}", "mall.txt:6:", "stands alone"},
        {"{if unit}", "mall.txt:6:", "{end} is missing"},
        {"{end}", "mall.txt:6:", "{end} without"},
        {"{else}", "mall.txt:6:", "{else} without"},
        {"{if unit}\n{else}\n{else}\n{end}", "mall.txt:8:", "{else} without"},
        {"{each items}\n{else}\n{end}", "mall.txt:7:", "{else} without"},
        {"| a |", "mall.txt:6:", "stands in a {table"},
        {"{table}\n{end}", "mall.txt:6:", "unknown name"},
        {"{table x}\n{end}", "mall.txt:6:", "a column is a number"},
        {"{table 0}\n{end}", "mall.txt:6:", "share is 1 to 1000"},
        {"{table 99999999999999999999}\n{end}", "mall.txt:6:", "share is 1 to 1000"},
        {"{table 1 1 1 1 1 1 1 1 1 1 1 1 1}\n{end}", "mall.txt:6:", "too many columns"},
        {"{table 1}\n{end}", "mall.txt:7:", "without rows"},
        {"{table 1}\n| a | b |\n{end}", "mall.txt:7:", "as many cells"},
        {"{table 1}\n| a\n{end}", "mall.txt:7:", "ends with |"},
        {"{table 1}\ntext\n{end}", "mall.txt:7:", "rows alone"},
        {"{table 1}\n{table 1}\n{end}\n{end}", "mall.txt:7:", "cannot stand here"},
        {"{table 1}\n| a |\n|! b |\n{end}", "mall.txt:8:", "first row"},
        {": a", "mall.txt:6:", "term | text"},
        {": a | b | c", "mall.txt:6:", "term | text"},
        {"**a", "mall.txt:6:", "without its end"},
        {"[a", "mall.txt:6:", "[text](target)"},
        {"[a](b", "mall.txt:6:", "[text](target)"},
        {"[a [b](c)](d)", "mall.txt:6:", "[text](target)"},
        {"a]", "mall.txt:6:", "lone \"]\""},
        {"a\\", "mall.txt:6:", "end of the line"},
        {"@body\n", "mall.txt:6:", "there already"},
        {"@tail\n", "mall.txt:6:", "unknown region \"@tail\""},
        {"{if unit}\n@foot\n{end}", "mall.txt:7:", "before the region"},
        {"@foot\n{table 1}\n| a |\n{end}", "mall.txt:7:", "cannot stand here"},
        {"@reference\na", "mall.txt:7:", "term | text"},
        {"@title T", "mall.txt:6:", "there already"},
        {"@foot x", "mall.txt:6:", "lines below"},
    };
    char whole[1024];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(whole, sizeof whole, HEAD "%s", cases[i].body);
        assert_refused(whole, cases[i].where, cases[i].what);
    }
    assert_refused("text", "mall.txt:1:", "before the first region");
    assert_refused("@language fi", "mall.txt:1:", "sv or en");
    assert_refused("@language sv\n@title \n", "mall.txt:2:", "empty");
    assert_refused("@language sv\n@page {unit}", "mall.txt:2:", "unknown name");
    assert_refused("@language sv\n", "mall.txt:1:", "lacks");
    assert_refused("\xff", "mall.txt:1:", "not UTF-8");
}

static void deep_nesting_is_refused(void **state)
{
    struct niva_text text = {0};

    (void)state;
    niva_text_puts(&text, HEAD);
    for (int i = 0; i < 13; i++)
        niva_text_puts(&text, "{each items}\n");
    assert_refused(text.data, "mall.txt:18:", "too many levels");
    niva_text_free(&text);
}

static void assert_unfilled(const char *text, const char *what)
{
    const struct niva_letter_template *letter;
    struct document document;
    struct niva_error err;

    if (!template_read(text, &letter, &err))
        fail_msg("%s", err.text_en);
    assert_false(document_fill(letter, values_make(), arena, &document, &err));
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    assert_string_equal(err.text_en, what);
}

static void a_letter_has_no_holes(void **state)
{
    static const char missing[] = "there is no value for \"absent\", which the template wants.";
    char what[160];

    (void)state;
    snprintf(what, sizeof what, "mall.txt:7: %s", missing);
    assert_unfilled(HEAD "# T\n{absent}", what);
    assert_unfilled(HEAD "# T\n: a | {absent}", what);
    assert_unfilled(HEAD "# T\n[a]({absent})", what);
    snprintf(what, sizeof what, "mall.txt:9: %s", missing);
    assert_unfilled(HEAD "# T\n{if unit}\n{each items}\n{absent}\n{end}\n{end}", what);
    snprintf(what, sizeof what, "mall.txt:2: %s", missing);
    assert_unfilled("@language sv\n@title {absent}\n@running R\n@page {page}\n@body\n# T", what);
    assert_unfilled(HEAD "# T\n# U", "mall.txt:7: a letter has one title (#).");
    assert_unfilled(HEAD "text", "mall.txt:1: the letter has no title (#).");
}

static void values_that_found_no_memory_spoil_the_letter(void **state)
{
    const struct niva_letter_template *letter;
    struct niva_letter_values *values = values_make();
    struct document document;
    struct niva_error err;

    (void)state;
    assert_true(template_read(HEAD "# T", &letter, &err));
    niva_letter_put(niva_letter_add(values, "items"), "name", NULL);
    assert_false(document_fill(letter, values, arena, &document, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    assert_false(document_fill(letter, NULL, arena, &document, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
}

static void every_allocation_may_fail(void **state)
{
    static const char text[] =
        HEAD "# T\n**{unit}** [a](mailto:{unit}) x\n{table 1 2>}\n|! a | b |\n{each items}\n"
             "| {name} | {ore} |\n{end}\n{end}\n: a | b\n{if form is PRIVATE}\n- i\nj\n{end}\n"
             "@reference\na | b\n@foot\nfot";
    bool filled = false;

    (void)state;
    for (size_t n = 1; !filled; n++) {
        const struct niva_letter_template *letter;
        struct document document;
        struct niva_error err;

        assert_true(n < 500);
        niva_arena_fail_after(n);
        filled = template_read(text, &letter, &err) &&
                 document_fill(letter, values_make(), arena, &document, &err);
        niva_arena_fail_after(0);
        if (!filled)
            assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_make_blocks, arena_open, arena_close),
        cmocka_unit_test_setup_teardown(values_are_put_in_and_never_read, arena_open, arena_close),
        cmocka_unit_test_setup_teardown(conditions_choose, arena_open, arena_close),
        cmocka_unit_test_setup_teardown(loops_repeat, arena_open, arena_close),
        cmocka_unit_test_setup_teardown(what_is_not_of_the_grammar_is_refused_where_it_stands,
                                        arena_open, arena_close),
        cmocka_unit_test_setup_teardown(deep_nesting_is_refused, arena_open, arena_close),
        cmocka_unit_test_setup_teardown(a_letter_has_no_holes, arena_open, arena_close),
        cmocka_unit_test_setup_teardown(values_that_found_no_memory_spoil_the_letter, arena_open,
                                        arena_close),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, arena_open, arena_close),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
