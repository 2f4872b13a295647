-- grain: one row per parcel of the view `parcels`: parcels without their latest sale, from their file or as staged.
-- X05: the two sale slots of the parcels' roll are DOR's pick, not the latest, so the latest qualified sale comes from the SDF.
-- alias: s = the county's sales roll (sql/enrich/latest_sales.sql)
-- param: file_date
-- reads: parcels, latest_sales
-- leaves: enriched_nal
select
  p.*,
  s.sale_id as latest_sale_id,
  s.sale_date as latest_sale_date,
  s.sale_price as latest_sale_price,
  s.transaction_price as latest_sale_transaction_price,
  s.sale_qualification as latest_sale_qualification,
  case when p.total_living_area > 0 and s.transaction_parcels = 1
    then round(s.sale_price / p.total_living_area, 2)::decimal(18, 2)
  end as price_per_sqft,
  date_diff('day', s.sale_date, getvariable('file_date')::date)::int as days_since_sale
from parcels p
left join latest_sales s on s.parcel_id = p.parcel_id
