#!/bin/sh
# Fill in the template of pgbouncer.ini from the environment, then become PgBouncer.
#
#   PGBOUNCER_SERVER_HOST     PostgreSQL's address (default: database)
#   PGBOUNCER_SERVER_PORT     its port (default: 5432)
#   PGBOUNCER_LISTEN_PORT     port to listen on (default: 6432)
#   MEMORIESDB_PGBOUNCER_PASSWORD_FILE, or MEMORIESDB_PGBOUNCER_PASSWORD
#                             password of the role memoriesdb_pgbouncer
#   PGBOUNCER_TEMPLATE, PGBOUNCER_DIRECTORY    where the template is, and where files are written
#
# With --render it writes the files and ends.
set -eu
umask 077

template=${PGBOUNCER_TEMPLATE:-/usr/local/share/memoriesdb/pgbouncer.ini}
directory=${PGBOUNCER_DIRECTORY:-/run/memoriesdb}

fail() {
  printf 'memoriesdb-pgbouncer: %s\n' "$1" >&2
  exit 1
}

if [ -n "${MEMORIESDB_PGBOUNCER_PASSWORD_FILE:-}" ]; then
  password=$(cat "$MEMORIESDB_PGBOUNCER_PASSWORD_FILE") ||
    fail 'the file of MEMORIESDB_PGBOUNCER_PASSWORD_FILE cannot be read: give it mode 0444 in a directory of mode 0700'
else
  password=${MEMORIESDB_PGBOUNCER_PASSWORD:-}
fi
[ -n "$password" ] ||
  fail 'no password: set MEMORIESDB_PGBOUNCER_PASSWORD_FILE, or MEMORIESDB_PGBOUNCER_PASSWORD'

# Version 1.21 brought protocol-level prepared statements; an older one refuses the parameter.
version=$(pgbouncer --version | sed -n 's/^PgBouncer \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
major=${version% *}
minor=${version#* }
if [ "${major:-0}" -gt 1 ] || [ "${minor:-0}" -ge 21 ]; then if_1_21=''; else if_1_21='; (needs 1.21) '; fi

# A quotation mark within a quoted value of the password file is doubled.
printf '"memoriesdb_pgbouncer" "%s"\n' "$(printf '%s' "$password" | sed 's/"/""/g')" \
  >"$directory/userlist.txt"

# The template is one of Python's string.Template, in which $$ stands for a dollar sign.
# shellcheck disable=SC2016  # $1 is PgBouncer's parameter
sed \
  -e 's/[$][$]/$/g' \
  -e 's|[$]{listen_addr}|*|' \
  -e "s|[$]{listen_port}|${PGBOUNCER_LISTEN_PORT:-6432}|" \
  -e "s|[$]{unix_socket_dir}|$directory|" \
  -e "s|[$]{server_host}|${PGBOUNCER_SERVER_HOST:-database}|" \
  -e "s|[$]{server_port}|${PGBOUNCER_SERVER_PORT:-5432}|" \
  -e "s|[$]{auth_file}|$directory/userlist.txt|" \
  -e 's|[$]{auth_user}|memoriesdb_pgbouncer|' \
  -e 's|[$]{auth_query}|select * from memoriesdb_system.pgbouncer_auth($1)|' \
  -e 's|[$]{stats_users}|memoriesdb_pgbouncer|' \
  -e "s|[$]{if_1_21}|$if_1_21|" \
  "$template" >"$directory/pgbouncer.ini"

[ "${1:-}" = --render ] || exec pgbouncer "$directory/pgbouncer.ini"
