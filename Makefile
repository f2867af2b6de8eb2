# Two commands are all the set-up there is: `make demo` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / \t/' | expand -t 18

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: apt-get install python3"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: apt-get install python3-venv"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

venv: $(VENV)/ready ## Make the virtual environment from the lock file

demo: $(VENV)/ready ## Start everything with sample operators and calls (PORT=, RESET=1, DATABASE_URL=)
	@$(BIN)/tandem demo

test: $(VENV)/ready ## Set up and run every check and test
	@$(BIN)/python -m tests.setup
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

fast: $(VENV)/ready ## The pure tests, in seconds
	@$(BIN)/python -m pytest -q -p no:django -p no:xdist tests/telecom

lint: $(VENV)/ready ## Style, types, floors, missing migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@MYPYPATH=platform:. $(BIN)/mypy --strict --explicit-package-bases --config-file /dev/null platform/telecom switch_adapters
	@$(BIN)/mypy platform/config platform/plans platform/payments platform/exchange platform/ledger platform/calls platform/fleet platform/opening tenants portal cms

messages: $(VENV)/ready ## Collect the texts to translate
	@$(BIN)/tandem makemessages --all --no-obsolete --ignore var --ignore .venv

lab: $(VENV)/ready ## Get Asterisk and sipp, start them on loopback, print their versions
	@$(BIN)/python -m switch_adapters.lab

lab-call: $(VENV)/ready ## 200 real calls through Asterisk, checked against an independent calculation
	@$(BIN)/python tests/lab/call.py

bench-calls: $(VENV)/ready ## Whole life cycles of calls per second, with fsync
	@$(BIN)/python bench/bench_calls.py

bench-open: $(VENV)/ready ## Seconds to open an operator
	@$(BIN)/python bench/bench_open.py

oracle-rating: $(VENV)/ready ## A million random calls rated against an independent calculation (CALLS=)
	@PYTHONPATH=.:platform nice -n 5 $(BIN)/python tests/telecom/oracle_rating.py $(CALLS)

lock: ## Renew the lock file (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -o requirements.lock

.PHONY: help venv demo test fast lint messages lab lab-call bench-calls bench-open oracle-rating lock
