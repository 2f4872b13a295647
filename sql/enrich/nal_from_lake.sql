-- grain: one row per staged parcel, without what its sales give it: these are joined anew when only the sales have changed.
-- param: parcels
-- leaves: parcels
select * exclude (latest_sale_id, latest_sale_date, latest_sale_price, latest_sale_transaction_price,
  latest_sale_qualification, price_per_sqft, days_since_sale, row_hash)
from read_parquet(getvariable('parcels'), hive_partitioning = false)
