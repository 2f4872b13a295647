-- grain: one row per accepted sale of a parcel.
-- A deed over several parcels repeats its full price on every one of them, so money is summed per transaction, never
-- per row: the recording reference names the transaction, and its price counts once. A slash in a
-- book is written %2F, so that book 1/2, page 3 is another transaction than book 1, page 2/3.
-- alias: t = all sales with the same recording reference (sql/enrich/sdf.sql)
-- alias: u = data/reference/codes.csv, the use codes
-- alias: q = data/reference/codes.csv, the qualification codes
-- param: file_date
-- reads: clean_sdf, qualifications, uses
-- leaves: enriched_sdf
with referenced as (
  select
    *,
    coalesce('C:' || clerk_no, 'B:' || replace(replace(or_book, '%', '%25'), '/', '%2F') || '/' || or_page, 'S:' || sale_id) as transaction_id
  from clean_sdf
),
transactions as (
  select
    transaction_id,
    max(sale_price) as transaction_price,
    count(distinct parcel_id)::int as transaction_parcels
  from referenced
  group by transaction_id
)
select
  r.*,
  t.transaction_price,
  t.transaction_parcels,
  q.description as sale_qualification_desc,
  q.arms_length_group,
  q.arms_length_group in ('qualified_used', 'qualified_excluded') as is_qualified,
  u.description as property_use_desc,
  u.use_group as property_use_group,
  date_diff('day', r.sale_date, getvariable('file_date')::date)::int as days_since_sale
from referenced r
join transactions t on t.transaction_id = r.transaction_id
left join qualifications q on q.code = r.sale_qualification
left join uses u on u.code = r.property_use
