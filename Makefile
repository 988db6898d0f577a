# demo, test, lint, bench: each does its own set-up and may be run again at any time.
# Needs Debian (or alike) with Python 3.11 or newer and nothing else.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.DEFAULT_GOAL := help
BENCH_ARGS ?=
.PHONY: help setup demo test lint bench growth faults bench-log evaluate soak chaos docs lock clean
SOAK_MINUTES ?= 120
KILLS ?= 200
TRIALS ?= 1000

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(VENV)/.ready  ## create .venv with everything the other targets need

$(VENV)/.ready: requirements.lock pyproject.toml tools/setup.sh
	PYTHON=$(PYTHON) VENV=$(VENV) tools/setup.sh
	@touch $@

demo: setup  ## the main job on real input; look at demo-output/index.html
	$(BIN)/beholden demo --out demo-output

# More at a time than there are cores: most of the time a test waits for another process.
test: setup  ## every test
	$(BIN)/python -m pytest -n 4 --dist loadfile $(PYTEST_ARGS)

lint: setup  ## style, types, import direction, architecture, documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_documentation.py
	$(BIN)/python tools/make_docs.py --check

bench: setup  ## speed against peers and aims, BENCH_ARGS=--quick for less; bench-output/engine.json
	$(BIN)/python -m benchmarks.engine $(BENCH_ARGS)

growth: setup  ## CPU against cameras, faces and names, as CSV and plots; bench-output/growth.csv
	$(BIN)/python -m benchmarks.growth

bench-log: setup  ## speed of the log at a million leaves, beside limits and floors; bench-output/log.json
	$(BIN)/python -m benchmarks.log

evaluate: setup  ## how good it is: docs/report/ of synthetic people; evaluate-output/ of the shared test data, if there
	$(BIN)/python tools/evaluate.py

soak: setup  ## 8 live cameras for SOAK_MINUTES (120): memory, latency, faults; soak-output/summary.json
	$(BIN)/python -m benchmarks.soak --minutes $(SOAK_MINUTES) --out soak-output

chaos: setup  ## kill -9 the keeper and the workers KILLS (200) times each; chaos-output/summary.json
	$(BIN)/python -m benchmarks.chaos --kills $(KILLS) --out chaos-output

faults: setup  ## kill -9, flipped bits and failing calls, TRIALS (1000) of each kind; faults-output/summary.json
	$(BIN)/python -m benchmarks.faults --trials $(TRIALS) --out faults-output

docs: setup  ## write the generated pages of docs/
	$(BIN)/python tools/make_docs.py

lock: setup  ## pin every dependency again, with hashes and without addresses
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --quiet \
		--extra dev --extra demo --extra evaluate --extra server --extra cluster pyproject.toml -o requirements.lock

clean:  ## remove what the other targets made
	rm -rf $(VENV) demo-output bench-output soak-output chaos-output faults-output evaluate-output docs/report/parts
