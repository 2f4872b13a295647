-- rule: P43
-- severity: warning
-- message: a text holds the replacement character U+FFFD: letters were lost before DOR published it
-- columns: own_nam, own_addr, own_city, phy_addr
select * from nap
where contains(concat(*columns(lambda name: is_text('nap', name))), chr(65533))
