#include "tests/support/markers.h"

#include <stdio.h>

enum { SQL_BYTES = 2000 };

const char *markers_sql(const char *marker)
{
    static _Thread_local char sql[SQL_BYTES];

    snprintf(sql, sizeof sql,
             "CREATE OR REPLACE FUNCTION pg_temp.marked(marker text) RETURNS text"
             " LANGUAGE plpgsql AS $$"
             " DECLARE c record; n bigint; hits text := '';"
             " BEGIN FOR c IN SELECT table_schema, table_name, column_name,"
             "  CASE WHEN data_type = 'bytea' THEN 'position(convert_to(%%L, ''UTF8'') IN %%I)'"
             "  ELSE 'position(%%L IN %%I::text)' END AS place"
             "  FROM information_schema.columns JOIN information_schema.tables"
             "  USING (table_schema, table_name) WHERE table_type = 'BASE TABLE'"
             "  AND table_schema NOT IN ('pg_catalog', 'information_schema') LOOP"
             "  EXECUTE format('SELECT count(*) FROM %%I.%%I WHERE ' || c.place || ' > 0',"
             "   c.table_schema, c.table_name, marker, c.column_name) INTO n;"
             "  IF n > 0 THEN hits := hits || format('%%s.%%s.%%s=%%s ', c.table_schema,"
             "   c.table_name, c.column_name, n); END IF;"
             " END LOOP; RETURN hits; END $$;"
             " SELECT pg_temp.marked('%s')",
             marker);
    return sql;
}
