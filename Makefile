# Two commands for everybody: make demo, make test. Both make their own environment in .venv first.
# Needs Python 3.11 or newer (with venv), make and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.9
DEMO := demo
READY := $(VENV)/.ready
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := ready
.PHONY: ready demo test test-all lint docs pictures lock calibration benchmarks clean

ready: $(READY)  ## Make the environment: goodwill and its tools in .venv

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "goodwill needs Python 3.11 or newer; choose one with: make PYTHON=python3.12" >&2; exit 2; }
	@echo "Making the environment in $(VENV) (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: ready  ## A simulated company: exports, study, scorecard, report.html
	@test -f $(DEMO)/truth.json || $(BIN)/goodwill simulate demo $(DEMO)
	@$(BIN)/goodwill run $(DEMO)

test: ready lint  ## All tests but the slow ones
	@$(BIN)/pytest -m "not slow" -n 2

test-all: ready lint  ## All tests
	@$(BIN)/pytest -n 2

lint: ready  ## Style, types and floors
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

docs: ready  ## The pages of the manual that come from the code
	@$(BIN)/python docs/generate.py

lock: $(VENV)/bin/uv  ## Choose the newest versions of all that is needed
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --group dev --python-version 3.11 \
	  --no-header pyproject.toml -o requirements.lock

$(VENV)/bin/uv:
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

pictures: demo  ## The manual's pictures of the report and the app, with Debian's chromium
	@$(BIN)/python docs/pictures.py $(DEMO)

calibration: ready  ## How often Goodwill is right where the truth is known (takes half an hour)
	@$(BIN)/python benchmarks/calibration.py

benchmarks: ready  ## Time and memory, against bare DuckDB in the same run
	@$(BIN)/python benchmarks/loading.py
	@$(BIN)/python benchmarks/scale.py
	@$(BIN)/python benchmarks/serving.py

clean:  ## Remove the environment and the demo
	@rm -rf $(VENV) $(DEMO)
