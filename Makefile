# `make demo` and `make test` set up everything they need in .venv; `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
CORES  ?= 2
ARGS   ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test test-full test-statistical draws test-spice test-study test-train examples mutants bench scale \
        bench-compare lint format types imports docs wheel check clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.stamp  ## .venv with the package (editable) and the developers' tools

demo: $(VENV)/.stamp  ## the bundled spoken-digits model on both example chips, with an HTML report
	@$(BIN)/python examples/demo.py $(ARGS)

test: $(VENV)/.stamp  ## the tests and the examples of the docstrings, in a few minutes
	$(PYTEST) -n $(CORES) -m "not slow and not browser and not study" $(ARGS)

test-full: $(VENV)/.stamp  ## every test, those that take minutes or a browser included
	HYPOTHESIS_PROFILE=full $(PYTEST) -n $(CORES) $(ARGS)

test-statistical: $(VENV)/.stamp  ## only the tests of noise: means, spreads, independence
	$(PYTEST) -n $(CORES) -m statistical $(ARGS)

draws: $(VENV)/.stamp  ## a thousand million draws of the generator through its battery
	DRAWS=1e9 $(PYTEST) -v tests/statistical/test_battery.py $(ARGS)

test-spice: $(VENV)/.stamp  ## wires against ngspice, which is installed where that is possible
	@command -v ngspice >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  echo "Installing ngspice" && apt-get update -qq && apt-get install -y -qq ngspice >/dev/null; } || \
	  echo "ngspice is missing, so its tests are skipped; type: sudo apt-get install -y ngspice" >&2
	$(PYTEST) -n $(CORES) -m spice tests/spice $(ARGS)

test-study: $(VENV)/.stamp  ## studies killed and gone on with, a Dask cluster, ten thousand tasks; some minutes
	$(PYTEST) -m study -rP tests/study $(ARGS)

test-train: .venv-train/.stamp  ## tests of the training kit, in .venv-train with PyTorch
	PYTHONPATH=examples/train:examples/qs4d .venv-train/bin/python -m pytest examples/train examples/qs4d $(ARGS)

examples: $(VENV)/.stamp  ## run everything in examples/ and install wheel and sdist on every Python
	$(PYTEST) -n $(CORES) -m slow tests/examples tests/unit/test_packaging.py $(ARGS)

mutants: $(VENV)/.stamp  ## hand-made faults, each of which a named test must notice
	$(BIN)/python tests/mutants/run.py $(ARGS)

bench: $(VENV)/.stamp  ## each case beside what it cannot avoid, measured in the same run; out/bench.json
	@mkdir -p out
	$(PYTEST) -p benchmark tests/bench --benchmark-json out/bench.json --benchmark-columns min,median $(ARGS)
	$(BIN)/python tests/bench/wires.py

scale: $(VENV)/.stamp  ## 50 layers of 1024 channels, a step at batch 1; how time grows; out/*.json
	@mkdir -p out
	$(BIN)/python -m tests.bench.scaling --png docs/images/scaling.png --json out/scaling.json
	$(BIN)/python -m tests.bench.deep --json out/deep.json

bench-compare: $(VENV)/.stamp  ## two of those files: make bench-compare A=before.json B=after.json
	$(BIN)/python -m pytest_benchmark compare --columns min,median $(A) $(B)

check: lint types imports  ## lint, types and import contract

lint: $(VENV)/.stamp  ## ruff: rules and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/.stamp  ## let ruff repair and format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/.stamp  ## mypy, strict
	$(BIN)/mypy

imports: $(VENV)/.stamp  ## the layers contract of pyproject.toml
	$(BIN)/lint-imports

docs: $(VENV)/.stamp-docs  ## docs/_build/html, warnings are errors
	rm -rf docs/api docs/devices docs/devices.md docs/_build
	$(BIN)/python -m sphinx -W --keep-going -q -j $(CORES) -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

wheel: $(VENV)/.stamp  ## dist/: sdist, and the wheel built from it
	rm -rf dist
	$(BIN)/python -m build
	@ls -l dist

clean:  ## remove everything that was built, .venv and the cache of compiled kernels included
	rm -rf $(VENV) build dist out docs/_build docs/api docs/devices docs/devices.md .pytest_cache \
	  .mypy_cache .ruff_cache .import_linter_cache .hypothesis "$${XDG_CACHE_HOME:-$$HOME/.cache}/aimc_sim"
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than pyproject.toml once its install has succeeded; an interrupted one is redone.
$(VENV)/.stamp: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "aimc_sim needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python lacks venv; type: sudo apt-get install -y python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "Setting up $(VENV) (once, a minute or two)"; \
	  $(PYTHON) -m venv $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.venv-train/.stamp: pyproject.toml
	@.venv-train/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[train]' pytest
	@touch $@

$(VENV)/.stamp-docs: $(VENV)/.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,docs]'
	@touch $@
