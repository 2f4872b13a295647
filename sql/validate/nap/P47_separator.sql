-- rule: P47
-- severity: error
-- message: a text holds a control character that separates values (record or unit separator)
-- columns: own_nam, own_addr, phy_addr, exmpt
-- why: the hashes by which changes are found have these between the values: with one inside a value, two different rows
-- may look alike, and an update would be lost; other control characters are P44.
select * from nap
where holds_separator(concat(*columns(lambda name: is_text('nap', name))))
