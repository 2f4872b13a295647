-- The sales of a county whose SDF has not been staged: none. Same columns as the staged dor_sales that enrichment reads.
-- leaves: sales
select
  null::varchar as parcel_id,
  null::varchar as sale_id,
  null::date as sale_date,
  null::bigint as sale_price,
  null::bigint as transaction_price,
  null::integer as transaction_parcels,
  null::varchar as sale_qualification,
  null::boolean as is_qualified
where false
