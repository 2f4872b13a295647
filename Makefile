# Each target is one command of dor; `make help` lists them.
# Florida DOR property rolls: from the source file to Supabase, checked at every step.

DOR = bin/dor
COUNTY ?= broward
INGEST_FLAGS = $(if $(YEAR),--year $(YEAR)) $(if $(SOURCE),--source "$(SOURCE)") $(if $(SHEET),--sheet "$(SHEET)") \
  $(if $(filter 1,$(DRY_RUN)),--dry-run) $(if $(filter 0,$(PUSH)),--no-push) $(if $(filter 1,$(FORCE)),--force) \
  $(if $(filter 1,$(ACCEPT_OUTLIER) $(ACCEPT_DRIFT)),--accept-outlier) $(if $(REDACT),--redact "$(REDACT)")

MIGRATE_FLAGS = $(if $(filter 1,$(PLAN)),--plan) $(if $(filter 1,$(COMPAT)),--compat) \
  $(if $(filter 1,$(ANON_READ)),--anon-read) $(if $(filter 0,$(ANON_READ)),--no-anon-read) \
  $(if $(filter 1,$(RESTORE)),--restore)

.DEFAULT_GOAL := help
.PHONY: help ingest plan apply rollback drift clean sql explore catalog status rejects report why doctor migrate \
  sample test test-fast check fix bench bench-publish bench-xlsx bench-explore

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

ingest: node_modules ## COUNTY=broward|all [YEAR=2025] [SOURCE=path] [SHEET=name] [DRY_RUN=1] [PUSH=0] [FORCE=1] [ACCEPT_OUTLIER=1] [REDACT=columns]
	@$(DOR) ingest "$(COUNTY)" $(INGEST_FLAGS)

plan: node_modules ## COUNTY=broward [YEAR=2025]: what publishing the staged rows would change
	@$(DOR) plan "$(COUNTY)" $(if $(YEAR),--year $(YEAR))

apply: node_modules ## PLAN=id: publish exactly that
	@$(DOR) apply "$(PLAN)"

rollback: node_modules ## COUNTY=broward [TO=run|moment] [DRY_RUN=1]: bring a former publication back
	@$(DOR) rollback "$(COUNTY)" $(if $(TO),--to "$(TO)") $(if $(filter 1,$(DRY_RUN)),--plan)

drift: node_modules ## COUNTY=broward [REPAIR=1]: rows that others changed in the target
	@$(DOR) drift "$(COUNTY)" $(if $(filter 1,$(REPAIR)),--repair)

clean: node_modules ## [KEEP=10]: remove old snapshots and plans
	@$(DOR) clean $(if $(KEEP),--keep $(KEEP))

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

report: node_modules ## COUNTY=broward|all: write the quality report again
	@$(DOR) report "$(COUNTY)"

why: node_modules ## ID=parcel [COLUMN=name]: where a value comes from
	@$(DOR) why "$(ID)" $(COLUMN)

doctor: node_modules ## is the target of SUPABASE_DB_URL fit to publish to, and this machine?
	@$(DOR) doctor

migrate: node_modules ## bring the target's schema up to date [PLAN=1] [COMPAT=1] [ANON_READ=1|0] [RESTORE=1]
	@$(DOR) migrate $(MIGRATE_FLAGS)

sample: node_modules ## write the committed sample again
	@$(DOR) sample

test: web/dist/index.html ## all tests, with real engines and servers
	@npx --no-install vitest run

test-fast: node_modules ## within a minute: the tests that need no server and no browser
	@npx --no-install vitest run --project fast

check: node_modules ## lint, format, types
	@npx --no-install biome check .
	@npx --no-install tsc --noEmit
	@npx --no-install tsc --noEmit -p web

fix: node_modules ## format, and repair what the linter can
	@npx --no-install biome check --write .

bench: node_modules ## speed and memory against a floor and peers; bench/RESULTS.md has what was measured
	@node --import tsx bench/ingest.ts

bench-publish: node_modules ## full push, 1 %, nothing, drift, rollback, against psql \copy and an upsert
	@node --import tsx bench/publish.ts

bench-xlsx: node_modules ## the workbook reader against bare inflate, exceljs, openpyxl and the same rows as CSV
	@node --import tsx bench/xlsx.ts

bench-explore: web/dist/index.html ## the page and its queries against bare DuckDB; bench/RESULTS.md has what was measured
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
