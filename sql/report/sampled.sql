-- grain: one row per staged row of the sample that quantiles, top values and small histograms are taken from.
-- Chosen by key and not by position: the same parcels are in it from run to run, so that a difference between two runs
-- is one of the rolls and not of the draw; a roll that is small is in it whole. Maps have no order and are left out.
-- param: every
-- reads: open_rows
select columns(c -> not list_contains(getvariable('maps'), c))
from open_rows
where getvariable('every') = 1 or hash(profile_key) % getvariable('every') = 0
