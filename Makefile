# Everything a newcomer or CI does. `make demo` and `make test` need CPython 3.11 or newer and make, nothing else: the
# first run makes .venv, the next ones touch no network.

VENV := .venv
MERMAID := tests/mermaid
BIN := $(VENV)/bin
RUN := $(BIN)/python -m
PIP := $(RUN) pip --disable-pip-version-check install --quiet
# the files hold every package that is needed: pip is not to look for others, or newer ones
HASHED := $(PIP) --no-deps --require-hashes
# without isolation: the backend comes from the hashed files, so that this step needs no network
EDITABLE := $(PIP) --no-build-isolation --no-deps --editable .

.DELETE_ON_ERROR:
# two steps that install into one environment must not meet
.NOTPARALLEL:
.PHONY: help demo play test test-all lint format types docs diagrams diagrams-check wheel-check test-everywhere check bench performance soak bench-demo bench-finding bench-observing bench-stores bench-sip crashes mermaid pictures walk second-way fuzz faults mutants growth requirements clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

# --- set-up --------------------------------------------------------------------------------------------------------

# PYTHON=... chooses another interpreter than the first that is new enough
$(VENV)/made:
	@python=$$(sh scripts/find_python.sh "$(PYTHON)") && echo "Making $(VENV) with $$python" \
		&& "$$python" -m venv --clear $(VENV) && touch $@

$(VENV)/for-demo: $(VENV)/made requirements/demo.txt requirements/build.txt pyproject.toml
	$(HASHED) --requirement requirements/demo.txt --requirement requirements/build.txt
	$(EDITABLE)
	@touch $@

$(VENV)/for-test: $(VENV)/made requirements/test.txt pyproject.toml
	$(HASHED) --requirement requirements/test.txt
	$(EDITABLE)
	@touch $@

$(VENV)/for-dev: $(VENV)/made requirements/dev.txt pyproject.toml
	$(HASHED) --requirement requirements/dev.txt
	$(EDITABLE)
	@touch $@

$(VENV)/for-mutants: $(VENV)/for-test requirements/mutants.txt
	$(HASHED) --requirement requirements/mutants.txt
	@touch $@

$(VENV)/for-bench: $(VENV)/for-test requirements/bench.txt
	$(HASHED) --requirement requirements/bench.txt
	@touch $@

# --- for everybody -------------------------------------------------------------------------------------------------

demo: $(VENV)/for-demo ## all procedures as web pages, with a telephone; PORT=... for another port, CHART=MODULE:NAME for a procedure of your own beside the three
	@$(BIN)/ja-reset demo $(if $(PORT),--port $(PORT)) $(if $(CHART),--chart $(CHART))

play: $(VENV)/for-demo ## play all three procedures in the terminal, to success and to every other ending
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(BIN)/ja-reset play --all --store "$$folder/play.db"

# with compiled modules kept, whatever the shell says: each process that a test starts would compile all of them again
PYTEST := PYTHONDONTWRITEBYTECODE= $(RUN) pytest --numprocesses auto --dist worksteal
# what each slow lane tries, and so why it takes long, stands with its marker in pyproject.toml
SLOW := browser or callers or faults or interruptions or kills or objects or programs or schedules or servers or verifier or walks

test: $(VENV)/for-test ## the quick tests: all but the slow lanes, fewer random examples; no test takes over a fortieth
	$(PYTEST) -m "not ($(SLOW))" --hypothesis-profile quick --shares

# coverage makes the verifier take three times as long, and hangs in an interruption: what runs the same lines again, in
# another order, in other processes or with many values (Hypothesis marks its tests itself), is not measured
test-all: $(VENV)/for-bench ## every test, all random examples, branch coverage of the quick ones; takes many minutes
	$(PYTEST) -m "$(SLOW) or hypothesis"
	$(PYTEST) -m "not ($(SLOW) or hypothesis)" --cov --cov-report=term

# --- the gates -----------------------------------------------------------------------------------------------------

lint: $(VENV)/for-dev ## rules and format of the code
	$(RUN) ruff check .
	$(RUN) ruff format --check .

format: $(VENV)/for-dev ## fix what lint can fix by itself
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

types: $(VENV)/for-dev ## types, strictly
	$(RUN) mypy

docs: $(VENV)/for-dev ## build the documentation into docs/_build/html; a warning is an error
	$(RUN) sphinx --builder html --fail-on-warning --nitpicky --keep-going --quiet docs docs/_build/html

diagrams: $(VENV)/for-dev ## draw the charts again, and write the tables of fields and of the reference
	$(BIN)/python scripts/diagrams.py
	$(BIN)/python scripts/field_tables.py
	$(BIN)/python scripts/reference_tables.py

diagrams-check: $(VENV)/for-dev ## check that the drawings are up to date
	$(BIN)/python scripts/diagrams.py --check

wheel-check: $(VENV)/for-dev ## test the built wheel in an environment of its own
	sh scripts/check_wheel.sh $(BIN)/python

test-everywhere: $(VENV)/for-dev ## test the built wheel on every installed Python, lowest and newest versions; EVERYWHERE=--newest-python: on one
	$(PIP) uv
	$(BIN)/python scripts/everywhere.py $(EVERYWHERE)

# the tests last, so that their summary closes what is printed
check: lint types docs diagrams-check wheel-check test-all ## every gate, as CI runs them

# --- for maintainers -----------------------------------------------------------------------------------------------

bench: $(VENV)/for-bench ## print each figure beside its goal; five minutes on a machine that does nothing else
	$(BIN)/python benchmarks/run.py

performance: $(VENV)/for-bench ## write the pages docs/performance.md, with their plots, from the last three runs of make bench
	$(BIN)/python benchmarks/pages.py

bench-demo: $(VENV)/for-test ## pages a second of the demo, beside a bare page
	$(BIN)/python benchmarks/demo.py

RUNS := 1000
# one at a time: what is printed tells how far it has come; no time is too long for one journey
crashes: $(VENV)/for-test ## kill RUNS processes of each journey, on each store, at random instants
	$(RUN) pytest tests/crash/test_kills.py --kills $(RUNS) --verbose -o faulthandler_timeout=0

bench-stores: $(VENV)/for-test ## compare the stores with their drivers, up to a million sessions; takes minutes
	$(BIN)/python benchmarks/stores.py

bench-sip: $(VENV)/for-test ## have sipp call the lab's SIP server 300 times a second for a minute: none lost, memory flat
	$(BIN)/python benchmarks/calling.py

soak: $(VENV)/for-test ## 200,000 sessions on one service with purge(): memory must stay flat; takes some ten minutes
	$(BIN)/python benchmarks/soak.py

bench-finding: $(VENV)/for-test ## find a page of 50 among a million sessions, beside the bare driver; takes minutes
	$(BIN)/python benchmarks/finding.py

bench-observing: $(VENV)/for-test ## what an observer costs beside none; takes minutes
	$(BIN)/python benchmarks/observing.py

pictures: $(VENV)/for-test ## take the pictures of the demo again, for README and the docs
	$(RUN) pytest --quiet tests/browser/test_every_screen.py --pictures docs

walk: $(VENV)/for-test ## compare the verifier with a random walk, for SECONDS (an hour by default)
	PYTHONPATH=lab $(BIN)/python lab/walk.py $(or $(SECONDS),3600)

second-way: $(VENV)/for-test ## compare the verifier's verdicts on broken charts with those of random histories
	PYTHONPATH=lab $(BIN)/python lab/second_way.py

REPORTS := 1000000
fuzz: $(VENV)/for-test ## spoil REPORTS reports of gateways: none may match a number that it does not have; takes minutes
	PYTHONPATH=lab $(BIN)/python lab/fuzzed_reports.py $(REPORTS)

faults: $(VENV)/for-test ## seed faults and write docs/seeded-faults.md; NEW=1: only new ones. Takes an hour
	PYTHONPATH=lab $(BIN)/python lab/seeded_faults.py $(if $(NEW),--new)

mutants: $(VENV)/for-mutants ## change the core, one function at a time; the tests must fail. Takes hours, and continues where it was stopped
	$(BIN)/python lab/mutants.py $(if $(REPORT),--report)

growth: $(VENV)/for-test ## print how verification grows with the limits
	$(BIN)/python lab/growth.py

requirements: $(VENV)/made ## export requirements/ again; UPGRADE=1 for newer versions
	$(PIP) uv
	PATH="$(BIN):$$PATH" $(BIN)/python scripts/requirements.py $(if $(UPGRADE),--upgrade)

mermaid: $(MERMAID)/node_modules/.package-lock.json ## install the real Mermaid for its tests; needs Node.js 18 and npm

$(MERMAID)/node_modules/.package-lock.json: $(MERMAID)/package-lock.json
	npm ci --prefix $(MERMAID) --no-audit --no-fund --silent
	@touch $@

clean: ## delete everything that was generated
	rm -rf $(VENV) .venv-everywhere .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov build dist docs/_build mutants $(MERMAID)/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
