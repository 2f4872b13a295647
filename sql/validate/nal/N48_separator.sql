-- rule: N48
-- severity: error
-- message: a text holds a control character that separates values (record or unit separator)
-- columns: own_name, own_addr1, phy_addr1, s_legal
-- why: the hashes by which changes are found have these between the values: with one inside a value, two different rows
-- may look alike, and an update would be lost.
select * from nal
where holds_separator(concat(*columns(lambda name: is_text('nal', name))))
