# The two commands of the README are `make run` and `make test`; the rest serves them. Everything lands in .venv/ and var/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

export UV_NO_PROGRESS ?= 1
# Compiled once at set-up: a start takes half the time, also where Python may not write beside its packages.
export UV_COMPILE_BYTECODE ?= 1
# The service's own modules too: tests start it dozens of times, and compiling it takes two seconds of each start.
unexport PYTHONDONTWRITEBYTECODE
# A company's own certificate authority is in the system's store.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= 1
endif

VENV := .venv
PY := $(VENV)/bin/python
BIN := $(VENV)/bin
INSTALL := $(BIN)/uv pip install --quiet --python $(PY) --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11
LOCKS := requirements-setup.lock requirements.lock requirements-dev.lock requirements-assets.lock
CODE := service solver tests migrations benchmarks
# Side by side, the longest first; each tells what it has to tell when it ends.
CHECKS := check-types check-locks check-style check-security check-schema check-sql check-imports check-dependencies check-openapi check-messages
SIDE_BY_SIDE := --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# A stamp carries its lock's content in its name: what a checkout does to file times does not matter.
key = $(shell cat $(1) | cksum | tr -d ' ')
STAMPS := $(VENV)/stamps
VENV_STAMP := $(STAMPS)/venv-$(call key,requirements-setup.lock)
RUN_STAMP := $(STAMPS)/run-$(call key,requirements.lock)
DEV_STAMP := $(STAMPS)/dev-$(call key,requirements-dev.lock)
ASSETS_STAMP := $(STAMPS)/assets-$(call key,requirements-assets.lock requirements.lock service/web/assets.py)

##@ Every day

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(RUN_STAMP) $(ASSETS_STAMP) ## Install what the service needs to run into .venv

.PHONY: setup-dev
setup-dev: setup $(DEV_STAMP) ## Also install what checks, tests and benchmarks need

.PHONY: run
run: setup ## Start the marketplace with its demonstration on http://127.0.0.1:8000 (PORT= for another port)
	@exec $(PY) -m service serve --demo

.PHONY: test
test: setup-dev ## Set up, then every check, then every test (ARGS= for pytest)
	@$(MAKE) --no-print-directory check
	@$(BIN)/pytest $(ARGS)

.PHONY: format
format: setup-dev ## Format the code and repair what ruff can repair
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

.PHONY: bench
bench: setup-dev ## Run the benchmarks (ARGS=)
	@$(PY) -m benchmarks $(ARGS)

##@ Checks, each of them part of `make check`

.PHONY: check
check: setup-dev ## All of the following
	@$(MAKE) --no-print-directory $(SIDE_BY_SIDE) $(CHECKS)

.PHONY: check-locks
check-locks: ## Locks name packages and hashes, never an address
	@if grep -n '://' $(LOCKS); then echo "a lock names an address" >&2; exit 1; fi

.PHONY: check-style
check-style: ## ruff: format and rules
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .

.PHONY: check-types
check-types: ## mypy, strict
	@$(BIN)/mypy

.PHONY: check-imports
check-imports: ## import-linter: the floors of the house
	@$(BIN)/lint-imports

.PHONY: check-security
check-security: ## bandit
	@# It complains of a nosec at every part of an expression but the one that needs it.
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(CODE) 2> >(grep -v 'but no failed test on file' >&2)

.PHONY: check-dependencies
check-dependencies: ## deptry: declared is used, used is declared
	@$(BIN)/deptry .

.PHONY: check-schema
check-schema: ## Alembic: the migrations make what the models say
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; export MARKET_DATABASE_URL="sqlite:///$$folder/check.sqlite3"; \
	$(BIN)/alembic --raiseerr upgrade head && $(BIN)/alembic check

.PHONY: check-sql
check-sql: ## squawk: the migrations' SQL is safe on a PostgreSQL that is in use
	@MARKET_DATABASE_URL=postgresql+psycopg:// $(BIN)/alembic upgrade head --sql | $(BIN)/squawk --config .squawk.toml --stdin-filepath migrations.sql

.PHONY: check-openapi
check-openapi: ## The committed API description is the one that the code gives
	@$(PY) -m service openapi --check

.PHONY: check-messages
check-messages: ## Every text is translated
	@$(PY) -m service messages --check

##@ Seldom

.PHONY: lock
lock: $(VENV_STAMP) ## Compile the locks anew from pyproject.toml and requirements-*.txt (ARGS=--upgrade)
	@$(COMPILE) $(ARGS) pyproject.toml --output-file requirements.lock
	@$(COMPILE) $(ARGS) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
	@$(COMPILE) $(ARGS) --no-deps requirements-assets.txt --output-file requirements-assets.lock
	@$(COMPILE) $(ARGS) requirements-setup.txt --output-file requirements-setup.lock
	@$(MAKE) --no-print-directory check-locks

.PHONY: clean
clean: ## Remove the environment and caches; var/ (your data) stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# Set-up, step by step

$(VENV_STAMP):
	@./.ci/venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-setup.lock
	@mkdir -p $(STAMPS) && touch $@

$(RUN_STAMP): $(VENV_STAMP)
	@echo "Installing the service's dependencies (once)"
	@$(INSTALL) --requirement requirements.lock
	@touch $@

$(DEV_STAMP): $(RUN_STAMP)
	@echo "Installing the tools of checks and tests (once)"
	@$(INSTALL) --requirement requirements-dev.lock
	@touch $@

$(ASSETS_STAMP): $(RUN_STAMP)
	@$(INSTALL) --no-deps --target $(VENV)/assets --requirement requirements-assets.lock
	@$(PY) -m service.web.assets
	@touch $@
