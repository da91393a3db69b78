# Wahana: the one door. `make help` lists every task.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

VENV ?= .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
# Test processes at a time: one per core, four at most.
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n > 4 ? 4 : n)))
# More arguments for pytest: make test ARGS="-k referral"
ARGS ?=
CODE := domain projections service tests

.PHONY: help venv run test test-pg17 trials bench peers check format lint types contracts security files fix tables catalogues screens lock audit clean

help: ## list every task with one line
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Stamp files: a task that is done is not done again until its lock or its definition changes. An environment that was
# moved with its folder, or whose Python is gone, is made again.
ifneq ($(wildcard $(VENV)/.made),)
ifneq ($(shell $(PY) -c '' 2>/dev/null && cat $(VENV)/.made),$(abspath $(VENV)))
$(shell rm -f $(VENV)/.made)
endif
endif

$(VENV)/.made:
	@tools/setup.sh python $(VENV)
	@echo $(abspath $(VENV)) >$@

$(VENV)/.%-lock: requirements/%.lock $(VENV)/.made
	@tools/setup.sh lock $(VENV) $*
	@touch $@

$(VENV)/.package: pyproject.toml $(VENV)/.build-lock $(VENV)/.run-lock
	@tools/setup.sh package $(VENV)
	@touch $@

.PRECIOUS: $(VENV)/.%-lock

RUN := $(VENV)/.package
TEST := $(RUN) $(VENV)/.test-lock
LINT := $(TEST) $(VENV)/.lint-lock

venv: $(LINT) ## make the virtual environment with everything in it
	@:

run: $(RUN) ## set up, make demonstration data once, serve on http://127.0.0.1:8000
	@tools/run.sh $(BIN)

$(VENV)/.browser: tools/setup.sh $(VENV)/.made
	@tools/setup.sh browser
	@touch $@

test: $(TEST) $(VENV)/.browser ## set up and run every test on SQLite and on PostgreSQL 18 (ARGS="-k word")
	@$(PY) -m pytest -n $(JOBS) $(ARGS)

test-pg17: $(TEST) $(VENV)/.postgres17-lock ## run every test with PostgreSQL 17 in place of 18
	@WAHANA_TEST_POSTGRES_MAJOR=17 $(PY) -m pytest -n $(JOBS) $(ARGS)

trials: $(TEST) ## run the random trials in full and write docs/trials.md (ARGS="-k word": some of them)
	@$(PY) -m tests.trials.report $(ARGS)

bench: $(TEST) ## measure against references and write docs/performance.md
	@$(PY) -m tests.bench $(ARGS)

PEERS := $(VENV)/peers
EMMETT := tests/bench/peers
COMPILED := $(EMMETT)/node_modules/sqlite3/build/Release/node_sqlite3.node

peers: $(PEERS)/.lock $(COMPILED) ## install the peers that bench then measures beside Wahana
	@:

$(PEERS)/.lock: requirements/peers.lock $(VENV)/.made
	@tools/setup.sh python $(PEERS)
	@tools/setup.sh lock $(PEERS) peers
	@touch $@

$(COMPILED): $(EMMETT)/package-lock.json
	@tools/setup.sh node $(EMMETT)

check: format lint types contracts security files test ## everything CI runs: style, types, contracts, tests

format: $(LINT) ## check the layout of the code
	@echo "check: layout" && $(BIN)/ruff format --check --quiet $(CODE)

lint: $(LINT) ## check the code for mistakes
	@echo "check: lint" && $(BIN)/ruff check --quiet $(CODE)

types: $(LINT) ## check the types
	@echo "check: types" && $(BIN)/mypy

contracts: $(LINT) ## check that imports go one way only
	@echo "check: contracts" && $(BIN)/lint-imports --no-cache

security: $(LINT) ## look for known insecure patterns
	@echo "check: security" && $(BIN)/bandit --quiet --recursive --severity-level medium --configfile pyproject.toml domain projections service tools

files: $(LINT) ## check the Dockerfile, compose.yaml, units and what is installed
	@echo "check: files" && $(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	@$(PY) -m pip check
	@if command -v systemd-analyze >/dev/null; then \
	  systemd-analyze security --offline=true --threshold=20 deploy/*.service | grep Overall; \
	else echo "systemd units not checked: no systemd-analyze on this machine"; fi

fix: $(LINT) ## put the layout right and mend what can be mended by itself
	@$(BIN)/ruff format --quiet $(CODE)
	@$(BIN)/ruff check --quiet --fix $(CODE)

tables: $(TEST) ## write the generated tables anew: field classes, references of events, settings, rights, commands
	@$(PY) -m tests.house.tables

catalogues: $(TEST) ## bring the pages' words in other languages up to the code, and compile them
	@$(PY) -m tests.house.catalogues

lock: ## write requirements/*.lock anew from pyproject.toml (needs uv)
	@tools/lock.sh

AUDIT := $(VENV)/audit
SHIPPED := $(VENV)/shipped

audit: $(AUDIT)/.lock $(SHIPPED)/.lock ## list parts and licences in build/, look up known weaknesses (needs the internet; not in CI)
	@$(AUDIT)/bin/python tools/audit.py $(SHIPPED)/bin/python build requirements/*.lock $(if $(ARGS),-- $(ARGS))

$(AUDIT)/.lock: requirements/audit.lock $(VENV)/.made
	@tools/setup.sh python $(AUDIT)
	@tools/setup.sh lock $(AUDIT) audit
	@touch $@

# What is shipped with every extra, and nothing else.
WIDEST := $(if $(wildcard requirements/oidc.lock),oidc,run)
$(SHIPPED)/.lock: requirements/$(WIDEST).lock $(VENV)/.made
	@tools/setup.sh python $(SHIPPED)
	@tools/setup.sh lock $(SHIPPED) $(WIDEST)
	@touch $@

screens: $(TEST) $(VENV)/.browser ## take the pictures in docs/screens of the demonstration anew (needs Chromium)
	@tools/setup.sh words
	@$(PY) -m tests.journeys.screens

clean: ## remove the virtual environment and all caches (data in var/ stays)
	@rm -rf $(VENV) $(EMMETT)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
