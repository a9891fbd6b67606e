/* The cells of a worksheet. */
#include <stdlib.h>
#include <string.h>

#include "services/common/sheets/inside.h"
#include "services/common/sheets/number.h"

enum { SERIAL_LEAP = 60, SERIAL_MAX = 2958465 };

enum value_type {
    VALUE_NUMBER,
    VALUE_SHARED,
    VALUE_TEXT, /* the result of a formula, or inline */
    VALUE_BOOL,
    VALUE_DATE, /* ISO 8601 */
    VALUE_ERROR,
};

/* A worksheet on its way; what is between the marks of one cell is gathered in `text`. */
struct sheeting {
    struct package *package;
    const struct worksheet *worksheet;
    struct sheet_maker *maker;
    struct cell_text *text;
    bool in_data;
    bool in_row;
    bool in_cell;
    bool in_text;
    int in_reading;
    bool formula;
    int64_t row;
    size_t next_column;
    size_t column;
    enum value_type type;
    size_t style;
};

/* ---- places ---- */

/* "12": a row, from 1, without a leading zero. */
static bool row_parse(const char *text, int64_t *ret_row)
{
    int64_t row = 0;

    if (*text < '1' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9' && row < 100000000; text++)
        row = 10 * row + (*text - '0');
    *ret_row = row;
    return *text == '\0';
}

/* "B12": the column, from 0, and the row. Lower case and "$" are not used in files. */
static bool place_parse(const char *text, size_t *ret_column, int64_t *ret_row)
{
    size_t column = 0;

    for (; *text >= 'A' && *text <= 'Z' && column < 1000000; text++)
        column = 26 * column + (size_t)(*text - 'A' + 1);
    if (column == 0 || !row_parse(text, ret_row))
        return false;
    *ret_column = column - 1;
    return true;
}

static bool row_begin(struct sheeting *sheeting, const char *number)
{
    sheeting->in_row = true;
    sheeting->next_column = 0;
    sheeting->row++;
    if (number != NULL && !row_parse(number, &sheeting->row))
        return sheet_refuse_broken(sheeting->package->err);
    return sheet_row_begin(sheeting->maker, sheeting->row);
}

static enum value_type type_of(const char *type)
{
    static const struct {
        const char *name;
        enum value_type type;
    } types[] = {
        {"s", VALUE_SHARED}, {"str", VALUE_TEXT}, {"inlineStr", VALUE_TEXT},
        {"b", VALUE_BOOL},   {"d", VALUE_DATE},   {"e", VALUE_ERROR},
    };

    for (size_t i = 0; type != NULL && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, type) == 0)
            return types[i].type;
    return VALUE_NUMBER;
}

/* Cells of a row stand from left to right; one without a place follows the one before. */
static bool cell_begin(struct sheeting *sheeting, const char *const *attributes)
{
    const char *place = xml_attribute(attributes, "r");
    const char *style = xml_attribute(attributes, "s");
    int64_t row = sheeting->row;

    sheeting->column = sheeting->next_column;
    if (place != NULL && (!place_parse(place, &sheeting->column, &row) || row != sheeting->row ||
                          sheeting->column < sheeting->next_column))
        return sheet_refuse_broken(sheeting->package->err);
    sheeting->next_column = sheeting->column + 1;
    sheeting->type = type_of(xml_attribute(attributes, "t"));
    sheeting->style = style == NULL ? 0 : strtoul(style, NULL, 10);
    sheeting->text->size = 0;
    sheeting->text->bytes[0] = '\0';
    sheeting->formula = false;
    sheeting->in_cell = true;
    return true;
}

/* ---- values ---- */

/* The day of a serial number. 1900-02-29, which never was, is serial 60. */
static niva_day serial_day(int64_t serial, bool date1904)
{
    niva_day epoch = niva_day_from_civil(1899, 12, 30);

    if (serial < 0 || serial > SERIAL_MAX)
        return NIVA_DAY_NONE;
    if (date1904)
        return niva_day_from_civil(1904, 1, 1) + (niva_day)serial;
    if (serial == 0 || serial == SERIAL_LEAP)
        return NIVA_DAY_NONE;
    return epoch + (niva_day)serial + (serial < SERIAL_LEAP);
}

static bool put(struct sheeting *sheeting, enum niva_cell_kind kind, const char *text, niva_day day)
{
    return sheet_cell_put(sheeting->maker, sheeting->column, kind, text, strlen(text), day);
}

static bool number_put(struct sheeting *sheeting)
{
    const struct styles *styles = sheeting->worksheet->styles;
    bool date = sheeting->style < styles->count && styles->dates[sheeting->style];
    niva_day day = NIVA_DAY_NONE;
    int64_t whole;
    enum niva_number number = niva_number_read(sheeting->text->bytes, 0, &whole);

    if (number == NIVA_NUMBER_MALFORMED)
        return put(sheeting, NIVA_CELL_BROKEN, sheeting->text->bytes, NIVA_DAY_NONE);
    if (number == NIVA_NUMBER_GOOD)
        day = serial_day(whole, sheeting->worksheet->date1904);
    if (day < NIVA_DAY_MIN || day > NIVA_DAY_MAX)
        day = NIVA_DAY_NONE;
    return put(sheeting, date ? NIVA_CELL_DATE : NIVA_CELL_NUMBER, sheeting->text->bytes, day);
}

static bool shared_put(struct sheeting *sheeting)
{
    const struct strings *strings = sheeting->worksheet->strings;
    int64_t index;

    if (niva_number_read(sheeting->text->bytes, 0, &index) != NIVA_NUMBER_GOOD || index < 0 ||
        (size_t)index >= strings->count)
        return sheet_refuse_broken(sheeting->package->err);
    return put(sheeting, NIVA_CELL_TEXT, strings->texts[index], NIVA_DAY_NONE);
}

/* A day, maybe with a time of day; midnight is none. */
static bool iso_put(struct sheeting *sheeting)
{
    char *text = sheeting->text->bytes;
    niva_day day;

    if (strlen(text) > 10 && strncmp(text + 10, "T00:00:00", 9) == 0)
        text[10] = '\0';
    if (!niva_day_parse(text, &day))
        return put(sheeting, NIVA_CELL_TEXT, text, NIVA_DAY_NONE);
    return put(sheeting, NIVA_CELL_DATE, text, day);
}

/* A formula whose value was never computed is not blank: it says something that we do not know. */
static bool value_put(struct sheeting *sheeting)
{
    if (sheeting->text->size == 0)
        return !sheeting->formula || put(sheeting, NIVA_CELL_BROKEN, "=", NIVA_DAY_NONE);
    switch (sheeting->type) {
    case VALUE_SHARED:
        return shared_put(sheeting);
    case VALUE_TEXT:
        cell_text_unescape(sheeting->text);
        return put(sheeting, NIVA_CELL_TEXT, sheeting->text->bytes, NIVA_DAY_NONE);
    case VALUE_BOOL:
        return put(sheeting, NIVA_CELL_BOOL,
                   strcmp(sheeting->text->bytes, "1") == 0 ||
                           strcmp(sheeting->text->bytes, "true") == 0
                       ? "TRUE"
                       : "FALSE",
                   NIVA_DAY_NONE);
    case VALUE_DATE:
        return iso_put(sheeting);
    case VALUE_ERROR:
        return put(sheeting, NIVA_CELL_BROKEN, sheeting->text->bytes, NIVA_DAY_NONE);
    case VALUE_NUMBER:
        break;
    }
    return number_put(sheeting);
}

/* ---- marks ---- */

static bool mark_begin(void *self, const char *name, const char *const *attributes)
{
    struct sheeting *sheeting = self;

    sheeting->in_text = false;
    if (!sheeting->in_cell) {
        if (strcmp(name, "sheetData") == 0)
            sheeting->in_data = true;
        else if (sheeting->in_row && strcmp(name, "c") == 0)
            return cell_begin(sheeting, attributes);
        else if (sheeting->in_data && !sheeting->in_row && strcmp(name, "row") == 0)
            return row_begin(sheeting, xml_attribute(attributes, "r"));
        return true;
    }
    sheeting->formula |= strcmp(name, "f") == 0;
    sheeting->in_reading += strcmp(name, "rPh") == 0;
    sheeting->in_text =
        sheeting->in_reading == 0 && (strcmp(name, "v") == 0 || strcmp(name, "t") == 0);
    return true;
}

static bool mark_end(void *self, const char *name)
{
    struct sheeting *sheeting = self;

    sheeting->in_text = false;
    if (strcmp(name, "c") == 0 && sheeting->in_cell) {
        sheeting->in_cell = false;
        return value_put(sheeting);
    }
    sheeting->in_reading -= sheeting->in_cell && strcmp(name, "rPh") == 0;
    if (sheeting->in_cell)
        return true;
    if (strcmp(name, "row") == 0)
        sheeting->in_row = false;
    if (strcmp(name, "sheetData") == 0)
        sheeting->in_data = false;
    return true;
}

static bool mark_text(void *self, const char *characters, size_t size)
{
    struct sheeting *sheeting = self;

    return !sheeting->in_text ||
           cell_text_append(sheeting->text, characters, size, sheeting->package->err);
}

bool worksheet_read(struct package *package, const char *part, const struct worksheet *worksheet,
                    struct niva_sheet *ret_sheet)
{
    struct sheeting sheeting = {
        .package = package,
        .worksheet = worksheet,
        .maker = niva_arena_alloc(package->arena, sizeof *sheeting.maker),
        .text = niva_arena_alloc(package->arena, sizeof *sheeting.text),
    };
    struct xml_reader reader = {&sheeting, mark_begin, mark_end, mark_text};

    if (sheeting.maker == NULL || sheeting.text == NULL)
        return niva_fail_memory(package->err);
    sheet_maker_begin(sheeting.maker, package->arena, package->err);
    return package_read(package, part, &reader) && sheet_maker_end(sheeting.maker, ret_sheet);
}
