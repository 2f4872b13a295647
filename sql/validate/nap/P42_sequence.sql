-- rule: P42
-- severity: warning
-- message: SEQ_NO is missing or there twice
-- columns: seq_no
with counted as (
  select *, count(*) over (partition by seq_no) as copies from nap
)
select * exclude (copies) from counted
where seq_no is null or copies > 1
