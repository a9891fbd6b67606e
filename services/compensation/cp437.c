#include "services/compensation/cp437.h"

/* Bytes 0x80 … 0xFE; 0xFF is a space like any other. */
static const uint16_t upper[127] = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF,
    0x00EE, 0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9,
    0x00FF, 0x00D6, 0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA,
    0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255D, 0x255C, 0x255B, 0x2510, 0x2514, 0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F,
    0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C, 0x2588, 0x2584, 0x258C, 0x2590, 0x2580,
    0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4, 0x03A6, 0x0398, 0x03A9, 0x03B4,
    0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00F7, 0x2248,
    0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0,
};

/* U+00C0 … U+017F without their marks. */
static const char plain[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaa?ceeeeiiiidnooooo/ouuuuyty"
                            "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlL"
                            "lLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

enum { PLAIN_FIRST = 0xC0, PLAIN_COUNT = sizeof plain - 1 };

static const struct {
    uint32_t first;
    uint32_t last;
    const char *ascii;
} signs[] = {
    {0x0300, 0x036F, ""},    {0x2010, 0x2015, "-"}, {0x2018, 0x201B, "'"},   {0x201C, 0x201F, "\""},
    {0x2026, 0x2026, "..."}, {0x2032, 0x2032, "'"}, {0x20AC, 0x20AC, "EUR"}, {0x2212, 0x2212, "-"},
};

/* Reads the next character of well-formed UTF-8. */
static uint32_t character_read(const char **text)
{
    const unsigned char *bytes = (const unsigned char *)*text;
    uint32_t character = bytes[0];
    int more = 0;

    if (character >= 0xF0)
        more = 3;
    else if (character >= 0xE0)
        more = 2;
    else if (character >= 0xC0)
        more = 1;
    if (more > 0)
        character &= 0x3FU >> more;
    for (int i = 1; i <= more; i++)
        character = character << 6 | (bytes[i] & 0x3FU);
    *text += more + 1;
    return character;
}

static bool space_is(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character <= 0xA0) ||
           (character >= 0x2000 && character <= 0x200F) ||
           (character >= 0x2028 && character <= 0x202F) || character == 0x3000 ||
           character == 0xFEFF;
}

/* A character as a string of the code page. `byte` is room for one. */
static const char *character_map(uint32_t character, char byte[2])
{
    byte[1] = '\0';
    if (space_is(character))
        return " ";
    if (character < 0x7F) {
        byte[0] = (char)character;
        return byte;
    }
    for (size_t i = 0; i < sizeof upper / sizeof *upper; i++)
        if (upper[i] == character) {
            byte[0] = (char)(0x80 + i);
            return byte;
        }
    if (character >= PLAIN_FIRST && character < PLAIN_FIRST + PLAIN_COUNT) {
        byte[0] = plain[character - PLAIN_FIRST];
        return byte;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (character >= signs[i].first && character <= signs[i].last)
            return signs[i].ascii;
    return "?";
}

void cp437_append(struct niva_text *text, const char *utf8, size_t most)
{
    char byte[2];

    while (*utf8 != '\0') {
        const char *mapped = character_map(character_read(&utf8), byte);

        for (; *mapped != '\0'; mapped++, most--) {
            if (most == 0)
                return;
            niva_text_append(text, mapped, 1);
        }
    }
}
