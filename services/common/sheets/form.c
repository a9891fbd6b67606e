#include "services/common/sheets/form.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "services/common/sheets/number.h"
#include "services/common/wire/wire.h"

enum {
    WORD_MAX = 80,
    SENTENCE_MAX = 240,
    SHOWN_MAX = 60,
    SERIAL_LEAST = 32874,
    SERIAL_MOST = 73050
};

/* ---- remarks ---- */

void niva_remarks_begin(struct niva_remarks *remarks, struct niva_arena *arena)
{
    *remarks = (struct niva_remarks){
        .arena = arena,
        .items = niva_arena_array(arena, NIVA_REMARKS_MAX + 1, sizeof *remarks->items),
    };
    remarks->failed = remarks->items == NULL;
}

void niva_remark_text(struct niva_remarks *remarks, int32_t row, const char *column,
                      const char *code, const char *text_sv, const char *text_en)
{
    Niva__Common__V1__RowMessage *message;

    if (remarks->failed || remarks->count > NIVA_REMARKS_MAX)
        return;
    if (remarks->count == NIVA_REMARKS_MAX) {
        row = 0;
        column = "";
        code = "MORE";
        text_sv = "Filen har fler fel än de 500 första. Rätta dem och försök igen.";
        text_en = "The file has more errors than these first 500. Correct them and try again.";
    }
    message = niva_wire_new(&niva__common__v1__row_message__descriptor, remarks->arena);
    remarks->failed = message == NULL;
    if (remarks->failed)
        return;
    message->row = row;
    message->column = niva_arena_strdup(remarks->arena, column);
    message->code = niva_arena_strdup(remarks->arena, code);
    message->message_sv = niva_arena_strdup(remarks->arena, text_sv);
    message->message_en = niva_arena_strdup(remarks->arena, text_en);
    remarks->failed = message->column == NULL || message->code == NULL ||
                      message->message_sv == NULL || message->message_en == NULL;
    if (!remarks->failed)
        remarks->items[remarks->count++] = message;
}

void niva_remark(struct niva_remarks *remarks, int32_t row, const char *column, const char *code,
                 const char *format_sv, const char *format_en, ...)
{
    char long_sv[2 * SENTENCE_MAX];
    char long_en[2 * SENTENCE_MAX];
    char text_sv[SENTENCE_MAX];
    char text_en[SENTENCE_MAX];
    va_list arguments;

    va_start(arguments, format_en);
    vsnprintf(long_sv, sizeof long_sv, format_sv, arguments);
    va_end(arguments);
    va_start(arguments, format_en);
    vsnprintf(long_en, sizeof long_en, format_en, arguments);
    va_end(arguments);
    niva_text_set(text_sv, sizeof text_sv, long_sv);
    niva_text_set(text_en, sizeof text_en, long_en);
    niva_remark_text(remarks, row, column, code, text_sv, text_en);
}

/* There are few. */
void niva_remarks_sort(struct niva_remarks *remarks)
{
    for (size_t i = 1; i < remarks->count; i++) {
        Niva__Common__V1__RowMessage *message = remarks->items[i];
        size_t place = i;

        for (; place > 0 && remarks->items[place - 1]->row > message->row; place--)
            remarks->items[place] = remarks->items[place - 1];
        remarks->items[place] = message;
    }
}

/* ---- words ---- */

/* Lower case, with single spaces for spaces, hyphens and underscores; cut at its end. */
static void word_normalise(const char *text, char ret_word[WORD_MAX])
{
    size_t size = 0;
    bool space = false;

    for (; *text != '\0' && size + 3 < WORD_MAX; text++) {
        unsigned char c = (unsigned char)*text;

        if (strchr(" _-\t\r\n", *text) != NULL || strncmp(text, "\u00a0", 2) == 0) {
            text += c == 0xc2;
            space = size > 0;
            continue;
        }
        if (space)
            ret_word[size++] = ' ';
        space = false;
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + 'a' - 'A');
        ret_word[size++] = (char)c;
        if (c == 0xc3 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] <= 0x9e)
            ret_word[size++] = (char)(*++text + 0x20); /* À … Þ, also Å, Ä and Ö */
    }
    ret_word[size] = '\0';
}

static bool word_listed(const char *word, const char *list)
{
    size_t length = strlen(word);

    for (;;) {
        size_t each = strcspn(list, "|");

        if (each == length && memcmp(list, word, length) == 0)
            return true;
        if (list[each] == '\0')
            return false;
        list += each + 1;
    }
}

/* A text of the file as a sentence may show it. */
static const char *shown(const char *text, char ret_shown[SHOWN_MAX])
{
    niva_text_set(ret_shown, SHOWN_MAX, text);
    for (char *c = ret_shown; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20)
            *c = ' ';
    return ret_shown;
}

/* ---- heading ---- */

static size_t column_find(const struct niva_form *form, const char *heading)
{
    char word[WORD_MAX];
    char name[WORD_MAX];

    word_normalise(heading, word);
    for (size_t i = 0; i < form->column_count; i++) {
        word_normalise(form->columns[i].name, name);
        if (strcmp(word, name) == 0 || word_listed(word, form->columns[i].aliases))
            return i;
    }
    return SIZE_MAX;
}

static void heading_take(struct niva_form *form, size_t place)
{
    const struct niva_cell *cell = &form->row->cells[place];
    size_t column;
    char text[SHOWN_MAX];
    char letters[8];

    if (cell->kind == NIVA_CELL_BLANK)
        return;
    niva_sheet_column_name(place, letters);
    column = column_find(form, cell->text);
    if (column == SIZE_MAX)
        niva_remark(form->remarks, form->row->number, shown(cell->text, text), "COLUMN_UNKNOWN",
                    "Kolumnen ”%s” (%s) är okänd. Ta bort den eller rätta namnet.",
                    "The column \"%s\" (%s) is unknown. Remove it, or correct its name.", text,
                    letters);
    else if (form->at[column] != SIZE_MAX)
        niva_remark(form->remarks, form->row->number, shown(cell->text, text), "COLUMN_TWICE",
                    "Kolumnen ”%s” (%s) finns två gånger.",
                    "The column \"%s\" (%s) is there twice.", text, letters);
    else
        form->at[column] = place;
}

bool niva_form_open(struct niva_form *form, const struct niva_sheet *sheet,
                    const struct niva_form_column *columns, size_t column_count,
                    struct niva_remarks *remarks)
{
    size_t before = remarks->count;

    *form = (struct niva_form){
        .sheet = sheet,
        .columns = columns,
        .column_count = column_count,
        .next = 1,
        .row = &sheet->rows[0],
        .width = sheet->rows[0].count,
        .remarks = remarks,
    };
    for (size_t i = 0; i < column_count; i++)
        form->at[i] = SIZE_MAX;
    for (size_t place = 0; place < form->width; place++)
        heading_take(form, place);
    for (size_t i = 0; i < column_count; i++)
        if (columns[i].required && form->at[i] == SIZE_MAX)
            niva_remark(remarks, form->row->number, columns[i].name, "COLUMN_MISSING",
                        "Kolumnen ”%s” saknas.", "The column \"%s\" is missing.", columns[i].name);
    return remarks->count == before;
}

/* What stands under no heading would be passed over without a word, such as the rest of "0,75" in a
 * file with commas between its columns. */
static void strays_remark(struct niva_form *form)
{
    for (size_t place = 0; place < form->row->count; place++) {
        char letters[8];

        if (form->row->cells[place].kind == NIVA_CELL_BLANK ||
            (place < form->width && form->sheet->rows[0].cells[place].kind != NIVA_CELL_BLANK))
            continue;
        niva_sheet_column_name(place, letters);
        niva_remark(
            form->remarks, form->row->number, letters, "CELL_STRAY",
            "Kolumn %s har innehåll men ingen rubrik. Står ett decimalkomma utan citattecken "
            "i en fil med kommatecken?",
            "Column %s has content but no heading. Is there a decimal comma without quotes "
            "in a file with commas?",
            letters);
    }
}

bool niva_form_next(struct niva_form *form)
{
    if (form->next == form->sheet->row_count)
        return false;
    form->row = &form->sheet->rows[form->next++];
    strays_remark(form);
    return true;
}

const char *niva_form_name(const struct niva_form *form, size_t column)
{
    size_t place = form->at[column];

    return place == SIZE_MAX ? form->columns[column].name : form->sheet->rows[0].cells[place].text;
}

/* ---- cells ---- */

static const struct niva_cell *cell_at(const struct niva_form *form, size_t column)
{
    static const struct niva_cell blank = {
        .kind = NIVA_CELL_BLANK, .text = "", .day = NIVA_DAY_NONE};
    size_t place = form->at[column];

    return place < form->row->count ? &form->row->cells[place] : &blank;
}

bool niva_form_has(const struct niva_form *form, size_t column)
{
    return cell_at(form, column)->kind != NIVA_CELL_BLANK;
}

bool niva_form_says(const struct niva_form *form, size_t column, const char *words)
{
    char word[WORD_MAX];

    word_normalise(cell_at(form, column)->text, word);
    return word_listed(word, words);
}

void niva_form_remark_blank(struct niva_form *form, size_t column)
{
    niva_form_remark(form, column, "CELL_BLANK",
                     "Cellen är tom. Tomt betyder inte angivet, aldrig noll.",
                     "The cell is blank. Blank means not given, never zero.");
}

/* What is to be said of a cell before it is read; GIVEN: nothing. */
static enum niva_given cell_take(struct niva_form *form, size_t column,
                                 const struct niva_cell **ret_cell)
{
    const struct niva_cell *cell = cell_at(form, column);
    char text[SHOWN_MAX];

    *ret_cell = cell;
    if (cell->kind == NIVA_CELL_BROKEN) {
        niva_form_remark(form, column, "CELL_BROKEN", "Cellen har ett formelfel (%s).",
                         "The cell has an error of a formula (%s).", shown(cell->text, text));
        return NIVA_BAD;
    }
    if (cell->kind != NIVA_CELL_BLANK)
        return NIVA_GIVEN;
    if (!form->columns[column].required)
        return NIVA_ABSENT;
    niva_form_remark_blank(form, column);
    return NIVA_BAD;
}

enum niva_given niva_form_text(struct niva_form *form, size_t column, const char **ret_text)
{
    const struct niva_cell *cell;
    enum niva_given given = cell_take(form, column, &cell);
    char text[16];

    if (given != NIVA_GIVEN)
        return given;
    *ret_text = cell->text;
    if (cell->kind != NIVA_CELL_DATE || cell->day == NIVA_DAY_NONE)
        return NIVA_GIVEN;
    niva_day_format(cell->day, text);
    *ret_text = niva_arena_strdup(form->remarks->arena, text);
    form->remarks->failed |= *ret_text == NULL;
    return *ret_text == NULL ? NIVA_BAD : NIVA_GIVEN;
}

/* 2022-06-23, 2022/06/23 or 20220623. */
static bool day_parse(const char *text, niva_day *ret_day)
{
    char iso[11] = "0000-00-00";
    size_t length = strlen(text);

    if (length != 8 && (length != 10 || text[4] != text[7] || strchr("-/", text[4]) == NULL))
        return false;
    memcpy(iso, text, 4);
    memcpy(iso + 5, text + (length == 8 ? 4 : 5), 2);
    memcpy(iso + 8, text + length - 2, 2);
    return niva_day_parse(iso, ret_day);
}

/* A number that nobody has formatted as a date: 20220623, or a serial of the years 1990 to 2099. A
 * CSV does not say from when serials count: from 1900, as in every Excel that was not told else. */
static bool number_day(const struct niva_form *form, const struct niva_cell *cell,
                       niva_day *ret_day)
{
    bool csv = form->sheet->format == NIVA_SHEET_CSV;
    int64_t number;

    if (day_parse(cell->text, ret_day))
        return true;
    if ((csv ? strspn(cell->text, "0123456789") != strlen(cell->text)
             : cell->day == NIVA_DAY_NONE) ||
        niva_number_read(cell->text, 0, &number) != NIVA_NUMBER_GOOD || number < SERIAL_LEAST ||
        number > SERIAL_MOST)
        return false;
    *ret_day = csv ? niva_day_from_civil(1899, 12, 30) + (niva_day)number : cell->day;
    return true;
}

enum niva_given niva_form_day(struct niva_form *form, size_t column, niva_day *ret_day)
{
    const struct niva_cell *cell;
    enum niva_given given = cell_take(form, column, &cell);
    char text[SHOWN_MAX];

    if (given != NIVA_GIVEN)
        return given;
    if (cell->kind == NIVA_CELL_DATE && cell->day != NIVA_DAY_NONE) {
        *ret_day = cell->day;
        return NIVA_GIVEN;
    }
    if (cell->kind == NIVA_CELL_TEXT && form->sheet->format == NIVA_SHEET_XLSX
            ? day_parse(cell->text, ret_day)
            : (cell->kind == NIVA_CELL_TEXT || cell->kind == NIVA_CELL_NUMBER) &&
                  number_day(form, cell, ret_day))
        return NIVA_GIVEN;
    niva_form_remark(form, column, "DAY_MALFORMED",
                     "”%s” är ingen dag i almanackan 1900–2999. Skriv den som 2022-06-23.",
                     "\"%s\" is no day of the calendar 1900–2999. Write it like 2022-06-23.",
                     shown(cell->text, text));
    return NIVA_BAD;
}

static void number_remark(struct niva_form *form, size_t column, const char *text,
                          enum niva_number number, int decimals)
{
    char cut[SHOWN_MAX];

    shown(text, cut);
    if (number == NIVA_NUMBER_INEXACT && decimals == 0)
        niva_form_remark(form, column, "NUMBER_INEXACT", "”%s” är inget heltal.",
                         "\"%s\" is no whole number.", cut);
    else if (number == NIVA_NUMBER_INEXACT)
        niva_form_remark(form, column, "NUMBER_INEXACT", "”%s” har fler än %d decimaler.",
                         "\"%s\" has more than %d decimals.", cut, decimals);
    else if (number == NIVA_NUMBER_TOO_LARGE)
        niva_form_remark(form, column, "NUMBER_TOO_LARGE", "”%s” är för stort.",
                         "\"%s\" is too large.", cut);
    else
        niva_form_remark(form, column, "NUMBER_MALFORMED", "”%s” är inget tal.",
                         "\"%s\" is no number.", cut);
}

enum niva_given niva_form_number(struct niva_form *form, size_t column, int decimals, bool percent,
                                 int64_t *ret_value)
{
    const struct niva_cell *cell;
    enum niva_given given = cell_take(form, column, &cell);
    enum niva_number number = NIVA_NUMBER_MALFORMED;

    if (given != NIVA_GIVEN)
        return given;
    if ((cell->kind == NIVA_CELL_TEXT || cell->kind == NIVA_CELL_NUMBER) &&
        (percent || strchr(cell->text, '%') == NULL))
        number = niva_number_read(cell->text, decimals, ret_value);
    if (number == NIVA_NUMBER_GOOD)
        return NIVA_GIVEN;
    number_remark(form, column, cell->text, number, decimals);
    return NIVA_BAD;
}

enum niva_given niva_form_truth(struct niva_form *form, size_t column, bool *ret_value)
{
    const struct niva_cell *cell;
    enum niva_given given = cell_take(form, column, &cell);
    char word[WORD_MAX];
    char text[SHOWN_MAX];

    if (given != NIVA_GIVEN)
        return given;
    word_normalise(cell->text, word);
    if (cell->kind == NIVA_CELL_TEXT || cell->kind == NIVA_CELL_BOOL) {
        bool yes = word_listed(word, "ja|yes|sant|true");

        if (yes || word_listed(word, "nej|no|falskt|false")) {
            *ret_value = yes;
            return NIVA_GIVEN;
        }
    }
    niva_form_remark(form, column, "TRUTH_MALFORMED", "”%s” är varken ja eller nej.",
                     "\"%s\" is neither yes (ja) nor no (nej).", shown(cell->text, text));
    return NIVA_BAD;
}

/* "anställd, vikarie, inhyrd": the first of each. */
static void words_list(const struct niva_form_word *words, char *list, size_t size)
{
    size_t length = 0;

    list[0] = '\0';
    for (; words->words != NULL && length < size; words++)
        length += (size_t)snprintf(list + length, size - length, "%s%.*s", length > 0 ? ", " : "",
                                   (int)strcspn(words->words, "|"), words->words);
}

enum niva_given niva_form_word(struct niva_form *form, size_t column,
                               const struct niva_form_word *words, int *ret_value)
{
    const struct niva_cell *cell;
    enum niva_given given = cell_take(form, column, &cell);
    char word[WORD_MAX];
    char text[SHOWN_MAX];
    char list[160];

    if (given != NIVA_GIVEN)
        return given;
    word_normalise(cell->text, word);
    for (const struct niva_form_word *each = words; each->words != NULL; each++) {
        if (!word_listed(word, each->words))
            continue;
        *ret_value = each->value;
        return NIVA_GIVEN;
    }
    words_list(words, list, sizeof list);
    niva_form_remark(form, column, "WORD_UNKNOWN", "”%s” är okänt. Skriv något av: %s.",
                     "\"%s\" is unknown. Write one of: %s.", shown(cell->text, text), list);
    return NIVA_BAD;
}
