#!/bin/sh
# Run by the database's image when it makes its data directory: the role that the service works as.
# `wahana init` gives it what it needs and no more.
set -eu
psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set password="$(cat /run/secrets/application_password)" <<'SQL'
CREATE ROLE wahana_app LOGIN PASSWORD :'password';
SQL
