#include <endian.h>
#include <string.h>

#include "services/common/pg/binary.h"
#include "services/common/pg/pg.h"

/* A growing array value in PostgreSQL's binary format. */
struct niva_column {
    struct niva_arena *arena;
    enum niva_column_type type;
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    int32_t count;
    bool has_null;
    bool failed;
};

/* Dimensions, flag for NULLs, type of the elements; length and lower bound of the one dimension. */
enum { ARRAY_HEADER = 20, COLUMN_LEAST = 1024, SIZE_MOST = 1 << 30 };

static const struct {
    uint32_t element;
    uint32_t array;
} column_types[] = {
    [NIVA_COLUMN_INT32] = {OID_INT4, 1007},          [NIVA_COLUMN_INT64] = {OID_INT8, 1016},
    [NIVA_COLUMN_TEXT] = {OID_TEXT, 1009},           [NIVA_COLUMN_BYTES] = {OID_BYTEA, 1001},
    [NIVA_COLUMN_UUID] = {OID_UUID, 2951},           [NIVA_COLUMN_DAY] = {OID_DATE, 1182},
    [NIVA_COLUMN_INSTANT] = {OID_TIMESTAMPTZ, 1185},
};

/* One value as PostgreSQL wants it. */
struct value {
    const void *bytes; /* NULL: SQL NULL */
    size_t size;
};

static struct value value_int32(int32_t number, uint32_t *buffer)
{
    *buffer = htobe32((uint32_t)number);
    return (struct value){buffer, sizeof *buffer};
}

static struct value value_int64(int64_t number, uint64_t *buffer)
{
    *buffer = htobe64((uint64_t)number);
    return (struct value){buffer, sizeof *buffer};
}

static struct value value_day(niva_day day, uint32_t *buffer)
{
    if (day == NIVA_DAY_NONE || day == NIVA_DAY_END)
        return (struct value){0};
    return value_int32(day - DAYS_1970_TO_2000, buffer);
}

static struct value value_instant(niva_instant instant, uint64_t *buffer)
{
    if (instant == INT64_MIN)
        return (struct value){0};
    return value_int64(instant == INT64_MAX ? instant : instant - MICROSECONDS_1970_TO_2000,
                       buffer);
}

static struct value value_text(const char *text)
{
    return (struct value){text, text == NULL ? 0 : strlen(text)};
}

static struct value value_uuid(const struct niva_uuid *uuid)
{
    return (struct value){uuid == NULL ? NULL : uuid->bytes, sizeof uuid->bytes};
}

static void param_add(struct niva_params *params, uint32_t type, struct value value)
{
    char *copy = NULL;

    if (params->count == NIVA_PARAMS_MAX || value.size > SIZE_MOST) {
        params->failed = true;
        return;
    }
    if (value.bytes != NULL) {
        copy = niva_arena_copy(params->arena, value.bytes, value.size);
        params->failed |= copy == NULL;
    }
    params->types[params->count] = type;
    params->values[params->count] = copy;
    params->lengths[params->count] = (int)value.size;
    params->count++;
}

void niva_param_int32(struct niva_params *params, int32_t value)
{
    uint32_t buffer;

    param_add(params, OID_INT4, value_int32(value, &buffer));
}

void niva_param_int64(struct niva_params *params, int64_t value)
{
    uint64_t buffer;

    param_add(params, OID_INT8, value_int64(value, &buffer));
}

void niva_param_bool(struct niva_params *params, bool value)
{
    param_add(params, OID_BOOL, (struct value){value ? "\1" : "\0", 1});
}

void niva_param_text(struct niva_params *params, const char *value)
{
    param_add(params, OID_TEXT, value_text(value));
}

void niva_param_bytes(struct niva_params *params, const void *bytes, size_t size)
{
    param_add(params, OID_BYTEA, (struct value){bytes, size});
}

void niva_param_uuid(struct niva_params *params, const struct niva_uuid *value)
{
    param_add(params, OID_UUID, value_uuid(value));
}

void niva_param_day(struct niva_params *params, niva_day day)
{
    uint32_t buffer;

    param_add(params, OID_DATE, value_day(day, &buffer));
}

void niva_param_instant(struct niva_params *params, niva_instant instant)
{
    uint64_t buffer;

    param_add(params, OID_TIMESTAMPTZ, value_instant(instant, &buffer));
}

/* Room for `size` more bytes. */
static bool column_reserve(struct niva_column *column, size_t size)
{
    size_t capacity = column->capacity;
    uint8_t *grown;

    if (column->failed || size > SIZE_MOST - column->size) {
        column->failed = true;
        return false;
    }
    if (column->size + size <= capacity)
        return true;
    while (capacity < column->size + size)
        capacity = capacity == 0 ? COLUMN_LEAST : 2 * capacity;
    grown = niva_arena_alloc(column->arena, capacity);
    if (grown == NULL) {
        column->failed = true;
        return false;
    }
    if (column->size > 0)
        memcpy(grown, column->bytes, column->size);
    column->bytes = grown;
    column->capacity = capacity;
    return true;
}

struct niva_column *niva_column_new(enum niva_column_type type, struct niva_arena *arena)
{
    struct niva_column *column = niva_arena_alloc(arena, sizeof *column);

    if (column == NULL)
        return NULL;
    column->arena = arena;
    column->type = type;
    if (column_reserve(column, ARRAY_HEADER))
        column->size = ARRAY_HEADER;
    return column;
}

static void column_add(struct niva_column *column, enum niva_column_type type, struct value value)
{
    uint32_t length = htobe32(value.bytes == NULL ? UINT32_MAX : (uint32_t)value.size);

    if (column == NULL)
        return;
    if (column->type != type || value.size > SIZE_MOST ||
        !column_reserve(column, sizeof length + value.size)) {
        column->failed = true;
        return;
    }
    memcpy(column->bytes + column->size, &length, sizeof length);
    column->size += sizeof length;
    column->count++;
    if (value.bytes == NULL) {
        column->has_null = true;
        return;
    }
    if (value.size > 0)
        memcpy(column->bytes + column->size, value.bytes, value.size);
    column->size += value.size;
}

void niva_column_int32(struct niva_column *column, int32_t value)
{
    uint32_t buffer;

    column_add(column, NIVA_COLUMN_INT32, value_int32(value, &buffer));
}

void niva_column_int64(struct niva_column *column, int64_t value)
{
    uint64_t buffer;

    column_add(column, NIVA_COLUMN_INT64, value_int64(value, &buffer));
}

void niva_column_text(struct niva_column *column, const char *value)
{
    column_add(column, NIVA_COLUMN_TEXT, value_text(value));
}

void niva_column_bytes(struct niva_column *column, const void *bytes, size_t size)
{
    column_add(column, NIVA_COLUMN_BYTES, (struct value){bytes, size});
}

void niva_column_uuid(struct niva_column *column, const struct niva_uuid *value)
{
    column_add(column, NIVA_COLUMN_UUID, value_uuid(value));
}

void niva_column_day(struct niva_column *column, niva_day day)
{
    uint32_t buffer;

    column_add(column, NIVA_COLUMN_DAY, value_day(day, &buffer));
}

void niva_column_instant(struct niva_column *column, niva_instant instant)
{
    uint64_t buffer;

    column_add(column, NIVA_COLUMN_INSTANT, value_instant(instant, &buffer));
}

void niva_param_column(struct niva_params *params, struct niva_column *column)
{
    uint32_t header[5];

    if (column == NULL || column->failed || params->count == NIVA_PARAMS_MAX) {
        params->failed = true;
        return;
    }
    header[0] = htobe32(1);
    header[1] = htobe32(column->has_null);
    header[2] = htobe32(column_types[column->type].element);
    header[3] = htobe32((uint32_t)column->count);
    header[4] = htobe32(1);
    memcpy(column->bytes, header, sizeof header);
    params->types[params->count] = column_types[column->type].array;
    params->values[params->count] = (const char *)column->bytes;
    params->lengths[params->count] = (int)column->size;
    params->count++;
}
