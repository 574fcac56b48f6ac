#!/bin/sh
# Install the system packages that MemoriesDB needs: PostgreSQL with PL/Python, PgBouncer,
# pgvector 0.8 or newer, plpgsql_check, Python's venv and dateutil (for the Python inside the server)
# and make; pgaudit where it is offered.
#
#   sh system_packages.sh           install what is missing
#   sh system_packages.sh --check   change nothing; exit 1 and name what is missing
#
# Debian 12 and 13, Ubuntu 24.04; as root or with sudo; safe to run again at any time.
# The machine's apt configuration stays as it is. Installing postgresql-NN and pgbouncer creates
# the distribution's own cluster and service, as everywhere on Debian: the only ways to prevent
# that are files in /etc (createcluster.conf, policy-rc.d), which belong to whoever runs the
# machine. MemoriesDB uses neither of the two.
set -eu

least_vector=0.8
LC_ALL=C
DEBIAN_FRONTEND=noninteractive
export LC_ALL DEBIAN_FRONTEND

say() { printf 'system packages: %s\n' "$*"; }

fail() {
  printf 'system packages: %s\n  what to do next: %s\n' "$1" "$2" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"
  fi
}

installed() {
  [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

candidate() { apt-cache policy "$1" | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'; }

at_least() { dpkg --compare-versions "${1:-0~}" ge "$2"; }

# The server's major version: the newest one installed that is new enough, else the distribution's.
server_version() {
  for control in /usr/lib/postgresql/*/bin/postgres; do
    major=${control#/usr/lib/postgresql/}
    major=${major%%/*}
    case $major in 1[5-8]) echo "$major" ;; esac
  done | sort -n | tail -n 1
}

offered_version() {
  apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1
}

vector_version() {
  sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" \
    "/usr/share/postgresql/$1/extension/vector.control" 2>/dev/null || true
}

# Packages of server version $1 that are not there yet, pgvector aside.
missing_packages() {
  for package in make python3-dateutil python3-venv pgbouncer "postgresql-$1" \
    "postgresql-plpython3-$1" "postgresql-$1-plpgsql-check"; do
    installed "$package" || echo "$package"
  done
  # Only its own test needs it, and not every system has it for every version.
  package="postgresql-$1-pgaudit"
  installed "$package" || [ -z "$(candidate "$package")" ] || echo "$package"
}

lists_are_fresh() {
  # The files carry the archive's times; the directories are touched by each update.
  [ -n "$(find /var/lib/apt/lists /var/lib/apt/lists/partial -maxdepth 0 -mtime -1 2>/dev/null)" ]
}

update_lists() {
  say 'reading the package lists (apt-get update)'
  as_root apt-get update -qq </dev/null ||
    say 'some package lists could not be read (a third party'\''s?); going on with the others'
}

install_packages() {
  say "installing $*"
  as_root apt-get install -y -qq --no-install-recommends "$@" </dev/null >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    fail 'apt-get install failed (its last lines are above)' \
      'run apt-get update, repair what apt names, and run this again'
  }
}

# Which suites of the distribution carry a newer pgvector, and the keyring that vouches for them.
newer_suites() {
  case $ID in
    debian)
      suites='trixie forky'
      component=main
      origin=Debian
      ;;
    ubuntu)
      suites='resolute questing plucky'
      component=universe
      origin=Ubuntu
      ;;
    *) fail "no source of pgvector is known for $ID" "install pgvector $least_vector or newer" ;;
  esac
  keyring=/usr/share/keyrings/$ID-archive-keyring.gpg
}

# The address of the distribution's own archive as this machine is configured to reach it.
archive_address() {
  # shellcheck disable=SC2016  # apt expands these, not the shell
  apt-get indextargets --format '$(RELEASE) $(REPO_URI)' \
    'Created-By: Packages' "Origin: $origin" "Label: $origin" "Component: main" |
    awk '$1 !~ /-security$/ && $2 !~ /^cdrom:/ { print $2; exit }'
}

# apt with a sources list, package lists and cache of its own. It reads the machine's settings
# (proxies, credentials) and verifies the archive's signature with the distribution's keyring.
private_apt() {
  as_root apt-get -qq \
    -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources" \
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
    -o Acquire::AllowInsecureRepositories=false -o APT::Get::AllowUnauthenticated=false \
    -o APT::Default-Release= "$@" </dev/null
}

fetch_source() {
  address=$(archive_address)
  [ -n "$address" ] || fail "apt knows no archive of $origin" \
    'check the machine'\''s package sources, run apt-get update, and run this again'
  for suite in $suites; do
    printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n' \
      "$address" "$suite" "$component" "$keyring" |
      as_root tee "$work/sources/pgvector.sources" >/dev/null
    say "fetching the source package of pgvector from suite $suite"
    if private_apt update >"$log" 2>&1 &&
      (cd "$work/source" && private_apt source --download-only --only-source pgvector) \
        >>"$log" 2>&1; then
      version=$(sed -n 's/^Version: //p' "$work"/source/pgvector_*.dsc | head -n 1)
      at_least "$version" "$least_vector" && return 0
    fi
    as_root find "$work/source" -mindepth 1 -delete
  done
  tail -n 10 "$log" >&2
  fail "no suite of $origin gave pgvector $least_vector or newer (apt's last lines are above)" \
    'check the network and the clock of this machine, then run this again'
}

build_vector() {
  newer_suites
  # shellcheck disable=SC2046  # one word a package
  set -- "$1" $(for package in gcc libc6-dev dpkg-dev "postgresql-server-dev-$1"; do
    installed "$package" || echo "$package"
  done)
  major=$1
  shift
  [ $# -eq 0 ] || install_packages "$@"
  # apt fetches as an unprivileged user where it may enter the directory.
  chmod 755 "$work"
  mkdir -p "$work/sources" "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
  if id _apt >/dev/null 2>&1; then
    as_root chown _apt "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
  fi
  fetch_source
  say "building pgvector $version for PostgreSQL $major"
  (
    dpkg-source --no-copy -x "$work"/source/pgvector_*.dsc "$work/build"
    cd "$work/build"
    pg_config="/usr/lib/postgresql/$major/bin/pg_config"
    # OPTFLAGS: without it the build is tuned to this very processor (-march=native).
    make OPTFLAGS="" PG_CONFIG="$pg_config"
    as_root make OPTFLAGS="" PG_CONFIG="$pg_config" install
  ) >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    fail 'pgvector did not build (its last lines are above)' \
      "install pgvector $least_vector or newer for PostgreSQL $major by hand, then run this again"
  }
}

ensure_vector() {
  package="postgresql-$1-pgvector"
  if at_least "$(candidate "$package")" "$least_vector"; then
    install_packages "$package"
  else
    build_vector "$1"
  fi
}

check() {
  [ -n "$1" ] || fail 'PostgreSQL 15 to 18 is not installed' 'run this script without --check'
  missing=$(missing_packages "$1" | tr '\n' ' ')
  at_least "$(vector_version "$1")" "$least_vector" || missing="${missing}pgvector>=$least_vector"
  [ -z "$missing" ] || fail "missing: $missing" 'run this script without --check'
  say "PostgreSQL $1, pgvector $(vector_version "$1"), PgBouncer: all there"
}

main() {
  command -v dpkg-query >/dev/null || fail 'this is no Debian or Ubuntu' \
    "install PostgreSQL 15 to 18 with PL/Python, pgvector $least_vector or newer, and PgBouncer"
  major=$(server_version)
  if [ "${1:-}" = --check ] || (check "$major") >/dev/null 2>&1; then
    check "$major"
    return
  fi
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    fail 'installing packages needs root, and there is no sudo' 'run it once as root'
  fi
  ID=unknown
  # shellcheck source=/dev/null
  . /etc/os-release
  work=$(mktemp -d "${TMPDIR:-/tmp}/memoriesdb-packages.XXXXXX")
  log=$work/log
  trap 'as_root rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if ! lists_are_fresh || [ -z "$(candidate pgbouncer)" ]; then update_lists; fi
  major=${major:-$(offered_version)}
  case $major in
    1[5-8]) ;;
    *) fail "this system offers PostgreSQL ${major:-(none)}; 15 to 18 is needed" \
      'use Debian 12 or newer, or Ubuntu 24.04 or newer' ;;
  esac
  # shellcheck disable=SC2046  # one word a package
  set -- $(missing_packages "$major")
  [ $# -eq 0 ] || install_packages "$@"
  at_least "$(vector_version "$major")" "$least_vector" || ensure_vector "$major"
  check "$major"
}

main "$@"
