# Every command of a developer's day; `make help` lists them.
PORT ?= 8089
BIN := .venv/bin
UV ?= uv
MAKEFLAGS += --no-print-directory
# The processes that tests start load compiled modules, also on a machine that forbids Python to keep them.
export PYTHONDONTWRITEBYTECODE :=
# Two processes, each with its own servers; a file at a time in their order, so that no long file comes last.
PYTEST := $(BIN)/python -m pytest
ALL := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench demo openapi lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

setup: ## .venv with everything, and the Debian packages that the tests need
	@tools/setup.sh dev

run: ## install, migrate, make the demo pharmacy once, serve (PORT=8089)
	@tools/setup.sh run
	@$(BIN)/card-service db upgrade
	@$(BIN)/card-service demo --seed-only --port $(PORT)
	@exec $(BIN)/card-service serve --port $(PORT)

test: ## the whole suite, on a private MariaDB and on SQLite (ARGS="-k sqlite" for a part)
	@tools/setup.sh dev
	@$(PYTEST) $(or $(ARGS),$(ALL))

check: ## format, lint, types, arrows between folders, tests with coverage
	@tools/setup.sh dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(PYTEST) --cov --cov-report=term $(or $(ARGS),$(ALL))

bench: ## load and limits on a private MariaDB (see bench/README.md)
	@tools/setup.sh dev
	@$(BIN)/python -m bench $(ARGS)

demo: ## the main job played on the running code, printed as a receipt
	@tools/setup.sh dev
	@$(BIN)/card-service db upgrade
	@$(BIN)/card-service demo

openapi: ## play the examples again, and write docs/openapi.json
	@tools/setup.sh dev
	@$(BIN)/python -m tests.openapi.story

# A lock holds exact versions and the hashes of all their files for every system, and names no address.
COMPILE = $(UV) --no-config pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" setup.cfg requirements/build.in
lock: ## newest versions allowed by setup.cfg into requirements/*.txt (needs uv)
	@command -v $(UV) >/dev/null || { echo "uv is needed: pip install uv"; exit 1; }
	@$(COMPILE) -o requirements/run.txt
	@$(COMPILE) --extra dev --extra scanner -c requirements/run.txt -o requirements/dev.txt
	@$(COMPILE) --extra mysqlclient -c requirements/run.txt -o requirements/mysqlclient.txt
