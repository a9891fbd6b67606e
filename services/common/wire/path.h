/* Paths as in JSON ("report.positions[2].titleCode") and the reasons that name what is wrong with
 * a value, for the scan and the JSON of this room. */
#ifndef NIVA_COMMON_WIRE_PATH_H
#define NIVA_COMMON_WIRE_PATH_H

#include "services/common/base/error.h"

enum { WIRE_PATH_MAX = 160 };

/* A path under way; what does not fit is cut. All zero is the top. */
struct wire_path {
    char text[WIRE_PATH_MAX];
    size_t length;
};

enum wire_reason {
    WIRE_BYTES_MALFORMED,
    WIRE_TYPE_WRONG,
    WIRE_TOO_DEEP,
    WIRE_TOO_MANY_ELEMENTS,
    WIRE_FIELD_REPEATED,
    WIRE_FIELD_UNKNOWN,
    WIRE_ENUM_UNKNOWN,
    WIRE_NUMBER_OUT_OF_RANGE,
    WIRE_NUMBER_FRACTION,
    WIRE_TEXT_NOT_UTF8,
    WIRE_TEXT_HAS_NUL,
    WIRE_JSON_MALFORMED,
    WIRE_BASE64_MALFORMED,
    WIRE_TIMESTAMP_MALFORMED,
    WIRE_ANY_UNKNOWN,
};

/* Writes the lowerCamelCase of a proto name, cut to `capacity` with its NUL. Returns its length. */
size_t wire_camel(const char *name, char *ret_text, size_t capacity);

/* Appends a field by its proto name, with its index when that is not negative. Returns the length
 * before, to which wire_path_cut leads back. */
size_t wire_path_field(struct wire_path *path, const char *name, long index);
/* The same for a name from outside, taken as it is; what cannot be shown becomes question marks. */
size_t wire_path_name(struct wire_path *path, const char *name, size_t size);
/* Appends "[index]". */
size_t wire_path_index(struct wire_path *path, long index);
void wire_path_cut(struct wire_path *path, size_t length);

/* Makes `err` INVALID_ARGUMENT with one violation. Returns false. */
bool wire_refuse(struct niva_error *err, const struct wire_path *path, enum wire_reason reason);

/* The same with sentences of its own. */
bool wire_refuse_text(struct niva_error *err, const struct wire_path *path, enum wire_reason reason,
                      const char *text_sv, const char *text_en);

/* RESOURCE_EXHAUSTED: the arena of a message is full. Returns false. */
bool wire_refuse_size(struct niva_error *err);

#endif
