# flette: each command does its own set-up. `make` alone lists them.

PYTHON ?= python3
TARGET ?= duckdb
SELECT ?=
FROM ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup build load test lint format seeds docs report powerbi bench lock clean

help: ## list these commands, one line each
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 9
	@echo
	@echo "with TARGET=duckdb|postgres|bigquery|bigquery_emulator, SELECT=tiltak; load with FROM=folder"

setup: $(READY) ## make .venv with everything that the other commands need

# --no-deps: the requirement files name every package (see DECISIONLOG.md)
$(READY): requirements.txt requirements-dev.txt
	@echo "Setting up $(VENV): about a minute the first time"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "flette needs Python 3.11 or later, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt -r requirements-dev.txt
	@$(BIN)/python -c 'import site, pathlib; pathlib.Path(site.getsitepackages()[0], "flette.pth").write_text(str(pathlib.Path("plugins").resolve()) + "\n")'
	@touch $@

build: $(READY) ## build everything, or SELECT, on TARGET
	@$(BIN)/python -m scripts.build --target $(TARGET) --select '$(SELECT)'

load: $(READY) ## load FROM's CSV or Parquet files into raw tables
	@test -n '$(FROM)' || { echo 'load: FROM is missing; name the folder with the files, as in make load FROM=files TARGET=postgres.' >&2; exit 2; }
	@$(BIN)/python -m scripts.load --from '$(FROM)' --target $(TARGET) --select $(SELECT)

test: $(READY) ## run every check and test, on all engines
	@$(BIN)/python -m scripts.lint
	@$(BIN)/python -m scripts.browser
	@$(BIN)/python -m pytest --verbose --durations=10 --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(READY) ## check style, architecture and deprecations
	@$(BIN)/python -m scripts.lint

format: $(READY) ## rewrite SQL and Python in the house style
	@$(BIN)/python -m scripts.lint --fix

seeds: $(READY) ## write the mock input again, from the default settings
	@$(BIN)/python -m scripts.build --seeds-only

docs: $(READY) ## write the documentation site, from docs/site/index.html on
	@$(BIN)/python -m scripts.docs --target $(TARGET)

report: $(READY) ## write the report, one page of charts, to report/index.html
	@$(BIN)/python -m scripts.report --target $(TARGET)

powerbi: $(READY) ## write the Power BI project of tv1 to powerbi/tv1
	@$(BIN)/python -m scripts.powerbi

bench: $(READY) ## measure, and write the tables of benchmarks/README.md
	@$(BIN)/python -m benchmarks.tiltak
	@$(BIN)/python -m benchmarks.saksstatistikk
	@$(BIN)/python -m benchmarks.dtnum
	@$(BIN)/python -m benchmarks.tv1
	@$(BIN)/python -m benchmarks.arena
	@$(BIN)/python -m benchmarks.load

lock: ## resolve requirements*.in again (needs uv)
	@echo dbt-core-experimental-parser > $(VENV)/excluded.txt
	@uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --excludes $(VENV)/excluded.txt requirements-dev.in -o $(VENV)/all.txt
	@uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --excludes $(VENV)/excluded.txt requirements.in -c $(VENV)/all.txt -o requirements.txt
	@grep -vxFf requirements.txt $(VENV)/all.txt > requirements-dev.txt

clean: ## remove what was built (the environment too)
	@rm -rf $(VENV) target logs .servers .pytest_cache .ruff_cache .hypothesis docs/site report flette.duckdb flette.duckdb.wal
