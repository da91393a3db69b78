#!/usr/bin/env bash
# Serves a demonstration office and makes it first if it is not there. Run it through `make run`.
#
# Everything it makes is in var/demo/. The settings are in var/demo.env, written once; a WAHANA_ variable that is
# already set wins over it. For other commands on the same data: set -a; . var/demo.env; .venv/bin/wahana --help
set -euo pipefail
cd "$(dirname "$0")/.."

BIN=$1
ENV_FILE=var/demo.env

key() { head -c 32 /dev/urandom | base64; }

if [ ! -f "$ENV_FILE" ]; then
  mkdir -p var
  (
    umask 077
    cat >"$ENV_FILE.new" <<SETTINGS
# Demonstration only. The secrets below were made at random for this directory.
WAHANA_DEMO=1
WAHANA_DATABASE_URL=sqlite:///$PWD/var/demo/wahana.db
WAHANA_KEYS_URL=sqlite:///$PWD/var/demo/keys.db
WAHANA_SECRET_KEY=$(key)
WAHANA_MASTER_KEY=$(key)
WAHANA_TOKEN_KEY=$(key)
WAHANA_RECEIPT_KEY=$(key)
WAHANA_SEALER_KEY=$(key)
WAHANA_SEALER_DIR=$PWD/var/demo/sealer
SETTINGS
  )
  mv "$ENV_FILE.new" "$ENV_FILE"
fi

while read -r line; do
  name=${line%%=*}
  if [[ $name == WAHANA_* && -z ${!name+set} ]]; then export "$line"; fi
done <"$ENV_FILE"

# The mark is written last: a demonstration that was interrupted is made again from the start.
if [ ! -f var/demo/ready ]; then
  exec 9>var/demo.lock
  if ! flock --nonblock 9; then
    echo "run: the demonstration is being made by another process; try again when it is done" >&2
    exit 75
  fi
  rm -rf var/demo
  mkdir -p var/demo
  echo "run: making the demonstration office in var/demo (once)" >&2
  "$BIN/wahana" init
  (umask 077 && "$BIN/wahana" demo >var/demo/accounts.txt)
  "$BIN/wahana" seal >&2
  touch var/demo/ready
  exec 9>&-
fi
cat var/demo/accounts.txt
exec "$BIN/wahana" serve
