#include "services/common/wire/path.h"

#include <stdio.h>
#include <string.h>

#include "services/common/base/text.h"

static const struct {
    const char *name;
    const char *text_sv;
    const char *text_en;
} reasons[] = {
    [WIRE_BYTES_MALFORMED] = {"BYTES_MALFORMED", "Meddelandet går inte att tolka här.",
                              "The message cannot be read here."},
    [WIRE_TYPE_WRONG] = {"TYPE_WRONG", "Värdet är av fel typ.", "The value is of the wrong type."},
    [WIRE_TOO_DEEP] = {"TOO_DEEP", "Meddelandet är nästlat i fler än 16 nivåer.",
                       "The message is nested more than 16 levels deep."},
    [WIRE_TOO_MANY_ELEMENTS] = {"TOO_MANY_ELEMENTS", "Meddelandet har fler än 65 536 värden.",
                                "The message has more than 65,536 values."},
    [WIRE_FIELD_REPEATED] = {"FIELD_REPEATED", "Fältet får anges högst en gång.",
                             "The field may be given once at most."},
    [WIRE_FIELD_UNKNOWN] = {"FIELD_UNKNOWN", "Fältet finns inte.", "There is no such field."},
    [WIRE_ENUM_UNKNOWN] = {"ENUM_UNKNOWN", "Värdet finns inte i uppräkningen.",
                           "The value is not in the enumeration."},
    [WIRE_NUMBER_OUT_OF_RANGE] = {"NUMBER_OUT_OF_RANGE", "Talet ryms inte i fältet.",
                                  "The number does not fit the field."},
    [WIRE_NUMBER_FRACTION] = {"NUMBER_FRACTION", "Talet ska vara ett heltal.",
                              "The number must be an integer."},
    [WIRE_TEXT_NOT_UTF8] = {"TEXT_NOT_UTF8", "Texten är inte giltig UTF-8.",
                            "The text is not valid UTF-8."},
    [WIRE_TEXT_HAS_NUL] = {"TEXT_HAS_NUL", "Texten innehåller ett NUL-tecken.",
                           "The text contains a NUL character."},
    [WIRE_JSON_MALFORMED] = {"JSON_MALFORMED", "Texten är inte giltig JSON här.",
                             "The text is not valid JSON here."},
    [WIRE_BASE64_MALFORMED] = {"BASE64_MALFORMED", "Värdet är inte giltig base64.",
                               "The value is not valid base64."},
    [WIRE_TIMESTAMP_MALFORMED] = {"TIMESTAMP_MALFORMED",
                                  "Tidpunkten ska skrivas som 2022-06-23T10:00:00Z.",
                                  "The time must be written like 2022-06-23T10:00:00Z."},
    [WIRE_ANY_UNKNOWN] = {"ANY_UNKNOWN", "Meddelandetypen är okänd eller får inte stå här.",
                          "The message type is unknown or may not stand here."},
};

size_t wire_camel(const char *name, char *ret_text, size_t capacity)
{
    size_t length = 0;
    bool upper = false;

    for (; *name != '\0' && length + 1 < capacity; name++) {
        if (*name == '_') {
            upper = true;
            continue;
        }
        ret_text[length++] =
            upper && *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;
        upper = false;
    }
    ret_text[length] = '\0';
    return length;
}

/* What does not fit is cut at a character. */
static void path_add(struct wire_path *path, const char *bytes, size_t size)
{
    size_t room = sizeof path->text - 1 - path->length;

    if (size > room) {
        size = room;
        while (size > 0 && ((unsigned char)bytes[size] & 0xc0) == 0x80)
            size--;
    }
    memcpy(path->text + path->length, bytes, size);
    path->length += size;
    path->text[path->length] = '\0';
}

size_t wire_path_index(struct wire_path *path, long index)
{
    size_t before = path->length;
    char text[24];

    snprintf(text, sizeof text, "[%ld]", index);
    path_add(path, text, strlen(text));
    return before;
}

size_t wire_path_field(struct wire_path *path, const char *name, long index)
{
    size_t before = path->length;
    char camel[WIRE_PATH_MAX];

    if (before > 0)
        path_add(path, ".", 1);
    path_add(path, camel, wire_camel(name, camel, sizeof camel));
    if (index >= 0)
        wire_path_index(path, index);
    return before;
}

size_t wire_path_name(struct wire_path *path, const char *name, size_t size)
{
    size_t before = path->length;
    bool valid = niva_utf8_valid(name, size);
    char shown[WIRE_PATH_MAX];

    if (size > sizeof shown)
        size = sizeof shown;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)name[i];

        shown[i] = c < ' ' || c == 0x7f || (c >= 0x80 && !valid) ? '?' : name[i];
    }
    if (before > 0)
        path_add(path, ".", 1);
    path_add(path, shown, size);
    return before;
}

void wire_path_cut(struct wire_path *path, size_t length)
{
    path->length = length;
    path->text[length] = '\0';
}

bool wire_refuse_text(struct niva_error *err, const struct wire_path *path, enum wire_reason reason,
                      const char *text_sv, const char *text_en)
{
    niva_error_clear(err);
    return niva_fail_violation(err, NIVA_INVALID_ARGUMENT, path->text, reasons[reason].name,
                               text_sv, text_en);
}

bool wire_refuse(struct niva_error *err, const struct wire_path *path, enum wire_reason reason)
{
    return wire_refuse_text(err, path, reason, reasons[reason].text_sv, reasons[reason].text_en);
}

bool wire_refuse_size(struct niva_error *err)
{
    return niva_fail(err, NIVA_RESOURCE_EXHAUSTED, "Meddelandet är för stort.",
                     "The message is too large.");
}
