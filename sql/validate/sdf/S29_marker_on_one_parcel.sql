-- rule: S29
-- severity: warning
-- message: a marked multi-parcel reference stands on one parcel only
-- columns: multi_par_sal, clerk_no, or_book, or_page
with referenced as (
  select *, recording(clerk_no, or_book, or_page) as reference from sdf
),
single as (
  select reference from referenced
  where reference is not null
  group by reference
  having count(distinct parcel_id) = 1
)
select r.* from referenced r
semi join single s on s.reference = r.reference
where r.multi_par_sal is not null
