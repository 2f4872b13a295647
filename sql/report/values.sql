-- grain: one row per column and value that occurs in the sample, NULL left out.
-- param: sampled
-- leaves: profile_values
select name, value, count(*) as rows
from (
  unpivot (select columns(*)::varchar from read_parquet(getvariable('sampled')))
  on columns(* exclude (profile_key)) into name name value value
)
group by all
