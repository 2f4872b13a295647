-- rule: S30
-- severity: warning
-- message: a reference stands on several parcels without a multi-parcel marker
-- columns: multi_par_sal, clerk_no, or_book, or_page
with referenced as (
  select *, recording(clerk_no, or_book, or_page) as reference from sdf
),
several as (
  select reference from referenced
  group by reference
  having count(distinct parcel_id) > 1
)
select r.* from referenced r
semi join several s on s.reference = r.reference
where r.multi_par_sal is null
