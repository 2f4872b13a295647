-- rule: S32
-- severity: warning
-- message: rows of one reference differ in QUAL_CD
-- columns: clerk_no, or_book, or_page, qual_cd
with referenced as (
  select *, coalesce(clerk_no, or_book || '/' || or_page) as reference from sdf
),
differing as (
  select reference from referenced
  group by reference
  having min(qual_cd) <> max(qual_cd)
)
select r.* from referenced r
semi join differing d on d.reference = r.reference
