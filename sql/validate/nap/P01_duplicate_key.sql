-- rule: P01
-- severity: error
-- message: another row of this file has the same account and comes first
-- columns: co_no, acct_id
-- why: a key names one row; the first copy in file order stays. Selects every row of such a key.
-- A list, because values may hold any character that a joined text would be taken apart by.
select *, [co_no::varchar, acct_id] as key from nap
where (co_no, acct_id) in (
  select co_no, acct_id from nap
  where co_no is not null and acct_id is not null
  group by co_no, acct_id
  having count(*) > 1
)
