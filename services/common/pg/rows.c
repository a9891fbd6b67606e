#include <assert.h>
#include <endian.h>
#include <libpq-fe.h>
#include <string.h>

#include "services/common/pg/binary.h"
#include "services/common/pg/pg.h"

int niva_rows(const struct niva_query *query)
{
    return PQntuples(query->result);
}

bool niva_row_null(const struct niva_query *query, int row, int column)
{
    assert(row >= 0 && row < PQntuples(query->result));
    assert(column >= 0 && column < PQnfields(query->result));
    return PQgetisnull(query->result, row, column) == 1;
}

/* The bytes of a value of a type, NULL for SQL NULL. Another type is an error in the statement: its
 * bytes would read as a wrong number. */
static const char *value_of(const struct niva_query *query, int row, int column, Oid type)
{
    bool null = niva_row_null(query, row, column);

    assert(PQftype(query->result, column) == type);
    return null ? NULL : PQgetvalue(query->result, row, column);
}

static int32_t int32_read(const char *value)
{
    uint32_t number;

    memcpy(&number, value, sizeof number);
    return (int32_t)be32toh(number);
}

static int64_t int64_read(const char *value)
{
    uint64_t number;

    memcpy(&number, value, sizeof number);
    return (int64_t)be64toh(number);
}

int32_t niva_row_int32(const struct niva_query *query, int row, int column)
{
    const char *value = value_of(query, row, column, OID_INT4);

    return value == NULL ? 0 : int32_read(value);
}

int64_t niva_row_int64(const struct niva_query *query, int row, int column)
{
    const char *value = value_of(query, row, column, OID_INT8);

    return value == NULL ? 0 : int64_read(value);
}

bool niva_row_bool(const struct niva_query *query, int row, int column)
{
    const char *value = value_of(query, row, column, OID_BOOL);

    return value != NULL && *value != 0;
}

const char *niva_row_text(const struct niva_query *query, int row, int column)
{
    const char *value = value_of(query, row, column, OID_TEXT);

    return value == NULL ? "" : value;
}

const uint8_t *niva_row_bytes(const struct niva_query *query, int row, int column, size_t *ret_size)
{
    const char *value = value_of(query, row, column, OID_BYTEA);

    *ret_size = value == NULL ? 0 : (size_t)PQgetlength(query->result, row, column);
    return (const uint8_t *)value;
}

struct niva_uuid niva_row_uuid(const struct niva_query *query, int row, int column)
{
    const char *value = value_of(query, row, column, OID_UUID);
    struct niva_uuid uuid = {0};

    if (value != NULL)
        memcpy(uuid.bytes, value, sizeof uuid.bytes);
    return uuid;
}

niva_day niva_row_day(const struct niva_query *query, int row, int column)
{
    const char *value = value_of(query, row, column, OID_DATE);

    return value == NULL ? NIVA_DAY_NONE : int32_read(value) + DAYS_1970_TO_2000;
}

niva_instant niva_row_instant(const struct niva_query *query, int row, int column)
{
    const char *value = value_of(query, row, column, OID_TIMESTAMPTZ);
    int64_t instant = value == NULL ? INT64_MIN : int64_read(value);

    if (instant == INT64_MIN || instant == INT64_MAX)
        return instant;
    return instant + MICROSECONDS_1970_TO_2000;
}

char *niva_row_text_copy(const struct niva_query *query, int row, int column,
                         struct niva_arena *arena)
{
    return niva_arena_strdup(arena, niva_row_text(query, row, column));
}

bool niva_row_bytes_copy(const struct niva_query *query, int row, int column,
                         struct niva_arena *arena, ProtobufCBinaryData *ret_bytes)
{
    const uint8_t *bytes = niva_row_bytes(query, row, column, &ret_bytes->len);

    ret_bytes->data = NULL;
    if (bytes == NULL)
        return true;
    ret_bytes->data = (uint8_t *)niva_arena_copy(arena, bytes, ret_bytes->len);
    return ret_bytes->data != NULL;
}

bool niva_row_name(const struct niva_query *query, int row, struct niva_arena *arena,
                   void *ret_element)
{
    const char **name = ret_element;

    *name = niva_row_text_copy(query, row, 0, arena);
    return *name != NULL;
}

bool niva_pg_list(struct niva_pg *pg, struct niva_query *query, size_t size, niva_row_reader *read,
                  size_t *ret_count, void *ret_list, struct niva_error *err)
{
    struct niva_arena *arena = query->params.arena;
    bool good = niva_pg_run(pg, query, 1, err);
    size_t count = good ? (size_t)niva_rows(query) : 0;
    char *list = niva_arena_array(arena, count, size);

    if (good && list == NULL)
        good = niva_fail_memory(err);
    for (size_t i = 0; good && i < count; i++)
        good = read(query, (int)i, arena, list + i * size) || niva_fail_memory(err);
    niva_queries_clear(query, 1);
    if (good) {
        *ret_count = count;
        *(void **)ret_list = list;
    }
    return good;
}
