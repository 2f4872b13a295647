-- grain: one row per manifest of a run (data/lake/runs/*.json), with what the history keeps of it.
-- param: manifests
-- leaves: manifests
select
  *,
  -- What a run only took over from an earlier one is that one's, and would count twice.
  list_contains(list_transform(timings, lambda t: t.step), 'profile') as measured,
  status in ('published', 'staged', 'unchanged') and ledger.balanced as good
from read_json(
  getvariable('manifests'),
  format = 'auto',
  maximum_object_size = 4194304,
  columns = {
    run: 'varchar', dataset: 'varchar', county: 'varchar', countyNo: 'smallint', year: 'smallint',
    finishedAt: 'timestamp', status: 'varchar', verdict: 'varchar', reason: 'varchar', sqlVersion: 'varchar',
    source: 'struct(file varchar, sha256 varchar, bytes bigint, sample boolean)',
    ledger: 'struct(recordsIn bigint, accepted bigint, rejectedStructure bigint, rejectedRule bigint, duplicates bigint, balanced boolean)',
    rules: 'struct(id varchar, severity varchar, rows bigint, "of" struct(what varchar, rows bigint))[]',
    rowsWithWarning: 'bigint',
    staged: 'struct(rows bigint, checksum varchar, bytes bigint)',
    changes: 'struct("insert" bigint, "update" bigint, "delete" bigint, unchanged bigint)',
    columns: 'struct(name varchar, type varchar, filled bigint, "distinct" bigint, min varchar, max varchar, quantiles double[], top struct(value varchar, share double)[])[]',
    timings: 'struct(step varchar, seconds double)[]',
    peakRssMb: 'bigint'
  }
)
