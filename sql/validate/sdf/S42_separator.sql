-- rule: S42
-- severity: error
-- message: a text holds a control character that separates values (record or unit separator)
-- columns: parcel_id, sale_id_cd, nbrhd_cd, mkt_ar, clerk_no
-- why: the hashes by which changes are found have these between the values: with one inside a value, two different rows
-- may look alike, and an update would be lost.
select * from sdf
where holds_separator(concat(*columns(lambda name: is_text('sdf', name))))
