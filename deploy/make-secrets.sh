#!/usr/bin/env bash
# Makes the passwords and keys that compose.yaml needs, in deploy/secrets/. What is there already stays as it is.
# Keep copies of master_key and sealer_key in a safe: without the first nothing personal can be read again, without
# the second the log needs a new key and whoever keeps its checkpoints must be told (docs/operations.md).
set -euo pipefail
cd "$(dirname "$0")"

# The directory is closed to others; the files are readable so that the service's own user (10001) can read them
# where they are mounted.
mkdir -p secrets
chmod 0700 secrets
umask 022

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }

for name in database_password application_password; do
  [ -e "secrets/$name" ] || random 24 | tr '+/' '-_' >"secrets/$name"
done
for name in secret_key master_key token_key receipt_key sealer_key; do
  [ -e "secrets/$name" ] || random 32 >"secrets/$name"
done
# The owner makes the tables; the service works as a role that may only add to the log.
[ -e secrets/owner_url ] ||
  printf 'postgresql://wahana:%s@database/wahana' "$(cat secrets/database_password)" >secrets/owner_url
[ -e secrets/database_url ] ||
  printf 'postgresql://wahana_app:%s@database/wahana' "$(cat secrets/application_password)" >secrets/database_url

for name in tls.crt tls.key; do
  [ -e "secrets/$name" ] || echo "still missing: deploy/secrets/$name (the office's certificate)" >&2
done
