-- grain: one row per staged sale of the county and year.
-- param: sales
-- leaves: sales
from read_parquet(getvariable('sales'))
