-- title: Price per square foot by year of sale
-- why: how prices of living area move, from qualified sales of one parcel alone
-- grain: one row per county, use group and year of sale
-- param: county = % -- a county in any spelling, % for all
-- param: group = Residential -- use group, % for all
-- A deed over several parcels repeats its full price on each, so only deeds over one parcel count, and no
-- sale of vacant land: the roll's living area is that of today.
select
  s.county,
  p.property_use_group as use_group,
  s.sale_year,
  count(*) as sales,
  round(median(s.sale_price / p.total_living_area), 2) as median_price_per_sqft,
  round(quantile_cont(s.sale_price / p.total_living_area, 0.25), 2) as lower_quarter,
  round(quantile_cont(s.sale_price / p.total_living_area, 0.75), 2) as upper_quarter,
  median(s.sale_price)::bigint as median_price
from dor_sales_current s
join dor_properties_current p on p.county_no = s.county_no and p.parcel_id = s.parcel_id
where s.county like $county and p.property_use_group like $group
  and s.is_qualified and s.transaction_parcels = 1 and s.sale_price > 0
  and s.vacant_improved is distinct from 'V' and p.total_living_area > 0
group by all
order by s.county, use_group, s.sale_year
