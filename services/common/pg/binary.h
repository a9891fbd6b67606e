/* PostgreSQL's binary formats: types and epochs. Internal to the room. */
#ifndef NIVA_COMMON_PG_BINARY_H
#define NIVA_COMMON_PG_BINARY_H

#include <stdint.h>

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_DATE = 1082,
    OID_TIMESTAMPTZ = 1184,
    OID_UUID = 2950,
};

/* PostgreSQL counts from 2000-01-01. */
#define DAYS_1970_TO_2000         10957
#define MICROSECONDS_1970_TO_2000 ((int64_t)DAYS_1970_TO_2000 * 86400 * 1000000)

#endif
