# `make demo` and `make test` are all a fresh machine with Python and make needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ONCE ?=
# `make bench` takes some 20 minutes; ORDERS="10000 100000" or QUICK=1 makes it shorter.
ORDERS ?=
ONLY ?=
QUICK ?=
BENCH ?= var/bench.json
CLIENTS ?=
MINUTES ?=
SEED ?=
ROUNDS ?=
# Of `make play`: pieces, and calls in each.
PIECES ?= 200
STEPS ?= 60
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test chaos soak rolling moving play fuzz bench schema screenshots check audit format lock clean

demo: $(VENV)/runtime
	@$(BIN)/python -m procurement.demo $(if $(ONCE),--once)

test: $(VENV)/development
	@$(BIN)/python -m tests.run

# The whole promise, with everything broken that may break: docs/chaos.md.
chaos: $(VENV)/development
	@$(BIN)/python -m tests.chaos $(foreach name,ORDERS SEED WORKERS DATABASE CLIENTS MINUTES,$(if $($(name)),--$(shell echo $(name) | tr A-Z a-z) $($(name))))

# Many clients at once over REST, against a plain DRF: docs/soak.md.
soak: $(VENV)/development
	@$(BIN)/python -m tests.soak $(foreach name,CLIENTS MINUTES SEED,$(if $($(name)),--$(shell echo $(name) | tr A-Z a-z) $($(name))))

# Machines of web server and worker restarted in turn under load: docs/deploy.md.
rolling: $(VENV)/development
	@$(BIN)/python -m tests.rolling $(foreach name,ROUNDS CLIENTS SEED,$(if $($(name)),--$(shell echo $(name) | tr A-Z a-z) $($(name))))

# Random play with orders over REST, other pieces every time.
play: $(VENV)/development
	@PLAY_EXAMPLES=$(PIECES) PLAY_STEPS=$(STEPS) $(BIN)/python -m pytest tests/rest

# The REST API, tried by what its description says: EXAMPLES of each call.
fuzz: $(VENV)/development
	@$(BIN)/python -m tests.describing.fuzz --examples $(or $(EXAMPLES),60) $(if $(SEED),--seed $(SEED))
	@$(BIN)/python -m tests.describing.fuzz --examples $(or $(EXAMPLES),60) $(if $(SEED),--seed $(SEED)) --bound

# Backups, restores and a move of ORDERS orders, timed: docs/backup.md.
moving: $(VENV)/development
	@$(BIN)/python -m tests.moving $(if $(ORDERS),--orders $(ORDERS))

# docs/api/openapi.json and the examples in it, as the code is now.
schema: $(VENV)/development
	@$(BIN)/python -m tests.describing.write

bench: $(VENV)/development
	@$(BIN)/python -m tests.bench $(if $(ORDERS),--orders $(ORDERS)) $(if $(QUICK),--quick) --json $(BENCH)

# docs/screenshots, of a demo of their own; ONLY="home orders" takes some of them.
screenshots: $(VENV)/development
	@$(BIN)/python -m tests.browser.screenshots $(ONLY)

check: $(VENV)/development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy vendors procurement
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

# Known holes in what is installed. PIP_AUDIT_REQUIRED=1: not to have looked is a failure.
audit: $(VENV)/development
	@$(BIN)/python -m tests.hardening.audit

format: $(VENV)/development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Resolves pyproject.toml anew, with hashes.
lock: $(VENV)/development
	$(BIN)/uv pip compile -q pyproject.toml --generate-hashes --no-strip-extras --python-version 3.11 --no-header -o requirements.txt
	$(BIN)/uv pip compile -q pyproject.toml --group dev --generate-hashes --no-strip-extras --python-version 3.11 --no-header -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	@touch $@

$(VENV)/development: requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/runtime
