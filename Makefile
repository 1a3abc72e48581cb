# Everything a clone needs: `make demo` or `make test` alone sets up what is missing. Works with GNU make 3.81 and later.

PYTHON ?= python3
SHELL = /bin/sh
VENV = .venv
MANAGE = $(VENV)/bin/python manage.py

# Options of `make demo`, for example: make demo ONCE=1 ORDERS=20000 SEED=7
ONCE ?=
ORDERS ?=
SEED ?=
SHOPS ?=
FAULTS ?=
DEMO_OPTIONS = $(if $(ONCE),--once) $(if $(ORDERS),--orders $(ORDERS)) $(if $(SEED),--seed $(SEED)) \
	$(if $(SHOPS),--shops $(SHOPS)) $(if $(FAULTS),--faults "$(FAULTS)")

# Tests and benchmarks do not depend on .env: the environment wins over it, also where it is empty. What Python compiles
# is kept even where the environment forbids it: compiling all tests anew costs each of the test workers eight seconds.
TEST_DATABASE_URL ?=
TEST_REDIS_URL ?=
SECRETS = SECRET_KEY=only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEF \
	CREDENTIAL_KEYS=dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=
TEST_ENV = DEBUG=true ALLOW_SANDBOX=true $(SECRETS) DATABASE_URL="$(TEST_DATABASE_URL)" REDIS_URL="$(TEST_REDIS_URL)" \
	CELERY_BROKER_URL= PYTHONDONTWRITEBYTECODE=
DEPLOY_ENV = DEBUG=false ALLOW_SANDBOX=false $(SECRETS) DATABASE_URL=postgresql://user:password@localhost/backoffice \
	REDIS_URL=redis://localhost:6379/0 CELERY_BROKER_URL= ALLOWED_HOSTS=backoffice.example VAR_DIR="$(CURDIR)/var/check"
ARGS ?=

.DEFAULT_GOAL = help
.PHONY: help setup demo test check bench fuzz chaos screenshots lock embedded-stop

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -e 's/:.*## /|/' | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'
	@echo
	@echo "  PYTHON=python3.12 chooses the Python that .venv is made with."

setup: ## make .venv from requirements.lock, and .env with fresh secrets; does only what is missing
	@if ! $(VENV)/bin/python -c 'import pip' 2>/dev/null; then \
		command -v $(PYTHON) >/dev/null || { \
			echo "There is no $(PYTHON). Install Python 3.11 or newer, or name one: make setup PYTHON=python3.12"; exit 1; }; \
		$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
			echo "$(PYTHON) is `$(PYTHON) --version 2>&1`, but 3.11 or newer is needed. Name another: make setup PYTHON=python3.12"; \
			exit 1; }; \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
			echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv"; exit 1; }; \
		echo "Making $(VENV) with `$(PYTHON) --version 2>&1`"; \
		$(PYTHON) -m venv --clear $(VENV) || exit 1; \
	fi
	@if ! cmp -s requirements.lock $(VENV)/installed.lock; then \
		echo "Installing `grep -c '==' requirements.lock` packages (once, a minute or two)..."; \
		$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
			-r requirements.lock || { echo "The packages could not be installed; pip says above why."; exit 1; }; \
		cp requirements.lock $(VENV)/installed.lock; \
		echo "Installed."; \
	fi
	@if ! test -f .env; then \
		umask 077; \
		$(VENV)/bin/python -c 'import base64, os, secrets; print("DEBUG=true\nALLOW_SANDBOX=true\nSECRET_KEY=%s\nCREDENTIAL_KEYS=%s" \
			% (secrets.token_urlsafe(48), base64.urlsafe_b64encode(os.urandom(32)).decode()))' > .env.new \
		&& mv .env.new .env && echo "Wrote .env with fresh secrets."; \
	fi

demo: setup ## the whole product against the stand-in marketplace; options: ONCE=1 ORDERS= SEED= SHOPS= FAULTS=
	@exec $(MANAGE) run_demo $(DEMO_OPTIONS)

# The servers are stopped at the end only if they were started here, so a second run in another window is not cut off.
test: setup ## all tests but the architecture's and the long ones, on servers of their own; options: ARGS="-k name", ARGS="-m long"
	@export $(TEST_ENV) VAR_DIR="$(CURDIR)/var/test"; \
	if $(MANAGE) embedded status >/dev/null 2>&1; then finish=true; else finish="$(MANAGE) embedded stop"; fi; \
	trap 'exit 130' INT TERM; trap "$$finish" EXIT; \
	$(MANAGE) embedded start && $(VENV)/bin/python -m pytest -n 2 -m "not long" $(ARGS)

check: setup ## style, types, import rules, Django's own checks, migrations, documentation, architecture
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	@export $(TEST_ENV) VAR_DIR="$(CURDIR)/var/test"; set -ex; \
	$(VENV)/bin/mypy; \
	$(VENV)/bin/lint-imports
	@export $(TEST_ENV) VAR_DIR="$(CURDIR)/var/test"; \
	if $(MANAGE) embedded status >/dev/null 2>&1; then finish=true; else finish="$(MANAGE) embedded stop"; fi; \
	trap 'exit 130' INT TERM; trap "$$finish" EXIT; set -ex; \
	$(MANAGE) check; \
	$(MANAGE) makemigrations --check --dry-run; \
	$(MANAGE) configuration --check; \
	$(MANAGE) aftersales_states --check; \
	$(MANAGE) marketplaces --check; \
	$(VENV)/bin/python -m pytest tests/architecture
	@export $(DEPLOY_ENV); set -ex; \
	$(MANAGE) check --deploy --fail-level WARNING

bench: setup ## the load scripts of benchmarks/, on servers of their own; options: ARGS=
	@export $(TEST_ENV) VAR_DIR="$(CURDIR)/var/bench"; \
	if $(MANAGE) embedded status >/dev/null 2>&1; then finish=true; else finish="$(MANAGE) embedded stop"; fi; \
	trap 'exit 130' INT TERM; trap "$$finish" EXIT; \
	$(MANAGE) embedded start && LOG_LEVEL=WARNING $(VENV)/bin/python -m benchmarks $(ARGS)

MUTATIONS ?= 20000
fuzz: setup ## many more mutated payloads, and claims and moves of cases, than `make test` tries; options: MUTATIONS=100000 ARGS="-k lazada"
	@export $(TEST_ENV) VAR_DIR="$(CURDIR)/var/fuzz" MUTATIONS="$(MUTATIONS)"; \
	if $(MANAGE) embedded status >/dev/null 2>&1; then finish=true; else finish="$(MANAGE) embedded stop"; fi; \
	trap 'exit 130' INT TERM; trap "$$finish" EXIT; \
	$(VENV)/bin/python -m pytest -n 2 --timeout=0 tests/shops/marketplaces/test_mappings_survive.py \
		tests/aftersales/services/test_properties.py $(ARGS)

chaos: setup ## kill and stop everything while it syncs, compare every row with the truth; ten minutes; options: ARGS="--seed 2"
	@export $(TEST_ENV) VAR_DIR="$(CURDIR)/var/chaos"; \
	exec env LOG_LEVEL=WARNING $(VENV)/bin/python -m tests.chaos $(ARGS)

ADDRESS ?= http://127.0.0.1:8000
screenshots: setup ## a picture of every page of a running demo, into var/screenshots; needs Chromium; options: ADDRESS= ARGS="home ..."
	$(VENV)/bin/python -m tests.end_to_end.screenshots "$(ADDRESS)" admin "`cat $(or $(VAR_DIR),var)/demo/login.txt`" var/screenshots $(ARGS)

lock: setup ## resolve requirements*.txt and write requirements.lock; options: ARGS=--upgrade
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" $(ARGS) requirements-dev.txt --output-file requirements.lock
	@if grep -nE '^ *--(index-url|extra-index-url|find-links|trusted-host)' requirements.lock; then \
		echo "requirements.lock names an index of this machine; remove these lines."; exit 1; fi

embedded-stop: setup ## stop the PostgreSQL and Valkey of ./var, ./var/test, ./var/bench, ./var/fuzz and ./var/chaos
	@for folder in var var/test var/bench var/fuzz var/chaos; do VAR_DIR="$(CURDIR)/$$folder" $(MANAGE) embedded stop; done
