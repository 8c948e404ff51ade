# The first target is all a user needs; the others are for whoever changes the code.
# Another interpreter: make PYTHON=python3.12 plan

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COVERED := --cov=lis1plan.core --cov=lis1plan.optimise --cov-report=
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: plan test thorough nightly long random fuzz branches mutants covered audit coverage check \
  bench site clean

plan: $(VENV)/installed
	$(BIN)/lis1plan run norway-2019 --out outputs

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m "not tools and not thorough" -n auto --dist loadfile

# What takes long as well: many random studies against the extensive form, faults, repeated runs.
# Of the random studies it tries a tenth (tests/helpers/amount.py); nightly tries them all.
thorough: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m "thorough and not tools" -n auto --dist loadfile

# Each part to its end, whatever fails in another. What says most about the code comes first.
nightly: $(VENV)/installed-dev
	$(MAKE) --keep-going branches mutants long covered random fuzz

# What thorough tries beside the random studies, with the branches it runs.
long: export LIS1PLAN_RANDOM = 1
long: export COVERAGE_FILE = $(CURDIR)/build/long.data
long: $(VENV)/installed-dev
	@mkdir -p build
	$(BIN)/python -m pytest -m "thorough and not random and not tools" -n auto --dist worksteal \
	  --ignore=tests/fuzz $(COVERED)

# Branches of core and optimise that `branches` and `long` ran, together.
covered: export COVERAGE_FILE = $(CURDIR)/build/covered.data
covered: $(VENV)/installed-dev
	$(BIN)/python -m coverage combine --keep --quiet build/branches.data build/long.data
	$(BIN)/python -m coverage report --include "core/*,optimise/*" --fail-under=95

# The random studies at their full number: one worker tries all laws of a study. Nothing follows the
# branches here: that would take half as long again.
random: export LIS1PLAN_RANDOM = 1
random: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m random -n auto --dist loadgroup

# What others may write, tried for an hour of the processor in all (thorough: a minute of it),
# guided by coverage where the fuzzer atheris has a wheel for this Python.
fuzz: export LIS1PLAN_FUZZ_SECONDS ?= 3600
fuzz: $(VENV)/installed-fuzz
	$(BIN)/python -m pytest tests/fuzz -n auto --dist worksteal

# Branches of core and optimise that their own quick tests run: without numba, whose kernels nothing
# can follow; tests that take too long so are cut short. What it leaves in build/ tells `mutants`
# which test runs which line, and for how long.
branches: export NUMBA_DISABLE_JIT = 1
branches: export COVERAGE_FILE = $(CURDIR)/build/branches.data
branches: export LIS1PLAN_DURATIONS = $(CURDIR)/build/durations.json
branches: $(VENV)/installed-dev
	@mkdir -p build
	$(BIN)/python -m pytest tests/core tests/optimise -m "not tools and not thorough" -n auto \
	  --dist worksteal -p lis1plan.tests.mutants.uncompiled $(COVERED) --cov-context=test

# Three hundred slips of the hand in kernels, costs, risk and cuts: each is to be found by a test.
mutants: $(VENV)/installed-dev
	$(BIN)/python -P -m lis1plan.tests.mutants.run

# Known weaknesses of the libraries a user gets. It asks a service that a package registry alone
# does not offer; where nobody answers it says so, and what .ci/run checks without is all there is.
audit: $(VENV)/installed-gates
	$(BIN)/python .ci/audit

# The same with the share of lines the tests run; tracing takes half as long again.
coverage: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m "not tools" --cov=lis1plan --cov-report=term

# mypy cannot follow the editable install of a root folder that is itself the package, so it is
# shown the folder under the package's name.
check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p $(VENV)/types && ln -sfn "$(CURDIR)" $(VENV)/types/lis1plan
	MYPYPATH=$(VENV)/types $(BIN)/mypy -p lis1plan --exclude '/(tests|benchmarks)/'
	$(BIN)/lint-imports
	$(BIN)/python docs/draw_rooms.py --check
	$(BIN)/python docs/write_reference.py --check

bench: $(VENV)/installed-benchmarks
	$(BIN)/python benchmarks/all.py

# The pages of docs/ as a site: build/site/index.html, with a search that needs no server.
site: $(VENV)/installed-docs
	$(BIN)/python docs/draw_gallery.py
	$(BIN)/python -m sphinx -W --keep-going -q -d build/pages -b html docs build/site

clean:
	rm -rf $(VENV) build *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache \
	  .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/created:
	@echo "Setting up Python environment (first time only)…"
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.exit(sys.version_info < (3, 11) and \
	  f"lis1plan needs Python 3.11 or newer, found {v}; try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/installed: pyproject.toml | $(VENV)/created
	@echo "Installing lis1plan and the libraries it needs (a minute or two)…"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/created
	@echo "Installing lis1plan with the tools for tests and checks (a minute or two)…"
	@$(PIP) install --editable ".[dev]"
	@touch $(VENV)/installed $@

$(VENV)/installed-benchmarks: pyproject.toml | $(VENV)/created
	@echo "Installing lis1plan with what it is measured against (a minute or two)…"
	@$(PIP) install --editable ".[benchmarks]"
	@touch $(VENV)/installed $@

$(VENV)/installed-fuzz: $(VENV)/installed-dev
	@$(PIP) install --only-binary atheris --editable ".[fuzz]" || echo "no fuzzer for this Python"
	@touch $@

$(VENV)/installed-gates: pyproject.toml | $(VENV)/created
	@echo "Installing what looks at libraries, licences and containers (a minute)…"
	@$(PIP) install --editable ".[dev,gates]"
	@touch $(VENV)/installed-dev $@

$(VENV)/installed-docs: pyproject.toml | $(VENV)/created
	@echo "Installing what makes the site (a minute)…"
	@$(PIP) install --editable ".[docs]"
	@touch $(VENV)/installed $@
