-- Newest roll year of each county. What changes without a parcel changing is computed here and not stored.
-- Which year is the newest is asked of dor_partitions: a few rows, where the tables have millions.
-- security_invoker: whoever reads a view needs the rights on its tables, and row level security holds.
create view dor_properties_current with (security_invoker = true) as
select
  p.*,
  current_date - p.latest_sale_date as days_since_sale,
  county.median_just_value as county_median_value,
  city.median_just_value as city_median_value,
  grouped.median_just_value as use_group_median_value,
  round(p.just_value::numeric / nullif(county.median_just_value, 0), 4)::double precision as value_to_county_median,
  round(p.just_value::numeric / nullif(city.median_just_value, 0), 4)::double precision as value_to_city_median,
  round(p.just_value::numeric / nullif(grouped.median_just_value, 0), 4)::double precision as value_to_use_group_median
from dor_properties p
join dor_partitions newest
  on newest.table_name = 'dor_properties' and newest.is_newest and newest.county_no = p.county_no and newest.year = p.year
left join dor_medians county
  on county.county_no = p.county_no and county.year = p.year and county.scope = 'county'
left join dor_medians city
  on city.county_no = p.county_no and city.year = p.year and city.scope = 'city' and city.name = p.phy_city
left join dor_medians grouped
  on grouped.county_no = p.county_no and grouped.year = p.year and grouped.scope = 'use_group'
  and grouped.name = p.property_use_group;

create view dor_sales_current with (security_invoker = true) as
select s.*, current_date - s.sale_date as days_since_sale
from dor_sales s
join dor_partitions newest
  on newest.table_name = 'dor_sales' and newest.is_newest and newest.county_no = s.county_no and newest.year = s.year;

create view dor_tangible_current with (security_invoker = true) as
select t.*
from dor_tangible t
join dor_partitions newest
  on newest.table_name = 'dor_tangible' and newest.is_newest and newest.county_no = t.county_no and newest.year = t.year;
