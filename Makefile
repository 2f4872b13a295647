# Each target is one command of dor; `make help` lists them.
# Florida DOR property rolls: from the source file to Supabase, checked at every step.

DOR = bin/dor
COUNTY ?= broward
INGEST_FLAGS = $(if $(YEAR),--year $(YEAR)) $(if $(SOURCE),--source "$(SOURCE)") \
  $(if $(filter 1,$(DRY_RUN)),--dry-run) $(if $(filter 0,$(PUSH)),--no-push) $(if $(filter 1,$(FORCE)),--force)

.DEFAULT_GOAL := help
.PHONY: help ingest sql explore catalog status rejects report sample test check bench bench-explore

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

ingest: node_modules ## COUNTY=broward|all [YEAR=2025] [SOURCE=path] [DRY_RUN=1] [PUSH=0] [FORCE=1]
	@$(DOR) ingest "$(COUNTY)" $(INGEST_FLAGS)

sql: node_modules ## Q="select …" over the staged Parquet files
	@$(DOR) sql "$(Q)"

explore: web/dist/index.html ## the local web page over the lake [PORT=4180]
	@$(DOR) explore $(if $(PORT),--port $(PORT))

catalog: node_modules ## a DuckDB file of views over the lake, for other tools
	@$(DOR) catalog

status: node_modules ## partitions, last runs, verdicts
	@$(DOR) status

rejects: node_modules ## COUNTY=broward: rows that were not accepted, and why
	@$(DOR) rejects "$(COUNTY)"

report: node_modules ## COUNTY=broward: write the quality report again
	@$(DOR) report "$(COUNTY)"

sample: node_modules ## write the committed sample again
	@$(DOR) sample

test: web/dist/index.html ## all tests, with real engines and servers
	@npx --no-install vitest run

check: node_modules ## lint, format, types
	@npx --no-install biome check .
	@npx --no-install tsc --noEmit
	@npx --no-install tsc --noEmit -p web

bench: node_modules ## speed and memory against a floor and peers; bench/RESULTS.md has what was measured
	@node --import tsx bench/ingest.ts

bench-explore: web/dist/index.html ## the page and its queries against bare DuckDB; bench/RESULTS-explore.md
	@node --import tsx bench/explore.ts

# The page, built once and whenever its sources change.
web/dist/index.html: node_modules/.package-lock.json $(wildcard web/*.* web/src/*)
	@echo "building the page …" >&2
	@NODE_ENV=production npx --no-install vite build --logLevel warn web >&2

# npm writes this file at the end of an installation, so an interrupted one is taken up again.
node_modules: node_modules/.package-lock.json
node_modules/.package-lock.json: package-lock.json
	@echo "installing packages …" >&2
	@npm ci --no-audit --no-fund >&2
	@touch $@
