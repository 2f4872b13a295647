-- rule: N01
-- severity: error
-- message: another row of this file has the same parcel and comes first
-- columns: co_no, parcel_id
-- why: a key names one row; the first copy in file order stays. Selects every row of such a key.
-- A list, because values may hold any character that a joined text would be taken apart by.
select *, [co_no::varchar, parcel_id] as key from nal
where (co_no, parcel_id) in (
  select co_no, parcel_id from nal
  where co_no is not null and parcel_id is not null
  group by co_no, parcel_id
  having count(*) > 1
)
