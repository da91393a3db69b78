#!/usr/bin/env bash
# Makes the virtual environment and installs locked requirements into it, every file checked against its hash.
#
#   tools/setup.sh python VENV          make the environment
#   tools/setup.sh lock VENV NAME       install requirements/NAME.lock
#   tools/setup.sh package VENV         install Wahana itself, in place
#   tools/setup.sh node FOLDER          install FOLDER/package-lock.json, where npm is
#   tools/setup.sh browser              install Chromium, where that may be done
#   tools/setup.sh words                install Chromium's own words in other languages, where that may be done
#
# Needs only a Python of 3.11 or newer with pip's own `venv`. PYTHON=... chooses another interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."

# Settings of the person's own pip that would break an isolated installation.
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_ROOT_USER_ACTION=ignore

say() { echo "set-up: $*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Debian and Ubuntu ship Python without `ensurepip` until python3-venv is installed.
complete() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

candidates() {
  local name
  for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if name=$(command -v "$name") && new_enough "$name"; then echo "$name"; fi
  done
}

find_python() {
  local name
  for name in $(candidates); do
    if complete "$name"; then
      echo "$name"
      return 0
    fi
  done
  return 1
}

# The Debian package that completes the first usable Python: python3-venv for the system's own, else that of its version.
missing_package() {
  local name version system
  name=$(candidates | head -n 1)
  if [ -z "$name" ]; then
    echo python3-venv
    return
  fi
  version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  system=$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)
  if [ "$version" = "$system" ]; then echo python3-venv; else echo "python$version-venv"; fi
}

install_missing() {
  local package=$1 as=()
  if ! command -v apt-get >/dev/null; then return 1; fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then return 1; fi
    as=(sudo -n env)
  else
    as=(env)
  fi
  say "installing the package $package"
  "${as[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 update >&2 || true
  "${as[@]}" DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 install "$package" >&2
}

make_environment() {
  local venv=$1 python package
  if ! python=$(find_python); then
    package=$(missing_package)
    if ! install_missing "$package" || ! python=$(find_python); then
      say "Python 3.11 or newer with venv is missing. Type this line, then try again:"
      echo "    sudo apt-get install -y $package" >&2
      exit 1
    fi
  fi
  say "virtual environment in $venv with $("$python" --version 2>&1)"
  "$python" -m venv --clear "$venv"
}

# Wheels only: building from source would fetch build tools that no hash covers.
install_lock() {
  say "installing requirements/$2.lock ($(grep -c '==' "requirements/$2.lock") packages)"
  "$1/bin/python" -m pip install --quiet --quiet --progress-bar off \
    --require-hashes --no-deps --only-binary :all: --requirement "requirements/$2.lock"
}

install_package() {
  "$1/bin/python" -m pip install --quiet --quiet --no-deps --no-index --no-build-isolation --editable .
}

# Node's SQLite driver is compiled here, as npm has no compiled one: that takes a C++ compiler and the headers of node.
install_node() {
  local headers
  if ! command -v npm >/dev/null; then
    say "npm is missing: what needs it stays absent"
    return
  fi
  say "installing $1/package-lock.json"
  npm ci --prefix "$1" --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error
  headers=$(node -p 'require("path").resolve(process.execPath, "../..")')
  if [ ! -e "$headers/include/node/node_api.h" ] || ! command -v c++ >/dev/null; then
    say "no C++ compiler or no headers of node: what needs its SQLite driver stays absent"
    return
  fi
  say "compiling sqlite3 for node (about two minutes)"
  npm_config_nodedir=$headers npm_config_build_from_source=true npm rebuild --prefix "$1" --loglevel=error sqlite3
}

# The journeys in a browser need one. Without the right to install it they are left out, and the tests say so.
install_browser() {
  local name
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then return; fi
  done
  install_missing chromium || say "no Chromium and no right to install it: journeys in a browser will not be run"
}

# A field for a day is drawn by the browser, in its own language.
install_words() {
  if [ -e /usr/lib/chromium/locales/id.pak ]; then return; fi
  install_missing chromium-l10n || say "Chromium speaks no Indonesian here: the pictures show days as it writes them"
}

case "${1:-}" in
  browser) install_browser ;;
  words) install_words ;;
  python) make_environment "$2" ;;
  lock) install_lock "$2" "$3" ;;
  package) install_package "$2" ;;
  node) install_node "$2" ;;
  *)
    sed -n '2,11p' "$0" >&2
    exit 2
    ;;
esac
