-- rule: P44
-- severity: warning
-- message: a text holds a control character
-- columns: own_nam, own_addr, own_city, phy_addr
select * from nap
where regexp_matches(concat(*columns(lambda name: is_text('nap', name))), '[\x00-\x1F\x7F]')
