/* The workbook. Its library takes numbers as doubles and writes them with sixteen digits, so that
 * 995 öre may stand as 9.949999999999999, which is shown as 9,95. Nothing is lost by it: what is
 * read again times a hundred rounds to the öre it was, for every amount below SETTLEMENT_ORE_MAX
 * and every sum below 2^46 kronor, and so it is with thousandths of a post. Nothing is summed in
 * doubles. */
#define _GNU_SOURCE /* memfd_create */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "services/compensation/settlement_words.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ExplanationLine ExplanationLine;

enum { SERIAL_1970 = 25569 }; /* the day number of a workbook for 1970-01-01 */

struct column {
    const char *name;
    double width; /* characters */
};

/* A workbook on its way, and the sheet that is written. */
struct workbook {
    lxw_workbook *book;
    lxw_format *heading;
    lxw_format *money;
    lxw_format *posts;
    lxw_format *day;
    lxw_format *sum;
    lxw_format *sum_money;
    lxw_worksheet *sheet;
    lxw_row_t row;
    lxw_col_t column; /* of the next cell */
    lxw_error failure;
};

static void failure_keep(struct workbook *workbook, lxw_error failure)
{
    if (workbook->failure == LXW_NO_ERROR)
        workbook->failure = failure;
}

/* ---- cells, from left to right ---- */

static void text_put(struct workbook *workbook, const char *text, lxw_format *format)
{
    lxw_col_t column = workbook->column++;

    if (text[0] != '\0')
        failure_keep(workbook,
                     worksheet_write_string(workbook->sheet, workbook->row, column, text, format));
}

static void number_put(struct workbook *workbook, int64_t number, int64_t unit, lxw_format *format)
{
    failure_keep(workbook,
                 worksheet_write_number(workbook->sheet, workbook->row, workbook->column++,
                                        (double)number / (double)unit, format));
}

static void day_put(struct workbook *workbook, const char *text)
{
    niva_day day;

    if (niva_day_parse(text, &day))
        number_put(workbook, (int64_t)day + SERIAL_1970, 1, workbook->day);
    else
        workbook->column++;
}

static void row_end(struct workbook *workbook)
{
    workbook->row++;
    workbook->column = 0;
}

/* ---- sheets ---- */

static bool sheet_begin(struct workbook *workbook, const char *name, const struct column *columns,
                        size_t count)
{
    workbook->sheet = workbook_add_worksheet(workbook->book, name);
    if (workbook->sheet == NULL)
        return false;
    workbook->row = 0;
    workbook->column = 0;
    for (size_t i = 0; i < count; i++) {
        lxw_col_t column = (lxw_col_t)i;

        failure_keep(workbook,
                     worksheet_set_column(workbook->sheet, column, column, columns[i].width, NULL));
        text_put(workbook, columns[i].name, workbook->heading);
    }
    worksheet_freeze_panes(workbook->sheet, 1, 0);
    row_end(workbook);
    return true;
}

/* The rows so far can be filtered. */
static void sheet_filter(struct workbook *workbook, size_t count)
{
    failure_keep(workbook, worksheet_autofilter(workbook->sheet, 0, 0, workbook->row - 1,
                                                (lxw_col_t)(count - 1)));
}

static void line_put(struct workbook *workbook, const struct settlement *settlement,
                     const struct settled_line *line)
{
    const Adjustment *adjustment = line->adjustment;
    char decided_on[16];

    decided_day_write(adjustment, decided_on);
    text_put(workbook, settlement->period, NULL);
    text_put(workbook, adjustment->unit_name, NULL);
    text_put(workbook, adjustment->unit, NULL);
    text_put(workbook, adjustment->owner, NULL);
    text_put(workbook, word_of_form(adjustment->form), NULL);
    text_put(workbook, adjustment->component, NULL);
    text_put(workbook, adjustment->profession_group, NULL);
    text_put(workbook, adjustment->period, NULL);
    text_put(workbook, word_of_kind(adjustment->kind), NULL);
    number_put(workbook, adjustment->deduction_ore, 100, workbook->money);
    text_put(workbook, word_of_channel(adjustment->channel), NULL);
    text_put(workbook, line->accounts->cost_account, NULL);
    text_put(workbook, line->accounts->settlement_account, NULL);
    text_put(workbook, adjustment->case_number, NULL);
    day_put(workbook, decided_on);
    text_put(workbook, adjustment->adjustment_id, NULL);
    row_end(workbook);
}

static bool lines_put(struct workbook *workbook, const struct settlement *settlement)
{
    static const struct column columns[] = {
        {"Bokföringsmånad", 16},
        {"Vårdcentral", 36},
        {"HSA-id", 26},
        {"Organisationsnummer", 20},
        {"Driftsform", 14},
        {"Ersättning", 16},
        {"Grupp", 16},
        {"Månad", 10},
        {"Slag", 10},
        {"Reglering, kr", 16},
        {"Sätt", 32},
        {"Kostnadskonto", 14},
        {"Avräkningskonto", 16},
        {"Diarienummer", 20},
        {"Beslut", 12},
        {"Reglerings-id", 38},
    };
    enum { COUNT = sizeof columns / sizeof *columns };

    if (!sheet_begin(workbook, "Rader", columns, COUNT))
        return false;
    for (size_t i = 0; i < settlement->line_count; i++)
        line_put(workbook, settlement, &settlement->lines[i]);
    sheet_filter(workbook, COUNT);
    return true;
}

/* Figures of staff are of runs of days alone. */
static void day_run_put(struct workbook *workbook, const Adjustment *adjustment,
                        const ExplanationLine *run, size_t number)
{
    bool days = run->kind == NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__RUN;

    text_put(workbook, adjustment->unit_name, NULL);
    text_put(workbook, adjustment->unit, NULL);
    text_put(workbook, adjustment->component, NULL);
    text_put(workbook, adjustment->period, NULL);
    number_put(workbook, (int64_t)number, 1, NULL);
    text_put(workbook, word_of_explanation(run->kind), NULL);
    day_put(workbook, run->first_day);
    day_put(workbook, run->last_day);
    number_put(workbook, run->days, 1, NULL);
    text_put(workbook, days ? word_of_status(run->status) : "", NULL);
    if (days) {
        number_put(workbook, run->required_milli, 1000, workbook->posts);
        number_put(workbook, run->counted_milli, 1000, workbook->posts);
        number_put(workbook, run->shortfall_milli, 1000, workbook->posts);
    } else {
        workbook->column = (lxw_col_t)(workbook->column + 3);
    }
    text_put(workbook, run->ore, NULL);
    text_put(workbook, run->text_sv, NULL);
    text_put(workbook, adjustment->adjustment_id, NULL);
    row_end(workbook);
}

static bool days_put(struct workbook *workbook, const struct settlement *settlement)
{
    static const struct column columns[] = {
        {"Vårdcentral", 36}, {"HSA-id", 26},     {"Ersättning", 16}, {"Månad", 10},
        {"Rad", 6},          {"Vad", 24},        {"Från", 12},       {"Till", 12},
        {"Dagar", 8},        {"Läge", 26},       {"Krav", 8},        {"Räknat", 8},
        {"Brist", 8},        {"Öre, exakt", 20}, {"I ord", 80},      {"Reglerings-id", 38},
    };
    enum { COUNT = sizeof columns / sizeof *columns };

    if (!sheet_begin(workbook, "Dagar", columns, COUNT))
        return false;
    for (size_t i = 0; i < settlement->line_count; i++) {
        const struct settled_line *line = &settlement->lines[i];

        for (size_t j = 0; j < line->explanation_count; j++)
            day_run_put(workbook, line->adjustment, line->explanation[j], j + 1);
    }
    sheet_filter(workbook, COUNT);
    return true;
}

/* Whether two lines are of one sum: one unit, owner, form and channel. */
static bool sums_together(const struct settled_line *a, const struct settled_line *b)
{
    return a->adjustment->channel == b->adjustment->channel &&
           a->adjustment->form == b->adjustment->form &&
           strcmp(a->adjustment->unit, b->adjustment->unit) == 0 &&
           strcmp(a->adjustment->owner, b->adjustment->owner) == 0;
}

/* The sum of the first line of its kind and those behind it; lines come unit by unit. False where a
 * line before it is of the same. */
static bool sum_of(const struct settlement *settlement, size_t index, int64_t *ret_lines,
                   int64_t *ret_ore)
{
    const struct settled_line *lines = settlement->lines;
    const char *unit = lines[index].adjustment->unit;

    for (size_t i = index; i > 0 && strcmp(lines[i - 1].adjustment->unit, unit) == 0; i--)
        if (sums_together(&lines[i - 1], &lines[index]))
            return false;
    *ret_lines = *ret_ore = 0;
    for (size_t i = index;
         i < settlement->line_count && strcmp(lines[i].adjustment->unit, unit) == 0; i++) {
        if (!sums_together(&lines[i], &lines[index]))
            continue;
        ++*ret_lines;
        *ret_ore += lines[i].adjustment->deduction_ore;
    }
    return true;
}

static bool sums_put(struct workbook *workbook, const struct settlement *settlement)
{
    static const struct column columns[] = {
        {"Vårdcentral", 36}, {"HSA-id", 26}, {"Organisationsnummer", 20}, {"Driftsform", 14},
        {"Sätt", 32},        {"Rader", 8},   {"Reglering, kr", 16},
    };
    enum { COUNT = sizeof columns / sizeof *columns };

    if (!sheet_begin(workbook, "Summor", columns, COUNT))
        return false;
    for (size_t i = 0; i < settlement->line_count; i++) {
        const Adjustment *adjustment = settlement->lines[i].adjustment;
        int64_t lines;
        int64_t ore;

        if (!sum_of(settlement, i, &lines, &ore))
            continue;
        text_put(workbook, adjustment->unit_name, NULL);
        text_put(workbook, adjustment->unit, NULL);
        text_put(workbook, adjustment->owner, NULL);
        text_put(workbook, word_of_form(adjustment->form), NULL);
        text_put(workbook, word_of_channel(adjustment->channel), NULL);
        number_put(workbook, lines, 1, NULL);
        number_put(workbook, ore, 100, workbook->money);
        row_end(workbook);
    }
    sheet_filter(workbook, COUNT);
    text_put(workbook, "Summa", workbook->sum);
    workbook->column = COUNT - 2;
    number_put(workbook, (int64_t)settlement->line_count, 1, workbook->sum);
    number_put(workbook, settlement_sum(settlement), 100, workbook->sum_money);
    row_end(workbook);
    return true;
}

/* ---- the book ---- */

static lxw_format *format_add(struct workbook *workbook, const char *number, bool bold)
{
    lxw_format *format = workbook_add_format(workbook->book);

    if (format == NULL) {
        failure_keep(workbook, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return NULL;
    }
    if (number != NULL)
        format_set_num_format(format, number);
    if (bold)
        format_set_bold(format);
    return format;
}

static bool book_fill(struct workbook *workbook, const struct settlement *settlement)
{
    static const char money[] = "#,##0.00";
    lxw_doc_properties properties = {
        .title = (char *)"Reglering av fast ersättning",
        .subject = (char *)(uintptr_t)settlement->settlement_id,
        .author = (char *)"Nivå",
        .created = (time_t)(settlement->exported_at / 1000000),
    };

    workbook->heading = format_add(workbook, NULL, true);
    workbook->money = format_add(workbook, money, false);
    workbook->posts = format_add(workbook, "0.00#", false);
    workbook->day = format_add(workbook, "yyyy-mm-dd", false);
    workbook->sum = format_add(workbook, NULL, true);
    workbook->sum_money = format_add(workbook, money, true);
    failure_keep(workbook, workbook_set_properties(workbook->book, &properties));
    return workbook->failure == LXW_NO_ERROR && lines_put(workbook, settlement) &&
           days_put(workbook, settlement) && sums_put(workbook, settlement) &&
           workbook->failure == LXW_NO_ERROR;
}

/* Writes the book into the file behind a descriptor. */
static bool book_write(const struct settlement *settlement, int file, struct niva_error *err)
{
    char path[64];
    /* What the library puts aside meanwhile stays in memory too, where there is such a place. */
    lxw_workbook_options options = {.tmpdir =
                                        access("/dev/shm", W_OK) == 0 ? (char *)"/dev/shm" : NULL};
    struct workbook workbook = {0};
    lxw_error closed;
    bool filled;

    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    workbook.book = workbook_new_opt(path, &options);
    if (workbook.book == NULL)
        return niva_fail_memory(err);
    filled = book_fill(&workbook, settlement);
    closed = workbook_close(workbook.book); /* frees it, also when it was not filled */
    if (filled && closed == LXW_NO_ERROR)
        return true;
    if (!filled && workbook.failure == LXW_NO_ERROR)
        return niva_fail_memory(err);
    return niva_fail_internal(err, "libxlsxwriter: %s",
                              lxw_strerror(filled ? closed : workbook.failure));
}

static bool file_read(int file, struct niva_text *text, struct niva_error *err)
{
    struct stat state;
    void *bytes;

    if (fstat(file, &state) != 0 || state.st_size == 0)
        return niva_fail_internal(err, "a workbook of no size");
    bytes = mmap(NULL, (size_t)state.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED)
        return niva_fail_internal(err, "mmap: errno %d", errno);
    niva_text_append(text, bytes, (size_t)state.st_size);
    munmap(bytes, (size_t)state.st_size);
    return !text->failed || niva_fail_memory(err);
}

bool settlement_write_xlsx(const struct settlement *settlement, struct niva_text *text,
                           struct niva_error *err)
{
    int file = memfd_create("settlement", MFD_CLOEXEC);
    bool good;

    if (file < 0)
        return niva_fail_internal(err, "memfd_create: errno %d", errno);
    good = book_write(settlement, file, err) && file_read(file, text, err);
    close(file);
    return good;
}
