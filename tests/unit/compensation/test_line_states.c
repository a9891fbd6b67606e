/* The states of a line: the table is whole, leads where it may and nowhere else, and the page of
 * the room shows it. `test_compensation_line_states --update` writes it there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/text.h"
#include "services/compensation/line_states.h"

#define PAGE  SOURCE_ROOT "/services/compensation/README.md"
#define BEGIN "<!-- states -->\n"
#define END   "<!-- end of states -->\n"

enum { STATES = LINE_SUPERSEDED + 1 };

/* Every edge is there once, and no event that the table knows of a state is missing beside its
 * kin. */
static void test_table_is_whole(void **state)
{
    size_t count;
    const struct line_edge *edges = line_edges(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        if (line_edge_find(edges[i].from, edges[i].event) != &edges[i])
            fail_msg("edge %zu is there twice", i);
        assert_true(strlen(edges[i].sentence) > 20);
    }
    for (int event = LINE_RUNS_FREE; event < LINE_EVENTS; event++)
        assert_true(strlen(line_event_words((enum line_event)event)) > 3);
    for (int event = LINE_RUNS_FREE; event <= LINE_ENDED_OTHER; event++) {
        bool same = event == LINE_RUNS_SAME || event == LINE_ENDED_SAME;
        bool ended = event >= LINE_ENDED_FREE;

        assert_int_equal(line_edge_find(LINE_NONE, (enum line_event)event) != NULL, !same);
        assert_non_null(line_edge_find(LINE_PRELIMINARY, (enum line_event)event));
        assert_int_equal(line_edge_find(LINE_PROPOSED, (enum line_event)event) != NULL, ended);
        assert_int_equal(line_edge_find(LINE_IN_DIALOGUE, (enum line_event)event) != NULL, ended);
    }
    for (int event = LINE_PREPARE; event <= LINE_WAIVE; event++) {
        assert_non_null(line_edge_find(LINE_PROPOSED, (enum line_event)event));
        assert_non_null(line_edge_find(LINE_IN_DIALOGUE, (enum line_event)event));
    }
}

/* What was decided is never proposed, computed or decided again; what was superseded, waived or
 * booked is at its end. */
static void test_what_stands_stands(void **state)
{
    size_t count;
    const struct line_edge *edges = line_edges(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        enum line_state from = edges[i].from;

        assert_true(from != LINE_SUPERSEDED && from != LINE_WAIVED && from != LINE_BOOKED);
        if (line_is_decided(from))
            assert_true(line_is_decided(edges[i].to) && edges[i].event >= LINE_EXPORT);
        assert_false(from == LINE_PRELIMINARY && line_is_decided(edges[i].to));
        assert_true(edges[i].to != LINE_PRELIMINARY || edges[i].event <= LINE_RUNS_OTHER);
    }
}

/* The words of each state are those of the proto. */
static void test_names(void **state)
{
    (void)state;
    assert_string_equal(line_state_name(LINE_NONE), "–");
    assert_string_equal(line_state_name(LINE_IN_DIALOGUE), "IN_DIALOGUE");
    assert_string_equal(line_state_name(LINE_SUPERSEDED), "SUPERSEDED");
    for (int one = 0; one < STATES; one++)
        assert_false(line_is_open((enum line_state)one) && line_is_decided((enum line_state)one));
}

/* The table as the page shows it; the caller frees it. */
static struct niva_text table_print(void)
{
    struct niva_text text = {0};
    size_t count;
    const struct line_edge *edges = line_edges(&count);

    niva_text_puts(&text, BEGIN "| from | what happens | to | |\n|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++)
        niva_text_printf(&text, "| %s | %s | %s | %s |\n", line_state_name(edges[i].from),
                         line_event_words(edges[i].event), line_state_name(edges[i].to),
                         edges[i].sentence);
    niva_text_puts(&text, END);
    assert_false(text.failed);
    return text;
}

static char *page_read(void)
{
    static char page[65536];
    FILE *file = fopen(PAGE, "r");
    size_t size;

    assert_non_null(file);
    size = fread(page, 1, sizeof page - 1, file);
    page[size] = '\0';
    fclose(file);
    return page;
}

static void test_page_shows_the_table(void **state)
{
    struct niva_text table = table_print();
    bool shown = strstr(page_read(), table.data) != NULL;

    (void)state;
    if (!shown)
        print_error("expected in %s (write it with --update):\n%s", PAGE, table.data);
    niva_text_free(&table);
    assert_true(shown);
}

static int page_update(void)
{
    char *page = page_read();
    char *begin = strstr(page, BEGIN);
    char *end = strstr(page, END);
    struct niva_text table = table_print();
    FILE *file;

    if (begin == NULL || end == NULL)
        return 1;
    file = fopen(PAGE, "w");
    if (file == NULL)
        return 1;
    fprintf(file, "%.*s%s%s", (int)(begin - page), page, table.data, end + strlen(END));
    niva_text_free(&table);
    return fclose(file) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_whole),
        cmocka_unit_test(test_what_stands_stands),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_page_shows_the_table),
    };
    int failed;

    if (argc > 1 && strcmp(argv[1], "--update") == 0)
        return page_update();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
