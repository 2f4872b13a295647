# Each target is one command of dor; `make help` lists them.
# Florida DOR property rolls: from the source file to Supabase, checked at every step.

DOR = bin/dor
COUNTY ?= broward
INGEST_FLAGS = $(if $(YEAR),--year $(YEAR)) $(if $(SOURCE),--source "$(SOURCE)") \
  $(if $(filter 1,$(DRY_RUN)),--dry-run) $(if $(filter 0,$(PUSH)),--no-push) $(if $(filter 1,$(FORCE)),--force) \
  $(if $(filter 1,$(ACCEPT_DRIFT)),--accept-drift) $(if $(REDACT),--redact "$(REDACT)")

.DEFAULT_GOAL := help
.PHONY: help ingest sql status rejects report why sample test check bench

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

ingest: node_modules ## COUNTY=broward|all [YEAR=2025] [SOURCE=path] [DRY_RUN=1] [PUSH=0] [FORCE=1] [ACCEPT_DRIFT=1] [REDACT=columns]
	@$(DOR) ingest "$(COUNTY)" $(INGEST_FLAGS)

sql: node_modules ## Q="select …" over the staged Parquet files
	@$(DOR) sql "$(Q)"

status: node_modules ## partitions, last runs, verdicts
	@$(DOR) status

rejects: node_modules ## COUNTY=broward: rows that were not accepted, and why
	@$(DOR) rejects "$(COUNTY)"

report: node_modules ## COUNTY=broward|all: write the quality report again
	@$(DOR) report "$(COUNTY)"

why: node_modules ## ID=parcel [COLUMN=name]: where a value comes from
	@$(DOR) why "$(ID)" $(COLUMN)

sample: node_modules ## write the committed sample again
	@$(DOR) sample

test: node_modules ## all tests, with real engines and servers
	@npx --no-install vitest run

check: node_modules ## lint, format, types
	@npx --no-install biome check .
	@npx --no-install tsc --noEmit

bench: node_modules ## speed and memory against a floor and peers; bench/RESULTS.md has what was measured
	@node --import tsx bench/ingest.ts

# npm writes this file at the end of an installation, so an interrupted one is taken up again.
node_modules: node_modules/.package-lock.json
node_modules/.package-lock.json: package-lock.json
	@echo "installing packages …" >&2
	@npm ci --no-audit --no-fund >&2
	@touch $@
