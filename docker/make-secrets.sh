#!/bin/sh
# Make the secret files of compose.production.yaml; those that are there already are kept.
#
#   sh docker/make-secrets.sh [DIRECTORY]      (default: secrets, beside this script)
#
# Compose mounts a secret file as it is, with its owner and mode, and the containers run as users of
# their own. So the files are readable by all, in a directory that nobody but their owner can enter.
set -eu

directory=${1:-$(dirname "$0")/secrets}
mkdir -p "$directory"
chmod 0700 "$directory"

make() {
  file=$directory/$1
  if [ -s "$file" ]; then
    printf 'kept  %s\n' "$file"
  else
    printf '%s\n' "$2" >"$file.new"
    chmod 0444 "$file.new"
    mv "$file.new" "$file"
    printf 'made  %s\n' "$file"
  fi
}

# 48 hexadecimal digits: nothing in them needs quoting anywhere.
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

for role in superuser admin app worker auditor pgbouncer; do
  make "${role}_password" "$(random)"
done
make worker_dsn \
  "postgresql://memories_worker:$(cat "$directory/worker_password")@pgbouncer:6432/memoriesdb"
