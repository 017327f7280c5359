# Two commands are enough: `make demo` and `make test`. Each does its own set-up; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PACKAGES := wardwatch collectors detectors drills playbooks api dashboards
BIN := .venv/bin
NPM := $(BIN)/python setup/node.py
UI_SOURCES := $(shell find dashboards/ui -type f -not -path '*/node_modules/*' -not -path '*/test-results/*' 2>/dev/null)
PYTEST := $(BIN)/python -m pytest
PARALLEL := $(MAKE) --no-print-directory --jobs=2 --output-sync=target

.PHONY: help demo test check bench chaos lock ui setup clean system engines \
	check-static check-format check-lint check-types check-imports check-unit check-ui check-ui-types

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

# ---- set-up: stamps in .build, so that a second run does nothing and needs no network

system:
	@setup/system.sh

.build/environment.stamp: pyproject.toml requirements/bootstrap.txt requirements/dev.txt setup/environment.sh | system
	@setup/environment.sh
	@touch $@

.build/node-modules.stamp: dashboards/ui/package-lock.json dashboards/ui/.npmrc .build/environment.stamp
	@echo "setup: the libraries of the pages into dashboards/ui/node_modules"
	@$(NPM) ci --no-progress --loglevel=error
	@touch $@

.build/ui.stamp: .build/node-modules.stamp $(UI_SOURCES)
	@echo "setup: the pages into dashboards/static"
	@$(NPM) run build --silent -- --logLevel warn
	@touch $@

engines: system
	@setup/elasticsearch/prepare.sh

setup: system .build/environment.stamp .build/ui.stamp ## system packages, .venv and pages, as demo and test do it themselves

ui: .build/ui.stamp ## the pages, built into dashboards/static

# ---- running

demo: setup ## a living city in the browser
	@exec $(BIN)/wardwatch up --demo --data var/demo

bench: setup engines ## figures as JSON: SNMP polling beside the bare libraries, events into the store, Sigma rules, pages under load, pushes
	@$(BIN)/wardwatch bench snmp --json
	@$(BIN)/wardwatch bench events --json
	@$(BIN)/wardwatch bench sigma --json
	@$(BIN)/wardwatch bench reception --json
	@$(BIN)/wardwatch bench api --json
	@$(BIN)/wardwatch bench push --json

# ---- checks

check: setup ## format, lint, types, import contracts, unit tests, pages
	@$(PARALLEL) check-static check-unit
	@echo "check: all is well"

test: setup engines ## check and every test
	@$(PARALLEL) check-static
	@$(PYTEST) -q --ignore=tests/benchmarks

chaos: ## kill processes, take engines and lines away, fill disks: one line of JSON, a key a fault (root, half an hour)
	@$(MAKE) --no-print-directory setup engines >&2
	@WARDWATCH_FUZZ_RUNS=1000000 $(PYTEST) -q tests/integration/fuzz >&2
	@$(BIN)/wardwatch bench chaos

check-static: check-types check-ui check-ui-types check-imports check-lint check-format

check-format:
	@$(BIN)/ruff format --check --quiet . || { echo "format: run .venv/bin/ruff format"; exit 1; }

check-lint:
	@$(BIN)/ruff check --quiet .

check-types:
	@$(BIN)/mypy --no-error-summary $(PACKAGES) $(wildcard tests) setup

check-imports:
	@$(BIN)/lint-imports >/dev/null 2>&1 || { $(BIN)/lint-imports; exit 1; }

check-unit:
	@$(PYTEST) -q tests/unit

check-ui:
	@$(NPM) run check --silent
	@$(NPM) run test --silent

check-ui-types:
	@$(BIN)/python -m api.openapi | cmp --silent - dashboards/ui/openapi.json || { \
		echo "dashboards/ui/openapi.json is stale: .venv/bin/python -m api.openapi > dashboards/ui/openapi.json, then run gen"; exit 1; }
	@$(NPM) run gen:check --silent

# ---- upkeep

lock: ## the hash-pinned requirements anew (UPGRADE=1 takes newer versions)
	@setup/lock.sh

clean: ## remove what the builds made; data in var/ stays
	@rm -rf .build .venv dashboards/static dashboards/ui/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
