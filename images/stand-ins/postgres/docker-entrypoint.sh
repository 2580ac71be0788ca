#!/bin/bash
# What the image of PostgreSQL does at its start, as far as docker-compose.yml and the tests use it: user, password and
# database from POSTGRES_* or files that POSTGRES_*_FILE name, a new cluster in PGDATA if there is none.
set -eu

setting() { # name, default
  local file=${1}_FILE
  if [ -n "${!file-}" ]; then export "$1=$(cat "${!file}")"; else export "$1=${!1:-$2}"; fi
}

if [ "$1" != postgres ]; then exec "$@"; fi
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres:postgres "$PGDATA"
  chmod 700 "$PGDATA"
  exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  setting POSTGRES_USER postgres
  setting POSTGRES_PASSWORD ""
  setting POSTGRES_DB "$POSTGRES_USER"
  if [ -z "$POSTGRES_PASSWORD" ]; then
    echo "POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE must be given" >&2
    exit 1
  fi
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --auth-local=trust \
    --auth-host=scram-sha-256 >/dev/null
  pg_ctl -w -o "-c listen_addresses=''" start >/dev/null
  if [ "$POSTGRES_DB" != postgres ]; then createdb -U "$POSTGRES_USER" "$POSTGRES_DB"; fi
  pg_ctl -w -m fast stop >/dev/null
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
fi
unset POSTGRES_PASSWORD
exec "$@"
