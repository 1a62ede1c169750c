# make run   serves the dashboard; make test   checks everything. `make help` lists the rest.
# Overridable: VENV, PYTHON, HOST, PORT, STORE_URL, DASHBOARD_CONFIG, WORKERS, e.g. make run PORT=8600
VENV    ?= .venv
PYTHON  ?= $(shell command -v python3.11 || command -v python3 || echo python3)
HOST    ?= 127.0.0.1
PORT    ?= 8501
WORKERS ?= 3
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run demo test audit bench faults power lint format hooks browser constraints clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.run ## set everything up and serve on PORT; an empty store gets demo data
	$(BIN)/python -m dashboard init --demo-if-empty
	exec $(BIN)/python -m dashboard serve --host $(HOST) --port $(PORT)

demo: $(VENV)/.run ## fill an empty store with demo data
	$(BIN)/python -m dashboard demo

test: lint browser ## all checks and all tests
	$(BIN)/python -m pytest -n $(WORKERS)

audit: $(VENV)/.dev ## known vulnerabilities of the pinned packages, and whether they are what was recorded
	$(BIN)/python scripts/audit.py

bench: $(VENV)/.dev ## measure; BENCH="--sizes district province" says what
	$(BIN)/python -m benchmarks $(BENCH)

faults: $(VENV)/.dev ## the long rounds of docs/reliability.md (hours); MINUTES=120 of soaking
	$(BIN)/python -m tests.faults.crash --rounds 300
	$(BIN)/python -m tests.faults.fuzz --files 10000
	$(BIN)/python -m tests.faults.soak --minutes $(or $(MINUTES),120)

lint: $(VENV)/.dev ## style, types, direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## put the code into its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

hooks: $(VENV)/.dev ## check every commit before it is made (git hooks)
	$(BIN)/pre-commit install

power: $(VENV)/.dev ## measure what the checks of authenticity see, write docs/authenticity.md (10 min)
	$(BIN)/python -m tests.simulator

browser: $(VENV)/.dev ## a Chromium and a Chinese font for the browser tests
	@scripts/ensure_browser.sh $(VENV)

constraints: $(VENV)/.dev ## write constraints.txt anew from the development environment
	scripts/write_constraints.sh $(VENV)

clean: ## remove caches and the environment; the store in var/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamp files: nothing is installed twice unless a list of requirements changed.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed (PYTHON=... names one); found: $$($(PYTHON) --version 2>&1)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "No virtual environment could be made; on Debian or Ubuntu install python3-venv." >&2; exit 1; }

$(VENV)/.run: requirements.txt constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet -r requirements-dev.txt
	@touch $@ $(VENV)/.run
