# In a word or two each: run, test, quick, deep, faults, mutate, check, fix, bench, profile-click, screenshots, truth, attack, sample, plotly, docs, site, sentences, house, weight, audit, pythons, release, lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiled modules are kept, whatever the environment says: every process that a test starts would compile all of them again.
TEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal
ADDRESS ?= 127.0.0.1
PORT ?= 8501

.PHONY: run test quick deep faults mutate check fix bench profile-click screenshots truth attack sample plotly docs site sentences house weight audit pythons release lock
.DELETE_ON_ERROR:

run: $(VENV)/.runtime ## install, load the sample data if the store has no data version (also none that cannot be used), serve, print the link
	@ls -d "$${SYNAPSE_HOME:-.synapse}"/generations/????????T????????????-???????? >/dev/null 2>&1 || $(BIN)/python -m synapse_analytics load sample_data
	$(BIN)/python -m synapse_analytics serve --address $(ADDRESS) --port $(PORT)

test: $(VENV)/.development ## everything the tests need, then all tests
	@bash tests/install_browser.sh
	@bash tests/install_postgresql.sh
	@bash tests/install_nginx.sh
	$(TEST) $(ARGS)

quick: $(VENV)/.development ## the tests of a minute: units, specifications, reference numbers, architecture, docs, and every page once
	$(TEST) -m "not slow and not browser" tests/unit tests/spec tests/reference tests/test_*.py tests/pages/test_pages.py::test_page_runs_in_the_router tests/pages/test_pages.py::test_every_tab_runs $(ARGS)

deep: $(VENV)/.development ## all tests with ten times the drawn examples, and whole files where the ordinary run takes smaller ones
	@bash tests/install_browser.sh
	@bash tests/install_postgresql.sh
	@bash tests/install_nginx.sh
	SYNAPSE_DEEP=1 $(TEST) $(ARGS)

faults: $(VENV)/.development ## faults put into the real program and counted, written to docs/faults.md; ARGS="kill" tries some of them
	$(BIN)/python -m tests.faults $(ARGS)

mutate: $(VENV)/.development ## do the tests notice small faults? the share of them that is noticed, and those that are not
	$(BIN)/python -m tests.mutation $(ARGS)

check: $(VENV)/.development ## format, lint and types, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fix: $(VENV)/.development ## format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.development ## speed and memory, on the server and in Chromium, written to docs/benchmarks.md and docs/benchmarks_browser.md
	@bash tests/install_browser.sh
	$(BIN)/python -m benchmarks $(ARGS)

profile-click: $(VENV)/.development ## where a filter click spends its time, in Chromium: make profile-click PAGE=pathways
	@bash tests/install_browser.sh
	$(BIN)/python -m benchmarks.profile_click $(PAGE)

screenshots: $(VENV)/.development ## every page and tab as pictures, and what a program finds wrong with them, written to docs/gallery.md
	@bash tests/install_browser.sh
	$(BIN)/python -m gallery $(ARGS)

truth: $(VENV)/.runtime ## do the methods tell the truth? simulated comparisons with a known effect
	$(BIN)/python -m truth $(ARGS)

attack: $(VENV)/.development ## what can a stranger find out from released answers? printed, and written to docs/attack.md
	$(BIN)/python -m tests.attacks $(ARGS)

sample: $(VENV)/.runtime ## make sample_data/ anew, byte for byte
	$(BIN)/python -m synapse_analytics generate sample_data --patients 2000 --seed 1
	$(BIN)/python -m synapse_analytics.synthetic.raw sample_data/raw

plotly: ## the part of Plotly that the charts need, made anew with Node.js
	mkdir -p build/plotly && cp synapse_analytics/web/browser/package.json synapse_analytics/web/browser/traces.js build/plotly/
	cd build/plotly && npm install --no-audit --no-fund && npm run make
	cp build/plotly/plotly-*.js synapse_analytics/web/browser/assets/

docs: $(VENV)/.development ## the generated pages of docs/
	$(BIN)/python -m tests.generate_docs

site: $(VENV)/.docs ## a website of docs/ with a search, in build/site; a link that leads nowhere stops it
	$(BIN)/python -m zensical build --strict --clean
	@echo "To read it: $(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site 8502, then http://127.0.0.1:8502"

sentences: $(VENV)/.development ## every sentence that a person can read, in one list: build/sentences.txt
	@$(BIN)/python -m tests.sentences

house: $(VENV)/.development ## how large rooms, files and functions are, and which way imports go
	@$(BIN)/python -m tests.house

weight: $(VENV)/.runtime ## what each dependency is for and weighs, written to docs/dependencies.md
	@$(BIN)/python -m tests.dependencies

pythons: $(VENV)/.development ## the wheel in each supported Python of this machine: installed, and all of it tried; ARGS="3.12" tries one
	$(BIN)/python -m tests.packaging.pythons $(ARGS)

release: $(VENV)/.development ## make release VERSION=x.y.z: version, changelog, and in dist/ what is handed on; ARGS=--dry-run changes nothing
	$(BIN)/python -m tests.packaging.release "$(VERSION)" $(ARGS)

audit: $(VENV)/.development ## has what we pin a known vulnerability? asks PyPI
	@$(BIN)/python -m tests.audit $(ARGS)

# The options are spelt as Renovate reads them in the first lines of the files, from which it makes the pins anew (renovate.json).
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version=3.11 --generate-hashes $(ARGS)
lock: $(VENV)/.development ## requirements*.txt from pyproject.toml; ARGS=--upgrade takes newer versions
	$(COMPILE) pyproject.toml --output-file=requirements.txt
	$(COMPILE) pyproject.toml --group=dev --constraints=requirements.txt --output-file=requirements-dev.txt
	$(COMPILE) --group=docs --constraints=requirements.txt --output-file=requirements-docs.txt

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.docs: requirements-docs.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.txt
	@touch $@
