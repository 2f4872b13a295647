-- grain: one row per run of a partition. Becomes quality_runs.
-- reads: manifests
select
  run, dataset, county, countyNo as county_no, year, finishedAt as finished_at, status, verdict, good, measured,
  source.sample as sample, reason, source.file as file, source.sha256 as source_sha256, source.bytes as source_bytes,
  sqlVersion as sql_version,
  ledger.recordsIn as records,
  ledger.accepted as accepted,
  ledger.rejectedStructure + ledger.rejectedRule as rejected,
  ledger.duplicates as duplicates,
  rowsWithWarning as rows_with_warning,
  staged.checksum as checksum,
  changes."insert" as inserted, changes."update" as updated, changes."delete" as deleted, changes.unchanged as unchanged,
  list_sum(list_transform(timings, lambda t: t.seconds)) as seconds,
  peakRssMb as peak_rss_mb
from manifests
