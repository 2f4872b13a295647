-- rule: S32
-- severity: warning
-- message: rows of one reference differ in QUAL_CD
-- columns: clerk_no, or_book, or_page, qual_cd
with referenced as (
  select *, recording(clerk_no, or_book, or_page) as reference from sdf
),
differing as (
  select reference from referenced
  group by reference
  having count(distinct {code: qual_cd}) > 1
)
select r.* from referenced r
semi join differing d on d.reference = r.reference
