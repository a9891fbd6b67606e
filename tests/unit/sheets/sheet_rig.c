#include "tests/unit/sheets/sheet_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/text.h"

struct niva_arena *arena;

int arena_open(void **state)
{
    (void)state;
    arena = niva_arena_new(NIVA_SHEET_ARENA_BYTES);
    return arena == NULL ? -1 : 0;
}

int arena_close(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

static void cell_print(struct niva_text *text, const struct niva_cell *cell)
{
    static const char marks[] = {
        [NIVA_CELL_BLANK] = 0,  [NIVA_CELL_TEXT] = 0,   [NIVA_CELL_NUMBER] = 'n',
        [NIVA_CELL_DATE] = 'd', [NIVA_CELL_BOOL] = 'b', [NIVA_CELL_BROKEN] = '!',
    };
    char day[16];

    if (marks[cell->kind] != 0)
        niva_text_append(text, &marks[cell->kind], 1);
    niva_day_format(cell->day, day);
    niva_text_puts(text,
                   cell->kind == NIVA_CELL_DATE && cell->day != NIVA_DAY_NONE ? day : cell->text);
}

void sheet_expect(const void *bytes, size_t size, const char *expected)
{
    struct niva_text text = {0};
    struct niva_sheet sheet;
    struct niva_error err;

    if (!niva_sheet_read(bytes, size, NULL, arena, &sheet, &err))
        fail_msg("expected %s, actual %s: %s", expected, err.violations[0].reason, err.text_en);
    for (size_t i = 0; i < sheet.row_count; i++) {
        niva_text_printf(&text, "%d: ", (int)sheet.rows[i].number);
        for (size_t k = 0; k < sheet.rows[i].count; k++) {
            niva_text_puts(&text, k > 0 ? "|" : "");
            cell_print(&text, &sheet.rows[i].cells[k]);
        }
        niva_text_puts(&text, "\n");
    }
    assert_false(text.failed);
    assert_string_equal(text.data, expected);
    niva_text_free(&text);
}

void text_expect(const char *text, const char *expected)
{
    sheet_expect(text, strlen(text), expected);
}

void sheet_refused(const void *bytes, size_t size, const char *reason)
{
    struct niva_sheet sheet;
    struct niva_error err;

    if (niva_sheet_read(bytes, size, NULL, arena, &sheet, &err))
        fail_msg("expected %s, actual OK with %zu rows", reason, sheet.row_count);
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_string_equal(err.violations[0].field, "content");
    assert_string_equal(err.violations[0].reason, reason);
    assert_true(err.text_sv[0] != '\0' && err.text_en[0] != '\0');
}
