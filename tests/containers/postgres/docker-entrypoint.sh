#!/bin/bash
# At the first start: initdb, the database, what lies in /docker-entrypoint-initdb.d, by a server that listens on a
# socket alone. Then the command.
set -euo pipefail

psql() { command psql --no-psqlrc --quiet --username postgres --set ON_ERROR_STOP=1 "$@"; }

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    read -ra options <<<"${POSTGRES_INITDB_ARGS:-}"
    initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" "${options[@]}"
    printf 'host all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
    printf "listen_addresses = '*'\n" >>"$PGDATA/postgresql.conf"
    pg_ctl -o "-c listen_addresses=''" -w start
    psql --dbname postgres --set name="$POSTGRES_DB" <<<'CREATE DATABASE :"name"'
    for file in /docker-entrypoint-initdb.d/*; do psql --dbname "$POSTGRES_DB" --file "$file"; done
    pg_ctl -m fast -w stop
fi
exec "$@"
