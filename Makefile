# Everything a developer does here.  `make` or `make help` lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= python3
ENGINE ?= moto
ENTITY ?=
ARGS ?=
OUT ?= build/parity
# What is run and checked of what it says.
DOCUMENTS ?= README.md examples/own_dao/README.md docs/migration.md docs/services.md docs/rollback.md docs/cleanup.md docs/metrics.md
# Only every Nth of the selfcheck.
EVERY ?= 1
STEPS ?=
SEED ?= 0
# Processes of pytest-xdist: a number, auto for one a processor, or 0.
JOBS ?= auto

VENV := .venv
RUN := $(VENV)/bin/python -m
# Names the requirements that the virtual environment was made of.
STAMP := $(VENV)/.made-of-$(shell cksum < requirements.txt | cut -d ' ' -f 1)

# Every run starts a dozen processes, and compiling what they import takes each a second: keep it, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

# Targets share the engines and the processors.
.NOTPARALLEL:

# The drill and the fuzzer take the best engine there is unless they are told one: moto, which the others begin with, is none.
BEST_ENGINE := $(if $(filter file,$(origin ENGINE)),auto,$(ENGINE))

.PHONY: help parity test bench performance check release-check serve services-unchanged rollback-drill documents wheel-check watching format format-check lint types imports engines clean selfcheck metrics ready-to-clean fuzz

help: ## this list
	@echo "make <target>, with Python 3.11 or newer (PYTHON=$(PYTHON)):"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-20s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

parity: $(STAMP) ## prove that both implementations behave alike (ENTITY=user ENGINE=moto|dynoxide|dynamodb-local|docker|auto|URL ARGS=)
	@$(RUN) parity run $(foreach entity,$(ENTITY),--entity $(entity)) --engine "$(ENGINE)" --out "$(OUT)" $(ARGS)

selfcheck: $(STAMP) ## prove that the harness finds DAOs that are wrong on purpose, and nothing else (ENGINE=dynoxide EVERY=10 ARGS='--jobs 4')
	@$(RUN) parity selfcheck --engine "$(ENGINE)" --every "$(EVERY)" $(ARGS)

fuzz: $(STAMP) ## make random calls on both implementations and a model in step (ENTITY=balance STEPS=1000 SEED=7 ENGINE=dynoxide ARGS=)
	@$(RUN) parity fuzz $(foreach entity,$(ENTITY),--entity $(entity)) --engine "$(BEST_ENGINE)" $(if $(STEPS),--steps $(STEPS)) --seed $(SEED) --out "$(OUT)" $(ARGS)

test: $(STAMP) ## run all tests (ENGINE=, JOBS=, ARGS='-k login')
	@$(RUN) pytest -n $(JOBS) --parity-engine "$(ENGINE)" $(ARGS)

serve: $(STAMP) ## run the services with assets and an admin, until Ctrl-C (ENGINE=, or ENGINE='' for what the settings point at)
	@$(RUN) scripts.serve --engine "$(ENGINE)"

services-unchanged: $(STAMP) ## prove that the cut-overs changed one line each, and that the services' tests pass on both sides of each
	@$(RUN) scripts.services_unchanged

ready-to-clean: $(STAMP) ## say whether it is time to remove the archived DAOs, and why not (ARGS='--days 28')
	@$(RUN) scripts.ready_to_clean $(ARGS)

rollback-drill: $(STAMP) ## take a cut-over back and bring it forward again, with data (ENTITY=user|all ENGINE=dynoxide|dynamodb-local|docker)
	@$(RUN) scripts.rollback_drill --entity "$(or $(ENTITY),all)" --engine "$(BEST_ENGINE)"

documents: $(STAMP) ## do what the documents say, and check that it is so (DOCUMENTS='docs/migration.md')
	@$(RUN) scripts.documents $(DOCUMENTS)

wheel-check: $(STAMP) ## build the wheel, install it into an empty environment, and use it there
	@$(RUN) scripts.wheel_check

bench: $(STAMP) ## measure the DAOs, archived and new; fails if a goal is missed (ARGS='--engine dynoxide --rounds 31')
	@$(RUN) bench $(ARGS)

metrics: $(STAMP) ## print what the migration promised, measured: names, size, types, and of the last make parity old rows and requests
	@$(RUN) scripts.metrics --report "$(OUT)/report.json" $(ARGS)

watching: $(STAMP) ## measure what recording adds to a suite's calls, and the memory of a run; fails if a goal is missed
	@$(RUN) bench.watching $(ARGS)

performance: $(STAMP) ## write docs/performance.md and its chart from the last make bench
	@$(RUN) bench.page

check: format-check lint types imports test parity ## everything CI asks of a change

release-check: $(STAMP) ## the whole proof, about an hour: every fault on every engine, selfcheck, fuzzing; writes docs/proof.md (make engines first)
	@rm -rf build/proof
	@status=0; \
	for engine in moto dynoxide dynamodb-local; do $(RUN) parity run --engine "$$engine" --out "build/proof/$$engine" || status=1; done; \
	$(RUN) parity selfcheck --engine dynoxide --out build/proof/selfcheck || status=1; \
	$(RUN) parity fuzz --engine dynoxide --steps 20000 --seed $(SEED) --out build/proof/dynoxide || status=1; \
	$(RUN) parity fuzz --engine dynamodb-local --steps 5000 --seed $(SEED) --out build/proof/dynamodb-local || status=1; \
	$(RUN) scripts.proof && exit $$status

format: $(STAMP) ## put the code into its form
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix --select I .

format-check: $(STAMP) ## tell whether the code is in its form
	@$(RUN) ruff format --check .

lint: $(STAMP) ## look for mistakes and bad habits
	@$(RUN) ruff check .

types: $(STAMP) ## check the types, for each Python that is supported
	@$(RUN) mypy
	@$(RUN) mypy --python-version 3.12
	@$(RUN) mypy --python-version 3.13

imports: $(STAMP) ## check that nobody imports what it may not know
	@PYTHONPATH=. $(VENV)/bin/lint-imports --no-cache

engines: $(STAMP) ## fetch dynoxide (npm) and DynamoDB Local (mvn, Java 17+) into the cache, where their package managers are
	@$(RUN) parity.engines.fetch

clean: ## remove what the other targets made here; fetched engines stay in their cache
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Without prerequisites: its name says what it is made of, and a fresh checkout's dates say nothing.
$(STAMP):
	@scripts/make_venv "$(PYTHON)" "$(VENV)" requirements.txt
	@touch "$@"
