#include "services/common/wire/json.h"

void wire_base64_print(const uint8_t *bytes, size_t size, struct niva_text *text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        size_t count = size - i < 3 ? size - i : 3;
        uint32_t group = (uint32_t)bytes[i] << 16;
        char quad[4];

        if (count > 1)
            group |= (uint32_t)bytes[i + 1] << 8;
        if (count > 2)
            group |= bytes[i + 2];
        for (unsigned k = 0; k < 4; k++)
            quad[k] = k > count ? '=' : alphabet[group >> (18 - 6 * k) & 63];
        niva_text_append(text, quad, sizeof quad);
    }
}

size_t wire_base64_room(size_t size)
{
    return size / 4 * 3 + 3;
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

bool wire_base64_parse(const char *text, size_t size, uint8_t *ret_bytes, size_t *ret_size)
{
    size_t digits = size;
    uint32_t bits = 0;
    unsigned held = 0;
    size_t count = 0;

    while (digits > 0 && size - digits < 2 && text[digits - 1] == '=')
        digits--;
    if (digits % 4 == 1 || (digits < size && size % 4 != 0))
        return false;
    for (size_t i = 0; i < digits; i++) {
        int value = sextet(text[i]);

        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xfffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            ret_bytes[count++] = (uint8_t)(bits >> held);
        }
    }
    if ((bits & ((1u << held) - 1)) != 0)
        return false;
    *ret_size = count;
    return true;
}
