-- rule: S01
-- severity: error
-- message: another row of this file has the same parcel and sale id and comes first
-- columns: co_no, parcel_id, sale_id_cd
-- why: a key names one row; the first copy in file order stays. Selects every row of such a key.
-- A list, because values may hold any character that a joined text would be taken apart by.
select *, [co_no::varchar, parcel_id, sale_id_cd] as key from sdf
where (co_no, parcel_id, sale_id_cd) in (
  select co_no, parcel_id, sale_id_cd from sdf
  where co_no is not null and parcel_id is not null and sale_id_cd is not null
  group by co_no, parcel_id, sale_id_cd
  having count(*) > 1
)
