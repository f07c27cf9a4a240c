# Every target does its own set-up from a bare Python 3.11 (or newer) with git and make.

PYTHON ?= python3
STUDIES ?=
TESTS ?=
JOBS ?=
PARAMETERS ?=
PART ?=
BIN := .venv/bin
UV := .uv/bin/uv
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
unexport PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

.PHONY: help setup check book test test-all lint format bench validate clean

help:  ## print this list
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\): .*## /  \1:/p' $(MAKEFILE_LIST) | awk -F: '{ printf "%-12s %s\n", $$1, $$2 }'

setup: .venv/ready  ## install what uv.lock names into .venv (every target does this by itself)

.uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "This Python has no venv: install it first (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.13,<1"

.venv/ready: pyproject.toml uv.lock | .uv/bin/uv
	@echo "installing the locked packages into .venv"
	@UV_PYTHON_DOWNLOADS=never $(UV) sync --frozen --quiet --compile-bytecode --extra book --extra ingest --python "$(PYTHON)"
	@touch $@

book: .venv/ready  ## build the book into _build/html (PARAMETERS=file.yaml and PART=I: another one)
	@$(BIN)/analysis build $(if $(PARAMETERS),--parameters $(PARAMETERS)) $(if $(PART),--part $(PART))

check: lint  ## lint and the fast tests, without the book: about a minute
	@$(BIN)/python -m pytest -n auto -q -m "not (book or browser or seconds or slow)" $(TESTS)

test: book  ## build the book, find a browser and run the tests (TESTS="-k word" for some)
	@$(BIN)/python tests/browser/find.py
	@$(BIN)/python -m pytest -n auto --dist loadgroup -m "not slow" $(TESTS)

test-all: book  ## every test, those that are slow by nature too
	@$(BIN)/python tests/browser/find.py
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(TESTS)

lint: .venv/ready  ## style, types and the floors of the house
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/ready  ## put the code into the house style
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

bench: .venv/ready  ## time the package beside its peers, as ratios (JOBS="sdm ..." for some)
	@$(UV) sync --frozen --quiet --inexact --extra book --extra bench
	@$(BIN)/python bench/run.py $(JOBS)

validate: .venv/ready  ## make the heavy results of data/validated again (STUDIES="name ..." for some)
	@$(BIN)/python -m analysis.book.heavy $(STUDIES)

clean:  ## remove what was built; the installation stays
	@rm -rf _build .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
