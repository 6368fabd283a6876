# make demo   the main job, end to end, on this machine
# make test   every test
# Both do all of their own set-up. The rest: lint, bench, fuzz, chaos, schema, clean.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export PYTHON

.PHONY: demo test lint bench bench-short fuzz interop chaos schema clean setup peers

setup: .venv/ready
	@$(BIN)/python -m t4codec

.venv/ready: pyproject.toml setup.py $(wildcard t4codec/*_cy.py)
	@.ci/packages run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Faxgate needs Python 3.11 or newer; $(PYTHON) is older" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing Faxgate and its Python dependencies into .venv ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable . --group dev
	@touch $@

peers:
	@.ci/packages peers office ocr interop

demo: setup
	@$(BIN)/faxgate demo

test: setup peers
	$(BIN)/python -m pytest --cov --cov-report=term

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup peers
	$(BIN)/python -m tests.bench.codec
	$(BIN)/python -m tests.bench.documents

bench-short: setup peers
	$(BIN)/python -m tests.bench.codec --short --require-compiled

# Ten minutes a target, then the same on modules compiled with AddressSanitizer.
fuzz: setup
	$(BIN)/python -m tests.fuzz.codec --seconds 600
	$(BIN)/python -m tests.fuzz.codec --seconds 600 --sanitized

# A real gateway under faults, kills and full disks; then everything is counted.
chaos: setup peers
	$(BIN)/python -m tests.chaos
	$(BIN)/python -m tests.chaos --modems --seconds 300

# Calls over bad lines, then the whole matrix with all peers, with its table.
interop: setup peers
	$(BIN)/python -m pytest -m interop tests/peers
	$(BIN)/python -m tests.interop
	$(BIN)/python -m tests.peers.efficiency
	$(BIN)/python -m tests.peers.drop_outs

schema: setup
	$(BIN)/python -m gateway.config.schema > config/schema.json

clean:
	rm -rf .venv build dist var *.egg-info t4codec/*.so t4codec/*.c
