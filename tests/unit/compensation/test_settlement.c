/* The files of a settlement: what they are today is in tests/golden/settlement, which
 * `test_compensation_settlement --update` writes; `--write DIR` writes all three of a settlement
 * for readers that are not ours (settlement_readers.py). */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/arena.h"
#include "services/common/sheets/sheet.h"
#include "services/common/wire/wire.h"
#include "services/compensation/settlement.h"
#include "tests/support/random_facts.h"
#include "tests/support/timelines.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__SettlementConfig SettlementConfig;
typedef Niva__Compensation__V1__SettlementConfig__Accounts Accounts;

#define LINDEN "SE2321000016-1001"
#define OAK    "SE2321000016-1002"

enum { LINES = 5, AMOUNTS = 2000, MONEY_COLUMN = 9, SUM_COLUMN = 6 };

static struct niva_arena *arena;
static Accounts internal_accounts;
static Accounts offset_accounts;
static Accounts invoice_accounts;
static Accounts *accounts[] = {&internal_accounts, &offset_accounts, &invoice_accounts};
static SettlementConfig config;
static struct settled_line lines[LINES];
static struct settlement settlement;

static void accounts_make(Accounts *made, Niva__Compensation__V1__Adjustment__Channel channel,
                          const char *cost, const char *other, const char *other_name)
{
    niva__compensation__v1__settlement_config__accounts__init(made);
    made->channel = channel;
    made->cost_account = text_make(arena, cost);
    made->cost_account_name = text_make(arena, "Fast ersättning vårdval (fiktivt konto)");
    made->settlement_account = text_make(arena, other);
    made->settlement_account_name = text_make(arena, other_name);
}

static void config_make(void)
{
    accounts_make(&internal_accounts, NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL, "5521",
                  "1891", "Intern avräkning (fiktivt konto)");
    accounts_make(&offset_accounts, NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET, "5522",
                  "2511", "Leverantörsskulder (fiktivt konto)");
    accounts_make(&invoice_accounts, NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INVOICE, "5522",
                  "1511", "Kundfordringar (fiktivt konto)");
    niva__compensation__v1__settlement_config__init(&config);
    config.region_code = text_make(arena, "19");
    config.region_name = text_make(arena, "Region \"Åkerlandet\" (fiktiv)");
    config.org_number = text_make(arena, "2321000016");
    config.series = text_make(arena, "R");
    config.dimension = 20;
    config.dimension_name = text_make(arena, "Vårdcentral");
    config.n_accounts = 3;
    config.accounts = accounts;
}

static Niva__Compensation__V1__ExplanationLine *
explained(Niva__Compensation__V1__ExplanationLine__Kind kind, const char *first_day, int days,
          const char *ore, const char *words)
{
    Niva__Compensation__V1__ExplanationLine *line =
        niva_wire_new(&niva__compensation__v1__explanation_line__descriptor, arena);

    assert_non_null(line);
    line->kind = kind;
    line->first_day = text_make(arena, first_day);
    line->last_day = text_make(arena, days == 3 ? "2022-07-03" : "2022-07-31");
    line->days = days;
    line->ore = text_make(arena, ore);
    line->text_sv = text_make(arena, words);
    line->required_milli = 2800;
    line->counted_milli = days == 3 ? 2800 : 2000;
    line->shortfall_milli = 2800 - line->counted_milli;
    line->status = days == 3 ? NIVA__COMPLIANCE__V1__SEGMENT__STATUS__MET
                             : NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM;
    return line;
}

/* July with 28 of its 31 days below: 28/31 × 8 400 000 öre × 800/2800, rounded. */
static void explanation_make(struct settled_line *line)
{
    static Niva__Compensation__V1__ExplanationLine *lines_of_july[3];

    lines_of_july[0] = explained(NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__RUN, "2022-07-01",
                                 3, "0", "uppfyllt");
    lines_of_july[1] = explained(NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__RUN, "2022-07-04",
                                 28, "67200000/31", "28 × 84 000,00 kr / 31 × 0,80 / 2,80");
    lines_of_july[2] = explained(NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__ROUNDING,
                                 "2022-07-01", 31, "2/31", "Avrundat till närmaste öre");
    line->explanation = lines_of_july;
    line->explanation_count = 3;
}

static void line_make(size_t index, const char *unit, const char *name, const char *period,
                      Accounts *booked_on, int64_t ore)
{
    Adjustment *adjustment = niva_wire_new(&niva__compensation__v1__adjustment__descriptor, arena);
    niva_instant decided_at;
    bool internal = booked_on == &internal_accounts;

    assert_non_null(adjustment);
    adjustment->adjustment_id =
        niva_arena_printf(arena, "01820000-0000-7000-8000-%012zu", index + 1);
    adjustment->unit = text_make(arena, unit);
    adjustment->unit_name = text_make(arena, name);
    adjustment->owner = text_make(arena, internal ? "2321000016" : "5566778899");
    adjustment->form = internal ? NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD
                                : NIVA__INTAKE__V1__OWNER__FORM__PRIVATE;
    adjustment->component = text_make(arena, "fysioterapi");
    adjustment->profession_group = text_make(arena, "fysioterapeut");
    adjustment->period = text_make(arena, period);
    adjustment->kind = ore < 0 ? NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__DIFFERENCE
                               : NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__ORIGINAL;
    adjustment->deduction_ore = ore;
    adjustment->channel = booked_on->channel;
    adjustment->case_number = text_make(arena, index == 1 ? "=2+3" : "RV 2022/123; del \"1\"");
    assert_true(niva_instant_parse("2022-08-10T22:30:00Z", &decided_at));
    adjustment->decided_at = niva_wire_timestamp(decided_at, arena);
    lines[index] = (struct settled_line){.adjustment = adjustment, .accounts = booked_on};
}

static int settlement_make(void **state)
{
    (void)state;
    arena = niva_arena_new(16 << 20);
    assert_non_null(arena);
    config_make();
    line_make(0, LINDEN, "Vårdcentralen Linden på det långa torget i Åkerby (fiktiv)", "2022-07",
              &internal_accounts, 2167742);
    explanation_make(&lines[0]);
    line_make(1, LINDEN, "Vårdcentralen Linden på det långa torget i Åkerby (fiktiv)", "2022-08",
              &offset_accounts, 5);
    line_make(2, LINDEN, "Vårdcentralen Linden på det långa torget i Åkerby (fiktiv)", "2022-08",
              &internal_accounts, -100001);
    line_make(3, OAK, "=HYPERLINK(\"x\";\"y\") Šmid\\", "2022-08", &invoice_accounts,
              SETTLEMENT_ORE_MAX - 1);
    line_make(4, OAK, "'Eken", "2022-08", &invoice_accounts, -30000);
    settlement = (struct settlement){.settlement_id = "01830000-0000-7000-8000-000000000001",
                                     .region_code = "19",
                                     .period = "2022-08",
                                     .config = &config,
                                     .line_count = LINES,
                                     .lines = lines};
    assert_true(niva_day_parse("2022-08-31", &settlement.booking_day));
    assert_true(niva_day_parse("2022-09-05", &settlement.today));
    assert_true(niva_instant_parse("2022-09-05T08:00:00.123456Z", &settlement.exported_at));
    return 0;
}

static int settlement_free(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

/* ---- files ---- */

static void written(const struct settlement_kind *kind, struct niva_text *text)
{
    struct niva_error err;

    if (!kind->write(&settlement, text, &err))
        fail_msg("%s: %s", kind->suffix, err.cause);
}

static void path_make(const char *folder, const struct settlement_kind *kind, char path[512])
{
    snprintf(path, 512, "%s/settlement.%s", folder, kind->suffix);
}

static void file_write(const char *folder, const struct settlement_kind *kind)
{
    struct niva_text text = {0};
    char path[512];
    FILE *file;

    path_make(folder, kind, path);
    file = fopen(path, "wb");
    assert_non_null(file);
    written(kind, &text);
    assert_int_equal(fwrite(text.data, 1, text.length, file), text.length);
    assert_int_equal(fclose(file), 0);
    niva_text_free(&text);
}

static void file_compare(const struct settlement_kind *kind)
{
    static char golden[1 << 20];
    struct niva_text text = {0};
    char path[512];
    FILE *file;
    size_t size;

    path_make(GOLDEN, kind, path);
    file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s is missing; --update writes it", path);
    size = fread(golden, 1, sizeof golden, file);
    fclose(file);
    written(kind, &text);
    if (text.length != size || memcmp(text.data, golden, size) != 0)
        fail_msg("%s differs; if that is meant, run test_compensation_settlement --update\n"
                 "expected:\n%.*s\nactual:\n%s",
                 path, (int)size, golden, text.data);
    niva_text_free(&text);
}

static void sie_is_as_it_was(void **state)
{
    (void)state;
    file_compare(&settlement_kinds[0]);
}

/* A quotation mark takes two of the fifty characters that a text has in the file, and none of them
 * parts with its backslash. */
static void a_text_is_no_longer_in_the_file_than_it_may_be(void **state)
{
    (void)state;
    static const char quotes[] = "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"";
    Adjustment *line = (Adjustment *)(uintptr_t)lines[LINES - 1].adjustment;
    char *name = line->unit_name;
    struct niva_text text = {0};
    const char *from;
    const char *end;

    line->unit_name = niva_arena_printf(arena, "x%s", quotes);
    written(&settlement_kinds[0], &text);
    line->unit_name = name;
    from = strstr(text.data, "\"2022-08 fysioterapi x");
    assert_non_null(from);
    end = strstr(++from, "\"\r\n");
    if (end - from != 49) /* 50 would end between a mark and its backslash */
        fail_msg("expected 49 characters, actual %td: %.*s", end - from, (int)(end - from), from);
    niva_text_free(&text);
}

static void csv_is_as_it_was(void **state)
{
    (void)state;
    file_compare(&settlement_kinds[1]);
}

static void the_same_settlement_gives_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < SETTLEMENT_KINDS; i++) {
        struct niva_text first = {0};
        struct niva_text second = {0};

        written(&settlement_kinds[i], &first);
        written(&settlement_kinds[i], &second);
        assert_int_equal(first.length, second.length);
        assert_memory_equal(first.data, second.data, first.length);
        niva_text_free(&first);
        niva_text_free(&second);
    }
}

/* Each allocation of ours may fail: then there is an error and no file. */
static void no_memory_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct niva_text text = {0};
        struct niva_error err;

        niva_arena_fail_after(3);
        assert_false(settlement_kinds[i].write(&settlement, &text, &err));
        assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
        niva_arena_fail_after(0);
        niva_text_free(&text);
    }
}

static void the_sum_is_of_all_lines(void **state)
{
    (void)state;
    assert_int_equal(settlement_sum(&settlement),
                     2167742 + 5 - 100001 + (SETTLEMENT_ORE_MAX - 1) - 30000);
}

/* ---- amounts in a workbook ---- */

/* The smallest, the largest, what no double says exactly, and amounts of every size. */
static int64_t amount_make(size_t index, struct random_source *source)
{
    static const int64_t special[] = {1,
                                      -1,
                                      7,
                                      29,
                                      995,
                                      -995,
                                      SETTLEMENT_ORE_MAX - 1,
                                      SETTLEMENT_ORE_MAX - 2,
                                      1 - SETTLEMENT_ORE_MAX,
                                      SETTLEMENT_ORE_MAX / 2 + 1};
    int64_t ore;

    if (index < sizeof special / sizeof *special)
        return special[index];
    ore = (int64_t)(random_next(source) >> random_in(source, 17, 62)) % SETTLEMENT_ORE_MAX;
    return random_once_in(source, 2) ? -ore : ore;
}

static void amounts_make(struct settled_line made[AMOUNTS])
{
    struct random_source source = random_seed(20220831);

    for (size_t i = 0; i < AMOUNTS; i++) {
        Adjustment *adjustment = (Adjustment *)niva_wire_copy(&lines[1].adjustment->base, arena);

        assert_non_null(adjustment);
        adjustment->deduction_ore = amount_make(i, &source);
        made[i] = (struct settled_line){.adjustment = adjustment, .accounts = lines[1].accounts};
    }
}

static void sheet_read(const struct niva_text *book, const char *name, struct niva_arena *reading,
                       struct niva_sheet *ret_sheet)
{
    struct niva_error err;

    if (!niva_sheet_read((const uint8_t *)book->data, book->length, name, reading, ret_sheet, &err))
        fail_msg("%s: %s (%s)", name, err.text_en, err.cause);
}

/* The double that a cell says, rounded to the öre, as a spreadsheet does. */
static void amount_expect(int64_t ore, const struct niva_sheet_row *row, size_t column)
{
    const struct niva_cell *cell = &row->cells[column];
    char expected[32];
    char actual[32];

    assert_true(column < row->count);
    assert_int_equal(cell->kind, NIVA_CELL_NUMBER);
    snprintf(expected, sizeof expected, "%s%" PRId64 ".%02d", ore < 0 ? "-" : "",
             ore < 0 ? -(ore / 100) : ore / 100, abs((int)(ore % 100)));
    snprintf(actual, sizeof actual, "%.2f", strtod(cell->text, NULL));
    if (strcmp(actual, expected) != 0)
        fail_msg("row %d: expected %s kr, actual %s (%s)", row->number, expected, actual,
                 cell->text);
}

static void every_amount_of_a_workbook_is_read_to_the_ore(void **state)
{
    static struct settled_line made[AMOUNTS];
    struct niva_arena *reading = niva_arena_new(NIVA_SHEET_ARENA_BYTES);
    struct settlement many = settlement;
    struct niva_text book = {0};
    struct niva_sheet sheet;
    struct niva_error err;

    (void)state;
    assert_non_null(reading);
    amounts_make(made);
    many.line_count = AMOUNTS;
    many.lines = made;
    if (!settlement_write_xlsx(&many, &book, &err))
        fail_msg("%s", err.cause);
    sheet_read(&book, "Rader", reading, &sheet);
    assert_int_equal(sheet.row_count, 1 + AMOUNTS);
    for (size_t i = 0; i < AMOUNTS; i++)
        amount_expect(made[i].adjustment->deduction_ore, &sheet.rows[1 + i], MONEY_COLUMN);
    sheet_read(&book, "Summor", reading, &sheet);
    amount_expect(settlement_sum(&many), &sheet.rows[sheet.row_count - 1], SUM_COLUMN);
    niva_text_free(&book);
    niva_arena_free(reading);
}

static int files_write(const char *folder, size_t count)
{
    settlement_make(NULL);
    for (size_t i = 0; i < count; i++)
        file_write(folder, &settlement_kinds[i]);
    settlement_free(NULL);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sie_is_as_it_was),
        cmocka_unit_test(a_text_is_no_longer_in_the_file_than_it_may_be),
        cmocka_unit_test(csv_is_as_it_was),
        cmocka_unit_test(the_same_settlement_gives_the_same_bytes),
        cmocka_unit_test(no_memory_is_an_error),
        cmocka_unit_test(the_sum_is_of_all_lines),
        cmocka_unit_test(every_amount_of_a_workbook_is_read_to_the_ore),
    };
    int failed;

    if (argc == 2 && strcmp(argv[1], "--update") == 0)
        return files_write(GOLDEN, 2);
    if (argc == 3 && strcmp(argv[1], "--write") == 0)
        return files_write(argv[2], SETTLEMENT_KINDS);
    failed = cmocka_run_group_tests(tests, settlement_make, settlement_free);
    return failed ? 1 : 0;
}
