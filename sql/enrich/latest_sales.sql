-- grain: one row per parcel with a qualified sale: the latest one. The roll has months, not days; of several in one
-- month the highest-priced counts, then the highest sale id, so that the pick is always the same.
-- reads: sales
-- leaves: latest_sales
select parcel_id, sale_id, sale_date, sale_price, transaction_price, transaction_parcels, sale_qualification
from sales
where is_qualified and sale_date is not null
qualify row_number() over (
  partition by parcel_id order by sale_date desc, sale_price desc nulls last, sale_id desc
) = 1
