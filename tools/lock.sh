#!/usr/bin/env bash
# Writes requirements/*.lock from the ranges in pyproject.toml: exact versions with hashes, no host name, no path.
# Needs `uv` (only for this task; users install with plain pip). Run it through `make lock`.
set -euo pipefail
cd "$(dirname "$0")/.."

UV=${UV:-uv}
if ! command -v "$UV" >/dev/null; then
  echo "uv is missing. Install it with: pipx install uv (or pip install uv in a virtual environment)." >&2
  exit 1
fi

# Settings of this machine must not leak into the files.
unset UV_FIND_LINKS UV_INDEX UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL

compile() { # compile NAME ARGUMENTS...
  local name=$1
  shift
  "$UV" pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes --upgrade \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-config \
    --output-file "requirements/$name.lock" "$@" >/dev/null
  echo "requirements/$name.lock: $(grep -c '==' "requirements/$name.lock") packages" >&2
}

# Each lock constrains the next one, so that all of them fit in one virtual environment.
compile build --group build
compile run pyproject.toml --extra postgres
compile oidc pyproject.toml --extra postgres --extra oidc --constraints requirements/run.lock
compile test pyproject.toml --extra postgres --extra oidc --group test --constraints requirements/oidc.lock
compile lint --group lint --constraints requirements/test.lock --constraints requirements/build.lock
compile audit --group audit --constraints requirements/lint.lock --constraints requirements/test.lock
compile postgres17 --group postgres17
compile peers --group peers --constraints requirements/test.lock

# Emmett, for the bench: exact versions with hashes, neither the address each package came from nor who asks for money.
if ! command -v npm >/dev/null; then
  echo "tests/bench/peers/package-lock.json stays as it is: no npm here" >&2
  exit 0
fi
cd tests/bench/peers
rm -f package-lock.json
npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund --silent
node -e '
  const { readFileSync, writeFileSync } = require("node:fs")
  const without = (key, value) => (key === "funding" ? undefined : value)
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8"), without)
  writeFileSync("package-lock.json", JSON.stringify(lock, null, 1) + "\n")
  console.error(`package-lock.json: ${Object.keys(lock.packages).length - 1} packages`)'
