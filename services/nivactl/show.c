#include "services/nivactl/show.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct range {
    uint32_t first;
    uint32_t last;
};

/* General categories Mn, Me and Cf as far as they are met in names; Unicode 15. */
static const struct range zero_width[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f}, {0x200b, 0x200d},
    {0x2060, 0x2060}, {0x20d0, 0x20f0}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
};

/* East Asian Width W and F; Unicode 15. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
    {0x20000, 0x3fffd},
};

/* Characters that would act on the terminal instead of being shown: C0, DEL, C1, line and paragraph
 * separators, direction marks. */
static const struct range acting[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x061c, 0x061c},
    {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069},
};

static bool within(uint32_t character, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

/* The character at `*at`, which moves behind it. A byte that begins no character stands for
 * itself as an acting one. */
static uint32_t character_next(const char **at)
{
    const unsigned char *bytes = (const unsigned char *)*at;
    size_t more = bytes[0] < 0x80 ? 0 : bytes[0] < 0xe0 ? 1 : bytes[0] < 0xf0 ? 2 : 3;
    uint32_t character = more == 0 ? bytes[0] : bytes[0] & (0x3fu >> more);

    if ((bytes[0] >= 0x80 && bytes[0] < 0xc2) || bytes[0] > 0xf4) {
        *at += 1;
        return 0;
    }
    for (size_t i = 1; i <= more; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            *at += i;
            return 0;
        }
        character = character << 6 | (bytes[i] & 0x3f);
    }
    *at += more + 1;
    return character;
}

static size_t character_columns(uint32_t character)
{
    if (within(character, zero_width, sizeof zero_width / sizeof *zero_width))
        return 0;
    return within(character, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

size_t text_columns(const char *text)
{
    size_t columns = 0;

    while (*text != '\0')
        columns += character_columns(character_next(&text));
    return columns;
}

void text_show(struct niva_text *text, const char *string)
{
    while (*string != '\0') {
        const char *begin = string;
        uint32_t character = character_next(&string);

        if (within(character, acting, sizeof acting / sizeof *acting))
            niva_text_puts(text, "?");
        else
            niva_text_append(text, begin, (size_t)(string - begin));
    }
}

/* Only the line feeds of a text act. */
static void lines_show(struct niva_text *shown, char *text)
{
    char *rest = text;
    char *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        text_show(shown, line);
        if (rest != NULL)
            niva_text_puts(shown, "\n");
    }
}

void show(FILE *stream, const char *format, ...)
{
    struct niva_text shown = {0};
    va_list arguments;
    char *text;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    lines_show(&shown, text);
    if (!shown.failed && shown.length > 0)
        fwrite(shown.data, 1, shown.length, stream);
    niva_text_free(&shown);
    free(text);
}
